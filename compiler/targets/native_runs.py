"""Runs of kernels compiled for this computer, whatever language they were compiled from.

    run_product(Product(library, form, schedule), operands).seconds

From operands in their plain form to the arrays of the result: planning, packing, counting and the product itself.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from compiler.dialects.spgemm_kernel import Kind
from compiler.targets.cpu_product import Compressed, Functions, Product, compressed, rows_in_blocks
from compiler.targets.operands import Operands, numpy_type
from compiler.targets.target import Result
from runtime.sparse.containers import Csr


def run_product(product: Product, operands: Operands) -> Result:
    """A sparse product; seconds are those of the functions and of the memory they fill."""
    a, b, mask, more = (
        None if each is None else compressed(each)
        for each in (operands.a, operands.b, operands.mask, operands.accumulate)
    )
    assert a is not None and b is not None
    started = perf_counter()
    pointers, indices, values = product(a, b, mask, more)
    seconds = perf_counter() - started
    shape = int(operands.shape[0]), int(operands.shape[1])
    return Result(Csr(shape, pointers, indices, values), seconds=seconds)


def run_dense(library: Functions, operands: Operands) -> Result:
    """A product with dense operands."""
    a, x = compressed(operands.a), operands.x
    assert x is not None
    kind = numpy_type(operands.form.element)
    known = rows_in_blocks(a, a.indices.size * (x.shape[1] if x.ndim == 2 else 1))
    known |= {"a_pointers": a.pointers, "a_indices": a.indices, "a_values": a.values, "x": x}
    started = perf_counter()
    match operands.form.kind:
        case Kind.SDDMM:
            assert operands.y is not None
            out: Any = np.empty(a.indices.size, kind)
            turned = np.ascontiguousarray(operands.y.T)
            library.call("multiply", known | {"depth": x.shape[1], "y": turned, "c_values": out})
            result = _like(a, out)
        case _:
            result = np.empty((a.shape[0], *x.shape[1:]), kind)
            library.call("multiply", known | {"width": x.shape[-1], "y": result})
    return Result(result, seconds=perf_counter() - started)


def _like(a: Compressed, values: Any) -> Csr:
    return Csr(a.shape, a.pointers, a.indices, values)
