"""A local Dask cluster of two workers, one of which is killed on the way: every task once, nothing lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from costmodel.cli import main
from costmodel.cluster import on_cluster
from costmodel.collect import Finished, collect
from costmodel.collector import Options, Task
from costmodel.dataset import read
from costmodel.refusals import RequestError

pytestmark = pytest.mark.skipif(
    find_spec("distributed") is None, reason="needs Dask (pip install 'splitwood[cluster]')"
)
SLOW = "fake_collectors:SLOW"


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("FAKE_RUNS", str(tmp_path / "runs"))
    harness = str(Path(__file__).parents[1] / "harness")
    monkeypatch.setenv("PYTHONPATH", f"{harness}:{Path(__file__).parents[2]}")
    from distributed import LocalCluster

    local: Any = LocalCluster
    with local(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as running:
        yield running


def test_a_worker_killed_on_the_way_loses_nothing(cluster: Any, tmp_path: Path) -> None:
    out = tmp_path / "d.jsonl.gz"
    inner = on_cluster(cluster.scheduler_address)
    killed: list[int] = []

    def execute(where: str, tasks: Sequence[Task]) -> Iterator[Finished]:
        for finished in inner(where, tasks):
            if not killed:
                pid: int = next(iter(cluster.workers.values())).process.process.pid
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                time.sleep(0.1)
            yield finished

    outcome = collect(SLOW, Options(), out, execute)
    assert killed
    assert (outcome.tasks, outcome.failures) == (12, ())
    assert [s.kernel for s in read([out]).samples] == [f"t{at}" for at in range(12) for _ in range(2)]


def test_the_command_spreads_over_a_cluster(cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "d.jsonl.gz")
    assert main(["collect", "fake_collectors:COLLECTOR", "-o", out, "--cluster", cluster.scheduler_address]) == 0
    assert "24 samples of 12 tasks" in capsys.readouterr().out


def test_a_scheduler_that_does_not_answer() -> None:
    with pytest.raises(RequestError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(on_cluster("tcp://127.0.0.1:9", patience=1.0)(SLOW, [Task("t0", {})]))
