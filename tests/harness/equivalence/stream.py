"""Reading a failed case back: which input, and what each side made of it, in words."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from equivalence.plan import FunctionPlan
from equivalence.shapes import Array, Pointer, Scalar, Struct, Type

_SIZES = {"u8": 1, "i8": 1, "bool": 1, "u16": 2, "i16": 2, "u32": 4, "i32": 4, "f32": 4, "u128": 16, "i128": 16}
_HEAD = struct.Struct("<III")
_ENDED = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Failure:
    """One case that does not end as in C; `given` and the two results are readable text."""

    function: str
    kind: str
    expected: str
    found: str
    given: tuple[str, ...]

    def __str__(self) -> str:
        given = "".join(f"\n    {each}" for each in self.given)
        return f"{self.function}: {self.kind}{given}\n    C:    {self.expected[:400]}\n    Rust: {self.found[:400]}"


def read_failures(noted: list[str], cases: Path, plans: list[FunctionPlan]) -> tuple[Failure, ...]:
    """The shortest failing input of each function and kind, decoded."""
    rows = [line.split("\t") for line in noted]
    if not rows:
        return ()
    inputs = dict(_inputs(cases, {int(row[0]) for row in rows}))
    rows.sort(key=lambda row: (row[1], row[2], len(inputs[int(row[0])])))
    by_name = {plan.name: plan for plan in plans}
    shown: dict[tuple[str, str], Failure] = {}
    for case, function, kind, expected, found in rows:
        given = tuple(_describe(by_name[function], inputs[int(case)]))
        shown.setdefault((function, kind), Failure(function, kind, expected, found, given))
    return tuple(shown.values())


def read_heads(cases: Path) -> Iterator[tuple[int, int, bool]]:
    """Case, function, and whether C ended the process."""
    for case, function, _, ends in _records(cases):
        yield case, function, ends


def _inputs(cases: Path, wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    return ((case, given) for case, _, given, _ in _records(cases) if case in wanted)


def _records(cases: Path) -> Iterator[tuple[int, int, bytes, bool]]:
    data, at, case = cases.read_bytes(), 0, 0
    while at < len(data):
        function, size, outputs = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        yield case, function, data[at : at + size], outputs == _ENDED
        at += size + (0 if outputs == _ENDED else outputs)
        case += 1


def _describe(plan: FunctionPlan, data: bytes) -> Iterator[str]:
    decoder = _Decoder(data)
    for argument in plan.arguments:
        yield f"{argument.name} = {_short(decoder.value(argument.type))}"


def _short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def value(self, kind: Type) -> str:
        match kind:
            case Scalar():
                return self._scalar(kind)
            case Array(element, size):
                return self._elements(element, size)
            case Struct(fields=fields):
                return "{ " + ", ".join(f"{each.c}: {self.value(each.type)}" for each in fields) + " }"
            case Pointer(target, _, many, nullable):
                if nullable and self._take(1) == b"\0":
                    return "NULL"
                return self._elements(target, int.from_bytes(self._take(4), "little")) if many else self.value(target)

    def _elements(self, element: Type, count: int) -> str:
        if element == Scalar("u8"):
            return f"{count} bytes {self._take(count).hex(' ')}"
        return f"[{', '.join(self.value(element) for _ in range(count))}]"

    def _scalar(self, kind: Scalar) -> str:
        data = self._take(_SIZES.get(kind.rust, 8))
        if kind.rust in ("f32", "f64"):
            return repr(struct.unpack("<f" if kind.rust == "f32" else "<d", data)[0])
        return str(int.from_bytes(data, "little", signed=kind.rust.startswith("i")))
