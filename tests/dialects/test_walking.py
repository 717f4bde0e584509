"""The lists of ops are those that xDSL's walks give."""

import pytest
from random_rust import random_module
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from compiler.dialects.walking import ops_at, ops_backwards, ops_inside, ops_of


@pytest.fixture(params=range(5))
def module(request: pytest.FixtureRequest) -> ModuleOp:
    return random_module(request.param)


def test_all_ops_inside_a_block(module: ModuleOp) -> None:
    assert ops_inside(module.body.block) == list(walked(module))[1:]


def test_an_op_and_all_ops_inside_it(module: ModuleOp) -> None:
    for op in ops_inside(module.body.block):
        assert ops_of(op) == list(op.walk()) == list(walked(op))


def test_backwards(module: ModuleOp) -> None:
    for op in ops_inside(module.body.block):
        assert ops_backwards(op) == list(op.walk(reverse=True)) == list(walked(op, reverse=True))


def test_the_ops_of_a_block_itself(module: ModuleOp) -> None:
    assert ops_at(module.body.block) == list(module.body.block.ops)


def walked(op: Operation, *, reverse: bool = False) -> list[Operation]:
    """By xDSL's own definition, which is recursive."""
    regions = reversed(op.regions) if reverse else op.regions
    blocks = (block for region in regions for block in (reversed(region.blocks) if reverse else region.blocks))
    ops = (inner for block in blocks for inner in (reversed(block.ops) if reverse else block.ops))
    return [op, *(each for inner in ops for each in walked(inner, reverse=reverse))]
