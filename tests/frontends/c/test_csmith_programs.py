"""Programs of csmith, run as minic and compiled by cc. The whole sweep is `tests/realworld`; these few are for every run."""

import shutil
import subprocess
from pathlib import Path

import pytest
from c_programs import CC_FLAGS, c_compiler
from minic_check import violations
from minic_interpreter import Interpreter

from compiler.frontends.c.lower import lower
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import PreprocessOptions, preprocess

INCLUDE = Path("/usr/include/csmith")
OPTIONS = (
    *(
        "--no-unions",
        "--no-volatiles",
        "--no-volatile-pointers",
        "--no-packed-struct",
        "--no-argc",
        "--no-jumps",
        "--quiet",
    ),
    *(
        "--concise",
        "--max-funcs",
        "4",
        "--max-block-depth",
        "3",
        "--max-array-dim",
        "2",
        "--max-array-len-per-dim",
        "5",
    ),
)


@pytest.mark.parametrize("seed", [2, 3, 11, 14, 19, 30])
def test_csmith_program(seed: int, tmp_path: Path) -> None:
    if shutil.which("csmith") is None or not INCLUDE.exists():
        pytest.skip("no csmith on this machine")
    source, program = tmp_path / "random.c", tmp_path / "random"
    subprocess.run(["csmith", "-s", str(seed), *OPTIONS, "-o", str(source)], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([c_compiler(), *CC_FLAGS, f"-I{INCLUDE}", str(source), "-o", str(program)], check=True)
    module = lower(parse(preprocess(str(source), PreprocessOptions(include_dirs=(str(INCLUDE),)))))
    assert violations(module) == []
    interpreter = Interpreter(module)
    status = interpreter.run()
    done = subprocess.run([str(program)], capture_output=True, timeout=20, check=False)
    assert (status, b"".join(interpreter.output)) == (done.returncode, done.stdout)
