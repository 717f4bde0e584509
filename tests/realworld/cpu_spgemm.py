"""A * A on this computer: kcc against SciPy, MKL, SuiteSparse:GraphBLAS and MLIR's sparsifier, in one interleaved run.

    python tests/realworld/cpu_spgemm.py [--matrices FOLDER] [--threads 2] [--seconds 2] [--only NAME,…] [--json FILE]

Every round calls each of them once, in another order, so that what else the machine does falls on all alike; shown is the
least of all rounds in milliseconds. kcc and the sorted peers give sorted rows. kcc's schedule is the one that its analytical model chooses from
the operands, before the rounds, as is what MLIR and MKL prepare; a call takes SciPy's arrays and gives SciPy's arrays. Every
result is given up before the next call, so that whoever keeps memory (kcc does, as NumPy's and MKL's allocators do) has it then.
With `--threads 1` it is processor time, which a machine that others use too falsifies less.
Peers that are not installed (`sparse_dot_mkl` and `mkl`, `python-graphblas`, `mlir-19-tools`) are shown as missing.
`FOLDER` has Matrix Market files; without it the generated matrices remain.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from mlir_sparsifier import Sparsifier, pointers_of

sparse: Any = scipy.sparse

REAL = (
    "4elt astro-ph bayer10 bcsstk13 bcsstk16 ca-CondMat cryg2500 email-Enron facebook_combined mbeacxc polblogs"
    " pyamg_local_disc_galerkin_diffusion wiki-Vote wing"
)
UNSORTED, SORTED = ("scipy", "mkl"), ("scipy-sorted", "mkl-sorted", "graphblas")
KERNEL = """
func.func @square(%a: !spgemm.matrix<csr, ?x?xf64, i32>) -> !spgemm.matrix<csr, ?x?xf64, i32> {
  %c = spgemm.spgemm %a, %a : !spgemm.matrix<csr, ?x?xf64, i32>, !spgemm.matrix<csr, ?x?xf64, i32>
    -> !spgemm.matrix<csr, ?x?xf64, i32>
  func.return %c : !spgemm.matrix<csr, ?x?xf64, i32>
}
"""

Call = Callable[[], Any]


def generated() -> dict[str, Callable[[], Any]]:
    """Seven matrices by rule."""
    from runtime.sparse import generators as g

    return {
        "smash16k": g.smash16k,
        "rmat15": lambda: g.rmat(15, 262_144),
        "poisson2d-512": lambda: g.poisson2d(512),
        "poisson3d-48": lambda: g.poisson3d(48),
        "uniform-64k-8": lambda: g.uniform(65_536, 65_536, 8),
        "banded-16k-16": lambda: g.banded(16_384, 16),
        "power-law-16k": lambda: g.power_law(16_384, 131_072),
    }


def matrices(folder: Path | None) -> Iterator[tuple[str, Any]]:
    """Names and matrices, as SciPy has them."""
    from runtime.sparse.files import read_matrix

    for name in REAL.split() if folder else []:
        assert folder is not None
        yield name, as_scipy(read_matrix(folder / f"{name}.mtx.gz"))
    for name, make in generated().items():
        yield name, as_scipy(make())


def as_scipy(matrix: Any) -> Any:
    parts = matrix.values.astype(np.float64), matrix.indices.astype(np.int32), matrix.row_pointers.astype(np.int32)
    return sparse.csr_array(parts, shape=matrix.shape)


# --- who computes ---------------------------------------------------------------------------------------------------------------


def kcc(a: Any, threads: int) -> tuple[Call, str]:
    """The kernel, compiled with the schedule that is chosen for the matrix; and that schedule."""
    import compiler.kernels as kernels
    from compiler.targets.cpu import Cpu, prepared
    from compiler.targets.cpu_product import Compressed
    from compiler.targets.measure import measure
    from runtime.sparse import containers

    program = kernels.compile(KERNEL, Cpu(threads=threads))
    schedule, _ = program.decide(measure(program.operands([a])))
    product = prepared(program.compiled(schedule))

    def call() -> Any:
        given = Compressed(a.shape, a.indptr, a.indices, a.data)
        return containers.as_scipy(a.shape, *product(given, given))

    base = type(schedule)(threads=schedule.threads)  # type: ignore[call-arg]
    names = [
        each for each in ("words", "summary", "chunk_log2", "phases", "accumulator") if differs(schedule, base, each)
    ]
    return call, "+".join([*names, "serial" if schedule.threads == 1 else ""]).strip("+") or "window"  # type: ignore


def differs(one: Any, other: Any, name: str) -> bool:
    return getattr(one, name) != getattr(other, name)


def peers(a: Any, threads: int, folder: Path) -> Iterator[tuple[str, Call]]:
    """Those that are installed."""
    yield "scipy", lambda: a @ a
    yield "scipy-sorted", lambda: in_order(a @ a)
    mkl = imported("sparse_dot_mkl")
    if mkl is not None:
        mkl.mkl_set_num_threads(threads)
        yield "mkl", lambda: mkl.dot_product_mkl(a, a)
        yield "mkl-sorted", lambda: mkl.dot_product_mkl(a, a, reorder_output=True)
    graphblas = imported("graphblas")
    if graphblas is not None:
        graphblas.ss.config["nthreads"] = threads
        yield "graphblas", graphblas_call(graphblas, a)
    sparsifier = Sparsifier.build(a.shape[0], folder)
    if sparsifier is not None:
        yield "mlir", lambda: sparsifier(pointers_of(a), a.indices, a.data)


def in_order(matrix: Any) -> Any:
    matrix.sort_indices()
    return matrix


def imported(name: str) -> Any:
    """A module, if it is installed and loads."""
    os.environ.setdefault("MKL_RT", str(next(Path(sys.prefix, "lib").glob("libmkl_rt.so*"), "")))
    try:
        return __import__(name)
    except ImportError:
        return None


def graphblas_call(graphblas: Any, a: Any) -> Call:
    matrix = graphblas.io.from_scipy_sparse(a)

    def call() -> Any:
        product = graphblas.semiring.plus_times(matrix @ matrix).new()
        return product.ss.export("csr", sort=True, give_ownership=True)

    return call


# --- the run --------------------------------------------------------------------------------------------------------------------


def timed(calls: dict[str, Call], seconds: float, clock: Callable[[], float]) -> dict[str, list[float]]:
    """Seconds of each call, round by round: at least seven rounds."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    orders = random.Random(1)
    until = time.perf_counter() + seconds * len(calls)
    while len(found["kcc"]) < 7 or (time.perf_counter() < until and len(found["kcc"]) < 200):
        for name, call in orders.sample(list(calls.items()), len(calls)):
            start = clock()
            result = call()
            found[name].append(clock() - start)
            del result
    return found


