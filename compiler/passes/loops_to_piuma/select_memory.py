"""Loads and stores: the constant part of an index goes into the instruction, the rest into one `sh3add`.

memref.load %m[%i + 1] : memref<?xi64>                       sh3add t, i, m;  ld x, 8(t)
memref.load … : memref<…, #piuma.memory<dram, uncached>>     piuma.ld
arith.extui (memref.load … : i32)                            lwu
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import AnyFloat, IndexType
from xdsl.ir import Operation, SSAValue

from compiler.dialects.piuma.memory import Space, space_of
from compiler.dialects.piuma.ops import element_bytes
from compiler.passes.loops.values import width_of
from compiler.passes.loops_to_piuma.selection import I12, Selection

_LETTERS = {8: "d", 4: "w", 2: "h", 1: "b"}


def select_memory(s: Selection, op: Operation) -> bool:
    """Select an op of this file; whether it is one."""
    match op:
        case memref.LoadOp():
            _load(s, op)
        case memref.StoreOp():
            _store(s, op)
        case memref.ExtractAlignedPointerAsIndexOp():
            s.bind(op.aligned_pointer, s.register(op.source))
        case memref.AllocaOp():
            raise AssertionError("an array of a thread's own needs a place in the scratchpad: use `piuma.scratchpad`")
        case _:
            return False
    return True


def _load(s: Selection, op: memref.LoadOp) -> None:
    unsigned = _only_widened(op)
    mnemonic = f"{_prefix(op.memref)}{_name(op.memref, 'l')}"
    if unsigned or _is_flag_array(op.memref):
        mnemonic += "u"
    base, displacement = address(s, op.memref, op.indices[0])
    value = s.code.do(mnemonic, [base], displacement)
    s.bind(op.res, value)
    for each in unsigned:
        s.bind(each.result, value)


def _only_widened(op: memref.LoadOp) -> list[arith.ExtUIOp]:
    """The zero-extensions that are all the uses of a narrow load."""
    kind = op.res.type
    if isinstance(kind, AnyFloat | IndexType) or width_of(kind) not in (8, 16, 32):
        return []
    users = [use.operation for use in op.res.uses]
    wide = [each for each in users if isinstance(each, arith.ExtUIOp) and width_of(each.result.type) == 64]
    return wide if len(wide) == len(users) else []


def _store(s: Selection, op: memref.StoreOp) -> None:
    base, displacement = address(s, op.memref, op.indices[0])
    mnemonic = f"{_prefix(op.memref)}{_name(op.memref, 's')}"
    s.code.effect(mnemonic, [base, s.register(_untruncated(op.value))], displacement)


def _untruncated(value: SSAValue) -> SSAValue:
    """What a store of the low bits may as well be given."""
    owner = value.owner
    if not isinstance(owner, arith.TruncIOp | arith.IndexCastOp) or not 8 <= width_of(value.type) < 64:
        return value
    return owner.operands[0]


def _prefix(ref: SSAValue) -> str:
    return "piuma." if space_of(ref.type) is Space.UNCACHED else ""


def _name(ref: SSAValue, verb: str) -> str:
    kind: Any = ref.type
    letter = _LETTERS[element_bytes(kind)]
    return f"f{verb}{letter}" if isinstance(kind.element_type, AnyFloat) else f"{verb}{letter}"


def _is_flag_array(ref: SSAValue) -> bool:
    kind: Any = ref.type
    return not isinstance(kind.element_type, AnyFloat) and width_of(kind.element_type) == 1


def address(s: Selection, ref: SSAValue, index: SSAValue) -> tuple[SSAValue, int]:
    """Base register and displacement in bytes of an element."""
    size = element_bytes(ref.type)
    rest, constant = split_index(s, index)
    displacement = constant * size
    if displacement not in I12:
        rest, displacement = index, 0
    base = s.register(ref)
    if rest is None:
        return base, displacement
    return scaled(s, rest, size, base), displacement


def scaled(s: Selection, index: SSAValue, size: int, base: SSAValue) -> SSAValue:
    """`base + index * size`."""
    x = s.register(index)
    match size:
        case 1:
            return s.code.emit("add", [x, base])
        case 2 | 4 | 8:
            return s.code.emit(f"sh{size.bit_length() - 1}add", [x, base])
        case _:
            raise AssertionError(f"elements of {size} bytes")


def split_index(s: Selection, index: SSAValue) -> tuple[SSAValue | None, int]:
    """An index as something and a constant; the something is in a register."""
    number = s.integer(index)
    if number is not None:
        return None, number
    op = s.definition(index)
    if isinstance(op, arith.IndexCastOp) and width_of(op.input.type) == 64:
        return split_index(s, op.input)
    if (
        isinstance(op, arith.AddiOp | arith.SubiOp)
        and (number := s.integer(op.rhs)) is not None
        and _is_known(s, op.lhs)
    ):
        rest, constant = split_index(s, op.lhs)
        return rest, constant + (number if isinstance(op, arith.AddiOp) else -number)
    return index, 0


def _is_known(s: Selection, value: SSAValue) -> bool:
    return s.is_bound(value) or s.integer(value) is not None


def exact_address(s: Selection, ref: SSAValue, index: SSAValue) -> SSAValue:
    """An address in a register, for instructions that have no displacement."""
    base, displacement = address(s, ref, index)
    return s.code.emit("addi", [base], displacement) if displacement else base
