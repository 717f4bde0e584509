"""What the arguments of a translated function are made of, read from its Rust types.

    parse_type("&mut [[u32; 4]]", world)     gives     Pointer(Array(Scalar("u32"), 4), mutable=True, many=True)

Both drivers are generated from these: a shape tells how a value is made, read and written, scalar by scalar. A type that no value can be
made for (a generic, a trait object) raises `Unsupported`; the harness then says that the function was not driven.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

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
class Struct:
    name: str
    fields: tuple[tuple[str, Shape | Pointer], ...]

    @property
    def borrows(self) -> bool:
        return any(isinstance(shape, Pointer) or _borrows(shape) for _, shape in self.fields)


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


@dataclass(slots=True)
class World:
    """The structs and constants of one translation, by Rust name."""

    structs: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, list[tuple[str, str]]])
    constants: dict[str, int] = field(default_factory=dict[str, int])
    aliases: dict[str, str] = field(default_factory=dict[str, str])


_STRUCT = re.compile(r"^(?:pub )?struct (\w+)(?:<[^>]*>)? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^    (?:pub )?((?:r#)?\w+): ([^\n]+),$", re.MULTILINE)
_CONSTANT = re.compile(r"^(?:pub )?const (\w+): \w+ = (0[xb][0-9a-fA-F_]+|[0-9_]+);", re.MULTILINE)
_ALIAS = re.compile(r"^(?:pub )?type (\w+) = ([^;]+);", re.MULTILINE)


def read_world(rust: str) -> World:
    """The structs and integer constants that a translation declares."""
    structs = {m[1]: [(f[1], f[2]) for f in _FIELD.finditer(m[2])] for m in _STRUCT.finditer(rust)}
    constants = {m[1]: int(m[2].replace("_", ""), 0) for m in _CONSTANT.finditer(rust)}
    return World(structs, constants, {m[1]: m[2] for m in _ALIAS.finditer(rust)})


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
    if text in world.aliases:
        return parse_shape(world.aliases[text], world)
    if name in world.structs:
        return Struct(name, tuple((each, parse_type(of, world)) for each, of in world.structs[name]))
    parts = _split_array(text)
    if parts is None:
        raise Unsupported(text)
    return Array(parse_shape(parts[0], world), _count(parts[1], world))


def _split_array(text: str) -> tuple[str, str] | None:
    """The two parts of `[T; N]`, found at the outermost `;`."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "[<(") - (letter in "])>")
        if letter == ";" and depth == 1:
            return text[1:at], text[at + 1 : -1]
    return None


def _count(text: str, world: World) -> int:
    text = text.replace(" as usize", "").replace("_", "_").strip()
    if text in world.constants:
        return world.constants[text]
    try:
        return int(text.replace("_", ""), 0)
    except ValueError:
        raise Unsupported(text) from None


def flattened(shape: Shape) -> tuple[Scalar | Struct, int]:
    """The element of nested arrays, and how many there are."""
    count = 1
    while isinstance(shape, Array):
        count *= shape.count
        shape = shape.element
    return shape, count
