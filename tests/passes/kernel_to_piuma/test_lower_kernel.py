"""Every named schedule computes what the reference says, on every shape of matrix, the same on both tiers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from machines import disagreements
from piuma_kernels import SMALL, check, compiled, product_text

from compiler.dialects.schedules.piuma import NAMED, PiumaSchedule
from compiler.targets.operands import Operands
from compiler.targets.piuma_placement import Placement
from compiler.targets.target import Compiled
from runtime.assembly import assemble
from runtime.compiled import Compiled as CompiledProgram
from runtime.model.constants import Constants
from runtime.oracle import Oracle
from runtime.sparse import generators
from runtime.sparse.containers import Csr

MATRICES = {
    "rmat": lambda: generators.rmat(6, 300),
    "poisson": lambda: generators.poisson2d(7),
    "banded": lambda: generators.banded(40, 3),
    "blocks": lambda: generators.block_diagonal(3, 9),
    "power-law": lambda: generators.power_law(50, 200),
    "dense-row": lambda: generators.dense_row(60),
    "dense-column": lambda: generators.dense_column(60),
    "empty": lambda: generators.empty(5, 5),
    "one": lambda: generators.uniform(1, 1, 1),
}
SCHEDULES = {
    name: replace(schedule, window_log2=8, heap_lists=64) for name, schedule in NAMED.items() if name != "rows"
}
"""With windows so small that every matrix takes several."""


@cache
def kernel(name: str) -> Compiled:
    return compiled(product_text(), SCHEDULES[name])


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("name", SCHEDULES)
def test_products_equal_the_reference(name: str, matrix: str) -> None:
    a = MATRICES[matrix]()
    check(kernel(name), a, a)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rectangular_operands(name: str) -> None:
    a, b = generators.uniform(1, 30, 20), generators.uniform(30, 7, 2)
    check(kernel(name), a, b)
    check(kernel(name), b, generators.uniform(7, 100, 9))


@pytest.mark.parametrize("name", SCHEDULES)
def test_both_tiers_agree_to_the_cycle(name: str) -> None:
    assert both_tiers_disagree(kernel(name), generators.rmat(5, 120)) == []


def both_tiers_disagree(one: Compiled, a: Csr) -> list[str]:
    """In what the compiled simulator and the oracle differ on a * a."""
    program, machine = assemble(one.text), SMALL.machine
    operands = Operands.of(one.form, [a, a])
    assert isinstance(one.schedule, PiumaSchedule)
    places = [Placement.of(one.form, one.schedule, machine, program, operands) for _ in range(2)]
    how = places[0].launch
    oracle = Oracle(program, Constants.of(machine), places[0].memory, how)
    fast = CompiledProgram(program, machine, how).start(places[1].memory, how)
    for each in (oracle, fast):
        each.state.log_on[0] = 1
        assert each.advance(5_000_000)
    return disagreements(oracle, fast)
