"""Random expressions of the rust dialect, for `random_rust`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from xdsl.dialects.builtin import ArrayAttr
from xdsl.ir import Attribute, Block, SSAValue

from compiler.dialects.rust_build import Builder, place_type
from compiler.dialects.rust_types import (
    BOOL,
    I32,
    SCALAR,
    U8,
    U32,
    U64,
    USIZE,
    ArrayType,
    RefType,
    ScalarType,
    SliceType,
    TupleType,
    array,
    named,
)

INTEGERS = tuple(SCALAR[kind] for kind in ("u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "usize", "u128"))
F64 = SCALAR["f64"]
POINT = named("Point")
WIDE = named("WideStructure")
FIELDS: dict[Attribute, dict[str, Attribute]] = {
    POINT: {"x": I32, "y": I32},
    WIDE: {"first_field": U64, "table": array(4, U32), "is_ready": BOOL, "nested_point": POINT},
}
ARRAYS = (array(4, U32), array(16, U8), array(3, U64), array(1, USIZE))
TUPLE = TupleType(ArrayAttr([U32, U64]))
_WORDS = "a b x n ctx buf len state index offset length message_schedule round_constants accumulate carry".split()
_METHODS: dict[str, tuple[Attribute | None, ...]] = {
    "wrapping_add": (None,),
    "wrapping_mul": (None,),
    "rotate_left": (U32,),
    "rotate_right": (U32,),
    "wrapping_sub": (None,),
    "swap_bytes": (),
    "pow": (U32,),
}
"""Methods of every integer type that give the same type; None stands for it among the parameters."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the code may call."""

    name: str
    params: tuple[Attribute, ...]
    result: Attribute


@dataclass(slots=True)
class Scope:
    """The variables in sight, and whether they can be assigned."""

    values: list[tuple[SSAValue, bool]]
    result: Attribute
    labels: tuple[str, ...] = ()
    in_loop: bool = False
    in_value: bool = False

    def inner(
        self, *, values: Sequence[SSAValue] = (), label: str | None = None, loop: bool = False, value: bool = False
    ) -> Scope:
        """The scope of a block in this one."""
        return Scope(
            [*self.values, *((each, False) for each in values)],
            self.result,
            self.labels if label is None else (*self.labels, label),
            self.in_loop or loop,
            self.in_value or value,
        )

    def without(self, value: SSAValue) -> Scope:
        """The same, but for one variable, which is borrowed."""
        others = [(each, mutable) for each, mutable in self.values if each is not value]
        return Scope(others, self.result, self.labels, self.in_loop, self.in_value)


