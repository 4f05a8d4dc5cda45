package pysrc

func (s *Stmt) add(n ...*Node) { s.Exprs = append(s.Exprs, n...) }

// compound reads a compound statement; nil where there is none.
func (p *parser) compound() *Stmt {
	key := p.word()
	switch key {
	case "if", "while", "for", "try", "with", "def", "class", "@", "async":
	case "match":
		if !p.matchAhead() {
			return nil
		}
	default:
		return nil
	}
	s := &Stmt{Kind: SCompound, S: p.start(), Depth: p.depth, Compound: &Compound{}}
	p.decorators(s)
	head := p.start()
	s.Async = p.accept("async")
	if s.Async && !p.is("def") && !p.is("for") && !p.is("with") {
		p.fail("expected def, for or with after async, found %s", p.found())
	}
	s.Key = p.word()
	if len(s.Decorators) > 0 && s.Key != "def" && s.Key != "class" {
		p.fail("expected def or class after a decorator, found %s", p.found())
	}
	b := p.header()
	b.S = head
	switch s.Key {
	case "if", "while":
		p.ifWhile(s, b)
	case "for":
		p.forIn(s, b)
	case "try":
		p.try(s, b)
	case "with":
		p.withItems(s)
		p.block(s, b)
	case "def":
		p.def(s, b)
	case "class":
		s.Name = p.ident()
		p.typeParams(s)
		if p.is("(") {
			s.Bases = p.args()
			s.add(s.Bases...)
		}
		p.block(s, b)
	case "match":
		p.match(s)
	}
	s.E = p.blockEnd()
	s.share()
	return s
}

// header begins a block at its keyword.
func (p *parser) header() Block {
	b := Block{Key: p.word(), S: p.start()}
	p.i++
	return b
}

// share makes the blocks slices of Body, which may have moved as it grew.
func (s *Stmt) share() {
	at := 0
	for i := range s.Blocks {
		n := at + len(s.Blocks[i].Body)
		s.Blocks[i].Body = s.Body[at:n:n]
		at = n
	}
}

// blockEnd is the end of the last token that stands for itself.
func (p *parser) blockEnd() int {
	j := p.i - 1
	for p.toks[j].Kind == NEWLINE || p.toks[j].Kind == DEDENT {
		j--
	}
	return int(p.toks[j].E)
}

func (p *parser) decorators(s *Stmt) {
	for p.accept("@") {
		s.Decorators = append(s.Decorators, p.named())
		p.endLine()
	}
	s.add(s.Decorators...)
}

// condition reads the expression of a header.
func (p *parser) condition(s *Stmt, b *Block, n *Node) {
	b.Exprs = []*Node{n}
	s.add(n)
}

func (p *parser) ifWhile(s *Stmt, b Block) {
	p.condition(s, &b, p.named())
	p.block(s, b)
	for s.Key == "if" && p.is("elif") {
		b := p.header()
		p.condition(s, &b, p.named())
		p.block(s, b)
	}
	p.elseBlock(s)
}

func (p *parser) forIn(s *Stmt, b Block) {
	s.Target = markStore(p.targetList())
	p.expect("in")
	s.Iter = p.exprList(p.starTest)
	s.add(s.Target, s.Iter)
	p.block(s, b)
	p.elseBlock(s)
}

func (p *parser) def(s *Stmt, b Block) {
	s.Name = p.ident()
	p.typeParams(s)
	p.expect("(")
	s.Params = p.params(")", true)
	for _, a := range s.Params {
		s.add(a.nodes()...)
	}
	p.expect(")")
	if p.accept("->") {
		s.Returns = p.test()
		s.add(s.Returns)
	}
	p.block(s, b)
}

func (p *parser) elseBlock(s *Stmt) {
	if p.is("else") {
		p.block(s, p.header())
	}
}

func (p *parser) try(s *Stmt, b Block) {
	p.block(s, b)
	handled, groups := false, false
	for p.is("except") {
		b := p.header()
		b.Star = p.accept("*")
		if handled && b.Star != groups {
			p.fail("except and except* in one try")
		}
		handled, groups = true, b.Star
		if b.Star || !p.is(":") {
			p.except(s, &b)
		}
		p.block(s, b)
	}
	if handled {
		p.elseBlock(s)
	}
	if p.is("finally") {
		p.block(s, p.header())
	} else if !handled {
		p.fail("expected except or finally, found %s", p.found())
	}
}

