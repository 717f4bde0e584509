"""Random C programs without undefined behaviour, full of side effects: what the lowering must put in order.

    random_program(random.Random(7))     a program that prints what its variables hold after each function

Every expression knows what it reads and writes; two that C does not sequence are only combined when neither writes what the other
touches (`i++ + i` is never made, `i++ && i` is). Shifts are masked, divisors are positive, indices stay inside; signed overflow wraps
(the C compiler is told so).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_TYPES = {
    "b": "_Bool",
    "c": "char",
    "uc": "unsigned char",
    "s": "short",
    "us": "unsigned short",
    "i": "int",
    "j": "int",
    "u": "unsigned",
    "l": "long",
    "ul": "unsigned long",
    "g": "int",
    "gu": "unsigned",
}
_LOCALS = ("b", "c", "uc", "s", "us", "i", "j", "u", "l", "ul")

_HEAD = """
#include <stdio.h>
struct pair { short x; unsigned y; int v[4]; };
int g = 3; unsigned gu = 7; int a[8] = {1, -2, 3, -4, 5, -6, 7, -8}; struct pair sp = {1, 2, {3, 4, 5, 6}};
static int tick(int by) { g += by; return g ^ 5; }
static int pure(int x, unsigned y) { return x - (int)(y >> 3); }
static struct pair swap(struct pair p) { short t = p.x; p.x = (short)p.y; p.y = t; p.v[1]++; return p; }
"""
_SHOW = 'printf("%d %d %d %d %d %d %d %u %ld %lu %d %u\\n", b, c, uc, s, us, i, j, u, l, ul, g, gu);'


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    def clashes(self, other: Expression) -> bool:
        return bool(self.writes & (other.reads | other.writes) or other.writes & (self.reads | self.writes))


def random_program(random: Random) -> str:
    """A program of a few functions; `main` calls them in turn."""
    maker = _Maker(random)
    functions = [maker.function(index) for index in range(4)]
    calls = " ".join(f"f{index}({random.randrange(-9, 9)});" for index in range(4))
    return f"{_HEAD}{''.join(functions)}int main(void) {{ {calls} return g & 127; }}\n"


def _one(name: str) -> frozenset[str]:
    return frozenset((name,))


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random

    def function(self, index: int) -> str:
        body = "\n  ".join(self.statement(3) for _ in range(self.random.randrange(4, 9)))
        declarations = " ".join(f"{_TYPES[name]} {name} = {self.random.randrange(200)};" for name in _LOCALS)
        tail = 'for (int k = 0; k < 8; k++) printf("%d ", a[k]); printf("%d %u %d\\n", sp.x, sp.y, sp.v[1]);'
        return f"static void f{index}(int n) {{\n  {declarations}\n  int *p = a, *q = a + 4; i = n;\n  {body}\n  {_SHOW} {tail}\n}}\n"

    # --- statements ---

    def statement(self, depth: int) -> str:
        kinds = [self.simple] * 5 + (
            [self.branch, self.loop, self.counted, self.switch, self.block, self.skip] if depth else []
        )
        return self.random.choice(kinds)(depth)

    def simple(self, _depth: int) -> str:
        """An expression statement; the pointers are put back inside the array first."""
        reset = self.random.choice(["", "p = a + 2; ", "q = &a[3]; p = a; "])
        return f"{reset or 'p = a + 1; q = a + 4; '}{self.effect().text};"

    def effect(self) -> Expression:
        return self.random.choice([self.assignment, self.assignment, self.step, self.comma, self.select, self.logical])(
            2
        )

    def branch(self, depth: int) -> str:
        orelse = f" else {{ {self.statement(depth - 1)} }}" if self.random.random() < 0.5 else ""
        return f"p = a + 1; q = a + 4; if ({self.value(3).text}) {{ {self.statement(depth - 1)} }}{orelse}"

    def loop(self, depth: int) -> str:
        """A loop that a counter of its own ends."""
        name = f"w{depth}"
        jump = self.random.choice(["", "if (i & 1) continue;", "if (u & 2) break;"])
        body = f"p = a; q = a + 3; {jump} {self.statement(depth - 1)}"
        if self.random.random() < 0.5:
            return f"{{ int {name} = 4; while ({name}-- > 0 && ({self.value(1).text} | 1)) {{ {body} }} }}"
        return f"{{ int {name} = 0; do {{ {body} }} while (++{name} < 3); }}"

    def counted(self, depth: int) -> str:
        name = f"k{depth}"
        return f"for (int {name} = 0, m = 3; {name} < m; {name}++, j += {name}) {{ {self.statement(depth - 1)} }}"

    def switch(self, depth: int) -> str:
        parts: list[str] = []
        for label in ("case 0:", "case 1: case 2:", "default:", "case 3:"):
            ending = self.random.choice(["break;", "", "{ uc++; break; }"])
            parts.append(f"{label} {self.statement(depth - 1)} {ending}")
        self.random.shuffle(parts)
        return f"p = a; q = a + 5; switch (({self.value(1).text}) & 3) {{ {' '.join(parts)} ; }}"

    def block(self, depth: int) -> str:
        return f"{{ int i = {self.random.randrange(9)}; {self.statement(depth - 1)} j ^= i; }}"

    def skip(self, depth: int) -> str:
        """A goto over some statements."""
        label = f"out{self.random.randrange(1 << 30)}"
        return f"{{ if (i & {self.random.randrange(1, 8)}) goto {label}; {self.statement(depth - 1)} {label}: u++; }}"

    # --- expressions ---

    def value(self, depth: int) -> Expression:
        leaves = [self.number, self.variable, self.variable, self.element, self.member]
        inner = [self.binary] * 4 + [
            self.shift,
            self.divide,
            self.unary,
            self.cast,
            self.select,
            self.logical,
            self.comma,
        ]
        inner += [
            self.assignment,
            self.step,
            self.step,
            self.moving,
            self.call,
            self.compare,
            self.statement_expression,
        ]
        return self.random.choice(inner if depth > 0 and self.random.random() < 0.8 else leaves)(depth)

    def both(self, depth: int) -> tuple[Expression, Expression]:
        """Two expressions that may be evaluated in any order."""
        left, right = self.value(depth - 1), self.value(depth - 1)
        return (left, self.number(0)) if left.clashes(right) else (left, right)

    def number(self, _depth: int) -> Expression:
        return Expression(
            self.random.choice(["0", "1", "7", "-3", "255", "100000", "3u", "0x80000000", "5l", "'z'", "sizeof(int)"])
        )

    def variable(self, _depth: int) -> Expression:
        name = self.random.choice(list(_TYPES))
        return Expression(name, _one(name))

    def place(self, depth: int) -> Expression:
        """An lvalue; `writes` holds what evaluating it writes, and its first read is the object itself."""
        return self.random.choice([self.variable, self.variable, self.element, self.member])(min(depth, 1))

    def element(self, depth: int) -> Expression:
        index = self.value(depth - 1) if depth > 0 else self.number(0)
        if "a" in index.writes:
            index = self.number(0)
        base = self.random.choice(["a[({}) & 7]", "*(a + (({}) & 3))", "(({}) & 3)[a]"])
        return Expression(base.format(index.text), index.reads | {"a"}, index.writes)

    def member(self, _depth: int) -> Expression:
        return Expression(self.random.choice(["sp.x", "sp.y", "(&sp)->v[1]", "sp.v[2]"]), _one("sp"))

    def binary(self, depth: int) -> Expression:
        left, right = self.both(depth)
        return _joined(f"({left.text} {self.random.choice('+-*&|^')} {right.text})", left, right)

    def compare(self, depth: int) -> Expression:
        left, right = self.both(depth)
        return _joined(f"({left.text} {self.random.choice(['<', '<=', '==', '!=', '>'])} {right.text})", left, right)

    def shift(self, depth: int) -> Expression:
        left, right = self.both(depth)
        return _joined(f"({left.text} {self.random.choice(['<<', '>>'])} ({right.text} & 7))", left, right)

    def divide(self, depth: int) -> Expression:
        left, right = self.both(depth)
        return _joined(f"({left.text} {self.random.choice('/%')} (int)(({right.text} & 15) + 1))", left, right)

    def unary(self, depth: int) -> Expression:
        inner = self.value(depth - 1)
        return _joined(f"({self.random.choice('-~!+')} {inner.text})", inner)

    def cast(self, depth: int) -> Expression:
        inner = self.value(depth - 1)
        return _joined(f"(({self.random.choice(list(_TYPES.values()))}){inner.text})", inner)

    def select(self, depth: int) -> Expression:
        parts = [self.value(depth - 1) for _ in range(3)]
        return _joined("({} ? {} : {})".format(*(part.text for part in parts)), *parts)

    def logical(self, depth: int) -> Expression:
        left, right = self.value(depth - 1), self.value(depth - 1)
        return _joined(f"({left.text} {self.random.choice(['&&', '||'])} {right.text})", left, right)

    def comma(self, depth: int) -> Expression:
        left, right = self.value(depth - 1), self.value(depth - 1)
        return _joined(f"({left.text}, {right.text})", left, right)

    def assignment(self, depth: int) -> Expression:
        place, value = self.place(depth), self.value(depth - 1)
        target = _object(place)
        if place.clashes(value) or target in value.writes or target in place.writes:
            value = self.number(0)
        operator = self.random.choice(["=", "=", "+=", "-=", "*=", "&=", "|=", "^="])
        return Expression(
            f"({place.text} {operator} {value.text})", place.reads | value.reads, place.writes | value.writes | {target}
        )

    def step(self, depth: int) -> Expression:
        place = self.place(depth)
        form = self.random.choice(["({}++)", "({}--)", "(++{})", "(--{})"]).format(f"({place.text})")
        return Expression(form, place.reads, place.writes | {_object(place)})

    def moving(self, _depth: int) -> Expression:
        name = self.random.choice("pq")
        if self.random.random() < 0.3:
            return Expression(f"(*{name}++ += 3)", frozenset(("a", name)), frozenset(("a", name)))
        return Expression(f"(*{name}++)", frozenset(("a", name)), _one(name))

    def call(self, depth: int) -> Expression:
        left, right = self.both(depth)
        kind = self.random.randrange(3)
        if kind == 0 and not (left.reads | left.writes) & {"g"}:
            return Expression(f"tick({left.text})", left.reads | {"g"}, left.writes | {"g"})
        if kind == 1:
            return Expression(f"swap(sp).{self.random.choice(['x', 'y', 'v[1]'])}", _one("sp"))
        return _joined(f"pure({left.text}, {right.text})", left, right)

    def statement_expression(self, depth: int) -> Expression:
        inner = self.value(depth - 1)
        if "u" in inner.reads | inner.writes:
            inner = self.number(0)
        text = f"({{ unsigned u = {inner.text}; u *= 3; u + 1; }})"
        return Expression(text, inner.reads, inner.writes)


def _joined(text: str, *parts: Expression) -> Expression:
    reads = frozenset[str]().union(*(part.reads for part in parts))
    return Expression(text, reads, frozenset[str]().union(*(part.writes for part in parts)))


def _object(place: Expression) -> str:
    """The variable that an lvalue is (part of)."""
    if place.text.startswith(("a[", "*(a", "((")):
        return "a"
    return "sp" if "sp" in place.text else place.text
