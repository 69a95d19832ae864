"""Every behaviour of a program, one state at a time: the semantics of docs/language.md, DESIGN.md and
docs/hardware.md ("A handler runs with IF=0, and rFLAGS is restored when it ends"), done plainly.

A state is (where, globals, machine). Where: "boot", "ended" (undefined behaviour), or the vCPU's
thread: (instruction, locals, stack). Nothing is known of the reference host, on purpose: what the
real software does must not depend on it.
"""

from collections import deque
from typing import NamedTuple

from c_values import Undefined, binary, convert, unary
from stack_code import code_of, code_of_expression, is_access, thread_of

UNKNOWN = None  # a local that has no value yet


class TooLarge(Exception):
    pass


class Machine(NamedTuple):
    debugctl: int = 0
    irqs: int = 1    # rFLAGS.IF
    gif: int = 1
    preempt: int = 0


def cpu_call(name, machine):
    if name in ("clgi", "stgi"):
        return machine._replace(gif=int(name == "stgi"))
    if name in ("local_irq_disable", "local_irq_enable"):
        return machine._replace(irqs=int(name == "local_irq_enable"))
    count = machine.preempt + (1 if name == "preempt_disable" else -1)
    if not 0 <= count <= 15:
        raise Undefined(f"{name}() with a count of {machine.preempt}")
    return machine._replace(preempt=count)


def subsets(mask):
    """All values whose set bits are in the mask."""
    values, value = [], mask
    while True:
        values.append(value)
        if value == 0:
            return values
        value = (value - 1) & mask


def carry_out(instruction, stack, local, variables, machine):
    """One instruction that neither jumps nor chooses, on the lists given; returns the machine."""
    kind = instruction[0]
    if kind == "push":
        stack.append(instruction[1])
    elif kind == "convert":
        stack[-1] = convert(stack[-1], instruction[1])
    elif kind == "load_local":
        stack.append(local[instruction[1]])
    elif kind == "store_local":
        local[instruction[1]] = stack[-1]
    elif kind == "forget":
        local[instruction[1]] = UNKNOWN
    elif kind == "load_global":
        stack.append(variables[instruction[1]])
    elif kind == "store_global":
        variables[instruction[1]] = stack[-1]
    elif kind == "unary":
        stack[-1] = unary(instruction[1], stack[-1], instruction[2])
    elif kind == "binary":
        right = stack.pop()
        stack[-1] = binary(instruction[1], stack[-1], right, instruction[2], instruction[3])
    elif kind == "drop":
        stack.pop()
    elif kind == "duplicate":
        stack.append(stack[-1])
    elif kind == "swap":
        stack[-2:] = stack[-1], stack[-2]
    elif kind == "read_debugctl":
        stack.append(machine.debugctl)
    elif kind == "read_gif":
        stack.append(machine.gif)
    elif kind == "write_debugctl":
        return machine._replace(debugctl=stack.pop() & 7)
    elif kind == "assert":
        if not stack.pop():
            raise Undefined("a failed assert()")
    else:
        return cpu_call(kind, machine)
    return machine


MOST_WAYS = 20000


def ways(code, thread, variables, machine, atomic, heads=frozenset()):
    """All ends of one step (or, if atomic, of the whole code) from here: (where, globals, machine),
    where "end" is the code's end and "ended" is undefined behaviour."""
    found = []
    at, local, stack = thread
    start = (at, local, stack, variables, machine, frozenset(), False)
    todo = [start]
    begun = 0
    while todo:
        begun += 1
        if begun + len(todo) > MOST_WAYS:
            raise TooLarge("too many ways through one step")
        at, local, stack, variables, machine, passed, accessed = todo.pop()
        local, stack, variables = list(local), list(stack), list(variables)
        budget = 5000
        while True:
            budget -= 1
            if budget == 0:
                raise TooLarge("a loop without an end")
            if at == len(code):
                found.append(("end", tuple(variables), machine))
                break
            instruction = code[at]
            kind = instruction[0]
            if kind == "head":
                passed = passed | {at}
            elif kind in ("jump", "jump_if", "jump_if_not"):
                taken = kind == "jump" or bool(stack.pop()) == (kind == "jump_if")
                target = instruction[1] if taken else at + 1
                if target <= at and not atomic and target in heads and target in passed:
                    found.append(((target, tuple(local), tuple(stack)), tuple(variables), machine))
                    break
                at = target
                continue
            elif kind == "any":
                todo.extend((at + 1, tuple(local), (*stack, value), tuple(variables), machine, passed,
                             accessed) for value in subsets(instruction[1]))
                break
            elif kind == "load_local" and local[instruction[1]] is UNKNOWN:
                width = instruction[2].width
                if 1 << width > MOST_WAYS:
                    raise TooLarge("any value of a local that has none yet")
                for bits in range(1 << width):
                    chosen = list(local)
                    chosen[instruction[1]] = convert(bits, instruction[2])
                    todo.append((at, tuple(chosen), tuple(stack), tuple(variables), machine, passed,
                                 accessed))
                break
            elif kind == "assume":
                if not stack.pop():
                    break
            else:
                if not atomic and is_access(instruction):
                    if accessed:
                        found.append(((at, tuple(local), tuple(stack)), tuple(variables), machine))
                        break
                    accessed = True
                try:
                    machine = carry_out(instruction, stack, local, variables, machine)
                except Undefined:
                    found.append(("ended", tuple(variables), machine))
                    break
            at += 1
    return found


