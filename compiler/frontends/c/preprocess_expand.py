"""Macro expansion that remembers where each token came from.

    #define BLOCK 64
    #define ROUND(x) ((x) & ~(BLOCK - 1))
    y = ROUND(n);        ->   y = ((n) & ~(BLOCK - 1));

`n` keeps the column it has in the source; tokens of a macro's body stand where the macro's name
stands; and `BLOCK`, being a constant, stays one token of kind MARK that holds its expansion `64`.

Where `cc -E` has expanded the same lines it is the authority: what is computed here is used only if,
marks flattened, it gives the very same tokens (`preprocess_origin` compares). So a construct that
this file does not know (`__VA_OPT__`, `_Pragma`, `__COUNTER__`) costs columns there, never meaning.
Without cc it is the only expansion there is, and those three are refused (`preprocess_active`).

The algorithm is Prosser's, with hide sets, as in the draft of the C standard.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from compiler.frontends.c.macros import Macro, MacroTable
from compiler.frontends.c.marks import is_constant
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind, flat, scan_line


class _Item(NamedTuple):
    """A token on its way through expansion; `hidden` names the macros it may not start again."""

    token: Lexeme
    hidden: frozenset[str]


_NOTHING: frozenset[str] = frozenset()


class Feed(Protocol):
    """Gives source tokens line by line."""

    def take(self) -> list[Lexeme]:
        """The tokens of the next line; none when there is none to go on with."""
        ...


class SourceFeed:
    """The source tokens from one line on; a macro call may reach over the end of a line."""

    def __init__(self, lines: dict[int, list[Lexeme]], order: list[int], start: int) -> None:
        self._lines = lines
        self._order = order
        self._next = start

    @property
    def last_line(self) -> int:
        """The last line that was taken."""
        return self._order[self._next - 1]

    def take(self) -> list[Lexeme]:
        """The tokens of the next line; none at the end of the file."""
        if self._next >= len(self._order):
            return []
        self._next += 1
        return self._lines[self._order[self._next - 1]]


@dataclass(frozen=True, slots=True)
class Expander:
    """Expands lines with the macros that a table holds now."""

    table: MacroTable

    def expand_line(self, feed: Feed) -> list[Lexeme]:
        """The expansion of the feed's next line, and of the lines that its macro calls reach into."""
        work = [_Item(token, _NOTHING) for token in reversed(feed.take())]
        return [item.token for item in self._expand(work, feed)]

    def expand_tokens(self, tokens: list[Lexeme]) -> list[Lexeme]:
        """The expansion of tokens that nothing follows."""
        return [item.token for item in self._expand([_Item(token, _NOTHING) for token in reversed(tokens)], None)]

    def _expand(self, work: list[_Item], feed: Feed | None) -> list[_Item]:
        """Expand a stack of items (its top is the next token) until it is empty."""
        done: list[_Item] = []
        get = self.table.get
        while work:
            item = work.pop()
            token, hidden = item
            macro = get(token.text) if token.kind is LexemeKind.NAME and token.text not in hidden else None
            if macro is None:
                done.append(self._builtin(item) if token.text in _BUILTIN else item)
            elif macro.parameters is None:
                self._object_like(macro, item, work, done)
            elif not self._function_like(macro, item, work, feed):
                done.append(item)
        return done

    def _builtin(self, item: _Item) -> _Item:
        token = item.token
        if token.text == "__LINE__":
            return _Item(token._replace(kind=LexemeKind.NUMBER, text=str(token.line)), item.hidden)
        return _Item(token._replace(kind=LexemeKind.STRING, text=f'"{token.file}"'), item.hidden)

    def _object_like(self, macro: Macro, item: _Item, work: list[_Item], done: list[_Item]) -> None:
        constant = self._constant(macro)
        if constant is not None:
            mark = item.token._replace(kind=LexemeKind.MARK, inner=constant, defined=(macro.file, macro.line))
            done.append(_Item(mark, item.hidden))
            return
        hidden = item.hidden | {macro.name}
        work.extend(reversed(self._replaced(macro, {}, item.token, hidden)))

    def _constant(self, macro: Macro) -> tuple[Lexeme, ...] | None:
        """The full expansion of a macro that stands for a constant expression."""
        known = self.table.constants
        if macro.name not in known:
            known[macro.name] = None  # so that macros which name each other end
            body = self._replaced(macro, {}, None, frozenset({macro.name}))
            tokens = tuple(item.token for item in self._expand(body[::-1], None))
            known[macro.name] = tokens if is_constant(tokens) else None
        return known[macro.name]

    def _function_like(self, macro: Macro, item: _Item, work: list[_Item], feed: Feed | None) -> bool:
        """Replace a call of `macro` on top of `work`; False when no argument list follows."""
        if not _opens(work, feed):
            return False
        call = _arguments(work, feed)
        if call is None:
            return False
        arguments, closing = call
        actual = _bind(macro, arguments)
        if actual is None:
            return False
        hidden = (item.hidden & closing.hidden) | {macro.name}
        work.extend(reversed(self._replaced(macro, actual, item.token, hidden)))
        return True

    def _replaced(
        self, macro: Macro, actual: dict[str, list[_Item]], site: Lexeme | None, hidden: frozenset[str]
    ) -> list[_Item]:
        """The body with its parameters replaced, `#` and `##` applied, at the place of `site`."""
        result: list[_Item] = []
        expanded: dict[str, list[_Item]] = {}
        for part in _body_parts(macro, actual):
            name = part.token.text
            if part.pasted:
                _paste(result, _raw(part, actual, site))
            elif part.stringized:
                result.append(_Item(_stringized(part.token, actual[name]), _NOTHING))
            elif name not in actual or part.token.kind is not LexemeKind.NAME:
                result.append(_Item(_at(part.token, site), _NOTHING))
            elif part.before_paste:
                result.extend(_written(actual[name]) or [_Item(_PLACEMARKER, _NOTHING)])
            else:
                if name not in expanded:
                    expanded[name] = self._expand(actual[name][::-1], None)
                result.extend(_spaced_like(part.token, expanded[name]))
        result = [_Item(item.token, item.hidden | hidden) for item in result if item.token.text]
        return result if site is None else _spaced_like(site, result)


