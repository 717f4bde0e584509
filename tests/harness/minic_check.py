"""What minic promises its readers, checked on a module: the executable form of the invariants in `compiler/dialects/minic.py`.

violations(module)     []     or     ["assign at a.c:3:5: place holds i32, value is u8", …]
"""

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, ArrayType, IntType, PlaceType, PtrType, StructType
from compiler.locations import span_of

_PTRDIFF = INTS["isize"]
_BOOL = INTS["bool"]


def violations(module: ModuleOp) -> list[str]:
    """Every broken promise, with the op and its place."""
    return [f"{op.name} at {span_of(op)}: {text}" for op, text in _all(module)]


def _all(module: ModuleOp) -> Iterator[tuple[Operation, str]]:
    functions = {op.sym_name.data: op for op in module.ops if isinstance(op, minic.FuncOp)}
    for op in module.walk():
        if op is module:
            continue
        if op.location.name == "unknown_loc":
            yield op, "no location"
        for region in op.regions:
            for block in region.blocks:
                yield from _trees(block)
        for text in _types(op, functions):
            yield op, text


def _trees(block: Block) -> Iterator[tuple[Operation, str]]:
    """Invariant 3: expressions are trees, and the ops of one stand together before its root."""
    waiting: list[SSAValue] = []
    for op in block.ops:
        is_item = isinstance(op, minic.StructOp | minic.DefineOp | minic.GlobalOp | minic.FuncOp)
        wanted = [operand for operand in op.operands if not is_shared(operand)]
        if len(wanted) > len(waiting) or waiting[len(waiting) - len(wanted) :] != wanted:
            yield op, "its operands are not the trees that stand directly before it"
            return
        del waiting[len(waiting) - len(wanted) :]
        if is_item or isinstance(op, minic.STATEMENT_OPS):
            if waiting:
                yield op, "a tree before it is not part of it"
                return
        else:
            waiting.append(op.results[0])
            if len(list(op.results[0].uses)) != 1:
                yield op, f"its result has {len(list(op.results[0].uses))} uses"
    if waiting and block.last_op is not None:
        yield block.last_op, "an expression that no statement uses"


def is_shared(value: SSAValue) -> bool:
    """A place that may be used many times: a local or a parameter."""
    return not isinstance(value.owner, Operation) or isinstance(value.owner, minic.LocalOp)


def _held(place: SSAValue) -> Attribute:
    assert isinstance(place.type, PlaceType)
    return place.type.of


def _types(op: Operation, functions: dict[str, minic.FuncOp]) -> Iterator[str]:
    match op:
        case minic.LocalOp():
            if op.init is not None and _held(op.place) != op.init.type:
                yield f"holds {_held(op.place)}, initialized with {op.init.type}"
        case minic.AssignOp():
            if _held(op.place) != op.value.type:
                yield f"place holds {_held(op.place)}, value is {op.value.type}"
        case minic.LoadOp():
            if _held(op.place) != op.result.type:
                yield f"loads {op.result.type} from {_held(op.place)}"
        case minic.BinaryOp():
            yield from _binary(op)
        case minic.UpdateOp():
            yield from _update(op)
        case minic.CompareOp():
            if op.lhs.type != op.rhs.type:
                yield f"compares {op.lhs.type} with {op.rhs.type}"
            if op.result.type != _BOOL:
                yield "its result is no bool"
        case minic.LogicalOp():
            if {op.lhs.type, op.result.type, _yielded(op.rhs)} != {_BOOL}:
                yield "not on bools"
        case minic.NotOp() | minic.TruthOp():
            if op.result.type != _BOOL or (isinstance(op, minic.NotOp) and op.operand.type != _BOOL):
                yield "not on bools"
            if isinstance(op, minic.TruthOp) and op.operand.type == _BOOL:
                yield "the truth of a bool"
        case minic.SelectOp():
            if op.cond.type != _BOOL or {_yielded(op.if_true), _yielded(op.if_false)} != {op.result.type}:
                yield "its arms have other types"
        case minic.IfOp() | minic.AssertOp():
            if op.cond.type != _BOOL:
                yield "its condition is no bool"
        case minic.WhileOp() | minic.DoWhileOp() | minic.ForOp():
            if _yielded(op.cond) != _BOOL:
                yield "its condition is no bool"
        case minic.CastOp():
            if op.operand.type == op.result.type:
                yield "a cast to the same type"
        case minic.CallOp() | minic.CallStmtOp():
            yield from _call(op, functions)
        case minic.ReturnOp():
            yield from _return(op)
        case _:
            yield from _pointers(op)


