"""Backward `goto`s that form loops, rewritten in the syntax tree to loops.

    again: work();                           do { work(); } while (n);
    if (n) goto again;               ->

    again: if (a()) goto again;              while (1) { if (a()) goto again;
    b(); if (n) goto again;          ->                  b(); if (n) goto again;
                                                         break; again: ; }

The loop reaches from the label to the last statement with a goto to it. After that every goto is a forward one. Refused: a `break` or
`continue` in there that belongs to a loop around (it would belong to the new one), and a local used after the loop under a name
that the loop also uses for something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pycparser import c_ast

from compiler.codes import Code
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.declarations import hoist
from compiler.frontends.c.mentions import gotos_in, mentions, unenclosed_jumps


@dataclass(slots=True)
class _Loop:
    label: str
    start: int
    last: int


def with_loops(cx: Lowering, items: list[Any]) -> list[Any]:
    """The statements of a block, the outermost of its backward gotos made loops."""
    found = items
    for loop in reversed(_loops(items)):
        found = [*found[: loop.start], _as_loop(cx, found, loop), *found[loop.last + 1 :]]
    return found


def _loops(items: list[Any]) -> list[_Loop]:
    """The loops in order, none inside another or across its end."""
    targets = [gotos_in(item) for item in items]
    loops: list[_Loop] = []
    for start, item in enumerate(items):
        for label in labels_on(item):
            last = max((at for at in range(start, len(items)) if label.name in targets[at]), default=-1)
            if last >= 0:
                _add(loops, _Loop(label.name, start, last))
    return loops


def _add(loops: list[_Loop], loop: _Loop) -> None:
    if loops and loop.start <= loops[-1].last:
        loops[-1].last = max(loops[-1].last, loop.last)
    else:
        loops.append(loop)


def labels_on(item: Any) -> list[c_ast.Label]:
    """The labels in front of a statement."""
    labels: list[c_ast.Label] = []
    while isinstance(item, c_ast.Label):
        labels.append(item)
        item = item.stmt
    return labels


def _as_loop(cx: Lowering, items: list[Any], loop: _Loop) -> c_ast.Label:
    first = items[loop.start]
    body = [_without_label(first, loop.label), *items[loop.start + 1 : loop.last + 1]]
    for jump in (each for item in body for each in unenclosed_jumps(item)):
        raise cx.refuse(
            Code.BACKWARD_GOTO,
            jump,
            f"this jump leaves the loop that `goto {loop.label}` forms for a loop around it",
            help="write the loop as `for (;;)` or `do … while`",
        )
    _hoist_used_later(cx, body, items[loop.last + 1 :])
    label: Any = c_ast.Label(loop.label, _loop_statement(body, loop.label, first.coord), first.coord)
    return label


def _without_label(item: Any, name: str) -> Any:
    if not isinstance(item, c_ast.Label):
        return item
    inner = _without_label(item.stmt, name)
    return inner if item.name == name else c_ast.Label(item.name, inner, item.coord)


def _loop_statement(body: list[Any], label: str, coord: Any) -> c_ast.Node:
    last = body[-1]
    if _is_goto_if(last, label) and not any(label in gotos_in(item) for item in body[:-1]):
        return c_ast.DoWhile(last.cond, c_ast.Compound(body[:-1], coord), coord)
    again = c_ast.Label(label, c_ast.EmptyStatement(last.coord), last.coord)
    endless = isinstance(last, c_ast.Goto) and last.name == label
    body = [*body[:-1], again] if endless else [*body, c_ast.Break(last.coord), again]
    return c_ast.While(c_ast.Constant("int", "1", coord), c_ast.Compound(body, coord), coord)


def _is_goto_if(item: Any, label: str) -> bool:
    """`if (…) goto label;`"""
    if not isinstance(item, c_ast.If) or item.iffalse is not None:
        return False
    then = item.iftrue
    if isinstance(then, c_ast.Compound) and len(then.block_items or []) == 1:
        then = (then.block_items or [])[0]
    return isinstance(then, c_ast.Goto) and then.name == label


def _hoist_used_later(cx: Lowering, body: list[Any], after: list[Any]) -> None:
    """Declare in front the locals of the loop that are used after it, or in the condition that has become its own."""
    for at, item in enumerate(body):
        if not (isinstance(item, c_ast.Decl) and item.name and not {"static", "extern"} & set(item.storage)):
            continue
        if any(mentions(each, (item.name,)) for each in (body[-1], *after)):
            if any(mentions(each, (item.name,)) for each in body[:at]):
                message = f"`{item.name}` is used in the loop before it is declared there"
                raise cx.refuse(Code.BACKWARD_GOTO, item, message)
            hoist(cx, item)
            cx.scopes.names[-1][item.name] = cx.function.hoisted[id(item)]
