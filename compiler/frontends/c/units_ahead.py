"""Files parsed before their trees are asked for, where a second processor would idle: by a process of its own.

    with UnitsAhead(jobs) as ahead:           a worker preprocesses and parses file after file
        import …                              while we import, and later while we lower the files before
        ahead.unit(jobs[0])                   the tree, or None: parse it here

The worker does what this process would do, so what comes is the same: trees, and refusals in their order. Whatever else stops a worker (no
memory, an error of ours) is none of its business: the files that it has not handed over are parsed here, where errors are told.
Where a worker would not pay (little text, one processor, no `fork`, threads that `fork` would tear apart) only `cc -E` runs ahead.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from io import BufferedReader
from typing import TYPE_CHECKING, NoReturn, cast

from compiler.diagnostics import CompileError, Diagnostic
from compiler.frontends.c.preprocess_job import PreprocessJob
from compiler.frontends.c.preprocess_runs import RunsAhead
from compiler.second_process import spare_processor

if TYPE_CHECKING:
    from compiler.frontends.c.translation_unit import TranslationUnit

LEAST_TEXT = 8 << 10
"""Characters, of all files: for less, handing the trees over takes as long as parsing."""
_PIPE_BYTES = 1 << 20
"""So much waits to be read before the worker does; what an ordinary user may ask of Linux."""
_DEEPEST = 4000  # calls that `pickle` may nest: its frames are large, and a stack that overflows ends in a signal


class UnitsAhead:
    """Trees of some files, asked for in the order of the files. A worker that is still busy when the block ends is stopped."""

    def __init__(self, jobs: Sequence[PreprocessJob]) -> None:
        self._jobs = jobs
        self.runs = RunsAhead([] if _pays(jobs) else jobs)
        """Runs of `cc -E` for the files that are parsed here."""
        self._worker: tuple[int, BufferedReader] | None = None

    def __enter__(self) -> UnitsAhead:
        self.runs.__enter__()
        if _pays(self._jobs):
            self._worker = _begin(self._jobs)
        return self

    def __exit__(self, *_: object) -> None:
        self.runs.__exit__()
        self._end()

    def unit(self, job: PreprocessJob) -> TranslationUnit | None:
        """What the worker made of the file, None without one. Raises CompileError."""
        if self._worker is None:
            return None
        import pickle

        try:
            name, made = cast("tuple[str, TranslationUnit | tuple[Diagnostic, ...]]", pickle.load(self._worker[1]))
        except (EOFError, pickle.UnpicklingError):
            self._end()
            return None
        assert name == job.name
        if isinstance(made, tuple):
            raise CompileError(*made)
        return made

    def _end(self) -> None:
        if self._worker is not None:
            worker, results = self._worker
            self._worker = None
            results.close()
            os.kill(worker, signal.SIGTERM)
            os.waitpid(worker, 0)


def _pays(jobs: Sequence[PreprocessJob]) -> bool:
    return sum(len(job.text) for job in jobs) >= LEAST_TEXT and spare_processor()


def _begin(jobs: Sequence[PreprocessJob]) -> tuple[int, BufferedReader] | None:
    """The worker and where its results come from."""
    from fcntl import F_SETPIPE_SZ, fcntl

    reading, writing = os.pipe()
    try:
        fcntl(writing, F_SETPIPE_SZ, _PIPE_BYTES)
        worker = os.fork()
    except OSError:  # too many pipes, or processes
        os.close(reading)
        os.close(writing)
        return None
    if worker == 0:
        _work(jobs, writing)
    os.close(writing)
    return worker, os.fdopen(reading, "rb")


def _work(jobs: Sequence[PreprocessJob], writing: int) -> NoReturn:
    """The worker's life. It leaves nothing to the interpreter's end, which is the other process's."""
    try:
        signal.signal(signal.SIGTERM, _stop)  # so that the runs of `cc` end with it
        import pickle

        from compiler.frontends.c.parse import parse
        from compiler.frontends.c.preprocess import preprocess_job

        def made(job: PreprocessJob) -> TranslationUnit | tuple[Diagnostic, ...]:
            try:
                return parse(preprocess_job(job, runs))
            except CompileError as error:
                return error.diagnostics

        sys.setrecursionlimit(min(sys.getrecursionlimit(), _DEEPEST))
        with RunsAhead(jobs) as runs, os.fdopen(writing, "wb") as results:
            for job in jobs:
                results.write(pickle.dumps((job.name, made(job)), pickle.HIGHEST_PROTOCOL))
                results.flush()
    finally:
        os._exit(0)


def _stop(_number: int, _frame: object) -> NoReturn:
    sys.exit()
