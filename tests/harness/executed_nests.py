"""Nests from their loops and body, and what the columns of executed instructions say of them."""

from __future__ import annotations

from costmodel.features.encoder import Encoder, Group
from costmodel.features.reading import Reading


def columns(text: str) -> dict[str, float]:
    encoder = Encoder((Group.EXECUTED,))
    row = encoder.encode([Reading(text)]).matrix[0]
    return {name.removeprefix("executed "): value for name, value in zip(encoder.names, row.tolist(), strict=True)}


def nest(buffers: dict[str, str], loops: list[str], body: list[str]) -> str:
    names = ", ".join(f"%{name}: memref<{shape}>" for name, shape in buffers.items())
    lines = [f"func.func @f({names}) {{", *[f"affine.for {each} {{" for each in loops], *body, *"}" * len(loops)]
    return "\n".join([*lines, "return", "}", ""])
