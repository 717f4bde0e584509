"""Preprocessing in pure Python, by pcpp, where the machine has no C compiler.

    pcpp_preprocess(job)   ->   the same lines that `cc -E -dD …` would give

pcpp is told what cc is told: our predefined macros, the user's options, our headers. Files keep the
names that cc gives them (the folder they were found in, then the name in the `#include`). `#line` is
ignored, so places are those of the real files.
"""

# pyright: basic, reportIncompatibleMethodOverride=false
# pcpp has no type annotations, so nothing it gives or takes has a known type.

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pcpp.preprocessor import Preprocessor

from compiler.codes import Code
from compiler.diagnostics import CompileError, Span, refusal
from compiler.frontends.c.preprocess_job import PREDEFINED, PreprocessJob, missing_header
from compiler.frontends.c.preprocess_output import OutputLine
from compiler.frontends.c.preprocess_sources import decode

_FIXED_DATE = (("__DATE__", '"Jan  1 1970"'), ("__TIME__", '"00:00:00"'))


def pcpp_preprocess(job: PreprocessJob) -> list[OutputLine]:
    """The lines of the preprocessed file. Raises CompileError with what pcpp reports."""
    preprocessor = _Preprocessor(job)
    forced = "".join(f'#include "{name}"\n' for name in job.options.force_includes)
    found = preprocessor.lines(forced, "<command-line>") if forced else []
    return found + preprocessor.lines(job.text, job.name)


# Put between two question marks, because pcpp replaces trigraphs in every dialect; GNU C has none.
_NOT_A_TRIGRAPH = "\ue000"
_BLANK = OutputLine("", 0, "")


class _Preprocessor(Preprocessor):
    """pcpp with errors raised, definitions passed through and files named as cc names them."""

    def __init__(self, job: PreprocessJob) -> None:
        super().__init__()
        self.job = job
        self.displayed: list[str] = []
        self.rewrite_paths: list[tuple[str, str]] = []
        self._define_all()
        for directory in job.include_dirs:
            self.add_path(directory)
        self.include_folders = list(job.include_dirs)

    def _define_all(self) -> None:
        options = self.job.options
        for name in ("__PCPP__", "__DATE__", "__TIME__"):
            self.undef(name)
        standard = (("__STDC__", "1"), ("__STDC_HOSTED__", "1"), ("__STDC_VERSION__", options.standard.version))
        for name, value in (*standard, *_FIXED_DATE, *PREDEFINED):
            if value:
                self.define(f"{name} {value}")
        for text in options.defines:
            name, equals, value = text.partition("=")
            self.define(f"{name} {value}" if equals else f"{name} 1")
        for name in options.undefines:
            self.undef(name)

    def lines(self, text: str, name: str) -> list[OutputLine]:
        """Preprocess one file, with the macros of those before it."""
        self.parse(text, name)
        found: list[OutputLine] = []
        while (line := self._line()) is not None:
            if line.text.strip():
                found.append(line)
        return found

    def _line(self) -> OutputLine | None:
        """The tokens up to the next newline; None at the end."""
        parts: list[str] = []
        first: Any = None
        while (token := self.token()) is not None:
            if token.value[:1] == "\n":
                break
            if token.type in self.t_LINECONT:
                continue
            if first is None and token.type not in self.t_WS:
                first = token
            parts.append(token.value.replace(_NOT_A_TRIGRAPH, ""))
        else:
            if not parts:
                return None
        if first is None:
            return _BLANK
        text = "".join(parts).strip()
        return OutputLine(first.source or "", first.lineno, "#" + text[1:].lstrip() if text[0] == "#" else text)

    def parsegen(self, input: str, source: str | None = None, abssource: str | None = None) -> Iterator[Any]:
        """As in pcpp, with the name under which cc would show the file."""
        name = self._shown(source or "", abssource or "")
        self.rewrite_paths = [(re.escape(abssource or ""), name.replace("\\", r"\\"))]
        self.displayed.append(name)
        if self.job.options.standard.is_gnu:
            input = input.replace("??", f"?{_NOT_A_TRIGRAPH}?")
        yield from super().parsegen(input, source, abssource)
        self.displayed.pop()

    def _shown(self, source: str, absolute: str) -> str:
        if not self.displayed:
            return source
        here = self.displayed[-1].rpartition("/")[0]
        for folder in (here, *self.include_folders):
            shown = f"{folder}/{source}" if folder else source
            if str(Path(shown).absolute().resolve()) == str(Path(absolute).resolve()):
                return shown
        return absolute

    # pcpp calls these.

    def on_file_open(self, is_system_include: bool, includepath: str) -> "_Text":
        return _Text(decode(Path(includepath).read_bytes()))

    def on_directive_handle(self, directive: Any, toks: Any, ifpassthru: bool, precedingtoks: Any) -> bool | None:
        self.lastdirective = directive
        return None if directive.value in ("define", "undef") else True

    def on_directive_unknown(self, directive: Any, toks: Any, ifpassthru: bool, precedingtoks: Any) -> bool | None:
        text = "".join(token.value for token in toks)
        if directive.value == "error":
            place = Span(directive.source, directive.lineno, _column(directive))
            raise refusal(Code.PREPROCESSOR, place, f"#error {text}".rstrip())
        if directive.value in ("pragma", "ident"):
            return None
        if directive.value in ("line", "warning") or directive.value.isdigit():
            return True
        raise refusal(
            Code.PREPROCESSOR,
            Span(directive.source, directive.lineno, _column(directive)),
            f"invalid preprocessing directive #{directive.value}",
        )

    def on_include_not_found(self, is_malformed: bool, is_system_include: bool, curdir: str, includepath: str) -> str:
        at = self.lastdirective
        span = Span(at.source, at.lineno, self._include_column(at.lineno, includepath))
        if is_malformed:
            raise refusal(Code.PREPROCESSOR, span, '#include expects "FILENAME" or <FILENAME>')
        raise CompileError(missing_header(includepath, span, system_headers=self.job.options.system_headers))

    def _include_column(self, line: int, header: str) -> int:
        """Where the name of the header begins, delimiter included, in the file being read."""
        name = self.displayed[-1]
        text = self.job.text if name == self.job.name else decode(Path(name).read_bytes())
        found = text.split("\n")[line - 1].find(header)
        return found if found > 0 else 1

    def on_error(self, file: str, line: int, msg: str) -> None:
        raise refusal(Code.PREPROCESSOR, Span(file, line), msg)


class _Text:
    """What pcpp wants of an open file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> str:
        return self._text

    def close(self) -> None:
        """Nothing is open."""


def _column(directive: Any) -> int:
    """cc points at the word after `#`; pcpp's tokens know only their offset in the file."""
    data = directive.lexer.lexdata if hasattr(directive, "lexer") else ""
    return directive.lexpos - data.rfind("\n", 0, directive.lexpos) if data else 1
