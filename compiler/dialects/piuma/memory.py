"""Memory spaces of the machine, as they stand in a memref's type.

    memref<?xf64, #piuma.memory<dram, cached>>      through the L1 of the pipeline: not coherent
    memref<?xf64, #piuma.memory<dram, uncached>>    8-byte accesses straight to memory
    memref<?xi64, #piuma.memory<scratchpad>>        the block's own scratchpad, or another's by a global address

A memref without a memory space is cached DRAM.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, ParametrizedAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from runtime.machine import SPAD_BASE, SPAD_GLOBAL_BASE, SPAD_GLOBAL_SHIFT

__all__ = [
    "CACHED",
    "SCRATCHPAD",
    "SPAD_BASE",
    "SPAD_GLOBAL_BASE",
    "SPAD_GLOBAL_SHIFT",
    "UNCACHED",
    "MemoryAttr",
    "Space",
    "space_of",
]


class Space(Enum):
    """Where, and how it is reached."""

    CACHED = "dram, cached"
    UNCACHED = "dram, uncached"
    SCRATCHPAD = "scratchpad"


@irdl_attr_definition
class MemoryAttr(ParametrizedAttribute):
    """The memory space of a memref."""

    name = "piuma.memory"

    space: StringAttr

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            words = [parser.parse_identifier()]
            while parser.parse_optional_punctuation(","):
                words.append(parser.parse_identifier())
        text = ", ".join(words)
        if text not in {each.value for each in Space}:
            parser.raise_error(f"`{text}` is no memory of the machine")
        return [StringAttr(text)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(self.space.data)


CACHED, UNCACHED, SCRATCHPAD = (MemoryAttr(StringAttr(each.value)) for each in Space)


def space_of(ref: Attribute) -> Space:
    """Of a memref type."""
    kind: Any = ref
    space = kind.memory_space
    return Space(space.space.data) if isinstance(space, MemoryAttr) else Space.CACHED
