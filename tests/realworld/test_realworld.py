"""Packages of real C, fetched by name: `pytest -m realworld`. The scripts beside this file do the same alone, with more to say.

REALWORLD_CACHE names a folder that keeps the fetched packages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rust import require

HERE = Path(__file__).parent

pytestmark = pytest.mark.realworld


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return Path(os.environ.get("REALWORLD_CACHE", tmp_path / "cache"))


def script(name: str, *arguments: str) -> str:
    """What a script prints; it must end with status 0."""
    done = subprocess.run([sys.executable, str(HERE / name), *arguments], capture_output=True, text=True, check=False)
    if "NotFetched" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def test_hacl_is_a_clean_crate_that_meets_the_published_vectors(cache: Path) -> None:
    require("gcc", "cargo", "cargo-clippy")
    printed = script("hacl.py", "--cache", str(cache))
    assert "hacl_curve25519_51: 1002 published vectors, 0 kinds of failure" in printed


def test_c_torture_has_nothing_wrong(cache: Path) -> None:
    require("gcc", "rustc")
    assert "agree" in script("torture.py", "--cache", str(cache))


def test_c_torture_is_lowered_as_c_has_it(cache: Path) -> None:
    require("gcc")
    assert "agrees" in script("torture_interpreted.py", "--cache", str(cache))


def test_csmith_has_nothing_wrong() -> None:
    require("gcc", "rustc", "csmith")
    assert "agree" in script("csmith.py", "--count", "200")


def test_every_schedule_is_right_on_real_matrices() -> None:
    if "KERNEL_MATRICES" not in os.environ:
        pytest.skip("KERNEL_MATRICES names no folder of matrices")
    assert "all results are SciPy's" in script("kernels.py")


def test_mlir_that_jax_makes_is_in_the_vocabulary(cache: Path) -> None:
    assert "all read" in script("stablehlo.py", "--cache", str(cache))


@pytest.mark.parametrize(
    "name",
    [
        "kernels.py",
        "hacl.py",
        "torture.py",
        "torture_interpreted.py",
        "csmith.py",
        "speed.py",
        "translate_time.py",
        "stablehlo.py",
    ],
)
def test_every_script_explains_itself(name: str) -> None:
    assert "usage:" in script(name, "--help")


def test_random_functions_have_nothing_wrong() -> None:
    require("gcc", "rustc")
    assert "agree" in script("fuzz.py", "--count", "100")


def test_smash_is_as_published() -> None:
    """V1, V2 and V3 on `smash16k`: minutes."""
    assert "as calibrated: V1/V2" in script("smash.py")
