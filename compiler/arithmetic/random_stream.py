"""Random numbers by counting: the number of a draw is a function of where it stands, not of what was drawn before.

    stream = Stream(seed=1, stream=3)
    draws(stream, step=17, count=4)            # four uint64, the same on every machine and for any number of threads

SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014) reads its n-th number off a counter:
`mix(key + n * GAMMA)`. Two multiplications, three shifts, three xors and one addition in 64-bit integers, wrapping: C, Rust and RV64
compute it alike. The key of a step is the same function of seed, stream and step, so that streams and steps start far apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GAMMA = 0x9E3779B97F4A7C15
FIRST_SHIFT, FIRST_FACTOR = 30, 0xBF58476D1CE4E5B9
SECOND_SHIFT, SECOND_FACTOR = 27, 0x94D049BB133111EB
LAST_SHIFT = 31
_WORD = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Stream:
    """One of 2^64 streams of a seed. Each op that rounds stochastically names one."""

    seed: int
    stream: int

    @property
    def base(self) -> int:
        """The key that those of the steps are drawn from."""
        return _number(_number(0, self.seed), self.stream)

    def key(self, step: int) -> int:
        """Where the counter of a time step starts."""
        return _number(self.base, step)


def _number(key: int, counter: int) -> int:
    """`numbers` for one counter, in Python's integers."""
    z = (key + (counter + 1) * GAMMA) & _WORD
    z = (z ^ z >> FIRST_SHIFT) * FIRST_FACTOR & _WORD
    z = (z ^ z >> SECOND_SHIFT) * SECOND_FACTOR & _WORD
    return z ^ z >> LAST_SHIFT


def numbers(key: int, counters: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The numbers at these counters, uniform on [0, 2^64)."""
    z = np.uint64(key) + (counters + np.uint64(1)) * np.uint64(GAMMA)
    z = (z ^ z >> np.uint64(FIRST_SHIFT)) * np.uint64(FIRST_FACTOR)
    z = (z ^ z >> np.uint64(SECOND_SHIFT)) * np.uint64(SECOND_FACTOR)
    return z ^ z >> np.uint64(LAST_SHIFT)


def draws(stream: Stream, step: int, count: int, first: int = 0) -> NDArray[np.uint64]:
    """Numbers `first` to `first + count - 1` of a step: those of the elements that a thread owns, in row-major order."""
    return numbers(stream.key(step), np.arange(first, first + count, dtype=np.uint64))
