"""Makes files into tests; the mechanism is tests/harness/filetests.py."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filetests import KINDS, FileTests
from hypothesis import settings

from compiler.targets import c_library, rust_library

# The commands that tests start would compile all modules again and again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Threads of kernels, and of what fits models, that wait for work would keep the processor from the other workers.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

settings.register_profile("splitwood", deadline=None)  # a loaded machine is no counterexample
settings.load_profile("splitwood")

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write what file tests give now into their goldens")


INSTALLS = ("test_readme.py", "test_packaging.py")
"""Files whose tests fill environments of their own, for a minute each: begun first, so that no worker is left with them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in INSTALLS)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FileTests | None:
    """Files of the rooms that goldens describe; C under other folders is input to other tests."""
    room = file_path.relative_to(HERE).parts[0] if file_path.is_relative_to(HERE) else ""
    if file_path.suffix in KINDS and room in ("c_to_rust", "passes", "kernel_to_piuma"):
        return FileTests.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType]
    return None


@pytest.fixture(scope="module")
def in_a_hurry() -> Iterator[None]:
    """Kernels in C and Rust without optimisation, for tests of what they compute: in Rust, overflow panics then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(c_library, "FLAGS", tuple("-O0" if each == "-O3" else each for each in c_library.FLAGS))
        hurried = [each.replace("opt-level=3", "opt-level=0") for each in rust_library.FLAGS]
        patch.setattr(rust_library, "FLAGS", tuple(hurried))
        yield


@pytest.fixture(scope="module", autouse=True)
def collected() -> Iterator[None]:
    """What caches keep after a file is looked at once: a worker's heap grows to where each collection of it all takes seconds."""
    yield
    gc.collect()
    gc.freeze()
