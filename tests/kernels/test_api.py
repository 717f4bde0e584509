"""Kernels from Python: called on SciPy matrices, they give SciPy's result or a reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from cpu_kernels import needs_cc
from plain_target import PlainTarget

import compiler.kernels as kernels
from compiler.codes import Code
from compiler.diagnostics import CompileError, InternalError
from compiler.dialects.schedules.piuma import SMASH_V3
from compiler.dialects.spgemm_kernel import KernelForm, Kind
from compiler.dialects.spgemm_types import Element, Semiring
from compiler.targets import memory
from compiler.targets.expected import check_integers, disagreement, expected
from compiler.targets.operands import Operands
from compiler.targets.target import Compiled, Progress, Result
from runtime.sparse import generators
from runtime.sparse.containers import Csr

sparse: Any = scipy.sparse
FOLDER = Path(__file__).parents[2] / "examples" / "kernels"
A = generators.rmat(6, 200).to_scipy()
EXAMPLES = sorted(each for each in FOLDER.glob("*.mlir") if each.stem != "spgemm_f32")


def operands_for(name: str) -> list[Any]:
    dense = np.linspace(0, 1, 64 * 3).reshape(64, 3)
    return {"spmv": [A, dense[:, 0]], "spmm": [A, dense], "sddmm": [A, dense, dense.T]}.get(
        name, [A, A] if name.startswith("spgemm") or name == "upstream" else [A]
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_runs(example: Path) -> None:
    program = kernels.compile(example, PlainTarget())
    run = program.run(*operands_for(example.stem))
    kernels.verify(run)
    assert run.choice is None or run.choice.candidates == 6


def test_a_product_is_a_scipy_array() -> None:
    product = kernels.compile(str(FOLDER / "spgemm.mlir"), PlainTarget(), schedule="smash-v3")
    c = product(A, A)
    assert isinstance(c, sparse.csr_array)
    assert abs(c - A @ A).max() < 1e-12
    assert product.run(A, A).schedule == SMASH_V3


def test_a_files_own_schedule_is_obeyed() -> None:
    assert kernels.compile(FOLDER / "spgemm_smash_v3.mlir", PlainTarget()).run(A, A).schedule == SMASH_V3


def test_each_schedule_is_lowered_once() -> None:
    program = kernels.compile(FOLDER / "spgemm.mlir", PlainTarget())
    assert program.run(A, A).compiled is program.run(A, A).compiled


def code_of(kernel: str = "spgemm.mlir", target: Any = None, schedule: str | None = None) -> Code:
    with pytest.raises(CompileError) as caught:
        kernels.compile(FOLDER / kernel, target or PlainTarget(), schedule)
    return caught.value.diagnostics[0].code


def test_what_is_refused() -> None:
    assert code_of(target="gpu") is Code.KERNEL_FORM
    assert code_of(kernel="spgemm_f32.mlir") is Code.KERNEL_FORM
    assert code_of(schedule="smash-v3, window_log2 = 24") is Code.SCHEDULE_SPACE
    assert code_of(schedule="smash-v3, threads = 100") is Code.SCHEDULE_ILLEGAL
    assert code_of(schedule="nope") is Code.SCHEDULE_SYNTAX
    assert code_of(kernel="missing.mlir") is Code.INPUT_UNREADABLE


class Wrong(PlainTarget):
    """A target with a fault."""

    def run(self, compiled: Compiled, operands: Operands, progress: Progress) -> Result:
        found = super().run(compiled, operands, progress)
        assert isinstance(found.matrix, Csr)
        found.matrix.values[3] *= 1 + 1e-9
        return found


def test_a_wrong_result_is_noticed() -> None:
    run = kernels.compile(FOLDER / "spgemm.mlir", Wrong()).run(A, A)
    with pytest.raises(InternalError, match="entry 3 is "):
        kernels.verify(run)


def test_rounding_is_no_fault_but_cancellation_is_allowed_for() -> None:
    a = sparse.csr_array(np.array([[1e8, 1.0, -1e8]]))
    b = sparse.csr_array(np.array([[1.0], [1e-3], [1.0]]))
    operands = Operands.of(KernelForm(), [a, b])
    wanted = expected(operands)
    assert isinstance(wanted, Csr)
    off = Csr(wanted.shape, wanted.row_pointers, wanted.indices, wanted.values + 1e-8)
    assert disagreement(off, wanted, operands) is None
    further = Csr(wanted.shape, wanted.row_pointers, wanted.indices, wanted.values + 1e-3)
    assert disagreement(further, wanted, operands) is not None


def ints(values: Any, element: Element, semiring: Semiring = Semiring.PLUS_TIMES) -> Operands:
    matrix = sparse.csr_array(np.array(values))
    return Operands.of(KernelForm(element=element, semiring=semiring), [matrix, matrix])


@pytest.mark.parametrize(
    ("values", "element", "refused"),
    [
        ([[100]], Element.I8, True),
        ([[11]], Element.I8, False),
        ([[1 << 16]], Element.I32, True),
        ([[1 << 15, 1 << 15], [1 << 15, 1 << 15]], Element.I32, True),
        ([[1 << 15, 0], [0, 1 << 15]], Element.I32, False),
        ([[1 << 16]], Element.I64, False),
    ],
)
def test_integers_that_may_overflow_are_refused(values: list[list[int]], element: Element, refused: bool) -> None:
    operands = ints(values, element)
    if not refused:
        check_integers(operands)
        return
    with pytest.raises(CompileError) as caught:
        check_integers(operands)
    assert caught.value.diagnostics[0].code is Code.RESULT_OVERFLOW


def test_more_entries_than_32_bits_count_are_refused_for_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """2**32 entries from 2**17: counted in 64 bits, so neither wrapped nor begun."""
    monkeypatch.setattr(memory, "available", lambda: 8 << 30)
    column = sparse.csr_array(np.ones((1 << 16, 1)))
    for target in ("cpu", "rust"):
        with pytest.raises(CompileError) as caught:
            kernels.compile(FOLDER / "spgemm.mlir", target).run(column, sparse.csr_array(column.T))
        (found,) = caught.value.diagnostics
        assert found.code is Code.MEMORY and "may take 48.0 GiB of memory" in found.message


def test_other_semirings_overflow_otherwise() -> None:
    check_integers(ints([[63]], Element.I8, Semiring.MIN_PLUS))
    with pytest.raises(CompileError):
        check_integers(ints([[64]], Element.I8, Semiring.MIN_PLUS))
    check_integers(ints([[127]], Element.I8, Semiring.PLUS_PAIR))


@pytest.mark.parametrize("element", [Element.I32, Element.F32, Element.I64])
@pytest.mark.parametrize("kind", [Kind.SPGEMM, Kind.SPMV])
def test_any_element_has_an_oracle(element: Element, kind: Kind) -> None:
    a = sparse.csr_array((A != 0).astype(np.int64) * 3)
    operands = Operands.of(KernelForm(kind, element=element), [a, a if kind is Kind.SPGEMM else np.arange(64)])
    check_integers(operands)
    found = expected(operands)
    values = found.values if isinstance(found, Csr) else found
    assert values.dtype == operands.a.values.dtype
    assert disagreement(found, found, operands) is None


@needs_cc
def test_seconds_are_the_least_of_a_few_calls() -> None:
    program = kernels.compile(FOLDER / "spgemm.mlir", "cpu")
    a = generators.rmat(6, 300)
    first = program.run(a, a)
    again = program.again(first)
    assert first.calls == 1 and again.calls > 1
    assert first.result.seconds is not None and again.result.seconds is not None
    assert again.result.seconds <= first.result.seconds
    assert again.result.matrix is first.result.matrix


def test_cycles_need_no_second_call() -> None:
    run = kernels.compile(FOLDER / "spgemm.mlir", "piuma", "smash-v3").run(A, A)
    assert kernels.compile(FOLDER / "spgemm.mlir", "piuma").again(run) is run
