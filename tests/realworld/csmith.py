"""Random programs of csmith: agree, refused or WRONG, and what holds the refused ones back.

    python tests/realworld/csmith.py --count 200 --log csmith.jsonl

Half of the programs are made with csmith's defaults, half with options that leave out what the translator is known to refuse. Seeds are fixed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from judging import Program, judge_all, summary

from compiler.frontends.c.preprocess_job import PreprocessOptions

INCLUDE = "/usr/include/csmith"
MOST_SECONDS = 900
SUBSET = (
    *("--no-bitfields", "--no-unions", "--no-volatiles", "--no-packed-struct", "--no-math64", "--no-argc"),
    *("--no-global-variables", "--no-pointers", "--concise", "--max-funcs", "5", "--max-block-depth", "3"),
)


def programs(count: int, folder: Path, first_seed: int) -> list[Program]:
    """Seeds `first_seed` and up, by turns with default options and with those of the subset."""
    made: list[Program] = []
    for seed in range(first_seed, first_seed + count):
        name, options = (f"default-{seed}", ()) if seed % 2 else (f"subset-{seed}", SUBSET)
        path = folder / f"{name}.c"
        if not path.exists():
            _make(path, seed, options)
        made.append(Program(name, path, (f"-I{INCLUDE}",), PreprocessOptions(include_dirs=(INCLUDE,))))
    return made


def _make(path: Path, seed: int, options: tuple[str, ...]) -> None:
    """Some seeds keep csmith busy for minutes; what was made stays in the folder, if it is kept."""
    partial = path.with_suffix(".part").resolve()
    command = ["csmith", "--seed", str(seed), *options, "-o", str(partial)]
    subprocess.run(command, check=True, timeout=MOST_SECONDS, cwd=path.parent)
    partial.rename(path)


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
