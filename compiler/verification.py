"""That IR obeys the rules of its dialects: what xDSL's `verify` finds, in a third of the time.

    verify(module)                           as `module.verify()`: VerifyException, or nothing

After every pass all ops are looked at, and most are like one that was looked at before: the definition of an op constrains types and
attributes alone, so that one op speaks for all of its kind with the same of both. What depends on more than that (verifiers of
traits, `verify_` of a class) runs for every op. Whatever is unusual is left to xDSL, which also says what is wrong.
"""

# pyright: reportPrivateUsage=false
# Some hundred thousand ops in a second: views of operands and properties behind links would be most of the time.

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache, partial

from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.core import ErasedSSAValue
from xdsl.irdl import IRDLOperation
from xdsl.traits import IsolatedFromAbove, IsTerminator, NoTerminator, OpTrait
from xdsl.utils.exceptions import VerifyException

from compiler.dialects.walking import ops_of


def verify(op: Operation) -> None:
    """Check an op and all inside it. Raises VerifyException where xDSL does, with its words."""
    for region in op.regions:
        for block in region.blocks:
            if block.parent is not region or block._first_op is None:
                region.verify()
            _verify_ops(block)
    if not _obeys(op):
        op.verify(verify_nested_ops=False)


def _verify_ops(block: Block) -> None:
    op = block._first_op
    while op is not None:
        if op.parent is not block:
            block.verify()
        verify(op)
        op = op._next_op


def _obeys(op: Operation) -> bool:
    """Whether an op obeys all rules for certain."""
    rules = _rules_of(type(op))
    if rules is None or (op._next_op is None and not rules.ends_blocks and _must_end(op)):
        return False
    if op._successors and not _leads_on(op):
        return False
    return _defined(op) and _passes(op, rules.checks)


def _must_end(op: Operation) -> bool:
    """Whether an op that is the last of its block has to be a terminator."""
    region = None if op.parent is None else op.parent.parent
    if region is None:
        return False
    return (
        region._first_block is not region._last_block
        or region.parent is None
        or not region.parent.has_trait(NoTerminator)
    )


def _leads_on(op: Operation) -> bool:
    """Whether an op ends its block and leads to blocks beside it."""
    region = None if op.parent is None else op.parent.parent
    return op._next_op is None and region is not None and all(each.parent is region for each in op._successors)


def _passes(op: Operation, checks: tuple[Callable[[Operation], object], ...]) -> bool:
    try:
        for check in checks:
            check(op)
    except VerifyException:
        return False
    return True


# --- what a class asks of each of its ops -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rules:
    ends_blocks: bool
    checks: tuple[Callable[[Operation], object], ...]
    """What looks at more than types and attributes."""


@cache
def _rules_of(kind: type[Operation]) -> _Rules | None:
    """None: a class that was not defined by `irdl_op_definition`."""
    if not issubclass(kind, IRDLOperation):
        return None
    own = inspect.getclosurevars(kind.verify_).nonlocals.get("custom_verify")
    if own is None:
        return None
    traits = list(kind.get_irdl_definition().traits)
    checks = [_check_of(each) for each in traits if type(each).verify is not OpTrait.verify]
    if own is not Operation.verify_:
        checks.append(own)
    return _Rules(any(isinstance(each, IsTerminator) for each in traits), tuple(checks))


def _check_of(trait: OpTrait) -> Callable[[Operation], object]:
    return partial(_isolated, trait) if type(trait) is IsolatedFromAbove else trait.verify


def _isolated(trait: OpTrait, op: Operation) -> None:
    """xDSL asks of each operand whether a region is around it; most are of a block that has been met on the way."""
    inside = ops_of(op)[1:]
    blocks = {each.parent for each in inside}
    if not all(_block_of(operand) in blocks for each in inside for operand in each._operands):
        trait.verify(op)


def _block_of(operand: SSAValue) -> Block | None:
    owner = operand.owner
    return owner if isinstance(owner, Block) else owner.parent


# --- what its definition asks, by types and attributes ------------------------------------------------------------------------

_MOST = 50_000
"""How many kinds of ops are remembered; then it begins anew."""
_by_identity: dict[Hashable, tuple[Attribute, ...]] = {}
"""Ops that obey their definitions, by the addresses of types and attributes; these are kept, so that the addresses stay theirs."""
_by_value: set[Hashable] = set()
"""The same by what the types and attributes say: equal ones are made again and again."""


def _defined(op: Operation) -> bool:
    """Whether an op obeys the definition of its class, which looks at how many it has of what, at types and attributes."""
    operands, results = op._operands, op.results
    if ErasedSSAValue in map(type, operands):
        return False
    attributes = [each.type for each in operands]
    attributes += [each.type for each in results]
    attributes += op.properties.values()
    attributes += op.attributes.values()
    shape = (type(op), len(operands), len(results), len(op._successors), *op.properties, None, *op.attributes)
    if op.regions:
        shape += tuple(_outline(each, attributes) for each in op.regions)
    key = (*shape, *map(id, attributes))
    return key in _by_identity or _found_out(op, key, shape, tuple(attributes))


def _outline(region: Region, attributes: list[Attribute]) -> Hashable:
    """What a definition looks at of a region; the types of its arguments are added to the attributes."""
    first = region._first_block
    taken = () if first is None else first.arg_types
    attributes += taken
    return 0 if first is None else 1 if first is region._last_block else 2, len(taken)


def _found_out(op: Operation, key: Hashable, shape: Hashable, attributes: tuple[Attribute, ...]) -> bool:
    """The same of an op that is not known by the addresses."""
    if (shape, attributes) not in _by_value:
        assert isinstance(op, IRDLOperation)
        if not _passes(op, (op.get_irdl_definition().verify,)):
            return False
        _by_value.add((shape, attributes))
    if len(_by_identity) >= _MOST:
        _by_identity.clear()
        _by_value.clear()
    _by_identity[key] = attributes
    return True
