package audit

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// FixedFile is a file with corrections in it.
type FixedFile struct {
	Path   string
	Was    []byte
	Data   []byte
	Mask   []string // texts in it that may be secrets
	Reason string   // which rules, for people
}

// correction is an edit of a source file that a rule's fixer makes.
type correction struct {
	src  *pyeval.Source
	edit pysrc.Edit
}

// fixer corrects a finding in place; ok is false where that isn't safe.
type fixer func(p *Project, f *Finding) (list []correction, ok bool)

// Fixes are the corrections of a report's failures that are safe in place. Comments and layout around them stay. Each is
// proved: the project is read again with it, and it is dropped unless its
// failure is gone and nothing fails that didn't before.
func Fixes(r *Report) (files []FixedFile) {
	open := map[string]bool{} // failures that no opt-out covers, and that nothing was tried for
	for _, f := range r.With(Fail) {
		open[f.id()] = fixers[f.Rule.Name] != nil
	}
	p := r.Project
	disk, now := &overlay{FS: p.FS}, Run(p, Selection{})
	why := map[string][]string{}
	for {
		i := slices.IndexFunc(now.Findings, func(f Finding) bool { return f.Status == Fail && open[f.id()] })
		if i < 0 {
			break
		}
		f := &now.Findings[i]
		open[f.id()] = false
		list, ok := fixers[f.Rule.Name](now.Project, f)
		if !ok {
			continue
		}
		next := disk.with(list)
		after := next.run(p)
		if after == nil || !settles(now, after, f) {
			continue
		}
		for name := range next.files {
			if !bytes.Equal(next.files[name], disk.files[name]) && !slices.Contains(why[name], f.Rule.ID) {
				why[name] = append(why[name], f.Rule.ID)
			}
		}
		disk, now = next, after
	}
	for name, data := range disk.files {
		was, err := fs.ReadFile(p.FS, name)
		m, err2 := pysrc.Parse(was)
		if err != nil || err2 != nil {
			return nil // it was read a moment ago
		}
		files = append(files, FixedFile{name, was, data, secretsIn(m), strings.Join(slices.Sorted(slices.Values(why[name])), ", ")})
	}
	slices.SortFunc(files, func(a, b FixedFile) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// id names a failure in several readings of a project.
func (f *Finding) id() string {
	return strings.Join([]string{f.Rule.ID, f.At.Path(), f.Setting, f.Value}, "\x00")
}

// settles reports whether a failure is gone in another reading, and none has
// come.
func settles(before, after *Report, f *Finding) bool {
	count := func(r *Report) map[string]int {
		n := map[string]int{}
		for _, f := range r.With(Fail) {
			n[f.Rule.ID+" "+f.Setting]++
		}
		return n
	}
	was, is := count(before), count(after)
	for k, n := range is {
		if n > was[k] {
			return false
		}
	}
	k := f.Rule.ID + " " + f.Setting
	return is[k] < was[k]
}

// overlay is a file system with other contents for some of its files.
type overlay struct {
	fs.FS
	files map[string][]byte
}

// with is the overlay with corrections made, nil where one can't be.
func (o *overlay) with(list []correction) *overlay {
	next := &overlay{o.FS, map[string][]byte{}}
	for name, data := range o.files {
		next.files[name] = data
	}
	mods, edits := map[string]*pysrc.Module{}, map[string][]pysrc.Edit{}
	for _, c := range list {
		mods[c.src.Path] = c.src.Mod
		edits[c.src.Path] = append(edits[c.src.Path], c.edit)
	}
	for name, m := range mods {
		data, err := m.Apply(edits[name]...)
		if err != nil {
			return nil
		}
		next.files[name] = data
	}
	return next
}

// run audits the project p as it is in the overlay; nil where it can't be read.
func (o *overlay) run(p *Project) *Report {
	if o == nil {
		return nil
	}
	q, err := Load(o, p.Root, p.Site, Options{Env: p.Env, Series: p.Series})
	if err != nil || q.Result.Stopped != nil {
		return nil
	}
	return Run(q, Selection{})
}

// Open is part of fs.FS.
func (o *overlay) Open(name string) (fs.File, error) {
	f, err := o.FS.Open(name)
	data, ok := o.files[name]
	if err != nil || !ok {
		return f, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &overlaid{bytes.NewReader(data), overlaidInfo{info, int64(len(data))}}, nil
}

type overlaid struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *overlaid) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *overlaid) Close() error               { return nil }

type overlaidInfo struct {
	fs.FileInfo
	size int64
}

func (i overlaidInfo) Size() int64        { return i.size }
func (i overlaidInfo) ModTime() time.Time { return time.Time{} }
