"""Every named schedule of a target that computes products, and the chosen one, on a folder of matrices: verified, timed, tabled.

python tests/realworld/kernels.py --matrices FOLDER [--target piuma] [--largest FMAS] [--json OUT]

`KERNEL_MATRICES` names the folder where no option does. For each matrix A * A is computed; the table gives cost and
speed-up over the first schedule, the last line the geometric mean of chosen over each named schedule. With `--json` every
cost is kept in the file as it comes, and those that it has already are not computed again: a long run can be cut and goes on.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from pathlib import Path

import compiler.kernels as kernels
from compiler.diagnostics import CompileError
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.targets.registry import TARGETS, target_of
from runtime.sparse import generators
from runtime.sparse.containers import Csr, multiplications
from runtime.sparse.files import read_matrix

KERNEL = Path(__file__).parents[2] / "examples" / "kernels" / "spgemm.mlir"
SUFFIXES = (".mtx", ".mtx.gz", ".npz")


def matrices(folder: Path | None) -> dict[str, Path | None]:
    """The files of the folder, then the generated suite."""
    files = sorted(each for each in folder.rglob("*") if each.name.endswith(SUFFIXES)) if folder else []
    return {**{each.name.split(".")[0]: each for each in files}, **dict.fromkeys(generators.SUITE)}


def cost(program: kernels.Program, matrix: Csr) -> float | str:
    """What a run costs, once its result has been found right; or why there is none."""
    try:
        run = program.run(matrix, matrix)
    except CompileError as error:
        return error.diagnostics[0].message
    kernels.verify(run)
    return run.result.cost


Known = dict[tuple[str, str], float | str]
"""Costs, or why there are none, by matrix and schedule."""


def kept(path: Path | None) -> Known:
    """What a file has from earlier runs."""
    lines = path.read_text().splitlines() if path is not None and path.exists() else []
    found = [json.loads(line) for line in lines]
    return {(each["matrix"], each["schedule"]): each["cost"] for each in found}


def _cost(
    matrix: str, schedule: str, program: kernels.Program, data: Csr, known: Known, path: Path | None
) -> float | str:
    if (matrix, schedule) in known:
        return known[matrix, schedule]
    found = cost(program, data)
    if path is not None:
        with path.open("a") as file:
            file.write(json.dumps({"matrix": matrix, "schedule": schedule, "cost": found}) + "\n")
    return found


def geometric_mean(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matrices", type=Path, default=os.environ.get("KERNEL_MATRICES"), metavar="FOLDER")
    parser.add_argument("--target", choices=list(TARGETS), default="piuma")
    parser.add_argument("--largest", type=float, default=2e6, metavar="FMAS", help="leave out larger products")
    parser.add_argument("--json", type=Path, metavar="OUT", help="JSON lines, one for each matrix and schedule")
    options = parser.parse_args()
    target = target_of(options.target)
    named = {name: each for name, each in target.named().items() if target.legal(each, KernelForm(), None) is None}
    programs = {name: kernels.compile(KERNEL, target, schedule) for name, schedule in named.items()}
    programs["ours"] = kernels.compile(KERNEL, target)
    known = kept(options.json)
    ratios: dict[str, list[float]] = {name: [] for name in programs}
    for name, path in matrices(Path(options.matrices) if options.matrices else None).items():
        matrix = read_matrix(path) if path else generators.SUITE[name]()
        if matrix.shape[0] != matrix.shape[1] or multiplications(matrix, matrix) > options.largest:
            continue
        costs = {each: _cost(name, each, program, matrix, known, options.json) for each, program in programs.items()}
        ours = costs["ours"]
        print(
            f"{name:20} " + "  ".join(f"{k} {v:,.6g}" if isinstance(v, float) else f"{k} -" for k, v in costs.items())
        )
        sys.stdout.flush()
        for each, value in costs.items():
            if isinstance(value, float) and isinstance(ours, float):
                ratios[each].append(value / ours)
    for each, found in ratios.items():
        print(
            f"{each} over ours: {geometric_mean(found):.3f}x, least {min(found, default=math.nan):.3f}x, {len(found)} matrices"
        )
    print("all results are SciPy's")
    return 0


if __name__ == "__main__":
    sys.exit(main())
