"""The methods of dataclasses, compiled once and kept: compiling them anew took a third of every start.

`dataclasses` writes the methods of each class as source text and has the builtin `exec` compile it, two thousand small texts until the IR
framework and the passes are imported. It finds `exec` as any module finds a builtin, so a name of its own comes first:

    MEMORY.install()        dataclasses that are made from here on ask the memory before the compiler
    MEMORY.save()           what had to be compiled is there at the next start

The text is the key and the code depends on nothing else, so no change of a class makes the memory wrong. The file lies beside the bytecode of
this module and is kept by the same rules: written whole or not at all, not with -B nor into a folder that is read-only, trusted as far as a
`.pyc` is. A file of another Python, or damaged, counts as absent. Where there is no file the texts are compiled, as they would be without us.
"""

import dataclasses
import marshal
import os
import sys
from binascii import crc32
from contextlib import suppress
from types import CodeType
from typing import Any

_MOST_BYTES = 8 << 20  # several versions of every class we have: a memory that grew beyond is begun anew


class GeneratedCode:
    """Source text to its code, as a file remembers it; `file` is None where nothing can be kept."""

    __slots__ = ("_added", "_file", "_known")

    def __init__(self, file: str | None) -> None:
        self._file = file
        self._known: dict[str, bytes] = _read(file) if file else {}
        self._added = False

    def install(self) -> None:
        """Stand between `dataclasses` and the compiler until the process ends."""
        dataclasses.__dict__["exec"] = self.run

    def run(self, text: str, known: dict[str, Any], made: dict[str, Any]) -> None:
        """What `exec(text, known, made)` does: run the text among the names known, and add those it makes."""
        exec(self._code(text), known, made)

    def save(self) -> None:
        """Keep what was compiled since the file was read, if anything was."""
        if not self._added or not self._file or sys.dont_write_bytecode:
            return
        with suppress(OSError):
            _write(self._file, marshal.dumps(self._known))

    def _code(self, text: str) -> CodeType:
        if (kept := self._known.get(text)) is not None:
            return marshal.loads(kept)
        code = compile(text, "<string>", "exec", dont_inherit=True)
        self._known[text] = marshal.dumps(code)
        self._added = True
        return code


def _beside_bytecode() -> str | None:
    """Where Python keeps the bytecode of this module, another ending; None when it keeps none."""
    cached = __spec__.cached if __spec__ else None
    return cached and f"{cached.removesuffix('.pyc')}.methods"


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


MEMORY = GeneratedCode(_beside_bytecode())
"""That of this process."""
