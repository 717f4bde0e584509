"""Running one of our commands inside the test process: no start-up cost, everything captured.

done = run_command(c2rust_safe.main, ["mix.c"], cwd=folder)     done.status, done.out, done.err
"""

import io
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

Main = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


def run_command(main: Main, arguments: Sequence[str], cwd: Path) -> Done:
    written = io.BytesIO()
    out, err = io.TextIOWrapper(written, encoding="utf-8"), io.StringIO()
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        status = _status(main, arguments)
        out.flush()
    return Done(status, written.getvalue().decode(), err.getvalue())


def _status(main: Main, arguments: Sequence[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
