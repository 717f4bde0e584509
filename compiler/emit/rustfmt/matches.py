"""`match`.

match byte {
    b'a' | b'b' => 1,
    b'0'..=b'9' => {
        count += 1;
        2
    }
    _ => 0,
}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compiler.emit.rustfmt.blocks import BlockExpr, Body
from compiler.emit.rustfmt.lists import fits_horizontally
from compiler.emit.rustfmt.shape import (
    TAB,
    Edition,
    Shape,
    ends_in_closers,
    first_line_width,
    newline,
    prefers_next_line,
)
from compiler.emit.rustfmt.tree import Expr, Page


@dataclass(frozen=True, slots=True)
class Arm:
    """`pattern => body`; a pattern's alternatives are joined by ` | `."""

    pattern: str
    body: Body | Expr


class Match(Expr):
    """`match value { arms }`."""

    __slots__ = ("arms", "value")

    def __init__(self, value: Expr, arms: Sequence[Arm]) -> None:
        self.value = value
        self.arms = arms
        self.flat = None
        self.nest = 0

    def layout(self, shape: Shape, page: Page) -> str | None:
        room = page.rest_of_line(shape).after(len("match "))
        value = self.value.lay(room, page) if room else None
        if room is None or value is None:
            return None
        if not self.arms:
            return f"match {value} {{}}"
        below = ("\n" in value or len(value) + 2 > room.width) and not ends_in_closers(value)
        parts = ["match ", value, newline(shape.indent) if below else " ", "{"]
        for arm in self.arms:
            text = _lay_arm(arm, page.line(shape.indent + TAB), page)
            if text is None:
                return None
            parts += (newline(shape.indent + TAB), text)
        parts += (newline(shape.indent), "}")
        return "".join(parts)

    def condition_breaks(self, shape: Shape, page: Page) -> bool:
        room = shape.after(8)
        value = self.value.lay(room, page) if room else None
        return value is not None and "\n" in value

    def is_block(self) -> bool:
        return True

    def overflows(self, count: int) -> bool:
        return count == 1

    def follows_arrow(self) -> bool:
        return True

    def closes_like_block(self, text: str) -> bool:
        return "\n" in text


def _lay_pattern(pattern: str, shape: Shape) -> str:
    """The alternatives: packed when all are short, else on one line, else one below the other."""
    choices = pattern.split(" | ")
    line_break = newline(shape.indent)
    if all(len(choice) <= 20 and _is_short(choice) for choice in choices):
        return _packed_choices(choices, shape.width, line_break)
    separators = len(choices) - 1  # each one column wider than those of a list
    if fits_horizontally(choices, shape.width - separators):
        return pattern
    return f"{line_break}| ".join(choices)


def _is_short(choice: str) -> bool:
    return ".." not in choice and "::" not in choice


def _packed_choices(choices: list[str], width: int, line_break: str) -> str:
    parts: list[str] = []
    column = 0
    for index, choice in enumerate(choices):
        size = len(choice) + (2 if index else 0)
        if column and column + 1 + size > width:
            parts.append(line_break)
            column = 0
        elif column:
            parts.append(" ")
            column += 1
        column += size
        parts.append(f"| {choice}" if index else choice)
    return "".join(parts)


def _flattened(body: Body | Expr, room: Shape | None, page: Page) -> tuple[bool, Body | Expr]:
    """The body, out of the braces where it is a single expression; and whether it may begin on the line of `=>`."""
    if isinstance(body, Expr):
        return body.follows_arrow(), body
    sole = body.sole_expression()
    if sole is None or page.in_macro or sole.is_macro():
        return True, body
    if isinstance(sole, BlockExpr) and not sole.label:
        return _flattened(sole.body, None, page)
    if room is not None and sole.condition_breaks(room, page):
        return False, body
    return sole.follows_arrow(), sole


def _lay_arm(arm: Arm, shape: Shape, page: Page) -> str | None:
    room = shape.narrow(len(" => {") + _label_width(arm.body))
    if room is None:
        return None
    pattern = _lay_pattern(arm.pattern, room)
    used = len(pattern)
    if "\n" in pattern:
        used = max(0, used - pattern.rfind("\n") - 1 - shape.used)
    beside = shape.after(used + len(" => "))
    extends, body = _flattened(arm.body, beside, page)
    if isinstance(body, Body):
        return f"{pattern} => {body.text(shape.indent, page)}"
    return _lay_value(pattern, body, extends, beside and beside.narrow(1), shape, page)


def _label_width(body: Body | Expr) -> int:
    """What rustfmt reserves for the label of the block that is the arm."""
    if isinstance(body, Body):
        sole = body.sole_expression()
        return 0 if sole is None else _label_width(sole)
    return len(body.label) if isinstance(body, BlockExpr) else 0


def _lay_value(pattern: str, body: Expr, extends: bool, beside: Shape | None, shape: Shape, page: Page) -> str | None:
    """`pattern => body,`, or the body in braces on lines of its own."""
    comma = "" if isinstance(body, BlockExpr) else ","
    here = body.lay_statement(beside, page) if beside else None
    if here is not None and beside and (comma == "" or ("\n" not in here and len(here) <= beside.width)):
        return f"{pattern} => {here}{comma}"
    beneath = body.lay_statement(page.line(shape.indent + TAB), page)
    if beneath is not None and _better_beneath(here, beneath, extends, beside):
        end = ";" if page.edition is Edition.E2024 and body.is_jump() else ""
        inner = f"{newline(shape.indent + TAB)}{beneath}{end}{newline(shape.indent)}"
        return f"{pattern} => {{{inner}}}"
    return None if here is None else f"{pattern} => {here}{comma}"


def _better_beneath(here: str | None, beneath: str, extends: bool, beside: Shape | None) -> bool:
    if here is None or beside is None or prefers_next_line(here, beneath):
        return True
    return "\n" in here and not (extends and first_line_width(here) <= beside.width)
