"""Fitting, artifacts, choices: from a data set to a file to numbers, and the same bytes again."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import loop_texts
import numpy as np
import pytest

import costmodel
from costmodel import artifact
from costmodel.dataset import Dataset, cleaned, write
from costmodel.evaluate import OURS, Request, evaluate
from costmodel.explain import explain
from costmodel.metrics import Choices, choice_quality, f1, rmse_of_range, within_one
from costmodel.model import CostModel
from costmodel.models.boosting import Shape
from costmodel.models.table import Options
from costmodel.refusals import ArtifactError, RequestError
from costmodel.sample import Sample
from costmodel.splits import BEYOND, Split
from costmodel.training import fit
from costmodel.transfer import few_shot, to_label, transfer

QUICK = Options(
    shape=Shape(trees=60),
    nests=Shape(trees=60),
    side=Shape(trees=20),
    ranker=Shape(trees=20),
    nest_ranker=Shape(trees=20),
)
_TWO = Shape(trees=2)
FEWER = Options(shape=_TWO, nests=_TWO, side=_TWO, ranker=_TWO, nest_ranker=_TWO, calibrate=False)
SAMPLES = list(loop_texts.samples(8))
DATA = Dataset(tuple(SAMPLES))
ORDERS = ["ijk", "ikj", "jik", "jki", "kij", "kji"]


@pytest.fixture(scope="module")
def model() -> CostModel:
    return fit(DATA, QUICK)


def texts(sizes: dict[str, int]) -> list[str]:
    return [loop_texts.nest(order, sizes, loop_texts.KERNELS["product"]) for order in ORDERS]


def test_it_chooses_well_on_a_shape_it_never_saw(model: CostModel) -> None:
    sizes = {"i": 40, "j": 80, "k": 72}
    truth = [loop_texts.seconds(order, sizes, loop_texts.KERNELS["product"]) for order in ORDERS]
    best = costmodel.rank(model, texts(sizes))[0]
    assert truth[best] <= 1.05 * min(truth)


def test_numbers_are_in_their_unit_and_inside_their_interval(model: CostModel) -> None:
    for estimate, sample in zip(costmodel.predict(model, [s.text for s in SAMPLES[:12]]), SAMPLES, strict=False):
        assert estimate.label == "seconds"
        assert estimate.value == pytest.approx(sample.labels["seconds"], rel=0.25)
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.foreign < 1.5


def test_a_text_unlike_all_others_is_foreign(model: CostModel) -> None:
    strange = "func.func @f(%m: memref<9x7x5x3xf64>) {\n" + "".join(f"affine.for %i{n} = 0 to 9 {{\n" for n in range(4))
    strange += "%0 = affine.load %m[%i0, %i1, %i2, %i3] : memref<9x7x5x3xf64>\n%1 = math.exp %0 : f64\n" * 9 + "}\n" * 5
    assert costmodel.predict(model, [strange])[0].foreign > 1.5


def test_equal_data_gives_equal_bytes(model: CostModel) -> None:
    assert artifact.to_bytes(fit(DATA, QUICK)) == artifact.to_bytes(model)


def test_a_file_predicts_what_the_model_does(model: CostModel, tmp_path: Path) -> None:
    path = tmp_path / "m.costmodel"
    assert artifact.save(path, model) == path.stat().st_size < artifact.LARGEST
    again = costmodel.load(path)
    some = [sample.text for sample in SAMPLES[:20]]
    assert costmodel.predict(again, some) == costmodel.predict(model, some)
    assert again.cost(some) == model.cost(some)


def changed(data: bytes, **fields: object) -> bytes:
    """The same model with other fields in its manifest."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                content = json.dumps({**json.loads(content), **fields}).encode()
            new.writestr(name, content)
    return out.getvalue()


def format_of(model: CostModel) -> int:
    with zipfile.ZipFile(BytesIO(artifact.to_bytes(model))) as archive:
        return json.loads(archive.read("manifest.json"))["format"]


def test_an_older_program_refuses_intervals_that_it_would_read_as_empty(model: CostModel) -> None:
    """With half widths by band, those by step are 0 at home; format 2 knew none but these."""
    (expert,) = model.experts
    assert expert.trust.widths["seconds"][0] == 0 < expert.trust.bands["seconds"][0]
    assert format_of(model) == 3
    trust = replace(expert.trust, bands={}, least={}, widths=dict.fromkeys(expert.trust.widths, (1.0,) * 4))
    before = CostModel((replace(expert, trust=trust),))
    assert format_of(before) == 2
    assert artifact.from_bytes(artifact.to_bytes(before), "m").experts[0].trust == trust


