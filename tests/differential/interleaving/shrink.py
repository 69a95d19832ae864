"""Smaller programs near a program: each takes out or simplifies one thing."""

from syntax import Function, Program

STATEMENTS = {"expr", "if", "while", "do", "for", "repeat", "skip", "switch", "local", "return",
              "break", "continue", "assume", "assert", "do_it", "wrmsr"}
EXPRESSIONS = {"num", "var", "unary", "binary", "and", "or", "cond", "cast", "assign", "step", "call",
               "any_bool", "any_bits", "debugctl", "cpu"}


def is_a(node, kinds):
    return isinstance(node, tuple) and node and isinstance(node[0], str) and node[0] in kinds


def simpler(node):
    """Trees that differ from this one at one place."""
    if not isinstance(node, tuple):
        return
    if is_a(node, EXPRESSIONS):
        yield from (part for part in node[1:] if is_a(part, EXPRESSIONS))
        if node[0] != "num":
            yield from (("num", 0), ("num", 1))
        elif node[1] not in (0, 1):
            yield ("num", 1)
    is_block = node and all(is_a(part, STATEMENTS) for part in node)
    for i, part in enumerate(node):
        if is_block:
            yield node[:i] + node[i + 1:]
            if part[0] in ("if", "while", "do", "for", "repeat", "skip"):
                for inner in part[1:]:
                    if isinstance(inner, tuple) and inner and is_a(inner[0], STATEMENTS):
                        yield node[:i] + inner + node[i + 1:]
        yield from (node[:i] + (other,) + node[i + 1:] for other in simpler(part))


def smaller(program):
    variables, functions, properties = program
    for i in range(len(properties)):
        yield Program(variables, functions, properties[:i] + properties[i + 1:])
    for i in range(len(functions)):
        yield Program(variables, functions[:i] + functions[i + 1:], properties)
    for i in range(len(variables)):
        yield Program(variables[:i] + variables[i + 1:], functions, properties)
    for i, f in enumerate(functions):
        for body in simpler(f.body):
            yield Program(variables, functions[:i] + (Function(*f[:3], body),) + functions[i + 1:],
                          properties)
    for i, (name, e) in enumerate(properties):
        for other in simpler(e):
            yield Program(variables, functions,
                          properties[:i] + ((name, other),) + properties[i + 1:])


def smallest(program, still_wrong, tries):
    """A program from which nothing can be taken such that `still_wrong`, or where tries end."""
    progress = True
    while progress:
        progress = False
        for candidate in smaller(program):
            if tries == 0:
                return program
            tries -= 1
            try:
                if still_wrong(candidate):
                    program, progress = candidate, True
                    break
            except Exception:  # pylint: disable=broad-except
                continue  # no program any more: a name, a label or a type is missing
    return program
