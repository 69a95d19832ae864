#!/usr/bin/env python3
"""An independent reader of BTOR2 for small models: which bad states can be reached?

    btor2_reach.py FILE...    per file one line: for each bad property its distance, or '-'

Breadth first over the states of the file, every input taking every value. Written from the format's
description (Niemetz, Preiner, Wolf and Biere, CAV 2018); Debian 12 has no reader of BTOR2.
"""
import itertools
import sys


class Model:
    def __init__(self, path):
        self.width, self.nodes, self.init, self.next, self.bad = {}, {}, {}, {}, []
        self.inputs, self.states = [], []
        sorts = {}
        for text in open(path, encoding="ascii"):
            words = text.split(";")[0].split()
            if not words:
                continue
            line, kind, rest = int(words[0]), words[1], words[2:]
            if kind == "sort":
                assert rest[0] == "bitvec", text
                sorts[line] = int(rest[1])
            elif kind == "bad":
                self.bad.append(int(rest[0]))
            elif kind in ("init", "next"):
                assert sorts[int(rest[0])] == self.width[int(rest[1])], text
                assert sorts[int(rest[0])] == self.width[int(rest[2])], text
                (self.init if kind == "init" else self.next)[int(rest[1])] = int(rest[2])
            else:
                self.width[line] = sorts[int(rest[0])]
                if kind == "input":
                    self.inputs.append(line)
                elif kind == "state":
                    self.states.append(line)
                else:
                    self.nodes[line] = (kind, [int(word) for word in rest[1:]])
        assert set(self.states) == set(self.init) == set(self.next), "a state is left open"

    def evaluate(self, values):
        for line, (kind, arguments) in self.nodes.items():
            values[line] = self.apply(line, kind, arguments, values)
        return values

    def apply(self, line, kind, arguments, values):
        width = self.width[line]
        full = (1 << width) - 1
        if kind == "constd":
            return arguments[0]
        a = values[arguments[0]]
        wide = self.width[arguments[0]]
        if kind == "not":
            return ~a & full
        if kind == "slice":
            assert width == arguments[1] - arguments[2] + 1
            return (a >> arguments[2]) & full
        b = values[arguments[1]]
        if kind == "ite":
            assert wide == 1
            return b if a else values[arguments[2]]
        if kind == "concat":
            assert width == wide + self.width[arguments[1]]
            return a << self.width[arguments[1]] | b
        assert wide == self.width[arguments[1]]
        sign = 1 << (wide - 1)
        signed_a, signed_b = a - 2 * (a & sign), b - 2 * (b & sign)
        return {
            "and": lambda: a & b, "or": lambda: a | b, "xor": lambda: a ^ b,
            "add": lambda: a + b & full, "sub": lambda: a - b & full, "mul": lambda: a * b & full,
            "udiv": lambda: a // b if b else full, "urem": lambda: a % b if b else a,
            "sll": lambda: a << b & full, "srl": lambda: a >> b,
            "sra": lambda: signed_a >> b & full,
            "eq": lambda: int(a == b), "ult": lambda: int(a < b), "ulte": lambda: int(a <= b),
            "slt": lambda: int(signed_a < signed_b), "slte": lambda: int(signed_a <= signed_b),
        }[kind]()

    def distances(self):
        first = self.evaluate(dict.fromkeys(self.inputs + self.states, 0))
        level = {tuple(first[self.init[state]] for state in self.states)}
        seen, found, depth = set(level), [None] * len(self.bad), 0
        choices = [range(1 << self.width[line]) for line in self.inputs]
        while level:
            after = set()
            for state in level:
                for picked in itertools.product(*choices):
                    values = dict(zip(self.states, state))
                    values.update(zip(self.inputs, picked))
                    self.evaluate(values)
                    for i, bad in enumerate(self.bad):
                        if values[bad] and found[i] is None:
                            found[i] = depth
                    after.add(tuple(values[self.next[each]] for each in self.states))
            level = after - seen
            seen |= level
            depth += 1
        return found


for path in sys.argv[1:]:
    print(" ".join("-" if each is None else str(each) for each in Model(path).distances()))
