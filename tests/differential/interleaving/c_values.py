"""The integers of C, from the C standard (6.3.1, 6.5) and docs/language.md: types, promotions, usual
conversions, and operators that end the run where C leaves the behaviour undefined.

Written from the documents. It shares no text with Airlock's front end, which is what it is for.
"""

import operator
from typing import NamedTuple


class Undefined(Exception):
    """Undefined behaviour, or a failed assert(): the run ends."""


class Type(NamedTuple):
    name: str
    width: int
    signed: bool


BOOL = Type("bool", 1, False)
U8, S8 = Type("u8", 8, False), Type("s8", 8, True)
U16, S16 = Type("u16", 16, False), Type("s16", 16, True)
INT, U32 = Type("int", 32, True), Type("u32", 32, False)
S64, U64 = Type("s64", 64, True), Type("u64", 64, False)
TYPES = {t.name: t for t in (BOOL, U8, S8, U16, S16, INT, U32, S64, U64)}

ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}
BITWISE = {"&": operator.and_, "|": operator.or_, "^": operator.xor}
COMPARISONS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
               ">": operator.gt, ">=": operator.ge}


def convert(value, to):
    """6.3.1.2, 6.3.1.3; narrower signed types wrap (docs/language.md)."""
    if to is BOOL:
        return 1 if value else 0
    value &= (1 << to.width) - 1
    return value - (1 << to.width) if to.signed and value >> (to.width - 1) else value


def promoted(t):
    """6.3.1.1: what int can hold becomes int."""
    return INT if t.width < 32 else t


def common(a, b):
    """6.3.1.8. Our 64-bit types are wider than our 32-bit ones, so that the wider one wins."""
    a, b = promoted(a), promoted(b)
    if a.width != b.width:
        return a if a.width > b.width else b
    return b if a.signed else a


def result_type(op, a, b):
    if op in COMPARISONS:
        return INT
    return promoted(a) if op in ("<<", ">>") else common(a, b)


def in_range(value, t, what):
    if t.signed and value != convert(value, t):
        raise Undefined(what)
    return convert(value, t)


def shift(op, a, b, t):
    if b < 0 or b >= t.width:
        raise Undefined("a shift by the width or more, or by a negative count")
    if op == ">>":
        return a >> b
    if t.signed and a < 0:
        raise Undefined("a left shift of a negative value")
    return in_range(a << b, t, "a left shift beyond the type's range")


def divide(op, a, b, t):
    if b == 0:
        raise Undefined("a division by zero")
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)  # towards zero: 6.5.5
    quotient = in_range(quotient, t, "an overflow in a division")
    return quotient if op == "/" else convert(a - b * quotient, t)


def binary(op, a, b, a_type, b_type):
    """`a op b`, a and b of their own types."""
    t = result_type(op, a_type, b_type)
    if op in ("<<", ">>"):
        return shift(op, a, b, t)
    operands = common(a_type, b_type)
    a, b = convert(a, operands), convert(b, operands)
    if op in COMPARISONS:
        return 1 if COMPARISONS[op](a, b) else 0
    if op in ("/", "%"):
        return divide(op, a, b, t)
    if op in BITWISE:
        return convert(BITWISE[op](a, b), t)
    return in_range(ARITHMETIC[op](a, b), t, "a signed overflow")


def unary(op, a, a_type):
    if op == "!":
        return 0 if a else 1
    t = promoted(a_type)
    return in_range(-a, t, "a signed overflow") if op == "-" else convert(~a, t)
