"""Which of rustc's naming lints the names of a module would set off.

    struct SHA_CTX          non_camel_case_types
    fn loadBytes(Src: …)    non_snake_case
    const kTable: …         non_upper_case_globals

The rules are rustc's own: a C program keeps its names, and the head of the file allows exactly the lints that those names need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xdsl.ir import Operation

from compiler.dialects import rust
from compiler.emit.rust_properties import text, texts


def naming_lints(file: Iterable[Operation]) -> tuple[str, ...]:
    """The lints to allow at the head of a file of these items, in alphabetical order."""
    found: set[str] = set()
    for op in file:
        if isinstance(op, rust.ModOp):
            continue  # a file of its own
        if isinstance(op, rust.OutlineOp):
            found.update(texts(op, "lints"))
            continue
        if isinstance(op, rust.StructOp) and not is_camel_case(text(op, "sym_name")):
            found.add("non_camel_case_types")
        if isinstance(op, rust.ConstOp) and not is_upper_case(text(op, "sym_name")):
            found.add("non_upper_case_globals")
        if "non_snake_case" not in found and not all(map(is_snake_case, _snake_names(op))):
            found.add("non_snake_case")
    return tuple(sorted(found))


def is_camel_case(name: str) -> bool:
    """Begins with a capital, and no underscore stands beside a letter."""
    name = name.strip("_")
    if not name:
        return True
    if name[0].islower() or "__" in name:
        return False
    return not any(_is_cased(before) or _is_cased(after) for before, after in _around_underscores(name))


def _around_underscores(name: str) -> Iterator[tuple[str, str]]:
    return ((name[at - 1], name[at + 1]) for at, char in enumerate(name) if char == "_")


def _is_cased(char: str) -> bool:
    return char.islower() or char.isupper()


def is_snake_case(name: str) -> bool:
    """No capitals, and no two underscores in a row but at the ends."""
    name = name.removeprefix("r#").lstrip("'").strip("_")
    return "__" not in name and not any(char.isupper() for char in name)


def is_upper_case(name: str) -> bool:
    """No small letters."""
    return not any(char.islower() for char in name)


_SNAKE_LISTS = ("param_names", "field_names", "names")
_LISTING = frozenset((rust.FnOp, rust.StructOp, rust.ForOp, rust.LetTupleOp))


def _snake_names(item: Operation) -> Iterator[str]:
    """The names in an item that are meant to be in snake case."""
    if isinstance(item, rust.FnOp):
        yield text(item, "sym_name")
    for op in item.walk():
        if type(op) is rust.LetOp:
            yield text(op, "var_name")
        elif type(op) in _LISTING:
            yield from _listed(op)


def _listed(op: Operation) -> Iterator[str]:
    return (name for key in _SNAKE_LISTS if key in op.properties for name in texts(op, key))
