"""The traffic account against published numbers and against its own limits."""

from __future__ import annotations

import pytest

from runtime.bounds import SpgemmShape, Work, bounds, roofline, spgemm_work
from runtime.machine import Machine
from runtime.reference import spgemm
from runtime.sparse import generators
from runtime.sparse.containers import multiplications
from runtime.traffic import outer_product, row_wise

PUBLISHED = {
    # matrix: entries, entries of A * A, multiply-adds, OuterSPACE's traffic over compulsory (TeAAL, MICRO'23)
    "wiki-Vote": (103_689, 1_831_112, 4_542_805, 5.6),
    "ca-CondMat": (182_572, 2_348_875, 4_102_404, 4.0),
    "email-Enron": (367_664, 30_492_156, 51_501_450, 4.3),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_outer_product_as_published(name: str) -> None:
    nnz, product, fmas, ratio = PUBLISHED[name]
    shape = SpgemmShape(nnz, nnz, product, fmas)
    assert outer_product(shape).over(shape, 12) == pytest.approx(ratio, rel=0.04)


def test_row_wise_lies_between_no_reuse_and_full_reuse() -> None:
    a = generators.rmat(9, 4000)
    shape = SpgemmShape(a.nnz, a.nnz, spgemm(a, a).nnz, multiplications(a, a))
    totals = [row_wise(a, a, shape.nnz_c, cache).total for cache in (1, 1 << 12, 1 << 14, 1 << 30)]
    assert totals == sorted(totals, reverse=True)
    assert totals[0] == pytest.approx(shape.gustavson_bytes(), rel=0.1)
    assert totals[-1] <= shape.compulsory_bytes()


def test_bounds_of_a_product() -> None:
    """25.6 bytes per cycle and 4 instructions per cycle decide, depending on instructions per multiply-add."""
    m = Machine(blocks=1)
    shape = SpgemmShape(1000, 1000, 50_000, 100_000)
    lean, fat = (bounds(m, spgemm_work(shape, per_fma))[0] for per_fma in (1, 25))
    assert (lean.resource, lean.cycles) == ("DRAM bandwidth", pytest.approx(12 * 151_000 / 25.6))
    assert (fat.resource, fat.cycles) == ("issue slots", pytest.approx(25 * 100_000 / 4))
    assert roofline(m, Work()) == 0
