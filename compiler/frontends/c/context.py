"""The state of lowering one translation unit, and how statements and trees come to stand in it.

`out` is the list of ops of the block being built. A statement is placed with `put`, which appends the trees of its operands and
then the op. A side effect inside an expression is a statement put while trees of the same expression are still in hand; whoever
holds some asks `settle` afterwards, which saves in locals those that the effect could change:

    mark = cx.mark()
    right = cx.value(node.right)               # may put `i += 1`
    (left,) = cx.settle(mark, left)            # then maybe `t = i`, in front of it

A `p++` whose old value is used stays `pending` instead, until a later mention of `p` or the end of the full expression, so that
`*p++ = c` becomes `*p = c; p += 1` with no temporary.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import FileLineColLoc, LocationAttr, StringAttr, UnitAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, Label, Span, refusal
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.comments import Comments, call_argument
from compiler.frontends.c.mentions import coordinate, kind_of, mentions
from compiler.frontends.c.parse import TranslationUnit
from compiler.frontends.c.scopes import FunctionName, Scopes, Variable
from compiler.frontends.c.trees import Place, Reach, Value, copy_place, discard, disturbs, reach, split_index
from compiler.locations import location

UNIT = UnitAttr()
FUNCTION_NAMES = ("__func__", "__FUNCTION__", "__PRETTY_FUNCTION__")
"""What C calls the name of the function around."""


@dataclass(slots=True)
class Pending:
    """An update of a local that has not been put yet."""

    variable: Variable
    ops: list[Operation]


@dataclass(slots=True)
class FunctionState:
    """What is known while the body of one function is lowered."""

    name: str
    result: c.CType
    exposed_names: frozenset[str] = frozenset()
    taken_names: set[str] = field(default_factory=set[str])
    twice: frozenset[str] | set[str] = frozenset()
    """Names that more than one local has."""
    labels: frozenset[str] = frozenset()
    open_labels: list[str] = field(default_factory=list[str])
    hoisted: dict[int, Variable] = field(default_factory=dict[int, Variable])
    """Locals declared ahead of their declarations, by the identity of the declaration's node."""
    inlining: int = 0
    loops: int = 0
    """How many loops are open here; `breakable` counts the switches too."""
    breakable: int = 0
    nested_regions: int = 0
    """How many regions of expressions are open: no jump may leave them."""
    exposed: set[SSAValue] = field(default_factory=set[SSAValue])


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
    item: Callable[[Lowering, Any], None]


