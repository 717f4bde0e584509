"""`kcc calibrate`: what it finds, what it writes, what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from compiler.arithmetic.formats import E2M1
from compiler.cli.exits import Exit
from compiler.cli.kcc import main
from compiler.codes import Code

Files = tuple[str, str, NDArray[np.float64]]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Weights of 12 outputs and 32 inputs, and activations that have causes in common."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(12, 32))
    inputs = np.maximum(rng.normal(size=(32, 8)) @ rng.normal(size=(8, 400)), 0)
    np.save(tmp_path / "w.npy", weights)
    np.save(tmp_path / "x.npy", inputs)
    return str(tmp_path / "w.npy"), str(tmp_path / "x.npy"), weights


def test_more_bits_less_error(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", files[0], "--json"]) == Exit.DONE
    decibels = {row["format"]: row["decibels"] for row in json.loads(capsys.readouterr().out)}
    assert list(decibels) == ["e2m1", "e4m3fn", "e5m2", "bf16", "fp16"]
    assert decibels["e2m1"] < decibels["e5m2"] < decibels["e4m3fn"] < decibels["bf16"] < decibels["fp16"]


def test_learning(files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights, inputs, exact = files
    out = tmp_path / "q.npz"
    options = ["--inputs", inputs, "--format", "e2m1", "--per-channel", "-o", str(out)]
    assert main(["calibrate", weights, *options]) == Exit.DONE
    row = capsys.readouterr().out.splitlines()[1].split()
    assert row[:2] == ["e2m1", "4"]
    assert float(row[4]) < float(row[3])
    found = np.load(out)
    assert found["scale"].shape == (12, 1)
    close = np.abs(found["scale"] * E2M1.decode(found["codes"]) - exact) <= 2 * found["scale"]
    assert close.mean() > 0.9


def test_a_picture(files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="--plot needs matplotlib (the plot extra)")
    plot = tmp_path / "q.png"
    assert main(["calibrate", files[0], "--inputs", files[1], "--plot", str(plot)]) == Exit.DONE
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_drawn_costs_nobody_the_numbers(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["calibrate", files[0], "--format", "e2m1", "--plot", str(tmp_path / "q.png")]) == Exit.USAGE
    shown = capsys.readouterr()
    assert "e2m1" in shown.out and "splitwood[plot]" in shown.err


def test_what_was_learned_on_too_few_samples_is_not_kept(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, few = tmp_path / "q.npz", tmp_path / "few.npy"
    np.save(few, np.random.default_rng(0).normal(size=(32, 5)))
    assert main(["calibrate", files[0], "--inputs", str(few), "--format", "e2m1", "-o", str(out)]) == Exit.DONE
    assert f"warning[{Code.FEW_SAMPLES.number}]: e2m1: " in capsys.readouterr().err
    learned = np.load(out)
    assert main(["calibrate", files[0], "--format", "e2m1", "-o", str(out)]) == Exit.DONE
    assert (learned["codes"] == np.load(out)["codes"]).all(), "the nearest values"


def test_two_formats_do_not_fit_in_one_file(files: Files) -> None:
    with pytest.raises(SystemExit):
        main(["calibrate", files[0], "-o", "q.npz"])


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (np.zeros(3), Exit.REFUSED, "holds no matrix of numbers"),
        (np.full((2, 2), np.nan), Exit.REFUSED, "holds infinities or NaNs"),
        (None, Exit.USAGE, "no such file"),
    ],
)
def test_what_is_no_matrix(
    content: NDArray[np.float64] | None,
    status: Exit,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if content is not None:
        np.save(tmp_path / "bad.npy", content)
    assert main(["calibrate", str(tmp_path / "bad.npy")]) == status
    said = capsys.readouterr().err
    assert message in said


def test_bytes_that_are_no_array(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.npy").write_bytes(bytes(range(256)))
    assert main(["calibrate", str(tmp_path / "bad.npy")]) == Exit.REFUSED
    assert "bad.npy: not an array in .npy format" in capsys.readouterr().err


def test_inputs_must_fit(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", files[0], "--inputs", files[0]]) == Exit.REFUSED
    assert "weights 12x32 need inputs of 32 rows" in capsys.readouterr().err