def test_a_file_that_does_not_match_is_refused(model: CostModel) -> None:
    data = artifact.to_bytes(model)
    assert len(artifact.from_bytes(changed(data), "m").experts) == 1
    cases: list[tuple[bytes, str]] = [
        (b"", "is not a cost model, or damaged"),
        (b"PK\x03\x04 nonsense", "is not a cost model, or damaged"),
        (data[:-100], "is not a cost model, or damaged"),
        (data[: len(data) // 2] + b"\0\0\0\0" + data[len(data) // 2 + 4 :], "damaged"),
        (changed(data, format=99), "is a cost model of format 99; this program reads 2 to 6: fit it again"),
        (changed(data, columns="abc"), "was fitted to columns abc, this program computes"),
        (changed(data, experts=[dict[str, object]()]), "is damaged: KeyError"),
    ]
    for bytes_, message in cases:
        with pytest.raises(ArtifactError, match=message):
            artifact.from_bytes(bytes_, "m")


def test_trees_that_are_none_do_not_reach_the_library(model: CostModel) -> None:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(artifact.to_bytes(model))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if name.endswith("seconds.0.txt") else content)
    with pytest.raises(ArtifactError, match="is damaged: ValueError: trees that are none"):
        artifact.from_bytes(out.getvalue(), "m")


def test_what_the_model_does_not_know_is_refused(model: CostModel) -> None:
    with pytest.raises(RequestError, match="knows nothing of target `gpu`; it knows loops/cpu-x86"):
        model.cost(texts({"i": 16, "j": 16, "k": 16}), target="gpu")
    with pytest.raises(RequestError, match="does not predict `spills`; it predicts instructions, seconds"):
        model.predict(texts({"i": 16, "j": 16, "k": 16}), "spills")


def with_labels(sample: Sample, **labels: float) -> Sample:
    return replace(sample, labels=labels)


def test_of_no_texts_there_is_nothing_to_say(model: CostModel) -> None:
    assert (model.predict([]), model.judge([]), model.cost([])) == ([], ([], []), [])


def test_one_sample_is_too_few() -> None:
    with pytest.raises(RequestError, match="loops/cpu-x86 has 1 sample; a model needs at least 2"):
        fit(Dataset((SAMPLES[0],)), QUICK)


def test_two_samples_and_constant_labels_are_enough_to_fit() -> None:
    data = cleaned(
        [with_labels(sample, seconds=2.0, spills=0.0, registers=3.0, utilisation=0.5) for sample in SAMPLES[:2]]
    )
    assert len(data.warnings) == 4
    small = fit(data, QUICK)
    values = {head.label: small.predict([SAMPLES[0].text], head.label)[0].value for head in small.experts[0].heads}
    assert values.pop("seconds") == pytest.approx(2.0, rel=0.5)
    assert values == pytest.approx({"spills": 0.0, "registers": 3.0, "utilisation": 0.5}, rel=1e-3)


def test_targets_do_not_mix() -> None:
    other = [replace(s, target="other") for s in SAMPLES[:48]]
    slow = [with_labels(sample, seconds=100 * sample.labels["seconds"]) for sample in other]
    both = fit(Dataset((*SAMPLES[:48], *slow)), QUICK)
    here, there = (both.predict([SAMPLES[0].text], target=target)[0].value for target in ("cpu-x86", "other"))
    assert there / here == pytest.approx(100, rel=0.3)


def test_evaluation_holds_out_and_lists_rivals(tmp_path: Path) -> None:
    quick = Options(shape=QUICK.shape, side=QUICK.side, ranker=QUICK.ranker, nest_ranker=QUICK.ranker, calibrate=False)
    found = evaluate(DATA, Request((Split.KERNEL,), folds=2, options=quick))
    regret = {row.model: row.figures["regret"] for row in found.rows if row.model}
    assert set(regret) == {
        OURS,
        "random",
        "default order",
        "op count",
        "hand",
        "n-gram",
        "oracle",
        "noise floor",
        "one process",
    }
    assert regret["one process"] == 0  # these repeats all have one order
    assert regret["oracle"] == 0 <= regret[OURS] < 0.5 * regret["random"]
    assert found.picks[0].ratio == max(pick.ratio for pick in found.picks)


def test_where_all_is_foreign_the_guard_does_what_analysis_says() -> None:
    said = [replace(sample, analytical={"seconds": 1 / (1 + at % 6)}) for at, sample in enumerate(SAMPLES)]
    unlike = 'func.func @f() {\n  return {dlti = #dlti.target_device_spec<"threads" = 99 : i64>}\n}'
    abroad = [replace(sample, text=unlike, flags=(BEYOND,)) for sample in said[:12]]
    found = evaluate(Dataset((*abroad, *said[12:])), Request((Split.BEYOND,), options=QUICK))
    regret = {row.model: row.figures["regret"] for row in found.rows if row.model}
    assert regret["guarded"] == regret["analytical"] > 0
    at_home = evaluate(Dataset(tuple(said)), Request((Split.KERNEL,), folds=2, options=QUICK))
    regret = {row.model: row.figures["regret"] for row in at_home.rows if row.model}
    assert regret["guarded"] < regret["analytical"]


def test_samples_without_alternatives_have_errors_but_no_choices() -> None:
    alone = Dataset(tuple(replace(sample, kernel=f"{sample.kernel}/{at}") for at, sample in enumerate(SAMPLES[:24])))
    quick = Options(shape=QUICK.shape, side=QUICK.side, ranker=QUICK.ranker, nest_ranker=QUICK.ranker, calibrate=False)
    found = evaluate(alone, Request((Split.KERNEL,), folds=2, options=quick))
    assert found.picks == ()
    assert {(row.label, row.model) for row in found.rows} >= {("seconds", "")}
    assert not any(row.model for row in found.rows)


@pytest.mark.filterwarnings("error")
def test_texts_without_loops_are_foreign_without_warnings(model: CostModel) -> None:
    for estimate in model.predict(["", "func.func @f() {\n  return\n}"]):
        assert np.isfinite(estimate.value)
        assert estimate.foreign > 1


def test_public_functions_fit_from_files(tmp_path: Path) -> None:
    write(tmp_path / "d.jsonl.gz", SAMPLES[:24])
    assert costmodel.fit([tmp_path / "d.jsonl.gz"]).experts[0].samples == 24


def test_metrics_by_hand() -> None:
    choices = Choices.of(["a", "a", "b", "b", "b", "c"])
    costs, truth = np.array([1.0, 2, 3, 1, 2, 0]), np.array([4.0, 2, 1, 3, 2, 9])
    quality = choice_quality(costs, truth, choices)
    assert quality.ratios.tolist() == [2, 3]
    assert quality.mean == pytest.approx(6**0.5 - 1)
    assert choice_quality(costs, truth, choices, top=2).ratios.tolist() == [1, 2]
    assert quality.pairs == 0
    assert f1(np.array([0.0, 1, 1]), np.array([0.0, 1, 0])) == pytest.approx(2 / 3)
    assert rmse_of_range(np.array([0.0, 4]), np.array([0.0, 2])) == pytest.approx(0.5**0.5)
    assert within_one(np.array([1.4, 4.0]), np.array([2.0, 2.0])) == 0.5


def test_an_explanation_adds_up(model: CostModel) -> None:
    (found,) = explain(model, [SAMPLES[0].text])
    assert found.base is not None
    assert found.base[0] == "hand"
    assert found.is_factor
    assert 0 < len(found.reasons) <= 8
    effects = [abs(np.log(reason.effect)) for reason in found.reasons]
    assert effects == sorted(effects, reverse=True)


def test_few_labels_move_a_model_to_another_target(model: CostModel) -> None:
    slow = [
        replace(with_labels(s, seconds=10 * s.labels["seconds"] ** 1.1), target="slow")
        for s in loop_texts.samples(4, seed=9)
    ]
    wide = transfer(model, "loops/cpu-x86", slow[:24])
    assert [expert.name for expert in wide.experts] == ["loops/cpu-x86", "loops/slow"]
    again = artifact.from_bytes(artifact.to_bytes(wide), "m")
    texts, truth = [s.text for s in slow[24:]], np.array([s.labels["seconds"] for s in slow[24:]])
    values = np.array([estimate.value for estimate in again.predict(texts, target="slow")])
    assert np.median(np.abs(values / truth - 1)) < 0.35
    assert np.median(np.abs(np.array([e.value for e in model.predict(texts)]) / truth - 1)) > 0.5


def test_kernels_to_label_are_chosen_without_their_labels(model: CostModel) -> None:
    """As many as asked for, the same whatever the labels and the order are, and from more than one family."""
    expert = model.experts[0]
    chosen = to_label(expert, SAMPLES, 4)
    kernels = {sample.kernel: sample.family for sample in SAMPLES}
    assert 2 <= len(chosen) <= 4
    assert set(chosen) <= kernels.keys()
    assert chosen == to_label(expert, [replace(sample, labels={"seconds": 1.0}) for sample in SAMPLES], 4)
    assert chosen == to_label(expert, SAMPLES[::-1], 4)
    assert set(to_label(expert, SAMPLES, 1000)) == kernels.keys()


def test_few_shot_compares_with_all_labels(model: CostModel) -> None:
    (found,) = (f for f in few_shot(model.experts[0], SAMPLES, 0.1) if f.label == "seconds")
    assert found.moved > 0
    assert found.full > 0
    with pytest.raises(RequestError, match="at least 8 are needed"):
        transfer(model, "loops/cpu-x86", SAMPLES[:3])
    with pytest.raises(RequestError, match="of 2 targets, one is needed"):
        few_shot(model.experts[0], [*SAMPLES, replace(SAMPLES[0], target="other")], 0.1)
