"""What the arguments of a translated function are made of, read from its Rust types.

    parse_type("&mut [[u32; 4]]", world)     gives     Pointer(Array(Scalar("u32"), 4), mutable=True, many=True)

Both drivers are generated from these: a shape tells how a value is made, read and written, scalar by scalar. A type that no value can be
made for (a generic, a trait object) raises `Unsupported`; the harness then says that the function was not driven.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from compiler.report import StructReport

C_SCALARS = {
    "u8": "uint8_t",
    "u16": "uint16_t",
    "u32": "uint32_t",
    "u64": "uint64_t",
    "usize": "size_t",
    "i8": "int8_t",
    "i16": "int16_t",
    "i32": "int32_t",
    "i64": "int64_t",
    "isize": "ptrdiff_t",
    "u128": "unsigned __int128",
    "i128": "__int128",
    "bool": "_Bool",
    "f32": "float",
    "f64": "double",
}


class Unsupported(Exception):
    """No value of this type can be made."""


@dataclass(frozen=True, slots=True)
class Scalar:
    rust: str

    @property
    def c(self) -> str:
        return C_SCALARS[self.rust]


@dataclass(frozen=True, slots=True)
class Array:
    element: Shape
    count: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field, by its name on either side."""

    rust: str
    c: str
    type: Shape | Pointer


@dataclass(frozen=True, slots=True)
class Struct:
    """`c` is how C spells the type."""

    name: str
    c: str
    fields: tuple[Field, ...]

    @property
    def borrows(self) -> bool:
        return any(isinstance(each.type, Pointer) or _borrows(each.type) for each in self.fields)


Shape = Scalar | Array | Struct


def _borrows(shape: Shape) -> bool:
    match shape:
        case Scalar():
            return False
        case Array(element):
            return _borrows(element)
        case Struct():
            return shape.borrows


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference (`many` is false: one object) or a slice."""

    target: Shape
    mutable: bool
    many: bool
    nullable: bool = False


Type = Shape | Pointer


World = Mapping[str, StructReport]
"""The structs of one translation, by Rust name."""

_LIFETIME = re.compile(r"'\w+ ?")


def parse_type(text: str, world: World) -> Type:
    """The shape of a Rust type as it stands in a signature or a struct."""
    text = text.strip()
    if text.startswith("Option<") and text.endswith(">"):
        inner = parse_type(text[len("Option<") : -1], world)
        if not isinstance(inner, Pointer):
            raise Unsupported(text)
        return Pointer(inner.target, inner.mutable, inner.many, nullable=True)
    if text.startswith("&"):
        return _pointer(_LIFETIME.sub("", text[1:], count=1) if text[1:2] == "'" else text[1:], world)
    return parse_shape(text, world)


def _pointer(text: str, world: World) -> Pointer:
    mutable = text.startswith("mut ")
    text = text.removeprefix("mut ")
    if text.startswith("[") and text.endswith("]") and _split_array(text) is None:
        return Pointer(parse_shape(text[1:-1], world), mutable, many=True)
    return Pointer(parse_shape(text, world), mutable, many=False)


def parse_shape(text: str, world: World) -> Shape:
    """The shape of a type that owns its value."""
    text = text.strip()
    name = re.sub(r"<[^>]*>$", "", text)
    if text in C_SCALARS:
        return Scalar(text)
    if name in world:
        fields = (Field(each.rust_name, each.name, parse_type(each.rust_type, world)) for each in world[name].fields)
        return Struct(name, world[name].c_type, tuple(fields))
    parts = _split_array(text)
    if parts is None:
        raise Unsupported(text)
    return Array(parse_shape(parts[0], world), _count(parts[1]))


def _split_array(text: str) -> tuple[str, str] | None:
    """The two parts of `[T; N]`, found at the outermost `;`."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "[<(") - (letter in "])>")
        if letter == ";" and depth == 1:
            return text[1:at], text[at + 1 : -1]
    return None


def _count(text: str) -> int:
    try:
        return int(text.strip().replace("_", ""), 0)
    except ValueError:
        raise Unsupported(text) from None


def flattened(shape: Shape) -> tuple[Scalar | Struct, int]:
    """The element of nested arrays, and how many there are."""
    count = 1
    while isinstance(shape, Array):
        count *= shape.count
        shape = shape.element
    return shape, count
