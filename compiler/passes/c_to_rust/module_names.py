"""Names of modules for the files that items come from.

    src/Hacl_Chacha20.c -> hacl_chacha20       lib.c -> lib_       include/field.h beside src/field.c -> field, the module of both

A header shares the module of the C file of its name, as interface and implementation do in Rust. Names are in snake case, and unique.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import PurePath

from compiler.passes.c_to_rust.lower.names import rust_name

_RESERVED = frozenset(("lib", "main", "std", "core", "alloc", "proc_macro", "test", "cstd"))
"""Names that a file of the crate, or what every crate sees, has already."""


def module_names(files: Sequence[str], taken: Collection[str] = ()) -> dict[str, str]:
    """The module of each file; C files are named before headers. None gets a name that is `taken`."""
    sources = [file for file in files if not _is_header(file)]
    headers = [file for file in files if _is_header(file)]
    names: dict[str, str] = {}
    used = set(taken)
    for file in sources:
        names[file] = _unique(snake_stem(file), used)
    stems = Counter(snake_stem(file) for file in headers), Counter(snake_stem(file) for file in sources)
    for file in headers:
        stem = snake_stem(file)
        if stems[0][stem] == stems[1][stem] == 1:
            names[file] = next(names[source] for source in sources if snake_stem(source) == stem)
        else:
            names[file] = _unique(stem, used)
    return names


def snake_stem(file: str) -> str:
    """A file's name without folder and suffix, in snake case."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", PurePath(file).stem)
    stem = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "module"
    return f"m{stem}" if stem[0].isdigit() else stem


def _is_header(file: str) -> bool:
    return PurePath(file).suffix.lower() in (".h", ".hh", ".hpp", ".inc")


def _unique(stem: str, used: set[str]) -> str:
    wanted = f"{stem}_" if stem in _RESERVED else rust_name(stem)
    name, count = wanted, 1
    while name in used:
        count += 1
        name = f"{wanted.rstrip('_')}_{count}"
    used.add(name)
    return name
