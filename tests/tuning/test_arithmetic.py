"""Schedules of arithmetic kernels by cost: counted from the text, or by a model that starts from the counts and knows where it is at home."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, cast

import pytest

from compiler.dialects.schedules.arithmetic import PiumaArithmetic, Product, Tables
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.ir_text import from_text
from compiler.pipelines import new_context
from compiler.targets.arithmetic.piuma import ArithmeticPiuma
from compiler.tuning import learned
from compiler.tuning.arithmetic import (
    ArithmeticAnalytical,
    annotated,
    canonical_text,
    canonical_texts,
    choose_arithmetic,
    counted,
    default_arithmetic_cost,
    learned_arithmetic_cost,
)
from compiler.tuning.collect_arithmetic import COLLECTOR, TARGET
from compiler.tuning.learned import FOREIGN
from compiler.tuning.tensors.families import FAMILIES, draw_kernel
from costmodel.collector import Options, Task
from costmodel.dataset import read
from costmodel.features.reading import Reading
from costmodel.model import Estimate
from costmodel.shipping import SHIPPED, shipped_model

MACHINE = ArithmeticPiuma()
GEMV = """
func.func @gemv(%x: tensor<8x256xsi8>, %w: tensor<512x256xsiBITS>) -> tensor<8x512xsi40> {
  %t = qarith.build_tables %x {group = 4 : i64} : tensor<8x256xsi8> -> tensor<8x64x16xsi16>
  %y = qarith.lookup %t, %w : tensor<8x64x16xsi16>, tensor<512x256xsiBITS> -> tensor<8x512xsi40>
  func.return %y : tensor<8x512xsi40>
}
"""


def kernel(text: str) -> ArithmeticKernel:
    return arithmetic_in(from_text(text, "k.mlir", new_context()), "k.mlir")


def test_two_bits_are_looked_up_and_eight_multiplied_or_not_by_counts() -> None:
    for bits in (2, 4):
        chosen = choose_arithmetic(kernel(GEMV.replace("BITS", str(bits))), MACHINE, ArithmeticAnalytical())
        schedule = chosen.chosen.schedule
        assert isinstance(schedule, PiumaArithmetic)
        assert (schedule.product, schedule.group, schedule.tables) == (Product.LOOKUP, 8, Tables.SCRATCHPAD)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_counted_and_described(family: str) -> None:
    context = new_context()
    for seed in range(3):
        _, text = draw_kernel(family, Random(seed))
        schedules = MACHINE.schedules(kernel(text))
        assert len(set(schedules)) == len(schedules) > 1
        whole, cost = annotated(canonical_text(kernel(text), schedules[-1], MACHINE.describe()), context)
        numbers = Reading(whole).described[0]
        assert numbers["analytical"] == pytest.approx(cost, rel=1e-6)
        assert sum(value for name, value in numbers.items() if name.startswith("work.")) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_texts_of_all_candidates_are_those_of_each(family: str) -> None:
    it, machine = kernel(draw_kernel(family, Random(5))[1]), MACHINE.describe()
    schedules = list(MACHINE.schedules(it))
    texts = canonical_texts(it, schedules, machine)
    assert texts == [canonical_text(it, each, machine) for each in schedules]
    for text, schedule in list(zip(texts, schedules, strict=True))[:: max(1, len(texts) // 3)]:
        whole = arithmetic_in(from_text(text, "candidate", new_context()), "candidate")
        assert (whole.schedule, counted(text, new_context()).schedule) == (schedule, schedule)


def test_fewer_threads_and_far_tables_cost_more() -> None:
    context, it = new_context(), kernel(GEMV.replace("BITS", "2"))

    def cost(schedule: PiumaArithmetic) -> float:
        return counted(canonical_text(it, schedule, MACHINE.describe()), context).cost

    least = cost(PiumaArithmetic())
    assert cost(PiumaArithmetic(threads=16)) > 1.5 * least
    assert cost(PiumaArithmetic(tables=Tables.MEMORY)) > 1.5 * least


@dataclass
class Fake:
    """A model that says what it is told to."""

    foreign: float

    def predict(self, texts: Sequence[str], target: str) -> list[Estimate]:
        assert target == TARGET
        assert all("qarith.analytical" in each for each in texts)
        return [Estimate("cycles", 10.0 - at, 5.0, 20.0, self.foreign) for at in range(len(texts))]

    def judge(self, texts: Sequence[str], target: str) -> tuple[list[Estimate], list[float]]:
        found = self.predict(texts, target)
        return found, [each.value for each in found]


@pytest.mark.parametrize(("foreign", "judge"), [(1.0, "the learned model"), (FOREIGN + 0.1, "instruction counts")])
def test_a_model_judges_where_it_is_at_home(foreign: float, judge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> list[str]:
        return []

    monkeypatch.setattr(learned, "_beyond", nothing)
    it = kernel(GEMV.replace("BITS", "4"))
    texts = [canonical_text(it, each, MACHINE.describe()) for each in MACHINE.schedules(it)[:3]]
    found = learned_arithmetic_cost(cast(Any, Fake(foreign)), "piuma").judge(texts)
    assert found.judge == judge
    counts = ArithmeticAnalytical().judge(texts).costs
    assert list(found.costs) == ([10.0, 9.0, 8.0] if judge == "the learned model" else counts)


def test_tasks_are_the_same_each_time() -> None:
    tasks = COLLECTOR.tasks(Options(limit=40))
    assert tasks == COLLECTOR.tasks(Options())[:40]
    assert {str(task.spec["family"]) for task in tasks} == set(FAMILIES)
    assert COLLECTOR.tasks(Options(targets=("cpu",))) == []
    assert {str(task.spec["family"]) for task in COLLECTOR.tasks(Options(families=("gelu",)))} == {"gelu"}


def test_samples_say_what_the_machine_does() -> None:
    samples = COLLECTOR.run(Task("1/0", {"family": "requantise", "machine": {}, "seed": 1}))
    assert samples[0].variant == "default"
    assert len({sample.variant for sample in samples}) == len(samples) == 4
    for sample in samples:
        assert sample.labels["cycles"] > 0 and sample.target == TARGET
        found = counted(sample.text, new_context())
        assert sample.analytical["cycles"] == found.cost
        assert isinstance(found.schedule, PiumaArithmetic)
        assert replace(found.schedule, threads=64, deal=1) == PiumaArithmetic()


def test_the_model_that_ships_judges_kernels_like_those_it_learned_from() -> None:
    data = read([SHIPPED / "arithmetic.jsonl.gz"]).samples
    assert {sample.source for sample in data} == {"arithmetic"} and {sample.family for sample in data} == set(FAMILIES)
    path = shipped_model(TARGET)
    assert path is not None and path.stat().st_size < 1_000_000
    it = kernel(draw_kernel("matmul", Random(5))[1])
    texts = [canonical_text(it, each, MACHINE.describe()) for each in MACHINE.schedules(it)]
    found = default_arithmetic_cost("piuma").judge(texts)
    assert found.judge == "the learned model" and len(found.costs) == len(texts)
    assert isinstance(default_arithmetic_cost("rust"), ArithmeticAnalytical)