def check(name: str, found: Any, a: Any) -> None:
    """The pattern is that of the entries that meet (SciPy drops sums that are zero); the values are right to rounding."""
    ones = abs(a)
    ones.data = np.ones_like(ones.data)
    pattern = in_order(ones @ ones)
    assert np.array_equal(found.indptr, pattern.indptr) and np.array_equal(found.indices, pattern.indices), name
    excess = abs(found - a @ a) - 1e-12 * (abs(a) @ abs(a))
    assert excess.nnz == 0 or excess.max() <= 0, name


def mean(ratios: list[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, ratios)))


def main() -> None:
    options = arguments()
    os.environ.update(OMP_NUM_THREADS=str(options.threads), MKL_NUM_THREADS=str(options.threads), KMP_BLOCKTIME="1")
    names = ("kcc", "scipy", "mkl", "scipy-sorted", "mkl-sorted", "graphblas", "mlir")
    print(f"{'matrix':16}" + "".join(f"{each:>13}" for each in names) + "   unsorted  sorted    mlir  schedule")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, a in matrices(options.matrices):
            if options.only and name not in options.only.split(","):
                continue
            call, schedule = kcc(a, options.threads)
            check(name, call(), a)
            calls = {"kcc": call, **dict(peers(a, options.threads, Path(folder)))}
            spent = timed(calls, options.seconds, time.process_time if options.threads == 1 else time.perf_counter)
            rows.append(row(name, schedule, spent))
            show(rows[-1], names)
    summary(rows)
    if options.json:
        options.json.write_text("".join(json.dumps(each) + "\n" for each in rows))


def row(name: str, schedule: str, spent: dict[str, list[float]]) -> dict[str, Any]:
    least = {who: min(each) for who, each in spent.items()}
    middle = {who: statistics.median(each) for who, each in spent.items()}
    ratios = {
        kind: min(least[who] for who in group if who in least) / least["kcc"]
        for kind, group in (("unsorted", UNSORTED), ("sorted", SORTED), ("mlir", ("mlir",)))
        if any(who in least for who in group)
    }
    return {"matrix": name, "schedule": schedule, "minimum": least, "median": middle, "ratios": ratios}


def show(found: dict[str, Any], names: tuple[str, ...]) -> None:
    cells = [
        f"{found['minimum'][each] * 1e3:13.3f}" if each in found["minimum"] else f"{'missing':>13}" for each in names
    ]
    ratios = [f"{found['ratios'].get(each, math.nan):7.2f}x" for each in ("unsorted", "sorted", "mlir")]
    print(f"{found['matrix'][:15]:16}{''.join(cells)}   {' '.join(ratios)}  {found['schedule']}", flush=True)


def summary(rows: list[dict[str, Any]]) -> None:
    """Geometric means, and on how many matrices kcc is not behind."""
    for kind in ("unsorted", "sorted", "mlir"):
        ratios = [each["ratios"][kind] for each in rows if kind in each["ratios"]]
        if ratios:
            ahead = sum(each >= 1 for each in ratios)
            print(f"best {kind} peer / kcc: geometric mean {mean(ratios):.2f}, at least 1 on {ahead} of {len(ratios)}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--matrices", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
