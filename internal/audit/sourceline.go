package audit

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// Line is a line of the source as it may be shown: secrets masked. S and E are
// the columns of a range in it, in characters from 0.
type Line struct {
	N    int
	Text string
	S, E int
}

// sourceLine is the line that a place begins on, with the part of the place
// that is on it.
func sourceLine(at pyeval.Place) Line {
	if at.IsZero() {
		return Line{}
	}
	src := at.Src.Mod.Src
	s := at.S
	for s > 0 && src[s-1] != '\n' && src[s-1] != '\r' {
		s--
	}
	e := at.S
	for e < len(src) && src[e] != '\n' && src[e] != '\r' {
		e++
	}
	l := Line{}
	l.N, _ = at.Position()
	text := func(from, to int) string { return printable(maskRange(at.Src.Mod, s, e, from, to)) }
	before, mid, after := text(s, at.S), text(at.S, max(at.S, min(at.E, e))), ""
	if at.E < e {
		after = text(at.E, e)
	}
	l.S = len([]rune(before))
	l.E = l.S + len([]rune(mid))
	l.Text = before + mid + after
	return l
}

// printable has a blank for a tab, and U+FFFD for what a terminal would act on
// or hide, one for one.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\f':
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// maskRange is the source from one offset to another, which are on the line
// from s to e, with what may be a secret masked: literals beside a name that
// says so, and literals that look like one.
func maskRange(m *pysrc.Module, s, e, from, to int) string {
	src := string(m.Src)
	if len(m.Toks) == 0 {
		return maskPlain(src, s, e, from, to)
	}
	var b strings.Builder
	at := from
	for i, t := range m.Toks {
		ts, te := int(t.S), int(t.E)
		if te <= from || ts >= to || ts == te {
			continue
		}
		repl, ok := maskToken(m, i)
		if !ok {
			continue
		}
		if ts > at {
			b.WriteString(src[at:ts])
		}
		if ts >= from { // a literal that began before is shown once, with its beginning
			b.WriteString(repl)
		}
		at = min(te, to)
	}
	if at < to {
		b.WriteString(maskComments(m, src, at, to))
	}
	return b.String()
}

// maskComments hides secrets in comments: settings that were commented out.
func maskComments(m *pysrc.Module, src string, from, to int) string {
	for _, c := range m.Comments {
		if int(c.S) >= from && int(c.S) < to {
			return src[from:c.S] + maskComment(src[c.S:to])
		}
	}
	return src[from:to]
}

// spoken is a secret without quotes: "password: x".
var spoken = lazy(`(?i)((?:secret|password|passwd|pwd|token|api_?key)\w*\s*[:=]\s*)[^\s'"(\[{][^\s'"]*`)

var quotedText = lazy(`(["'])(?:[^"'\\]|\\.)+["']`)

func maskComment(s string) string {
	s = userinfo().ReplaceAllString(s, "${1}"+masked+"@")
	s = spoken().ReplaceAllString(s, "${1}"+masked)
	level := commentLevel(s)
	return quotedText().ReplaceAllStringFunc(s, func(lit string) string {
		return lit[:1] + maskText(lit[1:len(lit)-1], level) + lit[len(lit)-1:]
	})
}

// commentLevel is what the words of a comment say about the literals in it.
func commentLevel(s string) secrecyLevel {
	level := notSecret
	for _, word := range identifiers().FindAllString(s, -1) {
		level = max(level, secrecy(word))
	}
	return level
}

var identifiers = lazy(`[A-Za-z_][A-Za-z0-9_]*`)

// maskPlain is maskRange for files of NAME=value lines, and any other text.
func maskPlain(src string, s, e, from, to int) string {
	value := e
	if i := strings.IndexByte(src[s:e], '='); i >= 0 {
		value = s + i + 1
	}
	name := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(src[s:max(s, value-1)]), "export "))
	if !isUpperName(name) { // requirements.txt
		return userinfo().ReplaceAllString(src[from:to], "${1}"+masked+"@")
	}
	shown := ""
	if from < value {
		shown = src[from:min(to, value)]
	}
	if from <= value && value < to {
		shown += maskText(src[value:to], secrecy(name))
	}
	return shown
}

