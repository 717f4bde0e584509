"""Two parts and what joins them: `a + b`, `a as T`, `a..b`, `[a; n]`; and the parts of one operator, each on a line of its own.

let sum = first_of_many_terms
    + second
    + third;
"""

from __future__ import annotations

from compiler.emit.rustfmt.precedence import BINARY, Precedence
from compiler.emit.rustfmt.shape import (
    TAB,
    Shape,
    first_line,
    first_line_width,
    fits,
    last_line_width,
    newline,
    trimmed_last_line_width,
)
from compiler.emit.rustfmt.tree import Expr, Page, limited


def lay_pair(
    lhs: Expr,
    rhs: Expr,
    infix: str,
    shape: Shape,
    page: Page,
    *,
    brackets: tuple[str, str] = ("", ""),
) -> str | None:
    """`lhs infix rhs`. With brackets the infix ends the first line when it breaks; without, it begins the second."""
    prefix, suffix = brackets
    room = page.rest_of_line(shape)
    if prefix:
        room = Shape(max(0, room.width - len(prefix) - len(infix.rstrip())), shape.indent, shape.offset)
    left = lhs.lay(room, page)
    if left is None:
        return None
    left = prefix + left
    right = _lay_beside(left, rhs, infix, suffix, shape, page)
    if right is not None:
        return f"{left}{infix}{right}{suffix}"
    return _lay_beneath(left, rhs, infix, suffix, shape, page)


def _lay_beside(left: str, rhs: Expr, infix: str, suffix: str, shape: Shape, page: Page) -> str | None:
    start = last_line_width(left) + len(infix)
    beside = shape.after(start)
    beside = beside and beside.narrow(len(suffix))
    right = rhs.lay(beside, page) if beside else None
    if right is None:
        return None
    if "\n" in right and len(left) > TAB and not first_line(right).endswith("{"):
        return None
    return right if start + first_line_width(right) + len(suffix) <= shape.width else None


def _lay_beneath(left: str, rhs: Expr, infix: str, suffix: str, shape: Shape, page: Page) -> str | None:
    below = page.below(shape)
    if not suffix:
        infix = infix.lstrip()
        below = below and below.after(len(infix))
    right = rhs.lay(below, page) if below else None
    if right is None:
        return None
    line_break = newline(shape.indent + TAB)
    joint = infix.rstrip() + line_break if suffix else line_break + infix
    return f"{left}{joint}{right}{suffix}"


class Binary(Expr):
    """`lhs op rhs`."""

    __slots__ = ("lhs", "op", "rhs")

    def __init__(self, op: str, lhs: Expr, rhs: Expr) -> None:
        self.op = op
        self.lhs = lhs
        self.rhs = rhs
        left, right = lhs.flat, rhs.flat
        self.flat = None if left is None or right is None else limited(f"{left} {op} {right}")
        self.nest = max(lhs.nest, rhs.nest + TAB if rhs.nest else 0)

    def precedence(self) -> Precedence:
        return BINARY[self.op]

    def ends_in_cast(self) -> bool:
        return self.rhs.ends_in_cast()

    def has_bare_struct(self) -> bool:
        return self.lhs.has_bare_struct() or self.rhs.has_bare_struct()

    def closes_like_block(self, text: str) -> bool:
        return self.rhs.closes_like_block(text)

    def layout(self, shape: Shape, page: Page) -> str | None:
        terms = self._terms()
        below = page.below(shape)
        after_op = below and below.after(len(self.op) + 1)
        texts = [terms[0].lay(shape, page), *(term.lay(after_op, page) if after_op else None for term in terms[1:])]
        found = self._on_one_line(terms, texts, shape, page)
        if found is None and below is not None:
            found = self._on_many_lines(terms, texts, below, shape, page)
        return found if found is not None else lay_pair(self.lhs, self.rhs, f" {self.op} ", shape, page)

    def _terms(self) -> list[Expr]:
        """The operands of a run of the same operator, left to right."""
        terms: list[Expr] = []
        at: Expr = self
        while isinstance(at, Binary) and at.op == self.op:
            terms.append(at.rhs)
            at = at.lhs
        terms.append(at)
        terms.reverse()
        return terms

    def _on_one_line(self, terms: list[Expr], texts: list[str | None], shape: Shape, page: Page) -> str | None:
        """All on one line, but that the last may go on below."""
        start = ""
        for text in texts[:-1]:
            if text is None or "\n" in text or len(start) > shape.width:
                return None
            start += f"{text} {self.op} "
        room = shape.after(len(start))
        last = terms[-1].lay(room, page) if room else None
        if last is None or len(start) + first_line_width(last) > shape.width:
            return None
        if "\n" in last and not last.startswith("{") and (last.startswith("(") or len(start) > TAB):
            return None
        whole = start + last
        return whole if fits(whole, shape, page.max_width) else None

    def _on_many_lines(
        self, terms: list[Expr], texts: list[str | None], below: Shape, shape: Shape, page: Page
    ) -> str | None:
        """Each term on a line of its own, but that a very short first one is not left alone."""
        result = texts[0]
        for term, text in zip(terms[1:], texts[1:], strict=True):
            if result is None:
                return None
            column = last_line_width(result) + (0 if "\n" in result else shape.used)
            beside = shape.after(len(self.op) + 2 + trimmed_last_line_width(result)) if column <= below.used else None
            snug = term.lay(beside, page) if beside else None
            if snug is not None:
                result += f" {self.op} {snug}"
            else:
                result = None if text is None else f"{result}{newline(below.indent)}{self.op} {text}"
        return result


