"""Programs that a careless translation gets wrong: each is run as C and as Rust, and must end with the same status.

Most are the known silent mistranslations of the reference tools (a `continue` that skips the step, a bound evaluated once, an index
evaluated twice, …); a program ends with 0, or with the status it is about, when C's meaning was kept.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from c_programs import compiled
from rust import require, run_tool, write_package

PROGRAMS = sorted((Path(__file__).parent / "meaning").glob("*.c"))
STATUS = {"exit_status": 23}


@pytest.fixture(scope="session")
def binaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All the programs' Rust, built once, with overflow checks."""
    require("cargo", "rustc")
    goldens = {path.stem: path.with_suffix(".rs").read_text() for path in PROGRAMS}
    package = write_package(tmp_path_factory.mktemp("meaning"), goldens)
    run_tool(["cargo", "build", "--offline", "--quiet"], package)
    return package / "target" / "debug"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_c_and_rust_end_alike(program: Path, binaries: Path) -> None:
    expected = STATUS.get(program.stem, 0)
    assert compiled(program.read_text()).status == expected
    assert subprocess.run([binaries / program.stem], timeout=20, check=False).returncode == expected
