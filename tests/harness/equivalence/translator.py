"""The translator, called in this process on one C file."""

from __future__ import annotations

from pathlib import Path

from compiler import pipelines
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.source_text import read_source
from compiler.translation import Translation, TranslationOptions


def translate(source: Path, options: PreprocessOptions | None = None) -> Translation:
    """Raises `CompileError` where the command would refuse."""
    job = PreprocessJob(str(source), str(source), read_source(str(source)), options or PreprocessOptions())
    return pipelines.translate([job], TranslationOptions(), show=lambda _: None)
