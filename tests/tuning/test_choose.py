"""Choices are made from text alone, the same way each time, and explained."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from plain_target import PlainTarget

from compiler.codes import Code
from compiler.diagnostics import CompileError, Span
from compiler.dialects.machine_spec import machine_spec, numbers_of
from compiler.dialects.schedules.piuma import NAMED, Hash, PiumaSchedule, Stream, Work
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.kernels import load
from compiler.pipelines import new_context
from compiler.tuning.analytical import Analytical
from compiler.tuning.choose import FirstListed, Judgement, choose
from compiler.tuning.describe import canonical_text, described
from compiler.tuning.schedules import differences, parse_schedule, short_name

M = "!spgemm.matrix<csr, ?x?xf64, i32>"
TEXT = f"""func.func @name(%left: {M}, %right: {M}) -> {M} {{
  %c = spgemm.spgemm %left, %right : {M}, {M} -> {M}
  return %c : {M}
}}
"""
KERNEL = load(TEXT)
TARGET = PlainTarget()
DATA = DataDescriptor(
    rows=100, inner=100, columns=100, nnz_a=900, nnz_b=900, nnz_c=4000, fmas=8100, mean_row=9.0, max_row=20,
    max_row_fmas=300, row_fmas=(0, 100), work_fmas=(0, 8100),
)  # fmt: skip


class Fixed:
    """Costs as given, in the order of the candidates."""

    def __init__(self, costs: Sequence[float]) -> None:
        self.costs = costs

    def judge(self, texts: Sequence[str]) -> Judgement:
        return Judgement(self.costs[: len(texts)], "a list", ("as given",))

    def explain(self, text: str) -> Sequence[str]:
        return [f"{len(text) > 0}"]


def test_a_canonical_text_says_the_candidate_and_nothing_else() -> None:
    schedule = PiumaSchedule(hash=Hash.LOW_BITS, cached=frozenset({Stream.A}))
    text = canonical_text(KERNEL, schedule, DATA, TARGET.describe())
    again = described(text, new_context())
    assert (again.form, again.schedule, again.data) == (KERNEL.form, schedule, DATA)
    assert again.machine == {"blocks": 1, "dram_bytes_per_cycle": 25.6}
    other = load(TEXT.replace("@name", "@other").replace("%left", "%x").replace("%c", "%y"))
    assert canonical_text(other, schedule, DATA, TARGET.describe()) == text
    assert "left" not in text
    assert "name" not in text


def test_the_kernel_is_left_as_it_is() -> None:
    canonical_text(KERNEL, PiumaSchedule(), DATA, TARGET.describe())
    assert KERNEL.op.schedule is None
    assert KERNEL.function.sym_name.data == "name"


def test_machines_come_back() -> None:
    numbers = {"blocks": 8, "clock_ghz": 1.0, "dram_bytes_per_cycle": 25.6}
    assert numbers_of(machine_spec("piuma", numbers)) == numbers


@pytest.mark.parametrize(
    ("costs", "chosen", "second"),
    [
        ([3, 1, 2, 5, 5, 5], 1, 2),
        ([1, 1, 1, 1, 1, 1], 0, 1),
        ([math.nan, 4, math.inf, 3, 9, 9], 3, 1),
        ([math.nan] * 6, 0, 1),
    ],
)
def test_the_cheapest_wins_and_ties_go_to_the_first(costs: list[float], chosen: int, second: int) -> None:
    schedules = list(TARGET.schedules(KERNEL.form, DATA))
    choice = choose(KERNEL, TARGET, DATA, Fixed(costs))
    assert choice.chosen.schedule == schedules[chosen]
    assert choice.runner_up is not None
    assert choice.runner_up.schedule == schedules[second]
    assert choice.candidates == len(schedules)
    assert [each.cost for each in choice.ranked] == sorted(math.inf if math.isnan(each) else each for each in costs)
    assert (choice.judge, choice.remarks, choice.bounds) == ("a list", ("as given",), ("True",))


def test_who_knows_nothing_takes_the_first() -> None:
    choice = choose(KERNEL, TARGET, DATA, FirstListed())
    assert choice.chosen.schedule == next(iter(TARGET.schedules(KERNEL.form, DATA)))


def test_the_reason_names_what_differs() -> None:
    why = choose(KERNEL, TARGET, DATA, Fixed([3, 9, 9, 9, 4, 9])).why
    assert why == "with hash = high_bits it costs 25.0% less"
    assert "listed first" in choose(KERNEL, TARGET, DATA, Fixed([1] * 6)).why


def test_no_legal_schedule_is_a_refusal() -> None:
    with pytest.raises(CompileError) as caught:
        choose(KERNEL, PlainTarget(largest_window=3), DATA, Analytical())
    assert caught.value.diagnostics[0].code is Code.KERNEL_FORM


def test_the_analytical_model_prefers_fewer_probes_and_less_idling() -> None:
    model = Analytical()

    def cost(schedule: PiumaSchedule, data: DataDescriptor = DATA) -> float:
        return model.cost([canonical_text(KERNEL, schedule, data, TARGET.describe())])[0]

    assert cost(PiumaSchedule(hash=Hash.MULTIPLICATIVE)) < cost(PiumaSchedule(hash=Hash.HIGH_BITS))
    assert cost(PiumaSchedule(work=Work.TOKENS)) < cost(PiumaSchedule(work=Work.STATIC))
    assert cost(PiumaSchedule(), DATA) < cost(PiumaSchedule(), DataDescriptor(fmas=1 << 20, rows=100))
    assert math.isfinite(cost(PiumaSchedule(), DataDescriptor()))


def test_explanations_list_bounds_the_tightest_first() -> None:
    lines = Analytical().explain(canonical_text(KERNEL, PiumaSchedule(), DATA, TARGET.describe()))
    amounts = [float(line.split()[-2].replace(",", "")) for line in lines]
    assert amounts == sorted(amounts, reverse=True)


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("smash-v3", NAMED["smash-v3"]),
        (" smash-v1 , threads=16", replace(NAMED["smash-v1"], threads=16)),
        ("hash=low_bits, cached=[a,b]", PiumaSchedule(hash=Hash.LOW_BITS, cached=frozenset({Stream.A, Stream.B}))),
    ],
)
def test_schedules_from_the_command_line(text: str, schedule: PiumaSchedule) -> None:
    assert parse_schedule(text, TARGET) == schedule


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "identifier expected"),
        ("smash-v9", 1, "piuma has no schedule `smash-v9`"),
        ("smash-v3, speed=1", 11, "no field `speed`"),
        ("hash=low", 6, "`hash` cannot be `low`"),
        ("hash=low_bits threads=3", 15, "expected a comma or the end"),
        ("threads=999999", 9, "outside 1 to"),
        ("smash-v3,", 10, "identifier expected"),
        ("hash low_bits", 6, ""),
        ("hash=\x00", 6, ""),
    ],
)
def test_what_is_no_schedule(text: str, column: int, said: str) -> None:
    with pytest.raises(CompileError) as caught:
        parse_schedule(text, TARGET)
    (found,) = caught.value.diagnostics
    assert found.code is Code.SCHEDULE_SYNTAX
    assert found.span is not None
    assert (found.span.file, found.span.line, found.span.column) == ("--schedule", 1, column)
    assert said.lower() in found.message.lower()
    assert isinstance(found.span, Span)


def test_names_of_schedules() -> None:
    assert short_name(NAMED["smash-v2"], TARGET) == "smash-v2"
    assert short_name(PiumaSchedule(threads=3), TARGET) == "threads = 3"
    assert differences(PiumaSchedule(threads=3), PiumaSchedule()) == ["threads = 3"]
