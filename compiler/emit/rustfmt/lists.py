"""Items in brackets, separated by commas: arguments, elements, fields, attributes.

    f(a, b)         f(          [               f(g(
                        a,          1, 2, 3,        a,
                        b,          4, 5,           b,
                    )           ]               ))

In this order: on one line; one below the other; packed, when all are short and simple; and the last item alone going on below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from compiler.emit.rustfmt.shape import (
    MAX_WIDTH,
    SHORT_ELEMENT_WIDTH,
    TAB,
    Edition,
    Shape,
    first_line,
    first_line_width,
    last_line_width,
    newline,
)
from compiler.emit.rustfmt.tree import Expr, Page


class Tactic(Enum):
    HORIZONTAL = auto()
    VERTICAL = auto()
    PACKED = auto()


class Comma(Enum):
    """Whether a comma follows the last item."""

    WHEN_VERTICAL = auto()
    NEVER = auto()
    ALWAYS = auto()


@dataclass(frozen=True, slots=True)
class Brackets:
    """How a kind of list is written: its brackets, and the widest one-line form of two items or more."""

    opening: str
    closing: str
    widest: int
    of_macro: bool = False


_Items = list[str | None]


def fits_horizontally(items: Sequence[str | None], width: int) -> bool:
    total = sum(len(item or "") for item in items) + 2 * max(0, len(items) - 1)
    return total <= width and not any(item and "\n" in item for item in items)


def flat_list(head: str, items: Sequence[Expr], brackets: Brackets, *, comma: bool = False) -> tuple[str | None, int]:
    """The one-line form of a list after `head`, if there is one, and the room it needs (`Expr.nest`)."""
    if not items:
        return f"{head}{brackets.opening}{brackets.closing}", 0
    texts: list[str] = []
    nest = 0
    for item in items:
        text = item.flat
        if text is None:
            return None, 0
        texts.append(text)
        nest = max(nest, len(text) + TAB + 1, item.nest + TAB)
    inner = ", ".join(texts)
    if len(inner) > brackets.widest and (len(items) > 1 or items[0].is_nested_call()):
        return None, 0
    flat = f"{head}{brackets.opening}{inner}{',' if comma else ''}{brackets.closing}"
    return (flat, nest) if len(flat) <= MAX_WIDTH else (None, 0)


def join(items: Sequence[str | None], tactic: Tactic, comma: Comma, indent: int, width: int) -> str | None:
    """The items and the commas between them."""
    texts = [item for item in items if item is not None]
    if len(texts) < len(items):
        return None
    match tactic:
        case Tactic.HORIZONTAL:
            return ", ".join(texts) + ("," if comma is Comma.ALWAYS else "")
        case Tactic.VERTICAL:
            return f",{newline(indent)}".join(texts) + ("" if comma is Comma.NEVER else ",")
        case Tactic.PACKED:
            return _packed(texts, comma, newline(indent), width)


def _packed(items: list[str], comma: Comma, line_break: str, width: int) -> str:
    """As many items on a line as fit."""
    parts: list[str] = []
    column = 0
    trailing = comma is Comma.ALWAYS
    for index, item in enumerate(items):
        last = index == len(items) - 1
        size = len(item) + (1 if trailing or not last else 0)
        if column and column + 1 + size > width:
            parts.append(line_break)
            column = 0
            trailing = True
        elif column:
            parts.append(" ")
            column += 1
        column += size
        parts.append(item)
        if not last or comma is not Comma.NEVER:
            parts.append(",")
    return "".join(parts)


def lay_list(
    head: str,
    items: Sequence[Expr],
    brackets: Brackets,
    shape: Shape,
    page: Page,
    comma: Comma = Comma.WHEN_VERTICAL,
) -> str | None:
    """`head`, a bracket, the items, a bracket."""
    laying = _Laying(head, items, brackets, shape, page)
    tactic, texts = laying.choose()
    body = laying.join(texts, tactic, comma)
    return None if body is None else laying.wrap(body, tactic is Tactic.HORIZONTAL)


def _join_format_arguments(texts: _Items, before: int, indent: int) -> str | None:
    """`before` arguments, a format string, more arguments: each group on one line."""
    if any(text is None for text in texts):
        return None
    groups = [texts[:before], texts[before : before + 1], texts[before + 1 :]]
    lines = [", ".join(text or "" for text in group) for group in groups if group]
    return f",{newline(indent)}".join(lines)


_FORMAT_MACROS: dict[str, int] = {
    **dict.fromkeys(("eprint!", "eprintln!", "format!", "print!", "println!", "panic!", "unreachable!"), 0),
    **dict.fromkeys(("assert!", "debug_assert!", "write!", "writeln!"), 1),
    **dict.fromkeys(("assert_eq!", "assert_ne!", "debug_assert_eq!", "debug_assert_ne!"), 2),
}
"""How many arguments precede the format string."""


class _Laying:
    """One attempt to lay out one list."""

    __slots__ = ("brackets", "format_string_at", "head", "inside", "items", "nested", "page", "shape", "width")

    def __init__(self, head: str, items: Sequence[Expr], brackets: Brackets, shape: Shape, page: Page) -> None:
        self.head = head
        self.items = items
        self.brackets = brackets
        self.shape = shape
        self.page = page
        self.width = max(0, shape.width - len(head) - 2)
        inside = shape.after(len(head) + 1)
        self.inside = (inside and inside.narrow(1)) or Shape(0, shape.indent, shape.offset)
        line = page.line(shape.indent + TAB)
        self.nested = Shape(max(0, line.width - 1), line.indent)
        self.format_string_at: int | None = None

    def choose(self) -> tuple[Tactic, _Items]:
        """The tactic, and the items as it wants them."""
        items = self.items
        if not items:
            return Tactic.HORIZONTAL, []
        texts: _Items = [item.lay(self.nested, self.page) for item in items]
        overflowing = self._overflow_last(texts)
        if overflowing is not None:
            trial = [*texts[:-1], first_line(overflowing)]
            if self._fits(trial):
                trial[-1] = self._unless_better_nested(overflowing)
                return Tactic.HORIZONTAL, trial
        if len(items) == 1 and self._fits_alone(texts[0]):
            return Tactic.HORIZONTAL, texts
        if self._fits(texts):
            return Tactic.HORIZONTAL, texts
        return self._on_many_lines(texts)

    def _fits(self, texts: _Items) -> bool:
        return fits_horizontally(texts, min(self.width, self.brackets.widest))

    def _fits_alone(self, text: str | None) -> bool:
        text = text or ""
        return self.width != 0 and "\n" not in text and len(text) <= self.width

    def _overflow_last(self, texts: _Items) -> str | None:
        """The last item begun on the line of the bracket, if it may go on below."""
        items, page = self.items, self.page
        last = items[-1]
        beside_head = len(items) == 1 and len(self.head) < TAB
        if not beside_head and not last.overflows(len(items)):
            return None
        room = self._room_for_last(texts)
        if room is None:
            return None
        chained = not beside_head and last.is_method_call()
        chained = chained and (not self.brackets.of_macro or page.edition is Edition.E2024)
        with page.within(one_line_chains=chained or None):
            if not self.brackets.of_macro and last.condition_breaks(room, page):
                return None
            return last.lay(room, page)

    def _room_for_last(self, texts: _Items) -> Shape | None:
        inside = self.inside
        if len(texts) == 1 and not self.items[0].is_nested_call():
            return inside
        before = sum(len(text or "") + 2 for text in texts[:-1])
        return Shape(min(self.brackets.widest, inside.width), inside.indent, inside.offset).after(before)

    def _unless_better_nested(self, overflowing: str) -> str | None:
        """A single item that breaks once may fit on a line of its own."""
        if len(self.items) == 1 and overflowing.count("\n") == 1:
            below = self.items[0].lay(self.nested, self.page)
            if below is not None and "\n" not in below:
                return below
        return overflowing

    def _on_many_lines(self, texts: _Items) -> tuple[Tactic, _Items]:
        before = _FORMAT_MACROS.get(self.head) if self.brackets.of_macro else None
        if before is not None:
            if self._groups_fit(texts, before):
                self.format_string_at = before
            return Tactic.VERTICAL, texts
        short = all(len(text or "") <= SHORT_ELEMENT_WIDTH for text in texts)
        if short and all(item.is_simple() for item in self.items):
            return Tactic.PACKED, texts
        return Tactic.VERTICAL, texts

    def _groups_fit(self, texts: _Items, before: int) -> bool:
        others = [*self.items[:before], *self.items[before + 1 :]]
        if len(texts) <= before or not all(item.is_simple() for item in others):
            return False
        width = self.nested.width
        return fits_horizontally(texts[:before], width) and fits_horizontally(texts[before + 1 :], width)

    def join(self, texts: _Items, tactic: Tactic, comma: Comma) -> str | None:
        if self.format_string_at is not None:
            return _join_format_arguments(texts, self.format_string_at, self.nested.indent)
        return join(texts, tactic, comma, self.nested.indent, self.nested.width)

    def wrap(self, body: str, horizontal: bool) -> str:
        """Head and brackets around the items."""
        width = max(0, self.shape.width - last_line_width(self.head))
        opening, closing = self.brackets.opening, self.brackets.closing
        if horizontal and (first_line_width(body) + 1 if body else 2) <= width:
            return f"{self.head}{opening}{body}{closing}"
        if self.page.edition is Edition.E2021 and self.page.in_macro and "\n" not in body and len(body) + 2 <= width:
            return f"{self.head}{opening}{body}{closing}"
        inner = newline(self.nested.indent) + body if body else ""
        return f"{self.head}{opening}{inner}{newline(self.shape.indent)}{closing}"
