"""Files that a worker parses give what they give when parsed here. In processes of their own: a test runner has threads, and then nothing forks."""

import subprocess
import sys
from pathlib import Path

import pytest

from compiler.c_to_rust import translate
from compiler.frontends.c import units_ahead
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.frontends.c.units_ahead import UnitsAhead
from compiler.translation import TranslationOptions

GOOD = """
#include <stdint.h>
#define ROUNDS 20
/* Doubles. */
uint32_t twice(const uint32_t *x) { return 2 * x[0] + ROUNDS; }
"""
OTHER = "int last(const char *s, int n) { return s[n - 1]; }\n"
REFUSED = "union u { int i; float f; }; int f(union u *p) { return p->i; }\n"
BROKEN = "int f(int x) { return x + ; }\n"

SCRIPT = """
import os, signal, sys
from compiler.c_to_rust import translate
from compiler.diagnostics import CompileError
from compiler.frontends.c import units_ahead
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.translation import TranslationOptions

units_ahead.LEAST_TEXT = 0
os.sched_getaffinity = lambda process: {0, 1}
how, *names = sys.argv[1:]
jobs = [PreprocessJob(name, name, open(name).read(), PreprocessOptions()) for name in names]
with units_ahead.UnitsAhead(jobs) as ahead:
    worker, results = ahead._worker
    if how == "killed":
        os.kill(worker, signal.SIGKILL)
    try:
        text = translate(jobs, TranslationOptions(), ahead=ahead).text
    except CompileError as error:
        text = "\\n".join(f"{each.span.file}:{each.span.line}: {each.message}" for each in error.diagnostics)
    assert (ahead._worker is None) == (how == "killed"), "who parsed?"
print(text)
"""


def _translated(folder: Path, how: str, *texts: str) -> str:
    names = [f"f{number}.c" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_text(text)
    done = subprocess.run([sys.executable, "-c", SCRIPT, how, *names], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("how", ["worker", "killed"])
def test_a_worker_parses_what_is_parsed_here_and_without_it_the_rest(tmp_path: Path, how: str) -> None:
    texts = (GOOD, OTHER)
    jobs = [PreprocessJob(f"f{number}.c", None, text, PreprocessOptions()) for number, text in enumerate(texts)]
    here = translate(jobs, TranslationOptions()).text
    assert _translated(tmp_path, how, *texts) == f"{here}\n"


def test_what_is_refused_is_told_in_the_order_of_the_files(tmp_path: Path) -> None:
    told = _translated(tmp_path, "worker", BROKEN, GOOD, REFUSED).splitlines()
    assert [line.partition(":")[0] for line in told] == ["f0.c", "f2.c"]


def test_little_text_has_no_worker() -> None:
    job = PreprocessJob("f.c", None, OTHER, PreprocessOptions())
    assert len(OTHER) < units_ahead.LEAST_TEXT
    with UnitsAhead([job]) as ahead:
        assert ahead.unit(job) is None
