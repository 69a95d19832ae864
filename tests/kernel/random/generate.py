"""Random small trees in kernel manner, each with a lens of its own.

program(rng) -> Program: the tree's files, the lens, and what the engine needs to run the whole tree
as C. Values are 0 to 3 throughout, loops end, and nothing is undefined, so that a C compiler is an
interpreter of the whole program.
"""

import dataclasses
import re

SCALARS = ["t0", "t1", "t2", "flags"]          # of struct vcpu; flags has a mask
STRUCTS = """\
struct vcpu;
struct msg { u64 index; u64 data; u64 spare; bool host; };
struct inner { u64 a; u64 b; };
typedef void (*fn_t)(struct vcpu *v);
typedef u64 (*value_fn_t)(struct vcpu *v, u64 n);
struct ops { void (*go)(struct vcpu *v); void (*stop)(struct vcpu *v); u64 (*get)(struct vcpu *v, u64 n); };
struct box { u64 x; u64 y; struct inner in; };
struct vcpu {
\tu64 t0; u64 t1; u32 t2; u64 flags;
\tu64 u0; u64 u1; int mode;
\tstruct inner in; struct inner other;
\tstruct box *box;
\tstruct ops *ops;
\tu64 *keep;
\tunion { u64 one; u64 two; };
};
#define SET_T0(v, n) ((v)->t0 = (n))
#define BOTH(v, n) do { (v)->t1 = (n); (v)->u1 = (n); } while (0)
#define IS_SET(v) ((v)->flags & 1)
#define PICK(c, a, b) ((c) ? (a) : (b))
#define U0_OF(v) ((v)->u0)
u64 ext0(void);
int ext1(struct msg *unused);
void ext_fill(u64 *out);
"""

LENS = """\
[tree]
files = ["arch/*.[ch]"]
bodies = ["body.c"]
[entry]
vcpu_run = "run"
[singletons]
"struct vcpu" = "airlock_vcpu"
[tracked]
{tracked}
[machine]
tighten = ["local_irq_disable"]
loosen = ["local_irq_enable"]
[machine.when]
wrmsrl = {{ argument = 0, is = "MSR_IA32_DEBUGCTLMSR" }}
[tables]
"call_op(*)" = "the_ops"
"handlers[]" = {{ only = ["0", "1", "2", "3"] }}
[macros]
transparent = ["WARN_ON", "likely", "unlikely", "READ_ONCE"]
"""

# Beyond what the slice needs: what a C compiler wants of the whole program.
NATIVE = """\
#define WARN_ON(x) (x)
#define call_op(op) (the_ops.op)
u64 ext0(void) { return engine_choose(4); }
void ext_fill(u64 *out) { if (engine_choose(2)) *out = engine_choose(4); }
"""


@dataclasses.dataclass
class Program:
    files: dict
    lens: str
    body: str
    native: str          # includes the tree, and has reset(), state() for the whole program
    slice_state: list    # the tracked scalars, as lvalues


class Function:
    """What a body may name."""

    def __init__(self, name, result, parameters, static):
        self.name, self.result, self.parameters, self.static = name, result, parameters, static
        self.file = None
        self.locals, self.writable, self.pointers, self.messages = [], [], [], []
        self.out = self.fn = self.message = None


