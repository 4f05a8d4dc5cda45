package pysrc

// primary reads an atom with its attributes, calls and subscripts.
func (p *parser) primary() *Node {
	s := p.start()
	n := p.atom()
	for {
		switch p.word() {
		case ".":
			p.i++
			name := p.ident()
			n = p.nodeNamed(Attr, s, name, n)
		case "(":
			args := p.args()
			n = p.node(Call, s, append([]*Node{n}, args...)...)
		case "[":
			p.i++
			index := p.subscripts()
			p.expect("]")
			n = p.node(Sub, s, n, index)
		default:
			return n
		}
	}
}

// subscripts reads what stands between [ and ]: a tuple where there is a comma
// or a single *item.
func (p *parser) subscripts() *Node {
	s := p.start()
	n := p.subscript()
	if !p.is(",") && n.Kind != Star {
		return n
	}
	kids := []*Node{n}
	for p.accept(",") && !p.is("]") {
		kids = append(kids, p.subscript())
	}
	return p.node(Tuple, s, kids...)
}

func (p *parser) subscript() *Node {
	s := p.start()
	if p.accept("*") {
		return p.node(Star, s, p.test())
	}
	var kids []*Node
	var parts uint8
	if !p.is(":") {
		n := p.named()
		if !p.is(":") || n.Kind == Walrus {
			return n
		}
		kids = append(kids, n)
		parts = sliceLo
	}
	for part := uint8(sliceHi); part <= sliceStep && p.accept(":"); part <<= 1 {
		if !p.is(":") && !p.is(",") && !p.is("]") {
			kids = append(kids, p.test())
			parts |= part
		}
	}
	n := p.node(Slice, s, kids...)
	n.parts = parts
	return n
}

// args reads the arguments of a call or the bases of a class, with their
// parentheses.
func (p *parser) args() []*Node {
	p.expect("(")
	var out []*Node
	keyword, mapping, bare := false, false, -1
	for !p.is(")") {
		s := p.start()
		switch {
		case p.is("*"):
			if mapping {
				p.fail("a * argument after a ** argument")
			}
			p.i++
			out = append(out, p.node(Star, s, p.test()))
		case p.accept("**"):
			mapping = true
			out = append(out, p.node(Star2, s, p.test()))
		case p.kind() == NAME && p.wordAt(p.i+1) == "=":
			keyword = true
			name := p.ident()
			p.i++
			out = append(out, p.nodeNamed(KwArg, s, name, p.test()))
		default:
			if keyword || mapping {
				p.fail("a positional argument after a keyword argument")
			}
			n := p.named()
			if p.atComp() {
				bare = s
				n = p.comp("gen", s, n)
			}
			out = append(out, n)
		}
		if !p.accept(",") {
			break
		}
	}
	if bare >= 0 && (len(out) > 1 || p.wordAt(p.i-1) == ",") {
		panic(fault{bare, "a generator beside other arguments needs parentheses"})
	}
	p.expect(")")
	return out
}

func (p *parser) atComp() bool {
	return p.is("for") || p.is("async") && p.wordAt(p.i+1) == "for"
}

// comp reads the for clauses after the element of a comprehension.
func (p *parser) comp(kind string, s int, kids ...*Node) *Node {
	var clauses []Clause
	for p.atComp() {
		c := Clause{Async: p.accept("async")}
		p.i++
		c.Target = markStore(p.targetList())
		p.expect("in")
		c.Iter = p.binary(precOr)
		for p.accept("if") {
			c.Ifs = append(c.Ifs, p.binary(precOr))
		}
		kids = append(append(kids, c.Target, c.Iter), c.Ifs...)
		clauses = append(clauses, c)
	}
	n := p.nodeNamed(Comp, s, kind, kids...)
	n.inside = &inside{clauses: clauses}
	return n
}

// closed moves past the bracket that ends n and takes it into its range.
func (p *parser) closed(n *Node, bracket string) *Node {
	p.expect(bracket)
	n.E = p.end()
	return n
}