_BUILTIN = frozenset({"__LINE__", "__FILE__"})
_PLACEMARKER = Lexeme(LexemeKind.STRAY, "", "", 0, 0)


class _Part(NamedTuple):
    """A token of a macro's body with what the operators around it ask for."""

    token: Lexeme
    pasted: bool  # `##` stands before it
    before_paste: bool  # `##` stands after it
    stringized: bool  # `#` stands before it


def _body_parts(macro: Macro, actual: dict[str, list[_Item]]) -> Iterator[_Part]:
    body = macro.body
    index, pasted, stringized = 0, False, False
    while index < len(body):
        token = body[index]
        follower = body[index + 1].text if index + 1 < len(body) else ""
        index += 1
        if token.text == "##" and index > 1:
            pasted = True
        elif token.text == "#" and macro.parameters is not None and follower in actual:
            stringized = True
        else:
            yield _Part(token, pasted, follower == "##", stringized)
            pasted = stringized = False


def _raw(part: _Part, actual: dict[str, list[_Item]], site: Lexeme | None) -> list[_Item]:
    """What stands to the right of `##`: an argument as it was written."""
    if part.stringized:
        return [_Item(_stringized(part.token, actual[part.token.text]), _NOTHING)]
    if part.token.kind is LexemeKind.NAME and part.token.text in actual:
        return _written(actual[part.token.text])
    return [_Item(_at(part.token, site), _NOTHING)]


