"""Straight-line code as a compiler's simplest rules leave it: what is equal is computed once, what is nothing not at all.

    %a = arith.subi %x, %x        nothing: zero
    %b = arith.muli %y, %a        zero
    %c = arith.ori %z, %b         is %z
    %d = memref.load %m[%i]       a second load of an address that nothing was stored to since is the first one

Rules on whole numbers only; floating-point arithmetic is left as it stands. By value numbers, in one pass (Cocke and Schwartz 1970).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Node
from costmodel.tokens.vocabulary import OpClass, is_float

_ZERO = "0"
_SAME_IS_ZERO = ("subi", "xori", "sub", "xor")
_SAME_IS_SAME = ("andi", "ori", "and", "or", "minsi", "maxsi", "minui", "maxui")
_ZERO_IS_ZERO = ("muli", "andi", "mul", "and")
_ZERO_IS_OTHER = ("addi", "ori", "xori", "add", "or", "xor")
_ONE_SIDED = ("subi", "sub", "shli", "shrsi", "shrui", "shl", "lshr", "ashr")
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


def simplified(nodes: Sequence[Node]) -> list[Node]:
    """The operations that are left, their operands renamed; regions and effects as they stand."""
    reader = _Numbering()
    return [left for node in nodes if (left := reader.take(node)) is not None]


class _Numbering:
    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.known: dict[tuple[object, ...], str] = {}
        self.values: dict[str, float] = {}
        self.writes: dict[str, int] = {}

    def take(self, node: Node) -> Node | None:
        """The operation, where it is left."""
        line = node.line
        uses = tuple(self._name(use) for use in line.uses)
        if node.kind is OpClass.STORE:
            self.writes[line.base] = self.writes.get(line.base, 0) + 1
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
        if node.kind is OpClass.CONSTANT and line.numbers and not line.shapes:
            self.values[line.results[0]] = line.numbers[0]
            if line.numbers[0] == 0 and not is_float(line.scalars[-1] if line.scalars else "i64"):
                return _ZERO
        if len(uses) == 2 and not line.shapes and line.scalars and not is_float(line.scalars[-1]):
            found = self._by_rule(line.name.rpartition(".")[2], uses)
            if found is not None:
                return found
        if node.kind is OpClass.CAST and uses == (_ZERO,):
            return _ZERO
        return self._by_key(node, line, uses)

    def _by_rule(self, base: str, uses: tuple[str, ...]) -> str | None:
        first, second = uses
        if first == second:
            return _ZERO if base in _SAME_IS_ZERO else first if base in _SAME_IS_SAME else None
        if _ZERO in uses:
            if base in _ZERO_IS_ZERO or (base in _ONE_SIDED and first == _ZERO and base[:3] != "sub"):
                return _ZERO
            if base in _ZERO_IS_OTHER:
                return first if second == _ZERO else second
            if base in _ONE_SIDED and second == _ZERO:
                return first
        if base in ("muli", "mul"):
            for one, other in ((first, second), (second, first)):
                if self.values.get(one) == 1:
                    return other
        return None

    def _by_key(self, node: Node, line: Line, uses: tuple[str, ...]) -> str | None:
        key: tuple[object, ...]
        if node.kind is OpClass.LOAD and line.subscripts is not None:
            subscripts = tuple(self._name(each) for each in line.subscripts)
            key = (line.name, line.base, subscripts, self.writes.get(line.base, 0))
        elif node.kind in _PURE:
            operands = (
                uses if node.kind not in (OpClass.ADD, OpClass.MUL) or "sub" in line.name else tuple(sorted(uses))
            )
            key = (line.name, operands, line.numbers, line.scalars, line.shapes)
        else:
            return None
        found = self.known.setdefault(key, line.results[0])
        return found if found != line.results[0] else None
