"""Rounding, casts, sums of floats, stencils and time loops on every target against the interpreter, bit for bit."""

# ruff: noqa: E501 - kernels as text, whose lines are as long as their types

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arithmetic_kernels import EACH, agrees, several
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from compiler.arithmetic.formats import NAMED

pytestmark = pytest.mark.usefixtures("in_a_hurry")
Array = NDArray[Any]
ROOT = Path(__file__).parents[3]
SETTINGS = settings(max_examples=25, deadline=None)
ROUNDINGS = ["rn", "rz", "sr, stream 3 of 1"]
FORMATS = {
    **{name: f"!qarith.fp<{name}>" for name in ("e4m3fn", "e5m2", "e2m1", "bf16", "fp16", "fp32")},
    "eight bits": "!qarith.fp<11, 8, 1023, ieee>",
    "no bits": "!qarith.fp<11, 0, 1023, ieee>",
    "no mantissa": "!qarith.fp<5, 0, 15, ieee>",
    "fnuz": "!qarith.fp<4, 3, 8, fnuz>",
    "wide and low": "!qarith.fp<10, 30, 1000, ieee>",
}
HOLDS_NO_NAN = ("e2m1",)


def times_power(significand: int, exponent: int) -> float:
    return float(np.ldexp(float(significand), exponent))


def doubles(shape: tuple[int, ...]) -> st.SearchStrategy[Array]:
    """All kinds of doubles: near the formats' limits, halfway between neighbours, not finite, not normal."""
    significands, exponents = st.integers(-(1 << 12), 1 << 12), st.integers(-1080, 1010)
    near = st.builds(times_power, significands, exponents)
    usual = st.builds(times_power, significands, st.integers(-30, 16))
    any_ = st.floats(allow_nan=True, allow_infinity=True, width=64)
    return arrays.arrays(np.float64, shape, elements=st.one_of(usual, near, any_))


def roundings(kind: str, special: bool) -> str:
    """Every mode to one format, with and without what is beyond the largest value."""
    x, result = "tensor<3x4xf64>", f"tensor<3x4x{kind}>"
    extra = ["", ", special"] if special else [""]
    ops = [
        (f"qarith.round %0 {{rounding = #qarith.rounding<{mode.split(',')[0]}{more}{mode[len(mode.split(',')[0]):]}>}}", [x, result])
        for mode in ROUNDINGS
        for more in extra
    ]  # fmt: skip
    return several(ops)


@pytest.mark.parametrize("target", EACH)
@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=15, deadline=None)
@given(x=doubles((3, 4)))
def test_round(target: str, name: str, x: Array) -> None:
    text = roundings(FORMATS[name], name not in HOLDS_NO_NAN)
    agrees(text, target, *[x] * text.count("%p", 0, text.index(")")))