// except reads the exception of a handler and its name.
func (p *parser) except(s *Stmt, b *Block) {
	n := p.exprList(p.test)
	p.condition(s, b, n)
	if p.accept("as") {
		if n.Kind == Tuple && p.f.Src[n.S] != '(' {
			p.fail("several exceptions need parentheses before as")
		}
		b.Name = p.ident()
	}
}

// ownParens says whether the parentheses after with are the statement's, around
// its items, and not those of a tuple or another expression.
func (p *parser) ownParens() bool {
	end := int(p.toks[p.i].Match)
	if !p.is("(") || p.wordAt(end+1) != ":" {
		return false
	}
	several := false
	for j := p.i + 1; j < end; j++ {
		if m := int(p.toks[j].Match); m > j {
			j = m
			continue
		}
		switch p.wordAt(j) {
		case "as":
			return true
		case ",":
			several = true
		case ":=", "for", "yield":
			return false
		case "*":
			if before := p.wordAt(j - 1); before == "," || j == p.i+1 {
				return false
			}
		}
	}
	return several
}

func (p *parser) withItems(s *Stmt) {
	paren := p.ownParens()
	if paren {
		p.i++
	}
	for {
		item := WithItem{Expr: p.test()}
		s.add(item.Expr)
		if p.accept("as") {
			item.As = markStore(p.target())
			s.add(item.As)
		}
		s.Items = append(s.Items, item)
		if !p.accept(",") || paren && p.is(")") {
			break
		}
	}
	if paren {
		p.expect(")")
	}
}

// typeParams reads [T: int = str, *Ts, **P] (PEP 695, PEP 696).
func (p *parser) typeParams(s *Stmt) {
	if !p.accept("[") {
		return
	}
	for {
		star := p.accept("*")
		if !star && !p.accept("**") {
			p.ident()
			if p.accept(":") {
				s.add(p.test())
			}
		} else {
			p.ident()
		}
		if p.accept("=") {
			if star {
				s.add(p.starTest())
			} else {
				s.add(p.test())
			}
		}
		if !p.accept(",") || p.is("]") {
			break
		}
	}
	p.expect("]")
}

// params reads the parameters of a def or a lambda up to its closing token.
func (p *parser) params(closing string, annotated bool) []Param {
	var out []Param
	star, slash, defaults := false, false, false
	for first := true; !p.is(closing); first = false {
		if p.accept("**") {
			out = append(out, p.param(ParamStar2, annotated, p.test))
			p.accept(",")
			break
		}
		switch {
		case p.is("/"):
			if first || star || slash {
				p.fail("a / can't stand here")
			}
			slash = true
			p.i++
			for i := range out {
				out[i].Kind = ParamPos
			}
		case p.is("*"):
			if star {
				p.fail("a second * among the parameters")
			}
			star = true
			p.i++
			if p.bareStar(closing) {
				break
			}
			out = append(out, p.param(ParamStar, annotated, p.starTest))
		default:
			kind := ParamNormal
			if star {
				kind = ParamKwOnly
			}
			a := p.param(kind, annotated, p.test)
			if p.accept("=") {
				defaults = true
				a.Default = p.test()
			} else if defaults && !star {
				p.fail("a parameter without a default after one with a default")
			}
			out = append(out, a)
		}
		if !p.accept(",") {
			break
		}
	}
	return out
}

// param reads a parameter's name and its annotation.
func (p *parser) param(kind ParamKind, annotated bool, ann func() *Node) Param {
	a := Param{Kind: kind, S: p.start(), Name: p.ident()}
	if annotated && p.accept(":") {
		a.Ann = ann()
	}
	return a
}

// bareStar says whether the * of a parameter list stands alone; a parameter
// must follow it then.
func (p *parser) bareStar(closing string) bool {
	if !p.is(",") && !p.is(closing) {
		return false
	}
	if p.is(closing) || p.toks[p.i+1].Kind != NAME {
		p.fail("expected a parameter after the bare *")
	}
	return true
}
