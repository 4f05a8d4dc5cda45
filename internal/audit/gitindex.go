package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"maps"
	"path"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// gitIndex are the paths that git tracks.
type gitIndex struct {
	paths   map[string]bool
	folders []string // of a sparse index: everything below is tracked, or may be
	partly  bool     // a split index: other paths stand in a file of its own
}

var errIndex = errors.New("the index of git can't be read")

// tracked says whether git tracks a file. Without a repository to look at, or
// one that is kept elsewhere (a work tree, a submodule), it is Maybe.
func tracked(fsys fs.FS, name string) pyeval.Truth {
	x, err := readIndex(fsys)
	if err != nil {
		return pyeval.Maybe
	}
	return x.tracks(name)
}

func (x *gitIndex) tracks(name string) pyeval.Truth {
	if x.paths[name] {
		return pyeval.Yes
	}
	for _, folder := range x.folders {
		if strings.HasPrefix(name, folder) {
			return pyeval.Maybe
		}
	}
	if x.partly {
		return pyeval.Maybe
	}
	return pyeval.No
}

// readIndex reads .git/index. A repository without one tracks nothing yet.
func readIndex(fsys fs.FS) (*gitIndex, error) {
	if info, err := fs.Stat(fsys, ".git"); err != nil || !info.IsDir() {
		return nil, errIndex
	}
	data, err := fs.ReadFile(fsys, ".git/index")
	if errors.Is(err, fs.ErrNotExist) {
		return &gitIndex{}, nil
	}
	if err != nil {
		return nil, err
	}
	hash := 20
	if config, err := fs.ReadFile(fsys, ".git/config"); err == nil && bytes.Contains(bytes.ToLower(config), []byte("objectformat = sha256")) {
		hash = 32
	}
	return parseIndex(data, hash)
}

// Of an entry, before its object name: times, device, inode, mode, user, group
// and size, four bytes each or in pairs; see gitformat-index(5).
const (
	entryMode = 24
	entryHash = 40
)

// parseIndex reads versions 2, 3 and 4 of the index of git.
func parseIndex(data []byte, hash int) (*gitIndex, error) {
	if len(data) < 12+hash || string(data[:4]) != "DIRC" {
		return nil, errIndex
	}
	version, count := binary.BigEndian.Uint32(data[4:]), binary.BigEndian.Uint32(data[8:])
	if version < 2 || version > 4 {
		return nil, errIndex
	}
	x := &gitIndex{paths: map[string]bool{}}
	end := len(data) - hash
	pos, last := 12, ""
	for range count {
		name, mode, next, ok := indexEntry(data[:end], pos, hash, version, last)
		if !ok {
			return nil, errIndex
		}
		if mode&0o170000 == 0o040000 {
			x.folders = append(x.folders, strings.TrimSuffix(name, "/")+"/")
		} else {
			x.paths[name] = true
		}
		pos, last = next, name
	}
	for pos+8 <= end {
		size := int(binary.BigEndian.Uint32(data[pos+4:]))
		if string(data[pos:pos+4]) == "link" {
			x.partly = true
		}
		if size < 0 || size > end-pos-8 {
			break
		}
		pos += 8 + size
	}
	return x, nil
}

// indexEntry reads one entry at pos; last is the path before it, which version
// 4 takes the beginning from.
func indexEntry(data []byte, pos, hash int, version uint32, last string) (name string, mode uint32, next int, ok bool) {
	flags := pos + entryHash + hash
	if flags+2 > len(data) {
		return "", 0, 0, false
	}
	mode = binary.BigEndian.Uint32(data[pos+entryMode:])
	begin := flags + 2
	if version >= 3 && data[flags]&0x40 != 0 {
		begin += 2
	}
	if version == 4 {
		drop, n := offsetVarint(data[min(begin, len(data)):])
		if n == 0 || drop > len(last) {
			return "", 0, 0, false
		}
		begin, name = begin+n, last[:len(last)-drop]
	}
	if begin > len(data) {
		return "", 0, 0, false
	}
	length := bytes.IndexByte(data[begin:], 0)
	if length < 0 {
		return "", 0, 0, false
	}
	name += string(data[begin : begin+length])
	if version == 4 {
		return name, mode, begin + length + 1, true
	}
	size := begin + length - pos
	return name, mode, pos + (size+8)/8*8, true // padded with 1 to 8 NULs
}

// offsetVarint is git's: each byte but the last has its high bit set, and adds
// one to what comes before it.
func offsetVarint(data []byte) (value, n int) {
	for n < len(data) && n < 5 {
		c := data[n]
		n++
		value = value<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return value, n
		}
		value++
	}
	return 0, 0
}

// envFiles are the files of the repository that look like a .env that somebody
// filled in, and whether git tracks them.
func (p *Project) envFiles() map[string]pyeval.Truth {
	p.tree.indexed.Do(func() {
		x, err := readIndex(p.FS)
		if p.tree.tracked = err == nil; !p.tree.tracked {
			p.tree.envs = envFilesIn(p.FS, ".")
			return
		}
		p.tree.envs = map[string]pyeval.Truth{}
		for name := range x.paths {
			if envFile(name) {
				p.tree.envs[name] = pyeval.Yes
			}
		}
	})
	if p.tree.tracked || p.dir() == "." {
		return p.tree.envs
	}
	out := envFilesIn(p.FS, p.dir())
	maps.Copy(out, p.tree.envs)
	return out
}

// envFilesIn are those of one folder, where there is no index to ask.
func envFilesIn(fsys fs.FS, folder string) map[string]pyeval.Truth {
	out := map[string]pyeval.Truth{}
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return out
	}
	for _, e := range entries {
		if name := path.Join(folder, e.Name()); !e.IsDir() && envFile(name) {
			out[name] = pyeval.Maybe
		}
	}
	return out
}

// envFile reports whether a file is named like one of environment variables
// that is in use: no example, no test's.
func envFile(name string) bool {
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "node_modules", "site-packages", "testdata", "tests", "fixtures", "docs", "examples":
			return false
		}
	}
	base := strings.ToLower(path.Base(name))
	for _, word := range []string{"example", "sample", "template", "dist", "default", "test", "stub", "ci", "schema", "tmpl", "tpl"} {
		for _, part := range strings.FieldsFunc(base, func(c rune) bool { return c == '.' || c == '-' || c == '_' }) {
			if part == word {
				return false
			}
		}
	}
	return base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") || strings.HasPrefix(base, "env.") && !strings.HasSuffix(base, ".py") && !strings.HasSuffix(base, ".js") && !strings.HasSuffix(base, ".ts") ||
		strings.HasPrefix(path.Base(path.Dir(name)), ".env") || strings.Contains(name, ".envs/")
}
