package pyeval

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

func init() {
	registerMethods(strMethod)
	registerMethods(bytesMethod)
}

// strMethod is a method of a known str.
func strMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	if recv.Kind != Str {
		return nil, false
	}
	switch name {
	case "join", "format", "__mod__", "format_map":
		return strBuild(in, recv, name, c), true
	}
	for i, a := range c.pos { // one undecided argument: each case
		if a.Kind == Choice {
			return in.lift(c.at, a, func(x *Value) *Value {
				d := *c
				d.pos = slices.Clone(c.pos)
				d.pos[i] = x
				v, _ := strMethod(in, recv, name, &d)
				if v == nil {
					v = in.unknown(c.at, Unknown, "calls "+name)
				}
				return v
			}), true
		}
	}
	if !c.known() {
		of, ok := strResults[name]
		return in.unknown(c.at, of, "", c.all(recv)...), ok
	}
	in.step(1 + len(recv.S)/64)
	for _, f := range []func(*interp, *Value, string, *call) *Value{strSplits, strFinds, strTests, strMaps, strPads} {
		if v := f(in, recv, name, c); v != nil {
			return v, true
		}
	}
	if name == "encode" {
		return in.encode(recv, c), true
	}
	return nil, false
}

// strArg is a string argument; none is "" and false.
func (c *call) strArg(i int, name string) (string, bool) {
	v := c.arg(i, name)
	if v == nil || v.Kind != Str {
		return "", false
	}
	return v.S, true
}

func (c *call) intArg(i int, name string, def int64) int64 {
	if v := c.arg(i, name); v != nil && v.Kind == Int {
		return v.N
	}
	return def
}

// isSpace is Python's, which takes the separators of ASCII in.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func trimSpace(s string) string { return strings.TrimFunc(s, isSpace) }

// failed raises where the program handles it, and else can't tell the result.
func (in *interp) failed(c *call, class, msg string, of Kind, from ...*Value) *Value {
	in.fault(c.at, class, msg, c.all(from...)...)
	return in.unknown(c.at, of, msg, c.all(from...)...)
}

func (in *interp) strList(c *call, recv *Value, parts []string) *Value {
	var items []*Value
	for _, p := range parts {
		in.step(1)
		items = append(items, in.str(c.at, p, recv))
	}
	return in.list(c.at, items, c.all(recv)...)
}

func strSplits(in *interp, recv *Value, name string, c *call) *Value {
	switch name {
	case "split", "rsplit":
		sep, has := c.strArg(0, "sep")
		if has && sep == "" {
			return in.failed(c, "ValueError", "empty separator", List, recv)
		}
		n := int(min(c.intArg(1, "maxsplit", -1), int64(len(recv.S)+1)))
		if !has {
			return in.strList(c, recv, splitSpace(recv.S, n, name == "rsplit"))
		}
		return in.strList(c, recv, splitSep(recv.S, sep, n, name == "rsplit"))
	case "splitlines":
		keep := c.arg(0, "keepends")
		return in.strList(c, recv, splitLines(recv.S, keep != nil && keep.Truth() == Yes))
	case "partition", "rpartition":
		sep, ok := c.strArg(0, "sep")
		if !ok || sep == "" {
			return in.failed(c, "ValueError", "empty separator", Tuple, recv)
		}
		i := strings.Index(recv.S, sep)
		if name == "rpartition" {
			i = strings.LastIndex(recv.S, sep)
		}
		t := [3]string{recv.S, "", ""}
		switch {
		case i >= 0:
			t = [3]string{recv.S[:i], sep, recv.S[i+len(sep):]}
		case name == "rpartition":
			t = [3]string{"", "", recv.S}
		}
		return in.tuple(c.at, in.str(c.at, t[0], recv), in.str(c.at, t[1], recv), in.str(c.at, t[2], recv))
	}
	return nil
}

// splitSpace splits at white space, at most n times where n isn't negative.
func splitSpace(s string, n int, right bool) []string {
	var out []string
	for s = trimSpaceAt(s, right); s != ""; s = trimSpaceAt(s, right) {
		i := strings.IndexFunc(s, isSpace)
		if right {
			i = strings.LastIndexFunc(s, isSpace)
		}
		if i < 0 || n >= 0 && len(out) == n {
			if right {
				s = strings.TrimRightFunc(s, isSpace)
			}
			out = append(out, s)
			break
		}
		if right {
			_, size := utf8.DecodeRuneInString(s[i:])
			out, s = append(out, s[i+size:]), s[:i]
		} else {
			out, s = append(out, s[:i]), s[i:]
		}
	}
	if right {
		slices.Reverse(out)
	}
	return out
}

func trimSpaceAt(s string, right bool) string {
	if right {
		return strings.TrimRightFunc(s, isSpace)
	}
	return strings.TrimLeftFunc(s, isSpace)
}

