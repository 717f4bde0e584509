"""A crate as files: what Cargo wants around the text of its modules.

    crate_files(module, "mix")      Cargo.toml   src/lib.rs (or src/main.rs)   src/mix.rs …

The manifest names the files that are ours, so that a later run knows what it may replace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xdsl.dialects.builtin import ModuleOp

from compiler.dialects import rust
from compiler.dialects.rust_keywords import RESERVED
from compiler.emit.rust import emit, emit_modules
from compiler.emit.rust_properties import text

MARK = "[package.metadata.c2rust-safe]"
"""The section of a manifest that tells a crate of ours."""


def crate_files(module: ModuleOp, package: str) -> dict[str, str]:
    """The texts of all files by path, of a module that has been split."""
    is_program = any(
        isinstance(op, rust.FnOp | rust.OutlineOp) and text(op, "sym_name") == "main" for op in module.body.block.ops
    )
    files = {"src/main.rs" if is_program else "src/lib.rs": emit(module)}
    files |= {f"src/{name}.rs": content for name, content in emit_modules(module).items()}
    return {"Cargo.toml": _manifest(package, files), **files}


def _manifest(package: str, files: Iterable[str]) -> str:
    listed = "".join(f'    "{file}",\n' for file in sorted(files))
    return (
        f'[package]\nname = "{package_name(package)}"\nversion = "0.1.0"\nedition = "2021"\n\n'
        f"[dependencies]\n\n{MARK}\nfiles = [\n{listed}]\n"
    )


_TAKEN = frozenset(("test", "core", "std", "alloc", "proc-macro", "proc_macro"))


def package_name(wanted: str) -> str:
    """`wanted` as Cargo allows it: letters, digits, `-` and `_`, beginning with a letter."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-_").lower()
    if not name or name[0].isdigit():
        name = f"c-{name}".strip("-")
    return f"{name}-rs" if name in _TAKEN or name in RESERVED else name
