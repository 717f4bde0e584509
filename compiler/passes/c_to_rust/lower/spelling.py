"""Types as text: C's as a C programmer declares them, Rust's as they stand in a signature.

    !minic.ptr<!minic.array<4, !minic.int<u8>>, 1>      const uint8_t (*)[4]
    !rust.ref<mut, !rust.slice<u8>>                     &mut [u8]

Typedef names are gone by the time of minic: an integer type is given its name in <stdint.h>.
"""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.ir import Attribute

from compiler.dialects import minic
from compiler.dialects import minic_types as c
from compiler.dialects import rust_types as r

_INTEGERS = {
    "bool": "_Bool",
    "char": "char",
    "i32": "int",
    "isize": "ptrdiff_t",
    "usize": "size_t",
    "i128": "__int128",
    "u128": "unsigned __int128",
}


def c_spelling(kind: Attribute, structs: Mapping[str, minic.StructOp]) -> str:
    """A minic type as C declares it."""
    return _declared(kind, "", structs)


def struct_spelling(symbol: str, structs: Mapping[str, minic.StructOp]) -> str:
    """How C spells a struct type; one that is never defined is known by its tag alone."""
    struct = structs.get(symbol)
    named = struct.c_name if struct is not None else None
    return named.data if named is not None else f"struct {symbol}"


def _declared(kind: Attribute, inner: str, structs: Mapping[str, minic.StructOp]) -> str:
    """The declaration of `inner` with the type `kind`, inside out as C has it."""
    match kind:
        case c.PtrType():
            pointer = f"(*{inner})" if isinstance(kind.pointee, c.ArrayType) else f"*{inner}"
            return _qualified(kind) + _declared(kind.pointee, pointer, structs)
        case c.ArrayType():
            return _declared(kind.element, f"{inner}[{kind.size.data}]", structs)
        case _:
            return f"{_base(kind, structs)} {inner}".rstrip()


def _qualified(kind: c.PtrType) -> str:
    """`const` stands first, where the pointee is no pointer itself."""
    return "const " if kind.is_const.data and not isinstance(kind.pointee, c.PtrType) else ""


def _base(kind: Attribute, structs: Mapping[str, minic.StructOp]) -> str:
    match kind:
        case c.IntType():
            name = kind.kind.data
            return _INTEGERS.get(name) or f"{'' if name[0] == 'i' else 'u'}int{name[1:]}_t"
        case c.FloatType():
            return "float" if kind.width.data == 32 else "double"
        case c.StructType():
            return struct_spelling(kind.symbol.data, structs)
        case c.VoidType():
            return "void"
        case _:
            raise AssertionError(f"{kind} has no name in C")


def rust_spelling(kind: Attribute) -> str:
    """A Rust type as it stands in the code."""
    match kind:
        case r.ScalarType():
            return kind.kind.data
        case r.UnitType():
            return "()"
        case r.NeverType():
            return "!"
        case r.RefType():
            lifetime = f"'{kind.lifetime.data} " if kind.lifetime.data else ""
            return f"&{lifetime}{'mut ' if kind.is_mut.data else ''}{rust_spelling(kind.pointee)}"
        case r.ArrayType():
            return f"[{rust_spelling(kind.element)}; {kind.size.data}]"
        case r.SliceType():
            return f"[{rust_spelling(kind.element)}]"
        case r.OptionType():
            return f"Option<{rust_spelling(kind.of)}>"
        case r.NamedType():
            lifetimes = ", ".join(f"'{each.data}" for each in kind.lifetimes)
            return kind.symbol.data + (f"<{lifetimes}>" if lifetimes else "")
        case r.TupleType():
            parts = [rust_spelling(each) for each in kind.elements]
            return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
        case _:
            raise AssertionError(f"{kind} is never written out")
