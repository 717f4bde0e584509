"""Reads a small subset of Rust into nested tuples: `rust_reader` makes IR of them.

parse("fn f(x: u32) -> u32 { x }")     [("fn", 1, False, False, [], "f", …)]
"""

# A tree of nested tuples has no static types.
# pyright: basic

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import ArrayAttr
from xdsl.ir import Attribute

from compiler.dialects.rust_build import COMPARISONS
from compiler.dialects.rust_types import SCALAR, UNIT, NeverType, OptionType, TupleType, array, named, ref, slice_of

Node = tuple[Any, ...]

TOKENS = re.compile(
    r"""\s+ | //[^\n]*
      | (?P<num>0x[0-9a-fA-F_]+(?:[ui](?:8|16|32|64|128|size))? | 0b[01_]+ | [0-9][0-9_]*(?:\.[0-9]+)?(?:[uif](?:8|16|32|64|128|size))?)
      | (?P<byte>b'(?:\\.|[^'])') | (?P<bytes>b"[^"]*") | (?P<str>"[^"]*")
      | (?P<life>'[a-z_]\w*(?!'))
      | (?P<id>[A-Za-z_]\w*!?(?!=)|[A-Za-z_]\w*)
      | (?P<op><<=|>>=|\.\.=|\.\.|->|=>|::|&&|\|\||<<|>>|[-+*/%&|^=!<>]=|[-+*/%&|^=!<>.,;:(){}\[\]#])""",
    re.VERBOSE,
)
BINARY = {
    **dict.fromkeys(("*", "/", "%"), 10),
    **dict.fromkeys(("+", "-"), 9),
    **dict.fromkeys(("<<", ">>"), 8),
    "&": 7,
    "^": 6,
    "|": 5,
    **dict.fromkeys(COMPARISONS, 4),
    "&&": 3,
    "||": 2,
}
ASSIGN = frozenset(("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="))
BLOCKS = frozenset(("if", "while", "loop", "for", "match", "block"))


