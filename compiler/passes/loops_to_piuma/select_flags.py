"""Values of type i1: as a branch when they decide, as 0 or 1 when someone keeps them.

decide(s, %a_and_b, then, otherwise)        blt …; bge …        two branches, no flag in a register
materialize(s, %less)                       slt x, a, b
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects import arith
from xdsl.ir import Block, SSAValue

from compiler.passes.loops_to_piuma.code import Edge
from compiler.passes.loops_to_piuma.selection import Selection, is_flag, suffix

_INTEGER = ("eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge")
_BRANCHES = {
    "eq": ("beq", False),
    "ne": ("bne", False),
    "slt": ("blt", False),
    "sge": ("bge", False),
    "sgt": ("blt", True),
    "sle": ("bge", True),
    "ult": ("bltu", False),
    "uge": ("bgeu", False),
    "ugt": ("bltu", True),
    "ule": ("bgeu", True),
}
"""Branch and whether its operands are swapped."""

_FLOAT = {"oeq": ("feq", False, False), "une": ("feq", False, True), "olt": ("flt", False, False)} | {
    "ole": ("fle", False, False),
    "ogt": ("flt", True, False),
    "oge": ("fle", True, False),
}
"""Instruction, operands swapped, result inverted."""

_FLOAT_NAMES = (
    *("false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord"),
    *("ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true"),
)
FLAG_OPS = (arith.CmpiOp, arith.CmpfOp, arith.AndIOp, arith.OrIOp, arith.XOrIOp, arith.ConstantOp)
"""What makes an i1 out of nothing but values; not selected where it stands."""


def is_lazy(value: SSAValue) -> bool:
    """Whether a value is an i1 that is made where it is needed."""
    return is_flag(value) and isinstance(value.owner, FLAG_OPS)


def _predicate(op: arith.CmpiOp | arith.CmpfOp) -> str:
    attribute: Any = op.predicate
    number: int = attribute.value.data
    return (_INTEGER if isinstance(op, arith.CmpiOp) else _FLOAT_NAMES)[number]


# --- as a branch ---------------------------------------------------------------------------------------------------------------


def decide(s: Selection, flag: SSAValue, then: Edge, otherwise: Edge) -> None:
    """End the block: to `then` where the flag holds, else to `otherwise`."""
    flag = s.resolve(flag)
    number = s.integer(flag)
    if number is not None:
        target = then if number else otherwise
        s.code.jump(target.block, target.arguments)
        return
    op = flag.owner
    match op:
        case arith.CmpiOp() if not s.is_bound(flag):
            name, swapped = _BRANCHES[_predicate(op)]
            x, y = s.register(op.lhs), s.register(op.rhs)
            s.code.branch(name, [y, x] if swapped else [x, y], then, otherwise)
        case arith.AndIOp() if is_flag(flag):
            _both(s, op.lhs, op.rhs, then, otherwise)
        case arith.OrIOp() if is_flag(flag):
            _either(s, op.lhs, op.rhs, then, otherwise)
        case arith.XOrIOp() if is_flag(flag) and s.integer(op.rhs):
            decide(s, op.lhs, otherwise, then)
        case arith.CmpfOp() if not s.is_bound(flag):
            name, swapped, inverted = _FLOAT[_predicate(op)]
            x = _compare_floats(s, op, name, swapped)
            s.code.branch("beq" if inverted else "bne", [x, s.code.zero], then, otherwise)
        case _:
            s.code.branch("bne", [s.register(flag), s.code.zero], then, otherwise)


def _both(s: Selection, left: SSAValue, right: SSAValue, then: Edge, otherwise: Edge) -> None:
    between = Block()
    decide(s, left, Edge(between), otherwise)
    with s.code.scope():
        s.code.start(between)
        decide(s, right, then, otherwise)


def _either(s: Selection, left: SSAValue, right: SSAValue, then: Edge, otherwise: Edge) -> None:
    between = Block()
    decide(s, left, then, Edge(between))
    with s.code.scope():
        s.code.start(between)
        decide(s, right, then, otherwise)


# --- in a register -------------------------------------------------------------------------------------------------------------


def materialize(s: Selection, flag: SSAValue) -> SSAValue:
    """The flag as 0 or 1."""
    op = flag.owner
    match op:
        case arith.CmpiOp():
            return _compare(s, op)
        case arith.CmpfOp():
            name, swapped, inverted = _FLOAT[_predicate(op)]
            x = _compare_floats(s, op, name, swapped)
            return s.code.emit("xori", [x], 1) if inverted else x
        case arith.XOrIOp() if s.integer(op.rhs):
            return s.code.emit("xori", [s.register(op.lhs)], 1)
        case arith.AndIOp() | arith.OrIOp() | arith.XOrIOp():
            name = {"arith.andi": "and", "arith.ori": "or", "arith.xori": "xor"}[op.name]
            return s.code.emit(name, s.registers(op.operands))
        case _:
            raise AssertionError(f"{flag} was used before it was selected")


def _compare(s: Selection, op: arith.CmpiOp) -> SSAValue:
    predicate = _predicate(op)
    if predicate in ("eq", "ne"):
        number = s.integer(op.rhs)
        x = s.register(op.lhs)
        different = x if number == 0 else s.code.emit("xor", [x, s.register(op.rhs)])
        zero = s.code.zero
        return s.code.emit("sltiu", [different], 1) if predicate == "eq" else s.code.emit("sltu", [zero, different])
    name, swapped = {"blt": "slt", "bge": "slt", "bltu": "sltu", "bgeu": "sltu"}, _BRANCHES[predicate][1]
    x, y = s.register(op.lhs), s.register(op.rhs)
    branch = _BRANCHES[predicate][0]
    less = s.code.emit(name[branch], [y, x] if swapped else [x, y])
    return s.code.emit("xori", [less], 1) if branch.startswith("bge") else less


def _compare_floats(s: Selection, op: arith.CmpfOp, name: str, swapped: bool) -> SSAValue:
    x, y = s.register(op.lhs), s.register(op.rhs)
    return s.code.emit(f"{name}.{suffix(op.lhs.type)}", [y, x] if swapped else [x, y])
