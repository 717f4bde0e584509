"""Assembly of the machine from routines with registers: printing only.

    piuma.routine @main …                   main:
      piuma.instruction "ld" … [8]                  ld      a1, 8(a0)
      piuma.branch "blt" … ^1, ^2           …       blt     a1, a2, .L1        (^2 comes next)

A branch whose `taken` block comes next is printed with the opposite condition; a jump to what comes next is not printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.riscv import RISCVRegisterType
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects.piuma.isa import BranchOp, HaltOp, InstructionOp, JumpOp, RoutineOp, immediate_fields
from runtime.isa import ISA

OPPOSITE = {"beq": "bne", "bne": "beq", "blt": "bge", "bge": "blt", "bltu": "bgeu", "bgeu": "bltu"}


def emit(module: ModuleOp) -> str:
    """The text of every routine."""
    routines = [each for each in module.body.block.ops if isinstance(each, RoutineOp)]
    return "".join(f"{line}\n" for each in routines for line in _routine(each))


def _routine(routine: RoutineOp) -> Iterator[str]:
    blocks = list(routine.body.blocks)
    names = {block: f".L{position}" for position, block in enumerate(blocks)}
    names[blocks[0]] = routine.sym_name.data
    wanted = {blocks[0], *(target for block in blocks for target in _targets(block))}
    for position, block in enumerate(blocks):
        if block in wanted:
            yield f"{names[block]}:"
        following = blocks[position + 1] if position + 1 < len(blocks) else None
        for op in block.ops:
            yield from (f"        {line}" for line in _op(op, names, following))


def _targets(block: Block) -> list[Block]:
    return list(block.last_op.successors) if block.last_op else []


def _op(op: Operation, names: dict[Block, str], following: Block | None) -> Iterator[str]:
    match op:
        case InstructionOp():
            yield _instruction(op)
        case HaltOp():
            yield "piuma.halt"
        case JumpOp():
            if op.target is not following:
                yield f"jal     zero, {names[op.target]}"
        case BranchOp():
            yield from _branch(op, names, following)
        case _:
            raise AssertionError(f"`{op.name}` is not printed")


def _branch(op: BranchOp, names: dict[Block, str], following: Block | None) -> Iterator[str]:
    x, y = (_register(each) for each in op.sources)
    mnemonic = op.mnemonic.data
    if op.taken is following:
        yield f"{OPPOSITE[mnemonic]:7} {x}, {y}, {names[op.next]}"
        return
    yield f"{mnemonic:7} {x}, {y}, {names[op.taken]}"
    if op.next is not following:
        yield f"jal     zero, {names[op.next]}"


def _instruction(op: InstructionOp) -> str:
    spec = ISA[op.mnemonic.data]
    operands = dict(zip(spec.sources, map(_register, op.sources), strict=True))
    if op.destination:
        operands[spec.destination] = _register(op.destination[0])
    given = op.immediates.data if op.immediates else ()
    operands |= dict(zip(immediate_fields(spec), map(_immediate, given), strict=True))
    text = re.sub(r"[a-z]+\d*", lambda found: operands[found[0]], spec.syntax)
    return f"{spec.mnemonic:7} {text}".rstrip()


def _register(value: SSAValue) -> str:
    assert isinstance(value.type, RISCVRegisterType), f"{value.type} is no register"
    return value.type.register_name.data


def _immediate(attribute: Any) -> str:
    return attribute.data if isinstance(attribute, StringAttr) else str(attribute.value.data)
