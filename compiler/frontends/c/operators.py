"""The operators of C on values that are already lowered: promotions, the usual arithmetic conversions, pointer arithmetic.

uint8_t a, b;   a << b | 1     ->     ((a as int) << b) | 1          with the casts written out
"""

from __future__ import annotations

from typing import Any, NoReturn

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import arithmetic, constant, convert, is_zero, pointers_agree, promote, truth
from compiler.frontends.c.emission import UNIT
from compiler.frontends.c.trees import Value, constant_of, discard, grow

KINDS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "rem",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "shl",
    ">>": "shr",
}
KIND_PROPERTIES = {op: {"kind": StringAttr(kind)} for op, kind in KINDS.items()}
COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_COMPARE_PROPERTIES = {op: {"kind": StringAttr(kind)} for op, kind in COMPARISONS.items()}
_NEG, _BITNOT = {"kind": StringAttr("neg")}, {"kind": StringAttr("bitnot")}
_INTEGERS_ONLY = frozenset("% & | ^ << >>".split())


def operate(cx: Lowering, node: c_ast.BinaryOp, left: Value, right: Value) -> Value:
    """`left op right` for every binary operator but `&&` and `||`."""
    op = node.op
    if op in COMPARISONS:
        return _compare(cx, node, left, right)
    if isinstance(left.ctype, c.Pointer) or isinstance(right.ctype, c.Pointer):
        return _pointer_arithmetic(cx, node, left, right)
    if not (c.is_arithmetic(left.ctype) and c.is_arithmetic(right.ctype)):
        _bad_operands(cx, node, left, right)
    if op in ("<<", ">>"):
        return _shift(cx, node, left, right)
    if op in _INTEGERS_ONLY and (isinstance(left.ctype, c.Float) or isinstance(right.ctype, c.Float)):
        _bad_operands(cx, node, left, right)
    left, right, ctype = arithmetic(left, right)
    return grow(minic.BinaryOp, cx.at(node), ctype, left, right, properties=KIND_PROPERTIES[op])


def _bad_operands(cx: Lowering, node: Any, left: Value, right: Value) -> NoReturn:
    raise cx.refuse(Code.TYPE_MISMATCH, node, f"`{node.op}` cannot combine `{left.ctype}` and `{right.ctype}`")


def _shift(cx: Lowering, node: c_ast.BinaryOp, left: Value, right: Value) -> Value:
    if not (isinstance(left.ctype, c.Int) and isinstance(right.ctype, c.Int)):
        _bad_operands(cx, node, left, right)
    left = promote(left)
    right = promote(right)
    return grow(minic.BinaryOp, cx.at(node), left.ctype, left, right, properties=KIND_PROPERTIES[node.op])


def unary(cx: Lowering, node: c_ast.UnaryOp, operand: Value) -> Value:
    """`-`, `+`, `~` and `!`."""
    ctype = operand.ctype
    if node.op == "!":
        return negation(cx, node, condition_of(cx, node, operand))
    if not c.is_arithmetic(ctype) or (node.op == "~" and not isinstance(ctype, c.Int)):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"`{node.op}` cannot take a value of type `{ctype}`")
    operand = promote(operand)
    if node.op == "+":
        return operand
    at = cx.at(node)
    known = constant_of(operand)
    if (
        node.op == "-"
        and known is not None
        and known.symbol is None
        and isinstance(operand.ctype, c.Int)
        and operand.ctype.signed
    ):
        discard(operand)
        return constant(-known.value.data, operand.ctype, at, known.spelling.data if known.spelling else None)
    return grow(minic.UnaryOp, at, operand.ctype, operand, properties=_NEG if node.op == "-" else _BITNOT)


def condition_of(cx: Lowering, node: Any, value: Value) -> Value:
    """The value as a condition: a minic bool."""
    if not c.is_scalar(value.ctype):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"a value of type `{value.ctype}` is not a condition")
    return truth(value)


def negation(cx: Lowering, node: Any, operand: Value) -> Value:
    """`!` of a condition; two in a row cancel."""
    last = operand.ops[-1]
    if isinstance(last, minic.NotOp):
        ssa = last.operand
        operand.ops.pop().drop_all_references()
        return Value(ssa, c.TRUTH, operand.ops)
    return grow(minic.NotOp, cx.at(node), c.TRUTH, operand)


# --- comparisons -----------------------------------------------------------------------------------------------------------------


