package plan

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"
)

const masked = "********"

// Diff writes the plan as git would show it, in the plan's order, without
// files that stay as they are and without .djharden/base where it only follows
// its file. It is for people: secrets are masked on every line, characters
// that a terminal would act on are escaped, and so it is no patch.
func (p *Plan) Diff(w io.Writer, color bool) error {
	d := &differ{color: color, masks: p.masks(), gone: map[string]*change{}, undo: p.undo}
	everywhere := d.masks
	moved := map[string]bool{}
	for i := range p.changes {
		c := &p.changes[i]
		d.gone[c.Path] = c
		if c.From != "" && c.Action == Create {
			moved[c.From] = true
		}
	}
	for i := range p.changes {
		c := &p.changes[i]
		if !c.writes() || c.base && c.implied || c.new == nil && moved[c.Path] {
			continue
		}
		d.masks = longestFirst(append(spelled(c.mask), everywhere...))
		d.file(c)
	}
	_, err := w.Write(d.out.Bytes())
	return err
}

// wordLike is how many bytes a secret may have and still be a word that stands
// in other files for its own sake (root, password): hidden there, it would be
// told by its surroundings.
const wordLike = 12

// masks are the secret texts that no file may show: what one holds may be in
// another. Shorter ones are hidden in their own files only.
func (p *Plan) masks() []string {
	var list []string
	for i := range p.changes {
		for _, text := range spelled(p.changes[i].mask) {
			if len(text) >= wordLike {
				list = append(list, text)
			}
		}
	}
	return list
}

// spelled are all spellings of secrets.
func spelled(secrets []string) []string {
	var list []string
	for _, m := range secrets {
		list = append(list, spellings(m)...)
	}
	return list
}

// longestFirst sorts, so that no secret is hidden in part, and drops repeats.
func longestFirst(list []string) []string {
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	return slices.Compact(list)
}

// spellings are the lines of a secret, as they are, as a string literal and in
// a URL.
func spellings(secret string) []string {
	var list []string
	for _, line := range strings.Split(secret, "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		literal := strings.ReplaceAll(line, `\`, `\\`)
		list = append(list, line, literal, strings.ReplaceAll(literal, `"`, `\"`), strings.ReplaceAll(literal, `'`, `\'`),
			url.PathEscape(line), url.QueryEscape(line))
	}
	return list
}

type differ struct {
	out   bytes.Buffer
	color bool
	undo  bool
	masks []string
	gone  map[string]*change
}

const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	reset = "\x1b[m"
)

func (d *differ) line(style, text string) {
	if d.color && style != "" {
		d.out.WriteString(style + text + reset + "\n")
		return
	}
	d.out.WriteString(text + "\n")
}

func (d *differ) file(c *change) {
	old, from := c.old, c.Path
	if src := d.gone[c.From]; c.From != "" && old == nil && src != nil && src.old != nil {
		old, from = src.old, c.From
	}
	d.line(bold, "diff --git a/"+from+" b/"+c.Path)
	var oldData, newData []byte
	oldName, newName := "a/"+from, "b/"+c.Path
	switch {
	case old == nil:
		d.line(bold, fmt.Sprintf("new file mode 100%03o", c.new.Mode.Perm()))
		oldName, newData = "/dev/null", c.new.Data
	case c.new == nil:
		d.line(bold, fmt.Sprintf("deleted file mode 100%03o", old.Mode.Perm()))
		newName, oldData = "/dev/null", old.Data
	default:
		oldData, newData = old.Data, c.new.Data
		if from == c.Path && old.Mode != c.new.Mode {
			d.line(bold, fmt.Sprintf("old mode 100%03o", old.Mode.Perm()))
			d.line(bold, fmt.Sprintf("new mode 100%03o", c.new.Mode.Perm()))
		}
		if from != c.Path {
			word := "copy"
			if d.gone[from].new == nil {
				word = "rename"
			}
			d.line(bold, word+" from "+from)
			d.line(bold, word+" to "+c.Path)
		}
	}
	d.hunks(c, oldName, oldData, newName, newData)
}

func (d *differ) hunks(c *change, oldName string, old []byte, newName string, now []byte) {
	if bytes.Equal(old, now) {
		return
	}
	if bytes.IndexByte(old, 0) >= 0 || bytes.IndexByte(now, 0) >= 0 {
		d.line("", fmt.Sprintf("Binary files %s and %s differ", oldName, newName))
		return
	}
	crlf := allCRLF(old) && allCRLF(now)
	text := string(diff.Diff(oldName, old, newName, now))
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		style := ""
		switch {
		case i == 0: // "diff a b": said above, as git does
			continue
		case i <= 2:
			d.line(bold, line)
			continue
		case strings.HasPrefix(line, "@@"):
			d.line(cyan, line)
			continue
		case strings.HasPrefix(line, `\`):
			d.line("", line)
			continue
		case strings.HasPrefix(line, "-"):
			style = red
		case strings.HasPrefix(line, "+"):
			style = green
		}
		body := line[1:]
		if crlf {
			body = strings.TrimSuffix(body, "\r")
		}
		d.line(style, line[:1]+Visible(d.hide(c, line[0], body)))
	}
}

// hide masks the secrets of a line that begins with sign in the diff.
func (d *differ) hide(c *change, sign byte, line string) string {
	if c.Secret {
		return d.hideValue(c, sign, line)
	}
	for _, m := range d.masks {
		line = strings.ReplaceAll(line, m, masked)
	}
	return line
}

// hideValue masks a line of a file of settings: what follows "=", what has no
// "=" (the rest of a value over several lines), and the user's own comments,
// which may hold an old value.
func (d *differ) hideValue(c *change, sign byte, line string) string {
	trimmed := strings.TrimSpace(line)
	comment := strings.HasPrefix(trimmed, "#")
	name, value, ok := strings.Cut(line, "=")
	switch {
	case trimmed == "":
		return line
	case comment && sign == '+' && !d.undo && !holdsLine(c.old, trimmed):
		return line
	case ok && strings.TrimSpace(value) == "":
		return line
	case ok:
		return name + "=" + masked
	case comment:
		return "# " + masked
	}
	return masked
}

// holdsLine reports whether a line of n is text, spaces around it aside.
func holdsLine(n *node, text string) bool {
	if n == nil {
		return false
	}
	for line := range strings.Lines(string(n.Data)) {
		if strings.TrimSpace(line) == text {
			return true
		}
	}
	return false
}

// Visible escapes what a terminal would act on or hide: controls, direction
// marks, invisible characters and bytes that are no UTF-8.
func Visible(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\t' || unicode.IsPrint(r):
			b.WriteString(s[:n])
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' && c != '\t') || c >= 0x7f {
			return false
		}
	}
	return true
}

// allCRLF reports whether every line ends in CR LF (an empty text does too).
func allCRLF(text []byte) bool {
	n := bytes.Count(text, []byte("\n"))
	return bytes.Count(text, []byte("\r\n")) == n && !bytes.Contains(bytes.ReplaceAll(text, []byte("\r\n"), nil), []byte("\r"))
}
