"""A `.c` or `.mlir` file under tests/ is a test: what the command makes of it equals the golden beside it.

    // args: --emit=minic           .c: more arguments for c2rust-safe; several such lines are several tests
    // passes: split-slices         .mlir: the passes that splitwood-opt runs
    union u { int i; };  //~ error[C0201]: is a union      refused at this line, with these words
    //~^ error[C0201]: …                                   the same, for the line above (`^^`: two above)

Goldens of `mix.c`: `mix.rs` (or `mix.minic`, `mix.rust-ir`) is standard output, `mix.err` standard error; of `mix.mlir`:
`mix.out` and `mix.err`. A file that is missing stands for no output. `pytest --bless` writes goldens. Refused input
must also leave no file. Every run checks the IR after every pass.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from commands import Done, Main, run_command

from compiler.cli import c2rust_safe, opt

KINDS = (".c", ".mlir")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command over a test file; `suffix` is that of the golden."""

    main: Main
    arguments: tuple[str, ...]
    suffix: str


@dataclass(frozen=True, slots=True, order=True)
class Expectation:
    """What a `//~` remark demands: an error at a line, with a code, containing some words."""

    line: int
    code: str
    words: str


def runs_of(path: Path) -> list[Run]:
    head = path.read_text("utf-8", "replace")
    if path.suffix == ".mlir":
        passes = re.findall(r"^// passes: *(.*)$", head, re.MULTILINE)
        return [Run(opt.main, (path.name, "--passes", ",".join(passes)), ".out")]
    arguments = re.findall(r"^// args: *(.*)$", head, re.MULTILINE) or [""]
    return [_translation(path, each.split()) for each in arguments]


def _translation(path: Path, extra: list[str]) -> Run:
    emit = next((each.removeprefix("--emit=") for each in extra if each.startswith("--emit=")), "")
    return Run(c2rust_safe.main, (path.name, "--verify", *extra), {"": ".rs", "rust": ".rs"}.get(emit, f".{emit}"))


_REMARK = re.compile(r"//~(\^*) *error\[(C\d+)\]: *(.*?) *(?:\*/)?$")


def expectations(text: str) -> list[Expectation]:
    """What the remarks in a test file demand, in order of lines."""
    found = ((n, _REMARK.search(line)) for n, line in enumerate(text.splitlines(), 1))
    return sorted(Expectation(n - len(it[1]), it[2], it[3]) for n, it in found if it)


def check(run: Run, path: Path) -> Done:
    """Run the command; assert what needs no golden."""
    expected = expectations(path.read_text("utf-8", "replace"))
    if not expected:
        done = run_command(run.main, run.arguments, path.parent)
        assert done.status == 0, f"exit status {done.status}\n{done.err}"
        return done
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "out")
        done = run_command(run.main, [*run.arguments, "-o", str(output)], path.parent)
        assert not list(Path(folder).iterdir()), "a refused input left a file"
    assert done.status == 1, f"exit status {done.status}, expected 1 (refused)\n{done.err}"
    _check_errors(done.err, path.name, expected)
    return done


def _check_errors(shown: str, file: str, expected: list[Expectation]) -> None:
    header = re.compile(rf"^{re.escape(file)}:(\d+):\d+: error\[(C\d+)\]: (.*)$", re.MULTILINE)
    found = sorted(Expectation(int(line), code, message) for line, code, message in header.findall(shown))
    agree = len(found) == len(expected) and all(
        (f.line, f.code) == (e.line, e.code) and e.words in f.words for f, e in zip(found, expected, strict=True)
    )
    assert agree, f"expected {expected}\n{shown}"


class Mismatch(Exception):
    """Output and golden differ."""

    def __init__(self, golden: Path, before: str, now: str) -> None:
        lines = unified_diff(before.splitlines(), now.splitlines(), golden.name, "now", lineterm="", n=2)
        super().__init__("\n".join([*lines, "", "if this is meant: pytest --bless"]))


class FileTests(pytest.File):
    """The tests that one file stands for."""

    def collect(self) -> Iterator["FileTest"]:
        for run in runs_of(self.path):
            yield FileTest.from_parent(self, name=run.suffix, run=run)  # pyright: ignore[reportUnknownMemberType]


class FileTest(pytest.Item):
    def __init__(self, run: Run, **rest: Any) -> None:
        super().__init__(**rest)  # pyright: ignore[reportUnknownMemberType]
        self.run = run

    def runtest(self) -> None:
        done = check(self.run, self.path)
        self._compare(self.run.suffix, done.out)
        self._compare(".err", done.err)

    def _compare(self, suffix: str, now: str) -> None:
        golden = self.path.with_suffix(suffix)
        before = golden.read_text() if golden.exists() else ""
        if now == before:
            return
        if not self.config.getoption("--bless"):
            raise Mismatch(golden, before, now)
        golden.write_text(now)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Mismatch | AssertionError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name} -> {self.run.suffix}"
