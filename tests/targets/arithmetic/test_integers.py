"""Integer ops on every target against the interpreter, bit for bit."""

# ruff: noqa: E501 - kernels as text, whose lines are as long as their types

from __future__ import annotations

import numpy as np
import pytest
from arithmetic_kernels import EACH, TARGETS, agrees, kernel, one_op, several
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from compiler.dialects.schedules.arithmetic import PiumaArithmetic
from compiler.tuning.arithmetic import ArithmeticAnalytical, choose_arithmetic

ROUNDINGS = {"rn": "rn", "rz": "rz", "sr": "sr, stream 3 of 1"}
SHIFT, QUADRATIC = "{method = #qarith.method<shift>}", "{method = #qarith.method<quadratic>}"
SETTINGS = settings(max_examples=25, deadline=None)


def integers(shape: tuple[int, ...], width: int, signed: bool = True) -> st.SearchStrategy[np.ndarray]:
    """Arrays of all integers of a width, the extremes often."""
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    elements = st.one_of(st.integers(low, high), st.sampled_from([low, high, 0, 1]))
    return arrays.arrays(np.int64, shape, elements=elements)


def requantisations() -> str:
    """Every rounding; a scale for the tensor, and one per channel, with a shift to the left among them."""
    source, target = "tensor<3x5x!qarith.quant<si32, [3, 12]>>", "tensor<3x5x!qarith.quant<si8, [7, 6]>>"
    channels = "tensor<3x5x!qarith.quant<si32, axis 1, [3, 12], [5, 13], [1, 14], [255, 9], [77, 40]>>"
    left, right = (
        "tensor<3x5x!qarith.quant<si8, axis 0, [1, 0], [3, 5], [1, 20]>>",
        "tensor<3x5x!qarith.quant<si17, [1, 12]>>",
    )
    return several(
        [
            (f"qarith.requantise %0 {{rounding = #qarith.rounding<{each}>}}", kinds)
            for each in ROUNDINGS.values()
            for kinds in ([source, target], [channels, target], [left, right])
        ]
    )


@pytest.mark.parametrize("target", EACH)
@SETTINGS
@given(x=integers((3, 5), 32), y=integers((3, 5), 8))
def test_requantise(target: str, x: np.ndarray, y: np.ndarray) -> None:
    agrees(requantisations(), target, *(x, x, y) * 3)


FUNCTIONS = several(
    [
        (f"qarith.softmax %0 {SHIFT}", ["tensor<3x7x!qarith.quant<si8, [16, 7]>>", "tensor<3x7x!qarith.quant<ui8, [1, 7]>>"]),
        (f"qarith.softmax %0 {QUADRATIC}", ["tensor<3x7x!qarith.quant<si8, [16, 7]>>", "tensor<3x7x!qarith.quant<ui16, [1, 15]>>"]),
        (f"qarith.gelu %0 {SHIFT}", ["tensor<3x7x!qarith.quant<si8, [6, 7]>>", "tensor<3x7x!qarith.quant<si32, [6, 14]>>"]),
        (f"qarith.gelu %0 {QUADRATIC}", ["tensor<3x7x!qarith.quant<si8, [6, 7]>>", "tensor<3x7x!qarith.quant<si32, [6, 22]>>"]),
        ("qarith.exp %0", ["tensor<3x7x!qarith.quant<si16, [1, 10]>>", "tensor<3x7x!qarith.quant<ui16, [1, 15]>>"]),
        (f"qarith.layer_norm %0, %1 {SHIFT}", ["tensor<3x7x!qarith.quant<si8, [1, 4]>>", "tensor<7xsi31>", "tensor<3x7xsi32>"]),
        (f"qarith.layer_norm %0, %1 {QUADRATIC}", ["tensor<3x7x!qarith.quant<si8, [1, 4]>>", "tensor<7xsi31>", "tensor<3x7xsi32>"]),
        ("qarith.square_root %0", ["tensor<21xui62>", "tensor<21xui32>"]),
    ]
)  # fmt: skip


