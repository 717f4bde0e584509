"""A copy of the project as a newcomer has it, and virtual environments to install it in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("pyproject.toml", "README.md", "compiler", "costmodel", "runtime", "examples")
REGISTRY_UNREACHABLE = (
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Connection refused",
)


def copy_project(folder: Path) -> Path:
    """What is needed to install and use it; no caches, no build leftovers."""
    for part in (ROOT / name for name in PARTS):
        if part.is_dir():
            shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        elif part.exists():
            shutil.copy(part, folder)
    return folder


def make_venv(folder: Path) -> Path:
    """A new virtual environment; gives its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder / "bin"


def install(command: Sequence[str], cwd: Path) -> None:
    """Run an installer; skip, visibly, where the package registry is out of reach."""
    lazy = os.environ | {"PIP_COMPILE": "0"}  # what is never imported needs no bytecode
    done = subprocess.run(command, cwd=cwd, env=lazy, capture_output=True, text=True, check=False)
    if any(words in done.stderr for words in REGISTRY_UNREACHABLE):
        pytest.skip("no package registry within reach")
    assert done.returncode == 0, done.stdout + done.stderr


def succeed(command: Sequence[str], cwd: Path) -> str:
    """Standard output of a command that must succeed and say nothing on standard error."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout
