"""Running small programs on the simulator, and holding its two tiers against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from runtime.assembly import assemble
from runtime.compiled import Compiled, CompiledRun
from runtime.counters import Counters
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.model.constants import Constants
from runtime.model.state import State
from runtime.oracle import Oracle
from runtime.program import Program
from runtime.simulate import Outcome, Tier, simulate

ONE_BLOCK = Machine(blocks=1)


def run(text: str, how: Launch | None = None, machine: Machine = ONE_BLOCK, tier: Tier = Tier.ORACLE) -> Outcome:
    """Assemble and simulate with a small DRAM."""
    program = assemble(text)
    memory = Memory(machine, 1 << 20)
    memory.load(program)
    return simulate(program, memory, how, tier=tier, max_cycles=10_000_000)


def cycles(text: str, how: Launch | None = None, machine: Machine = ONE_BLOCK, tier: Tier = Tier.ORACLE) -> int:
    """Cycles of a run."""
    return run(text, how, machine, tier).counters.cycles


def read(outcome: Outcome, text: str, symbol: str, dtype: str = "int64", count: int = 1) -> list[Any]:
    """Data after a run."""
    return outcome.memory.array(assemble(text).symbols[symbol], dtype, count).tolist()


def both(
    program: Program,
    compiled: Compiled,
    how: Launch,
    dram: int = 1 << 16,
    fill: Callable[[Memory], object] = lambda memory: None,
    stops: Sequence[int] = (),
) -> tuple[Oracle, CompiledRun]:
    """The same run on both tiers, to the end, in steps that end at the cycles `stops`; `fill` puts inputs into each memory."""
    memories = [Memory(compiled.machine, dram) for _ in range(2)]
    for memory in memories:
        memory.load(program)
        fill(memory)
    oracle = Oracle(program, Constants.of(compiled.machine), memories[0], how)
    fast = compiled.start(memories[1], how)
    for one in (oracle, fast):
        one.state.log_on[0] = 1
        for until in (*stops, 5_000_000):
            one.advance(until)
    return oracle, fast


def disagreements(oracle: Oracle, fast: CompiledRun) -> list[str]:
    """Names of everything in which two finished runs differ: must be empty.

    `pc` is numbered differently, `ready` is only kept for single-threaded pipelines, and after a fault the
    compiled tier's registers are ahead of their cycle.
    """
    if list(oracle.state.fault) != fast.array("fault").tolist():
        return ["fault"]
    if oracle.state.fault[0]:
        return []
    names = [n for n in State.__annotations__ if n not in ("pc", "ready")]
    found = [n for n in names if not np.array_equal(np.array(getattr(oracle.state, n)), fast.array(n))]
    found += ["executed"] if oracle.executed != fast.executed else []
    found += ["memory"] if not np.array_equal(oracle.memory.bytes, fast.memory.bytes) else []
    same = Counters.of(oracle, oracle.program) == Counters.of(fast, fast.compiled.program)
    return found + ([] if same else ["counters"])