def _written(argument: list[_Item]) -> list[_Item]:
    """An argument as it is pasted: constants of an outer macro's expansion are text by now."""
    return [_Item(token, item.hidden) for item in argument for token in flat((item.token,))]


def _paste(result: list[_Item], right: list[_Item]) -> None:
    """Join the last token of `result` and the first of `right`."""
    if not result or not right:
        # GNU: `, ## __VA_ARGS__` drops the comma when there are no further arguments.
        if result and not right and result[-1].token.text == ",":
            result.pop()
        result.extend(right)
        return
    left = result[-1].token
    if left.text == "," and right[0].token.text != ",":
        result.extend(right)
        return
    text = left.text + right[0].token.text
    scanned = scan_line(text, left.file, left.line)
    place = left if left.text else right[0].token
    kind = scanned[0].kind if scanned else LexemeKind.STRAY
    result[-1] = _Item(Lexeme(kind, text, place.file, place.line, place.column, left.spaced), _NOTHING)
    result.extend(right[1:])


def _stringized(parameter: Lexeme, argument: list[_Item]) -> Lexeme:
    """The spelling of an argument as a string: blanks between tokens become one, quotes are escaped."""
    parts: list[str] = []
    for token in flat([item.token for item in argument]):
        literal = token.kind in (LexemeKind.STRING, LexemeKind.CHARACTER)
        text = token.text.replace("\\", "\\\\").replace('"', '\\"') if literal else token.text
        parts.append(" " + text if token.spaced and parts else text)
    place = argument[0].token if argument else parameter
    text = '"' + "".join(parts) + '"'
    return Lexeme(LexemeKind.STRING, text, place.file, place.line, place.column, parameter.spaced)


def _spaced_like(model: Lexeme, items: list[_Item]) -> list[_Item]:
    """The items, the first with a blank before it if the model has one."""
    if not items or items[0].token.spaced == model.spaced:
        return items
    return [_Item(items[0].token._replace(spaced=model.spaced), items[0].hidden), *items[1:]]


def _at(token: Lexeme, site: Lexeme | None) -> Lexeme:
    return token._replace(file=site.file, line=site.line, column=site.column) if site else token


def _refill(work: list[_Item], feed: Feed | None) -> bool:
    """Put the next source line under the top of an empty stack."""
    if work or feed is None:
        return bool(work)
    work.extend(_Item(token, _NOTHING) for token in reversed(feed.take()))
    return bool(work)


def _opens(work: list[_Item], feed: Feed | None) -> bool:
    return _refill(work, feed) and work[-1].token.text == "("


def _arguments(work: list[_Item], feed: Feed | None) -> tuple[list[list[_Item]], _Item] | None:
    """Take `( … )` off the stack: the arguments between its commas, and the closing parenthesis."""
    work.pop()
    arguments: list[list[_Item]] = [[]]
    depth = 1
    while _refill(work, feed):
        item = work.pop()
        text = item.token.text
        depth += (text == "(") - (text == ")")
        if depth == 0:
            return arguments, item
        if text == "," and depth == 1:
            arguments.append([])
        else:
            arguments[-1].append(item)
    return None


_COMMA = _Item(Lexeme(LexemeKind.PUNCTUATOR, ",", "", 0, 0), _NOTHING)


def _bind(macro: Macro, arguments: list[list[_Item]]) -> dict[str, list[_Item]] | None:
    """Arguments by parameter name; None when their number is wrong."""
    parameters = macro.parameters or ()
    if macro.variadic:
        fixed = len(parameters) - 1
        if len(arguments) < fixed:
            return None
        rest: list[_Item] = []
        for index, argument in enumerate(arguments[fixed:]):
            rest += [_COMMA, *argument] if index else argument
        return dict(zip(parameters, [*arguments[:fixed], rest], strict=True))
    if not parameters and arguments == [[]]:
        return {}
    return dict(zip(parameters, arguments, strict=True)) if len(parameters) == len(arguments) else None
