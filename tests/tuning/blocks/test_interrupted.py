"""A collection of blocks that is stopped and started again gives the same bytes as one that is not (skipped without LLVM 22)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from compiler.tuning.collect_blocks import BATCH, COLLECTOR
from costmodel.collect import Finished, collect, run_task
from costmodel.collector import Options, Task

pytestmark = pytest.mark.skipif(COLLECTOR.missing() is not None, reason=f"needs {COLLECTOR.missing()}")

OPTIONS = Options(families=("tree",), targets=("skylake",), limit=2)


def in_turn(where: str, tasks: Sequence[Task]) -> Iterator[Finished]:
    for task in tasks:
        yield run_task(where, task.key, dict(task.spec))


def one_then_killed(where: str, tasks: Sequence[Task]) -> Iterator[Finished]:
    yield from in_turn(where, tasks[:1])
    raise KeyboardInterrupt


def test_what_is_stopped_goes_on(tmp_path: Path) -> None:
    stopped, whole = tmp_path / "stopped.jsonl.gz", tmp_path / "whole.jsonl.gz"
    with pytest.raises(KeyboardInterrupt):
        collect("blocks", OPTIONS, stopped, one_then_killed)
    assert not stopped.exists()
    assert collect("blocks", OPTIONS, stopped, in_turn).samples == 2 * BATCH
    collect("blocks", OPTIONS, whole, in_turn)
    assert stopped.read_bytes() == whole.read_bytes()
