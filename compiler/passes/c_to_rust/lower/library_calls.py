"""Calls of the C library, as the std of Rust says them.

    memcpy(dst + 4, src, n)         dst[4..4 + n].copy_from_slice(&src[..n])
    memcpy(&x, p, 4)                x = u32::from_le_bytes(p[..4].try_into().unwrap())
    memset(buf, 0, sizeof buf)      buf.fill(0)
    memcmp(a, b, n) == 0            a[..n].cmp(&b[..n]) as i32 == 0

Bytes become elements: a size must be a whole number of them, and both sides must hold the same type (or one is bytes and the other one
integer). Everything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import Attribute, SSAValue

from compiler.analysis.loops import constant_of
from compiler.analysis.paths import Elem, Path
from compiler.analysis.program import Call
from compiler.codes import Code
from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, IntType
from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import (
    I32,
    UNIT,
    U8,
    USIZE,
    NamedType,
    NeverType,
    OptionType,
    ScalarType,
    SliceType,
    array,
    named,
    ref,
)
from compiler.dialects.rust_types import ArrayType as RustArray
from compiler.passes.c_to_rust.lower.types import rust_type, zero_value
from compiler.passes.c_to_rust.lower.values import Values


@dataclass(frozen=True, slots=True)
class _Memory:
    """One side of a memory operation: a path, made to end in an element where it is an array, and the type of one element."""

    path: Path
    element: Attribute
    unit: int


class LibraryCalls(Values):
    """Layer 4a: library calls."""

    def library_value(self, op: minic.CallOp) -> SSAValue:
        """A library call whose result is used."""
        name = op.callee.data
        match name:
            case "memcmp":
                return self._memcmp(op)
            case "strlen":
                return self._strlen(op)
            case "abs" | "labs" | "llabs":
                operand = self.value(op.args[0])
                return self.b.method("abs", operand, ty=operand.type)
            case "__builtin_bswap16" | "__builtin_bswap32" | "__builtin_bswap64":
                operand = self.value(op.args[0])
                return self.b.method("swap_bytes", operand, ty=operand.type)
            case _:
                raise self.refuse(Code.UNMAPPED_FUNCTION, op, f"the result of `{name}` is used", help="use its argument instead")

    def library_statement(self, op: Call) -> None:
        """A library call as a statement."""
        match op.callee.data:
            case "memcpy" | "memmove":
                self._memcpy(op)
            case "memset":
                self._memset(op)
            case "abort" | "__builtin_unreachable":
                self.b.expr(self.b.call("std::process::abort", [], NeverType()))
            case "exit":
                self.b.expr(self.b.call("std::process::exit", [self.value(op.args[0])], NeverType()))
            case _:
                pass  # the others have no effect

    # --- memory --------------------------------------------------------------------------------------------------------------

    def _memory(self, pointer: SSAValue, op: Call) -> _Memory:
        path = self.resolve(pointer)
        if path.is_null:
            raise self.refuse(Code.NULL_UNPROVEN, op, f"NULL is passed to `{op.callee.data}`", help="pass an object")
        kind = self.type_at(path)
        if isinstance(kind, ArrayType) and path.last_elem is None:
            path, kind = path.then(Elem()), kind.element
        return _Memory(path, kind, self.program.size_of(kind))

    def _elements(self, size: SSAValue, unit: int, op: Call) -> SSAValue | int:
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

    def _part_of_element(self, op: Call) -> Exception:
        return self.refuse(
            Code.TYPE_PUNNING,
            op,
            f"`{op.callee.data}` is not seen to touch a whole number of elements",
            help="write the size as `n * sizeof(element)`",
        )

    def _memcpy(self, op: Call) -> None:
        target, source = self._memory(op.args[0], op), self._memory(op.args[1], op)
        if rust_type(target.element) == rust_type(source.element):
            self._copy_elements(op, target, source)
        elif self._is_bytes(source) and self._holds_one(op, target):
            self._load_bytes(op, target, source)
        elif self._is_bytes(target) and self._holds_one(op, source):
            self._store_bytes(op, target, source)
        else:
            raise self.refuse(
                Code.TYPE_PUNNING,
                op,
                f"`{op.callee.data}` between memory of different types",
                help="convert element by element",
            )

    def _is_bytes(self, memory: _Memory) -> bool:
        return rust_type(memory.element) == U8 and memory.path.last_elem is not None

    def _holds_one(self, op: Call, memory: _Memory) -> bool:
        """Exactly one integer is copied."""
        return isinstance(memory.element, IntType) and self.number(op.args[2]) == memory.unit

    def _load_bytes(self, op: Call, target: _Memory, source: _Memory) -> None:
        """`x = u32::from_le_bytes(bytes)`."""
        kind = rust_type(target.element)
        assert isinstance(kind, ScalarType)
        place = self.place(target.path, op, written=True)
        part = self.bytes_range(source.path, target.unit, op, written=False)
        if isinstance(part.type, SliceType):
            bytes_type = array(target.unit, U8)
            converted = self.b.method("try_into", part, ty=OptionType(bytes_type))
            part = self.b.method("unwrap", converted, ty=bytes_type)
        self.b.assign(place, self.b.call(f"{kind.kind.data}::from_le_bytes", [part], kind))

    def _store_bytes(self, op: Call, target: _Memory, source: _Memory) -> None:
        """`bytes.copy_from_slice(&x.to_le_bytes())`."""
        part = self.bytes_range(target.path, source.unit, op, written=True)
        value = self.place(source.path, op)
        stored = self.b.method("to_le_bytes", value, ty=array(source.unit, U8))
        if isinstance(part.type, RustArray):
            self.b.assign(part, stored)
        else:
            self.b.expr(self.b.method("copy_from_slice", part, self.b.ref(stored), ty=_UNIT))

    def _copy_elements(self, op: Call, target: _Memory, source: _Memory) -> None:
        count = self._elements(op.args[2], target.unit, op)
        if target.path.last_elem is None or source.path.last_elem is None or (count == 1 and self._is_struct(target)):
            self._copy_objects(op, target, source, count)
        elif target.path.container == source.path.container:
            self._copy_within(op, target, source, count)
        else:
            part = self.bytes_range(target.path, count, op, written=True)
            other = self.bytes_range(source.path, count, op, written=False)
            self._whole_or_part(part, other)

    def _whole_or_part(self, part: SSAValue, other: SSAValue) -> None:
        if isinstance(part.type, RustArray) and part.type == other.type:
            self.b.assign(part, other)
        else:
            self.b.expr(self.b.method("copy_from_slice", part, self.b.ref(other), ty=_UNIT))

    def _is_struct(self, memory: _Memory) -> bool:
        return isinstance(rust_type(memory.element), NamedType)

    def _copy_objects(self, op: Call, target: _Memory, source: _Memory, count: SSAValue | int) -> None:
        if count != 1:
            raise self._part_of_element(op)
        place = self.place(target.path, op, written=True)
        self.b.assign(place, self.place(source.path, op))

    def _copy_within(self, op: Call, target: _Memory, source: _Memory, count: SSAValue | int) -> None:
        """`a.copy_within(from..from + n, to)`: right for memcpy too, whose sides do not overlap."""
        assert target.path.last_elem is not None and source.path.last_elem is not None
        self._check_access(target.path, op, True)
        container = self._container(target.path)
        lo = self.offset(source.path.last_elem)
        span = self.b.range(lo, self._end(source.path.last_elem, count))
        self.b.expr(self.b.method("copy_within", container, span, self.offset(target.path.last_elem), ty=_UNIT))

    def _memset(self, op: Call) -> None:
        target = self._memory(op.args[0], op)
        count = self._elements(op.args[2], target.unit, op)
        byte = constant_of(op.args[1])
        if byte != 0 and target.unit != 1:
            raise self.refuse(
                Code.TYPE_PUNNING, op, "`memset` of elements wider than a byte with a byte other than 0", help="assign the elements"
            )
        if target.path.last_elem is None or (count == 1 and self._is_struct(target)):
            if count != 1:
                raise self._part_of_element(op)
            place = self.place(target.path, op, written=True)
            self.b.assign(place, self._filler(op, target))
            return
        part = self.bytes_range(target.path, count, op, written=True)
        self.b.expr(self.b.method("fill", part, self._filler(op, target), ty=_UNIT))

    def _filler(self, op: Call, target: _Memory) -> SSAValue:
        if constant_of(op.args[1]) == 0:
            return zero_value(self.b, target.element, self.program)
        assert isinstance(target.element, IntType)
        kind = target.element
        return self.converted(op.args[1], kind)

    def _memcmp(self, op: minic.CallOp) -> SSAValue:
        first, second = self._memory(op.args[0], op), self._memory(op.args[1], op)
        if not (self._is_bytes(first) and self._is_bytes(second)):
            raise self.refuse(Code.TYPE_PUNNING, op, "`memcmp` of memory that is not bytes", help="compare element by element")
        count = self._elements(op.args[2], 1, op)
        left = self._as_slice(self.bytes_range(first.path, count, op, written=False))
        right = self._as_slice(self.bytes_range(second.path, count, op, written=False))
        ordering = self.b.method("cmp", left, self.b.ref(right), ty=_ORDERING)
        return self.b.cast(ordering, I32)

    def _as_slice(self, part: SSAValue) -> SSAValue:
        if isinstance(place_type(part.type), SliceType):
            return part
        kind = part.type
        assert isinstance(kind, RustArray)
        return self.b.index(part, self.b.range())

    def _strlen(self, op: minic.CallOp) -> SSAValue:
        memory = self._memory(op.args[0], op)
        if not self._is_bytes(memory):
            raise self.refuse(Code.TYPE_PUNNING, op, "`strlen` of memory that is not bytes", help="pass a char array")
        assert memory.path.last_elem is not None
        container = self._container(memory.path)
        rest = self.b.index(container, self.b.range(None if memory.path.last_elem.is_zero else self.offset(memory.path.last_elem)))
        string = self.b.call("std::ffi::CStr::from_bytes_until_nul", [self.b.ref(rest)], OptionType(_CSTR))
        text = self.b.method("unwrap", string, ty=_CSTR)
        return self.b.method("count_bytes", text, ty=USIZE)


_UNIT = UNIT
_ORDERING = named("std::cmp::Ordering")
_CSTR = ref(named("std::ffi::CStr"))
