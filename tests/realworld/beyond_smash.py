"""The chosen schedule against the analytical choice and SMASH V3, one block of 64 threads: generated matrices, and a folder's.

    python tests/realworld/beyond_smash.py                          # smash16k and the fifteen of runtime.sparse.generators
    python tests/realworld/beyond_smash.py FOLDER                   # and A * A for every Matrix Market file in it
    python tests/realworld/beyond_smash.py --only smash16k --schedules analytical --rows-above 256    # those rows of A alone
    python tests/realworld/beyond_smash.py --only rmat10 wing --schedules chosen smash-v3 --json runs.jsonl

A line for each matrix: cycles of the schedule that kcc chooses by default (`analytical`: by bounds), ratios over the others, instructions per
multiply-add, traffic over compulsory bytes (12 for each entry of A, B and C), and the schedule. Then geometric means.
Labels of vertices are as generated, except where a name says `permuted`; the hash of V1 is of high bits, of V3 of low bits,
which cluster on matrices with structure: ratios over V3 are large there. Every product is compared with SciPy. With
`--json` runs are kept in the file, and those that it has already are not repeated; a schedule chosen twice is run once. A file that is not square
is multiplied with its transpose, or from the left with the file that `--left` names.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path

import numpy as np

from compiler import kernels
from compiler.dialects.schedules.piuma import NAMED
from compiler.dialects.schedules.schedule import Schedule
from compiler.targets.measure import measure
from compiler.targets.piuma import Piuma
from compiler.tuning.analytical import Analytical
from compiler.tuning.schedules import differences
from runtime.sparse.containers import Csr, multiplications
from runtime.sparse.files import read_matrix
from runtime.sparse.generators import SUITE, smash16k

KERNEL = Path(__file__).parents[2] / "examples" / "kernels" / "spgemm.mlir"
CHOSEN, ANALYTICAL = "chosen", "analytical"
TARGET = Piuma()
ENTRY = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One run."""

    matrix: str
    schedule: str
    fields: str
    fmas: int
    rows: int
    cycles: int
    instructions: float
    dram_bytes: float
    compulsory: int

    @property
    def per_fma(self) -> float:
        return self.instructions / max(self.fmas, 1)

    @property
    def traffic(self) -> float:
        return self.dram_bytes / max(self.compulsory, 1)


def operands(folder: Path | None, left: str) -> Iterator[tuple[str, Callable[[], tuple[Csr, Csr]]]]:
    """Every product by name, made when it is asked for."""
    generated: dict[str, Callable[[], Csr]] = {"smash16k": smash16k, **SUITE}
    for name, make in generated.items():
        yield name, lambda make=make: _square(make())
    for path in sorted(folder.glob("*.mtx*")) if folder else ():
        yield path.name.split(".")[0], lambda path=path: _from_file(path, left)


def _square(a: Csr) -> tuple[Csr, Csr]:
    return a, a


def _from_file(path: Path, left: str) -> tuple[Csr, Csr]:
    b = read_matrix(path)
    if b.shape[0] == b.shape[1]:
        return b, b
    beside = sorted(path.parent.glob(f"{left}.mtx*"))
    return (read_matrix(beside[0]), b) if left and beside else (b, b.transpose())


def rows_above(a: Csr, b: Csr, least: int) -> Csr:
    """The rows of A that have more multiply-adds."""
    fmas = np.add.reduceat(np.append(b.row_lengths[a.indices], 0), a.row_pointers[:-1]) * (a.row_lengths > 0)
    return Csr.of(a.to_scipy()[np.flatnonzero(fmas > least)])


def run(name: str, schedule: str, a: Csr, b: Csr, lines: dict[tuple[str, str], Line]) -> Line:
    """Simulate and compare with SciPy; a schedule that was run under another name is not run again."""
    program = _program(schedule, a, b)
    fields = _fields(program.decide(measure(program.operands([a, b])))[0])
    same = [each for (matrix, _), each in lines.items() if matrix == name and each.fields == fields]
    if same:
        return replace(same[0], schedule=schedule)
    done = program.run(a, b)
    kernels.verify(done)
    assert isinstance(done.result.matrix, Csr) and done.result.cycles is not None
    counters = done.result.counters
    return Line(
        name,
        schedule,
        _fields(done.schedule),
        multiplications(a, b),
        a.shape[0],
        done.result.cycles,
        counters["instructions"],
        counters["dram_bytes"],
        ENTRY * (a.nnz + b.nnz + done.result.matrix.nnz),
    )


