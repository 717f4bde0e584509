"""pycparser's parser, as far as we call it."""

from typing import Any

from pycparser.c_ast import FileAST

class ParseError(Exception): ...

class CParser:
    clex: Any
    def __init__(self, *, lexer: type[Any] = ...) -> None: ...
    def parse(self, text: str, filename: str = ..., debug: bool = ...) -> FileAST: ...
