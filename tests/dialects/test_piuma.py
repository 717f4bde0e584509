"""What the verifier of the machine's own operations refuses."""

from __future__ import annotations

import pytest

from compiler.diagnostics import CompileError
from compiler.ir_text import from_text
from compiler.pipelines import new_context


def copy(element: str, count: str) -> str:
    kind = f"memref<?x{element}>"
    return f"""
func.func @f(%to: {kind}, %from: {kind}, %n: index) {{
  %six = arith.constant 6 : index
  %eight = arith.constant 8 : index
  %ticket = piuma.dma_copy %to, %from, %{count} : {kind}, {kind} -> i64
  piuma.dma_wait %ticket : i64
  func.return
}}
"""


@pytest.mark.parametrize(
    ("element", "count"), [("f64", "n"), ("i32", "n"), ("i32", "six"), ("i16", "six"), ("i8", "eight")]
)
def test_copies_of_whole_words(element: str, count: str) -> None:
    from_text(copy(element, count), "kernel.mlir", new_context()).verify()


@pytest.mark.parametrize(
    ("element", "count", "size"), [("i8", "six", 8), ("i8", "n", 8), ("i16", "n", 16), ("i1", "n", 8)]
)
def test_copies_that_may_end_within_a_word(element: str, count: str, size: int) -> None:
    with pytest.raises(CompileError, match=f"a copy of {size}-bit elements must be of a constant number"):
        from_text(copy(element, count), "kernel.mlir", new_context())
