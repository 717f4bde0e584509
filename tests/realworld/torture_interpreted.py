"""gcc's c-torture/execute programs through the front end alone: lowered to minic, checked, and interpreted.

    python tests/realworld/torture_interpreted.py --cache DIR

Each program ends with status 0 when everything is as C has it. A refused program is fine; a module that breaks an invariant of minic, or a
program that ends otherwise, is not. Two programs ask for what C does not define, and are known by name.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

import checkout  # pyright: ignore[reportUnusedImport]  # noqa: F401
from minic_check import violations
from minic_interpreter import Interpreter, OutOfFuel
from minic_memory import Fault
from torture import programs

from compiler.diagnostics import CompileError
from compiler.frontends.c.lower import lower
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess

UNDEFINED = {
    "20021127-1.c": "defines a function of the C library, and calls the compiler's",
    "20031003-1.c": "converts a float to an int that cannot hold it",
}
MISSING = "uses a library function that the interpreter lacks"
_DEEP = 512 * 1024 * 1024  # bytes of stack: generated programs nest deeply


def outcome(path: Path) -> str:
    """What became of one program."""
    try:
        module = lower(parse(preprocess(str(path))))
    except CompileError as refused:
        return f"refused {refused.diagnostics[0].code.number} {refused.diagnostics[0].code.title}"
    module.verify()
    broken = violations(module)
    if broken:
        return f"WRONG: {broken[0]}"
    try:
        status = Interpreter(module, fuel=600_000).run()
    except OutOfFuel:
        return "too long for the interpreter"
    except KeyError:
        return MISSING
    except Fault as fault:
        return f"WRONG: {fault}"
    return "agrees" if status == 0 else f"WRONG: status {status}"


def judge(paths: list[Path]) -> int:
    """Print the outcomes; the number of wrong ones."""
    count: Counter[str] = Counter()
    wrong = 0
    for path in paths:
        found = UNDEFINED.get(path.name) or outcome(path)
        if found.startswith("WRONG"):
            wrong += 1
            sys.stdout.write(f"{path.name}: {found}\n")
        count[found] += 1
    for found, times in count.most_common():
        sys.stdout.write(f"{times:6} {found}\n")
    return wrong


def main() -> int:
    parser = ArgumentParser(description="c-torture/execute through the front end and an interpreter of minic")
    parser.add_argument("--cache", type=Path, help="folder for the source package (default: a temporary one)")
    arguments = parser.parse_args()
    wrong: list[int] = []
    with tempfile.TemporaryDirectory() as temporary:
        paths = [each.path for each in programs(arguments.cache or Path(temporary))]
        sys.setrecursionlimit(20_000)
        threading.stack_size(_DEEP)
        worker = threading.Thread(target=lambda: wrong.append(judge(paths)))
        worker.start()
        worker.join()
    return 1 if wrong != [0] else 0


if __name__ == "__main__":
    sys.exit(main())
