package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// statement is the statement of a module that stands at a place.
func statement(at pyeval.Place) *pysrc.Stmt {
	if at.IsZero() {
		return nil
	}
	var found *pysrc.Stmt
	pysrc.Walk(at.Src.Mod.Stmts, func(s *pysrc.Stmt) {
		if s.S <= at.S && at.E <= s.E && s.Kind != pysrc.SCompound {
			found = s
		}
	}, nil)
	return found
}

// plainAssign is the one assignment of a finding's setting, where a simple
// NAME = value at the place of the finding is all that sets it.
func (p *Project) plainAssign(f *Finding) *pysrc.Stmt {
	s := statement(f.At)
	if s == nil || s.Kind != pysrc.SAssign || len(s.Targets) != 1 || s.Targets[0].Kind != pysrc.Name || s.Targets[0].Name != head(f.Setting) {
		return nil
	}
	set := p.Result.Get(head(f.Setting))
	if set == nil || set.Decides() != (pyeval.Place{Src: f.At.Src, S: s.S, E: s.E}) {
		return nil
	}
	return s
}

// dropLine removes all that sets and changes a setting that does nothing. It
// isn't safe where one of the statements does something else too, or the name
// is used elsewhere in the settings.
func dropLine(p *Project, f *Finding) (list []correction, ok bool) {
	set := p.Result.Get(f.Setting)
	if set == nil {
		return nil, false
	}
	var gone []pyeval.Place
	for _, c := range set.Changes {
		s := statement(c.Place)
		if s == nil || !changesOnly(s, f.Setting) {
			return nil, false
		}
		at := pyeval.Place{Src: c.Src, S: s.S, E: s.E}
		if slices.Contains(gone, at) {
			continue
		}
		e, err := c.Src.Mod.Delete(s)
		if err != nil {
			return nil, false
		}
		list, gone = append(list, correction{c.Src, e}), append(gone, at)
	}
	for _, src := range p.settingFiles() {
		if speaksOf(src, f.Setting, gone) {
			return nil, false
		}
	}
	return list, len(list) > 0
}

// changesOnly reports whether a statement sets or changes one name and nothing
// else.
func changesOnly(s *pysrc.Stmt, name string) bool {
	is := func(n *pysrc.Node) bool { return n.Kind == pysrc.Name && n.Name == name }
	switch s.Kind {
	case pysrc.SAssign, pysrc.SAug, pysrc.SAnn:
		return len(s.Targets) == 1 && (is(s.Targets[0]) || s.Targets[0].Kind == pysrc.Sub && is(s.Targets[0].Kids[0]))
	case pysrc.SExpr:
		v := s.Value
		return v.Kind == pysrc.Call && v.Kids[0].Kind == pysrc.Attr && is(v.Kids[0].Kids[0])
	}
	return false
}

// speaksOf reports whether a file has a name outside some places of it: as a
// name, in an import, or in a text.
func speaksOf(src *pyeval.Source, name string, but []pyeval.Place) bool {
	for _, t := range src.Mod.Toks {
		text := string(src.Mod.Src[t.S:t.E])
		switch t.Kind {
		case pysrc.NAME:
			if text != name {
				continue
			}
		case pysrc.STRING, pysrc.FSTRING:
			if !strings.Contains(text, name) {
				continue
			}
		default:
			continue
		}
		if !slices.ContainsFunc(but, func(at pyeval.Place) bool {
			return at.Path() == src.Path && at.S <= int(t.S) && int(t.E) <= at.E
		}) {
			return true
		}
	}
	return false
}

// settingFiles are the files in which settings are set, in order.
func (p *Project) settingFiles() []*pyeval.Source {
	var list []*pyeval.Source
	seen := map[string]bool{}
	for _, name := range p.Result.Order {
		for _, c := range p.Result.Settings[name].Changes {
			if c.Src != nil && !seen[c.Src.Path] {
				seen[c.Src.Path] = true
				list = append(list, c.Src)
			}
		}
	}
	return list
}

// setTo writes another value into the assignment that decides, where what
// stands there is a literal.
func setTo(value string) fixer {
	return func(p *Project, f *Finding) ([]correction, bool) {
		s := p.plainAssign(f)
		if s == nil {
			return nil, false
		}
		if _, ok := f.At.Src.Mod.Literal(s.Value); !ok {
			return nil, false
		}
		n := s.Value.Unparen() // a comment may stand in the brackets
		return []correction{{f.At.Src, pysrc.Edit{S: n.S, E: n.E, New: value}}}, true
	}
}

// unquoteBool makes True of "True" and False of "False".
func unquoteBool(p *Project, f *Finding) ([]correction, bool) {
	s := p.plainAssign(f)
	if s == nil {
		return nil, false
	}
	text, ok := f.At.Src.Mod.StrValue(s.Value)
	if !ok {
		return nil, false
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1", "yes", "on":
		text = "True"
	case "false", "0", "no", "off":
		text = "False"
	default:
		return nil, false
	}
	n := s.Value.Unparen() // a comment may stand in the brackets
	return []correction{{f.At.Src, pysrc.Edit{S: n.S, E: n.E, New: text}}}, true
}

