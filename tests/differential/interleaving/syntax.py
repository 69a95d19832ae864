"""Programs as trees of tuples, and as C for Airlock.

Expressions:  ("num", value)  ("var", name)  ("unary", op, e)  ("binary", op, l, r)  ("and", l, r)
              ("or", l, r)  ("cond", c, yes, no)  ("cast", type name, e)  ("assign", op, name, e)
              ("step", op, prefix, name)  ("call", function, arguments)  ("any_bool",)
              ("any_bits", mask)  ("debugctl",)  ("cpu", "gif" or "debugctl")
Statements:   ("expr", e)  ("if", c, block, block)  ("while", c, block)  ("do", block, c)
              ("for", name, rounds, block)  ("repeat", label, block, c)  ("skip", label, c, block)
              ("switch", e, [(value, block, falls through)], default block)  ("local", type, name, e
              or None)  ("return", e or None)  ("break",)  ("continue",)  ("assume", e)
              ("assert", e)  ("do_it", intrinsic)  ("wrmsr", e)

A "repeat" is a goto backwards (label: block; if (c) goto label;), a "skip" one forwards (if (c) goto
label; block; label: ;). A "for" has a number of rounds that everybody can see.
"""

from typing import NamedTuple


class Function(NamedTuple):
    name: str
    result: str      # "void" or a type
    parameters: tuple  # of (type name, name)
    body: tuple


class Program(NamedTuple):
    variables: tuple   # of (type name, name, initial value)
    functions: tuple
    properties: tuple  # of (name, expression)

    def function(self, name):
        return next((f for f in self.functions if f.name == name), None)

    def actors(self):
        return [f.name for f in self.functions
                if f.name.startswith(("irq_", "nmi_", "task_switch_"))]


def expression(e):
    kind = e[0]
    if kind == "num":
        return str(e[1]) if e[1] >= 0 else f"({e[1]})"
    if kind == "var":
        return e[1]
    if kind == "unary":
        return f"({e[1]}{expression(e[2])})"
    if kind == "binary":
        return f"({expression(e[2])} {e[1]} {expression(e[3])})"
    if kind in ("and", "or"):
        return f"({expression(e[1])} {'&&' if kind == 'and' else '||'} {expression(e[2])})"
    if kind == "cond":
        return f"({expression(e[1])} ? {expression(e[2])} : {expression(e[3])})"
    if kind == "cast":
        return f"(({e[1]}){expression(e[2])})"
    if kind == "assign":
        return f"({e[2]} {e[1]} {expression(e[3])})"
    if kind == "step":
        return f"({e[1]}{e[3]})" if e[2] else f"({e[3]}{e[1]})"
    if kind == "call":
        return f"{e[1]}({', '.join(expression(a) for a in e[2])})"
    return {"any_bool": "any_bool()", "any_bits": f"any_bits({e[-1]})",
            "debugctl": "get_debugctlmsr()", "cpu": f"cpu.{e[-1]}"}[kind]


def bare(e):
    """Without the parentheses around it, if there are any."""
    text = expression(e)
    return text[1:-1] if e[0] in ("unary", "binary", "and", "or", "cond", "assign", "step") else text


def block(statements, depth):
    return "".join(statement(s, depth) for s in statements)


def statement(s, depth):
    tab = "\t" * depth
    kind = s[0]
    inner = depth + 1
    if kind == "expr":
        return f"{tab}{bare(s[1])};\n"
    if kind == "if":
        other = f"{tab}}} else {{\n{block(s[3], inner)}" if s[3] else ""
        return f"{tab}if ({bare(s[1])}) {{\n{block(s[2], inner)}{other}{tab}}}\n"
    if kind == "while":
        return f"{tab}while ({bare(s[1])}) {{\n{block(s[2], inner)}{tab}}}\n"
    if kind == "do":
        return f"{tab}do {{\n{block(s[1], inner)}{tab}}} while ({bare(s[2])});\n"
    if kind == "for":
        return (f"{tab}for (int {s[1]} = 0; {s[1]} < {s[2]}; {s[1]}++) {{\n"
                f"{block(s[3], inner)}{tab}}}\n")
    if kind == "repeat":
        return (f"{s[1]}:\n{tab};\n{block(s[2], depth)}"
                f"{tab}if ({bare(s[3])})\n{tab}\tgoto {s[1]};\n")
    if kind == "skip":
        return (f"{tab}if ({bare(s[2])})\n{tab}\tgoto {s[1]};\n{block(s[3], depth)}"
                f"{s[1]}:\n{tab};\n")
    if kind == "switch":
        cases = "".join(f"{tab}case {value}:\n{block(body, inner)}"
                        + ("" if falls else f"{tab}\tbreak;\n") for value, body, falls in s[2])
        return (f"{tab}switch ({bare(s[1])}) {{\n{cases}{tab}default:\n{block(s[3], inner)}"
                f"{tab}\tbreak;\n{tab}}}\n")
    if kind == "local":
        value = "" if s[3] is None else f" = {bare(s[3])}"
        return f"{tab}{s[1]} {s[2]}{value};\n"
    if kind == "return":
        return f"{tab}return{'' if s[1] is None else ' ' + bare(s[1])};\n"
    if kind in ("assume", "assert"):
        return f"{tab}{kind}({bare(s[1])});\n"
    return {"break": f"{tab}break;\n", "continue": f"{tab}continue;\n",
            "do_it": f"{tab}{s[-1]}();\n"}.get(kind) or (
                f"{tab}wrmsrl(MSR_IA32_DEBUGCTLMSR, {bare(s[1])});\n")


def as_c(program):
    text = "#include <airlock/svm.h>\n\n"
    for type_name, name, initial in program.variables:
        text += f"{type_name} {name}{f' = {initial}' if initial else ''};\n"
    for f in program.functions:
        parameters = ", ".join(f"{t} {n}" for t, n in f.parameters) or "void"
        text += f"\n{f.result} {f.name}({parameters})\n{{\n{block(f.body, 1)}}}\n"
    for name, e in program.properties:
        text += f"\nbool {name}(void)\n{{\n\treturn {bare(e)};\n}}\n"
    return text
