package pysrc

// NodeKind is the kind of an expression.
type NodeKind uint8

// The kinds of expressions, with what their Kids are.
const (
	Name     NodeKind = iota // None, True and False too
	Num                      // a number without sign
	Str                      // one or more adjacent str or bytes literals
	FStr                     // adjacent literals, one of them an f- or t-string
	Tuple                    // its range has parentheses only where the source has
	List                     // [a, b]
	Set                      // {a, b}
	Dict                     // key, value, key, value ...; see Pairs for ** items
	Comp                     // element (for a dict key, value), then target, iterable and conditions of each for; see Clauses
	Call                     // callee, then arguments
	KwArg                    // name=value: the value
	Star                     // *a
	Star2                    // **a
	Attr                     // a.name: a
	Sub                      // a[index]: a, index (a Tuple where there is a comma)
	Slice                    // the parts that are there; see SliceParts
	Unary                    // operand
	Bin                      // two operands: arithmetic, boolean, or one step of a comparison chain
	IfExp                    // value, condition, other value
	Lambda                   // defaults, then body; see LambdaParams
	Await                    // operand
	Yield                    // nothing, or the value
	Walrus                   // name, value
	Paren                    // (a): a
	Ellipsis                 // ...
)

// Node is an expression and its byte range, from S up to E.
type Node struct {
	Kind  NodeKind
	Pat   bool   // a List that is assigned to
	depth uint16 // of the tree below
	parts uint8  // of a Slice
	S, E  int
	Name  string // of Name, Attr and KwArg the identifier; of Unary and Bin the operator; of Comp list, set, dict or gen
	Kids  []*Node

	inside *inside // of Lambda and Comp
}

// Pair is an item of a Dict. Key is nil for a **mapping.
type Pair struct{ Key, Value *Node }

// Pairs are the items of a Dict display, nil for any other node.
func (n *Node) Pairs() []Pair {
	if n.Kind != Dict {
		return nil
	}
	var out []Pair
	for i := 0; i < len(n.Kids); i++ {
		if k := n.Kids[i]; k.Kind == Star2 {
			out = append(out, Pair{nil, k.Kids[0]})
		} else {
			i++
			out = append(out, Pair{k, n.Kids[i]})
		}
	}
	return out
}

// Unparen is n without the parentheses around it.
func (n *Node) Unparen() *Node {
	for n.Kind == Paren {
		n = n.Kids[0]
	}
	return n
}

// StmtKind is the kind of a statement.
type StmtKind uint8

// The kinds of statements.
const (
	SExpr     StmtKind = iota
	SAssign            // a = b = value
	SAug               // a += value
	SAnn               // a: int, with or without a value
	SImport            // import a.b as c
	SFrom              // from a import b as c
	SOther             // return, raise, del, pass, break, continue, global, nonlocal, assert, type
	SCompound          // if, for, while, try, with, def, class, match
)

// Stmt is a statement and its byte range, from S (of its first decorator) up to
// E, without a comment or semicolon after it.
type Stmt struct {
	Kind    StmtKind
	S, E    int
	Key     string  // keyword of SOther and SCompound: "return", "if", "def" ...
	Name    string  // of def, class and type
	Op      string  // of SAug: "+=" ...
	Targets []*Node // of SAssign, SAug and SAnn
	Ann     *Node   // of SAnn
	Value   *Node   // of SExpr, SAssign, SAug and SAnn
	Exprs   []*Node // all other expressions: conditions, decorators, defaults, bases ...
	Names   []Alias // of SImport, SFrom, global and nonlocal
	Module  string  // of SFrom, with its leading dots
	Body    []*Stmt // of SCompound: the statements of all its blocks, in order
	Depth   int     // blocks around it; 0 at module level

	*Compound // what only SCompound has
}

// Alias is one name of an import, a global or a nonlocal and its byte range. As
// is "" without an as.
type Alias struct {
	Name, As string
	S, E     int
}

// Local is the name that the import binds: for "import a.b" it is a.
func (a Alias) Local(k StmtKind) string {
	if a.As != "" {
		return a.As
	}
	if k == SImport {
		for i := range a.Name {
			if a.Name[i] == '.' {
				return a.Name[:i]
			}
		}
	}
	return a.Name
}

// Walk visits each statement, and before the statements in it each of its
// expressions, outermost first. Either function may be nil.
func Walk(ss []*Stmt, stmt func(*Stmt), node func(*Node)) {
	for _, s := range ss {
		if stmt != nil {
			stmt(s)
		}
		if node != nil {
			for _, n := range s.nodes() {
				WalkNode(n, node)
			}
		}
		Walk(s.Body, stmt, node)
	}
}

// WalkNode visits n and the expressions in it, outermost first.
func WalkNode(n *Node, visit func(*Node)) {
	visit(n)
	for _, k := range n.Kids {
		WalkNode(k, visit)
	}
}

// nodes are the expressions of the statement itself.
func (s *Stmt) nodes() []*Node {
	if s.Ann == nil && s.Value == nil && len(s.Targets) == 0 {
		return s.Exprs
	}
	out := append([]*Node{}, s.Targets...)
	if s.Ann != nil {
		out = append(out, s.Ann)
	}
	if s.Value != nil {
		out = append(out, s.Value)
	}
	return append(out, s.Exprs...)
}
