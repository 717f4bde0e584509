"""The source files of one translation unit: their text, read once, and their tokens.

    sources = Sources({"a.c": text});  sources.text("inc/a.h");  sources.scan("a.c").comments

Text is UTF-8; bytes that are not are kept as surrogates, so that a string literal in another
encoding still encodes to its own bytes. Refused: a file that cannot be read, is empty, holds NUL
bytes (it is not text), or is larger than 64 MiB.
"""

from dataclasses import dataclass, field
from pathlib import Path

from compiler.codes import Code
from compiler.diagnostics import Span, refusal
from compiler.frontends.c.preprocess_scan import Scan, scan

LARGEST = 64 * 1024 * 1024


def read_source(path: str) -> str:
    """The text of the file to compile. Raises CompileError when it is no C source text."""
    try:
        if not Path(path).is_file():
            reason = "it is a directory" if Path(path).is_dir() else "no such file"
            raise refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{path}`: {reason}")
        size = Path(path).stat().st_size
        content = Path(path).read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{path}`: {error.strerror}") from None
    if size > LARGEST:
        raise refusal(Code.INPUT_TOO_LARGE, None, f"`{path}` has {size} bytes; the limit is {LARGEST}")
    return source_text(content, path)


def source_text(content: bytes, name: str) -> str:
    """The bytes of a source file as text. Raises CompileError when they are none."""
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise refusal(Code.INPUT_NOT_TEXT, Span(name, line), f"`{name}` is not C source: it contains a NUL byte")
    if not content.strip():
        raise refusal(Code.INPUT_EMPTY, Span(name, 1), f"`{name}` is empty: there is nothing to translate")
    return decode(content)


def decode(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


@dataclass(slots=True)
class Sources:
    """Files by the name that stands in spans. A name that is no file has no text (`#line` can lie)."""

    texts: dict[str, str] = field(default_factory=dict[str, str])
    _scans: dict[str, Scan | None] = field(default_factory=dict[str, Scan | None])

    def text(self, name: str) -> str | None:
        if name not in self.texts:
            content = _content(name)
            if content is None:
                return None
            self.texts[name] = decode(content)
        return self.texts[name]

    def scan(self, name: str) -> Scan | None:
        if name not in self._scans:
            text = self.text(name)
            self._scans[name] = None if text is None else scan(text, name)
        return self._scans[name]


def _content(name: str) -> bytes | None:
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError):
        return None
