package pysrc

// edited is one edit of a source. In src, the text between « and » is what the
// edit is asked to work on: the node or statement with exactly that range.
type edited struct {
	name, src string
	do        func(m *Module, e target) (Edit, error)
	want      string // "" where it is refused
}

type target struct {
	node   *Node // outermost
	parent *Node
	stmt   *Stmt
}

func replace(code string) func(*Module, target) (Edit, error) {
	return func(m *Module, e target) (Edit, error) { return m.Replace(e.node, code) }
}

func set(value string) func(*Module, target) (Edit, error) {
	return func(m *Module, e target) (Edit, error) { return m.SetString(e.node, value) }
}

func before(code string) func(*Module, target) (Edit, error) {
	return func(m *Module, e target) (Edit, error) { return m.InsertBefore(e.node, code), nil }
}

func after(code string) func(*Module, target) (Edit, error) {
	return func(m *Module, e target) (Edit, error) { return m.InsertAfter(e.node, code), nil }
}

func end(code string) func(*Module, target) (Edit, error) {
	return func(m *Module, e target) (Edit, error) { return m.Append(e.node, code) }
}

func stmtBefore(code string) func(*Module, target) (Edit, error) {
	return func(m *Module, e target) (Edit, error) { return m.InsertStmtBefore(e.stmt, code) }
}

func stmtAfter(code string) func(*Module, target) (Edit, error) {
	return func(m *Module, e target) (Edit, error) { return m.InsertStmtAfter(e.stmt, code) }
}

func imports(code string) func(*Module, target) (Edit, error) {
	return func(m *Module, _ target) (Edit, error) { return m.InsertImport(code) }
}

func remove(m *Module, e target) (Edit, error)     { return m.Remove(e.parent, e.node), nil }
func deleteStmt(m *Module, e target) (Edit, error) { return m.Delete(e.stmt) }