FROM_FLOATS = """
func.func @kernel(%x: tensor<3x4xf64>, %up: tensor<3x4xui1>, %small: tensor<3x4x!qarith.fp<e4m3fn>>, %q: tensor<3x4x!qarith.quant<si8, axis 1, [3, 5], [5, 5], [7, 9], [1, 0]>>, %n: tensor<3x4xsi16>, %step: index)
    -> (tensor<3x4x!qarith.quant<si8, [3, 5]>>, tensor<3x4x!qarith.quant<si12, axis 0, [3, 5], [1, 0], [1, 9]>>, tensor<3x4x!qarith.quant<ui4, [1, 2]>>, tensor<3x4x!qarith.fp<e2m1>>, tensor<3x4xf64>, tensor<3x4x!qarith.fp<fp16>>, tensor<3x4xf64>, tensor<3x4x!qarith.fp<bf16>>) {
  %a = qarith.quantise %x {rounding = #qarith.rounding<rn>} : tensor<3x4xf64> -> tensor<3x4x!qarith.quant<si8, [3, 5]>>
  %b = qarith.quantise %x step %step {rounding = #qarith.rounding<sr, stream 1 of 7>} : tensor<3x4xf64> -> tensor<3x4x!qarith.quant<si12, axis 0, [3, 5], [1, 0], [1, 9]>>
  %c = qarith.quantise %x up %up : tensor<3x4xui1> {rounding = #qarith.rounding<learned>} : tensor<3x4xf64> -> tensor<3x4x!qarith.quant<ui4, [1, 2]>>
  %d = qarith.round %x up %up : tensor<3x4xui1> {rounding = #qarith.rounding<learned>} : tensor<3x4xf64> -> tensor<3x4x!qarith.fp<e2m1>>
  %e = qarith.dequantise %q : tensor<3x4x!qarith.quant<si8, axis 1, [3, 5], [5, 5], [7, 9], [1, 0]>> -> tensor<3x4xf64>
  %f = qarith.cast %small : tensor<3x4x!qarith.fp<e4m3fn>> -> tensor<3x4x!qarith.fp<fp16>>
  %g = qarith.cast %n : tensor<3x4xsi16> -> tensor<3x4xf64>
  %h = qarith.round %x step %step {rounding = #qarith.rounding<sr, stream 2 of 7>} : tensor<3x4xf64> -> tensor<3x4x!qarith.fp<bf16>>
  func.return %a, %b, %c, %d, %e, %f, %g, %h : tensor<3x4x!qarith.quant<si8, [3, 5]>>, tensor<3x4x!qarith.quant<si12, axis 0, [3, 5], [1, 0], [1, 9]>>, tensor<3x4x!qarith.quant<ui4, [1, 2]>>, tensor<3x4x!qarith.fp<e2m1>>, tensor<3x4xf64>, tensor<3x4x!qarith.fp<fp16>>, tensor<3x4xf64>, tensor<3x4x!qarith.fp<bf16>>
}
"""


@pytest.mark.parametrize("target", EACH)
@SETTINGS
@given(x=doubles((3, 4)), seed=st.integers(0, 2**32), step=st.integers(0, 1 << 40))
def test_quantise_and_cast(target: str, x: Array, seed: int, step: int) -> None:
    rng = np.random.default_rng(seed)
    small = rng.choice(NAMED["e4m3fn"].values(), (3, 4))
    up, q, n = rng.integers(0, 2, (3, 4)), rng.integers(-128, 128, (3, 4)), rng.integers(-32768, 32768, (3, 4))
    agrees(FROM_FLOATS, target, x, up, small, q, n, step)


SUMS = several(
    [
        (f"qarith.matmul %0, %1 {{accumulator = !qarith.fp<{c}>, rounding = #qarith.rounding<{mode}>}}", [f"tensor<3x6x!qarith.fp<{a}>>", f"tensor<6x2x!qarith.fp<{b}>>", f"tensor<3x2x!qarith.fp<{c}>>"])
        for (a, b, c), mode in zip([("e4m3fn", "e4m3fn", "fp16"), ("e2m1", "e5m2", "bf16"), ("bf16", "e2m1", "fp16")], ROUNDINGS, strict=True)
    ]
    + [
        (f"qarith.reduce %0 {{order = #qarith.order<{order}>, rounding = #qarith.rounding<{mode}>}}", ["tensor<3x7x!qarith.fp<bf16>>", "tensor<3x!qarith.fp<bf16>>"])
        for order in ("sequential", "pairwise") for mode in ROUNDINGS
    ]
)  # fmt: skip


@pytest.mark.parametrize("target", EACH)
@SETTINGS
@given(seed=st.integers(0, 2**32))
def test_sums(target: str, seed: int) -> None:
    rng = np.random.default_rng(seed)

    def held(name: str, *shape: int) -> Array:
        values = NAMED[name].values()
        return rng.choice(values[np.abs(values) < 1e4], shape)

    matrices = [held("e4m3fn", 3, 6), held("e4m3fn", 6, 2), held("e2m1", 3, 6), held("e5m2", 6, 2)]
    agrees(SUMS, target, *matrices, held("bf16", 3, 6), held("e2m1", 6, 2), *(held("bf16", 3, 7) for _ in range(6)))