class Generator:
    """One program."""

    def __init__(self, rng):
        self.rng = rng
        self.serial = 0
        self.functions = []
        self.tables = rng.random() < 0.4
        self.heavy = rng.random() < 0.4      # many accesses to the machine
        self.rich = rng.random() < 0.5       # also what the slicer may refuse
        self.tracked = {"t0"} | {f for f in ("t1", "t2", "flags", "in", "box", "one")
                                 if rng.random() < (0.25 if f == "one" else 0.55)}
        self.inner = {"a"} | ({"b"} if rng.random() < 0.4 else set())
        self.message = {f for f in ("index", "data", "host") if rng.random() < 0.7}
        self.boxed = {f for f in ("x", "in") if rng.random() < 0.6} or {"x"}

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, p):
        return self.rng.random() < p

    def name(self, stem):
        self.serial += 1
        return f"{stem}{self.serial}"

    # Expressions: of values 0 to 3.
    def place(self, f):
        """A field of an object that is one."""
        return self.pick("v->t0", "v->t0", "v->t1", "v->t2", "v->flags", "v->u0", "v->u1",
                         "v->in.a", "v->in.b", "v->other.a", "v->box->x", "v->box->y",
                         "v->box->in.a", *(["v->one", "v->two"] if self.chance(.3) else []))

    def leaf(self, f):
        options = ["number", "place", "place", "ext"]
        if f.locals:
            options += ["local"] * 3
        if f.messages:
            options += ["message"] * 2
        if f.out:
            options.append("out")
        if any(p[0] == "p" for p in f.pointers):
            options.append("pointer")
        what = self.rng.choice(options)
        if what == "number":
            return str(self.rng.randrange(4))
        if what == "place":
            return self.place(f)
        if what == "ext":
            return self.pick("ext0()", "ext0()", "U0_OF(v)", "get_debugctlmsr()", "IS_SET(v)")
        if what == "local":
            return self.rng.choice(f.locals)
        if what == "message":
            return self.rng.choice(f.messages) + self.pick("index", "data", "spare", "host")
        if what == "pointer":
            return "*" + self.rng.choice([p for p in f.pointers if p[0] == "p"])
        return f"*{f.out}"

    def value(self, f, depth=0):
        r = self.rng.random()
        if depth > 2 or r < .4:
            return self.leaf(f)
        if r < .6:
            return (f"({self.value(f, depth + 1)} {self.pick('|', '&', '^')} "
                    f"{self.value(f, depth + 1)})")
        if r < .68:
            return f"(({self.value(f, depth + 1)} + {self.value(f, depth + 1)}) & 3)"
        if r < .74:
            return f"({self.cond(f, depth + 1)} ? {self.value(f, depth + 1)} : {self.value(f, depth + 1)})"
        if r < .78:
            return f"PICK({self.cond(f, depth + 1)}, {self.value(f, depth + 1)}, {self.value(f, depth + 1)})"
        if r < .82:
            return self.pick(f"(u8){self.leaf(f)}", f"(u64)({self.leaf(f)})")
        if r < .85:
            return f"{self.pick('likely', 'READ_ONCE')}({self.leaf(f)})"
        if r < .95:
            return self.call(f, value=True) or self.leaf(f)
        if self.rich and f.writable:
            return self.pick(f"({self.rng.choice(f.writable)} = {self.leaf(f)})",
                             f"(ext0(), {self.leaf(f)})")
        return self.leaf(f)

    def cond(self, f, depth=0):
        r = self.rng.random()
        if r < .3 or depth > 2:
            return f"{self.leaf(f)} {self.pick('==', '!=', '<', '>=')} {self.rng.randrange(4)}"
        if r < .45:
            return f"{self.leaf(f)} & {self.pick('1', '2', '3', 'BIT(0)', 'BIT(1)')}"
        if r < .65:
            return f"({self.cond(f, depth + 1)} {self.pick('&&', '||')} {self.cond(f, depth + 1)})"
        if r < .75:
            return f"!({self.cond(f, depth + 1)})"
        if r < .82:
            return f"{self.pick('WARN_ON', 'likely', 'unlikely')}({self.cond(f, depth + 1)})"
        if r < .9:
            return self.call(f, value=True) or self.leaf(f)
        return self.value(f, depth + 1)

    def argument(self, f, kind):
        if kind == "v":
            return "v"
        if kind == "n":
            return self.value(f, 1)
        if kind == "b":
            return self.cond(f, 1)
        if kind == "out":
            named = [x for x in f.writable if x.startswith("x")]
            options = [f"&{self.rng.choice(named)}"] * 3 if named else []
            options += [f.out] if f.out else []
            options += ["&v->t0", "&v->u0", "&v->in.a"]
            return self.rng.choice(options)
        if kind == "m":
            named = [m for m in f.messages if m.endswith(".")]
            if f.message and (not named or self.chance(.5)):
                return f.message
            return f"&{self.rng.choice(named)[:-1]}" if named else None
        if kind == "fn":
            simple = [g.name for g in self.functions if g.parameters == ["v"] and g.result == "void"
                      and (g.file == f.file or not g.static)]
            if f.fn and self.chance(.5):
                return f.fn
            return self.rng.choice(simple) if simple else None
        if kind == "q":
            return self.pick("&v->in", "&v->other", "&v->box->in")
        return None

    def call(self, f, value=False):
        fitting = [g for g in self.functions if (g.result != "void") >= value
                   and (g.file == f.file or not g.static)]
        options = [("direct", g) for g in fitting]
        if self.tables and not value and f.file == "a.c" and self.functions:
            options += [("op", None), ("table", None)]
            options += [("field", None)] if self.rich else []
        if not value and f.fn:
            options += [("fn", None)] * 3
        if not options:
            return None
        how, g = self.rng.choice(options)
        if how == "op":
            return f"call_op({self.pick('go', 'stop')})(v)"
        if how == "field":
            return f"v->ops->{self.pick('go', 'stop')}(v)"
        if how == "table":
            return f"handlers[{self.leaf(f)}](v)"
        if how == "fn":
            return f"{f.fn}(v)"
        arguments = [self.argument(f, kind) for kind in g.parameters]
        return None if None in arguments else f"{g.name}({', '.join(arguments)})"

    # Statements
    def target(self, f):
        options = [self.place(f)] * 3
        if f.writable:
            options += [self.rng.choice(f.writable)] * 4
        if f.out:
            options += [f"*{f.out}"] * 2
        if f.messages:
            options.append(self.rng.choice(f.messages) + self.pick("index", "data", "spare"))
        options += [f"{p}->{self.pick('a', 'b')}" for p in f.pointers if p.startswith("q")]
        if self.rich:
            options += [f"*{p}" for p in f.pointers if p.startswith("p")]
            options.append("*(&v->t0)")
        return self.rng.choice(options)

    def block(self, f, depth, inside):
        saved = list(f.locals), list(f.writable), list(f.pointers), list(f.messages)
        lines = []
        for _ in range(self.rng.randrange(1, 4)):
            lines += self.statement(f, depth, inside)
        f.locals, f.writable, f.pointers, f.messages = saved
        return ["\t" + line for line in lines]

    def braces(self, head, body):
        if len(body) == 1 and not body[0].strip().startswith(("u64", "struct", "u32", "bool", "int")):
            return [head, *body]
        return [head + " {", *body, "}"]

    def machine(self, f):
        return self.pick("vmrun();", "vmrun();", "clgi();",
                         f"wrmsrl(MSR_IA32_DEBUGCTLMSR, {self.value(f, 1)});",
                         f"wrmsrl(0x10, {self.value(f, 1)});",
                         f"update_debugctlmsr({self.value(f, 1)});")

    def statement(self, f, depth=0, inside=()):
        r = self.rng.random()
        if r < .3:
            lines = [f"{self.target(f)} {self.pick('=', '=', '=', '|=', '&=', '^=')} {self.value(f)};"]
            if self.heavy and self.chance(.3):
                lines.append(self.machine(f))
            return lines
        if r < .36:
            return [self.machine(f)]
        if r < .46:
            call = self.call(f)
            return [f"{call};"] if call else [f"v->u0 = {self.value(f)};"]
        if r < .66 and depth < 3:
            body = self.block(f, depth + 1, inside)
            lines = self.braces(f"if ({self.cond(f)})", body)
            if self.chance(.4):
                more = self.braces("else", self.block(f, depth + 1, inside))
                if lines[-1] == "}":
                    lines[-1] = "} " + more[0]
                    lines += more[1:]
                else:
                    lines += more
            return lines
        if r < .72 and depth < 2:
            return self.loop(f, depth, inside)
        if r < .76 and depth < 2:
            return self.switch(f, depth, inside)
        if r < .81:
            return self.jump(f, inside)
        if r < .85 and depth == 0 and f.file:
            return self.irqs(f)
        if r < .93 or not self.rich:
            return self.declaration(f)
        return self.odd(f)

    def loop(self, f, depth, inside):
        i = self.name("i")
        count = self.rng.randrange(1, 3)
        body = self.block(f, depth + 1, (*inside, "loop"))
        form = self.rng.randrange(4)
        if form == 0:
            return [f"for (int {i} = 0; {i} < {count}; {i}++) {{", *body, "}"]
        if form == 1:
            return [f"int {i} = 0;", f"while ({i}++ < {count} && {self.cond(f)}) {{", *body, "}"]
        if form == 2:
            return ["do {", *body, "} while (0);"]
        return [f"u64 {i} = {count};", f"while ({i}) {{", f"\t{i} = {i} - 1;", *body, "}"]

    def switch(self, f, depth, inside):
        lines = [f"switch ({self.value(f)}) {{"]
        inner = (*inside, "switch")
        for label in self.rng.sample(["case 0:", "case 1:", "case 2 ... 3:", "default:"],
                                     self.rng.randrange(1, 4)):
            lines.append(label)
            body = self.block(f, depth + 1, inner)
            lines += ["{", *body, "}"] if any("\t" in x[:1] for x in body) else body
            if self.chance(.6):
                lines.append("\tbreak;")
        return [*lines, "}"]

    def jump(self, f, inside):
        options = ["return"] * 2 + ["goto out"] * 2
        if inside:
            options.append("break")
        if "loop" in inside:
            options.append("continue")
        what = self.rng.choice(options)
        if what == "return":
            what = "return" if f.result == "void" else f"return {self.value(f)}"
        return [f"if ({self.cond(f)})", f"\t{what};"]

    def irqs(self, f):
        call = self.call(f) if self.chance(.5) else None
        middle = ([f"{call};"] if call else self.statement(f, 1) if self.chance(.5)
                  else [f"v->u1 = {self.leaf(f)};"])
        if self.chance(.7):
            return ["local_irq_disable();", *middle, "local_irq_enable();"]
        return ["local_irq_enable();", *middle, "local_irq_disable();"]

    def declaration(self, f):
        r = self.rng.random()
        if r < .45:
            x = self.name("x")
            line = f"u64 {x} = {self.value(f)};"
            f.locals.append(x)
            f.writable.append(x)
            return [line]
        if r < .55:
            x = self.name("x")
            f.locals.append(x)
            f.writable.append(x)
            return [f"u64 {x};", f"if ({self.cond(f)})".replace(x, "v->t0"),
                    f"\t{x} = {self.leaf(f)};".replace(f"= {x}", "= 1"), "else",
                    f"\t{x} = {self.rng.randrange(4)};"]
        if r < .65:
            named = [x for x in f.writable if x.startswith("x")]
            return [f"ext_fill(&{self.rng.choice(named)});"] if named else []
        if r < .75:
            b = self.name("b")
            line = f"{self.pick('bool', 'int', 'u32')} {b} = {self.cond(f)};"
            f.locals.append(b)
            return [line]
        if r < .88:
            m = self.name("m")
            parts = [f".{n} = {self.leaf(f)}" for n in ("index", "data", "spare") if self.chance(.8)]
            f.messages.append(m + ".")
            return [f"struct msg {m} = {{ {', '.join(parts) or '0'} }};"]
        if r < .95:
            q = self.name("q")
            f.pointers.append(q)
            return [f"struct inner *{q} = {self.pick('&v->in', '&v->other', '&v->box->in')};"]
        p = self.name("p")
        named = [x for x in f.writable if x.startswith("x")]
        if named and self.chance(.5):
            line = f"u64 *{p} = &{self.rng.choice(named)};"
        elif named and self.chance(.3):
            line = f"u64 *{p} = {self.cond(f)} ? &{self.rng.choice(named)} : &v->t0;"
        else:
            line = f"u64 *{p} = {self.pick('&v->t0', '&v->u0', '&v->in.a', '&v->box->x')};"
        f.pointers.append(p)
        return [line]

    def odd(self, f):
        named = [m[:-1] for m in f.messages if m.endswith(".")]
        options = ["v->in = v->other;", "v->other = v->in;", "v->box->in = v->in;",
                   "v->in = v->box->in;", f"SET_T0(v, {self.leaf(f)});", f"BOTH(v, {self.leaf(f)});",
                   f"v->t0 = v->t1 = {self.leaf(f)};", f"{self.cond(f)} && ext0();",
                   "v->mode = 1;", "(void)ext0();"]
        if self.chance(.3):
            options += ["v->keep = &v->t0;", "v->keep = &v->u0;", f"*v->keep = {self.leaf(f)};"]
        if named:
            r = self.name("r")
            if self.chance(.5):
                f.messages.append(r + "->")
                return [f"struct msg *{r} = &{self.rng.choice(named)};"]
            if f.message:
                options += [f"*{f.message} = {named[0]};", f"{named[0]} = *{f.message};"] * 2
        if f.file and self.chance(.3):
            again, i = self.name("again"), self.name("i")
            body = self.statement(f, 1)
            return [f"u64 {i} = 0;", f"{again}:", *(body or [";"]),
                    f"if ({self.cond(f)} && {i}++ < 2)", f"\tgoto {again};"]
        simple = [g.name for g in self.functions if g.parameters == ["v"] and g.result == "void"
                  and (g.file == f.file or not g.static)]
        if len(simple) > 1 and self.chance(.4):
            g = self.name("g")
            return [f"fn_t {g} = {self.cond(f)} ? {simple[0]} : {simple[1]};", f"{g}(v);"]
        if len(named) > 1:
            options += [f"{named[0]} = {named[1]};"] * 3
        if f.writable:
            x = self.rng.choice(f.writable)
            word = re.compile(rf"(?<![>.\w]){x}\b")
            outer = word.sub("1", self.leaf(f))
            options += [f"{{ u64 {x} = {outer}; v->u0 = {x}; v->t0 = {x}; }}",
                        f"{x} = ({x} + 1) & 3;"]
        call = self.call(f, value=True)
        if call:
            options += [f"{self.cond(f)} && {call};", f"v->u1 = {call};"] * 2
        return [self.rng.choice(options)]

    # Functions
    def function(self, name, result, parameters, static, file):
        f = Function(name, result, parameters, static)
        f.file = file
        shown = []
        for kind in parameters:
            if kind == "v":
                shown.append("struct vcpu *v")
            elif kind == "n":
                f.locals.append("n")
                if self.chance(.3):
                    f.writable.append("n")
                shown.append("u64 n")
            elif kind == "b":
                f.locals.append("c")
                shown.append("bool c")
            elif kind == "out":
                f.out = "out"
                shown.append("u64 *out")
            elif kind == "m":
                f.message = "msg"
                f.messages.append("msg->")
                shown.append("struct msg *msg")
            elif kind == "q":
                f.pointers.append("q")
                shown.append("struct inner *q")
            elif kind == "fn":
                f.fn = "fn"
                shown.append("fn_t fn")
        lines = []
        for _ in range(self.rng.randrange(2, 6)):
            lines += self.statement(f)
        # Nothing may jump over or into a declaration's scope: C allows it, and so do we.
        tail = [f"\treturn {self.value(f)};"] if result != "void" else ["\t;"]
        f.locals = [x for x in f.locals if x in ("n", "c")]
        f.messages = [m for m in f.messages if m == "msg->"]
        f.writable, f.pointers = [], [p for p in f.pointers if p == "q"]
        tail = [f"\treturn {self.value(f)};"] if result != "void" else ["\tv->u1 = 1;"]
        if self.chance(.4):
            tail = [f"\t{self.target(f)} = {self.leaf(f)};", *tail]
        self.functions.append(f)
        head = f"{'static ' if static else ''}{result} {name}({', '.join(shown)})"
        return head, [head, "{", *("\t" + line for line in lines), "out:", *tail, "}", ""]

    def helper(self, file):
        """A function that does nothing but switch interrupts."""
        name = self.name("f")
        f = Function(name, "void", ["v"], True)
        f.file = file
        self.functions.append(f)
        a, b = self.pick(("disable", "enable"), ("disable", "enable"), ("enable", "disable"))
        return [f"static void {name}(struct vcpu *v)", "{", f"\tlocal_irq_{a}();", "\tv->u1 = 1;",
                f"\tlocal_irq_{b}();", "}", ""]

    def program(self):
        files = {"b.c": [], "a.c": []}
        prototypes = []
        for file, count in (("b.c", self.rng.randrange(0, 3)), ("a.c", self.rng.randrange(1, 4))):
            if file == "a.c":
                # The other file's `same` is another function.
                self.functions = [g for g in self.functions if g.name != "same"]
            if file == "a.c" and self.tables:
                head, lines = self.function(self.name("f"), "void", ["v"], True, file)
                files[file] += lines
            if self.chance(.3):
                files[file] += self.helper(file)
            for i in range(count):
                parameters = ["v"]
                for kind, p in (("n", .4), ("b", .15), ("out", .25), ("m", .35), ("fn", .25), ("q", .15)):
                    if self.chance(p):
                        parameters.append(kind)
                if self.chance(.35):
                    parameters = ["v"]
                static = self.chance(.5)
                name = "same" if static and i == 0 and self.chance(.4) else self.name("f")
                head, lines = self.function(name, self.pick("void", "void", "u64", "int", "bool"),
                                            parameters, static, file)
                files[file] += lines
                if not static:
                    prototypes.append(head + ";")
        simple = [g.name for g in self.functions if g.parameters == ["v"] and g.result == "void"
                  and (g.file == "a.c" or not g.static)]
        ops = ""
        if self.tables and simple:
            members = [f".{n} = {self.rng.choice(simple)}" for n in ("go", "stop")]
            handlers = [f"[{i}] = {self.rng.choice(simple)}" for i in range(4)]
            files["a.c"] += [f"struct ops the_ops = {{ {', '.join(members)} }};",
                             f"fn_t handlers[4] = {{ {', '.join(handlers)} }};", ""]
            prototypes += ["extern struct ops the_ops;", "extern fn_t handlers[4];"]
            ops = "a"
        else:
            self.tables = False
        head, lines = self.function("run", "void", ["v"], False, "a.c")
        # Something is done at least.
        lines[-3] = f"\t{self.pick('v->t0', 'v->u1')} = {self.rng.randrange(4)};\n\tvmrun();"
        files["a.c"] += lines
        prototypes.append(head + ";")
        header = STRUCTS + "\n".join(prototypes) + "\n"
        include = '#include "mini.h"\n\n'
        text = {f"arch/{n}": include + "\n".join(lines) + "\n" for n, lines in files.items()}
        text["arch/mini.h"] = header
        return Program(text, self.lens(bool(ops)), BODY if "box" in self.tracked else PLAIN, self.native(), self.scalars())

    def lens(self, tables):
        rows = []
        vcpu = [f for f in self.tracked if f not in ("flags", "box", "in", "one")]
        quoted = [f'"{f}"' for f in sorted(vcpu)]
        quoted += ['"flags & 1"'] if "flags" in self.tracked else []
        quoted += ['"in"'] if "in" in self.tracked else []
        quoted += ['"box"'] if "box" in self.tracked else []
        quoted += ['"one"'] if "one" in self.tracked else []
        rows.append(f'"struct vcpu" = [{", ".join(quoted)}]')
        if "box" in self.tracked:
            rows.append('"struct box" = [' + ", ".join(f'"{f}"' for f in sorted(self.boxed)) + "]")
        if "in" in self.tracked or ("box" in self.tracked and "in" in self.boxed):
            rows.append('"struct inner" = [' + ", ".join(f'"{f}"' for f in sorted(self.inner)) + "]")
        if self.message:
            rows.append('"struct msg" = [' + ", ".join(f'"{f}"' for f in sorted(self.message)) + "]")
        text = LENS.format(tracked="\n".join(rows)) + '[writers]\n"f*?" = "of the test"\n"same?" = "of the test"\n'
        if "box" in self.tracked:
            text = text.replace('[tracked]', '"struct box" = "airlock_box"\n[tracked]', 1)
        if not tables:
            text = "\n".join(line for line in text.split("\n")
                             if not line.startswith(('"call_op', '"handlers', "[tables]")))
        return text

    def scalars(self):
        """Lvalues of the tracked state that is not on stacks. A struct with a tracked one in it is
        tracked with that member."""
        v = "airlock_vcpu"
        made = [f"{v}.{f}" for f in ("t0", "t1", "t2", "one") if f in self.tracked]
        made += [f"({v}.flags & 1)"] if "flags" in self.tracked else []
        inner = []
        if "in" in self.tracked or ("box" in self.tracked and "in" in self.boxed):
            inner = sorted(self.inner)
        made += [f"{v}.{each}.{f}" for each in ("in", "other") for f in inner]
        if "box" in self.tracked:
            made += ["airlock_box.x"] if "x" in self.boxed else []
            made += [f"airlock_box.in.{f}" for f in inner]
        return made

    def native(self):
        scalars = self.scalars()
        lvalues = [s.strip("()").split(" &")[0] for s in scalars]
        every = [f"airlock_vcpu.{f}" for f in ("t0", "t1", "t2", "flags", "u0", "u1", "one", "in.a",
                                               "in.b", "other.a", "other.b")]
        every += [f"airlock_box.{f}" for f in ("x", "y", "in.a", "in.b")]
        lines = ["static struct box airlock_box;", "static struct vcpu airlock_vcpu;",
                 "static void reset(void)", "{"]
        # What is not tracked is anything; flags has tracked and other bits.
        for each in every:
            if each.endswith(".one"):
                continue
            if each in lvalues:
                keep = "engine_bits(2)" if each.endswith(".flags") else "0"
                lines.append(f"\t{each} = {keep};")
            else:
                lines.append(f"\t{each} = engine_choose(4);")
        one = "0" if "airlock_vcpu.one" in lvalues else "engine_choose(4)"
        lines += ["\tairlock_vcpu.keep = &airlock_vcpu.u0;", f"\tairlock_vcpu.one = {one};", "\tairlock_vcpu.box = &airlock_box;",
                  *(["\tairlock_vcpu.ops = &the_ops;"] if self.tables else []), "}"]
        return "\n".join(lines) + "\n"


BODY = """\
#include <airlock/svm.h>
struct box airlock_box;
struct vcpu airlock_vcpu = { .box = &airlock_box };
"""


PLAIN = """\
#include <airlock/svm.h>
struct vcpu airlock_vcpu;
"""


def program(rng):
    return Generator(rng).program()
