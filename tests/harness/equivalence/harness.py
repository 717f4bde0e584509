"""Compiles both halves, runs them on the same inputs, and says where Rust and C part.

    outcome = compare([source], translation, folder, effort)       outcome.failures, outcome.tallies, outcome.left_out

A difference counts where C is defined: the address and undefined-behaviour sanitizers stay silent, and a second build (-O2, other initial
values of memory) gives the same bytes. There, a Rust panic is a failure like any other difference.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from equivalence.c_driver import PRELUDE, c_driver
from equivalence.plan import FunctionPlan, plan
from equivalence.rust_driver import rust_driver, rust_main
from equivalence.stream import Failure, read_failures, read_heads

from compiler.translation import Translation

_C = ("-std=gnu11", "-w", "-fno-strict-aliasing", "-ffp-contract=off", "-pthread", f"-I{PRELUDE.parent}")
_CHECKS = (
    *("-O0", "-ftrivial-auto-var-init=pattern"),
    *("-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize=shift-base"),
)
"""Signed overflow stays undefined here, so that such inputs are dropped; bits shifted out of a signed number do not, Rust keeps them."""
_REPORTS = tuple(f"__asan_report_{kind}{size}" for kind in ("load", "store") for size in (1, 2, 4, 8, 16, "_n"))
_WRAPPED = tuple(f"-Wl,--wrap={name}" for name in (*_REPORTS, "memcpy", "memmove", "memset"))
_GCC = ("gcc", "-fsanitize-undefined-trap-on-error", "--param", "asan-instrumentation-with-call-threshold=100000000")
OPTIMIZED = ("gcc", *_C, "-DH_REPLAYS", "-O2", "-fwrapv", "-ftrivial-auto-var-init=zero")


def sanitized() -> tuple[str, ...]:
    """gcc: clang 14's address sanitizer ends the process where gcc's reports and goes on."""
    return (*_GCC, *_C, *_CHECKS, *_WRAPPED)


CHECKED_RUST = ["--edition=2021", "-Coverflow-checks=on", "-Cdebug-assertions=on", "-Awarnings"]
"""Without optimisation, which has nothing to break in safe code: rustc takes a third of the time."""


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
    sources: Sequence[Path], translation: Translation, folder: Path, effort: Effort, flags: Sequence[str] = ()
) -> Outcome:
    """Drives every function of one translation, of one file or of a crate; works inside `folder`."""
    modules = modules_of(translation)
    plans = {name: plan(translation.report, text) for name, text in modules.items()}
    driven = {name: functions for name, (functions, _) in plans.items() if functions}
    assert driven, "there is no function to drive"
    failures: list[Failure] = []
    tallies: dict[str, Tally] = {}
    unstable = 0
    build_rust(translation, driven, folder)
    for name, functions in driven.items():
        prepare_c(sources, functions, folder, flags)
        tallies |= generate(folder, effort)
        failures += judge(name, functions, folder)
        unstable += (folder / "mask").read_bytes().count(0)
    left_out = {function: reason for _, each in plans.values() for function, reason in each.items()}
    return Outcome(tuple(failures), tallies, left_out, unstable)


def modules_of(translation: Translation) -> dict[str, str]:
    """The Rust by module; a file alone is the module `translation`."""
    if not translation.files:
        return {"translation": translation.text}
    parts = {
        path.removeprefix("src/").removesuffix(".rs"): text
        for path, text in translation.files.items()
        if path.endswith(".rs")
    }
    return {name: text for name, text in parts.items() if name not in ("lib", "main")}


def prepare_c(sources: Sequence[Path], plans: list[FunctionPlan], folder: Path, flags: Sequence[str] = ()) -> None:
    """Builds both C drivers."""
    driver = folder / "driver.c"
    driver.write_text(c_driver([each.resolve() for each in sources], plans))
    builds = (("sanitized", sanitized()), ("optimized", OPTIMIZED))
    _run_all([[*command, *flags, str(driver), "-o", str(folder / name), "-lm"] for name, command in builds])


def generate(folder: Path, effort: Effort) -> dict[str, Tally]:
    """Makes the inputs, and marks the cases on which both C builds agree."""
    limits = [str(effort.seed), str(effort.judged), str(effort.tries)]
    _run([str(folder / "sanitized"), "gen", *limits, str(folder / "cases"), str(folder / "stats")])
    _run([str(folder / "optimized"), "replay", str(folder / "cases"), str(folder / "mask")])
    rows = (line.split() for line in (folder / "stats").read_text().splitlines())
    return {name: Tally(*map(int, numbers)) for name, *numbers in rows}


def build_rust(
    translation: Translation, plans: Mapping[str, list[FunctionPlan]], folder: Path, flags: Sequence[str] = CHECKED_RUST
) -> None:
    """One program that holds the translation and a driver in every module that is driven."""
    modules = modules_of(translation)
    for name, text in modules.items():
        (folder / f"{name}.rs").write_text(rust_driver(text, plans[name]) if name in plans else text)
    root = translation.files.get("src/lib.rs", "") if translation.files else "mod translation;\n"
    (folder / "main.rs").write_text(root + rust_main(plans))
    _run(["rustc", *flags, str(folder / "main.rs"), "-o", str(folder / "rust")])


def judge(module: str, plans: list[FunctionPlan], folder: Path) -> tuple[Failure, ...]:
    """Runs one module's functions on the marked cases."""
    status, noted = _drive(module, folder)
    if "done" not in noted and status != HUNG:
        _, traced = _drive(module, folder, "trace")
        noted = [*noted, *traced[-1:]]
    for case in _ending_cases(folder):
        noted += _drive(module, folder, str(case))[1]
    return read_failures([line for line in noted if line != "done"], folder / "cases", plans)


HUNG = 3
ENDINGS = 3
"""Cases on which C ends the process that are tried per function: each needs a process of its own."""


def _drive(module: str, folder: Path, *mode: str) -> tuple[int, list[str]]:
    """What the Rust driver noted."""
    notes = folder / "failures"
    notes.write_text("")
    command = [str(folder / "rust"), str(folder / "cases"), str(folder / "mask"), module, str(notes), *mode]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    return done.returncode, notes.read_text("utf-8", "replace").splitlines()


def _ending_cases(folder: Path) -> list[int]:
    mask = (folder / "mask").read_bytes()
    found: dict[int, list[int]] = {}
    for case, function, ends in read_heads(folder / "cases"):
        if ends and mask[case] and len(found.setdefault(function, [])) < ENDINGS:
            found[function].append(case)
    return [case for cases in found.values() for case in cases]


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
