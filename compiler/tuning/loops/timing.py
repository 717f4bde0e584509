"""Native time of the variants of a kernel: several processes, each timing all of them, until enough processes agree.

Within one process the least of many bursts repeats to half a per cent; between processes it does not, because physical pages and the
state of the host differ. A variant's time is the least over the processes; it is trusted when the two best processes agree within
`AGREEMENT`; more processes are spent on variants where they do not, and what stays apart by more than `DISAGREEMENT` is no label.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, prod
from pathlib import Path

from compiler.tuning.llvm_tools import ToolFailure
from compiler.tuning.loops.kernels import Kernel

FEWEST_PROCESSES, MOST_PROCESSES = 3, 8
AGREEMENT, DISAGREEMENT = 0.04, 0.10
BUDGET = 1_500_000
"""Nanoseconds of undisturbed bursts, for every variant, in each of two rounds of a process."""
SLOW = 1.28
"""A burst counts as disturbed when the pace loop beside it took that much longer than at best (`measure.c`, QUIET)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one call, one entry a process."""

    seconds: tuple[float, ...] = ()
    disturbed: tuple[bool, ...] = ()

    def with_process(self, seconds: float, disturbed: bool) -> "Timing":
        return Timing((*self.seconds, seconds), (*self.disturbed, disturbed))

    @property
    def best(self) -> float:
        return min(self.undisturbed())

    @property
    def agreed(self) -> bool:
        """Whether a second process came close to the best."""
        return self._spread() <= AGREEMENT

    @property
    def useless(self) -> bool:
        """Whether all processes together say nothing: no two are close."""
        return self._spread() > DISAGREEMENT

    def _spread(self) -> float:
        """How much longer the second best process took than the best."""
        ordered = sorted(self.undisturbed())
        return ordered[1] / ordered[0] - 1 if len(ordered) > 1 else inf

    def undisturbed(self) -> tuple[float, ...]:
        quiet = tuple(each for each, bad in zip(self.seconds, self.disturbed, strict=True) if not bad)
        return quiet or self.seconds


_KINDS = {"f32": "f", "f64": "d", "i32": "i"}


def measure_command(
    program: Path, library: Path, kernel: Kernel, functions: Sequence[int], mode: str, seed: int, reference: float = 0
) -> list[str]:
    """The call of `measure.c` for the variants of a kernel."""
    sizes = [str(prod(shape) * kernel.element.bytes) for shape in kernel.arrays().values()]
    words = [str(program), str(library), mode, str(seed), str(BUDGET), str(reference), ",".join(map(str, functions))]
    return [*words, _KINDS[kernel.element.mlir], *sizes]


def time_variants(program: Path, library: Path, kernel: Kernel, functions: int) -> list[Timing]:
    """One timing a variant; those that enough processes agree about are not measured again."""
    timings = [Timing() for _ in range(functions)]
    reference = 0.0
    for process in range(MOST_PROCESSES):
        due = [number for number, timing in enumerate(timings) if process < FEWEST_PROCESSES or not timing.agreed]
        if not due:
            break
        command = measure_command(program, library, kernel, due, "time", process + 1, reference)
        reference, run = _read_times(run_measure(command))
        for number, (seconds, disturbed) in zip(due, run, strict=True):
            timings[number] = timings[number].with_process(seconds, disturbed)
    return timings


def checksums(program: Path, library: Path, kernel: Kernel, functions: int) -> list[float]:
    """A number for what each variant computes, on equal data."""
    command = measure_command(program, library, kernel, range(functions), "check", 1)
    return [float(line) for line in run_measure(command).split()]


def run_measure(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolFailure(f"measure: status {done.returncode}")
    return done.stdout


def _read_times(output: str) -> tuple[float, list[tuple[float, bool]]]:
    first, *lines = output.splitlines()
    pairs = [line.split() for line in lines]
    return float(first), [(float(nanoseconds) * 1e-9, float(slowness) >= SLOW) for nanoseconds, slowness in pairs]
