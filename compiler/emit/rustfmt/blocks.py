"""Blocks and the statements in them.

{
    let mut sum = 0;
    sum += 1;
    sum
}
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.emit.rustfmt.expressions import lay_assigned
from compiler.emit.rustfmt.shape import TAB, Edition, Shape, last_line_width, newline
from compiler.emit.rustfmt.tree import Expr, Page, TooManyTrials


class Statement:
    """A statement; what rustfmt cannot lay out, it leaves as it is, and so do we."""

    __slots__ = ()

    def text(self, indent: int, page: Page, last: bool) -> str:
        found = self._within_width(indent, page, last)
        if found is None:
            page.failed.add(id(self))
            found = page.left.get(id(self)) or self._of_any_width(indent, page, last)
        if page.failed:
            page.tried.setdefault(id(self), []).append(found)
        return found

    def _within_width(self, indent: int, page: Page, last: bool) -> str | None:
        before, page.trials = page.trials, 0
        try:
            return self.layout(page.line(indent), page, last)
        except TooManyTrials:
            return None
        finally:
            page.trials = before

    def _of_any_width(self, indent: int, page: Page, last: bool) -> str:
        with page.without_limit():
            found = self.layout(page.line(indent), page, last)
        assert found is not None, "a statement fits on a line without end"
        return found

    def layout(self, shape: Shape, page: Page, last: bool) -> str | None:
        raise NotImplementedError

    def as_expression(self) -> Expr | None:
        """The expression, if the statement is one without a semicolon."""
        return None


class Let(Statement):
    """`let pattern[: type] [= init];`"""

    __slots__ = ("init", "pattern", "type")

    def __init__(self, pattern: Expr, ty: Expr | None, init: Expr | None) -> None:
        self.pattern = pattern
        self.type = ty
        self.init = init

    def layout(self, shape: Shape, page: Page, last: bool) -> str | None:
        inside = shape.narrow(1)
        head = inside and self._lay_head(inside, page)
        if inside is None or head is None or self.init is None:
            return head and f"{head};"
        whole = lay_assigned(f"{head} =", self.init, inside, page)
        return None if whole is None else f"{whole};"

    def _lay_head(self, inside: Shape, page: Page) -> str | None:
        room = inside.after(len("let "))
        pattern = self.pattern.lay(room, page) if room else None
        if pattern is None or self.type is None:
            return pattern and f"let {pattern}"
        room = inside.after(len("let ") + last_line_width(pattern) + 2)
        room = room and room.narrow(1)
        ty = self.type.lay(room, page) if room else None
        return ty and f"let {pattern}: {ty}"


class NamePattern(Expr):
    """`name` or `mut name`; it is never too wide to be written."""

    __slots__ = ("mutable", "name")

    def __init__(self, name: str, mutable: bool) -> None:
        self.name = name
        self.mutable = mutable
        self.flat = f"mut {name}" if mutable else name
        self.nest = 0

    def layout(self, shape: Shape, page: Page) -> str | None:
        return f"mut{newline(shape.indent)}{self.name}" if self.mutable else self.name


class Semi(Statement):
    """`expr;`"""

    __slots__ = ("expr",)

    def __init__(self, expr: Expr) -> None:
        self.expr = expr

    def layout(self, shape: Shape, page: Page, last: bool) -> str | None:
        inside = shape.narrow(1)
        text = self.expr.lay_statement(inside, page) if inside else None
        return None if text is None else f"{text};"


class Tail(Statement):
    """`expr` without a semicolon: the value of a block, or control flow."""

    __slots__ = ("expr",)

    def __init__(self, expr: Expr) -> None:
        self.expr = expr

    def layout(self, shape: Shape, page: Page, last: bool) -> str | None:
        if last and page.edition is Edition.E2024:
            return self.expr.lay(shape, page)
        return self.expr.lay_statement(shape, page)

    def as_expression(self) -> Expr | None:
        return self.expr


class Comment(Statement):
    """`// line` for each line."""

    __slots__ = ("lines",)

    def __init__(self, text: str) -> None:
        self.lines = comment_lines("//", text)

    def layout(self, shape: Shape, page: Page, last: bool) -> str | None:
        return newline(shape.indent).join(self.lines)


def comment_lines(mark: str, text: str) -> list[str]:
    """The lines of a comment, each begun by `mark`."""
    return [f"{mark} {line}".rstrip() for line in text.replace("\t", "    ").split("\n")]


class Body:
    """The statements between two braces."""

    __slots__ = ("statements",)

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements

    def sole_expression(self) -> Expr | None:
        """The expression that is all there is in the block."""
        return self.statements[0].as_expression() if len(self.statements) == 1 else None

    def text(self, indent: int, page: Page, width: int = 2) -> str:
        """The block in its braces; an empty one is `{}` when `width` allows it."""
        if not self.statements:
            return "{}" if width >= 2 else "{" + newline(indent) + "}"
        key = (id(self), indent)
        found = page.memo.get(key)
        if found is None:
            found = page.memo[key] = self._text(indent, page)
        return found

    def _text(self, indent: int, page: Page) -> str:
        line_break = newline(indent + TAB)
        end = len(self.statements) - 1
        parts = ["{"]
        with page.in_block():
            for index, statement in enumerate(self.statements):
                parts.append(line_break)
                parts.append(statement.text(indent + TAB, page, index == end))
        parts.append(newline(indent) + "}")
        return "".join(parts)

    def sole_text(self, shape: Shape, page: Page) -> str | None:
        """The sole expression as the statement it is."""
        return self.statements[0].layout(shape, page, last=True)


class BlockExpr(Expr):
    """`['label:] { … }` as an expression or a statement."""

    __slots__ = ("body", "label")

    def __init__(self, body: Body, label: str | None) -> None:
        self.body = body
        self.label = "" if label is None else f"'{label}: "
        self.flat = None
        self.nest = 0

    def layout(self, shape: Shape, page: Page) -> str | None:
        text = self.label + self.body.text(shape.indent, page, shape.width)
        if text.count("\n") <= 2 and self.body.sole_expression() is not None:
            inner = self.body.sole_text(shape, page)
            line = None if inner is None else f"{self.label}{{ {inner} }}"
            if line is not None and "\n" not in line and len(line) <= shape.width:
                return line
        return text

    def lay_statement(self, shape: Shape, page: Page) -> str | None:
        return self.label + self.body.text(shape.indent, page, shape.width)

    def is_block(self) -> bool:
        return True

    def overflows(self, count: int) -> bool:
        return True

    def follows_arrow(self) -> bool:
        return True

    def closes_like_block(self, text: str) -> bool:
        return "\n" in text
