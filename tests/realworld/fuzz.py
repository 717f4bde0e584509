"""Random C functions, each file translated and driven against C by the equivalence harness: agree, refused or WRONG.

    python tests/realworld/fuzz.py --count 500 --keep DIR

Seeds are fixed; what is WRONG stays in the folder given by --keep, C and Rust side by side.
"""

from __future__ import annotations

import shutil
import tempfile
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import checkout  # pyright: ignore[reportUnusedImport]  # noqa: F401
from equivalence.harness import BuildError, Effort, compare
from equivalence.translator import translate
from random_functions import program

from compiler.diagnostics import CompileError

EFFORT = Effort(judged=200, tries=1200)


@dataclass(frozen=True, slots=True)
class Result:
    seed: int
    verdict: str
    detail: str = ""


def judge(seed: int, folder: Path) -> Result:
    place = folder / str(seed)
    place.mkdir(parents=True, exist_ok=True)
    source = place / "random.c"
    source.write_text(program(seed))
    result = _judged(seed, source, place)
    if result.verdict == "WRONG":
        for path in place.iterdir():
            if path.name not in ("random.c", "random.rs"):
                path.unlink()
    else:
        shutil.rmtree(place)
    return result


def _judged(seed: int, source: Path, folder: Path) -> Result:
    try:
        translation = translate(source)
        (folder / "random.rs").write_text(translation.text)
        outcome = compare([source], translation, folder, EFFORT)
    except CompileError as error:
        return Result(seed, "refused", error.diagnostics[0].code.number)
    except BuildError as error:
        lines = [line for line in str(error).splitlines() if line.startswith("error")]
        return Result(seed, "WRONG", "; ".join(lines[:2]) or str(error)[-300:])
    except Exception as error:
        return Result(seed, "WRONG", f"{type(error).__name__}: {error}"[:300])
    if outcome.failures:
        return Result(seed, "WRONG", "\n  ".join(map(str, outcome.failures)))
    return Result(seed, "agree")


def main() -> int:
    parser = ArgumentParser(description="Random C functions against their translations.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--keep", type=Path, help="folder that keeps what is WRONG")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    tally: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory() as temporary,
        ProcessPoolExecutor(arguments.jobs, mp_context=get_context("fork")) as pool,
    ):
        work = partial(judge, folder=arguments.keep or Path(temporary))
        for result in pool.map(work, range(arguments.seed, arguments.seed + arguments.count)):
            tally[result.verdict] += 1
            if result.verdict == "WRONG":
                print(f"{result.seed} WRONG {result.detail}", flush=True)
            elif result.detail:
                codes[result.detail] += 1
    print(*(f"{verdict} {count}" for verdict, count in tally.most_common()), sep="  ")
    print(*(f"{code} {count}" for code, count in codes.most_common()), sep="  ")
    return 1 if tally["WRONG"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