class World:
    def __init__(self, program):
        self.program = program
        self.actors = [(name, code_of(program, name)) for name in program.actors()]
        self.load = code_of(program, "vcpu_load") if program.function("vcpu_load") else None
        shared = self.shared_globals()
        self.code, self.slots, self.heads = thread_of(program, "vcpu_run", shared.__contains__)
        self.properties = [(name, code_of_expression(program, e)) for name, e in program.properties]

    def shared_globals(self):
        """Those that an actor and vcpu_run touch and that one of them writes."""
        def touched(code):
            return ({i[1] for i in code if i[0] in ("load_global", "store_global")},
                    {i[1] for i in code if i[0] == "store_global"})
        thread, thread_writes = touched(code_of(self.program, "vcpu_run")[0])
        actors, writes = set(), set(thread_writes)
        codes = [code for _, (code, _) in self.actors]
        if self.load and any(name.startswith("task_switch_") for name, _ in self.actors):
            codes.append(self.load[0])
        for code in codes:
            touches, written = touched(code)
            actors |= touches
            writes |= written
        return {self.program.variables[i][1] for i in thread & actors & writes}

    def start(self):
        return (0, (UNKNOWN,) * self.slots, ())

    def initial(self):
        variables = tuple(initial for _, _, initial in self.program.variables)
        first = "boot" if self.program.function("boot") else self.start()
        if not self.program.function("vcpu_create"):
            return {(first, variables, Machine())}
        code, slots = code_of(self.program, "vcpu_create")
        return {(first if where == "end" else where, v, m) for where, v, m in
                ways(code, (0, (UNKNOWN,) * slots, ()), variables, Machine(), True)}

    def vcpu_steps(self, state):
        where, variables, machine = state
        if where == "boot":
            code, slots = code_of(self.program, "boot")
            found = ways(code, (0, (UNKNOWN,) * slots, ()), variables, machine, True)
        else:
            found = ways(self.code, where, variables, machine, False, self.heads)
        return {(self.start() if w == "end" else w, v, m) for w, v, m in found}

    def actor_steps(self, state):
        where, variables, machine = state
        found = set()
        if where == "boot" or not machine.gif:
            return found
        for name, (code, slots) in self.actors:
            switch = name.startswith("task_switch_")
            if not name.startswith("nmi_") and not machine.irqs or switch and machine.preempt:
                continue
            before = machine if switch else machine._replace(irqs=0)
            for end, v, m in ways(code, (0, (UNKNOWN,) * slots, ()), variables, before, True):
                m = m._replace(irqs=machine.irqs)
                if end == "end" and switch and self.load:
                    code2, slots2 = self.load
                    found.update((where if w == "end" else w, v2, m2) for w, v2, m2 in
                                 ways(code2, (0, (UNKNOWN,) * slots2, ()), v, m, True))
                else:
                    found.add((where if end == "end" else end, v, m))
        return found

    def evaluate(self, code, state):
        # A property is an expression without choices: its value is pushed last.
        marked = (*code, ("store_global", len(state[1]), False))
        end = ways(marked, (0, (), ()), (*state[1], 0), state[2], True)
        return end[0][1][-1] != 0

    def explore(self, most):
        """Property -> distance of the nearest state that decides it (violates always_ and never_,
        is what reachable_ asks for), or None; the number of states; state -> (before, who)."""
        wanted = {name: None for name, _ in self.properties}
        wanted.update(always_well_defined=None, always_can_continue=None)
        came = {state: None for state in self.initial()}
        todo = deque((state, 0) for state in came)
        ends = {}

        def note(name, state, distance):
            if wanted[name] is None:
                wanted[name] = distance
                ends[name] = state

        while todo:
            state, distance = todo.popleft()
            for name, code in self.properties:
                if wanted[name] is None and self.evaluate(code, state) != name.startswith("always_"):
                    note(name, state, distance)
            if state[0] == "ended":
                note("always_well_defined", state, distance)
                continue
            steps = self.vcpu_steps(state)
            if not steps:
                note("always_can_continue", state, distance)
            for after in steps | self.actor_steps(state):
                if after not in came:
                    came[after] = state
                    todo.append((after, distance + 1))
            if len(came) > most:
                raise TooLarge(f"more than {most} states")
        return wanted, len(came), came, ends
