package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// answersName is the file of the answers in a project.
const answersName = "djharden.toml"

// folder is the absolute path of a folder that is there, or could be made.
func folder(dir string) (string, error) {
	if dir == "" {
		return "", usage("name a folder, or leave it out for this one", "DIR is empty")
	}
	if strings.Contains(dir, "://") {
		return "", usage("a URL goes after its flag: --database-url, --redis-url", "%q is no folder", maskArg(dir))
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", failed("", err)
	}
	info, err := os.Stat(root)
	if err == nil && !info.IsDir() {
		return "", usage("name a folder", "%s is not a folder", dir)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", failed("", err)
	}
	return root, nil
}

// read reads the folder, and the answers in it. A djharden.toml alone, without
// the .djharden that each write leaves, was written by a person: it answers,
// but the folder is what it is without it.
func (r *initRun) read() error {
	module := ""
	if o := lookup(r.options, "settings"); o.IsSet() {
		module = o.text()
	} else if v, ok := r.p.getenv(o.env); ok {
		module = v
	}
	fsys := os.DirFS(r.root)
	toml, err := fs.ReadFile(fsys, answersName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed("", err)
	}
	if _, err := fs.Stat(fsys, ".djharden/base/"+answersName); err != nil && toml != nil {
		r.handwritten = toml
		fsys = without{fsys, answersName}
	}
	if r.project, err = django.Read(fsys, module); err != nil {
		return failed(hintOf(err), err)
	}
	r.toml = toml
	return nil
}

// without is a folder without one of the files in it.
type without struct {
	fs.FS
	name string
}

func (w without) Open(name string) (fs.File, error) {
	if name == w.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return w.FS.Open(name)
}

func (w without) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(w.FS, name)
	if name == "." {
		list = slices.DeleteFunc(list, func(d fs.DirEntry) bool { return d.Name() == w.name })
	}
	return list, err
}

// overHandwritten lets the finished answers replace the ones that a person
// wrote, byte for byte as they were read.
func (r *initRun) overHandwritten(files []plan.File) {
	for i := range files {
		if files[i].Path == answersName && r.handwritten != nil {
			files[i].Was = r.handwritten
			files[i].Reason = "your answers, completed, without secrets"
		}
	}
}
