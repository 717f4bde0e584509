"""C identifiers as Rust identifiers: kept, but for Rust's keywords, which take a trailing underscore."""

from __future__ import annotations

_KEYWORDS = frozenset(
    "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return "
    "self Self static struct super trait true type unsafe use where while abstract become box do final gen macro override priv try "
    "typeof unsized virtual yield union u8 i8 u16 i16 u32 i32 u64 i64 usize isize u128 i128 f32 f64 bool char str".split()
)


def rust_name(name: str) -> str:
    """`name`, or `name_` where Rust reserves it (primitive types included: a variable `u8` would confuse any reader)."""
    if name in _KEYWORDS or name == "_":
        return f"{name}_"
    return name


class Names:
    """Fresh names within one function: a name is never taken twice, except that temporaries of one statement may repeat."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
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
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name
