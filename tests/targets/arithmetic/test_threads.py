"""Results that do not depend on how many threads there are: random numbers go by the element, not by who computes it."""

# ruff: noqa: E501 - kernels as text, whose lines are as long as their types

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from arithmetic_kernels import agrees

from compiler.dialects.schedules.arithmetic import CpuArithmetic, PiumaArithmetic

TEXT = (Path(__file__).parents[3] / "examples/arithmetic/heat.mlir").read_text()
SUMS = """
func.func @sums(%x: tensor<70x9x!qarith.fp<bf16>>) -> tensor<70x!qarith.fp<bf16>> {
  %y = qarith.reduce %x {order = #qarith.order<pairwise>, rounding = #qarith.rounding<sr, stream 2 of 5>} : tensor<70x9x!qarith.fp<bf16>> -> tensor<70x!qarith.fp<bf16>>
  func.return %y : tensor<70x!qarith.fp<bf16>>
}
"""


@pytest.mark.parametrize("threads", [1, 64])
def test_on_the_machine(threads: int) -> None:
    _check("piuma", PiumaArithmetic(threads=threads))


@pytest.mark.skipif(shutil.which("cc") is None, reason="no cc")
@pytest.mark.parametrize("threads", [1, 7, 64])
def test_in_c(threads: int) -> None:
    _check("cpu", CpuArithmetic(threads=threads, grain=0))


def _check(target: str, schedule: CpuArithmetic | PiumaArithmetic) -> None:
    rng = np.random.default_rng(1)
    agrees(TEXT, target, rng.normal(1, 0.1, (16, 50)), 5, 8, schedule=schedule)
    agrees(SUMS, target, rng.integers(-100, 100, (70, 9)).astype(np.float64), schedule=schedule)
