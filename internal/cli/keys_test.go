package cli

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

type fakeTerminal struct{ io.Reader }

func (fakeTerminal) Fd() uintptr { return 0 }

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"ab\r", []string{"a", "b", "\r"}},
		{"é", []string{"\xc3", "\xa9"}},
		{"\x1b[A\x1bOB\x1b[3~", []string{"\x1b[A", "\x1bOB", "\x1b[3~"}},
		{"\x1b[10;20Rab", []string{"\x1b[10;20R", "a", "b"}}, // what is typed right after is kept
		{"\x1b[1;5Cx", []string{"x"}},                        // Ctrl-Right
		{"\x1b[5~\x1bOPx", []string{"x"}},                    // page up, F1
		{"\x1bxy", []string{"x", "y"}},                       // Alt-x
		{"\x1b", nil},
		{"\x04", []string{"\x03"}},
	} {
		for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
			k := &keys{file: fakeTerminal{r}}
			var got []string
			for {
				p := make([]byte, 64)
				n, err := k.Read(p)
				if err != nil {
					if err != io.EOF {
						t.Error(err)
					}
					break
				}
				got = append(got, string(p[:n]))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
			}
		}
	}
}
