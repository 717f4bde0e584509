"""Lines as a tree of blocks, and the one order of a block's operations that tokens are printed in.

Operations that do not depend on each other may stand in any order in a text and mean the same; tokens must not see which. The
canonical order: effects (stores, calls, loops, terminators) stay as they are; everything else stands right before what first needs
it, operands from left to right; loads never pass an effect; results that nothing needs come last, by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from costmodel.tokens.lines import Line
from costmodel.tokens.vocabulary import OpClass, classify

_EFFECTS = frozenset(
    (
        OpClass.STORE,
        OpClass.CALL,
        OpClass.END,
        OpClass.LOOP,
        OpClass.IF,
        OpClass.FUNCTION,
        OpClass.MODULE,
        OpClass.ATOMIC,
        OpClass.TRANSFER,
        OpClass.BARRIER,
        OpClass.PARALLEL,
        OpClass.ALLOC,
        OpClass.SPARSE,
        OpClass.OTHER,
    )
)


@dataclass(slots=True)
class Node:
    """An operation with its regions' blocks; what its pretty form or block label binds are the blocks' arguments."""

    line: Line
    kind: OpClass
    at: int
    """Its place among the lines."""
    blocks: list[Block] = field(default_factory=list["Block"])


@dataclass(slots=True)
class Block:
    """Operations that run one after another."""

    arguments: tuple[str, ...] = ()
    nodes: list[Node] = field(default_factory=list[Node])


def tree(lines: Sequence[Line]) -> Block:
    """The outermost block of a text."""
    root = Block()
    stack = [root]
    owners: list[Node] = []
    for at, line in enumerate(lines):
        if line.alias:
            continue
        if line.is_label:
            _label(line, stack, owners)
            continue
        for _ in range(min(line.closes, len(stack) - 1)):
            stack.pop()
            owner = owners.pop()
            if line.opens:  # } else {
                owners.append(owner)
                owner.blocks.append(Block())
                stack.append(owner.blocks[-1])
                break
        if not line.name:
            continue
        node = Node(line, classify(line.name), at)
        stack[-1].nodes.append(node)
        if line.opens:
            node.blocks.append(Block(line.arguments))
            owners.append(node)
            stack.append(node.blocks[-1])
    return root


def _label(line: Line, stack: list[Block], owners: list[Node]) -> None:
    if not stack[-1].nodes:
        stack[-1].arguments = line.arguments
    elif owners:
        owners[-1].blocks.append(Block(line.arguments))
        stack[-1] = owners[-1].blocks[-1]


def in_order(block: Block) -> list[Node]:
    """The block's operations in canonical order."""
    maker: dict[str, int] = {}
    for at, node in enumerate(block.nodes):
        for name in node.line.results:
            maker[name] = at
    order: list[int] = []
    done: set[int] = set()
    waiting: list[int] = []
    for at, node in enumerate(block.nodes):
        if node.kind in _EFFECTS or node.blocks:
            _emit(block, [at], maker, done, order)
            waiting = _emit_loads(block, waiting, maker, done, order)
        elif node.kind is OpClass.LOAD:
            waiting.append(at)
    rest = [at for at in range(len(block.nodes)) if at not in done]
    used = {name for at in rest for name in block.nodes[at].line.uses}
    roots = [at for at in rest if not used.intersection(block.nodes[at].line.results)]
    _emit(block, sorted(roots, key=lambda at: _name(block, at)), maker, done, order)
    return [block.nodes[at] for at in order]


def _emit_loads(block: Block, loads: list[int], maker: dict[str, int], done: set[int], order: list[int]) -> list[int]:
    """Loads that an effect was written after, and that nothing before it needed."""
    left = [at for at in loads if at not in done]
    if left:
        _emit(block, sorted(left, key=lambda at: _name(block, at)), maker, done, order)
    return []


def _name(block: Block, at: int) -> tuple[str, int, tuple[str, ...]]:
    line = block.nodes[at].line
    return line.name, len(line.uses), line.scalars


def _emit(block: Block, roots: list[int], maker: dict[str, int], done: set[int], order: list[int]) -> None:
    """The roots and all that they need, each after its operands; without recursion, for chains may be long."""
    stack = [(at, False) for at in reversed(roots)]
    while stack:
        at, ready = stack.pop()
        if at in done:
            continue
        if ready:
            done.add(at)
            order.append(at)
            continue
        stack.append((at, True))
        needs = [maker[name] for name in block.nodes[at].line.uses if name in maker and maker[name] < at]
        stack += [(need, False) for need in reversed(needs) if need not in done]
