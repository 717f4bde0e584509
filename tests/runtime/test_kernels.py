"""Whole kernels on the simulator: right against the reference, the same on both tiers, and fast."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from machines import both, disagreements

from runtime import reference
from runtime.assembly import assemble
from runtime.compiled import THOROUGH, Compiled
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.simulate import simulate
from runtime.sparse import generators
from runtime.sparse.containers import Csr, multiplications

SOURCE = Path(__file__).parents[2] / "examples" / "machine" / "spgemm_hash.s"
MACHINE = Machine(blocks=1)
LOG_TABLE = 18
ALLOWANCE = 0.5
"""Of the speed that an otherwise idle core reaches: this machine is shared."""


def _inputs(memory: Memory, a: Csr) -> Launch:
    places = tuple(memory.place(array) for array in (a.row_pointers, a.indices, a.values))
    return Launch(arguments=(a.shape[0], *places, LOG_TABLE))


def _table(memory: Memory, address: int) -> tuple[np.ndarray, np.ndarray]:
    """Keys and values of the entries, in order of keys."""
    entries = memory.array(address, np.int64, 2 << LOG_TABLE).reshape(-1, 2)
    entries = entries[entries[:, 0] != 0]
    entries = entries[np.argsort(entries[:, 0])]
    return entries[:, 0] - 1, entries[:, 1].copy().view(np.float64)


def test_hash_product_equals_the_reference() -> None:
    a = generators.rmat(8, 1500)
    program = assemble(SOURCE.read_text(encoding="utf-8"), SOURCE.name)
    memory = Memory(MACHINE, 1 << 22)
    memory.load(program)
    outcome = simulate(program, memory, _inputs(memory, a))
    keys, values = _table(memory, program.symbols["table"])
    expected = reference.spgemm(a, a)
    rows = np.repeat(np.arange(a.shape[0]), expected.row_lengths)
    assert np.array_equal(keys, rows << 32 | expected.indices)
    assert np.allclose(values, expected.values, rtol=1e-12, atol=0)
    assert outcome.executions("add_value") == multiplications(a, a)
    assert multiplications(a, a) <= outcome.executions("probe") < 2 * multiplications(a, a)


def test_hash_product_is_the_same_on_both_tiers() -> None:
    a = generators.uniform(60, 60, 4)
    program = assemble(SOURCE.read_text(encoding="utf-8"), SOURCE.name)
    memory = Memory(MACHINE, 1 << 16)
    how = _inputs(memory, a)
    compiled = Compiled(program, MACHINE, how)
    assert disagreements(*both(program, compiled, how, fill=lambda m: _inputs(m, a))) == []


def test_simulation_speed() -> None:
    """At least 60 million instructions per second of processor time, on a product that misses, probes and waits."""
    a = generators.banded(2000, 12)
    program = assemble(SOURCE.read_text(encoding="utf-8"), SOURCE.name)
    memory = Memory(MACHINE, 1 << 22)
    how = _inputs(memory, a)
    compiled = Compiled(program, MACHINE, how, level=THOROUGH)
    start = time.process_time()
    outcome = simulate(program, memory, how, compiled=compiled)
    seconds = time.process_time() - start
    assert outcome.counters.instructions > 20_000_000
    assert outcome.counters.instructions / seconds > 60e6 * ALLOWANCE
