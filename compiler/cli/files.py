"""Reading what the user names, writing what the user asked for; each failure an exact diagnostic.

An output file is complete or absent: it is written under another name in its own folder, then
renamed. What stood there before survives every failure.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from compiler.codes import Code
from compiler.diagnostics import Span, refusal

LARGEST_INPUT = 64 * 1024 * 1024
STDIN = "-"
STDIN_NAME = "<stdin>"


def read_source(name: str) -> str:
    """The text of a C file, or of standard input for `-`. Bytes that are not UTF-8 are kept."""
    data = _read_bytes(name)
    shown = STDIN_NAME if name == STDIN else name
    if len(data) > LARGEST_INPUT:
        limit = f"more than {LARGEST_INPUT >> 20} MiB"
        raise refusal(Code.INPUT_TOO_LARGE, None, f"`{shown}` is too large: {limit}")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise refusal(Code.INPUT_NOT_TEXT, Span(shown, line), "a null byte: this is not a text file")
    if not data.strip():
        raise refusal(Code.INPUT_EMPTY, Span(shown, 1), "the file is empty", help="there is nothing to translate")
    return data.decode("utf-8", "surrogateescape")


def _read_bytes(name: str) -> bytes:
    try:
        if name == STDIN:
            return sys.stdin.buffer.read(LARGEST_INPUT + 1)
        with open(name, "rb") as file:
            return file.read(LARGEST_INPUT + 1)
    except (OSError, ValueError) as error:
        raise refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{name}`: {_reason(error)}") from error


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
            return Path(name).read_text("utf-8", "surrogateescape")
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
    try:
        _write_file(Path(os.path.realpath(name)), data)
    except (OSError, ValueError) as error:
        raise refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{name}`: {_reason(error)}") from error


def _write_file(path: Path, data: bytes) -> None:
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


def _reason(error: OSError | ValueError) -> str:
    """The system's words without number and path."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason[:1].lower() + reason[1:]
