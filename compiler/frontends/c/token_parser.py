"""pycparser's parser, reading a list of our tokens.

    parser = TokenParser(lexemes);  parser.syntax_tree("mix.c")   ->   FileAST

Each coordinate in the tree is the place of one of the tokens. The parser looks at each token four times on average, through three calls
each; here it looks in one call, and sees at once where an operand is a single token.
"""

# pyright: reportPrivateUsage=false
# The parser has no public place where tokens come in but the lexer, which it asks for one at a time.

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from pycparser import c_ast
from pycparser.c_lexer import CLexer
from pycparser.c_parser import CParser

from compiler.frontends.c.preprocess_scan import Lexeme
from compiler.frontends.c.tokens import token_type


@dataclass(slots=True)
class _Token:
    """What pycparser reads of a token; it rewrites `type` for names of types."""

    type: str
    value: str
    lineno: int
    column: int
    filename: str


class _TokenFeed(CLexer):
    """Gives pycparser our tokens in place of its own."""

    def __init__(self, error_func: Callable[[str, int, int], None], **_options: str) -> None:
        self.error_func = error_func
        self.tokens: list[_Token] = []
        self.position = 0

    def input(self, text: str, filename: str = "") -> None:
        self.position = 0

    @property
    def filename(self) -> str:
        return ""

    def token(self) -> _Token | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.position == len(self.tokens):
            return None
        self.position += 1
        return self.tokens[self.position - 1]


_NAMES = frozenset({"ID", "TYPEID"})
_LEAVES = frozenset({"ID", "INT_CONST_DEC", "INT_CONST_HEX"})
_POSTFIX = frozenset({"LBRACKET", "LPAREN", "PERIOD", "ARROW", "PLUSPLUS", "MINUSMINUS"})


class TokenParser(CParser):
    """Parses the tokens it is made from, once. Raises CompileError for what is no token of C."""

    def __init__(self, lexemes: Iterable[Lexeme]) -> None:
        super().__init__(lexer=_TokenFeed)
        self._feed = cast(_TokenFeed, self.clex)
        self._feed.tokens = [_Token(token_type(each), each.text, each.line, each.column, each.file) for each in lexemes]

    def syntax_tree(self, name: str) -> c_ast.FileAST:
        """Raises ParseError."""
        return self.parse("", name)

    @property
    def read(self) -> int:
        """How many tokens have been taken."""
        return self._feed.position

    def _peek(self, k: int = 1) -> Any:
        stream = self._tokens
        at = stream._index + k - 1
        if at >= len(stream._buffer):
            stream._fill(k)
        token = stream._buffer[at]
        if token is not self._typedef_checked_token:
            if token is not None and token.type in _NAMES:
                token.type = "TYPEID" if self._is_type_in_scope(token.value) else "ID"
            self._typedef_checked_token = token
        return token

    def _peek_type(self, k: int = 1) -> str | None:
        token = self._peek(k)
        return None if token is None else token.type

    def _accept(self, token_type: str) -> Any:
        token = self._peek()
        if token is None or token.type != token_type:
            return None
        self._tokens._index += 1
        return token

    def _advance(self) -> Any:
        token = self._peek()
        if token is None:
            return super()._advance()  # which says that the input has ended
        self._tokens._index += 1
        return token

    def _parse_cast_expression(self) -> c_ast.Node:
        """A name or a number that nothing is applied to is most often what is there: no cast, no operator needs to be tried."""
        token = self._peek()
        if token is not None and token.type in _LEAVES:
            after = self._tokens.peek(2)
            if after is not None and after.type not in _POSTFIX:
                return self._parse_primary_expression()
        return super()._parse_cast_expression()
