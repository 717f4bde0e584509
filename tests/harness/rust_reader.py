"""Reads a small subset of Rust into the rust dialect, so that tests of passes can be written in Rust.

    module = read("fn f(x: u32) -> u32 { let y = x + 1; y }")

It knows no inference beyond what it needs: a literal takes its type from its suffix, its neighbour or the place it
goes to, else i32 (usize in the range of a `for`); methods give what `METHODS` says. Everything else is an error. The location of an op is its line.
"""

# A tree of nested tuples has no static types.
# pyright: basic

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rust_syntax import Node, parse
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.ir import Attribute, Block, SSAValue

from compiler.dialects.rust import CastOp
from compiler.dialects.rust_build import COMPARISONS, Builder, Param, place_type
from compiler.dialects.rust_types import (
    BOOL,
    SCALAR,
    U8,
    UNIT,
    USIZE,
    ArrayType,
    NeverType,
    RefType,
    ScalarType,
    SliceType,
    TupleType,
    array,
    named,
    ref,
    slice_of,
)
from compiler.locations import location

_SELF = """wrapping_add wrapping_sub wrapping_mul wrapping_neg wrapping_shl wrapping_shr rotate_left rotate_right swap_bytes
abs clamp wrapping_abs pow min max clone saturating_sub div_ceil abs_diff unsigned_abs""".split()
METHODS: Mapping[str, Attribute] = {
    "len": USIZE,
    "is_empty": BOOL,
    "is_multiple_of": BOOL,
    "count_ones": SCALAR["u32"],
    "contains": BOOL,
    **dict.fromkeys(("fill", "copy_from_slice", "copy_within", "swap", "reverse"), UNIT),
}
CALLS = {"std::process::exit": NeverType(), "std::mem::swap": UNIT}
ITERATOR = named("_")
"""The type of iterators, which the dialect does not tell apart."""


