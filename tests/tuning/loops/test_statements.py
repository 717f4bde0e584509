"""Reading the line that says what a nest computes."""

import pytest

from compiler.tuning.loops.statements import Access, Affine, Compute, Operation, read_nest


def test_a_product_reads_as_an_update() -> None:
    nest = read_nest("i j k: C[i, j] += A[i, k] * B[k, j]")
    i, j, k = (Affine.iterator(name) for name in "ijk")
    product = Compute(Operation.MULTIPLY, (Access("A", (i, k)), Access("B", (k, j))))
    assert nest.target == Access("C", (i, j))
    assert nest.value == Compute(Operation.ADD, (Access("C", (i, j)), product))
    assert nest.reductions() == {"k"}


def test_subscripts_are_affine() -> None:
    nest = read_nest("i r: y[i] = x[2 * i + r - 1]")
    *_, read = nest.accesses()
    assert read.index == (Affine.of({"i": 2, "r": 1}, -1),)
    assert read.shifted({"i": 3, "r": 1}).index == (Affine.of({"i": 2, "r": 1}, 6),)


def test_limits_are_what_is_at_least_zero() -> None:
    nest = read_nest("i j if j < i and i <= j + 4: y[i] += x[j]")
    assert nest.limits == (Affine.of({"i": 1, "j": -1}, -1), Affine.of({"i": -1, "j": 1}, 4))


@pytest.mark.parametrize(
    "line",
    [
        "i: y[i] = x[j]",
        "i: y[i] = y[i + 1]",
        "i: y[i] = x[i * i]",
        "i: y[i] = x[i] if i else 0",
        "i if i == 3: y[i] = x[i]",
        "i: y[i] -= x[i]",
    ],
)
def test_what_is_no_nest_is_refused(line: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        read_nest(line)
