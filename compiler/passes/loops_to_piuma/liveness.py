"""Which values are in registers at the same time: liveness over blocks, and the graph of who is in whose way.

Values of a routine are numbered; a set of values is an integer with a bit for each. An argument of a block is defined
where the block begins; what an edge passes is read where its block ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.dialects.riscv import RISCVRegisterType
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects.piuma.isa import BranchOp, RoutineOp
from compiler.passes.loops_to_piuma.drop_dead import edges_of


def is_fixed(value: SSAValue) -> bool:
    """In a register that has its name already: the parameters, zero, the stack."""
    return isinstance(value.type, RISCVRegisterType) and value.type.is_allocated


def read_by(op: Operation) -> list[SSAValue]:
    """What an op reads itself; what its edges pass is not among it."""
    return list(op.sources) if isinstance(op, BranchOp) else [] if edges_of(op) else list(op.operands)


@dataclass(slots=True)
class Interference:
    """The graph: `neighbours[v]` has the bits of all that may not share v's register."""

    values: list[SSAValue] = field(default_factory=list[SSAValue])
    number: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    neighbours: list[int] = field(default_factory=list[int])
    live_in: dict[Block, int] = field(default_factory=dict[Block, int])
    """Without the block's own arguments."""
    depth: dict[Block, int] = field(default_factory=dict[Block, int])
    classes: list[int] = field(default_factory=list[int])
    """Bits of the integer values and of the floating-point values."""

    def bits(self, values: list[SSAValue]) -> int:
        """The set of values, without those in fixed registers."""
        found = 0
        for each in values:
            if not is_fixed(each):
                found |= 1 << self.number[each]
        return found


def interference(routine: RoutineOp) -> Interference:
    """Of all values without a register."""
    graph = Interference()
    blocks = list(routine.body.blocks)
    for block in blocks:
        _number(graph, list(block.args))
        for op in block.ops:
            _number(graph, list(op.results))
    graph.classes = [0, 0]
    for position, value in enumerate(graph.values):
        graph.classes[value.type.name == "riscv.freg"] |= 1 << position
    _find_live(graph, blocks)
    graph.neighbours = [0] * len(graph.values)
    for block in blocks:
        _add_block(graph, block)
    _find_depths(graph, blocks)
    return graph


def _number(graph: Interference, values: list[SSAValue]) -> None:
    for each in values:
        if not is_fixed(each):
            graph.number[each] = len(graph.values)
            graph.values.append(each)


def _live_out(graph: Interference, block: Block) -> int:
    live = 0
    for target, passed in edges_of(block.last_op):
        live |= graph.live_in[target] | graph.bits(passed)
    return live


def _find_live(graph: Interference, blocks: list[Block]) -> None:
    read: dict[Block, int] = {}
    made: dict[Block, int] = {}
    for block in blocks:
        reads, makes = 0, graph.bits(list(block.args))
        for op in block.ops:
            reads |= graph.bits(read_by(op)) & ~makes
            makes |= graph.bits(list(op.results))
        read[block], made[block] = reads, makes
    graph.live_in = dict.fromkeys(blocks, 0)
    changed = True
    while changed:
        changed = False
        for block in reversed(blocks):
            now = read[block] | (_live_out(graph, block) & ~made[block])
            if now != graph.live_in[block]:
                graph.live_in[block] = now
                changed = True


def _add_block(graph: Interference, block: Block) -> None:
    live = _live_out(graph, block)
    for op in reversed(list(block.ops)):
        for result in op.results:
            if not is_fixed(result):
                _meet(graph, graph.number[result], live)
                live &= ~(1 << graph.number[result])
        live |= graph.bits(read_by(op))
    arguments = graph.bits(list(block.args))
    for argument in block.args:
        if not is_fixed(argument):
            _meet(graph, graph.number[argument], live | arguments)


def _meet(graph: Interference, made: int, live: int) -> None:
    """A value is made while others live: both see each other, within their class of registers."""
    kind = graph.classes[0] if graph.classes[0] >> made & 1 else graph.classes[1]
    others = live & kind & ~(1 << made)
    graph.neighbours[made] |= others
    for each in bits_of(others):
        graph.neighbours[each] |= 1 << made


def bits_of(number: int) -> list[int]:
    """Positions of the bits that are set."""
    found: list[int] = []
    while number:
        lowest = number & -number
        found.append(lowest.bit_length() - 1)
        number ^= lowest
    return found


def _find_depths(graph: Interference, blocks: list[Block]) -> None:
    """Nesting of loops: an edge back in the order of blocks closes a loop over all between."""
    order = {block: position for position, block in enumerate(blocks)}
    depths = [0] * len(blocks)
    heads: dict[int, int] = {}
    for position, block in enumerate(blocks):
        for target, _ in edges_of(block.last_op):
            if order[target] <= position:
                heads[order[target]] = max(position, heads.get(order[target], 0))
    for first, last in heads.items():
        for position in range(first, last + 1):
            depths[position] += 1
    graph.depth = dict(zip(blocks, depths, strict=True))
