"""The benchmark's systems, each described once and written for Airlock, SPIN and Rumur.

A description is a list of variables with the number of their values, and of guarded rules with
simultaneous updates (tests/benchmark/explicit/system_from_json.hpp says what may be in them). All
three checkers get the same variables and the same rules; none gets more processes, channels or
program counters than another, so that states are states and transitions are transitions.
"""
import json


class System:
    def __init__(self, name, text):
        self.name = name
        self.text = text
        self.variables = []
        self.rules = []

    def variable(self, name, values, initial=0):
        self.variables.append({"name": name, "values": values, "initial": initial})
        return name

    def rule(self, name, guard, updates):
        self.rules.append({"name": name, "guard": guard, "updates": updates})

    def to_json(self):
        return json.dumps({"variables": self.variables, "rules": self.rules})

    def bits(self):
        return sum(max(1, (v["values"] - 1).bit_length()) for v in self.variables)


# --- the other checkers' languages ---------------------------------------------------------------

def render(e, operators):
    """An expression with the operators of a language."""
    if e is True:
        return "true"
    if not isinstance(e, list):
        return str(e)
    op = operators.get(e[0], e[0])
    if e[0] == "not":
        return f"{op}({render(e[1], operators)})"
    return "(" + f" {op} ".join(render(part, operators) for part in e[1:]) + ")"


def names_in(e):
    if isinstance(e, list):
        return set().union(*[names_in(part) for part in e[1:]])
    return {e} if isinstance(e, str) else set()


def in_sequence(updates):
    """Simultaneous updates as assignments one after the other, with as few temporaries as a simple
    rule finds: [(target, expression)], and the temporaries' names."""
    left = dict(updates)
    sequence, temporaries = [], []
    while left:
        free = [v for v in left
                if not any(v in names_in(e) for other, e in left.items() if other != v)]
        if free:
            sequence.append((free[0], left.pop(free[0])))
            continue
        old = next(iter(left))
        copy = f"old_{old}"
        temporaries.append(old)
        sequence.append((copy, old))
        left = {v: rename(e, old, copy) for v, e in left.items()}
        sequence.append((old, left.pop(old)))
    return sequence, temporaries


def rename(e, old, new):
    if isinstance(e, list):
        return [e[0]] + [rename(part, old, new) for part in e[1:]]
    return new if e == old else e


def to_promela(system):
    """One process of one location, so that its state is the variables'."""
    operators = {"and": "&&", "or": "||", "not": "!"}
    lines = []
    for v in system.variables:
        kind = "bit" if v["values"] <= 2 else "byte"
        lines.append(f"{kind} {v['name']} = {v['initial']};")
    temporaries = sorted({t for r in system.rules for t in in_sequence(r["updates"])[1]})
    for t in temporaries:
        lines.append(f"hidden byte old_{t};")
    lines += ["active proctype system_() {", "end:", "  do"]
    for r in system.rules:
        body = "; ".join(f"{v} = {render(e, operators)}"
                         for v, e in in_sequence(r["updates"])[0])
        clear = "".join(f"; old_{t} = 0" for t in in_sequence(r["updates"])[1])
        lines.append(f"  :: d_step {{ {render(r['guard'], operators)} -> {body}{clear} }}")
    lines += ["  od", "}"]
    return "\n".join(lines) + "\n"


def to_murphi(system):
    operators = {"and": "&", "or": "|", "not": "!", "==": "="}
    ranges = {v["name"]: v["values"] for v in system.variables}
    lines = ["var"]
    for v in system.variables:
        lines.append(f"  {v['name']}: 0..{max(1, v['values'] - 1)};")
    lines += ["startstate", "begin"]
    for v in system.variables:
        lines.append(f"  {v['name']} := {v['initial']};")
    lines.append("end;")
    for r in system.rules:
        sequence, temporaries = in_sequence(r["updates"])
        lines.append(f"rule \"{r['name']}\" {render(r['guard'], operators)} ==>")
        if temporaries:
            lines.append("var")
            lines += [f"  old_{t}: 0..{max(1, ranges[t] - 1)};" for t in temporaries]
        lines.append("begin")
        lines += [f"  {v} := {render(e, operators)};" for v, e in sequence]
        lines.append("end;")
    return "\n".join(lines) + "\n"


# --- the families --------------------------------------------------------------------------------

def counters(count=6, values=16, wrapping=2):
    """Independent counters: every combination of values is reachable, every state has many
    successors, nearly all of them seen before. The first `wrapping` start again after the last
    value, the others stay there."""
    s = System(f"counters-{count}x{values}", f"{count} counters of {values} values")
    for i in range(count):
        c = s.variable(f"c{i}", values)
        if i < wrapping:
            s.rule(f"count {i}", True, {c: ["%", ["+", c, 1], values]})
        else:
            s.rule(f"count {i}", ["<", c, values - 1], {c: ["+", c, 1]})
    return s


