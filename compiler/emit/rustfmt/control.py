"""`if`, loops and their conditions.

if first_condition_of_many
    && second_condition
{
"""

from __future__ import annotations

from compiler.emit.rustfmt.blocks import Body
from compiler.emit.rustfmt.expressions import lay_assigned
from compiler.emit.rustfmt.shape import IF_ELSE_WIDTH, TAB, Shape, ends_in_closers, last_line_width, newline
from compiler.emit.rustfmt.tree import Expr, Page


def _last_line_is_deeper(text: str, column: int) -> bool:
    line = text[text.rfind("\n") + 1 :]
    return len(line) - len(line.lstrip()) > column


class _Controlled(Expr):
    """Something with a head (`if cond`, `for x in y`) and a block."""

    __slots__ = ("body", "keyword", "label")
    body: Body
    keyword: str
    label: str

    def lay_condition(self, room: Shape, shape: Shape, page: Page) -> str | None:
        """What stands between keyword and block: in `room`, which begins at the keyword, `shape` being that of the whole."""
        raise NotImplementedError

    def lay_head(self, shape: Shape, page: Page, *, after_else: bool) -> tuple[str, str] | None:
        """The condition, and the head up to the brace."""
        room = page.rest_of_line(shape)
        room = room.after(len("} else ")) if after_else else room
        condition = self.lay_condition(room, shape, page) if room else None
        if room is None or condition is None:
            return None
        used = len(self.label) + len(self.keyword) + 1
        widest = max(0, page.max_width - (room.used + used + 2))
        broken = "\n" in condition or len(condition) > widest
        brace_below = broken and (not ends_in_closers(condition) or _last_line_is_deeper(condition, shape.used))
        space = "" if not condition or condition.startswith("\n") else " "
        end = newline(shape.indent) if brace_below else " "
        return condition, f"{self.label}{self.keyword}{space}{condition}{end}"

    def block_width(self, condition: str, shape: Shape) -> int:
        """The room left for `{}` beside the head."""
        used = last_line_width(condition)
        if "\n" not in condition:
            used = len(self.label) + len(self.keyword) + len(condition) + 2
        return max(0, shape.width - used)

    def condition_breaks(self, shape: Shape, page: Page) -> bool:
        head = self.lay_head(shape, page, after_else=False)
        return head is not None and "\n" in head[1]

    def layout(self, shape: Shape, page: Page) -> str | None:
        head = self.lay_head(shape, page, after_else=False)
        if head is None:
            return None
        return head[1] + self.body.text(shape.indent, page, self.block_width(head[0], shape))

    def is_block(self) -> bool:
        return True

    def overflows(self, count: int) -> bool:
        return count == 1

    def closes_like_block(self, text: str) -> bool:
        return "\n" in text


def _labelled(label: str | None) -> str:
    return "" if label is None else f"'{label}: "


class Loop(_Controlled):
    """`['label:] loop { … }`."""

    __slots__ = ()

    def __init__(self, body: Body, label: str | None) -> None:
        self.body = body
        self.keyword = "loop"
        self.label = _labelled(label)
        self.flat = None
        self.nest = 0

    def lay_condition(self, room: Shape, shape: Shape, page: Page) -> str | None:
        return ""

    def follows_arrow(self) -> bool:
        return True


class While(_Controlled):
    """`['label:] while condition { … }`."""

    __slots__ = ("condition",)

    def __init__(self, condition: Expr, body: Body, label: str | None) -> None:
        self.condition = condition
        self.body = body
        self.keyword = "while"
        self.label = _labelled(label)
        self.flat = None
        self.nest = 0

    def lay_condition(self, room: Shape, shape: Shape, page: Page) -> str | None:
        beside = room.after(len(self.label) + len("while "))
        text = self.condition.lay(beside, page) if beside else None
        if beside is None or text is not None:
            return text
        below = page.line(shape.indent + TAB)
        text = self.condition.lay(below, page)
        return None if text is None else newline(below.indent) + text


