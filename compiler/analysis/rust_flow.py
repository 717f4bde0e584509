"""Control flow of a rust function, as far as chosen bindings are concerned.

    x = y + 1; if c { use(x) }        [STORE x reading y, READ c] -> [READ x] -> …
                                      \\--------------------------/->

Owns `Flow`: a graph of nodes, each a list of events on bindings (bits of a mask) in order of evaluation. Every structured
statement, `break`, `continue`, `return` and call that never returns has become edges; each block of the IR begins a node
of its own. Solvers: `live_sets` here (backward), and what they find per op.

A store knows what its value reads when the value has no effect, so that liveness can be *strong*: what is read only to
compute values that nothing needs is not live. rustc's warnings (unused variables, unused assignments) are a subset of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from xdsl.ir import Block, Operation, Region, SSAValue

from compiler.analysis.rust_trees import is_conditional, is_pure_op, never_returns, root_of
from compiler.dialects import rust
from compiler.dialects.rust_types import RefType
from compiler.dialects.walking import ops_at


class Kind(Enum):
    READ = auto()  # also: borrowed
    STORE = auto()  # the whole binding gets a value
    MODIFY = auto()  # part of it, or all of it depending on the old value
    DECLARE = auto()  # `let x;`


@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    mask: int
    op: Operation
    reads: int = 0


@dataclass(slots=True)
class Node:
    events: list[Event] = field(default_factory=list[Event])
    successors: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class Target:
    """A loop or labelled block that `break` and `continue` can mean."""

    label: str | None
    is_loop: bool
    leave: int
    again: int


@dataclass(slots=True)
class Flow:
    """The graph. Node 0 is the entry, node 1 the exit; `entries` maps each block to the node that it begins, `exits` each
    loop to the node behind it."""

    bits: Mapping[SSAValue, int]
    nodes: list[Node] = field(default_factory=lambda: [Node(), Node()])
    entries: dict[Block, int] = field(default_factory=dict[Block, int])
    exits: dict[Operation, int] = field(default_factory=dict[Operation, int])
    _targets: list[Target] = field(default_factory=list[Target])
    _at: int = 0

    # --- nodes ------------------------------------------------------------------------------------

    def _new(self, *before: int) -> int:
        """A new node, following `before`."""
        self.nodes.append(Node())
        made = len(self.nodes) - 1
        for each in before:
            self.nodes[each].successors.append(made)
        return made

    def _edge(self, source: int, target: int) -> None:
        self.nodes[source].successors.append(target)

    def _record(self, kind: Kind, mask: int, op: Operation, reads: int = 0) -> None:
        if mask or reads:
            self.nodes[self._at].events.append(Event(kind, mask, op, reads))

    def _jump(self, target: int) -> None:
        """Control goes to `target`; what follows textually is not reached."""
        self._edge(self._at, target)
        self._at = self._new()

    # --- blocks -----------------------------------------------------------------------------------

    def block(self, block: Block, *before: int) -> int:
        """Add a block that runs after the nodes `before`; the node at its end."""
        self._at = self._new(*before)
        self.entries[block] = self._at
        bits = self.bits
        reads, pure = 0, True
        for op in ops_at(block):
            if rust.is_statement(op):
                self._statement(op, reads, pure)
                reads, pure = 0, True
                continue
            operands = op.operands
            if operands and not bits.keys().isdisjoint(operands):
                reads |= self._reads(op, operands)
            if op.regions:
                self._record(Kind.READ, reads, op)
                self._value_regions(op)
                reads, pure = 0, False
            elif pure and not is_pure_op(op):
                pure = False
                if never_returns(op) and not is_conditional(op):
                    self._record(Kind.READ, reads, op)
                    self._jump(1)
                    reads = 0
        return self._at

    def _value_regions(self, op: Operation) -> None:
        """Blocks inside an expression, which may be passed over by `&&` and `||`."""
        before = self._at
        self._regions(op)
        if is_conditional(op):
            self._at = self._new(self._at, before)

    def _reads(self, op: Operation, operands: Sequence[SSAValue]) -> int:
        """The bindings whose value `op` itself takes or whose place it borrows."""
        bits = self.bits
        mask = 0
        for operand in operands:
            if operand in bits and not (operands[0] is operand and _is_stored_part(op)):
                mask |= bits[operand]
        return mask

    def _statement(self, op: Operation, reads: int, pure: bool) -> None:
        kind = type(op)
        if kind is rust.LetOp:
            self._let(op, reads, pure)
        elif kind is rust.AssignOp or kind is rust.AssignOpOp:
            self._assign(op, reads, pure)
        elif kind is rust.LetTupleOp:
            reads |= self.bits.get(op.operands[0], 0)
            mask = sum(self.bits.get(result, 0) for result in op.results)
            self._store(Kind.STORE, mask, op, reads, pure)
        else:
            self._record(Kind.READ, reads | self._reads(op, op.operands), op)
            if kind is not rust.ExprOp and kind is not rust.YieldOp:
                self._jump_or_regions(op)

    def _let(self, op: Operation, reads: int, pure: bool) -> None:
        mask = self.bits.get(op.results[0], 0)
        if not op.operands:
            self._record(Kind.DECLARE, mask, op)
        else:
            self._store(Kind.STORE, mask, op, reads | self.bits.get(op.operands[0], 0), pure)

    def _assign(self, op: Operation, reads: int, pure: bool) -> None:
        place, value = op.operands
        reads |= self.bits.get(value, 0)
        root = root_of(place)
        whole = root is place and type(op) is rust.AssignOp
        mask = 0 if root is None else self.bits.get(root, 0)
        if root is None:
            reads |= self.bits.get(place, 0)
        self._store(Kind.STORE if whole else Kind.MODIFY, mask, op, reads, pure)

    def _store(self, kind: Kind, mask: int, op: Operation, reads: int, pure: bool) -> None:
        if pure and mask:
            self._record(kind, mask, op, reads)
            return
        self._record(Kind.READ, reads, op)
        if mask:
            self._record(kind, mask, op)

    # --- structure --------------------------------------------------------------------------------

    def _jump_or_regions(self, op: Operation) -> None:
        match op:
            case rust.ReturnOp():
                self._jump(1)
            case rust.BreakOp():
                self._jump(self._target(op.label and op.label.data).leave)
            case rust.ContinueOp():
                self._jump(self._target(op.label and op.label.data).again)
            case _:
                self._regions(op)

    def _target(self, label: str | None) -> Target:
        for target in reversed(self._targets):
            if target.label == label if label is not None else target.is_loop:
                return target
        raise AssertionError(f"no loop or block to leave: {label}")

    def _regions(self, op: Operation) -> None:
        match op:
            case rust.IfOp():
                self._branches(list(op.regions))
            case rust.MatchOp():
                self._branches(list(op.regions))
            case rust.WhileOp():
                self._while(op)
            case rust.ForOp():
                head = self._new(self._at)
                after = self._new(head)
                self._loop(op, op.body.block, head, after)
            case rust.LoopOp():
                self._loop(op, op.body.block, self._new(self._at), self._new())
            case rust.BlockOp():
                self._labelled(op)
            case _:
                pass

    def _branches(self, regions: Sequence[Region]) -> None:
        start, ends = self._at, list[int]()
        for region in regions:
            block = region.first_block
            ends.append(self.block(block, start) if block is not None else start)
        self._at = self._new(*ends)

    def _while(self, op: rust.WhileOp) -> None:
        head = self._new(self._at)
        self.exits[op] = after = self._new()
        tested = self.block(op.cond.block, head)
        self._edge(tested, after)
        self._targets.append(Target(op.label and op.label.data, True, after, head))
        self._edge(self.block(op.body.block, tested), head)
        self._targets.pop()
        self._at = after

    def _loop(self, op: rust.ForOp | rust.LoopOp, body: Block, head: int, after: int) -> None:
        self.exits[op] = after
        self._targets.append(Target(op.label and op.label.data, True, after, head))
        self._edge(self.block(body, head), head)
        self._targets.pop()
        self._at = after

    def _labelled(self, op: rust.BlockOp) -> None:
        start, after = self._at, self._new()
        if op.label is not None:
            self._targets.append(Target(op.label.data, False, after, after))
        self._edge(self.block(op.body.block, start), after)
        if op.label is not None:
            self._targets.pop()
        self._at = after


def _is_stored_part(op: Operation) -> bool:
    """`op` projects operand 0 on the way to the place that an assignment writes: `x.f` in `x.f[i] = v`."""
    while type(op) in _PROJECTIONS and not isinstance(op.operands[0].type, RefType):
        use = op.results[0].get_unique_use()
        if use is None or use.index != 0:
            return False
        op = use.operation
    return type(op) in _ASSIGNMENTS


_PROJECTIONS = frozenset((rust.FieldOp, rust.IndexOp))
_ASSIGNMENTS = frozenset((rust.AssignOp, rust.AssignOpOp))


def build(function: rust.FnOp, bindings: Sequence[SSAValue]) -> Flow:
    """The flow of a function with respect to some bindings."""
    flow = Flow({binding: 1 << n for n, binding in enumerate(bindings)})
    end = flow.block(function.body.block, 0)
    flow.nodes[end].successors.append(1)
    return flow


def bindings_of(function: rust.FnOp) -> list[SSAValue]:
    """All parameters and `let`s of a function."""
    found: list[SSAValue] = [*function.body.block.args]
    for op in function.walk():
        if type(op) is rust.LetOp or type(op) is rust.LetTupleOp:
            found.extend(op.results)
    return found


@dataclass(slots=True)
class Liveness:
    """`live_in[n]`: what is live where node `n` begins."""

    flow: Flow
    live_in: list[int]

    def at_block(self, block: Block) -> int:
        """What is live where a block begins."""
        return self.live_in[self.flow.entries[block]]

    def behind(self, loop: Operation) -> int:
        """What is live where control comes out of a loop."""
        return self.live_in[self.flow.exits[loop]]

    def at_entry(self) -> int:
        return self.live_in[0]

    def dead_stores(self) -> list[Operation]:
        """Statements that store what nothing reads (a `let` with a value included), in no particular order."""
        found: list[Operation] = []
        for node in self.flow.nodes:
            _backward(node, self._live_out(node), found, None)
        return found

    def unset(self) -> set[Operation]:
        """The `let`s without value that may be read before they are assigned."""
        found: set[Operation] = set()
        for node in self.flow.nodes:
            _backward(node, self._live_out(node), None, found)
        return found

    def _live_out(self, node: Node) -> int:
        live = 0
        for successor in node.successors:
            live |= self.live_in[successor]
        return live


def live_sets(flow: Flow) -> Liveness:
    """Strong liveness, to its fixpoint."""
    nodes = flow.nodes
    live_in = [0] * len(nodes)
    changed = True
    while changed:
        changed = False
        for n in range(len(nodes) - 1, -1, -1):
            node = nodes[n]
            live = 0
            for successor in node.successors:
                live |= live_in[successor]
            live = _backward(node, live, None, None)
            if live != live_in[n]:
                live_in[n] = live
                changed = True
    return Liveness(flow, live_in)


def _backward(node: Node, live: int, dead: list[Operation] | None, unset: set[Operation] | None) -> int:
    for event in reversed(node.events):
        mask = event.mask
        if event.kind is Kind.READ:
            live |= mask | event.reads
        elif event.kind is Kind.DECLARE:
            if live & mask and unset is not None:
                unset.add(event.op)
            live &= ~mask
        elif live & mask:
            live = (live & ~mask if event.kind is Kind.STORE else live) | event.reads
        elif dead is not None:
            dead.append(event.op)
    return live


def assigned_twice(flow: Flow) -> set[SSAValue]:
    """The bindings that some assignment reaches when they may already have a value."""
    nodes = flow.nodes
    set_in = [0] * len(nodes)
    pending = list(range(len(nodes)))
    twice = 0
    while pending:
        n = pending.pop()
        out, again = _forward(nodes[n], set_in[n])
        twice |= again
        for successor in nodes[n].successors:
            if out & ~set_in[successor]:
                set_in[successor] |= out
                pending.append(successor)
    return {binding for binding, bit in flow.bits.items() if twice & bit}


def _forward(node: Node, assigned: int) -> tuple[int, int]:
    """What may have a value at the end of the node, and what gets another one in it."""
    again = 0
    for event in node.events:
        if event.kind is Kind.DECLARE:
            assigned &= ~event.mask
        elif event.kind is Kind.STORE and isinstance(event.op, rust.LetOp | rust.LetTupleOp):
            assigned |= event.mask
        elif event.kind in (Kind.STORE, Kind.MODIFY):
            again |= assigned & event.mask
            assigned |= event.mask
    return assigned, again
