"""Initializers: `{1, [3] = x, .f = {…}}`, strings, brace elision, and what is left unsaid, as one value of the object's type.

    uint8_t a[4] = {1, [2] = 3}     ->     minic.aggregate 1, 0, 3              elements beyond those given are zero

`Shape` mirrors the object while the list is read (designators may jump); then the values are put in memory order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pycparser import c_ast

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.bit_fields import combined, placed_bits
from compiler.frontends.c.constants import constant_value
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import assigned, constant, convert, float_constant
from compiler.frontends.c.expressions import string_bytes
from compiler.frontends.c.trees import Place, Value, grow, grow_place, reach


@dataclass(slots=True)
class _Leaf:
    """An initialized scalar (or a whole struct): the index of its value in evaluation order."""

    at: int


@dataclass(slots=True)
class _Node:
    """An initialized array or struct: what is known of its parts, by index."""

    parts: dict[int, _Leaf | _Node] = field(default_factory=dict[int, "_Leaf | _Node"])


_Shape = _Leaf | _Node


def initial_value(cx: Lowering, ctype: c.CType, node: Any) -> Value:
    """The value of an initializer for an object of type `ctype`, whose size is known."""
    ctype = ctype.plain
    if isinstance(node, c_ast.InitList) or isinstance(ctype, c.Array):
        return _Reader(cx, node).read(ctype)
    return assigned(cx, cx.value(node), ctype, node, "the initial value of an object of type")


def initialized_size(cx: Lowering, element: c.CType, node: Any) -> int:
    """The number of elements of an array declared without a size (C11 6.7.9)."""
    text = _string_for(c.array_of(element, None), node)
    if text is not None:
        return len(string_bytes(cx, text)) + 1
    if not isinstance(node, c_ast.InitList):
        raise cx.refuse(
            Code.INITIALIZER, node, "an array is initialized by a list in braces, or by a string if it holds characters"
        )
    return _Reader(cx, node).count(element)


def _string_for(ctype: c.CType, node: Any) -> c_ast.Constant | None:
    """The string literal that initializes an array of characters, braces around it or not."""
    if not (isinstance(ctype, c.Array) and isinstance(ctype.element, c.Int) and ctype.element.rank == 1):
        return None
    if isinstance(node, c_ast.InitList) and len(node.exprs) == 1:
        node = node.exprs[0]
    return node if isinstance(node, c_ast.Constant) and node.value[-1] == '"' else None


@dataclass(slots=True)
class _Reader:
    """Reads one initializer. `values` are in evaluation order; `marks` tell where the side effects of each began."""

    cx: Lowering
    node: Any
    values: list[Value] = field(default_factory=list[Value])
    measuring: bool = False

    def read(self, ctype: c.CType) -> Value:
        shape = self._object(ctype, self.node)
        order: list[int] = []
        _leaves(shape, order)
        if order != sorted(order):
            self._settle_all()
        return self._built(ctype, shape)

    def count(self, element: c.CType) -> int:
        """How many elements the list initializes; nothing is lowered."""
        self.measuring = True
        shape = _Node()
        self._list(c.array_of(element, 1 << 40), shape, self.node)
        return max(shape.parts, default=-1) + 1 or 1

    # --- reading ---

    def _object(self, ctype: c.CType, node: Any) -> _Shape:
        """The shape of an object initialized by one initializer."""
        text = _string_for(ctype, node)
        if text is not None and isinstance(ctype, c.Array):
            return self._string(ctype, text)
        if isinstance(node, c_ast.InitList):
            return self._braced(ctype, node)
        if isinstance(ctype, c.Array):
            raise self.cx.refuse(
                Code.INITIALIZER,
                node,
                f"`{ctype}` cannot be initialized by this expression",
                help="write a list in braces",
            )
        return self._leaf(ctype, node)

    def _braced(self, ctype: c.CType, node: c_ast.InitList) -> _Shape:
        if isinstance(ctype, c.Struct) and not c.is_complete(ctype):
            raise self.cx.incomplete(node, ctype, f"`{ctype}` is not defined here")
        if isinstance(ctype, c.Array | c.Struct):
            shape = _Node()
            self._list(ctype, shape, node)
            return shape
        if len(node.exprs) != 1 or isinstance(node.exprs[0], c_ast.NamedInitializer):
            raise self.cx.refuse(
                Code.INITIALIZER,
                node,
                f"an object of type `{ctype}` takes one value, and the braces hold {len(node.exprs)}",
            )
        return self._object(ctype, node.exprs[0])

    def _leaf(self, ctype: c.CType, node: Any) -> _Leaf:
        if self.measuring:
            return _Leaf(0)
        cx = self.cx
        mark = cx.mark()
        value = cx.value(node)
        if len(cx.out) > mark:
            self.values = list(cx.settle(mark, *self.values))
        self.values.append(assigned(cx, value, ctype, node, "the initial value of an object of type"))
        return _Leaf(len(self.values) - 1)

    def _string(self, ctype: c.Array, node: c_ast.Constant) -> _Node:
        data = string_bytes(self.cx, node)
        size = len(data) + 1 if ctype.size is None else ctype.size
        if len(data) > size:
            raise self.cx.refuse(
                Code.INITIALIZER, node, f"this string has {len(data)} characters, and the array holds {size}"
            )
        shape = _Node()
        assert isinstance(ctype.element, c.Int)
        for index, byte in enumerate(data):
            if not self.measuring:
                self.values.append(
                    constant(byte, ctype.element, self.cx.at(node), "char" if 32 <= byte < 127 else None)
                )
            shape.parts[index] = _Leaf(len(self.values) - 1)
        return shape

    def _list(self, ctype: c.CType, shape: _Node, node: c_ast.InitList) -> None:
        """A list in braces for an array or struct; `path` is where the next initializer goes, elided braces opened."""
        path = [_Level(ctype, shape, 0)]
        for each in node.exprs:
            if isinstance(each, c_ast.NamedInitializer):
                path = self._designated(path[:1], each)
                each = each.expr
            self._next(path, each, node)

    def _next(self, path: list[_Level], node: Any, brace: Any) -> None:
        """Initialize the current object with `node`, descending into it where braces are elided."""
        while path and path[-1].index >= path[-1].length:
            path.pop()
            if path:
                path[-1].index += 1
        if not path:
            raise self.cx.refuse(Code.INITIALIZER, node, "there are more initializers than elements")
        level = path[-1]
        ctype = level.part_type
        while isinstance(ctype, c.Array | c.Struct) and self._elided(ctype, node):
            inner = level.shape.parts.get(level.index)
            if not isinstance(inner, _Node):
                inner = level.shape.parts[level.index] = _Node()
            level = _Level(ctype, inner, 0)
            path.append(level)
            ctype = level.part_type
        level.shape.parts[level.index] = self._object(ctype, node)
        level.index += 1

    def _elided(self, ctype: c.CType, node: Any) -> bool:
        """Whether `node` initializes the first part of an object of type `ctype` rather than all of it."""
        if isinstance(node, c_ast.InitList) or _string_for(ctype, node) is not None:
            return False
        if isinstance(ctype, c.Struct):
            return not c.same(self.cx.type_of_expression(node), ctype)
        return True

    def _designated(self, path: list[_Level], node: c_ast.NamedInitializer) -> list[_Level]:
        """The path that designators lead to."""
        level = path[0]
        for position, designator in enumerate(node.name):
            if position:
                inner = level.shape.parts.get(level.index)
                if not isinstance(inner, _Node):
                    inner = level.shape.parts[level.index] = _Node()
                level = _Level(level.part_type, inner, 0)
                path.append(level)
            level.index = self._designated_index(level.ctype, designator)
        return path

    def _designated_index(self, ctype: c.CType, designator: Any) -> int:
        if isinstance(designator, c_ast.ArrayDesignator):
            index = constant_value(self.cx, designator.expr)
            if index is None:
                raise self.cx.refuse(Code.NOT_CONSTANT, designator, "this index is not a constant")
            if not isinstance(ctype, c.Array) or not 0 <= index < (ctype.size or 0):
                raise self.cx.refuse(Code.INITIALIZER, designator, f"`[{index}]` is not in an object of type `{ctype}`")
            return index
        members = ctype.definition.members if isinstance(ctype, c.Struct) else None
        for index, member in enumerate(members or ()):
            if member.name == designator.name:
                return index
        raise self.cx.refuse(Code.NO_SUCH_MEMBER, designator, f"`{ctype}` has no field `{designator.name}`")

    # --- building ---

    def _settle_all(self) -> None:
        """Designators changed the order: what calls, or reads what a call changes, is saved in the order it was written."""
        cx = self.cx
        if any(reach(value.ops, set()).calls for value in self.values):
            self.values = [
                value if reach(value.ops, set()) == reach((), set()) else cx.temporary(value) for value in self.values
            ]

    def _built(self, ctype: c.CType, shape: _Shape | None) -> Value:
        """The value of an object: a zero where nothing was said."""
        if shape is None:
            return zero(self.cx, ctype, self.node)
        if isinstance(shape, _Leaf):
            return self.values[shape.at]
        at = self.cx.at(self.node)
        if not shape.parts:
            return grow(minic.ZeroOp, at, ctype)
        if isinstance(ctype, c.Array):
            types = [ctype.element] * (max(shape.parts) + 1)
        else:
            assert isinstance(ctype, c.Struct)
            return grow(minic.AggregateOp, at, ctype, *self._fields(ctype.definition, shape))
        elements = [self._built(part.plain, shape.parts.get(index)) for index, part in enumerate(types)]
        return grow(minic.AggregateOp, at, ctype, *elements)

    def _fields(self, definition: c.StructDefinition, shape: _Node) -> list[Value]:
        """The values of minic's fields: one for each member, or for the bit-fields that share one."""
        values: dict[str, Value] = {}
        for index, member in enumerate(definition.members or ()):
            if member.bits is None:
                values[member.name] = self._built(member.ctype.plain, shape.parts.get(index))
            elif index in shape.parts:
                at = self.cx.at(self.node)
                bits = placed_bits(self._built(member.ctype.plain, shape.parts[index]), member.bits, at)
                before = values.get(member.bits.field)
                values[member.bits.field] = bits if before is None else combined([before, bits], at)
        return [
            convert(values[each.name], each.ctype)
            if each.name in values
            else zero(self.cx, each.ctype.plain, self.node)
            for each in definition.fields
        ]


