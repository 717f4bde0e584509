"""How the ops of our dialects are defined: as xDSL's `irdl_op_definition` does, but quick to read and to make.

    @op_definition
    class LoadOp(IRDLOperation):
        place = operand_def(PlaceType)          op.place  is  op.operands[0]

xDSL's accessors look up on each access what the definition of the op says once and for all, and its `create` serves ops with successors
and default properties, which ours have not. A translation makes some ten ops for each line of C and reads operands a hundred times as
often: both are as direct here as the definition allows. What they give is what xDSL's own give; `verify` is untouched.
"""

# pyright: reportPrivateUsage=false
# What xDSL's accessors give, they make from these at each access.

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from xdsl.dialects.builtin import UNKNOWN_LOC, LocationAttr
from xdsl.ir import Attribute, Block, Operation, OpResult, Region, SSAValue, SSAValues, Use
from xdsl.irdl import IRDLOperation, irdl_op_definition
from xdsl.irdl.operations import (
    BaseAccessor,
    BeforeVariadicSingleAccessor,
    OptionalDef,
    OptionalPropertyAccessor,
    PropertyAccessor,
    UniqueVariadicAccessor,
    VarIRConstruct,
)

from compiler.dialects.quick_ir import ask_directly
from compiler.dialects.walking import ops_backwards, ops_of

OpT = TypeVar("OpT", bound=IRDLOperation)


class Operands(SSAValues[SSAValue]):
    """The operands of an op: the tuple itself, where xDSL makes a view of it at each access. Setting one gives the op another tuple."""

    op: Operation

    __getitem__ = tuple[SSAValue, ...].__getitem__  # pyright: ignore[reportAssignmentType]

    def __setitem__(self, index: int, value: SSAValue) -> None:
        op = self.op
        old, use = op._operands, op._operand_uses[index]
        old[index].remove_use(use)
        value.add_use(use)
        op._operands = held = Operands((*old[:index], value, *old[index + 1 :]))
        held.op = op


class Results(SSAValues[OpResult]):
    """The results of an op: `SSAValues` whose items are those of a tuple, without a call between."""

    __getitem__ = tuple[OpResult, ...].__getitem__  # pyright: ignore[reportAssignmentType]


_NONE = Operands()
_NO_RESULTS = Results()
_item = tuple[object, ...].__getitem__  # that of SSAValues is written in Python
_new = object.__new__


def op_definition(cls: type[OpT]) -> type[OpT]:
    """Define an op of ours: no successors, no default values."""
    cls = irdl_op_definition(cls)
    definition = cls.get_irdl_definition()
    assert not definition.successors
    for each in (*definition.properties.values(), *definition.attributes.values()):
        assert isinstance(each, OptionalDef) or each.default_value is None
    for name, accessor in list(vars(cls).items()):
        if isinstance(accessor, BaseAccessor):
            setattr(cls, name, property(_reader(accessor)))
        elif isinstance(accessor, PropertyAccessor):
            setattr(cls, name, _property(accessor.property_name))
        elif isinstance(accessor, OptionalPropertyAccessor):
            setattr(cls, name, _optional_property(accessor.property_name))
    ask_directly(cls)
    cls.__hash__ = object.__hash__
    cls.operands = property(attrgetter("_operands"), _set_operands)  # pyright: ignore[reportAttributeAccessIssue]
    cls.walk = _walk  # pyright: ignore[reportAttributeAccessIssue]
    cls.create = classmethod(_create)  # pyright: ignore[reportAttributeAccessIssue]
    return cls


def _reader(accessor: BaseAccessor) -> Callable[[Operation], object]:
    """What the accessor reads from an op."""
    index = accessor.idx
    direct = isinstance(accessor, BeforeVariadicSingleAccessor)
    match accessor.construct:
        case VarIRConstruct.OPERAND if direct:
            return lambda op: _item(op._operands, index)
        case VarIRConstruct.OPERAND if isinstance(accessor, UniqueVariadicAccessor):
            stop = index - accessor.num_defs + 1
            return lambda op: SSAValues(op._operands[index : stop + len(op._operands)])
        case VarIRConstruct.OPERAND:
            return lambda op: accessor.index(op._operands)
        case VarIRConstruct.RESULT if direct:
            return lambda op: _item(op.results, index)
        case VarIRConstruct.RESULT:
            return lambda op: accessor.index(SSAValues(op.results))  # a part of it shall have `types` too
        case VarIRConstruct.REGION if direct:
            return lambda op: op.regions[index]
        case VarIRConstruct.REGION:
            return lambda op: accessor.index(op.regions)
        case VarIRConstruct.SUCCESSOR:
            raise AssertionError("an op of ours has no successors")


def _property(name: str) -> property:
    """As `PropertyAccessor`."""

    def read(op: Operation) -> Attribute:
        return op.properties[name]

    def write(op: Operation, value: Attribute) -> None:
        op.properties[name] = value

    return property(read, write)


def _optional_property(name: str) -> property:
    """As `OptionalPropertyAccessor`."""

    def read(op: Operation) -> Attribute | None:
        return op.properties.get(name)

    def write(op: Operation, value: Attribute | None) -> None:
        if value is None:
            op.properties.pop(name, None)
        else:
            op.properties[name] = value

    return property(read, write)


def _set_operands(op: Operation, operands: Sequence[SSAValue]) -> None:
    Operation.operands.__set__(op, operands)
    _hold_operands(op)


def _hold_operands(op: Operation) -> None:
    """Of an op whose operands xDSL has set."""
    op._operands = held = Operands(op._operands)
    held.op = op


def _walk(op: Operation, *, reverse: bool = False, region_first: bool = False) -> Iterator[Operation]:
    """As `Operation.walk`."""
    if reverse and not region_first:
        return iter(ops_backwards(op))
    if region_first:
        return Operation.walk(op, reverse=reverse, region_first=region_first)
    return iter(ops_of(op))


def _create(
    cls: type[OpT],
    *,
    operands: Sequence[SSAValue] = _NONE,
    result_types: Sequence[Attribute] = (),
    properties: Mapping[str, Attribute] | None = None,
    attributes: Mapping[str, Attribute] | None = None,
    location: LocationAttr | None = None,
    successors: Sequence[Block] = (),
    regions: Sequence[Region] = (),
) -> OpT:
    """As `Operation.create`. Uses and results are filled in here: their constructors set the defaults that their classes have anyway."""
    assert not successors
    op = cls.__new__(cls)
    if operands:
        op._operands = held = Operands(operands)
        held.op = op
        uses: list[Use] = []
        for index, value in enumerate(operands):
            use = _new(Use)
            use._operation, use._index = op, index
            uses.append(use)
            first = value.first_use  # as `add_use`
            if first is not None:
                use._next_use = first
                first._prev_use = use
            value.first_use = use
        op._operand_uses = tuple(uses)
    else:
        op._operands = _NONE
    if result_types:
        results: list[OpResult] = []
        for index, kind in enumerate(result_types):
            result = _new(OpResult)
            result._type, result.op, result.index = kind, op, index
            results.append(result)
        op.results = Results(results)
    else:
        op.results = _NO_RESULTS
    op.properties = dict(properties) if properties else {}
    op.attributes = dict(attributes) if attributes else {}
    op.location = UNKNOWN_LOC if location is None else location
    for region in regions:
        op.add_region(region)
    return op
