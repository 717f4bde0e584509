"""Integers of 64 bits that wrap, as every target has them; the functions of this room are written in their vocabulary, once.

    def double_or_zero(x: W) -> W:
        return (x > 0).select(x + x, 0)

    double_or_zero(Lanes.of([3, -4])).array                 # [6, 0]: many at once, in NumPy

`Word` is what a function may ask of a number. `Lanes` has it for arrays; the values of the loop language
(`compiler/passes/loops/values.py`) have it too, and then the same function writes the code that computes it. As there, `>>` and `//`
are unsigned, and `<` and its kin signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray


class Word(Protocol):
    """A 64-bit integer, or a truth value where two are compared."""

    def __add__(self, other: Self | int, /) -> Self: ...
    def __sub__(self, other: Self | int, /) -> Self: ...
    def __mul__(self, other: Self | int, /) -> Self: ...
    def __floordiv__(self, other: Self | int, /) -> Self: ...
    def __and__(self, other: Self | int, /) -> Self: ...
    def __or__(self, other: Self | int, /) -> Self: ...
    def __xor__(self, other: Self | int, /) -> Self: ...
    def __lshift__(self, other: Self | int, /) -> Self: ...
    def __rshift__(self, other: Self | int, /) -> Self: ...
    def __rsub__(self, other: int, /) -> Self: ...
    def __lt__(self, other: Self | int, /) -> Self: ...
    def __gt__(self, other: Self | int, /) -> Self: ...
    def shift_right_signed(self, other: Self | int, /) -> Self: ...
    def minimum(self, other: Self | int, /) -> Self: ...
    def maximum(self, other: Self | int, /) -> Self: ...
    def eq(self, other: Self | int, /) -> Self: ...
    def ult(self, other: Self | int, /) -> Self: ...
    def select(self, then: Self, otherwise: Self | int, /) -> Self: ...
    def leading_zeros(self) -> Self: ...


W = TypeVar("W", bound=Word)


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """`Word` for arrays: int64, wrapping; bool after a comparison."""

    array: NDArray[Any]

    @staticmethod
    def of(values: NDArray[Any] | Sequence[int]) -> Lanes:
        return Lanes(np.asarray(values).astype(np.int64))

    def __add__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array + _array(other))

    def __sub__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array - _array(other))

    def __rsub__(self, other: int) -> Lanes:
        return Lanes(_array(other) - self.array)

    def __mul__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array * _array(other))

    def __floordiv__(self, other: Lanes | int) -> Lanes:
        return Lanes((self._unsigned // _unsigned(other)).view(np.int64))

    def __and__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array & _array(other))

    def __or__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array | _array(other))

    def __xor__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array ^ _array(other))

    def __lshift__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array << _array(other))

    def __rshift__(self, other: Lanes | int) -> Lanes:
        return Lanes((self._unsigned >> _unsigned(other)).view(np.int64))

    def shift_right_signed(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array >> _array(other))

    def minimum(self, other: Lanes | int) -> Lanes:
        return Lanes(np.minimum(self.array, _array(other)))

    def maximum(self, other: Lanes | int) -> Lanes:
        return Lanes(np.maximum(self.array, _array(other)))

    def __lt__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array < _array(other))

    def __gt__(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array > _array(other))

    def eq(self, other: Lanes | int) -> Lanes:
        return Lanes(self.array == _array(other))

    def ult(self, other: Lanes | int) -> Lanes:
        return Lanes(self._unsigned < _unsigned(other))

    def select(self, then: Lanes, otherwise: Lanes | int) -> Lanes:
        return Lanes(np.where(self.array, then.array, _array(otherwise)))

    def leading_zeros(self) -> Lanes:
        """Zero bits above the highest one; 64 for 0. A double's exponent would round up for large numbers: halves are exact."""
        high = self._unsigned >> np.uint64(32)
        half = np.where(high > 0, high, self._unsigned & np.uint64(0xFFFFFFFF))
        _, bits = np.frexp(half.astype(np.float64))
        return Lanes(64 - (bits.astype(np.int64) + 32 * (high > 0)))

    @property
    def _unsigned(self) -> NDArray[np.uint64]:
        return np.asarray(self.array, np.int64).view(np.uint64)


def _array(operand: Lanes | int) -> NDArray[Any]:
    return operand.array if isinstance(operand, Lanes) else np.asarray(operand, np.int64)


def _unsigned(operand: Lanes | int) -> NDArray[np.uint64]:
    return np.asarray(_array(operand), np.int64).view(np.uint64)
