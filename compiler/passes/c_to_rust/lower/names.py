"""C identifiers as Rust identifiers: kept, but for Rust's keywords, which take a trailing underscore."""

from __future__ import annotations

from collections.abc import Collection

from compiler.dialects.rust_keywords import RESERVED


def rust_name(name: str) -> str:
    """`name`, or `name_` where Rust reserves it (primitive types included: a variable `u8` would confuse any reader), or we do (`cstd`)."""
    if name in RESERVED or name in ("_", "cstd"):
        return f"{name}_"
    return name


class Names:
    """Fresh names within one function: a name is never taken twice, except that temporaries of one statement may repeat. `items` are the
    names that all functions share."""

    def __init__(self, taken: set[str], items: Collection[str] = frozenset()) -> None:
        self._taken = taken
        self._items = items
        self._reserved: set[str] = set()

    def reserve(self, wanted: str) -> str:
        """`wanted` if it is free or was reserved before: for names whose uses never leave the block they are declared in."""
        if wanted in self._reserved:
            return wanted
        name = self.fresh(wanted)
        self._reserved.add(name)
        return name

    def fresh(self, wanted: str) -> str:
        """`wanted`, or `wanted_2`, `wanted_3`, …"""
        name, count = wanted, 1
        while name in self._taken or name in self._items:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name