func (p *parser) atom() *Node {
	p.enter()
	defer p.leave()
	s := p.start()
	switch p.kind() {
	case NAME:
		x := p.word()
		if keywords[x] && x != "None" && x != "True" && x != "False" {
			p.fail("expected an expression, found %q", x)
		}
		p.i++
		return p.nodeNamed(Name, s, x)
	case NUMBER:
		p.i++
		return p.node(Num, s)
	case STRING, FSTRING:
		return p.strings()
	}
	switch p.word() {
	case "...":
		p.i++
		return p.node(Ellipsis, s)
	case "(":
		p.i++
		return p.parens(s)
	case "[":
		p.i++
		return p.list(s)
	case "{":
		p.i++
		return p.braces(s)
	}
	p.fail("expected an expression, found %s", p.found())
	return nil
}

// strings reads adjacent literals, which Python joins.
func (p *parser) strings() *Node {
	s, kind := p.start(), Str
	var bytes, text bool
	for ; p.kind() == STRING || p.kind() == FSTRING; p.i++ {
		if p.kind() == FSTRING {
			kind = FStr
		}
		b := isBytes(p.f.text[p.start():])
		bytes, text = bytes || b, text || !b
		if bytes && text {
			p.fail("a bytes literal beside a str literal")
		}
	}
	return p.node(kind, s)
}

// isBytes says whether a literal has a b in its prefix, which is the first or
// the second letter.
func isBytes(lit string) bool {
	return lit[0]|0x20 == 'b' || lit[0]|0x20 == 'r' && lit[1]|0x20 == 'b'
}

// parens reads a tuple, generator or parenthesised expression after its (.
func (p *parser) parens(s int) *Node {
	if p.accept(")") {
		return p.node(Tuple, s)
	}
	if p.is("yield") {
		return p.closed(p.node(Paren, s, p.yield()), ")")
	}
	n := p.starNamed()
	switch {
	case p.atComp():
		return p.closed(p.comp("gen", s, n), ")")
	case !p.is(","):
		if n.Kind == Star {
			panic(fault{n.S, "a * item needs a tuple, list or call around it"})
		}
		return p.closed(p.node(Paren, s, n), ")")
	}
	kids := []*Node{n}
	for p.accept(",") && !p.is(")") {
		kids = append(kids, p.starNamed())
	}
	return p.closed(p.node(Tuple, s, kids...), ")")
}

// list reads a list or list comprehension after its [.
func (p *parser) list(s int) *Node {
	var kids []*Node
	for !p.is("]") {
		n := p.starNamed()
		if len(kids) == 0 && p.atComp() {
			return p.closed(p.comp("list", s, n), "]")
		}
		kids = append(kids, n)
		if !p.accept(",") {
			break
		}
	}
	return p.closed(p.node(List, s, kids...), "]")
}

// braces reads a dict, a set or a comprehension of either after its {.
func (p *parser) braces(s int) *Node {
	kind := Dict
	var kids []*Node
	for first := true; !p.is("}"); first = false {
		item, k := p.braceItem()
		if first && p.atComp() {
			name := "set"
			if k == Dict {
				name = "dict"
			}
			return p.closed(p.comp(name, s, item...), "}")
		}
		if first {
			kind = k
		} else if k != kind {
			panic(fault{item[0].S, "an item of a dict among those of a set, or the reverse"})
		}
		kids = append(kids, item...)
		if !p.accept(",") {
			break
		}
	}
	return p.closed(p.node(kind, s, kids...), "}")
}

// braceItem reads **mapping, key: value or an element of a set.
func (p *parser) braceItem() ([]*Node, NodeKind) {
	s := p.start()
	if p.accept("**") {
		return []*Node{p.node(Star2, s, p.binary(precBitOr))}, Dict
	}
	n := p.starNamed()
	if n.Kind == Star || !p.accept(":") {
		return []*Node{n}, Set
	}
	return []*Node{n, p.test()}, Dict
}
