"""Whether memory is only ever seen as what it is.

    uint16_t s[64];  uint8_t *p = (uint8_t *)s;  p[3]         refused: 16-bit elements are read as bytes
    char *t = …;     uint8_t *u = (uint8_t *)t;  u[3]         fine: both are a Rust `u8`

A pointer is a path into an object, and casts between pointer types leave the path alone: so wherever a pointer is dereferenced or moved,
the type that C counts in must be the type that is stored there. From here on, every later analysis may rely on that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xdsl.ir import Attribute, Operation, SSAValue

from compiler.analysis.program import Program
from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic
from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, IntType, PtrType, VoidType
from compiler.dialects.walking import ops_inside
from compiler.locations import span_of


def check_views(program: Program, name: str) -> Iterator[Diagnostic]:
    """The findings of one function: pointers that cannot be followed, and memory seen as another type."""
    for op in ops_inside(program.functions[name].body.block):
        if type(op) not in _USING:
            continue
        try:
            finding = _check(program, name, op, op.operands[0])
        except CompileError as error:
            yield from (
                each if each.span is not None else replace(each, span=span_of(op)) for each in error.diagnostics
            )
            continue
        if finding is not None:
            yield finding


_USING = frozenset((minic.DerefOp, minic.IndexOp, minic.PtrAddOp, minic.PtrDiffOp))
"""The ops that rely on the element type of the pointer that is their first operand."""


def _check(program: Program, name: str, op: Operation, pointer: SSAValue) -> Diagnostic | None:
    path = program.facts(name).provenance.resolve(pointer)
    assert isinstance(pointer.type, PtrType)
    if path.is_null:
        return None  # said where it is dereferenced
    held, seen = program.type_at(name, path), pointer.type.pointee
    if same_storage(held, seen) or (isinstance(seen, VoidType) and program.size_of(held) == 1):
        return None
    return Diagnostic(
        Code.TYPE_PUNNING,
        "memory is used as another type than the one it was given",
        span_of(op),
        help="convert the value, element by element if need be; for bytes of an integer use shifts or memcpy",
    )


def same_storage(first: Attribute, second: Attribute) -> bool:
    """Two C types that are one Rust type."""
    if first == second:
        return True
    match first, second:
        case IntType(), IntType():
            return {first.kind.data, second.kind.data} == {"char", "u8"}
        case ArrayType(), ArrayType():
            return first.size == second.size and same_storage(first.element, second.element)
        case PtrType(), PtrType():
            return same_storage(first.pointee, second.pointee)
        case _:
            return False