@dataclass(slots=True)
class _Parser:
    tokens: list[tuple[str, str, int]]
    at: int = 0

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead][1]

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def line(self) -> int:
        return self.tokens[self.at][2]

    def accept(self, text: str) -> bool:
        if self.peek() == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        assert self.accept(text), f"line {self.line()}: expected {text}, found {self.peek()}"

    def comma_list(self, close: str, item: Callable[[], Any]) -> list[Any]:
        found: list[Any] = []
        while not self.accept(close):
            found.append(item())
            if not self.accept(","):
                self.expect(close)
                break
        return found

    def type(self) -> Attribute:
        if self.accept("&"):
            life = self.next()[1:] if self.peek().startswith("'") else ""
            is_mut = self.accept("mut")
            return ref(self.type(), is_mut, life)
        if self.accept("["):
            element = self.type()
            if self.accept("]"):
                return slice_of(element)
            self.expect(";")
            size = int(self.next())
            self.expect("]")
            return array(size, element)
        if self.accept("("):
            parts = self.comma_list(")", self.type)
            return TupleType(ArrayAttr(parts)) if parts else UNIT
        if self.accept("!"):
            return NeverType()
        return self.named_type(self.next())

    def named_type(self, name: str) -> Attribute:
        if name in SCALAR:
            return SCALAR[name]
        if not self.accept("<"):
            return named(name)
        if name == "Option":
            of = self.type()
            self.expect(">")
            return OptionType(of)
        return named(name, self.comma_list(">", lambda: self.next()[1:]))

    # items

    def items(self) -> list[Node]:
        found: list[Node] = []
        while self.peek() != "":
            found.append(self.item())
        return found

    def item(self) -> Node:
        derives, allow, inline = self.attributes()
        public = self.accept("pub")
        line = self.line()
        match self.next():
            case "fn":
                return ("fn", line, public, inline, allow, *self.function())
            case "struct":
                name = self.next()
                lifetimes = self.lifetimes()
                self.expect("{")
                return ("struct", line, public, name, lifetimes, derives, self.comma_list("}", self.field), allow)
            case "const" | "static" as kind:
                name = self.next()
                self.expect(":")
                ty = self.type()
                self.expect("=")
                value = self.expr()
                self.expect(";")
                return ("const", line, public, kind == "static", name, ty, value, allow)
            case other:
                raise AssertionError(f"line {line}: no item starts with {other}")

    def attributes(self) -> tuple[list[str], list[str], bool]:
        derives: list[str] = []
        allow: list[str] = []
        inline = False
        while self.accept("#"):
            self.expect("[")
            match self.next():
                case "derive":
                    self.expect("(")
                    derives = self.comma_list(")", self.next)
                case "allow":
                    self.expect("(")
                    allow = self.comma_list(")", self.path)
                case _:
                    inline = True
            self.expect("]")
        return derives, allow, inline

    def lifetimes(self) -> list[str]:
        return self.comma_list(">", lambda: self.next()[1:]) if self.accept("<") else []

    def field(self) -> tuple[str, Attribute]:
        self.accept("pub")
        name = self.next()
        self.expect(":")
        return name, self.type()

    def function(self) -> tuple[Any, ...]:
        name = self.next()
        lifetimes = self.lifetimes()
        self.expect("(")
        params = self.comma_list(")", lambda: (self.accept("mut"), *self.field()))
        result = self.type() if self.accept("->") else UNIT
        return name, lifetimes, params, result, self.block()

    def path(self) -> str:
        path = self.next()
        while self.accept("::"):
            path += "::" + self.next()
        return path

    # statements

    def block(self) -> list[Node]:
        """Statements; a tail expression is a `yield`."""
        self.expect("{")
        found: list[Node] = []
        while not self.accept("}"):
            found.append(self.statement())
        return found

    def statement(self) -> Node:
        line = self.line()
        if self.accept("let"):
            return self.let(line)
        if self.peek() in ("return", "break", "continue"):
            return self.jump(line)
        value = self.expr()
        if self.peek() == "=" or self.peek() in ASSIGN:
            kind = self.next()[:-1]
            right = self.expr()
            self.expect(";")
            return ("assign", line, kind, value, right)
        if self.accept(";"):
            return ("expr", line, value)
        if self.peek() == "}" and not (value[0] in BLOCKS and not gives(value)):
            return ("yield", line, value)
        assert value[0] in BLOCKS, f"line {line}: expected ;"
        return ("expr", line, value)

    def let(self, line: int) -> Node:
        if self.accept("("):
            names = self.comma_list(")", lambda: (self.accept("mut"), self.next()))
            self.expect("=")
            value = self.expr()
            self.expect(";")
            return ("let_tuple", line, names, value)
        mutable = self.accept("mut")
        name = self.next()
        ty = self.type() if self.accept(":") else None
        value = self.expr() if self.accept("=") else None
        self.expect(";")
        return ("let", line, mutable, name, ty, value)

    def jump(self, line: int) -> Node:
        kind = self.next()
        label = self.next()[1:] if self.peek().startswith("'") else None
        value = None if self.peek() in (";", "}", ",") else self.expr()
        self.accept(";")
        return (kind, line, label, value)

    # expressions

    def expr(self, struct: bool = True) -> Node:
        if self.peek() in ("..", "..="):
            inclusive = self.next() == "..="
            return ("range", None, self.range_end(struct), inclusive)
        left = self.binary(0, struct)
        if self.peek() in ("..", "..="):
            inclusive = self.next() == "..="
            return ("range", left, self.range_end(struct), inclusive)
        return left

    def range_end(self, struct: bool) -> Node | None:
        return None if self.peek() in ("]", ")", "{", ";", ",") else self.binary(0, struct)

    def binary(self, least: int, struct: bool) -> Node:
        left = self.unary(struct)
        while True:
            kind = self.peek()
            if kind == "as":
                self.next()
                left = ("cast", left, self.type())
            elif BINARY.get(kind, -1) > least:
                self.next()
                left = ("binary", kind, left, self.binary(BINARY[kind], struct))
            else:
                return left

    def unary(self, struct: bool) -> Node:
        if self.peek() in ("-", "!"):
            return ("unary", self.next(), self.cast_free(struct))
        if self.accept("*"):
            return ("deref", self.cast_free(struct))
        if self.accept("&"):
            mutable = self.accept("mut")
            return ("ref", mutable, self.cast_free(struct))
        if self.accept("&&"):
            return ("ref", False, ("ref", False, self.cast_free(struct)))
        return self.postfix(self.primary(struct))

    def cast_free(self, struct: bool) -> Node:
        return self.unary(struct)

    def postfix(self, value: Node) -> Node:
        while True:
            if self.accept("."):
                value = self.member(value)
            elif self.accept("["):
                value = ("index", value, self.expr())
                self.expect("]")
            else:
                return value

    def member(self, value: Node) -> Node:
        name = self.next()
        turbofish = None
        if self.accept("::"):
            self.expect("<")
            turbofish = self.next()
            self.expect(">")
        if self.accept("("):
            return ("method", name, turbofish, value, self.comma_list(")", self.expr))
        return ("field", value, name)

    def primary(self, struct: bool) -> Node:
        kind, text, line = self.tokens[self.at]
        if kind == "life":
            self.next()
            self.expect(":")
            return (*self.primary(struct), text[1:])
        match text:
            case "(":
                return self.parenthesis()
            case "[":
                return self.array()
            case "{":
                return ("block", self.block())
            case "if":
                return self.if_()
            case "while":
                self.next()
                return ("while", line, self.expr(struct=False), self.block())
            case "loop":
                self.next()
                return ("loop", self.block())
            case "for":
                return self.for_()
            case "match":
                return self.match_()
            case _:
                self.next()
                return self.atom(kind, text, struct)

    def atom(self, kind: str, text: str, struct: bool) -> Node:
        if kind in ("num", "byte", "bytes", "str"):
            return (kind, text)
        assert kind == "id", f"line {self.line()}: unexpected {text}"
        if text in ("true", "false"):
            return ("bool", text == "true")
        if text.endswith("!"):
            self.expect("(")
            return ("macro", text[:-1], self.comma_list(")", self.expr))
        while self.accept("::"):
            text += "::" + self.next()
        if self.accept("("):
            return ("call", text, self.comma_list(")", self.expr))
        if struct and text[0].isupper() and self.peek() == "{":
            self.next()
            return ("struct", text, self.comma_list("}", self.field_value))
        return ("name", text)

    def field_value(self) -> tuple[str, Node]:
        name = self.next()
        return (name, self.expr() if self.accept(":") else ("name", name))

    def parenthesis(self) -> Node:
        self.next()
        parts = self.comma_list(")", self.expr)
        trailing = self.peek(-2) == ","
        return parts[0] if len(parts) == 1 and not trailing else ("tuple", parts)

    def array(self) -> Node:
        self.next()
        if self.accept("]"):
            return ("array", [])
        first = self.expr()
        if self.accept(";"):
            count = int(self.next())
            self.expect("]")
            return ("repeat", first, count)
        rest = self.comma_list("]", self.expr) if self.accept(",") else self.expect("]") or []
        return ("array", [first, *rest])

    def if_(self) -> Node:
        self.next()
        cond = self.expr(struct=False)
        then = self.block()
        orelse: list[Node] = []
        if self.accept("else"):
            line = self.line()
            if self.peek() == "if":
                inner = self.if_()
                orelse = [("yield" if gives(inner) else "expr", line, inner)]
            else:
                orelse = self.block()
        return ("if", cond, then, orelse)

    def for_(self) -> Node:
        self.next()
        paren = self.accept("(")
        names = [(self.accept("&"), self.next())]
        while paren and self.accept(","):
            names.append((self.accept("&"), self.next()))
        if paren:
            self.expect(")")
        self.expect("in")
        return ("for", names, self.expr(struct=False), self.block())

    def match_(self) -> Node:
        self.next()
        value = self.expr(struct=False)
        self.expect("{")
        arms: list[tuple[str, list[Node]]] = []
        while not self.accept("}"):
            pattern = ""
            while not self.accept("=>"):
                pattern += self.next() if self.peek() != "|" else f" {self.next()} "
            arms.append((pattern, self.arm()))
            self.accept(",")
        return ("match", value, arms)

    def arm(self) -> list[Node]:
        line = self.line()
        if self.peek() == "{":
            return self.block()
        if self.peek() in ("return", "break", "continue"):
            return [self.jump(line)]
        value = self.expr()
        if self.peek() == "=" or self.peek() in ASSIGN:
            return [("assign", line, self.next()[:-1], value, self.expr())]
        return [("yield", line, value)]


