"""Functions, structs, constants, and what stands above them.

/// Adds.
#[inline]
pub fn add(a: u32, b: u32) -> u32 {
    a.wrapping_add(b)
}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compiler.emit.rustfmt.blocks import Body
from compiler.emit.rustfmt.expressions import lay_assigned
from compiler.emit.rustfmt.lists import Brackets, Comma, lay_list
from compiler.emit.rustfmt.shape import ATTR_WIDTH, MAX_WIDTH, TAB, Edition, Shape, first_line_width, newline
from compiler.emit.rustfmt.tree import Expr, Page, Text

_WORDS = Brackets("(", ")", ATTR_WIDTH)


def attribute(name: str, words: Sequence[str], page: Page, *, inner: bool = False) -> str:
    """`#[name(words)]`, or `#![…]`."""
    sign = "#!" if inner else "#"
    room = Shape(MAX_WIDTH - len(sign) - 2, 0, len(sign) + 1)
    items = [Text(word) for word in words]
    text = lay_list(name, items, _WORDS, room, page, Comma.NEVER)
    assert text is not None
    return f"{sign}[{text}]"


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above an item; `doc` is lines with their `///`."""

    doc: Sequence[str]
    allow: Sequence[str]
    inline: str = ""
    derives: Sequence[str] = ()

    def lines(self, page: Page) -> list[str]:
        lines = list(self.doc)
        if self.inline:
            lines.append(self.inline)
        if self.allow:
            lines.append(attribute("allow", self.allow, page))
        if self.derives:
            lines.append(f"#[derive({', '.join(self.derives)})]")
        return lines


def constant(head: str, ty: Expr, value: Expr, page: Page) -> str:
    """`head: ty = value;`"""
    page.trials = -1_000_000_000  # a table is long, not deep
    found = _lay_constant(head, ty, value, page)
    if found is None:
        with page.without_limit():
            found = _lay_constant(head, ty, value, page)
    assert found is not None, "a constant fits on a line without end"
    return found


def _lay_constant(head: str, ty: Expr, value: Expr, page: Page) -> str | None:
    room = page.line(0).after(len(head) + 4)
    text = ty.lay(room, page) if room else None
    lhs = f"{head}: {text}"
    if text is None:
        text = ty.lay(page.line(TAB), page)
        lhs = f"{head}:{newline(TAB)}{text}"
    whole = None if text is None else lay_assigned(f"{lhs} =", value, Shape(page.max_width - 1, 0), page)
    return None if whole is None else f"{whole};"


def struct(head: str, fields: Sequence[tuple[str, Expr]], page: Page) -> str:
    """`head { fields }`, a field to a line; each field's name comes with its visibility."""
    if not fields:
        return f"{head} {{}}"
    lines = [_lay_field(name, ty, page) for name, ty in fields]
    return f"{head} {{{newline(TAB)}{newline(TAB).join(lines)}\n}}"


def _lay_field(name: str, ty: Expr, page: Page) -> str:
    shape = page.line(TAB).narrow(1)
    room = shape and shape.after(len(name) + 2)
    text = ty.lay(room, page) if room else None
    whole = f"{name}: {text}"
    if shape and (text is None or "\n" in text):
        whole = lay_assigned(f"{name}:", ty, shape, page)
    if whole is None:
        whole = f"{name}: {ty.flat}"
    return f"{whole},"


@dataclass(frozen=True, slots=True)
class Signature:
    """`head(params) -> result`; the head ends with the generics."""

    head: str
    params: Sequence[tuple[str, Expr]]
    result: Expr | None


def function(signature: Signature, body: Body, page: Page) -> str:
    head = _lay_signature(signature, page)
    empty_on_line = "\n" not in head and len(head) + 2 <= MAX_WIDTH
    return page.settle(lambda: f"{head}{body.text(0, page, width=2 if empty_on_line else 0)}")


def _lay_signature(signature: Signature, page: Page) -> str:
    """Up to the brace."""
    head = signature.head
    result = _lay_result(signature.result, page)
    budget = max(0, MAX_WIDTH - (len(head) + len(result) + (3 if result else 2) + 2))
    texts = [_lay_param(name, ty, page) for name, ty in signature.params]
    line = ", ".join(texts)
    if budget and len(line) <= budget and "\n" not in line + result:
        return _signature_line(head, line, result, page)
    if not texts:
        return _signature_line(head, "", result, page)
    params = f",{newline(TAB)}".join(texts)
    return _with_brace(f"{head}({newline(TAB)}{params},\n){result and ' ' + result}")


def _signature_line(head: str, params: str, result: str, page: Page) -> str:
    if params or not result:
        return _with_brace(f"{head}({params}){result and ' ' + result}")
    if len(head) + first_line_width(result) + 2 > MAX_WIDTH:
        text = f"{head}(\n) {result}" if page.edition is Edition.E2021 else f"{head}()\n{result}"
        return _with_brace(text)
    return _with_brace(f"{head}() {result}")


def _with_brace(signature: str) -> str:
    last = signature[signature.rfind("\n") + 1 :]
    return f"{signature} " if len(last) + 2 <= MAX_WIDTH else f"{signature}\n"


def _lay_result(ty: Expr | None, page: Page) -> str:
    if ty is None:
        return ""
    room = page.line(0).after(len("-> "))
    text = ty.lay(room, page) if room else None
    if text is None:
        with page.without_limit():
            text = ty.lay(page.line(0), page)
    return f"-> {text}"


def _lay_param(name: str, ty: Expr, page: Page) -> str:
    room = Shape(MAX_WIDTH - TAB - 1 - len(name) - 2, TAB)
    text = ty.lay(room, page)
    return f"{name}: {text if text is not None else ty.flat}"