var edits = []edited{
	{"replace a value", "A = «'x'»  # why\n", replace("env('A')"), "A = env('A')  # why\n"},
	{"replace by several lines", "if a:\n    B = «x»\n", replace("f(\n    1,\n)"), "if a:\n    B = f(\n        1,\n    )\n"},
	{"replace by a string of several lines", "if a:\n    B = «x»\n", replace("'''a\nb\n''' + c(\nd)"), "if a:\n    B = '''a\nb\n''' + c(\n    d)\n"},
	{"an operator in an operand needs parentheses", "A = «x» % y\n", replace("a + b"), "A = (a + b) % y\n"},
	{"an operator as a whole value needs none", "A = «x»\n", replace("a + b"), "A = a + b\n"},
	{"an operator in a list needs none", "A = [«x», y]\n", replace("a if b else c"), "A = [a if b else c, y]\n"},
	{"an operator as an argument needs none", "f(a, b=«x»)\n", replace("a or b"), "f(a, b=a or b)\n"},
	{"an operator as a callee needs parentheses", "«x»(y)\n", replace("a or b"), "(a or b)(y)\n"},
	{"an operator in a dict needs none", "A = {k: «x»}\n", replace("a | b"), "A = {k: a | b}\n"},
	{"a star takes an operand", "f(*«x»)\n", replace("a or b"), "f(*(a or b))\n"},
	{"a number before a dot needs parentheses", "«x».real\n", replace("1"), "(1).real\n"},
	{"a bare tuple needs parentheses", "f(«x»)\n", replace("a, b"), "f((a, b))\n"},
	{"a tuple keeps its own", "f(«x»)\n", replace("(a, b)"), "f((a, b))\n"},
	{"lines that don't hold together get parentheses", "A = «x»\n", replace("a +\nb"), "A = (a +\nb)\n"},
	{"a walrus gets parentheses", "A = «x»\n", replace("b := 1"), "A = (b := 1)\n"},
	{"no expression", "A = «x»\n", replace("a) + (b"), ""},
	{"two expressions", "A = «x»\n", replace("a; b"), ""},
	{"a statement", "A = «x»\n", replace("a = b"), ""},
	{"a comment", "A = «x»\n", replace("a # b"), ""},
	{"unfinished", "A = «x»\n", replace("'a"), ""},
	{"words that run together", "A = a in«'x'»\n", replace("b"), ""},

	{"set a string", "A = «'x'»\n", set("y/z"), "A = 'y/z'\n"},
	{"double quotes stay", "A = «\"x\"»\n", set("y"), "A = \"y\"\n"},
	{"a prefix stays", "A = «r'^x$'»\n", set(`^\d+$`), "A = r'^\\d+$'\n"},
	{"triple quotes stay", "A = «'''x'''»\n", set(`y "z"`), "A = '''y \"z\"'''\n"},
	{"a quote in the value", "A = «'x'»\n", set(`it's`), "A = \"it's\"\n"},
	{"a backslash", "A = «'x'»\n", set(`a\b`), "A = \"a\\\\b\"\n"},
	{"a raw string can't end in a backslash", "A = «r'x'»\n", set(`a\`), "A = \"a\\\\\"\n"},
	{"a line end", "A = «'x'»\n", set("a\nb"), "A = \"a\\nb\"\n"},
	{"the same value", "A = «'\\x41'»\n", set("A"), "A = '\\x41'\n"},
	{"in parentheses", "A = «('x')»\n", set("y"), "A = ('y')\n"},
	{"not UTF-8", "A = «'x'»\n", set("\xff"), ""},
	{"adjacent strings", "A = «'x' 'y'»\n", set("z"), ""},
	{"bytes", "A = «b'x'»\n", set("z"), ""},
	{"an f-string", "A = «f'x'»\n", set("z"), ""},
	{"no string", "A = «x»\n", set("z"), ""},
	{"only ASCII in latin-1", "# coding: latin-1\nA = «'x'»\n", set("é"), "# coding: latin-1\nA = \"\\xe9\"\n"},
	{"no code outside ASCII in latin-1", "# coding: latin-1\nA = «'x'»\n", replace("'é'"), ""},

	{"before, on its line", "A = [\n    «'x'»,  # x\n]\n", before("'w'"), "A = [\n    'w',\n    'x',  # x\n]\n"},
	{"before, in a row", "A = ['x', «'y'»]\n", before("'w'"), "A = ['x', 'w', 'y']\n"},
	{"before, several lines", "A = [\n    «x»,\n]\n", before("f(\n    1,\n)"), "A = [\n    f(\n        1,\n    ),\n    x,\n]\n"},
	{"after, on its line", "A = [\n    «'x'»,  # x\n]\n", after("'y'"), "A = [\n    'x',  # x\n    'y',\n]\n"},
	{"after, with tabs", "A = [\n\t«'x'»,\n]\n", after("'y'"), "A = [\n\t'x',\n\t'y',\n]\n"},
	{"after, in the middle", "A = [\n    «'x'»,\n    'z',\n]\n", after("'y'"), "A = [\n    'x',\n    'y',\n    'z',\n]\n"},
	{"after, without a comma", "A = [\n    «'x'»  # x\n]\n", after("'y'"), "A = [\n    'x',  # x\n    'y',\n]\n"},
	{"after, before the bracket", "A = [\n    «'x'»]\n", after("'y'"), "A = [\n    'x',\n    'y']\n"},
	{"after, in a row", "A = [«'x'», 'z']\n", after("'y'"), "A = ['x', 'y', 'z']\n"},
	{"after, last of a row", "A = ['x', «'z'»]\n", after("'y'"), "A = ['x', 'z', 'y']\n"},
	{"after, last of a row with a comma", "A = ('x', «'z'»,)\n", after("'y'"), "A = ('x', 'z', 'y',)\n"},
	{"after, several on a line", "A = [\n    «'x'», 'z',\n]\n", after("'y'"), "A = [\n    'x', 'y', 'z',\n]\n"},
	{"after, comma on the next line", "A = [\n    «'x'»\n    , 'z'\n]\n", after("'y'"), "A = [\n    'x'\n    , 'y', 'z'\n]\n"},

	{"append to an empty list", "A = «[]»\n", end("'x'"), "A = ['x']\n"},
	{"append to an empty tuple", "A = «()»\n", end("'x'"), "A = ('x',)\n"},
	{"append to an empty list of lines", "A = «[\n    # none\n]»\n", end("'x'"), "A = [\n    # none\n    'x',\n]\n"},
	{"append to a row", "A = «['x']»\n", end("'y'"), "A = ['x', 'y']\n"},
	{"append to a tuple of one", "A = «('x',)»\n", end("'y'"), "A = ('x', 'y',)\n"},
	{"append to lines", "A = «[\n    'x',\n]»\n", end("'y'"), "A = [\n    'x',\n    'y',\n]\n"},
	{"append to a bare tuple", "A = «x, y»\n", end("z"), ""},
	{"append to a bare tuple of tuples", "A = «(x), (y)»\n", end("z"), ""},
	{"append to a call", "A = «f()»\n", end("z"), ""},

	{"remove a line", "A = [\n    'x',\n    «'y'»,  # y\n    'z',\n]\n", remove, "A = [\n    'x',\n    'z',\n]\n"},
	{"remove in a row", "A = ['x', «'y'», 'z']\n", remove, "A = ['x', 'z']\n"},
	{"remove the first", "A = [«'x'», 'y']\n", remove, "A = ['y']\n"},
	{"remove the last", "A = ['x', «'y'»]\n", remove, "A = ['x']\n"},
	{"remove the last of lines", "A = [\n    'x',\n    «'y'»\n]\n", remove, "A = [\n    'x'\n]\n"},
	{"remove the last of a row with a comma", "A = ['x', «'y'»,]\n", remove, "A = ['x', ]\n"},
	{"remove the only one", "A = [«'x'»]\n", remove, "A = []\n"},
	{"remove from a tuple of two", "A = ('x', «'y'»)\n", remove, "A = ('x', )\n"},
	{"remove the only one of a tuple", "A = («'x'»,)\n", remove, "A = ()\n"},
	{"remove an argument", "f(a, «b=1»)\n", remove, "f(a)\n"},
	{"remove the last before a comment", "A = [\n    'x', «'y'»,  # both\n]\n", remove, "A = [\n    'x',   # both\n]\n"},

	{"delete a line", "A = 1\n«B = 2»  # b\nC = 3\n", deleteStmt, "A = 1\nC = 3\n"},
	{"delete the last line", "A = 1\n«B = 2»\n", deleteStmt, "A = 1\n"},
	{"delete all", "«A = 1»\n", deleteStmt, ""},
	{"delete several lines", "A = 1\n«B = [\n    2,\n]»\nC = 3\n", deleteStmt, "A = 1\nC = 3\n"},
	{"delete a block", "A = 1\n«if b:\n    c\nelse:\n    d»  # d\nE = 1\n", deleteStmt, "A = 1\nE = 1\n"},
	{"delete in a block", "if a:\n    «b»\n    c\n", deleteStmt, "if a:\n    c\n"},
	{"delete the last of a block", "if a:\n    b\n    «c»\nelse:\n    d\n", deleteStmt, "if a:\n    b\nelse:\n    d\n"},
	{"delete the only one of a block", "if a:\n    «b»  # b\nelse:\n    c\n", deleteStmt, "if a:\n    pass  # b\nelse:\n    c\n"},
	{"delete a block that is alone in one", "if a:\n    «if b:\n        c»\nd\n", deleteStmt, "if a:\n    pass\nd\n"},
	{"delete in one line", "if a: «b»\n", deleteStmt, "if a: pass\n"},
	{"delete one of several in one line", "if a: b; «c»\n", deleteStmt, "if a: b\n"},
	{"delete before a semicolon", "«a»; b\n", deleteStmt, "b\n"},
	{"delete between semicolons", "a; «b»; c\n", deleteStmt, "a; c\n"},
	{"delete after a semicolon", "a; «b»;\n", deleteStmt, "a;\n"},
	{"delete with its semicolon", "a\n«b»;\n", deleteStmt, "a\n"},
	{"delete with decorators", "a\n«@b\n@c\ndef d(): pass»\ne\n", deleteStmt, "a\ne\n"},
	{"delete a continued line", "a\n\\\n«b»\n", deleteStmt, ""},

	{"a statement before", "A = 1\n«B = 2»\n", stmtBefore("x = 1\ny = 2\n"), "A = 1\nx = 1\ny = 2\nB = 2\n"},
	{"a statement before the first", "«A = 1»\n", stmtBefore("x"), "x\nA = 1\n"},
	{"a statement before, in a block", "if a:\n\t«b»\n", stmtBefore("if x:\n\ty\n"), "if a:\n\tif x:\n\t\ty\n\tb\n"},
	{"a statement before, after a semicolon", "a; «b»\n", stmtBefore("x"), ""},
	{"a statement before, in one line", "if a: «b»\n", stmtBefore("x"), ""},
	{"a statement before, no Python", "«b»\n", stmtBefore("x ="), ""},
	{"a statement after", "«A = 1»  # a\nB = 2\n", stmtAfter("x = 1\n\ny = 2"), "A = 1  # a\nx = 1\n\ny = 2\nB = 2\n"},
	{"a statement after the last", "A = 1\n«B = 2»\n", stmtAfter("x"), "A = 1\nB = 2\nx\n"},
	{"a statement after, in a block", "if a:\n    «b»\nc\n", stmtAfter("x(\n    1,\n)"), "if a:\n    b\n    x(\n        1,\n    )\nc\n"},
	{"a statement after a block", "«if a:\n    b»\nc\n", stmtAfter("x"), "if a:\n    b\nx\nc\n"},
	{"a statement after, first of a line", "«a»; b\n", stmtAfter("x"), ""},
	{"a statement after, last of a line", "a; «b»\n", stmtAfter("x"), "a; b\nx\n"},
	{"a statement after, in one line", "if a: «b»\n", stmtAfter("x"), ""},
	{"a statement after, in one line of an else", "if a: b\nelse: «c»\n", stmtAfter("x"), ""},
	{"a statement after, in one line of a case", "match a:\n    case b: «c»\n", stmtAfter("x"), ""},
	{"a statement after a block of one line", "«if a: b»\n", stmtAfter("x"), "if a: b\nx\n"},

	{"import after imports", "\"\"\"Doc.\"\"\"\n\nimport os\nfrom a import (\n    b,\n)\n\nX = 1\nimport late\n", imports("import sys"),
		"\"\"\"Doc.\"\"\"\n\nimport os\nfrom a import (\n    b,\n)\nimport sys\n\nX = 1\nimport late\n"},
	{"import after the docstring", "\"\"\"Doc.\"\"\"\nX = 1\n", imports("import sys"), "\"\"\"Doc.\"\"\"\n\nimport sys\n\nX = 1\n"},
	{"import after the docstring and a blank line", "\"\"\"Doc.\"\"\"\n\nX = 1\n", imports("import sys"), "\"\"\"Doc.\"\"\"\n\nimport sys\n\nX = 1\n"},
	{"import after a docstring alone", "\"\"\"Doc.\"\"\"\n", imports("import sys"), "\"\"\"Doc.\"\"\"\n\nimport sys\n"},
	{"import after __future__", "from __future__ import annotations\nX = 1\n", imports("import sys"), "from __future__ import annotations\nimport sys\nX = 1\n"},
	{"import of __future__", "'Doc.'\nimport os\n", imports("from __future__ import annotations"), "'Doc.'\n\nfrom __future__ import annotations\n\nimport os\n"},
	{"import after the first comment", "#!/usr/bin/env python\n# Copyright.\nX = 1\n", imports("import sys"), "#!/usr/bin/env python\n# Copyright.\n\nimport sys\n\nX = 1\n"},
	{"import first", "X = 1\n", imports("import sys"), "import sys\n\nX = 1\n"},
	{"import before an import that shares its line", "import os; X = 1\n", imports("import sys"), ""},
	{"import in a line of imports", "import os; import re\nX = 1\n", imports("import sys"), "import os; import re\nimport sys\nX = 1\n"},
	{"import what is there", "import os, sys as s\nX = 1\n", imports("import sys as s"), "import os, sys as s\nX = 1\n"},
	{"import what is there in part", "from a import b\nX = 1\n", imports("from a import b, c, d as e"), "from a import b\nfrom a import c, d as e\nX = 1\n"},
	{"import under another name", "import a as b\n", imports("import a"), "import a as b\nimport a\n"},
	{"no import", "X = 1\n", imports("x = 1"), ""},
	{"two imports", "X = 1\n", imports("import a\nimport b"), ""},
}
