"""Statements: blocks, branches, loops, returns, declarations in blocks.

    for (int i = 0; i < n; i++) s     ->     minic.scope { local i = 0 ; minic.for { yield i < n } { update i } { s } }

`switch` and `goto` have files of their own.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Block, Region

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.conditions import condition, condition_region, put_if
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import assigned, constant
from compiler.frontends.c.declarations import declare, static_assertion
from compiler.frontends.c.declarators import typedef
from compiler.frontends.c.gotos import has_labels, lower_labelled_items


def lower_items(cx: Lowering, items: list[Any]) -> None:
    """The statements and declarations of a block, in the current scope."""
    if cx.function.labels and has_labels(items):
        lower_labelled_items(cx, items)
        return
    for item in items:
        lower_item(cx, item)


def lower_item(cx: Lowering, item: Any) -> None:
    text = cx.comments.above(item.coord.file, item.coord.line, skip_blank=True) if item.coord else ""
    if text:
        cx.put(minic.CommentOp.create(properties={"text": StringAttr(text)}, location=cx.at(item)))
    cx.statement(item)


def body_region(cx: Lowering, node: Any) -> Region:
    """A statement as a region of its own; a block's braces are the region's."""

    def lower() -> None:
        cx.scopes.enter()
        lower_items(cx, (node.block_items or []) if isinstance(node, c_ast.Compound) else [node])
        cx.scopes.leave()

    return cx.region(lower)


def _loop_body(cx: Lowering, node: Any) -> Region:
    cx.function.loops += 1
    cx.function.breakable += 1
    region = body_region(cx, node)
    cx.function.loops -= 1
    cx.function.breakable -= 1
    return region


def _compound(cx: Lowering, node: c_ast.Compound) -> None:
    items = node.block_items or []
    if not any(isinstance(item, c_ast.Decl) for item in items):
        cx.scopes.enter()
        lower_items(cx, items)
        cx.scopes.leave()
        return
    cx.put(minic.ScopeOp.create(regions=[body_region(cx, node)], location=cx.at(node)))


def _if(cx: Lowering, node: c_ast.If) -> None:
    cond = cx.finished(condition(cx, node.cond))
    orelse = body_region(cx, node.iffalse) if node.iffalse is not None else Region(Block())
    put_if(cx, node, cond, body_region(cx, node.iftrue), orelse)


def _while(cx: Lowering, node: c_ast.While) -> None:
    regions = [condition_region(cx, node.cond), _loop_body(cx, node.stmt)]
    cx.put(minic.WhileOp.create(regions=regions, location=cx.at(node)))


def _do_while(cx: Lowering, node: c_ast.DoWhile) -> None:
    body = _loop_body(cx, node.stmt)
    cx.put(minic.DoWhileOp.create(regions=[body, condition_region(cx, node.cond)], location=cx.at(node)))


def _for(cx: Lowering, node: c_ast.For) -> None:
    if not isinstance(node.init, c_ast.DeclList):
        if node.init is not None:
            cx.effect(node.init)
            cx.flush()
        _for_loop(cx, node)
        return

    def lower() -> None:
        cx.scopes.enter()
        for each in node.init.decls:
            cx.statement(each)
        _for_loop(cx, node)
        cx.scopes.leave()

    cx.put(minic.ScopeOp.create(regions=[cx.region(lower)], location=cx.at(node)))


def _for_loop(cx: Lowering, node: c_ast.For) -> None:
    at = cx.at(node)
    if node.cond is None:
        cond, _ = cx.yielding(lambda: constant(1, c.TRUTH, at), at)
    else:
        cond = condition_region(cx, node.cond)
    step = cx.region(lambda: _step(cx, node.next))
    cx.put(minic.ForOp.create(regions=[cond, step, _loop_body(cx, node.stmt)], location=at))


def _step(cx: Lowering, node: Any) -> None:
    if node is not None:
        cx.effect(node)
        cx.flush()


def _return(cx: Lowering, node: c_ast.Return) -> None:
    at, result = cx.at(node), cx.function.result
    if node.expr is None:
        if not isinstance(result, c.Void):
            raise cx.refuse(
                Code.MISSING_RETURN, node, f"`{cx.function.name}` returns `{result}`, and this return gives no value"
            )
        cx.put(minic.ReturnOp.create(location=at))
        return
    if isinstance(result, c.Void):
        _return_void(cx, node)
        return
    value = assigned(cx, cx.value(node.expr), result, node.expr, f"returned from `{cx.function.name}` as")
    cx.forget_pending()
    cx.put(minic.ReturnOp.create(operands=(value.ssa,), location=at), value)


def _return_void(cx: Lowering, node: c_ast.Return) -> None:
    """`return f();` where `f` returns nothing."""
    if not isinstance(cx.type_of_expression(node.expr), c.Void):
        message = f"`{cx.function.name}` returns nothing, and this return gives a value"
        raise cx.refuse(Code.TYPE_MISMATCH, node, message)
    cx.effect(node.expr)
    cx.flush()
    cx.put(minic.ReturnOp.create(location=cx.at(node)))


def _declaration(cx: Lowering, node: c_ast.Decl) -> None:
    declare(cx, node)


def _break(cx: Lowering, node: c_ast.Break) -> None:
    if not cx.function.breakable:
        raise cx.refuse(Code.STRAY_JUMP, node, "this break is in no loop and no switch")
    cx.put(minic.BreakOp.create(location=cx.at(node)))


def _continue(cx: Lowering, node: c_ast.Continue) -> None:
    if not cx.function.loops:
        raise cx.refuse(Code.STRAY_JUMP, node, "this continue is in no loop")
    cx.put(minic.ContinueOp.create(location=cx.at(node)))


def _nothing(cx: Lowering, node: Any) -> None:
    pass


def _stray_case(cx: Lowering, node: Any) -> None:
    raise cx.refuse(
        Code.CASE_INSIDE_BLOCK,
        node,
        "this case label is not directly in the body of its switch",
        help="labels inside nested statements (Duff's device) are not supported",
    )


STATEMENTS: dict[type, Any] = {
    c_ast.Compound: _compound,
    c_ast.If: _if,
    c_ast.While: _while,
    c_ast.DoWhile: _do_while,
    c_ast.For: _for,
    c_ast.Return: _return,
    c_ast.Decl: _declaration,
    c_ast.Break: _break,
    c_ast.Continue: _continue,
    c_ast.Typedef: typedef,
    c_ast.StaticAssert: static_assertion,
    c_ast.EmptyStatement: _nothing,
    c_ast.Pragma: _nothing,
    c_ast.Case: _stray_case,
    c_ast.Default: _stray_case,
}
