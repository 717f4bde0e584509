"""Assignments, compound assignments, `++` and `--`: statements of their own, wherever they stand in an expression.

    a = b = c;          ->   b = c ; a = b
    x += *p++;          ->   x += *p ; p += 1
    f(i++);             ->   f(i) ; i += 1           (`i` is a local whose address is not taken, and nothing else here mentions it)
    y = a[i]++;         ->   t = a[i] ; a[i] += 1 ; y = t

The value of an assignment is that of the object afterwards: it is read again where that is surely the same place.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import Attribute, Operation

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.bit_fields import assign_bits, update_bits
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import assigned, constant, convert, promote
from compiler.frontends.c.names import load
from compiler.frontends.c.operators import KIND_PROPERTIES, steppable
from compiler.frontends.c.scopes import Variable
from compiler.frontends.c.trees import Place, Value, constant_of, discard, root


def _target(cx: Lowering, node: Any) -> Place:
    """The place of an object that may be assigned."""
    place = cx.place(node)
    if place.ctype.const or _has_const_member(place.ctype):
        raise cx.refuse(Code.CONST_ASSIGNMENT, node, f"this object is const: it has type `{place.ctype}`")
    if isinstance(place.ctype, c.Array):
        raise cx.refuse(
            Code.NOT_AN_LVALUE, node, "an array cannot be assigned", help="copy it with memcpy, or element by element"
        )
    return place


def _has_const_member(ctype: c.CType) -> bool:
    if not isinstance(ctype, c.Struct):
        return False
    return any(member.ctype.const or _has_const_member(member.ctype) for member in ctype.definition.members or ())


def _operands(cx: Lowering, node: c_ast.Assignment) -> tuple[Place, Value]:
    place = _target(cx, node.lvalue)
    mark = cx.mark()
    value = cx.value(node.rvalue)
    local = root(place.ssa) if cx.pending else None
    if local in cx.pending:
        value = cx.finished(value)
    return cx.settle_place(mark, place), value


def _assign(cx: Lowering, node: c_ast.Assignment, wanted: bool) -> Value | None:
    if node.op != "=":
        return _compound(cx, node, wanted)
    place, value = _operands(cx, node)
    value = assigned(cx, value, place.ctype, node.rvalue, "assigned to")
    again: Value | Place | None = None
    at = cx.at(node)
    if place.bits is not None:
        return _result(assign_bits(cx, node, place, value), wanted, at)
    if wanted:
        known = constant_of(value)
        if known is not None and known.symbol is None and isinstance(value.ctype, c.Int):
            again = constant(known.value.data, value.ctype, at, known.spelling.data if known.spelling else None)
        else:
            place, again = cx.twice(place, cx.writing(place, value))
    cx.put(minic.AssignOp.create(operands=(place.ssa, value.ssa), location=at), place, value)
    return load(again, at) if isinstance(again, Place) else again


def _result(again: Place, wanted: bool, at: LocationAttr) -> Value | None:
    """The value of an assignment to a bit-field, if it is used."""
    if wanted:
        return load(again, at)
    discard(again)
    return None


def _compound(cx: Lowering, node: c_ast.Assignment, wanted: bool) -> Value | None:
    place, value = _operands(cx, node)
    op = node.op[:-1]
    if place.bits is not None:
        return _result(update_bits(cx, node, op, place, value), wanted, cx.at(node))
    compute, value = _computed(cx, node, op, place.ctype.plain, value)
    again = None
    if wanted:
        place, again = cx.twice(place, cx.writing(place, value))
    _put_update(cx, cx.at(node), op, compute.ir, place, value)
    return load(again, cx.at(node)) if again else None


def _computed(cx: Lowering, node: c_ast.Assignment, op: str, target: c.CType, value: Value) -> tuple[c.CType, Value]:
    """The type that `target op= value` computes in, and the value as its right operand."""
    source = value.ctype
    if isinstance(target, c.Pointer) and op in ("+", "-") and isinstance(source, c.Int):
        _check_step(cx, node, target)
        return target, (promote(value) if source.ir == c.TRUTH.ir else value)
    integers = isinstance(target, c.Int) and isinstance(source, c.Int)
    if not (c.is_arithmetic(target) and c.is_arithmetic(source)) or (
        op in ("%", "&", "|", "^", "<<", ">>") and not integers
    ):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"`{node.op}` cannot combine `{target}` and `{source}`")
    if op in ("<<", ">>"):
        return c.promoted(target), promote(value)
    compute = c.common(target, source)
    if c.same(compute, target):
        compute = target
    return compute, convert(value, compute)


def _check_step(cx: Lowering, node: Any, ctype: c.Pointer) -> None:
    if steppable(cx, node, ctype) is not ctype:
        raise cx.refuse(
            Code.VOID_POINTER, node, "a `void *` is moved in place", help="use a pointer to `unsigned char`"
        )


def _put_update(cx: Lowering, at: LocationAttr, op: str, compute: Attribute, place: Place, value: Value) -> None:
    cx.put(_update(at, op, compute, place, value), place, value)


def _update(at: LocationAttr, op: str, compute: Attribute, place: Place, value: Value) -> Operation:
    properties = {**KIND_PROPERTIES[op], "compute": compute}
    return minic.UpdateOp.create(operands=(place.ssa, value.ssa), properties=properties, location=at)


# --- ++ and -- -------------------------------------------------------------------------------------------------------------------


def _one(cx: Lowering, node: Any, ctype: c.CType, at: LocationAttr) -> tuple[c.CType, Value]:
    """The type that `++` computes in, and the 1."""
    if isinstance(ctype, c.Pointer):
        _check_step(cx, node, ctype)
        return ctype, constant(1, c.INT, at)
    if not c.is_arithmetic(ctype):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"`{node.op.lstrip('p')}` cannot take an object of type `{ctype}`")
    compute = c.common(ctype, c.INT)
    return compute, convert(constant(1, c.INT, at), compute)


def _step_effect(cx: Lowering, node: c_ast.UnaryOp) -> None:
    if node.op not in ("++", "--", "p++", "p--"):
        cx.drop(cx.value(node))
        return
    place = _target(cx, node.expr)
    if place.bits is not None:
        discard(update_bits(cx, node, node.op[-1], place, constant(1, c.INT, cx.at(node))))
        return
    compute, one = _one(cx, node, place.ctype.plain, cx.at(node))
    _put_update(cx, cx.at(node), node.op[-1], compute.ir, place, one)


def _step_value(cx: Lowering, node: c_ast.UnaryOp) -> Value:
    place, at = _target(cx, node.expr), cx.at(node)
    if place.bits is not None:
        return _stepped_bits(cx, node, place)
    compute, one = _one(cx, node, place.ctype.plain, at)
    if node.op[0] != "p":
        place, again = cx.twice(place, cx.writing(place))
        _put_update(cx, at, node.op[-1], compute.ir, place, one)
        return load(again, at)
    variable = _plain_local(cx, node.expr)
    if variable is not None:
        old = load(Place(place.ssa, place.ctype, []), at)
        cx.postpone(variable, [*one.ops, _update(at, node.op[-1], compute.ir, place, one)])
        return old
    place, again = cx.twice(place, cx.writing(place))
    old = cx.temporary(load(place, at))
    _put_update(cx, at, node.op[-1], compute.ir, again, one)
    return old


def _stepped_bits(cx: Lowering, node: c_ast.UnaryOp, place: Place) -> Value:
    at = cx.at(node)
    one = constant(1, c.INT, at)
    if node.op[0] != "p":
        return load(update_bits(cx, node, node.op[-1], place, one), at)
    place, source = cx.twice(place, cx.writing(place))
    old = cx.temporary(load(source, at))
    discard(update_bits(cx, node, node.op[-1], place, one))
    return old


def _plain_local(cx: Lowering, node: Any) -> Variable | None:
    """The local that only its own name reaches."""
    found = cx.scopes.find(node.name) if isinstance(node, c_ast.ID) else None
    return found if isinstance(found, Variable) and found.place is not None and not found.exposed else None


def _assign_effect(cx: Lowering, node: c_ast.Assignment) -> None:
    _assign(cx, node, wanted=False)


def _assign_value(cx: Lowering, node: c_ast.Assignment) -> Value:
    value = _assign(cx, node, wanted=True)
    assert value is not None
    return value


VALUES: dict[type, Any] = {c_ast.Assignment: _assign_value}
EFFECTS: dict[type, Any] = {c_ast.Assignment: _assign_effect, c_ast.UnaryOp: _step_effect}
OPERATORS: dict[str, Any] = dict.fromkeys(("++", "--", "p++", "p--"), _step_value)
