"""C identifiers in the three cases of Rust.

    Hacl_Chacha20_core -> hacl_chacha20_core      sha256_ctx -> Sha256Ctx      kTable -> K_TABLE

`Naming` gives each name its own: two names that come out the same are told apart by a number, in the order in which they ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from compiler.passes.c_to_rust.lower.names import rust_name

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")
"""Where a word begins inside of CamelCase; `HTTPServer` is two words, `UInt` one."""

_PRELUDE = frozenset(
    "Box Clone Copy Default Drop Eq Err Fn From Into Iterator None Ok Option Ord PartialEq Range Result Self Send Some String Sync "
    "ToString TryFrom TryInto Vec".split()
)


def snake_case(name: str) -> str:
    """Small letters, one underscore between words."""
    return _edged(name, lambda words: "_".join(words).lower())


def upper_case(name: str) -> str:
    """Capitals, one underscore between words."""
    return _edged(name, lambda words: "_".join(words).upper())


def camel_case(name: str) -> str:
    """Capitals at the beginnings of words, an underscore only between two digits."""
    return _edged(name, _camel)


def _edged(name: str, shape: Callable[[list[str]], str]) -> str:
    """The words of a name in a shape; underscores in front of and behind them stay."""
    core = name.strip("_")
    if not core:
        return name
    start = name.index(core)
    words = [word for part in core.split("_") for word in _BOUNDARY.split(part) if word]
    return f"{name[:start]}{shape(words)}{name[start + len(core) :]}"


def _camel(words: list[str]) -> str:
    text = ""
    for word in words:
        word = word.capitalize() if word.isupper() else word[0].upper() + word[1:]
        text += f"_{word}" if text[-1:].isdigit() and word[0].isdigit() else word
    return text


class Naming:
    """New names within one namespace; `taken` are names that are spoken for."""

    def __init__(self, case: Callable[[str], str], taken: Iterable[str] = ()) -> None:
        self._case = case
        self._taken = {*taken, *_PRELUDE}
        self._names: dict[str, str] = {}

    def give(self, names: Iterable[str]) -> dict[str, str]:
        """A name for each; those that are right already keep theirs before others are given away."""
        wanted = {name: rust_name(self._case(name)) for name in names if name not in self._names}
        for name in sorted(wanted, key=lambda each: wanted[each] != each):
            self._names[name] = self._free(wanted[name])
            self._taken.add(self._names[name])
        return self._names

    def _free(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted.rstrip('_')}{'' if self._case is camel_case else '_'}{count}"
        return name
