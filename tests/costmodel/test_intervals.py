"""Intervals: nine in ten of what groups never seen before bring, though errors within a group are alike; more, the farther from home."""

from __future__ import annotations

import numpy as np

from costmodel.features.streams import Floats
from costmodel.models.expert import scale_of
from costmodel.models.intervals import FIRST_ABROAD, Evidence, calibrate
from costmodel.models.neighbours import learn_neighbours

GROUPS, ROWS = 60, 10
HERE = np.zeros(GROUPS * ROWS)


def errors_of(random: np.random.Generator, groups: int, size: float = 1.0) -> tuple[Floats, Floats]:
    """Columns by which every group can be told from all others, and errors that are nearly the same in each group."""
    own = random.normal(size=(groups, 6))
    matrix = np.repeat(own, ROWS, axis=0) + 0.01 * random.normal(size=(groups * ROWS, 6))
    shared = np.repeat(np.abs(random.normal(size=groups)), ROWS)
    wide = np.exp(0.5 * matrix[:, 0])
    return matrix, size * wide * shared * random.uniform(0.8, 1.2, groups * ROWS)


def named(count: int) -> tuple[str, ...]:
    """Groups of rows that stand together."""
    return tuple(f"g{at // ROWS}" for at in range(count))


def test_groups_that_were_never_seen_are_covered() -> None:
    random = np.random.default_rng(5)
    matrix, near = errors_of(random, GROUPS)
    evidence = Evidence(near, HERE, HERE, named(len(matrix)))
    found = calibrate(matrix, evidence, evidence, (), 0.02, seed=1)
    others, errors = errors_of(random, 400)
    assert 0.85 < np.mean(errors <= found.bands[0] * scale_of(found.size.predict(others))) < 0.95


def test_what_is_foreign_has_wider_intervals() -> None:
    matrix, near = errors_of(np.random.default_rng(6), GROUPS)
    names, abroad = named(len(matrix)), np.full(len(matrix), 2.0)
    sides = Evidence(near, HERE, HERE, names), Evidence(5 * near, abroad, HERE, names)
    found = calibrate(matrix, *sides, (), 0.02, seed=1)
    assert found.steps[:FIRST_ABROAD] == (0.0, 0.0)
    assert found.steps[FIRST_ABROAD] > 1.2 * calibrate(matrix, sides[0], sides[0], (), 0.02, seed=1).bands[0]
    assert calibrate(matrix, *sides, (), 0.02, seed=1) == found


def test_without_families_kernels_alone_decide() -> None:
    matrix, near = errors_of(np.random.default_rng(7), 6)
    names, here = named(len(matrix)), np.zeros(len(matrix))
    nothing = Evidence(np.full(len(matrix), np.nan), np.full(len(matrix), np.nan), here, names)
    found = calibrate(matrix, Evidence(near, here, here, names), nothing, (), 0.02, seed=1)
    assert found.bands[0] > 0
    assert found.least == 0


def test_families_widen_what_is_far_and_leave_what_is_near() -> None:
    """Errors of families are ten times those of kernels, and lie farther off: near by nine in ten of the kernels', far of the families'."""
    random = np.random.default_rng(8)
    matrix, near = errors_of(random, GROUPS)
    names, near_by, far_off = named(len(matrix)), random.uniform(0, 1, len(matrix)), random.uniform(1, 2, len(matrix))
    far = Evidence(10 * near, HERE, far_off, tuple(f"f{at // (6 * ROWS)}" for at in range(len(matrix))))
    found = calibrate(matrix, Evidence(near, HERE, near_by, names), far, (0.3, 0.6, 1.0), 0.02, seed=1)
    assert found.bands[0] <= found.bands[1] <= found.bands[2]
    others, errors = errors_of(random, 400)
    size = scale_of(found.size.predict(others))
    assert 0.85 < np.mean(errors <= found.bands[0] * size) < 0.97
    assert 0.85 < np.mean(10 * errors <= np.maximum(found.bands[2] * size, found.least)) < 0.95
    assert np.mean(10 * errors <= found.bands[2] * size) < 0.5


def test_neighbours_are_found_by_what_kernels_share() -> None:
    """Families lie ten apart, kernels one; schedules and machines vary as much and are no part of it, nor are words."""
    random = np.random.default_rng(9)
    kernels = [f"k{at // ROWS}" for at in range(len(HERE))]
    families = [f"f{at // (6 * ROWS)}" for at in range(len(HERE))]
    place = np.repeat(np.arange(GROUPS // 6) * 10.0, 6 * ROWS) + np.repeat(np.tile(np.arange(6.0), GROUPS // 6), ROWS)
    word = np.repeat(np.arange(GROUPS) % 2, ROWS).astype(np.float64)
    schedule, machine = random.normal(size=len(HERE)), np.repeat(random.normal(size=GROUPS), ROWS)
    matrix = np.column_stack([place, schedule, machine, word])
    names = ["shape.rows", "threads", "machine.banks", "form=f32"]
    found = learn_neighbours(matrix, names, kernels, families, seed=1)
    assert found is not None
    np.testing.assert_allclose(found.near * place.reshape(GROUPS, ROWS)[:, 0].std(), 1.0, atol=1e-4)
    assert found.far.min() * place.std() > 4.9
    new = np.array([matrix[0], [2000.0, 0.0, 0.0, 1.0]])
    assert found.neighbours.bands(new).tolist() == [0, len(found.neighbours.edges)]


def test_kernels_with_nothing_of_their_own_have_no_neighbours() -> None:
    matrix = np.random.default_rng(10).normal(size=(40, 3))
    assert learn_neighbours(matrix, ["a", "b", "c"], [f"k{at // 10}" for at in range(40)], ["f"] * 40, seed=1) is None
    assert learn_neighbours(np.ones((40, 1)), ["a"], [f"k{at}" for at in range(40)], ["f"] * 40, seed=1) is None
