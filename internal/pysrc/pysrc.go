// Package pysrc reads Python source and edits it in place.
//
// It promises:
//   - Byte ranges, never a re-print. Every token, expression and statement says
//     where it stands in the source; an edit replaces ranges, and each byte
//     outside them stays (line ends, byte order mark, tabs, comments).
//   - Refusal instead of a guess. What the reader does not understand is an
//     *Error with its place. What it does read has the ranges that CPython's ast
//     gives; a test compares the two over the standard library and Django.
//   - Proof of each edit: [Module.Apply] reads its own result and gives an error
//     unless every token outside the edits is there again, in its place.
//   - Bounds: at most [MaxSize] bytes, and limits on nesting, so that no source
//     exhausts the stack.
//
// The language is that of Python 3.14: match, type parameters, f-strings with
// nested quotes, t-strings, except without parentheses.
//
// The fields of an f-string are no part of the tree: [Module.FString] reads
// them. It leaves out the structure of a match pattern, and everything CPython
// checks after parsing (return outside a function, a name bound twice). Names
// are as written, not NFKC-normalised. Source is UTF-8 or one of a few
// single-byte encodings; others are refused.
package pysrc

import (
	"fmt"
	"unicode/utf8"
)

// MaxSize is the largest source that is read, in bytes. Tokens and tree take
// about 16 times the source in memory, and for the densest text (a million
// statements of one letter) 170 times.
const MaxSize = 16 << 20

// Limits on nesting. CPython stops at 200 open brackets and at some thousands
// of levels of its parser's stack.
const (
	maxBrackets = 200   // open brackets
	maxFStrings = 100   // f-strings within f-strings
	maxNest     = 1000  // blocks and expressions, by recursion of the parser
	maxDepth    = 10000 // of the tree: a + b + c ... deepens it without recursion
)

// Error is source that the reader refuses. Off counts bytes from 0; Line and
// Col count from 1, Col in characters.
type Error struct {
	Off, Line, Col int
	Msg            string
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Col, e.Msg)
}

// Module is a source file that was read whole.
type Module struct {
	*File
	Stmts []*Stmt // the statements of the module itself, in order
}

// Parse reads src. The error is an *Error. The module keeps src, which must not
// change while the module is in use.
func Parse(src []byte) (m *Module, err error) {
	f, err := Tokenize(src)
	if err != nil {
		return nil, err
	}
	defer f.recoverError(&err)
	p := &parser{f: f, toks: f.Toks}
	stmts := p.module()
	return &Module{File: f, Stmts: stmts}, nil
}

// Position gives the line and column of a byte offset, both from 1, the column
// in characters. A byte order mark takes no column; a lone CR ends a line.
func (f *File) Position(off int) (line, col int) {
	line, start := 1, 0
	if f.BOM {
		start = len(utf8BOM)
	}
	off = min(off, len(f.Src))
	for i := start; i < off; i++ {
		switch c := f.Src[i]; {
		case c == '\n', c == '\r' && (i+1 >= len(f.Src) || f.Src[i+1] != '\n'):
			line, start = line+1, i+1
		}
	}
	if start >= off {
		return line, 1
	}
	if f.opaque {
		return line, off - start + 1
	}
	return line, utf8.RuneCount(f.Src[start:off]) + 1
}

// Text is the source of an expression.
func (m *Module) Text(n *Node) string { return m.text[n.S:n.E] }

// fault carries an error out of the recursion of the lexer and the parser.
type fault struct {
	off int
	msg string
}

// recoverError turns a fault into an *Error; any other panic goes on.
func (f *File) recoverError(err *error) {
	switch x := recover().(type) {
	case nil:
	case *Error:
		*err = x
	case fault:
		line, col := f.Position(x.off)
		*err = &Error{Off: x.off, Line: line, Col: col, Msg: x.msg}
	default:
		panic(x)
	}
}
