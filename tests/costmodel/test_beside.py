"""What experts for third targets say of straight-line code: it helps, stays with the corrected expert, and only who is alike is asked."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from block_texts import block, text

from costmodel import artifact
from costmodel.cli import main
from costmodel.dataset import Dataset, write
from costmodel.explain import explain
from costmodel.features.encoder import Group, readings_of
from costmodel.model import CostModel
from costmodel.models.boosting import Shape
from costmodel.models.nearby import Nearby
from costmodel.models.table import Options
from costmodel.refusals import ArtifactError
from costmodel.sample import Sample
from costmodel.training import fit
from costmodel.transfer import few_shot, others_of, to_label, transfer

CORES: dict[str, tuple[str, int, float]] = {
    "first": ("divf", 1, 20.0),
    "second": ("mulf", 3, 40.0),
    "third": ("mulf", 3, 60.0),
    "fourth": ("addf", 1, 3.0),
}
"""How many of which operations a core waits for, and how long: a third product is no share of work. All else takes one cycle."""


def sample(number: int, core: str) -> Sample:
    lines = block(number)
    slow, several, taken = CORES[core]
    cycles = len(lines) + taken * (sum(slow in line for line in lines) // several)
    labels = {"cycles": cycles, "instructions": float(len(lines))}
    return Sample("blocks", core, f"f{number % 3}", f"k{number}", "as-written", text(*lines), labels)


def labelled(core: str, numbers: range) -> list[Sample]:
    return [sample(number, core) for number in numbers]


@pytest.fixture(scope="module")
def known() -> CostModel:
    """Experts for two cores; the second's texts have no quotients, and so it counts other runs of tokens."""
    trees, few = Shape(trees=40), Shape(trees=5)
    quick = Options(
        (Group.STRAIGHT, Group.DISTANCE), shape=trees, side=few, ranker=few, nest_ranker=few, calibrate=False
    )
    first = fit(Dataset(tuple(labelled("first", range(90)))), quick).experts
    without = [each for each in labelled("second", range(30, 300)) if "divf" not in each.text]
    second = fit(Dataset(tuple(without)), quick).experts
    return CostModel((*first, *second))


def error(model: CostModel, core: str) -> float:
    tested = labelled(core, range(300, 360))
    found = model.predict([each.text for each in tested], target=core)
    return float(np.mean([abs(each.value / one.labels["cycles"] - 1) for each, one in zip(found, tested, strict=True)]))


def test_a_core_that_is_slow_where_a_third_one_is_takes_few_labels(known: CostModel) -> None:
    labels = labelled("third", range(16))
    alone = transfer(CostModel(known.experts[:1]), "blocks/first", labels)
    assert error(transfer(known, "blocks/first", labels), "third") < 0.8 * error(alone, "third")


def test_a_label_that_one_sample_has_moves_nothing(known: CostModel) -> None:
    """And labels that are all alike are no certainty."""
    labels = [
        replace(each, labels={"instructions": each.labels["instructions"]}) for each in labelled("third", range(12))
    ]
    labels[0] = sample(0, "third")
    moved = transfer(known, "blocks/first", labels).experts[-1]
    assert [head.label for head in moved.heads] == ["instructions"]
    same = [replace(sample(0, "third"), kernel=f"k{at}") for at in range(12)]
    found = transfer(known, "blocks/first", same).predict([sample(1, "third").text], target="third")[0]
    assert found.low < found.value < found.high


