"""The analytical model's choice on the machine: the kind of schedule that suits the operands, near the fastest when run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import compiler.kernels as kernels
from compiler.dialects.schedules.piuma import Accumulator, PiumaSchedule
from compiler.targets.measure import measure
from compiler.targets.operands import Operands
from compiler.targets.piuma import Piuma
from compiler.targets.piuma_tokens import token_schedules
from compiler.tuning.analytical import Analytical
from compiler.tuning.choose import choose
from runtime.sparse import generators
from runtime.sparse.containers import Csr

KERNEL = "examples/kernels/spgemm.mlir"
TARGET = Piuma()


def chosen(a: Csr) -> PiumaSchedule:
    """For a * a."""
    kernel = kernels.load(KERNEL)
    found = choose(kernel, TARGET, measure(Operands.of(kernel.form, [a, a])), Analytical()).chosen.schedule
    assert isinstance(found, PiumaSchedule)
    return found


@pytest.mark.parametrize(
    ("make", "accumulator"),
    [
        (lambda: generators.banded(300, 20), Accumulator.WINDOW),
        (lambda: generators.rmat(9, 6000), Accumulator.WINDOW),
        (lambda: generators.uniform(40_000, 40_000, 3), Accumulator.PRIVATE_HASH),
    ],
)
def test_the_kind_that_suits(make: Callable[[], Csr], accumulator: Accumulator) -> None:
    assert chosen(make()).accumulator is accumulator


@pytest.mark.parametrize("make", [lambda: generators.poisson2d(12), lambda: generators.rmat(7, 800)])
def test_the_choice_is_near_the_fastest(make: Callable[[], Csr]) -> None:
    a = make()
    kernel = kernels.load(KERNEL)
    data = measure(Operands.of(kernel.form, [a, a]))
    cycles = {
        each: kernels.compile(KERNEL, TARGET, each).run(a, a).result.cost
        for each in (*token_schedules(kernel.form, data, TARGET.machine), TARGET.named()["smash-v3"])
        if isinstance(each, PiumaSchedule) and TARGET.legal(each, kernel.form, data) is None
    }
    assert cycles[chosen(a)] <= 1.3 * min(cycles.values())
