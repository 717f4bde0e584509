"""Predictions without passes of Python's collector of cycles in their midst.

    with uninterrupted():
        …

What a prediction makes has no cycles and is gone when it is done, but hundreds of texts are thousands of objects: enough for dozens of passes
that find nothing, and for what is young to count as old, so that soon a pass over all objects of the process follows. An eighth of the time
of a batch went there. Nothing is collected any later than a prediction's end; whether the collector is on then is as it was before.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

_LOCK = Lock()
_state = {"inside": 0, "enabled": False}
"""How many are within, in all threads; whether the collector was on when the first came."""


@contextmanager
def uninterrupted() -> Generator[None]:
    """No passes of the collector until the last of those who asked for it, in whatever threads, is done."""
    with _LOCK:
        if not _state["inside"]:
            _state["enabled"] = gc.isenabled()
            gc.disable()
        _state["inside"] += 1
    try:
        yield
    finally:
        with _LOCK:
            _state["inside"] -= 1
            if not _state["inside"] and _state["enabled"]:
                gc.enable()
