"""Products with dense operands: one loop over the rows of the sparse matrix.

spmv    y[i] = sum over A's row of a * x[k]
spmm    y[i, :] += a * x[k, :]
sddmm   c[p] = s[p] * (x[i, :] . y[:, j])
"""

from __future__ import annotations

from typing import Any

from compiler.passes.kernel_to_c.parallel import BLOCKS, shared_blocks
from compiler.passes.kernel_to_c.rows import Kernel, named
from compiler.passes.loops.build import array
from compiler.passes.loops.values import INDEX, Value


def write_spmv(kernel: Kernel) -> None:
    """`multiply` for a vector."""
    b, ring = kernel.b, kernel.ring
    dense = {"x": array(ring.type), "y": array(ring.type)}
    with (
        kernel.function("multiply", BLOCKS, kernel.matrix("a"), dense, private=False) as v,
        shared_blocks(kernel, v) as (_, start, end, _thread),
        b.range(start, end) as rows,
    ):
        first, last = kernel.bounds(v.a_pointers, named("row", rows.index), ("first", "last"))
        with b.range(first, last, carry=(ring.zero(b),)) as p:
            named("p", p.index)
            named("sum", p.state[0])
            k = b.load_index(v.a_indices, p.index)
            p.next(ring.add(p.state[0], ring.multiply(b.load(v.a_values, p.index), b.load(v.x, k))))
        b.store(p.results[0], v.y, rows.index)


def write_spmm(kernel: Kernel) -> None:
    """`multiply` for a row-major matrix of `width` columns."""
    b, ring = kernel.b, kernel.ring
    dense = {"width": INDEX, "x": array(ring.type), "y": array(ring.type)}
    with (
        kernel.function("multiply", BLOCKS, kernel.matrix("a"), dense, private=False) as v,
        shared_blocks(kernel, v) as (_, start, end, _thread),
        b.range(start, end) as rows,
    ):
        row = named("row", rows.index)
        out = kernel.rest(v.y, row * v.width, "out")
        with b.range(0, v.width) as j:
            named("j", j.index)
            b.store(ring.zero(b), out, j.index)
        first, last = kernel.bounds(v.a_pointers, row, ("first", "last"))
        with b.range(first, last) as p:
            named("p", p.index)
            a = named("a", b.load(v.a_values, p.index))
            source = kernel.rest(v.x, b.load_index(v.a_indices, p.index) * v.width, "source")
            with b.range(0, v.width) as j:
                named("j", j.index)
                more = ring.multiply(a, b.load(source, j.index))
                b.store(ring.add(b.load(out, j.index), more), out, j.index)


def write_sddmm(kernel: Kernel) -> None:
    """`multiply` at the entries of S; `y` comes transposed, so that both dot operands are rows of `depth`."""
    b, ring = kernel.b, kernel.ring
    dense = {"depth": INDEX, "x": array(ring.type), "y": array(ring.type), "c_values": array(ring.type)}
    with (
        kernel.function("multiply", BLOCKS, kernel.matrix("a"), dense, private=False) as v,
        shared_blocks(kernel, v) as (_, start, end, _thread),
        b.range(start, end) as rows,
    ):
        row = named("row", rows.index)
        first, last = kernel.bounds(v.a_pointers, row, ("first", "last"))
        with b.range(first, last) as p:
            named("p", p.index)
            total = _dot(kernel, v, row, b.load_index(v.a_indices, p.index))
            b.store(b.load(v.a_values, p.index) * total, v.c_values, p.index)


def _dot(kernel: Kernel, v: Any, row: Value, column: Value) -> Value:
    b, ring = kernel.b, kernel.ring
    left = kernel.rest(v.x, row * v.depth, "left")
    right = kernel.rest(v.y, column * v.depth, "right")
    with b.range(0, v.depth, carry=(ring.zero(b),)) as t:
        named("total", t.state[0])
        t.next(ring.add(t.state[0], ring.multiply(b.load(left, t.index), b.load(right, t.index))))
    return t.results[0]
