"""LLVM's command line tools: where they are, which version, and one run of one.

Debian's packages `mlir-22-tools` and `llvm-22` put them into a folder of their own; a plain name on the PATH is the second choice,
provided that it is the same major version, because labels of different compilers must not be mixed.

    run_tool("opt", "-O2", "-S", stdin=text)
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

MAJOR = 22
FOLDER = Path(f"/usr/lib/llvm-{MAJOR}/bin")
PACKAGES = {"mlir-opt": f"mlir-{MAJOR}-tools", "mlir-translate": f"mlir-{MAJOR}-tools"}


class ToolFailure(Exception):
    """A tool refused its input: which, and its first words on it."""


@cache
def find_tool(name: str) -> str | None:
    """The path of a tool of the right version; None when there is none."""
    for candidate in (FOLDER / name, f"{name}-{MAJOR}", name):
        found = shutil.which(candidate)
        if found and tool_version(found).split(".")[0] == str(MAJOR):
            return found
    return None


def missing_tools(names: Sequence[str]) -> str | None:
    """What to say when not all of the tools are there."""
    absent = [name for name in names if find_tool(name) is None]
    if not absent:
        return None
    packages = dict.fromkeys(PACKAGES.get(name, f"llvm-{MAJOR}") for name in absent)
    return f"{', '.join(absent)} of LLVM {MAJOR} (Debian: {' '.join(packages)})"


@cache
def tool_version(path: str) -> str:
    """`22.1.8`; empty when the program does not say."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"LLVM version (\d[\d.]*)", said)
    return found[1] if found else ""


def versions(names: Sequence[str]) -> dict[str, str]:
    """Tool to version, for the record that stands beside every label."""
    return {name: tool_version(path) for name in names if (path := find_tool(name))}


def run_tool(name: str, *arguments: str, stdin: str | None = None) -> str:
    """What the tool prints; ToolFailure when it refuses."""
    path = find_tool(name)
    assert path, f"{name} was asked for without looking whether it is there"
    done = subprocess.run([path, *arguments], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolFailure(f"{name}: {done.stderr.strip()[:300]}")
    return done.stdout
