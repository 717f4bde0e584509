"""The reference interpreter against exact rational numbers where rows are longer than `test_every_cell.py` has them, and time loops."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest
from exact_rounding import ExactRounding
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import NAMED, Format
from compiler.arithmetic.random_stream import Stream, draws
from compiler.arithmetic.rounding import Mode
from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.interpreter.evaluate import evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context

Array = NDArray[Any]
SMALL = ("e4m3fn", "e5m2", "e2m1", "bf16", "fp16")
EXACT = {name: ExactRounding(NAMED[name]) for name in SMALL}
SEEDS = st.integers(0, 2**32 - 1)
ROUNDINGS = {Mode.RN: "rn", Mode.RZ: "rz", Mode.SR: "sr, stream 3 of 1"}


def run(op: str, types: list[str], *operands: Array) -> Array:
    """The result of one op; its operands are %0, %1, …"""
    parameters = ", ".join(f"%{at}: {kind}" for at, kind in enumerate(types[:-1]))
    text = f"func.func @f({parameters}) -> {types[-1]} {{\n%r = {op} : {', '.join(types[:-1])} -> {types[-1]}\nfunc.return %r : {types[-1]}\n}}"
    return evaluate(from_text(text, "f.mlir", new_context()), "f", *operands)[0]


def values(target: Format, rng: np.random.Generator, *shape: int) -> Array:
    """Random values that the format holds, of moderate size."""
    held = target.values()
    held = held[np.abs(held) <= min(target.max, 100)]
    return rng.choice(held, shape)


def rounded(name: str, mode: Mode, x: Fraction, random: int) -> Fraction:
    """As an op does it: to a double first, then to the format."""
    return Fraction(EXACT[name](float(x), random, False)[mode])


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize(
    ("a", "b", "c"), [("e4m3fn", "e4m3fn", "fp16"), ("e2m1", "e5m2", "bf16"), ("bf16", "e2m1", "fp16")]
)
def test_matmul_of_floats(a: str, b: str, c: str, mode: Mode) -> None:
    rng = np.random.default_rng(4)
    x, y = values(NAMED[a], rng, 3, 6), values(NAMED[b], rng, 6, 2)
    op = f"qarith.matmul %0, %1 {{accumulator = !qarith.fp<{c}>, rounding = #qarith.rounding<{ROUNDINGS[mode]}>}}"
    kinds = [f"tensor<3x6x!qarith.fp<{a}>>", f"tensor<6x2x!qarith.fp<{b}>>", f"tensor<3x2x!qarith.fp<{c}>>"]
    result = run(op, kinds, x, y)
    random = draws(Stream(1, 3), 0, 36).reshape(6, 3, 2).tolist()
    for i in range(3):
        for j in range(2):
            total = Fraction(0)
            for k in range(6):
                total = rounded(c, mode, total + Fraction(x[i, k]) * Fraction(y[k, j]), random[k][i][j])
            assert float(result[i, j]) == total


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("name", ["bf16", "fp16", "e5m2"])
@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_sums_in_order(name: str, count: int, mode: Mode) -> None:
    x = values(NAMED[name], np.random.default_rng(5), count)
    random = draws(Stream(1, 3), 0, 2 * count).tolist()
    terms = [Fraction(each) for each in x.tolist()]
    sequential = terms[0]
    for at, each in enumerate(terms[1:]):
        sequential = rounded(name, mode, sequential + each, random[at])
    drawn = iter(random)
    while len(terms) > 1:
        half = len(terms) // 2
        pairs = zip(terms[:half], terms[half : 2 * half], strict=True)
        terms = [rounded(name, mode, one + other, next(drawn)) for one, other in pairs] + terms[2 * half :]
    for order, expected in (("sequential", sequential), ("pairwise", terms[0])):
        op = f"qarith.reduce %0 {{order = #qarith.order<{order}>, rounding = #qarith.rounding<{ROUNDINGS[mode]}>}}"
        kinds = [f"tensor<{count}x!qarith.fp<{name}>>", f"tensor<!qarith.fp<{name}>>"]
        assert float(run(op, kinds, x)) == expected


def to_integer(mode: Mode, x: Fraction, random: int) -> int:
    match mode:
        case Mode.RN:
            return round(x)
        case Mode.RZ:
            return int(x)
        case _:
            return floor(x) + (random < int(x % 1 * 2**64))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_quantised_products(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w = rng.integers(-128, 128, (3, 6)), rng.integers(-8, 8, (6, 2))
    source, acc, target = (
        "!qarith.quant<si8, [1, 5]>",
        "!qarith.quant<si32, axis 1, [3, 12], [5, 13]>",
        "!qarith.quant<si8, [7, 6]>",
    )
    kinds = [f"tensor<3x6x{source}>", "tensor<6x2x!qarith.quant<si4, axis 1, [3, 7], [5, 8]>>", f"tensor<3x2x{acc}>"]
    product = run("qarith.matmul %0, %1 {accumulator = si32}", kinds, x, w)
    assert product.tolist() == (x @ w).tolist()
    for mode, rounding in ROUNDINGS.items():
        op = f"qarith.requantise %0 {{rounding = #qarith.rounding<{rounding}>}}"
        result = run(op, [f"tensor<3x2x{acc}>", f"tensor<3x2x{target}>"], product)
        random: Any = draws(Stream(1, 3), 0, 6).reshape(3, 2)
        for (i, j), q in np.ndenumerate(product):
            scale = (Fraction(3, 2**12), Fraction(5, 2**13))[int(j)]
            exact: Fraction = int(q) * Dyadic.near(scale / Fraction(7, 2**6), 31).value
            expected = to_integer(mode, exact, int(random[i, j]))
            assert int(result[i, j]) == min(max(expected, -128), 127)


def exp_shift(x: int, scale: Fraction, n: int) -> int:
    """As published, with divisions and floors of exact numbers."""
    x += (x >> 1) - (x >> 4)
    x0 = floor(-1 / scale)
    x = max(x, n * x0)
    q = floor(Fraction(x, x0))
    r = x - x0 * q
    return max(floor((Fraction(r, 2) - x0) * Fraction(2) ** (n - q)), 0)


LARGEST = 2**31 - 1


def published_softmax(row: list[int], scale: Fraction) -> list[int]:
    e = [exp_shift(x - max(row), scale, 15) for x in row]
    factor = LARGEST // min(sum(e), LARGEST)
    return [each * factor // 2 ** (31 - 8 + 1) for each in e]


def published_gelu(row: list[int], scale: Fraction) -> list[int]:
    scale = scale * Fraction(1702, 1000)
    other = exp_shift(-max(row), scale, 23)
    e = [exp_shift(x - max(row), scale, 23) for x in row]
    return [x * (each * (LARGEST // (each + other)) // 2 ** (31 - 8 + 1)) for x, each in zip(row, e, strict=True)]


def published_layer_norm(row: list[int], beta: list[int]) -> list[int]:
    mean = floor(Fraction(sum(row), len(row)) + Fraction(1, 2))
    variance = sum((x - mean) ** 2 for x in row)
    k = 2**16
    for _ in range(10):
        k = floor(Fraction(k + variance // k, 2))
    return [floor(Fraction((x - mean) * (LARGEST // k), 2)) + b for x, b in zip(row, beta, strict=True)]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 9).flatmap(
        lambda n: st.lists(st.lists(st.integers(-128, 127), min_size=n, max_size=n), min_size=1, max_size=3)
    ),
    mantissa=st.integers(1, 255),
    beta=st.integers(-(2**20), 2**20),
)
def test_the_published_functions(rows: list[list[int]], mantissa: int, beta: int) -> None:
    x, scale = np.array(rows), Fraction(mantissa, 2**10)
    size = f"{x.shape[0]}x{x.shape[1]}x"
    kind = f"tensor<{size}!qarith.quant<si8, [{mantissa}, 10]>>"
    method = "{method = #qarith.method<shift>}"
    softmax = run(f"qarith.softmax %0 {method}", [kind, f"tensor<{size}!qarith.quant<ui8, [1, 7]>>"], x)
    assert softmax.tolist() == [published_softmax(row, scale) for row in rows]
    gelu = run(f"qarith.gelu %0 {method}", [kind, f"tensor<{size}!qarith.quant<si32, [{mantissa}, 17]>>"], x)
    assert gelu.tolist() == [published_gelu(row, scale) for row in rows]
    betas = [beta] * x.shape[1]
    norm = run(
        f"qarith.layer_norm %0, %1 {method}",
        [kind, f"tensor<{x.shape[1]}xsi31>", f"tensor<{size}si32>"],
        x,
        np.array(betas),
    )
    assert norm.tolist() == [published_layer_norm(row, betas) for row in rows]


def test_look_up() -> None:
    rng = np.random.default_rng(6)
    x, w = rng.integers(-128, 128, 8), rng.integers(-4, 4, (5, 8))
    tables = run("qarith.build_tables %0 {group = 4 : i64}", ["tensor<8xsi8>", "tensor<2x16xsi32>"], x)
    kinds = ["tensor<2x16xsi32>", "tensor<5x8xsi3>", "tensor<5xsi64>"]
    assert run("qarith.lookup %0, %1", kinds, tables, w).tolist() == (w @ x).tolist()


def test_stencils() -> None:
    u = np.arange(12.0).reshape(3, 4) ** 2
    taps = "offsets = array<i64: 0, 0, -1, 0, 0, 1>, weights = array<f64: 2.0, 0.5, -1.0>"
    kinds = ["tensor<3x4xf64>"] * 2
    for boundary in ("periodic", "fixed"):
        op = f"qarith.stencil %0 {{{taps}, boundary = #qarith.boundary<{boundary}>}}"
        result = run(op, kinds, u)
        for i in range(3):
            for j in range(4):
                inside = i - 1 >= 0 and j + 1 < 4
                expected = (
                    2 * u[i, j] + 0.5 * u[i - 1, j] - u[i, (j + 1) % 4] if inside or boundary == "periodic" else u[i, j]
                )
                assert result[i, j] == expected


LOOP = """
func.func @f(%u: tensor<2xf64>) -> tensor<2xf64> {
  %zero = arith.constant 0 : index
  %n = arith.constant 3 : index
  %one = arith.constant 1 : index
  %half = arith.constant dense<0.5> : tensor<2xf64>
  %r = scf.for %t = %zero to %n step %one iter_args(%v = %u) -> (tensor<2xf64>) {
    %a = arith.addf %v, %half : tensor<2xf64>
    %b = qarith.round %a step %t {rounding = #qarith.rounding<sr, stream 0 of 5>} : tensor<2xf64> -> tensor<2x!qarith.fp<e2m1>>
    %c = qarith.cast %b : tensor<2x!qarith.fp<e2m1>> -> tensor<2xf64>
    scf.yield %c : tensor<2xf64>
  }
  func.return %r : tensor<2xf64>
}
"""


def test_a_time_loop() -> None:
    module = from_text(LOOP, "f.mlir", new_context())
    (result,) = evaluate(module, "f", np.array([2.0, 3.0]))
    expected = [Fraction(2), Fraction(3)]
    for step in range(3):
        random = draws(Stream(5, 0), step, 2).tolist()
        expected = [rounded("e2m1", Mode.SR, each + Fraction(1, 2), random[at]) for at, each in enumerate(expected)]
    assert result.tolist() == expected


@pytest.mark.parametrize(
    ("name", "operands", "code"),
    [
        ("g", [np.zeros(2)], Code.UNDECLARED),
        ("f", [], Code.OPERAND_COUNT),
        ("f", [np.zeros(3)], Code.OPERAND_SHAPE),
    ],
)
def test_what_cannot_be_run(name: str, operands: list[Array], code: Code) -> None:
    with pytest.raises(CompileError) as caught:
        evaluate(from_text(LOOP, "f.mlir", new_context()), name, *operands)
    assert caught.value.diagnostics[0].code is code


def test_operands_must_be_held() -> None:
    kinds = ["tensor<1x!qarith.fp<e2m1>>", "tensor<1xf64>"]
    with pytest.raises(CompileError, match="holds values that"):
        run("qarith.cast %0", kinds, np.array([5.0]))
    with pytest.raises(CompileError, match="holds values that"):
        run("qarith.cast %0", ["tensor<1xui4>", "tensor<1xf64>"], np.array([16]))
