"""Memory that is kept: handed out again only when nothing refers to it, never more than a bound."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from cpu_kernels import compiled, needs_cc

from compiler.dialects.schedules.cpu import CpuSchedule
from compiler.targets import kept_memory
from compiler.targets.cpu import prepared
from compiler.targets.cpu_product import compressed
from runtime.sparse import generators

REAL, MANY = np.dtype(np.float64), 1 << 18
KIND = "!spgemm.matrix<csr, ?x?xf64, i32>"
PRODUCT = f"""
func.func @product(%a: {KIND}, %b: {KIND}) -> {KIND} {{
  %c = spgemm.spgemm %a, %b : {KIND}, {KIND} -> {KIND}
  func.return %c : {KIND}
}}
"""


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    gc.collect()
    kept_memory.release()
    yield
    kept_memory.release()


def place(array: Any) -> int:
    return array.__array_interface__["data"][0]


def test_memory_comes_back_when_the_last_view_is_gone() -> None:
    array = kept_memory.empty(MANY, REAL)
    at, part = place(array), array[5:9]
    del array
    assert place(kept_memory.empty(MANY, REAL)) != at
    kept_memory.release()
    part[:] = 7
    assert part.sum() == 28
    del part
    assert place(kept_memory.empty(MANY, REAL)) == at


def test_arrays_are_like_any_other() -> None:
    array = kept_memory.empty(MANY, REAL)
    array[:] = np.arange(MANY)
    assert array.flags.writeable and array.flags.c_contiguous and array.dtype == REAL
    assert np.array_equal(array.copy(), np.arange(MANY))
    assert kept_memory.empty(3, REAL).size == 3 and kept_memory.empty(0, REAL).size == 0


def test_what_lies_behind_goes_back() -> None:
    array = kept_memory.empty(MANY, REAL)
    array[:] = 1
    del array
    again = kept_memory.empty(MANY, REAL)
    again[:100] = 2
    part = kept_memory.trimmed(again, 90, slack=10)
    assert again[99] == 2 and again[-1] == 0
    assert part.size == 90 and place(part) == place(again) and not isinstance(part.base, np.ndarray)
    assert kept_memory.trimmed(np.empty(3), 1).size == 1
    at = place(again)
    del again
    assert place(kept_memory.empty(MANY, REAL)) != at
    kept_memory.release()
    del part
    assert place(kept_memory.empty(MANY, REAL)) == at


def test_no_more_is_kept_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_memory, "KEPT_BYTES", 5 * MANY * 8)
    arrays = [kept_memory.empty(MANY, REAL) for _ in range(9)]
    places = [place(each) for each in arrays]
    while arrays:
        arrays.pop(0)
    later = [kept_memory.empty(MANY, REAL) for _ in range(5)]
    assert {place(each) for each in later} >= set(places[-4:])
    assert kept_memory.kept_bytes() == 0


def test_a_block_far_too_large_is_left() -> None:
    at = place(kept_memory.empty(16 * MANY, REAL))
    assert place(kept_memory.empty(MANY, REAL)) != at


def test_threads_never_share_a_block() -> None:
    def work(number: int) -> bool:
        good = True
        for _ in range(50):
            array = kept_memory.empty(MANY // 8, REAL)
            array[:] = number
            good &= bool((array == number).all())
        return good

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))


@needs_cc
@pytest.mark.parametrize("threads", [1, 2])
def test_results_of_a_product_stay_apart(threads: int) -> None:
    a = compressed(generators.rmat(10, 12_000))
    product = prepared(compiled(PRODUCT, CpuSchedule(threads=threads)))
    first = product(a, a)
    copies = [each.copy() for each in first]
    second = product(a, a)
    assert not any(np.shares_memory(x, y) for x, y in zip(first, second, strict=True))
    doubled = a._replace(values=2 * a.values)
    third = product(doubled, a)
    assert all(np.array_equal(x, y) for x, y in zip(first, copies, strict=True))
    at = place(second[2])
    del second
    assert np.allclose(third[2], 2 * copies[2])
    assert place(product(a, a)[2]) == at
