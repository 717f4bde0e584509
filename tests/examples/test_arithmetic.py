"""The commands of examples/arithmetic/README.md, run as written, and what they must show."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "examples" / "arithmetic" / "README.md").read_text()
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]


def run(command: str, folder: Path) -> str:
    """What a command prints; it runs in a folder of its own."""
    tool, script, *rest = shlex.split(command)
    program = {"python": [sys.executable], "kcc": [sys.executable, "-m", "compiler.cli.kcc"]}[tool]
    done = subprocess.run(
        [*program, str(ROOT / script), *rest], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


DRAWS = find_spec("matplotlib") is not None
"""Whether there is what pictures are drawn with; the numbers are looked at without it too."""


def command(word: str) -> str:
    (found,) = [each for each in COMMANDS if f" {word} " in each]
    if "--target cpu" in found and shutil.which("cc") is None:
        pytest.skip("no C compiler")
    return found if DRAWS else re.sub(r" --picture \S+", "", found)


def drawn(picture: Path) -> bool:
    return picture.exists() and picture.read_bytes().startswith(b"\x89PNG")


def distances(table: str) -> dict[tuple[str, str], float]:
    """Mean distance by bits and rounding."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return {(bits, rounding): float(mean) for bits, rounding, mean, _ in rows}


@pytest.mark.parametrize("model", ["lorenz", "water"])
def test_stochastic_rounding_visits_what_doubles_visit(model: str, tmp_path: Path) -> None:
    found = distances(run(command(model), tmp_path))
    bits = {"lorenz": "8", "water": "10"}[model]
    assert found[bits, "sr"] <= 1.5 * found["52", "doubles"]
    assert drawn(tmp_path / f"{model}.png") == DRAWS


def test_rounding_lorenz_to_nearest_falls_into_cycles(tmp_path: Path) -> None:
    """One trajectory, long enough: what short ones do not tell apart. Numbers are the same on every machine."""
    long = (
        "python examples/arithmetic/climate.py lorenz --target cpu --trajectories 1 --steps 300000 --bits 8 --seeds 1"
    )
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    found = distances(run(long, tmp_path))
    doubles = found["52", "doubles"]
    assert found["8", "rn"] > 3 * doubles and found["8", "sr"] <= 1.5 * doubles


def test_stochastic_rounding_keeps_the_mean(tmp_path: Path) -> None:
    found = distances(run(command("heat"), tmp_path))
    assert all(found[bits, "sr"] < 2e-3 and found[bits, "rn"] > 5 * found[bits, "sr"] for bits in ("10", "8"))
    assert found["8", "rn"] > 0.1
    assert drawn(tmp_path / "heat.png") == DRAWS


@pytest.mark.parametrize("words", [["climate.py", "lorenz"], ["denoiser.py"]], ids=" ".join)
def test_a_picture_that_cannot_be_drawn_is_refused_before_the_work(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = ROOT / "examples" / "arithmetic" / words[0]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(script.parent), *sys.path])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(sys, "argv", [str(script), *words[1:], "--picture", "p.png"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    assert ended.value.code == 2 and "splitwood[plot]" in capsys.readouterr().err


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("kcc")])
def test_kernels_on_targets(command: str, tmp_path: Path) -> None:
    for option, tool in (("cpu", "cc"), ("rust", "rustc")):
        if f"--target {option}" in command and shutil.which(tool) is None:
            pytest.skip(f"no {tool}")
    said = run(command, tmp_path)
    if "--verify" in command:
        assert "equal to the interpreter, bit for bit" in said
    else:
        assert [line.split()[0] for line in said.splitlines()] == ["default", "multiply", "ours"]


@pytest.mark.parametrize("command", [each for each in COMMANDS if "transformer" in each])
def test_a_block_in_integers_is_near_one_in_doubles(command: str, tmp_path: Path) -> None:
    said = run(command, tmp_path)
    assert float(said.split()[-1]) < 0.01
    if "--emit" in command:
        assert (tmp_path / "block.mlir").read_text().startswith("func.func @block(")


def test_few_bits_draw_what_doubles_draw(tmp_path: Path) -> None:
    found = {
        (line[:8].strip(), line[8:20].strip()): line[20:].split()
        for line in run(command("--train"), tmp_path).splitlines()[1:]
    }
    ratios = {key: float(row[-1 if key[0] == "doubles" else -4]) for key, row in found.items()}
    assert list(ratios) == [
        ("doubles", ""),
        ("doubles", "other noise"),
        *product(("fp8", "fp4"), ("nearest", "learned")),
    ]
    assert abs(ratios["fp8", "learned"] - 1) <= 0.02 and abs(ratios["fp8", "nearest"] - 1) <= 0.05
    assert abs(ratios["fp4", "learned"] - 1) <= 0.1
    for numbers in ("fp8", "fp4"):
        nearest, learned = (list(map(float, found[numbers, each][-3:])) for each in ("nearest", "learned"))
        assert all(a < b for a, b in zip(learned, nearest, strict=True))
    assert drawn(tmp_path / "digits.png") == DRAWS


@pytest.fixture(scope="module")
def block(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("block")
    run("python examples/arithmetic/transformer.py --width 64 --tokens 4 --emit block.mlir", folder)
    return folder / "block.mlir"


@pytest.mark.parametrize("target", ["cpu", "rust", "piuma"])
def test_a_block_is_the_same_on_every_target(target: str, block: Path, tmp_path: Path) -> None:
    if (tool := {"cpu": "cc", "rust": "rustc"}.get(target, "")) and shutil.which(tool) is None:
        pytest.skip(f"no {tool}")
    said = run(f"kcc {block} --target {target} --generate random:1 --verify", tmp_path)
    assert "equal to the interpreter, bit for bit" in said


def test_look_ups_are_exact(tmp_path: Path) -> None:
    (gemv,) = [each for each in COMMANDS if "gemv.py" in each]
    said = run(gemv, tmp_path).splitlines()
    assert [line.split()[:2] for line in said[1:5]] == [[bits, "yes"] for bits in ("2", "3", "4", "8")]
    saved = re.findall(r"([\d.]+)%", said[5])
    assert float(saved[1]) >= 13.8
