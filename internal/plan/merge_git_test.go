package plan

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// gitCase is three texts of lines that repeat, as settings files have them.
type gitCase struct {
	seed               uint64
	base, ours, theirs []string
}

func newGitCase(seed uint64) gitCase {
	r := rand.New(rand.NewPCG(seed, 2))
	// Few words: brackets and blank lines match by accident. Many: they don't.
	words := []int{4, 8, 40, 1000}[r.IntN(4)]
	word := func() string {
		switch i := r.IntN(words); i {
		case 0:
			return ""
		case 1:
			return "]"
		default:
			return fmt.Sprintf("SETTING_%d = [", i)
		}
	}
	c := gitCase{seed: seed}
	for range r.IntN(25) {
		c.base = append(c.base, word())
	}
	mine := randomEdits(r, len(c.base), "u")
	for _, e := range mine {
		for i := range e.to {
			if r.IntN(2) == 0 {
				e.to[i] = word()
			}
		}
	}
	new := randomEdits(r, len(c.base), "n")
	if len(mine) > 0 && r.IntN(3) == 0 { // some changes alike
		new = slices.Clone(mine[:1+r.IntN(len(mine))])
	}
	c.ours, c.theirs = applyEdits(c.base, mine), applyEdits(c.base, new)
	return c
}

