"""What GNU C adds to the language, taken out of the token stream before the parser sees it.

    static __inline__ u32 f(u32 x) __attribute__((const));     ->   static inline u32 f(u32 x);
    case 1 ... 3:                                              ->   case 1: case 2: case 3:
    if (__builtin_expect(n == 0, 0))                           ->   if ((n == 0))
    __builtin_memcpy(a, b, 4);                                 ->   memcpy(a, b, 4);
    __asm__ volatile("…" : "=r"(x));                           ->   __c2rs_asm();

Tokens are dropped, renamed or inserted at the place of what they replace, so every token that is
left keeps its line and column. Attributes that cannot change what a program does are dropped;
those that change a layout or a meaning are refused, and so are computed goto, `a ?: b`, ranges of
array designators, file-scope asm and types that Rust has no counterpart for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from compiler.codes import Code
from compiler.diagnostics import Diagnostic, Span
from compiler.frontends.c.attributes import Attribute, AttributeEffect, effect_of
from compiler.frontends.c.builtins import ASM_CALL, LIBRARY
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The tokens in plain C, what was taken from them, and what cannot be."""

    tokens: list[Lexeme]
    attributes: list[Attribute]
    refused: list[Diagnostic]


def rewrite_gnu(tokens: list[Lexeme]) -> Rewritten:
    """Plain C tokens for GNU C tokens."""
    rewriter = _Rewriter(tokens)
    rewriter.run()
    return rewriter.result


_RENAMED = {
    "__inline": "inline",
    "__inline__": "inline",
    "__restrict": "restrict",
    "__restrict__": "restrict",
    "__const": "const",
    "__const__": "const",
    "__volatile": "volatile",
    "__volatile__": "volatile",
    "__signed": "signed",
    "__signed__": "signed",
    "__alignof": "_Alignof",
    "__alignof__": "_Alignof",
    "__thread": "_Thread_local",
    "__complex": "_Complex",
    "__complex__": "_Complex",
    "__typeof": "typeof",
    "__typeof__": "typeof",
    "__builtin_offsetof": "offsetof",
    "__FUNCTION__": "__func__",
    "__PRETTY_FUNCTION__": "__func__",
}
_NO_RUST_TYPE = (
    "__float128 __float80 __ibm128 __auto_type _Float16 _Float32 _Float64 _Float128 _Float32x _Float64x"
    " _Decimal32 _Decimal64 _Decimal128"
).split()
_WIDEST_RANGE = 512
_OPERAND_ENDS = frozenset({")", "]", "}", "++", "--"})


