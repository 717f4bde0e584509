"""From a C file to one stream of tokens, each of which knows its place in the user's files.

    preprocess("mix.c", PreprocessOptions(include_dirs=("inc",)))   ->   Preprocessed

What the preprocessor removes (comments, names of macros) is kept beside the tokens, because the
translation keeps it too. The work is done by `cc -E` where there is a C compiler and by pcpp where
there is none, over the headers in `libc/` and nothing of the machine (but with --system-headers);
both give the same tokens. Refused: files that cannot be read or are no text, headers that are not
found, `#error`, and whatever else the preprocessor refuses.
"""

from dataclasses import dataclass

from compiler.frontends.c.marks import Constant, settle_marks
from compiler.frontends.c.preprocess_active import expand_active
from compiler.frontends.c.preprocess_cc import cc_preprocess
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions, is_ours
from compiler.frontends.c.preprocess_origin import Placed, place_tokens
from compiler.frontends.c.preprocess_output import OutputLine
from compiler.frontends.c.preprocess_runs import RunsAhead, find_compiler
from compiler.frontends.c.preprocess_scan import Lexeme, RawComment
from compiler.frontends.c.preprocess_sources import Sources
from compiler.source_text import read_source, source_text

__all__ = ["PreprocessOptions", "Preprocessed", "preprocess", "preprocess_job", "preprocess_text"]


@dataclass(frozen=True, slots=True)
class Preprocessed:
    """One translation unit after preprocessing."""

    name: str
    tokens: list[Lexeme]
    constants: dict[str, Constant]
    """The constant macros that the tokens use, by marker."""
    pragmas: list[OutputLine]
    headers: frozenset[str]
    """Which files declare a library: ours, or with --system-headers the machine's."""
    comments: dict[str, list[RawComment]]
    """The comments of each of the user's files, in order."""
    sources: dict[str, str]
    """The text of each of the user's files, for the excerpts of diagnostics."""


def preprocess(path: str, options: PreprocessOptions | None = None) -> Preprocessed:
    """Preprocess a file. Raises CompileError."""
    return preprocess_job(PreprocessJob(path, path, read_source(path), options or PreprocessOptions()))


def preprocess_text(text: str, name: str = "<text>", options: PreprocessOptions | None = None) -> Preprocessed:
    """Preprocess text that stands in no file; `name` is what spans call it. Raises CompileError."""
    checked = source_text(text.encode("utf-8", "surrogateescape"), name)
    return preprocess_job(PreprocessJob(name, None, checked, options or PreprocessOptions()))


def preprocess_job(job: PreprocessJob, ahead: RunsAhead | None = None) -> Preprocessed:
    """Preprocess text that has been read already; the compiler may have begun `ahead`. Raises CompileError."""
    sources = Sources({job.name: job.text})
    placed = _placed_tokens(job, sources, ahead)
    tokens, constants = settle_marks(placed.tokens, sources.definition)
    headers = placed.system_files | {name for name in sources.texts if is_ours(name)}
    files = [name for name in sources.texts if name not in headers]
    comments = {name: scan.comments for name in files if (scan := sources.scan(name))}
    texts = {name: sources.texts[name] for name in files}
    return Preprocessed(job.name, tokens, constants, placed.pragmas, headers, comments, texts)


def _placed_tokens(job: PreprocessJob, sources: Sources, ahead: RunsAhead | None) -> Placed:
    if (compiler := find_compiler()) is not None:
        return place_tokens(cc_preprocess(compiler, job, ahead), sources)
    from compiler.frontends.c.preprocess_pcpp import pcpp_preprocess  # here: it is rarely needed and slow to import

    return expand_active(pcpp_preprocess(job), sources)
