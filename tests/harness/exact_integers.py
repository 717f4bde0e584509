"""The rows of the integer functions: every value of integer types up to 16 bits, rows of every pair of values up to 8 bits.

Where a function of a row depends on the distance from its maximum alone, the oracle (`exact_functions.py`) is asked once per distance;
what is under test computes every pair. 16-bit values meet the partners of `edges`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import isqrt

import numpy as np
from exact_cells import INTEGERS, NARROW, Array, Batch, Cell, integers, quantised, tensor
from exact_functions import (
    OfOne,
    OfRow,
    exact_layer_norm,
    published_gelu,
    published_layer_norm,
    published_softmax,
    quadratic_exponential,
    quadratic_gelu,
    quadratic_softmax,
)
from numpy.typing import NDArray

from compiler.arithmetic.dyadic import Dyadic
from compiler.dialects.qarith_integer import Method
from compiler.dialects.qarith_types import Integer

SCALES = [Dyadic(1, 0), Dyadic(93, 12), Dyadic(1, 16)]
"""The largest, one between, the smallest."""
SIXTEEN = [Integer(16, True), Integer(16, False)]


def edges(it: Integer) -> Array:
    """Partners of every 16-bit value."""
    return np.array(sorted({it.low, -1 if it.signed else 3, 0, 1, it.high}))


def pairs(it: Integer) -> Array:
    """[n, 2]: all pairs of an integer type of at most 8 bits, or each value with each edge."""
    partners = integers(it) if it.width <= 8 else edges(it)
    return np.stack([each.ravel() for each in np.meshgrid(integers(it), partners, indexing="ij")], 1)


@cache
def _rows(function: OfRow, distances: int) -> Array:
    """The results of rows [larger, smaller] by their distance."""
    return np.array([function((0, -distance)) for distance in range(distances)])


def _of_distance(function: OfRow, it: Integer, x: Array) -> Array:
    """The results of all rows, of which only the distance counts."""
    distances: NDArray[np.int64] = np.abs(x[:, 0] - x[:, 1])
    found = _rows(function, 1 << max(it.width, 8))[distances]
    return np.where((x[:, 0] >= x[:, 1])[:, None], found, found[:, ::-1])


# --- of one element ---------------------------------------------------------------------------------------------------------------


@cache
def _table(function: Callable[[Fraction], OfOne], scale: Dyadic, low: int, high: int) -> Array:
    return np.array([*map(function(scale.value), range(low, high + 1))])


def _elementwise(it: Integer, op: str, results: Sequence[tuple[Dyadic, Integer, Dyadic, Array]]) -> Iterator[Batch]:
    x = integers(it)
    for scale, storage, result_scale, expected in results:
        kind = tensor(quantised(storage, result_scale), len(x))
        yield Batch({"x": (tensor(quantised(it, scale), len(x)), x)}, [Cell(op, ("x",), kind, expected)])


def exponentials(whole: bool) -> Iterator[Batch]:
    """Of every value; positive ones count as 0."""
    for it in INTEGERS:
        found = [
            (
                scale,
                Integer(16, False),
                Dyadic(1, 15),
                _table(quadratic_exponential, scale, 0, 1 << 15)[np.maximum(-integers(it), 0)],
            )
            for scale in SCALES
        ]
        yield from _elementwise(it, "qarith.exp %x", found)


def roots(whole: bool) -> Iterator[Batch]:
    """Of every value up to 16 bits; of wider ones around squares and powers of two."""
    for width in range(1, 63):
        it = Integer(width, False)
        x = integers(it)
        if width > 16:
            root = isqrt(it.high)
            x = np.array(
                sorted(
                    {
                        *x.tolist(),
                        *(min(each**2 + more, it.high) for each in (root, root // 3, 3) for more in (-1, 0, 1)),
                    }
                )
            )
        result = tensor(Integer((width + 1) // 2, False), len(x))
        expected = np.array([isqrt(each) for each in x.tolist()])
        yield Batch({"x": (tensor(it, len(x)), x)}, [Cell("qarith.square_root %x", ("x",), result, expected)])


def gelus(whole: bool) -> Iterator[Batch]:
    """Ours of every value; I-ViT's, which looks at the row's maximum too, of every pair."""
    for it in INTEGERS:
        for scale in SCALES:
            size = _table(quadratic_gelu, scale, -(1 << 15), (1 << 16) - 1)
            yield _gelu(it, scale, Method.QUADRATIC, integers(it), size[integers(it) + (1 << 15)])
    for it in (*NARROW, *SIXTEEN):
        for scale in SCALES if it.width == 8 or whole else SCALES[1:2]:
            x = pairs(it)
            yield _gelu(it, scale, Method.SHIFT, x, _published_gelus(x, scale.value))


def _published_gelus(x: Array, scale: Fraction) -> Array:
    """Of each element with its row's maximum; each two numbers once."""
    both, back = np.unique((x << 20) + x.max(1, keepdims=True) + (1 << 18), return_inverse=True)
    gelu = published_gelu(scale)
    found = [gelu(each >> 20, (each & ((1 << 20) - 1)) - (1 << 18)) for each in both.tolist()]
    return np.array(found)[back].reshape(x.shape)


