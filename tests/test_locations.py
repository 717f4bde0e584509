"""Locations: cheap, printable, kept through rewrites."""

from xdsl.dialects.builtin import UNKNOWN_LOC, FileLineColLoc, IntAttr, ModuleOp, StringAttr
from xdsl.dialects.test import TestOp
from xdsl.ir import Block, Operation, Region
from xdsl.pattern_rewriter import PatternRewriter, PatternRewriteWalker, RewritePattern

from compiler.diagnostics import Span
from compiler.keep_location import KeepLocation
from compiler.locations import attach, inherit, location, span_of, unlocated

HERE = Span("a.c", 14, 10)


def nest(*ops: Operation) -> TestOp:
    return TestOp(regions=[Region(Block(ops))])


def test_a_span_comes_back_without_its_length() -> None:
    op = TestOp()
    attach(op, Span("a.c", 14, 10, length=7))
    assert span_of(op) == HERE


def test_location_equals_the_verified_attribute() -> None:
    verified = FileLineColLoc(StringAttr("a.c"), IntAttr(14), IntAttr(10))
    assert location("a.c", 14, 10) == verified
    assert hash(location("a.c", 14, 10)) == hash(verified)
    location("a.c", 14, 10).verify()


def test_an_op_without_a_place_takes_that_of_the_op_around_it() -> None:
    inner = TestOp()
    attach(nest(inner), HERE)
    assert span_of(inner) == HERE
    assert span_of(TestOp()) is None


def test_inherit_reaches_inner_ops_and_keeps_what_is_known() -> None:
    source, known, unknown = TestOp(), TestOp(), TestOp()
    attach(source, HERE)
    attach(known, Span("b.c", 1, 1))
    inherit(source, [nest(known, unknown)])
    assert span_of(known) == Span("b.c", 1, 1)
    assert unknown.location == source.location


class Unwrap(RewritePattern):
    """Replaces an op that has a region by two ops without one."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if op.regions and not isinstance(op, ModuleOp):
            rewriter.replace(op, [TestOp(), TestOp()])


def test_a_wrapped_pattern_keeps_the_location_and_a_bare_one_drops_it() -> None:
    for pattern, lost in ((Unwrap(), 2), (KeepLocation(Unwrap()), 0)):
        outer = nest(TestOp())
        attach(outer, HERE)
        module = ModuleOp([outer])
        PatternRewriteWalker(pattern).rewrite_module(module)
        assert len(list(unlocated(module))) == lost


def test_the_module_itself_needs_no_location() -> None:
    module = ModuleOp([])
    assert module.location is UNKNOWN_LOC
    assert not list(unlocated(module))
