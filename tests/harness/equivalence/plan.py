"""Which functions of a translation can be driven, and what each takes and gives back.

    plans, left_out = plan(report, rust_text)

Variants of an aliased callee have no C function of their own: they run through their callers. A function whose arguments the harness cannot
make is left out, with the reason, never silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from equivalence.shapes import Pointer, Shape, Struct, Type, Unsupported, World, parse_type, read_world

from compiler.report import FunctionReport, ParameterReport, Report, Verdict


@dataclass(frozen=True, slots=True)
class Argument:
    """One C parameter. `c_struct` is how C spells the struct it is or points at; `text` marks bytes that C calls `char`."""

    name: str
    type: Type
    c_struct: str
    text: bool


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    name: str
    rust_name: str
    arguments: tuple[Argument, ...]
    result: Shape | None

    @property
    def driven_directly(self) -> bool:
        return True


def plan(report: Report, rust: str) -> tuple[list[FunctionPlan], dict[str, str]]:
    """The functions to drive, and the others by name with the reason."""
    world = read_world(rust)
    plans: list[FunctionPlan] = []
    left_out: dict[str, str] = {}
    for function in report.functions:
        if function.variant_of or function.name == "main" or function.verdict is Verdict.REFUSED:
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
    text = re.search(r"(?<!signed )(?<!unsigned )\bchar\b", parameter.c_type) is not None
    return Argument(parameter.name, kind, _c_struct(parameter.c_type), text)


def _c_struct(c_type: str) -> str:
    return re.sub(r"\bconst\b|[*]|\[.*", "", c_type).strip()


def _result(text: str, world: World) -> Shape | None:
    if text in ("", "()", "!"):
        return None
    kind = parse_type(text, world)
    if isinstance(kind, Pointer) or (isinstance(kind, Struct) and kind.borrows):
        raise Unsupported(f"it gives back `{text}`")
    return kind
