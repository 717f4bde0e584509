"""`use` and `mod` lines.

use crate::field::{add, multiply, Element, LIMBS};

Names are sorted as rustfmt does: small letters, then types, then constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key

from compiler.emit.rustfmt.lists import Comma, Tactic, join
from compiler.emit.rustfmt.shape import MAX_WIDTH, TAB


def use(path: str, names: Sequence[str]) -> str:
    """`use path::{names};`, the names in their order."""
    ordered = sorted(names, key=cmp_to_key(_compare))
    if len(ordered) == 1:
        return f"use {path}::{ordered[0]};"
    line = f"use {path}::{{{', '.join(ordered)}}};"
    if len(line) <= MAX_WIDTH - 2:  # rustfmt keeps room for the braces twice
        return line
    packed = join(ordered, Tactic.PACKED, Comma.WHEN_VERTICAL, TAB, MAX_WIDTH - TAB - 1)
    return f"use {path}::{{\n{' ' * TAB}{packed}\n}};"


def mod(name: str, *, public: bool) -> str:
    return f"{'pub ' if public else ''}mod {name};"


def _compare(a: str, b: str) -> int:
    """rustfmt's order of the names in braces (edition 2021)."""
    if a[0].isupper() and b[0].islower():
        return 1
    if a[0].islower() and b[0].isupper():
        return -1
    if _is_upper_snake(a) != _is_upper_snake(b):
        return 1 if _is_upper_snake(a) else -1
    return (a > b) - (a < b)


def _is_upper_snake(name: str) -> bool:
    return all(char.isupper() or char == "_" or char.isnumeric() for char in name)
