"""External names: one definition each, and declarations that agree with it.

    a.c: int f(size_t); extern const int t[];          b.c: int f(unsigned long n) {…}  const int t[2] = {…};

`size_t` and `unsigned long` are one type to C and two to minic: calls made through the other spelling get a cast. An array declared without
its length gets the one of its definition.

Refuses a second definition, and a declaration of other types; both places are shown.
"""

from __future__ import annotations

from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import Rewriter

from compiler.codes import Code
from compiler.diagnostics import Diagnostic, Label
from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, IntType, place
from compiler.locations import inherit, span_of
from compiler.passes.c_to_rust.link.likeness import content
from compiler.passes.c_to_rust.link.units import Item, Unit, is_declaration, is_definition, is_external

_ONE_TYPE = ({"usize", "u64"}, {"isize", "i64"})


class Externals:
    """The external names of all units; `findings` are the conflicts among them."""

    def __init__(self, units: list[Unit]) -> None:
        self.findings: list[Diagnostic] = []
        self.definitions: dict[str, Item] = {}
        for unit in units:
            for name, op in unit.items.items():
                if is_definition(op):
                    self._define(name, op)
        for unit in units:
            self._settle(unit)

    def _define(self, name: str, op: Item) -> None:
        first = self.definitions.setdefault(name, op)
        inline = isinstance(op, minic.FuncOp) and op.inline is not None
        if first is not op and not (inline and content(first) == content(op)):
            self._find(Code.DUPLICATE_DEFINITION, op, f"`{name}` is defined twice", first, "first defined here")

    def _settle(self, unit: Unit) -> None:
        """Hold a unit's declarations against the definitions, and adapt its uses."""
        odd: dict[str, Item] = {}
        for name, op in unit.items.items():
            definition = self.definitions.get(name)
            if definition is None or not (is_external(op) and is_declaration(op)):
                continue
            if not _agree(op, definition):
                message = f"`{name}` is declared with other types than it is defined with"
                self._find(Code.CONFLICTING_DECLARATION, op, message, definition, "defined here")
            elif _spelled(op) != _spelled(definition):
                odd[name] = definition
        if odd:
            for item in unit.items.values():
                for op in list(item.walk()):
                    _adapt(op, odd)

    def _find(self, code: Code, at: Item, message: str, other: Item, remark: str) -> None:
        there = span_of(other)
        labels = (Label(there, remark),) if there is not None else ()
        self.findings.append(Diagnostic(code, message, span_of(at), labels))


def _spelled(op: Item) -> tuple[Attribute, ...]:
    """What a declaration says of types."""
    match op:
        case minic.FuncOp():
            return (*op.param_types.data, op.result)
        case minic.GlobalOp():
            return (op.type,)
        case _:
            return ()


def _agree(declared: Item, defined: Item) -> bool:
    if type(declared) is not type(defined):
        return False
    ours, theirs = _spelled(declared), _spelled(defined)
    same = _completed if isinstance(declared, minic.GlobalOp) else _one_type
    return len(ours) == len(theirs) and all(same(a, b) for a, b in zip(ours, theirs, strict=True))


def _one_type(a: Attribute, b: Attribute) -> bool:
    if a == b:
        return True
    both = {each.kind.data for each in (a, b) if isinstance(each, IntType)}
    return both in _ONE_TYPE


def _completed(declared: Attribute, defined: Attribute) -> bool:
    """The same type; minic gives an array declared without a length one element."""
    if isinstance(declared, ArrayType) and isinstance(defined, ArrayType) and declared.size.data == 1:
        return declared.element == defined.element
    return declared == defined


# --- uses ------------------------------------------------------------------------------------------------------------------------


def _adapt(op: Operation, definitions: dict[str, Item]) -> None:
    match op:
        case minic.CallOp() | minic.CallStmtOp() if op.callee.data in definitions:
            function = definitions[op.callee.data]
            assert isinstance(function, minic.FuncOp)
            _adapt_call(op, function)
        case minic.GlobalRefOp() if op.symbol.data in definitions:
            variable = definitions[op.symbol.data]
            assert isinstance(variable, minic.GlobalOp)
            Rewriter.replace_value_with_new_type(op.place, place(variable.type))
        case _:
            pass


def _adapt_call(call: minic.CallOp | minic.CallStmtOp, function: minic.FuncOp) -> None:
    for index, (argument, wanted) in enumerate(zip(call.args, function.param_types.data, strict=True)):
        if argument.type != wanted:
            call.operands[index] = _cast(argument, wanted)
    if isinstance(call, minic.CallOp) and call.result is not None and call.result.type != function.result:
        given = call.result.type
        result = Rewriter.replace_value_with_new_type(call.result, function.result)
        uses = list(result.uses)
        cast = _cast(result, given)
        for use in uses:
            use.operation.operands[use.index] = cast


def _cast(value: SSAValue, to: Attribute) -> SSAValue:
    """A cast directly behind the value, where the tree of its user has its place."""
    owner = value.owner
    assert isinstance(owner, Operation) and owner.parent is not None
    cast = minic.CastOp.create(operands=[value], result_types=[to])
    inherit(owner, [cast])
    owner.parent.insert_op_after(cast, owner)
    return cast.result
