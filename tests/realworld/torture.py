"""gcc's c-torture/execute programs: agree, refused or WRONG, and what holds the refused ones back.

    python tests/realworld/torture.py --cache DIR --log torture.jsonl

The programs are fetched with Debian's source package `gcc-12`. Each ends with status 0 when it finds everything as C has it.
"""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser
from pathlib import Path

from judging import Program, judge_all, summary
from sources import fetch, unpack

PATTERN = "*/gcc/testsuite/gcc.c-torture/execute/*"


def programs(cache: Path) -> list[Program]:
    """The execute programs, those of the subfolders too (`ieee`, `builtins` needs a library of its own and is left out)."""
    folder = cache / "c-torture-execute"
    if not folder.exists():
        _extract(fetch("gcc-12", cache), folder)
    found = sorted(folder.rglob("gcc.c-torture/execute/*.c")) + sorted(folder.rglob("gcc.c-torture/execute/ieee/*.c"))
    root = next(iter(folder.rglob("gcc.c-torture")))
    return [Program(str(path.relative_to(root / "execute")), path) for path in found]


def _extract(tarball: Path, folder: Path) -> None:
    """The package holds a tarball of gcc itself."""
    with tempfile.TemporaryDirectory(dir=tarball.parent) as inner:
        unpack(tarball, Path(inner), "*/gcc-12*.tar.*")
        (nested,) = Path(inner).rglob("gcc-12*.tar.*")
        unpack(nested, folder, PATTERN)


def main() -> int:
    parser = ArgumentParser(description=__doc__.split("\n")[0])  # pyright: ignore[reportOptionalMemberAccess]
    parser.add_argument("--cache", type=Path, help="folder for the source package (default: a temporary one)")
    parser.add_argument("--log", type=Path, help="JSON lines, one per program")
    parser.add_argument("--resume", action="store_true", help="keep what the log has")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="programs whose name contains this")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        chosen = [each for each in programs(arguments.cache or Path(temporary)) if arguments.only in each.name]
        results = judge_all(chosen, arguments.log, resume=arguments.resume, jobs=arguments.jobs)
    return 1 if summary(results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
