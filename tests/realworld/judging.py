"""Whole programs, C against Rust: three outcomes, and what stands in the way of the refused ones.

    agree      both print the same and end with the same status
    refused    the translator said why
    WRONG      they differ, rustc rejects the Rust, the Rust panics, or the translator crashed

A program on which the sanitizers fire, which does not build, or which two builds of gcc run differently, is not judged. C leaves the
order of the calls in an expression open, gcc and clang differ in it, and ours is clang's, left to right: what differs from gcc's builds but
not from clang's agrees.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path
from sys import stderr

from attempt import Attempt, Blocker, Outcome, attempt

from compiler.frontends.c.preprocess_job import PreprocessOptions

SANITIZED = ("-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-sanitize=shift-base")
PLAIN = ("-O0", "-fwrapv", "-fno-strict-aliasing", "-ftrivial-auto-var-init=pattern")
OPTIMIZED = ("-O2", "-fwrapv", "-fno-strict-aliasing", "-ftrivial-auto-var-init=zero")
RUST = ("--edition=2021", "-Copt-level=1", "-Coverflow-checks=on", "-Cdebug-assertions=on")


class Verdict(StrEnum):
    AGREE = "agree"
    REFUSED = "refused"
    WRONG = "WRONG"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Program:
    """A C file to run; `flags` are for cc, `options` the same for the translator."""

    name: str
    path: Path
    flags: tuple[str, ...] = ()
    options: PreprocessOptions = field(default_factory=PreprocessOptions)


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    verdict: Verdict
    detail: str = ""
    blockers: tuple[Blocker, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    status: int
    out: bytes
    err: str


def judge(program: Program, limit: int = 30) -> Result:
    """Translates first, since most programs end there."""
    tried = attempt(program.path, program.options, limit)
    match tried.outcome:
        case Outcome.REFUSED:
            return Result(program.name, Verdict.REFUSED, blockers=tried.blockers, seconds=tried.seconds)
        case Outcome.CRASHED | Outcome.TIMEOUT:
            return Result(
                program.name, Verdict.WRONG, f"translator: {tried.outcome} {tried.error}", seconds=tried.seconds
            )
        case Outcome.TRANSLATED:
            with tempfile.TemporaryDirectory() as folder:
                return _compare(program, tried, Path(folder))


def _compare(program: Program, tried: Attempt, folder: Path) -> Result:
    def result(verdict: Verdict, detail: str = "") -> Result:
        return Result(program.name, verdict, detail, seconds=tried.seconds)

    expected = _expected(program, folder)
    if isinstance(expected, str):
        return result(Verdict.NOT_JUDGED, expected)
    (folder / "main.rs").write_text(tried.rust, "utf-8")
    built = _run(["rustc", *RUST, str(folder / "main.rs"), "-o", str(folder / "rust")], 120)
    if built.status != 0:
        return result(Verdict.WRONG, f"rustc: {_first_error(built.err)}")
    found = _run([str(folder / "rust")], 30)
    if (found.status, found.out) != (expected.status, expected.out):
        if _clang_agrees(program, folder, found):
            return result(Verdict.AGREE, "in clang's order of evaluation")
        return result(Verdict.WRONG, f"C ends with {expected.status}, Rust with {found.status}: {_one_line(found.err)}")
    return result(Verdict.AGREE, "with warnings" if "warning" in built.err else "")


def _clang_agrees(program: Program, folder: Path, found: Run) -> bool:
    if shutil.which("clang") is None:
        return False
    built = _run(
        ["clang", "-std=gnu17", "-w", "-O0", *program.flags, str(program.path), "-o", str(folder / "clang"), "-lm"], 60
    )
    if built.status != 0:
        return False
    ran = _run([str(folder / "clang")], 10)
    return (ran.status, ran.out) == (found.status, found.out)


def _expected(program: Program, folder: Path) -> Run | str:
    """What C does, or why it is not to be asked."""
    runs: list[Run] = []
    for name, flags in (("plain", PLAIN), ("sanitized", SANITIZED), ("optimized", OPTIMIZED)):
        built = _run(
            ["gcc", "-std=gnu17", "-w", *flags, *program.flags, str(program.path), "-o", str(folder / name), "-lm"], 60
        )
        if built.status != 0:
            return f"cc: {_first_error(built.err)}"
        runs.append(_run([str(folder / name)], 10))
        if runs[-1].status == TIMED_OUT:
            return "C takes too long"
    if "Sanitizer" in runs[1].err or "runtime error" in runs[1].err:
        return "undefined behaviour"
    if len({(each.status, each.out) for each in runs}) > 1:
        return "C builds differ"
    return runs[0]


TIMED_OUT = -1000


def _run(command: Sequence[str], seconds: int) -> Run:
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "LC_ALL": "C", "RUST_BACKTRACE": "0"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=seconds, check=False, env=environment, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return Run(TIMED_OUT, b"", "")
    return Run(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _first_error(text: str) -> str:
    lines = [line for line in text.splitlines() if "error" in line]
    return (lines or text.splitlines() or ["?"])[0][:300]


# --- many programs -------------------------------------------------------------------------------------------------------------


def judge_all(programs: Sequence[Program], log: Path | None, *, resume: bool, jobs: int) -> list[Result]:
    """Results in the order of the programs; each is appended to the log as it comes, so that a stopped run can go on."""
    done = {each.name: each for each in _read_log(log)} if log and resume else {}
    if log and not resume:
        log.write_text("")
    todo = [each for each in programs if each.name not in done]
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        running = {pool.submit(judge, each): each for each in todo}
        for count, future in enumerate(as_completed(running), 1):
            result = future.result()
            done[result.name] = result
            _append(log, result)
            _progress(count, len(todo), done.values())
    return [done[each.name] for each in programs]


def _append(log: Path | None, result: Result) -> None:
    if log:
        with log.open("a") as stream:
            stream.write(json.dumps(asdict(result)) + "\n")


def _read_log(log: Path) -> Iterable[Result]:
    if not log.exists():
        return
    for line in log.read_text().splitlines():
        fields = json.loads(line)
        blockers = tuple(Blocker(**each) for each in fields["blockers"])
        yield Result(fields["name"], Verdict(fields["verdict"]), fields["detail"], blockers, fields["seconds"])


def _progress(count: int, total: int, results: Iterable[Result]) -> None:
    if count % 20 == 0 or count == total:
        tally = Counter(each.verdict for each in results)
        shares = "  ".join(f"{verdict} {tally[verdict]}" for verdict in Verdict)
        stderr.write(f"\r{count}/{total}  {shares}   " + ("\n" if count == total else ""))
        stderr.flush()


def summary(results: Sequence[Result], show: Callable[[str], object] = print) -> int:
    """Prints shares, blockers and everything WRONG; the number of WRONG ones."""
    tally = Counter(each.verdict for each in results)
    for verdict in Verdict:
        show(f"{verdict:12} {tally[verdict]:6}  {100 * tally[verdict] / max(1, len(results)):5.1f} %")
    seconds = sorted(each.seconds for each in results)
    show(f"translating one: median {seconds[len(seconds) // 2]:.3f} s, longest {seconds[-1]:.3f} s")
    _show_blockers(results, show)
    for reason, count in Counter(each.detail for each in results if each.verdict is Verdict.NOT_JUDGED).most_common(12):
        show(f"not judged: {count:5}  {reason}")
    wrong = [each for each in results if each.verdict is Verdict.WRONG]
    for each in wrong:
        show(f"WRONG {each.name}: {each.detail}")
    return len(wrong)


def _show_blockers(results: Sequence[Result], show: Callable[[str], object]) -> None:
    """Per reason: programs that it holds back, those that it alone holds back, those where it comes first."""
    held: Counter[tuple[str, str]] = Counter()
    alone: Counter[tuple[str, str]] = Counter()
    first: Counter[tuple[str, str]] = Counter()
    for each in results:
        reasons = [(blocker.code, blocker.message) for blocker in each.blockers]
        held.update(set(reasons))
        if reasons:
            first[reasons[0]] += 1
        if len(set(reasons)) == 1:
            alone[reasons[0]] += 1
    show("\nheld back   alone   first  blocker")
    for reason, count in held.most_common(40):
        show(f"{count:9} {alone[reason]:7} {first[reason]:7}  {reason[0]} {reason[1]}")
    show("")
