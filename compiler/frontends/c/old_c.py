"""Forms from before C99, written out as today's C.

    sum (p) int *p; { … }             ->   int sum (p) int *p; { … }
    static count = 3;                 ->   static int count = 3;
    struct s v = { a : 1, b : 2 };    ->   struct s v = { .a = 1, .b = 2 };

pycparser itself takes old-style parameter lists and `main() { … }`. Inserted tokens stand at the
place of the token they complete.
"""

from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind

_STORAGE = frozenset({"static", "extern"})
_AFTER_NAME = frozenset({"[", "=", ";", ","})


def modernize(tokens: list[Lexeme]) -> list[Lexeme]:
    """The tokens with implicit `int` and old designators written out."""
    return _Modernizer(tokens).run()


class _Modernizer:
    def __init__(self, tokens: list[Lexeme]) -> None:
        self.tokens = tokens
        self.out: list[Lexeme] = []
        self.braces: list[bool] = []  # the open braces: does each enclose an initializer?
        self.starts = True  # could a declaration begin here?

    def run(self) -> list[Lexeme]:
        at, count, braces = 0, len(self.tokens), self.braces
        while at < count:
            token = self.tokens[at]
            if token.kind is not LexemeKind.NAME:
                self._other(token)
                at += 1
            elif self.starts and (not braces or token.text in _STORAGE):
                at = self._declaration(at)
            elif braces and braces[-1] and self._text(at + 1) == ":" and self.out[-1].text in ("{", ","):
                at = self._designator(at)
            else:
                self.out.append(token)
                self.starts = False
                at += 1
        return self.out

    def _text(self, at: int) -> str:
        return self.tokens[at].text if at < len(self.tokens) else ""

    def _other(self, token: Lexeme) -> None:
        if token.text == "{":
            before = self.out[-1].text if self.out else ""
            inside = bool(self.braces) and self.braces[-1]
            self.braces.append(before == "=" or (inside and before in ("{", ",")))
        elif token.text == "}" and self.braces:
            self.braces.pop()
        self.starts = token.text in ("{", "}", ";")
        self.out.append(token)

    def _declaration(self, at: int) -> int:
        """Take the first tokens of a declaration at file scope, its type completed."""
        token, self.starts = self.tokens[at], False
        completed = [token]
        if token.text in _STORAGE and self._text(at + 2) in _AFTER_NAME:
            completed = [token, token._replace(text="int")]
        elif self._text(at + 1) == "(" and self._has_parameter_declarations(at + 1):
            completed = [token._replace(text="int"), token]
        self.out += completed
        return at + 1

    def _has_parameter_declarations(self, at: int) -> bool:
        """Is the list of names that opens at `at` followed by declarations?"""
        while self._text(at) not in (")", ""):
            at += 1
        return at + 1 < len(self.tokens) and self.tokens[at + 1].kind is LexemeKind.NAME

    def _designator(self, at: int) -> int:
        """`name :` becomes `. name =`."""
        name, colon = self.tokens[at], self.tokens[at + 1]
        self.out += [name._replace(kind=LexemeKind.PUNCTUATOR, text="."), name, colon._replace(text="=")]
        return at + 2