def _compare(cx: Lowering, node: c_ast.BinaryOp, left: Value, right: Value) -> Value:
    if isinstance(left.ctype, c.Pointer) or isinstance(right.ctype, c.Pointer):
        left, right = _comparable(cx, node, left, right)
    elif not (c.is_arithmetic(left.ctype) and c.is_arithmetic(right.ctype)):
        _bad_operands(cx, node, left, right)
    elif node.op in ("==", "!=") and left.ctype.ir == c.TRUTH.ir and is_zero(right):
        discard(right)
        left.ctype = c.TRUTH
        return left if node.op == "!=" else negation(cx, node, left)
    else:
        left, right, _ = arithmetic(left, right)
    return grow(minic.CompareOp, cx.at(node), c.TRUTH, left, right, properties=_COMPARE_PROPERTIES[node.op])


def _comparable(cx: Lowering, node: c_ast.BinaryOp, left: Value, right: Value) -> tuple[Value, Value]:
    """Two pointers, one of them possibly null, as pointers of one type."""
    a, b = left.ctype, right.ctype
    if isinstance(a, c.Pointer) and is_zero(right):
        return left, convert(right, a)
    if isinstance(b, c.Pointer) and is_zero(left):
        return convert(left, b), right
    if not (isinstance(a, c.Pointer) and isinstance(b, c.Pointer) and pointers_agree(a, b)):
        raise cx.refuse(
            Code.TYPE_MISMATCH,
            node,
            f"`{a}` and `{b}` cannot be compared",
            help="if the comparison is meant, cast one of them",
        )
    to = b if isinstance(a.to, c.Void) and not isinstance(b.to, c.Void) else a
    if a.to.const or b.to.const:
        to = to.to.constant.pointer
    return convert(left, to), convert(right, to)


# --- pointers --------------------------------------------------------------------------------------------------------------------


def _pointer_arithmetic(cx: Lowering, node: c_ast.BinaryOp, left: Value, right: Value) -> Value:
    if node.op == "+" and isinstance(right.ctype, c.Pointer) and isinstance(left.ctype, c.Int):
        return _added(cx, node, right, cx.uncalled(left))
    if node.op in ("+", "-") and isinstance(left.ctype, c.Pointer) and isinstance(right.ctype, c.Int):
        return _added(cx, node, left, right)
    if node.op == "-" and isinstance(left.ctype, c.Pointer) and isinstance(right.ctype, c.Pointer):
        return _difference(cx, node, left, right)
    _bad_operands(cx, node, left, right)


def _added(cx: Lowering, node: c_ast.BinaryOp, pointer: Value, index: Value) -> Value:
    assert isinstance(pointer.ctype, c.Pointer)
    wanted = pointer.ctype
    pointer = convert(pointer, steppable(cx, node, wanted))
    index = convert(index, c.INT) if index.ctype.ir == c.TRUTH.ir else index
    ops = pointer.ops + index.ops
    properties = {"negative": UNIT} if node.op == "-" else {}
    op = minic.PtrAddOp.create(
        operands=(pointer.ssa, index.ssa), result_types=(pointer.ctype.ir,), properties=properties, location=cx.at(node)
    )
    ops.append(op)
    return convert(Value(op.results[0], pointer.ctype, ops), wanted)


def steppable(cx: Lowering, node: Any, ctype: c.Pointer) -> c.Pointer:
    """The type to do pointer arithmetic in: GNU C counts `void *` in bytes."""
    if isinstance(ctype.to, c.Function):
        raise cx.refuse(Code.FUNCTION_POINTER, node, "arithmetic on a function pointer")
    if isinstance(ctype.to, c.Void):
        return c.UCHAR.constant.pointer if ctype.to.const else c.UCHAR.pointer
    if not c.is_complete(ctype.to):
        raise cx.incomplete(node, ctype.to, f"arithmetic on a pointer to the incomplete type `{ctype.to}`")
    return ctype


def _difference(cx: Lowering, node: c_ast.BinaryOp, left: Value, right: Value) -> Value:
    a, b = left.ctype, right.ctype
    assert isinstance(a, c.Pointer) and isinstance(b, c.Pointer)
    if not pointers_agree(a, b):
        _bad_operands(cx, node, left, right)
    to = steppable(cx, node, a.to.constant.pointer if b.to.const else a)
    return grow(minic.PtrDiffOp, cx.at(node), c.SSIZE, convert(left, to), convert(right, to))
