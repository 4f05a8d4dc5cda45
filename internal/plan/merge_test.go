package plan

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// merged merges three texts; text is what Markers would write.
func merged(base, ours, theirs string) (text string, clean bool, rules []string) {
	dress := textOf([]byte(ours))
	pieces, rules := merge3(textOf([]byte(base)), dress, textOf([]byte(theirs)))
	text = string(join(pieces, dress, func(int) Choice { return Markers }))
	return text, len(conflicts(pieces, "")) == 0, rules
}

// lines makes a text of words, one a line.
func lines(words string) string {
	if words == "" {
		return ""
	}
	return strings.ReplaceAll(words, " ", "\n") + "\n"
}

func TestMergeRules(t *testing.T) {
	for _, tc := range []struct{ name, base, ours, theirs, want string }{
		{"nothing", "a b c", "a b c", "a b c", "a b c"},
		{"one side: the user", "a b c", "a X c", "a b c", "a X c"},
		{"one side: djharden", "a b c", "a b c", "a X c", "a X c"},
		{"both, a line apart", "a b c", "X b c", "a b Y", "X b Y"},
		{"both, removed and added", "a b c d e", "b c d e", "a b c d e f", "b c d e f"},
		{"identical", "a b c", "a X c", "a X c", "a X c"},
		{"identical removal", "a b c", "a c", "a c", "a c"},
		{"identical addition", "a b", "a X b", "a X b", "a X b"},
		{"touching: line by line", "a b c", "X b c", "a Y c", "< X b | a b = a Y >  c"},
		{"touching: added beside", "a b c", "a X b c", "Y b c", "< a X | a = Y > b c"},
		{"same line", "a b c", "a X c", "a Y c", "a < X | b = Y > c"},
		{"changed and removed", "a b c", "a X c", "a c", "a < X | b = > c"},
		{"removed and changed", "a b c", "a c", "a X c", "a < | b = X > c"},
		{"added in one place", "a b", "a X b", "a Y b", "a < X | = Y > b"},
		{"alike at both ends", "a b c", "a P X Q c", "a P Y Q c", "a P < X | b = Y > Q c"},
		{"tail: both add", "a b", "a b X", "a b Y", "a b Y X"},
		{"tail: the last line changes", "a b", "a b X", "a Y", "a Y X"},
		{"tail: the last line goes", "a b", "a b X", "a", "a X"},
		{"tail: the user has what is new, and more", "a b", "a b N X", "a b N M", "a b N M X"},
		{"not tail: the user changed the last line", "a b", "a X", "a Y", "a < X | b = Y >"},
		{"tail of nothing", "", "X", "Y", "Y X"},
		{"emptied by the user", "a b", "", "a X", "< | a b = a X >"},
		{"brackets stay with their list", "A = [ a ] B = [ b ]", "A = [ a x ] B = [ b ]", "A = [ a ] B = [ b ] C = [ c ]", "A = [ a x ] B = [ b ] C = [ c ]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _, rules := merged(lines(tc.base), lines(tc.ours), lines(tc.theirs))
			got = strings.NewReplacer(markOurs, "<", markBase, "|", markMiddle, "=", markTheirs, ">").Replace(got)
			// "=" is also a word of Python above; the marks stand alone, too.
			if want := lines(strings.Join(strings.Fields(tc.want), " ")); got != want {
				t.Errorf("got %q, want %q (rules %v)", got, want, rules)
			}
			if name, _, _ := strings.Cut(tc.name, ":"); slices.Contains([]string{"identical", "tail"}, name) && !slices.Contains(rules, name) {
				t.Errorf("the rules are %v", rules)
			}
		})
	}
}

