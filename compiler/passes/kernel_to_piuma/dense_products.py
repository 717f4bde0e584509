"""Products with dense operands: a thread takes a row and keeps each sum in a register.

    spmv     y[i] = sum of a[i, k] * x[k]
    spmm     y[i, j] = sum of a[i, k] * x[k, j]
    sddmm    c[i, j] = s[i, j] * sum of x[i, k] * y[k, j] where S has entries

Rows are dealt out over the whole machine, by rank or by a token in memory.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.dialects.spgemm_kernel import Kind
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.row_results import clear_tokens, meet_all, rows_in_turn
from compiler.passes.loops.values import Value


def build(k: Kernel) -> None:
    """The whole kernel."""
    clear_tokens(k)
    meet_all(k)
    with rows_in_turn(k, k["rows"]) as row:
        if k.form.kind is Kind.SDDMM:
            _sampled(k, row)
        else:
            _row(k, row)


def _row(k: Kernel, row: Value) -> None:
    """A row of the result; a vector is a matrix of one column."""
    b, a = k.b, k.operand("a")
    first, last = b.load_index(a.pointers, row), b.load_index(a.pointers, row + 1)
    columns = k["columns"]
    with b.range(0, columns) as column:

        def product(p: Value) -> Value:
            at = b.load_index(a.indices, p) * columns + column.index
            return k.algebra.multiply(b, k.value(a.values, p), k.value(k["x"], at))

        total = _sum(k, first, last, product)
        k.store_entry(k["result"], row * columns + column.index, total)


def _sampled(k: Kernel, row: Value) -> None:
    b, s = k.b, k.operand("a")
    depth, columns = k["depth"], k["columns"]
    start = row * depth
    with k.entries(s, row) as p:
        column = b.load_index(s.indices, p)

        def product(step: Value) -> Value:
            return k.value(k["x"], start + step) * k.value(k["y"], step * columns + column)

        total = _sum(k, b.index(0), depth, product)
        k.store_entry(k["result"], p, total * k.value(s.values, p))


def _sum(k: Kernel, first: Value, last: Value, product: Callable[[Value], Value]) -> Value:
    """Of the products at first to last."""
    b, algebra = k.b, k.algebra
    with b.range(first, last, carry=(b.constant(algebra.identity, algebra.sum_type),)) as loop:
        loop.next(algebra.add(loop.state[0], product(loop.index)))
    return loop.results[0]
