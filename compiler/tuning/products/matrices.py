"""Matrices to measure products of: families, each with a rule that draws one of about so many columns.

    draw_matrix("rmat", 1024, Random(1))        "rmat:10,5400,seed=71"

A matrix is a text that `runtime.sparse.named.generate` makes the same matrix of, whenever it is asked for. Sizes come in classes, so
that matrices of one class share the windows of a schedule, and with them the code of the simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, log
from random import Random

SIZES = (256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)
"""Columns of a class, about."""


def draw_matrix(family: str, size: int, random: Random) -> str:
    """A matrix of the family."""
    return FAMILIES[family](size, random)


def between(low: float, high: float, random: Random) -> float:
    """A number, all orders of magnitude alike."""
    return exp(random.uniform(log(low), log(high)))


def _seed(random: Random) -> int:
    return random.randrange(1, 1000)


def _rmat(size: int, random: Random) -> str:
    """Skewed, popular vertices first; the parameters of the Graph 500."""
    return f"rmat:{_scale(size)},{_entries(size, 1.5, 12, random)},seed={_seed(random)}"


def _permuted(size: int, random: Random) -> str:
    return f"{_rmat(size, random)},permute=true"


def _mild(size: int, random: Random) -> str:
    """Less skewed: what SMASH was measured on."""
    a, b = round(random.uniform(0.3, 0.5), 2), round(random.uniform(0.1, 0.2), 2)
    return f"rmat:{_scale(size)},{_entries(size, 2, 14, random)},a={a},b={b},c={b},seed={_seed(random)}"


def _uniform(size: int, random: Random) -> str:
    return f"uniform:{size},{size},{between(0.8, 16, random):.2f},seed={_seed(random)}"


def _sparse(size: int, random: Random) -> str:
    """Most rows are empty."""
    return f"uniform:{size},{size},{between(0.1, 0.8, random):.2f},seed={_seed(random)}"


def _power_law(size: int, random: Random) -> str:
    edges, exponent = _entries(size, 1.5, 10, random), round(random.uniform(1.9, 3.0), 2)
    return f"powerlaw:{size},{edges},{exponent},seed={_seed(random)}"


def _banded(size: int, random: Random) -> str:
    return f"banded:{size},{round(between(1, 12, random))},seed={_seed(random)}"


def _blocks(size: int, random: Random) -> str:
    side = round(between(2, 24, random))
    return f"blocks:{max(1, size // side)},{side},seed={_seed(random)}"


def _poisson2d(size: int, random: Random) -> str:
    return f"poisson2d:{int(size**0.5) - random.randrange(2)},seed={_seed(random)}"


def _poisson3d(size: int, random: Random) -> str:
    return f"poisson3d:{round(size ** (1 / 3)) - random.randrange(2)},seed={_seed(random)}"


def _dense_row(size: int, random: Random) -> str:
    return f"{random.choice(('denserow', 'densecolumn'))}:{size - random.randrange(size // 4)},seed={_seed(random)}"


def _shuffled(size: int, random: Random) -> str:
    """A mesh whose points have names that say nothing of where they are."""
    return f"{_poisson2d(size, random)},permute=true"


def _small_world(size: int, random: Random) -> str:
    return f"smallworld:{size},{random.randint(2, 5)},{between(0.2, 4, random):.2f},seed={_seed(random)}"


def _hubs(size: int, random: Random) -> str:
    """A few rows hold most entries."""
    edges, exponent = _entries(size, 1, 4, random), round(random.uniform(1.5, 1.9), 2)
    return f"powerlaw:{size},{edges},{exponent},seed={_seed(random)}"


def _thin(size: int, random: Random) -> str:
    """Three entries in a row, seldom one more far away."""
    return f"smallworld:{size},1,{between(0.01, 0.3, random):.3f},seed={_seed(random)}"


def _dense(size: int, random: Random) -> str:
    """Rows of many multiply-adds: so many for each row that the product stays in bounds."""
    per_row = (between(100_000, 600_000, random) / size) ** 0.5
    return f"uniform:{size},{size},{per_row:.2f},seed={_seed(random)}"


def _scale(size: int) -> int:
    return round(log(size, 2))


def _entries(size: int, low: float, high: float, random: Random) -> int:
    """So many for each row."""
    return round(size * between(low, high, random))


FAMILIES: Mapping[str, Callable[[int, Random], str]] = {
    "rmat": _rmat,
    "rmat-permuted": _permuted,
    "rmat-mild": _mild,
    "uniform": _uniform,
    "sparse": _sparse,
    "power-law": _power_law,
    "banded": _banded,
    "blocks": _blocks,
    "poisson2d": _poisson2d,
    "poisson3d": _poisson3d,
    "dense-row": _dense_row,
    "shuffled": _shuffled,
    "small-world": _small_world,
    "hubs": _hubs,
    "thin": _thin,
    "dense": _dense,
}
"""Every family, by name."""