// TestMergeDress: BOM, line ends and the end of the last line are the user's.
func TestMergeDress(t *testing.T) {
	const base, theirs = "a\nb\nc\n", "a\nb\nC\nd\n"
	for _, tc := range []struct{ ours, want string }{
		{"x\na\nb\nc\n", "x\na\nb\nC\nd\n"},
		{"x\r\na\r\nb\r\nc\r\n", "x\r\na\r\nb\r\nC\r\nd\r\n"},
		{"\ufeffx\na\nb\nc\n", "\ufeffx\na\nb\nC\nd\n"},
		{"\ufeffx\r\na\r\nb\r\nc", "\ufeffx\r\na\r\nb\r\nC\r\nd"},
		{"x\na\nb\nc", "x\na\nb\nC\nd"},
		{"x\na\r\nb\nc\n", "x\na\r\nb\nC\nd\n"},
		{"x\r\na\nb\nc\n", "x\r\na\nb\nC\r\nd\r\n"},
		{"a\r\nb\nc", "a\r\nb\nC\r\nd"},
	} {
		got, clean, _ := merged(base, tc.ours, theirs)
		if got != tc.want || !clean {
			t.Errorf("%q: got %q, want %q", tc.ours, got, tc.want)
		}
		for _, form := range []string{strings.ReplaceAll(base, "\n", "\r\n"), "\ufeff" + base, strings.TrimSuffix(base, "\n")} {
			if got, clean, _ := merged(form, tc.ours, theirs); got != tc.want || !clean {
				t.Errorf("%q from a base %q: got %q, want %q", tc.ours, form, got, tc.want)
			}
		}
	}
}

// edit replaces the lines lo..hi of a text.
type edit struct {
	lo, hi int
	to     []string
}

func applyEdits(base []string, edits []edit) []string {
	var out []string
	at := 0
	for _, e := range edits {
		out = append(append(out, base[at:e.lo]...), e.to...)
		at = e.hi
	}
	return append(out, base[at:]...)
}

// randomEdits are edits that don't touch each other. mark makes their lines
// unlike all others.
func randomEdits(r *rand.Rand, n int, mark string) []edit {
	var list []edit
	for at := r.IntN(4); at <= n; {
		e := edit{lo: at, hi: min(n, at+r.IntN(3))}
		for i := range r.IntN(3) {
			e.to = append(e.to, fmt.Sprintf("%s%d.%d", mark, at, i))
		}
		if e.hi > e.lo || len(e.to) > 0 {
			list = append(list, e)
		}
		at = e.hi + 1 + r.IntN(max(n/2, 2))
	}
	return list
}

// expect says, from the edits alone, whether they touch the same place.
func expect(n int, mine, new []edit) (clash bool) {
	for _, a := range mine {
		for _, b := range new {
			if a.hi < b.lo || b.hi < a.lo || a.lo == b.lo && a.hi == b.hi && slices.Equal(a.to, b.to) {
				continue
			}
			if a.lo == n {
				continue // tail: the user's own lines after the end
			}
			return true
		}
	}
	return false
}

// TestMergeProperties: random edits by the user, random changes of the
// template: no line of either is lost, and there is a conflict exactly where
// both touched the same place.
func TestMergeProperties(t *testing.T) {
	clashes, cleans := 0, 0
	for seed := range uint64(20000) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := r.IntN(14)
		base := make([]string, n)
		for i := range base {
			base[i] = fmt.Sprintf("base%d", i)
		}
		mine, new := randomEdits(r, n, "user"), randomEdits(r, n, "new")
		if len(new) > 0 && r.IntN(3) == 0 { // the same change by both
			e := new[r.IntN(len(new))]
			mine = []edit{e}
		}
		ours, theirs := applyEdits(base, mine), applyEdits(base, new)
		text, clean, rules := merged(join2(base), join2(ours), join2(theirs))
		fail := func(what string) {
			t.Fatalf("seed %d: %s\nbase   %q\nours   %q\ntheirs %q\nmerged %q (%v)", seed, what, base, ours, theirs, text, rules)
		}
		if clean == expect(n, mine, new) {
			fail(fmt.Sprintf("clean is %v", clean))
		}
		got := strings.Fields(text)
		holds := map[string]int{}
		for _, l := range got {
			holds[l]++
		}
		for _, side := range []struct{ own, other []string }{{ours, theirs}, {theirs, ours}} {
			for _, l := range side.own {
				kept := !strings.HasPrefix(l, "base") || slices.Contains(side.other, l)
				if kept && holds[l] == 0 {
					fail("lost " + l)
				}
				if clean && kept && holds[l] != 1 {
					fail("doubled " + l)
				}
			}
		}
		if !clean {
			clashes++
			continue
		}
		cleans++
		for _, l := range base {
			if gone := !slices.Contains(ours, l) || !slices.Contains(theirs, l); gone && holds[l] > 0 {
				fail("removed by one side and still there: " + l)
			}
		}
		for _, side := range [][]string{ours, theirs} { // in order
			at := 0
			for _, l := range got {
				if i := slices.Index(side[at:], l); i >= 0 {
					at += i + 1
				} else if slices.Contains(side, l) {
					fail("out of order: " + l)
				}
			}
		}
		// Merged once, it merges to itself: the record has moved on.
		again, clean, _ := merged(join2(theirs), text, join2(theirs))
		if again != text || !clean {
			fail("a second merge makes " + again)
		}
	}
	if clashes < 1000 || cleans < 1000 {
		t.Errorf("%d conflicts and %d clean merges prove little", clashes, cleans)
	}
}

