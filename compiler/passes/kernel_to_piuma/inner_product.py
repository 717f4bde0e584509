"""Inner product (ExTensor's innermost dataflow): each entry of C from a row of A and a column of B that are walked together.

B comes by columns: the parameters `b_…` are the rows of its transpose. Every pair of a row and a column is tried, which is
what makes this dataflow slow on sparse results.
"""

from __future__ import annotations

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.row_results import (
    append,
    clear_tokens,
    finish_row,
    gather_rows,
    meet_all,
    rows_in_turn,
)
from compiler.passes.kernel_to_piuma.symbolic import full_rows
from compiler.passes.loops.values import Value


def build(k: Kernel) -> None:
    """All phases; a row has room for as many entries as there are columns."""
    b, a = k.b, k.operand("a")
    clear_tokens(k)
    full_rows(k)
    with rows_in_turn(k, k["rows"]) as row:
        start = b.load_index(k["bounds"], row)
        first, last = b.load_index(a.pointers, row), b.load_index(a.pointers, row + 1)
        with b.if_(first < last) as some:
            with b.range(0, k["columns"], carry=(start,)) as columns:
                columns.next(_entry(k, (first, last), columns.index, columns.state[0]))
            some.gives(*columns.results)
        with some.otherwise():
            some.gives(start)
        finish_row(k, row, some.results[0] - start)
    meet_all(k)
    gather_rows(k)


def _entry(k: Kernel, row: tuple[Value, Value], column: Value, at: Value) -> Value:
    """The product of a row and a column, if they meet; where the next entry goes."""
    b, a, other, algebra = k.b, k.operand("a"), k.operand("b"), k.algebra
    low, high = b.load_index(other.pointers, column), b.load_index(other.pointers, column + 1)
    zero = b.constant(algebra.identity, algebra.sum_type)
    with b.loop(row[0], low, b.index(0), zero) as loop:
        p, q, _, _ = loop.state
        loop.while_((p < row[1]) & (q < high))
        p, q, hits, total = loop.state
        left, right = b.load_index(a.indices, p), b.load_index(other.indices, q)
        with b.if_(left.eq(right)) as meet:
            product = algebra.multiply(b, k.value(a.values, p), k.value(other.values, q))
            meet.gives(p + 1, q + 1, hits + 1, algebra.add(total, product))
        with meet.otherwise():
            with b.if_(left < right) as behind:
                behind.gives(p + 1, q)
            with behind.otherwise():
                behind.gives(p, q + 1)
            meet.gives(*behind.results, hits, total)
        loop.next(*meet.results)
    _, _, hits, total = loop.results
    with b.if_(hits > 0) as found:
        append(k, at, column, total)
        found.gives(at + 1)
    with found.otherwise():
        found.gives(at)
    return found.results[0]
