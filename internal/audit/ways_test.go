package audit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// way is one way of writing something that a rule is about: settings to put
// after the hardened ones, and files beside them.
type way struct {
	name, text string
	rule       string   // that it is about
	fails      []string // all that fail
}

// ways reads the files of testdata/ways: parts that begin with a line
// "=== RULE bad" or "=== RULE good"; more rules that fail with it follow the
// first.
func ways(t *testing.T) []way {
	t.Helper()
	files, err := filepath.Glob("testdata/ways/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no ways to write it", err)
	}
	var out []way
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(src), "\n=== ")[1:] {
			head, text, _ := strings.Cut(part, "\n")
			words := strings.Fields(head)
			w := way{name: strings.Join(words, "-"), text: text + "\n", rule: words[0]}
			switch words[len(words)-1] {
			case "bad":
				w.fails = slices.Sorted(slices.Values(words[:len(words)-1]))
			case "good":
			default:
				t.Fatalf("%s: %q", file, head)
			}
			out = append(out, w)
		}
	}
	return out
}

// TestWays: however it is written, the rule finds it, no other does, and what
// looks like it but isn't passes.
func TestWays(t *testing.T) {
	for _, w := range ways(t) {
		t.Run(w.name, func(t *testing.T) {
			list := auditText(t, allRules, w.text)
			var fails []string
			for _, f := range list {
				if f.Status == Fail && !slices.Contains(fails, f.Rule.ID) {
					fails = append(fails, f.Rule.ID)
				}
			}
			if slices.Sort(fails); !slices.Equal(fails, w.fails) {
				t.Errorf("%s\nfails %v", w.text, fails)
			}
			for _, f := range list {
				if t.Failed() && f.Status == Fail || f.Status == Unknown && f.Rule.ID == w.rule {
					t.Errorf("%s\n%s %v %s %s%s", w.text, f.Rule.ID, f.Status, f.Setting, f.Message, f.Reason)
				}
			}
		})
	}
}

// TestEnoughWays: each rule is proved in at least three ways of writing what is
// wrong, and two of what is right.
func TestEnoughWays(t *testing.T) {
	bad, good := map[string]int{}, map[string]int{}
	for _, w := range ways(t) {
		if len(w.fails) > 0 {
			bad[w.rule]++
		} else {
			good[w.rule]++
		}
	}
	for _, w := range written {
		bad[w.rule] += len(waysToWrite)
		good[w.rule] += len(waysToWrite)
	}
	for _, rule := range allRules {
		if bad[rule.ID]+1 < 3 || good[rule.ID]+1 < 2 {
			t.Errorf("%s %s: %d ways to get it wrong, %d right", rule.ID, rule.Name, bad[rule.ID]+1, good[rule.ID]+1)
		}
	}
}
