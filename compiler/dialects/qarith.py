"""The `qarith` dialect: low-precision arithmetic, in which rounding is said, not implied.

    %s = qarith.softmax %x {method = #qarith.method<quadratic>} : tensor<197x197x!qarith.quant<si8, [1, 4]>> -> …
    %v = qarith.round %u step %t {rounding = #qarith.rounding<sr, stream 0 of 1>} : tensor<50xf64> -> tensor<50x!qarith.fp<11, 8, 1023, ieee>>

What a reader may rely on:

1.  Values are tensors of known sizes, of f64, small floats, integers with a sign rule, or dyadic quantised numbers.
2.  An op is exact, or it has a `rounding` that names mode, overflow and random stream; the target format is its result's.
3.  Sums name their order; sums of integers fit their accumulator, whatever the operands are.
4.  A result depends on the operands and the text alone: not on threads, schedules or target. `compiler/arithmetic/` defines it.

Plain arithmetic of doubles on tensors is `arith`, time loops are `scf.for`. The ops stand in `qarith_rounding.py`, `qarith_integer.py`,
`qarith_linear.py`, the types in `qarith_types.py`.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from compiler.dialects.qarith_integer import ExpOp, GeluOp, LayerNormOp, MethodAttr, SoftmaxOp, SquareRootOp
from compiler.dialects.qarith_linear import (
    AddOp,
    BoundaryAttr,
    BuildTablesOp,
    LookupOp,
    MatmulOp,
    OrderAttr,
    ReduceOp,
    StencilOp,
)
from compiler.dialects.qarith_rounding import CastOp, DequantiseOp, QuantiseOp, RequantiseOp, RoundOp
from compiler.dialects.qarith_types import FpType, QuantType, RoundingAttr
from compiler.dialects.schedules.arithmetic import ArithmeticScheduleAttr

Qarith = Dialect(
    "qarith",
    [
        RoundOp,
        CastOp,
        QuantiseOp,
        DequantiseOp,
        RequantiseOp,
        ExpOp,
        SoftmaxOp,
        GeluOp,
        LayerNormOp,
        SquareRootOp,
        MatmulOp,
        AddOp,
        BuildTablesOp,
        LookupOp,
        ReduceOp,
        StencilOp,
    ],
    [FpType, QuantType, RoundingAttr, MethodAttr, OrderAttr, BoundaryAttr, ArithmeticScheduleAttr],
)
