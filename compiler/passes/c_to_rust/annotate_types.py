"""Pass `annotate-types`: a type stands where Rust's inference would fail or choose another one, and nowhere else.

    let mut sum = 0;  sum = sum.wrapping_add(x);      ->      let mut sum: u32 = 0;           a method needs to know its receiver
    (1 << n) as u64     (of u64s)                     ->      (1u64 << n) as u64              a cast tells its operand nothing
    let mut i = 0;  while i < n { … }                 ->      (unchanged)                     the comparison tells

Input and output: rust. What is annotated already stays so. Why here: last of all, for every rewrite may move the place that told a type.
Where rustc needs a type is `analysis/rust_inference.py`'s to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import Block

from compiler.analysis.rust_inference import untold
from compiler.dialects import rust


@dataclass(frozen=True, slots=True)
class AnnotateTypes:
    """The pass; no options."""

    name: ClassVar[str] = "annotate-types"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for item in op.body.block.ops:
            if isinstance(item, rust.ModOp):
                _annotate(item.body.block)
        _annotate(op.body.block)


def _annotate(items: Block) -> None:
    for item in items.ops:
        for place in untold(item):
            place.properties["annotate" if isinstance(place, rust.LetOp) else "suffix"] = UnitAttr()