def test_a_file_holds_what_a_correction_asks(known: CostModel) -> None:
    """Trees of an expert of the same model once, and what was moved needs no other expert."""
    wide = transfer(known, "blocks/first", labelled("third", range(16)))
    moved = wide.experts[2]
    shift = moved.primary.shift
    assert isinstance(shift, Nearby)
    assert len(shift.beside) == 3, "its own instructions, and both of the other"
    data, alone = artifact.to_bytes(wide), artifact.to_bytes(CostModel((moved,)))
    tested = [each.text for each in labelled("third", range(300, 310))]
    expected = wide.predict(tested, target="third")
    for file, names in ((data, 0), (alone, 2)):
        with zipfile.ZipFile(BytesIO(file)) as archive:
            assert json.loads(archive.read("manifest.json"))["format"] == 5
            assert sum(".beside." in name for name in archive.namelist()) == names
        again = artifact.from_bytes(file, "m")
        assert again.predict(tested, target="third") == expected
        assert artifact.to_bytes(again) == file
    assert len(explain(wide, tested[:1], target="third")[0].reasons) > 0
    assert artifact.to_bytes(transfer(known, "blocks/first", labelled("third", range(16)))) == data


@pytest.mark.parametrize(("source", "other"), [(0, 1), (1, 0)])
def test_other_trees_see_their_own_columns(source: int, other: int, known: CostModel) -> None:
    """Both ways: runs of tokens that the corrected expert counts already, and some that it does not."""
    old, asked = known.experts[source], known.experts[other]
    moved = transfer(known, old.name, labelled("third", range(16))).experts[2]
    shift = moved.primary.shift
    assert isinstance(shift, Nearby)
    readings = readings_of([each.text for each in labelled("third", range(300, 340))])
    assert old.encoder.grams != asked.encoder.grams
    instructions = old.head("instructions")
    assert instructions is not None
    said = [each.value(moved.encoder.encode(readings).matrix) for each in shift.beside]
    own = [head.value(asked.encoder.encode(readings), None) for head in asked.heads]
    assert np.array_equal(said, [instructions.value(old.encoder.encode(readings), None), *own])
    before = replace(moved.primary, shift=None).value(moved.encoder.encode(readings), None)
    assert np.array_equal(before, old.primary.value(old.encoder.encode(readings), None))


def test_columns_that_there_are_not_are_refused(known: CostModel) -> None:
    wide = transfer(known, "blocks/first", labelled("third", range(16)))
    before = BytesIO()
    with zipfile.ZipFile(BytesIO(artifact.to_bytes(wide))) as now, zipfile.ZipFile(before, "w") as then:
        for name in now.namelist():
            content = now.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                manifest["experts"][2]["heads"][0]["beside"][0]["places"][3] = 99999
                content = json.dumps(manifest).encode()
            then.writestr(name, content)
    with pytest.raises(ArtifactError, match="damaged: ValueError: trees for columns that there are not"):
        artifact.from_bytes(before.getvalue(), "m")


def test_only_those_fitted_to_third_cores_and_the_same_columns_are_asked(known: CostModel) -> None:
    first, second = known.experts
    wide = transfer(known, "blocks/first", labelled("third", range(16)))
    other = replace(second, encoder=replace(second.encoder, groups=(Group.STRAIGHT,)), target="other")
    elsewhere = replace(second, source="elsewhere", target="fifth")
    model = CostModel((*wide.experts, other, elsewhere))
    assert others_of(model, first, sample(1, "fourth")) == [second]
    assert others_of(model, first, sample(1, "second")) == []
    moved = wide.experts[2]
    assert others_of(model, moved, sample(1, "fourth")) == [second], "neither the old trees nor what was moved"


def test_a_check_fits_anew_whom_it_asks(known: CostModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = labelled("third", range(60))
    as_they_are = few_shot(known.experts[0], samples, 0.3, others=known.experts[1:])
    assert [found.label for found in as_they_are] == ["cycles", "instructions"]
    data, model = tmp_path / "d.jsonl.gz", tmp_path / "m.costmodel"
    write(data, [*samples, *labelled("second", range(60))])
    artifact.save(model, known)
    asked = ["transfer", str(data), "--from", "blocks/first", "--model", str(model), "--target", "third"]
    assert main([*asked, "--check", "0.3"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == [
        "(blocks/first may know what is tested)",
        "(blocks/second was fitted anew without what is tested)",
    ]
    assert main([*asked, "--choose", "5"]) == 0
    assert capsys.readouterr().out.split() == to_label(known.experts[0], samples, 5, others=known.experts[1:])
