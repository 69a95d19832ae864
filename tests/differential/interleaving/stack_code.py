"""Trees (syntax.py) to code for a small stack machine, calls inlined.

Instructions are tuples whose first item says what they do; run.py carries them out. Order of
evaluation is that of docs/language.md: left to right, an assignment's store last, a compound
assignment's right side before it reads its left. Every read or write of a global and every
intrinsic is an instruction of its own, which says whether it is a shared access.
"""

from c_values import (BOOL, INT, TYPES, U64, Undefined, binary, common, convert, promoted, result_type,
                      unary)

# docs/language.md, "Access to the CPU, each call a step of its own".
CPU_CALLS = ("local_irq_disable", "local_irq_enable", "preempt_disable", "preempt_enable", "clgi",
             "stgi")


class Coder:
    """One function and all that it calls, flat."""

    def __init__(self, program, is_shared):
        self.program = program
        self.is_shared = is_shared
        self.globals = {name: (i, TYPES[t]) for i, (t, name, _) in enumerate(program.variables)}
        self.code = []
        self.slots = 0
        self.scopes = []   # of name -> (slot, type)
        self.loops = []    # of (jumps that are breaks, jumps that are continues or None)
        self.returns = []  # of (jumps to the end of the function, its result's type)
        self.bodies = []   # of (begin, end): where a function's code stands, those it calls inside

    def emit(self, *instruction):
        self.code.append(instruction)
        return len(self.code) - 1

    def patch(self, jumps, target=None):
        for at in jumps:
            self.code[at] = (self.code[at][0], len(self.code) if target is None else target)

    def declare(self, name, t):
        self.scopes[-1][name] = (self.slots, t)
        self.slots += 1
        return self.slots - 1

    def place(self, name):
        """(is it a global, slot, type)"""
        for scope in reversed(self.scopes):
            if name in scope:
                return (False, *scope[name])
        return (True, *self.globals[name])

    def load(self, name):
        is_global, slot, t = self.place(name)
        if is_global:
            self.emit("load_global", slot, self.is_shared(name))
        else:
            self.emit("load_local", slot, t)
        return t

    def store(self, name):
        """What is on the stack, of the place's type already, and leaves it there."""
        is_global, slot, _ = self.place(name)
        if is_global:
            self.emit("store_global", slot, self.is_shared(name))
        else:
            self.emit("store_local", slot)

    # --- expressions: each leaves one value and returns its type ---

    def value(self, e):
        return getattr(self, "value_of_" + e[0])(e)

    def value_as(self, e, t):
        self.emit("convert", t) if self.value(e) is not t else None

    def value_of_num(self, e):
        self.emit("push", e[1])
        return INT

    def value_of_var(self, e):
        return self.load(e[1])

    def type_of(self, e):
        """Without leaving code for it."""
        code, slots, bodies = len(self.code), self.slots, len(self.bodies)
        t = self.value(e)
        del self.code[code:], self.bodies[bodies:]
        self.slots = slots
        return t

    def folded(self, e):
        """(value, type) of what is a constant without being evaluated, operands that constants
        decide left out; None for anything else, and where it is undefined."""
        kind = e[0]
        if kind == "num":
            return e[1], INT
        if kind == "cast":
            inner = self.folded(e[2])
            return inner and (convert(inner[0], TYPES[e[1]]), TYPES[e[1]])
        if kind in ("and", "or"):
            left = self.folded(e[1])
            if left is None or (left[0] != 0) == (kind == "or"):
                return left and (int(kind == "or"), INT)
            right = self.folded(e[2])
            return right and (int(right[0] != 0), INT)
        if kind == "cond":
            which = self.folded(e[1])
            value = which and self.folded(e[2 if which[0] else 3])
            t = common(self.type_of(e[2]), self.type_of(e[3]))
            return value and (convert(value[0], t), t)
        try:
            if kind == "unary":
                a = self.folded(e[2])
                return a and (unary(e[1], *a), INT if e[1] == "!" else promoted(a[1]))
            if kind == "binary":
                a, b = self.folded(e[2]), self.folded(e[3])
                return a and b and (binary(e[1], a[0], b[0], a[1], b[1]),
                                    result_type(e[1], a[1], b[1]))
        except Undefined:
            pass
        return None

    def constant(self, e):
        """Operators over constants are no code, and look at nothing: the result's type, or None."""
        found = self.folded(e)
        if found:
            self.emit("push", found[0])
        return found and found[1]

    def value_of_unary(self, e):
        constant = self.constant(e)
        if constant:
            return constant
        t = self.value(e[2])
        self.emit("unary", e[1], t)
        return INT if e[1] == "!" else promoted(t)

    def value_of_binary(self, e):
        constant = self.constant(e)
        if constant:
            return constant
        left = self.value(e[2])
        right = self.value(e[3])
        self.emit("binary", e[1], left, right)
        return result_type(e[1], left, right)

    def short_circuit(self, e, jump, otherwise):
        self.value(e[1])
        first = self.emit(jump, None)
        self.value_as(e[2], BOOL)
        done = self.emit("jump", None)
        self.patch([first])
        self.emit("push", otherwise)
        self.patch([done])
        return INT

    def value_of_and(self, e):
        return self.short_circuit(e, "jump_if_not", 0)

    def value_of_or(self, e):
        return self.short_circuit(e, "jump_if", 1)

    def value_of_cond(self, e):
        self.value(e[1])
        other = self.emit("jump_if_not", None)
        left = self.value(e[2])
        convert = self.emit("convert", None)
        done = self.emit("jump", None)
        self.patch([other])
        t = common(left, self.value(e[3]))
        self.emit("convert", t)
        self.patch([done])
        self.code[convert] = ("convert", t)
        return t

    def value_of_cast(self, e):
        self.value_as(e[2], TYPES[e[1]])
        return TYPES[e[1]]

    def value_of_assign(self, e):
        t = self.place(e[2])[2]
        right = self.value(e[3])
        if e[1] != "=":
            self.load(e[2])
            self.emit("swap")
            self.emit("binary", e[1][:-1], t, right)
        self.emit("convert", t)
        self.store(e[2])
        return t

    def value_of_step(self, e):
        t = self.load(e[3])
        if not e[2]:
            self.emit("duplicate")
        self.emit("push", 1)
        self.emit("binary", e[1][0], t, INT)
        self.emit("convert", t)
        self.store(e[3])
        if not e[2]:
            self.emit("drop")
        return t

    def value_of_call(self, e):
        function = self.program.function(e[1])
        for (type_name, _), argument in zip(function.parameters, e[2]):
            self.value_as(argument, TYPES[type_name])
        self.inline(function)
        return TYPES.get(function.result, INT)

    def value_of_any_bool(self, _):
        self.emit("any", 1)
        return BOOL

    def value_of_any_bits(self, e):
        self.emit("any", e[1])
        return U64

    def value_of_debugctl(self, _):
        self.emit("read_debugctl")
        return U64

    def value_of_cpu(self, e):
        """In properties only."""
        self.emit("read_gif" if e[1] == "gif" else "read_debugctl")
        return BOOL if e[1] == "gif" else U64

    def inline(self, function):
        """Arguments are on the stack; the result is left there (0 for none, which nobody reads)."""
        outer, self.scopes = self.scopes, [{}]
        loops, self.loops = self.loops, []
        for type_name, name in reversed(function.parameters):
            self.emit("store_local", self.declare(name, TYPES[type_name]))
            self.emit("drop")
        self.returns.append(([], TYPES.get(function.result)))
        begin = len(self.code)
        self.block(function.body)
        self.emit("push", 0)
        self.patch(self.returns.pop()[0])
        self.bodies.append((begin, len(self.code)))
        self.scopes, self.loops = outer, loops

    # --- statements: each leaves the stack as it was ---

    def block(self, statements):
        self.scopes.append({})
        for s in statements:
            getattr(self, "do_" + s[0])(s)
        self.scopes.pop()

    def do_expr(self, s):
        self.value(s[1])
        self.emit("drop")

    def do_if(self, s):
        self.value(s[1])
        other = self.emit("jump_if_not", None)
        self.block(s[2])
        if s[3]:
            done = self.emit("jump", None)
            self.patch([other])
            self.block(s[3])
            other = done
        self.patch([other])

    def head(self):
        return self.emit("head")

    def do_while(self, s):
        head = self.head()
        self.value(s[1])
        self.loops.append(([self.emit("jump_if_not", None)], []))
        self.block(s[2])
        breaks, continues = self.loops.pop()
        self.patch(continues, head)
        self.emit("jump", head)
        self.patch(breaks)

    def do_do(self, s):
        head = self.head()
        self.loops.append(([], []))
        self.block(s[1])
        breaks, continues = self.loops.pop()
        self.patch(continues)
        self.value(s[2])
        self.emit("jump_if", head)
        self.patch(breaks)

    def do_for(self, s):
        self.scopes.append({})
        slot = self.declare(s[1], INT)
        self.emit("push", 0)
        self.emit("store_local", slot)
        self.emit("drop")
        head = self.head()
        self.value(("binary", "<", ("var", s[1]), ("num", s[2])))
        self.loops.append(([self.emit("jump_if_not", None)], []))
        self.block(s[3])
        breaks, continues = self.loops.pop()
        self.patch(continues)
        self.do_expr(("expr", ("step", "++", True, s[1])))
        self.emit("jump", head)
        self.patch(breaks)
        self.scopes.pop()

    def do_repeat(self, s):
        head = self.head()
        for inner in s[2]:  # no scope of its own: it is a label and a goto
            getattr(self, "do_" + inner[0])(inner)
        self.value(s[3])
        self.emit("jump_if", head)

    def do_skip(self, s):
        self.value(s[2])
        over = self.emit("jump_if", None)
        for inner in s[3]:
            getattr(self, "do_" + inner[0])(inner)
        self.patch([over])

    def do_switch(self, s):
        t = self.value(s[1])
        slot = self.slots
        self.slots += 1
        self.emit("store_local", slot)
        self.emit("drop")
        entries = []
        for value, _, _ in s[2]:
            self.emit("load_local", slot, t)
            self.emit("push", value)
            self.emit("binary", "==", t, INT)
            entries.append(self.emit("jump_if", None))
        other = self.emit("jump", None)
        # `continue` belongs to the loop around the switch.
        self.loops.append(([], self.loops[-1][1] if self.loops else None))
        for (_, body, falls), entry in zip(s[2], entries):
            self.patch([entry])
            self.block(body)
            if not falls:
                self.loops[-1][0].append(self.emit("jump", None))
        self.patch([other])
        self.block(s[3])
        self.patch(self.loops.pop()[0])

    def do_local(self, s):
        t = TYPES[s[1]]
        if s[3] is not None:
            self.value_as(s[3], t)
            self.emit("store_local", self.declare(s[2], t))
            self.emit("drop")
        else:
            self.emit("forget", self.declare(s[2], t))

    def do_return(self, s):
        jumps, t = self.returns[-1]
        if s[1] is None:
            self.emit("push", 0)
        else:
            self.value_as(s[1], t)
        jumps.append(self.emit("jump", None))

    def do_break(self, _):
        self.loops[-1][0].append(self.emit("jump", None))

    def do_continue(self, _):
        self.loops[-1][1].append(self.emit("jump", None))

    def do_assume(self, s):
        self.value(s[1])
        self.emit("assume")

    def do_assert(self, s):
        self.value(s[1])
        self.emit("assert")

    def do_do_it(self, s):
        self.emit(s[1])

    def do_wrmsr(self, s):
        self.value_as(s[1], U64)
        self.emit("write_debugctl")


