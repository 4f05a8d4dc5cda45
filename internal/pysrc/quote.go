package pysrc

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote is a Python str literal with the value s, as ruff format leaves it:
// in double quotes, or in single ones where that saves escapes. Backslashes,
// line ends, tabs, control characters and whatever else doesn't print (a
// reversed reading direction, a zero-width space) are escaped. A Go string can
// hold bytes that are not UTF-8, a Python str can't: each such byte becomes
// U+FFFD.
func Quote(s string) string { return quote(s, false) }

// quote is Quote; with ascii it escapes all that is not ASCII.
func quote(s string, ascii bool) string {
	q := byte('"')
	if strings.Count(s, `"`) > strings.Count(s, `'`) {
		q = '\''
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(q)
	for _, r := range s {
		switch {
		case r == rune(q), r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r) && (r < utf8.RuneSelf || !ascii):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte(q)
	return b.String()
}
