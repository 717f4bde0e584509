"""Collectors that measure nothing: for tests of what drives them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from costmodel.collector import Options, Task
from costmodel.sample import Sample


@dataclass(frozen=True)
class Counting:
    """Twelve tasks of two samples; every run leaves a line in `$FAKE_RUNS`; `$FAKE_TROUBLE` makes task 5 die, fail, hang or stop once."""

    source: str = "fake"
    timed: bool = False
    pause: float = 0.0

    def missing(self) -> str | None:
        return os.environ.get("FAKE_MISSING")

    def tasks(self, options: Options) -> Sequence[Task]:
        return [Task(f"t{at}", {"at": at}) for at in range(options.limit or 12)]

    def run(self, task: Task) -> Sequence[Sample]:
        time.sleep(self.pause)
        runs = Path(os.environ["FAKE_RUNS"])
        again = task.key in runs.read_text().split() if runs.exists() else False
        with runs.open("a") as file:
            file.write(f"{task.key}\n")
        if task.key == "t5" and not again:
            _trouble()
        return [
            Sample("fake", "none", "f", task.key, v, f"// {task.key} {v}\n", {"cycles": 1.0 + len(v)})
            for v in ("a", "bb")
        ]


def _trouble() -> None:
    match os.environ.get("FAKE_TROUBLE"):
        case "die":
            os._exit(9)
        case "fail":
            raise ValueError("t5 is odd")
        case "hang":
            time.sleep(300)
        case _:
            pass


COLLECTOR = Counting()
SLOW = Counting(pause=0.3)
