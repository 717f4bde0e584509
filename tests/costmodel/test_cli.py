"""`costmodel` from the outside: what it prints, writes and returns."""

from __future__ import annotations

import math
import re
from pathlib import Path

import loop_texts
import pytest

from costmodel.cli import main
from costmodel.dataset import write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set, a model fitted to it, and two texts."""
    folder = tmp_path_factory.mktemp("costmodel")
    write(folder / "d.jsonl.gz", loop_texts.samples(3))
    sizes = {"i": 128, "j": 128, "k": 128}
    for order in ("ikj", "jki"):
        (folder / f"{order}.mlir").write_text(loop_texts.nest(order, sizes, loop_texts.KERNELS["product"]))
    assert main(["fit", str(folder / "d.jsonl.gz"), "-o", str(folder / "m.costmodel"), "--quiet"]) == 0
    return folder


def test_fit_says_what_it_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", str(folder / "d.jsonl.gz"), "-o", str(folder / "again.costmodel")]) == 0
    assert "loops/cpu-x86  72" in capsys.readouterr().out
    assert (folder / "again.costmodel").read_bytes() == (folder / "m.costmodel").read_bytes()


def test_rank_puts_the_cheapest_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(folder / name) for name in ("jki.mlir", "ikj.mlir")]
    assert main(["rank", *files, "--model", str(folder / "m.costmodel")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines] == files[::-1]


def test_predict_prints_every_label_with_its_interval(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(folder / "ikj.mlir"), "--model", str(folder / "m.costmodel")]) == 0
    out = capsys.readouterr().out
    assert "loops/cpu-x86" in out
    assert "seconds" in out
    assert "instructions" in out
    assert "90 %:" in out


def test_the_factors_of_an_explanation_give_the_prediction(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(folder / "ikj.mlir"), "--model", str(folder / "m.costmodel")]) == 0
    head, *reasons = capsys.readouterr().out.splitlines()
    value, hand = (float(re.search(rf"{word} ([\d.e+-]+)", head).group(1)) for word in ("seconds", "alone says"))  # pyright: ignore[reportOptionalMemberAccess]
    factors = [float(line.split()[1]) for line in reasons]
    assert hand * math.prod(factors) == pytest.approx(value, rel=0.05 * len(factors))
    assert reasons[-1].endswith("all that is not named here")


def test_evaluate_prints_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder / "d.jsonl.gz"), "--split", "kernel", "--folds", "2", "--worst", "1"]) == 0
    out = capsys.readouterr().out
    assert "held out by kernel" in out
    assert "oracle" in out
    assert "worst picks" in out
    assert "coverage" in out


def test_a_quick_evaluation_has_no_intervals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder / "d.jsonl.gz"), "--split", "kernel", "--folds", "2", "--quick"]) == 0
    out = capsys.readouterr().out
    assert "oracle" in out
    assert "median error" in out
    assert "coverage" not in out


def _transfer(folder: Path) -> list[str]:
    data, model = folder / "d.jsonl.gz", folder / "m.costmodel"
    return ["transfer", str(data), "--from", "loops/cpu-x86", "--model", str(model)]


def test_transfer_names_kernels_to_label(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*_transfer(folder), "--choose", "3"]) == 0
    named = capsys.readouterr().out.splitlines()
    assert 1 <= len(named) <= 3
    assert set(named) <= {sample.kernel for sample in loop_texts.samples(3)}


@pytest.mark.parametrize("instead", [["--choose", "3"], ["--check", "0.5"], []])
def test_transfer_to_a_target_that_has_no_samples(
    instead: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*_transfer(folder), "--target", "gpu", *instead]) == 1
    assert capsys.readouterr().err == "error: no sample is of target `gpu`; there are samples of cpu-x86\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["fit", "nothing.jsonl"], 2, "error: cannot read nothing.jsonl: No such file or directory"),
        (["predict", "nothing.mlir"], 2, "error: cannot read nothing.mlir: No such file or directory"),
        (["rank", "ikj.mlir", "--model", "none"], 2, "error: cannot read none: No such file or directory"),
        (["predict", "empty.mlir"], 1, "error: empty.mlir is not MLIR text: there is no operation in it"),
        (["predict", "prose.mlir"], 1, "error: prose.mlir is not MLIR text: there is no operation in it"),
        (["predict", "m.costmodel"], 1, "error: m.costmodel is not MLIR text: it is not UTF-8"),
        (["rank", "ikj.mlir", "--model", "d.jsonl.gz"], 1, "d.jsonl.gz: error: is not a cost model"),
        (["collect", "nonsense", "-o", "x"], 1, "error: there is no source `nonsense`"),
    ],
)
def test_refusals(
    arguments: list[str],
    status: int,
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    (folder / "empty.mlir").touch()
    (folder / "prose.mlir").write_text("Tea at four, e.g. with milk.\n")
    model = [] if "--model" in arguments or arguments[0] != "predict" else ["--model", "m.costmodel"]
    assert main([*arguments, *model]) == status
    assert capsys.readouterr().err.startswith(message)


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    both = ["transfer", "d.jsonl.gz", "--from", "a", "--choose", "3", "--check", "0.1"]
    for arguments in ([], ["nonsense"], ["fit", "--seed", "x"], ["collect", "a", "-o", "b", "--workers", "0"], both):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert "usage: costmodel" in capsys.readouterr().err
