"""Two processes make of a program what one makes of it, whatever happens to the second. In a process of their own: a test runner has
threads, and then nothing forks."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples" / "c"

SCRIPT = """
import os, sys
from compiler import by_halves
from compiler.c_to_rust import translate
from compiler.diagnostics import CompileError
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.second_process import Twin, as_twins
from compiler.translation import TranslationOptions

os.sched_getaffinity = lambda process: {0, 1}
by_halves.LEAST_OPS = 0
forks, fork, tell = 0, os.fork, Twin.tell

def counted():
    global forks
    forks += 1
    return fork()

os.fork = counted

def translated(names, crate=""):
    jobs = [PreprocessJob(name, name, open(name).read(), PreprocessOptions()) for name in names]
    try:
        made = translate(jobs, TranslationOptions(crate=crate, report=False))
    except CompileError as error:
        return [f"{each.span.file}:{each.span.line}: {each.message}" for each in error.diagnostics]
    return made.text, made.files

def by_one(*arguments):
    by_halves.LEAST_OPS = 1 << 40
    made = translated(*arguments)
    by_halves.LEAST_OPS = 0
    return made

def ending_at(count):
    said = 0

    def ending(twin, found):
        nonlocal said
        if twin.is_second and said == count:
            os._exit(1)
        said += 1
        tell(twin, found)

    return ending
"""


def _run(body: str, *names: str) -> str:
    command = [sys.executable, "-c", SCRIPT + body, *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_program_a_crate_and_a_library_come_out_as_from_one_process() -> None:
    names = [str(EXAMPLES / f"{name}.c") for name in ("csv", "strings", "vm")]
    body = """
*libraries, program = sys.argv[1:]
for files, crate in ((libraries[:1], ""), ([program], ""), (libraries, "two")):
    expected, before = by_one(files, crate), forks
    assert translated(files, crate) == expected and forks == before + 1, files
"""
    _run(body, *names)


def test_when_the_second_process_ends_the_first_does_it_all() -> None:
    body = """
arguments = sys.argv[1:], "ended"
expected = by_one(*arguments)
for count in range(4):
    Twin.tell, before = ending_at(count), forks
    assert translated(*arguments) == expected and forks == before + 1
"""
    _run(body, str(EXAMPLES / "rc4.c"), str(EXAMPLES / "speck.c"))


def test_refusals_come_in_their_order(tmp_path: Path) -> None:
    broken = "int *{0}(int *p) {{ return p + 1; }}\n"
    (tmp_path / "both.c").write_text("".join(map(broken.format, "abcd")))
    (tmp_path / "stream.c").write_text(
        '#include <stdio.h>\nint f(void) { FILE *in = fopen("data", "r"); return fgetc(in); }\n'
    )
    body = """
for name, count in zip(sys.argv[1:], (4, 1), strict=True):
    expected, before = by_one([name]), forks
    found = translated([name])
    assert found == expected and len(found) == count and forks == before + 1, found
"""
    _run(body, str(tmp_path / "both.c"), str(tmp_path / "stream.c"))


def test_twins_hear_what_the_other_has_found_however_long() -> None:
    body = """
for size in (1, 1 << 20):
    with as_twins() as twin:
        heard = twin.tell_each_other(["second" if twin.is_second else "first", "x" * size])
        assert heard == ["first" if twin.is_second else "second", "x" * size]
        if twin.is_second:
            twin.tell("well")
        else:
            print(twin.hear())
print("one")
"""
    assert _run(body) == "well\nwell\none\n"