def _program(schedule: str, a: Csr, b: Csr) -> kernels.Program:
    """A named schedule gives up slots for an entry until its table holds the widest row."""
    if schedule == CHOSEN:
        return kernels.compile(KERNEL, TARGET)
    if schedule == ANALYTICAL:
        return kernels.compile(KERNEL, TARGET, cost=Analytical())
    found = NAMED[schedule]
    program = kernels.compile(KERNEL, TARGET, found)
    data = measure(program.operands([a, b]))
    while TARGET.legal(found, program.kernel.form, data) and found.slack_log2:
        found = replace(found, slack_log2=found.slack_log2 - 1)
    return kernels.compile(KERNEL, TARGET, found)


def _fields(schedule: Schedule) -> str:
    return ", ".join(differences(schedule, type(schedule)()))


def known(path: Path | None) -> dict[tuple[str, str], Line]:
    """Runs that a file has."""
    if path is None or not path.exists():
        return {}
    lines = (Line(**json.loads(text)) for text in path.read_text().splitlines())
    return {(each.matrix, each.schedule): each for each in lines}


def keep(path: Path | None, line: Line) -> None:
    if path is not None:
        with path.open("a") as file:
            file.write(json.dumps({name: getattr(line, name) for name in Line.__slots__}) + "\n")


def mean(ratios: list[float]) -> float:
    """Geometric."""
    return exp(sum(map(log, ratios)) / len(ratios)) if ratios else float("nan")


def report(lines: dict[tuple[str, str], Line], schedules: list[str]) -> None:
    """The table and what it comes to."""
    first, *others = schedules
    ratios: dict[str, list[float]] = {each: [] for each in others}
    chosen = [line for (_, schedule), line in lines.items() if schedule == first]
    for line in chosen:
        found = {each: lines[line.matrix, each].cycles / line.cycles for each in others if (line.matrix, each) in lines}
        for each, ratio in found.items():
            ratios[each].append(ratio)
        text = " ".join(f"{each} {ratio:7.2f}x" for each, ratio in found.items())
        numbers = f"{line.cycles:>12,} cycles {line.per_fma:6.2f} instructions {line.traffic:5.2f} traffic"
        print(f"{line.matrix:36} {numbers} {text}   {line.fields}")
    for each, found in ratios.items():
        if found:
            print(f"over {each}: geometric mean {mean(found):.2f}x, least {min(found):.2f}x, {len(found)} matrices")
    print(f"traffic over compulsory: geometric mean {mean([each.traffic for each in chosen]):.2f}x")
    heavy = [each.per_fma for each in chosen if each.fmas > 256 * each.rows]
    print(f"instructions per multiply-add where rows have more than 256: at most {max(heavy, default=0):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--schedules", nargs="*", default=[CHOSEN, ANALYTICAL, "smash-v3"])
    parser.add_argument("--left", default="", help="A for files that are not square (default: B transposed)")
    parser.add_argument("--rows-above", type=int, help="only rows of A with more multiply-adds than that")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines = known(options.json)
    for name, make in operands(options.folder, options.left):
        label = name if options.rows_above is None else f"{name}, rows above {options.rows_above}"
        missing = [each for each in options.schedules if (label, each) not in lines]
        if not missing or (options.only and name not in options.only):
            continue
        a, b = make()
        a = a if options.rows_above is None else rows_above(a, b, options.rows_above)
        for schedule in missing:
            line = run(label, schedule, a, b, lines)
            keep(options.json, line)
            lines[label, schedule] = line
            print(f"{label}: {schedule}: {line.cycles:,} cycles", flush=True)
    report(lines, options.schedules)


if __name__ == "__main__":
    main()
