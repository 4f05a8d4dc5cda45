"""Say what CPython's ast finds in Python files, for the reader to compare with.

Standard input: one path a line. Standard output, for each: a line with the
number of ranges (-1: CPython refuses the file) and then that many records of
five 32-bit integers: kind, first line, first column, last line, last column
(columns in bytes of UTF-8, as ast has them); then a line with the length of
what structure.py says, and that.
"""

import ast
import gc
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
CODE = {getattr(ast, name): i for i, name in enumerate(KINDS) if hasattr(ast, name)}
if hasattr(ast, "TemplateStr"):
    CODE[ast.TemplateStr] = CODE[ast.JoinedStr]
STRING = CODE[ast.JoinedStr]
TYPE_ALIAS = getattr(ast, "TypeAlias", None)
LITERALS = {str: KINDS.index("str"), bytes: KINDS.index("str")}
LITERALS |= dict.fromkeys((int, float, complex), KINDS.index("number"))


def ranges(tree):
    out = array("i")
    stack = [tree]
    while stack:
        node = stack.pop()
        kind = type(node)
        code = CODE.get(kind)
        if kind is ast.Constant:
            code = LITERALS.get(type(node.value))
        elif kind is ast.keyword and node.arg is None:
            code = None  # **mapping
        elif kind in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef) and node.decorator_list:
            code = None  # where the @ stands, ast doesn't say
        elif kind is ast.If:
            if len(node.orelse) == 1 and type(node.orelse[0]) is ast.If:
                # An elif is part of the same statement for the reader.
                node.orelse[0].is_elif = node.orelse[0].col_offset == node.col_offset
            if getattr(node, "is_elif", False):
                code = None
        if code is not None:
            out.extend((code, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))
        if kind is ast.Constant or kind is ast.Name or code == STRING:
            continue  # nothing in it, or what the reader passes over
        if kind is ast.match_case:
            stack.extend(node.body)
            if node.guard:
                stack.append(node.guard)
            continue
        if kind is TYPE_ALIAS:
            stack.extend(node.type_params)
            stack.append(node.value)
            continue
        for value in node.__dict__.values():
            if isinstance(value, ast.AST):
                if value._fields:  # no operator, no Load or Store
                    stack.append(value)
            elif type(value) is list:
                stack.extend(v for v in value if isinstance(v, ast.AST))
    return out


def main(structure):
    warnings.simplefilter("ignore")
    gc.disable()  # a tree has no cycles, and looking for them takes a quarter of the time
    sys.setrecursionlimit(20000)
    write = sys.stdout.buffer.write
    for line in sys.stdin.buffer:
        try:
            with open(line.rstrip(b"\n"), "rb") as f:
                source = f.read()
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            write(b"-1\n")
        else:
            found = ranges(tree)
            write(b"%d\n" % (len(found) // 5) + found.tobytes())
            text = structure(tree, source)
            write(b"%d\n" % len(text) + text)
        sys.stdout.buffer.flush()