@dataclass(slots=True)
class _Rewriter:
    tokens: list[Lexeme]
    result: Rewritten = field(default_factory=lambda: Rewritten([], [], []))
    depth: int = 0
    record_depths: list[int] = field(default_factory=list[int])
    """Brace depths at which a struct or union body is open."""
    in_typedef: bool = False

    def run(self) -> None:
        index, tokens, out = 0, self.tokens, self.result.tokens
        actions, renamed = _ACTIONS, _RENAMED
        while index < len(tokens):
            token = tokens[index]
            text = token.text
            if text in actions and token.kind is not LexemeKind.STRING:
                index = actions[text](self, index)
            elif text in renamed:
                out.append(token._replace(text=renamed[text]))
                index += 1
            elif text.startswith("__builtin_") and text[10:] in LIBRARY:
                out.append(token._replace(text=text[10:]))
                index += 1
            else:
                out.append(token)
                index += 1

    def refuse(self, code: Code, at: int, message: str, *, help: str = "") -> None:
        self.result.refused.append(Diagnostic(code, message, self.span(at), help=help))

    def span(self, at: int, last: int | None = None) -> Span:
        token = self.tokens[at]
        end = self.tokens[at if last is None else last]
        length = len(token.text) if token.kind is not LexemeKind.MARK else 0
        if end.line == token.line and end.column > token.column:
            length = end.column + len(end.text) - token.column
        return Span(token.file, token.line, token.column, length)

    def text(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def previous(self) -> str:
        return self.result.tokens[-1].text if self.result.tokens else ""

    def closing(self, at: int) -> int:
        """The index of the parenthesis that closes the one at `at`; the last token when none does."""
        depth = 0
        for index in range(at, len(self.tokens)):
            text = self.tokens[index].text
            depth += (text == "(") - (text == ")")
            if depth == 0:
                return index
        return len(self.tokens) - 1

    # One method per trigger: takes the index of the trigger, returns the index to go on with.

    def open_brace(self, at: int) -> int:
        self.depth += 1
        out = self.result.tokens
        before = [token.text for token in out[-2:]]
        if before[-1:] in (["struct"], ["union"]) or before[:1] in (["struct"], ["union"]):
            self.record_depths.append(self.depth)
        out.append(self.tokens[at])
        return at + 1

    def close_brace(self, at: int) -> int:
        if self.record_depths and self.record_depths[-1] == self.depth:
            self.record_depths.pop()
        self.depth -= 1
        self.result.tokens.append(self.tokens[at])
        return at + 1

    def typedef(self, at: int) -> int:
        self.in_typedef = True
        self.result.tokens.append(self.tokens[at])
        return at + 1

    def semicolon(self, at: int) -> int:
        if not self.record_depths:
            self.in_typedef = False
        self.result.tokens.append(self.tokens[at])
        return at + 1

    def drop(self, at: int) -> int:
        return at + 1

    def local_label(self, at: int) -> int:
        """`__label__ a, b;` only declares."""
        while self.text(at) not in (";", ""):
            at += 1
        return at + 1

    def attribute(self, at: int) -> int:
        """`__attribute__((a, b(c)))`."""
        end = self.closing(at + 1)
        inner = at + 3
        while inner < end - 1:
            name = self.text(inner)
            last = self.closing(inner + 1) if self.text(inner + 1) == "(" else inner
            if name != ",":
                self._record(name, inner, last)
            inner = last + 1
        return end + 1

    def _record(self, name: str, first: int, last: int) -> None:
        plain = name.strip("_")
        words = " ".join(token.text for token in self.tokens[first + 2 : last])
        effect = effect_of(plain)
        if plain == "aligned" and not self._on_type():
            effect = AttributeEffect.NONE  # the address of one object, which no C program can rely on here
        self.result.attributes.append(Attribute(plain, words, effect, self.span(first, last)))

    def _on_type(self) -> bool:
        """Does an attribute that stands here belong to a type or a member, not to an object?"""
        return bool(self.record_depths) or self.in_typedef or self.previous() in ("struct", "union", "}")

    def asm(self, at: int) -> int:
        """A label on a declaration is dropped, a statement becomes a call; at file scope refused."""
        start = at + 1
        while self.text(start) in _ASM_QUALIFIERS:
            start += 1
        if self.text(start) != "(":
            self.result.tokens.append(self.tokens[at])  # an identifier called asm
            return at + 1
        end = self.closing(start)
        previous = self.previous()
        if self.depth == 0 and previous in ("", ";", "}"):
            self.refuse(Code.INLINE_ASSEMBLY, at, "assembly at file scope")
        elif self.depth > 0 and (previous in _STATEMENT_START or previous == ")"):
            token = self.tokens[at]
            for text, kind in ((ASM_CALL, LexemeKind.NAME), ("(", LexemeKind.PUNCTUATOR), (")", LexemeKind.PUNCTUATOR)):
                self.result.tokens.append(token._replace(text=text, kind=kind))
        return end + 1

    def expect(self, at: int) -> int:
        """`__builtin_expect(x, y)` is `(long)(x)`; the cast is left out where x is plainly 0 or 1."""
        if self.text(at + 1) != "(":
            self.result.tokens.append(self.tokens[at])
            return at + 1
        end = self.closing(at + 1)
        comma = self._comma(at + 2, end)
        out, site = self.result.tokens, self.tokens[at]
        condition = self.tokens[at + 2 : comma]
        truth = _is_truth_value([token.text for token in condition])
        if not truth:
            for text in ("(", "(", "long", ")"):
                kind = LexemeKind.NAME if text == "long" else LexemeKind.PUNCTUATOR
                out.append(site._replace(text=text, kind=kind))
        nested = rewrite_gnu(condition)
        self.result.refused.extend(nested.refused)
        out += [self.tokens[at + 1], *nested.tokens, self.tokens[end]]
        if not truth:
            out.append(self.tokens[end])
        return end + 1

    def _comma(self, at: int, end: int) -> int:
        depth = 0
        for index in range(at, end):
            text = self.tokens[index].text
            depth += (text == "(") - (text == ")")
            if text == "," and depth == 0:
                return index
        return end

    def case(self, at: int) -> int:
        """`case a ... b:` with literal bounds."""
        out, token = self.result.tokens, self.tokens[at]
        if self.text(at + 2) != "..." or self.text(at + 4) != ":":
            out.append(token)
            return at + 1
        bounds = [_literal(self.tokens[at + 1]), _literal(self.tokens[at + 3])]
        low, high = bounds
        if low is None or high is None or high - low >= _WIDEST_RANGE:
            self.refuse(Code.UNSUPPORTED_STATEMENT, at, "case range whose bounds are not two near literals")
            return at + 5
        for value in range(low, high + 1):
            number = self.tokens[at + 1]._replace(kind=LexemeKind.NUMBER, text=str(value))
            out += [token, number, self.tokens[at + 4]]
        return at + 5

    def ellipsis(self, at: int) -> int:
        if self.text(at + 1) != ")":
            advice = "write the elements one by one"
            self.refuse(
                Code.UNSUPPORTED_EXPRESSION, at, "range of values (`...`) outside a parameter list", help=advice
            )
        self.result.tokens.append(self.tokens[at])
        return at + 1

    def question(self, at: int) -> int:
        if self.text(at + 1) == ":":
            advice = "write the first operand again, if it has no side effects: `a ? a : b`"
            self.refuse(Code.UNSUPPORTED_EXPRESSION, at, "conditional with the middle operand left out", help=advice)
        self.result.tokens.append(self.tokens[at])
        return at + 1

    def goto(self, at: int) -> int:
        if self.text(at + 1) == "*":
            self.refuse(Code.COMPUTED_GOTO, at, "goto to a computed address", help="use a switch")
        self.result.tokens.append(self.tokens[at])
        return at + 1

    def logical_and(self, at: int) -> int:
        before = self.result.tokens[-1] if self.result.tokens else None
        is_operand = before is not None and (before.kind < LexemeKind.PUNCTUATOR or before.kind is LexemeKind.MARK)
        if not (is_operand and self.previous() != "return") and self.previous() not in _OPERAND_ENDS:
            self.refuse(Code.COMPUTED_GOTO, at, "address of a label", help="use a switch")
        self.result.tokens.append(self.tokens[at])
        return at + 1

    def complex_part(self, at: int) -> int:
        self.refuse(Code.COMPLEX, at, f"`{self.text(at)}`: complex numbers")
        return at + 1

    def type_builtin(self, at: int) -> int:
        self.refuse(Code.UNKNOWN_BUILTIN, at, f"`{self.text(at)}` is not supported")
        return self.closing(at + 1) + 1

    def foreign_type(self, at: int) -> int:
        self.refuse(Code.UNSUPPORTED_TYPE, at, f"`{self.text(at)}` has no counterpart in Rust")
        self.result.tokens.append(self.tokens[at]._replace(text="int"))
        return at + 1


_ASM_QUALIFIERS = frozenset({"volatile", "__volatile__", "__volatile", "goto", "inline", "__inline__"})
_STATEMENT_START = frozenset({";", "{", "}", ":", "else", "do"})
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})
_LOOSER = frozenset({"&", "^", "|"})
_LOOSEST = frozenset({"?", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="})


def _is_truth_value(texts: list[str]) -> bool:
    """Is the expression certainly the int 0 or 1: a comparison, a logical operation or a negation?"""
    while texts[:1] == ["("] and _closes_at(texts) == len(texts) - 1:
        texts = texts[1:-1]
    depth, outer = 0, set[str]()
    for text in texts:
        depth += (text == "(") - (text == ")")
        if depth == 0:
            outer.add(text)
    if outer & _LOOSEST:
        return False
    if outer & {"&&", "||"}:
        return True
    if outer & _LOOSER:
        return False
    return bool(outer & _COMPARISONS) or (texts[:1] == ["!"] and not outer & {"+", "-", "*", "/", "%", "<<", ">>"})


def _closes_at(texts: list[str]) -> int:
    depth = 0
    for index, text in enumerate(texts):
        depth += (text == "(") - (text == ")")
        if depth == 0:
            return index
    return -1


def _literal(token: Lexeme) -> int | None:
    """The value of a plain integer or character literal."""
    text = token.text
    if token.kind is LexemeKind.CHARACTER and len(text) == 3 and text.isascii():
        return ord(text[1])
    try:
        digits = text.rstrip("uUlL")
        is_octal = digits.startswith("0") and digits.isdigit()
        return int(digits, 8 if is_octal else 0)
    except ValueError:
        return None


_Action = Callable[[_Rewriter, int], int]
_ACTIONS: dict[str, _Action] = {
    "{": _Rewriter.open_brace,
    "}": _Rewriter.close_brace,
    ";": _Rewriter.semicolon,
    "typedef": _Rewriter.typedef,
    "__extension__": _Rewriter.drop,
    "__label__": _Rewriter.local_label,
    "__attribute__": _Rewriter.attribute,
    "__attribute": _Rewriter.attribute,
    "asm": _Rewriter.asm,
    "__asm": _Rewriter.asm,
    "__asm__": _Rewriter.asm,
    "__builtin_expect": _Rewriter.expect,
    "case": _Rewriter.case,
    "...": _Rewriter.ellipsis,
    "?": _Rewriter.question,
    "goto": _Rewriter.goto,
    "&&": _Rewriter.logical_and,
    "__real": _Rewriter.complex_part,
    "__imag": _Rewriter.complex_part,
    "__real__": _Rewriter.complex_part,
    "__imag__": _Rewriter.complex_part,
    "__builtin_types_compatible_p": _Rewriter.type_builtin,
    "__builtin_choose_expr": _Rewriter.type_builtin,
    **dict.fromkeys(_NO_RUST_TYPE, _Rewriter.foreign_type),
}

GNU_WORDS = frozenset(word for word in (*_ACTIONS, *_RENAMED) if word[0] == "_")
"""The words that GNU C adds."""
