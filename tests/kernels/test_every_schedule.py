"""Every schedule of every target computes every kernel it claims, on matrices of every shape: SciPy's result, exactly in pattern."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import compiler.kernels as kernels
from compiler.diagnostics import CompileError
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.targets.operands import is_dense, names_of, numpy_type
from compiler.targets.registry import TARGETS, target_of
from runtime.sparse import generators
from runtime.sparse.containers import Csr
from runtime.sparse.generators import uniform

pytestmark = pytest.mark.usefixtures("in_a_hurry")
FOLDER = Path(__file__).parents[2] / "examples" / "kernels"
ANOTHER_SPELLING = {"spgemm_smash_v3": "spgemm", "upstream": "spgemm"}
"""Examples that say what another one says: nothing of theirs is left in what is lowered."""
EXAMPLES = sorted(each.stem for each in FOLDER.glob("*.mlir") if each.stem not in ANOTHER_SPELLING)


def square(matrix: Callable[[], Csr]) -> Callable[[], tuple[Csr, Csr]]:
    def pair() -> tuple[Csr, Csr]:
        return matrix(), matrix()

    return pair


PAIRS: dict[str, Callable[[], tuple[Csr, Csr]]] = {
    "rmat": square(lambda: generators.rmat(6, 300)),
    "poisson2d": square(lambda: generators.poisson2d(8)),
    "poisson3d": square(lambda: generators.poisson3d(4)),
    "banded": square(lambda: generators.banded(60, 3)),
    "blocks": square(lambda: generators.block_diagonal(6, 8)),
    "power law": square(lambda: generators.power_law(64, 300)),
    "one dense row": square(lambda: generators.dense_row(70)),
    "one dense column": square(lambda: generators.dense_column(70)),
    "row and column": lambda: (generators.dense_column(40), generators.dense_row(40)),
    "empty rows": lambda: (uniform(60, 30, 0.4, seed=3), uniform(30, 50, 3, seed=4)),
    "no entry": square(lambda: generators.empty(9, 9)),
    "no entry in B": lambda: (uniform(9, 5, 2), generators.empty(5, 4)),
    "1 x N": lambda: (uniform(1, 50, 9), uniform(50, 70, 4, seed=2)),
    "N x 1": lambda: (uniform(50, 1, 1), uniform(1, 40, 20, seed=2)),
    "1 x 1": square(lambda: uniform(1, 1, 1)),
    "tall": lambda: (uniform(90, 5, 2), uniform(5, 90, 9, seed=2)),
    "zeros that are stored": lambda: (cancelling(), cancelling()),
}


def cancelling() -> Csr:
    """Sums that come out as zero stay entries: the pattern is structural."""
    a = uniform(30, 30, 3, seed=5)
    return Csr(a.shape, a.row_pointers, a.indices, np.where(np.arange(a.nnz) % 2, 1.0, -1.0))


SCHEDULES = [(name, schedule) for name in TARGETS for schedule in target_of(name).named()]
OF_PRODUCTS = [
    (name, schedule)
    for name, schedule in SCHEDULES
    if target_of(name).legal(target_of(name).named()[schedule], KernelForm(), None) is None
]


@cache
def program(kernel: str, target: str, schedule: str) -> kernels.Program:
    """One lowering for all matrices."""
    return kernels.compile(FOLDER / f"{kernel}.mlir", target, schedule)


def test_there_are_schedules() -> None:
    assert ("piuma", "smash-v3") in OF_PRODUCTS


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(("target", "schedule"), OF_PRODUCTS, ids=[" ".join(each) for each in OF_PRODUCTS])
def test_every_matrix(target: str, schedule: str, pair: str) -> None:
    kernels.verify(program("spgemm", target, schedule).run(*PAIRS[pair]()))


@pytest.mark.parametrize("kernel", ANOTHER_SPELLING)
@pytest.mark.parametrize("target", TARGETS)
def test_another_spelling_is_lowered_alike(target: str, kernel: str) -> None:
    schedule = next(name for where, name in OF_PRODUCTS if where == target)
    spelled, plain = program(kernel, target, schedule), program(ANOTHER_SPELLING[kernel], target, schedule)
    assert spelled.kernel.form == plain.kernel.form
    kernels.verify(spelled.run(*PAIRS["rmat"]()))


@pytest.mark.parametrize("kernel", EXAMPLES)
@pytest.mark.parametrize(("target", "schedule"), SCHEDULES, ids=[" ".join(each) for each in SCHEDULES])
def test_every_kernel_form(target: str, schedule: str, kernel: str) -> None:
    """A schedule that does not apply to a form says so; one that does is right."""
    try:
        compiled = program(kernel, target, schedule)
    except CompileError as error:
        assert error.diagnostics[0].code.number in ("C0602", "C0611")
        return
    form = compiled.kernel.form
    a = generators.rmat(5, 90)
    whole = np.ceil(a.values * 3) if not form.element.is_float else a.values
    matrix = Csr(a.shape, a.row_pointers, a.indices, whole)
    shapes = {"x": (32,), "X": (32, 5), "Y": (5, 32)}
    given = [
        np.linspace(1, 2, int(np.prod(shapes[name]))).reshape(shapes[name]).astype(numpy_type(form.element))
        if is_dense(form, name)
        else matrix
        for name in names_of(form)
    ]
    kernels.verify(compiled.run_operands(kernels.Operands.of(form, given)))


@pytest.mark.parametrize("target", TARGETS)
def test_the_chosen_schedule_is_right_too(target: str) -> None:
    chosen = kernels.compile(FOLDER / "spgemm.mlir", target)
    for pair in ("rmat", "poisson2d", "no entry"):
        run = chosen.run(*PAIRS[pair]())
        kernels.verify(run)
        assert run.choice is not None
