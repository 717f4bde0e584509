"""Random C that keeps to ordinary means: integers of every type, arrays, structs, pointer cursors, loops, switches, calls that pass what they get.

    program(seed)       a C file of a few functions, defined on most inputs: indices are masked, loops are bounded, divisors are odd

Made to be translated and driven by the equivalence harness, which drops the inputs on which C is undefined.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

SCALARS = (
    *("int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t"),
    *("int", "unsigned", "long", "size_t", "char", "_Bool"),
)
ELEMENTS = ("uint8_t", "int16_t", "uint32_t", "uint64_t", "int", "char", "int64_t")
SIZES = (4, 8, 16)
HEAD = """#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pair { int32_t a; uint16_t b; };
struct box { uint32_t v[8]; struct pair p; uint8_t tag[4]; int n; };

static const uint16_t TABLE[16] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 65535 };
"""


@dataclass(slots=True)
class Name:
    """Something that can be read: a scalar, or an array with its element type and its size."""

    text: str
    type: str
    size: int = 0
    writable: bool = True


@dataclass(slots=True)
class Function:
    name: str
    result: str
    params: list[tuple[str, str]]


@dataclass(slots=True)
class Scope:
    """`boxes` are places of whole structs, with whether they may be written; `pairs` are struct values."""

    names: list[Name] = field(default_factory=list[Name])
    boxes: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])
    pairs: list[str] = field(default_factory=list[str])
    in_loop: bool = False


class Generator:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.functions: list[Function] = []
        self.count = 0

    def program(self) -> str:
        last = self.rng.randint(3, 6)
        return HEAD + "\n".join(self.function(index, hidden=index < last) for index in range(last + 1))

    # --- functions -----------------------------------------------------------------------------------------------------------

    def function(self, index: int, hidden: bool) -> str:
        rng = self.rng
        scope = Scope()
        params: list[tuple[str, str]] = []
        for number in range(rng.randint(1, 4)):
            params.append(self.parameter(f"p{number}", scope))
        result = rng.choice(("void", "struct pair", *SCALARS))
        name = f"f{index}"
        body = self.block(scope, 3, rng.randint(3, 7))
        if result == "struct pair":
            given = rng.choice([*scope.pairs, f"(struct pair){{ {self.expr(scope, 2)}, {self.expr(scope, 2)} }}"])
            body += [f"return {given};"]
        elif result != "void":
            body += [f"return {self.expr(scope, 3)};"]
        static = "static " if hidden and rng.random() < 0.4 else ""
        head = f"{static}{result} {name}({', '.join(text for text, _ in params)})"
        self.functions.append(Function(name, result, params))
        return head + "\n{\n" + "\n".join("    " + line for line in body) + "\n}\n"

    def parameter(self, name: str, scope: Scope) -> tuple[str, str]:
        rng = self.rng
        kind = rng.randrange(11)
        if kind == 8:
            ctype = rng.choice(SCALARS[:8])
            scope.names.append(Name(f"(*{name})", ctype))
            return f"{ctype} *{name}", f"{ctype}*"
        if kind == 9:
            scope.names += [Name(f"{name}[{row}]", "int16_t", 4) for row in range(3)]
            return f"int16_t {name}[3][4]", "grid"
        if kind == 10:
            for row in range(4):
                scope.names += [Name(f"{name}[{row}].a", "int32_t"), Name(f"{name}[{row}].b", "uint16_t")]
            scope.pairs += [f"{name}[{row}]" for row in range(4)]
            return f"struct pair *{name}", "pair[4]"
        if kind < 3:
            ctype = rng.choice(SCALARS)
            scope.names.append(Name(name, ctype))
            return f"{ctype} {name}", ctype
        if kind < 6:
            element, size = rng.choice(ELEMENTS), rng.choice(SIZES)
            const = rng.random() < 0.4
            scope.names.append(Name(name, element, size, not const))
            spelled = f"{name}[{size}]" if rng.random() < 0.5 else f"*{name}"
            return f"{'const ' if const else ''}{element} {spelled}", f"{element}[{size}]"
        if kind == 6:
            const = rng.random() < 0.3
            self.struct_names(f"{name}->", scope, not const)
            scope.boxes.append((f"(*{name})", not const))
            return f"{'const ' if const else ''}struct box *{name}", "box*"
        scope.names += [Name(f"{name}.a", "int32_t"), Name(f"{name}.b", "uint16_t")]
        scope.pairs.append(name)
        return f"struct pair {name}", "pair"

    def struct_names(self, at: str, scope: Scope, writable: bool) -> None:
        for text, ctype, size in (
            ("v", "uint32_t", 8),
            ("tag", "uint8_t", 4),
            ("n", "int", 0),
            ("p.a", "int32_t", 0),
            ("p.b", "uint16_t", 0),
        ):
            scope.names.append(Name(at + text, ctype, size, writable))

    # --- statements ----------------------------------------------------------------------------------------------------------

    def block(self, scope: Scope, depth: int, count: int) -> list[str]:
        names, boxes, pairs = len(scope.names), len(scope.boxes), len(scope.pairs)
        lines = [line for _ in range(count) for line in self.statement(scope, depth)]
        del scope.names[names:], scope.boxes[boxes:], scope.pairs[pairs:]
        return lines

    def statement(self, scope: Scope, depth: int) -> list[str]:
        simple: list[Callable[[Scope], list[str]]] = [
            self.local,
            self.assign,
            self.assign,
            self.update,
            self.update,
            self.call,
            self.array_local,
            self.struct_local,
            self.struct_assign,
        ]
        nested: list[Callable[[Scope, int], list[str]]] = [
            self.if_,
            self.for_,
            self.while_,
            self.do_,
            self.switch,
            self.cursor,
            self.scan,
            self.goto_,
            self.copy,
        ]
        if depth > 0 and self.rng.random() < 0.45:
            return self.rng.choice(nested)(scope, depth - 1)
        if scope.in_loop and self.rng.random() < 0.08:
            return [f"if ({self.expr(scope, 2)}) {self.rng.choice(('break', 'continue'))};"]
        return self.rng.choice(simple)(scope)

    def fresh(self) -> str:
        self.count += 1
        return f"x{self.count}"

    def local(self, scope: Scope) -> list[str]:
        name, ctype = self.fresh(), self.rng.choice(SCALARS)
        line = f"{ctype} {name} = {self.expr(scope, 3)};"
        scope.names.append(Name(name, ctype))
        return [line]

    def array_local(self, scope: Scope) -> list[str]:
        name, element, size = self.fresh(), self.rng.choice(ELEMENTS), self.rng.choice(SIZES)
        given = ", ".join(str(self.rng.randrange(100)) for _ in range(self.rng.randint(1, size)))
        scope.names.append(Name(name, element, size))
        return [f"{element} {name}[{size}] = {{ {given} }};"]

    def struct_local(self, scope: Scope) -> list[str]:
        name = self.fresh()
        if self.rng.random() < 0.5:
            self.struct_names(f"{name}.", scope, True)
            scope.boxes.append((name, True))
            return [f"struct box {name} = {{ {{ {self.expr(scope, 0)} }}, {{ 1, 2 }}, {{ 3 }}, 4 }};"]
        given = self.rng.choice([*scope.pairs, f"{{ {self.expr(scope, 1)}, {self.expr(scope, 1)} }}"])
        scope.names += [Name(f"{name}.a", "int32_t"), Name(f"{name}.b", "uint16_t")]
        scope.pairs.append(name)
        return [f"struct pair {name} = {given};"]

    def struct_assign(self, scope: Scope) -> list[str]:
        to = [place for place, writable in scope.boxes if writable]
        if to and len(scope.boxes) > 1 and self.rng.random() < 0.5:
            return [f"{self.rng.choice(to)} = {self.rng.choice(scope.boxes)[0]};"]
        if len(scope.pairs) > 1:
            return [f"{self.rng.choice(scope.pairs)} = {self.rng.choice(scope.pairs)};"]
        return self.assign(scope)

    def assign(self, scope: Scope) -> list[str]:
        target = self.place(scope)
        if target is None:
            return self.local(scope)
        if self.rng.random() < 0.12:
            names = [each.text for each in scope.names if each.writable and not each.size]
            if len(names) > 1:
                first, second = self.rng.sample(names, 2)
                return [f"{first} = {second} = {self.expr(scope, 2)};"]
        return [f"{target} = {self.expr(scope, 3)};"]

    def update(self, scope: Scope) -> list[str]:
        target = self.place(scope)
        if target is None:
            return self.local(scope)
        if self.rng.random() < 0.3:
            return [self.rng.choice((f"{target}++;", f"++{target};", f"{target}--;"))]
        op = self.rng.choice(("+=", "-=", "*=", "^=", "|=", "&=", "<<=", ">>=", "/=", "%="))
        return [f"{target} {op} {self.operand_for(op[:-1], scope, 2)};"]

    def call(self, scope: Scope) -> list[str]:
        made = self.call_expr(scope)
        return [f"{made};"] if made else self.assign(scope)

    def call_expr(self, scope: Scope, value: bool = False) -> str:
        candidates = [each for each in self.functions if not value or each.result != "void"]
        if not candidates:
            return ""
        function = self.rng.choice(candidates)
        given: list[str] = []
        for text, kind in function.params:
            argument = self.argument(text, kind, scope)
            if argument is None:
                return ""
            given.append(argument)
        made = f"{function.name}({', '.join(given)})"
        return f"{made}.a" if value and function.result == "struct pair" else made

    def argument(self, text: str, kind: str, scope: Scope) -> str | None:
        if kind == "box*":
            fits = [place for place, writable in scope.boxes if writable or text.startswith("const ")]
            return f"&{self.rng.choice(fits)}" if fits else None
        if kind == "pair":
            return self.rng.choice(scope.pairs) if scope.pairs else None
        if kind in ("grid", "pair[4]"):
            return None
        if kind.endswith("*"):
            return self.out_argument(kind[:-1], scope)
        if kind.endswith("]"):
            element, size = kind[:-1].split("[")
            fits = [
                each
                for each in scope.names
                if each.type == element and each.size >= int(size) and (each.writable or text.startswith("const "))
            ]
            if not fits:
                return None
            chosen = self.rng.choice(fits)
            spare = chosen.size - int(size)
            if spare and self.rng.random() < 0.5:
                offset = self.rng.choice(
                    (str(spare), f"(({self.expr(scope, 1)}) & {spare - 1 if spare & (spare - 1) == 0 else 3})")
                )
                return self.rng.choice((f"{chosen.text} + {offset}", f"&{chosen.text}[{offset}]"))
            return chosen.text
        return self.expr(scope, 2)

    def out_argument(self, ctype: str, scope: Scope) -> str | None:
        fits = [each for each in scope.names if each.type == ctype and each.writable]
        if not fits:
            return None
        chosen = self.rng.choice(fits)
        return f"&{chosen.text}[{self.index(chosen, scope)}]" if chosen.size else f"&{chosen.text}"

    def if_(self, scope: Scope, depth: int) -> list[str]:
        lines = [f"if ({self.expr(scope, 3)}) {{", *self.indented(self.block(scope, depth, 2)), "}"]
        if self.rng.random() < 0.5:
            lines = [*lines[:-1], "} else {", *self.indented(self.block(scope, depth, 2)), "}"]
        return lines

    def loop_body(self, scope: Scope, depth: int, own: list[Name]) -> list[str]:
        outer, scope.in_loop = scope.in_loop, True
        scope.names += own
        body = self.indented(self.block(scope, depth, self.rng.randint(1, 3)))
        del scope.names[len(scope.names) - len(own) :]
        scope.in_loop = outer
        return body

    def for_(self, scope: Scope, depth: int) -> list[str]:
        name, ctype = self.fresh(), self.rng.choice(("int", "unsigned", "size_t", "uint8_t", "long"))
        limit = self.rng.choice(
            (str(self.rng.randint(1, 12)), f"({self.expr(scope, 2)}) & 15", f"(int)({self.expr(scope, 2)}) % 9")
        )
        head = self.rng.choice(
            (
                f"for ({ctype} {name} = 0; {name} < ({limit}); {name}++) {{",
                f"for ({ctype} {name} = {self.rng.randint(0, 3)}; {name} <= {self.rng.randint(2, 9)}; {name} += 2) {{",
                f"for (int {name} = {self.rng.randint(0, 9)}; {name} >= 0; {name}--) {{",
                f"for (int {name} = ({limit}); {name} --> 0;) {{",
            )
        )
        return [head, *self.loop_body(scope, depth, [Name(name, ctype, writable=False)]), "}"]

    def while_(self, scope: Scope, depth: int) -> list[str]:
        name = self.fresh()
        body = self.loop_body(scope, depth, [Name(name, "unsigned", writable=False)])
        return [f"unsigned {name} = {self.rng.randint(1, 9)};", f"while ({name}-- > 0) {{", *body, "}"]

    def do_(self, scope: Scope, depth: int) -> list[str]:
        if self.rng.random() < 0.3:
            return ["do {", *self.loop_body(scope, depth, []), "} while (0);"]
        name = self.fresh()
        body = self.loop_body(scope, depth, [Name(name, "int", writable=False)])
        return [f"int {name} = 0;", "do {", *body, f"}} while (++{name} < {self.rng.randint(1, 6)});"]

    def switch(self, scope: Scope, depth: int) -> list[str]:
        lines = [f"switch (({self.expr(scope, 2)}) & 7) {{"]
        labels = self.rng.sample(range(8), self.rng.randint(2, 5))
        outer, scope.in_loop = scope.in_loop, False
        for label in labels:
            lines.append(f"case {label}:" if label != labels[-1] or self.rng.random() < 0.5 else "default:")
            if self.rng.random() < 0.8:
                lines += ["{", *self.indented(self.block(scope, depth - 1, 1)), "}"]
            if self.rng.random() < 0.65:
                lines.append("break;")
        scope.in_loop = outer
        return [*lines, "    break;", "}"] if lines[-1] != "break;" else [*lines, "}"]

    def cursor(self, scope: Scope, depth: int) -> list[str]:
        arrays = [each for each in scope.names if each.size]
        if not arrays:
            return self.array_local(scope)
        array, p, end = self.rng.choice(arrays), self.fresh(), self.fresh()
        const = "" if array.writable else "const "
        total = self.place(scope, scalar=True) or ""
        use = (
            self.rng.choice((f"{total} += *{p}++;", f"{total} ^= *{p}; {p}++;", f"{total} = (int)*{p}++;"))
            if total
            else f"{p}++;"
        )
        if array.writable and self.rng.random() < 0.5:
            use = self.rng.choice(
                (f"*{p}++ = {self.expr(scope, 2)};", f"*{p} ^= {self.expr(scope, 2)}; ++{p};", f"(*{p})++, {p}++;")
            )
        head = f"{const}{array.type} *{p} = {array.text}, *{end} = {array.text} + {array.size};"
        condition = self.rng.choice((f"{p} < {end}", f"{p} != {end}", f"{end} > {p}"))
        stop = [f"    if ({self.expr(scope, 1)}) break;"] if self.rng.random() < 0.3 else []
        return ["{", f"    {head}", f"    while ({condition}) {{", f"        {use}", *self.indented(stop), "    }", "}"]

    def scan(self, scope: Scope, depth: int) -> list[str]:
        arrays = [each for each in scope.names if each.size]
        if not arrays:
            return self.array_local(scope)
        array, i = self.rng.choice(arrays), self.fresh()
        test = f"{array.text}[{i}] != ({self.expr(scope, 1)})"
        lines = [f"size_t {i} = 0;", f"while ({i} < {array.size} && {test})", f"    {i}++;"]
        scope.names.append(Name(i, "size_t"))
        return lines

    def goto_(self, scope: Scope, depth: int) -> list[str]:
        label = self.fresh()
        inner = self.block(scope, depth, 2)
        body = [f"    if ({self.expr(scope, 2)}) goto {label};", *self.indented(inner)]
        return ["{", *body, "}", f"{label}:;"]

    def copy(self, scope: Scope, depth: int) -> list[str]:
        arrays = [each for each in scope.names if each.size]
        to = [each for each in arrays if each.writable]
        if not to:
            return self.array_local(scope)
        target = self.rng.choice(to)
        same = [
            each
            for each in arrays
            if each.type == target.type and each is not target and _base(each.text) != _base(target.text)
        ]
        if not same or self.rng.random() < 0.3:
            return [
                f"memset({target.text}, {self.rng.choice((0, 255, 7))}, sizeof({target.type}) * {self.rng.randint(0, target.size)});"
            ]
        source = self.rng.choice(same)
        count = self.rng.randint(1, min(source.size, target.size))
        return [f"memcpy({target.text} + {target.size - count}, {source.text}, {count} * sizeof({target.type}));"]

    def indented(self, lines: list[str]) -> list[str]:
        return ["    " + line for line in lines]

    # --- expressions ---------------------------------------------------------------------------------------------------------

    def place(self, scope: Scope, scalar: bool = False) -> str | None:
        names = [each for each in scope.names if each.writable and not (scalar and each.size)]
        if not names:
            return None
        chosen = self.rng.choice(names)
        return f"{chosen.text}[{self.index(chosen, scope)}]" if chosen.size else chosen.text

    def index(self, array: Name, scope: Scope) -> str:
        if self.rng.random() < 0.5:
            return str(self.rng.randrange(array.size))
        return f"({self.expr(scope, 1)}) & {array.size - 1}"

    def expr(self, scope: Scope, depth: int) -> str:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.2:
            return self.leaf(scope)
        kind = rng.randrange(16)
        if kind < 6:
            op = rng.choice(("+", "-", "*", "&", "|", "^", "<<", ">>", "/", "%"))
            return f"({self.expr(scope, depth - 1)} {op} {self.operand_for(op, scope, depth - 1)})"
        if kind < 8:
            return f"({self.expr(scope, depth - 1)} {rng.choice(('<', '<=', '>', '>=', '==', '!='))} {self.expr(scope, depth - 1)})"
        if kind == 8:
            return f"({self.expr(scope, depth - 1)} {rng.choice(('&&', '||'))} {self.expr(scope, depth - 1)})"
        if kind == 9:
            return f"({self.expr(scope, depth - 1)} ? {self.expr(scope, depth - 1)} : {self.expr(scope, depth - 1)})"
        if kind < 12:
            return f"({rng.choice(SCALARS)}){self.wrapped(scope, depth)}"
        if kind == 12:
            return f"{rng.choice(('~', '-', '!', '+'))}{self.wrapped(scope, depth)}"
        if kind == 13 and (made := self.call_expr(scope, value=True)):
            return made
        if kind == 14:
            return f"TABLE[({self.expr(scope, depth - 1)}) & 15]"
        return self.leaf(scope)

    def wrapped(self, scope: Scope, depth: int) -> str:
        return f"({self.expr(scope, depth - 1)})"

    def operand_for(self, op: str, scope: Scope, depth: int) -> str:
        inner = self.expr(scope, depth)
        if op in ("<<", ">>"):
            return f"(({inner}) & 7)"
        if op in ("/", "%"):
            return f"((({inner}) & 63) | 1)"
        return inner

    def leaf(self, scope: Scope) -> str:
        rng = self.rng
        if not scope.names or rng.random() < 0.25:
            return rng.choice(
                (
                    "0",
                    "1",
                    "2",
                    "7",
                    "255",
                    "0x80",
                    "1000",
                    "65535",
                    "0xffffffffu",
                    "-1",
                    "'a'",
                    "5u",
                    "100000L",
                    "3ULL",
                )
            )
        chosen = rng.choice(scope.names)
        return f"{chosen.text}[{self.index(chosen, Scope())}]" if chosen.size else chosen.text


def _base(place: str) -> str:
    """What a place is part of, as far as its text tells."""
    return re.split(r"->|\[|\.", place)[0]


def program(seed: int) -> str:
    """The program of a seed."""
    return Generator(seed).program()
