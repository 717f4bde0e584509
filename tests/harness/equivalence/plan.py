"""Which functions of a translation can be driven, and what each takes and gives back.

    plans, left_out = plan(report, rust_text)

Variants of an aliased callee have no C function of their own, and a function that only they are left of has no Rust one: both run through
their callers. A function whose arguments the harness cannot
make is left out, with the reason, never silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from equivalence.shapes import Array, Pointer, Scalar, Shape, Struct, Type, Unsupported, World, flattened, parse_type

from compiler.report import FunctionReport, ParameterReport, Report


@dataclass(frozen=True, slots=True)
class Argument:
    """One C parameter; `text` marks bytes that C calls `char`, `lowest` and `highest` bound what the callers pass, where they are known."""

    name: str
    type: Type
    text: bool
    lowest: int | None
    highest: int | None


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    name: str
    rust_name: str
    arguments: tuple[Argument, ...]
    result: Shape | None


def plan(report: Report, rust: str) -> tuple[list[FunctionPlan], dict[str, str]]:
    """The functions to drive, and the others by name with the reason."""
    world = {each.rust_name: each for each in report.structs}
    plans: list[FunctionPlan] = []
    left_out: dict[str, str] = {}
    for function in report.functions:
        if function.variant_of or function.name == "main" or f"fn {function.rust_name}(" not in rust:
            continue
        try:
            plans.append(_plan(function, world))
        except Unsupported as reason:
            left_out[function.name] = str(reason)
    return plans, left_out


def _plan(function: FunctionReport, world: World) -> FunctionPlan:
    arguments = tuple(_argument(each, world) for each in function.parameters)
    return FunctionPlan(function.name, function.rust_name, arguments, _result(function.result_rust_type, world))


def _argument(parameter: ParameterReport, world: World) -> Argument:
    if not parameter.rust_type:
        raise Unsupported(f"`{parameter.name}` has no Rust type")
    kind = parse_type(parameter.rust_type, world)
    _check_borrows(kind)
    text = re.search(r"(?<!signed )(?<!unsigned )\bchar\b", parameter.c_type) is not None
    return Argument(parameter.name, kind, text, parameter.lowest, parameter.highest)


def _check_borrows(kind: Type) -> None:
    """A struct that borrows is driven where it stands alone, and where it points at scalars."""
    struct = kind.target if isinstance(kind, Pointer) else kind
    if not isinstance(struct, Struct):
        if isinstance(struct, Array) and isinstance(element := flattened(struct)[0], Struct) and element.borrows:
            raise Unsupported(f"an array of `{element.name}`, which borrows")
        return
    if struct.borrows and isinstance(kind, Pointer) and (kind.many or kind.nullable):
        raise Unsupported(f"many `{struct.name}`, which borrow")
    for each in struct.fields:
        points = each.type.target if isinstance(each.type, Pointer) else None
        nested = isinstance(each.type, Struct | Array) and struct.borrows and _check_nested(each.type)
        if nested or (points is not None and not isinstance(flattened(points)[0], Scalar)):
            raise Unsupported(f"`{struct.name}` borrows more than scalars")


def _check_nested(shape: Shape) -> bool:
    element = flattened(shape)[0]
    return isinstance(element, Struct) and element.borrows


def _result(text: str, world: World) -> Shape | None:
    if text in ("", "()", "!"):
        return None
    kind = parse_type(text, world)
    if isinstance(kind, Pointer) or (isinstance(kind, Struct) and kind.borrows):
        raise Unsupported(f"it gives back `{text}`")
    return kind
