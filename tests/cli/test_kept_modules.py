"""Modules whose code an earlier start left: taken as long as Python would take its bytecode, and found anew otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

IMPORTS = """
import sys
from compiler.cli.kept_modules import KeptModules
from compiler.cli.start_memory import StartMemory
sys.path.insert(0, sys.argv[1])
memory = StartMemory(sys.argv[2])
with KeptModules(memory, ["parcel"]):
    import parcel.inner.deep, parcel.leaf
memory.save()
for module in (parcel, parcel.inner, parcel.inner.deep, parcel.leaf):
    spec = module.__spec__
    print(module.__name__, module.SAID, "kept" if "Kept" in type(spec.loader).__name__ else "found")
    assert (module.__file__, module.__cached__) == (spec.origin, spec.cached) and spec.has_location
    assert module.__package__ == spec.parent and spec.loader.get_source(module.__name__) == open(spec.origin).read()
"""


@pytest.fixture
def parcel(tmp_path: Path) -> Path:
    folder = tmp_path / "parcel"
    (folder / "inner").mkdir(parents=True)
    for file in ("__init__.py", "leaf.py", "inner/__init__.py", "inner/deep.py"):
        (folder / file).write_text("SAID = 1\n")
    return folder


def _start(parcel: Path) -> list[str]:
    """What is imported, what it says and who found it."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", IMPORTS, str(parcel.parent), str(parcel.parent / "start.kept")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment, cwd=Path(__file__).parents[2]
    )
    return done.stdout.splitlines()


def _all(found: str) -> list[str]:
    return ["parcel 1 found", *(f"parcel.{name} 1 {found}" for name in ("inner", "inner.deep", "leaf"))]


def test_the_second_start_finds_what_the_first_kept(parcel: Path) -> None:
    assert _start(parcel) == _all("found")
    file = parcel.parent / "start.kept"
    before = file.stat().st_mtime_ns
    assert _start(parcel) == _all("kept")
    assert file.stat().st_mtime_ns == before, "nothing was new"


def test_a_source_that_changed_is_read(parcel: Path) -> None:
    _start(parcel)
    (parcel / "leaf.py").write_text("SAID = 22\n")
    assert _start(parcel)[-1] == "parcel.leaf 22 found"
    assert _start(parcel)[-1] == "parcel.leaf 22 kept"


def test_a_package_beside_a_module_of_its_name_goes_first_as_ever(parcel: Path) -> None:
    _start(parcel)
    (parcel / "leaf").mkdir()
    (parcel / "leaf" / "__init__.py").write_text("SAID = 3\n")
    assert _start(parcel)[-1] == "parcel.leaf 3 found"


def test_a_source_that_is_gone_is_missed(parcel: Path) -> None:
    _start(parcel)
    (parcel / "leaf.py").unlink()
    with pytest.raises(subprocess.CalledProcessError):
        _start(parcel)


def test_the_same_names_elsewhere_are_other_modules(parcel: Path) -> None:
    _start(parcel)
    parcel.rename(parcel.parent / "away")
    moved = parcel.parent / "elsewhere" / "parcel"
    moved.parent.mkdir()
    (parcel.parent / "away").rename(moved)
    (parcel.parent / "start.kept").rename(moved.parent / "start.kept")
    assert _start(moved) == _all("found")


def test_a_damaged_memory_counts_as_none(parcel: Path) -> None:
    _start(parcel)
    file = parcel.parent / "start.kept"
    content = file.read_bytes()
    file.write_bytes(content[:-100] + bytes([content[-100] ^ 1]) + content[-99:])
    assert _start(parcel).count("parcel.leaf 1 found") == 1  # the last in the file
    assert _start(parcel) == _all("kept")
