"""The builder: order of ops, derived types, locations."""

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block

from compiler.dialects import rust
from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_types import BOOL, U8, U32, UNIT, USIZE, array, ref, slice_of
from compiler.locations import location

HERE = location("a.c", 3, 1)


def fill(block: Block) -> None:
    """`a[i] += a[0];` and a few expressions, dropped."""
    b = Builder(block, HERE)
    a, i = block.args
    b.assign_op("+", b.index(a, i), b.index(a, b.lit(0, USIZE)))
    b.expr(b.binary("<", i, b.lit(4, USIZE)))


def test_operands_stand_before_their_user() -> None:
    block = Block(arg_types=[ref(array(4, U32), True), USIZE])
    fill(block)
    assert [op.name.removeprefix("rust.") for op in block.ops] == [
        *("index", "lit", "index", "assign_op"),
        *("lit", "binary", "expr"),
    ]
    assert all(op.location == HERE for op in block.ops)


def test_types_follow_from_operands() -> None:
    block = Block(arg_types=[ref(slice_of(U8)), USIZE])
    b = Builder(block)
    a, i = block.args
    assert b.index(a, i).type == U8
    assert b.index(a, b.range(i)).type == slice_of(U8)
    assert b.ref(b.index(a, b.range(i)), mutable=True).type == ref(slice_of(U8), True)
    assert b.deref(a).type == slice_of(U8)
    assert b.binary("==", i, i).type == BOOL
    assert b.binary("+", i, i).type == USIZE
    assert b.cast(i, USIZE) is i
    assert b.cast(i, U32).type == U32
    assert b.repeat(b.lit(0, U8), 3).type == array(3, U8)


def test_what_it_builds_verifies() -> None:
    module = ModuleOp([])
    body = Block(arg_types=[ref(array(4, U32), True), USIZE])
    fill(body)
    b = Builder(body)
    with b.inside(Block()) as then:
        b.return_()
    b.if_(b.binary("==", body.args[1], b.lit(0, USIZE)), then)
    with b.inside(module.body.block):
        fn = b.fn("f", [Param("a", body.args[0].type), Param("i", USIZE)], UNIT, body, public=True)
    module.verify()
    assert isinstance(fn, rust.FnOp)
    assert body.last_op is not None and body.last_op.name == "rust.if"


def test_inserts_before_an_anchor() -> None:
    block = Block(arg_types=[ref(array(4, U32), True), USIZE])
    fill(block)
    last = block.last_op
    assert last is not None
    Builder.before(last).comment("here")
    assert last.prev_op is not None and last.prev_op.name == "rust.comment"
    assert last.prev_op.location == HERE
