"""How a command starts: what it imports, and the memory of generated code, whatever state that is in."""

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from compiler.cli.generated_code import remember_generated_code
from compiler.cli.patterns import remember_patterns
from compiler.cli.start_memory import StartMemory

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "c" / "chacha20.c"


def _run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)


# --- what is imported ----------------------------------------------------------------------------------------------------------

OTHERS = {"immutabledict", "pycparser", "typing_extensions", "xdsl"}
PARTS_OF_XDSL = {"context", "dialect_interfaces", "dialects", "ir", "irdl", "rewriter", "traits", "utils"}
FOR_FEW = (
    *("compiler.pipelines", "compiler.kernels", "compiler.tuning", "compiler.interpreter", "compiler.arithmetic"),
    *("compiler.frontends.kernel", "compiler.frontends.c.preprocess_pcpp", "compiler.ir_reader"),
    *("datetime", "decimal", "fractions", "json", "tomllib", "traceback"),
)
"""What only some translations need: other commands' rooms, pcpp, reading what a build system or an earlier crate left."""

IMPORTED = """
import sys
before = set(sys.modules)
from compiler.cli.{} import main
main(sys.argv[1:]) if sys.argv[1:] else None
print(*set(sys.modules) - before, file=sys.stderr)
"""


def _of(modules: set[str], package: str) -> set[str]:
    return {name for name in modules if f"{name}.".startswith(f"{package}.")}


def test_a_product_by_a_named_schedule_imports_no_model_and_no_front_end_of_c() -> None:
    """LightGBM alone, with what it imports, would take as long as all the rest."""
    modules = set(_run("import sys, compiler.cli.kcc_command; print(*sys.modules)").stdout.split())
    assert "runtime.compiled" in modules
    assert not modules & {"lightgbm", "sklearn", "scipy.stats", "pycparser", "compiler.c_to_rust", "costmodel.model"}


def test_a_translation_imports_only_what_every_translation_needs() -> None:
    modules = set(_run(IMPORTED.format("c2rust_safe"), str(EXAMPLE)).stderr.split())
    foreign = {name.split(".")[0] for name in modules} - sys.stdlib_module_names - {"compiler"}
    assert foreign <= OTHERS
    assert {name.split(".")[1] for name in _of(modules, "xdsl") - {"xdsl"}} <= PARTS_OF_XDSL
    assert _of(modules, "xdsl.dialects") == {"xdsl.dialects", "xdsl.dialects.builtin"}
    assert not {each for each in FOR_FEW if _of(modules, each)}


@pytest.mark.parametrize("command", ["c2rust_safe", "kcc"])
def test_the_command_line_is_read_before_any_framework_is_imported(command: str) -> None:
    modules = set(_run(IMPORTED.format(command)).stderr.split())
    late = OTHERS | {"compiler.dialects", "compiler.passes", "lark", "llvmlite", "numpy", "scipy"}
    assert not {each for each in late if _of(modules, each)}


# --- the memory of what was compiled --------------------------------------------------------------------------------------------


def _point() -> type:
    @dataclass(frozen=True, slots=True, order=True)
    class Point:
        x: int
        y: int = 2
        names: list[str] = field(default_factory=list[str], compare=False)

    return Point


def _check(point: type) -> None:
    """The methods are those that dataclasses promise."""
    assert repr(point(1)).endswith("Point(x=1, y=2, names=[])")
    assert point(1, names=["a"]) == point(1, 2)
    assert point(1) < point(1, 3)
    assert len({point(1), point(1), point(2)}) == 2
    with pytest.raises(FrozenInstanceError):
        point(1).x = 2
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        point()


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., StartMemory]:
    """Begins as a process does that finds the memory in a file, and comes back when it has done its work."""
    for module, name in ((dataclasses, "exec"), (dataclasses, "inspect"), (re.__dict__["_compiler"], "compile")):
        monkeypatch.setattr(module, name, module.__dict__[name])  # as it is, to come back to
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def begin(file: str | None = str(tmp_path / "start.kept")) -> StartMemory:
        memory = StartMemory(file)
        remember_generated_code(memory)
        remember_patterns(memory)
        _check(_point())
        _check_patterns()
        return memory

    return begin


