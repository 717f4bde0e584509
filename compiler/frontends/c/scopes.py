"""What a name means at a point of the program: ordinary identifiers and tags, innermost block first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xdsl.ir import SSAValue

from compiler.frontends.c import ctypes as c


@dataclass(eq=False, slots=True)
class Variable:
    """An object: `place` is its local, or `symbol` its global. `exposed`: a pointer may reach it."""

    name: str
    ctype: c.CType
    place: SSAValue | None = None
    symbol: str = ""
    exposed: bool = True


@dataclass(eq=False, slots=True)
class FunctionName:
    name: str
    ctype: c.Function
    defined: bool = False
    static: bool = False
    noreturn: bool = False
    declaration: Any = None


@dataclass(frozen=True, slots=True)
class Enumerator:
    """An enumeration constant; `symbol` is its `minic.define`."""

    value: int
    ctype: c.Int
    symbol: str


@dataclass(frozen=True, slots=True)
class TypeName:
    ctype: c.CType


Meaning = Variable | FunctionName | Enumerator | TypeName
Tag = c.StructDefinition | c.Int


@dataclass(slots=True)
class Scopes:
    """The stack of blocks; index 0 is the file."""

    names: list[dict[str, Meaning]] = field(default_factory=lambda: [{}])
    tags: list[dict[str, Tag]] = field(default_factory=lambda: [{}])

    def enter(self) -> None:
        self.names.append({})
        self.tags.append({})

    def leave(self) -> None:
        self.names.pop()
        self.tags.pop()

    def find(self, name: str) -> Meaning | None:
        for block in reversed(self.names):
            if name in block:
                return block[name]
        return None

    def find_tag(self, tag: str) -> Tag | None:
        for block in reversed(self.tags):
            if tag in block:
                return block[tag]
        return None

    @property
    def at_file_level(self) -> bool:
        return len(self.names) == 1
