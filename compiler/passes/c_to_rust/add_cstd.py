"""add-cstd: the C library functions that std has no counterpart for, at the end of the file that calls them.

    let n = cstd::c_str(&s).len();        the same, and below it      mod cstd { pub fn c_str(bytes: &[u8]) -> &[u8] { … } }

Input and output: rust. The module holds what the code names, and what that needs in turn, out of `cstd.rs`, which is Rust written by hand:
functions and types that behave as the C standard has it, for slices.
Why here: last, because the passes before it drop calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation

from compiler.dialects import rust
from compiler.dialects.walking import ops_of
from compiler.passes.c_to_rust.rust_mentions import outlined

_CALLED = re.compile(r"cstd::(\w+)")
_DEFINED = re.compile(r"^(?:pub )?(?:fn|struct) (\w+)|^impl (?:\S+ for )?(\w+)", re.MULTILINE)
_COMMENT = re.compile(r"///.*")
_WORD = re.compile(r"(?<![.\w])\w+\b(?!!)")
_SOURCE = Path(__file__).with_name("cstd.rs")


@dataclass(frozen=True, slots=True)
class AddCstd:
    """The pass; no options."""

    name: ClassVar[str] = "add-cstd"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        called = set(_called(op))
        if not called:
            return
        last = op.body.block.last_op
        assert last is not None
        module = rust.VerbatimOp.create(properties={"text": StringAttr(_module(called))}, location=last.location)
        op.body.block.add_op(module)


def _called(item: Operation) -> Iterator[str]:
    for op in ops_of(item):
        if type(op) is rust.CallOp:
            yield from _CALLED.findall(op.callee.data)
        elif type(op) is rust.OutlineOp:
            yield from outlined(op.support)


def support_of(function: rust.FnOp) -> dict[str, list[str]]:
    """What another process has to know of a function."""
    return {"support": sorted(set(_called(function)))}


@dataclass(frozen=True, slots=True)
class _Item:
    """A function, a type, or an `impl` of one; `name` is the function's or the type's."""

    name: str
    text: str
    words: frozenset[str]


@cache
def _source() -> tuple[tuple[str, ...], tuple[_Item, ...]]:
    """The `use` lines and the items of `cstd.rs`."""
    head, *rest = re.split(r"\n\n(?=///|fn|impl)", _SOURCE.read_text("utf-8").rstrip("\n"))
    return tuple(head.split("\n")), tuple(_item(text) for text in rest)


def _item(text: str) -> _Item:
    found = _DEFINED.search(text)
    assert found is not None, text
    return _Item(found[1] or found[2], text, frozenset(_WORD.findall(_COMMENT.sub("", text))))


def _module(called: set[str]) -> str:
    uses, items = _source()
    needed = _needed(called, items)
    kept = [item for item in items if item.name in needed]
    words = frozenset[str]().union(*(item.words for item in kept))
    head = [use for use in uses if use.removesuffix(";").split("::")[-1] in words]
    parts = ["\n".join(head)] * bool(head) + [item.text for item in kept]
    body = "\n".join(f"    {line}".rstrip() for line in "\n\n".join(parts).split("\n"))
    return f"/// What the C library has and std has not.\nmod cstd {{\n{body}\n}}"


def _needed(called: set[str], items: tuple[_Item, ...]) -> set[str]:
    """The names called, and those that their items mention."""
    names = {item.name for item in items}
    needed: set[str] = set()
    waiting = called & names
    assert waiting == called, called - names
    while waiting:
        needed |= waiting
        mentioned = frozenset[str]().union(*(item.words for item in items if item.name in waiting))
        waiting = (mentioned & names) - needed
    return needed
