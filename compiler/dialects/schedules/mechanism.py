"""Frozen dataclasses as text and back: the one mechanism behind schedules and data descriptors.

    @dataclass(frozen=True, slots=True)
    class Loop:                                   <unroll = 4, order = inner, streams = [a, b], exact = true>
        unroll: int = bounded(1, 1, 64)
        order: Order = Order.OUTER
        streams: frozenset[Stream] = frozenset()
        exact: bool = False

Fields may be int, float, bool, a string enum, a tuple of int or float, or a set of a string enum. What the text leaves
out keeps its value in `base`; what is printed is complete, in the order of the fields. Refused at the place in the text:
unknown and repeated fields, values of the wrong kind or out of bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, field, fields, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from xdsl.parser import AttrParser

T = TypeVar("T")
EnumT = TypeVar("EnumT", bound=StrEnum)


def bounded(default: float, low: float, high: float) -> Any:
    """A field for a number from `low` to `high`, both included."""
    return field(default=default, metadata={"low": low, "high": high})


def parse_fields(parser: AttrParser, base: T, opened: bool = False) -> T:
    """`name = value, …`, as many as there are, over the values of `base`; `opened`: one must come."""
    cls: type[Any] = type(base)
    found: dict[str, Any] = {}
    while opened or (not found and _at_name(parser)) or (found and parser.parse_optional_punctuation(",")):
        opened = False
        start = parser.pos
        name = parser.parse_identifier(" of a field")
        reader: _Reader | None = _readers(cls).get(name)
        if reader is None:
            known = ", ".join(_readers(cls))
            parser.raise_error(f"there is no field `{name}`, only {known}", start, start + len(name))
        if name in found:
            parser.raise_error(f"`{name}` is said twice", start, start + len(name))
        parser.parse_punctuation("=")
        found[name] = reader(parser)
    changed: Any = replace(cast(Any, base), **found)
    return changed


def parse_targeted(parser: AttrParser, classes: Mapping[str, type[T]]) -> T:
    """`<piuma, field = value, …>`: the target comes first and decides which fields there are."""
    with parser.in_angle_brackets():
        start = parser.pos
        target = parser.parse_identifier(" of a target")
        if target not in classes:
            parser.raise_error(f"there is no target `{target}`, only {', '.join(classes)}", start, start + len(target))
        more = parser.parse_optional_punctuation(",") is not None
        return parse_fields(parser, classes[target](), opened=True) if more else classes[target]()


def targeted_text(target: str, instance: object) -> str:
    """What `parse_targeted` reads."""
    fields = text_of(instance)
    return f"<{target}{', ' if fields else ''}{fields}>"


def _at_name(parser: AttrParser) -> bool:
    text = parser._current_token.text  # pyright: ignore[reportPrivateUsage]
    return text[:1].isalpha() or text[:1] == "_"


def text_of(instance: object) -> str:
    """`name = value, …`, every field."""
    names = [each.name for each in fields(instance)]  # pyright: ignore[reportArgumentType]
    return ", ".join(f"{name} = {value_text(getattr(instance, name))}" for name in names)


def value_text(value: Any) -> str:
    """A value as `parse_fields` reads it."""
    match value:
        case bool():
            return "true" if value else "false"
        case StrEnum():
            return value.value
        case frozenset() | tuple():
            each = map(value_text, cast(Iterable[object], value))
            return f"[{', '.join(sorted(each) if isinstance(value, frozenset) else each)}]"
        case float():
            return _float_text(value)
        case _:
            return str(value)


def _float_text(value: float) -> str:
    """As MLIR wants it: digits on both sides of a point."""
    text = f"{value:.6g}"
    mantissa, e, exponent = text.partition("e")
    return (mantissa if "." in mantissa else f"{mantissa}.0") + e + exponent


_Reader = Callable[[AttrParser], Any]


@cache
def _readers(cls: type[Any]) -> MappingProxyType[str, _Reader]:
    hints = get_type_hints(cls)
    return MappingProxyType({each.name: _reader(each, hints[each.name]) for each in fields(cls)})


def _reader(of: Field[Any], kind: Any) -> _Reader:
    arguments, name = get_args(kind), f"`{of.name}`"
    if kind is bool:
        return lambda parser: parser.parse_boolean()
    if kind in (int, float):
        return lambda parser: _parse_number(parser, kind, of)
    if get_origin(kind) is tuple:
        return lambda parser: tuple(_parse_list(parser, lambda: _parse_number(parser, arguments[0], of)))
    if get_origin(kind) is frozenset:
        return lambda parser: frozenset(_parse_list(parser, lambda: parse_choice(parser, arguments[0], name)))
    assert issubclass(kind, StrEnum)
    return lambda parser: parse_choice(parser, kind, name)


def _parse_list(parser: AttrParser, item: Callable[[], Any]) -> list[Any]:
    return parser.parse_comma_separated_list(parser.Delimiter.SQUARE, item)


def _parse_number(parser: AttrParser, kind: type[float], of: Field[Any]) -> float:
    start = parser.pos
    value = parser.parse_number()
    if kind is int and not isinstance(value, int):
        parser.raise_error(f"`{of.name}` is a whole number", start, parser.pos)
    low, high = of.metadata.get("low", value), of.metadata.get("high", value)
    if not low <= value <= high:
        parser.raise_error(f"`{of.name}` is {value}, outside {low} to {high}", start, parser.pos)
    return kind(value)


def parse_choice(parser: AttrParser, kind: type[EnumT], what: str) -> EnumT:
    """A word of an enum; `what` is what the message calls it."""
    start = parser.pos
    word = parser.parse_identifier(f" for {what}")
    if word in list(kind):
        return kind(word)
    parser.raise_error(f"{what} cannot be `{word}`, only {', '.join(kind)}", start, start + len(word))