def _gelu(it: Integer, scale: Dyadic, method: Method, x: Array, expected: Array) -> Batch:
    power = method.bits - 1
    result = quantised(Integer(it.width + power + 1, True), Dyadic(scale.mantissa, scale.exponent + power))
    op = f"qarith.gelu %x {{method = #qarith.method<{method}>}}"
    return Batch(
        {"x": (tensor(quantised(it, scale), *x.shape), x)}, [Cell(op, ("x",), tensor(result, *x.shape), expected)]
    )


# --- of rows ----------------------------------------------------------------------------------------------------------------------


def softmaxes(whole: bool) -> Iterator[Batch]:
    for it in (*NARROW, *SIXTEEN):
        x = pairs(it)
        for scale in SCALES if it.width == 8 or whole else SCALES[1:2]:
            yield _softmax(it, scale, x)


@cache
def _softmax_of(method: Method, scale: Dyadic) -> OfRow:
    return {Method.SHIFT: published_softmax, Method.QUADRATIC: quadratic_softmax}[method](scale.value)


def _softmax(it: Integer, scale: Dyadic, x: Array) -> Batch:
    cells = [
        Cell(
            f"qarith.softmax %x {{method = #qarith.method<{method}>}}",
            ("x",),
            tensor(quantised(Integer(method.bits, False), Dyadic(1, method.bits - 1)), *x.shape),
            _of_distance(_softmax_of(method, scale), it, x),
        )
        for method in Method
    ]
    return Batch({"x": (tensor(quantised(it, scale), *x.shape), x)}, cells)


BETAS = [(0, 0), ((1 << 30) - 1, -(1 << 30))]
BETA = Integer(31, True)


def norms(whole: bool) -> Iterator[Batch]:
    functions = {Method.SHIFT: published_layer_norm, Method.QUADRATIC: exact_layer_norm}
    for it in (*NARROW, *SIXTEEN):
        x, scale = pairs(it), SCALES[1]
        cells = [
            Cell(
                f"qarith.layer_norm %x, %beta{at} {{method = #qarith.method<{method}>}}",
                ("x", f"beta{at}"),
                tensor(Integer(32, True), *x.shape),
                _of_distance(functions[method], it, x) + np.array(beta),
            )
            for method in Method
            for at, beta in enumerate(BETAS)
        ]
        betas = {f"beta{at}": (tensor(BETA, 2), np.array(each)) for at, each in enumerate(BETAS)}
        yield Batch({"x": (tensor(quantised(it, scale), *x.shape), x)} | betas, cells)