class Expressions:
    """Builds expressions of a wanted type, at `b`."""

    def __init__(self, seed: int, builder: Builder) -> None:
        self.random = Random(seed)
        self.b = builder
        self.count = 0
        self.functions: list[Function] = []
        self.constants: list[tuple[str, Attribute]] = []

    def block(self, scope: Scope, size: int, *, then: Callable[[Scope], object] = lambda _scope: None) -> Block:
        """A block of statements in a scope of its own."""
        raise NotImplementedError

    def patterns(self) -> list[str]:
        many = " | ".join(str(number) for number in range(50, 50 + self.random.choice((2, 5, 30, 60))))
        every = ["0", "1 | 2", "b'a'..=b'f' | b'0'..=b'5'", many, "7"]
        return [*self.random.sample(every, self.random.randrange(1, 5)), "_"]

    # --- names and choices --------------------------------------------------------------------------------------------

    def name(self, longest: int = 4) -> str:
        """A fresh name."""
        self.count += 1
        words = [self.random.choice(_WORDS) for _ in range(self.random.choice((1, 1, 1, 2, 2, longest)))]
        return f"{'_'.join(words)}{self.count}"

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def integer_type(self) -> ScalarType:
        return self.random.choice(INTEGERS)

    def any_type(self) -> Attribute:
        pick = self.random.randrange(100)
        if pick < 60:
            return self.integer_type()
        if pick < 70:
            return BOOL
        if pick < 75:
            return F64
        return self.random.choice((*ARRAYS, POINT, WIDE, TUPLE))

    # --- expressions --------------------------------------------------------------------------------------------------

    def expr(self, ty: Attribute, scope: Scope, depth: int) -> SSAValue:
        """An expression of this type."""
        if isinstance(ty, RefType):
            found = self.borrowed(ty, scope)
            assert found is not None
            return found
        known = [value for value, _ in scope.values if value.type == ty]
        if known and self.chance(30 if depth > 0 else 70):
            return self.random.choice(known)
        if depth > 0 and self.chance(12):
            return self.branching(ty, scope, depth - 1)
        if depth > 0 and self.chance(10) and any(each.result == ty for each in self.functions):
            return self.call(scope, depth - 1, ty)
        match ty:
            case ScalarType() if ty == BOOL:
                return self.boolean(scope, depth)
            case ScalarType():
                return self.number(ty, scope, depth)
            case ArrayType():
                return self.array(ty, scope, depth)
            case TupleType():
                return self.b.tuple_(*[self.expr(each, scope, depth - 1) for each in ty.elements])
            case _ if ty == POINT and depth > 1 and self.chance(30):
                return self.b.field(self.expr(WIDE, scope, depth - 1), "nested_point", POINT)
            case _:
                fields = FIELDS[ty]
                return self.b.struct_lit(ty, {name: self.expr(of, scope, depth - 1) for name, of in fields.items()})

    def branching(self, ty: Attribute, scope: Scope, depth: int) -> SSAValue:
        def valued(inner: Scope) -> None:
            self.b.yield_(self.expr(ty, inner, depth - 1))

        scope = scope.inner(value=True)
        statements = 1 if self.chance(70) else 3
        if self.chance(70):
            cond = self.expr(BOOL, scope, depth)
            then = self.block(scope, statements, then=valued)
            return self.b.if_value(cond, then, self.block(scope, statements, then=valued), ty)
        if self.chance(70):
            value = self.expr(U8, scope, depth)
            arms = {pattern: self.block(scope, statements, then=valued) for pattern in self.patterns()}
            return self.b.match_value(value, arms, ty)
        label = f"value{self.count}" if self.chance(30) else None

        def broken(inner: Scope) -> None:
            cond = self.expr(BOOL, inner, 1)
            with self.b.inside(Block()) as then:
                self.b.break_(label, self.expr(ty, inner, depth - 1))
            self.b.if_(cond, then)
            valued(inner)

        return self.b.block_value(self.block(scope, statements, then=broken if label else valued), ty, label)

    def call(self, scope: Scope, depth: int, ty: Attribute | None) -> SSAValue:
        found = [each for each in self.functions if ty is None or each.result == ty]
        if not found:
            return self.b.macro("println", [self.b.str_("nothing to call")])
        function = self.random.choice(found)
        args: list[SSAValue] = []
        for param in function.params:
            args.append(self.expr(param, scope, depth - 1))
            if isinstance(param, RefType):
                scope = Scope([], scope.result, in_value=True)  # nothing that is borrowed already
        return self.b.call(function.name, args, function.result)

    # --- references ---------------------------------------------------------------------------------------------------

    def borrowed(self, ty: RefType, scope: Scope) -> SSAValue | None:
        """A reference: to a variable, a part of one, or to something new."""
        mutable = bool(ty.is_mut.data)
        if isinstance(ty.pointee, SliceType):
            places = [
                value
                for value, writable in scope.values
                if element_of(value.type) == ty.pointee.element and (writable or not mutable)
            ]
            if places and self.chance(70):
                return self.b.ref(self.slice(self.random.choice(places), scope), mutable)
            value = self.array(array(self.random.choice((1, 4, 9)), ty.pointee.element), scope, 2)
            return self.b.ref(value, mutable)
        places = [value for value, writable in scope.values if value.type == ty.pointee and (writable or not mutable)]
        if places:
            return self.b.ref(self.random.choice(places), mutable)
        return self.b.ref(
            self.expr(ty.pointee, Scope([], scope.result, in_value=True) if mutable else scope, 1), mutable
        )

    def slice(self, base: SSAValue, scope: Scope) -> SSAValue:
        """`base[lo..hi]`."""
        scope = scope.without(base)
        lo = self.expr(USIZE, scope, 1) if self.chance(70) else None
        hi = self.expr(USIZE, scope, 2) if self.chance(70) else None
        return self.b.index(base, self.b.range(lo, hi))

    def boolean(self, scope: Scope, depth: int) -> SSAValue:
        if depth <= 0:
            return self.b.bool_(self.chance(50))
        pick = self.random.randrange(10)
        if pick < 5:
            ty = self.integer_type()
            kind = self.random.choice(("==", "!=", "<", "<=", ">", ">="))
            lhs = self.expr(ty, scope, depth - 1)
            return self.b.binary(kind, lhs, self.expr(ty, scope, depth - 1))
        if pick < 8:
            lhs = self.expr(BOOL, scope, depth - 1)
            return self.b.binary(self.random.choice(("&&", "||")), lhs, self.expr(BOOL, scope, depth - 1))
        if pick < 9:
            return self.b.unary("!", self.expr(BOOL, scope, depth - 1))
        return self.b.method("is_power_of_two", self.expr(U32, scope, depth - 1), ty=BOOL)

    def spelling(self, ty: ScalarType) -> str | None:
        return self.random.choice((None, None, "hex", "bin" if ty.width < 32 else "hex", "byte" if ty == U8 else None))

    def literal(self, ty: ScalarType) -> SSAValue:
        if ty.is_float:
            return self.b.float_(self.random.choice((0.0, 1.5, -2.0, 1e-7, 123456789.25)), ty)
        top = 1 << self.random.choice((3, 7, ty.width - 1))
        value = self.random.randrange(min(top, 128 if ty.width == 8 else top))
        return self.b.lit(-value if ty.signed and self.chance(20) else value, ty, self.spelling(ty))

    def number(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        if depth <= 0 or self.chance(15):
            return self.literal(ty)
        ways: list[Callable[[ScalarType, Scope, int], SSAValue]] = [self.arithmetic, self.arithmetic, self.cast]
        if ty.is_integer:
            ways += [self.shift, self.method, self.method, self.bitwise, self.element]
            ways += [self.inverted]
        return self.random.choice(ways)(ty, scope, depth - 1)

    def arithmetic(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        kind = self.random.choice("++-*/")
        result = self.expr(ty, scope, depth)
        for _ in range(self.random.choice((1, 1, 1, 2, 5))):
            result = self.b.binary(kind, result, self.expr(ty, scope, depth))
        return result

    def bitwise(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        kind = self.random.choice("&|^")
        result = self.expr(ty, scope, depth)
        for _ in range(self.random.choice((1, 1, 2, 4))):
            result = self.b.binary(kind, result, self.expr(ty, scope, depth))
        return result

    def shift(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        lhs = self.expr(ty, scope, depth)
        return self.b.binary(self.random.choice(("<<", ">>")), lhs, self.expr(U32, scope, min(depth, 1)))

    def cast(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        return self.b.cast(self.expr(self.integer_type(), scope, depth), ty)

    def inverted(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        return self.b.unary("-" if ty.signed and self.chance(50) else "!", self.expr(ty, scope, depth))

    def method(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        result = self.expr(ty, scope, depth)
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 5))):
            name, params = self.random.choice(list(_METHODS.items()))
            args = [self.expr(ty if param is None else param, scope, min(depth, 2)) for param in params]
            result = self.b.method(name, result, *args, ty=ty)
        return result

    def element(self, ty: ScalarType, scope: Scope, depth: int) -> SSAValue:
        """Out of a constant table, a variable, or a field of a structure."""
        tables = [(name, of) for name, of in self.constants if isinstance(of, ArrayType) and of.element == ty]
        if tables and self.chance(50):
            name, of = self.random.choice(tables)
            return self.b.index(self.b.path(name, of), self.expr(USIZE, scope, depth))
        found = [value for value, _ in scope.values if element_of(value.type) == ty]
        if found:
            return self.b.index(self.random.choice(found), self.expr(USIZE, scope, depth))
        pointers = [value for value, _ in scope.values if isinstance(value.type, RefType) and value.type.pointee == ty]
        if pointers:
            return self.b.deref(self.random.choice(pointers))
        structs = [value for value, _ in scope.values if value.type == WIDE]
        if structs and ty == I32:
            point = self.b.field(self.random.choice(structs), "nested_point", POINT)
            return self.b.field(point, self.random.choice("xy"), I32)
        return self.method(ty, scope, depth)

    def array(self, ty: ArrayType, scope: Scope, depth: int) -> SSAValue:
        if self.chance(40):
            return self.b.repeat(self.expr(ty.element, scope, min(depth - 1, 1)), ty.size.data)
        values = [self.expr(ty.element, scope, min(depth - 1, 2)) for _ in range(ty.size.data)]
        return self.b.array(values, ty.element)


def element_of(ty: Attribute) -> Attribute | None:
    """The element of an array or a slice, through references."""
    reached = place_type(ty)
    return reached.element if isinstance(reached, ArrayType | SliceType) else None
