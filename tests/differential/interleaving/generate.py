"""Random programs of actors: small worlds, in which every word of the language meets every other."""

from syntax import Function, Program

TYPE_NAMES = ("u8", "u8", "u8", "bool", "s8", "u16", "u32", "int")
CPU_PAIRS = (("clgi", "stgi"), ("local_irq_disable", "local_irq_enable"),
             ("preempt_disable", "preempt_enable"))


class Generator:
    def __init__(self, random):
        self.random = random
        self.variables = [(random.choice(TYPE_NAMES), name, random.choice((0, 0, 0, 1)))
                          for name in "abcd"[:random.randint(1, 4)]]
        self.helpers = []
        self.locals = []
        self.labels = 0
        self.thread = False  # in vcpu_run or in what it calls: loops may be cut, the CPU is at hand
        self.loop = False
        self.may_assume = True

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def a_name(self):
        names = [name for _, name, _ in self.variables]
        return self.random.choice(names + names + self.locals)

    def small(self):
        return ("num", self.random.choice((0, 1, 1, 2, 3)))

    def value(self, depth=2):
        random = self.random
        kind = random.randrange(100)
        if depth == 0 or kind < 40:
            return ("var", self.a_name()) if kind % 3 else self.small()
        if kind < 60:
            op = random.choice(("&", "|", "^", "+", "-", "==", "!=", "<", ">="))
            return ("binary", op, self.value(depth - 1), self.value(depth - 1))
        if kind < 64:  # undefined at times
            return ("binary", random.choice(("/", "%", "<<", ">>", "*", "-")),
                    self.value(depth - 1), self.value(depth - 1))
        if kind < 72:
            return (random.choice(("and", "or")), self.value(depth - 1), self.value(depth - 1))
        if kind < 76:
            return ("cond", self.value(depth - 1), self.value(depth - 1), self.value(depth - 1))
        if kind < 82:
            return ("unary", random.choice(("!", "!", "~", "-")), self.value(depth - 1))
        if kind < 85:
            return ("cast", random.choice(("u8", "s8", "u16", "u32", "bool")), self.value(depth - 1))
        if kind < 90:
            return random.choice((("any_bool",), ("any_bits", 1), ("any_bits", 3)))
        if kind < 94:
            return ("binary", "&", ("debugctl",), ("num", random.choice((1, 2, 3))))
        if kind < 96 and self.helpers and self.thread:
            return self.call(random.choice(self.helpers))
        if kind < 98:
            return ("assign", "=", self.a_name(), self.masked(depth - 1))
        return ("step", random.choice(("++", "--")), self.chance(50), self.a_name())

    def masked(self, depth=2):
        """Few values, so that there are few states."""
        kind = self.random.randrange(10)
        if kind < 4:
            return self.small()
        if kind < 5:
            return ("any_bool",)
        return ("binary", "&", self.value(depth), ("num", self.random.choice((1, 3, 3))))

    def call(self, function):
        return ("call", function.name, tuple(self.masked(1) for _ in function.parameters))

    def block(self, size, depth):
        return tuple(self.statement(depth) for _ in range(self.random.randint(1, size)))

    def simple(self):
        random = self.random
        kind = random.randrange(100)
        if kind < 50:
            return ("expr", ("assign", "=", self.a_name(), self.masked()))
        if kind < 58:
            return ("expr", ("assign", random.choice(("|=", "&=", "^=", "+=", "-=")), self.a_name(),
                             self.small()))
        if kind < 63:
            return ("expr", ("step", random.choice(("++", "--")), True, self.a_name()))
        if kind < 70:
            return ("wrmsr", random.choice((self.small(), ("any_bits", 3), self.masked())))
        if kind < 74:
            return ("assert", ("binary", random.choice(("!=", "<")), self.value(1), self.small()))
        if kind < 78 and self.may_assume:
            return ("assume", self.value(1))
        if kind < 92:
            # Actors leave GIF and IF alone more often than not: they would mask everything.
            pairs = CPU_PAIRS if self.thread else CPU_PAIRS[2:]
            return ("do_it", random.choice(random.choice(pairs)))
        if self.helpers and self.thread:
            return ("expr", self.call(random.choice(self.helpers)))
        return ("expr", ("assign", "=", self.a_name(), ("debugctl",)))

    def statement(self, depth):
        kind = self.random.randrange(100)
        if depth == 0 or kind < 55:
            return self.simple()
        if kind < 75:
            return ("if", self.value(), self.block(2, depth - 1),
                    self.block(2, depth - 1) if self.chance(40) else ())
        if kind < 80 and self.loop and not self.chance(30):
            return ("if", self.value(1), ((self.random.choice(("break", "continue")),),), ())
        self.labels += 1
        number = self.labels
        if kind < 84:
            return ("switch", self.value(1), tuple((v, self.block(2, depth - 1), self.chance(30))
                                                   for v in range(self.random.randint(1, 3))),
                    self.block(1, depth - 1))
        if kind < 88:
            return ("skip", f"l{number}", self.value(1), self.block(2, 0))
        if kind < 91 or not self.thread:
            return self.in_loop(lambda: ("for", f"i{number}", self.random.randint(1, 3),
                                         self.block(2, depth - 1)))
        # A round must pass an access, or the loop is refused.
        access = (self.random.choice((("do_it", self.random.choice(CPU_PAIRS[0])),
                                      ("wrmsr", self.masked()))),)
        if self.chance(40):
            body = self.in_loop(lambda: self.block(2, depth - 1))
            return ("while", self.value(1), self.shuffled(body, access))
        if self.chance(50):
            body = self.in_loop(lambda: self.block(2, depth - 1))
            return ("do", self.shuffled(body, access), self.value(1))
        outer, self.loop = self.loop, False
        body = self.block(2, depth - 1)
        self.loop = outer
        return ("repeat", f"l{number}", self.shuffled(body, access), self.value(1))

    def shuffled(self, body, access):
        """Sometimes only on some ways around."""
        extra = ("if", self.value(1), access, ()) if self.chance(30) else access[0]
        return (*body, extra) if self.chance(50) else (extra, *body)

    def in_loop(self, make):
        outer, self.loop = self.loop, True
        made = make()
        self.loop = outer
        return made

    def body(self, size, depth):
        declared = ()
        outer = self.locals
        self.locals = []
        for name in ("x", "y")[:self.random.choice((0, 0, 1, 1, 2))]:
            if self.chance(40):
                declared += (("local", "bool" if self.chance(90) else "u8", name, None),)
            else:
                declared += (("local", self.random.choice(TYPE_NAMES), name, self.masked(1)),)
            self.locals.append(name)
        made = declared + self.block(size, depth)
        self.locals = outer
        return made

    def helper(self, name):
        self.thread = True
        parameters = (("u8", "p"),) if self.chance(60) else ()
        self.locals = ["p"] if parameters else []
        early = (("if", self.value(1), (("return", self.small()),), ()),) if self.chance(40) else ()
        body = early + self.block(2, 1) + (("return", self.masked()),)
        self.locals = []
        return Function(name, "u8", parameters, body)

    def claim(self, depth=1):
        if depth and self.chance(45):
            return (self.random.choice(("and", "or")), self.claim(0), self.claim(0))
        kind = self.random.randrange(10)
        if kind < 7:
            return ("binary", self.random.choice(("==", "==", "!=", "<", ">")),
                    ("var", self.random.choice(self.variables)[1]), self.small())
        if kind < 8:
            return ("cpu", "gif")
        return ("binary", "==", ("binary", "&", ("cpu", "debugctl"), ("num", 3)), self.small())

    def program(self):
        functions = []
        for i in range(self.random.choice((0, 0, 1, 2))):
            self.helpers = [*self.helpers, self.helper(f"f{i}")]
        functions += self.helpers
        self.thread = False
        if self.chance(20):
            self.may_assume = False
            value = self.random.choice((("any_bool",), self.small(), ("any_bits", 3)))
            mask = ("do_it", self.random.choice(("local_irq_disable", "preempt_disable", "clgi")))
            functions.append(Function("vcpu_create", "void", (), (
                ("expr", ("assign", "=", self.random.choice(self.variables)[1], value)), mask)))
            self.may_assume = True
        if self.chance(25):
            functions.append(Function("boot", "void", (), self.body(3, 1)))
        kinds = [self.random.choice(("irq_", "irq_", "nmi_", "task_switch_"))
                 for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3)))]
        for i, kind in enumerate(kinds):
            functions.append(Function(f"{kind}{i}", "void", (), self.body(3, 2)))
        if "task_switch_" in kinds and self.chance(40):
            functions.append(Function("vcpu_load", "void", (), self.body(2, 1)))
        self.thread = True
        functions.append(Function("vcpu_run", "void", (), self.body(6, 2)))
        names = ("never_p", "always_q", "reachable_r", "never_s", "reachable_t", "always_u")
        return Program(tuple(self.variables), tuple(functions),
                       tuple((name, self.claim()) for name in names))


def program(random):
    return Generator(random).program()
