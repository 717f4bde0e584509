"""Kernels as safe Rust compute what the reference says, by every schedule, and their text pleases rustc and clippy."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rust
from cpu_kernels import assert_equal, compiled, computed
from sparse_kernels import MATRICES, dense_text, restricted, small, text

from compiler.dialects.schedules.rust import NAMED, RustSchedule
from compiler.targets.rust import Rust
from compiler.targets.target import Compiled
from runtime import reference
from runtime.sparse import generators
from runtime.sparse.containers import Csr

pytestmark = pytest.mark.usefixtures("in_a_hurry")
needs_rustc = pytest.mark.skipif(shutil.which("rustc") is None, reason="there is no rustc")
SCHEDULES = {**NAMED, "tiny-32": RustSchedule(tiny=32, words=True, summary=True), "chunks": RustSchedule(chunk_log2=7)}


@cache
def product(schedule: RustSchedule, kernel_text: str) -> Compiled:
    return compiled(kernel_text, schedule, Rust())


def found(kernel: Compiled, *operands: Any) -> Any:
    return computed(kernel, operands, Rust()).matrix


@needs_rustc
@pytest.mark.parametrize("name", SCHEDULES)
def test_products_equal_the_reference(name: str) -> None:
    for make in MATRICES.values():
        a = make()
        b = a if a.shape[0] == a.shape[1] else a.transpose()
        assert_equal(found(product(SCHEDULES[name], text()), a, b), reference.spgemm(a, b))


@needs_rustc
def test_rectangular_operands() -> None:
    for rows, inner, columns in ((1, 30, 7), (30, 1, 30), (7, 100, 1000), (200, 3, 1)):
        a, b = generators.uniform(rows, inner, 2), generators.uniform(inner, columns, 9)
        assert_equal(found(product(RustSchedule(), text()), a, b), reference.spgemm(a, b))


@needs_rustc
@pytest.mark.parametrize(
    ("element", "semiring"),
    [("f32", "plus_times"), ("f64", "min_plus"), ("i64", "plus_pair"), ("i16", "min_plus"), ("i8", "plus_times")],
)
def test_semirings_and_elements(element: str, semiring: str) -> None:
    a, b = small(element, 1), small(element, 2)
    expected = reference.spgemm(a, b, reference.Semiring(semiring.replace("_", "-")))
    computed_there = found(product(NAMED["hash"], text(element, clauses=f"semiring({semiring})")), a, b)
    assert computed_there.values.dtype == a.values.dtype
    assert_equal(computed_there, expected, 1e-5 if element == "f32" else 1e-12)


@needs_rustc
def test_reachability_with_wide_indices() -> None:
    a, b = small("i1", 1), small("i1", 2)
    kernel = product(RustSchedule(), text("i1", "i64", clauses="semiring(or_and)"))
    assert_equal(found(kernel, a, b), reference.spgemm(a, b, reference.Semiring.OR_AND))


@needs_rustc
@pytest.mark.parametrize("word", ["", "complement "])
def test_masks(word: str) -> None:
    a, mask = generators.rmat(7, 700), generators.uniform(128, 128, 9, seed=5)
    wanted = restricted(reference.spgemm(a, a), mask, inside=not word)
    assert_equal(found(product(RustSchedule(), text(clauses=f"mask({word}%m)", more=1)), a, a, mask), wanted)


@needs_rustc
def test_accumulation() -> None:
    a, more = generators.rmat(7, 700), generators.banded(128, 2)
    wanted = Csr.of(reference.spgemm(a, a).to_scipy() + more.to_scipy())
    assert_equal(found(product(RustSchedule(), text(clauses="accumulate(%m)", more=1)), a, a, more), wanted)


@needs_rustc
def test_products_with_dense_operands() -> None:
    a = generators.uniform(50, 40, 5)
    numbers = np.random.default_rng(1)
    x, left, right = numbers.random((40, 6)), numbers.random((50, 7)), numbers.random((7, 40))
    plain = a.to_scipy()
    assert np.allclose(found(product(RustSchedule(), dense_text("spmv")), a, x[:, 0]), plain @ x[:, 0], rtol=1e-12)
    assert np.allclose(found(product(RustSchedule(), dense_text("spmm")), a, x), plain @ x, rtol=1e-12)
    sampled = found(product(RustSchedule(), dense_text("sddmm")), a, left, right).to_scipy().toarray()
    assert np.allclose(sampled, plain.toarray() * (left @ right), rtol=1e-12)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = {name: product(schedule, text()).text for name, schedule in SCHEDULES.items()}
    texts = {name.replace("-", "_"): each for name, each in texts.items()}
    for kind in ("spmv", "spmm", "sddmm"):
        texts[kind] = product(RustSchedule(), dense_text(kind)).text
    assert all(each.startswith("#![forbid(unsafe_code)]") for each in texts.values())
    return rust.write_package(tmp_path_factory.mktemp("kernels"), texts)


def test_rustc_and_clippy_are_silent(package: Path) -> None:
    rust.require("cargo", "cargo-clippy")
    rust.run_tool(["cargo", "clippy", "--offline", "--quiet", "--", "-D", "warnings"], package)


def test_rustfmt_changes_nothing(package: Path) -> None:
    rust.require("rustfmt")
    rust.run_tool(["rustfmt", "--check", "--edition", rust.EDITION, *rust.rust_files(package)], package)
