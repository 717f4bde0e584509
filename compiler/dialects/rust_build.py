"""Builds rust ops one after another: the pen of the lowering and of the passes.

    b = Builder(block, location)
    i = b.let("i", b.lit(0, USIZE), mutable=True)           let mut i = 0;
    b.assign_op("+", b.index(a, i), b.lit(1, U32))          a[i] += 1;
    with b.inside(body := Block()):
        b.break_()
    b.if_(b.binary("==", i, n), body)                       if i == n { break; }

Every op is appended where it is asked for, so operands are built left to right and directly before their user
(invariant 2 of rust). Ops are made by `Operation.create`: the constructors that IRDL derives cost many times as much.
Types that follow from the operands are filled in; the others are the caller's to give.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from xdsl.dialects.builtin import (
    UNKNOWN_LOC,
    ArrayAttr,
    FloatAttr,
    IntAttr,
    LocationAttr,
    StringAttr,
    UnitAttr,
    f32,
    f64,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.dialects import rust
from compiler.dialects.rust_types import (
    BOOL,
    SCALAR,
    U8,
    UNIT,
    ArrayType,
    RangeType,
    RefType,
    ScalarType,
    SliceType,
    TupleType,
    array,
    ref,
    slice_of,
)

COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
"""The kinds of `binary` that take two operands of one type and give a bool."""

STR = ref(SCALAR["str"])
"""`&str`."""

_string = cache(StringAttr)
_number = cache(IntAttr)
_UNIT_ATTR = UnitAttr()


def _strings(texts: Sequence[str]) -> ArrayAttr[StringAttr]:
    return ArrayAttr([_string(text) for text in texts])


def _flags(bits: Sequence[bool]) -> ArrayAttr[IntAttr]:
    return ArrayAttr([_number(int(bit)) for bit in bits])


def _region(block: Block | None) -> Region:
    return Region(block if block is not None else Block())


def place_type(ty: Attribute) -> Attribute:
    """The type behind any number of references: what auto-dereference reaches."""
    while isinstance(ty, RefType):
        ty = ty.pointee
    return ty


def element_type(base: Attribute, index: Attribute) -> Attribute:
    """The type of `base[index]`."""
    sequence = place_type(base)
    assert isinstance(sequence, ArrayType | SliceType), f"{base} is not indexed"
    return slice_of(sequence.element) if isinstance(index, RangeType) else sequence.element


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a function."""

    name: str
    ty: Attribute
    mutable: bool = False


