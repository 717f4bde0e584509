"""`costmodel collect`: run a collector's tasks, on this machine's cores or a cluster's, and lose nothing when interrupted.

    costmodel collect loops -o loops.jsonl.gz

Every finished task goes to a journal beside the output (`loops.jsonl.gz.journal`, JSON lines) before the next is counted. The same
command again goes on where it stopped: a last line cut off is dropped, a task written twice counts once. When all tasks are done the
journal becomes the data set, in the order of the tasks, and is removed. Refused: a journal of another collection.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from importlib.metadata import entry_points
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, cast

from costmodel.collector import ENTRY_POINTS, Collector, Options, Task
from costmodel.dataset import write
from costmodel.refusals import CostModelRefusal, DataError, RequestError
from costmodel.sample import Sample

_ATTEMPTS = 3
"""How often a task may take its worker down before the collection stops."""


def reference(source: str) -> str:
    """`module:attribute` of a source: registered under `ENTRY_POINTS`, or written out."""
    found = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    if source in found:
        return found[source]
    if ":" in source:
        return source
    known = ", ".join(sorted(found)) or "none is installed"
    raise RequestError(f"there is no source `{source}` ({known})")


def collector_at(where: str) -> Collector:
    """The collector at `module:attribute`."""
    module, _, name = where.partition(":")
    try:
        return cast(Collector, getattr(importlib.import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise RequestError(f"`{where}` is no collector: {error}") from None


@dataclass(frozen=True, slots=True)
class Finished:
    """A task's samples as JSON objects, or why it failed."""

    key: str
    samples: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    failure: str | None = None


def run_task(where: str, key: str, spec: dict[str, Any]) -> Finished:
    """Run one task; what workers, near or far, are sent."""
    try:
        samples = collector_at(where).run(Task(key, spec))
    except Exception as error:
        return Finished(key, failure=f"{type(error).__name__}: {error}")
    return Finished(key, [cast(dict[str, Any], sample.as_json()) for sample in samples])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a collection came to: samples written, tasks done, tasks that failed and why."""

    samples: int
    tasks: int
    failures: tuple[tuple[str, str], ...]


Executor = Callable[[str, Sequence[Task]], Iterable[Finished]]


def collect(
    source: str,
    options: Options,
    out: Path,
    execute: Executor,
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> Outcome:
    """Run what is not yet in the journal and write the data set."""
    where = reference(source)
    collector = collector_at(where)
    if lack := collector.missing():
        raise RequestError(f"`{source}` cannot be collected here: {lack}")
    tasks = collector.tasks(options)
    journal = Journal(out.with_name(f"{out.name}.journal"), {"source": source, **asdict(options)})
    done = journal.open()
    try:
        waiting = [task for task in tasks if task.key not in done]
        progress(len(tasks) - len(waiting), len(tasks))
        for finished in execute(where, waiting):
            if finished.key not in done:
                journal.add(finished)
                done[finished.key] = finished
                progress(len(done), len(tasks))
    finally:
        journal.close()
    ordered = [done[task.key] for task in tasks if task.key in done]
    samples = [Sample.from_json(value) for finished in ordered for value in finished.samples]
    if not samples:
        reasons = next((f": {each.failure}" for each in ordered if each.failure), "")
        raise RequestError(f"no task of `{source}` gave a sample{reasons}")
    write(out, samples)
    journal.path.unlink()
    return Outcome(len(samples), len(ordered), tuple((f.key, f.failure) for f in ordered if f.failure))


class Journal:
    """Finished tasks on disk, a line each; the first line says of which collection."""

    def __init__(self, path: Path, head: dict[str, Any]) -> None:
        self.path, self.head = path, json.loads(json.dumps(head))
        self._file: Any = None

    def open(self) -> dict[str, Finished]:
        """What is finished already; the file is then open at its end."""
        done: dict[str, Finished] = {}
        good = 0
        try:
            if self.path.exists():
                good = self._read(done)
            self._file = self.path.open("r+b" if self.path.exists() else "w+b")
        except OSError as error:
            raise DataError(str(self.path), None, error.strerror or str(error)) from None
        self._file.truncate(good)
        self._file.seek(good)
        if not good:
            self._write(self.head)
        return done

    def _read(self, done: dict[str, Finished]) -> int:
        good = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    value = json.loads(line) if line.endswith(b"\n") else None
                except ValueError:
                    value = None
                if value is None:
                    break
                if number == 1 and value != self.head:
                    raise DataError(
                        str(self.path), 1, "is the journal of another collection; remove it, or choose another output"
                    )
                if number > 1:
                    done[value["key"]] = Finished(**value)
                good += len(line)
        return good

    def add(self, finished: Finished) -> None:
        """Note a finished task; it is on disk when this returns."""
        self._write(asdict(finished))

    def _write(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def on_cores(workers: int) -> Executor:
    """Tasks on this machine, one a core; a worker that dies costs its tasks another attempt, not the collection."""

    def execute(where: str, tasks: Sequence[Task]) -> Iterator[Finished]:
        waiting = {task.key: task for task in tasks}
        attempts: dict[str, int] = {}
        while waiting:
            running: dict[Future[Finished], str] = {}
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                try:
                    for key in list(waiting):
                        while len(running) >= 2 * workers:
                            yield from _reap(running, waiting)
                        attempts[key] = attempts.get(key, 0) + 1
                        running[pool.submit(run_task, where, key, dict(waiting[key].spec))] = key
                    while running:
                        yield from _reap(running, waiting)
                except BrokenProcessPool:
                    _give_up(attempts, running, waiting)
                except BaseException:
                    for worker in active_children():  # the pool would wait for what they are at
                        worker.terminate()
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise

    return execute


def _reap(running: dict[Future[Finished], str], waiting: dict[str, Task]) -> Iterator[Finished]:
    finished, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in finished:
        result = future.result()
        del running[future]
        del waiting[result.key]
        yield result


def _give_up(attempts: dict[str, int], running: dict[Future[Finished], str], waiting: dict[str, Task]) -> None:
    for key in running.values():
        if attempts.get(key, 0) >= _ATTEMPTS and key in waiting:
            raise CostModelRefusal(f"error: a worker died {_ATTEMPTS} times on task `{key}`") from None
