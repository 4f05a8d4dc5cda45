package pysrc

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

var utf8BOM = []byte{0xEF, 0xBB, 0xBF}

// singleByte are encodings in which a byte below 0x80 is always that ASCII
// character, so that no quote, bracket or line end hides in another character.
var singleByte = map[string]bool{
	"latin-1": true, "latin1": true, "iso-8859-1": true, "iso-latin-1": true,
	"iso-8859-2": true, "iso-8859-15": true, "cp1251": true, "cp1252": true,
	"windows-1252": true, "koi8-r": true,
}

// decode finds the encoding and refuses bytes that can't be in it.
func (f *File) decode() {
	src := f.Src
	f.Encoding = "utf-8"
	f.BOM = bytes.HasPrefix(src, utf8BOM)
	if i := bytes.IndexByte(src, 0); i >= 0 {
		panic(fault{i, "NUL byte"})
	}
	body := src
	if f.BOM {
		body = src[len(utf8BOM):]
	}
	switch c := codingComment(body); {
	case c == "", c == "utf-8", c == "utf8", strings.HasPrefix(c, "utf-8-"):
	case f.BOM:
		panic(fault{0, "a UTF-8 byte order mark in a file declared as " + c})
	case c == "ascii", c == "us-ascii":
		f.Encoding = c
		for i, b := range src {
			if b >= utf8.RuneSelf {
				panic(fault{i, "not ASCII, as the file declares to be"})
			}
		}
	case singleByte[c]:
		f.Encoding, f.opaque = c, true
	default:
		panic(fault{0, "the encoding " + c + " is not read"})
	}
	if !f.opaque && !utf8.Valid(src) {
		panic(fault{invalidAt(src), "not valid UTF-8"})
	}
}

// invalidAt is the offset of the first byte that is not UTF-8.
func invalidAt(src []byte) int {
	i := 0
	for i < len(src) {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return i
}

// codingComment is the encoding that one of the first two lines declares (PEP
// 263), in lower case with hyphens. The second line counts only when the first
// is blank or a comment.
func codingComment(src []byte) string {
	for n := 0; n < 2 && len(src) > 0; n++ {
		line := src
		if i := bytes.IndexAny(src, "\r\n"); i >= 0 {
			line = src[:i]
			src = bytes.TrimPrefix(bytes.TrimPrefix(src[i:], []byte("\r")), []byte("\n"))
		} else {
			src = nil
		}
		line = bytes.TrimLeft(line, " \t\f")
		if len(line) == 0 {
			continue
		}
		if line[0] != '#' {
			return ""
		}
		if c := declared(line); c != "" {
			return c
		}
	}
	return ""
}

// declared reads coding[:=]\s*([-\w.]+) in a comment.
func declared(comment []byte) string {
	for {
		_, rest, ok := bytes.Cut(comment, []byte("coding"))
		if !ok {
			return ""
		}
		comment = rest
		if len(rest) == 0 || rest[0] != ':' && rest[0] != '=' {
			continue
		}
		v := bytes.TrimLeft(rest[1:], " \t")
		n := 0
		for n < len(v) && (v[n] == '-' || v[n] == '_' || v[n] == '.' || isAlnum(v[n])) {
			n++
		}
		if n > 0 {
			return strings.ReplaceAll(strings.ToLower(string(v[:n])), "_", "-")
		}
	}
}
