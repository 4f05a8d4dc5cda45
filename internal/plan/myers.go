package plan

// hunk says that the lines a0..a1 of one text are the lines b0..b1 of another.
type hunk struct{ a0, a1, b0, b1 int }

// compare returns the hunks that turn a into b, in order, none touching
// another. Lines are numbers: equal lines, equal numbers.
//
// Lines that occur once on both sides are matched first (patience), for a
// settings file is full of brackets and blank lines that match by accident;
// what lies between is compared by Myers' algorithm. Where a hunk could stand
// in several places, it stands in the last.
func compare(a, b []int) []hunk {
	c := &comparer{a: a, b: b}
	c.between(0, len(a), 0, len(b))
	c.slide()
	return c.hunks
}

type comparer struct {
	a, b  []int
	hunks []hunk
}

// add appends a hunk, and joins it to one that it touches.
func (c *comparer) add(h hunk) {
	if n := len(c.hunks); n > 0 && c.hunks[n-1].a1 == h.a0 && c.hunks[n-1].b1 == h.b0 {
		c.hunks[n-1].a1, c.hunks[n-1].b1 = h.a1, h.b1
		return
	}
	c.hunks = append(c.hunks, h)
}

func (c *comparer) between(a0, a1, b0, b1 int) {
	for a0 < a1 && b0 < b1 && c.a[a0] == c.b[b0] {
		a0, b0 = a0+1, b0+1
	}
	for a0 < a1 && b0 < b1 && c.a[a1-1] == c.b[b1-1] {
		a1, b1 = a1-1, b1-1
	}
	switch {
	case a0 == a1 && b0 == b1:
		return
	case a0 == a1 || b0 == b1:
		c.add(hunk{a0, a1, b0, b1})
		return
	}
	anchors := c.anchors(a0, a1, b0, b1)
	if len(anchors) == 0 {
		c.myers(a0, a1, b0, b1)
		return
	}
	for _, at := range anchors {
		c.between(a0, at[0], b0, at[1])
		a0, b0 = at[0]+1, at[1]+1
	}
	c.between(a0, a1, b0, b1)
}

// anchors are the lines that occur once in each range and stand in the same
// order in both: the longest such list.
func (c *comparer) anchors(a0, a1, b0, b1 int) [][2]int {
	type place struct{ inA, inB, a, b int }
	places := map[int]*place{}
	for i := a0; i < a1; i++ {
		p := places[c.a[i]]
		if p == nil {
			p = &place{}
			places[c.a[i]] = p
		}
		p.inA, p.a = p.inA+1, i
	}
	for i := b0; i < b1; i++ {
		if p := places[c.b[i]]; p != nil {
			p.inB, p.b = p.inB+1, i
		}
	}
	var tops []int // of each pile, the index into list of the card on it
	var list [][2]int
	var before []int
	for i := a0; i < a1; i++ {
		p := places[c.a[i]]
		if p.inA != 1 || p.inB != 1 {
			continue
		}
		lo, hi := 0, len(tops)
		for lo < hi {
			if mid := (lo + hi) / 2; list[tops[mid]][1] < p.b {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		prev := -1
		if lo > 0 {
			prev = tops[lo-1]
		}
		list, before = append(list, [2]int{i, p.b}), append(before, prev)
		if lo == len(tops) {
			tops = append(tops, 0)
		}
		tops[lo] = len(list) - 1
	}
	if len(tops) == 0 {
		return nil
	}
	out := make([][2]int, len(tops))
	for i, at := len(tops)-1, tops[len(tops)-1]; i >= 0; i, at = i-1, before[at] {
		out[i] = list[at]
	}
	return out
}

// maxEdits bounds the work on two texts that have nothing in common; beyond it
// one is taken to replace the other.
const maxEdits = 1000

// myers finds a shortest edit script within a range that has no anchors.
func (c *comparer) myers(a0, a1, b0, b1 int) {
	n, m := a1-a0, b1-b0
	limit := min(n+m, maxEdits)
	v := make([]int, 2*limit+3) // v[k+limit+1] is the furthest x on diagonal k
	var trace [][]int
	found := -1
search:
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int(nil), v[limit+1-d:limit+2+d]...))
		for k := -d; k <= d; k += 2 {
			i := k + limit + 1
			x := v[i-1] + 1
			if k == -d || k != d && v[i-1] < v[i+1] {
				x = v[i+1]
			}
			y := x - k
			for x < n && y < m && c.a[a0+x] == c.b[b0+y] {
				x, y = x+1, y+1
			}
			v[i] = x
			if x >= n && y >= m {
				found = d
				break search
			}
		}
	}
	if found < 0 {
		c.add(hunk{a0, a1, b0, b1})
		return
	}
	c.walk(trace, a0, b0, n, m)
}

// walk follows the trace of myers back from the end and adds its hunks.
func (c *comparer) walk(trace [][]int, a0, b0, x, y int) {
	var back []hunk
	for d := len(trace) - 1; d > 0; d-- {
		v, k := trace[d], x-y // v[i+d] is diagonal i, before step d
		at := func(k int) int {
			if k < -d || k > d {
				return -1
			}
			return v[k+d]
		}
		prev := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			prev = k + 1
		}
		px := at(prev)
		py := px - prev
		if prev > k { // down: a line of b
			back = append(back, hunk{a0 + px, a0 + px, b0 + py, b0 + py + 1})
		} else {
			back = append(back, hunk{a0 + px, a0 + px + 1, b0 + py, b0 + py})
		}
		x, y = px, py
	}
	for i := len(back) - 1; i >= 0; i-- {
		c.add(back[i])
	}
}

// slide moves each hunk that only adds or only removes lines down as far as it
// goes, and joins hunks that meet.
func (c *comparer) slide() {
	list := c.hunks
	c.hunks = nil
	for i, h := range list {
		next := hunk{len(c.a), 0, len(c.b), 0}
		if i+1 < len(list) {
			next = list[i+1]
		}
		for h.a0 == h.a1 && h.b1 < next.b0 && c.b[h.b0] == c.b[h.b1] ||
			h.b0 == h.b1 && h.a1 < next.a0 && c.a[h.a0] == c.a[h.a1] {
			h = hunk{h.a0 + 1, h.a1 + 1, h.b0 + 1, h.b1 + 1}
		}
		c.add(h)
	}
}
