"""allocate-registers: every value of a routine gets the name of a register, or a place in the scratchpad.

    %t = "sh3add" (%i, %x) : … -> !riscv.reg            %t = "sh3add" (…) : … -> !riscv.reg<a1>

xDSL's allocator works on structured regions and knows no spilling; here loops are blocks already, and the number of values
alive in a kernel passes the number of registers. Afterwards every edge passes what already stands in the right register.

Refused: loops that carry more values from round to round than there are registers, which no spilling mends.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.dialects.riscv.registers import FloatRegisterType, IntRegisterType, RISCVRegisterType
from xdsl.ir import Block, SSAValue

from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects.piuma.isa import RoutineOp
from compiler.dialects.piuma.memory import SPAD_BASE
from compiler.locations import span_of
from compiler.passes.loops_to_piuma.coloring import FLOAT_REGISTERS, INTEGER_REGISTERS, Coloring, color, spill_costs
from compiler.passes.loops_to_piuma.edge_moves import place_moves
from compiler.passes.loops_to_piuma.liveness import Interference, bits_of, interference
from compiler.passes.loops_to_piuma.spilling import Spiller, is_repeatable, set_type

ROUNDS = 30
"""More than any program needs: each spills values whose temporaries live for one instruction."""


@dataclass(frozen=True)
class AllocateRegisters:
    """`scratchpad_bytes`: where the stacks end."""

    scratchpad_bytes: int = 4 << 20
    name: ClassVar[str] = "allocate-registers"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for routine in [each for each in op.body.block.ops if isinstance(each, RoutineOp)]:
            _allocate(routine, SPAD_BASE + self.scratchpad_bytes)


def _allocate(routine: RoutineOp, stack_top: int) -> None:
    spiller = Spiller(routine)
    for _ in range(ROUNDS):
        graph = interference(routine)
        costs = spill_costs(routine, graph, {each for each in graph.values if is_repeatable(each)})
        coloring = color(routine, graph, {v: inf if v in spiller.temporaries else c for v, c in costs.items()})
        if not coloring.spilled:
            size: IntegerAttr[Any] = IntegerAttr(spiller.finish(stack_top), i64)
            routine.properties["stack_bytes"] = size
            _name(routine, graph, coloring)
            return
        if spiller.temporaries.issuperset(coloring.spilled):
            break
        for value in coloring.spilled:
            spiller.spill(value)
    raise _refusal(routine)


def _refusal(routine: RoutineOp) -> CompileError:
    """An edge passes all its values in registers, so a loop cannot carry more than there are."""
    widest = max(routine.body.blocks, key=lambda block: len(block.args))
    place = span_of(widest.first_op or routine)
    what = f"a loop of @{routine.sym_name.data} carries {len(widest.args)} values"
    have = (
        f"the machine has {len(INTEGER_REGISTERS)} registers for integers and {len(FLOAT_REGISTERS)} for floating point"
    )
    return refusal(
        Code.REGISTERS,
        place,
        f"{what}: more than registers pass at once",
        help=f"{have}; carry fewer, or keep them in memory",
    )


def _name(routine: RoutineOp, graph: Interference, coloring: Coloring) -> None:
    types: dict[SSAValue, RISCVRegisterType] = {
        value: (FloatRegisterType if value.type.name == "riscv.freg" else IntRegisterType).from_name(name)
        for value, name in coloring.registers.items()
    }
    live_in: dict[Block, set[RISCVRegisterType]] = {
        block: {types[graph.values[each]] for each in bits_of(graph.live_in[block])} for block in routine.body.blocks
    }
    for value, kind in types.items():
        set_type(value, kind)
    place_moves(routine, live_in)
