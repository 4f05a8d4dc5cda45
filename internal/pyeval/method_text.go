package pyeval

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainCase says whether each letter has one other case: letters that become
// two, as ß does, are all outside.
func plainCase(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x180 || strings.ContainsRune("µßſŉİ", r) }) < 0
}

func title(s string) string {
	prev := false
	return strings.Map(func(r rune) rune {
		was := prev
		prev = unicode.IsLetter(r)
		if was {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

// cases are the methods that change upper and lower case.
var cases = map[string]func(string) string{
	"lower": strings.ToLower, "casefold": strings.ToLower, "upper": strings.ToUpper, "title": title,
	"capitalize": func(s string) string {
		_, n := utf8.DecodeRuneInString(s)
		return strings.ToUpper(s[:n]) + strings.ToLower(s[n:])
	},
	"swapcase": func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsUpper(r) {
				return unicode.ToLower(r)
			}
			return unicode.ToUpper(r)
		}, s)
	},
}

// strMaps is a method that makes another string of a string.
func strMaps(in *interp, recv *Value, name string, c *call) *Value {
	s := recv.S
	a, hasA := c.strArg(0, "")
	text := func(s string) *Value { return in.str(c.at, s, c.all(recv)...) }
	if f := cases[name]; f != nil {
		if !plainCase(s) {
			return in.unknown(c.at, Str, "the case of a letter outside ASCII", recv)
		}
		return text(f(s))
	}
	trim := func(set func(string, string) string, space func(string, func(rune) bool) string) *Value {
		if hasA {
			return text(set(s, a))
		}
		return text(space(s, isSpace))
	}
	switch name {
	case "strip":
		return trim(strings.Trim, strings.TrimFunc)
	case "lstrip":
		return trim(strings.TrimLeft, strings.TrimLeftFunc)
	case "rstrip":
		return trim(strings.TrimRight, strings.TrimRightFunc)
	case "replace":
		b, ok := c.strArg(1, "")
		if !hasA || !ok {
			return in.failed(c, "TypeError", "replace() takes two strings", Str, recv)
		}
		if grown := strings.Count(s, a) * len(b); grown > maxSize {
			return in.unknown(c.at, Str, "a string of more than a million bytes", c.all(recv)...)
		}
		return text(strings.Replace(s, a, b, int(c.intArg(2, "count", -1))))
	case "removeprefix":
		return text(strings.TrimPrefix(s, a))
	case "removesuffix":
		return text(strings.TrimSuffix(s, a))
	case "expandtabs":
		return in.expandTabs(recv, c)
	}
	return nil
}

func (in *interp) expandTabs(recv *Value, c *call) *Value {
	size, col := c.intArg(0, "tabsize", 8), int64(0)
	if size > 1000 {
		return in.unknown(c.at, Str, "calls expandtabs", recv)
	}
	var b strings.Builder
	for _, r := range recv.S {
		switch r {
		case '\t':
			if size > 0 {
				n := size - col%size
				b.WriteString(strings.Repeat(" ", int(n)))
				col += n
			}
			in.step(1)
			continue
		case '\n', '\r':
			col = -1
		}
		b.WriteRune(r)
		col++
	}
	return in.str(c.at, b.String(), recv)
}

// strPads is a method that makes a string wider.
func strPads(in *interp, recv *Value, name string, c *call) *Value {
	switch name {
	case "zfill", "ljust", "rjust", "center":
	default:
		return nil
	}
	width := c.intArg(0, "", 0)
	pad := int(min(width, maxSize)) - utf8.RuneCountInString(recv.S)
	fill, _ := c.strArg(1, "")
	if fill == "" {
		fill = " "
	}
	if width > maxSize {
		return in.unknown(c.at, Str, "a string of more than a million bytes", recv)
	}
	pad = max(pad, 0)
	left, sign, rest := 0, "", recv.S
	switch name {
	case "zfill":
		fill, left = "0", pad
		if rest != "" && (rest[0] == '-' || rest[0] == '+') {
			sign, rest = rest[:1], rest[1:]
		}
	case "rjust":
		left = pad
	case "center":
		left = pad/2 + pad&int(width)&1
	}
	return in.str(c.at, sign+strings.Repeat(fill, left)+rest+strings.Repeat(fill, pad-left), c.all(recv)...)
}

// encode is str.encode.
func (in *interp) encode(recv *Value, c *call) *Value {
	limit := rune(utf8.MaxRune)
	switch codec(c) {
	case "utf8":
		return in.derive(c.at, &Value{Kind: Bytes, S: recv.S}, c.all(recv)...)
	case "ascii":
		limit = 0x7f
	case "latin1":
		limit = 0xff
	default:
		return in.unknown(c.at, Bytes, "another encoding", recv)
	}
	var b strings.Builder
	for _, r := range recv.S {
		if r > limit {
			if c.arg(1, "errors") != nil {
				return in.unknown(c.at, Bytes, "another encoding", recv)
			}
			return in.failed(c, "UnicodeEncodeError", "a character that the encoding doesn't have", Bytes, recv)
		}
		b.WriteByte(byte(r))
	}
	return in.derive(c.at, &Value{Kind: Bytes, S: b.String()}, c.all(recv)...)
}

// codec is the encoding that encode and decode are given, "" where it isn't one
// that is known here.
func codec(c *call) string {
	v := c.arg(0, "encoding")
	if v == nil {
		return "utf8"
	}
	switch strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(v.S, "-", ""), "_", "")) {
	case "utf8":
		return "utf8"
	case "ascii", "usascii":
		return "ascii"
	case "latin1", "iso88591":
		return "latin1"
	}
	return ""
}

// bytesMethod is a method of a known bytes.
func bytesMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	if recv.Kind != Bytes {
		return nil, false
	}
	if name == "decode" {
		return in.decode(recv, c), true
	}
	of, ok := strResults[name]
	if of == Str {
		of = Bytes
	}
	return in.unknown(c.at, of, "calls "+name+" of bytes", c.all(recv)...), ok
}

// decode is bytes.decode.
func (in *interp) decode(recv *Value, c *call) *Value {
	s := recv.S
	switch codec(c) {
	case "latin1":
		var b strings.Builder
		for i := range len(s) {
			b.WriteRune(rune(s[i]))
		}
		return in.str(c.at, b.String(), c.all(recv)...)
	case "utf8", "ascii":
		if codec(c) == "utf8" && utf8.ValidString(s) || isASCII(s) {
			return in.str(c.at, s, c.all(recv)...)
		}
		if c.arg(1, "errors") == nil {
			return in.failed(c, "UnicodeDecodeError", "bytes that aren't text", Str, recv)
		}
	}
	return in.unknown(c.at, Str, "another encoding", recv)
}
