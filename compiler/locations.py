"""Where each op comes from: `Span` to xDSL location and back, kept through rewrites.

    op.location = location("mix.c", 14, 10)      # or attach(op, span)
    span_of(op)                                  # Span("mix.c", 14, 10)

An op carries the place where its construct begins, not its length: the renderer measures the token.
xDSL gives a new op the location `unknown`, so a rewrite says where its ops come from: `inherit`, or
`KeepLocation` (`keep_location.py`) around a pattern. After every stage no op is without a location (`unlocated`).
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from xdsl.dialects.builtin import UNKNOWN_LOC, FileLineColLoc, IntAttr, LocationAttr, StringAttr
from xdsl.ir import Operation

from compiler.diagnostics import Span


@lru_cache(maxsize=16384)
def location(file: str, line: int, column: int) -> FileLineColLoc:
    """The xDSL location of a place in a file.

    Built past the attribute's generic constructor, which verifies what the types here already
    guarantee and costs ten times as much; a front end asks for one location per op, most often for that of the op before.
    """
    place = FileLineColLoc.__new__(FileLineColLoc)
    vars(place).update(filename=_name(file), line=_number(line), column=_number(column))
    return place


_name = cache(StringAttr)
_number = cache(IntAttr)


def attach(op: Operation, span: Span) -> None:
    op.location = location(span.file, span.line, span.column)


def span_of(op: Operation) -> Span | None:
    """The op's place in the source, or that of the nearest op around it."""
    at: Operation | None = op
    while at is not None:
        if isinstance(found := at.location, FileLineColLoc):
            return Span(found.filename.data, found.line.data, found.column.data)
        at = at.parent_op()
    return None


def inherit(source: Operation | LocationAttr, ops: Iterable[Operation]) -> None:
    """Give the ops, and all ops inside them, the source's location unless they have one."""
    place = source.location if isinstance(source, Operation) else source
    for op in ops:
        for inner in op.walk():
            if inner.location is UNKNOWN_LOC:
                inner.location = place


def unlocated(module: Operation) -> Iterator[Operation]:
    """The ops inside a module that have no location: none, after any stage."""
    return (op for op in module.walk() if op is not module and op.location is UNKNOWN_LOC)
