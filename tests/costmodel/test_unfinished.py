"""A fit that was interrupted goes on: what had ended is not fitted again, and the model's bytes are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import loop_texts
import pytest

from costmodel import artifact
from costmodel.cli import main
from costmodel.dataset import Dataset, write
from costmodel.model import CostModel
from costmodel.models.boosting import Shape
from costmodel.models.table import Options
from costmodel.training import fit
from costmodel.unfinished import Unfinished, key_of

KEY = "0123456789abcdef"
_FEW = Shape(trees=8, leaves=4)
OPTIONS = Options(shape=_FEW, nests=_FEW, side=_FEW, ranker=_FEW, nest_ranker=_FEW, calibrate=False)
SAMPLES = list(loop_texts.samples(4))
BOTH = Dataset((*SAMPLES, *(replace(sample, target="later") for sample in SAMPLES)))


def interrupted_at(name: str, seen: list[str]) -> None:
    """A progress that is interrupted at an expert."""
    if any(each.startswith(name) for each in seen):
        raise KeyboardInterrupt


def test_finished_experts_are_not_fitted_again(tmp_path: Path) -> None:
    kept, seen = Unfinished(tmp_path / "both.costmodel"), list[str]()

    def progress(what: str) -> None:
        seen.append(what)
        interrupted_at("loops/later", seen)

    with pytest.raises(KeyboardInterrupt):
        fit(BOTH, OPTIONS, progress, kept)
    assert kept.count() == 1
    seen.clear()
    found = fit(BOTH, OPTIONS, seen.append, kept)
    assert seen
    assert all(each.startswith("loops/later") for each in seen)
    assert artifact.to_bytes(found) == artifact.to_bytes(fit(BOTH, OPTIONS))
    kept.forget()
    assert not list(tmp_path.iterdir())


def test_another_fit_takes_up_nothing() -> None:
    key = key_of(SAMPLES, OPTIONS)
    assert key == key_of(list(SAMPLES), OPTIONS)
    assert key != key_of(SAMPLES[:-1], OPTIONS)
    assert key != key_of(SAMPLES, replace(OPTIONS, seed=2))


def test_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    kept, file = Unfinished(tmp_path / "it.costmodel"), tmp_path / f"it.costmodel.{KEY}.unfinished"
    file.write_bytes(b"PK half of a file")
    expert = fit(Dataset(tuple(SAMPLES)), OPTIONS).experts[0]
    assert kept.expert(KEY, lambda: expert) is expert
    assert file.read_bytes() == artifact.to_bytes(CostModel((expert,)))


def test_the_command_says_what_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, output = tmp_path / "both.jsonl.gz", tmp_path / "both.costmodel"
    write(data, BOTH.samples)

    def interrupted(*given: object) -> None:
        kept = given[-1]
        assert isinstance(kept, Unfinished)
        kept.expert(KEY, lambda: fit(Dataset(tuple(SAMPLES)), OPTIONS).experts[0])
        raise KeyboardInterrupt

    monkeypatch.setattr("costmodel.training.fit", interrupted)
    assert main(["fit", str(data), "-o", str(output)]) == 130
    assert "1 of 2 experts are kept: the same command goes on with the others" in capsys.readouterr().err
    assert not output.exists()


def test_a_place_that_takes_no_model_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "some.jsonl.gz"
    write(data, SAMPLES)
    assert main(["fit", str(data), "-o", str(tmp_path / "nowhere" / "a.costmodel")]) == 1
    assert "No such file or directory" in capsys.readouterr().err
