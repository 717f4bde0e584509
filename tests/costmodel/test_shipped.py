"""What ships works: the model that comes with the package, its data, and the README's commands."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import costmodel
from costmodel import artifact, cli
from costmodel.dataset import read, write
from costmodel.models.table import table_of
from costmodel.shipping import DEFAULT_MODEL, shipped_data

ROOT = Path(__file__).parents[2]
SECTION = re.split(
    r"^## ", (ROOT / "README.md").read_text().partition("## A cost model, learned")[2], maxsplit=1, flags=re.MULTILINE
)[0]
COMMANDS = [shlex.split(line)[1:] for line in re.findall(r"^costmodel .*$", SECTION, re.MULTILINE)]


def test_the_shipped_model_fits_and_chooses() -> None:
    assert DEFAULT_MODEL.stat().st_size < artifact.LARGEST
    texts = [(ROOT / "examples" / "costmodel" / f"product_{order}.mlir").read_text() for order in ("jki", "ikj")]
    assert costmodel.rank(costmodel.load(), texts) == [1, 0]


def test_nests_are_asked_of_who_knows_nests_and_blocks_of_who_knows_blocks() -> None:
    model, samples = costmodel.load(), read(shipped_data()).samples
    for source in ("loops", "blocks"):
        for sample in [each for each in samples if each.source == source][::997]:
            assert model.expert([sample.text]).source == source, sample.text


def test_the_shipped_data_is_whole() -> None:
    data = read(shipped_data())
    assert data.warnings == ()
    assert len({sample.family for sample in data.samples if sample.source == "loops"}) >= 12


def test_a_smaller_share_of_the_correction_is_in_the_same_unit() -> None:
    """The hand model says cycles, the label is in seconds: what foreign texts get must not be 1e10 times as much."""
    expert = next(expert for expert in costmodel.load().experts if expert.source == "loops")
    half = replace(expert, trust=replace(expert.trust, shares=(0.5,) * len(expert.trust.shares)))
    samples = [sample for sample in read(shipped_data()).samples if sample.source == "loops"][::40]
    table = table_of(samples)
    encoded = expert.encoder.encode(table.readings)
    ratios = half.predict(half.primary, encoded, None).value / table.labels[half.primary.label]
    assert 0.5 < np.median(ratios) < 2


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, where the shipped data is six of its loop nests: too few to calibrate with, so that fitting takes seconds."""
    samples = [sample for sample in read(shipped_data()).samples if sample.target == "cpu-x86"]
    kernels = sorted({sample.kernel for sample in samples})[::80]
    write(tmp_path / "small.jsonl.gz", [sample for sample in samples if sample.kernel in kernels])
    monkeypatch.setattr("costmodel.training.shipped_data", lambda: [tmp_path / "small.jsonl.gz"])
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_of_the_readme(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [command[0] for command in COMMANDS] == ["fit", "rank", "explain", "evaluate"]
    pytest.importorskip("matplotlib", reason="--plot needs matplotlib (the plot extra)")
    for command in COMMANDS:
        assert cli.main(command) == 0, command
    out = capsys.readouterr().out
    for words in ("trusted when foreign", "product_ikj.mlir", "hand model alone", "worst picks"):
        assert words in out
    assert (small / "regret.png").read_bytes().startswith(b"\x89PNG")