def gives(node: Node) -> bool:
    """Whether an `if`, `match` or block gives a value (no value: it ends in no tail expression)."""
    match node[0]:
        case "if":
            return any(body and body[-1][0] == "yield" for body in (node[2], node[3]))
        case "match":
            return any(body and body[-1][0] == "yield" for _, body in node[2])
        case "block":
            return (bool(node[1]) and node[1][-1][0] == "yield") or _breaks_with_value(node)
        case "loop":
            return False
        case kind:
            return kind not in ("while", "for")


def _breaks_with_value(node: Any) -> bool:
    if isinstance(node, tuple) and node and node[0] == "break":  # pyright: ignore[reportUnknownVariableType]
        return node[3] is not None  # pyright: ignore[reportUnknownVariableType]
    return isinstance(node, list | tuple) and any(_breaks_with_value(each) for each in node)  # pyright: ignore


def parse(text: str) -> list[Node]:
    """The items of a Rust text."""
    tokens: list[tuple[str, str, int]] = []
    at = 0
    while at < len(text):
        found = TOKENS.match(text, at)
        assert found is not None, f"cannot read {text[at : at + 20]!r}"
        if found.lastgroup is not None:
            tokens.append((found.lastgroup, found.group().strip(), 1 + text.count("\n", 0, found.start())))
        at = found.end()
    return _Parser([*tokens, ("end", "", 0), ("end", "", 0)]).items()