class Builder:
    """Appends to `block`, or inserts before `anchor` when there is one; every op gets `location`."""

    __slots__ = ("anchor", "block", "location")

    def __init__(self, block: Block, location: LocationAttr = UNKNOWN_LOC, *, anchor: Operation | None = None) -> None:
        self.block = block
        self.location = location
        self.anchor = anchor

    @classmethod
    def before(cls, op: Operation) -> Builder:
        """A builder of ops that stand directly before `op`, at its location."""
        block = op.parent
        assert block is not None
        return cls(block, op.location, anchor=op)

    @contextmanager
    def inside(self, block: Block) -> Generator[Block]:
        """Within the `with`, append to `block`."""
        before = self.block, self.anchor
        self.block, self.anchor = block, None
        try:
            yield block
        finally:
            self.block, self.anchor = before

    def insert(
        self,
        op: type[Operation],
        operands: Sequence[SSAValue] = (),
        result_types: Sequence[Attribute] = (),
        properties: Mapping[str, Attribute] | None = None,
        regions: Sequence[Region] = (),
    ) -> Operation:
        """Make an op of class `op` here."""
        new = op.create(
            operands=operands,
            result_types=result_types,
            properties=properties or {},
            location=self.location,
            regions=regions,
        )
        if self.anchor is None:
            self.block.add_op(new)
        else:
            self.block.insert_op_before(new, self.anchor)
        return new

    def _value(
        self,
        op: type[Operation],
        ty: Attribute,
        operands: Sequence[SSAValue] = (),
        properties: Mapping[str, Attribute] | None = None,
        regions: Sequence[Region] = (),
    ) -> SSAValue:
        return self.insert(op, operands, (ty,), properties, regions).results[0]

    # --- expressions --------------------------------------------------------------------------------

    def lit(self, value: int, ty: Attribute, spelling: str | None = None) -> SSAValue:
        """An integer literal, negative ones printed with a minus; `spelling` as in `rust.lit`."""
        properties: dict[str, Attribute] = {"value": _number(value)}
        if spelling is not None:
            properties["spelling"] = _string(spelling)
        return self._value(rust.LitOp, ty, properties=properties)

    def bool_(self, value: bool) -> SSAValue:
        return self._value(rust.BoolOp, BOOL, properties={"value": _number(int(value))})

    def float_(self, value: float, ty: ScalarType) -> SSAValue:
        kind = f32 if ty.width == 32 else f64
        return self._value(rust.FloatOp, ty, properties={"value": FloatAttr(value, kind)})

    def bytes_(self, data: bytes) -> SSAValue:
        """`b"…"`, of type `&[u8; N]`."""
        return self._value(rust.BytesOp, ref(array(len(data), U8)), properties={"bytes": _string(data.hex())})

    def str_(self, text: str) -> SSAValue:
        return self._value(rust.StrOp, STR, properties={"text": _string(text)})

    def path(self, path: str, ty: Attribute) -> SSAValue:
        return self._value(rust.PathOp, ty, properties={"path": _string(path)})

    def binary(self, kind: str, lhs: SSAValue, rhs: SSAValue, ty: Attribute | None = None) -> SSAValue:
        """`lhs kind rhs`; comparisons give bool, the others the type of `lhs`."""
        if ty is None:
            ty = BOOL if kind in COMPARISONS else lhs.type
        return self._value(rust.BinaryOp, ty, (lhs, rhs), {"kind": _string(kind)})

    def unary(self, kind: str, operand: SSAValue) -> SSAValue:
        return self._value(rust.UnaryOp, operand.type, (operand,), {"kind": _string(kind)})

    def deref(self, operand: SSAValue) -> SSAValue:
        reference = operand.type
        assert isinstance(reference, RefType)
        return self._value(rust.DerefOp, reference.pointee, (operand,))

    def ref(self, operand: SSAValue, mutable: bool = False) -> SSAValue:
        """`&operand`, `&mut operand`."""
        properties = {"mutable": _UNIT_ATTR} if mutable else None
        return self._value(rust.RefOp, ref(operand.type, mutable), (operand,), properties)

    def cast(self, operand: SSAValue, ty: Attribute) -> SSAValue:
        """`operand as ty`, or the operand itself where it has that type."""
        return operand if operand.type == ty else self._value(rust.CastOp, ty, (operand,))

    def call(self, callee: str, args: Sequence[SSAValue], ty: Attribute = UNIT) -> SSAValue:
        return self._value(rust.CallOp, ty, args, {"callee": _string(callee)})

    def method(
        self, name: str, receiver: SSAValue, *args: SSAValue, ty: Attribute, turbofish: str | None = None
    ) -> SSAValue:
        properties: dict[str, Attribute] = {"method": _string(name)}
        if turbofish is not None:
            properties["turbofish"] = _string(turbofish)
        return self._value(rust.MethodOp, ty, (receiver, *args), properties)

    def macro(self, callee: str, args: Sequence[SSAValue], ty: Attribute = UNIT) -> SSAValue:
        """`callee!(args)`; `callee` is without the `!`."""
        return self._value(rust.MacroOp, ty, args, {"callee": _string(callee)})

    def index(self, base: SSAValue, index: SSAValue) -> SSAValue:
        """`base[index]`, through any references."""
        return self._value(rust.IndexOp, element_type(base.type, index.type), (base, index))

    def range(self, lo: SSAValue | None = None, hi: SSAValue | None = None, inclusive: bool = False) -> SSAValue:
        """`lo..hi`, `lo..`, `..hi`, `..`; with `inclusive`, `..=`. Without bounds the index type is usize."""
        bounds = [bound for bound in (lo, hi) if bound is not None]
        present = {"has_lo": lo is not None, "has_hi": hi is not None, "inclusive": inclusive}
        properties = {name: _UNIT_ATTR for name, on in present.items() if on}
        of = bounds[0].type if bounds else SCALAR["usize"]
        return self._value(rust.RangeOp, RangeType(of), bounds, properties)

    def field(self, base: SSAValue, field: str, ty: Attribute) -> SSAValue:
        return self._value(rust.FieldOp, ty, (base,), {"field": _string(field)})

    def array(self, elements: Sequence[SSAValue], element: Attribute) -> SSAValue:
        return self._value(rust.ArrayOp, array(len(elements), element), elements)

    def repeat(self, value: SSAValue, count: int) -> SSAValue:
        """`[value; count]`."""
        return self._value(rust.RepeatOp, array(count, value.type), (value,), {"count": _number(count)})

    def struct_lit(self, ty: Attribute, fields: Mapping[str, SSAValue]) -> SSAValue:
        """`Name { field: value, … }`; the values must have been built in this order."""
        return self._value(rust.StructLitOp, ty, list(fields.values()), {"field_names": _strings(list(fields))})

    def tuple_(self, *elements: SSAValue) -> SSAValue:
        ty = TupleType(ArrayAttr([each.type for each in elements]))
        return self._value(rust.TupleOp, ty, elements)

    def if_value(self, cond: SSAValue, then: Block, orelse: Block, ty: Attribute) -> SSAValue:
        """`if cond { … } else { … }` as an expression: both blocks yield."""
        return self._value(rust.IfOp, ty, (cond,), regions=(_region(then), _region(orelse)))

    def match_value(self, value: SSAValue, arms: Mapping[str, Block], ty: Attribute) -> SSAValue:
        """`match value { pattern => …, … }` as an expression."""
        regions = [_region(block) for block in arms.values()]
        return self._value(rust.MatchOp, ty, (value,), {"patterns": _strings(list(arms))}, regions)

    def block_value(self, body: Block, ty: Attribute, label: str | None = None) -> SSAValue:
        return self._value(rust.BlockOp, ty, (), self._label(label), (_region(body),))

    # --- statements --------------------------------------------------------------------------------

    def let(
        self, name: str, init: SSAValue | None = None, ty: Attribute | None = None, mutable: bool = False
    ) -> SSAValue:
        """`let name = init;` of type `ty`, else that of `init`; `annotate-types` decides if it is printed."""
        if ty is None:
            assert init is not None
            ty = init.type
        properties: dict[str, Attribute] = {"var_name": _string(name)}
        if mutable:
            properties["mutable"] = _UNIT_ATTR
        return self._value(rust.LetOp, ty, () if init is None else (init,), properties)

    def let_tuple(self, names: Sequence[str], init: SSAValue, muts: Sequence[bool] = ()) -> Sequence[SSAValue]:
        """`let (a, b) = init;`: one binding per name that is not `_`; `muts` per name, absent for none."""
        types = init.type
        assert isinstance(types, TupleType)
        bound = [each for name, each in zip(names, types.elements, strict=True) if name != "_"]
        properties = {"names": _strings(names), "muts": _flags(muts or [False] * len(names))}
        return self.insert(rust.LetTupleOp, (init,), bound, properties).results

    def assign(self, place: SSAValue, value: SSAValue) -> None:
        self.insert(rust.AssignOp, (place, value))

    def assign_op(self, kind: str, place: SSAValue, value: SSAValue) -> None:
        """`place kind= value`; `kind` without the `=`."""
        self.insert(rust.AssignOpOp, (place, value), properties={"kind": _string(kind)})

    def expr(self, value: SSAValue) -> None:
        """`value;`"""
        self.insert(rust.ExprOp, (value,))

    def yield_(self, value: SSAValue) -> None:
        self.insert(rust.YieldOp, (value,))

    def return_(self, value: SSAValue | None = None) -> None:
        self.insert(rust.ReturnOp, () if value is None else (value,))

    def break_(self, label: str | None = None, value: SSAValue | None = None) -> None:
        self.insert(rust.BreakOp, () if value is None else (value,), properties=self._label(label))

    def continue_(self, label: str | None = None) -> None:
        self.insert(rust.ContinueOp, properties=self._label(label))

    def comment(self, text: str) -> None:
        """`// text`, a line of comment per line of `text`."""
        self.insert(rust.CommentOp, properties={"text": _string(text)})

    def if_(self, cond: SSAValue, then: Block, orelse: Block | None = None) -> None:
        """`if` as a statement; no `orelse`, or an empty one, prints no else."""
        self.insert(rust.IfOp, (cond,), regions=(_region(then), _region(orelse)))

    def match_(self, value: SSAValue, arms: Mapping[str, Block]) -> None:
        """`match` as a statement; the keys are the patterns, as Rust text."""
        regions = [_region(block) for block in arms.values()]
        self.insert(rust.MatchOp, (value,), properties={"patterns": _strings(list(arms))}, regions=regions)

    def block_(self, body: Block, label: str | None = None) -> None:
        """`{ … }` as a statement."""
        self.insert(rust.BlockOp, properties=self._label(label), regions=(_region(body),))

    def while_(self, cond: Block, body: Block, label: str | None = None) -> None:
        """`while`; the `cond` block is one tree and its `yield_`."""
        self.insert(rust.WhileOp, properties=self._label(label), regions=(_region(cond), _region(body)))

    def loop(self, body: Block, label: str | None = None) -> None:
        self.insert(rust.LoopOp, properties=self._label(label), regions=(_region(body),))

    def for_(
        self,
        names: Sequence[str],
        iterable: SSAValue,
        body: Block,
        derefs: Sequence[bool] = (),
        label: str | None = None,
    ) -> None:
        """`for names in iterable`; `body` has one argument per name; a true in `derefs` prints `&name`."""
        assert len(body.args) == len(names)
        properties = self._label(label)
        properties["names"] = _strings(names)
        properties["derefs"] = _flags(derefs or [False] * len(names))
        self.insert(rust.ForOp, (iterable,), properties=properties, regions=(_region(body),))

    def _label(self, label: str | None) -> dict[str, Attribute]:
        return {} if label is None else {"label": _string(label)}

    # --- items --------------------------------------------------------------------------------

    def fn(
        self,
        name: str,
        params: Sequence[Param],
        result: Attribute,
        body: Block,
        *,
        public: bool = False,
        inline: bool = False,
        inline_always: bool = False,
        inline_never: bool = False,
        lifetimes: Sequence[str] = (),
        allow: Sequence[str] = (),
        doc: str | None = None,
    ) -> rust.FnOp:
        """A function; `body` has one argument per parameter."""
        assert len(body.args) == len(params)
        properties = self._item(name, public, allow, doc)
        properties["param_names"] = _strings([param.name for param in params])
        properties["param_muts"] = _flags([param.mutable for param in params])
        properties["lifetimes"] = _strings(lifetimes)
        properties["result"] = result
        if inline:
            properties["inline"] = _UNIT_ATTR
        if inline_always:
            properties["inline_always"] = _UNIT_ATTR
        if inline_never:
            properties["inline_never"] = _UNIT_ATTR
        op = self.insert(rust.FnOp, properties=properties, regions=(_region(body),))
        assert isinstance(op, rust.FnOp)
        return op

    def struct(
        self,
        name: str,
        fields: Mapping[str, Attribute],
        *,
        public: bool = False,
        lifetimes: Sequence[str] = (),
        derives: Sequence[str] = (),
        allow: Sequence[str] = (),
        doc: str | None = None,
    ) -> None:
        """A struct with named fields."""
        properties = self._item(name, public, allow, doc)
        properties["field_names"] = _strings(list(fields))
        properties["field_types"] = ArrayAttr(list(fields.values()))
        properties["lifetimes"] = _strings(lifetimes)
        properties["derives"] = _strings(derives)
        self.insert(rust.StructOp, properties=properties)

    def const(
        self,
        name: str,
        ty: Attribute,
        init: Block,
        *,
        is_static: bool = False,
        public: bool = False,
        allow: Sequence[str] = (),
        doc: str | None = None,
    ) -> None:
        """`const` or `static`; `init` yields the value."""
        properties = self._item(name, public, allow, doc)
        properties["type"] = ty
        if is_static:
            properties["is_static"] = _UNIT_ATTR
        self.insert(rust.ConstOp, properties=properties, regions=(_region(init),))

    def _item(self, name: str, public: bool, allow: Sequence[str], doc: str | None) -> dict[str, Attribute]:
        properties: dict[str, Attribute] = {"sym_name": _string(name), "allow": _strings(allow)}
        if public:
            properties["public"] = _UNIT_ATTR
        if doc is not None:
            properties["doc"] = _string(doc)
        return properties