// TestMergeAsGit merges 10,000 cases as git merge-file does. A difference is
// explained by a rule of merge.go, and the explanation is tried out: tail, by
// leaving out the user's lines at the end; alignment, by merging along the
// hunks that git's own diff finds.
func TestMergeAsGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("git is missing")
		}
		t.Skip("git is missing")
	}
	cases := uint64(10000)
	if testing.Short() {
		cases = 500
	}
	top := memoryDir(t)
	var mu sync.Mutex
	rules := map[string]int{}
	var wg sync.WaitGroup
	workers := uint64(runtime.NumCPU())
	for worker := range workers {
		wg.Go(func() {
			dir := filepath.Join(top, fmt.Sprint(worker))
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Error(err)
				return
			}
			for seed := worker; seed < cases; seed += workers {
				rule, err := explain(dir, newGitCase(seed))
				if err != nil {
					t.Errorf("seed %d: %v", seed, err)
					return
				}
				mu.Lock()
				rules[rule]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.Logf("%v", rules)
	for _, rule := range []string{"same", "tail", "alignment"} {
		if rules[rule] == 0 {
			t.Errorf("no case for %q: the test proves less than it says", rule)
		}
	}
	if n := rules["same"]; uint64(n) < cases*8/10 {
		t.Errorf("only %d of %d are as git merges them", n, cases)
	}
}

// explain names the rule by which our merge differs from git's; "same": none.
func explain(dir string, c gitCase) (string, error) {
	git, clean, err := gitMerge(dir, c.base, c.ours, c.theirs)
	if err != nil {
		return "", err
	}
	ids := &numbers{}
	b, o, n := ids.of(c.base), ids.of(c.ours), ids.of(c.theirs)
	mine, mineClean, used := along(c, compare(b, o), compare(b, n))
	if clean == mineClean && (!clean || slices.Equal(git, mine)) {
		return "same", nil
	}
	if slices.Contains(used, "tail") {
		hunks := compare(b, o)
		last := hunks[len(hunks)-1]
		short := c
		short.ours = c.ours[:last.b0]
		if rule, err := explain(dir, short); err == nil {
			// The rest is merged as before, and the user's lines stand behind it.
			rest, restClean, _ := along(short, compare(b, o[:last.b0]), compare(b, n))
			added := c.ours[last.b0:]
			if restClean == mineClean && (!mineClean || isBehind(mine, rest, added)) {
				return "tail", nil
			}
			return "", fmt.Errorf("tail, then %s: %s", rule, show(c, git, mine))
		}
	}
	oHunks, err := gitHunks(dir, c.base, c.ours)
	if err != nil {
		return "", err
	}
	nHunks, err := gitHunks(dir, c.base, c.theirs)
	if err != nil {
		return "", err
	}
	as, asClean, used := along(c, oHunks, nHunks)
	if slices.Contains(used, "tail") { // which git doesn't know
		asClean = false
	}
	if asClean == clean && (!clean || slices.Equal(as, git)) {
		if repeats(c) {
			return "alignment", nil
		}
		return "", fmt.Errorf("no line repeats, and git tells the changes otherwise: %s", show(c, git, mine))
	}
	return "", fmt.Errorf("no rule explains it: %s", show(c, git, mine))
}

// isBehind reports whether all is rest with added behind it, less what both
// have of it.
func isBehind(all, rest, added []string) bool {
	for n := range len(added) + 1 {
		if slices.Equal(all, slices.Concat(rest, added[n:])) && (n == 0 || len(rest) >= n) {
			return true
		}
	}
	return false
}

func show(c gitCase, git, mine []string) string {
	return fmt.Sprintf("\nbase   %q\nours   %q\ntheirs %q\ngit    %q\nmine   %q", c.base, c.ours, c.theirs, git, mine)
}

// repeats reports whether a line occurs twice in one of the texts.
func repeats(c gitCase) bool {
	for _, list := range [][]string{c.base, c.ours, c.theirs} {
		seen := map[string]bool{}
		for _, l := range list {
			if seen[l] {
				return true
			}
			seen[l] = true
		}
	}
	return false
}

type numbers struct{ ids map[string]int }

func (n *numbers) of(list []string) []int {
	if n.ids == nil {
		n.ids = map[string]int{}
	}
	out := make([]int, len(list))
	for i, l := range list {
		if _, ok := n.ids[l]; !ok {
			n.ids[l] = len(n.ids)
		}
		out[i] = n.ids[l]
	}
	return out
}

// along merges along given hunks.
func along(c gitCase, mine, new []hunk) (lines []string, clean bool, rules []string) {
	m := &merger{base: c.base, ours: c.ours, theirs: c.theirs}
	m.merge(mine, new)
	lines, clean = m.text(c)
	return lines, clean, m.rules
}

func (m *merger) text(c gitCase) ([]string, bool) {
	dress := textOf([]byte(join2(c.ours)))
	got := textOf(join(m.pieces, dress, func(int) Choice { return Markers }))
	return got.lines, len(conflicts(m.pieces, "")) == 0
}

func gitMerge(dir string, base, ours, theirs []string) (lines []string, clean bool, err error) {
	for name, list := range map[string][]string{"base": base, "ours": ours, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(join2(list)), 0o600); err != nil {
			return nil, false, err
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "-q", "ours", "base", "theirs")
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() < 0 || exit.ExitCode() > 127 || errs.Len() > 0) {
		return nil, false, fmt.Errorf("git merge-file: %w: %s", err, errs.String())
	}
	return textOf(out).lines, err == nil, nil
}

var hunkHead = regexp.MustCompile(`(?m)^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// gitHunks are the changes as git's own diff tells them.
func gitHunks(dir string, a, b []string) ([]hunk, error) {
	for name, list := range map[string][]string{"a": a, "b": b} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(join2(list)), 0o600); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command("git", "diff", "--no-index", "--no-color", "--unified=0", "--inter-hunk-context=0", "--diff-algorithm=myers", "--no-indent-heuristic", "a", "b")
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, fmt.Errorf("git diff: %w", err)
	}
	var list []hunk
	for _, m := range hunkHead.FindAllStringSubmatch(string(out), -1) {
		span := func(at, n string) (int, int) {
			from, _ := strconv.Atoi(at)
			count := 1
			if n != "" {
				count, _ = strconv.Atoi(n)
			}
			if count > 0 {
				from--
			}
			return from, from + count
		}
		var h hunk
		h.a0, h.a1 = span(m[1], m[2])
		h.b0, h.b1 = span(m[3], m[4])
		list = append(list, h)
	}
	if len(list) == 0 && !slices.Equal(a, b) && strings.Join(a, "\n") != strings.Join(b, "\n") {
		return nil, errors.New("git diff shows no hunk")
	}
	return list, nil
}
