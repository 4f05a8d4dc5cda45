"""Say what CPython's ast finds in Python files, for the reader to compare with.

Standard input: one path a line. Standard output, for each: a line with the
number of ranges (-1: CPython refuses the file) and then that many records of
five 32-bit integers: kind, first line, first column, last line, last column
(columns in bytes of UTF-8, as ast has them).
"""

import ast
import sys
import warnings
from array import array

KINDS = [
    "Call", "Assign", "AugAssign", "AnnAssign", "Import", "ImportFrom", "List", "Dict", "Set", "Tuple", "Subscript",
    "Attribute", "Starred", "Lambda", "IfExp", "Await", "BinOp", "UnaryOp", "NamedExpr", "Slice", "keyword", "Yield",
    "YieldFrom", "ListComp", "SetComp", "DictComp", "GeneratorExp", "str", "JoinedStr", "number", "Expr", "Return",
    "Delete", "Raise", "Assert", "Global", "Nonlocal", "Pass", "Break", "Continue", "TypeAlias", "If", "For",
    "AsyncFor", "While", "Try", "TryStar", "With", "AsyncWith", "Match", "FunctionDef", "AsyncFunctionDef", "ClassDef",
    "alias",
]
CODE = {name: i for i, name in enumerate(KINDS)}
CODE["TemplateStr"] = CODE["JoinedStr"]
NUMBERS = (int, float, complex)


def ranges(tree):
    out = array("i")
    stack = [tree]
    while stack:
        node = stack.pop()
        name = type(node).__name__
        kids = ast.iter_child_nodes(node)
        if name == "Constant":
            value = type(node.value)
            if value in (str, bytes):
                name = "str"
            elif value in NUMBERS:
                name = "number"
        elif name in ("JoinedStr", "TemplateStr"):
            kids = ()  # the reader passes over what is inside
        elif name == "match_case":
            kids = [*([node.guard] if node.guard else []), *node.body]
        elif name == "keyword" and node.arg is None:
            name = ""  # **mapping
        elif name == "TypeAlias":
            kids = [*node.type_params, node.value]
        elif name == "If" and len(node.orelse) == 1 and type(node.orelse[0]) is ast.If:
            inner = node.orelse[0]
            if inner.col_offset == node.col_offset:  # elif: part of the same statement for the reader
                inner.elif_ = True
        elif name in ("FunctionDef", "AsyncFunctionDef", "ClassDef") and node.decorator_list:
            name = ""  # where the @ stands, ast doesn't say
        if name == "If" and hasattr(node, "elif_"):
            name = ""
        code = CODE.get(name)
        if code is not None:
            out.extend((code, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))
        stack.extend(kids)
    return out


def main():
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    write = sys.stdout.buffer.write
    for line in sys.stdin.buffer:
        try:
            with open(line.rstrip(b"\n"), "rb") as f:
                tree = ast.parse(f.read())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            write(b"-1\n")
        else:
            found = ranges(tree)
            write(b"%d\n" % (len(found) // 5) + found.tobytes())
        sys.stdout.buffer.flush()


main()
