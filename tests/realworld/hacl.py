"""Four portable HACL* files of Debian's `nss`, unmodified: translated to one crate, built, held against published vectors and against C.

    python tests/realworld/hacl.py --cache DIR --crate DIR

Prints a table: file, lines, functions translated and refused, rungs, copies, casts, splits, clippy's warnings. Ends with status 0 when the crate
builds without a warning, every published vector holds, and no function differs from C.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import checkout
from equivalence.harness import Effort, build_rust, compare, judge, modules_of
from equivalence.plan import FunctionPlan, plan
from equivalence.translator import translate_crate
from equivalence.wire import write_cases
from hacl_vectors import vectors
from sources import fetch, unpack

from compiler.diagnostics import CompileError, render
from compiler.frontends.c.preprocess_job import PreprocessOptions
from compiler.report import FunctionReport, Report
from compiler.translation import Translation

FILES = ("Hacl_Chacha20.c", "Hacl_Poly1305_32.c", "Hacl_Chacha20Poly1305_32.c", "Hacl_Curve25519_51.c")
INCLUDES = (".", "kremlin/include", "kremlin/kremlib/dist/minimal")


def verified_folder(cache: Path) -> Path:
    """The folder of HACL* in the unpacked source package."""
    unpacked = cache / "nss-verified"
    if not unpacked.exists():
        unpack(fetch("nss", cache), unpacked, "*/nss/lib/freebl/verified/*")
    return next(unpacked.rglob("Hacl_Chacha20.c")).parent


def include_flags(folder: Path) -> tuple[str, ...]:
    return tuple(str(folder / each) for each in INCLUDES)


def translate(folder: Path, crate: Path) -> Translation:
    """Through the command, as a user would; then once more in this process, for the report as data."""
    sources = [folder / name for name in FILES]
    options = PreprocessOptions(include_dirs=include_flags(folder))
    command = [sys.executable, "-m", "compiler.cli.c2rust_safe", *(f"-I{each}" for each in options.include_dirs)]
    subprocess.run([*command, *map(str, sources), "--crate", str(crate)], cwd=checkout.ROOT, check=True)
    translation = translate_crate(sources, options, crate.name)
    written = {path: (crate / path).read_text() for path in translation.files}
    assert written == dict(translation.files), "the command and the process give different crates"
    return translation


# --- the table -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    file: str
    lines: int
    functions: int
    refused: int
    rungs: Counter[str]
    copies: int
    copied_bytes: int
    casts: int
    splits: int
    warnings: int


def rows(folder: Path, translation: Translation, warnings: Counter[str]) -> Iterator[Row]:
    """One per C file, and one for all that came from headers."""
    modules = modules_of(translation)
    of_file: dict[str, list[str]] = {name: [] for name in (*FILES, "(headers)")}
    for module in modules:
        of_file[next((name for name in FILES if _same_name(module, name)), "(headers)")].append(module)
    for name, names in of_file.items():
        texts = "\n".join(modules[each] for each in names)
        lines = (folder / name).read_text().count("\n") if name in FILES else 0
        yield _row(name, lines, texts, _functions(translation.report, texts), sum(warnings[each] for each in names))


def _same_name(module: str, file: str) -> bool:
    return module.replace("_", "") == file.removesuffix(".c").replace("_", "").lower()


def _functions(report: Report, text: str) -> list[FunctionReport]:
    return [each for each in report.functions if re.search(rf"\bfn {each.rust_name}\b", text)]


def _row(name: str, lines: int, text: str, functions: list[FunctionReport], warnings: int) -> Row:
    rungs = Counter(str(each.rung) for function in functions for each in function.parameters if each.rung)
    rungs.update(str(each.rung) for function in functions for each in function.places)
    copies = [size for each in functions for size in each.copies]
    casts = len(re.findall(r"\bas (?:[iu](?:8|16|32|64|128|size)|f32|f64)\b", text))
    refused = sum(1 for each in functions if each.refusals)
    splits = len(re.findall(r"\bsplit_(?:at|first|last)\w*\(", text))
    return Row(name, lines, len(functions) - refused, refused, rungs, len(copies), sum(copies), casts, splits, warnings)


def show(table: Sequence[Row]) -> None:
    print(
        f"{'file':28} {'lines':>6} {'fns':>4} {'refused':>7} {'copies':>7} {'bytes':>6} {'casts':>6} {'splits':>6} {'clippy':>6}  rungs"
    )
    for row in table:
        rungs = ", ".join(f"{name} {count}" for name, count in sorted(row.rungs.items()))
        numbers = f"{row.lines:6} {row.functions:4} {row.refused:7} {row.copies:7} {row.copied_bytes:6} {row.casts:6} {row.splits:6}"
        print(f"{row.file:28} {numbers} {row.warnings:6}  {rungs}")


# --- building and running ------------------------------------------------------------------------------------------------------


def clippy(crate: Path) -> Counter[str]:
    """Warnings of rustc and clippy, by module."""
    command = ["cargo", "clippy", "--offline", "--quiet", "--message-format=json"]
    done = subprocess.run(command, cwd=crate, capture_output=True, text=True, check=False, timeout=600)
    found: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        message = json.loads(line).get("message")
        if message and message.get("spans"):
            found[Path(message["spans"][0]["file_name"]).stem] += 1
            print(message["rendered"])
    if done.returncode != 0:
        raise SystemExit(f"cargo clippy fails:\n{done.stderr[-3000:]}")
    return found


def check_vectors(translation: Translation, folder: Path) -> int:
    """Runs the published vectors; the number of failures."""
    plans = _plans(translation)
    build_rust(translation, plans, folder)
    published, failed = list(vectors()), 0
    for module, functions in plans.items():
        names = {each.name for each in functions}
        count = write_cases(folder, functions, (each for each in published if each.function in names))
        failures = judge(module, functions, folder)
        failed += len(failures)
        if count:
            print(f"{module}: {count} published vectors, {len(failures)} kinds of failure")
        for failure in failures:
            print(failure)
    missing = {each.function for each in published} - {each.name for functions in plans.values() for each in functions}
    print(
        *(f"not in the crate: {name}" for name in sorted(missing)),
        sep="\n" if missing else "",
        end="\n" if missing else "",
    )
    return failed + len(missing)


def _plans(translation: Translation) -> dict[str, list[FunctionPlan]]:
    plans = {name: plan(translation.report, text)[0] for name, text in modules_of(translation).items()}
    return {name: functions for name, functions in plans.items() if functions}


def check_equivalence(sources: list[Path], translation: Translation, folder: Path, effort: Effort) -> int:
    """Every function against C on generated inputs; the number of failures."""
    flags = [f"-I{each}" for each in include_flags(sources[0].parent)]
    outcome = compare(sources, translation, folder, effort, flags)
    judged = sum(each.judged for each in outcome.tallies.values())
    print(
        f"{len(outcome.tallies)} functions, {judged} inputs judged, {len(outcome.failures)} failures, left out: {outcome.left_out or 'none'}"
    )
    for failure in outcome.failures:
        print(failure)
    return len(outcome.failures)


def main() -> int:
    parser = ArgumentParser(description="HACL* from Debian's nss: translate, build, run the published vectors.")
    parser.add_argument("--cache", type=Path, help="folder for the source package (default: a temporary one)")
    parser.add_argument("--crate", type=Path, help="where the crate goes (default: a temporary folder)")
    parser.add_argument("--judged", type=int, default=300, help="inputs per function in the comparison with C")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return run(arguments, Path(temporary))


def run(arguments: Namespace, temporary: Path) -> int:
    folder = verified_folder(arguments.cache or temporary / "cache")
    crate = arguments.crate or temporary / "hacl"
    try:
        translation = translate(folder, crate)
    except (CompileError, subprocess.CalledProcessError) as error:
        print(render(error.diagnostics, {}) if isinstance(error, CompileError) else "the translator refuses: see above")
        return 1
    warnings = clippy(crate)
    show(list(rows(folder, translation, warnings)))
    work = temporary / "work"
    work.mkdir()
    failed = check_vectors(translation, work)
    failed += check_equivalence(
        [folder / name for name in FILES], translation, work, Effort(arguments.judged, 20 * arguments.judged)
    )
    shutil.rmtree(crate / "target", ignore_errors=True)
    return 1 if failed or warnings.total() else 0


if __name__ == "__main__":
    raise SystemExit(main())
