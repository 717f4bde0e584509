"""The source files of one translation unit: their text, read once, and their tokens.

    sources = Sources({"a.c": text});  sources.text("inc/a.h");  sources.scan("a.c").comments

A file that the preprocessor could read but we cannot has no text: it costs comments and excerpts.
"""

from dataclasses import dataclass, field
from pathlib import Path

from compiler.diagnostics import Span
from compiler.frontends.c.preprocess_scan import Lexeme, Scan, scan
from compiler.source_text import decode


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

    def definition(self, mark: Lexeme) -> Span:
        """Where the macro of a mark is defined: its name in the `#define`."""
        file, line = mark.defined
        scanned = self.scan(file)
        for directive in scanned.directives if scanned else ():
            if directive.line == line:
                return Span(file, line, directive.column + directive.text.find(mark.text), len(mark.text))
        return Span(file, line if scanned else 1)


def _content(name: str) -> bytes | None:
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError):
        return None