@pytest.mark.parametrize("target", EACH)
@SETTINGS
@given(x=integers((3, 7), 8), wide=integers((3, 7), 16), beta=integers((7,), 20), big=integers((21,), 62, signed=False))
def test_functions(target: str, x: np.ndarray, wide: np.ndarray, beta: np.ndarray, big: np.ndarray) -> None:
    agrees(FUNCTIONS, target, x, x, x, x, wide, x, beta, x, beta, big)


PRODUCTS = several(
    [
        ("qarith.matmul %0, %1 {accumulator = si32}", ["tensor<3x6xsi8>", "tensor<6x4xsi4>", "tensor<3x4xsi32>"]),
        ("qarith.matmul %0, %1 {accumulator = si40, transpose_b}", ["tensor<3x6xsi16>", "tensor<4x6xui16>", "tensor<3x4xsi40>"]),
        ("qarith.matmul %0, %1 {accumulator = si19}", ["tensor<3x6xsi8>", "tensor<6xsi8>", "tensor<3xsi19>"]),
        ("qarith.reduce %0 {order = #qarith.order<sequential>}", ["tensor<3x6xsi8>", "tensor<3xsi11>"]),
        ("qarith.add %0, %1", ["tensor<6x!qarith.quant<si8, [1, 4]>>", "tensor<6x!qarith.quant<si8, [1, 4]>>", "tensor<6x!qarith.quant<si9, [1, 4]>>"]),
    ]
)  # fmt: skip


@pytest.mark.parametrize("target", EACH)
@SETTINGS
@given(
    a=integers((3, 6), 8),
    b=integers((6, 4), 4),
    wide=integers((3, 6), 16),
    unsigned=integers((4, 6), 16, signed=False),
    v=integers((6,), 8),
    w=integers((6,), 8),
)
def test_products_and_sums(
    target: str,
    a: np.ndarray,
    b: np.ndarray,
    wide: np.ndarray,
    unsigned: np.ndarray,
    v: np.ndarray,
    w: np.ndarray,
) -> None:
    agrees(PRODUCTS, target, a, b, wide, unsigned, a, v, a, v, w)


def test_tiles_of_products_are_chosen_and_take_fewer_cycles() -> None:
    kinds = ["tensor<32x64xsi8>", "tensor<64x32xsi8>", "tensor<32x32xsi32>"]
    text = one_op("qarith.matmul %0, %1 {accumulator = si32}", kinds)
    x, y = np.random.default_rng(1).integers(-128, 128, (2, 2048))
    operands = x.reshape(32, 64), y.reshape(64, 32)
    chosen = choose_arithmetic(kernel(text), TARGETS["piuma"], ArithmeticAnalytical()).chosen.schedule
    assert isinstance(chosen, PiumaArithmetic)
    cycles = [
        agrees(text, "piuma", *operands, schedule=each).cycles or 0
        for each in (chosen, PiumaArithmetic(tile=1, sums=1))
    ]
    assert chosen.tile > 1 and 2 * cycles[0] < cycles[1]


@pytest.mark.parametrize("target", EACH)
def test_what_is_given_back_unchanged_or_twice_is_copied(target: str) -> None:
    text = """
    func.func @k(%x: tensor<5xsi8>) -> (tensor<5xsi8>, tensor<5xsi16>, tensor<5xsi16>) {
      %y = qarith.cast %x : tensor<5xsi8> -> tensor<5xsi16>
      func.return %x, %y, %y : tensor<5xsi8>, tensor<5xsi16>, tensor<5xsi16>
    }"""
    agrees(text, target, np.array([-128, 127, 0, 1, -1]))


@pytest.mark.parametrize("target", EACH)
def test_a_name_that_is_a_word_of_the_language(target: str) -> None:
    kind = "tensor<3xsi8>"
    text = one_op("qarith.cast %0", [kind, "tensor<3xsi9>"]).replace("%p0", "%fn").replace("%v0", "%double")
    agrees(text, target, np.array([-128, 5, 127]))
