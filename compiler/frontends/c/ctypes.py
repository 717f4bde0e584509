"""C's types, their sizes and their conversions, on the LP64 little-endian machines we model.

    const uint8_t *p    is    Pointer(Int(unsigned char, const))    and its `ir` is    !minic.ptr<!minic.int<u8>, const>

A type knows its name in C (what the checker compares), its minic type (`ir`), and whether objects of it are `const`.
`size_t` and `unsigned long` are one type to the checker and two to minic (`usize`, `u64`). An enum is the integer type that
gcc gives it. Comparisons have type `int` in C and `bool` in minic: `TRUTH` is that pair.
Struct types are nominal: equal when they share one `StructDefinition`. Unions, vectors and `long double` have no type here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from xdsl.ir import Attribute

from compiler.diagnostics import CompileError
from compiler.dialects import minic_types as minic


@dataclass(frozen=True)
class CType:
    """A C type; `const`: objects of it may not be assigned."""

    const: bool = field(default=False, kw_only=True)

    @cached_property
    def ir(self) -> Attribute:
        raise NotImplementedError

    @cached_property
    def place(self) -> minic.PlaceType:
        return minic.place(self.ir)

    @cached_property
    def pointer(self) -> Pointer:
        return Pointer(self)

    @cached_property
    def plain(self) -> CType:
        """The type of a value read from an object of this type: unqualified."""
        return replace(self, const=False) if self.const else self

    @cached_property
    def constant(self) -> CType:
        return self if self.const else replace(self, const=True)


@dataclass(frozen=True)
class Int(CType):
    """An integer type: `name` identifies it in C, `kind` in minic; `bits` counts the sign."""

    name: str
    kind: str
    rank: int
    bits: int
    signed: bool

    @cached_property
    def ir(self) -> minic.IntType:
        return minic.INTS[self.kind]

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - self.signed)) - 1

    def wrap(self, value: int) -> int:
        """The value of this type that is congruent to `value`; for `_Bool`, whether it is not zero."""
        if self.rank == 0:
            return int(value != 0)
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if value > self.maximum else value

    def __str__(self) -> str:
        return f"const {self.name}" if self.const else self.name


@dataclass(frozen=True)
class Float(CType):
    name: str
    bits: int

    @cached_property
    def ir(self) -> Attribute:
        return minic.F32 if self.bits == 32 else minic.F64

    def __str__(self) -> str:
        return f"const {self.name}" if self.const else self.name


@dataclass(frozen=True)
class Void(CType):
    @cached_property
    def ir(self) -> Attribute:
        return minic.VOID

    def __str__(self) -> str:
        return "const void" if self.const else "void"


@dataclass(frozen=True)
class Pointer(CType):
    to: CType

    @cached_property
    def ir(self) -> Attribute:
        return minic.ptr(self.to.ir, self.to.const)

    def __str__(self) -> str:
        return f"{self.to} *const" if self.const else f"{self.to} *"


@dataclass(frozen=True)
class Array(CType):
    """An array (made by `array_of`); `size` is None until an initializer or a later declaration gives it."""

    element: CType
    size: int | None

    @cached_property
    def ir(self) -> Attribute:
        return minic.array(self.size or 1, self.element.ir)

    @cached_property
    def plain(self) -> CType:
        return array_of(self.element.plain, self.size) if self.const else self

    @cached_property
    def constant(self) -> CType:
        return array_of(self.element.constant, self.size)

    def __str__(self) -> str:
        size = "" if self.size is None else str(self.size)
        return f"{self.element}[{size}]"


def array_of(element: CType, size: int | None) -> Array:
    """An array is const when its elements are."""
    return Array(element, size, const=element.const)


@dataclass(frozen=True, slots=True)
class Member:
    """A member as C knows it; a bit-field lies in part of a field."""

    name: str
    ctype: CType
    offset: int
    bits: Bits | None = None


@dataclass(frozen=True, slots=True)
class Bits:
    """Where a bit-field lies: from bit `shift` of the minic field that stores it, an unsigned integer of type `storage`."""

    field: str
    storage: Int
    shift: int
    width: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field as minic knows it."""

    name: str
    ctype: CType
    offset: int


@dataclass(eq=False, slots=True)
class StructDefinition:
    """What a struct tag stands for: incomplete until `layout.lay_out` sets the members."""

    tag: str
    symbol: str
    members: tuple[Member, ...] | None = None
    fields: tuple[Field, ...] = ()
    size: int = 0
    align: int = 1
    used: bool = False
    """Whether some op mentions the struct."""
    refusal: CompileError | None = None
    """Why the definition was refused, if it was."""

    def member(self, name: str) -> Member | None:
        return next((member for member in self.members or () if member.name == name), None)


@dataclass(frozen=True)
class Struct(CType):
    definition: StructDefinition

    @cached_property
    def ir(self) -> Attribute:
        self.definition.used = True
        return minic.struct(self.definition.symbol)

    def __str__(self) -> str:
        name = f"struct {self.definition.tag or '<anonymous>'}"
        return f"const {name}" if self.const else name


@dataclass(frozen=True)
class Function(CType):
    """`prototyped` is False for `f()`, which says nothing about its parameters."""

    result: CType
    params: tuple[CType, ...]
    variadic: bool = False
    prototyped: bool = True

    @cached_property
    def ir(self) -> Attribute:
        return minic.VOID  # reached only through pointers that no op may carry: the front end refuses function pointers

    def __str__(self) -> str:
        params = [str(param) for param in self.params] + ["..."] * self.variadic
        return f"{self.result} ({', '.join(params) or 'void'})"


