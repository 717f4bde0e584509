"""Reading source text from a file or standard input, with an exact refusal for what is no text.

Text is UTF-8; bytes that are not are kept as surrogates, so that a string literal in another encoding
still encodes to its own bytes. Refused: what cannot be read, is empty, holds a NUL byte, or is larger
than 64 MiB.
"""

import sys
from pathlib import Path

from compiler.codes import Code
from compiler.diagnostics import Span, refusal

LARGEST = 64 * 1024 * 1024
STDIN = "-"
STDIN_NAME = "<stdin>"


def read_source(path: str) -> str:
    """The text of the file, or of standard input for `-`. Raises CompileError when it is no source text."""
    try:
        content = _stdin() if path == STDIN else _file(path)
    except (OSError, ValueError) as error:
        raise refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{path}`: {reason(error)}") from error
    return source_text(content, STDIN_NAME if path == STDIN else path)


def source_text(content: bytes, name: str) -> str:
    """The bytes of a source file as text. Raises CompileError when they are none."""
    if len(content) > LARGEST:
        raise refusal(Code.INPUT_TOO_LARGE, None, f"`{name}` is larger than {LARGEST >> 20} MiB")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise refusal(Code.INPUT_NOT_TEXT, Span(name, line), f"`{name}` is not source text: it contains a NUL byte")
    if not content.strip():
        raise refusal(Code.INPUT_EMPTY, Span(name, 1), f"`{name}` is empty: there is nothing to translate")
    return decode(content)


def decode(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def reason(error: OSError | ValueError) -> str:
    """The system's words for what went wrong, without number and path."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return words[:1].lower() + words[1:]


def _stdin() -> bytes:
    return sys.stdin.buffer.read(LARGEST + 1)


def _file(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(LARGEST + 1)
