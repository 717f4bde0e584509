"""Compiles both halves, runs them on the same inputs, and says where Rust and C part.

    outcome = compare(source, translation, effort)       outcome.failures, outcome.tallies, outcome.left_out

A difference counts where C is defined: the address and undefined-behaviour sanitizers stay silent, and a second build (-O2, other initial
values of memory) gives the same bytes. There, a Rust panic is a failure like any other difference.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from equivalence.c_driver import PRELUDE, c_driver
from equivalence.plan import FunctionPlan, plan
from equivalence.rust_driver import MAIN, rust_driver
from equivalence.stream import Failure, read_failures

from compiler.report import Report

_C = ["-std=gnu11", "-w", "-fno-strict-aliasing", "-ffp-contract=off", f"-I{PRELUDE.parent}"]
SANITIZED = [
    *_C,
    *("-O0", "-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize=shift-base"),
    *("-fsanitize-undefined-trap-on-error", "-ftrivial-auto-var-init=pattern"),
    *("--param", "asan-instrumentation-with-call-threshold=100000000"),
]
"""Signed overflow stays undefined here, so that such inputs are dropped; bits shifted out of a signed number do not, Rust keeps them."""
OPTIMIZED = [*_C, "-O2", "-fwrapv", "-ftrivial-auto-var-init=zero"]
CHECKED_RUST = ["--edition=2021", "-O", "-Coverflow-checks=on", "-Cdebug-assertions=on", "-Awarnings"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How many cases each function must be judged on, and how many inputs may be spent on that."""

    judged: int = 2000
    tries: int = 20000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the inputs of one function; `stable` of the judged ones went into the comparison."""

    tries: int
    judged: int
    undefined: int
    timeouts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    failures: tuple[Failure, ...]
    tallies: dict[str, Tally]
    left_out: dict[str, str]
    unstable: int


class BuildError(Exception):
    """A driver does not compile: the translation itself is at fault, or the harness."""


def compare(
    source: Path, rust: str, report: Report, folder: Path, effort: Effort, flags: Sequence[str] = ()
) -> Outcome:
    """Drives every function of one translation; works inside `folder`."""
    plans, left_out = plan(report, rust)
    assert plans, "there is no function to drive"
    prepare_c(source, plans, folder, flags)
    tallies = generate(folder, effort)
    failures = judge(rust, plans, folder)
    unstable = (folder / "mask").read_bytes().count(0)
    return Outcome(failures, tallies, left_out, unstable)


def prepare_c(source: Path, plans: list[FunctionPlan], folder: Path, flags: Sequence[str] = ()) -> None:
    driver = folder / "driver.c"
    driver.write_text(c_driver(source.resolve(), plans))
    builds = (("sanitized", SANITIZED), ("optimized", OPTIMIZED))
    _run_all([["gcc", *options, *flags, str(driver), "-o", str(folder / name), "-lm"] for name, options in builds])


def generate(folder: Path, effort: Effort) -> dict[str, Tally]:
    """Makes the inputs, and marks the cases on which both C builds agree."""
    limits = [str(effort.seed), str(effort.judged), str(effort.tries)]
    _run([str(folder / "sanitized"), "gen", *limits, str(folder / "cases"), str(folder / "stats")])
    _run([str(folder / "optimized"), "replay", str(folder / "cases"), str(folder / "mask")])
    rows = (line.split() for line in (folder / "stats").read_text().splitlines())
    return {name: Tally(*map(int, numbers)) for name, *numbers in rows}


def judge(
    rust: str, plans: list[FunctionPlan], folder: Path, flags: Sequence[str] = CHECKED_RUST
) -> tuple[Failure, ...]:
    """Runs the Rust on the marked cases."""
    (folder / "translation.rs").write_text(rust_driver(rust, plans))
    (folder / "main.rs").write_text(MAIN)
    _run(["rustc", *flags, str(folder / "main.rs"), "-o", str(folder / "rust")])
    done = subprocess.run(
        [str(folder / "rust"), str(folder / "cases"), str(folder / "mask")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    failures = read_failures(done.stdout, folder / "cases", plans)
    if done.returncode not in (0, 3):
        failures += (Failure("?", "the Rust driver died", "", done.stderr[-2000:], ()),)
    return failures


def _run(command: Sequence[str]) -> None:
    _run_all([command])


def _run_all(commands: Sequence[Sequence[str]]) -> None:
    """Side by side; each must succeed."""
    environment = {**os.environ, "ASAN_OPTIONS": "", "LC_ALL": "C"}
    running = [subprocess.Popen(each, stderr=subprocess.PIPE, text=True, env=environment) for each in commands]
    for command, process in zip(commands, running, strict=True):
        _, errors = process.communicate(timeout=600)
        if process.returncode != 0:
            raise BuildError(f"{' '.join(command)}\n{errors[-6000:]}")
