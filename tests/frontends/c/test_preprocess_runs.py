"""Runs of `cc -E` that are ahead: each gives its own job's output, none is left behind."""

import os
import time
from pathlib import Path

import pytest

import compiler.frontends.c.preprocess_runs as module
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.frontends.c.preprocess_runs import RunsAhead, find_compiler, run


def _job(name: str, text: str, path: Path | None = None) -> PreprocessJob:
    return PreprocessJob(name, str(path) if path else None, text, PreprocessOptions())


def _jobs(folder: Path) -> list[PreprocessJob]:
    """More than are begun at once; files and text that stands in none; one fails, one fills every pipe."""
    long = "\n".join(f"int x{n};" for n in range(20_000))
    texts = ["int a;", long, "#error no", "#include <stdint.h>\nuint8_t d;", "int a;", "int e;", "int f;"]
    jobs = [_job("text.c", "int t;"), _job("long text.c", long)]
    for number, text in enumerate(texts):
        path = folder / f"{number}.c"
        path.write_text(text)
        jobs.append(_job(str(path), text, path))
    return jobs


def test_each_job_gets_its_own_output(tmp_path: Path) -> None:
    if (compiler := find_compiler()) is None:
        pytest.skip("no C compiler")
    jobs = _jobs(tmp_path)
    with RunsAhead(jobs) as ahead:
        for job in jobs:
            done, expected = ahead.finished(job), run(compiler, job)
            assert done is not None
            assert (done.returncode, done.stdout, done.stderr) == (
                expected.returncode,
                expected.stdout,
                expected.stderr,
            )
        assert ahead.finished(jobs[0]) is None, "it was begun once"


def test_no_run_outlives_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr(module, "find_compiler", lambda: str(slow))
    pids = tmp_path / "pids"
    with pytest.raises(KeyboardInterrupt), RunsAhead([_job("a.c", "int a;"), _job("b.c", "int b;")]):
        while not pids.exists() or len(pids.read_text().splitlines()) < 2:
            time.sleep(0.01)
        raise KeyboardInterrupt
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


@pytest.mark.parametrize("compiler", [None, "/no/such/cc"])
def test_what_cannot_begin_is_left_to_later(monkeypatch: pytest.MonkeyPatch, compiler: str | None) -> None:
    monkeypatch.setattr(module, "find_compiler", lambda: compiler)
    job = _job("a.c", "int a;")
    with RunsAhead([job]) as ahead:
        assert ahead.finished(job) is None
