"""Schedules as the command line writes them.

    parse_schedule("smash-v3", target)
    parse_schedule("smash-v3, threads = 16", target)                 a named one, changed
    parse_schedule("dataflow=row_wise,accumulator=hash", target)     the rest as the target has it

The fields are written as in the attribute. Refused, with the column: unknown names and fields, values that do not fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Protocol, TypeVar

from xdsl.context import Context
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError

from compiler.codes import Code
from compiler.diagnostics import Span, refusal
from compiler.dialects.schedules.attribute import SCHEDULES
from compiler.dialects.schedules.mechanism import parse_fields, value_text
from compiler.dialects.schedules.schedule import Schedule
from compiler.targets.target import Target


class HasNamed(Protocol):
    """A target, whatever its kernels are."""

    def named(self) -> Mapping[str, Schedule]: ...


PLACE = "--schedule"
"""Where messages say that the text stands."""

_NAME = re.compile(r"\s*([A-Za-z][\w-]*)\s*(,|$)")


def parse_schedule(text: str, target: Target) -> Schedule:
    """The schedule that a text names."""
    return parse_over(text, target.name, SCHEDULES[target.name](), target.named())


S = TypeVar("S", bound=Schedule)


def parse_over(text: str, target: str, base: S, named: Mapping[str, S]) -> S:
    """The same, from the schedules that have names, and the one whose fields are changed without a name."""
    rest = text
    if (head := _NAME.match(text)) is not None:
        base = _named(head, target, named)
        rest = " " * head.end() + text[head.end() :]
        if not head.group(2):
            return base
    parser = Parser(Context(), rest, PLACE)
    try:
        schedule = parse_fields(parser, base, opened=True)
        if rest[parser.pos :].strip():
            parser.raise_error("expected a comma or the end", parser.pos, len(rest))
    except ParseError as error:
        raise refusal(Code.SCHEDULE_SYNTAX, Span(PLACE, 1, error.span.start + 1), error.msg) from error
    return schedule


def _named(head: re.Match[str], target: str, named: Mapping[str, S]) -> S:
    name = head.group(1)
    if name in named:
        return named[name]
    known = ", ".join(named)
    span = Span(PLACE, 1, head.start(1) + 1, len(name))
    message = f"{target} has no schedule `{name}`"
    raise refusal(Code.SCHEDULE_SYNTAX, span, message, help=f"one of {known}, or fields: `name = value, …`")


def short_name(schedule: Schedule, target: HasNamed) -> str:
    """A schedule's name, or what it changes of the target's default."""
    for name, each in target.named().items():
        if each == schedule:
            return name
    return ", ".join(differences(schedule, type(schedule)())) or "default"


def differences(one: Schedule, other: Schedule) -> list[str]:
    """The fields in which the first differs from the second, as text."""
    if type(one) is not type(other):
        return []
    names = [each.name for each in fields(one)]
    return [
        f"{name} = {value_text(getattr(one, name))}" for name in names if getattr(one, name) != getattr(other, name)
    ]