// fixers are the corrections that are safe, by the name of the rule: what they
// leave is what the line was surely meant to say, or a line less that did
// nothing. Where behaviour is a decision (redirects, DEBUG), there is none.
var fixers = map[string]fixer{
	"setting-removed":         dropLine,
	"setting-misspelt":        rename,
	"key-misspelt":            renameKey,
	"rest-unknown-key":        renameKey,
	"jwt-unknown-key":         renameKey,
	"string-for-boolean":      unquoteBool,
	"switch-from-string":      readSwitch,
	"debug-on":                readSwitch,
	"cors-open":               readSwitch,
	"hosts-that-never-match":  readList,
	"cors-origins-broken":     readList,
	"csrf-origins-broken":     readList,
	"axes-removed-setting":    dropLine,
	"session-cookie-insecure": setTo("True"),
	"csrf-cookie-insecure":    setTo("True"),
	"session-cookie-readable": setTo("True"),
	"sniffing-allowed":        setTo("True"),
	"frame-options-broken":    setTo(`"DENY"`),
	"hsts-preload-refused":    setTo("False"),
}

// rename gives a misspelt setting the name that was meant, wherever it stands. It isn't safe where that name is taken, or the wrong one stands in
// a text.
func rename(p *Project, f *Finding) (list []correction, ok bool) {
	name := p.unknownNames()[f.Setting]
	if name == "" || p.Result.Get(name) != nil {
		return nil, false
	}
	for _, src := range p.settingFiles() {
		for _, t := range src.Mod.Toks {
			text := string(src.Mod.Src[t.S:t.E])
			switch {
			case t.Kind == pysrc.NAME && text == f.Setting:
				list = append(list, correction{src, pysrc.Edit{S: int(t.S), E: int(t.E), New: name}})
			case t.Kind == pysrc.NAME && text == name,
				(t.Kind == pysrc.STRING || t.Kind == pysrc.FSTRING) && strings.Contains(text, f.Setting):
				return nil, false
			}
		}
	}
	return list, len(list) > 0
}

// renameKey gives a misspelt key of a dict display the name that the finding's
// fix has.
func renameKey(_ *Project, f *Finding) (list []correction, ok bool) {
	m := keyFix().FindStringSubmatch(f.Fix)
	if m == nil || f.At.IsZero() {
		return nil, false
	}
	mod := f.At.Src.Mod
	pysrc.Walk(mod.Stmts, nil, func(n *pysrc.Node) {
		for _, pair := range n.Pairs() {
			if pair.Key == nil || pair.Key.S != f.At.S || pair.Key.E != f.At.E {
				continue
			}
			e, err := mod.SetString(pair.Key, m[1])
			list, ok = []correction{{f.At.Src, e}}, err == nil
		}
	})
	return list, ok
}

// keyFix is how rules write the fix of a key: # "OLD" -> "NEW", or
// SETTING["NEW"] = ...
var keyFix = lazy(`^(?:# "\w+" -> "|\w+\[")(\w+)"(?:\] = \.\.\.)?$`)

// readSwitch makes a truth value of what a variable says: bool(os.getenv(...)),
// or the variable alone.
func readSwitch(p *Project, f *Finding) ([]correction, bool) {
	s := p.plainAssign(f)
	if s == nil {
		return nil, false
	}
	m := f.At.Src.Mod
	n := s.Value.Unparen()
	if n.Kind == pysrc.Call && n.Kids[0].Kind == pysrc.Name && n.Kids[0].Name == "bool" && len(n.Kids) == 2 {
		n = n.Kids[1].Unparen()
	}
	if !looksAtVariable(m, n) {
		return nil, false
	}
	code := `str(` + m.Text(n) + `).lower() in ("1", "true", "yes", "on")`
	return []correction{{f.At.Src, pysrc.Edit{S: s.Value.S, E: s.Value.E, New: code}}}, true
}

// looksAtVariable reports whether an expression is a look at os.environ.
func looksAtVariable(m *pysrc.Module, n *pysrc.Node) bool {
	if n.Kind != pysrc.Call && n.Kind != pysrc.Sub {
		return false
	}
	switch m.Scope().Resolve(n.Kids[0]) {
	case "os.getenv", "os.environ.get", "os.environ":
		return true
	}
	return false
}

// readList makes a list without empty items of what a variable says.
func readList(p *Project, f *Finding) ([]correction, bool) {
	s := p.plainAssign(f)
	if s == nil {
		return nil, false
	}
	n := s.Value.Unparen()
	if n.Kind != pysrc.Call || n.Kids[0].Kind != pysrc.Attr || n.Kids[0].Name != "split" || len(n.Kids) != 2 || !looksAtVariable(f.At.Src.Mod, n.Kids[0].Kids[0].Unparen()) {
		return nil, false
	}
	code := "[item.strip() for item in " + f.At.Src.Mod.Text(n) + " if item.strip()]"
	return []correction{{f.At.Src, pysrc.Edit{S: s.Value.S, E: s.Value.E, New: code}}}, true
}