PATTERNS: tuple[tuple[Any, int, Any], ...] = (
    (r"(?P<word>[^\W\d]\w*)|(\d+)(?=\s|$)", re.ASCII, "x1 22"),
    (r"(?i)[à-ü]{2,}?(?:Σ|k)*", re.DOTALL, "ÀÉςK"),
    (rb"\\(x[0-9a-f]+|.)(?<!q)", re.IGNORECASE, rb"\X1F"),
)


def _check_patterns() -> None:
    """A module's patterns find what they should."""
    for text, flags, subject in PATTERNS:
        re.purge()
        names: dict[str, Any] = {"text": text, "flags": flags}
        exec("import re\npattern = re.compile(text, flags)", names)
        pattern: re.Pattern[Any] = names["pattern"]
        re.purge()
        expected: re.Pattern[Any] = re.compile(text, flags)  # asked for by a function: as ever
        assert pattern == expected
        assert (pattern.pattern, pattern.flags, pattern.groupindex) == (text, expected.flags, expected.groupindex)
        assert pattern.findall(subject) == expected.findall(subject) != []


def test_what_was_compiled_is_remembered(start: Callable[[], StartMemory], tmp_path: Path) -> None:
    start().save()
    (file,) = tmp_path.iterdir()
    _check_all_is_known(start, file)


def _check_all_is_known(start: Callable[[], StartMemory], file: Path) -> None:
    again = start()
    file.unlink()
    again.save()
    assert not file.exists(), "something was compiled again"


def test_a_pattern_that_a_function_makes_is_not_kept(start: Callable[[], StartMemory], tmp_path: Path) -> None:
    memory = start()
    memory.save()
    (file,) = tmp_path.iterdir()
    file.unlink()
    re.compile(f"a{{{sys.maxunicode}}}b")
    memory.save()
    assert not file.exists()


def test_what_is_wrong_with_a_pattern_is_told_as_ever(start: Callable[[], StartMemory]) -> None:
    start()
    with pytest.raises(re.error, match="missing \\), unterminated subpattern at position 1"):
        exec("import re\nre.compile('a(')", {})


@pytest.mark.parametrize("damage", ["shorter", "one bit", "other Python", "empty", "not ours"])
def test_a_damaged_memory_counts_as_none(start: Callable[[], StartMemory], tmp_path: Path, damage: str) -> None:
    start().save()
    (file,) = tmp_path.iterdir()
    file.write_bytes(_damaged(file.read_bytes(), damage))
    start().save()
    _check_all_is_known(start, file)


def _damaged(content: bytes, damage: str) -> bytes:
    match damage:
        case "shorter":
            return content[:-1]
        case "one bit":
            return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]
        case "other Python":
            return b"3" + content
        case "empty":
            return b""
        case _:
            return b"\xff" * len(content)


def test_where_nothing_can_be_written_nothing_is(start: Callable[..., StartMemory], tmp_path: Path) -> None:
    start(None).save()
    start(str(tmp_path / "no folder" / "start.kept")).save()
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_where_python_writes_no_bytecode(
    start: Callable[[], StartMemory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    start().save()
    assert not list(tmp_path.iterdir())


TRANSLATION = """
import sys
from compiler.cli import process
from compiler.cli.start_memory import StartMemory
process.MEMORY = StartMemory(sys.argv[1])
process.remember()
from compiler.cli.c2rust_safe import main
with process.remembering():
    main(sys.argv[2:])
"""


def test_a_translation_is_the_same_with_and_without(tmp_path: Path) -> None:
    file = tmp_path / "start.kept"
    cold = _run(TRANSLATION, str(file), str(EXAMPLE)).stdout
    assert cold == _run(IMPORTED.format("c2rust_safe"), str(EXAMPLE)).stdout
    before = file.stat()
    assert before.st_size > 100_000, "the methods of the IR framework at least"
    assert _run(TRANSLATION, str(file), str(EXAMPLE)).stdout == cold
    assert file.stat().st_mtime_ns == before.st_mtime_ns, "all was known"
    file.write_bytes(file.read_bytes()[:-1])
    assert _run(TRANSLATION, str(file), str(EXAMPLE)).stdout == cold


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_whoever_starts_it_may_have_closed_its_streams(tmp_path: Path, closed: str) -> None:
    written = tmp_path / "twice.rs"
    script = f'"$0" -m compiler.cli.c2rust_safe "$1" -o "$2" {closed}'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, str(EXAMPLE), str(written)], capture_output=True, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert written.read_text().startswith("#![forbid(unsafe_code)]")
