"""Rows by tokens: every accumulator, whole windows and panels, whatever is resident, equal to the reference on both tiers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machines import disagreements
from piuma_kernels import SMALL, check, compiled, computed, product_text

from compiler.dialects.schedules.piuma import Accumulator, PiumaSchedule, Resident, Stream
from compiler.targets.measure import measure
from compiler.targets.operands import Operands
from compiler.targets.piuma import Piuma
from compiler.targets.piuma_placement import Placement
from compiler.targets.piuma_tokens import token_schedules
from compiler.targets.target import Compiled
from runtime import reference
from runtime.assembly import assemble
from runtime.compiled import Compiled as CompiledProgram
from runtime.machine import Machine
from runtime.model.constants import Constants
from runtime.oracle import Oracle
from runtime.races import RaceCheck
from runtime.sparse import generators
from runtime.sparse.containers import Csr

WINDOW = PiumaSchedule(
    accumulator=Accumulator.WINDOW,
    window_columns=256,
    list_entries=64,
    cached=frozenset({Stream.A, Stream.B}),
    threads=8,
)
TABLE = replace(WINDOW, accumulator=Accumulator.PRIVATE_HASH, hash_products=2000)
SCHEDULES = {
    "window": WINDOW,
    "window-indices": replace(WINDOW, resident=Resident.INDICES),
    "window-none": replace(WINDOW, resident=Resident.NONE),
    "panels": replace(WINDOW, panels=True),
    "panels-none": replace(WINDOW, panels=True, resident=Resident.NONE),
    "table": TABLE,
    "table-indices": replace(TABLE, resident=Resident.INDICES),
}
MATRICES = {
    "rmat": lambda: generators.rmat(6, 300),
    "rmat-full-lists": lambda: generators.rmat(7, 1500),
    "poisson": lambda: generators.poisson2d(7),
    "banded": lambda: generators.banded(40, 3),
    "blocks": lambda: generators.block_diagonal(3, 9),
    "power-law": lambda: generators.power_law(50, 200),
    "dense-row": lambda: generators.dense_row(60),
    "dense-column": lambda: generators.dense_column(60),
    "empty": lambda: generators.empty(5, 5),
    "one": lambda: generators.uniform(1, 1, 1),
}


@cache
def kernel(name: str, semiring: str = "") -> Compiled:
    return compiled(product_text(semiring=semiring), SCHEDULES[name])


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("name", SCHEDULES)
def test_products_equal_the_reference(name: str, matrix: str) -> None:
    a = MATRICES[matrix]()
    check(kernel(name), a, a)


@pytest.mark.parametrize("name", ["panels", "panels-none", "table"])
def test_results_wider_than_a_window(name: str) -> None:
    a, b = generators.uniform(20, 40, 6), generators.uniform(40, 1500, 12)
    check(kernel(name), a, b)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rectangular_operands(name: str) -> None:
    a, b = generators.uniform(1, 30, 20), generators.uniform(30, 7, 2)
    check(kernel(name), a, b)
    check(kernel(name), b, generators.uniform(7, 100, 9))


@pytest.mark.parametrize("name", ["window", "panels", "table"])
def test_min_plus(name: str) -> None:
    a = generators.rmat(6, 300)
    result = computed(kernel(name, "min_plus"), [a, a]).matrix
    expected = reference.spgemm(a, a, reference.Semiring.MIN_PLUS)
    assert isinstance(result, Csr)
    assert np.array_equal(result.indices, expected.indices)
    assert np.allclose(result.values, expected.values, rtol=1e-12, atol=0)


def test_entries_that_cancel_stay_in_the_pattern() -> None:
    a = Csr((1, 2), np.array([0, 2]), np.array([0, 1], np.int32), np.array([1.0, -1.0]))
    b = Csr((2, 3), np.array([0, 2, 4]), np.array([0, 2, 0, 1], np.int32), np.array([3.0, 0.0, 3.0, 5.0]))
    for name in ("window", "table"):
        result = check(kernel(name), a, b).matrix
        assert isinstance(result, Csr) and list(result.values) == [0.0, -5.0, 0.0]


@given(st.integers(0, 1 << 30), st.integers(1, 40), st.integers(1, 40), st.integers(1, 400))
@settings(deadline=None, max_examples=25)
def test_random_shapes(seed: int, rows: int, inner: int, columns: int) -> None:
    a = generators.uniform(rows, inner, min(inner, 4), seed)
    b = generators.uniform(inner, columns, min(columns, 5), seed + 1)
    for name in ("panels", "table-indices"):
        check(kernel(name), a, b)


@pytest.mark.parametrize("name", ["window", "panels", "table"])
def test_both_tiers_agree_to_the_cycle(name: str) -> None:
    operands = _operands(name)
    program, machine = assemble(kernel(name).text), SMALL.machine
    places = [Placement.of(kernel(name).form, SCHEDULES[name], machine, program, operands) for _ in range(2)]
    how = places[0].launch
    oracle = Oracle(program, Constants.of(machine), places[0].memory, how)
    fast = CompiledProgram(program, machine, how).start(places[1].memory, how)
    for each in (oracle, fast):
        each.state.log_on[0] = 1
        assert each.advance(5_000_000)
    assert disagreements(oracle, fast) == []


@pytest.mark.parametrize("name", ["window", "panels", "table"])
def test_nothing_races(name: str) -> None:
    program, machine = assemble(kernel(name).text), SMALL.machine
    place = Placement.of(kernel(name).form, SCHEDULES[name], machine, program, _operands(name))
    watcher = RaceCheck(program, place.memory)
    assert Oracle(program, Constants.of(machine), place.memory, place.launch, watcher).advance(5_000_000)


def _operands(name: str) -> Operands:
    a = generators.rmat(5, 120)
    return Operands.of(kernel(name).form, [a, a])


def test_wide_windows_are_for_as_many_threads_as_have_room() -> None:
    a, b = generators.uniform(20, 40, 6), generators.uniform(40, 1 << 14, 200)
    target = Piuma(Machine(blocks=1))
    operands = Operands.of(kernel("window").form, [a, b])
    candidates = token_schedules(kernel("window").form, measure(operands), target.machine)
    whole = [each for each in candidates if each.accumulator is Accumulator.WINDOW and not each.panels]
    assert whole and all(8 <= each.threads < 64 and each.window_columns == 1 << 14 for each in whole)
    check(compiled(product_text(), whole[0], target), a, b, target)


def test_a_row_costs_a_thread_little_where_rows_are_heavy() -> None:
    """The point of it all: at most 10 instructions for a multiply-add on rows of more than 256."""
    a = generators.uniform(96, 96, 24)
    operands = Operands.of(kernel("window").form, [a, a])
    outcome, _ = SMALL.simulate(kernel("window"), operands, lambda _: None)
    work = int(a.row_lengths[a.indices].sum())
    assert work / 96 > 256
    assert outcome.counters.instructions / work < 10
