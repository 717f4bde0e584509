"""Names that pycparser's grammar gives to tokens.

    token_type(`0x10u`)   ->   "INT_CONST_HEX"

A token that is no C token (a number such as `08`, a stray `@`) is refused at its place.
"""

import re

from compiler.codes import Code
from compiler.diagnostics import Span, refusal
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind

_KEYWORDS = {
    word: word.upper()
    for word in (
        "auto break case char const continue default do double else enum extern float for goto if inline int long"
        " register offsetof restrict return short signed sizeof static struct switch typedef union unsigned void"
        " volatile while __int128 __builtin_va_arg typeof _Bool _Complex _Generic _Noreturn _Thread_local"
        " _Static_assert _Atomic _Alignof _Alignas"
    ).split()
}
_PUNCTUATORS = {
    "...": "ELLIPSIS",
    "<<=": "LSHIFTEQUAL",
    ">>=": "RSHIFTEQUAL",
    "++": "PLUSPLUS",
    "--": "MINUSMINUS",
    "->": "ARROW",
    "&&": "LAND",
    "||": "LOR",
    "<<": "LSHIFT",
    ">>": "RSHIFT",
    "<=": "LE",
    ">=": "GE",
    "==": "EQ",
    "!=": "NE",
    "*=": "TIMESEQUAL",
    "/=": "DIVEQUAL",
    "%=": "MODEQUAL",
    "+=": "PLUSEQUAL",
    "-=": "MINUSEQUAL",
    "&=": "ANDEQUAL",
    "|=": "OREQUAL",
    "^=": "XOREQUAL",
    "=": "EQUALS",
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "DIVIDE",
    "%": "MOD",
    "|": "OR",
    "&": "AND",
    "~": "NOT",
    "^": "XOR",
    "!": "LNOT",
    "<": "LT",
    ">": "GT",
    "?": "CONDOP",
    "(": "LPAREN",
    ")": "RPAREN",
    "[": "LBRACKET",
    "]": "RBRACKET",
    "{": "LBRACE",
    "}": "RBRACE",
    ",": "COMMA",
    ".": "PERIOD",
    ";": "SEMI",
    ":": "COLON",
}
_PLAIN = _KEYWORDS | _PUNCTUATORS
"""What is told by the text alone: no string, number or mark reads like these."""
_STRINGS = {
    "": "STRING_LITERAL",
    "L": "WSTRING_LITERAL",
    "u8": "U8STRING_LITERAL",
    "u": "U16STRING_LITERAL",
    "U": "U32STRING_LITERAL",
}
_CHARACTERS = {"": "CHAR_CONST", "L": "WCHAR_CONST", "u8": "U8CHAR_CONST", "u": "U16CHAR_CONST", "U": "U32CHAR_CONST"}

_SUFFIX = r"(?:[uU](?:ll|LL|[lL])?|(?:ll|LL|[lL])[uU]?)?"
_NUMBERS = (
    ("INT_CONST_DEC", re.compile(rf"(?:0|[1-9][0-9]*){_SUFFIX}")),
    ("INT_CONST_HEX", re.compile(rf"0[xX][0-9a-fA-F]+{_SUFFIX}")),
    ("INT_CONST_OCT", re.compile(rf"0[0-7]*{_SUFFIX}")),
    ("INT_CONST_BIN", re.compile(rf"0[bB][01]+{_SUFFIX}")),
    ("FLOAT_CONST", re.compile(r"(?:[0-9]*\.[0-9]+|[0-9]+\.|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?[fFlL]?")),
    ("HEX_FLOAT_CONST", re.compile(r"0[xX](?:[0-9a-fA-F]*\.?[0-9a-fA-F]+|[0-9a-fA-F]+\.)[pP][-+]?[0-9]+[fFlL]?")),
)
_ONE_CHARACTER = re.compile(r"'(?:[^'\\]|\\(?:[0-7]{1,3}|x[0-9a-fA-F]+|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^0-7xuU]))'")


def token_type(token: Lexeme) -> str:
    """The type that pycparser knows the token by. Raises CompileError for what is no token of C."""
    if (plain := _PLAIN.get(token.text)) is not None:
        return plain
    match token.kind:
        case LexemeKind.NAME | LexemeKind.MARK:
            return "ID"
        case LexemeKind.NUMBER:
            return _number_type(token)
        case LexemeKind.STRING:
            return _STRINGS[token.text.partition('"')[0]]
        case LexemeKind.CHARACTER:
            return _character_type(token)
        case _:
            raise refusal(Code.SYNTAX, Span(token.file, token.line, token.column), _stray(token.text))


def _stray(text: str) -> str:
    return f"unclosed {'string' if text == chr(34) else 'character constant'}" if text in "\"'" else f"stray `{text}`"


def _number_type(token: Lexeme) -> str:
    for name, pattern in _NUMBERS:
        if pattern.fullmatch(token.text):
            return name
    span = Span(token.file, token.line, token.column, len(token.text))
    if re.fullmatch(r"[0-9.]+([eE][-+]?[0-9]+)?[fFlLuU]*[ijIJ][fFlL]*", token.text):
        raise refusal(Code.COMPLEX, span, f"`{token.text}`: complex numbers")
    raise refusal(Code.SYNTAX, span, f"`{token.text}` is not a number")


def _character_type(token: Lexeme) -> str:
    prefix = token.text.partition("'")[0]
    body = token.text[len(prefix) :]
    span = Span(token.file, token.line, token.column, len(token.text))
    if body == "''":
        raise refusal(Code.SYNTAX, span, "empty character constant")
    if _ONE_CHARACTER.fullmatch(body):
        return _CHARACTERS[prefix]
    if prefix:
        raise refusal(Code.SYNTAX, span, f"`{token.text}` holds more than one character")
    return "INT_CONST_CHAR"


def is_keyword(word: str) -> bool:
    return word in _KEYWORDS
