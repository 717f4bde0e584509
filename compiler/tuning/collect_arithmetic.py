"""The source of labels `arithmetic`: arithmetic kernels on the simulated machine: kernels, schedules, sizes, machine configurations.

    costmodel collect arithmetic -o arithmetic.jsonl.gz --limit 60

A task is one kernel on one machine; its samples are the schedules that the target has for it, the default one and up to `SCHEDULES` of
the others, drawn. Every third task is on the default machine. The operands are drawn too: cycles do not depend on their values, but for
patterns and bits of zero. Everything follows from the seed and no clock is read: the same command gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context

from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, PiumaArithmetic
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.ir_text import from_text
from compiler.pipelines import new_context
from compiler.targets.arithmetic.arrays import random_tensor
from compiler.targets.arithmetic.piuma import ArithmeticPiuma
from compiler.targets.arithmetic.target import compiled_for
from compiler.tuning.arithmetic import annotated, canonical_text, model_target
from compiler.tuning.collect_piuma import labels
from compiler.tuning.products.machines import Range, draw_machine
from compiler.tuning.schedules import differences
from compiler.tuning.tensors.families import FAMILIES, draw_kernel
from costmodel.collector import Options, Task
from costmodel.sample import Json, Sample
from runtime.machine import Machine

TARGET = model_target("piuma")
TASKS, SCHEDULES = 400, 9
TURNS = ("lookup", "matmul", "softmax", "lookup", "gemv", "layer-norm", "matmul", "lookup", "stencil", "gelu", "matmul")
TURNS_MORE = ("lookup", "requantise", "gemv", "reduce", "matmul", "float-gemv")
"""Families in the order of tasks: those whose schedules differ most, most often."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The collector; stateless."""

    source: str = "arithmetic"
    timed: bool = False

    def missing(self) -> str | None:
        return None

    def tasks(self, options: Options) -> Sequence[Task]:
        turns = [each for each in (*TURNS, *TURNS_MORE) if not options.families or each in options.families]
        if (options.targets and TARGET not in options.targets) or not turns:
            return []
        return [self._task(at, turns[at % len(turns)], options.seed) for at in range(TASKS)][: options.limit]

    def _task(self, at: int, family: str, seed: int) -> Task:
        random = Random(f"{seed}/{at}")
        machine = draw_machine(random, Range.DEFAULT if at % 3 == 0 else Range.INSIDE)
        return Task(f"{seed}/{at}", {"family": family, "machine": machine, "seed": seed})

    def run(self, task: Task) -> Sequence[Sample]:
        spec, random = task.spec, Random(task.key)
        family, changed = cast(str, spec["family"]), cast(Mapping[str, float], spec["machine"])
        name, text = draw_kernel(family, random)
        kernel = arithmetic_in(from_text(text, name, _context()), name)
        target = ArithmeticPiuma(Machine.of({"blocks": 1, **changed}))
        first, *others = target.schedules(kernel)
        chosen = [first, *random.sample(others, min(SCHEDULES, len(others)))]
        rng = np.random.default_rng(random.randrange(1 << 30))
        operands = [random_tensor(each, rng) for each in kernel.function.body.block.args]
        bench = _Bench(family, name, kernel, target, changed, operands, cast(int, spec["seed"]))
        return [bench.sample(each) for each in chosen]


COLLECTOR = Arithmetic()
assert {*TURNS, *TURNS_MORE} == set(FAMILIES)


@dataclass(frozen=True, slots=True)
class _Bench:
    """One kernel on one machine."""

    family: str
    name: str
    kernel: ArithmeticKernel
    target: ArithmeticPiuma
    changed: Mapping[str, float]
    operands: Sequence[NDArray[Any] | int]
    seed: int

    def sample(self, schedule: ArithmeticSchedule) -> Sample:
        outcome, _ = self.target.simulate(
            compiled_for(self.target, self.kernel, schedule, verify=False), self.operands, lambda _: None
        )
        text, analytical = annotated(canonical_text(self.kernel, schedule, self.target.describe()), _context())
        return Sample(
            source="arithmetic",
            target=TARGET,
            family=self.family,
            kernel=self.name,
            variant=", ".join(differences(schedule, PiumaArithmetic())) or "default",
            text=text,
            labels=labels(outcome.counters),
            config=cast(Mapping[str, Json], self.changed),
            analytical={"cycles": analytical},
            seed=self.seed,
        )


@cache
def _context() -> Context:
    """For reading texts; made when it is needed."""
    return new_context()
