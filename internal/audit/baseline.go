package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Baseline is the failures that projects had when they began to be checked. It
// may be used by several projects at once.
type Baseline struct {
	entries []baselineEntry

	mu     sync.Mutex
	left   map[string]int  // by fingerprint: how many haven't been seen yet
	judged map[string]bool // the projects that were looked at
}

type baselineFile struct {
	Version  int             `json:"version"`
	Findings []baselineEntry `json:"findings"`
}

// baselineEntry is one finding: what matters is the fingerprint, the rest is
// for people. It holds no text of the source, which may be a secret.
type baselineEntry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Where       string `json:"where"`
	Setting     string `json:"setting"`
}

// ReadBaseline reads what WriteBaseline made.
func ReadBaseline(data []byte) (*Baseline, error) {
	var f baselineFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, errors.New("is not the JSON of a baseline")
	}
	if f.Version != 1 {
		return nil, fmt.Errorf("is a baseline of version %d, and this djharden reads 1", f.Version)
	}
	b := &Baseline{entries: f.Findings, left: map[string]int{}, judged: map[string]bool{}}
	for _, e := range f.Findings {
		b.left[e.Fingerprint]++
	}
	return b, nil
}

// WriteBaseline is the failures of reports, for ReadBaseline.
func WriteBaseline(reports []*Report) []byte {
	f := baselineFile{Version: 1, Findings: []baselineEntry{}}
	for _, r := range reports {
		for _, x := range r.With(Fail) {
			f.Findings = append(f.Findings, baselineEntry{r.key(&x), x.Rule.ID, r.where(&x), x.Setting})
		}
	}
	slices.SortStableFunc(f.Findings, func(a, b baselineEntry) int {
		return strings.Compare(a.Where+" "+a.Rule+" "+a.Fingerprint, b.Where+" "+b.Rule+" "+b.Fingerprint)
	})
	out, _ := json.MarshalIndent(f, "", "  ")
	return append(out, '\n')
}

// key is the fingerprint in a baseline, which may hold several projects.
func (r *Report) key(f *Finding) string { return r.project() + ":" + f.Fingerprint() }

// project tells a project from the others of a run.
func (r *Report) project() string { return r.Project.Site.Dir + ":" + r.Project.Site.Module }

func (r *Report) where(f *Finding) string {
	if f.At.IsZero() {
		return r.Project.Site.File
	}
	line, _ := f.At.Position()
	return f.At.Path() + ":" + strconv.Itoa(line)
}

// covers reports whether a failure is listed, as many times as it is there.
func (b *Baseline) covers(r *Report, f *Finding) bool {
	if b == nil {
		return false
	}
	key := r.key(f)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left[key] == 0 {
		return false
	}
	b.left[key]--
	return true
}

// judge notes that a project was held to all rules: what isn't found is gone.
func (b *Baseline) judge(r *Report) {
	if b != nil && len(r.Ran) == len(Rules) {
		b.mu.Lock()
		b.judged[r.project()] = true
		b.mu.Unlock()
	}
}

// Fixed are the entries of the projects looked at that are no failures any
// more, in words.
func (b *Baseline) Fixed() []string {
	var out []string
	seen := map[string]int{}
	for _, e := range b.entries {
		project := e.Fingerprint[:max(strings.LastIndexByte(e.Fingerprint, ':'), 0)]
		if seen[e.Fingerprint]++; seen[e.Fingerprint] <= b.left[e.Fingerprint] && b.judged[project] {
			out = append(out, strings.TrimSpace(e.Rule+" "+e.Setting)+" at "+e.Where)
		}
	}
	return out
}
