"""The README's commands, run as written in a fresh copy of the project."""

import re
import shlex
import subprocess
from pathlib import Path

import fresh

README = (fresh.ROOT / "README.md").read_text()
BLOCKS = [block.strip().splitlines() for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)]


def test_two_commands_set_up_one_translates_one_compares_one_tests() -> None:
    assert [len(block) for block in BLOCKS] == [2, 1, 1, 1]


def test_the_commands_work_as_written(tmp_path: Path) -> None:
    (make_venv, install), (translate,), (compare,), _ = BLOCKS
    project = fresh.copy_project(tmp_path)
    subprocess.run(shlex.split(make_venv), cwd=project, check=True)
    fresh.install(shlex.split(install), project)
    assert "#![forbid(unsafe_code)]" in fresh.succeed(shlex.split(translate), project)
    table = subprocess.run(shlex.split(compare), cwd=project, check=True, capture_output=True, text=True).stdout
    names = [line.split()[0] for line in table.splitlines()]
    assert names[:4] == ["schedule", "smash-v1", "smash-v2", "smash-v3"]
    assert names[-1] == "ours"
    assert fresh.succeed([".venv/bin/pytest", "--version"], project).startswith("pytest ")


def test_continuous_integration_runs_the_same_tests() -> None:
    command = Path(BLOCKS[3][0]).name
    assert f"\n{command} ||" in (fresh.ROOT / ".ci" / "run").read_text()
