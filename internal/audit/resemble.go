package audit

import (
	"slices"
	"strings"
)

// resembles is the name of known that a misspelt one was surely meant to be,
// "" when there is none: a slip of a few letters, a plural, a word that is left
// out, or another case.
func resembles(name string, known []string) string {
	best, least := "", 1+max(2, len(name)/8)
	for _, k := range known {
		if strings.EqualFold(name, k) || loose(name) == loose(k) {
			return k
		}
		if d := distance(name, k); d < least && len(name) > 4 {
			best, least = k, d
		}
	}
	if best != "" {
		return best
	}
	if i := slices.IndexFunc(known, func(k string) bool { return k == "DEFAULT_"+name || singular(k) == singular("DEFAULT_"+name) }); i >= 0 {
		return known[i]
	}
	return ""
}

// loose is a name without what is easily left out or put in.
func loose(s string) string { return singular(strings.ReplaceAll(strings.ToUpper(s), "_", "")) }

func singular(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "ES"), "S")
}

// distance counts the letters to put in, take out, change or swap with the next
// one to get from a to b.
func distance(a, b string) int {
	var before []int
	prev, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+change)
			if before != nil && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, make([]int, len(b)+1)
	}
	return prev[len(b)]
}
