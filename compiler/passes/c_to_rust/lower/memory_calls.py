"""memcpy and its relatives, as the std of Rust says them.

    memcpy(dst + 4, src, n)         dst[4..4 + n].copy_from_slice(&src[..n])
    memcpy(&x, p, 4)                x = u32::from_le_bytes(p[..4].try_into().unwrap())
    memset(buf, 0, sizeof buf)      buf.fill(0)
    memcmp(a, b, n) == 0            a[..n].cmp(&b[..n]) as i32 == 0          (`simplify-expressions` makes it a[..n] == b[..n])

Bytes become elements: a size must be a whole number of them, and both sides must hold the same type (or one is bytes and the other
integers). Everything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import Attribute, Block, SSAValue

from compiler.analysis.loops import constant_of
from compiler.analysis.paths import Elem, Field, Path
from compiler.analysis.program import Call
from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, ArrayType, FloatType, IntType
from compiler.dialects.rust_types import (
    I32,
    SCALAR,
    U8,
    UNIT,
    USIZE,
    NamedType,
    OptionType,
    RefType,
    ScalarType,
    array,
    named,
    ref,
    slice_of,
)
from compiler.dialects.rust_types import ArrayType as RustArray
from compiler.passes.c_to_rust.lower.conditions import Conditions
from compiler.passes.c_to_rust.lower.types import rust_type, zero_value


@dataclass(frozen=True, slots=True)
class Memory:
    """One side of a memory operation: a path, made to end in an element where it is an array, and the type of one element."""

    path: Path
    element: Attribute
    unit: int


class MemoryCalls(Conditions):
    """Layer 4a: memcpy, memmove, memset, memcmp."""

    # --- what every library call needs ---------------------------------------------------------------------------------------

    def cstd(self, name: str, arguments: list[SSAValue], ty: Attribute = UNIT) -> SSAValue:
        """A call of what `add-cstd` will add."""
        return self.b.call(f"cstd::{name}", arguments, ty)

    def unmapped(self, op: Call, message: str, *, help: str = "") -> CompileError:
        """A refusal of a library call."""
        return self.refuse(Code.UNMAPPED_FUNCTION, op, message, help=help)

    def memory(self, pointer: SSAValue, op: Call, *, written: bool = False) -> Memory:
        """What a pointer argument points at."""
        path = self.resolve(pointer)
        if path.is_null:
            raise self.refuse(Code.NULL_UNPROVEN, op, f"NULL is passed to `{op.callee.data}`", help="pass an object")
        kind = self.type_at(path)
        if isinstance(kind, ArrayType) and path.last_elem is None:
            path, kind = path.then(Elem()), kind.element
        if written:
            self.fix_offset(path)
        return Memory(path, kind, self.program.size_of(kind))

    def fix_offset(self, path: Path) -> None:
        """Name the offsets that are computed by calls: they cannot stand in a place that is borrowed mutably."""
        for step in path.steps:
            if (
                isinstance(step, Elem)
                and step.terms not in self.bound
                and any(_has_call(term.value) for term in step.terms)
            ):
                binding = self.b.let(self.names.reserve("at"), self.offset(step))
                self.bound[step.terms] = (binding, step.constant)

    def is_bytes(self, memory: Memory) -> bool:
        """An array of bytes."""
        return rust_type(memory.element) == U8 and memory.path.last_elem is not None

    def may_meet(self, first: Path, second: Path) -> bool:
        """The two paths may share memory, or rustc may think so: no field tells them apart."""
        if first.base != second.base or first.field_path != second.field_path:
            return False
        pairs = zip(first.steps, second.steps, strict=False)
        return not any(isinstance(a, Field) and isinstance(b, Field) and a != b for a, b in pairs)

    def as_reference(self, place: SSAValue, mutable: bool = False) -> SSAValue:
        """`&place`; a reference stays as it is."""
        return place if isinstance(place.type, RefType) else self.b.ref(place, mutable)

    # --- sizes ---------------------------------------------------------------------------------------------------------------

    def elements(self, size: SSAValue, unit: int, op: Call) -> SSAValue | int:
        """A number of bytes as a number of elements: a number, or a minic value that counts them."""
        constant = self.number(size)
        if constant is not None:
            if constant % unit:
                raise self._part_of_element(op)
            return constant // unit
        counted = self._factor(size, unit)
        if counted is None and unit == 1:
            return size
        if counted is None:
            raise self._part_of_element(op)
        return counted

    def _factor(self, size: SSAValue, unit: int) -> SSAValue | int | None:
        """`n` of `n * sizeof(element)`."""
        owner = size.owner
        if isinstance(owner, minic.CastOp) and self._is_widening(owner):
            return self._factor(owner.operand, unit)
        if isinstance(owner, minic.BinaryOp) and owner.kind.data == "mul" and not self._may_wrap(owner):
            if self.number(owner.rhs) == unit:
                return owner.lhs
            if self.number(owner.lhs) == unit:
                return owner.rhs
        return None

    def _may_wrap(self, op: minic.BinaryOp) -> bool:
        """A size of more than half the address space is no size; 64-bit products are taken as they are meant."""
        kind = op.result.type
        return isinstance(kind, IntType) and kind.width < 64 and self.wraps("mul", op.lhs, op.rhs, kind)

    def _part_of_element(self, op: Call) -> CompileError:
        return self.refuse(
            Code.PARTIAL_ELEMENT,
            op,
            f"`{op.callee.data}` is not seen to touch a whole number of elements",
            help="write the size as `n * sizeof(element)`",
        )

    # --- copying -------------------------------------------------------------------------------------------------------------

    def memcpy(self, op: Call) -> None:
        """memcpy and memmove: right for both, because overlap is taken care of where it is possible."""
        self._copy(op, op.args[0], op.args[1])

    def bcopy(self, op: Call) -> None:
        """The arguments the other way round."""
        self._copy(op, op.args[1], op.args[0])

    def _copy(self, op: Call, to: SSAValue, source_pointer: SSAValue) -> None:
        target, source = self.memory(to, op, written=True), self.memory(source_pointer, op)
        if rust_type(target.element) == rust_type(source.element):
            self._copy_elements(op, target, source)
        elif self._one_scalar(op, target, source):
            self._reinterpret(op, target, source)
        elif self.is_bytes(source) and self._holds_one(op, target):
            self._load_bytes(op, target, source)
        elif self.is_bytes(target) and self._holds_one(op, source):
            self._store_bytes(op, target, source)
        elif self.is_bytes(source) and _is_number(target.element) and target.path.last_elem is not None:
            self._load_each(op, target, source)
        elif self.is_bytes(target) and _is_number(source.element) and source.path.last_elem is not None:
            self._store_each(op, target, source)
        else:
            raise self.refuse(
                Code.TYPE_PUNNING,
                op,
                f"`{op.callee.data}` between memory of different types",
                help="convert element by element",
            )

    def _one_scalar(self, op: Call, target: Memory, source: Memory) -> bool:
        """Exactly one number is copied to one of the same width."""
        return (
            _is_number(target.element)
            and _is_number(source.element)
            and self.number(op.args[2]) == target.unit == source.unit
        )

    def _reinterpret(self, op: Call, target: Memory, source: Memory) -> None:
        """`x = f.to_bits()`, `f = f32::from_bits(x)`, `i = u as i32`."""
        place = self.place(target.path, op, written=True)
        value = self.place(source.path, op)
        kind = rust_type(target.element)
        assert isinstance(kind, ScalarType) and isinstance(value.type, ScalarType)
        bits = SCALAR[f"u{8 * target.unit}"]
        if value.type.is_float:
            value = self.b.method("to_bits", value, ty=bits)
        if kind.is_float:
            value = self.b.call(f"{kind.kind.data}::from_bits", [self.b.cast(value, bits)], kind)
        self.b.assign(place, self.b.cast(value, kind))

    def _holds_one(self, op: Call, memory: Memory) -> bool:
        """Exactly one number is copied."""
        return _is_number(memory.element) and self.number(op.args[2]) == memory.unit

    def _load_each(self, op: Call, target: Memory, source: Memory) -> None:
        """`for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(4)) { *word = u32::from_le_bytes(…) }`."""
        kind = rust_type(target.element)
        assert isinstance(kind, ScalarType)
        words = self.bytes_range(target.path, self.elements(op.args[2], target.unit, op), op, written=True)
        words = self.b.method("iter_mut", words, ty=_ITERATOR)
        chunks = self._chunks("chunks_exact", source, target.unit, op)
        body = Block(arg_types=[ref(kind, True), BYTES])
        with self.b.inside(body):
            word = self.b.deref(body.args[0])
            self.b.assign(word, self._from_bytes(body.args[1], kind))
        self._each(["word", "chunk"], self.b.method("zip", words, chunks, ty=_ITERATOR), body)

    def _store_each(self, op: Call, target: Memory, source: Memory) -> None:
        """`for (chunk, word) in bytes.chunks_exact_mut(4).zip(&words) { chunk.copy_from_slice(&word.to_le_bytes()) }`."""
        chunks = self._chunks("chunks_exact_mut", target, source.unit, op)
        words = self.bytes_range(source.path, self.elements(op.args[2], source.unit, op), op, written=False)
        zipped = self.b.method("zip", chunks, self.as_reference(words), ty=_ITERATOR)
        body = Block(arg_types=[ref(slice_of(U8), True), ref(rust_type(source.element))])
        with self.b.inside(body):
            stored = self.b.method("to_le_bytes", body.args[1], ty=array(source.unit, U8))
            self.b.expr(self.b.method("copy_from_slice", body.args[0], self.b.ref(stored), ty=UNIT))
        self._each(["chunk", "word"], zipped, body)

    def _chunks(self, method: str, memory: Memory, unit: int, op: Call) -> SSAValue:
        size = self.number(op.args[2])
        part = self.bytes_range(memory.path, op.args[2] if size is None else size, op, written=method.endswith("mut"))
        return self.b.method(method, part, self.b.lit(unit, USIZE), ty=_ITERATOR)

    def _each(self, names: list[str], iterable: SSAValue, body: Block) -> None:
        self.b.for_([self.names.reserve(name) for name in names], iterable, body)

    def _from_bytes(self, part: SSAValue, kind: ScalarType) -> SSAValue:
        """`u32::from_le_bytes(part.try_into().unwrap())`."""
        if not isinstance(part.type, RustArray):
            bytes_type = array(kind.width // 8, U8)
            converted = self.b.method("try_into", part, ty=OptionType(bytes_type))
            part = self.b.method("unwrap", converted, ty=bytes_type)
        return self.b.call(f"{kind.kind.data}::from_le_bytes", [part], kind)

    def _load_bytes(self, op: Call, target: Memory, source: Memory) -> None:
        """`x = u32::from_le_bytes(bytes)`."""
        kind = rust_type(target.element)
        assert isinstance(kind, ScalarType)
        place = self.place(target.path, op, written=True)
        part = self.bytes_range(source.path, target.unit, op, written=False)
        self.b.assign(place, self._from_bytes(part, kind))

    def _store_bytes(self, op: Call, target: Memory, source: Memory) -> None:
        """`bytes.copy_from_slice(&x.to_le_bytes())`."""
        part = self.bytes_range(target.path, source.unit, op, written=True)
        value = self.place(source.path, op)
        stored = self.b.method("to_le_bytes", value, ty=array(source.unit, U8))
        if isinstance(part.type, RustArray):
            self.b.assign(part, stored)
        else:
            self.b.expr(self.b.method("copy_from_slice", part, self.b.ref(stored), ty=UNIT))

    def _copy_elements(self, op: Call, target: Memory, source: Memory) -> None:
        count = self.elements(op.args[2], target.unit, op)
        if target.path.last_elem is None or source.path.last_elem is None or (count == 1 and self._is_struct(target)):
            self._copy_objects(op, target, source, count)
        elif target.path.container == source.path.container:
            self._copy_within(op, target, source, count)
        else:
            self._copy_between(op, target, source, count)

    def _copy_between(self, op: Call, target: Memory, source: Memory, count: SSAValue | int) -> None:
        part = self.bytes_range(target.path, count, op, written=True)
        other = self.bytes_range(source.path, count, op, written=False)
        if isinstance(part.type, RustArray) and part.type == other.type:
            self.b.assign(part, other)
        elif self.may_meet(target.path, source.path):
            raise self.refuse(
                Code.MAY_OVERLAP,
                op,
                "the memory copied from and the memory copied to may overlap",
                help="copy element by element, or through an array of your own",
            )
        else:
            self.b.expr(self.b.method("copy_from_slice", part, self.as_reference(other), ty=UNIT))

    def _is_struct(self, memory: Memory) -> bool:
        return isinstance(rust_type(memory.element), NamedType)

    def _copy_objects(self, op: Call, target: Memory, source: Memory, count: SSAValue | int) -> None:
        if count != 1:
            raise self._part_of_element(op)
        place = self.place(target.path, op, written=True)
        self.b.assign(place, self.place(source.path, op))

    def _copy_within(self, op: Call, target: Memory, source: Memory, count: SSAValue | int) -> None:
        """`a.copy_within(from..from + n, to)`: right for memcpy too, whose sides do not overlap."""
        assert target.path.last_elem is not None and source.path.last_elem is not None
        self._check_access(target.path, op, True)
        container = self._container(target.path)
        lo = self.offset(source.path.last_elem)
        span = self.b.range(lo, self._end(source.path.last_elem, count))
        self.b.expr(self.b.method("copy_within", container, span, self.offset(target.path.last_elem), ty=UNIT))

    # --- filling -------------------------------------------------------------------------------------------------------------

    def memset(self, op: Call) -> None:
        self._fill(op, op.args[1], op.args[2])

    def bzero(self, op: Call) -> None:
        self._fill(op, None, op.args[1])

    def _fill(self, op: Call, byte: SSAValue | None, size: SSAValue) -> None:
        """`byte` None means 0."""
        target = self.memory(op.args[0], op, written=True)
        count = self.elements(size, target.unit, op)
        if target.path.last_elem is None or (count == 1 and self._is_struct(target)):
            if count != 1:
                raise self._part_of_element(op)
            place = self.place(target.path, op, written=True)
            self.b.assign(place, self._filler(op, target.element, byte))
            return
        part = self.bytes_range(target.path, count, op, written=True)
        self.b.expr(self.b.method("fill", part, self._filler(op, target.element, byte), ty=UNIT))

    def _filler(self, op: Call, element: Attribute, byte: SSAValue | None) -> SSAValue:
        """An element all of whose bytes are `byte`."""
        constant = 0 if byte is None else constant_of(byte)
        if constant == 0:
            return zero_value(self.b, element, self.program)
        if isinstance(element, ArrayType):
            return self.b.repeat(self._filler(op, element.element, byte), element.size.data)
        assert byte is not None
        if isinstance(element, IntType) and element.width == 8 and not _is_bool(element):
            return self.converted(byte, element)
        if isinstance(element, IntType) and constant is not None and not _is_bool(element):
            pattern = int.from_bytes(bytes([constant & 255]) * (element.width // 8), "little", signed=element.signed)
            if pattern == (1 << element.width) - 1:
                return self.b.path(f"{element.kind.data}::MAX", rust_type(element))
            return self.b.lit(pattern, rust_type(element), "hex" if pattern > 0 else None)
        raise self.refuse(
            Code.TYPE_PUNNING,
            op,
            "`memset` of elements wider than a byte with a byte other than 0",
            help="assign the elements",
        )

    # --- comparing -----------------------------------------------------------------------------------------------------------

    def memcmp(self, op: minic.CallOp) -> SSAValue:
        """memcmp and bcmp; of integers wider than a byte only whether they are equal, for their order is not that of their bytes."""
        first, second = self.memory(op.args[0], op), self.memory(op.args[1], op)
        if self.is_bytes(first) and self.is_bytes(second):
            left, right = self._compared(op, first, second)
            return self.b.cast(self.b.method("cmp", left, self.as_reference(right), ty=ORDERING), I32)
        assert op.result is not None
        if (
            rust_type(first.element) == rust_type(second.element)
            and _is_plain(first.element)
            and is_equality(op.result)
        ):
            left, right = self._compared(op, first, second)
            return self.b.cast(self.b.binary("!=", left, right), I32)
        raise self.refuse(
            Code.TYPE_PUNNING, op, "`memcmp` of memory that is not bytes", help="compare element by element"
        )

    def _compared(self, op: minic.CallOp, first: Memory, second: Memory) -> tuple[SSAValue, SSAValue]:
        """Two places of one type (arrays, slices or single elements)."""
        count = self.elements(op.args[2], first.unit, op)
        if first.path.last_elem is None or second.path.last_elem is None:
            if count != 1:
                raise self._part_of_element(op)
            left = self.place(first.path, op)
            return left, self.place(second.path, op)
        same = [self._whole(each.path, count) for each in (first, second)]
        sides: list[SSAValue] = []
        for memory, whole in zip((first, second), same, strict=True):
            part = self.bytes_range(memory.path, count, op, written=False)
            sides.append(self.b.index(part, self.b.range()) if whole and not all(same) else part)
        return sides[0], sides[1]

    def _whole(self, path: Path, count: SSAValue | int) -> bool:
        """`bytes_range` gives the array itself."""
        elem = path.last_elem
        assert elem is not None
        length = self.shapes.length_of(self.name, path.container)
        return elem.is_zero and isinstance(count, int) and length == count


def is_equality(value: SSAValue) -> bool:
    """The value is only asked whether it is zero."""
    use = value.get_unique_use()
    user = use.operation if use is not None else None
    match user:
        case minic.CastOp():
            return is_equality(user.result)
        case minic.TruthOp():
            return True
        case minic.CompareOp():
            return user.kind.data in ("eq", "ne") and 0 in (constant_of(user.lhs), constant_of(user.rhs))
        case _:
            return False


def _has_call(value: SSAValue) -> bool:
    op = value.owner
    if isinstance(op, Block):
        return False
    return isinstance(op, minic.CallOp) or bool(op.regions) or any(_has_call(each) for each in op.operands)


def _is_bool(kind: Attribute) -> bool:
    return kind == INTS["bool"]


def _is_number(kind: Attribute) -> bool:
    """A number whose every pattern of bits is a value."""
    return isinstance(kind, IntType | FloatType) and not _is_bool(kind)


def _is_plain(kind: Attribute) -> bool:
    """Equal exactly when their bytes are: integers, and arrays of them."""
    while isinstance(kind, ArrayType):
        kind = kind.element
    return isinstance(kind, IntType)


ORDERING = named("std::cmp::Ordering")
BYTES = ref(slice_of(U8))
_ITERATOR = named("_")
