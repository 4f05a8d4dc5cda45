package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/djharden/djharden/internal/django"
)

// envValue is the value of a variable in a .env file and its place: Data[start:end]
// stands there, between two quotes where quote isn't 0.
type envValue struct {
	start, end int
	quote      byte
	text       string // as the project's reader takes it
	unread     bool   // that reader passes such a line over, and text is as a shell takes it
}

// envLines are the lines of a .env file that set a variable, by number and by
// where they begin. One inside the quotes of another variable counts: some
// readers know no value of several lines.
func envLines(data []byte, name string) (numbers, starts []int) {
	line := 1
	for i := len(data) - len(bytes.TrimPrefix(data, bom)); i < len(data); line++ {
		end := lineEnd(data, i)
		if n, _ := envName(data[i:end]); n == name {
			numbers, starts = append(numbers, line), append(starts, i)
		}
		if i = end + 1; end+1 < len(data) && data[end] == '\r' && data[end+1] == '\n' {
			i++
		}
	}
	return numbers, starts
}

// findEnv finds the value of a variable as reader takes it. found is false
// where the file doesn't set it. The error, which names lines and no value, is
// for what readers take in different ways, or not at all.
func findEnv(data []byte, name string, reader django.Reader) (v envValue, found bool, err error) {
	numbers, starts := envLines(data, name)
	switch len(starts) {
	case 0:
		return v, false, nil
	case 1:
	default:
		return v, true, fmt.Errorf("%s is set more than once, on lines %s", name, numbered(numbers))
	}
	_, value := envName(data[starts[0]:lineEnd(data, starts[0])])
	at := starts[0] + value
	eq := starts[0] + bytes.IndexByte(data[starts[0]:], '=') + 1
	unread := reader == django.ReadsDecoup && exports.Match(data[starts[0]:eq]) || reader == django.ReadsEnviron && !environName.Match(data[starts[0]:eq])
	if unread { // by that reader: a shell may source the file
		reader = django.ReadsOS
	}
	alone := false
	for _, s := range scanEnv(data) {
		alone = alone || s.start == starts[0]
	}
	if !alone {
		return v, true, fmt.Errorf("%s on line %d stands inside the quotes of another variable", name, numbers[0])
	}
	switch reader {
	case django.ReadsDecoup:
		v = decoupleValue(data, at)
	case django.ReadsEnviron:
		if v = environValue(data, eq); strings.HasPrefix(v.text, "$") {
			err = errors.New("is made of another variable")
		}
	default:
		v, err = dotenvValue(data, eq, at)
	}
	if err != nil {
		err = fmt.Errorf("%s on line %d %w", name, numbers[0], err)
	}
	v.unread = unread
	return v, true, err
}

var (
	exports     = regexp.MustCompile(`^\s*export\s`)
	environName = regexp.MustCompile(`^(export )?\w+=$`)
)

func numbered(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, ", ")
}

var (
	dotenvComment = regexp.MustCompile(`\s+#.*`)
	dotenvEscape  = map[byte]*regexp.Regexp{'"': regexp.MustCompile(`\\[\\'"abfnrtv]`), '\'': regexp.MustCompile(`\\[\\']`)}
	dotenvLookup  = regexp.MustCompile(`\$\{[^}]*\}`)
	escapes       = map[string]string{"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
)

// dotenvValue reads as python-dotenv and environs do, and nearly so compose.
func dotenvValue(data []byte, eq, at int) (envValue, error) {
	end := lineEnd(data, at)
	v := envValue{start: at, end: end}
	switch {
	case at == end, at > eq && data[at] == '#':
		v.start, v.end = eq, eq // a comment after the blanks stays behind the new value
		return v, nil
	case data[at] == '"' || data[at] == '\'':
		after, ok := quotedEnd(data, at)
		if !ok {
			return v, errors.New("opens a quote that nothing closes")
		}
		if rest := strings.TrimSpace(string(data[after:lineEnd(data, after)])); rest != "" && rest[0] != '#' {
			return v, errors.New("goes on after its closing quote, and python-dotenv skips such a line")
		}
		v.start, v.end, v.quote = at+1, after-1, data[at]
		v.text = dotenvEscape[v.quote].ReplaceAllStringFunc(string(data[v.start:v.end]), func(s string) string { return orElse(escapes[s[1:]], s[1:]) })
	default:
		text := string(data[at:end])
		if i := dotenvComment.FindStringIndex(text); i != nil {
			text = text[:i[0]]
		}
		v.text = strings.TrimRight(text, " \t\f\v")
		v.end = at + len(v.text)
	}
	if dotenvLookup.MatchString(v.text) {
		return v, errors.New("is made of other variables")
	}
	return v, nil
}

// environValue reads as django-environ does: no blanks around =, no comments.
func environValue(data []byte, eq int) envValue {
	v := envValue{start: eq, end: lineEnd(data, eq)}
	v.strip(data)
	if v.quote == '"' {
		v.text = environEscape.ReplaceAllString(v.text, "$1")
	}
	return v
}

// environEscape leaves \n, \r and \t as they are.
var environEscape = regexp.MustCompile(`\\([^rnt])`)

// decoupleValue reads as python-decouple does: no comments, no escapes.
func decoupleValue(data []byte, at int) envValue {
	v := envValue{start: at, end: lineEnd(data, at)}
	v.end = at + len(bytes.TrimRight(data[at:v.end], " \t\f\v"))
	v.strip(data)
	return v
}

// strip takes the quotes off where both ends have them.
func (v *envValue) strip(data []byte) {
	if n := v.end - v.start; n >= 2 && (data[v.start] == '"' || data[v.start] == '\'') && data[v.end-1] == data[v.start] {
		v.quote = data[v.start]
		v.start, v.end = v.start+1, v.end-1
	}
	v.text = string(data[v.start:v.end])
}

// setEnv puts a text in the place of a value, in its quotes; where the text
// needs quotes and there are none, or double ones, single ones come around it.
// The error doesn't show the text.
func setEnv(data []byte, v envValue, text string) ([]byte, error) {
	quoted, plain, err := QuoteEnv(text)
	if err != nil {
		return nil, err
	}
	start, end := v.start, v.end
	if plain {
		quoted = text
	} else if v.quote != 0 {
		start, end = start-1, end+1
	}
	return bytes.Join([][]byte{data[:start], data[end:]}, []byte(quoted)), nil
}
