"""What xDSL's IR is asked most, answered without Python in between.

    value.type    value.owner    op.next_op    hash(value)    isinstance(value, BlockArgument)    block.add_op(op)

A translation asks each of these some hundred times for each line of C, and most of what an answer costs is the frame of the one-line
method that gives it. `attrgetter` reads the same attribute without a frame, and `object` hashes by identity as those methods do. The
answers stay what they are, for every user of xDSL in the process. An op is put into a block by one call instead of six.
"""

# pyright: reportPrivateUsage=false
# What the methods of these names return.

from abc import ABCMeta
from operator import attrgetter
from typing import TypeVar, dataclass_transform

from xdsl.ir import Block, BlockArgument, Operation, OpResult, ParametrizedAttribute, Region, SSAValue
from xdsl.irdl import irdl_attr_definition

AttributeT = TypeVar("AttributeT", bound=ParametrizedAttribute)


class DirectClass(ABCMeta):
    """The class of classes without virtual subclasses: `isinstance` need not ask `abc` for them first."""

    __instancecheck__ = type.__instancecheck__


def ask_directly(cls: type) -> None:
    """`isinstance` of this class costs what it costs of any other."""
    cls.__class__ = DirectClass  # pyright: ignore[reportAttributeAccessIssue]


@dataclass_transform(frozen_default=True)
def attribute_definition(cls: type[AttributeT]) -> type[AttributeT]:
    """As `irdl_attr_definition`, for types that are asked for their class and their hash a hundred times as often as they are made."""
    cls = irdl_attr_definition(cls)
    ask_directly(cls)
    hash_once(cls)
    return cls


def hash_once(cls: type[ParametrizedAttribute]) -> None:
    """An attribute of this class computes its hash, for which it asks all attributes inside it, once."""
    compute = cls.__hash__

    def kept(self: ParametrizedAttribute) -> int:
        state = vars(self)
        known = state.get("_hash")
        if known is None:
            known = state["_hash"] = compute(self)
        return known

    cls.__hash__ = kept


def _add_op(self: Block, operation: Operation) -> None:
    """As `Block.add_op`, in one call instead of six."""
    _attach(self, operation)
    last = self._last_op
    if last is None:
        self._first_op = operation
    else:
        last._next_op = operation
        operation._prev_op = last
    self._last_op = operation


def _insert_op_before(self: Block, new_op: Operation, existing_op: Operation) -> None:
    """As `Block.insert_op_before`."""
    if existing_op.parent is not self:
        raise ValueError("Can't insert operation before operation not in current block")
    _attach(self, new_op)
    before = existing_op._prev_op
    if before is None:
        self._first_op = new_op
    else:
        before._next_op = new_op
    new_op._prev_op = before
    new_op._next_op = existing_op
    existing_op._prev_op = new_op


def _attach(block: Block, op: Operation) -> None:
    if op.parent is not None or (op.regions and op.is_ancestor(block)):
        block._attach_op(op)  # which says what is wrong
    op.parent = block


_erase = SSAValue.erase


def _erase_value(self: SSAValue, safe_erase: bool = True) -> None:
    """As `SSAValue.erase`, which makes an `ErasedSSAValue` even where no use is left to take it."""
    if self.first_use is not None:
        _erase(self, safe_erase)


def _read(cls: type, **attributes: str) -> None:
    for name, attribute in attributes.items():
        setattr(cls, name, property(attrgetter(attribute)))


_read(SSAValue, type="_type")
_read(OpResult, owner="op")
_read(BlockArgument, owner="block")
_read(Operation, next_op="_next_op", prev_op="_prev_op")
_read(Block, args="_args", first_op="_first_op", last_op="_last_op")
_read(Region, first_block="_first_block")
SSAValue.__hash__ = object.__hash__
SSAValue.erase = _erase_value
Block.add_op = _add_op
Block.insert_op_before = _insert_op_before
for _cls in (Block, BlockArgument):
    ask_directly(_cls)
