"""pycparser's parser, reading a list of our tokens.

    parser = TokenParser(lexemes);  parser.syntax_tree("mix.c")   ->   FileAST
    taken(lexemes, "mix.c")                                       ->   how far it comes before it fails

Each coordinate in the tree is the place of one of the tokens. pycparser looks at each token five times on average, through three calls
each, and tries for each operand whatever an operand may begin with. Here the tokens are a list from the start, and expressions, of which
most of C consists, are parsed by what their next token is; declarations and statements are pycparser's own.
"""

# pyright: reportPrivateUsage=false
# The parser has no public place where tokens come in but the lexer, which it asks for one at a time.

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pycparser import c_ast
from pycparser.c_lexer import CLexer
from pycparser.c_parser import _ASSIGNMENT_OPS, _BINARY_PRECEDENCE, Coord, CParser, ParseError

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
    """Gives pycparser our tokens in place of its own, one at a time."""

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
_NUMBERS = frozenset({"INT_CONST_DEC", "INT_CONST_HEX"})
_LEAVES = _NUMBERS | {"ID"}
_POSTFIX = frozenset({"LBRACKET", "LPAREN", "PERIOD", "ARROW", "PLUSPLUS", "MINUSMINUS"})
_FARTHEST = 2
"""How many tokens ahead the parser looks."""


