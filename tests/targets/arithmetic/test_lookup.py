"""Products by table look-up, and by multiplication, on every target against the interpreter."""

# ruff: noqa: E501 - kernels as text, whose lines are as long as their types

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from arithmetic_kernels import EACH, TARGETS, agrees, run
from hypothesis import given, settings
from hypothesis import strategies as st
from lookup_kernels import gemv, operands

from compiler.dialects.schedules.arithmetic import Patterns, PiumaArithmetic, Product, Tables
from compiler.passes.qarith_to_loops.packing import packing_of

pytestmark = pytest.mark.usefixtures("in_a_hurry")
SETTINGS = settings(max_examples=8, deadline=None)


@pytest.mark.parametrize("target", EACH)
@pytest.mark.parametrize("bits", [1, 2, 3, 4, 8])
@SETTINGS
@given(seed=st.integers(0, 2**32))
def test_gemv(target: str, bits: int, seed: int) -> None:
    x, w = operands(bits, 6, 16, 0, seed)
    found = agrees(gemv(bits, 6, 16), target, x, w)
    assert np.array_equal(found.tensors[0], w @ x)


@pytest.mark.parametrize("target", EACH)
@pytest.mark.parametrize("product", Product)
@pytest.mark.parametrize(("batch", "group"), [(0, 2), (3, 0), (8, 8), (23, 0)])
def test_schedules(target: str, product: Product, batch: int, group: int) -> None:
    x, w = operands(4, 6, 24, batch, 1)
    schedule = replace(TARGETS[target].default(), product=product, group=group, tile=4)
    found = agrees(gemv(4, 6, 24, 4, batch), target, x, w, schedule=schedule)
    assert np.array_equal(found.tensors[0], (w @ x.T).T)


@pytest.mark.parametrize("target", EACH)
@pytest.mark.parametrize("patterns", list(Patterns)[1:])
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_patterns(target: str, patterns: Patterns, seed: int) -> None:
    """Activations as what is looked up, in tables of weights."""
    w, x = operands(8, 6, 16, 3, seed)
    x = np.where(x > 0, x >> np.arange(6)[:, None], 0)
    found = agrees(gemv(8, 6, 16, 4, 3), target, w, x, schedule=replace(TARGETS[target].default(), patterns=patterns))
    assert np.array_equal(found.tensors[0], (x @ w.T).T)


def test_tables_in_memory_cost_more() -> None:
    x, w = operands(2, 64, 64, 8, 1)
    near = agrees(gemv(2, 64, 64, 4, 8), "piuma", x, w)
    far = agrees(gemv(2, 64, 64, 4, 8), "piuma", x, w, schedule=PiumaArithmetic(tables=Tables.MEMORY))
    assert near.cycles and far.cycles and far.cycles > 1.5 * near.cycles


SHOWN = """
func.func @shown(%t: tensor<3x16xsi32>, %x: tensor<12xsi8>, %w: tensor<5x12xsi2>, %q: tensor<5x12x!qarith.quant<si8, [1, 6]>>) -> (tensor<5xsi40>, tensor<3x16xsi16>, tensor<5xsi40>, tensor<5xsi40>) {
  %a = qarith.lookup %t, %w : tensor<3x16xsi32>, tensor<5x12xsi2> -> tensor<5xsi40>
  %s = qarith.build_tables %x {group = 4 : i64} : tensor<12xsi8> -> tensor<3x16xsi16>
  %b = qarith.lookup %s, %w : tensor<3x16xsi16>, tensor<5x12xsi2> -> tensor<5xsi40>
  %n = qarith.requantise %q {rounding = #qarith.rounding<rn>} : tensor<5x12x!qarith.quant<si8, [1, 6]>> -> tensor<5x12x!qarith.quant<si3, [1, 1]>>
  %m = qarith.cast %n : tensor<5x12x!qarith.quant<si3, [1, 1]>> -> tensor<5x12xsi3>
  %c = qarith.lookup %s, %m : tensor<3x16xsi16>, tensor<5x12xsi3> -> tensor<5xsi40>
  func.return %a, %s, %b, %c : tensor<5xsi40>, tensor<3x16xsi16>, tensor<5xsi40>, tensor<5xsi40>
}
"""


@pytest.mark.parametrize("target", EACH)
def test_tables_that_are_given_or_given_back_and_weights_that_are_computed(target: str) -> None:
    rng = np.random.default_rng(2)
    tables = rng.integers(-(1 << 31), 1 << 31, (3, 16))
    agrees(SHOWN, target, tables, *operands(2, 5, 12, 0, 3), rng.integers(-128, 128, (5, 12)))


@pytest.mark.parametrize("bits", [2, 4])
def test_look_ups_take_fewer_cycles_than_multiplications(bits: int) -> None:
    """The floors, at a size of which tests have the time; `tests/realworld/arithmetic_kernels.py` has the whole."""
    x, w = operands(bits, 512, 256, 8, 1)
    cycles = [
        run(
            gemv(bits, 512, 256, 4, 8), "piuma", x, w, schedule=PiumaArithmetic(product=product, group=8, tile=4)
        ).cycles
        or 0
        for product in Product
    ]
    assert cycles[1] >= {2: 2, 4: 1.3}[bits] * cycles[0]


@pytest.mark.parametrize("target", EACH)
@pytest.mark.parametrize("product", Product)
@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_lanes(target: str, product: Product, lanes: int) -> None:
    """Extremes fill every lane as far as it goes: 32 groups of 8 are what four lanes hold."""
    x, w = operands(2, 4, 512, 5, 1)
    x[:2], x[2:4], w[1], w[2] = -128, 127, 1, -2
    schedule = replace(TARGETS[target].default(), product=product, group=8, lanes=lanes)
    found = agrees(gemv(2, 4, 512, 8, 5, "si16"), target, x, w, schedule=schedule)
    assert np.array_equal(found.tensors[0], (w @ x.T).T)


def test_lanes_are_as_many_as_proofs_allow() -> None:
    assert [packing_of(8, 4, True, 1 << bits).lanes for bits in (10, 13, 14)] == [4, 4, 2]
    assert packing_of(8, 4, False, 1).lanes == packing_of(1, 4, True, 1).lanes == 1
    assert packing_of(2, 4, True, 1).lanes == packing_of(8, 2, True, 1).lanes == 2