// secretsIn are the texts of a module's literals, and of literals in comments,
// that no output shows.
func secretsIn(m *pysrc.Module) []string {
	var out []string
	for i := range m.Toks {
		if _, secret := maskToken(m, i); secret {
			text := string(m.Src[m.Toks[i].S:m.Toks[i].E])
			out = append(out, strings.Trim(strings.TrimLeft(text, "rRbBuUfF"), `"'`))
		}
	}
	for _, c := range m.Comments {
		text := string(m.Src[c.S:c.E])
		level := commentLevel(text)
		for _, quoted := range quotedText().FindAllString(text, -1) {
			if quoted = quoted[1 : len(quoted)-1]; maskText(quoted, level) != quoted {
				out = append(out, quoted)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// governs is what the names around a literal say about it: those on its line,
// and where its line gives it none, the name that the expression belongs to.
func governs(m *pysrc.Module, i int) secrecyLevel {
	t := m.Toks[i]
	found, named := notSecret, false
	for j := i - 1; j >= 0 && i-j < 64; j-- {
		u := m.Toks[j]
		if u.Kind == pysrc.NEWLINE {
			break
		}
		sameLine := !bytes.ContainsAny(m.Src[u.E:t.S], "\r\n")
		if !sameLine && named {
			break
		}
		text := string(m.Src[u.S:u.E])
		if text != "=" && text != ":" && text != "+=" {
			if sameLine {
				found = max(found, secrecyOf(u, text))
			}
			continue
		}
		named = true
		if j > 0 {
			k := m.Toks[j-1]
			found = max(found, secrecyOf(k, string(m.Src[k.S:k.E])))
		}
	}
	return found
}

// secrecyOf judges a name, or a short literal that is used as one.
func secrecyOf(t pysrc.Token, text string) secrecyLevel {
	switch t.Kind {
	case pysrc.NAME:
		return secrecy(text)
	case pysrc.STRING:
		if word := strings.Trim(text, `'"rRbBuU`); len(word) < 40 && !strings.ContainsAny(word, " /:.") {
			return secrecy(word)
		}
	}
	return notSecret
}

// maskToken is a literal as it may be shown; false: as it is written.
func maskToken(m *pysrc.Module, i int) (string, bool) {
	t := m.Toks[i]
	if t.Kind != pysrc.NUMBER && t.Kind != pysrc.STRING && t.Kind != pysrc.FSTRING {
		return "", false
	}
	secret := governs(m, i)
	text := string(m.Src[t.S:t.E])
	if t.Kind == pysrc.NUMBER {
		return masked, secret == isSecret && len(text) > 4
	}
	j := strings.IndexAny(text, `'"`)
	n := 1
	if len(text) >= j+6 && text[j+1] == text[j] && text[j+2] == text[j] {
		n = 3
	}
	body := text[j+n : len(text)-n]
	if isNameOfSomething(m, i, body) {
		return "", false
	}
	if t.Kind == pysrc.FSTRING && secret != notSecret {
		return text[:j+n] + masked + text[len(text)-n:], true
	}
	shown := maskText(body, secret)
	if shown == body {
		return "", false
	}
	return text[:j+n] + shown + text[len(text)-n:], true
}

// isNameOfSomething says whether a literal is a key of a dict, an index, or
// the name of a variable as the first argument of a call.
func isNameOfSomething(m *pysrc.Module, i int, body string) bool {
	op := func(k int) string {
		if k < 0 || k >= len(m.Toks) || m.Toks[k].Kind != pysrc.OP {
			return ""
		}
		return string(m.Src[m.Toks[k].S:m.Toks[k].E])
	}
	before, after := op(i-1), op(i+1)
	switch {
	case after == ":" && (before == "{" || before == "," || before == ""):
		return true
	case before == "[" && after == "]" && i >= 2:
		return m.Toks[i-2].Kind == pysrc.NAME || op(i-2) == "]" || op(i-2) == ")"
	case before == "(":
		return i >= 2 && m.Toks[i-2].Kind == pysrc.NAME && isUpperName(body)
	}
	return false
}

func isUpperName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
