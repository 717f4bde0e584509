"""Gives each preprocessed token the place in the user's source that it came from.

    source line 7:   x  =  MAX(a,BLOCK) ;
    cc writes:       x = ((a) > (64) ? (a) : (64)) ;
    result:          x@1 =@4 (@7 (@7 a@11 )@7 … BLOCK@13 …       (columns in the source)

Most lines contain no macro: without blanks they read the same before and after preprocessing, and
the source's own tokens are taken. Any other line is expanded once more by `preprocess_expand`; if
that gives the preprocessor's tokens, it gives their places too. If not, the preprocessor's tokens
are aligned with the source's in order: the line is exact, the column of macro text is approximate.
"""

from dataclasses import dataclass, field

from compiler.frontends.c.macros import MacroTable
from compiler.frontends.c.preprocess_expand import Expander, SourceFeed
from compiler.frontends.c.preprocess_output import Output, OutputLine
from compiler.frontends.c.preprocess_scan import Lexeme, Scan, flat, scan_line, spelling, squeeze
from compiler.frontends.c.preprocess_sources import Sources

_LONGEST_EMPTY_CALL = 8
"""Over how many lines we look for the beginning of a call that leaves no tokens."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The token stream, with its pragmas and the files of the compiler's own among it."""

    tokens: list[Lexeme]
    pragmas: list[OutputLine]
    system_files: frozenset[str]


def place_tokens(output: Output, sources: Sources) -> Placed:
    """Turn the preprocessor's lines into tokens that know their places."""
    placer = _Placer(output.lines, sources, Placed([], [], output.system_files))
    placer.run()
    return placer.placed


@dataclass(slots=True)
class _Placer:
    lines: list[OutputLine]
    sources: Sources
    placed: Placed
    table: MacroTable = field(default_factory=MacroTable)

    def run(self) -> None:
        index, lines, tokens = 0, self.lines, self.placed.tokens
        file, scan = "", None
        while index < len(lines):
            line = lines[index]
            if line.file != file:
                file = line.file
                scan = self.sources.scan(file)
            if line.text[0] == "#":
                self._directive(line)
                index += 1
            elif scan is None:
                tokens.extend(scan_line(line.text, line.file, line.line))
                index += 1
            elif (own := scan.lines.get(line.line)) and spelling(own) == squeeze(line.text):
                tokens.extend(own)
                index += 1
            else:
                index = self._expanded(index, scan)

    def _directive(self, line: OutputLine) -> None:
        if line.text.startswith(("#define", "#undef")):
            self.table.apply(line)
        elif line.text.startswith("#pragma"):
            self.placed.pragmas.append(line)

    def _expanded(self, index: int, scan: Scan) -> int:
        """Place the tokens of a line with macros; the index of the line to go on with.

        A macro call that leaves nothing before the line's own tokens may begin some lines above.
        """
        first = self.lines[index]
        start = scan.at(first.line)
        if start is None:
            return self._aligned(index, index + 1, scan)
        for begin in range(start, max(start - _LONGEST_EMPTY_CALL, -1), -1):
            feed = SourceFeed(scan.lines, scan.numbers, begin)
            expanded = Expander(self.table).expand_line(feed)
            end = self._group_end(index, feed.last_line)
            if feed.last_line >= first.line and _agree(expanded, self._written(index, end)):
                self.placed.tokens.extend(expanded)
                return end
        return self._aligned(index, self._group_end(index, first.line), scan)

    def _group_end(self, index: int, last_line: int) -> int:
        """The end of the run of output lines, from `index` on, that stem from lines up to `last_line`."""
        file, end = self.lines[index].file, index + 1
        while end < len(self.lines):
            line = self.lines[end]
            if (
                line.file != file
                or line.line > last_line
                or line.line < self.lines[end - 1].line
                or line.text[0] == "#"
            ):
                break
            end += 1
        return end

    def _written(self, start: int, end: int) -> list[Lexeme]:
        return [token for line in self.lines[start:end] for token in scan_line(line.text, line.file, line.line)]

    def _aligned(self, start: int, end: int, scan: Scan) -> int:
        """Give the preprocessor's own tokens the columns of equal tokens of the source, in order."""
        upto = self.lines[end].line if end < len(self.lines) and self.lines[end].file == self.lines[start].file else 0
        whole = scan.between(self.lines[start].line, upto)
        source = [token for token in whole if token.line >= self.lines[start].line] or whole
        at = 0
        for token in self._written(start, end):
            found = next((i for i in range(at, len(source)) if source[i].text == token.text), None)
            if found is not None:
                at = found + 1
            place = source[found] if found is not None else source[min(at, len(source) - 1)] if source else token
            self.placed.tokens.append(token._replace(line=place.line, column=place.column))
        return end


def _agree(ours: list[Lexeme], theirs: list[Lexeme]) -> bool:
    return [token.text for token in flat(ours)] == [token.text for token in theirs]
