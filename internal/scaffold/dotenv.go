package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/joho/godotenv"
)

// EnvVar is one line of .env.
type EnvVar struct {
	Name    string // [A-Z_][A-Z0-9_]*
	Value   string // see QuoteEnv; "" is written as nothing after the =
	Comment string // a line or lines above it, without #
}

// QuoteEnv returns a value as it stands in .env. A value of [A-Za-z0-9_./:@%+,=?-]
// stands as it is, and every reader takes it alike. Any other is single-quoted,
// and portable is false: python-dotenv, environs, django-environ, decouple,
// godotenv, compose and shells read it right, `docker run --env-file` takes the
// quotes for a part of it. The error, which doesn't show the value, is for what
// can't be written on one line in any way that they agree on.
func QuoteEnv(value string) (text string, portable bool, err error) {
	// zsh looks a command up after "=", at the start and after a colon.
	plain := !strings.HasPrefix(value, "=") && !strings.Contains(value, ":=")
	for i := range len(value) {
		// ? for the one parameter of a URL: all readers and shells take it in a
		// file; only `export $(cat .env)` might not, where a file matches.
		plain = plain && (safe(value[i]) || value[i] == '?')
	}
	switch {
	case plain:
		return value, true, nil
	case strings.ContainsFunc(value, isControl):
		return "", false, errors.New("has a line break or a control character in it, which a line of .env can't hold")
	case strings.Contains(value, "'"):
		return "", false, errors.New("has a single quote in it, which readers of .env disagree about")
	case strings.Contains(value, `\\`), strings.HasSuffix(value, `\`):
		return "", false, errors.New(`has a \\ or a final \ in it, which readers of .env disagree about`)
	case strings.HasPrefix(value, `"`) && strings.HasSuffix(value, `"`):
		// django-environ takes the second pair off as well.
		return "", false, errors.New("begins and ends with a double quote, which readers of .env disagree about")
	case strings.Contains(value, "${"), strings.HasPrefix(value, "$"):
		return "", false, errors.New("has a $ in it where readers of .env look up a variable")
	}
	return "'" + value + "'", false, nil
}

// EnvLine returns NAME=value without an end of line. A name or value that
// can't be written (see QuoteEnv) is a mistake of the program, and it panics
// without showing the value.
func EnvLine(v EnvVar) string {
	if !isEnvName(v.Name) {
		panic(fmt.Sprintf("scaffold: %q is not the name of a variable", v.Name))
	}
	text, _, err := QuoteEnv(v.Value)
	if err != nil {
		panic("scaffold: " + v.Name + " " + err.Error())
	}
	return v.Name + "=" + text
}

func isEnvName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// DotEnv returns the text of a .env file by the rules that all its readers
// share: LF, no blanks around =, comments on lines of their own, a final newline.
func DotEnv(pairs []EnvVar) []byte {
	var b bytes.Buffer
	for _, v := range pairs {
		b.WriteString(envEntry(v, "\n"))
	}
	return b.Bytes()
}

// envEntry returns a variable's comment and line, each ended by eol.
func envEntry(v EnvVar, eol string) string {
	var b strings.Builder
	for _, line := range strings.FieldsFunc(v.Comment, isControl) {
		// systemd goes on with the next line after a final backslash.
		b.WriteString("# " + strings.TrimRight(line, `\ `) + eol)
	}
	return b.String() + EnvLine(v) + eol
}

// EditDotEnv adds to an existing .env the variables it doesn't have, at the
// end and with its own line ending. A variable that is there keeps its value,
// an empty one too, and every other byte stays. added are the names it added.
func EditDotEnv(old []byte, pairs []EnvVar) (data []byte, added []string) {
	have := map[string]bool{}
	for i := 0; i < len(old); i = lineEnd(old, i) + 1 {
		// Inside a quoted value too: where readers disagree about the quotes, a
		// second line would win over a secret that is there.
		name, _ := envName(bytes.TrimPrefix(old[i:lineEnd(old, i)], bom))
		have[name] = true
	}
	eol := eolOf(old)
	var b strings.Builder
	for _, v := range pairs {
		if !have[v.Name] {
			have[v.Name] = true
			b.WriteString(envEntry(v, eol))
			added = append(added, v.Name)
		}
	}
	if len(added) == 0 {
		return bytes.Clone(old), nil
	}
	data = bytes.Clone(old)
	if body := bytes.TrimPrefix(old, bom); len(body) > 0 {
		if last := body[len(body)-1]; last != '\n' && last != '\r' {
			data = append(data, eol...)
		}
		// A blank line sets the new ones off, and takes the blow of a comment
		// that ends in a backslash.
		if !bytes.HasSuffix(data, []byte(eol+eol)) {
			data = append(data, eol...)
		}
	}
	return append(data, b.String()...), added
}

var bom = []byte("\ufeff")

// eolOf returns the line ending of a file: that of its first line.
func eolOf(data []byte) string {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 || data[i] == '\n':
		return "\n"
	case i+1 < len(data) && data[i+1] == '\n':
		return "\r\n"
	}
	return "\r"
}

// envSpan is a variable found in a .env file: its name, and where its line (or
// lines, when quoted) stands.
type envSpan struct {
	name       string
	start, end int
}

// scanEnv finds the variables of a .env file in any of the ways that its
// readers take them: blanks, export, quotes over several lines, any line ending.
func scanEnv(data []byte) []envSpan {
	var out []envSpan
	for i := len(data) - len(bytes.TrimPrefix(data, bom)); i < len(data); {
		end := lineEnd(data, i)
		if name, value := envName(data[i:end]); name != "" {
			if q, ok := quotedEnd(data, i+value); ok && q > end {
				end = lineEnd(data, q)
			}
			out = append(out, envSpan{name, i, end})
		}
		i = end
		for i < len(data) && (data[i] == '\n' || data[i] == '\r') {
			i++
		}
	}
	return out
}

func lineEnd(data []byte, i int) int {
	if n := bytes.IndexAny(data[i:], "\r\n"); n >= 0 {
		return i + n
	}
	return len(data)
}

// envName returns the name that a line sets and where in it the value begins.
func envName(line []byte) (string, int) {
	rest := strings.TrimLeft(string(line), " \t")
	if after, ok := strings.CutPrefix(rest, "export"); ok && after != strings.TrimLeft(after, " \t") {
		rest = strings.TrimLeft(after, " \t")
	}
	key, value, ok := strings.Cut(rest, "=")
	key = strings.Trim(key, " \t'\"")
	if !ok || key == "" || strings.ContainsAny(key, "# \t") {
		return "", 0
	}
	value = strings.TrimLeft(value, " \t")
	return key, len(line) - len(value)
}

// quotedEnd returns the offset after the quote that closes the value at i.
func quotedEnd(data []byte, i int) (int, bool) {
	if i >= len(data) || data[i] != '"' && data[i] != '\'' {
		return 0, false
	}
	for j := i + 1; j < len(data); j++ {
		switch data[j] {
		case '\\':
			j++
		case data[i]:
			return j + 1, true
		}
	}
	return 0, false
}

// DotEnvHolds reports whether any variable of a .env file has the value, under
// whatever name: an adopted project keeps its own names.
func DotEnvHolds(data []byte, value string) bool {
	for _, e := range scanEnv(bytes.TrimPrefix(data, bom)) {
		if v, ok := DotEnvValue(data, e.name); ok && v == value {
			return true
		}
	}
	return false
}

// DotEnvValue returns the value of a variable in a .env file as godotenv reads
// it, and whether it is there. A file that godotenv can't read is read by the
// line of that variable alone.
func DotEnvValue(data []byte, name string) (string, bool) {
	data = bytes.TrimPrefix(data, bom)
	var span *envSpan
	for _, e := range scanEnv(data) {
		if e.name == name {
			span = &e
		}
	}
	if span == nil {
		return "", false
	}
	if m, ok := readEnv(data); ok {
		if v, ok := m[name]; ok {
			return v, true
		}
	}
	line := data[span.start:span.end]
	if m, ok := readEnv(line); ok {
		if v, ok := m[name]; ok {
			return v, true
		}
	}
	_, v, _ := strings.Cut(string(line), "=")
	return strings.TrimSpace(v), true
}

// readEnv is godotenv without its panics.
func readEnv(data []byte) (m map[string]string, ok bool) {
	defer func() {
		if recover() != nil {
			m, ok = nil, false
		}
	}()
	m, err := godotenv.UnmarshalBytes(data)
	return m, err == nil
}

// ReadEnv reads a .env file into its variables. The error doesn't show what is
// in the file.
func ReadEnv(data []byte) (map[string]string, error) {
	m, ok := readEnv(bytes.TrimPrefix(data, bom))
	if !ok {
		return nil, errors.New("not KEY=value lines")
	}
	return m, nil
}
