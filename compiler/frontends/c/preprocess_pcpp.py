"""Preprocessing in pure Python, by pcpp, where the machine has no C compiler.

    pcpp_preprocess(job)   ->   the lines that the directives leave, and the definitions among them

pcpp follows `#include`, `#if` and `#define`; three things it is relieved of, because it does them
unlike C: reading tokens (`0.0F` would be two), the value of conditions (`preprocess_condition`) and
replacing macros (`preprocess_active`, with the expander that the cc path uses to find places). So both
paths give the same tokens. Files keep the names that cc gives them: the folder they were found in,
then the name in the `#include`. `#line` is ignored: places are those of the real files.
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
from compiler.frontends.c.macros import MacroTable
from compiler.frontends.c.preprocess_condition import ConditionError, evaluate
from compiler.frontends.c.preprocess_expand import Expander
from compiler.frontends.c.preprocess_job import FIXED_DATE, PREDEFINED, PreprocessJob, missing_header
from compiler.frontends.c.preprocess_output import COMMAND_LINE, Output, OutputLine
from compiler.frontends.c.preprocess_pcpp_lexer import APART, PcppLexer
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind, flat, scan_line
from compiler.source_text import decode


def pcpp_preprocess(job: PreprocessJob) -> Output:
    """The active lines of the file, macros not replaced. Raises CompileError with what pcpp reports."""
    preprocessor = _Preprocessor(job)
    forced = "".join(f'#include "{name}"\n' for name in job.options.force_includes)
    if forced:
        preprocessor.read(forced, COMMAND_LINE)
    preprocessor.read(job.text, job.name)
    return Output(preprocessor.output)


class _Preprocessor(Preprocessor):
    """pcpp with errors raised, definitions passed through and files named as cc names them."""

    def __init__(self, job: PreprocessJob) -> None:
        self.job = job
        self.output: list[OutputLine] = []
        self.table = MacroTable()
        self.displayed: list[str] = []
        super().__init__(PcppLexer())
        self.rewrite_paths: list[tuple[str, str]] = []
        self.expand_filemacro = False
        self._define_all()
        for directory in job.include_dirs:
            self.add_path(directory)

    def _define_all(self) -> None:
        options = self.job.options
        self.undef("__PCPP__")
        standard = (("__STDC__", "1"), ("__STDC_HOSTED__", "1"), ("__STDC_VERSION__", options.standard.version))
        named = [(name, value) for name, value in (*standard, *FIXED_DATE, *PREDEFINED) if value]
        given = [
            (name, value if equals else "1") for name, equals, value in (d.partition("=") for d in options.defines)
        ]
        for name, value in named + given:
            self.define(f"{name} {value}")
            self.output.append(OutputLine(COMMAND_LINE, 1, f"#define {name} {value}"))
        for name in options.undefines:
            self.undef(name)
            self.output.append(OutputLine(COMMAND_LINE, 1, f"#undef {name}"))

    def read(self, text: str, name: str) -> None:
        """Preprocess one file, with the macros of those before it."""
        self.parse(text, name)
        try:
            while (line := self._line()) is not None:
                if line.text:
                    self.output.append(line)
        except (IndexError, AttributeError, KeyError) as error:  # pcpp, on a directive without its operand
            at = self.lastdirective
            raise refusal(Code.PREPROCESSOR, Span(at.source, at.lineno), f"malformed #{at.value}") from error

    def _line(self) -> OutputLine | None:
        """The tokens up to the next newline; None at the end."""
        parts: list[str] = []
        first: Any = None
        while (token := self.token()) is not None:
            if token.value[:1] == "\n":
                break
            if first is None and token.type not in self.t_WS:
                first = token
            parts.append(token.value)
        else:
            if not parts:
                return None
        if first is None:
            return OutputLine("", 0, "")
        text = "".join(parts).strip()
        return OutputLine(first.source or "", first.lineno, "#" + text[1:].lstrip() if text[0] == "#" else text)

    # What pcpp does otherwise than C.

    def parsegen(self, input: str, source: str | None = None, abssource: str | None = None) -> Iterator[Any]:
        """As in pcpp, with the name under which cc would show the file."""
        name = self._shown(source or "", abssource or "")
        self.rewrite_paths = [(re.escape(abssource or ""), name.replace("\\", r"\\"))]
        self.displayed.append(name)
        text = _without_trigraphs(input) if self.job.options.standard.is_gnu else input
        yield from super().parsegen(text, source, abssource)
        self.displayed.pop()

    def _shown(self, source: str, absolute: str) -> str:
        if not self.displayed:
            return source
        here = self.displayed[-1].rpartition("/")[0]
        for folder in (here, *self.job.include_dirs):
            shown = f"{folder}/{source}" if folder else source
            if Path(shown).resolve() == Path(absolute).resolve():
                return shown
        return absolute

    def define(self, tokens: Any) -> None:
        super().define(tokens)
        text = tokens if isinstance(tokens, str) else _text(tokens)
        self.table.apply(OutputLine(COMMAND_LINE, 1, f"#define {text}"))

    def undef(self, tokens: Any) -> None:
        super().undef(tokens)
        self.table.apply(OutputLine(COMMAND_LINE, 1, f"#undef {tokens if isinstance(tokens, str) else _text(tokens)}"))

    def expand_macros(self, tokens: list[Any], expanding_from: Any = None) -> list[Any]:
        """Macros in the text are replaced later."""
        return tokens

    def evalexpr(self, tokens: list[Any]) -> tuple[int, None]:
        at = self.lastdirective
        condition = self._with_queries(scan_line(_text(tokens), at.source, at.lineno))
        expanded = list(flat(Expander(self.table).expand_tokens(condition)))
        try:
            return int(evaluate(self._with_queries(expanded))), None
        except ConditionError as error:
            raise refusal(Code.PREPROCESSOR, Span(at.source, at.lineno), str(error)) from error

    def _with_queries(self, tokens: list[Lexeme]) -> list[Lexeme]:
        """`defined X` and `__has_include(…)` replaced by 1 or 0."""
        result: list[Lexeme] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            asked, end = _asked(tokens, at)
            if asked is None:
                result.append(token)
            else:
                truth = self._is_defined(asked) if token.text == "defined" else self._found(asked)
                result.append(token._replace(kind=LexemeKind.NUMBER, text=str(int(truth))))
            at = end
        return result

    def _is_defined(self, name: str) -> bool:
        return name in _QUERIES or self.table.get(name) is not None

    def _found(self, header: str) -> bool:
        here = [self.displayed[-1].rpartition("/")[0]] if header[:1] == '"' else []
        return any(Path(folder, header[1:-1]).is_file() for folder in (*here, *self.job.include_dirs))

    def include(self, tokens: list[Any], original_line: list[Any]) -> Iterator[Any]:
        if tokens and tokens[0].value != "<" and tokens[0].type != self.t_STRING:
            at = self.lastdirective
            named = scan_line(_text(tokens), at.source, at.lineno)
            spelled = "".join(token.text for token in flat(Expander(self.table).expand_tokens(named)))
            tokens = self.tokenize(spelled)
        yield from super().include(tokens, original_line)

    # What pcpp calls.

    def on_file_open(self, is_system_include: bool, includepath: str) -> "_Text":
        return _Text(decode(Path(includepath).read_bytes()))

    def on_directive_handle(self, directive: Any, toks: Any, ifpassthru: bool, precedingtoks: Any) -> bool | None:
        self.lastdirective = directive
        return None if directive.value in ("define", "undef") else True

    def on_directive_unknown(self, directive: Any, toks: Any, ifpassthru: bool, precedingtoks: Any) -> bool | None:
        if directive.value in ("pragma", "ident"):
            return None
        if directive.value in ("line", "warning") or directive.value.isdigit():
            return True
        is_error = directive.value == "error"
        message = f"#error {_text(toks)}".rstrip() if is_error else f"invalid directive #{directive.value}"
        raise refusal(Code.PREPROCESSOR, Span(directive.source, directive.lineno, directive.column), message)

    def on_include_not_found(self, is_malformed: bool, is_system_include: bool, curdir: str, includepath: str) -> str:
        at = self.lastdirective
        if is_malformed:
            span = Span(at.source, at.lineno, at.column)
            raise refusal(Code.PREPROCESSOR, span, '#include expects "FILENAME" or <FILENAME>')
        span = Span(at.source, at.lineno, self._include_column(at.lineno, includepath) or at.column)
        raise CompileError(missing_header(includepath, span, system_headers=self.job.options.system_headers))

    def _include_column(self, line: int, header: str) -> int:
        """Where the name of the header begins, delimiter included, in the file being read; 0: not there."""
        name = self.displayed[-1]
        text = self.job.text if name == self.job.name else decode(Path(name).read_bytes())
        return max(text.split("\n")[line - 1].find(header), 0)

    def on_error(self, file: str, line: int, msg: str) -> None:
        raise refusal(Code.PREPROCESSOR, Span(file, line), msg[:1].lower() + msg[1:])


class _Text:
    """What pcpp wants of an open file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> str:
        return self._text

    def close(self) -> None:
        """Nothing is open."""


def _text(tokens: list[Any]) -> str:
    return "".join(token.value for token in tokens).strip()


def _without_trigraphs(text: str) -> str:
    """Question marks kept apart, because pcpp replaces trigraphs in every dialect; the lexer drops the mark."""
    return text.replace("??", f"?{APART}?")


_QUERIES = frozenset({"defined", "__has_include", "__has_include_next"})


def _asked(tokens: list[Lexeme], at: int) -> tuple[str | None, int]:
    """What a query that begins at `at` asks for, and where it ends; None when none begins there."""
    if tokens[at].text not in _QUERIES or at + 1 == len(tokens):
        return None, at + 1
    if tokens[at + 1].text != "(":
        return (tokens[at + 1].text, at + 2) if tokens[at].text == "defined" else (None, at + 1)
    end = next((i for i in range(at + 2, len(tokens)) if tokens[i].text == ")"), len(tokens))
    return "".join(token.text for token in tokens[at + 2 : end]), end + 1