class Cast(Expr):
    """`operand as target`."""

    __slots__ = ("operand", "target")

    def __init__(self, operand: Expr, target: Expr) -> None:
        self.operand = operand
        self.target = target
        text, name = operand.flat, target.flat
        self.flat = None if text is None or name is None else limited(f"{text} as {name}")
        self.nest = operand.nest

    def layout(self, shape: Shape, page: Page) -> str | None:
        return lay_pair(self.operand, self.target, " as ", shape, page)

    def precedence(self) -> Precedence:
        return Precedence.CAST

    def ends_in_cast(self) -> bool:
        return True

    def has_bare_struct(self) -> bool:
        return self.operand.has_bare_struct()

    def is_simple(self) -> bool:
        return self.operand.is_simple()

    def is_nested_call(self) -> bool:
        return self.operand.is_nested_call()

    def is_method_call(self) -> bool:
        return self.operand.is_method_call()

    def overflows(self, count: int) -> bool:
        return self.operand.overflows(count)

    def follows_arrow(self) -> bool:
        return self.operand.follows_arrow()


class Range(Expr):
    """`lo..hi`, either bound absent, or `..=`."""

    __slots__ = ("dots", "hi", "lo")

    def __init__(self, lo: Expr | None, hi: Expr | None, dots: str) -> None:
        self.lo = lo
        self.hi = hi
        self.dots = dots
        left = lo.flat if lo else ""
        right = hi.flat if hi else ""
        self.flat = None if left is None or right is None else limited(f"{left}{dots}{right}")
        self.nest = max(lo.nest if lo else 0, hi.nest + TAB if hi else 0)

    def layout(self, shape: Shape, page: Page) -> str | None:
        if self.lo and self.hi:
            return lay_pair(self.lo, self.hi, self.dots, shape, page)
        beside = shape.after(2) if self.hi else shape.narrow(2)
        bound = self.lo or self.hi
        text = bound.lay(beside, page) if bound and beside else None
        if text is None:
            return None
        return self.dots + text if self.hi else text + self.dots

    def precedence(self) -> Precedence:
        return Precedence.RANGE

    def has_bare_struct(self) -> bool:
        return any(bound.has_bare_struct() for bound in (self.lo, self.hi) if bound)


class Repeat(Expr):
    """`[value; count]`, as an expression or as a type."""

    __slots__ = ("count", "value")

    def __init__(self, value: Expr, count: Expr) -> None:
        self.value = value
        self.count = count
        self.flat = None if value.flat is None or count.flat is None else limited(f"[{value.flat}; {count.flat}]")
        self.nest = value.nest

    def layout(self, shape: Shape, page: Page) -> str | None:
        return lay_pair(self.value, self.count, "; ", shape, page, brackets=("[", "]"))

    def is_simple(self) -> bool:
        return self.value.is_simple() and self.count.is_simple()
