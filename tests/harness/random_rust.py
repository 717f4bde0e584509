"""Random modules of the rust dialect: well typed, with names and trees of all sizes.

    module = random_module(seed)            # the same seed gives the same module

The types check; what the code computes is of no interest. Names are of all lengths, so that lines end close to the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.ir import Attribute, Block, SSAValue

from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_types import (
    BOOL,
    I32,
    SCALAR,
    U8,
    U32,
    U64,
    UNIT,
    USIZE,
    ArrayType,
    NamedType,
    RefType,
    ScalarType,
    TupleType,
    array,
    named,
    ref,
    slice_of,
)
from compiler.locations import location

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


class Generator:
    """Builds one module."""

    def __init__(self, seed: int, *, size: int = 6) -> None:
        self.random = Random(seed)
        self.size = size
        self.module = ModuleOp([])
        self.b = Builder(self.module.body.block, location("random.c", 1, 1))
        self.count = 0
        self.functions: list[Function] = []
        self.constants: list[tuple[str, Attribute]] = []

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

    # --- items --------------------------------------------------------------------------------------------------------

    def build(self) -> ModuleOp:
        if self.chance(50):
            self.b.comment("Generated.\n\nTwo paragraphs.")
        for ty, fields in FIELDS.items():
            assert isinstance(ty, NamedType)
            self.b.struct(ty.symbol.data, fields, public=True, derives=("Clone", "Copy"), doc="A structure.")
        for _ in range(self.random.randrange(4)):
            self.constant()
        for _ in range(1 + self.random.randrange(4)):
            self.function()
        return self.module

    def constant(self) -> None:
        element = self.integer_type()
        size = self.random.choice((1, 2, 5, 17, 60))
        top = 1 << self.random.choice((4, element.width - 1))
        with self.b.inside(Block()) as init:
            values = [self.b.lit(self.random.randrange(top), element, self.spelling(element)) for _ in range(size)]
            self.b.yield_(self.b.array(values, element))
        name = self.name().upper()
        self.b.const(name, array(size, element), init, public=True, is_static=self.chance(20))
        self.constants.append((name, array(size, element)))

    def function(self) -> None:
        params = tuple(self.param_type() for _ in range(self.random.randrange(6)))
        result = UNIT if self.chance(30) else self.any_type()
        function = Function(self.name(6), params, result)
        body = Block(arg_types=params)
        scope = Scope([(arg, False) for arg in body.args], result)
        names = [self.name() for _ in params]
        with self.b.inside(body):
            self.statements(scope, self.size)
            if result != UNIT:
                self.b.yield_(self.expr(result, scope, 3))
        self.b.fn(
            function.name,
            [Param(name, ty) for name, ty in zip(names, params, strict=True)],
            result,
            body,
            public=True,
            inline=self.chance(10),
            allow=("clippy::too_many_arguments",) if self.chance(10) else (),
            doc="Does something.\n\nIn two paragraphs." if self.chance(20) else None,
        )
        if all(not isinstance(param, RefType) for param in params):
            self.functions.append(function)

    def param_type(self) -> Attribute:
        if self.chance(70):
            return self.any_type()
        element = self.integer_type()
        return ref(self.random.choice((slice_of(element), array(8, element))), is_mut=self.chance(50))

    # --- statements ---------------------------------------------------------------------------------------------------

    def statements(self, scope: Scope, size: int) -> None:
        for _ in range(self.random.randrange(size)):
            self.statement(scope, size - 2)

    def block(self, scope: Scope, size: int, *, then: Callable[[Scope], object] = lambda _scope: None) -> Block:
        """A block of statements in a scope of its own."""
        inner = scope.inner()
        with self.b.inside(Block()) as block:
            self.statements(inner, max(1, size))
            then(inner)
        return block

    def statement(self, scope: Scope, size: int) -> None:
        simple: Sequence[Callable[[Scope, int], None]] = (
            self.let,
            self.let,
            self.let,
            self.let_tuple,
            self.assign,
            self.assign,
            self.expression,
            self.comment,
        )
        deep = (self.if_, self.for_, self.while_, self.loop, self.match_, self.labelled, self.jump)
        self.random.choice(simple if size <= 1 or self.chance(60) else deep)(scope, size)

    def let(self, scope: Scope, _size: int) -> None:
        ty = self.any_type()
        mutable = self.chance(40)
        init = self.expr(ty, scope, self.random.choice((1, 2, 3, 4, 5)))
        scope.values.append((self.b.let(self.name(), init, mutable=mutable), mutable))

    def let_tuple(self, scope: Scope, _size: int) -> None:
        init = self.expr(TUPLE, scope, 2)
        mutable = self.chance(40)
        bound = self.b.let_tuple([self.name(), "_" if self.chance(20) else self.name()], init, [mutable, False])
        scope.values.append((bound[0], mutable))

    def assign(self, scope: Scope, _size: int) -> None:
        places = [value for value, mutable in scope.values if mutable]
        if not places:
            return self.comment(scope, 0)
        place = self.random.choice(places)
        if isinstance(place.type, ArrayType):
            place = self.b.index(place, self.expr(USIZE, scope, 2))
        depth = self.random.choice((1, 2, 3, 4))
        if isinstance(place.type, ScalarType) and place.type.is_integer and self.chance(50):
            kind = self.random.choice("+-*^|&")
            return self.b.assign_op(kind, place, self.expr(place.type, scope, depth))
        return self.b.assign(place, self.expr(place.type, scope, depth))

    def expression(self, scope: Scope, _size: int) -> None:
        pick = self.random.randrange(3)
        if pick == 0:
            self.b.expr(self.b.macro("assert", [self.expr(BOOL, scope, 3)]))
        elif pick == 1:
            text = self.b.str_(
                "the value was {} " + "and on " * self.random.randrange(1 if scope.in_value else 9) + "and {}"
            )
            values = [self.expr(self.integer_type(), scope, self.random.randrange(3)) for _ in range(2)]
            self.b.expr(self.b.macro("println", [text, *values]))
        else:
            self.b.expr(self.call(scope, 3, None))

    def comment(self, _scope: Scope, _size: int) -> None:
        self.b.comment("a remark\nof two lines" if self.chance(30) else "a remark")

    def if_(self, scope: Scope, size: int) -> None:
        cond = self.expr(BOOL, scope, self.random.choice((1, 2, 3, 4)))
        then = self.block(scope, size)
        orelse = self.block(scope, size) if self.chance(50) else None
        if orelse is not None and self.chance(40):
            with self.b.inside(Block()) as orelse:
                self.if_(scope.inner(), size - 1)
        self.b.if_(cond, then, orelse)

    def for_(self, scope: Scope, size: int) -> None:
        lo, hi = self.expr(USIZE, scope, 1), self.expr(USIZE, scope, 2)
        iterable = self.b.range(lo, hi, inclusive=self.chance(20))
        label = self.label(scope)
        body = Block(arg_types=[USIZE])
        inner = scope.inner(values=body.args, label=label, loop=True)
        with self.b.inside(body):
            self.statements(inner, max(1, size))
        self.b.for_([self.name(2)], iterable, body, label=label)

    def label(self, scope: Scope) -> str | None:
        return f"outer{self.count}" if self.chance(15) else None

    def while_(self, scope: Scope, size: int) -> None:
        label = self.label(scope)
        with self.b.inside(Block()) as cond:
            self.b.yield_(self.expr(BOOL, scope, self.random.choice((1, 2, 3, 4))))
        inner = scope.inner(label=label, loop=True)
        self.b.while_(cond, self.block(inner, size), label)

    def loop(self, scope: Scope, size: int) -> None:
        label = self.label(scope)
        inner = scope.inner(label=label, loop=True)
        self.b.loop(self.block(inner, size, then=lambda _scope: self.b.break_(label)), label)

    def match_(self, scope: Scope, size: int) -> None:
        value = self.expr(U8, scope, 2)
        arms = {pattern: self.block(scope, size) for pattern in self.patterns()}
        self.b.match_(value, arms)

    def patterns(self) -> list[str]:
        many = " | ".join(str(number) for number in range(50, 50 + self.random.choice((2, 5, 30, 60))))
        every = ["0", "1 | 2", "b'a'..=b'f' | b'0'..=b'5'", many, "7"]
        return [*self.random.sample(every, self.random.randrange(1, 5)), "_"]

    def labelled(self, scope: Scope, size: int) -> None:
        label = f"done{self.count}"
        self.b.block_(self.block(scope.inner(label=label), size), label)

    def jump(self, scope: Scope, _size: int) -> None:
        """A jump under a condition, so that code after it can be reached."""
        cond = self.expr(BOOL, scope, 2)
        with self.b.inside(Block()) as then:
            if scope.in_loop and not scope.labels and self.chance(50):
                self.random.choice((self.b.break_, self.b.continue_))()
            elif scope.labels and self.chance(70):
                self.b.break_(self.random.choice(scope.labels))
            else:
                self.b.return_(None if scope.result == UNIT else self.expr(scope.result, scope, 3))
        self.b.if_(cond, then)

    # --- expressions --------------------------------------------------------------------------------------------------

    def expr(self, ty: Attribute, scope: Scope, depth: int) -> SSAValue:
        """An expression of this type."""
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
        return self.b.block_value(self.block(scope, statements, then=valued), ty)

    def call(self, scope: Scope, depth: int, ty: Attribute | None) -> SSAValue:
        found = [each for each in self.functions if ty is None or each.result == ty]
        if not found:
            return self.b.macro("println", [self.b.str_("nothing to call")])
        function = self.random.choice(found)
        args = [self.expr(param, scope, depth - 1) for param in function.params]
        return self.b.call(function.name, args, function.result)

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
        found = [value for value, _ in scope.values if _element(value.type) == ty]
        if found:
            return self.b.index(self.random.choice(found), self.expr(USIZE, scope, depth))
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


def _element(ty: Attribute) -> Attribute | None:
    while isinstance(ty, RefType):
        ty = ty.pointee
    return getattr(ty, "element", None)


def random_module(seed: int, *, size: int = 6) -> ModuleOp:
    return Generator(seed, size=size).build()
