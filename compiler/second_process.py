"""A second process, for a second processor that would idle: is there one, and two processes that share a work.

    with as_twins() as twin:                   from here on, two processes do what stands here
        if twin is not None:                   (None: there is one, as before)
            twin.tell_each_other(found)        what the other one found
                                               the first goes on from here, the second is no more

What they tell is what `marshal` writes. A twin that ends early, or fails, is noticed by the other when it is asked next.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader, BufferedWriter
from typing import Any


class TwinLost(Exception):
    """The other process has ended before it said what it was asked."""


def spare_processor() -> bool:
    """A second process would run beside this one, and may be forked: no threads would be torn apart."""
    threading = sys.modules.get("threading")
    return (
        sys.platform == "linux"
        and len(os.sched_getaffinity(0)) > 1
        and (threading is None or threading.active_count() == 1)
    )


@dataclass(frozen=True, slots=True)
class Twin:
    """The other process. `is_second`: this one is the second, which ends with the block."""

    is_second: bool
    _process: int
    _hears: BufferedReader
    _says: BufferedWriter

    def tell_each_other(self, found: Any) -> Any:
        """What the other found. The second speaks first, so that neither waits for room in a pipe."""
        if self.is_second:
            self.tell(found)
            return self.hear()
        heard = self.hear()
        self.tell(found)
        return heard

    def tell(self, found: Any) -> None:
        content = marshal.dumps(found)
        self._says.write(len(content).to_bytes(8, "little") + content)
        self._says.flush()

    def hear(self) -> Any:
        """Raises TwinLost."""
        size = self._hears.read(8)
        content = self._hears.read(int.from_bytes(size, "little"))
        if len(size) < 8 or len(content) < int.from_bytes(size, "little"):
            raise TwinLost
        return marshal.loads(content)

    def end(self) -> None:
        """Of the first: the second has nothing to say any more."""
        with suppress(OSError):  # what is written to one that has ended
            self._says.close()
        self._hears.close()
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


@contextmanager
def as_twins() -> Generator[Twin | None]:
    """Two processes, if the system allows another."""
    twin = _forked()
    try:
        yield twin
    finally:
        if twin is not None and twin.is_second:
            os._exit(0)  # nothing is left to the interpreter's end, which is the first one's
        if twin is not None:
            twin.end()


def _forked() -> Twin | None:
    pipes: list[int] = []
    try:
        pipes += os.pipe()
        pipes += os.pipe()
        process = os.fork()
    except OSError:  # too many pipes, or processes
        for each in pipes:
            os.close(each)
        return None
    hears, says = (pipes[2], pipes[1]) if process == 0 else (pipes[0], pipes[3])
    for each in pipes:
        if each not in (hears, says):
            os.close(each)
    return Twin(process == 0, process, os.fdopen(hears, "rb"), os.fdopen(says, "wb"))
