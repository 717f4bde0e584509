"""The rows of what adds up: products, sums in their order, tables, stencils. All pairs of formats up to 8 bits, 16-bit ones against edges.

Products of formats up to 16 bits are exact in doubles (22 bits of significand, exponents far inside), and so are their sums where
`exact_sum` says so; what is left is one rounding, which `exact_formats.py` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from exact_cells import INTEGERS, NARROW, PATTERNED, Array, Batch, Cell, integers, quantised, tensor
from exact_floats import SEED, STREAM, TARGETS, attribute_of
from exact_formats import drawn, exact_rounding, patterns
from exact_integers import SIXTEEN, edges, pairs
from numpy.typing import NDArray

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import BF16, E2M1, E4M3FN, E5M2, FP16, FP32, FP64, Flavour, Format
from compiler.arithmetic.rounding import Mode, Overflow
from compiler.dialects.qarith_linear import Boundary, Order
from compiler.dialects.qarith_types import Integer

Reals = NDArray[np.float64]
SMALL = [it for it in PATTERNED if it.width <= 8]
MODES = [Mode.RN, Mode.RZ, Mode.SR]


def accumulator_for(largest: int) -> Integer:
    """The narrowest that holds it."""
    return Integer(largest.bit_length() + 1, True)


# --- products of integers ---------------------------------------------------------------------------------------------------------


def integer_products(whole: bool) -> Iterator[Batch]:
    for a in NARROW:
        yield _outer(a, [(b, integers(b)) for b in NARROW])
    for a in SIXTEEN:
        yield _outer(a, [(b, edges(b)) for b in SIXTEEN])
    yield _by_channel()


def _outer(a: Integer, others: Sequence[tuple[Integer, Array]]) -> Batch:
    """Every value of one with every one of the other; each second product takes the other as rows."""
    x = integers(a)[:, None]
    operands, cells = {"a": (tensor(a, *x.shape), x)}, list[Cell]()
    for at, (b, y) in enumerate(others):
        transposed = at % 2 == 1
        given = y[:, None] if transposed else y[None, :]
        operands[f"b{at}"] = (tensor(b, *given.shape), given)
        result = accumulator_for(a.largest * b.largest)
        op = f"qarith.matmul %a, %b{at} {{accumulator = {result}{', transpose_b' if transposed else ''}}}"
        expected = np.multiply.outer(x[:, 0], y)
        cells.append(Cell(op, ("a", f"b{at}"), tensor(result, *expected.shape), expected))
    return Batch(operands, cells)


def _by_channel() -> Batch:
    one, scales = Dyadic(3, 5), tuple(Dyadic(2 * at + 1, at) for at in range(16))
    a, b, result = Integer(8, True), Integer(4, True), Integer(12, True)
    x, y = integers(a)[:, None], integers(b)[None, :]
    products = tuple(Dyadic(one.mantissa * it.mantissa, one.exponent + it.exponent) for it in scales)
    operands = {
        "a": (tensor(quantised(a, one), *x.shape), x),
        "b": (tensor(quantised(b, *scales, axis=1), *y.shape), y),
    }
    kind = tensor(quantised(result, *products, axis=1), 256, 16)
    return Batch(operands, [Cell(f"qarith.matmul %a, %b {{accumulator = {result}}}", ("a", "b"), kind, x * y)])


# --- products of floats -----------------------------------------------------------------------------------------------------------


def float_products(whole: bool) -> Iterator[Batch]:
    """Every pair of patterns of every two formats up to 8 bits; of two of them to every accumulator in every way."""
    accumulators = [it for it in TARGETS if it.width >= 5]
    if whole:
        for a in SMALL:
            for b in SMALL:
                yield _float_outer(a, patterns(a), b, patterns(b), accumulators, MODES)
        return
    for at, a in enumerate(SMALL):
        for place, b in enumerate(SMALL[at:]):
            yield _float_outer(
                a, patterns(a), b, patterns(b), [accumulators[(at + place) % len(accumulators)]], [Mode.RN]
            )
    yield _float_outer(E4M3FN, patterns(E4M3FN)[::4], E5M2, patterns(E5M2), accumulators, MODES)
    for it in (FP16, BF16):
        yield _float_outer(it, patterns(it), it, partners(it), [FP16, BF16, FP32, FP64], [Mode.RN])
    yield _four_factors()


def partners(it: Format) -> Reals:
    """Of every 16-bit pattern: a number, the largest, the smallest, and what is none."""
    numbers = patterns(it)[: 1 << (it.width - 1)]
    finite = numbers[np.isfinite(numbers)]
    return np.array([1.5, -finite[-1], finite[1], finite[len(finite) // 3], 0.0, np.inf, np.nan])


def _float_outer(
    a: Format, x: Reals, b: Format, y: Reals, accumulators: Sequence[Format], modes: Sequence[Mode]
) -> Batch:
    with np.errstate(invalid="ignore"):
        products = np.multiply.outer(x, y) + 0.0  # a sum begins with +0
    cells = [
        Cell(
            f"qarith.matmul %a, %b {{accumulator = {_inside(it)}, {attribute_of(mode, overflow)[1:]}",
            ("a", "b"),
            tensor(it, *products.shape),
            exact_rounding(it, products, mode, overflow, random=_draws(mode, products.size)),
        )
        for it in accumulators
        for mode in modes
        for overflow in (Overflow.SATURATE if it.flavour is Flavour.FINITE else Overflow.SPECIAL,)
    ]
    operands = {"a": (tensor(a, len(x), 1), x[:, None]), "b": (tensor(b, 1, len(y)), y[None, :])}
    return Batch(operands, cells)


def _inside(it: Format) -> str:
    kind = tensor(it, 1)
    return "!qarith.fp<fp64>" if it == FP64 else kind[kind.index("x") + 1 : -1]


def _draws(mode: Mode, count: int, first: int = 0) -> NDArray[np.uint64] | None:
    return drawn(SEED, STREAM, count, first) if mode is Mode.SR else None


def _grid(it: Format, count: int) -> Reals:
    """[n, count]: all rows of patterns."""
    return np.stack([each.ravel() for each in np.meshgrid(*[patterns(it)] * count, indexing="ij")], 1)


def _four_factors() -> Batch:
    """All sums of two products of e2m1: what is kept of the first is rounded before the second is added."""
    x = _grid(E2M1, 2)
    cells: list[Cell] = []
    for mode in MODES:
        for it in (E2M1, E4M3FN):
            shape = (len(x), len(x))
            total = np.zeros(shape)
            for k in range(2):
                total = total + np.multiply.outer(x[:, k], x[:, k])
                random = _draws(mode, total.size, k * total.size)
                total = exact_rounding(it, total, mode, Overflow.SATURATE, random=random)
            op = f"qarith.matmul %x, %x {{accumulator = {_inside(it)}, transpose_b, {attribute_of(mode)[1:]}"
            cells.append(Cell(op, ("x", "x"), tensor(it, *shape), total))
    return Batch({"x": (tensor(E2M1, *x.shape), x)}, cells)


def products(whole: bool) -> Iterator[Batch]:
    yield from integer_products(whole)
    yield from float_products(whole)


# --- sums -------------------------------------------------------------------------------------------------------------------------


def sums(whole: bool) -> Iterator[Batch]:
    for it in (*NARROW, *SIXTEEN):
        x = pairs(it)
        result = Integer(it.width + 1, it.signed)
        cells = [_reduced(order, "", tensor(result, len(x)), x[:, 0] + x[:, 1]) for order in Order]
        yield Batch({"x": (tensor(it, *x.shape), x)}, cells)
    for it in SMALL:
        if it.flavour is not Flavour.FNU:
            yield _sums_of_two(
                it, _grid(it, 2) if whole or it.width < 8 else _grid(it, 2)[::3], [it, FP32] if not whole else TARGETS
            )
    for it in (FP16, BF16):
        x = np.stack([each.ravel() for each in np.meshgrid(patterns(it), partners(it)[:3], indexing="ij")], 1)
        yield _sums_of_two(it, x, [it])
    yield _sums_of_four()


def _sums_of_two(it: Format, x: Reals, targets: Sequence[Format]) -> Batch:
    with np.errstate(invalid="ignore"):
        total = x[:, 0] + x[:, 1]
    cells = [
        _reduced(order, attribute_of(mode), tensor(target, len(x)), _rounded(target, total, mode))
        for target in targets
        if _holds_all(target, it)
        for mode, order in zip(MODES, (*Order, Order.SEQUENTIAL), strict=True)
    ]
    return Batch({"x": (tensor(it, *x.shape), x)}, cells)


def _rounded(target: Format, total: Reals, mode: Mode) -> Reals:
    return exact_rounding(target, total, mode, Overflow.SATURATE, random=_draws(mode, total.size))


def _holds_all(target: Format, it: Format) -> bool:
    x = patterns(it)
    finite = x[np.isfinite(x)]
    special = target.flavour is Flavour.IEEE or not np.isinf(x).any()
    nan = target.flavour is not Flavour.FINITE or not np.isnan(x).any()
    zero = target.flavour is not Flavour.FNUZ or not (np.signbit(x) & (x == 0)).any()
    return (
        special and nan and zero and np.array_equal(exact_rounding(target, finite, Mode.RZ, Overflow.SATURATE), finite)
    )


def _reduced(order: Order, rounding: str, kind: str, expected: Array) -> Cell:
    said = f", {rounding[1:]}" if rounding else "}"
    return Cell(f"qarith.reduce %x {{order = #qarith.order<{order}>{said}", ("x",), kind, expected)


def _sums_of_four() -> Batch:
    """All rows of four patterns of e2m1, in both orders, which differ."""
    x = _grid(E2M1, 4)
    cells = [
        _reduced(order, attribute_of(mode), tensor(E2M1, len(x)), _in_order(order, mode, x))
        for order in Order
        for mode in MODES
    ]
    assert not np.array_equal(cells[0].expected, cells[3].expected)
    return Batch({"x": (tensor(E2M1, *x.shape), x)}, cells)


def _in_order(order: Order, mode: Mode, x: Reals) -> Reals:
    """Each addition draws for all rows before the next does."""
    count, done = len(x), 0

    def added(one: Reals, other: Reals, random: NDArray[np.uint64] | None) -> Reals:
        return exact_rounding(E2M1, one + other, mode, Overflow.SATURATE, random=random)

    if order is Order.PAIRWISE:
        first = _draws(mode, 2 * count)
        halves = added(x[:, :2].ravel(), x[:, 2:].ravel(), first).reshape(count, 2)
        return added(halves[:, 0], halves[:, 1], _draws(mode, count, 2 * count))
    total = x[:, 0]
    for at in range(1, 4):
        total = added(total, x[:, at], _draws(mode, count, done))
        done += count
    return total


def additions(whole: bool) -> Iterator[Batch]:
    """Every pair of quantised numbers of one type; signed with unsigned."""
    scale = Dyadic(3, 5)
    for it in (*NARROW, *SIXTEEN):
        x = pairs(it)
        result = quantised(Integer(it.width + 1, it.signed), scale)
        kind = tensor(quantised(it, scale), len(x))
        cell = Cell("qarith.add %a, %b", ("a", "b"), tensor(result, len(x)), x[:, 0] + x[:, 1])
        yield Batch({"a": (kind, x[:, 0]), "b": (kind, x[:, 1])}, [cell])
    x = pairs(Integer(8, True))
    kinds = [tensor(quantised(Integer(8, signed), scale), len(x)) for signed in (True, False)]
    result = tensor(quantised(Integer(10, True), scale), len(x))
    y = x[:, 1] + 128
    yield Batch(
        {"a": (kinds[0], x[:, 0]), "b": (kinds[1], y)}, [Cell("qarith.add %a, %b", ("a", "b"), result, x[:, 0] + y)]
    )


# --- look-ups ---------------------------------------------------------------------------------------------------------------------


def tables(whole: bool) -> Iterator[Batch]:
    """Of every value by itself, of every pair up to 8 bits, of every four of two bits."""
    for it in INTEGERS:
        yield _tables(it, integers(it)[:, None])
    for it in NARROW:
        yield _tables(it, pairs(it))
    for it in (Integer(2, True), Integer(2, False)):
        yield _tables(it, np.stack([each.ravel() for each in np.meshgrid(*[integers(it)] * 4, indexing="ij")], 1))


def _tables(it: Integer, x: Array) -> Batch:
    count, group = x.shape
    entries = [
        sum((x[:, at] for at in range(group) if subset >> at & 1), np.zeros(count, np.int64))
        for subset in range(1 << group)
    ]
    result = tensor(accumulator_for(it.largest * group), count, 1 << group)
    op = f"qarith.build_tables %x {{group = {group} : i64}}"
    return Batch({"x": (tensor(it, x.size), x.ravel())}, [Cell(op, ("x",), result, np.stack(entries, 1))])


def lookups(whole: bool) -> Iterator[Batch]:
    """Every weight of 1 to 8 bits with every entry of 8 bits; few bits with every two entries, whatever they are sums of."""
    for bits in range(1, 9):
        entries = (
            pairs(Integer(4 if bits > 2 else 6, True))
            if bits <= 4 or whole
            else np.stack([np.zeros(256, np.int64), integers(Integer(8, True))], 1)
        )
        yield _lookup(bits, entries)


def _lookup(bits: int, entries: Array) -> Batch:
    """Each plane adds the first entry where its bit is 0, else the second; the highest plane's weight is taken off."""
    w = integers(Integer(bits, True))
    ones = w + (1 << (bits - 1))
    zero, one = entries[:, :1], entries[:, 1:]
    expected = ones * one + ((1 << bits) - 1 - ones) * zero - (1 << (bits - 1)) * one
    operands = {
        "t": (tensor(Integer(8, True), len(entries), 1, 2), entries[:, None, :]),
        "w": (tensor(Integer(bits, True), len(w), 1), w[:, None]),
    }
    return Batch(
        operands, [Cell("qarith.lookup %t, %w", ("t", "w"), tensor(Integer(bits + 9, True), *expected.shape), expected)]
    )


# --- stencils ---------------------------------------------------------------------------------------------------------------------

WEIGHTS = (0.1, -2.0, 0.3)
E3M2 = Format(3, 2, 3, Flavour.FINITE)


def stencils(whole: bool) -> Iterator[Batch]:
    """Rows of two patterns, each with itself, the other, and itself: three taps in order, each step rounded to a double."""
    source = E4M3FN if whole else E3M2
    x = _grid(source, 2)
    expected = np.array([[_three_taps(a, b), _three_taps(b, a)] for a, b in x.tolist()])
    kind = tensor(FP64, *x.shape)
    cells = [
        Cell(
            f"qarith.stencil %x {{offsets = array<i64: 0, 0, 0, 1, 0, 0>, weights = array<f64: {', '.join(map(str, WEIGHTS))}>, "
            f"boundary = #qarith.boundary<{boundary}>}}",
            ("x",),
            kind,
            expected if boundary is Boundary.PERIODIC else np.stack([expected[:, 0], x[:, 1]], 1),
        )
        for boundary in Boundary
    ]
    yield Batch({"x": (kind, x)}, cells)


def _three_taps(here: float, there: float) -> float:
    one, two, three = map(_product, WEIGHTS, (here, there, here))
    return _added(_added(one, two), three)


def _product(one: float, other: float) -> float:
    """The double nearest to the product; of zeros and what is no number, the machine's."""
    if not np.isfinite(other) or other == 0:
        return one * other
    return float(Fraction(one) * Fraction(other))


def _added(one: float, other: float) -> float:
    """The double nearest to the sum; of what is no number, the machine's."""
    if not np.isfinite(one) or not np.isfinite(other) or one + other == 0:
        return one + other
    return float(Fraction(one) + Fraction(other))
