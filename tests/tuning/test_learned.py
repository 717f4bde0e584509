"""The learned tier judges where it is at home, and leaves the choice to bounds where it is not; what it sees is the text, annotated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from compiler.dialects.machine_spec import machine_spec
from compiler.dialects.schedules.piuma import Accumulator, Hash, PiumaSchedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.kernels import load
from compiler.pipelines import new_context
from compiler.tuning import learned
from compiler.tuning.analytical import Analytical
from compiler.tuning.annotate import annotated_candidate
from compiler.tuning.describe import canonical_text, described
from compiler.tuning.learned import ANALYTICAL, FOREIGN, Learned, Said, default_cost, guarded
from costmodel.features.reading import Reading
from costmodel.model import Estimate
from costmodel.shipping import shipped_model

M = "!spgemm.matrix<csr, ?x?xf64, i32>"
KERNEL = load(f"""func.func @f(%a: {M}, %b: {M}) -> {M} {{
  %c = spgemm.spgemm %a, %b : {M}, {M} -> {M}
  return %c : {M}
}}
""")
DATA = DataDescriptor(
    rows=100, inner=100, columns=100, nnz_a=900, nnz_b=900, nnz_c=4000, fmas=8100, mean_row=9.0, max_row=20,
    max_row_fmas=300, row_fmas=(0, 60, 40), work_fmas=(0, 2000, 6100),
)  # fmt: skip
SCHEDULES = (
    PiumaSchedule(),
    PiumaSchedule(hash=Hash.HIGH_BITS),
    PiumaSchedule(accumulator=Accumulator.WINDOW, window_columns=256),
    PiumaSchedule(accumulator=Accumulator.PRIVATE_HASH, hash_products=512),
)
TEXTS = [canonical_text(KERNEL, each, DATA, machine_spec("piuma", {"blocks": 1})) for each in SCHEDULES]


@dataclass
class Fake:
    """A model that says what it is told to, and remembers what it was asked."""

    foreign: float
    asked: Sequence[str] = ()
    costs: Sequence[float] = (10.0, 9.0, 8.0, 7.0)

    def predict(self, texts: Sequence[str], target: str) -> list[Estimate]:
        assert target == "piuma"
        self.asked = texts
        return [Estimate("cycles", each, 5.0, 20.0, self.foreign) for each, _ in zip(self.costs, texts, strict=False)]

    def judge(self, texts: Sequence[str], target: str) -> tuple[list[Estimate], list[float]]:
        found = self.predict(texts, target)
        return found, [each.value for each in found]


@pytest.fixture
def known_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> list[str]:
        return []

    monkeypatch.setattr(learned, "_beyond", nothing)


@pytest.mark.usefixtures("known_machine")
def test_at_home_the_model_judges() -> None:
    model = Fake(foreign=FOREIGN)
    found = Learned(cast(Any, model), "piuma").judge(TEXTS)
    assert (found.costs, found.judge, found.remarks) == ([10.0, 9.0, 8.0, 7.0], "the learned model", ())
    assert [described(each, new_context()) for each in model.asked] == [
        described(each, new_context()) for each in TEXTS
    ]


@pytest.mark.usefixtures("known_machine")
@pytest.mark.parametrize(
    ("traffic", "first"),
    [
        pytest.param((5.0, 5.0, 5.0, 5.0), 0, id="the first of those that cost about the same"),
        pytest.param((4000, 2000, 1000, 1000), 2, id="half the bytes are worth a few per cent"),
        pytest.param((4000, 2000, 1900, 4000), 1, id="a few bytes are not"),
        pytest.param((0, 0, 0, 0), 0, id="no bytes at all"),
    ],
)
def test_bytes_have_a_price(traffic: tuple[float, ...], first: int) -> None:
    model = Fake(foreign=0.5, costs=(10.3, 10.0, 10.6, 11.19))
    said = [Said(text, 1.0, traffic=moved) for text, moved in zip(TEXTS, traffic, strict=True)]
    costs = guarded(cast(Any, model), "piuma", said).costs
    assert costs.index(min(costs)) == first
    assert costs[first] == model.costs[first]


def test_abroad_the_analytical_choice_stands_and_that_is_said() -> None:
    found = Learned(cast(Any, Fake(foreign=FOREIGN + 0.1)), "piuma").judge(TEXTS)
    assert (found.costs, found.judge) == (Analytical().cost(TEXTS), ANALYTICAL)
    assert "foreign 1.6" in found.remarks[0]


def test_the_explanation_has_prediction_interval_and_bounds() -> None:
    lines = Learned(cast(Any, Fake(foreign=0.5)), "piuma").explain(TEXTS[0])
    assert "10 cycles, nine times in ten 5 to 20 (foreign 0.5)" in lines[0]
    assert lines[2:] == Analytical().explain(TEXTS[0])


@pytest.mark.parametrize("text", TEXTS)
def test_an_annotated_text_says_the_same_and_more(text: str) -> None:
    annotated, cost = annotated_candidate(text)
    assert described(annotated, new_context()) == described(text, new_context())
    numbers, words = Reading(annotated).described
    assert numbers["analytical"] == pytest.approx(cost, rel=1e-6)
    assert numbers["shape.compression"] == pytest.approx(8100 / 4000)
    assert numbers["shape.work_above_2"] == 0
    assert max(value for name, value in numbers.items() if name.startswith("bound.")) <= 1
    assert {"form.semiring=plus_times", "form.element=f64"} <= words


def test_where_no_model_ships_bounds_judge() -> None:
    assert shipped_model("cpu") is None
    assert isinstance(default_cost("cpu"), Analytical)
