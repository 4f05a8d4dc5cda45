package django

import (
	"io/fs"
	"path"
	"strings"
)

// ignores are the rules of a .gitignore, and of those in the folders above it.
// Only folders are asked for: what is in an ignored folder is not looked at.
type ignores struct {
	above *ignores
	dir   string // of the .gitignore
	rules []ignoreRule
}

// maxIgnores is the most rules that are taken of one file: each is tried on
// each folder.
const maxIgnores = 2000

// ignoreRule is a line of a .gitignore that may match a folder.
type ignoreRule struct {
	keep  bool     // !pattern
	base  bool     // the pattern is of a name, at any depth; else of a path below the .gitignore
	parts []string // of the pattern, between slashes
	plain bool     // a name without wildcards
}

// read adds the .gitignore of a folder. The receiver may be nil.
func (g *ignores) read(fsys fs.FS, dir string) *ignores {
	src, err := readSource(fsys, path.Join(dir, ".gitignore"))
	if err != nil { // a symbolic link: git doesn't follow it either
		return g
	}
	n := &ignores{above: g, dir: dir}
	for line := range strings.SplitSeq(strings.TrimPrefix(string(src), "\ufeff"), "\n") {
		if len(n.rules) == maxIgnores {
			break
		}
		if r, ok := ignoreLine(strings.TrimSuffix(line, "\r")); ok {
			n.rules = append(n.rules, r)
		}
	}
	return n
}

// ignoreLine reads a line as gitignore(5) says.
func ignoreLine(line string) (ignoreRule, bool) {
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	if line == "" || line[0] == '#' {
		return ignoreRule{}, false
	}
	var r ignoreRule
	if line[0] == '!' {
		r.keep, line = true, line[1:]
	}
	line = strings.TrimSuffix(line, "/")
	if line == "" {
		return ignoreRule{}, false
	}
	r.base = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	r.plain = r.base && !strings.ContainsAny(line, `*?[\`)
	for part := range strings.SplitSeq(line, "/") {
		r.parts = append(r.parts, strings.ReplaceAll(part, "[!", "[^"))
	}
	if r.parts[len(r.parts)-1] == "**" { // what is in the folder, not the folder
		r.parts = append(r.parts, "*")
	}
	return r, true
}

// matches reports whether git ignores a folder whose parents it doesn't ignore.
func (g *ignores) matches(dir string) bool {
	for ; g != nil; g = g.above {
		rel := dir
		if g.dir != "." {
			rel = dir[len(g.dir)+1:]
		}
		base := path.Base(rel)
		for i := len(g.rules) - 1; i >= 0; i-- {
			if r := &g.rules[i]; r.matches(rel, base) {
				return !r.keep
			}
		}
	}
	return false
}

func (r *ignoreRule) matches(rel, base string) bool {
	switch {
	case r.plain:
		return r.parts[0] == base
	case r.base:
		return glob(r.parts[0], base)
	}
	return globs(r.parts, strings.Split(rel, "/"))
}

// globs matches the parts of a pattern with those of a path; ** is any number
// of them. It goes back to the last ** alone, so that no pattern is slow.
func globs(pattern, parts []string) bool {
	p, n, star, from := 0, 0, -1, 0
	for n < len(parts) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			star, from = p, n
			p++
		case p < len(pattern) && glob(pattern[p], parts[n]):
			p, n = p+1, n+1
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

func glob(pattern, name string) bool {
	if rest, ok := strings.CutPrefix(pattern, "*"); ok && !strings.ContainsAny(rest, `*?[\`) {
		return strings.HasSuffix(name, rest)
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
