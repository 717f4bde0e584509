"""C text to minic, to a run of minic, and to a run of the program that cc makes of it: the two runs must agree.

interpreted("int main(void) { return 3; }").status     3
compiled("int main(void) { return 3; }").status        3
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from minic_check import violations
from minic_interpreter import Interpreter
from xdsl.dialects.builtin import ModuleOp

from compiler.diagnostics import CompileError, Diagnostic
from compiler.frontends.c.lower import lower
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess_text
from compiler.verification import verify

CC_FLAGS = ("-std=gnu11", "-w", "-O0", "-fwrapv", "-fno-strict-aliasing")


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    output: bytes


def minic_of(text: str) -> ModuleOp:
    """The module of a C file, verified, its invariants checked."""
    module = lower(parse(preprocess_text(text, "test.c")))
    verify(module)
    assert violations(module) == []
    return module


def refusals(text: str) -> tuple[Diagnostic, ...]:
    """The findings against a C file that is refused."""
    with pytest.raises(CompileError) as caught:
        lower(parse(preprocess_text(text, "test.c")))
    return caught.value.diagnostics


def interpreted(text: str) -> Ran:
    interpreter = Interpreter(minic_of(text))
    return Ran(interpreter.run(), b"".join(interpreter.output))


def c_compiler() -> str:
    """The C compiler of this machine; without one, the test that asks is skipped."""
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if found is None:
        pytest.skip("no C compiler on this machine")
    return found


def compiled(text: str, *flags: str) -> Ran:
    """What the program does when cc compiles it."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "test.c"), Path(folder, "test")
        source.write_text(text)
        subprocess.run([c_compiler(), *CC_FLAGS, *flags, str(source), "-o", str(program), "-lm"], check=True)
        done = subprocess.run([str(program)], stdout=subprocess.PIPE, timeout=20, check=False)
        return Ran(done.returncode if done.returncode >= 0 else 128 - done.returncode, done.stdout)


def assert_agrees(text: str, *flags: str) -> None:
    """The program does the same when interpreted as minic and when compiled by cc."""
    assert interpreted(text) == compiled(text, *flags)
