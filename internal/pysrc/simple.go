package pysrc

import "strings"

// simple reads one simple statement.
func (p *parser) simple() *Stmt {
	s := &Stmt{Kind: SOther, S: p.start(), Depth: p.depth, Compound: noCompound}
	if p.kind() == NAME {
		s.Key = p.word()
	}
	switch s.Key {
	case "pass", "break", "continue":
		p.i++
	case "return":
		p.i++
		if !p.atEnd() {
			s.add(p.exprList(p.starTest))
		}
	case "raise":
		p.i++
		if !p.atEnd() {
			s.add(p.test())
			if p.accept("from") {
				s.add(p.test())
			}
		}
	case "global", "nonlocal":
		p.i++
		for more := true; more; more = p.accept(",") {
			a := Alias{S: p.start(), Name: p.ident()}
			a.E = p.end()
			s.Names = append(s.Names, a)
		}
	case "del":
		p.i++
		for more := true; more; more = p.accept(",") && !p.atEnd() {
			s.add(markStore(deletable(assignable(p.binary(precBitOr)))))
		}
	case "assert":
		p.i++
		s.add(p.test())
		if p.accept(",") {
			s.add(p.test())
		}
	case "import":
		p.importNames(s)
	case "from":
		p.importFrom(s)
	default:
		if s.Key == "type" && p.typeAlias(s) {
			break
		}
		s.Key = ""
		p.exprStmt(s)
	}
	s.E = p.end()
	return s
}

// atEnd says whether the simple statement is over.
func (p *parser) atEnd() bool { return p.kind() == NEWLINE || p.is(";") }

func (p *parser) importNames(s *Stmt) {
	s.Kind, s.Key = SImport, ""
	p.i++
	for {
		a := Alias{S: p.start(), Name: p.dotted()}
		if p.accept("as") {
			a.As = p.ident()
		}
		a.E = p.end()
		s.Names = append(s.Names, a)
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) importFrom(s *Stmt) {
	s.Kind, s.Key = SFrom, ""
	p.i++
	var module strings.Builder
	for p.is(".") || p.is("...") {
		module.WriteString(p.word())
		p.i++
	}
	if module.Len() == 0 || !p.is("import") {
		module.WriteString(p.dotted())
	}
	s.Module = module.String()
	p.expect("import")
	if p.accept("*") {
		s.Names = []Alias{{Name: "*", S: p.end() - 1, E: p.end()}}
		return
	}
	paren := p.accept("(")
	for {
		a := Alias{S: p.start(), Name: p.ident()}
		if p.accept("as") {
			a.As = p.ident()
		}
		a.E = p.end()
		s.Names = append(s.Names, a)
		if !p.accept(",") || paren && p.is(")") {
			break
		}
	}
	if paren {
		p.expect(")")
	}
}

func (p *parser) dotted() string {
	name := p.ident()
	if !p.is(".") {
		return name
	}
	var b strings.Builder
	b.WriteString(name)
	for p.accept(".") {
		b.WriteByte('.')
		b.WriteString(p.ident())
	}
	return b.String()
}

// typeAlias reads type X = ... (PEP 695); type is a name like any other before
// anything else.
func (p *parser) typeAlias(s *Stmt) bool {
	name, next := p.toks[p.i+1], p.wordAt(p.i+2)
	if name.Kind != NAME || next != "=" && next != "[" || keywords[p.wordAt(p.i+1)] {
		return false
	}
	p.i++
	s.Name = p.ident()
	p.typeParams(s)
	p.expect("=")
	s.add(p.test())
	return true
}

func isAugmented(op string) bool {
	switch op {
	case "+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", ">>=", "<<=", "**=":
		return true
	}
	return false
}

func (p *parser) exprStmt(s *Stmt) {
	first := p.value()
	switch op := p.word(); {
	case op == ":":
		single(first)
		p.i++
		s.Kind, s.Targets = SAnn, []*Node{first}
		s.Ann = p.test()
		if p.accept("=") {
			s.Value = p.value()
		}
	case isAugmented(op):
		single(first)
		p.i++
		s.Kind, s.Op, s.Targets = SAug, op, []*Node{first}
		s.Value = p.value()
	case op == "=":
		s.Kind, s.Value = SAssign, first
		for p.accept("=") {
			s.Targets = append(s.Targets, markStore(assignable(s.Value)))
			s.Value = p.value()
		}
	default:
		s.Kind, s.Value = SExpr, first
	}
}

// value reads the right side of an assignment, or an expression statement.
func (p *parser) value() *Node {
	if p.is("yield") {
		return p.yield()
	}
	return p.exprList(p.starTest)
}

// single refuses what an augmented or annotated assignment can't set.
func single(n *Node) {
	if k := assignable(n).Unparen().Kind; k == Tuple || k == List || k == Star {
		panic(fault{n.S, "several targets where one is expected"})
	}
}

// assignable refuses what can't be assigned to, and gives n back.
func assignable(n *Node) *Node {
	switch n.Kind {
	case Attr, Sub:
		return n
	case Name:
		if !keywords[n.Name] {
			return n
		}
	case Paren, Star, Tuple, List:
		for _, k := range n.Kids {
			assignable(k)
		}
		return n
	}
	panic(fault{n.S, "this can't be assigned to"})
}

// deletable refuses stars in what can otherwise be assigned to, and gives n
// back.
func deletable(n *Node) *Node {
	switch n.Kind {
	case Star:
		panic(fault{n.S, "a * can't be deleted"})
	case Tuple, List, Paren:
		for _, k := range n.Kids {
			deletable(k)
		}
	}
	return n
}

// markStore marks the lists of an assignment's target, and gives n back.
func markStore(n *Node) *Node {
	switch n.Kind {
	case List, Tuple, Star, Paren:
		n.Pat = n.Kind == List
		for _, k := range n.Kids {
			markStore(k)
		}
	}
	return n
}
