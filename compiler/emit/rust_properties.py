"""Reading the properties of rust ops (IRDL's accessors check on every access what the verifier has checked)."""

from __future__ import annotations

from typing import cast

from xdsl.dialects.builtin import ArrayAttr, IntAttr, StringAttr
from xdsl.ir import Attribute, Operation


def text(op: Operation, name: str) -> str:
    found = op.properties[name]
    assert isinstance(found, StringAttr)
    return found.data


def optional_text(op: Operation, name: str) -> str | None:
    return text(op, name) if name in op.properties else None


def texts(op: Operation, name: str) -> list[str]:
    return [each.data for each in attributes(op, name) if isinstance(each, StringAttr)]


def flags(op: Operation, name: str) -> list[bool]:
    return [cast(IntAttr, each).data != 0 for each in attributes(op, name)]


def attributes(op: Operation, name: str) -> tuple[Attribute, ...]:
    return cast(ArrayAttr[Attribute], op.properties[name]).data
