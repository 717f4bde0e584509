"""Saying on standard error what a command is at, once it has taken more than two seconds.

    with Progress("kcc") as progress:
        progress.stage("simulating")
        run(…, progress)                  # progress("12.4 Mcycles") now and then

On a terminal one line is kept up to date; elsewhere a line follows whenever the time has doubled.
"""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

FIRST_WORD = 2.0
"""Seconds of silence."""


class Progress:
    """What is going on, shown by a thread of its own so that no stage needs to report."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._stage, self._detail = "", ""
        self._started = self._said = time.monotonic()
        self._done = threading.Event()
        self._shown = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()
        if self._shown and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def stage(self, name: str) -> None:
        """The next thing begins."""
        self._stage, self._detail = name, ""

    def __call__(self, detail: str) -> None:
        """How far the stage is."""
        self._detail = detail

    def _watch(self) -> None:
        while not self._done.wait(0.25):
            elapsed = time.monotonic() - self._started
            if elapsed >= FIRST_WORD and (sys.stderr.isatty() or not self._shown or elapsed >= 2 * self._said):
                self._say(elapsed)

    def _say(self, elapsed: float) -> None:
        text = f"{self._program}: {self._stage} {self._detail}".rstrip() + f" ({elapsed:.0f} s)"
        sys.stderr.write(f"\r\x1b[K{text}" if sys.stderr.isatty() else f"{text}\n")
        sys.stderr.flush()
        self._said, self._shown = elapsed, True
