"""One translation in a process of its own: with a time limit, a memory limit, and an answer whatever happens.

    attempt(path, options, seconds=30).outcome      TRANSLATED, REFUSED, CRASHED, TIMEOUT

The child is a fork of this process, which has imported the compiler already: that costs milliseconds, a new interpreter half a second.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import checkout  # pyright: ignore[reportUnusedImport]  # noqa: F401
from equivalence.translator import translate

from compiler.diagnostics import CompileError
from compiler.frontends.c.preprocess_job import PreprocessOptions

MEMORY = 4 << 30


class Outcome(StrEnum):
    TRANSLATED = "translated"
    REFUSED = "refused"
    CRASHED = "crashed"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why a program is refused: the code, and the message without its names."""

    code: str
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Attempt:
    outcome: Outcome
    rust: str = ""
    blockers: tuple[Blocker, ...] = ()
    error: str = ""
    seconds: float = 0.0


def attempt(source: Path, options: PreprocessOptions, seconds: int) -> Attempt:
    """Translates one file, in a child that has `seconds` of processor time."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _in_child(source, options, seconds, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        timed_out = os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGXCPU)
        name = signal.Signals(os.WTERMSIG(status)).name
        return Attempt(Outcome.TIMEOUT if timed_out else Outcome.CRASHED, error=name, seconds=seconds)
    return _decode(data)


def _in_child(source: Path, options: PreprocessOptions, seconds: int, writer: int) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        # Processor time, not the clock's: a loaded machine is no fault of the translator.
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20 * seconds)
        result = _translate(source, options)
        with os.fdopen(writer, "wb") as stream:
            stream.write(json.dumps(asdict(result)).encode("utf-8", "surrogateescape"))
    finally:
        os._exit(0)


def _translate(source: Path, options: PreprocessOptions) -> Attempt:
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    start = time.perf_counter()
    try:
        rust = translate(source, options).text
        return Attempt(Outcome.TRANSLATED, rust, seconds=time.perf_counter() - start)
    except CompileError as error:
        blockers = tuple(
            _blocker(each.code.number, each.message, each.span.line if each.span else 0) for each in error.diagnostics
        )
        return Attempt(Outcome.REFUSED, blockers=blockers, seconds=time.perf_counter() - start)
    except Exception as error:
        return Attempt(
            Outcome.CRASHED, error=f"{type(error).__name__}: {error}"[:500], seconds=time.perf_counter() - start
        )


def _blocker(code: str, message: str, line: int) -> Blocker:
    return Blocker(code, re.sub(r"`[^`]*`|\d+", "…", message), line)


def _decode(data: bytes) -> Attempt:
    if not data:
        return Attempt(Outcome.CRASHED, error="the child died without a word")
    fields = json.loads(data.decode("utf-8", "surrogateescape"))
    blockers = tuple(Blocker(**each) for each in fields["blockers"])
    return Attempt(Outcome(fields["outcome"]), fields["rust"], blockers, fields["error"], fields["seconds"])
