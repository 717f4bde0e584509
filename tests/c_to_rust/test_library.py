"""Programs that call the C library: as C and as Rust they print the same, on both outputs, and end with the same status.

A line `// run: a b` gives the program arguments, lines `// input: text` are its input.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from c_programs import CC_FLAGS, c_compiler
from rust import require, run_tool, write_package

PROGRAMS = [
    path for path in sorted((Path(__file__).parent / "library").glob("*.c")) if path.with_suffix(".rs").exists()
]
EXACT = ("-fno-builtin", "-ffp-contract=off")
"""So that the library computes, not the compiler."""


@pytest.fixture(scope="session")
def rust_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All the programs' Rust, built once, with overflow checks."""
    require("cargo", "rustc")
    goldens = {path.stem: path.with_suffix(".rs").read_text() for path in PROGRAMS}
    package = write_package(tmp_path_factory.mktemp("library"), goldens)
    run_tool(["cargo", "build", "--offline", "--quiet"], package)
    return package / "target" / "debug"


def remarks(program: Path, kind: str) -> list[str]:
    return re.findall(rf"^// {kind}: ?(.*)$", program.read_text(), re.MULTILINE)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_c_and_rust_print_alike(program: Path, rust_programs: Path, tmp_path: Path) -> None:
    command = [c_compiler(), *CC_FLAGS, *EXACT, str(program), "-o", str(tmp_path / "c"), "-lm"]
    subprocess.run(command, check=True)
    words = " ".join(remarks(program, "run")).split()
    lines = "".join(f"{line}\n" for line in remarks(program, "input")).encode()
    expected, found = (
        subprocess.run([each, *words], input=lines, capture_output=True, timeout=20, check=False)
        for each in (tmp_path / "c", rust_programs / program.stem)
    )
    assert (found.stdout, found.stderr) == (expected.stdout, expected.stderr)
    assert found.returncode == expected.returncode
