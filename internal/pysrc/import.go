package pysrc

import (
	"fmt"
	"slices"
	"strings"
)

// InsertImport puts an import statement into the module: after the imports that
// begin the file, else after its docstring, else after the comment on its first
// lines. Names that the module imports already, at module level and under the
// same name, are left out; when none is left the edit is empty.
func (m *Module) InsertImport(code string) (Edit, error) {
	im, err := Parse([]byte(code))
	if err != nil {
		return Edit{}, fmt.Errorf("%q is not Python: %w", code, err)
	}
	if len(im.Stmts) != 1 || im.Stmts[0].Kind != SImport && im.Stmts[0].Kind != SFrom {
		return Edit{}, fmt.Errorf("%q is not one import statement", code)
	}
	s := im.Stmts[0]
	code = m.missing(s)
	if code == "" {
		return Edit{}, nil
	}
	head := m.head(s.Module == "__future__")
	for i := len(head) - 1; i >= 0; i-- {
		e, err := m.InsertStmtAfter(head[i], code)
		if err != nil {
			continue // its line goes on with another statement
		}
		if head[i].Kind == SExpr {
			e.New = m.spaced(e, head[i].S)
		}
		return e, nil
	}
	if len(head) > 0 {
		return Edit{}, m.refuse(head[0], "shares its line with another")
	}
	return m.afterHeader(code), nil
}

// missing is the import without the names that m imports already.
func (m *Module) missing(s *Stmt) string {
	var names []string
	for _, a := range s.Names {
		has := slices.ContainsFunc(m.Stmts, func(t *Stmt) bool {
			return t.Kind == s.Kind && t.Module == s.Module && slices.ContainsFunc(t.Names, func(b Alias) bool {
				return a.Name == b.Name && a.Local(s.Kind) == b.Local(t.Kind)
			})
		})
		if has {
			continue
		}
		if a.As != "" {
			names = append(names, a.Name+" as "+a.As)
		} else {
			names = append(names, a.Name)
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case s.Kind == SImport:
		return "import " + strings.Join(names, ", ")
	}
	return "from " + s.Module + " import " + strings.Join(names, ", ")
}

// head is the docstring, if any, and the imports right after it; only those
// from __future__ where future says so.
func (m *Module) head(future bool) []*Stmt {
	for i, s := range m.Stmts {
		doc := i == 0 && s.Kind == SExpr && s.Value.Kind == Str
		imports := s.Kind == SImport || s.Kind == SFrom
		if !doc && (!imports || future && s.Module != "__future__") {
			return m.Stmts[:i]
		}
	}
	return m.Stmts
}

// spaced is what e inserts after the docstring at off, with a blank line before
// it, and after it where code follows at once.
func (m *Module) spaced(e Edit, off int) string {
	eol := m.EOL(off)
	if e.S == len(m.Src) {
		return eol + e.New
	}
	if m.eol(e.S) == 0 {
		return eol + e.New + eol
	}
	return eol + e.New
}

// afterHeader inserts code after the comments that begin the file.
func (m *Module) afterHeader(code string) Edit {
	at := 0
	if m.BOM {
		at = len(utf8BOM)
	}
	eol := m.EOL(at)
	header := false
	for at < len(m.Src) && m.Src[at] == '#' {
		header = true
		at = m.lineEnd(at)
		at += m.eol(at)
	}
	code += eol
	if at < len(m.Src) && m.eol(at) == 0 {
		code += eol
	}
	if header {
		code = eol + code
		if m.lineStart(at) != at { // the header ends without a line end
			code = eol + code
		}
	}
	return Edit{at, at, code}
}
