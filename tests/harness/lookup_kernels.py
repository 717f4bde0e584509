"""Kernels of products by table look-up, and operands for them."""

from __future__ import annotations

from typing import Any

import numpy as np


def gemv(bits: int, outputs: int, inputs: int, group: int = 4, batch: int = 0, entry: str = "si16") -> str:
    many = f"{batch}x" if batch else ""
    x, w, y = f"tensor<{many}{inputs}xsi8>", f"tensor<{outputs}x{inputs}xsi{bits}>", f"tensor<{many}{outputs}xsi40>"
    t = f"tensor<{many}{inputs // group}x{1 << group}x{entry}>"
    return f"""
    func.func @gemv(%x: {x}, %w: {w}) -> {y} {{
      %t = qarith.build_tables %x {{group = {group} : i64}} : {x} -> {t}
      %y = qarith.lookup %t, %w : {t}, {w} -> {y}
      func.return %y : {y}
    }}"""


def operands(bits: int, outputs: int, inputs: int, batch: int, seed: int) -> tuple[Any, Any]:
    """Random ones, with a row and a column of extremes."""
    rng, low = np.random.default_rng(seed), -(1 << (bits - 1))
    x, w = rng.integers(-128, 128, (batch, inputs) if batch else inputs), rng.integers(low, -low, (outputs, inputs))
    w[0], x[..., :4] = low, -128
    return x, w
