"""Floats compared with themselves: C's way to ask for a NaN.

x != x  ->  x.is_nan()            x == x, x <= x  ->  !x.is_nan()            x < x  ->  false
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import is_pure, same
from compiler.dialects.rust_build import COMPARISONS, Builder
from compiler.dialects.rust_types import BOOL, ScalarType
from compiler.passes.c_to_rust.folds.terms import kind_of


def fold_same_floats(op: Operation) -> SSAValue | None:
    """A comparison of a float with itself."""
    kind = kind_of(op)
    left, right = op.operands
    is_float = isinstance(left.type, ScalarType) and left.type.is_float
    if kind not in COMPARISONS or not is_float or not same(left, right) or not is_pure(left):
        return None
    b = Builder.before(op)
    if kind in ("<", ">"):
        return b.bool_(False)
    is_nan = b.method("is_nan", left, ty=BOOL)
    return is_nan if kind == "!=" else b.unary("!", is_nan)