@dataclass(slots=True)
class _Level:
    """An open array or struct and the index of the part to come."""

    ctype: c.CType
    shape: _Node
    index: int

    @property
    def length(self) -> int:
        if isinstance(self.ctype, c.Array):
            return self.ctype.size or 0
        assert isinstance(self.ctype, c.Struct)
        return len(self.ctype.definition.members or ())

    @property
    def part_type(self) -> c.CType:
        if isinstance(self.ctype, c.Array):
            return self.ctype.element.plain
        assert isinstance(self.ctype, c.Struct) and self.ctype.definition.members
        return self.ctype.definition.members[self.index].ctype.plain


def _leaves(shape: _Shape, order: list[int]) -> None:
    if isinstance(shape, _Leaf):
        order.append(shape.at)
        return
    for index in sorted(shape.parts):
        _leaves(shape.parts[index], order)


def zero(cx: Lowering, ctype: c.CType, node: Any) -> Value:
    """The all-zero value of a type."""
    at = cx.at(node)
    match ctype:
        case c.Int():
            return constant(0, ctype, at)
        case c.Float():
            return float_constant(0.0, ctype, at)
        case c.Pointer():
            return grow(minic.NullOp, at, ctype)
        case _:
            return grow(minic.ZeroOp, at, ctype)


def _compound_literal(cx: Lowering, node: c_ast.CompoundLiteral) -> Place:
    ctype = completed(cx, cx.type_of(node.type), node.init)
    return grow_place(minic.TemporaryOp, cx.at(node), ctype, initial_value(cx, ctype, node.init))


def completed(cx: Lowering, ctype: c.CType, init: Any) -> c.CType:
    """The declared type, with the size that an initializer gives an array."""
    if isinstance(ctype, c.Array) and ctype.size is None and init is not None:
        return c.array_of(ctype.element, initialized_size(cx, ctype.element, init))
    return ctype


def _compound_value(cx: Lowering, node: c_ast.CompoundLiteral) -> Value:
    place = _compound_literal(cx, node)
    if isinstance(place.ctype, c.Array):
        return grow(minic.DecayOp, cx.at(node), place.ctype.element.pointer, place)
    last = place.ops.pop()
    ssa = last.operands[0]
    last.drop_all_references()
    return Value(ssa, place.ctype.plain, place.ops)


VALUES: dict[type, Any] = {c_ast.CompoundLiteral: _compound_value}
PLACES: dict[type, Any] = {c_ast.CompoundLiteral: _compound_literal}
