package cli

import (
	"bytes"
	"io"
	"os"
)

// keys is a terminal's input as survey can take it. survey reads ahead while
// it waits for the cursor's place and then drops what it read, so keys hands
// out one key, or one whole escape sequence, at a time. survey takes an end of
// input (Ctrl-D) for Enter, which would say yes to the last question: here it
// is Ctrl-C. It stops at, or types out, sequences it doesn't know: they are
// left out.
type keys struct {
	file interface {
		io.Reader
		Fd() uintptr
	}
	buf []byte
}

func newKeys(f *os.File) *keys { return &keys{file: f} }

// Fd is the terminal's.
func (k *keys) Fd() uintptr { return k.file.Fd() }

// Read returns one key. Whatever keeps it from reading is the end of input.
func (k *keys) Read(p []byte) (int, error) {
	for {
		key, whole := cutKey(k.buf)
		if whole {
			k.buf = k.buf[len(key):]
			if key = known(key); len(key) > 0 && len(key) <= len(p) {
				return copy(p, key), nil
			}
			continue
		}
		more := make([]byte, 256)
		n, err := k.file.Read(more)
		k.buf = append(k.buf, more[:n]...)
		if n == 0 && err != nil {
			return 0, io.EOF
		}
	}
}

// cutKey returns the first key of b, and whether all of it is there.
func cutKey(b []byte) (key []byte, whole bool) {
	switch {
	case len(b) == 0:
		return nil, false
	case b[0] != 0x1b:
		return b[:1], true
	case len(b) == 1:
		return b, false // the terminal may be about to say more; Esc alone means nothing here
	case b[1] != '[' && b[1] != 'O':
		return b[:1], true
	}
	for i := 2; i < len(b); i++ {
		if b[i] >= 0x40 && b[i] <= 0x7e {
			return b[:i+1], true
		}
	}
	return b, false
}

// known is a key as survey is to see it; nil for one that it doesn't know.
func known(key []byte) []byte {
	switch {
	case key[0] == 0x04:
		return []byte{0x03}
	case key[0] != 0x1b:
		return key
	case len(key) == 1:
		return nil
	case key[len(key)-1] == 'R' && bytes.IndexByte(key, ';') > 0: // where the cursor is
		return key
	case len(key) == 3 && bytes.IndexByte([]byte("ABCDFH"), key[2]) >= 0:
		return key
	case string(key) == "\x1b[3~":
		return key
	}
	return nil
}
