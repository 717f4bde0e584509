"""Functions of the loop language, lowered to the machine and run on its simulator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from compiler.emit.piuma_asm import emit
from compiler.locations import location, unlocated
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.loops_to_piuma.allocate_registers import AllocateRegisters
from compiler.passes.loops_to_piuma.lower_to_rv64 import LowerToRv64
from compiler.passes.loops_to_piuma.straighten_blocks import StraightenBlocks
from compiler.verification import verify
from runtime.assembly import assemble
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.simulate import Outcome, Tier, simulate

ONE_BLOCK = Machine(blocks=1)


def fresh() -> tuple[ModuleOp, MachineBuilder]:
    """An empty module and a pen in it."""
    module = ModuleOp([])
    return module, MachineBuilder(module.body.block, location("k.mlir", 1, 1))


def lowered(module: ModuleOp) -> str:
    """Assembly of a module of functions, checked after each pass."""
    verify(module)
    for each in (LowerToRv64(), AllocateRegisters(), StraightenBlocks()):
        each.apply(Context(), module)
        verify(module)
        assert not list(unlocated(module)), each.name
    return emit(module)


def execute(
    text: str,
    arguments: Sequence[Any],
    *,
    threads: int = 1,
    machine: Machine = ONE_BLOCK,
    tier: Tier = Tier.ORACLE,
) -> tuple[Outcome, list[Any]]:
    """Run; arrays are placed and come back as they are afterwards, in order."""
    program = assemble(text)
    memory = Memory(machine, 1 << 20)
    memory.load(program)
    words: list[int] = []
    places: list[tuple[int, Any]] = []
    for each in arguments:
        if isinstance(each, np.ndarray):
            like: Any = each  # pyright: ignore
            address = memory.place(like)
            places.append((address, like))
            words.append(address)
        elif isinstance(each, float):
            words.append(int(np.float64(each).view(np.int64)))
        else:
            words.append(int(each))
    block = memory.place(np.array(words, np.int64))
    how = Launch(threads=threads, arguments=(block,))
    outcome = simulate(program, memory, how, tier=tier, max_cycles=10_000_000)
    return outcome, [memory.array(at, like.dtype, like.size).copy() for at, like in places]
