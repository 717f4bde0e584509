"""Cells of the table op x format: kernels of many ops over the same operands, and what exact rational numbers say of each result.

    batch = Batch({"x": ("si8", numbers)}, [Cell("qarith.cast %x", ("x",), "f64", expected)])
    holds(batch, evaluate(kernel(batch.text()).module, "kernel", *batch.arrays()))

The formats are those that ml_dtypes holds, found by what it says of them, those that have a name here, and kinds of their own: no
mantissa, one bit of exponent, doubles of few bits. `exact_floats.py`, `exact_integers.py` and `exact_sums.py` have the rows.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# The stubs of ml_dtypes leave types open.

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import ml_dtypes
import numpy as np
from arithmetic_kernels import bits
from numpy.typing import NDArray
from xdsl.dialects.builtin import Float64Type, IntegerType, Signedness, TensorType
from xdsl.ir import Attribute

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import FP64, NAMED, Flavour, Format, significand
from compiler.dialects.qarith_types import Element, FpType, Integer, Quantised, QuantType

Array = NDArray[Any]
SHAPE = re.compile(r"tensor<((?:\d+x)*)(.*)>")

# --- formats ----------------------------------------------------------------------------------------------------------------------


def _of_ml_dtypes(name: str) -> Format | None:
    """The format that a type of ml_dtypes has, by what its name and `finfo` say."""
    found = re.fullmatch(r"(?:b?float)\d+(?:_e(\d+)m(\d+)(?:b\d+)?(fnuz|fnu|fn)?)?", name)
    if found is None:
        return None
    told: Any = ml_dtypes.finfo(getattr(ml_dtypes, name))
    flavour = Flavour(found[3] or "ieee")
    if flavour is Flavour.FN and told.bits < 8:
        flavour = Flavour.FINITE  # there the suffix says that there is no NaN either
    exponent_bits, mantissa_bits, smallest = int(told.nexp), int(told.nmant), int(told.minexp)
    return Format(exponent_bits, mantissa_bits, (flavour is not Flavour.FNU) - smallest, flavour)


HELD_ELSEWHERE = {name: it for name in dir(ml_dtypes) if (it := _of_ml_dtypes(name)) is not None}
OWN_KINDS = {
    "e5m0": Format(5, 0, 15),
    "e3m0 finite": Format(3, 0, 3, Flavour.FINITE),
    "e1m6 finite": Format(1, 6, 0, Flavour.FINITE),
    "e2m1 shifted": Format(2, 1, 4, Flavour.FINITE),
    "e5m6": Format(5, 6, 15),
    "e5m4 large": Format(5, 4, 2),  # whose smallest distance is more than 1
}
FORMATS: list[Format] = list(dict.fromkeys([*HELD_ELSEWHERE.values(), *NAMED.values(), *OWN_KINDS.values()]))
PATTERNED = [it for it in FORMATS if it.width <= 16]
"""All of whose bit patterns are gone through."""
FEW_BITS = [significand(bits_) for bits_ in (0, 8, 10, 51)]
ALL_FEW_BITS = [significand(bits_) for bits_ in range(52)]

INTEGERS = [Integer(width, signed) for width in range(1, 17) for signed in (True, False)]
"""All of whose values are gone through."""
NARROW = [it for it in INTEGERS if it.width <= 8]
WIDE = [Integer(width, signed) for width in (17, 31, 32, 33, 53, 54, 62, 63) for signed in (True, False)] + [
    Integer(64, True)
]
SCALES = [Dyadic(1, 0), Dyadic(1, 4), Dyadic(3, 5), Dyadic(93, 12), Dyadic(5, -2), Dyadic(101, 10)]


def integers(it: Integer) -> NDArray[np.int64]:
    """All integers of a type; of a wide one the ends, zero, and what is beside powers of two."""
    if it.width <= 16:
        return np.arange(it.low, it.high + 1)
    near = [sign * (1 << at) + more for sign in (-1, 1) for at in range(it.width) for more in (-1, 0, 1)]
    kept = sorted({each for each in [*near, it.low, it.low + 1, it.high - 1, it.high] if it.low <= each <= it.high})
    return np.array(kept, np.int64)


def quantised(it: Integer, *scales: Dyadic, axis: int | None = None) -> Quantised:
    return Quantised(it, scales, axis)


# --- kernels ----------------------------------------------------------------------------------------------------------------------


@cache
def attribute(it: Element) -> Attribute:
    match it:
        case Format() if it == FP64:
            return Float64Type()
        case Format():
            return FpType(it)
        case Integer():
            return IntegerType(it.width, Signedness.SIGNED if it.signed else Signedness.UNSIGNED)
        case Quantised():
            return QuantType(it)


def tensor(it: Element, *shape: int) -> str:
    """The type as text."""
    return f"tensor<{''.join(f'{each}x' for each in shape)}{attribute(it)}>"


def tensor_type(it: Element, *shape: int) -> TensorType[Attribute]:
    return TensorType(attribute(it), shape)


@dataclass(frozen=True, slots=True)
class Cell:
    """An op, the names of the operands that its type lists, its result's type, and what must come out."""

    op: str
    takes: tuple[str, ...]
    result: str
    expected: Array


@dataclass(frozen=True, slots=True)
class Batch:
    """A kernel of cells; operands by name, with their types."""

    operands: Mapping[str, tuple[str, Array]]
    cells: Sequence[Cell]

    def text(self) -> str:
        head = ", ".join(f"%{name}: {kind}" for name, (kind, _) in self.operands.items())
        kinds = ", ".join(each.result for each in self.cells)
        lines = [f"  %v{at} = {self._line(each)}" for at, each in enumerate(self.cells)]
        names = ", ".join(f"%v{at}" for at in range(len(self.cells)))
        return "\n".join(
            [f"func.func @kernel({head}) -> ({kinds}) {{", *lines, f"  func.return {names} : {kinds}", "}", ""]
        )

    def _line(self, cell: Cell) -> str:
        return f"{cell.op} : {', '.join(self.operands[name][0] for name in cell.takes)} -> {cell.result}"

    def arrays(self) -> list[Array]:
        return [values for _, values in self.operands.values()]

    @property
    def patterns(self) -> int:
        """Results that are compared."""
        return sum(each.expected.size for each in self.cells)


def together(batches: Sequence[Batch]) -> Batch:
    """Several as one kernel, so that it is compiled once."""
    operands: dict[str, tuple[str, Array]] = {}
    cells: list[Cell] = []
    for at, batch in enumerate(batches):
        operands |= {f"{name}_{at}": value for name, value in batch.operands.items()}
        for cell in batch.cells:
            op = re.sub(r"%(\w+)", rf"%\1_{at}", cell.op)
            cells.append(Cell(op, tuple(f"{name}_{at}" for name in cell.takes), cell.result, cell.expected))
    return Batch(operands, cells)


def holds(batch: Batch, found: Sequence[Array]) -> None:
    """Every result is what was expected, bit for bit."""
    for cell, result in zip(batch.cells, found, strict=True):
        wrong = np.flatnonzero(bits(result) != bits(cell.expected))
        if wrong.size:
            at = int(wrong[0])
            given = [self.flat[at] for name in cell.takes if (self := batch.operands[name][1]).size == result.size]
            said = f"{result.flat[at]!r}, not {cell.expected.flat[at]!r}, of {given}"
            raise AssertionError(
                f"{cell.op} -> {cell.result}: {wrong.size} of {result.size} are wrong; element {at} is {said}"
            )
