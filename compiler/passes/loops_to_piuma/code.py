"""The code under construction: basic blocks of instructions, the same computation never twice in one scope.

    code = Code(location)
    x = code.emit("sh3add", [i, base])        a register value
    n = code.number(4096)                     `li` in the entry block; 0 is the zero register

An instruction that only computes on registers is looked up before it is made: a scope is a region of the loops, whose
blocks dominate what is inside. Constants and parameters stand in the entry block; the register allocator repeats them
where they are used if registers run out.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from xdsl.dialects.builtin import LocationAttr
from xdsl.dialects.riscv import Registers
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects.piuma import isa
from compiler.dialects.piuma.isa import ISA, Unit

PURE = frozenset({Unit.ALU, Unit.MUL, Unit.DIV, Unit.FP, Unit.FDIV})

Key = tuple[str, tuple[SSAValue, ...], tuple[int | str, ...]]


class Code:
    """Blocks in the order in which they will be printed, and the one being written."""

    def __init__(self, location: LocationAttr) -> None:
        self.location = location
        self.entry = Block(arg_types=[Registers.A0, Registers.ZERO])
        self.parameters, self.zero = self.entry.args
        self.blocks = [self.entry]
        self.current = Block()
        self.blocks.append(self.current)
        self._first = self.current
        self._scopes: list[dict[Key, SSAValue]] = [{}]

    # --- instructions -------------------------------------------------------------------------------------------------------

    def emit(self, mnemonic: str, sources: Sequence[SSAValue] = (), *immediates: int | str) -> SSAValue:
        """The result of an instruction, made or found."""
        key = (mnemonic, tuple(sources), immediates)
        found = self._known(key) if ISA[mnemonic].unit in PURE else None
        if found is None:
            found = self.do(mnemonic, sources, *immediates)
            self._scopes[-1][key] = found
        return found

    def do(self, mnemonic: str, sources: Sequence[SSAValue] = (), *immediates: int | str) -> SSAValue:
        """An instruction with a result, always made."""
        op = isa.instruction(mnemonic, sources, *immediates)
        self._append(self.current, op)
        return op.destination[0]

    def effect(self, mnemonic: str, sources: Sequence[SSAValue] = (), *immediates: int | str) -> None:
        """An instruction without a result."""
        self._append(self.current, isa.instruction(mnemonic, sources, *immediates))

    def once(self, mnemonic: str, sources: Sequence[SSAValue] = (), *immediates: int | str) -> SSAValue:
        """An instruction in the entry block: its sources must be there."""
        key = (mnemonic, tuple(sources), immediates)
        if key not in self._scopes[0]:
            op = isa.instruction(mnemonic, sources, *immediates)
            self._append(self.entry, op)
            self._scopes[0][key] = op.destination[0]
        return self._scopes[0][key]

    def number(self, value: int) -> SSAValue:
        """A constant in a register."""
        return self.once("li", (), value) if value else self.zero

    def _known(self, key: Key) -> SSAValue | None:
        return next((scope[key] for scope in reversed(self._scopes) if key in scope), None)

    def _append(self, block: Block, op: Operation) -> None:
        op.location = self.location
        block.add_op(op)

    # --- control ------------------------------------------------------------------------------------------------------------

    def start(self, block: Block) -> None:
        """Go on writing in a block, which is printed next."""
        self.blocks.append(block)
        self.current = block

    @contextmanager
    def scope(self) -> Generator[None]:
        """What is computed inside is not known after."""
        self._scopes.append({})
        try:
            yield
        finally:
            self._scopes.pop()

    def jump(self, target: Block, arguments: Sequence[SSAValue] = ()) -> None:
        """End the block."""
        self._append(self.current, isa.JumpOp(operands=[list(arguments)], successors=[target]))

    def branch(self, mnemonic: str, sources: Sequence[SSAValue], taken: Edge, following: Edge) -> None:
        """End the block with a decision."""
        op = isa.branch(mnemonic, sources, taken, following)
        self._append(self.current, op)

    def finish(self, name: str) -> isa.RoutineOp:
        """The routine, when every block has its end."""
        self._append(self.entry, isa.JumpOp(operands=[[]], successors=[self._first]))
        return isa.routine(name, self.blocks)


Edge = isa.Edge
