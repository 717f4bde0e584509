"""Expressions of one part, or of a part and an index: `-x`, `&mut x`, `(x)`, `a[i]`, `return x`."""

from __future__ import annotations

from compiler.emit.rustfmt.precedence import Precedence
from compiler.emit.rustfmt.shape import TAB, Shape, fits, last_line_width, newline, prefers_next_line
from compiler.emit.rustfmt.tree import Expr, Page, limited


class Prefix(Expr):
    """`-x`, `!x`, `*x`, `&x`, `&mut x`; `&'a mut T` as a type."""

    __slots__ = ("operand", "sign")

    def __init__(self, sign: str, operand: Expr) -> None:
        self.sign = sign
        self.operand = operand
        self.flat = None if operand.flat is None else limited(sign + operand.flat)
        self.nest = operand.nest

    def layout(self, shape: Shape, page: Page) -> str | None:
        beside = shape.after(len(self.sign))
        text = self.operand.lay(beside, page) if beside else None
        return None if text is None else self.sign + text

    def precedence(self) -> Precedence:
        return Precedence.UNARY

    def ends_in_cast(self) -> bool:
        return self.operand.ends_in_cast()

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

    def closes_like_block(self, text: str) -> bool:
        return not self.sign.startswith("&") and self.operand.closes_like_block(text)


class Paren(Expr):
    """`(inner)`."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expr) -> None:
        self.inner = inner
        self.flat = None if inner.flat is None else limited(f"({inner.flat})")
        self.nest = inner.nest

    def layout(self, shape: Shape, page: Page) -> str | None:
        inside = shape.after(1)
        inside = inside and inside.narrow(1)
        text = self.inner.lay(inside, page) if inside else None
        return None if text is None else f"({text})"

    def closes_like_block(self, text: str) -> bool:
        return self.inner.closes_like_block(text)


class Index(Expr):
    """`base[index]`."""

    __slots__ = ("base", "index")

    def __init__(self, base: Expr, index: Expr) -> None:
        self.base = base
        self.index = index
        self.flat = None if base.flat is None or index.flat is None else limited(f"{base.flat}[{index.flat}]")
        self.nest = max(base.nest, index.nest)

    def layout(self, shape: Shape, page: Page) -> str | None:
        base = self.base.lay(shape, page)
        if base is None:
            return None
        room = self._room(base, shape, page)
        beside = self.index.lay(room, page) if room else None
        if beside is not None and "\n" not in beside:
            return f"{base}[{beside}]"
        room = page.line(shape.indent + TAB).after(1)
        room = room and room.narrow(1 + page.overhead(shape))
        if room is None:
            return None
        beneath = self.index.lay(room, page)
        if beneath is not None and (beside is None or "\n" not in beneath):
            return f"{base}{newline(shape.indent + TAB)}[{beneath}]"
        return None if beside is None else f"{base}[{beside}]"

    def _room(self, base: str, shape: Shape, page: Page) -> Shape | None:
        """The room for the index beside the base."""
        start = last_line_width(base) + 1
        if "\n" not in base:
            room = shape.after(start)
            return room and room.narrow(1)
        room = Shape(page.max_width, shape.indent).after(start)
        return room and room.narrow(1 + page.overhead(shape))

    def has_bare_struct(self) -> bool:
        return self.base.has_bare_struct()

    def is_simple(self) -> bool:
        return self.base.is_simple() and self.index.is_simple()

    def follows_arrow(self) -> bool:
        return self.base.follows_arrow()

    def closes_like_block(self, text: str) -> bool:
        return self.index.closes_like_block(text)


class Jump(Expr):
    """`return [value]`, `break ['label] [value]`, `continue ['label]`."""

    __slots__ = ("keyword", "value")

    def __init__(self, keyword: str, value: Expr | None = None) -> None:
        self.keyword = keyword
        self.value = value
        self.nest = value.nest if value else 0
        if value is None:
            self.flat = keyword
        else:
            self.flat = None if value.flat is None else limited(f"{keyword} {value.flat}")

    def layout(self, shape: Shape, page: Page) -> str | None:
        if self.value is None:
            return self.keyword
        beside = shape.after(len(self.keyword) + 1)
        text = self.value.lay(beside, page) if beside else None
        return None if text is None else f"{self.keyword} {text}"

    def lay_statement(self, shape: Shape, page: Page) -> str | None:
        inside = shape.narrow(1)
        return self.lay(inside, page) if inside else None

    def precedence(self) -> Precedence:
        return Precedence.JUMP

    def is_jump(self) -> bool:
        return True


class SliceType(Expr):
    """`[element]`."""

    __slots__ = ("element",)

    def __init__(self, element: Expr) -> None:
        self.element = element
        self.flat = None if element.flat is None else limited(f"[{element.flat}]")
        self.nest = element.nest

    def layout(self, shape: Shape, page: Page) -> str | None:
        inside = shape.narrow(4)
        text = self.element.lay(inside, page) if inside else None
        return None if text is None else f"[{text}]"


def lay_assigned(lhs: str, value: Expr, shape: Shape, page: Page) -> str | None:
    """What follows a left-hand side that ends in `=` (or a pattern that ends in `in`): the value, on the line or below."""
    used = last_line_width(lhs) - (shape.indent if "\n" in lhs else 0) + 1
    beside = shape.after(used) or Shape(0, shape.indent, shape.offset + used)
    here = value.lay(beside, page)
    if here is not None and "\n" not in here and len(here) <= beside.width:
        return f"{lhs} {here}"
    room = page.below(beside)
    if room is None:
        return None
    beneath = value.lay(room, page)
    return _better(lhs, here, beneath, room, page)


def _better(lhs: str, here: str | None, beneath: str | None, room: Shape, page: Page) -> str | None:
    if here is None and beneath is None:
        return None
    if beneath is not None:
        wins = here is None or (fits(beneath, room, page.max_width) and prefers_next_line(here, beneath))
        if wins:
            return f"{lhs}{newline(room.indent)}{beneath}"
    return f"{lhs} {here}"


class Assign(Expr):
    """`place op value`, `op` being `=`, `+=` and so on."""

    __slots__ = ("op", "place", "value")

    def __init__(self, place: Expr, op: str, value: Expr) -> None:
        self.place = place
        self.op = op
        self.value = value
        flat = place.flat is not None and value.flat is not None
        self.flat = limited(f"{place.flat} {op} {value.flat}") if flat else None
        self.nest = max(place.nest, value.nest)

    def layout(self, shape: Shape, page: Page) -> str | None:
        room = shape.narrow(len(self.op) + 1)
        place = self.place.lay(room, page) if room else None
        return None if place is None else lay_assigned(f"{place} {self.op}", self.value, shape, page)

    def precedence(self) -> Precedence:
        return Precedence.ASSIGN