class For(_Controlled):
    """`['label:] for pattern in iterable { … }`."""

    __slots__ = ("iterable", "pattern")

    def __init__(self, pattern: Expr, iterable: Expr, body: Body, label: str | None) -> None:
        self.pattern = pattern
        self.iterable = iterable
        self.body = body
        self.keyword = "for"
        self.label = _labelled(label)
        self.flat = None
        self.nest = 0

    def lay_condition(self, room: Shape, shape: Shape, page: Page) -> str | None:
        beside = room.after(len(self.label) + len("for "))
        before_in = beside and beside.narrow(len(" in"))
        pattern = self.pattern.lay(before_in, page) if before_in else None
        if beside is None or pattern is None:
            return None
        return lay_assigned(f"{pattern} in", self.iterable, beside, page)


class If(_Controlled):
    """`if condition { … } else …`; on one line where it is a short value."""

    __slots__ = ("condition", "orelse")

    def __init__(self, condition: Expr, then: Body, orelse: Body | If | None) -> None:
        self.condition = condition
        self.body = then
        self.orelse = orelse
        self.keyword = "if"
        self.label = ""
        self.flat = self._flat()
        self.nest = condition.nest

    def _flat(self) -> str | None:
        if not isinstance(self.orelse, Body):
            return None
        then, orelse = self.body.sole_expression(), self.orelse.sole_expression()
        if then is None or orelse is None or then.is_block() or orelse.is_block():
            return None
        texts = self.condition.flat, then.flat, orelse.flat
        if None in texts:
            return None
        flat = "if {} {{ {} }} else {{ {} }}".format(*texts)
        return flat if len(flat) <= IF_ELSE_WIDTH else None

    def lay_condition(self, room: Shape, shape: Shape, page: Page) -> str | None:
        beside = room.after(len("if "))
        return self.condition.lay(beside, page) if beside else None

    def layout(self, shape: Shape, page: Page) -> str | None:
        head = self.lay_head(shape, page, after_else=False)
        if head is None:
            return None
        line = self._on_one_line(head[0], shape.width, page)
        return line if line is not None else self._lay_blocks(*head, shape, page, after_else=False)

    def lay_statement(self, shape: Shape, page: Page) -> str | None:
        return self._lay_on_many_lines(shape, page, after_else=False)

    def _lay_on_many_lines(self, shape: Shape, page: Page, *, after_else: bool) -> str | None:
        head = self.lay_head(shape, page, after_else=after_else)
        return head and self._lay_blocks(*head, shape, page, after_else=after_else)

    def _lay_blocks(self, condition: str, head: str, shape: Shape, page: Page, *, after_else: bool) -> str | None:
        width = self.block_width(condition, shape)
        if self.orelse is not None or after_else:
            width = min(1, width)
        start = head + self.body.text(shape.indent, page, width)
        if self.orelse is None:
            return start
        if isinstance(self.orelse, If):
            end = self.orelse._lay_on_many_lines(page.line(shape.indent), page, after_else=True)
        else:
            end = self.orelse.text(shape.indent, page, width=1)
        return None if end is None else f"{start} else {end}"

    def _on_one_line(self, condition: str, width: int, page: Page) -> str | None:
        if not isinstance(self.orelse, Body) or "\n" in condition:
            return None
        if self.body.sole_expression() is None or self.orelse.sole_expression() is None:
            return None
        room = Shape(width - len(condition) - len("if  {  } else {  }"), 0)
        then = self.body.sole_text(room, page) if room.width >= 0 else None
        if then is None or len(then) > room.width:
            return None
        orelse = self.orelse.sole_text(Shape(room.width - len(then), 0), page)
        if orelse is None:
            return None
        line = f"if {condition} {{ {then} }} else {{ {orelse} }}"
        return line if "\n" not in line and len(line) <= min(width, IF_ELSE_WIDTH) else None

    def condition_breaks(self, shape: Shape, page: Page) -> bool:
        head = self.lay_head(shape, page, after_else=False)
        if head is None or self._on_one_line(head[0], shape.width, page) is not None:
            return False
        return "\n" in head[1]
