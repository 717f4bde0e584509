"""Intervals: nine in ten of what groups never seen before bring, though errors within a group are alike."""

from __future__ import annotations

import numpy as np

from costmodel.features.streams import Floats
from costmodel.models.expert import scale_of
from costmodel.models.intervals import Evidence, calibrate

GROUPS, ROWS = 60, 10


def errors_of(random: np.random.Generator, groups: int, size: float = 1.0) -> tuple[Floats, Floats]:
    """Columns by which every group can be told from all others, and errors that are nearly the same in each group."""
    own = random.normal(size=(groups, 6))
    matrix = np.repeat(own, ROWS, axis=0) + 0.01 * random.normal(size=(groups * ROWS, 6))
    shared = np.repeat(np.abs(random.normal(size=groups)), ROWS)
    wide = np.exp(0.5 * matrix[:, 0])
    return matrix, size * wide * shared * random.uniform(0.8, 1.2, groups * ROWS)


def test_groups_that_were_never_seen_are_covered() -> None:
    random = np.random.default_rng(5)
    matrix, near = errors_of(random, GROUPS)
    names = tuple(f"g{at // ROWS}" for at in range(len(matrix)))
    scores = np.full(len(matrix), 0.5)
    scale, widths = calibrate(matrix, Evidence(near, scores, names), Evidence(near, scores, names), 0.02, seed=1)
    others, errors = errors_of(random, 400)
    assert 0.85 < np.mean(errors <= widths[0] * scale_of(scale.predict(others))) < 0.95


def test_what_is_foreign_has_wider_intervals() -> None:
    random = np.random.default_rng(6)
    matrix, near = errors_of(random, GROUPS)
    names = tuple(f"g{at // ROWS}" for at in range(len(matrix)))
    home, abroad = np.full(len(matrix), 0.5), np.full(len(matrix), 2.0)
    scale, widths = calibrate(matrix, Evidence(near, home, names), Evidence(5 * near, abroad, names), 0.02, seed=1)
    assert widths[1] == widths[2] > 2 * widths[0]
    assert calibrate(matrix, Evidence(near, home, names), Evidence(5 * near, abroad, names), 0.02, 1) == (scale, widths)


def test_without_families_kernels_alone_decide() -> None:
    matrix, near = errors_of(np.random.default_rng(7), 6)
    names, home = tuple(f"g{at // ROWS}" for at in range(len(matrix))), np.full(len(matrix), 0.5)
    nothing = Evidence(np.full(len(matrix), np.nan), np.full(len(matrix), np.nan), names)
    _, widths = calibrate(matrix, Evidence(near, home, names), nothing, 0.02, seed=1)
    assert 0 < widths[0] == widths[3]
