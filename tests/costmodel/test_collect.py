"""Collecting: every task once, in order, over interruptions, failures and workers that die."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from costmodel.collect import Finished, collect, on_cores, reference, run_task
from costmodel.collector import Options, Task
from costmodel.dataset import read
from costmodel.refusals import DataError, RequestError

FAKE = "fake_collectors:COLLECTOR"


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "runs"
    monkeypatch.setenv("FAKE_RUNS", str(path))
    harness = str(Path(__file__).parents[1] / "harness")
    monkeypatch.setenv("PYTHONPATH", f"{harness}:{Path(__file__).parents[2]}")
    return path


def in_process(where: str, tasks: Sequence[Task]) -> Iterator[Finished]:
    return (run_task(where, task.key, dict(task.spec)) for task in tasks)


def kernels(path: Path) -> list[str]:
    return [sample.kernel for sample in read([path]).samples]


EXPECTED = [f"t{at}" for at in range(12) for _ in range(2)]


def test_all_tasks_in_their_order(tmp_path: Path) -> None:
    out = tmp_path / "d.jsonl.gz"
    outcome = collect(FAKE, Options(), out, on_cores(2))
    assert (outcome.samples, outcome.tasks, outcome.failures) == (24, 12, ())
    assert kernels(out) == EXPECTED
    assert [path.name for path in tmp_path.glob("d.*")] == ["d.jsonl.gz"]


def test_a_worker_that_dies_loses_nothing(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_TROUBLE", "die")
    out = tmp_path / "d.jsonl.gz"
    assert collect(FAKE, Options(), out, on_cores(2)).tasks == 12
    assert kernels(out) == EXPECTED
    assert runs.read_text().split().count("t5") == 2


def test_a_task_that_fails_is_told_and_the_rest_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_TROUBLE", "fail")
    outcome = collect(FAKE, Options(), tmp_path / "d.jsonl.gz", in_process)
    assert outcome.failures == (("t5", "ValueError: t5 is odd"),)
    assert "t5" not in kernels(tmp_path / "d.jsonl.gz")


def interrupted(where: str, tasks: Sequence[Task]) -> Iterator[Finished]:
    for at, finished in enumerate(in_process(where, tasks)):
        if at == 4:
            raise KeyboardInterrupt
        yield finished


def test_an_interrupt_does_not_wait_for_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `timeout -s INT` sends it: to the parent alone, while its worker is at a task that takes minutes."""
    monkeypatch.setenv("FAKE_TROUBLE", "hang")
    start = "import sys; from costmodel.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "collect", FAKE, "--workers", "1", "-o", str(tmp_path / "d.gz")]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    journal = tmp_path / "d.gz.journal"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not journal.exists() or journal.read_text().count("\n") < 6):
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) != 0
    finally:
        running.kill()


@pytest.mark.parametrize("tail", ["", '{"key": "t4", "sam', "\0\0\n"])
def test_an_interrupted_collection_goes_on(tail: str, tmp_path: Path, runs: Path) -> None:
    out = tmp_path / "d.jsonl.gz"
    with pytest.raises(KeyboardInterrupt):
        collect(FAKE, Options(), out, interrupted)
    assert not out.exists()
    with (tmp_path / "d.jsonl.gz.journal").open("a") as journal:
        journal.write(tail)
    runs.unlink()
    collect(FAKE, Options(), out, in_process)
    assert kernels(out) == EXPECTED
    assert runs.read_text().split() == [f"t{at}" for at in range(4, 12)]


def test_another_collections_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl.gz.journal").write_text(json.dumps({"source": "other"}) + "\n")
    with pytest.raises(DataError, match=r"d\.jsonl\.gz\.journal:1: error: is the journal of another collection"):
        collect(FAKE, Options(), tmp_path / "d.jsonl.gz", in_process)


def test_a_machine_that_lacks_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_MISSING", "no clock")
    with pytest.raises(RequestError, match="cannot be collected here: no clock"):
        collect(FAKE, Options(), tmp_path / "d.jsonl.gz", in_process)


def test_a_source_that_is_none() -> None:
    with pytest.raises(RequestError, match="there is no source `nonsense`"):
        reference("nonsense")
    with pytest.raises(RequestError, match=r"`json:nothing` is no collector"):
        collect("json:nothing", Options(), Path("x"), in_process)