class TokenParser(CParser):
    """Parses the tokens it is made from, once. Raises CompileError for what is no token of C."""

    def __init__(self, lexemes: Sequence[Lexeme]) -> None:
        super().__init__(lexer=_TokenFeed)
        self._tokens._buffer = [*_tokens(lexemes), *[None] * _FARTHEST]

    def syntax_tree(self, name: str) -> c_ast.FileAST:
        """Raises ParseError."""
        tree = self._parse_translation_unit_or_empty()
        if (token := self._peek()) is not None:
            self._parse_error(f"before: {token.value}", self._tok_coord(token))
        return tree

    # --- tokens --------------------------------------------------------------------------------------------------------------

    def _peek(self, k: int = 1) -> Any:
        stream = self._tokens
        token: Any = stream._buffer[stream._index + k - 1]
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
            self._parse_error("At end of input", self.clex.filename)
        self._tokens._index += 1
        return token

    def _sign(self) -> Any:
        """The next token, of which only matters which punctuator it is; None at the end."""
        stream = self._tokens
        return stream._buffer[stream._index]

    def _accept_sign(self, token_type: str) -> bool:
        """Take the next token if it is that punctuator."""
        stream = self._tokens
        token = stream._buffer[stream._index]
        if token is None or token.type != token_type:
            return False
        stream._index += 1
        return True

    def _tok_coord(self, tok: Any) -> Coord:
        return Coord(tok.filename, tok.lineno, tok.column)

    # --- expressions ---------------------------------------------------------------------------------------------------------

    def _parse_expression(self) -> c_ast.Node:
        expression = self._parse_assignment_expression()
        if not self._accept_sign("COMMA"):
            return expression
        parts = [expression, self._parse_assignment_expression()]
        while self._accept_sign("COMMA"):
            parts.append(self._parse_assignment_expression())
        return c_ast.ExprList(parts, expression.coord)

    def _parse_assignment_expression(self) -> c_ast.Node:
        expression = self._parse_conditional_expression()
        sign = self._sign()
        if sign is None or sign.type not in _ASSIGNMENT_OPS:
            return expression
        self._tokens._index += 1
        return c_ast.Assignment(sign.value, expression, self._parse_assignment_expression(), expression.coord)

    def _parse_conditional_expression(self) -> c_ast.Node:
        condition = self._parse_binary_expression()
        if not self._accept_sign("CONDOP"):
            return condition
        then = self._parse_expression()
        self._expect("COLON")
        return c_ast.TernaryOp(condition, then, self._parse_conditional_expression(), condition.coord)

    def _parse_binary_expression(self, min_prec: int = 0, lhs: c_ast.Node | None = None) -> c_ast.Node:
        left = self._parse_cast_expression() if lhs is None else lhs
        stream = self._tokens
        while (sign := stream._buffer[stream._index]) is not None:
            binding = _BINARY_PRECEDENCE.get(sign.type, -1)
            if binding < min_prec:
                break
            stream._index += 1
            right = self._parse_cast_expression()
            while (next_sign := stream._buffer[stream._index]) is not None:
                next_binding = _BINARY_PRECEDENCE.get(next_sign.type, -1)
                if next_binding <= binding:
                    break
                right = self._parse_binary_expression(next_binding, right)
            left = c_ast.BinaryOp(sign.value, left, right, left.coord)
        return left

    def _parse_cast_expression(self) -> c_ast.Node:
        token = self._peek()
        if token is None or token.type not in _LEAVES:
            return super()._parse_cast_expression()
        after = self._tokens._buffer[self._tokens._index + 1]
        if after is not None and after.type in _POSTFIX:
            return self._parse_postfix_expression()
        return self._leaf(token)

    def _parse_postfix_expression(self) -> c_ast.Node:
        token = self._peek()
        if token is None or token.type not in _LEAVES:
            return super()._parse_postfix_expression()  # which knows compound literals
        node = self._leaf(token)
        while (sign := self._sign()) is not None and sign.type in _POSTFIX:
            node = self._applied(sign, node)
        return node

    def _applied(self, sign: Any, node: c_ast.Node) -> c_ast.Node:
        """What the postfix operator `sign`, the next token, makes of an operand."""
        self._tokens._index += 1
        match sign.type:
            case "LBRACKET":
                index = self._parse_expression()
                self._expect("RBRACKET")
                return c_ast.ArrayRef(node, index, node.coord)
            case "LPAREN":
                return c_ast.FuncCall(node, self._arguments(), node.coord)
            case "PERIOD" | "ARROW":
                return c_ast.StructRef(node, sign.value, self._field(), node.coord)
            case _:
                return c_ast.UnaryOp("p" + sign.value, node, node.coord)

    def _arguments(self) -> c_ast.Node | None:
        if self._accept_sign("RPAREN"):
            return None
        arguments = self._parse_argument_expression_list()
        self._expect("RPAREN")
        return arguments

    def _field(self) -> c_ast.ID:
        name = self._advance()
        if name.type not in _NAMES:
            self._parse_error("Invalid struct reference", self._tok_coord(name))
        return c_ast.ID(name.value, self._tok_coord(name))

    def _parse_argument_expression_list(self) -> c_ast.Node:
        first = self._parse_assignment_expression()
        arguments = [first]
        while self._accept_sign("COMMA"):
            arguments.append(self._parse_assignment_expression())
        return c_ast.ExprList(arguments, first.coord)

    def _leaf(self, token: Any) -> c_ast.Node:
        """The next token, a name or a number."""
        text = token.value
        if token.type == "ID":
            self._tokens._index += 1
            return c_ast.ID(text, self._tok_coord(token))
        if text[-1] in "uUlL":
            return self._parse_constant()
        self._tokens._index += 1
        return c_ast.Constant("int", text, self._tok_coord(token))


class _SlowParser(CParser):
    """The same as pycparser has it, which takes a token when it looks at it for the first time."""

    def __init__(self, lexemes: Sequence[Lexeme]) -> None:
        super().__init__(lexer=_TokenFeed)
        assert isinstance(self.clex, _TokenFeed)
        self.clex.tokens = _tokens(lexemes)


def taken(lexemes: Sequence[Lexeme], name: str) -> int:
    """How many tokens the parser looks at before it knows that they are no C."""
    parser = _SlowParser(lexemes)
    with suppress(ParseError):
        parser.parse("", name)
    assert isinstance(parser.clex, _TokenFeed)
    return parser.clex.position


def _tokens(lexemes: Sequence[Lexeme]) -> list[_Token]:
    """What pycparser reads of each; the text alone tells the type."""
    types: dict[str, str] = {}
    found: list[_Token] = []
    for each in lexemes:
        text = each.text
        kind = types.get(text)
        if kind is None:
            kind = types[text] = token_type(each)
        found.append(_Token(kind, text, each.line, each.column, each.file))
    return found
