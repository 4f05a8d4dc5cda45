package plan

import (
	"bytes"
	"slices"
	"strings"
)

// text is a file as a merge sees it: its lines without their ends, which are
// no content. A checkout on Windows changes every end and nothing else.
type text struct {
	bom   bool
	lines []string
	ends  []string // of each line: "\n", "\r\n", or "" for a last line that has none
}

var bom = []byte("\ufeff")

func textOf(data []byte) text {
	rest, found := bytes.CutPrefix(data, bom)
	t := text{bom: found}
	for len(rest) > 0 {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		end := ""
		if found {
			end = "\n"
			if bytes.HasSuffix(line, []byte("\r")) {
				line, end = line[:len(line)-1], "\r\n"
			}
		}
		t.lines, t.ends = append(t.lines, string(line)), append(t.ends, end)
		rest = after
	}
	return t
}

// end is the line end of new lines: that of the first line that has one.
func (t text) end() string {
	for _, e := range t.ends {
		if e != "" {
			return e
		}
	}
	return "\n"
}

// open reports whether the last line has no end.
func (t text) open() bool {
	return len(t.ends) > 0 && t.ends[len(t.ends)-1] == ""
}

// writer puts lines together in the dress of a file: its BOM, its line ends,
// its last line's end or the lack of one.
type writer struct {
	dress text
	out   []byte
	last  string // the line written last
}

func newWriter(dress text) *writer {
	w := &writer{dress: dress}
	if dress.bom {
		w.out = append(w.out, bom...)
	}
	return w
}

// own writes lines of the file itself, each with the end that it has.
func (w *writer) own(from, to int) {
	for i := from; i < to; i++ {
		w.line(w.dress.lines[i], w.dress.ends[i])
	}
}

// add writes lines that come from elsewhere.
func (w *writer) add(lines ...string) {
	for _, l := range lines {
		w.line(l, w.dress.end())
	}
}

func (w *writer) line(line, end string) {
	if end == "" {
		end = w.dress.end()
	}
	w.out = append(append(w.out, line...), end...)
	w.last = line
}

func (w *writer) bytes() []byte {
	if w.last != "" && w.dress.open() { // an empty line is nothing without its end
		return bytes.TrimSuffix(bytes.TrimSuffix(w.out, []byte("\n")), []byte("\r"))
	}
	return w.out
}

// alike reports whether two files hold the same lines.
func alike(a, b []byte) bool {
	return bytes.Equal(a, b) || slices.Equal(textOf(a).lines, textOf(b).lines)
}

// sumOf identifies a file by its lines.
func sumOf(data []byte) string { return sum([]byte(strings.Join(textOf(data).lines, "\n"))) }

// dressed is data in the dress of like.
func dressed(data, like []byte) []byte {
	w := newWriter(textOf(like))
	w.add(textOf(data).lines...)
	return w.bytes()
}
