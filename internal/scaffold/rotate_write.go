package scaffold

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// write puts the old keys and their dates into .env; a variable that isn't
// there yet comes below the one named after.
func (r *rotation) write(o oldKeys, after string) error {
	var texts, dates []string
	for _, k := range o.list {
		text, date := k.text, undated
		if o.csv && strings.ContainsAny(text, `#'\`) {
			text = `"` + text + `"` // Csv() is a shell's lexer
		}
		if !k.when.IsZero() {
			date = k.when.UTC().Format(time.RFC3339)
		}
		texts, dates = append(texts, text), append(dates, date)
	}
	list, said := strings.Join(texts, ","), "# Replaced: "+strings.Join(dates, ", ")
	hold := r.refuse("--no-fallback drops the old key, and signs everybody out.", "the old %s has characters in it that readers of .env disagree about", after)
	v, found, _ := findEnv(r.env, o.name, r.reader)
	if found {
		data, err := setEnv(r.env, v, list)
		if err != nil {
			return hold
		}
		r.env = data
		r.date(o.name, said, len(texts) > 0)
		return r.reread(o.name, list)
	}
	text, _, err := QuoteEnv(list)
	if err != nil {
		return hold
	}
	r.below(after, "# Old keys that still verify, comma-separated.", said, o.name+"="+text)
	return r.reread(o.name, list)
}

// reread refuses an edit that would be read as something else: a quote that
// stands alone on an earlier line pairs with a new one.
func (r *rotation) reread(name, list string) error {
	v, _, err := findEnv(r.env, name, r.reader)
	if err == nil && v.text == list && slices.Equal(otherNames(r.Env, name), otherNames(r.env, name)) {
		return nil
	}
	return r.refuse("Close or remove the quote that stands alone, and run this again.", "a quote on an earlier line would swallow %s", name)
}

// otherNames are the variables of a .env file, in order, without one.
func otherNames(data []byte, name string) []string {
	var out []string
	for _, s := range scanEnv(data) {
		if s.name != name {
			out = append(out, s.name)
		}
	}
	return out
}

// date sets the comment of dates above a variable, or takes it away.
func (r *rotation) date(name, said string, any bool) {
	eol := eolOf(r.env)
	start, end, _, ok := comment(r.env, name)
	switch {
	case ok && any:
	case ok:
		said, end = "", end+len(eol)
	case any:
		_, lines := envLines(r.env, name)
		start, end, said = lines[0], lines[0], said+eol
	default:
		return
	}
	r.env = bytes.Join([][]byte{r.env[:start], r.env[end:]}, []byte(said))
}

// below puts lines under the one that sets a variable.
func (r *rotation) below(name string, lines ...string) {
	eol := eolOf(r.env)
	_, at := envLines(r.env, name)
	end := lineEnd(r.env, at[0])
	text := eol + strings.Join(lines, eol)
	r.env = bytes.Join([][]byte{r.env[:end], r.env[end:]}, []byte(text))
}