def is_access(instruction):
    kind = instruction[0]
    return (kind in CPU_CALLS or kind in ("read_debugctl", "write_debugctl")
            or (kind in ("load_global", "store_global") and instruction[2]))


def reachable(begin, neighbours, within):
    """What lies behind `begin`, itself only where a way comes back to it."""
    found, todo = set(), [begin]
    while todo:
        for at in neighbours[todo.pop()]:
            if within[0] <= at < within[1] and at not in found:
                found.add(at)
                todo.append(at)
    return found


def loops_with_an_access(code, bodies):
    """Beginnings of loops to which some way that stays in their function comes round past a shared
    access, be it by way of a loop around them."""
    after = [[] for _ in range(len(code) + 1)]
    before = [[] for _ in range(len(code) + 1)]
    for at, instruction in enumerate(code):
        nexts = [] if instruction[0] == "jump" else [at + 1]
        if instruction[0] in ("jump", "jump_if", "jump_if_not"):
            nexts.append(instruction[1])
        for then in nexts:
            after[at].append(then)
            before[then].append(at)
    found = set()
    for head, instruction in enumerate(code):
        if instruction[0] == "head":
            within = min((b for b in bodies if b[0] <= head < b[1]), key=lambda b: b[1] - b[0])
            around = reachable(head, after, within) & reachable(head, before, within)
            if any(is_access(code[at]) for at in around):
                found.add(head)
    return found


def thread_of(program, name, is_shared):
    """(code, number of local slots, beginnings of the loops that are cut)"""
    coder = Coder(program, is_shared)
    coder.inline(program.function(name))
    coder.emit("drop")
    return coder.code, coder.slots, loops_with_an_access(coder.code, coder.bodies)


def code_of(program, name, is_shared=lambda _: False):
    """(code, number of local slots); for a property, give its expression as ("return", e) yourself."""
    coder = Coder(program, is_shared)
    coder.inline(program.function(name))
    coder.emit("drop")
    return coder.code, coder.slots


def code_of_expression(program, e):
    coder = Coder(program, lambda _: False)
    coder.value(e)
    return coder.code
