"""The tokens of C as its preprocessor defines them, in the form that pcpp asks for.

    lexer = PcppLexer(); lexer.input("x = 0.0F;"); lexer.token()   ->   CPP_ID `x`

Numbers are preprocessing numbers, so a suffix is never taken for a name.
"""

import re


class PcppToken:
    """A token; pcpp copies it and hangs attributes of its own on it, hence no slots."""

    def __init__(self, kind: str, value: str, lineno: int, column: int) -> None:
        self.type = kind
        self.value = value
        self.lineno = lineno
        self.column = column
        self.source: str | None = None


_TOKEN = re.compile(
    r"(?P<CPP_WS>[ \t\f\v\r]+|\n)"
    r"|\\(?P<CPP_LINECONT>[ \t\r]*)\n"
    r"|(?P<CPP_COMMENT1>/\*.*?\*/)"
    r"|(?P<CPP_COMMENT2>//(?:[^\\\n]|\\\r?\n|\\.)*)"
    r'|(?P<CPP_STRING>(?:u8|[LuU])?"(?:[^"\\\n]|\\.)*")'
    r"|(?P<CPP_CHAR>(?:u8|[LuU])?'(?:[^'\\\n]|\\.)*')"
    r"|(?P<CPP_INTEGER>\.?[0-9](?:[eEpP][+-]|[\w.])*)"
    r"|(?P<CPP_ID>[A-Za-z_$\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*)"
    r"|(?P<CPP_DPOUND>\#\#)"
    r"|(?P<CPP_PUNCTUATOR>.)",
    re.DOTALL,
)
APART = "\ue000"
"""Put between two question marks of the source, so that pcpp sees no trigraph; dropped here."""

_SPLICE_OR_MARK = re.compile(rf"\\\r?\n|{APART}")


class PcppLexer:
    """What pcpp needs of a lexer: `input`, `token`, `clone`, `lineno`."""

    def __init__(self) -> None:
        self.lineno = 1
        self._text = ""
        self._position = 0
        self._line_start = 0

    def clone(self) -> "PcppLexer":
        return PcppLexer()

    def input(self, text: str) -> None:
        self._text = text
        self._position = self._line_start = 0
        self.lineno = 1

    def token(self) -> PcppToken | None:
        match = _TOKEN.match(self._text, self._position)
        if match is None:
            return None
        kind = match.lastgroup
        assert kind is not None
        token = PcppToken(kind, match.group(kind), self.lineno, match.start() - self._line_start + 1)
        token.value = _SPLICE_OR_MARK.sub("", token.value)
        self._position = match.end()
        newlines = match.group().count("\n")
        if newlines:
            self.lineno += newlines
            self._line_start = match.start() + match.group().rindex("\n") + 1
        return token
