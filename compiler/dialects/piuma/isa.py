"""Instructions on registers: `runtime.isa`'s table as one op, in routines of basic blocks.

    piuma.routine @main {
    ^entry(%p : !riscv.reg):
      %n = piuma.instruction "ld" (%p) [8] : (!riscv.reg) -> !riscv.reg        ld n, 8(p)
      piuma.branch "bge" (%i, %n) ^done, ^body : …
    ^body(...): …

Operands stand in the order of the row's sources (`x1`, `x2`, …, then `f1`, …), immediates and symbols in brackets.
Registers are xDSL's `!riscv.reg` and `!riscv.freg`, with a name once they are allocated. A block's arguments are its phi
values: after register allocation an edge passes what already stands in the right register.

Refused by the verifier: a mnemonic that `runtime.isa` lacks, operands that its row does not take, immediates out of range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, StringAttr, SymbolNameConstraint, i64
from xdsl.dialects.riscv.registers import FloatRegisterType, IntRegisterType
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    region_def,
    successor_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.traits import IsolatedFromAbove, IsTerminator, SymbolOpInterface
from xdsl.utils.exceptions import VerifyException

from runtime.isa import IMMEDIATES, ISA, Spec, Unit

INT = IntRegisterType.unallocated()
FLOAT = FloatRegisterType.unallocated()


def register_type(field: str) -> IntRegisterType | FloatRegisterType:
    """Of an operand field of a row: `x1` or `fd`."""
    return INT if field[0] == "x" else FLOAT


def immediate_fields(spec: Spec) -> tuple[str, ...]:
    """The operands of a row that are numbers or symbols."""
    return tuple(each for each in spec.fields if each in IMMEDIATES or each == "sym")


def _check_registers(values: Sequence[SSAValue], fields: Sequence[str], what: str) -> None:
    kinds = [IntRegisterType if each[0] == "x" else FloatRegisterType for each in fields]
    if len(values) != len(kinds) or not all(isinstance(v.type, k) for v, k in zip(values, kinds, strict=True)):
        found = ", ".join(str(each.type) for each in values)
        raise VerifyException(f"{what} takes ({', '.join(fields)}), not ({found})")


def _spec(mnemonic: StringAttr) -> Spec:
    spec = ISA.get(mnemonic.data)
    if spec is None:
        raise VerifyException(f"the machine has no instruction `{mnemonic.data}`")
    return spec


@irdl_op_definition
class InstructionOp(IRDLOperation):
    """One instruction that goes on to the next."""

    name = "piuma.instruction"
    mnemonic = prop_def(StringAttr)
    immediates = opt_prop_def(ArrayAttr[Attribute])
    sources = var_operand_def()
    destination = var_result_def()
    assembly_format = (
        "$mnemonic ` ` `(` $sources `)` ($immediates^)? attr-dict `:` functional-type($sources, $destination)"
    )

    def verify_(self) -> None:
        spec = _spec(self.mnemonic)
        if spec.unit is Unit.BRANCH:
            raise VerifyException(f"`{spec.mnemonic}` is a branch")
        _check_registers(self.sources, spec.sources, spec.mnemonic)
        _check_registers(self.destination, [spec.destination] if spec.destination else [], spec.mnemonic)
        self._check_immediates(spec)

    def _check_immediates(self, spec: Spec) -> None:
        fields, given = immediate_fields(spec), self.immediates.data if self.immediates else ()
        if len(fields) != len(given):
            raise VerifyException(f"`{spec.mnemonic}` has {len(fields)} immediates, not {len(given)}")
        for field, number in zip(fields, given, strict=True):
            if field == "sym":
                continue
            low, high = IMMEDIATES[field]
            if not isinstance(number, IntegerAttr) or not low <= number.value.data <= high:
                raise VerifyException(f"{number} is no {field} of `{spec.mnemonic}`")


@irdl_op_definition
class BranchOp(IRDLOperation):
    """To `taken` when the condition of the branch instruction holds, else to `next`."""

    name = "piuma.branch"
    mnemonic = prop_def(StringAttr)
    sources = var_operand_def()
    taken_arguments = var_operand_def()
    next_arguments = var_operand_def()
    taken = successor_def()
    next = successor_def()
    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(IsTerminator())
    assembly_format = (
        "$mnemonic ` ` `(` $sources `:` type($sources) `)` $taken `(` ($taken_arguments^ `:` type($taken_arguments))? `)` `,`"
        " $next `(` ($next_arguments^ `:` type($next_arguments))? `)` attr-dict"
    )

    def verify_(self) -> None:
        spec = _spec(self.mnemonic)
        if spec.unit is not Unit.BRANCH or spec.destination:
            raise VerifyException(f"`{spec.mnemonic}` is no conditional branch")
        _check_registers(self.sources, spec.sources, spec.mnemonic)
        _check_edge(self.taken_arguments, self.taken)
        _check_edge(self.next_arguments, self.next)


@irdl_op_definition
class JumpOp(IRDLOperation):
    """To a block; nothing is printed where that block comes next."""

    name = "piuma.jump"
    arguments = var_operand_def()
    target = successor_def()
    traits = traits_def(IsTerminator())
    assembly_format = "$target `(` ($arguments^ `:` type($arguments))? `)` attr-dict"

    def verify_(self) -> None:
        _check_edge(self.arguments, self.target)


@irdl_op_definition
class HaltOp(IRDLOperation):
    """The thread ends."""

    name = "piuma.halt"
    traits = traits_def(IsTerminator())
    assembly_format = "attr-dict"


def _check_edge(values: Sequence[SSAValue], block: Block) -> None:
    if [type(each.type) for each in values] != [type(each) for each in block.arg_types]:
        raise VerifyException("an edge passes what its block does not take")


@irdl_op_definition
class RoutineOp(IRDLOperation):
    """A sequence of basic blocks in the order in which they are printed; every thread enters the first, with `a0` in hand."""

    name = "piuma.routine"
    sym_name = prop_def(SymbolNameConstraint())
    stack_bytes = prop_def(IntegerAttr)
    body = region_def()
    traits = traits_def(IsolatedFromAbove(), SymbolOpInterface())
    assembly_format = "$sym_name `stack` $stack_bytes attr-dict-with-keyword $body"


def instruction(mnemonic: str, sources: Sequence[SSAValue] = (), *immediates: int | str) -> InstructionOp:
    """Make an instruction; its result, if its row has one, is an unallocated register."""
    spec = ISA[mnemonic]
    attributes: list[Attribute] = [StringAttr(each) if isinstance(each, str) else _number(each) for each in immediates]
    return InstructionOp(
        operands=[list(sources)],
        result_types=[[register_type(spec.destination)] if spec.destination else []],
        properties={"mnemonic": StringAttr(mnemonic), **({"immediates": ArrayAttr(attributes)} if attributes else {})},
    )


def _number(value: int) -> IntegerAttr[Any]:
    """Wrapped into 64 signed bits, which is all that a register holds."""
    return IntegerAttr((value + (1 << 63)) % (1 << 64) - (1 << 63), i64)


@dataclass(frozen=True, slots=True)
class Edge:
    """Where control goes, and what the block there takes."""

    block: Block
    arguments: tuple[SSAValue, ...] = ()


def branch(mnemonic: str, sources: Sequence[SSAValue], taken: Edge, following: Edge) -> BranchOp:
    """Make a branch."""
    return BranchOp(
        operands=[list(sources), list(taken.arguments), list(following.arguments)],
        successors=[taken.block, following.block],
        properties={"mnemonic": StringAttr(mnemonic)},
    )


def routine(name: str, blocks: Sequence[Block], stack_bytes: int = 0) -> RoutineOp:
    """Make a routine of blocks."""
    return RoutineOp(
        regions=[Region(list(blocks))],
        properties={"sym_name": StringAttr(name), "stack_bytes": IntegerAttr(stack_bytes, i64)},
    )


OPS: tuple[type[Operation], ...] = (InstructionOp, BranchOp, JumpOp, HaltOp, RoutineOp)
"""Every op of this file."""
