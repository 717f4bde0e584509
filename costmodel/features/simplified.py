"""Straight-line code as a compiler's simplest rules leave it: what is equal is computed once, what is nothing not at all.

    %a = arith.subi %x, %x        nothing: zero
    %b = arith.muli %y, %a        zero
    %c = arith.ori %z, %b         is %z
    %d = memref.load %m[%i]       a second load of an address that nothing was stored to since is the first one
    %e = math.ctpop %y            seven bits
    %f = arith.shrui %e, %c9      of which none is left: zero

Rules on whole numbers only; floating-point arithmetic is left as it stands. By value numbers, in one pass (Cocke and Schwartz 1970).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costmodel.features.identities import ZERO, Identities
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Node
from costmodel.tokens.vocabulary import OpClass, is_float

_PURE = frozenset(
    (
        OpClass.ADD,
        OpClass.MUL,
        OpClass.DIV,
        OpClass.FMA,
        OpClass.MINMAX,
        OpClass.SQRT,
        OpClass.BIT,
        OpClass.COMPARE,
        OpClass.SELECT,
        OpClass.CAST,
        OpClass.NEGATE,
        OpClass.CONSTANT,
    )
)


def simplified(nodes: Sequence[Node], apart: bool = True) -> list[Node]:
    """The operations that are left, their operands renamed; regions and effects as they stand.

    Arrays are taken to be `apart`, as LLVM's selection takes them for AArch64 and RISC-V; for x86 any store is one to all arrays.
    """
    reader = _Numbering(apart)
    return [left for node in nodes if (left := reader.take(node)) is not None]


class _Numbering:
    def __init__(self, apart: bool) -> None:
        self.apart = apart
        self.names: dict[str, str] = {}
        self.known: dict[tuple[object, ...], str] = {}
        self.identities = Identities()
        self.writes: dict[str, int] = {}

    def take(self, node: Node) -> Node | None:
        """The operation, where it is left."""
        line = node.line
        uses = tuple(self._name(use) for use in line.uses)
        if node.kind is OpClass.STORE:
            written = line.base if self.apart else ""
            self.writes[written] = self.writes.get(written, 0) + 1
        if len(line.results) != 1 or node.blocks:
            return Node(replace(line, uses=uses), node.kind, node.at, node.blocks) if uses != line.uses else node
        same = self._same(node, line, uses)
        if same is not None:
            self.names[line.results[0]] = same
            return None
        return Node(replace(line, uses=uses), node.kind, node.at) if uses != line.uses else node

    def _name(self, use: str) -> str:
        return self.names.get(use, use)

    def _same(self, node: Node, line: Line, uses: tuple[str, ...]) -> str | None:
        """The name of the value that an operation's is; None for a new one."""
        whole = not line.shapes and not is_float(line.scalars[-1] if line.scalars else "i64")
        if node.kind is OpClass.CONSTANT and line.numbers and whole:
            self.identities.constant(line.results[0], int(line.numbers[0]))
            if line.numbers[0] == 0:
                return ZERO
        elif whole and line.scalars:
            found = self.identities.same(line.name.rpartition(".")[2], uses, line.scalars[-1])
            if found is not None:
                return found
        found = self._by_key(node, line, uses)
        if found is None and whole and line.scalars:
            self.identities.made(line.results[0], line.name.rpartition(".")[2], uses, line.scalars[-1])
        return found

    def _by_key(self, node: Node, line: Line, uses: tuple[str, ...]) -> str | None:
        key: tuple[object, ...]
        if node.kind is OpClass.LOAD and line.subscripts is not None:
            subscripts = tuple(self._name(each) for each in line.subscripts)
            written = self.writes.get(line.base if self.apart else "", 0)
            key = (line.name, line.base, subscripts, written)
        elif node.kind in _PURE:
            operands = (
                uses if node.kind not in (OpClass.ADD, OpClass.MUL) or "sub" in line.name else tuple(sorted(uses))
            )
            key = (line.name, operands, line.numbers, line.scalars, line.shapes)
        else:
            return None
        found = self.known.setdefault(key, line.results[0])
        return found if found != line.results[0] else None
