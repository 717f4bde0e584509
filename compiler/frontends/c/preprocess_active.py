"""Replaces the macros in the lines that the directives left.

    #define N 4                ->   int a[N];   as   int a [ N(MARK of 4) ] ;
    int a[N];

The counterpart of `preprocess_origin`, for lines whose macros nobody has replaced yet: the tokens
come from the source itself, so their places are exact. Refused: `__VA_OPT__`, `_Pragma`,
`__COUNTER__` and the pragmas that save macros, which our expansion does not know.
"""

from dataclasses import dataclass, field

from compiler.codes import Code
from compiler.diagnostics import Span, refusal
from compiler.frontends.c.macros import MacroTable
from compiler.frontends.c.preprocess_expand import Expander
from compiler.frontends.c.preprocess_origin import Placed
from compiler.frontends.c.preprocess_output import Output, OutputLine
from compiler.frontends.c.preprocess_scan import Lexeme, scan_line, spelling, squeeze
from compiler.frontends.c.preprocess_sources import Sources


def expand_active(output: Output, sources: Sources) -> Placed:
    """The tokens of the lines, all macros replaced."""
    active = _Active(output.lines, sources, Placed([], [], output.system_files))
    active.run()
    return active.placed


@dataclass(slots=True)
class _Active:
    """The lines are their own feed: a macro call may reach into the next."""

    lines: list[OutputLine]
    sources: Sources
    placed: Placed
    table: MacroTable = field(default_factory=MacroTable)
    next: int = 0

    def run(self) -> None:
        expander = Expander(self.table)
        while self.next < len(self.lines):
            line = self.lines[self.next]
            if line.text[0] == "#":
                self._directive(line)
                self.next += 1
            else:
                expanded = expander.expand_line(self)
                _refuse_unknown(expanded)
                self.placed.tokens.extend(expanded)

    def take(self) -> list[Lexeme]:
        """The tokens of the next line of text; none before a definition or at the end."""
        if self.next == len(self.lines) or self.lines[self.next].text[0] == "#":
            return []
        line = self.lines[self.next]
        self.next += 1
        scan = self.sources.scan(line.file)
        own = scan.lines.get(line.line) if scan else None
        if own and spelling(own) == squeeze(line.text):
            return own
        return scan_line(line.text, line.file, line.line)

    def _directive(self, line: OutputLine) -> None:
        self.sources.scan(line.file)  # a header of definitions only still has comments
        if line.text.startswith(("#define", "#undef")):
            self.table.apply(line)
        elif line.text.startswith("#pragma"):
            _refuse_unknown(scan_line(line.text, line.file, line.line))
            self.placed.pragmas.append(line)


_UNKNOWN = frozenset({"__VA_OPT__", "_Pragma", "__COUNTER__", "push_macro", "pop_macro"})


def _refuse_unknown(tokens: list[Lexeme]) -> None:
    for token in tokens:
        if token.text in _UNKNOWN:
            span = Span(token.file, token.line, token.column)
            advice = "install a C compiler: its preprocessor will be used"
            raise refusal(
                Code.PREPROCESSOR, span, f"`{token.text}` needs the preprocessor of a C compiler", help=advice
            )
