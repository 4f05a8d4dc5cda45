package django

import (
	"bytes"
	"sort"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// MoveDown returns the edits that keep a settings module working one folder
// deeper: __file__-based paths climb one more step, relative imports too. A use
// of __file__ that can't be followed is a *Refusal.
func (s *Settings) MoveDown() ([]pysrc.Edit, error) {
	var edits []pysrc.Edit
	var bad *Refusal
	m := s.Src
	fail := func(n *pysrc.Node) {
		if bad == nil {
			bad = &Refusal{Path: s.Path, Line: Line(m.Src, n.S), Reason: "__file__ is used in a way that can't be followed, and the file moves", Manual: "Write it as Path(__file__).resolve().parent.parent, or with os.path.dirname."}
		}
	}
	up := parents(m.Stmts)
	pysrc.Walk(m.Stmts, func(st *pysrc.Stmt) {
		if st.Kind == pysrc.SFrom && len(st.Module) > 0 && st.Module[0] == '.' {
			dots := st.Module[:len(st.Module)-len(strings.TrimLeft(st.Module, "."))]
			at := st.S + bytes.IndexByte(m.Src[st.S:st.E], '.')
			if !bytes.HasPrefix(m.Src[at:], []byte(dots)) { // from . . x
				bad = &Refusal{Path: s.Path, Line: Line(m.Src, st.S), Reason: "a relative import with blanks between its dots", Manual: "Write the dots together."}
				return
			}
			edits = append(edits, pysrc.Edit{S: at, E: at + len(dots), New: dots + "."})
		}
	}, func(n *pysrc.Node) {
		switch {
		case n.Kind == pysrc.FStr && bytes.Contains(m.Src[n.S:n.E], []byte("__file__")):
			fail(n)
		case n.Kind == pysrc.Name && n.Name == "__file__":
			e, ok := s.climb(n, up)
			if !ok {
				fail(n)
				return
			}
			edits = append(edits, e...)
		}
	})
	if bad != nil {
		return nil, bad
	}
	sort.Slice(edits, func(i, j int) bool { return edits[i].S < edits[j].S })
	return edits, nil
}

func parents(stmts []*pysrc.Stmt) map[*pysrc.Node]*pysrc.Node {
	up := map[*pysrc.Node]*pysrc.Node{}
	pysrc.Walk(stmts, func(*pysrc.Stmt) {}, func(n *pysrc.Node) {
		for _, k := range n.Kids {
			up[k] = n
		}
	})
	return up
}

// climb follows __file__ outwards to the step that names a folder.
func (s *Settings) climb(n *pysrc.Node, up map[*pysrc.Node]*pysrc.Node) ([]pysrc.Edit, bool) {
	m := s.Src
	var folder *pysrc.Node // the outermost .parent or dirname() on the way
	pathlib := false
	for at := n; ; {
		p := up[at]
		if p == nil {
			break
		}
		step := s.step(p, at, pathlib)
		if step == stepNone {
			break
		}
		if step == stepPathlib {
			pathlib = true
		}
		if step == stepCount {
			num := p.Kids[1]
			i := s.eval(num)
			if i.Kind != Int || i.Int < 0 {
				return nil, false
			}
			return []pysrc.Edit{{S: num.S, E: num.E, New: strconv.FormatInt(i.Int+1, 10)}}, true
		}
		if step == stepFolder {
			folder = p
		}
		at = p
	}
	switch {
	case folder == nil:
		return nil, false
	case folder.Kind == pysrc.Attr:
		return []pysrc.Edit{{S: folder.E, E: folder.E, New: ".parent"}}, true
	}
	callee := string(m.Src[folder.Kids[0].S:folder.Kids[0].E])
	return []pysrc.Edit{{S: folder.S, E: folder.S, New: callee + "("}, {S: folder.E, E: folder.E, New: ")"}}, true
}

type climbStep uint8

const (
	stepNone    climbStep = iota
	stepSame              // the same place in another form: abspath, resolve, parentheses
	stepPathlib           // Path(...)
	stepFolder            // .parent, dirname()
	stepCount             // .parents[n], environ.Path(__file__) - n
)

func (s *Settings) step(p, at *pysrc.Node, pathlib bool) climbStep {
	switch p.Kind {
	case pysrc.Paren:
		return stepSame
	case pysrc.Attr:
		switch p.Name {
		case "parent":
			return stepFolder
		case "resolve", "absolute", "parents", "expanduser":
			return stepSame
		}
	case pysrc.Sub:
		if at.Kind == pysrc.Attr && at.Name == "parents" && p.Kids[0] == at && len(p.Kids) == 2 {
			return stepCount
		}
	case pysrc.Bin:
		if pathlib && p.Name == "-" && p.Kids[0] == at {
			return stepCount
		}
	case pysrc.Call:
		if p.Kids[0] == at {
			return stepSame // .resolve()
		}
		if len(p.Kids) != 2 {
			return stepNone
		}
		switch s.Scope.Resolve(p.Kids[0]) {
		case "pathlib.Path", "environ.Path":
			return stepPathlib
		case "os.path.abspath", "os.path.realpath", "os.path.normpath", "str":
			return stepSame
		case "os.path.dirname":
			return stepFolder
		}
	}
	return stepNone
}
