package pysrc

// matchAhead says whether match here begins a match statement: it is a name
// like any other unless a block of cases follows its line.
func (p *parser) matchAhead() bool {
	switch p.wordAt(p.i + 1) {
	case ":", "=", ".", ",":
		return false
	}
	j := p.i + 1
	for p.toks[j].Kind != NEWLINE {
		if p.toks[j].Kind == EOF {
			return false
		}
		j++
	}
	return p.wordAt(j-1) == ":" && p.toks[j+1].Kind == INDENT && p.wordAt(j+2) == "case"
}

func (p *parser) match(s *Stmt) {
	s.add(p.exprList(p.starNamed))
	p.expect(":")
	p.endLine()
	p.indent()
	for p.is("case") {
		b := p.header()
		b.PatS = p.start()
		p.patterns()
		b.Pattern = p.f.text[b.PatS:p.end()]
		if p.accept("if") {
			b.Guard = p.named()
			s.add(b.Guard)
		}
		p.block(s, b)
	}
	if p.kind() != DEDENT {
		p.fail("expected case, found %s", p.found())
	}
	p.i++
}

// patterns reads the pattern of a case: one, or a sequence without brackets.
func (p *parser) patterns() {
	if p.is("*") && p.wordAt(p.i+2) != "," {
		p.fail("a lone * pattern needs a comma after it")
	}
	p.starPattern()
	for p.accept(",") && !p.is(":") && !p.is("if") {
		p.starPattern()
	}
}

func (p *parser) starPattern() {
	if p.accept("*") {
		p.ident()
		return
	}
	p.pattern()
}

// pattern reads alternatives, with or without an as.
func (p *parser) pattern() {
	p.enter()
	p.closedPattern()
	for p.accept("|") {
		p.closedPattern()
	}
	if p.accept("as") {
		p.ident()
	}
	p.leave()
}

func (p *parser) closedPattern() {
	switch p.kind() {
	case STRING:
		p.strings()
		return
	case NUMBER:
		p.numberPattern()
		return
	case NAME:
		p.namePattern()
		return
	}
	switch p.word() {
	case "-":
		p.numberPattern()
	case "(":
		p.i++
		p.sequencePattern(")", p.starPattern)
	case "[":
		p.i++
		p.sequencePattern("]", p.starPattern)
	case "{":
		p.i++
		p.sequencePattern("}", p.mappingItem)
	default:
		p.fail("expected a pattern, found %s", p.found())
	}
}

func (p *parser) sequencePattern(closing string, item func()) {
	for !p.is(closing) {
		item()
		if !p.accept(",") {
			break
		}
	}
	p.expect(closing)
}

// numberPattern reads a number with its sign, or a complex one: -1+2j.
func (p *parser) numberPattern() {
	p.accept("-")
	p.number()
	if p.accept("+") || p.accept("-") {
		p.number()
	}
}

func (p *parser) number() {
	if p.kind() != NUMBER {
		p.fail("expected a number, found %s", p.found())
	}
	p.i++
}

// namePattern reads a constant, a capture, a dotted value or a class pattern.
func (p *parser) namePattern() {
	switch p.word() {
	case "None", "True", "False":
		p.i++
		return
	}
	p.dotted()
	if p.accept("(") {
		p.sequencePattern(")", func() {
			if p.kind() == NAME && p.wordAt(p.i+1) == "=" {
				p.ident()
				p.i++
			}
			p.pattern()
		})
	}
}

func (p *parser) mappingItem() {
	switch {
	case p.accept("**"):
		p.ident()
		return
	case p.kind() == STRING:
		p.strings()
	case p.kind() == NAME:
		switch p.word() {
		case "None", "True", "False":
			p.i++
		default:
			if p.wordAt(p.i+1) != "." {
				p.fail("expected a constant as a key, found %s", p.found())
			}
			p.dotted()
		}
	default:
		p.numberPattern()
	}
	p.expect(":")
	p.pattern()
}
