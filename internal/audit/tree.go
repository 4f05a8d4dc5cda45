package audit

import (
	"io/fs"
	"strings"
	"sync"

	"github.com/djharden/djharden/internal/pyeval"
)

// Tree is what projects share that lie in one file system: looked for once, for
// all of them.
type Tree struct {
	folders sync.Map // by path: what is in those above a project

	once    sync.Once
	servers []string // the files that may configure what stands in front of Django
	whole   bool

	served sync.Once
	texts  map[string]string // of the files that serverFiles looks at

	indexed sync.Once
	tracked bool                    // there is an index of git
	envs    map[string]pyeval.Truth // see envFiles
}

// above is a file system that lists the folders above a project once for all
// of them: the root of a monorepo holds as many entries as it has projects.
func (t *Tree) above(fsys fs.FS, dir string) fs.FS { return aboveFS{fsys, t, dir} }

type aboveFS struct {
	fs.FS
	tree *Tree
	dir  string
}

// ReadDir is part of fs.ReadDirFS.
func (a aboveFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if a.dir == "." || name != "." && !strings.HasPrefix(a.dir, name+"/") {
		return fs.ReadDir(a.FS, name)
	}
	if list, ok := a.tree.folders.Load(name); ok {
		return list.([]fs.DirEntry), nil
	}
	list, err := fs.ReadDir(a.FS, name)
	if err == nil {
		a.tree.folders.Store(name, list)
	}
	return list, err
}