@dataclass(slots=True)
class _Emitter:
    functions: dict[str, tuple[list[Attribute], Attribute]]
    structs: dict[str, dict[str, Attribute]]
    consts: dict[str, Attribute]
    b: Builder = field(default_factory=lambda: Builder(Block()))
    scopes: list[dict[str, SSAValue]] = field(default_factory=list)
    result: Attribute = UNIT

    # types without emitting

    def type_of(self, node: Node) -> Attribute | None:
        """The type of an expression, None for what takes any (a bare literal)."""
        match node:
            case ("name", name):
                found = self.lookup(name)
                return found.type if found is not None else self.consts.get(name)
            case ("cast", _, ty):
                return ty
            case ("num", text):
                return _suffix(text)
            case ("unary", _, inner):
                return self.type_of(inner)
            case ("binary", kind, left, right):
                if kind in COMPARISONS or kind in ("&&", "||"):
                    return BOOL
                found = self.type_of(left)
                return found if found is not None or kind in ("<<", ">>") else self.type_of(right)
            case ("deref", inner):
                found = self.type_of(inner)
                assert isinstance(found, RefType)
                return found.pointee
            case ("index", base, index):
                return self.element(base, index)
            case ("field", base, name):
                return self.field_type(self.type_of(base), name)
            case ("method", name, _, base, _):
                return self.method_type(name, self.type_of(base))
            case ("call", callee, _):
                return self.call_type(callee)
            case ("byte", _):
                return U8
            case ("bool", _):
                return BOOL
            case ("if", _, then, _):
                return self.type_of(then[-1][2]) if then and then[-1][0] == "yield" else None
            case _:
                return None

    def element(self, base: Node, index: Node) -> Attribute:
        sequence = place_type(self.type_of(base) or UNIT)
        assert hasattr(sequence, "element"), f"{base} is not indexed"
        element: Attribute = sequence.element  # pyright: ignore
        return slice_of(element) if index[0] == "range" else element

    def field_type(self, base: Attribute | None, name: str) -> Attribute:
        base = place_type(base or UNIT)
        if isinstance(base, TupleType):
            return base.elements.data[int(name)]
        return self.structs[base.symbol.data][name]  # pyright: ignore

    def method_type(self, name: str, base: Attribute | None) -> Attribute:
        if name in METHODS:
            return METHODS[name]
        if name in ("split_at", "split_at_mut"):
            part = ref(slice_of(place_type(base or UNIT).element), name.endswith("mut"))  # pyright: ignore
            return TupleType(ArrayAttr([part, part]))
        if name in ("to_le_bytes", "to_be_bytes"):
            assert isinstance(base, ScalarType)
            return array(base.width // 8, U8)
        if name in _SELF:
            return place_type(base or SCALAR["i32"])
        return ITERATOR

    def call_type(self, callee: str) -> Attribute:
        head, _, tail = callee.rpartition("::")
        if callee in self.functions:
            return self.functions[callee][1]
        if callee in CALLS:
            return CALLS[callee]
        if head in SCALAR and tail.startswith("from"):
            return SCALAR[head]
        raise AssertionError(f"no function {callee}")

    def lookup(self, name: str) -> SSAValue | None:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    # statements

    def body(
        self, statements: Sequence[Node], args: Sequence[tuple[str, Attribute]] = (), expected: Any = None
    ) -> Block:
        block = Block(arg_types=[ty for _, ty in args])
        self.scopes.append({name: arg for (name, _), arg in zip(args, block.args, strict=True)})
        with self.b.inside(block):
            for statement in statements:
                self.statement(statement, expected)
        self.scopes.pop()
        return block

    def statement(self, node: Node, expected: Attribute | None) -> None:
        self.b.location = location("in.rs", node[1], 1)
        match node:
            case ("let", _, mutable, name, ty, value):
                init = None if value is None else self.expr(value, ty)
                self.scopes[-1][name] = self.b.let(name, init, ty or init.type, mutable)  # pyright: ignore
            case ("let_tuple", _, names, value):
                init = self.expr(value, None)
                bound = iter(self.b.let_tuple([name for _, name in names], init, [mut for mut, _ in names]))
                for _, name in names:
                    if name != "_":
                        self.scopes[-1][name] = next(bound)
            case ("assign", _, kind, place, value):
                target = self.expr(place, None)
                operand = self.expr(value, target.type if kind not in ("<<", ">>") else SCALAR["i32"])
                self.b.assign_op(kind, target, operand) if kind else self.b.assign(target, operand)
            case ("expr", _, value):
                self.effect(value)
            case ("yield", _, value):
                self.b.yield_(self.expr(value, expected))
            case ("return", _, _, value):
                self.b.return_(None if value is None else self.expr(value, self.result))
            case ("break", _, label, value):
                self.b.break_(label, None if value is None else self.expr(value, None))
            case ("continue", _, label, _):
                self.b.continue_(label)
            case _:
                raise AssertionError(node)

    def effect(self, node: Node) -> None:
        b = self.b
        match node:
            case ("if", cond, then, orelse):
                b.if_(self.expr(cond, BOOL), self.body(then), self.body(orelse))
            case ("while", line, cond, body, *label):
                b.while_(self.body([("yield", line, cond)], (), BOOL), self.body(body), *label)
            case ("loop", body, *label):
                b.loop(self.body(body), *label)
            case ("block", body, *label):
                b.block_(self.body(body), *label)
            case ("for", names, iterable, body, *label):
                over = self.expr(iterable, USIZE if iterable[0] == "range" else None)
                args = self.pattern(names, iterable, over)
                derefs = [deref for deref, _ in names]
                b.for_([name for _, name in names], over, self.body(body, args), derefs, *label)
            case ("match", value, arms):
                scrutinee = self.expr(value, None)
                b.match_(scrutinee, {pattern: self.body(_as_effect(body)) for pattern, body in arms})
            case _:
                b.expr(self.expr(node, None))

    def pattern(self, names: Sequence[tuple[bool, str]], node: Node, over: SSAValue) -> list[tuple[str, Attribute]]:
        """The types of the bindings of a `for`."""
        if node[0] == "range" or (node[0] == "method" and node[1] in ("rev", "step_by")):
            return [(names[0][1], over.type.of)]  # pyright: ignore
        enumerated = len(names) == 2
        mutable = False
        while node[0] == "method":
            mutable |= node[1] == "iter_mut"
            node = node[3]
        if node[0] == "ref":
            mutable, node = node[1], node[2]
        sequence = self.type_of(node)
        mutable |= (
            isinstance(sequence, RefType) and bool(sequence.is_mut.data) and node[0] == "name" and over.type != ITERATOR
        )
        element = place_type(sequence or UNIT).element  # pyright: ignore
        item = element if names[-1][0] else ref(element, mutable)  # pyright: ignore
        return [(names[0][1], USIZE), (names[1][1], item)] if enumerated else [(names[0][1], item)]

    # expressions

    def expr(self, node: Node, expected: Attribute | None) -> SSAValue:
        b = self.b
        match node:
            case ("num", text):
                return self.number(text, expected)
            case ("bool", value):
                return b.bool_(value)
            case ("byte", text):
                return b.lit(ord(text[2:-1].encode().decode("unicode_escape")), U8, "byte")
            case ("bytes", text):
                return b.bytes_(text[2:-1].encode())
            case ("str", text):
                return b.str_(text[1:-1])
            case ("name", name):
                found = self.lookup(name)
                return found if found is not None else b.path(name, self.consts.get(name) or expected or UNIT)
            case ("binary", kind, left, right):
                return self.binary(kind, left, right, expected)
            case ("unary", kind, inner):
                if inner[0] == "num" and kind == "-":
                    return self.number(inner[1], expected, -1)
                return b.unary(kind, self.expr(inner, expected))
            case ("deref", inner):
                return b.deref(self.expr(inner, None))
            case ("ref", mutable, inner):
                return b.ref(self.expr(inner, place_type(expected) if expected else None), mutable)
            case ("cast", inner, ty):
                value = self.expr(inner, None)
                return b.insert(CastOp, (value,), (ty,)).results[0]
            case ("call", callee, args):
                types = self.functions[callee][0] if callee in self.functions else [None] * len(args)
                values = [self.expr(arg, ty) for arg, ty in zip(args, types, strict=True)]
                return b.call(callee, values, self.call_type(callee))
            case ("macro", callee, args):
                if callee == "matches":
                    pattern = " | ".join(_pattern(args[1]))
                    value = self.expr(args[0], None)
                    return b.macro(callee, [value, b.path(pattern, value.type)], BOOL)
                return b.macro(callee, [self.expr(arg, None) for arg in args])
            case ("method", name, turbofish, base, args):
                return self.method(name, turbofish, base, args, expected)
            case ("index", base, index):
                return b.index(self.expr(base, None), self.expr(index, USIZE))
            case ("field", base, name):
                value = self.expr(base, None)
                return b.field(value, name, self.field_type(value.type, name))
            case ("range", lo, hi, inclusive):
                ty = (lo and self.type_of(lo)) or (hi and self.type_of(hi)) or expected or SCALAR["i32"]
                return b.range(lo and self.expr(lo, ty), hi and self.expr(hi, ty), inclusive)
            case _:
                return self.aggregate(node, expected)

    def aggregate(self, node: Node, expected: Attribute | None) -> SSAValue:
        b = self.b
        match node:
            case ("array", parts):
                element = expected.element if isinstance(expected, ArrayType | SliceType) else None
                values = [self.expr(part, element) for part in parts]
                return b.array(values, element or values[0].type)
            case ("repeat", value, count):
                element = expected.element if isinstance(expected, ArrayType) else None
                return b.repeat(self.expr(value, element), count)
            case ("struct", name, fields):
                types = self.structs[name]
                return b.struct_lit(named(name), {each: self.expr(value, types[each]) for each, value in fields})
            case ("tuple", parts):
                return b.tuple_(*(self.expr(part, None) for part in parts))
            case ("if", cond, then, orelse):
                ty = expected or self.type_of(node) or SCALAR["i32"]
                value = self.expr(cond, BOOL)
                return b.if_value(value, self.body(then, (), ty), self.body(orelse, (), ty), ty)
            case ("match", value, arms):
                ty = expected or SCALAR["i32"]
                scrutinee = self.expr(value, None)
                return b.match_value(scrutinee, {pattern: self.body(body, (), ty) for pattern, body in arms}, ty)
            case ("block", body, *label):
                return b.block_value(self.body(body, (), expected), expected or SCALAR["i32"], *label)
            case _:
                raise AssertionError(node)

    def number(self, text: str, expected: Attribute | None, sign: int = 1) -> SSAValue:
        ty = _suffix(text) or expected or SCALAR["i32"]
        if "." in text:
            assert isinstance(ty, ScalarType)
            return self.b.float_(float(text), ty if ty.is_float else SCALAR["f64"])
        digits = re.sub(r"(?<=[0-9a-fA-F_])[ui](8|16|32|64|128|size)$", "", text).replace("_", "")
        spelling = "hex" if text.startswith("0x") else "bin" if text.startswith("0b") else None
        return self.b.lit(sign * int(digits, 0), ty, spelling)

    def binary(self, kind: str, left: Node, right: Node, expected: Attribute | None) -> SSAValue:
        if kind in ("<<", ">>"):
            lhs = self.expr(left, expected)
            return self.b.binary(kind, lhs, self.expr(right, SCALAR["i32"]), lhs.type)
        if kind in ("&&", "||"):
            return self.b.binary(kind, self.expr(left, BOOL), self.expr(right, BOOL), BOOL)
        ty = self.type_of(left) or self.type_of(right) or (None if kind in COMPARISONS else expected)
        lhs = self.expr(left, ty)
        return self.b.binary(kind, lhs, self.expr(right, ty))

    def method(self, name: str, turbofish: str | None, base: Node, args: list[Node], expected: Any) -> SSAValue:
        receiver = self.expr(base, expected)
        shift = name.startswith(("rotate", "wrapping_sh", "pow"))
        ty = SCALAR["u32"] if shift else receiver.type if isinstance(receiver.type, ScalarType) else None
        if name == "fill":
            ty = place_type(receiver.type).element  # pyright: ignore
        if name in ("take", "skip", "split_at", "split_at_mut", "swap"):
            ty = USIZE
        values = [self.expr(arg, ty) for arg in args]
        result = receiver.type if name in ("rev", "step_by") else self.method_type(name, receiver.type)
        return self.b.method(name, receiver, *values, ty=result, turbofish=turbofish)

    # items

    def item(self, node: Node) -> None:
        self.b.location = location("in.rs", node[1], 1)
        match node:
            case ("fn", line, public, inline, allow, name, lifetimes, params, result, body):
                self.result = result
                block = self.body(body, [(each, ty) for _, each, ty in params], result)
                self.b.location = location("in.rs", line, 1)
                described = [Param(each, ty, mut) for mut, each, ty in params]
                self.b.fn(
                    name, described, result, block, public=public, inline=inline, lifetimes=lifetimes, allow=allow
                )
            case ("struct", _, public, name, lifetimes, derives, fields, allow):
                self.b.struct(name, dict(fields), public=public, lifetimes=lifetimes, derives=derives, allow=allow)
            case ("const", line, public, is_static, name, ty, value, allow):
                init = self.body([("yield", line, value)], (), ty)
                self.b.const(name, ty, init, is_static=is_static, public=public, allow=allow)
            case _:
                raise AssertionError(node)


def _as_effect(body: list[Node]) -> list[Node]:
    """An arm written without braces is an expression statement."""
    return [
        ("expr", *each[1:]) if each[0] == "yield" else each
        for each in body
        if each != ("yield", each[1], ("tuple", []))
    ]


def _pattern(node: Node) -> list[str]:
    """The alternatives of a pattern that was read as an expression."""
    return [*_pattern(node[2]), *_pattern(node[3])] if node[0] == "binary" else [node[1]]


def _suffix(text: str) -> Attribute | None:
    found = re.search(r"(?<=[0-9a-fA-F_])([ui](?:8|16|32|64|128|size))$", text) or re.search(r"(f(?:32|64))$", text)
    return SCALAR[found.group(1)] if found and not (text.startswith("0x") and found.group(1)[0] == "f") else None


def read(text: str) -> ModuleOp:
    """The module that the Rust text says."""
    return _module(parse(text))


def _module(items: list[Node]) -> ModuleOp:
    functions = {each[5]: ([ty for _, _, ty in each[7]], each[8]) for each in items if each[0] == "fn"}
    structs = {each[3]: dict(each[6]) for each in items if each[0] == "struct"}
    consts = {each[4]: each[5] for each in items if each[0] == "const"}
    module = ModuleOp([])
    emitter = _Emitter(functions, structs, consts)
    with emitter.b.inside(module.body.block):
        for item in items:
            emitter.item(item)
    return module
