package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// factor is a decision and what it can be.
type factor struct {
	name   string
	values []string
}

// row has a value for each factor, by name.
type row map[string]string

// coverPairs returns rows in which every pair of values of two factors that can
// stand together does, in few rows. forbidden is asked about rows that are not
// whole yet and answers for what it sees. The same factors give the same rows.
func coverPairs(factors []factor, forbidden func(row) bool) []row {
	open := possiblePairs(factors, forbidden)
	var rows []row
	for len(open.list) > 0 {
		best, gain := row(nil), 0
		for turn := range len(factors) { // as many tries, each beginning elsewhere
			seed := open.list[turn*len(open.list)/len(factors)]
			order := slices.Concat(factors[turn:], factors[:turn])
			r := row{seed.a: seed.x, seed.b: seed.y}
			if complete(r, order, open, forbidden) {
				if n := open.in(r); n > gain {
					best, gain = r, n
				}
			}
		}
		if best == nil {
			panic("a pair that is possible has no row")
		}
		rows = append(rows, best)
		open.drop(best)
	}
	return rows
}

// complete fills in the factors that r lacks, best value first, and goes back
// where that ends in a forbidden row; false, with r as it was, when there is no way.
func complete(r row, order []factor, open pairs, forbidden func(row) bool) bool {
	if forbidden(r) {
		return false
	}
	i := slices.IndexFunc(order, func(f factor) bool { return r[f.name] == "" })
	if i < 0 {
		return true
	}
	f := order[i]
	gains := map[string]int{}
	for _, v := range f.values {
		gains[v] = open.with(r, f.name, v)
	}
	values := slices.Clone(f.values)
	slices.SortStableFunc(values, func(a, b string) int { return gains[b] - gains[a] })
	for _, v := range values {
		r[f.name] = v
		if complete(r, order[i+1:], open, forbidden) {
			return true
		}
	}
	delete(r, f.name)
	return false
}

// pair is two values of two factors.
type pair struct{ a, x, b, y string }

// pairs are those that no row has yet, in a fixed order and for looking up.
type pairs struct {
	list []pair
	set  map[pair]bool // each one both ways round
}

// with counts the pairs that a value would add to r.
func (p pairs) with(r row, name, value string) int {
	n := 0
	for other, v := range r {
		if p.set[pair{name, value, other, v}] {
			n++
		}
	}
	return n
}

func (p pairs) in(r row) int {
	n := 0
	for _, q := range p.list {
		if r[q.a] == q.x && r[q.b] == q.y {
			n++
		}
	}
	return n
}

func (p *pairs) drop(r row) {
	p.list = slices.DeleteFunc(p.list, func(q pair) bool {
		if r[q.a] != q.x || r[q.b] != q.y {
			return false
		}
		delete(p.set, q)
		delete(p.set, pair{q.b, q.y, q.a, q.x})
		return true
	})
}

func possiblePairs(factors []factor, forbidden func(row) bool) pairs {
	open := pairs{set: map[pair]bool{}}
	for i, f := range factors {
		for _, g := range factors[i+1:] {
			for _, x := range f.values {
				for _, y := range g.values {
					if complete(row{f.name: x, g.name: y}, factors, pairs{}, forbidden) {
						open.list = append(open.list, pair{f.name, x, g.name, y})
						open.set[pair{f.name, x, g.name, y}], open.set[pair{g.name, y, f.name, x}] = true, true
					}
				}
			}
		}
	}
	return open
}

func TestCoverPairs(t *testing.T) {
	factors := []factor{
		{"a", []string{"1", "2", "3", "4"}}, {"b", []string{"1", "2", "3", "4", "5"}}, {"c", []string{"1", "2"}}, {"d", []string{"1", "2", "3"}}, {"e", []string{"1", "2"}},
	}
	forbidden := func(r row) bool {
		return r["a"] == "1" && r["c"] != "" && r["c"] != "2" || r["c"] == "2" && r["d"] == "3" || r["b"] == "5" && r["e"] == "1" && r["d"] == "1"
	}
	rows := coverPairs(factors, forbidden)
	if again := coverPairs(factors, forbidden); fmt.Sprint(rows) != fmt.Sprint(again) {
		t.Error("other rows the second time")
	}
	if len(rows) > 26 {
		t.Errorf("%d rows, 20 is the least there can be", len(rows))
	}
	for _, r := range rows {
		if forbidden(r) || len(r) != len(factors) {
			t.Errorf("forbidden, or not whole: %v", r)
		}
	}
	// Every pair that is in any allowed row at all is in one of ours.
	each(factors, row{}, func(r row) {
		if forbidden(r) {
			return
		}
		for i, f := range factors {
			for _, g := range factors[i+1:] {
				has := func(o row) bool { return o[f.name] == r[f.name] && o[g.name] == r[g.name] }
				if !slices.ContainsFunc(rows, has) {
					t.Fatalf("no row has %s %s and %s %s", f.name, r[f.name], g.name, r[g.name])
				}
			}
		}
	})
}

// each visits all rows there can be.
func each(factors []factor, r row, visit func(row)) {
	if len(factors) == 0 {
		visit(r)
		return
	}
	for _, v := range factors[0].values {
		r[factors[0].name] = v
		each(factors[1:], r, visit)
	}
}
