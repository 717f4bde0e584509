"""The room a piece of code may take, the limits of rustfmt's default style, and measures of text.

    let value = first + second;
    |   |     | |             |
    indent    offset ends     width ends

A `Shape` at `first`: lines below begin at `indent`; `offset` columns after it are already written; `width` columns are left on
this line. Layout gives a text, or None where the code cannot be laid out in the shape given: another shape is tried then.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

MAX_WIDTH = 100
TAB = 4
FN_CALL_WIDTH = 60
ATTR_WIDTH = 70
STRUCT_LIT_WIDTH = 18
ARRAY_WIDTH = 60
CHAIN_WIDTH = 60
IF_ELSE_WIDTH = 50
SHORT_ELEMENT_WIDTH = 10


class Edition(Enum):
    """The style edition; rustfmt takes it from the edition of the crate."""

    E2021 = 2021
    E2024 = 2024


class Shape(NamedTuple):
    """Columns left on this line, where lines below begin, and columns already written after that."""

    width: int
    indent: int
    offset: int = 0

    def narrow(self, columns: int) -> Shape | None:
        """Without the last `columns`."""
        width = self.width - columns
        return Shape(width, self.indent, self.offset) if width >= 0 else None

    def after(self, columns: int) -> Shape | None:
        """Past `columns` more columns of text."""
        width = self.width - columns
        return Shape(width, self.indent, self.offset + columns) if width >= 0 else None

    @property
    def used(self) -> int:
        """The column at which this shape begins."""
        return self.indent + self.offset


def first_line(text: str) -> str:
    return text.partition("\n")[0]


def first_line_width(text: str) -> int:
    end = text.find("\n")
    return end if end >= 0 else len(text)


def last_line_width(text: str) -> int:
    return len(text) - text.rfind("\n") - 1


def trimmed_last_line_width(text: str) -> int:
    return len(text[text.rfind("\n") + 1 :].strip())


def line_count(text: str) -> int:
    return text.count("\n") + 1


def newline(indent: int) -> str:
    """A line break and the indentation after it."""
    return "\n" + " " * indent


_CLOSERS = frozenset("()]}?> \t")


def ends_in_closers(text: str) -> bool:
    """Whether the last line consists of closing brackets only, so that more may follow on it."""
    return all(char in _CLOSERS for char in text[text.rfind("\n") + 1 :])


def fits(text: str, shape: Shape, max_width: int) -> bool:
    """Whether each line of a text keeps to its limit; comments may exceed it."""
    if "\n" not in text:
        return len(text) <= shape.width
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("//")]
    if len(lines[0]) > shape.width or any(len(line) > max_width for line in lines[1:]):
        return False
    return len(lines[-1]) <= shape.used + shape.width


def prefers_next_line(here: str, below: str) -> bool:
    """Whether `below`, the same code begun on a line of its own, looks better than `here`."""
    if "\n" not in below or here.count("\n") > below.count("\n") + 1:
        return True
    end_here, end_below = first_line(here)[-1:], first_line(below)[-1:]
    return end_here in ("(", "{", "[") and end_here != end_below
