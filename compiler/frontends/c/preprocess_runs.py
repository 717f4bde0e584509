"""Runs of `cc -E`: which compiler, with which arguments, and begun before their output is asked for.

    with RunsAhead(jobs) as ahead:            cc works on the first files
        import …                              while we import, and later while we translate the files before
        ahead.finished(jobs[0])               what it wrote; cc begins with the next file that waits

The environment and the date of a run are fixed (no CPATH, no locale), so when it runs makes no difference. Imports little: it is what a
command begins with.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from compiler.frontends.c.preprocess_job import FIXED_DATE, PREDEFINED, SYSTEM_UNDEFINED, PreprocessJob

COMPILERS = ("cc", "gcc", "clang")
_AT_ONCE = 4
"""Runs that are ahead: their output waits in a pipe, or they wait to write it."""


def find_compiler() -> str | None:
    """The C compiler whose preprocessor we use, or None: then pcpp takes over."""
    found = (shutil.which(name) for name in COMPILERS)
    return next((path for path in found if path is not None), None)


class RunsAhead:
    """The runs for some files, in their order. What is still at work when the block ends is stopped."""

    def __init__(self, jobs: Sequence[PreprocessJob]) -> None:
        self._compiler = find_compiler()
        self._waiting = list(reversed(jobs)) if self._compiler else []
        self._begun: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "RunsAhead":
        for _ in range(_AT_ONCE):
            self._begin_next()
        return self

    def __exit__(self, *_: object) -> None:
        for run in self._begun.values():
            run.kill()
            run.communicate()

    def finished(self, job: PreprocessJob) -> subprocess.CompletedProcess[bytes] | None:
        """What came of the run for that job; None when it was not begun."""
        if (run := self._begun.pop(id(job), None)) is None:
            return None
        done = _finished(run, job)
        self._begin_next()
        return done

    def _begin_next(self) -> None:
        if self._compiler and self._waiting:
            job = self._waiting.pop()
            with suppress(OSError):  # told where the output is needed: it is tried again there
                self._begun[id(job)] = _begin(self._compiler, job)


def run(compiler: str, job: PreprocessJob) -> subprocess.CompletedProcess[bytes]:
    return _finished(_begin(compiler, job), job)


def _begin(compiler: str, job: PreprocessJob) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [compiler, *_arguments(job)],
        stdin=subprocess.PIPE if job.path is None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )


def _finished(run: subprocess.Popen[bytes], job: PreprocessJob) -> subprocess.CompletedProcess[bytes]:
    marked = f'#line 1 "{job.name}"\n{job.text}'.encode("utf-8", "surrogateescape") if job.path is None else None
    with run:
        out, err = run.communicate(marked)
    return subprocess.CompletedProcess(run.args, run.returncode, out, err)


def _arguments(job: PreprocessJob) -> list[str]:
    """The command line. Our definitions come first, so that the user's override them."""
    options = job.options
    arguments = ["-E", "-dD", "-w", "-x", "c", f"-std={options.standard.flag}"]
    arguments += [f"-D{name}={value}" for name, value in FIXED_DATE]
    if options.system_headers:
        arguments += [f"-U{name}" for name in SYSTEM_UNDEFINED]
    else:
        arguments += ["-undef", "-nostdinc"]
        arguments += [f"-D{name}={value}" for name, value in PREDEFINED]
    arguments += [f"-D{define}" for define in options.defines]
    arguments += [f"-U{name}" for name in options.undefines]
    arguments += [f"-I{directory}" for directory in job.include_dirs]
    for name in options.force_includes:
        arguments += ["-include", name]
    return [*arguments, "-" if job.path is None else os.path.join(".", job.path) if job.path[0] == "-" else job.path]
