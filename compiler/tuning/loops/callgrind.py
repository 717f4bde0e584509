"""Instructions that functions execute, counted by valgrind's callgrind: those of the functions they call included."""

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from compiler.tuning.llvm_tools import ToolFailure


def missing_callgrind() -> str | None:
    return None if shutil.which("valgrind") else "valgrind"


def callgrind_version() -> str:
    return subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=False).stdout.strip()


def count_instructions(command: Sequence[str], folder: Path) -> Counter[str]:
    """Function name to instructions, over one run of the command; symbols are bound early, so that binding them does not count."""
    report = folder / "callgrind.out"
    done = subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={report}", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LD_BIND_NOW": "1"},
    )
    if done.returncode:
        raise ToolFailure(f"valgrind: {done.stderr.strip()[:300]}")
    return read_costs(report.read_text())


def read_costs(report: str) -> Counter[str]:
    """Inclusive cost by function of a callgrind report (Callgrind Format Specification, section 3).

    `fn=(7) v3` opens a function and `fn=(7)` opens it again; a line of numbers ends in a cost; the line after `calls=` is what the
    called function cost. No function here calls itself.
    """
    names: dict[str, str] = {}
    costs: Counter[str] = Counter()
    function = ""
    for line in report.splitlines():
        if found := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            if found[2]:
                names[found[1]] = found[2]
            if line.startswith("fn"):
                function = names[found[1]]
        elif function and re.match(r"[+\-*\d]", line):
            costs[function] += int(line.split()[-1])
    return costs
