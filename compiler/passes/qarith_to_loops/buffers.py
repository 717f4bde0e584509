"""What a lowered kernel takes, in order: operands, results, constants and room to work in. The host reads it off the module.

    buffers_of(module)        [Buffer("x", Role.OPERAND, 0, "i8", 64), Buffer("r0", Role.RESULT, 0, "f64", 64), …]

It stands in an attribute of the module, one line of text each, so that it outlives every later pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr

ATTRIBUTE = "qarith.buffers"


class Role(StrEnum):
    """Who fills a parameter."""

    OPERAND = "operand"  # the user's
    PLANES = "planes"  # the same, a matrix by the bits of its numbers (`lookup.codes_of`)
    NIBBLES = "nibbles"  # the same, as shuffles take them (`lookup.nibbles_of`)
    RESULT = "result"
    CONSTANT = "constant"  # numbers of the kernel
    ROOM = "room"  # undefined


@dataclass(frozen=True, slots=True)
class Buffer:
    """One parameter: an array, or a number (`length` -1)."""

    name: str
    role: Role
    number: int
    """Of the operand, or of the result."""
    container: str
    length: int
    numbers: tuple[float | int, ...] = ()
    """Of a constant; of an operand that lies in planes, the fields of `lookup.Codes` or `lookup.Nibbles`."""

    @property
    def is_array(self) -> bool:
        return self.length >= 0

    @property
    def text(self) -> str:
        shown = " ".join(repr(each) for each in self.numbers)
        return f"{self.name} {self.role} {self.number} {self.container} {self.length} {shown}".rstrip()

    @staticmethod
    def of(text: str) -> Buffer:
        name, role, number, container, length, *numbers = text.split()
        kind = float if container == "f64" else int
        return Buffer(name, Role(role), int(number), container, int(length), tuple(kind(each) for each in numbers))


def note_buffers(module: ModuleOp, buffers: Iterable[Buffer]) -> None:
    """Leave them on the module."""
    module.attributes[ATTRIBUTE] = ArrayAttr([StringAttr(each.text) for each in buffers])


def buffers_of(module: ModuleOp) -> list[Buffer]:
    """As they were left."""
    noted: Any = module.attributes[ATTRIBUTE]
    return [Buffer.of(each.data) for each in noted]
