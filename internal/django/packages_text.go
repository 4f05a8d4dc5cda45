package django

import (
	"bytes"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/djharden/djharden/internal/pysrc"
)

// requirementsFile tells a requirements file by its name; inside says that its
// folder is one of requirements.
func requirementsFile(name string, inside bool) bool {
	ext := path.Ext(name)
	if ext != ".txt" && ext != ".in" && ext != ".pip" {
		return false
	}
	return inside || strings.Contains(strings.ToLower(name), "requirements") || strings.HasPrefix(name, "reqs")
}

// requirements reads a requirements file and those that it includes.
func (r *packageReader) requirements(name string, dev bool, depth int) {
	if depth > 8 {
		return
	}
	r.with(name, func(name string, src []byte) error {
		text, err := plainText(src)
		if err != nil {
			return err
		}
		for line, s := range joinedLines(text) {
			if m := includes.FindStringSubmatch(s); m != nil {
				target := path.Join(path.Dir(name), m[1])
				if within(target, "..") || path.IsAbs(m[1]) {
					continue
				}
				r.requirements(target, dev, depth+1)
				continue
			}
			if m := constrains().FindStringSubmatch(s); m != nil {
				r.constraints(path.Join(path.Dir(name), m[1]))
				continue
			}
			if q, ok := requirement(s); ok {
				q.Path, q.Line = name, line
				r.add(q, dev)
			}
		}
		return nil
	})
}

var constrains = lazy(`^(?:-c|--constraint)[ =]*(\S+)$`)

// constraints reads the versions of a constraints file.
func (r *packageReader) constraints(name string) {
	r.with(name, func(name string, src []byte) error {
		text, err := plainText(src)
		if err != nil {
			return err
		}
		if r.pins == nil {
			r.pins = map[string]string{}
		}
		for _, s := range joinedLines(text) {
			if q, ok := requirement(s); ok && exactly(q.Spec) != "" {
				r.pins[q.Name] = exactly(q.Spec)
				if x := r.out.list[q.Name]; x != nil && x.Exact == "" {
					x.Exact = r.pins[q.Name]
				}
			}
		}
		return nil
	})
}

// requirement reads one requirement, with its markers and hashes.
func requirement(s string) (Req, bool) {
	for _, option := range []string{" --hash", " --global-option", " --config-settings"} {
		s, _, _ = strings.Cut(s, option)
	}
	return parseReq(strings.TrimSpace(s))
}

// joinedLines are the lines of a requirements file without comments, by the
// number of the first where one goes on with a backslash.
func joinedLines(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		held, from := "", 0
		for i, line := range strings.Split(text, "\n") {
			line = strings.TrimSpace(line)
			if held == "" {
				from = i + 1
			}
			if rest, more := strings.CutSuffix(line, `\`); more && !strings.HasPrefix(line, "#") {
				held += rest
				continue
			}
			line, held = held+line, ""
			if j := strings.Index(line, " #"); j >= 0 {
				line = line[:j]
			}
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			if !yield(from, line) {
				return
			}
		}
		if held != "" {
			yield(from, strings.TrimSpace(held))
		}
	}
}

// plainText decodes UTF-8, and the UTF-16 that PowerShell's > writes.
func plainText(src []byte) (string, error) {
	big := bytes.HasPrefix(src, []byte{0xfe, 0xff})
	if big || bytes.HasPrefix(src, []byte{0xff, 0xfe}) {
		src = src[2:]
	} else if i := bytes.IndexByte(src, 0); i < 0 {
		if !utf8.Valid(src) {
			return "", errors.New("is not UTF-8")
		}
		return strings.TrimPrefix(string(src), "\ufeff"), nil
	} else {
		big = i%2 == 0
	}
	units := make([]uint16, 0, len(src)/2)
	for i := 0; i+1 < len(src); i += 2 {
		a, b := uint16(src[i]), uint16(src[i+1])
		if big {
			a, b = b, a
		}
		units = append(units, b<<8|a)
	}
	return string(utf16.Decode(units)), nil
}

var (
	lockName    = lazy(`^name = "([^"]+)"`)
	lockVersion = lazy(`^version = "([^"]+)"`)
)

// tomlLock reads uv.lock, poetry.lock or pdm.lock by line: machines write them
// alike, and they are long.
func (r *packageReader) tomlLock(file string, src []byte) error {
	name, at := "", 0
	for i, line := range strings.Split(string(src), "\n") {
		if strings.HasPrefix(line, "[") {
			name = ""
		}
		if m := lockName().FindStringSubmatch(line); m != nil {
			name, at = m[1], i+1
		}
		if m := lockVersion().FindStringSubmatch(line); m != nil && name != "" {
			r.lock(name, m[1], file, at, false)
			name = ""
		}
	}
	r.out.locked = true
	return nil
}

func (r *packageReader) pipfileLock(file string, src []byte) error {
	var groups map[string]json.RawMessage
	if err := json.Unmarshal(src, &groups); err != nil {
		return err
	}
	for _, group := range []string{"default", "develop"} {
		var entries map[string]struct{ Version string }
		if err := json.Unmarshal(groups[group], &entries); err != nil {
			continue
		}
		for name, e := range entries {
			at := bytes.Index(src, []byte(`"`+name+`"`))
			r.lock(name, strings.TrimLeft(e.Version, "="), file, Line(src, max(at, 0)), group == "develop")
		}
	}
	r.out.locked = true
	return nil
}

var cfgSection = lazy(`^\[([^\]]+)\]`)

// setupCfg reads install_requires of [options].
func (r *packageReader) setupCfg(file string, src []byte) error {
	section, inside := "", false
	for i, line := range strings.Split(string(src), "\n") {
		if m := cfgSection().FindStringSubmatch(line); m != nil {
			section, inside = m[1], false
			continue
		}
		if line != "" && line[0] != ' ' && line[0] != '\t' && line[0] != '#' {
			key, value, _ := strings.Cut(line, "=")
			inside = section == "options" && strings.TrimSpace(key) == "install_requires"
			line = value
		}
		if !inside {
			continue
		}
		line, _, _ = strings.Cut(line, " #")
		if q, ok := requirement(line); ok {
			q.Path, q.Line = file, i+1
			r.add(q, false)
		}
	}
	return nil
}

// setupPy reads the literal install_requires of setup().
func (r *packageReader) setupPy(file string, src []byte) error {
	m, err := pysrc.Parse(src)
	if err != nil {
		return err
	}
	vars := map[string]*pysrc.Node{}
	pysrc.Walk(m.Stmts, func(s *pysrc.Stmt) {
		if s.Kind == pysrc.SAssign && s.Targets[0].Kind == pysrc.Name {
			vars[s.Targets[0].Name] = s.Value
		}
	}, nil)
	pysrc.Walk(m.Stmts, nil, func(n *pysrc.Node) {
		if n.Kind != pysrc.KwArg || n.Name != "install_requires" {
			return
		}
		list := n.Kids[0].Unparen()
		if list.Kind == pysrc.Name && vars[list.Name] != nil {
			list = vars[list.Name].Unparen()
		}
		if !slices.Contains([]pysrc.NodeKind{pysrc.List, pysrc.Tuple}, list.Kind) {
			return
		}
		for _, k := range list.Kids {
			if s, ok := m.StrValue(k); ok {
				if q, ok := requirement(s); ok {
					q.Path, q.Line = file, Line(src, k.S)
					r.add(q, false)
				}
			}
		}
	})
	return nil
}
