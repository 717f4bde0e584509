"""What one start had to compile, kept for the next: groups of small things by key, in one file.

    memory.group("compiler.report")         dict, as an earlier process left it
    memory.changed("compiler.report")       something was added
    memory.save()                           for the next process

The file begins with an index and is read piece by piece. Keys hold all that a value is made of but the Python that makes it, so nothing that
we change makes the memory wrong. It lies beside the bytecode of this module and is kept by the same rules: written whole or not at all, not
with -B nor into a folder that is read-only, trusted as far as a `.pyc` is. A file of another Python, or damaged, counts as absent, and so
does a damaged piece. Without it all is compiled, as it would be without us.
"""

import marshal
import os
import sys
from binascii import crc32
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_MOST_BYTES = 32 << 20  # several versions of every class and module we have: a memory that grew beyond is begun anew
_NUMBER = 8  # bytes: of how long the index is, and of its check

_Places = dict[str, tuple[int, int, int]]
"""Of each group: where it begins, how long it is, its check."""


class StartMemory:
    """Groups of what `marshal` can write; `file` is None where nothing can be kept."""

    __slots__ = ("_changed", "_file", "_groups", "_open", "_places")

    def __init__(self, file: str | None) -> None:
        self._file = file
        self._open, self._places = _opened(file) if file else (-1, {})
        self._groups: dict[str, dict[Any, Any]] = {}
        self._changed: set[str] = set()

    def group(self, name: str) -> dict[Any, Any]:
        """Read when it is first asked for: no command needs all groups."""
        if (known := self._groups.get(name)) is None:
            kept = self._kept(name)
            known = self._groups[name] = marshal.loads(kept) if kept else {}
        return known

    def changed(self, name: str) -> None:
        self._changed.add(name)

    def save(self) -> None:
        """Write the file, if anything was added to it."""
        if not self._changed or not self._file or sys.dont_write_bytecode:
            return
        contents = {name: self._kept(name) for name in self._places if name not in self._changed}
        contents.update((name, marshal.dumps(self._groups[name])) for name in sorted(self._changed))
        self._changed.clear()
        with suppress(OSError):
            _write(self._file, contents)

    def _kept(self, name: str) -> bytes:
        """As it stands in the file; nothing where that is damaged."""
        if (place := self._places.get(name)) is None:
            return b""
        begin, size, check = place
        content = os.pread(self._open, size, begin)
        return content if crc32(content) == check else b""


def beside_bytecode() -> str | None:
    """Where Python keeps the bytecode of this module, another ending; None when it keeps none."""
    cached = __spec__.cached if __spec__ else None
    return cached and f"{cached.removesuffix('.pyc')}.kept"


def _opened(file: str) -> tuple[int, _Places]:
    """The file, which stays open, and what is in it; -1 and nothing where there is none of this Python."""
    start = _start()
    with suppress(OSError):
        opened = os.open(file, os.O_RDONLY)
        head = os.pread(opened, len(start) + 2 * _NUMBER, 0)
        size, check = (int.from_bytes(head[begin : begin + _NUMBER]) for begin in (len(start), len(start) + _NUMBER))
        if head.startswith(start) and size < os.fstat(opened).st_size <= _MOST_BYTES:
            index = os.pread(opened, size, len(head))
            if crc32(index) == check:
                begin = len(head) + size
                return opened, {name: (begin + after, *rest) for name, (after, *rest) in marshal.loads(index).items()}
        os.close(opened)
    return -1, {}


def _write(file: str, contents: Mapping[str, bytes]) -> None:
    index: _Places = {}
    after = 0
    for name, content in contents.items():
        index[name] = after, len(content), crc32(content)
        after += len(content)
    told = marshal.dumps(index)
    unfinished = f"{file}.{os.getpid()}"
    try:
        with open(unfinished, "xb") as opened:
            opened.write(_start() + len(told).to_bytes(_NUMBER) + crc32(told).to_bytes(_NUMBER) + told)
            opened.writelines(contents.values())
        os.replace(unfinished, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def _start() -> bytes:
    """What a file begins with: the Python whose code it holds."""
    return f"{sys.version}\n".encode()
