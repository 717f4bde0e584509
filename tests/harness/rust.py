"""Checking Rust text in bulk: one Cargo package for many files, so that rustc, clippy and rustfmt start once.

package = write_package(folder, {"mix": text, …})    libraries become modules of one crate, programs its binaries
run_tool(["cargo", "clippy", "--offline", …], package)
"""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

EDITION = "2021"
MANIFEST = f"""\
[package]
name = "goldens"
version = "0.0.0"
edition = "{EDITION}"
"""


def require(*tools: str) -> None:
    """Skip, visibly, where a tool is missing."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} on this machine")


def write_package(folder: Path, texts: Mapping[str, str]) -> Path:
    programs = {name: text for name, text in texts.items() if re.search(r"^fn main\(", text, re.MULTILINE)}
    libraries = {name: text for name, text in texts.items() if name not in programs}
    (folder / "src" / "bin").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(MANIFEST)
    (folder / "src" / "lib.rs").write_text("".join(f"pub mod {name};\n" for name in sorted(libraries)))
    for name, text in libraries.items():
        (folder / "src" / f"{name}.rs").write_text(text)
    for name, text in programs.items():
        (folder / "src" / "bin" / f"{name}.rs").write_text(text)
    return folder


def run_tool(command: Sequence[str], cwd: Path) -> None:
    """Fails with what the tool says."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def rust_files(package: Path) -> list[str]:
    return sorted(str(path) for path in package.rglob("*.rs"))
