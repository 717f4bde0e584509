"""The source of labels `piuma`: products on the simulated machine: kernels, schedules, matrices, machine configurations.

    costmodel collect piuma -o piuma.jsonl.gz

A task is one kernel on one machine; its samples are the legal schedules of a matrix of each family. Those are of one size, about, so that
most share the code of a schedule's simulator, which costs more than most of the runs. Every fourth task is on the default machine.
Everything is drawn from the seed and no clock is read: the same command gives the same bytes. What would take more than `LONGEST`
cycles by the analytical model is left out (a schedule), so is a matrix whose product is larger than `LARGEST`.

`OUTSIDE` is the same with machines up to a factor of two beyond the range of `machines.py`, flagged, to evaluate on:

    costmodel collect compiler.tuning.collect_piuma:OUTSIDE -o outside.jsonl.gz
    costmodel evaluate piuma.jsonl.gz outside.jsonl.gz --split beyond
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import chain
from random import Random
from typing import cast

from xdsl.context import Context

from compiler.dialects.schedules.mechanism import text_of
from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.frontends.kernel.read import Kernel, read_kernel
from compiler.pipelines import new_context
from compiler.targets.lowering import lower
from compiler.targets.measure import measure, row_fmas
from compiler.targets.operands import Operands
from compiler.targets.piuma import Piuma
from compiler.targets.target import Compiled
from compiler.tuning.annotate import annotated_candidate
from compiler.tuning.describe import canonical_text
from compiler.tuning.products.machines import Range, draw_machine
from compiler.tuning.products.matrices import FAMILIES, SIZES, draw_matrix
from compiler.tuning.schedules import differences
from costmodel.collector import Options, Task
from costmodel.sample import Json, Sample
from costmodel.splits import BEYOND
from runtime.counters import Counters
from runtime.machine import Machine
from runtime.sparse.containers import Csr
from runtime.sparse.named import generate

TASKS, MATRICES, MATRICES_OUTSIDE = 120, 16, 6
LARGEST = 150_000
"""Multiply-adds of a product, at most; one in eight may have four times as many."""
LONGEST = 800_000.0
"""Cycles of a run by the analytical model, at most; more only where no schedule is faster."""
SQUARE = """\
!matrix = !spgemm.matrix<csr, ?x?xELEMENT, INDEX>
func.func @product(%a: !matrix, %b: !matrix) -> !matrix {
  %c = spgemm.spgemm %a, %b OPTIONS : !matrix, !matrix -> !matrix
  return %c : !matrix
}
"""
HOPELESS = 5.0
"""A schedule that takes so many times as long as the best, by the analytical model, is left out: few thought so bad were the best."""
KERNELS: Mapping[str, str] = {
    name: SQUARE.replace("ELEMENT", element).replace("INDEX", index).replace("OPTIONS", options)
    for name, element, index, options in (
        ("product", "f64", "i32", ""),
        ("product-min-plus", "f64", "i32", "semiring(min_plus)"),
        ("product-f32", "f32", "i64", ""),
    )
}
_KERNEL_TURNS = ("product", "product-min-plus", "product", "product", "product-f32", "product", "product")


@dataclass(frozen=True, slots=True)
class Products:
    """The collector; stateless."""

    range: Range = Range.INSIDE
    source: str = "piuma"
    timed: bool = False

    def missing(self) -> str | None:
        return None

    def tasks(self, options: Options) -> Sequence[Task]:
        families = [name for name in FAMILIES if not options.families or name in options.families]
        if (options.targets and "piuma" not in options.targets) or not families:
            return []
        return [self._task(at, families, options.seed) for at in range(TASKS)][: options.limit]

    def _task(self, at: int, families: Sequence[str], seed: int) -> Task:
        random = Random(f"{seed}/{self.range.value}/{at}")
        inside = self.range is Range.INSIDE
        first = 0 if inside else at * MATRICES_OUTSIDE % len(families)
        spec = {
            "kernel": _KERNEL_TURNS[at % len(_KERNEL_TURNS)],
            "machine": draw_machine(random, Range.DEFAULT if inside and at % 4 == 0 else self.range),
            "families": [*families[first:], *families[:first]],
            "matrices": MATRICES if inside else MATRICES_OUTSIDE,
            "size": SIZES[at % len(SIZES)],
            "seed": seed,
        }
        return Task(f"{seed}/{self.range.value}/{at}", spec)

    def run(self, task: Task) -> Sequence[Sample]:
        spec = task.spec
        bench = Bench.of(cast(str, spec["kernel"]), cast(Mapping[str, float], spec["machine"]))
        families, count = cast(Sequence[str], spec["families"]), cast(int, spec["matrices"])
        drawn = _matrices(families, count, cast(int, spec["size"]), Random(task.key))
        runs = [bench.runs(family, name, matrix) for family, name, matrix in drawn]
        samples = bench.labelled(list(chain.from_iterable(runs)), cast(int, spec["seed"]))
        beyond = (BEYOND,) if self.range is Range.OUTSIDE else ()
        return [replace(each, flags=beyond) for each in samples]


COLLECTOR = Products()
OUTSIDE = Products(Range.OUTSIDE)


def _matrices(families: Sequence[str], count: int, size: int, random: Random) -> Iterator[tuple[str, str, Csr]]:
    """Family, name and the matrix; drawn again, a few times, where the product is too large."""
    for at in range(count):
        family, most = families[at % len(families)], LARGEST * (4 if at % 8 == 7 else 1)
        for _ in range(4):
            name = draw_matrix(family, size, random)
            matrix = generate(name)
            if row_fmas(matrix, matrix).sum() <= most:
                yield family, name, matrix
                break


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run to make: matrix, schedule, text, and what analysis says it costs."""

    family: str
    matrix: str
    operands: Operands
    schedule: Schedule
    text: str
    analytical: float


