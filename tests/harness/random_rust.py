"""Random modules of the rust dialect: well typed, with names and trees of all sizes.

    module = random_module(seed)            # the same seed gives the same module

The types check; what the code computes is of no interest. Names are of all lengths, so that lines end close to the
limit. No line is forced to be too wide inside of a value: rustfmt leaves such a statement as it stands, and what it
makes of the lines around it then depends on that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from random_rust_expressions import FIELDS, POINT, TUPLE, Expressions, Function, Scope, element_of
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.ir import Attribute, Block

from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_types import (
    BOOL,
    I32,
    U8,
    UNIT,
    USIZE,
    ArrayType,
    NamedType,
    ScalarType,
    TupleType,
    array,
    ref,
    slice_of,
)
from compiler.locations import location


class Generator(Expressions):
    """Builds one module."""

    def __init__(self, seed: int, *, size: int, prefix: str) -> None:
        self.module = ModuleOp([])
        super().__init__(seed, Builder(self.module.body.block, location("random.c", 1, 1)))
        self.size = size
        self.prefix = prefix

    # --- items --------------------------------------------------------------------------------------------------------

    def build(self) -> ModuleOp:
        if self.chance(50):
            self.b.comment("Generated.\n\nTwo paragraphs.")
        for ty, fields in FIELDS.items():
            assert isinstance(ty, NamedType)
            self.b.struct(ty.symbol.data, fields, public=True, derives=("Clone", "Copy"), doc="A structure.")
        self.b.struct("View", {"data": ref(slice_of(U8), lifetime="a")}, lifetimes=("a",), allow=("dead_code",))
        for _ in range(self.random.randrange(4)):
            self.constant()
        if self.chance(50):
            self.table()
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

    def table(self) -> None:
        """A table of two dimensions."""
        element = self.integer_type()
        row = array(self.random.choice((2, 4, 12)), element)
        rows = self.random.choice((2, 3, 9))
        with self.b.inside(Block()) as init:
            values = [self.b.array([self.literal(element) for _ in range(row.size.data)], element) for _ in range(rows)]
            self.b.yield_(self.b.array(values, row))
        self.b.const(self.name().upper(), array(rows, row), init, public=True)

    def function(self) -> None:
        params = tuple(self.param_type() for _ in range(self.random.randrange(6)))
        result = UNIT if self.chance(30) else self.any_type()
        if self.chance(10):
            result = TupleType(ArrayAttr([self.integer_type() for _ in range(self.random.randrange(2, 16))]))
        function = Function(self.prefix + self.name(6), params, result)
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
        self.functions.append(function)

    def param_type(self) -> Attribute:
        if self.chance(60):
            return self.any_type()
        element = self.integer_type()
        if self.chance(20):
            return ref(element, is_mut=self.chance(50))
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
            self.let_later,
            self.copy,
        )
        deep = (self.if_, self.for_, self.for_each, self.while_, self.loop, self.match_, self.labelled, self.jump)
        self.random.choice(simple if size <= 1 or self.chance(60) else deep)(scope, size)

    def let(self, scope: Scope, _size: int) -> None:
        ty = self.any_type()
        mutable = self.chance(40)
        init = self.expr(ty, scope, self.random.choice((1, 2, 3, 4, 5)))
        scope.values.append((self.b.let(self.name(), init, mutable=mutable), mutable))

    def let_later(self, scope: Scope, _size: int) -> None:
        ty = self.integer_type()
        variable = self.b.let(self.name(), ty=ty)
        self.b.assign(variable, self.expr(ty, scope, 2))
        scope.values.append((variable, False))

    def copy(self, scope: Scope, _size: int) -> None:
        """`to[a..b].copy_from_slice(&from[c..d]);`"""
        element = self.integer_type()
        targets = [value for value, mutable in scope.values if mutable and element_of(value.type) == element]
        if not targets:
            return self.let(scope, 0)
        target = self.random.choice(targets)
        rest = scope.without(target)
        to = self.slice(target, rest)
        source = self.borrowed(ref(slice_of(element)), rest)
        if source is None:
            source = self.b.ref(self.b.array([self.literal(element)], element))
        return self.b.expr(self.b.method("copy_from_slice", to, source, ty=UNIT))

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
        if place.type == POINT:
            place = self.b.field(place, self.random.choice("xy"), I32)
        if isinstance(place.type, ArrayType):
            place = self.b.index(place, self.expr(USIZE, scope, 2))
        depth = self.random.choice((1, 2, 3, 4))
        if isinstance(place.type, ScalarType) and place.type.is_integer and self.chance(50):
            kind = self.random.choice("+-*^|&")
            return self.b.assign_op(kind, place, self.expr(place.type, scope, depth))
        return self.b.assign(place, self.expr(place.type, scope, depth))

    def expression(self, scope: Scope, _size: int) -> None:
        pick = self.random.randrange(4)
        if pick == 3:
            ty = self.integer_type()
            values = [self.expr(ty, scope, 2), self.expr(ty, scope, 2), self.b.str_("they differ at {}")]
            self.b.expr(self.b.macro("assert_eq", [*values, self.expr(USIZE, scope, 1)]))
        elif pick == 0:
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

    def for_each(self, scope: Scope, size: int) -> None:
        """Over the elements of an array or a slice."""
        found = [value for value, _ in scope.values if isinstance(element_of(value.type), ScalarType)]
        if not found:
            return self.for_(scope, size)
        source = self.random.choice(found)
        element = element_of(source.type)
        assert element is not None
        elements = self.b.method("iter", source, ty=ref(element))
        counted = self.chance(50)
        if counted:
            elements = self.b.method("enumerate", elements, ty=ref(element))
        body = Block(arg_types=[USIZE, element] if counted else [element])
        names = [self.name() for _ in body.args]
        with self.b.inside(body):
            self.statements(scope.without(source).inner(values=body.args, loop=True), max(1, size))
        return self.b.for_(names, elements, body, derefs=[False, True][-len(names) :])

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


def random_module(seed: int, *, size: int = 6, prefix: str = "") -> ModuleOp:
    """`prefix` begins the names of functions."""
    return Generator(seed, size=size, prefix=prefix).build()
