"""The files of a command: the texts that errors quote, and the output.

An output file is complete or absent: it is written under another name in its own folder, then
renamed. What stood there before survives every failure.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.source_text import decode, reason


class FileTexts(Mapping[str, str]):
    """The texts that errors quote: read from files when an error is rendered, but for standard input."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def hold(self, name: str, text: str) -> None:
        self._held[name] = text

    def __getitem__(self, name: str) -> str:
        if name in self._held:
            return self._held[name]
        try:
            return decode(Path(name).read_bytes())
        except (OSError, ValueError):
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


def write_output(name: str | None, text: str) -> None:
    """Write to the named file, or to standard output for None or `-`."""
    data = text.encode("utf-8", "replace")
    if name is None or name == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    write_bytes(name, data)


def write_bytes(name: str, data: bytes) -> None:
    """Write to the named file."""
    try:
        replace_file(Path(os.path.realpath(name)), data)
    except (OSError, ValueError) as error:
        raise refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{name}`: {reason(error)}") from error


def replace_file(path: Path, data: bytes) -> None:
    """Put a whole file in the place of what is there."""
    if path.exists() and not path.is_file():  # a device or a pipe; a folder fails here, as it should
        path.write_bytes(data)
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "xb") as file:
            file.write(data)
        if path.exists():
            unfinished.chmod(path.stat().st_mode)
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
