"""How a command starts: what it imports, and the memory of generated code, whatever state that is in."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field
from pathlib import Path

import pytest

from compiler.cli.generated_code import GeneratedCode

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
    *("datetime", "json", "tomllib", "traceback"),
)
"""What only some translations need: other commands' rooms, pcpp, reading what a build system or an earlier crate left."""

IMPORTED = """
import sys
before = set(sys.modules)
from compiler.cli.c2rust_safe import main
main(sys.argv[1:]) if sys.argv[1:] else None
print(*set(sys.modules) - before, file=sys.stderr)
"""


def _of(modules: set[str], package: str) -> set[str]:
    return {name for name in modules if f"{name}.".startswith(f"{package}.")}


def test_a_translation_imports_only_what_every_translation_needs() -> None:
    modules = set(_run(IMPORTED, str(EXAMPLE)).stderr.split())
    foreign = {name.split(".")[0] for name in modules} - sys.stdlib_module_names - {"compiler"}
    assert foreign <= OTHERS
    assert {name.split(".")[1] for name in _of(modules, "xdsl") - {"xdsl"}} <= PARTS_OF_XDSL
    assert _of(modules, "xdsl.dialects") == {"xdsl.dialects", "xdsl.dialects.builtin"}
    assert not {each for each in FOR_FEW if _of(modules, each)}


def test_the_command_line_is_read_before_the_ir_framework_is_imported() -> None:
    modules = set(_run(IMPORTED).stderr.split())
    assert not {each for each in OTHERS | {"compiler.dialects", "compiler.passes"} if _of(modules, each)}


# --- the memory of generated code ----------------------------------------------------------------------------------------------


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
def remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], GeneratedCode]:
    """Starts anew, as another process would, with the memory in the file."""
    monkeypatch.setattr("dataclasses.exec", exec, raising=False)  # to come back to
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def start() -> GeneratedCode:
        memory = GeneratedCode(str(tmp_path / "code.methods"))
        memory.install()
        return memory

    return start


def test_what_was_compiled_is_remembered(remembered: Callable[[], GeneratedCode], tmp_path: Path) -> None:
    first = remembered()
    _check(_point())
    first.save()
    (file,) = tmp_path.iterdir()
    second = remembered()
    _check(_point())
    file.unlink()
    second.save()
    assert not file.exists(), "something was compiled again"


@pytest.mark.parametrize("damage", ["shorter", "one bit", "other Python", "empty", "not ours"])
def test_a_damaged_memory_counts_as_none(remembered: Callable[[], GeneratedCode], tmp_path: Path, damage: str) -> None:
    first = remembered()
    _check(_point())
    first.save()
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(_damaged(whole, damage))
    second = remembered()
    _check(_point())
    second.save()
    assert file.read_bytes() == whole, "what was damaged is made again"


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


def test_where_nothing_can_be_written_nothing_is(remembered: Callable[[], GeneratedCode], tmp_path: Path) -> None:
    for place in (None, str(tmp_path / "no folder" / "code.methods")):
        memory = GeneratedCode(place)
        memory.install()
        _check(_point())
        memory.save()
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_where_python_writes_no_bytecode(
    remembered: Callable[[], GeneratedCode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    memory = remembered()
    _check(_point())
    memory.save()
    assert not list(tmp_path.iterdir())


TRANSLATION = """
import sys
from compiler.cli.generated_code import GeneratedCode
memory = GeneratedCode(sys.argv[1])
memory.install()
from compiler.cli.c2rust_safe import main
main(sys.argv[2:])
memory.save()
"""


def test_a_translation_is_the_same_with_and_without(tmp_path: Path) -> None:
    file = tmp_path / "code.methods"
    cold = _run(TRANSLATION, str(file), str(EXAMPLE)).stdout
    assert file.stat().st_size > 100_000, "the methods of the IR framework at least"
    before = file.stat()
    assert _run(TRANSLATION, str(file), str(EXAMPLE)).stdout == cold
    assert file.stat().st_mtime_ns == before.st_mtime_ns, "all was known"
    file.write_bytes(file.read_bytes()[:-1])
    assert _run(TRANSLATION, str(file), str(EXAMPLE)).stdout == cold