@dataclass(slots=True)
class Lowering:
    """One translation unit on its way to minic."""

    unit: TranslationUnit
    dispatch: Dispatch
    comments: Comments
    scopes: Scopes = field(default_factory=Scopes)
    out: list[Operation] = field(default_factory=list[Operation])
    items: list[Operation] = field(default_factory=list[Operation])
    symbols: set[str] = field(default_factory=set[str])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    pending: dict[SSAValue, Pending] = field(default_factory=dict[SSAValue, Pending])
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
    function: FunctionState = field(default_factory=lambda: FunctionState("", c.VOID))

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

    # --- placing -------------------------------------------------------------------------------------------------------------

    def put(self, root: Operation, *trees: Value | Place) -> None:
        """Place a statement after the trees of its operands."""
        for tree in trees:
            self.out += tree.ops
        self.out.append(root)

    def drop(self, value: Value) -> None:
        """Place an expression whose value is not used: only what it calls matters."""
        ops = value.ops
        while ops and isinstance(ops[-1], minic.CastOp | minic.TruthOp):
            ops.pop().drop_all_references()
        if not reach(ops, set()).calls:
            discard(value)
            return
        last = ops[-1]
        if isinstance(last, minic.CallOp):
            args = tuple(last.args)
            last.drop_all_references()
            ops[-1] = minic.CallStmtOp.create(operands=args, properties=last.properties, location=last.location)
        else:
            ops.append(minic.EvalOp.create(operands=(last.results[0],), location=last.location))
        self.out += ops

    @contextmanager
    def block(self) -> Generator[list[Operation]]:
        """Collect what is put inside into a list of its own; pending updates are this block's own."""
        outer, outer_pending = self.out, self.pending
        self.out, self.pending = inner, _ = [], {}
        try:
            yield inner
        finally:
            self.out, self.pending = outer, outer_pending

    @contextmanager
    def expression_block(self) -> Generator[list[Operation]]:
        """A block whose end is the value of an expression."""
        self.function.nested_regions += 1
        with self.block() as ops:
            yield ops
        self.function.nested_regions -= 1

    def region(self, lower: Callable[[], None]) -> Region:
        """The statements that `lower` puts, as a region."""
        with self.block() as ops:
            lower()
        return Region(Block(ops))

    def yielding(self, lower: Callable[[], Value], at: LocationAttr) -> tuple[Region, c.CType]:
        """A region that yields a value, and the value's type."""
        with self.expression_block() as ops:
            value = self.finished(lower())
            self.put(minic.YieldOp.create(operands=(value.ssa,), location=at), value)
        return Region(Block(ops)), value.ctype

    # --- order of side effects -----------------------------------------------------------------------------------------------

    def mark(self) -> int:
        return len(self.out)

    def settle(self, mark: int, *held: Value) -> tuple[Value, ...]:
        """Save in locals what the statements put since `mark` could change; the saves go in front of them."""
        if len(self.out) == mark:
            return held
        exposed = self.function.exposed
        passed = self.out[mark:]
        result = list(held)
        saves: list[Operation] = []
        for index in range(len(held) - 1, -1, -1):
            if disturbs(reach(passed, exposed), reach(held[index].ops, exposed)):
                with self.block() as ops:
                    result[index] = self.temporary(held[index])
                saves[:0] = ops
                passed = ops + passed
        self.out[mark:mark] = saves
        return tuple(result)

    def settle_place(self, mark: int, held: Place) -> Place:
        """The same for a place: its pointers and indices are saved, not its content."""
        if len(self.out) == mark:
            return held
        earlier = reach(self.out[mark:], self.function.exposed)
        with self.block() as ops:
            kept = self._saved_place(held, earlier)
        self.out[mark:mark] = ops
        return kept

    def temporary(self, value: Value) -> Value:
        """The value, put in a new local and loaded from it."""
        at = value.ops[-1].location
        ctype = value.ctype.plain
        local = minic.LocalOp.create(
            operands=(value.ssa,),
            result_types=(ctype.place,),
            properties={"var_name": StringAttr(self.fresh_name()), "synthetic": UNIT},
            location=at,
        )
        self.put(local, value)
        load = minic.LoadOp.create(operands=(local.results[0],), result_types=(ctype.ir,), location=at)
        return Value(load.results[0], ctype, [load])

    def uncalled(self, value: Value) -> Value:
        """The value, its calls made now: it will be evaluated after operands that follow it in the source."""
        return self.temporary(value) if reach(value.ops, set()).calls else value

    def fresh_name(self, stem: str = "t") -> str:
        """A name that nothing in this function has."""
        taken = self.function.taken_names
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem}{count}"
        taken.add(name)
        return name

    def _saved_value(self, value: Value, earlier: Reach) -> Value:
        tree = reach(value.ops, self.function.exposed)
        return self.temporary(value) if tree.calls or disturbs(earlier, tree) else value

    def _saved_place(self, place: Place, earlier: Reach) -> Place:
        """`place` when `earlier` runs before it: what that could change of its pointers and indices is in locals. Calls always are."""
        last = place.ops[-1] if place.ops else None
        match last:
            case minic.FieldOp():
                base = self._saved_place(Place(last.base, c.VOID, place.ops[:-1]), earlier)
                operands = [base.ssa]
                ops = base.ops
            case minic.DerefOp():
                pointer = self._saved_pointer(last.pointer, place.ops[:-1], earlier)
                operands, ops = [pointer.ssa], pointer.ops
            case minic.IndexOp():
                before, after = split_index(place.ops)
                pointer = self._saved_pointer(last.pointer, before, earlier)
                index = self._saved_value(_bare(last.index, after), earlier)
                operands, ops = [pointer.ssa, index.ssa], pointer.ops + index.ops
            case _:
                return place
        last.operands = operands
        return Place(place.ssa, place.ctype, [*ops, last])

    def _saved_pointer(self, pointer: SSAValue, ops: list[Operation], earlier: Reach) -> Value:
        last = ops[-1]
        if not isinstance(last, minic.DecayOp):
            return self._saved_value(_bare(pointer, ops), earlier)
        array = self._saved_place(Place(last.place, c.VOID, ops[:-1]), earlier)
        last.operands = [array.ssa]
        return _bare(pointer, [*array.ops, last])

    def twice(self, place: Place, effect: Reach) -> tuple[Place, Place]:
        """Two trees for one place, such that the second may follow `effect`."""
        kept = self._saved_place(place, effect)
        return kept, copy_place(kept)

    # --- pending updates -----------------------------------------------------------------------------------------------------

    def postpone(self, variable: Variable, ops: list[Operation]) -> None:
        assert variable.place is not None
        self.pending[variable.place] = Pending(variable, ops)

    def flush(self) -> None:
        """Put the pending updates: at the end of a full expression, or because one of their variables is mentioned again."""
        for update in self.pending.values():
            self.out += update.ops
        self.pending.clear()

    def flush_for(self, *nodes: Any) -> None:
        """Put the pending updates if a region about to be entered mentions one of the variables."""
        if self.pending:
            names = {update.variable.name for update in self.pending.values()}
            if any(mentions(node, names) for node in nodes if node is not None):
                self.flush()

    def forget_pending(self) -> None:
        """The function is left: updates of its locals no longer matter."""
        for update in self.pending.values():
            for op in update.ops:
                op.drop_all_references()
        self.pending.clear()

    def finished(self, value: Value) -> Value:
        """End the full expression before its value is used by a statement with parts of its own."""
        mark = self.mark()
        self.flush()
        (value,) = self.settle(mark, value)
        return value


def _first_line(node: Any) -> int:
    """The line that a declaration begins on: that of its type specifier, if it is above the name."""
    line = node.coord.line
    inner = getattr(node, "type", None)
    while inner is not None:
        if inner.coord is not None and inner.coord.file == node.coord.file:
            line = min(line, inner.coord.line)
        inner = getattr(inner, "type", None)
    return line


def _bare(ssa: SSAValue, ops: Sequence[Operation]) -> Value:
    """A value of which only the minic type matters."""
    return Value(ssa, c.Opaque(ssa.type), list(ops))
