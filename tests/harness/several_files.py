"""Programs of several C files, written in a test as texts.

translate_files(folder, {"a.c": "…", "a.h": "…"})                 one Rust text
translate_files(folder, {…}, crate="mix").files                   a crate
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from compiler import c_to_rust
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.translation import Emit, Naming, Translation, TranslationOptions


def translate_files(
    folder: Path,
    texts: Mapping[str, str],
    *,
    crate: str = "",
    emit: Emit = Emit.RUST,
    partial: bool = False,
    naming: Naming = Naming.C,
) -> Translation:
    """The translation of the C files among `texts`, in their order; every text becomes a file. Raises CompileError."""
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    here = os.getcwd()
    os.chdir(folder)  # messages and modules are named as they would be on a command line
    try:
        jobs = [
            PreprocessJob(name, name, text, PreprocessOptions()) for name, text in texts.items() if name.endswith(".c")
        ]
        options = TranslationOptions(emit, verify=True, crate=crate, partial=partial, naming=naming)
        return c_to_rust.translate(jobs, options, show=lambda _: None)
    finally:
        os.chdir(here)
