"""Which Rust type each named constant gets: the one that its uses ask for.

    #define BLOCK 64        used as `len >= BLOCK` with size_t len, `buf[BLOCK - 1]`        const BLOCK: usize = 64;
    enum { PUSH, ADD }      compared with, and switched on, unsigned char codes             const PUSH: u8 = 0;

In C all of them are `int`, and every use converts. The type asked for most often needs the fewest conversions; the enumerators of one enum
are asked together. A type that cannot hold the value is not taken.
"""

from __future__ import annotations

from collections import Counter

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, SSAValue

from compiler.analysis.ranges import type_range
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, IntType
from compiler.dialects.walking import ops_of
from compiler.passes.c_to_rust.lower.types import rust_type


def constant_types(module: ModuleOp) -> dict[str, Attribute]:
    """The Rust type of every `define` of a module, by its symbol."""
    defines = [op for op in module.body.block.ops if isinstance(op, minic.DefineOp)]
    wanted = _wanted(module, {op.sym_name.data: _family(op) for op in defines})
    return {op.sym_name.data: rust_type(_chosen(op, wanted.get(_family(op), Counter()))) for op in defines}


def _family(op: minic.DefineOp) -> str:
    """What is asked together: an enum, or the constant alone."""
    return op.sym_name.data if op.group is None else f"enum {op.group.data}"


def _wanted(module: ModuleOp, families: dict[str, str]) -> dict[str, Counter[IntType]]:
    wanted: dict[str, Counter[IntType]] = {}
    for op in ops_of(module):
        if type(op) is minic.ConstOp and op.symbol is not None and op.symbol.data in families:
            wanted.setdefault(families[op.symbol.data], Counter())[_asked(op)] += 1
        elif type(op) is minic.SwitchOp and op.names is not None:
            named = [name.data for names in op.names.data for name in names.data if name.data in families]
            for name in named:
                wanted.setdefault(families[name], Counter())[_narrowest(op.value)] += 1
    return wanted


def _chosen(op: minic.DefineOp, wanted: Counter[IntType]) -> IntType:
    """The type asked for most often; its own when that is one of them, when nobody asks, and when no other fits."""
    most = max(wanted.values(), default=0)
    best = next((kind for kind, count in wanted.items() if count == most and wanted[op.type] < most), op.type)
    return best if type_range(best).contains(op.value.data) else op.type


def _asked(op: minic.ConstOp) -> IntType:
    """The type that a use of a constant is converted to."""
    value: SSAValue = op.result
    use = next(iter(value.uses), None)
    while (
        use is not None and isinstance(use.operation, minic.CastOp) and isinstance(use.operation.result.type, IntType)
    ):
        value = use.operation.result
        use = next(iter(value.uses), None)
    user = use.operation if use is not None else None
    match user:
        case minic.IndexOp() | minic.PtrAddOp():
            return INTS["usize"]
        case minic.CompareOp():
            return _narrowest(user.rhs if user.lhs is value else user.lhs)
        case _:
            assert isinstance(value.type, IntType)
            return value.type


def _narrowest(value: SSAValue) -> IntType:
    """The type that a value had before it was promoted."""
    op = value.owner
    while isinstance(op, minic.CastOp) and isinstance(op.operand.type, IntType) and op.operand.type.kind.data != "bool":
        if not type_range(op.operand.type).within(type_range(value.type)):
            break
        value = op.operand
        op = value.owner
    assert isinstance(value.type, IntType)
    return value.type
