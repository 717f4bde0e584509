"""`goto` that leaves blocks, as `minic.labelled` and `minic.leave`.

    if (bad) goto out;                       minic.labelled "out" {
    work();                          ->        if (bad) { leave "out" }
    out: clean();                              work()
                                             }
                                             clean()

A label stands in the list of statements of some block; the gotos to it must stand earlier in that list, at any depth. The labelled part
begins at the statement with the first of them. Locals that are declared inside it and used after it are declared in front.
Backward gotos have become loops before (`goto_loops`). Refused: gotos into a block (C0301).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.declarations import hoist
from compiler.frontends.c.goto_loops import labels_on, with_loops
from compiler.frontends.c.mentions import gotos_in, mentions


@dataclass(frozen=True, slots=True)
class _Jump:
    """The statements `start` up to `end` of a block are left by goto to `label`."""

    label: str
    start: int
    end: int


def has_labels(items: list[Any]) -> bool:
    return any(isinstance(item, c_ast.Label) for item in items)


def lower_labelled_items(cx: Lowering, items: list[Any]) -> None:
    """The statements of a block that holds labels."""
    items = with_loops(cx, items)
    _lower_range(cx, items, 0, len(items), _nested(_jumps(items)))


def _jumps(items: list[Any]) -> list[_Jump]:
    targets = [gotos_in(item) for item in items]
    jumps: list[_Jump] = []
    for end, item in enumerate(items):
        for label in labels_on(item):
            sources = [index for index, gotos in enumerate(targets[:end]) if label.name in gotos]
            if sources:
                jumps.append(_Jump(label.name, sources[0], end))
    return jumps


def _nested(jumps: list[_Jump]) -> list[_Jump]:
    """The same jumps, starts moved up so that no two cross; outer ones first."""
    settled: list[_Jump] = []
    for jump in sorted(jumps, key=lambda jump: jump.end):
        inner = [other.start for other in settled if other.end > jump.start]
        settled.append(_Jump(jump.label, min([jump.start, *inner]), jump.end))
    return sorted(settled, key=lambda jump: (jump.start, -jump.end))


def _lower_range(cx: Lowering, items: list[Any], start: int, end: int, jumps: list[_Jump]) -> None:
    at = start
    while at < end:
        if jumps and jumps[0].start == at:
            jump = jumps[0]
            inside = [other for other in jumps[1:] if other.end <= jump.end]
            jumps = [other for other in jumps[1:] if other.end > jump.end]
            _lower_jump(cx, items, jump, inside)
            at = jump.end
        else:
            cx.item(items[at])
            at += 1


def _lower_jump(cx: Lowering, items: list[Any], jump: _Jump, inside: list[_Jump]) -> None:
    after = items[jump.end :]
    for item in items[jump.start : jump.end]:
        declares = isinstance(item, c_ast.Decl) and item.name and not {"static", "extern"} & set(item.storage)
        if declares and id(item) not in cx.function.hoisted and any(mentions(each, (item.name,)) for each in after):
            hoist(cx, item)
    cx.function.open_labels.append(jump.label)
    region = cx.region(lambda: _lower_range(cx, items, jump.start, jump.end, inside))
    cx.function.open_labels.pop()
    label = StringAttr(jump.label)
    cx.put(minic.LabelledOp.create(properties={"label": label}, regions=[region], location=cx.at(items[jump.start])))


def _goto(cx: Lowering, node: c_ast.Goto) -> None:
    if node.name in cx.function.open_labels:
        cx.put(minic.LeaveOp.create(properties={"label": StringAttr(node.name)}, location=cx.at(node)))
        return
    if node.name not in cx.function.labels:
        raise cx.refuse(Code.STRAY_JUMP, node, f"there is no label `{node.name}` in this function")
    raise cx.refuse(
        Code.GOTO_INTO_BLOCK,
        node,
        f"the label `{node.name}` is inside a block that this goto is not in",
        help="only a goto that leaves blocks is supported",
    )


def _label(cx: Lowering, node: c_ast.Label) -> None:
    cx.item(node.stmt)


STATEMENTS: dict[type, Any] = {c_ast.Goto: _goto, c_ast.Label: _label}