def _yielded(region: Region) -> Attribute | None:
    last = region.block.last_op
    return last.value.type if isinstance(last, minic.YieldOp) else None


def _binary(op: minic.BinaryOp) -> Iterator[str]:
    shift = op.kind.data in ("shl", "shr")
    if op.lhs.type != op.result.type or (not shift and op.rhs.type != op.lhs.type):
        yield f"{op.kind.data} of {op.lhs.type} and {op.rhs.type} gives {op.result.type}"
    if isinstance(op.result.type, IntType) and op.result.type.width < 32:
        yield f"arithmetic in {op.result.type}: not promoted"


def _update(op: minic.UpdateOp) -> Iterator[str]:
    if isinstance(op.compute, PtrType):
        if (
            _held(op.place) != op.compute
            or not isinstance(op.value.type, IntType)
            or op.kind.data not in ("add", "sub")
        ):
            yield "a pointer moved by something else than an integer"
    elif op.kind.data not in ("shl", "shr") and op.value.type != op.compute:
        yield f"computes in {op.compute} with a value of {op.value.type}"


def _call(op: minic.CallOp | minic.CallStmtOp, functions: dict[str, minic.FuncOp]) -> Iterator[str]:
    callee = functions.get(op.callee.data)
    if callee is None:
        return
    given = [arg.type for arg in op.args]
    if given != list(callee.param_types):
        yield f"passes {given} for {list(callee.param_types)}"
    if isinstance(op, minic.CallOp) and op.results[0].type != callee.result:
        yield "gives another type than the function returns"


def _return(op: minic.ReturnOp) -> Iterator[str]:
    function = op.parent_op()
    while not isinstance(function, minic.FuncOp):
        assert function is not None
        function = function.parent_op()
    if op.value is not None and op.value.type != function.result:
        yield f"returns {op.value.type} for {function.result}"


def _pointers(op: Operation) -> Iterator[str]:
    match op:
        case minic.DerefOp() | minic.IndexOp():
            assert isinstance(op.pointer.type, PtrType)
            if op.pointer.type.pointee != _held(op.place):
                yield f"a place of {_held(op.place)} through {op.pointer.type}"
        case minic.AddrOp():
            assert isinstance(op.result.type, PtrType)
            if op.result.type.pointee != _held(op.place):
                yield f"the address of {_held(op.place)} as {op.result.type}"
        case minic.DecayOp():
            held = _held(op.place)
            assert isinstance(op.result.type, PtrType)
            if not isinstance(held, ArrayType) or held.element != op.result.type.pointee:
                yield f"{held} decays to {op.result.type}"
        case minic.PtrAddOp():
            if op.pointer.type != op.result.type:
                yield "changes the type of the pointer"
        case minic.PtrDiffOp():
            if op.lhs.type != op.rhs.type or op.result.type != _PTRDIFF:
                yield "a difference of different types"
        case minic.AggregateOp():
            yield from _aggregate(op)
        case minic.SwitchOp():
            if not len(op.labels) == len(op.falls) == len(op.sections):
                yield "labels, falls and sections differ in number"
        case _:
            pass


def _aggregate(op: minic.AggregateOp) -> Iterator[str]:
    of = op.result.type
    if isinstance(of, ArrayType):
        if len(op.elements) > of.size.data or any(each.type != of.element for each in op.elements):
            yield f"does not fit {of}"
    else:
        assert isinstance(of, StructType)
        module = op.get_toplevel_object()
        struct = next(
            each
            for each in module.walk()
            if isinstance(each, minic.StructOp) and each.sym_name == of.symbol  # pyright: ignore
        )
        if [each.type for each in op.elements] != list(struct.field_types):
            yield f"does not fit {of}"
