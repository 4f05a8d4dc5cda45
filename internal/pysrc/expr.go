package pysrc

// exprList reads one or more of what item reads: a bare tuple when there is a
// comma.
func (p *parser) exprList(item func() *Node) *Node {
	s := p.start()
	n := item()
	if !p.is(",") {
		return n
	}
	kids := []*Node{n}
	for p.accept(",") && p.atExpr() {
		kids = append(kids, item())
	}
	return p.node(Tuple, s, kids...)
}

// atExpr says whether an expression can begin here.
func (p *parser) atExpr() bool {
	switch p.kind() {
	case NUMBER, STRING, FSTRING:
		return true
	case NAME:
		switch s := p.word(); s {
		case "None", "True", "False", "not", "lambda", "await":
			return true
		default:
			return !keywords[s]
		}
	case OP:
		switch p.word() {
		case "(", "[", "{", "-", "+", "~", "...", "*":
			return true
		}
	}
	return false
}

func (p *parser) target() *Node {
	s := p.start()
	if p.accept("*") {
		return p.node(Star, s, assignable(p.binary(precBitOr)))
	}
	return assignable(p.binary(precBitOr))
}

func (p *parser) targetList() *Node { return p.exprList(p.target) }

// starTest reads an expression or *expression.
func (p *parser) starTest() *Node {
	s := p.start()
	if p.accept("*") {
		return p.node(Star, s, p.binary(precBitOr))
	}
	return p.test()
}

// starNamed reads an expression, *expression or name := expression.
func (p *parser) starNamed() *Node {
	if p.is("*") {
		return p.starTest()
	}
	return p.named()
}

func (p *parser) named() *Node {
	s := p.start()
	n := p.test()
	if n.Kind != Name || keywords[n.Name] || !p.accept(":=") {
		return n
	}
	return p.node(Walrus, s, n, p.test())
}

// test reads a conditional expression, a lambda or what binds tighter.
func (p *parser) test() *Node {
	p.enter()
	defer p.leave()
	s := p.start()
	if p.accept("lambda") {
		params := p.params(":", false)
		p.expect(":")
		var kids []*Node
		for _, a := range params {
			kids = append(kids, a.nodes()...)
		}
		n := p.node(Lambda, s, append(kids, p.test())...)
		if len(params) > 0 {
			n.inside = &inside{params: params}
		}
		return n
	}
	n := p.binary(precOr)
	if !p.accept("if") {
		return n
	}
	cond := p.binary(precOr)
	p.expect("else")
	return p.node(IfExp, s, n, cond, p.test())
}

// Precedence of binary operators and not, loosest first.
const (
	precNone = iota
	precOr
	precAnd
	precNot
	precCompare
	precBitOr
	precBitXor
	precBitAnd
	precShift
	precSum
	precTerm
)

// operator is the binary operator here, its precedence (precNone: there is
// none) and its length in tokens.
func (p *parser) operator() (op string, prec, n int) {
	op = p.word()
	switch op {
	case "or":
		return op, precOr, 1
	case "and":
		return op, precAnd, 1
	case "<", ">", "==", ">=", "<=", "!=", "in":
		return op, precCompare, 1
	case "not":
		if p.wordAt(p.i+1) == "in" {
			return "not in", precCompare, 2
		}
	case "is":
		if p.wordAt(p.i+1) == "not" {
			return "is not", precCompare, 2
		}
		return op, precCompare, 1
	case "|":
		return op, precBitOr, 1
	case "^":
		return op, precBitXor, 1
	case "&":
		return op, precBitAnd, 1
	case "<<", ">>":
		return op, precShift, 1
	case "+", "-":
		return op, precSum, 1
	case "*", "/", "//", "%", "@":
		return op, precTerm, 1
	}
	return "", precNone, 0
}

// binary reads operands joined by operators that bind at least as tight as
// least.
func (p *parser) binary(least int) *Node {
	s := p.start()
	var n *Node
	if least <= precNot && p.is("not") {
		p.enter()
		p.i++
		n = p.nodeNamed(Unary, s, "not", p.binary(precNot))
		p.leave()
	} else {
		n = p.factor()
	}
	for {
		op, prec, k := p.operator()
		if prec < least || prec == precNone {
			return n
		}
		p.i += k
		n = p.nodeNamed(Bin, s, op, n, p.binary(prec+1))
	}
}

// factor reads signs, await and powers.
func (p *parser) factor() *Node {
	s := p.start()
	switch op := p.word(); op {
	case "-", "+", "~":
		p.enter()
		p.i++
		n := p.nodeNamed(Unary, s, op, p.factor())
		p.leave()
		return n
	}
	var n *Node
	if p.accept("await") {
		n = p.node(Await, s, p.primary())
	} else {
		n = p.primary()
	}
	if p.is("**") {
		p.enter()
		p.i++
		n = p.nodeNamed(Bin, s, "**", n, p.factor())
		p.leave()
	}
	return n
}

func (p *parser) yield() *Node {
	s := p.start()
	p.expect("yield")
	switch {
	case p.accept("from"):
		return p.node(Yield, s, p.test())
	case p.atExpr():
		return p.node(Yield, s, p.exprList(p.starTest))
	}
	return p.node(Yield, s)
}
