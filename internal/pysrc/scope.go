package pysrc

import "strings"

// Scope says where the names of a file come from, as far as its imports tell.
// Imports within blocks and functions count like those of the module.
type Scope struct {
	Alias map[string]string // local name to dotted origin
	Star  []string          // modules of "from X import *"
}

// Scope reads the imports of m, and the module-level names that are given an
// attribute of something else (join = os.path.join).
func (m *Module) Scope() *Scope {
	sc := &Scope{Alias: map[string]string{}}
	Walk(m.Stmts, sc.addImports, nil)
	for _, s := range m.Stmts {
		if s.Kind != SAssign || len(s.Targets) != 1 || s.Targets[0].Kind != Name || s.Value.Kind != Attr {
			continue
		}
		if q := sc.Resolve(s.Value); q != "" {
			sc.Alias[s.Targets[0].Name] = q
		}
	}
	return sc
}

func (sc *Scope) addImports(s *Stmt) {
	if s.Kind == SOther {
		return
	}
	for _, a := range s.Names {
		switch {
		case a.Name == "*":
			sc.Star = append(sc.Star, s.Module)
		case s.Kind == SImport && a.As == "":
			sc.Alias[a.Local(SImport)] = a.Local(SImport)
		default:
			sc.Alias[a.Local(s.Kind)] = s.origin(a)
		}
	}
}

// origin is the dotted name that an import brings in: ".a.b" for "from .a
// import b".
func (s *Stmt) origin(a Alias) string {
	switch {
	case s.Kind == SImport:
		return a.Name
	case strings.HasSuffix(s.Module, "."):
		return s.Module + a.Name
	}
	return s.Module + "." + a.Name
}

// Resolve gives the dotted origin of a name or of attributes of one, "" for
// anything else. A name that no import binds is its own origin.
func (sc *Scope) Resolve(n *Node) string {
	var attrs []string
	for {
		switch n.Kind {
		case Paren:
			n = n.Kids[0]
		case Attr:
			attrs = append(attrs, n.Name)
			n = n.Kids[0]
		case Name:
			q := n.Name
			if o, ok := sc.Alias[q]; ok {
				q = o
			}
			for i := len(attrs) - 1; i >= 0; i-- {
				q += "." + attrs[i]
			}
			return q
		default:
			return ""
		}
	}
}
