"""Where a product is wanted: a mask's row is searched for the column before anything is added."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from compiler.dialects.spgemm_kernel import Mask
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.loops.values import INDEX, Value


@contextmanager
def wanted(k: Kernel, row: Value, column: Value) -> Generator[None]:
    """What is written inside happens only where the kernel's mask, if it has one, lets a product be."""
    if k.form.mask is Mask.NONE:
        yield
        return
    found = _position_found(k, row, column)
    with k.b.if_(found.ne(0) if k.form.mask is Mask.STRUCTURAL else found.eq(0)):
        yield


def _position_found(k: Kernel, row: Value, column: Value) -> Value:
    """1 where the mask's row has the column, by bisection."""
    b, mask = k.b, k.operand("m")
    first, end = b.load_index(mask.pointers, row), b.load_index(mask.pointers, row + 1)
    with b.loop(first, end) as loop:
        low, high = loop.state
        loop.while_(low < high)
        low, high = loop.state
        middle = (low + high) >> 1
        with b.if_(b.load_index(mask.indices, middle) < column) as choice:
            choice.gives(middle + 1, high)
        with choice.otherwise():
            choice.gives(low, middle)
        loop.next(*choice.results)
    at = loop.results[0]
    with b.if_(at < end) as inside:
        inside.gives(b.load_index(mask.indices, at).eq(column).unsigned_to(INDEX))
    with inside.otherwise():
        inside.gives(b.index(0))
    return inside.results[0]
