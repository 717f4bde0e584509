"""Safe Rust as a target: what applies, what is refused, what a panic becomes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from cpu_kernels import compiled
from sparse_kernels import dense_text, text

from compiler.cli import kcc
from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects.schedules.cpu import CpuSchedule
from compiler.dialects.schedules.rust import RustSchedule
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.targets import cpu, rust_library
from compiler.targets.cpu_product import compressed
from compiler.targets.measure import measure
from compiler.targets.operands import Operands
from compiler.targets.rust import Rust, prepared
from compiler.targets.rust_library import RustLibrary, signature
from runtime.sparse import generators
from runtime.sparse.containers import Csr

needs_rustc = pytest.mark.skipif(shutil.which("rustc") is None, reason="there is no rustc")


@pytest.mark.parametrize(
    ("schedule", "form", "reason"),
    [
        (RustSchedule(tiny=5), KernelForm(), "5 multiply-adds"),
        (RustSchedule(words=True), KernelForm(mask=Mask.STRUCTURAL), "mask"),
        (RustSchedule(words=True), KernelForm(Kind.SPMV), "how sparse rows are added up"),
    ],
)
def test_schedules_that_do_not_apply(schedule: RustSchedule, form: KernelForm, reason: str) -> None:
    found = Rust().legal(schedule, form, None)
    assert found is not None and reason in found.reason


def test_candidates_are_legal_and_distinct() -> None:
    a = generators.rmat(6, 200)
    for form in (KernelForm(), KernelForm(mask=Mask.COMPLEMENT), KernelForm(accumulate=True)):
        found = list(Rust().schedules(form, measure(Operands.of(KernelForm(), [a, a]))))
        assert len(set(found)) == len(found) > 3
        assert all(Rust().legal(each, form, None) is None for each in found)
    assert Rust().legal(RustSchedule(), KernelForm(Kind.SPMV), None) is None


def test_without_rustc_there_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUSTC", "no-such-compiler")
    rust_library.compiler.cache_clear()
    with pytest.raises(CompileError) as caught:
        prepared(compiled(text(), RustSchedule(tiny=0, chunk_log2=6), Rust()))
    assert caught.value.diagnostics[0].code is Code.NO_RUSTC
    rust_library.compiler.cache_clear()


@needs_rustc
def test_what_rustc_refuses_is_a_diagnostic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = tmp_path / "rustc"
    failing.write_text("#!/bin/sh\necho no such target >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setenv("RUSTC", str(failing))
    rust_library.compiler.cache_clear()
    with pytest.raises(CompileError, match="no such target"):
        prepared(compiled(text(), RustSchedule(tiny=0, chunk_log2=9), Rust()))
    rust_library.compiler.cache_clear()


@needs_rustc
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_c_and_rust_make_the_same_bits() -> None:
    """No C compiler fuses a multiplication with an addition; every schedule adds up in the order of A's row."""
    plain = generators.rmat(8, 2500)
    a = compressed(Csr(plain.shape, plain.row_pointers, plain.indices, np.random.default_rng(2).random(plain.nnz)))
    rust = prepared(compiled(text(), RustSchedule(), Rust()))(a, a)
    c = cpu.prepared(compiled(text(), CpuSchedule(threads=1)))(a, a)
    assert all(np.array_equal(one, other) for one, other in zip(rust, c, strict=True))


@needs_rustc
def test_an_access_outside_an_array_is_an_error_here() -> None:
    kernel = compiled(text(), RustSchedule(), Rust())
    library = RustLibrary.of(signature(kernel.module), kernel.text, rust_library.FLAGS)
    none = np.zeros(0, np.int64)
    arrays = dict.fromkeys(("a_pointers", "b_pointers", "row_work", "block_room"), none)
    known = {"rows": 1, "block_rows": 1, "blocks": 1, "columns": 1, "a_indices": np.zeros(0, np.int32)}
    with pytest.raises(IndexError, match="`plan`"):
        library.call("plan", known | arrays)


@needs_rustc
def test_the_command_runs_and_prints(capsys: pytest.CaptureFixture[str]) -> None:
    kernel = str(Path(__file__).parents[2] / "examples" / "kernels" / "spgemm.mlir")
    assert kcc.main([kernel, "--target", "rust", "--generate", "rmat:6,200", "--verify"]) == 0
    assert "equal to SciPy" in capsys.readouterr().out
    assert kcc.main([kernel, "--target", "rust", "--schedule", "window", "--emit=rust"]) == 0
    assert capsys.readouterr().out.startswith("#![forbid(unsafe_code)]")


GOLDENS = {"spmv": (dense_text("spmv"), RustSchedule()), "spgemm": (text(), RustSchedule(tiny=8))}


@pytest.mark.parametrize("name", GOLDENS)
def test_the_text(name: str, request: pytest.FixtureRequest) -> None:
    golden = Path(__file__).parent / f"{name}.rs"
    printed = compiled(*GOLDENS[name], Rust()).text
    if request.config.getoption("--bless"):
        golden.write_text(printed)
    assert printed == golden.read_text()