func splitSep(s, sep string, n int, right bool) []string {
	if n < 0 {
		return strings.Split(s, sep)
	}
	if !right {
		return strings.SplitN(s, sep, n+1)
	}
	var out []string
	for ; n > 0; n-- {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			break
		}
		out, s = append(out, s[i+len(sep):]), s[:i]
	}
	out = append(out, s)
	slices.Reverse(out)
	return out
}

// splitLines is str.splitlines, which knows more line ends than \n.
func splitLines(s string, keep bool) []string {
	var out []string
	for s != "" {
		i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if i < 0 {
			return append(out, s)
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		if strings.HasPrefix(s[i:], "\r\n") {
			size = 2
		}
		if keep {
			out = append(out, s[:i+size])
		} else {
			out = append(out, s[:i])
		}
		s = s[i+size:]
	}
	return out
}

// window is the part of a string from start up to end, arguments i and i+1, in
// characters, and where it begins; false: start is behind the end.
func (c *call) window(s string, i int) (part string, begin int, ok bool) {
	if len(c.pos) <= i {
		return s, 0, true
	}
	runes := []rune(s)
	n := int64(len(runes))
	bound := func(k int, def int64) int64 {
		v := c.intArg(k, "", def)
		if v < 0 {
			v = max(v+n, 0)
		}
		return v
	}
	lo, hi := bound(i, 0), min(bound(i+1, n), n)
	if lo > hi {
		return "", 0, false
	}
	return string(runes[lo:hi]), int(lo), true
}

func strFinds(in *interp, recv *Value, name string, c *call) *Value {
	switch name {
	case "startswith", "endswith":
		return in.affix(recv, name, c)
	case "find", "index", "rfind", "rindex", "count":
	default:
		return nil
	}
	sub, ok := c.strArg(0, "")
	if !ok {
		return in.failed(c, "TypeError", "not a string to look for", Int, recv)
	}
	s, begin, ok := c.window(recv.S, 1)
	i := -1
	switch {
	case name == "count":
		i = 0
		if ok {
			i = strings.Count(s, sub)
		}
		return in.int(c.at, int64(i), c.all(recv)...)
	case !ok:
	case name == "find" || name == "index":
		i = strings.Index(s, sub)
	default:
		i = strings.LastIndex(s, sub)
	}
	if i >= 0 {
		i = begin + utf8.RuneCountInString(s[:i])
	} else if strings.HasSuffix(name, "index") {
		return in.failed(c, "ValueError", "substring not found", Int, recv)
	}
	return in.int(c.at, int64(i), c.all(recv)...)
}

// affix is startswith and endswith.
func (in *interp) affix(recv *Value, name string, c *call) *Value {
	if len(c.pos) == 0 || c.pos[0].Kind != Str && c.pos[0].Kind != Tuple {
		return in.failed(c, "TypeError", "not a string or a tuple of strings", Bool, recv)
	}
	test := strings.HasPrefix
	if name == "endswith" {
		test = strings.HasSuffix
	}
	s, _, ok := c.window(recv.S, 1)
	found := false
	for _, p := range c.pos[0].Strings() {
		found = found || ok && test(s, p)
	}
	return in.bool(c.at, found, c.all(recv)...)
}

func strTests(in *interp, recv *Value, name string, c *call) *Value {
	s := recv.S
	each := func(f func(rune) bool) *Value {
		return in.bool(c.at, s != "" && strings.IndexFunc(s, func(r rune) bool { return !f(r) }) < 0, recv)
	}
	switch name {
	case "isascii":
		return in.bool(c.at, isASCII(s), recv)
	case "isalpha":
		return each(unicode.IsLetter)
	case "isspace":
		return each(isSpace)
	case "isdigit", "isnumeric", "isdecimal", "isalnum", "isupper", "islower", "istitle", "isidentifier", "isprintable":
		if !isASCII(s) { // superscripts, fractions, title case
			return in.unknown(c.at, Bool, name+" of text outside ASCII", recv)
		}
	}
	switch name {
	case "isdigit", "isnumeric", "isdecimal":
		return each(unicode.IsDigit)
	case "isalnum":
		return each(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	case "isprintable":
		return in.bool(c.at, strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0, recv)
	case "isupper":
		return in.bool(c.at, s != strings.ToLower(s) && s == strings.ToUpper(s), recv)
	case "islower":
		return in.bool(c.at, s != strings.ToUpper(s) && s == strings.ToLower(s), recv)
	case "istitle":
		return in.bool(c.at, strings.ToLower(s) != strings.ToUpper(s) && s == title(s), recv)
	case "isidentifier":
		digit := s == "" || s[0] >= '0' && s[0] <= '9'
		return in.bool(c.at, !digit && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "", recv)
	}
	return nil
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
