"""The base of all expressions of the tree, and the leaves.

Every expression knows its text on one line (`flat`), or None where rustfmt would never write it on one line or it is wider than a
line. Where `flat` fits, it is the layout; only the rest is laid out by trial, as rustfmt does, and remembered per shape.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

from compiler.emit.rustfmt.precedence import Precedence
from compiler.emit.rustfmt.shape import MAX_WIDTH, TAB, Edition, Shape, trimmed_last_line_width

_WIDE = 1_000_000
_MOST_TRIALS = 40_000
"""Of the expressions of one statement. What nests deeply enough to need more, rustfmt does not finish either."""


class TooManyTrials(Exception):
    """A statement is left alone, for its layout would take too long to find."""


class Page:
    """What surrounds the code being laid out: the edition, the widest line, and whether a macro call or a chain constrains it."""

    __slots__ = ("edition", "failed", "in_macro", "left", "max_width", "memo", "one_line_chains", "trials", "tried")

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.max_width: int = MAX_WIDTH
        self.in_macro: bool = False
        self.one_line_chains: bool = False
        self.memo: dict[tuple[object, ...], str | None] = {}
        self.trials: int = 0
        self.failed: set[int] = set()
        self.tried: dict[int, list[str]] = {}
        self.left: dict[int, str] = {}

    def settle(self, lay: Callable[[], str]) -> str:
        """The text of an item that rustfmt would leave alone.

        A statement that rustfmt cannot lay out stays as the text has it, also while rustfmt tries what is around it in other places.
        What is around it may then look best in a place that moves the statement: we lay out again with the text that it had.
        """
        text = lay()
        for _ in range(4):
            if not self.failed:
                break
            self.memo.clear()
            self.tried.clear()
            before, text = text, lay()
            left = {key: next((one for one in self.tried.get(key, ()) if one in text), "") for key in self.failed}
            if text == before and left == self.left:
                break
            self.left = left
        self.failed.clear()
        self.left.clear()
        return text

    def line(self, indent: int) -> Shape:
        """A whole line."""
        return Shape(max(0, self.max_width - indent), indent)

    def rest_of_line(self, shape: Shape) -> Shape:
        """From where `shape` begins to the end of the line."""
        return Shape(max(0, self.max_width - shape.used), shape.indent, shape.offset)

    def overhead(self, shape: Shape) -> int:
        """The columns at the end of the line that `shape` leaves to others."""
        return max(0, self.max_width - (shape.used + shape.width))

    def below(self, shape: Shape) -> Shape | None:
        """A line of its own, one level deeper, leaving to others what `shape` leaves to them."""
        return self.line(shape.indent + TAB).narrow(self.overhead(shape))

    def count_trial(self) -> None:
        self.trials += 1
        if self.trials > _MOST_TRIALS and self.max_width == MAX_WIDTH:
            raise TooManyTrials

    @contextmanager
    def within(
        self, *, one_line_chains: bool | None = None, in_macro: bool | None = None, max_width: int | None = None
    ) -> Generator[None]:
        """Within the `with`, what is given holds."""
        before = self.one_line_chains, self.in_macro, self.max_width
        self.one_line_chains = before[0] if one_line_chains is None else one_line_chains
        self.in_macro = before[1] if in_macro is None else in_macro
        self.max_width = before[2] if max_width is None else max_width
        try:
            yield
        finally:
            self.one_line_chains, self.in_macro, self.max_width = before

    def in_block(self) -> AbstractContextManager[None]:
        """Within the `with`, the usual rules hold: statements do not know what surrounds their block."""
        return self.within(one_line_chains=False, in_macro=False, max_width=MAX_WIDTH)

    def without_limit(self) -> AbstractContextManager[None]:
        """Within the `with`, lines may be of any width: rustfmt leaves alone what it cannot lay out."""
        return self.within(max_width=_WIDE)


class Expr:
    """An expression (or a type). `nest` is how much room its one-line form needs to the right of its indentation."""

    __slots__ = ("flat", "nest")
    flat: str | None
    nest: int

    def lay(self, shape: Shape, page: Page) -> str | None:
        """The text in this shape."""
        flat = self.flat
        if flat is not None and len(flat) <= shape.width and self.nest + shape.indent <= page.max_width:
            return flat
        key = (id(self), shape, page.in_macro, page.one_line_chains)
        if page.max_width == _WIDE:
            shape = Shape(_WIDE, shape.indent)
            key = (id(self), shape)
        memo = page.memo
        if key not in memo:
            page.count_trial()
            memo[key] = self.layout(shape, page)
        return memo[key]

    def layout(self, shape: Shape, page: Page) -> str | None:
        """The text in this shape, found by trial."""
        raise NotImplementedError

    def lay_statement(self, shape: Shape, page: Page) -> str | None:
        """The text where the expression is a statement or a match arm."""
        return self.lay(shape, page)

    # What rustfmt's rules ask of an expression.

    def precedence(self) -> Precedence:
        return Precedence.POSTFIX

    def ends_in_cast(self) -> bool:
        """Whether a `<` put after it would be read as the beginning of type arguments."""
        return False

    def has_bare_struct(self) -> bool:
        """Whether a struct literal stands in it outside of any brackets."""
        return False

    def is_block(self) -> bool:
        """Whether it ends with a block of its own: `if`, `match`, `{}`."""
        return False

    def is_simple(self) -> bool:
        """Whether a list of such may be packed, several on a line."""
        return False

    def is_nested_call(self) -> bool:
        return False

    def is_method_call(self) -> bool:
        return False

    def is_jump(self) -> bool:
        """`return`, `break`, `continue`."""
        return False

    def is_macro(self) -> bool:
        return False

    def overflows(self, count: int) -> bool:
        """Whether, as the last of `count` arguments, it may begin on the line of the call and go on below."""
        return False

    def follows_arrow(self) -> bool:
        """Whether it may begin on the line of `=>` and go on below."""
        return False

    def closes_like_block(self, text: str) -> bool:
        """Whether its last line consists of closing brackets."""
        return False

    def condition_breaks(self, shape: Shape, page: Page) -> bool:
        """Whether it has a condition, which takes more than one line."""
        return False


class Text(Expr):
    """A path; `simple` when it has no `::`."""

    __slots__ = ("simple",)

    def __init__(self, text: str, *, simple: bool = True) -> None:
        self.flat = text
        self.nest = 0
        self.simple = simple

    def layout(self, shape: Shape, page: Page) -> str | None:
        return None  # too wide

    def is_simple(self) -> bool:
        return self.simple


class Literal(Text):
    """A literal, perhaps with a minus."""

    __slots__ = ()

    def precedence(self) -> Precedence:
        return Precedence.UNARY if self.flat and self.flat[0] == "-" else Precedence.POSTFIX

    def closes_like_block(self, text: str) -> bool:
        return "\n" in text and trimmed_last_line_width(text) <= TAB


class StringLiteral(Literal):
    """A string: the 2024 style lets it be too wide."""

    __slots__ = ()

    def layout(self, shape: Shape, page: Page) -> str | None:
        return self.flat if page.edition is Edition.E2024 else None


def limited(flat: str) -> str | None:
    """A one-line text, unless it is wider than any line."""
    return flat if len(flat) <= MAX_WIDTH else None