def permutations(count):
    """A row of `count` tiles, two pairs of them alike, of which neighbours may change places: sparse
    in its bits, with two updates per rule that read each other."""
    s = System(f"permutations-{count}", f"neighbours change places in a row of {count}")
    values = count - 2
    for i in range(count):
        s.variable(f"t{i}", values, max(0, i - 1) if i < 3 else i - 2)
    for i in range(count - 1):
        a, b = f"t{i}", f"t{i + 1}"
        s.rule(f"swap {i}", ["!=", a, b], {a: b, b: a})
    return s


def filter_lock(count):
    """Peterson's mutual exclusion for `count` processes: the filter lock. Many rules of which few
    fire, guards over many variables, few successors per state."""
    s = System(f"filter-{count}", f"Peterson's filter lock with {count} processes")
    for i in range(count):
        s.variable(f"pc{i}", 4)
        s.variable(f"level{i}", count)
    for level in range(1, count):
        s.variable(f"last{level}", count)
    for i in range(count):
        pc, mine = f"pc{i}", f"level{i}"
        s.rule(f"enter {i}", ["==", pc, 0], {pc: 1, mine: 1})
        s.rule(f"leave {i}", ["==", pc, 3], {pc: 0, mine: 0})
        for level in range(1, count):
            here = ["==", mine, level]
            last = f"last{level}"
            s.rule(f"claim {i} {level}", ["and", ["==", pc, 1], here], {last: i, pc: 2})
            alone = ["and"] + [["<", f"level{k}", level] for k in range(count) if k != i]
            after = {pc: 3} if level == count - 1 else {pc: 1, mine: level + 1}
            s.rule(f"pass {i} {level}",
                   ["and", ["==", pc, 2], here, ["or", ["!=", last, i], alone]], after)
    return s


def sliding_window(modulus, window, capacity):
    """Go-back-N over lossy first-in-first-out channels of `capacity` messages each way: shifting
    queues, so that a rule writes many variables."""
    s = System(f"window-{modulus}-{window}-{capacity}",
               f"go-back-{window} modulo {modulus} over lossy queues of {capacity}")
    for name in ("base", "next", "expected"):
        s.variable(name, modulus)
    for channel in ("data", "ack"):
        s.variable(f"{channel}_length", capacity + 1)
        for i in range(capacity):
            s.variable(f"{channel}{i}", modulus)

    def cells(channel):
        return [f"{channel}{i}" for i in range(capacity)]

    def shift(channel, length):
        """Takes the head of a queue of `length`; what is behind the end is 0."""
        c = cells(channel)
        updates = {f"{channel}_length": length - 1}
        for i in range(length):
            updates[c[i]] = c[i + 1] if i + 1 < length else 0
        return updates

    def holds(channel, length):
        return ["==", f"{channel}_length", length]

    in_flight = ["%", ["-", ["+", "next", modulus], "base"], modulus]
    for n in range(capacity):
        s.rule(f"send {n}", ["and", holds("data", n), ["<", in_flight, window]],
               {f"data{n}": "next", "data_length": n + 1, "next": ["%", ["+", "next", 1], modulus]})
    s.rule("timeout", ["!=", "next", "base"], {"next": "base"})
    for n in range(1, capacity + 1):
        for channel in ("data", "ack"):
            s.rule(f"lose {channel} {n}", holds(channel, n), shift(channel, n))
        s.rule(f"acknowledged {n}",
               ["and", holds("ack", n),
                ["<=", ["%", ["-", ["+", "ack0", modulus], "base"], modulus], in_flight]],
               {**shift("ack", n), "base": "ack0"})
        for m in range(capacity):
            reply = {"ack_length": m + 1}
            s.rule(f"accept {n} {m}",
                   ["and", holds("data", n), holds("ack", m), ["==", "data0", "expected"]],
                   {**shift("data", n), **reply, "expected": ["%", ["+", "expected", 1], modulus],
                    f"ack{m}": ["%", ["+", "expected", 1], modulus]})
            s.rule(f"repeat {n} {m}",
                   ["and", holds("data", n), holds("ack", m), ["!=", "data0", "expected"]],
                   {**shift("data", n), **reply, f"ack{m}": "expected"})
    return s


if __name__ == "__main__":
    import sys
    print(getattr(sys.modules[__name__], sys.argv[1])(*map(int, sys.argv[2:])).to_json())
