"""Preprocessing by the C compiler of the machine: one run of `cc -E`.

    cc_preprocess("/usr/bin/cc", job)   ->   the lines that `cc -E -dD -undef -nostdinc …` writes

The compiler sees our headers and our predefined macros only, so gcc and clang of any version give
the same tokens. Our headers come with `-I`, not `-isystem`: for macros of system headers gcc breaks
lines apart with markers. How and when it is run `preprocess_runs` decides.
What the compiler reports becomes a diagnostic at the same place.
"""

import re

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, Span
from compiler.frontends.c.preprocess_job import PreprocessJob, missing_header
from compiler.frontends.c.preprocess_output import Output, read_output
from compiler.frontends.c.preprocess_runs import RunsAhead, run
from compiler.frontends.c.preprocess_sources import Sources


def cc_preprocess(compiler: str, job: PreprocessJob, ahead: RunsAhead | None = None) -> Output:
    """The preprocessed file, of a run ahead where there is one. Raises CompileError with what the compiler reports."""
    result = (ahead and ahead.finished(job)) or run(compiler, job)
    if result.returncode != 0:
        raise _reported(result.stderr.decode("utf-8", "replace"), job)
    return read_output(result.stdout.decode("utf-8", "surrogateescape"))


# gcc:   a.c:3:10: fatal error: foo.h: No such file or directory
# clang: a.c:3:10: fatal error: 'foo.h' file not found
_REPORT = re.compile(r"^(.*?):(\d+):(\d+): (?:fatal )?error: (.*)$", re.MULTILINE)
_NO_HEADER = re.compile(r"^'(.+)' file not found$|^(.+): No such file or directory$")


def _reported(stderr: str, job: PreprocessJob) -> CompileError:
    found = [_diagnostic(match, job) for match in _REPORT.finditer(stderr)]
    if not found:
        first = stderr.strip().split("\n")[0] or "the C preprocessor failed without a message"
        found = [Diagnostic(Code.PREPROCESSOR, first, Span(job.name, 1))]
    return CompileError(*found)


def _diagnostic(match: re.Match[str], job: PreprocessJob) -> Diagnostic:
    file, line, column, message = match.groups()
    span = Span(file, int(line), int(column))
    if header := _NO_HEADER.match(message):
        return missing_header(header.group(1) or header.group(2), span, system_headers=job.options.system_headers)
    if message.startswith("#error") or not _is_error_directive(job, span):
        return Diagnostic(Code.PREPROCESSOR, message, span)
    return Diagnostic(Code.PREPROCESSOR, f"#error {message}", span)


def _is_error_directive(job: PreprocessJob, span: Span) -> bool:
    """Does `#error` stand there? clang reports its text alone."""
    text = Sources({job.name: job.text}).text(span.file) or ""
    lines = text.split("\n")
    return span.line <= len(lines) and lines[span.line - 1][span.column - 1 :].startswith("error")
