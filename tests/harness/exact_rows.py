"""The table: each op of the dialect with its row of batches (`exact_cells.py`), and the interpreter's results of one.

for batch in ROWS[RoundOp](False):
    holds(batch, computed(batch))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from exact_cells import Array, Batch
from exact_floats import casts, dequantises, quantises, requantises, rounds
from exact_integers import exponentials, gelus, norms, roots, softmaxes
from exact_sums import additions, lookups, products, stencils, sums, tables
from xdsl.ir import Operation

from compiler.dialects.qarith_integer import ExpOp, GeluOp, LayerNormOp, SoftmaxOp, SquareRootOp
from compiler.dialects.qarith_linear import AddOp, BuildTablesOp, LookupOp, MatmulOp, ReduceOp, StencilOp
from compiler.dialects.qarith_rounding import CastOp, DequantiseOp, QuantiseOp, RequantiseOp, RoundOp
from compiler.frontends.kernel.arithmetic import arithmetic_in
from compiler.interpreter.evaluate import evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context

Row = Callable[[bool], Iterator[Batch]]
ROWS: Mapping[type[Operation], Row] = {
    RoundOp: rounds,
    CastOp: casts,
    QuantiseOp: quantises,
    DequantiseOp: dequantises,
    RequantiseOp: requantises,
    ExpOp: exponentials,
    SoftmaxOp: softmaxes,
    GeluOp: gelus,
    LayerNormOp: norms,
    SquareRootOp: roots,
    MatmulOp: products,
    AddOp: additions,
    BuildTablesOp: tables,
    LookupOp: lookups,
    ReduceOp: sums,
    StencilOp: stencils,
}
"""`True` asks for what takes minutes."""


def computed(batch: Batch) -> list[Array]:
    """By the interpreter."""
    kernel = arithmetic_in(from_text(batch.text(), "k.mlir", new_context()), "k.mlir")
    return evaluate(kernel.module, kernel.name, *batch.arrays())
