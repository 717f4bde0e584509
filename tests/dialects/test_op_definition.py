"""Our ops are made and read as xDSL makes and reads them, only quicker."""

from pathlib import Path

import pytest
from random_rust import random_module
from xdsl.dialects.builtin import IntAttr, ModuleOp, StringAttr
from xdsl.ir import Block, Operation, Region
from xdsl.irdl import IRDLOperation
from xdsl.irdl.operations import BaseAccessor, get_accessors_from_op_def

from compiler.dialects import rust
from compiler.frontends.c.lower import lower
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess
from compiler.locations import location

EXAMPLES = Path(__file__).parents[2] / "examples" / "c"


def read_alike(module: ModuleOp) -> int:
    """Compares our accessors with xDSL's on every op; how many."""
    ops = [op for op in module.body.walk() if isinstance(op, IRDLOperation)]
    for op in ops:
        for name, accessor in get_accessors_from_op_def(op.get_irdl_definition(), None).items():
            if isinstance(accessor, BaseAccessor):
                theirs, ours = accessor.__get__(op, type(op)), getattr(op, name)  # pyright: ignore[reportUnknownMemberType]
                assert theirs is ours or tuple(theirs) == tuple(ours)
    return len(ops)


@pytest.mark.parametrize("seed", range(5))
def test_rust_is_read_alike(seed: int) -> None:
    assert read_alike(random_module(seed)) > 20


@pytest.mark.parametrize("example", ["chacha20", "json_tokens", "csv"])
def test_minic_is_read_alike(example: str) -> None:
    assert read_alike(lower(parse(preprocess(str(EXAMPLES / f"{example}.c"))))) > 100


def test_ops_are_made_alike() -> None:
    block = Block(arg_types=[IntAttr(1), IntAttr(2)])
    a, b = block.args
    ours = rust.IfOp.create(
        operands=[a, b, a],
        result_types=[IntAttr(3), IntAttr(4)],
        properties={"kind": StringAttr("+")},
        attributes={"note": StringAttr("n")},
        location=location("a.c", 1, 2),
        regions=[Region(Block()), Region(Block())],
    )
    assert made_by_xdsl(ours) == described(ours)
    assert [(use.operation, use.index) for use in a.uses] == [(ours, 2), (ours, 0)]
    assert [(use.operation, use.index) for use in b.uses] == [(ours, 1)]
    assert all(result.owner is ours for result in ours.results)
    assert all(region.parent is ours for region in ours.regions)


def test_an_op_of_nothing_is_made_alike() -> None:
    ours = rust.BreakOp.create()
    assert made_by_xdsl(ours) == described(ours)


def made_by_xdsl(op: Operation) -> object:
    """An op of the same parts, made by xDSL."""
    other = type(op).__new__(type(op))
    Operation.__init__(
        other,
        operands=list(op.operands),
        result_types=op.result_types,
        properties=op.properties,
        attributes=op.attributes,
        location=op.location,
        regions=[Region(Block()) for _ in op.regions],
    )
    parts = described(other)
    other.drop_all_references()
    return parts


def described(op: Operation) -> object:
    """All that an op consists of."""
    results = [(result.type, result.index, list(result.uses)) for result in op.results]
    places = (op.parent, op.next_op, op.prev_op, list(op.successors), len(op.regions))
    return list(op.operands), results, op.properties, op.attributes, op.location, places
