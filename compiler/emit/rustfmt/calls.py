"""Calls, macros, arrays, tuples and struct literals."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.emit.rustfmt.lists import Brackets, Comma, Tactic, fits_horizontally, flat_list, join, lay_list
from compiler.emit.rustfmt.shape import (
    ARRAY_WIDTH,
    FN_CALL_WIDTH,
    MAX_WIDTH,
    STRUCT_LIT_WIDTH,
    TAB,
    Shape,
    newline,
)
from compiler.emit.rustfmt.tree import Expr, Page, Text, limited

ARGUMENTS = Brackets("(", ")", FN_CALL_WIDTH)
MACRO_ARGUMENTS = Brackets("(", ")", FN_CALL_WIDTH, of_macro=True)
ELEMENTS = Brackets("[", "]", ARRAY_WIDTH)
PATTERNS = Brackets("(", ")", MAX_WIDTH)


def comma_of(page: Page) -> Comma:
    """Nothing is added inside of a macro call: the comma could mean something."""
    return Comma.NEVER if page.in_macro else Comma.WHEN_VERTICAL


class _Listed(Expr):
    """An expression that ends with a list in brackets."""

    __slots__ = ("items",)
    items: Sequence[Expr]

    def overflows(self, count: int) -> bool:
        return count == 1

    def follows_arrow(self) -> bool:
        return True

    def closes_like_block(self, text: str) -> bool:
        return "\n" in text


class Call(_Listed):
    """`callee(items)`."""

    __slots__ = ("callee",)

    def __init__(self, callee: str, items: Sequence[Expr]) -> None:
        self.callee = callee
        self.items = items
        self.flat, self.nest = flat_list(callee, items, ARGUMENTS)

    def layout(self, shape: Shape, page: Page) -> str | None:
        if len(self.callee) > shape.width:
            return None
        return lay_list(self.callee, self.items, ARGUMENTS, shape, page, comma_of(page))

    def is_nested_call(self) -> bool:
        return True


class Macro(_Listed):
    """`name!(items)`."""

    __slots__ = ("name",)

    def __init__(self, name: str, items: Sequence[Expr]) -> None:
        self.name = f"{name}!"
        self.items = items
        self.flat, self.nest = flat_list(self.name, items, MACRO_ARGUMENTS)

    def layout(self, shape: Shape, page: Page) -> str | None:
        if not self.items:
            return f"{self.name}()"
        with page.within(in_macro=True):
            return lay_list(self.name, self.items, MACRO_ARGUMENTS, shape, page, Comma.NEVER)

    def is_nested_call(self) -> bool:
        return True

    def is_macro(self) -> bool:
        return True


class Array(_Listed):
    """`[items]`."""

    __slots__ = ()

    def __init__(self, items: Sequence[Expr]) -> None:
        self.items = items
        self.flat, self.nest = flat_list("", items, ELEMENTS)

    def layout(self, shape: Shape, page: Page) -> str | None:
        return lay_list("", self.items, ELEMENTS, shape, page, comma_of(page))


class Tuple(_Listed):
    """`(items)`, as an expression or as a type; as a pattern, with `PATTERNS` for brackets."""

    __slots__ = ("brackets",)

    def __init__(self, items: Sequence[Expr], brackets: Brackets = ARGUMENTS) -> None:
        self.items = items
        self.brackets = brackets
        self.flat, self.nest = flat_list("", items, brackets, comma=len(items) == 1)

    def layout(self, shape: Shape, page: Page) -> str | None:
        comma = Comma.ALWAYS if len(self.items) == 1 else comma_of(page)
        return lay_list("", self.items, self.brackets, shape, page, comma)

    def closes_like_block(self, text: str) -> bool:
        return False


class StructLiteral(Expr):
    """`name { field: value, … }`; a field whose value is a variable of its name is written once."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: Sequence[tuple[str, Expr]]) -> None:
        self.name = name
        self.fields = fields
        self.flat, self.nest = self._flat()

    def _flat(self) -> tuple[str | None, int]:
        if not self.fields:
            return f"{self.name} {{}}", 0
        texts: list[str] = []
        nest = 0
        for name, value in self.fields:
            if value.flat is None:
                return None, 0
            texts.append(_field_text(name, value, value.flat))
            nest = max(nest, len(texts[-1]) + TAB + 1, value.nest + TAB)
        inner = ", ".join(texts)
        if len(inner) > STRUCT_LIT_WIDTH:
            return None, 0
        return limited(f"{self.name} {{ {inner} }}"), nest

    def layout(self, shape: Shape, page: Page) -> str | None:
        if len(self.name) + 2 > shape.width:
            return None
        if not self.fields:
            return self.flat
        width = max(0, min(shape.width - len(self.name) - 5, STRUCT_LIT_WIDTH))
        below = page.line(shape.indent + TAB)
        room = below.narrow(1)
        texts = [_lay_field(name, value, room, page) if room else None for name, value in self.fields]
        tactic = Tactic.HORIZONTAL if fits_horizontally(texts, width) else Tactic.VERTICAL
        inner = join(texts, tactic, comma_of(page), below.indent, below.width)
        if inner is None:
            return None
        if "\n" in inner or len(inner) > width:
            return f"{self.name} {{{newline(below.indent)}{inner}{newline(shape.indent)}}}"
        return f"{self.name} {{ {inner} }}"

    def has_bare_struct(self) -> bool:
        return True

    def overflows(self, count: int) -> bool:
        return count == 1

    def follows_arrow(self) -> bool:
        return True

    def closes_like_block(self, text: str) -> bool:
        return "\n" in text


def _field_text(name: str, value: Expr, text: str) -> str:
    return name if text == name and isinstance(value, Text) else f"{name}: {text}"


def _lay_field(name: str, value: Expr, shape: Shape, page: Page) -> str | None:
    if value.flat == name and isinstance(value, Text):
        return name
    room = shape.after(len(name) + 2)
    text = value.lay(room, page) if room else None
    if text is not None:
        return f"{name}: {text}"
    beneath = value.lay(page.line(shape.indent + TAB), page)
    return None if beneath is None else f"{name}:{newline(shape.indent + TAB)}{beneath}"