TIME = """
func.func @twice(%x: tensor<4x5xf64>) -> tensor<4x5xf64> {
  %two = arith.constant dense<2.0> : tensor<4x5xf64>
  %y = arith.mulf %x, %two : tensor<4x5xf64>
  func.return %y : tensor<4x5xf64>
}
func.func @advance(%x0: tensor<4x5xf64>, %y0: tensor<4x5xf64>, %first: index, %last: index) -> (tensor<4x5xf64>, tensor<4x5xf64>) {
  %one = arith.constant 1 : index
  %weights = arith.constant dense<[[0.5, 1.0, 0.25, 2.0, -1.0], [1.0, 1.0, 1.0, 1.0, 1.0], [0.0, 0.5, 0.5, 0.5, 0.0], [3.0, 1.0, 4.0, 1.0, 5.0]]> : tensor<4x5xf64>
  %xn, %yn = scf.for %t = %first to %last step %one iter_args(%x = %x0, %y = %y0) -> (tensor<4x5xf64>, tensor<4x5xf64>) {
    %u = arith.addi %t, %t : index
    %a = qarith.stencil %x {offsets = array<i64: 0, -1, 0, 0, 1, 2, -3, 0>, weights = array<f64: 0.3, 0.1, 0.2, -0.5>, boundary = #qarith.boundary<periodic>} : tensor<4x5xf64> -> tensor<4x5xf64>
    %b = qarith.stencil %y {offsets = array<i64: 0, -1, 0, 0, 1, 1>, weights = array<f64: 0.3, 0.1, 0.2>, boundary = #qarith.boundary<fixed>} : tensor<4x5xf64> -> tensor<4x5xf64>
    %c = arith.mulf %b, %weights : tensor<4x5xf64>
    %d = func.call @twice(%c) : (tensor<4x5xf64>) -> tensor<4x5xf64>
    %e = arith.divf %d, %weights : tensor<4x5xf64>
    %r = qarith.round %a step %u {rounding = #qarith.rounding<sr, stream 0 of 1>} : tensor<4x5xf64> -> tensor<4x5x!qarith.fp<11, 8, 1023, ieee>>
    %s = qarith.cast %r : tensor<4x5x!qarith.fp<11, 8, 1023, ieee>> -> tensor<4x5xf64>
    %n = arith.negf %e : tensor<4x5xf64>
    %z = arith.subf %n, %x : tensor<4x5xf64>
    scf.yield %z, %s : tensor<4x5xf64>, tensor<4x5xf64>
  }
  func.return %xn, %yn : tensor<4x5xf64>, tensor<4x5xf64>
}
"""
SWAPPED = """
func.func @swap(%x0: tensor<4xf64>, %y0: tensor<4xf64>, %last: index) -> (tensor<4xf64>, tensor<4xf64>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %k = arith.constant dense<[0.1, 0.2, 0.3, 0.4]> : tensor<4xf64>
  %xn, %yn = scf.for %t = %zero to %last step %one iter_args(%x = %x0, %y = %y0) -> (tensor<4xf64>, tensor<4xf64>) {
    %z = arith.addf %x, %k : tensor<4xf64>
    scf.yield %y, %z : tensor<4xf64>, tensor<4xf64>
  }
  func.return %xn, %yn : tensor<4xf64>, tensor<4xf64>
}
"""


@pytest.mark.parametrize("target", EACH)
@SETTINGS
@given(seed=st.integers(0, 2**32), first=st.integers(0, 1 << 40), steps=st.integers(0, 5))
def test_steps_in_time(target: str, seed: int, first: int, steps: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, 4, 5))
    agrees(TIME, target, x, y, first, first + steps)
    agrees(SWAPPED, target, x[0, :4], y[0, :4], steps)


@pytest.mark.parametrize("target", EACH)
@pytest.mark.parametrize("name", ["heat", "lorenz", "water"])
def test_the_simulations(target: str, name: str) -> None:
    text = (ROOT / f"examples/arithmetic/{name}.mlir").read_text()
    rng, shape = np.random.default_rng(1), {"heat": (16, 50), "lorenz": (2000,), "water": (32, 32)}[name]
    states = [rng.normal(1, 0.1, shape) for _ in range(1 if name == "heat" else 3)]
    agrees(text, target, *states, 3, 6)
