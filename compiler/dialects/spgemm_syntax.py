"""How kernels are written: operands, then clauses, then types. See the head of `spgemm.py` for examples.

kernel   ::= operand (`,` operand)* clause* attr-dict? `:` type (`,` type)* `->` type
operand  ::= `transposed`? %value
clause   ::= `semiring` `(` name `)`  |  `mask` `(` `complement`? %value `)`  |  `accumulate` `(` %value `)`
           | `schedule` `(` attribute `)`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.parser import Parser, UnresolvedOperand
from xdsl.printer import Printer

from compiler.dialects.schedules.attribute import ScheduleAttr
from compiler.dialects.schedules.mechanism import parse_choice
from compiler.dialects.spgemm_types import Semiring, SemiringAttr

if TYPE_CHECKING:
    from compiler.dialects.spgemm import KernelOp

OpT = TypeVar("OpT", bound="KernelOp")


@dataclass(frozen=True, slots=True)
class Clauses:
    """What a kernel's text may say: its operands by name, those that can be transposed, and the clauses."""

    operands: tuple[str, ...]
    transposed: tuple[str, ...] = ()
    semiring: bool = False
    mask: bool = False
    accumulate: bool = False

    @property
    def optional_operands(self) -> tuple[str, ...]:
        return ("mask",) * self.mask + ("accumulate",) * self.accumulate


def print_clauses(printer: Printer, op: KernelOp, clauses: Clauses) -> None:
    """The op after its name."""
    separator = " "
    for name in clauses.operands:
        turned = name in clauses.transposed and _get(op, f"transpose_{name}") is not None
        printer.print_string(separator + ("transposed " if turned else ""))
        printer.print_ssa_value(_get(op, name))
        separator = ", "
    if clauses.semiring and (semiring := _get(op, "semiring").data) is not Semiring.PLUS_TIMES:
        printer.print_string(f" semiring({semiring})")
    for name in clauses.optional_operands:
        _print_clause(printer, op, name)
    if op.schedule is not None:
        printer.print_string(" schedule(")
        printer.print_attribute(op.schedule)
        printer.print_string(")")
    printer.print_op_attributes(op.attributes)
    printer.print_string(" : ")
    printer.print_list(op.operands, lambda value: printer.print_attribute(value.type))
    printer.print_string(" -> ")
    printer.print_attribute(op.result.type)


def _print_clause(printer: Printer, op: KernelOp, name: str) -> None:
    value: SSAValue | None = _get(op, name)
    if value is None:
        return
    complement = name == "mask" and _get(op, "complement") is not None
    printer.print_string(f" {name}(" + ("complement " if complement else ""))
    printer.print_ssa_value(value)
    printer.print_string(")")


def _get(op: KernelOp, name: str) -> Any:
    return getattr(op, name)


def parse_clauses(parser: Parser, cls: type[OpT], clauses: Clauses) -> OpT:
    """The op whose name has been read."""
    properties: dict[str, Attribute] = {}
    operands = {
        name: [_parse_operand(parser, name, clauses, properties, at)] for at, name in enumerate(clauses.operands)
    }
    if clauses.semiring:
        properties["semiring"] = _parse_semiring(parser)
    for name in clauses.optional_operands:
        operands[name] = _parse_clause(parser, name, properties)
    if parser.parse_optional_keyword("schedule"):
        with parser.in_parens():
            properties["schedule"] = _parse_schedule(parser)
    attributes = parser.parse_optional_attr_dict()
    resolved, result = _parse_types(parser, operands)
    return cls.build(
        operands=[value if name in clauses.optional_operands else value[0] for name, value in resolved.items()],
        result_types=[result],
        properties=properties,
        attributes=attributes,
    )


def _parse_operand(
    parser: Parser, name: str, clauses: Clauses, properties: dict[str, Attribute], position: int
) -> UnresolvedOperand:
    if position:
        parser.parse_punctuation(",")
    if name in clauses.transposed and parser.parse_optional_keyword("transposed"):
        properties[f"transpose_{name}"] = UnitAttr()
    return parser.parse_unresolved_operand()


def _parse_semiring(parser: Parser) -> SemiringAttr:
    if parser.parse_optional_keyword("semiring") is None:
        return SemiringAttr(Semiring.PLUS_TIMES)
    with parser.in_parens():
        return SemiringAttr(parse_choice(parser, Semiring, "the semiring"))


def _parse_clause(parser: Parser, name: str, properties: dict[str, Attribute]) -> list[UnresolvedOperand]:
    if parser.parse_optional_keyword(name) is None:
        return []
    with parser.in_parens():
        if name == "mask" and parser.parse_optional_keyword("complement"):
            properties["complement"] = UnitAttr()
        return [parser.parse_unresolved_operand()]


def _parse_schedule(parser: Parser) -> ScheduleAttr:
    start = parser.pos
    attribute = parser.parse_attribute()
    if isinstance(attribute, ScheduleAttr):
        return attribute
    parser.raise_error(f"expected a schedule, not {attribute}", start, parser.pos)


def _parse_types(
    parser: Parser, operands: dict[str, list[UnresolvedOperand]]
) -> tuple[dict[str, list[SSAValue]], Attribute]:
    """The operands with their types, in order, and the type of the result."""
    parser.parse_punctuation(":")
    start = parser.pos
    types: Sequence[Attribute] = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_type)
    count = sum(map(len, operands.values()))
    if len(types) != count:
        parser.raise_error(f"{count} operands, but {len(types)} types", start, parser.pos)
    parser.parse_punctuation("->")
    result = parser.parse_type()
    rest = iter(types)
    resolved = {
        name: [parser.resolve_operand(each, next(rest)) for each in values] for name, values in operands.items()
    }
    return resolved, result
