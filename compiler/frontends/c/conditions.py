"""Conditions and control flow inside expressions: `&&`, `||`, `?:`, and GNU's `({ … })`.

    if (n && *p++)     ->     minic.logical and (truth %n) { t = *p; p += 1; yield truth t }

Side effects of a right operand or an arm stay inside its region. As statements of their own, the same expressions become `minic.if`.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Block, Operation, Region

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import convert, is_zero, pointers_agree
from compiler.frontends.c.mentions import jumps
from compiler.frontends.c.operators import condition_of, negation
from compiler.frontends.c.trees import Value, grow

_KINDS = {"&&": {"kind": StringAttr("and")}, "||": {"kind": StringAttr("or")}}


def condition(cx: Lowering, node: Any) -> Value:
    """An expression as a condition: a minic bool."""
    return condition_of(cx, node, cx.value(node))


def condition_region(cx: Lowering, node: Any) -> Region:
    """The `cond` of a loop."""
    region, _ = cx.yielding(lambda: condition(cx, node), cx.at(node))
    return region


def _before_regions(cx: Lowering, held: Value, *nodes: Any) -> Value:
    """`held` after pending updates that the regions to come would see are put."""
    mark = cx.mark()
    cx.flush_for(*nodes)
    (held,) = cx.settle(mark, held)
    return held


def _logical_value(cx: Lowering, node: c_ast.BinaryOp) -> Value:
    left = _before_regions(cx, condition(cx, node.left), node.right)
    region = condition_region(cx, node.right)
    return grow(minic.LogicalOp, cx.at(node), c.TRUTH, left, properties=_KINDS[node.op], regions=[region])


def logical_effect(cx: Lowering, node: c_ast.BinaryOp) -> None:
    """`a && f();` is `if (a) f();`."""
    if node.op not in _KINDS:
        cx.drop(cx.value(node))
        return
    cond = cx.finished(condition(cx, node.left))
    if node.op == "||":
        cond = negation(cx, node, cond)
    put_if(cx, node, cond, _effect_region(cx, node.right), Region(Block()))


def _ternary_effect(cx: Lowering, node: c_ast.TernaryOp) -> None:
    cond = cx.finished(condition(cx, node.cond))
    put_if(cx, node, cond, _effect_region(cx, node.iftrue), _effect_region(cx, node.iffalse))


def put_if(cx: Lowering, node: Any, cond: Value, then: Region, orelse: Region) -> None:
    cx.put(minic.IfOp.create(operands=(cond.ssa,), regions=[then, orelse], location=cx.at(node)), cond)


def _effect_region(cx: Lowering, node: Any) -> Region:
    def lower() -> None:
        cx.effect(node)
        cx.flush()

    return cx.region(lower)


def _ternary_value(cx: Lowering, node: c_ast.TernaryOp) -> Value:
    cond = _before_regions(cx, condition(cx, node.cond), node.iftrue, node.iffalse)
    arms = [_arm(cx, node.iftrue), _arm(cx, node.iffalse)]
    ctype = _common_type(cx, node, arms[0][1], arms[1][1])
    regions = [_yielded(cx, node, ops, convert(value, ctype)) for ops, value in arms]
    return grow(minic.SelectOp, cx.at(node), ctype, cond, regions=regions)


def _arm(cx: Lowering, node: Any) -> tuple[list[Operation], Value]:
    with cx.expression_block() as ops:
        value = cx.finished(cx.value(node))
    return ops, value


def _yielded(cx: Lowering, node: Any, ops: list[Operation], value: Value) -> Region:
    end = minic.YieldOp.create(operands=(value.ssa,), location=cx.at(node))
    return Region(Block([*ops, *value.ops, end]))


def _common_type(cx: Lowering, node: Any, left: Value, right: Value) -> c.CType:
    """The type of `?:` (C11 6.5.15)."""
    a, b = left.ctype, right.ctype
    if a.ir == b.ir == c.TRUTH.ir:
        return c.TRUTH
    if c.is_arithmetic(a) and c.is_arithmetic(b):
        return c.common(a, b)
    if isinstance(a, c.Pointer) and (is_zero(right) or _null(right)):
        return a
    if isinstance(b, c.Pointer) and (is_zero(left) or _null(left)):
        return b
    if isinstance(a, c.Pointer) and isinstance(b, c.Pointer) and pointers_agree(a, b):
        to = a.to if isinstance(a.to, c.Void) or not isinstance(b.to, c.Void) else b.to
        return to.constant.pointer if a.to.const or b.to.const else to.pointer
    if isinstance(a, c.Struct) and c.same(a, b):
        return a
    raise cx.refuse(Code.TYPE_MISMATCH, node, f"the arms of `?:` have the types `{a}` and `{b}`")


def _null(value: Value) -> bool:
    return isinstance(value.ops[-1], minic.NullOp)


# --- statement expressions -------------------------------------------------------------------------------------------------------


def _statement_expression(cx: Lowering, node: c_ast.Compound) -> Value:
    """`({ …; e; })`: its statements come first; their locals get names that nothing else in the function has."""
    items = node.block_items or []
    if cx.function.nested_regions and jumps(node):
        raise cx.refuse(Code.STATEMENT_EXPRESSION, node, "a jump out of an expression that may not be evaluated")
    cx.flush()
    cx.enter_inlined_block()
    for item in items[:-1]:
        cx.statement(item)
    if not items or not _is_expression(items[-1]):
        raise cx.refuse(Code.STATEMENT_EXPRESSION, node, "this statement expression has no value")
    value = cx.value(items[-1])
    cx.leave_inlined_block()
    return value


def _is_expression(node: Any) -> bool:
    return not isinstance(
        node,
        c_ast.Decl
        | c_ast.If
        | c_ast.For
        | c_ast.While
        | c_ast.DoWhile
        | c_ast.Switch
        | c_ast.EmptyStatement
        | c_ast.Label,
    )


def statement_expression_effect(cx: Lowering, node: c_ast.Compound) -> None:
    cx.flush()
    cx.dispatch.statements[c_ast.Compound](cx, node)


VALUES: dict[type, Any] = {
    c_ast.TernaryOp: _ternary_value,
    c_ast.Compound: _statement_expression,
}
EFFECTS: dict[type, Any] = {
    c_ast.TernaryOp: _ternary_effect,
    c_ast.BinaryOp: logical_effect,
    c_ast.Compound: statement_expression_effect,
}
OPERATORS: dict[str, Any] = {"&&": _logical_value, "||": _logical_value}
