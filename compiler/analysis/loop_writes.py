"""Which arrays a function of the loop language writes: itself, or through what it calls.

    memref.store %x, %out[%i]        and        func.call @row(%out)        with a @row that does so

Arrays are parameters, or what is left of one from an element on (`cpu.rest`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xdsl.dialects import func, memref, vector
from xdsl.ir import BlockArgument, SSAValue

from compiler.dialects import cpu


def written_parameters(functions: Sequence[func.FuncOp]) -> dict[str, frozenset[int]]:
    """By function, the numbers of the parameters that it or what it calls writes through."""
    found: dict[str, frozenset[int]] = {each.sym_name.data: frozenset() for each in functions}
    while True:
        now = {each.sym_name.data: frozenset(_written(each, found)) for each in functions}
        if now == found:
            return found
        found = now


def _written(function: func.FuncOp, known: dict[str, frozenset[int]]) -> Iterator[int]:
    for op in function.walk():
        match op:
            case memref.StoreOp():
                yield from parameters_behind(op.memref)
            case vector.StoreOp():
                yield from parameters_behind(op.base)
            case cpu.PublishOp():
                yield from parameters_behind(op.array)
            case func.CallOp():
                for at in known[op.callee.string_value()]:
                    yield from parameters_behind(op.arguments[at])
            case _:
                pass


def parameters_behind(value: SSAValue) -> Iterator[int]:
    """The number of the parameter that an array is part of; none of a local array."""
    while isinstance(value.owner, cpu.RestOp):
        value = value.owner.array
    if isinstance(value, BlockArgument) and isinstance(value.block.parent_op(), func.FuncOp):
        yield value.index
