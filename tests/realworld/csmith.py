"""Random programs of csmith: agree, refused or WRONG, and what holds the refused ones back.

    python tests/realworld/csmith.py --count 200 --log csmith.jsonl

A quarter of the programs is made with csmith's defaults. Those keep their state in mutable globals, which are refused; so the others
keep it in local variables, half of them with pointers, and *tell* what they compute: every function prints the value that it returns
(csmith's own checksum is of the globals, and its tables are globals themselves). Seeds are fixed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from judging import Program, judge_all, summary

from compiler.frontends.c.preprocess_job import PreprocessOptions

INCLUDE = "/usr/include/csmith"
MOST_SECONDS = 900
LOCAL = (
    *("--no-bitfields", "--no-unions", "--no-volatiles", "--no-volatile-pointers", "--no-packed-struct", "--no-argc"),
    *("--no-global-variables", "--concise", "--max-funcs", "6", "--max-block-depth", "3", "--max-pointer-depth", "1"),
)
KINDS = (
    ("default", ()),
    ("plain", (*LOCAL, "--no-pointers", "--no-jumps")),
    ("pointers", LOCAL),
    ("plain", (*LOCAL, "--no-pointers")),
)
CHECKED_ARITHMETIC = """
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#define STATIC static
#define UNDEFINED(value) (value)
#define LOG_INDEX
#define LOG_EXEC
#define FUNC_NAME(name) safe_##name
#include "safe_math.h"
"""
"""csmith's functions that cannot overflow, without its checksum."""


def programs(count: int, folder: Path, first_seed: int) -> list[Program]:
    """Seeds `first_seed` and up, the kinds by turns."""
    made: list[Program] = []
    for seed in range(first_seed, first_seed + count):
        kind, options = KINDS[seed % len(KINDS)]
        path = folder / f"{kind}-{seed}.c"
        if not path.exists():
            _make(path, seed, options)
        flags = (f"-I{INCLUDE}", "-lm") if options else (f"-I{INCLUDE}",)
        made.append(Program(path.stem, path, flags, PreprocessOptions(include_dirs=(INCLUDE,))))
    return made


def _make(path: Path, seed: int, options: tuple[str, ...]) -> None:
    """Some seeds keep csmith busy for minutes; what was made stays in the folder, if it is kept."""
    partial = path.with_suffix(".part").resolve()
    command = ["csmith", "--seed", str(seed), *options, "-o", str(partial)]
    subprocess.run(command, check=True, timeout=MOST_SECONDS, cwd=path.parent)
    if options:
        partial.write_text(told(partial.read_text()))
    partial.rename(path)


def told(text: str) -> str:
    """The program without csmith's globals, where functions print the numbers that they return."""
    text = text.replace('#include "csmith.h"', CHECKED_ARITHMETIC).replace("static long __undefined;", "")
    parts = re.split(r"(?m)^(?=static .*\bfunc_\d+\(.*\)$)", text[: text.index("int main (void)")])
    parts[1:] = [part if re.match(r"static [^(]*(struct|\*)", part) else _telling(part) for part in parts[1:]]
    return "".join(parts) + "int main(void)\n{\n    func_1();\n    return 0;\n}\n"


def _telling(function: str) -> str:
    """csmith returns variables; what is no plain number's name is left alone."""
    return re.sub(r"return (\w+(?:\.\w+|\[\w+\])*);", r'{ printf("%lld\\n", (long long)\1); return \1; }', function)


def main() -> int:
    parser = ArgumentParser(description=__doc__.split("\n")[0])  # pyright: ignore[reportOptionalMemberAccess]
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--keep", type=Path, help="folder that keeps the programs")
    parser.add_argument("--log", type=Path, help="JSON lines, one per program")
    parser.add_argument("--resume", action="store_true", help="keep what the log has")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if shutil.which("csmith") is None:
        parser.error("there is no csmith here: install the packages csmith and libcsmith-dev")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = programs(arguments.count, folder, arguments.seed)
        results = judge_all(made, arguments.log, resume=arguments.resume, jobs=arguments.jobs)
    return 1 if summary(results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
