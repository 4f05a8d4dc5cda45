"""Say how the statements and expressions that CPython's ast finds hang together.

One line for each statement with blocks, each block, function, class, lambda,
comprehension, slice, f-string and bytes literal. Ranges are line:column in
bytes. It follows ranges.py in one script.
"""


def at(node):
    return f"{node.lineno}:{node.col_offset}"


def span(node):
    if node is None:
        return "-"
    return f"{node.lineno}:{node.col_offset}-{node.end_lineno}:{node.end_col_offset}"


def spans(nodes):
    return "[" + " ".join(span(n) for n in nodes) + "]"


def params(a):
    out = []
    named = a.posonlyargs + a.args
    defaults = [None] * (len(named) - len(a.defaults)) + a.defaults
    for i, (p, default) in enumerate(zip(named, defaults)):
        out.append((0 if i < len(a.posonlyargs) else 1, p, default))
    if a.vararg:
        out.append((2, a.vararg, None))
    out += [(3, p, default) for p, default in zip(a.kwonlyargs, a.kw_defaults)]
    if a.kwarg:
        out.append((4, a.kwarg, None))
    return "(" + ", ".join(f"{kind} {p.arg} {at(p)} {span(p.annotation)} {span(d)}" for kind, p, d in out) + ")"


def parts(values):
    out = []
    for v in values:
        if type(v) is ast.Constant:
            out.append("t" + v.value.encode("utf-8", "surrogatepass").hex())
        else:
            spec = parts(v.format_spec.values) if v.format_spec else ""
            out.append(f"{{{span(v.value)} {max(v.conversion, 0)} {spec}}}")
    return " ".join(out)


def pattern(node, lines):
    """Where it is, but for one in parentheses, which ast may leave out."""
    before = lines[node.lineno - 1][: node.col_offset]
    if lines[node.lineno - 1][node.col_offset :].startswith(b"(") or (before.split() or [b"("])[-1].endswith(b"("):
        return "("
    return span(node)


def block(key, body, exprs=(), name=None, star=False, case=None, guard=None):
    last = body[-1]
    return (
        f"{key} {spans(exprs)} {name or '-'} {int(star)} {case or '-'} {span(guard)}"
        f" {len(body)} {last.end_lineno}:{last.end_col_offset}"
    )


def otherwise(node):
    return [block("else", node.orelse)] if node.orelse else []


def if_blocks(node):
    key, out = "if", []
    while True:
        out.append(block(key, node.body, [node.test]))
        rest = node.orelse
        if not (len(rest) == 1 and getattr(rest[0], "is_elif", False)):
            return out + otherwise(node)
        key, node = "elif", rest[0]


def try_blocks(node):
    out = [block("try", node.body)]
    for h in node.handlers:
        out.append(block("except", h.body, [h.type] if h.type else [], h.name, type(node).__name__ == "TryStar"))
    out += otherwise(node)
    if node.finalbody:
        out.append(block("finally", node.finalbody))
    return out


def blocks(node, lines):
    match type(node).__name__:
        case "If":
            return if_blocks(node)
        case "While":
            return [block("while", node.body, [node.test]), *otherwise(node)]
        case "For" | "AsyncFor":
            return [block("for", node.body), *otherwise(node)]
        case "Try" | "TryStar":
            return try_blocks(node)
        case "Match":
            return [
                block("case", c.body, case=pattern(c.pattern, lines), guard=c.guard) for c in node.cases
            ]
        case "With" | "AsyncWith":
            return [block("with", node.body)]
        case "FunctionDef" | "AsyncFunctionDef":
            return [block("def", node.body)]
        case "ClassDef":
            return [block("class", node.body)]
    return []


def facts(node):
    match type(node).__name__:
        case "FunctionDef" | "AsyncFunctionDef" as kind:
            head = f"def {at(node)} {node.name} {int(kind != 'FunctionDef')} {params(node.args)}"
            return f"{head} {span(node.returns)} {spans(node.decorator_list)}"
        case "ClassDef":
            bases = sorted(node.bases + node.keywords, key=lambda n: (n.lineno, n.col_offset))
            return f"class {at(node)} {node.name} {spans(bases)} {spans(node.decorator_list)}"
        case "With" | "AsyncWith" as kind:
            items = " ".join(f"{span(i.context_expr)} {span(i.optional_vars)}" for i in node.items)
            return f"with {at(node)} {int(kind != 'With')} {items}"
        case "For" | "AsyncFor" as kind:
            return f"for {at(node)} {int(kind != 'For')} {span(node.target)} {span(node.iter)}"
        case "Global" | "Nonlocal":
            return f"names {at(node)} {' '.join(node.names)}"
        case "Lambda":
            return f"lambda {span(node)} {params(node.args)}"
        case "ListComp" | "SetComp" | "DictComp" | "GeneratorExp" as kind:
            clauses = " ".join(
                f"{g.is_async} {span(g.target)} {span(g.iter)} {spans(g.ifs)}" for g in node.generators
            )
            return f"comp {span(node)} {kind.replace('Comp', '').replace('eratorExp', '').lower()} {clauses}"
        case "Slice":
            return f"slice {span(node)} {span(node.lower)} {span(node.upper)} {span(node.step)}"
        case "Constant" if type(node.value) is bytes:
            return f"bytes {span(node)} {node.value.hex()}"
        case "JoinedStr":
            return f"fstring {span(node)} {parts(node.values)}"
    return None


def children(node):
    kind = type(node).__name__
    if kind in ("TemplateStr", "Constant", "Name"):
        return
    if kind == "match_case":
        yield from node.body
        if node.guard:
            yield node.guard
    elif kind == "JoinedStr":
        for v in node.values:
            if type(v) is ast.FormattedValue:
                yield v.value
                if v.format_spec:
                    yield from children(v.format_spec)
    else:
        yield from ast.iter_child_nodes(node)


def structure(tree, source):
    lines = source.split(b"\n")
    out = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if fact := facts(node):
            out.append(fact)
        if not getattr(node, "is_elif", False):
            out += [f"block {at(node)} {i} {b}" for i, b in enumerate(blocks(node, lines))]
        stack.extend(children(node))
    return "\n".join(out).encode()


main(structure)
