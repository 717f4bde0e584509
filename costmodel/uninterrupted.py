"""Predictions without passes of Python's collector of cycles in their midst.

    with uninterrupted():
        …

What a prediction makes has no cycles and is gone when it is done, but hundreds of texts are thousands of objects: enough for dozens of passes
that find nothing, and for what is young to count as old, so that soon a pass over all objects of the process follows. An eighth of the time
of a batch went there. Nothing is collected any later than a prediction's end; whether the collector is on then is as it was before.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock, local


class _Own(local):
    """Of one thread, how often it is within."""

    inside = 0


class _Everyone:
    """How many are within, in all threads; whether the collector was on when the first came."""

    def __init__(self) -> None:
        self.lock, self.own = Lock(), _Own()
        self.inside, self.enabled = 0, False

    def enter(self) -> None:
        with self.lock:
            if not self.inside:
                self.enabled = gc.isenabled()
                gc.disable()
            self.inside += 1
            self.own.inside += 1

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            self.own.inside -= 1
            self._resume()

    def fork(self) -> None:
        """In a new process goes on only the thread that made it: of the others nobody will leave."""
        self.lock = Lock()
        if self.inside:
            self.inside = self.own.inside
            self._resume()

    def _resume(self) -> None:
        if not self.inside and self.enabled:
            gc.enable()


_EVERYONE = _Everyone()
os.register_at_fork(after_in_child=_EVERYONE.fork)


@contextmanager
def uninterrupted() -> Generator[None]:
    """No passes of the collector until the last of those who asked for it, in whatever threads, is done."""
    _EVERYONE.enter()
    try:
        yield
    finally:
        _EVERYONE.leave()
