"""The state of lowering one translation unit: names, items, findings; and who lowers what.

    cx.value(node)    cx.place(node)    cx.effect(node)    cx.statement(node)    cx.type_of(node)

Each asks the `Dispatch` table by the kind of the node, so that the modules of the front end need not import each other. How what they
make comes to stand in a block is `Emission`, the base.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import FileLineColLoc, StringAttr
from xdsl.ir import Attribute, Operation

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, Label, Span, refusal
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.comments import Comments, call_argument
from compiler.frontends.c.emission import Emission
from compiler.frontends.c.mentions import coordinate, kind_of
from compiler.frontends.c.scopes import FunctionName, Scopes, Variable
from compiler.frontends.c.translation_unit import TranslationUnit
from compiler.frontends.c.trees import Place, Value, discard
from compiler.locations import location

FUNCTION_NAMES = ("__func__", "__FUNCTION__", "__PRETTY_FUNCTION__")
"""What C calls the name of the function around."""


@dataclass(frozen=True, slots=True)
class MacroSymbol:
    """What a constant macro stands for: the symbol of its `minic.define` ("" if it has none) and its value."""

    symbol: str
    value: int
    ctype: c.Int
    spelling: str | None


@dataclass(slots=True)
class Dispatch:
    """Who lowers which kind of AST node, by what is wanted of it."""

    values: dict[type, Callable[[Lowering, Any], Value]]
    effects: dict[type, Callable[[Lowering, Any], None]]
    places: dict[type, Callable[[Lowering, Any], Place]]
    operators: dict[str, Callable[[Lowering, Any], Value]]
    statements: dict[type, Callable[[Lowering, Any], None]]
    types: dict[type, Callable[[Lowering, Any], c.CType]]
    item: Callable[[Lowering, Any], None]


@dataclass(slots=True, kw_only=True)
class Lowering(Emission):
    """One translation unit on its way to minic."""

    unit: TranslationUnit
    dispatch: Dispatch
    comments: Comments
    scopes: Scopes = field(default_factory=Scopes)
    items: list[Operation] = field(default_factory=list[Operation])
    symbols: set[str] = field(default_factory=set[str])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    used_symbols: set[str] = field(default_factory=set[str])
    globals: dict[str, minic.GlobalOp] = field(default_factory=dict[str, minic.GlobalOp])
    noreturn: set[str] = field(default_factory=set[str])
    library_items: set[int] = field(default_factory=set[int])
    definitions: dict[str, c.StructDefinition] = field(default_factory=dict[str, c.StructDefinition])
    """Structs by symbol."""
    specifiers: dict[int, c.CType] = field(default_factory=dict[int, "c.CType"])
    """The types of struct and enum specifiers, by node: several declarators share one."""
    refused_names: dict[str, CompileError] = field(default_factory=dict[str, CompileError])
    """Names whose declarations were refused: their uses are not findings of their own."""
    refused_items: list[tuple[c_ast.Node, CompileError]] = field(default_factory=list[tuple[c_ast.Node, CompileError]])
    """The declarations and definitions behind the refusals, in order."""
    early_callees: dict[str, FunctionName] = field(default_factory=dict[str, FunctionName])
    """Functions called while their parameters were unknown."""
    anonymous_name: str = ""
    """What the declaration in hand declares: an anonymous struct takes that name."""
    defines: list[tuple[Span, Operation]] = field(default_factory=list[tuple[Span, Operation]])
    macros: dict[str, MacroSymbol] = field(default_factory=dict[str, "MacroSymbol"])

    # --- dispatch ------------------------------------------------------------------------------------------------------------

    def value(self, node: Any) -> Value:
        """The node as an rvalue: loaded, decayed."""
        lower = self.dispatch.values.get(kind_of(node))
        if lower is None:
            raise self.refuse(
                Code.UNSUPPORTED_EXPRESSION,
                node,
                f"this kind of expression is not supported ({kind_of(node).__name__})",
            )
        return lower(self, node)

    def place(self, node: Any) -> Place:
        """The node as an lvalue."""
        lower = self.dispatch.places.get(kind_of(node))
        if lower is None:
            raise self.refuse(Code.NOT_AN_LVALUE, node, "this expression does not name an object")
        return lower(self, node)

    def effect(self, node: Any) -> None:
        """The node for its side effects alone."""
        lower = self.dispatch.effects.get(kind_of(node))
        if lower is not None:
            lower(self, node)
        else:
            self.drop(self.value(node))

    def statement(self, node: Any) -> None:
        lower = self.dispatch.statements.get(kind_of(node))
        if lower is not None:
            lower(self, node)
        else:
            self.effect(node)
            self.flush()

    def type_of(self, node: Any) -> c.CType:
        """The type that a declarator, a type name or a specifier means."""
        lower = self.dispatch.types.get(kind_of(node))
        if lower is None:
            message = f"this kind of type is not supported ({kind_of(node).__name__})"
            raise self.refuse(Code.UNSUPPORTED_TYPE, node, message)
        return lower(self, node)

    def item(self, node: Any) -> None:
        """A statement or declaration of a block, with the comments above it."""
        self.dispatch.item(self, node)

    def enter_inlined_block(self) -> None:
        """A scope whose statements stand in the block around it: its locals must not take names from there."""
        self.scopes.enter()
        self.function.inlining += 1

    def leave_inlined_block(self) -> None:
        self.scopes.leave()
        self.function.inlining -= 1

    def names_object(self, node: Any) -> bool:
        """Whether the node is an lvalue by its form."""
        match node:
            case c_ast.UnaryOp():
                return node.op == "*"
            case c_ast.ID():
                meaning = self.scopes.find(node.name)
                return isinstance(meaning, Variable) or (meaning is None and node.name in FUNCTION_NAMES)
            case c_ast.Constant():
                return node.value[-1] == '"'
            case _:
                return kind_of(node) in self.dispatch.places

    def type_of_expression(self, node: Any) -> c.CType:
        """The C type of an expression that is not evaluated; an array or a function keeps its type."""
        if isinstance(node, c_ast.ID) and isinstance(function := self.scopes.find(node.name), FunctionName):
            return function.ctype
        if isinstance(node, c_ast.FuncCall) and isinstance(result := self.result_of_call(node), c.Void):
            return result
        with self.block() as placed:
            tree = self.place(node) if self.names_object(node) else self.value(node)
            discard(tree)
            self.forget_pending()
            for op in placed:
                op.drop_all_references()
        return c.INT if tree.ctype == c.TRUTH else tree.ctype

    def result_of_call(self, node: c_ast.FuncCall) -> c.CType | None:
        """The type that the function called is declared to return."""
        found = self.scopes.find(node.name.name) if isinstance(node.name, c_ast.ID) else None
        return found.ctype.result if isinstance(found, FunctionName) else None

    # --- errors and locations ------------------------------------------------------------------------------------------------

    def span(self, node: Any) -> Span:
        coord = coordinate(node)
        return Span(coord.file, coord.line, coord.column or 1)

    def refuse(self, code: Code, node: Any, message: str, help: str = "", label: str = "") -> CompileError:
        """The finding to raise: `raise cx.refuse(…)`."""
        return refusal(code, self.span(node), message, help=help, label=label)

    def doc(self, node: Any) -> dict[str, Attribute]:
        """The comment directly above a declaration, as a property."""
        text = self.comments.above(node.coord.file, _first_line(node), skip_blank=False)
        return {"doc": StringAttr(text)} if text else {}

    def source_of_argument(self, node: Any) -> str:
        """The source text between the parentheses of a call."""
        coord = node.coord
        return call_argument(self.unit.sources, coord.file, coord.line, coord.column or 1)

    def undeclared(self, name: str, node: Any, message: str) -> CompileError:
        """The finding that a name is not declared; if its declaration was refused, that refusal."""
        known = self.refused_names.get(name)
        if known is not None:
            return self.used_here(known, node)
        return self.refuse(Code.UNDECLARED, node, message, help="declare it, or include the header that does")

    def used_here(self, refusal: CompileError, node: Any) -> CompileError:
        """The refusal of a declaration, met again where what it declares is used."""
        first, *rest = refusal.diagnostics
        label = Label(self.span(node), "used here")
        if first.span == label.span or first.labels:
            return refusal
        return CompileError(replace(first, labels=(label,)), *rest)

    def incomplete(self, node: Any, ctype: c.CType, message: str) -> Exception:
        """The finding that an object of an incomplete type is wanted; if the type was refused, that refusal."""
        for part in c.derivation(ctype):
            if isinstance(part, c.Struct) and part.definition.refusal is not None:
                return self.used_here(part.definition.refusal, node)
        return self.refuse(Code.INCOMPLETE_TYPE, node, message)

    @contextmanager
    def recovering(self) -> Generator[list[CompileError]]:
        """Note the refusal of what is lowered inside, and go on after it; the refusal is in the list then."""
        depth, out, pending = len(self.scopes.names), self.out, self.pending
        refused: list[CompileError] = []
        try:
            yield refused
        except CompileError as error:
            refused.append(error)
            known = {(each.code, each.span, each.message) for each in self.diagnostics}
            self.diagnostics += [
                each for each in error.diagnostics if (each.code, each.span, each.message) not in known
            ]
            del self.scopes.names[depth:], self.scopes.tags[depth:]
            self.out, self.pending = out, pending

    def at(self, node: Any) -> FileLineColLoc:
        coord = node.coord or coordinate(node)
        return location(coord.file, coord.line, coord.column or 1)

    def new_symbol(self, name: str, what: str) -> str:
        """A module-level symbol for `name`, which may be taken by something of another kind."""
        symbol, count = name, 1
        while symbol in self.symbols:
            symbol = f"{name}_{what}" + (str(count) if count > 1 else "")
            count += 1
        self.symbols.add(symbol)
        return symbol


def _first_line(node: Any) -> int:
    """The line that a declaration begins on: that of its type specifier, if it is above the name."""
    line = node.coord.line
    inner = getattr(node, "type", None)
    while inner is not None:
        if inner.coord is not None and inner.coord.file == node.coord.file:
            line = min(line, inner.coord.line)
        inner = getattr(inner, "type", None)
    return line
