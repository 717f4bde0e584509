"""load-bytes: an integer put together from bytes, or taken apart into bytes, says which it is.

    p[0] as u32 | (p[1] as u32) << 8 | (p[2] as u32) << 16 | (p[3] as u32) << 24        u32::from_le_bytes(*p)
    b[o] = (x >> 8) as u8; b[o + 1] = x as u8;                                          b[o..o + 2].copy_from_slice(&x.to_be_bytes());

Input: simple expressions (`simplify-expressions` ran). Output: 2, 4, 8 or 16 neighbouring bytes of one place, combined with
| ^ + (any mixture and order, nested shifts too), become `from_le_bytes` or `from_be_bytes`; as many stores in a row,
in any order, of one value's bytes become `to_le_bytes` or `to_be_bytes`.
Exact: all the bytes are accessed anyway, so a panic of the slice is a panic (in C: an access outside) of the original. A
value that is stored must not read what it is stored to.
Why here: before loops are looked at, which then see fewer indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import base_of, bindings_in, blocks_of, is_pure, literal, same
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder, place_type
from compiler.dialects.rust_types import SCALAR, U8, UNIT, ArrayType, RefType, ScalarType, array, named
from compiler.dialects.walking import ops_at
from compiler.passes.c_to_rust.editing import copied, erase, erase_unused, start_of
from compiler.passes.c_to_rust.folds.terms import binary, cast_source, kind_of, method

SIZES = (2, 4, 8, 16)
_FALLIBLE = named("_")
"""The type of `slice.try_into()`, which the code never names."""


@dataclass(frozen=True, slots=True)
class LoadBytes:
    name: ClassVar[str] = "load-bytes"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        _block(op.body.block)


_JOINING = frozenset((rust.BinaryOp, rust.MethodOp))


def _block(block: Block) -> None:
    stores: list[_Store] = []
    for op in ops_at(block):
        if op.regions:
            for inner in blocks_of(op):
                _block(inner)
        if type(op) in _JOINING:
            if op.parent is not None:
                _load(op)
        elif rust.is_statement(op):
            store = _store(op)
            if store is None or not _continues(stores, store):
                _finish(stores)
                stores = []
            if store is not None:
                stores.append(store)
    _finish(stores)


# --- places -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Byte:
    """`place`, element of `base` at `term` (a tree or nothing) plus `offset`; `cast` when the sum is cast to usize."""

    base: SSAValue
    index: SSAValue
    term: SSAValue | None
    offset: int
    cast: bool

    def is_near(self, other: _Byte) -> bool:
        """The distance to `other` is known."""
        if self.cast != other.cast or not same(self.base, other.base):
            return False
        if self.term is None or other.term is None:
            return self.term is other.term
        return same(self.term, other.term)


def _byte(place: SSAValue) -> _Byte | None:
    op = place.owner
    if not isinstance(op, rust.IndexOp) or place.type != U8 or not is_pure(place):
        return None
    base, index = op.operands
    inner = cast_source(index)
    term, offset = _split(inner if inner is not None else index)
    return _Byte(base, index, term, offset, inner is not None and term is not None)


def _split(index: SSAValue) -> tuple[SSAValue | None, int]:
    """A sum into what is not a literal, and the literal."""
    number = literal(index)
    if number is not None:
        return None, number
    added = binary(index, "+")
    if added is not None:
        left, right = added.operands
        if (number := literal(right)) is not None:
            return left, number
        if (number := literal(left)) is not None:
            return right, number
    return index, 0


def _order(offsets: Sequence[int]) -> str | None:
    """`le` or `be`: the offsets, from the lowest bits to the highest, are neighbours."""
    first = offsets[0]
    if all(offset == first + n for n, offset in enumerate(offsets)):
        return "le"
    return "be" if all(offset == first - n for n, offset in enumerate(offsets)) else None


def _slice(b: Builder, lowest: _Byte, size: int) -> SSAValue:
    """`base[i..i + size]`."""
    base = copied(b, lowest.base)
    index = lowest.index
    low = copied(b, index) if (lowest.term, lowest.offset) != (None, 0) else None
    if lowest.term is None:
        high = b.lit(lowest.offset + size, index.type)
    elif lowest.cast or lowest.offset == 0:
        high = b.binary("+", copied(b, index), b.lit(size, index.type))
    else:
        high = b.binary("+", copied(b, lowest.term), b.lit(lowest.offset + size, index.type))
    return b.index(base, b.range(low, high))


def _is_whole(lowest: _Byte, size: int) -> bool:
    """The bytes are all of an array."""
    ty = place_type(lowest.base.type)
    return lowest.term is None and lowest.offset == 0 and isinstance(ty, ArrayType) and ty.size.data == size


# --- loads ------------------------------------------------------------------------------------------------


def _load(op: Operation) -> None:
    result = op.results[0]
    ty = result.type
    if not isinstance(ty, ScalarType) or not _combines(op) or not ty.is_integer or _is_inner(result):
        return
    leaves: list[tuple[int, _Byte]] = []
    if not _flatten(result, 0, ty.width, leaves) or len(leaves) not in SIZES:
        return
    leaves.sort(key=lambda leaf: leaf[0])
    if [shift for shift, _ in leaves] != [8 * n for n in range(len(leaves))]:
        return
    bytes_ = [byte for _, byte in leaves]
    order = _order([byte.offset for byte in bytes_])
    if order is not None and all(byte.is_near(bytes_[0]) for byte in bytes_):
        _replace_load(op, bytes_, order, ty)


def _combines(op: Operation) -> bool:
    if isinstance(op, rust.MethodOp):
        return method(op.results[0], "wrapping_add") is not None
    return kind_of(op) in ("|", "^", "+")


def _is_inner(value: SSAValue) -> bool:
    """Part of a larger combination, which is looked at as a whole."""
    use = value.get_unique_use()
    if use is None:
        return False
    user = use.operation
    if isinstance(user, rust.CastOp) or (isinstance(user, rust.BinaryOp) and kind_of(user) == "<<" and use.index == 0):
        return _is_inner(user.results[0])
    return isinstance(user, rust.BinaryOp | rust.MethodOp) and _combines(user)


def _flatten(value: SSAValue, shift: int, room: int, leaves: list[tuple[int, _Byte]]) -> bool:
    """Collect the bytes of `value << shift`; False when it is made of anything else, or bits above `room` are lost."""
    combined = binary(value, "|", "^", "+") or method(value, "wrapping_add")
    if combined is not None:
        return all(_flatten(operand, shift, room, leaves) for operand in combined.operands)
    shifted = binary(value, "<<")
    if shifted is not None:
        count = literal(shifted.operands[1])
        return count is not None and count >= 0 and _flatten(shifted.operands[0], shift + count, room, leaves)
    source = cast_source(value)
    if source is None or len(leaves) > SIZES[-1]:
        return False
    byte = _byte(source)
    if byte is None:
        return _flatten_narrower(value, source, shift, room, leaves)
    leaves.append((shift, byte))
    return shift + 8 <= room


def _flatten_narrower(
    value: SSAValue, source: SSAValue, shift: int, room: int, leaves: list[tuple[int, _Byte]]
) -> bool:
    """A cast of a combination in another unsigned type."""
    ty = source.type
    if not isinstance(ty, ScalarType) or not ty.is_integer or ty.signed or not isinstance(value.type, ScalarType):
        return False
    return ty.width <= value.type.width and _flatten(source, shift, min(room, shift + ty.width), leaves)


def _replace_load(op: Operation, bytes_: Sequence[_Byte], order: str, ty: ScalarType) -> None:
    size = len(bytes_)
    lowest = min(bytes_, key=lambda byte: byte.offset)
    b = Builder.before(op)
    read = ty if ty.width == 8 * size else SCALAR[f"u{8 * size}"]
    value = b.call(f"{read.kind.data}::from_{order}_bytes", [_array(b, lowest, size)], read)
    new = b.cast(value, ty)
    op.results[0].replace_all_uses_with(new)
    erase_unused(op.results[0])


def _array(b: Builder, lowest: _Byte, size: int) -> SSAValue:
    """The bytes as an array."""
    if _is_whole(lowest, size):
        base = copied(b, lowest.base)
        while isinstance(base.type, RefType):
            base = b.deref(base)
        return base
    part = b.method("try_into", _slice(b, lowest, size), ty=_FALLIBLE)
    return b.method("unwrap", part, ty=array(size, U8))


# --- stores -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Store:
    """`byte = (value >> shift) as u8;`"""

    op: Operation
    byte: _Byte
    value: SSAValue
    shift: int


def _store(op: Operation) -> _Store | None:
    if not isinstance(op, rust.AssignOp):
        return None
    byte = _byte(op.operands[0])
    source = cast_source(op.operands[1])
    if byte is None or source is None or not is_pure(source):
        return None
    shifted = binary(source, ">>")
    count = literal(shifted.operands[1]) if shifted is not None else None
    if shifted is not None and count is not None:
        return _Store(op, byte, _unwidened(shifted.operands[0]), count)
    return _Store(op, byte, _unwidened(source), 0)


def _unwidened(value: SSAValue) -> SSAValue:
    """What was promoted to `int` only to be shifted."""
    source = cast_source(value)
    if source is None or not isinstance(source.type, ScalarType) or not isinstance(value.type, ScalarType):
        return value
    return source if source.type.is_integer and 8 < source.type.width < value.type.width else value


def _continues(stores: Sequence[_Store], store: _Store) -> bool:
    if not stores:
        return True
    first = stores[0]
    again = any(each.shift == store.shift for each in stores)
    return not again and store.byte.is_near(first.byte) and same(store.value, first.value)


def _finish(stores: Sequence[_Store]) -> None:
    """Replace a run of stores, where it is one value taken apart."""
    if not stores:
        return
    ty = stores[0].value.type
    if len(stores) not in SIZES or not isinstance(ty, ScalarType) or not ty.is_integer or ty.width < 8 * len(stores):
        return
    ordered = sorted(stores, key=lambda store: store.shift)
    order = _order([store.byte.offset for store in ordered])
    if order is None or [store.shift for store in ordered] != [8 * n for n in range(len(stores))]:
        return
    if not _reads_what_is_written(stores[0]):
        _replace_stores(stores, order, ty)


def _reads_what_is_written(store: _Store) -> bool:
    base = base_of(store.byte.base)
    return base is None or base in bindings_in(store.value)


def _replace_stores(stores: Sequence[_Store], order: str, ty: ScalarType) -> None:
    size = len(stores)
    lowest = min((store.byte for store in stores), key=lambda byte: byte.offset)
    b = Builder.before(start_of(stores[0].op))
    b.location = stores[0].op.location
    if _is_whole(lowest, size):
        place = copied(b, lowest.base)
        while isinstance(place.type, RefType):
            place = b.deref(place)
        b.assign(place, _bytes(b, stores[0].value, ty, order, size))
    else:
        place = _slice(b, lowest, size)
        source = b.ref(_bytes(b, stores[0].value, ty, order, size))
        b.expr(b.method("copy_from_slice", place, source, ty=UNIT))
    for store in stores:
        erase(store.op)


def _bytes(b: Builder, value: SSAValue, ty: ScalarType, order: str, size: int) -> SSAValue:
    """`value.to_le_bytes()`, of a value cut to `size` bytes."""
    whole = copied(b, value)
    if ty.width != 8 * size:
        whole = b.cast(whole, SCALAR[f"u{8 * size}"])
    return b.method(f"to_{order}_bytes", whole, ty=array(size, U8))
