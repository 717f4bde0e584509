"""Every named schedule of the machine orders what its threads share: no race and no stale read, in whole runs of the oracle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import compiler.kernels as kernels
from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.targets.measure import measure
from compiler.targets.piuma import Piuma, assembled
from compiler.targets.piuma_placement import Placement
from runtime.machine import Machine
from runtime.model.constants import Constants
from runtime.oracle import Oracle
from runtime.races import RaceCheck
from runtime.sparse.containers import Csr
from runtime.sparse.generators import rmat

FOLDER = Path(__file__).parents[2] / "examples" / "kernels"
TARGET = Piuma(Machine(blocks=1, pipelines=2, threads=4))
PRODUCTS = [name for name, each in TARGET.named().items() if TARGET.legal(each, KernelForm(), None) is None]
ENOUGH = 5_000_000
"""Cycles; far more than a run takes."""


SMALL_TABLE = 9
"""Log2 of its slots: threads look at all of them, and the oracle at each thread."""


def check(kernel: str, schedule: str, a: Csr) -> None:
    named = TARGET.named()[schedule]
    assert isinstance(named, PiumaSchedule)
    small = replace(named, window_log2=min(named.window_log2, SMALL_TABLE))
    program = kernels.compile(FOLDER / f"{kernel}.mlir", TARGET, small)
    operands = program.operands([a, a])
    compiled = program.compiled(program.decide(measure(operands))[0])
    assert isinstance(compiled.schedule, PiumaSchedule)
    code = assembled(compiled.text)
    place = Placement.of(compiled.form, compiled.schedule, TARGET.machine, code, operands)
    watcher = RaceCheck(code, place.memory)
    assert Oracle(code, Constants.of(TARGET.machine), place.memory, place.launch, watcher).advance(ENOUGH)


@pytest.mark.parametrize("schedule", PRODUCTS)
def test_products(schedule: str) -> None:
    """Rows with many entries of one column meet in the tables: threads wait for each other's entries."""
    check("spgemm", schedule, rmat(5, 120))
