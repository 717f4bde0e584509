"""Every function of every C example, in C and in Rust, on thousands of generated inputs: same result, same buffers, no panic.

`EQUIVALENCE=thorough pytest tests/equivalence` spends ten times the inputs.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from equivalence.harness import Effort, Outcome, compare
from equivalence.translator import translate
from rust import require

EXAMPLE_FOLDER = Path(__file__).parents[2] / "examples" / "c"
EXAMPLES = sorted(EXAMPLE_FOLDER.glob("*.c"))
PROGRAMS = ("calc", "life", "primes", "vm")
EFFORT = Effort(20000, 200000) if os.environ.get("EQUIVALENCE") == "thorough" else Effort(2000, 12000)
FEWEST = 25
"""Judged cases that a function needs at least: some are slow in the sanitized build, some are defined on few inputs."""


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda path: path.stem)
def test_rust_does_what_c_does(source: Path, tmp_path: Path) -> None:
    require("gcc", "rustc")
    outcome = compare([source], translate(source), tmp_path, EFFORT)
    assert not outcome.failures, "\n".join(map(str, outcome.failures))
    assert not outcome.left_out
    assert not _neglected(outcome)


def _neglected(outcome: Outcome) -> dict[str, int]:
    return {name: tally.judged for name, tally in outcome.tallies.items() if tally.judged < FEWEST}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_print_what_c_prints(name: str, tmp_path: Path) -> None:
    require("gcc", "rustc")
    source = EXAMPLE_FOLDER / f"{name}.c"
    (tmp_path / "main.rs").write_text(translate(source).text)
    _succeed("gcc", "-w", "-O0", "-fwrapv", str(source), "-o", str(tmp_path / "c"))
    _succeed(
        "rustc", "--edition=2021", "-O", "-Coverflow-checks=on", str(tmp_path / "main.rs"), "-o", str(tmp_path / "rust")
    )
    expected, found = (
        subprocess.run([tmp_path / each], capture_output=True, timeout=60, check=False) for each in ("c", "rust")
    )
    assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout), found.stderr


def _succeed(*command: str) -> None:
    subprocess.run(command, check=True, timeout=300)
