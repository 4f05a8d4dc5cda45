package pysrc

// Compound is what only a compound statement has. Every other statement of a
// module shares one that is empty.
type Compound struct {
	Async      bool       // async def, for or with
	Blocks     []Block    // in order; of a match its cases
	Params     []Param    // of def
	Returns    *Node      // of def: the annotation after ->
	Decorators []*Node    // of def and class
	Bases      []*Node    // of class: its arguments, KwArg, Star and Star2 among them
	Items      []WithItem // of with
	Target     *Node      // of for
	Iter       *Node      // of for
}

var noCompound = &Compound{}

// Block is one block of a compound statement with its header, and their byte
// range, from S (of the keyword, async included) up to E.
type Block struct {
	Key     string  // if, elif, else, for, while, try, except, finally, with, def, class or case
	Exprs   []*Node // the condition of if, elif and while; the exception of except, a Tuple where there are several
	Name    string  // of except ... as Name
	Star    bool    // except*
	Pattern string  // of case: its source
	PatS    int     // where Pattern begins
	Guard   *Node   // of case: the condition after if
	S, E    int
	Body    []*Stmt
}

// WithItem is one item of a with statement; As is nil without an as.
type WithItem struct{ Expr, As *Node }

// ParamKind says how a parameter takes arguments.
type ParamKind uint8

// The kinds of parameters.
const (
	ParamPos    ParamKind = iota // before a /: by place only
	ParamNormal                  // by place or name
	ParamStar                    // *args
	ParamKwOnly                  // after a *: by name only
	ParamStar2                   // **kwargs
)

// Param is a parameter of a def or a lambda. S is where its name begins.
type Param struct {
	Name         string
	Kind         ParamKind
	Ann, Default *Node
	S            int
}

// nodes are the expressions of the parameter, in order.
func (a Param) nodes() []*Node {
	var out []*Node
	if a.Ann != nil {
		out = append(out, a.Ann)
	}
	if a.Default != nil {
		out = append(out, a.Default)
	}
	return out
}

// Clause is one for of a comprehension, with the conditions after it.
type Clause struct {
	Target, Iter *Node
	Ifs          []*Node
	Async        bool
}

// inside is what few nodes have, kept out of the others.
type inside struct {
	params  []Param
	clauses []Clause
}

// LambdaParams are the parameters of a Lambda, nil for any other node.
func (n *Node) LambdaParams() []Param {
	if n.inside == nil {
		return nil
	}
	return n.inside.params
}

// Clauses are the for clauses of a Comp, nil for any other node. Its element is
// its first Kid; of a dict, the key is the first and the value the second.
func (n *Node) Clauses() []Clause {
	if n.inside == nil {
		return nil
	}
	return n.inside.clauses
}

// The parts that a Slice may have.
const (
	sliceLo = 1 << iota
	sliceHi
	sliceStep
)

// SliceParts are the parts of a Slice, nil where they aren't there.
func (n *Node) SliceParts() (lo, hi, step *Node) {
	kids := n.Kids
	take := func(part uint8) *Node {
		if n.parts&part == 0 {
			return nil
		}
		k := kids[0]
		kids = kids[1:]
		return k
	}
	return take(sliceLo), take(sliceHi), take(sliceStep)
}
