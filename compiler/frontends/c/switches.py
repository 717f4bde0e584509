"""`switch`: one region per section, fall-through marked, declarations that sections share moved in front.

switch (x) { case 1: case 2: a(); case 3: b(); break; default: c(); }

minic.switch labels [[1, 2], [3], []] falls [1, 0, 0] default 2
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import ArrayAttr, IntAttr, StringAttr
from xdsl.ir import Block, Operation, Region

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.constants import constant_name, constant_value
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import promote
from compiler.frontends.c.declarations import hoist
from compiler.frontends.c.mentions import labels_in, mentions
from compiler.frontends.c.reachability import completes
from compiler.frontends.c.statements import lower_items


@dataclass(slots=True)
class _Section:
    """The labels that stand together, and the statements up to the next label."""

    labels: list[int] = field(default_factory=list[int])
    names: list[str] = field(default_factory=list[str])
    is_default: bool = False
    items: list[Any] = field(default_factory=list[Any])


def _switch(cx: Lowering, node: c_ast.Switch) -> None:
    value = cx.value(node.cond)
    if not isinstance(value.ctype, c.Int):
        raise cx.refuse(Code.TYPE_MISMATCH, node.cond, f"a switch over a value of type `{value.ctype}`")
    value = cx.finished(promote(value))
    ctype = value.ctype
    assert isinstance(ctype, c.Int)
    cx.scopes.enter()
    sections = _sections(cx, node, ctype)
    _hoist_shared(cx, sections)
    cx.function.breakable += 1
    regions = [_region(cx, section) for section in sections]
    cx.function.breakable -= 1
    falls = [int(completes(region.block, cx.noreturn)) for region in regions]
    for region in regions:
        _strip_break(region.block)
    if falls:
        falls[-1] = 0
    properties = {
        "labels": ArrayAttr([ArrayAttr([IntAttr(label) for label in section.labels]) for section in sections]),
        "names": ArrayAttr([ArrayAttr([StringAttr(name) for name in section.names]) for section in sections]),
        "falls": ArrayAttr([IntAttr(each) for each in falls]),
        "default_section": IntAttr(next((at for at, section in enumerate(sections) if section.is_default), -1)),
    }
    cx.put(
        minic.SwitchOp.create(operands=(value.ssa,), properties=properties, regions=regions, location=cx.at(node)),
        value,
    )
    cx.scopes.leave()


def _sections(cx: Lowering, node: c_ast.Switch, ctype: c.Int) -> list[_Section]:
    body = node.stmt.block_items or [] if isinstance(node.stmt, c_ast.Compound) else [node.stmt]
    sections: list[_Section] = []
    seen: set[int | None] = set()
    for item in body:
        if not isinstance(item, c_ast.Case | c_ast.Default):
            _before_first_label(cx, item)
            continue
        if not sections or sections[-1].items:
            sections.append(_Section())
        label = None if isinstance(item, c_ast.Default) else _label(cx, item, ctype)
        if label in seen:
            raise cx.refuse(Code.DUPLICATE_DEFINITION, item, "this label stands twice in the switch")
        seen.add(label)
        _add_label(cx, sections[-1], item, label)
        sections[-1].items += item.stmts or []
    return sections


def _add_label(cx: Lowering, section: _Section, item: Any, label: int | None) -> None:
    if label is None:
        section.is_default = True
    else:
        section.labels.append(label)
        section.names.append(constant_name(cx, item.expr))


def _label(cx: Lowering, item: c_ast.Case, ctype: c.Int) -> int:
    value = constant_value(cx, item.expr)
    if value is None:
        raise cx.refuse(Code.NOT_CONSTANT, item.expr, "a case label is not a constant")
    return ctype.wrap(value)


def _before_first_label(cx: Lowering, item: Any) -> None:
    """Only declarations matter before the first label: nothing there is ever run, unless a label stands inside."""
    for label in labels_in(item):
        advice = "labels inside nested statements (Duff's device) are not supported"
        raise cx.refuse(
            Code.CASE_INSIDE_BLOCK, label, "this label is not directly in the body of its switch", help=advice
        )
    if isinstance(item, c_ast.Decl) and item.name and item.storage == []:
        hoist(cx, item)
        cx.scopes.names[-1][item.name] = cx.function.hoisted[id(item)]
    elif isinstance(item, c_ast.Decl | c_ast.Typedef):
        cx.statement(item)


def _hoist_shared(cx: Lowering, sections: list[_Section]) -> None:
    """Move in front the locals of one section that another mentions."""
    for section in sections:
        for item in section.items:
            if not (isinstance(item, c_ast.Decl) and item.name and not {"static", "extern"} & set(item.storage)):
                continue
            others = (each for other in sections if other is not section for each in other.items)
            if any(mentions(each, (item.name,)) for each in others):
                hoist(cx, item)


def _region(cx: Lowering, section: _Section) -> Region:
    return cx.region(lambda: lower_items(cx, section.items))


def _strip_break(block: Block) -> None:
    """Drop the break that ends a section."""
    last: Operation | None = block.last_op
    while isinstance(last, minic.ScopeOp):
        last = last.body.block.last_op
    if isinstance(last, minic.BreakOp):
        last.detach()


STATEMENTS: dict[type, Any] = {c_ast.Switch: _switch}
