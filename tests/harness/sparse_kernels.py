"""Sparse kernels as text, and matrices of every shape to run them on."""

from __future__ import annotations

from typing import Any

import numpy as np

from runtime.sparse import generators
from runtime.sparse.containers import Csr, scipy_sparse

MATRICES = {
    "rmat": lambda: generators.rmat(9, 4000),
    "poisson": lambda: generators.poisson2d(20),
    "banded": lambda: generators.banded(200, 9),
    "blocks": lambda: generators.block_diagonal(4, 33),
    "power-law": lambda: generators.power_law(600, 4000),
    "sparse": lambda: generators.uniform(300, 300, 0.7),
    "dense-row": lambda: generators.dense_row(300),
    "dense-column": lambda: generators.dense_column(300),
    "empty": lambda: generators.empty(5, 5),
    "no-rows": lambda: generators.empty(0, 1),
    "one": lambda: generators.uniform(1, 1, 1),
}


def text(element: str = "f64", index: str = "i32", clauses: str = "", more: int = 0) -> str:
    """A module with one product, with operands for its clauses."""
    kind = f"!spgemm.matrix<csr, ?x?x{element}, {index}>"
    extra = "".join(f", %{name}: {kind}" for name in ("m", "d")[:more])
    kinds = ", ".join([kind] * (2 + more))
    return f"""
func.func @product(%a: {kind}, %b: {kind}{extra}) -> {kind} {{
  %c = spgemm.spgemm %a, %b {clauses} : {kinds} -> {kind}
  func.return %c : {kind}
}}
"""


def small(element: str, seed: int) -> Csr:
    """Whole numbers that every element type holds."""
    pattern = generators.rmat(6, 300, seed=seed)
    numbers = np.random.default_rng(seed).integers(1, 4, pattern.nnz)
    kind: Any = {"f64": np.float64, "f32": np.float32, "i1": np.bool_}.get(element, element.replace("i", "int"))
    return Csr(pattern.shape, pattern.row_pointers, pattern.indices, numbers.astype(kind))


def restricted(whole: Csr, mask: Csr, inside: bool) -> Csr:
    """The entries at which the mask has one, or has none."""
    rows = np.repeat(np.arange(whole.shape[0]), whole.row_lengths)
    marked = mask.to_scipy().toarray()[rows, whole.indices] != 0
    kept = marked if inside else ~marked
    entries = (whole.values[kept], (rows[kept], whole.indices[kept]))
    return Csr.of(scipy_sparse.coo_array(entries, shape=whole.shape))


def dense_text(kind: str) -> str:
    matrix = "!spgemm.matrix<csr, ?x?xf64, i32>"
    match kind:
        case "spmv":
            types, result = [matrix, "tensor<?xf64>"], "tensor<?xf64>"
        case "spmm":
            types, result = [matrix, "tensor<?x?xf64>"], "tensor<?x?xf64>"
        case _:
            types, result = [matrix, "tensor<?x?xf64>", "tensor<?x?xf64>"], matrix
    names = [f"%x{at}" for at in range(len(types))]
    given = ", ".join(f"{name}: {each}" for name, each in zip(names, types, strict=True))
    return f"""
func.func @product({given}) -> {result} {{
  %r = spgemm.{kind} {", ".join(names)} : {", ".join(types)} -> {result}
  func.return %r : {result}
}}
"""
