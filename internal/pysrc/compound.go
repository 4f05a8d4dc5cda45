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
	s := &Stmt{Kind: SCompound, S: p.start(), Depth: p.depth}
	p.decorators(s)
	if p.accept("async") && !p.is("def") && !p.is("for") && !p.is("with") {
		p.fail("expected def, for or with after async, found %s", p.found())
	}
	s.Key = p.word()
	if len(s.Exprs) > 0 && s.Key != "def" && s.Key != "class" {
		p.fail("expected def or class after a decorator, found %s", p.found())
	}
	p.i++
	switch s.Key {
	case "if", "while":
		p.ifWhile(s)
	case "for":
		s.add(markStore(p.targetList()))
		p.expect("in")
		s.add(p.exprList(p.starTest))
		p.block(s)
		p.elseBlock(s)
	case "try":
		p.try(s)
	case "with":
		p.withItems(s)
		p.block(s)
	case "def":
		s.Name = p.ident()
		p.typeParams(s)
		p.expect("(")
		s.add(p.params(")", true)...)
		p.expect(")")
		if p.accept("->") {
			s.add(p.test())
		}
		p.block(s)
	case "class":
		s.Name = p.ident()
		p.typeParams(s)
		if p.is("(") {
			s.add(p.args()...)
		}
		p.block(s)
	case "match":
		p.match(s)
	}
	s.E = p.blockEnd()
	return s
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
		s.add(p.named())
		p.endLine()
	}
}

func (p *parser) ifWhile(s *Stmt) {
	s.add(p.named())
	p.block(s)
	for s.Key == "if" && p.accept("elif") {
		s.add(p.named())
		p.block(s)
	}
	p.elseBlock(s)
}

func (p *parser) elseBlock(s *Stmt) {
	if p.accept("else") {
		p.block(s)
	}
}

func (p *parser) try(s *Stmt) {
	p.block(s)
	handled, groups := false, false
	for p.accept("except") {
		star := p.accept("*")
		if handled && star != groups {
			p.fail("except and except* in one try")
		}
		handled, groups = true, star
		if star || !p.is(":") {
			n := p.exprList(p.test)
			s.add(n)
			if p.accept("as") {
				if n.Kind == Tuple && p.f.Src[n.S] != '(' {
					p.fail("several exceptions need parentheses before as")
				}
				p.ident()
			}
		}
		p.block(s)
	}
	if handled {
		p.elseBlock(s)
	}
	if p.accept("finally") {
		p.block(s)
	} else if !handled {
		p.fail("expected except or finally, found %s", p.found())
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
		s.add(p.test())
		if p.accept("as") {
			s.add(markStore(p.target()))
		}
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

// params reads the parameters of a def or a lambda up to its closing token, and
// gives their annotations and defaults.
func (p *parser) params(closing string, annotated bool) []*Node {
	var out []*Node
	star, slash, defaults := false, false, false
	for first := true; !p.is(closing); first = false {
		if p.accept("**") {
			p.ident()
			if annotated && p.accept(":") {
				out = append(out, p.test())
			}
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
		case p.is("*"):
			if star {
				p.fail("a second * among the parameters")
			}
			star = true
			p.i++
			out = append(out, p.starParam(closing, annotated)...)
		default:
			p.ident()
			if annotated && p.accept(":") {
				out = append(out, p.test())
			}
			if p.accept("=") {
				defaults = true
				out = append(out, p.test())
			} else if defaults && !star {
				p.fail("a parameter without a default after one with a default")
			}
		}
		if !p.accept(",") {
			break
		}
	}
	return out
}

// starParam reads what follows the * of a parameter list.
func (p *parser) starParam(closing string, annotated bool) []*Node {
	if p.is(",") || p.is(closing) {
		if p.is(closing) || p.toks[p.i+1].Kind != NAME {
			p.fail("expected a parameter after the bare *")
		}
		return nil
	}
	p.ident()
	if annotated && p.accept(":") {
		return []*Node{p.starTest()}
	}
	return nil
}
