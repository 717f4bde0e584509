"""What one start had to compile, kept for the next: groups of small things by key, in one file.

    memory.group("compiler.report")         dict, as an earlier process left it
    memory.changed("compiler.report")       something was added
    memory.save()                           for the next process

Keys hold all that a value is made of but the Python that makes it, so nothing that we change makes the memory wrong. The file lies beside the
bytecode of this module and is kept by the same rules: written whole or not at all, not with -B nor into a folder that is read-only, trusted
as far as a `.pyc` is. A file of another Python, or damaged, counts as absent. Without it all is compiled, as it would be without us.
"""

import marshal
import os
import sys
from binascii import crc32
from contextlib import suppress
from typing import Any

_MOST_BYTES = 8 << 20  # several versions of every class we have: a memory that grew beyond is begun anew


class StartMemory:
    """Groups of what `marshal` can write; `file` is None where nothing can be kept."""

    __slots__ = ("_changed", "_file", "_groups", "_kept")

    def __init__(self, file: str | None) -> None:
        self._file = file
        self._kept: dict[str, bytes] = _read(file) if file else {}
        self._groups: dict[str, dict[Any, Any]] = {}
        self._changed: set[str] = set()

    def group(self, name: str) -> dict[Any, Any]:
        """Read when it is first asked for: no command needs all groups."""
        if (known := self._groups.get(name)) is None:
            kept = self._kept.get(name)
            known = self._groups[name] = marshal.loads(kept) if kept else {}
        return known

    def changed(self, name: str) -> None:
        self._changed.add(name)

    def save(self) -> None:
        """Write the file, if anything was added to it."""
        if not self._changed or not self._file or sys.dont_write_bytecode:
            return
        self._kept.update((name, marshal.dumps(self._groups[name])) for name in sorted(self._changed))
        self._changed.clear()
        with suppress(OSError):
            _write(self._file, marshal.dumps(self._kept))


def beside_bytecode() -> str | None:
    """Where Python keeps the bytecode of this module, another ending; None when it keeps none."""
    cached = __spec__.cached if __spec__ else None
    return cached and f"{cached.removesuffix('.pyc')}.kept"


def _read(file: str) -> dict[str, bytes]:
    with suppress(OSError):
        with open(file, "rb") as opened:
            content = opened.read(_MOST_BYTES)
        start = _start_of(content[len(_start_of(b"")) :])
        if content.startswith(start):
            return marshal.loads(memoryview(content)[len(start) :])
    return {}


def _write(file: str, content: bytes) -> None:
    unfinished = f"{file}.{os.getpid()}"
    try:
        with open(unfinished, "xb") as opened:
            opened.write(_start_of(content) + content)
        os.replace(unfinished, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def _start_of(content: bytes) -> bytes:
    """What the file begins with: the Python whose code it holds, and a check of the rest."""
    return f"{sys.version}\0{crc32(content):08x}\n".encode()
