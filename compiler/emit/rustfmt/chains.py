"""Chains of fields and method calls.

let next = state
    .rotate_left(7)
    .wrapping_add(constant);
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compiler.emit.rustfmt.calls import ARGUMENTS, comma_of
from compiler.emit.rustfmt.lists import flat_list, lay_list
from compiler.emit.rustfmt.shape import (
    CHAIN_WIDTH,
    TAB,
    Shape,
    ends_in_closers,
    first_line_width,
    fits,
    last_line_width,
    line_count,
    newline,
)
from compiler.emit.rustfmt.tree import Expr, Page, limited


class Link:
    """`.field`, or `.method(args)`."""

    __slots__ = ("args", "flat", "name", "nest")

    def __init__(self, name: str, args: Sequence[Expr] | None = None) -> None:
        self.name = f".{name}"
        self.args = args
        self.flat, self.nest = (self.name, 0) if args is None else flat_list(self.name, args, ARGUMENTS)

    def lay(self, shape: Shape, page: Page) -> str | None:
        if self.args is None:
            return self.name
        flat = self.flat
        if flat is not None and len(flat) <= shape.width and self.nest + shape.indent <= page.max_width:
            return flat
        return lay_list(self.name, self.args, ARGUMENTS, shape, page, comma_of(page))


@dataclass(slots=True)
class _Layout:
    """What of the chain is laid out: the root and the links on its line, the links that follow it."""

    root: str
    rest: Sequence[Link]
    root_closes: bool
    on_one_line: bool = False


class Chain(Expr):
    """`parent.link.link`."""

    __slots__ = ("links", "parent")

    def __init__(self, parent: Expr, links: Sequence[Link]) -> None:
        self.parent = parent
        self.links = links
        self.flat = self._flat()
        self.nest = max(parent.nest, links[-1].nest, *(link.nest + TAB for link in links[:-1] if link.nest), 0)

    def _flat(self) -> str | None:
        text = self.parent.flat
        for link in self.links:
            if text is None or link.flat is None:
                return None
            text += link.flat
        if text is None or (len(self.links) > 1 and len(text) > CHAIN_WIDTH):
            return None
        return limited(text)

    def followed_by(self, link: Link) -> Chain:
        return Chain(self.parent, (*self.links, link))

    def has_bare_struct(self) -> bool:
        return self.parent.has_bare_struct()

    def is_simple(self) -> bool:
        return self.parent.is_simple() and all(link.args is None for link in self.links)

    def is_method_call(self) -> bool:
        return self.links[-1].args is not None

    def overflows(self, count: int) -> bool:
        return count == 1 and self.is_method_call()

    def follows_arrow(self) -> bool:
        return self.is_method_call()

    def closes_like_block(self, text: str) -> bool:
        return self.is_method_call() and "\n" in text

    def layout(self, shape: Shape, page: Page) -> str | None:
        state = self._lay_root(shape, page)
        if state is None:
            return None
        if not state.rest:
            return state.root if fits(state.root, shape, page.max_width) else None
        below = page.line(shape.indent + (0 if state.root_closes else TAB))
        texts = [state.root]
        for link in state.rest[:-1]:
            text = link.lay(below, page)
            if text is None:
                return None
            texts.append(text)
        last = self._lay_last(state, texts, shape, below, page)
        if last is None or (page.one_line_chains and not state.on_one_line):
            return None
        joint = "" if state.on_one_line else newline(below.indent)
        whole = joint.join([*texts, last])
        return whole if fits(whole, shape, page.max_width) else None

    def _lay_root(self, shape: Shape, page: Page) -> _Layout | None:
        """The parent, with the links that follow when it is too short to stand alone."""
        root = self.parent.lay(shape, page)
        if root is None:
            return None
        state = _Layout(root, self.links, self.parent.closes_like_block(root))
        while len(state.root) <= TAB - shape.offset and "\n" not in state.root and state.rest:
            room = shape.after(len(state.root))
            if room is None:
                return None
            text = state.rest[0].lay(room, page)
            if text is None:
                break
            state = _Layout(state.root + text, state.rest[1:], ends_in_closers(state.root + text))
        return state

    def _lay_last(self, state: _Layout, texts: list[str], shape: Shape, below: Shape, page: Page) -> str | None:
        """The last link: on the line of all others, going on below, or on a line of its own. Tells which in `state`."""
        last = state.rest[-1]
        extends = ends_in_closers(state.root)
        before = last_line_width(state.root) if extends else sum(map(len, texts))
        widest = shape.width if len(self.links) == 1 else min(shape.width, CHAIN_WIDTH)
        budget = max(0, widest - before)
        one_line = budget > 0 and not any("\n" in text for text in texts)
        own_line = below.narrow(page.overhead(shape))
        room = shape if one_line else below if extends else own_line
        alone = last.lay(room, page) if room else None
        if alone is None:
            return None  # rustfmt gives up here even where another layout would do
        beside = room.after(before) if room and (one_line or extends) else None
        here = last.lay(beside, page) if beside else None
        if here is None:
            return alone
        return _choose_last(last, here, own_line, budget, one_line, state, page)


def _choose_last(
    last: Link, here: str, own_line: Shape | None, budget: int, one_line: bool, state: _Layout, page: Page
) -> str | None:
    """Between the last link begun `here`, on the line of the others, and on its own line."""
    fits_here = first_line_width(here) <= budget
    if fits_here and line_count(here) >= 5:
        state.on_one_line = one_line
        return here
    if own_line is None:
        return None
    alone = last.lay(own_line, page)
    if alone is not None and (not fits_here or line_count(alone) < line_count(here)):
        return alone
    state.on_one_line = fits_here and one_line
    return here
