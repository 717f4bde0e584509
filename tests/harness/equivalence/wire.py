"""Cases written by hand: published vectors in the format of the generated ones, so that the same Rust driver judges them.

write_cases(folder, plans, [Vector("f", (16, b"key"), (b"out", b"key"))])
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from equivalence.plan import FunctionPlan
from equivalence.shapes import Array, Pointer, Scalar, Shape, Struct, Type

_WIDTHS = {"bool": 1, "usize": 8, "isize": 8}


@dataclass(frozen=True, slots=True)
class Vector:
    """A call: numbers and bytes for the parameters; then the number it gives (if any) and the bytes it leaves behind each pointer."""

    function: str
    given: tuple[int | bytes, ...]
    left: tuple[int | bytes, ...]


def write_cases(folder: Path, plans: list[FunctionPlan], vectors: Iterable[Vector]) -> int:
    """Writes `cases` and `mask`; the number of cases."""
    by_name = {plan.name: index for index, plan in enumerate(plans)}
    records = [_record(by_name[each.function], plans[by_name[each.function]], each) for each in vectors]
    (folder / "cases").write_bytes(b"".join(records))
    (folder / "mask").write_bytes(b"\1" * len(records))
    return len(records)


def _record(index: int, plan: FunctionPlan, vector: Vector) -> bytes:
    given = b"".join(encoded(each.type, value) for each, value in zip(plan.arguments, vector.given, strict=True))
    left = b"".join(_result(plan, value) if isinstance(value, int) else value for value in vector.left)
    return struct.pack("<III", index, len(given), len(left)) + given + left


def _result(plan: FunctionPlan, value: int) -> bytes:
    assert isinstance(plan.result, Scalar)
    return value.to_bytes(size_of(plan.result), "little")


def encoded(kind: Type, value: int | bytes) -> bytes:
    """A number, or the bytes of a value's scalars in order; a slice gets its element count before."""
    if isinstance(value, int):
        assert isinstance(kind, Scalar)
        return value.to_bytes(size_of(kind), "little", signed=value < 0)
    if not isinstance(kind, Pointer):
        assert size_of(kind) == len(value), (kind, len(value))
        return value
    there = b"\1" if kind.nullable else b""
    elements, rest = divmod(len(value), size_of(kind.target))
    assert rest == 0 and (kind.many or elements == 1), (kind, len(value))
    return there + (struct.pack("<I", elements) if kind.many else b"") + value


def size_of(shape: Shape) -> int:
    """Bytes on the wire."""
    match shape:
        case Scalar(rust):
            return _WIDTHS.get(rust) or int(rust[1:]) // 8
        case Array(element, count):
            return count * size_of(element)
        case Struct(fields=fields):
            return sum(size_of(each.type) for each in fields if not isinstance(each.type, Pointer))
