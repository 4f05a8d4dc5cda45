package scaffold

import (
	"bytes"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// answers is djharden.toml: the user's file, in which other answers change
// their values and nothing else, and new ones come at the end.
func (s *syncer) answers() error {
	old := s.Project.Files["djharden.toml"]
	data, err := editTOML(old, s.Record, s.Answers, s.Version)
	if err != nil {
		return err
	}
	version := s.Version
	if s.Record.Templates == TemplateVersion {
		version = s.Record.Version // a new djharden with the same templates is no news
	}
	record := TOML(s.Answers, version)
	if values, err := ParseTOML(data, "djharden.toml"); err != nil || !says(values, s.Answers) {
		return &django.Refusal{Path: "djharden.toml", Reason: "the answers in it can't be changed in place", Manual: "Write them there by hand, one key = value a line, and leave the flags out."}
	}
	s.out.Files = append(s.out.Files, plan.File{Path: "djharden.toml", Owner: plan.Patch, Data: data, Was: old, Record: record, Reason: "the answers, without secrets"})
	return nil
}

// says reports whether the values of a djharden.toml are the answers.
func says(values map[string]string, a Answers) bool {
	for i := range Options {
		o := &Options[i]
		v, ok := values[o.Key]
		if o.Unsaved || !applies(o.Key, a) && !ok {
			continue
		}
		if !ok || !sameAnswer(o, v, a) {
			return false
		}
	}
	return true
}

// sameAnswer reports whether a text means what an answer is.
func sameAnswer(o *Option, text string, a Answers) bool {
	b := a
	return o.Set(&b, text) == nil && shownAnswer(o, b) == shownAnswer(o, a)
}

// editTOML makes the answers of a djharden.toml those of a.
func editTOML(old []byte, was Record, a Answers, version string) ([]byte, error) {
	values, err := ParseTOML(old, "djharden.toml")
	if err != nil {
		return nil, err
	}
	data, eol := bytes.Clone(old), eolOf(old)
	if was.head != "" && was.Templates != TemplateVersion {
		data = replaceLine(data, was.head, tomlHead(version))
	}
	var added []string
	for i := range Options {
		o := &Options[i]
		text, there := values[o.Key]
		switch {
		case o.Unsaved:
		case there && !applies(o.Key, a):
			data = cutBlock(data, tomlBlock(*o, was.Answers), eol)
		case there && !sameAnswer(o, text, a):
			if start, end, ok := valueSpan(data, o.Key); ok {
				data = bytes.Join([][]byte{data[:start], data[end:]}, []byte(tomlValue(*o, a)))
			}
		case !there && applies(o.Key, a):
			added = append(added, "")
			added = append(added, tomlBlock(*o, a)...)
		}
	}
	return appendLines(data, added), nil
}

// replaceLine replaces the first line that is old.
func replaceLine(data []byte, old, new string) []byte {
	i := lineIndex(data, old)
	if i < 0 {
		return data
	}
	return bytes.Join([][]byte{data[:i], data[i+len(old):]}, []byte(new))
}

// lineIndex is where a line stands that is text and nothing else; -1.
func lineIndex(data []byte, text string) int {
	for at := 0; at < len(data); {
		i := bytes.Index(data[at:], []byte(text))
		if i < 0 {
			return -1
		}
		i += at
		end := i + len(text)
		if (i == 0 || data[i-1] == '\n' || bytes.HasSuffix(data[:i], bom)) && (end == len(data) || data[end] == '\n' || data[end] == '\r') {
			return i
		}
		at = i + 1
	}
	return -1
}

// cutBlock removes an answer that djharden wrote and nobody has changed, with
// its comment and the blank line before it.
func cutBlock(data []byte, block []string, eol string) []byte {
	for _, text := range []string{strings.Join(block, eol), block[len(block)-1]} {
		i := lineIndex(data, text)
		if i < 0 {
			continue
		}
		end := min(len(data), i+len(text)+len(eol))
		if bytes.HasSuffix(data[:i], []byte(eol+eol)) {
			i -= len(eol)
		}
		return append(bytes.Clone(data[:i]), data[end:]...)
	}
	return data
}

// valueSpan finds the value of a key of djharden.toml: data[start:end].
func valueSpan(data []byte, key string) (start, end int, ok bool) {
	line := keyLine(data, key)
	if line == 0 {
		return 0, 0, false
	}
	at := 0
	for range line - 1 {
		at += bytes.IndexByte(data[at:], '\n') + 1
	}
	eq := bytes.IndexByte(data[at:], '=')
	if eq < 0 {
		return 0, 0, false
	}
	for start = at + eq + 1; start < len(data) && (data[start] == ' ' || data[start] == '\t'); start++ {
	}
	end, ok = tomlValueEnd(data, start)
	return start, end, ok
}

// tomlValueEnd is the end of the value that begins at i.
func tomlValueEnd(data []byte, i int) (end int, ok bool) {
	if i >= len(data) {
		return i, false
	}
	switch c := data[i]; c {
	case '"', '\'':
		return tomlStringEnd(data, i, c)
	case '[':
		for i++; i < len(data); {
			switch data[i] {
			case ']':
				return i + 1, true
			case '#':
				i = lineEnd(data, i)
			case '"', '\'', '[':
				if i, ok = tomlValueEnd(data, i); !ok {
					return i, false
				}
			default:
				i++
			}
		}
		return i, false
	}
	end = i
	for end < len(data) && !bytes.ContainsRune([]byte("#\r\n,] \t"), rune(data[end])) {
		end++
	}
	return end, end > i
}

func tomlStringEnd(data []byte, i int, quote byte) (end int, ok bool) {
	if three := bytes.Repeat([]byte{quote}, 3); bytes.HasPrefix(data[i:], three) {
		return i, false // over several lines: nobody writes an answer so
	}
	for j := i + 1; j < len(data) && data[j] != '\n'; j++ {
		switch {
		case data[j] == quote:
			return j + 1, true
		case data[j] == '\\' && quote == '"':
			j++
		}
	}
	return i, false
}