@dataclass(frozen=True, slots=True)
class Bench:
    """One kernel on one machine."""

    name: str
    kernel: Kernel
    changed: Mapping[str, float]
    target: Piuma

    @staticmethod
    def of(name: str, changed: Mapping[str, float]) -> "Bench":
        """A kernel of `KERNELS`, a machine that is as the default one but for some fields."""
        return Bench(name, _kernel(name), changed, Piuma(Machine.of({"blocks": 1, **changed})))

    def runs(self, family: str, name: str, matrix: Csr) -> list[Wanted]:
        """Every schedule of a matrix, in the target's order, that does not take too long."""
        operands = Operands.of(self.kernel.form, [matrix, matrix])
        data = measure(operands)
        found = [
            Wanted(family, name, operands, each, *self._described(each, data))
            for each in self.target.schedules(self.kernel.form, data)
        ]
        least = min((each.analytical for each in found), default=0.0)
        return [each for each in found if each.analytical <= min(HOPELESS * least, max(LONGEST, 1.5 * least))]

    def _described(self, schedule: Schedule, data: DataDescriptor) -> tuple[str, float]:
        text = canonical_text(self.kernel, schedule, data, self.target.describe())
        return annotated_candidate(text, _context())

    def labelled(self, wanted: Sequence[Wanted], seed: int) -> list[Sample]:
        """The runs made, those of one schedule one after the other; given back in the order wanted."""
        order = sorted(range(len(wanted)), key=lambda at: (text_of(wanted[at].schedule), at))
        samples = {at: self._sample(wanted[at], seed) for at in order}
        return [samples[at] for at in range(len(wanted))]

    def _sample(self, wanted: Wanted, seed: int) -> Sample:
        compiled = _compiled(self.name, self.target.machine.spad_bytes, wanted.schedule)
        outcome, _ = self.target.simulate(compiled, wanted.operands, _unseen)
        return Sample(
            source="piuma",
            target="piuma",
            family=wanted.family,
            kernel=f"{self.name}@{wanted.matrix}",
            variant=variant(wanted.schedule),
            text=wanted.text,
            labels=labels(outcome.counters),
            config=cast(Mapping[str, Json], self.changed),
            analytical={"cycles": wanted.analytical},
            seed=seed,
        )


@cache
def _context() -> Context:
    """For reading texts back; made when it is needed."""
    return new_context()


@cache
def _kernel(name: str) -> Kernel:
    return read_kernel(KERNELS[name], f"{name}.mlir", new_context())


@lru_cache(maxsize=256)
def _compiled(name: str, spad_bytes: int, schedule: Schedule) -> Compiled:
    """Lowered once for all machines that differ in nothing that lowering looks at."""
    return lower(_kernel(name), Piuma(Machine(blocks=1, spad_bytes=spad_bytes)), schedule, verify=False)


def variant(schedule: Schedule) -> str:
    """A schedule in a line: what it changes of the default."""
    return ", ".join(differences(schedule, PiumaSchedule())) or "default"


def labels(counters: Counters) -> dict[str, float]:
    """What a run is remembered by."""
    busiest = max(counters.issue_utilisation, counters.dram_utilisation, counters.bank_utilisation)
    return {
        "cycles": counters.cycles,
        "instructions": counters.instructions,
        "dram_bytes": counters.dram_bytes,
        "utilisation": round(busiest, 6),
    }


def _unseen(_: str) -> None:
    """Nobody watches a single run."""
