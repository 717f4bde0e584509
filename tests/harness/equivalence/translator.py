"""The translator, called in this process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compiler import c_to_rust
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.source_text import read_source
from compiler.translation import Translation, TranslationOptions


def translate(source: Path, options: PreprocessOptions | None = None) -> Translation:
    """Raises `CompileError` where the command would refuse."""
    job = PreprocessJob(str(source), str(source), read_source(str(source)), options or PreprocessOptions())
    return c_to_rust.translate([job], TranslationOptions(), show=lambda _: None)


def translate_crate(sources: Sequence[Path], options: PreprocessOptions, name: str) -> Translation:
    """Several files to one crate."""
    jobs = [PreprocessJob(str(source), str(source), read_source(str(source)), options) for source in sources]
    return c_to_rust.translate(jobs, TranslationOptions(crate=name), show=lambda _: None)
