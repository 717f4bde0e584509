"""Patterns that keep locations: xDSL gives what a pattern makes none.

    GreedyRewritePatternApplier([KeepLocation(p) for p in patterns])

Apart from `locations`, which everything imports: the pattern rewriter takes a while to.
"""

from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from compiler.locations import inherit


class KeepLocation(RewritePattern):
    """A pattern whose new ops stand where the op it matched stood."""

    def __init__(self, pattern: RewritePattern) -> None:
        self.pattern = pattern

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        place = op.location
        handlers = rewriter.operation_insertion_handler
        handlers.append(lambda new: inherit(place, [new]))
        try:
            self.pattern.match_and_rewrite(op, rewriter)
        finally:
            handlers.pop()
