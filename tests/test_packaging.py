"""The wheel: built, installed in a fresh environment, and every command run from another folder."""

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import fresh
import pytest

PROJECT: dict[str, Any] = tomllib.loads((fresh.ROOT / "pyproject.toml").read_text())["project"]
USES_OUR_HEADERS = "#include <stdint.h>\n#include <string.h>\nuint32_t low(uint32_t x) { return x & 0xff; }\n"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel and what it requires."""
    folder = tmp_path_factory.mktemp("wheel")
    programs = fresh.make_venv(folder / "venv")
    source = fresh.copy_project(folder)
    pip = [str(programs / "pip"), "--disable-pip-version-check", "--quiet"]
    fresh.install([*pip, "wheel", "--no-deps", "--wheel-dir", "dist", "."], source)
    (wheel,) = (source / "dist").glob("splitwood-*.whl")
    fresh.install([*pip, "install", str(wheel)], source)
    return programs


@pytest.mark.parametrize("script", PROJECT["scripts"])
def test_every_command_runs_from_another_folder(script: str, programs: Path, tmp_path: Path) -> None:
    assert fresh.succeed([str(programs / script), "--help"], tmp_path).startswith(f"usage: {script}")


def test_the_headers_are_in_the_wheel(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "low.c").write_text(USES_OUR_HEADERS)
    assert "fn low" in fresh.succeed([str(programs / "c2rust-safe"), "low.c"], tmp_path)


def test_a_kernel_runs_on_the_simulator_of_the_wheel(programs: Path, tmp_path: Path) -> None:
    shutil.copy(fresh.ROOT / "examples" / "kernels" / "spgemm.mlir", tmp_path)
    command = [str(programs / "kcc"), "spgemm.mlir", "--generate", "rmat:3,9", "--schedule", "smash-v3", "--verify"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "equal to SciPy" in done.stdout


def test_what_is_installed_is_consistent(programs: Path, tmp_path: Path) -> None:
    assert "No broken requirements" in fresh.succeed([str(programs / "pip"), "check"], tmp_path)
