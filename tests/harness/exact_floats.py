"""The rows of what changes a format: round, cast, quantise, dequantise, requantise; every bit pattern of formats up to 16 bits.

Each gives batches (`exact_cells.py`) of kernels and exact results. `whole` asks for what takes minutes: every mode of every pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, assert_never

import numpy as np
from arithmetic_kernels import bits
from exact_cells import (
    ALL_FEW_BITS,
    FEW_BITS,
    FORMATS,
    INTEGERS,
    PATTERNED,
    SCALES,
    WIDE,
    Array,
    Batch,
    Cell,
    integers,
    quantised,
    tensor,
    tensor_type,
)
from exact_formats import drawn, exact_rounding, exactly, patterns
from exact_functions import dyadic
from numpy.typing import NDArray
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.test_value import create_ssa_value

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import BF16, E4M3FN, E5M2, FP16, FP64, Flavour, Format
from compiler.arithmetic.rounding import Mode, Overflow
from compiler.dialects.qarith_rounding import CastOp
from compiler.dialects.qarith_types import Element, Integer, Quantised

SEED, STREAM = 7, 3
STREAMED = f", stream {STREAM} of {SEED}"
TARGETS = [it for it in (*FORMATS, *FEW_BITS) if it.flavour is not Flavour.FNU]


@cache
def all_patterns() -> NDArray[np.float64]:
    """The value of every bit pattern of every format, once; zeros, infinities and a NaN among them."""
    found = np.concatenate([patterns(it) for it in PATTERNED])
    kept = np.unique(bits(found))
    return kept.view(np.float64)


def attribute_of(mode: Mode, overflow: Overflow = Overflow.SATURATE) -> str:
    special = ", special" if overflow is Overflow.SPECIAL else ""
    return f"{{rounding = #qarith.rounding<{mode.value}{special}{STREAMED if mode is Mode.SR else ''}>}}"


def randomness(mode: Mode, count: int) -> dict[str, Any]:
    """What the oracle needs to know of the mode: the numbers drawn, or the directions, every third up."""
    return {
        "random": drawn(SEED, STREAM, count) if mode is Mode.SR else None,
        "up": directions(count) == 1 if mode is Mode.LEARNED else None,
    }


def directions(count: int) -> NDArray[np.int64]:
    return (np.arange(count) % 3 == 0).astype(np.int64)


def up(mode: Mode, count: int) -> str:
    return f" up %up : tensor<{count}xui1>" if mode is Mode.LEARNED else ""


# --- round ------------------------------------------------------------------------------------------------------------------------


def rounds(whole: bool) -> Iterator[Batch]:
    """All patterns of all formats to each format in every way; and from each format to each, to nearest."""
    x, targets = all_patterns(), [*TARGETS, *(ALL_FEW_BITS if whole else ())]
    for target in targets:
        yield _round(FP64, x, [target], list(Mode), special=list(Mode) if whole else ())
    for source in PATTERNED:
        near = targets if whole or source.width <= 8 else [E4M3FN, E5M2, BF16, FP16]
        yield _round(source, patterns(source), near, *_ways(whole))


def _ways(whole: bool) -> tuple[list[Mode], list[Overflow]]:
    return (list(Mode), list(Overflow)) if whole else ([Mode.RN], [Overflow.SATURATE])


def _round(
    source: Format,
    x: Array,
    targets: Sequence[Format],
    modes: Sequence[Mode],
    overflows: Sequence[Overflow] = tuple(Overflow),
    special: Sequence[Mode] = (),
) -> Batch:
    cells = [
        Cell(
            f"qarith.round %x{up(mode, len(x))} {attribute_of(mode, overflow)}",
            ("x",),
            tensor(target, len(x)),
            exact_rounding(target, x, mode, overflow, **randomness(mode, len(x))),
        )
        for target in targets
        for mode in modes
        for overflow in overflows
        if overflow is Overflow.SATURATE
        or (target.flavour is not Flavour.FINITE and (mode is Mode.RN or mode in special))
    ]
    operands = {"x": (tensor(source, len(x)), x)}
    if Mode.LEARNED in modes:
        operands["up"] = (f"tensor<{len(x)}xui1>", directions(len(x)))
    return Batch(operands, cells)


# --- cast -------------------------------------------------------------------------------------------------------------------------


def elements(whole: bool) -> list[Element]:
    """Of integers, without `whole`, the narrowest, and those around what containers and formats hold."""
    kept = [it for it in (*INTEGERS, *WIDE) if whole or it.width in (1, 2, 8, 9, 16, 17, 33, 54, 63)]
    few = ALL_FEW_BITS if whole else FEW_BITS
    return [*FORMATS, *few, *kept, *(quantised(it, SCALES[2]) for it in kept)]


def values_of(it: Element) -> Array:
    """All values of an element; of a wide float, those that others might not hold."""
    match it:
        case Integer():
            return integers(it)
        case Quantised():
            return integers(it.storage)
        case Format() if it.width <= 16:
            return patterns(it)
        case Format():
            largest = (2 - 2.0**-it.mantissa_bits) * 2.0 ** (2 ** (it.exponent_bits - 1) - 1)
            smallest = float(np.ldexp(1.0, 1 - it.bias - it.mantissa_bits))
            few = np.array([0.0, 1.0, 1 + 2.0**-it.mantissa_bits, smallest, largest, np.inf])
            return np.concatenate([few, -few, [np.nan]])


def held(source: Element, target: Element) -> bool:
    """Whether a cast is exact: every value of the source is one of the target; scales are given to integers, or taken away."""
    x = values_of(source)
    match source, target:
        case Quantised(), Quantised():
            return False
        case Format(), Integer() | Quantised():
            return False
        case Integer(), Format():
            return _in_format(x, target)
        case Format(), Format():
            return _in_format(x, target)
        case Quantised(), Format():
            return False
        case _:
            storage = target.storage if isinstance(target, Quantised) else target
            assert isinstance(storage, Integer)
            return bool(storage.low <= x.min() and x.max() <= storage.high)


def _in_format(x: Array, target: Format) -> bool:
    doubles = x.astype(np.float64)
    if target.flavour is Flavour.FNU:
        exact = np.isin(bits(doubles), bits(patterns(target))).all()
    else:
        special = Overflow.SATURATE if target.flavour is Flavour.FINITE else Overflow.SPECIAL
        exact = np.array_equal(bits(exact_rounding(target, doubles, Mode.RN, special)), bits(doubles))
    return bool(exact) and all(
        int(one) == int(other) for one, other in zip(doubles, x, strict=True) if x.dtype == np.int64
    )


@cache
def _three(it: Element) -> TensorType[Attribute]:
    return tensor_type(it, 3)


@cache
def accepted(source: Element, target: Element) -> bool:
    """Whether the dialect takes the cast."""
    op = CastOp(operands=[create_ssa_value(_three(source))], result_types=[_three(target)])
    try:
        op.verify_()
    except VerifyException:
        return False
    return True


def casts(whole: bool) -> Iterator[Batch]:
    """From each element to each that holds it."""
    each = elements(whole)
    for source in each:
        x = values_of(source)
        cells = [
            Cell(
                "qarith.cast %x",
                ("x",),
                tensor(target, len(x)),
                x.astype(np.float64) if isinstance(target, Format) else x,
            )
            for target in each
            if accepted(source, target)
        ]
        yield Batch({"x": (tensor(source, len(x)), x)}, cells)


# --- to integers and back ---------------------------------------------------------------------------------------------------------

STORAGES = [
    Integer(width, signed)
    for width, signed in ((1, True), (4, False), (8, True), (8, False), (16, True), (32, True), (32, False))
]


@cache
def _quotients(scale: Dyadic, x: bytes) -> NDArray[np.float64]:
    """x / scale, the fraction, as the double nearest to it."""
    sizes, back = np.unique(np.abs(np.frombuffer(x)), return_inverse=True)
    finite = np.isfinite(sizes)
    factor = Fraction(2) ** scale.exponent / scale.mantissa
    found = sizes.copy()
    found[finite] = [float(Fraction(each) * factor) for each in sizes[finite].tolist()]
    return np.copysign(found[back], np.frombuffer(x))


def to_integers(x: NDArray[np.float64], scale: Dyadic, storage: Integer, mode: Mode, way: dict[str, Any]) -> Array:
    """The quotient rounded and clamped; NaN gives 0."""
    scaled = _quotients(scale, x.tobytes())
    clamped = np.clip(np.where(np.isnan(scaled), 0, scaled), storage.low, storage.high)
    below = np.floor(np.abs(clamped))
    fraction = np.abs(clamped) - below
    match mode:
        case Mode.RN:
            more = (fraction > 0.5) | (fraction == 0.5) & (below % 2 == 1)
        case Mode.RZ:
            more = np.zeros(x.shape, np.bool_)
        case Mode.SR:
            more = way["random"] < np.floor(np.ldexp(np.minimum(fraction, 1 - 2.0**-53), 64)).astype(np.uint64)
        case Mode.LEARNED:
            more = way["up"] & (fraction > 0)
        case _:
            assert_never(mode)
    return (np.sign(clamped) * (below + more)).astype(np.int64)


def quantises(whole: bool) -> Iterator[Batch]:
    """All patterns of all formats to integers in every way, and each format to nearest; a scale for all, and one per channel."""
    x = all_patterns()
    for scale, storages in (
        [(each, STORAGES) for each in SCALES] if whole else [(SCALES[1], STORAGES[:4]), (SCALES[3], STORAGES[4:])]
    ):
        yield _quantise(FP64, x, [quantised(it, scale) for it in storages], list(Mode))
    for source in PATTERNED:
        yield _quantise(
            source, patterns(source), [quantised(STORAGES[4], SCALES[2])], list(Mode) if whole else [Mode.RN]
        )
        yield _by_channel(source, patterns(source))


def _quantise(source: Format, x: Array, targets: Sequence[Quantised], modes: Sequence[Mode]) -> Batch:
    cells = [
        Cell(
            f"qarith.quantise %x{up(mode, len(x))} {attribute_of(mode)}",
            ("x",),
            tensor(target, len(x)),
            to_integers(x, target.scale, target.storage, mode, randomness(mode, len(x))),
        )
        for target in targets
        for mode in modes
    ]
    return Batch({"x": (tensor(source, len(x)), x), "up": (f"tensor<{len(x)}xui1>", directions(len(x)))}, cells)


def _by_channel(source: Format, x: Array) -> Batch:
    scales, storage = SCALES[:3], Integer(8, True)
    target = quantised(storage, *scales, axis=0)
    expected = np.stack([to_integers(x, each, storage, Mode.RN, {}) for each in scales])
    given = np.stack([x] * len(scales))
    op = f"qarith.quantise %x {attribute_of(Mode.RN)}"
    return Batch(
        {"x": (tensor(source, *given.shape), given)}, [Cell(op, ("x",), tensor(target, *given.shape), expected)]
    )


def dequantises(whole: bool) -> Iterator[Batch]:
    """Each integer type up to 16 bits, and 32, with each scale, and with one per channel."""
    for storage in (*INTEGERS, Integer(32, True), Integer(32, False)):
        x = integers(storage)
        for scale in SCALES if whole or storage.width < 16 else SCALES[1:3]:
            yield _dequantise(quantised(storage, scale), x, _times(x, scale))
        by_channel = np.stack([_times(x, each) for each in SCALES])
        yield _dequantise(quantised(storage, *SCALES, axis=0), np.stack([x] * len(SCALES)), by_channel)


def _dequantise(source: Quantised, x: Array, expected: Array) -> Batch:
    return Batch(
        {"x": (tensor(source, *x.shape), x)}, [Cell("qarith.dequantise %x", ("x",), tensor(FP64, *x.shape), expected)]
    )


def _times(x: Array, scale: Dyadic) -> Array:
    """Every x * scale is a double: the ends show it, which have most bits; between them, products below 2^53 are exact."""
    for end in (x[0], x[-1]):
        exactly(Fraction(int(end)) * scale.value)
    assert int(np.abs(x).max()) * scale.mantissa < 1 << 53
    return np.ldexp((x * scale.mantissa).astype(np.float64), -scale.exponent)


# --- from integers to integers ----------------------------------------------------------------------------------------------------

TO_SCALES = [(SCALES[1], SCALES[2]), (SCALES[3], SCALES[1]), (SCALES[4], SCALES[1]), (SCALES[1], SCALES[1])]
"""A ratio below 1, one far below it, one that shifts to the left, and 1."""


def multiplied(x: Array, source: Dyadic, target: Dyadic, storage: Integer, mode: Mode, random: Any) -> Array:
    """x times the ratio of the scales with a mantissa of 31 bits, rounded and clamped."""
    ratio = dyadic(source.value / target.value, 31)
    if int(np.abs(x).max()) * ratio.numerator < 1 << 62 and ratio.denominator < 1 << 62:
        below, rest = np.divmod(x * ratio.numerator, ratio.denominator)
    else:  # few numbers, in integers of any size
        below, rest = (
            np.array(each, object)
            for each in zip(*(divmod(q * ratio.numerator, ratio.denominator) for q in x.tolist()), strict=True)
        )
    more = _one_more(below, rest, ratio.denominator, mode, random)
    return np.clip(below + more, storage.low, storage.high).astype(np.int64)


def _one_more(below: Array, rest: Array, denominator: int, mode: Mode, random: Any) -> Array:
    match mode:
        case Mode.RN:
            return (2 * rest > denominator) | ((2 * rest == denominator) & (below % 2 == 1))
        case Mode.RZ:
            return (below < 0) & (rest > 0)
        case Mode.SR:
            shift = 65 - denominator.bit_length()  # the denominator is a power of two
            return random < np.array([each << shift for each in rest.tolist()], np.uint64)
        case _:
            raise AssertionError("integers are not learned")


def requantises(whole: bool) -> Iterator[Batch]:
    """Each integer type up to 16 bits, and the widest, by each ratio; and the widest patterns to each type."""
    for storage in (*INTEGERS, Integer(32, False), Integer(33, True)):
        all_ = whole or storage.width in (8, 33)
        targets = [Integer(8, True), Integer(5, False)] if all_ else [Integer(8, True)]
        for one, other in TO_SCALES:
            yield _requantise(storage, one, other, targets, _modes(all_ or storage.width == 16))
        yield _requantise_channels(storage)
    yield _requantise(Integer(16, True), *TO_SCALES[1], INTEGERS if whole else INTEGERS[::5], [Mode.RN])


def _modes(all_: bool) -> list[Mode]:
    return [Mode.RN, Mode.RZ, Mode.SR] if all_ else [Mode.RN, Mode.RZ]


def _requantise(
    source: Integer, one: Dyadic, other: Dyadic, targets: Sequence[Integer], modes: Sequence[Mode]
) -> Batch:
    x = integers(source)
    cells = [
        Cell(
            f"qarith.requantise %x {attribute_of(mode)}",
            ("x",),
            tensor(quantised(target, other), len(x)),
            multiplied(x, one, other, target, mode, drawn(SEED, STREAM, len(x))),
        )
        for target in targets
        for mode in modes
    ]
    return Batch({"x": (tensor(quantised(source, one), len(x)), x)}, cells)


def _requantise_channels(source: Integer) -> Batch:
    x, target = integers(source), Integer(8, True)
    scales = [one for one, _ in TO_SCALES]
    given = np.stack([x] * len(scales))
    expected = np.stack([multiplied(x, each, SCALES[1], target, Mode.RN, None) for each in scales])
    return Batch(
        {"x": (tensor(quantised(source, *scales, axis=0), *given.shape), given)},
        [
            Cell(
                f"qarith.requantise %x {attribute_of(Mode.RN)}",
                ("x",),
                tensor(quantised(target, SCALES[1]), *given.shape),
                expected,
            )
        ],
    )