@dataclass(frozen=True)
class Opaque(CType):
    """A value inside an expression of which only the minic type matters any more."""

    type: Attribute

    @cached_property
    def ir(self) -> Attribute:
        return self.type


BOOL = Int("_Bool", "bool", 0, 8, False)
CHAR = Int("char", "char", 1, 8, True)
SCHAR = Int("signed char", "i8", 1, 8, True)
UCHAR = Int("unsigned char", "u8", 1, 8, False)
SHORT = Int("short", "i16", 2, 16, True)
USHORT = Int("unsigned short", "u16", 2, 16, False)
INT = Int("int", "i32", 3, 32, True)
UINT = Int("unsigned int", "u32", 3, 32, False)
LONG = Int("long", "i64", 4, 64, True)
ULONG = Int("unsigned long", "u64", 4, 64, False)
LLONG = Int("long long", "i64", 5, 64, True)
ULLONG = Int("unsigned long long", "u64", 5, 64, False)
INT128 = Int("__int128", "i128", 6, 128, True)
UINT128 = Int("unsigned __int128", "u128", 6, 128, False)
SIZE = Int("unsigned long", "usize", 4, 64, False)
SSIZE = Int("long", "isize", 4, 64, True)
TRUTH = Int("int", "bool", 3, 32, True)
FLOAT = Float("float", 32)
DOUBLE = Float("double", 64)
VOID = Void()
VOID_POINTER = Pointer(VOID)

_UNSIGNED = {3: UINT, 4: ULONG, 5: ULLONG, 6: UINT128}


def is_arithmetic(ctype: CType) -> bool:
    return isinstance(ctype, Int | Float)


def is_scalar(ctype: CType) -> bool:
    return isinstance(ctype, Int | Float | Pointer)


def promoted(ctype: CType) -> CType:
    """The type that an operand of this type is promoted to (C11 6.3.1.1)."""
    if isinstance(ctype, Int) and (ctype.rank < 3 or ctype.kind == "bool"):
        return INT
    return ctype


def common(left: CType, right: CType) -> CType:
    """The usual arithmetic conversions (C11 6.3.1.8); both are arithmetic, unqualified."""
    if isinstance(left, Float) or isinstance(right, Float):
        bits = max(t.bits for t in (left, right) if isinstance(t, Float))
        return DOUBLE if bits == 64 else FLOAT
    left, right = promoted(left), promoted(right)
    assert isinstance(left, Int) and isinstance(right, Int)
    if left.signed == right.signed:
        return _wider(left, right)
    signed, unsigned = (left, right) if left.signed else (right, left)
    if unsigned.rank >= signed.rank:
        return unsigned
    return signed if signed.bits > unsigned.bits else _UNSIGNED[signed.rank]


def _wider(left: Int, right: Int) -> Int:
    """Of two types of one signedness; `usize` before `u64`, because lengths and indices want it."""
    if left.rank == right.rank:
        return right if right.kind in ("usize", "isize") else left
    return left if left.rank > right.rank else right


def same(left: CType, right: CType) -> bool:
    """Whether two types are compatible, qualifiers of the outermost level aside."""
    match left, right:
        case Int(), Int():
            return left.name == right.name
        case Float(), Float():
            return left.bits == right.bits
        case Pointer(), Pointer():
            return left.to.const == right.to.const and same(left.to, right.to)
        case Array(), Array():
            return (left.size is None or right.size is None or left.size == right.size) and same(
                left.element, right.element
            )
        case Struct(), Struct():
            return left.definition is right.definition
        case Function(), Function():
            return same(left.result, right.result) and _same_params(left, right)
        case _:
            return isinstance(left, Void) and isinstance(right, Void)


def _same_params(left: Function, right: Function) -> bool:
    if not (left.prototyped and right.prototyped):
        return True
    if len(left.params) != len(right.params) or left.variadic != right.variadic:
        return False
    return all(same(a, b) for a, b in zip(left.params, right.params, strict=True))


def decayed(ctype: CType) -> CType:
    """The type of the value that an expression of this type gives."""
    if isinstance(ctype, Array):
        return ctype.element.pointer
    return ctype.pointer if isinstance(ctype, Function) else ctype.plain


def is_complete(ctype: CType) -> bool:
    match ctype:
        case Array():
            return ctype.size is not None and is_complete(ctype.element)
        case Struct():
            return ctype.definition.members is not None
        case _:
            return not isinstance(ctype, Void | Function)


def size_of(ctype: CType) -> int:
    """Bytes of a complete type."""
    match ctype:
        case Int() | Float():
            return ctype.bits // 8
        case Array():
            assert ctype.size is not None
            return ctype.size * size_of(ctype.element)
        case Struct():
            return ctype.definition.size
        case _:
            return 8


def align_of(ctype: CType) -> int:
    match ctype:
        case Array():
            return align_of(ctype.element)
        case Struct():
            return ctype.definition.align
        case _:
            return size_of(ctype)


def derivation(ctype: CType) -> Iterator[CType]:
    """The type and, one by one, what it is a pointer to or an array of."""
    yield ctype
    while isinstance(ctype, Pointer | Array):
        ctype = ctype.to if isinstance(ctype, Pointer) else ctype.element
        yield ctype