func join2(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, "\n") + "\n"
}

// FuzzMerge: whatever the three texts are, choosing one side everywhere loses
// none of its lines, and the hunks are a way from one text to the other.
func FuzzMerge(f *testing.F) {
	f.Add("a\nb\n", "a\r\nX\r\n", "a\nb\nc")
	f.Add("[\n]\n[\n]\n", "[\n]\n\n[\n]\n", "[\n1\n]\n[\n]\n")
	f.Add("\ufeff", "\n\n\n", "x\ry\n")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		if strings.Contains(strings.ReplaceAll(base+theirs, "\r\n", ""), "\r") || strings.HasSuffix(ours, "\r") {
			return // no render holds one, and a lone one at the end becomes part of a line end
		}
		b, o, n := textOf([]byte(base)), textOf([]byte(ours)), textOf([]byte(theirs))
		for _, side := range []text{o, n} {
			a := applyEdits(b.lines, editsOf(b.lines, side.lines))
			if !slices.Equal(a, side.lines) && len(a)+len(side.lines) > 0 {
				t.Fatalf("%q to %q: the hunks make %q", b.lines, side.lines, a)
			}
		}
		pieces, _ := merge3(b, o, n)
		w := newWriter(o)
		w.own(0, len(o.lines))
		if ours != string(w.bytes()) {
			t.Fatalf("%q: written again it is %q", ours, w.bytes())
		}
		if len(conflicts(pieces, "")) == 0 {
			if got := join(pieces, o, nil); alike([]byte(ours), []byte(base)) && !alike(got, []byte(theirs)) {
				t.Fatalf("unedited, and merged to %q", got)
			}
		}
		if got := join(whole(o, n, ""), o, func(int) Choice { return Theirs }); !slices.Equal(textOf(got).lines, n.lines) {
			t.Fatalf("the whole of theirs is %q", got)
		}
		if got := join(whole(o, n, ""), o, func(int) Choice { return Ours }); !bytes.Equal(got, []byte(ours)) {
			t.Fatalf("the whole of ours is %q", got)
		}
	})
}

func editsOf(a, b []string) []edit {
	ids := map[string]int{}
	number := func(list []string) (out []int) {
		for _, l := range list {
			if _, ok := ids[l]; !ok {
				ids[l] = len(ids)
			}
			out = append(out, ids[l])
		}
		return out
	}
	var list []edit
	for _, h := range compare(number(a), number(b)) {
		list = append(list, edit{h.a0, h.a1, b[h.b0:h.b1]})
	}
	return list
}

// BenchmarkMerge merges a settings file of 400 lines with 20 edits on each
// side; BenchmarkMergeStrangers two files that have nothing in common.
func BenchmarkMerge(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	base := make([]string, 400)
	for i := range base {
		base[i] = fmt.Sprintf("SETTING_%d = [", i)
		if i%4 == 3 {
			base[i] = "]"
		}
	}
	ours, theirs := applyEdits(base, randomEdits(r, 400, "u")), applyEdits(base, randomEdits(r, 400, "n"))
	for b.Loop() {
		merged(join2(base), join2(ours), join2(theirs))
	}
}

func BenchmarkMergeStrangers(b *testing.B) {
	one, two := strings.Repeat("a\nb\n", 20000), strings.Repeat("b\nc\na\n", 20000)
	for b.Loop() {
		merged(one, two, one)
	}
}
