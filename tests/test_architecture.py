"""The rules of the house that a reader relies on: import arrows, file sizes, names, tests and paths in READMEs."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("compiler", "costmodel", "runtime")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
READMES = sorted(
    [
        ROOT / "README.md",
        ROOT / "tests" / "README.md",
        *(path for package in PACKAGES for path in (ROOT / package).rglob("README.md")),
    ]
)

LAYERS = (
    {"cli"},
    {"kernels", "arithmetic_kernels"},
    {"tuning"},
    {"targets"},
    {"pipelines"},
    {"c_to_rust"},
    {"by_halves"},
    {"running"},
    {"frontends", "passes", "emit"},
    {"analysis", "interpreter", "verification"},
    {"dialects"},
    {"ir_text"},
    {"ir_reader", "keep_location"},
    {"locations", "source_text", "arithmetic", "objection", "second_process"},
    {"translation"},
    {"report"},
    {"diagnostics"},
    {"codes"},
)
"""The rooms of the compiler, top first: a room imports itself and rooms of lower layers."""

OTHER_PACKAGES = {
    "costmodel": ("compiler.tuning", "compiler.cli"),
    "runtime": (
        *("compiler.kernels", "compiler.arithmetic_kernels", "compiler.tuning", "compiler.targets", "compiler.cli"),
        *("compiler.dialects.piuma", "compiler.emit"),
    ),
}
"""Who in the compiler may import the other packages; those two import nothing of ours."""

WITHOUT_XDSL = ("compiler.analysis.split_tree", "compiler.analysis.index")
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
LONGEST_FILE = 500


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, be it inside a function."""
    return frozenset(_imports(ast.parse(path.read_text())))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{each.name}" for each in names)
            case _:
                pass


def inside(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def layer(module: str) -> int:
    room = module.split(".")[1]
    return next(depth for depth, rooms in enumerate(LAYERS) if room in rooms)


def may_import(importer: str, imported: str) -> bool:
    package, target = importer.split(".")[0], imported.split(".")[0]
    if target not in PACKAGES or target == package != "compiler":
        return True
    if package != "compiler":
        return False
    if target != "compiler":
        return inside(importer, *OTHER_PACKAGES[target])
    if imported == "compiler.__version__":
        return True
    return importer.split(".")[1] == imported.split(".")[1] or layer(importer) < layer(imported)


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("compiler.emit.rust", "compiler.dialects.rust.LetOp", True),
        ("compiler.emit.rust", "compiler.emit.precedence", True),
        ("compiler.emit.rust", "compiler.passes.c_to_rust.x", False),
        ("compiler.dialects.rust", "compiler.analysis.index", False),
        ("compiler.passes.c_to_rust.x", "runtime.isa", False),
        ("compiler.dialects.piuma", "runtime.isa", True),
        ("runtime.isa", "compiler.codes", False),
        ("runtime.isa", "runtime.memory", True),
        ("costmodel.fit", "runtime.trace", False),
        ("compiler.targets.piuma", "runtime.simulate", True),
        ("compiler.targets.piuma", "compiler.tuning.choose", False),
        ("compiler.cli.opt", "xdsl.ir", True),
    ],
)
def test_the_arrows_themselves(importer: str, imported: str, allowed: bool) -> None:
    assert may_import(importer, imported) == allowed


def test_imports_follow_the_arrows() -> None:
    wrong = [
        f"{module_name(path)} imports {imported}"
        for path in FILES
        for imported in sorted(imports(path))
        if not may_import(module_name(path), imported)
    ]
    assert not wrong


def test_every_room_has_a_layer() -> None:
    rooms = {
        path.relative_to(ROOT / "compiler").parts[0].removesuffix(".py") for path in (ROOT / "compiler").rglob("*.py")
    }
    assert rooms - {"__init__"} <= set().union(*LAYERS)


def test_the_algebra_of_offsets_knows_no_ir_framework() -> None:
    files = [path for path in FILES if module_name(path) in WITHOUT_XDSL]
    assert len(files) == len(WITHOUT_XDSL)
    assert not [path for path in files if any(inside(each, "xdsl") for each in imports(path))]


def test_files_are_short() -> None:
    tests = (ROOT / "tests").rglob("*.py")
    assert not [str(path) for path in [*FILES, *tests] if path.read_text().count("\n") > LONGEST_FILE]


def test_names_say_something() -> None:
    tests = list((ROOT / "tests").rglob("*.py"))
    assert not [
        str(path) for path in [*FILES, *tests] if BANNED_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    ]


def test_translating_c_does_not_wait_for_what_it_does_not_need() -> None:
    """The dialects of kernels would double the time that the command takes to start, reading IR would add a tenth."""
    listed = "import sys, compiler.c_to_rust; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", listed], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "compiler.dialects.rust" in loaded
    assert not loaded & {
        "xdsl.dialects.arith",
        "compiler.dialects.piuma",
        "numpy",
        "xdsl.parser",
        "xdsl.pattern_rewriter",
    }


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_every_package_and_module_says_what_it_owns() -> None:
    assert not [str(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))]


def test_every_pass_has_a_test_of_its_own() -> None:
    """tests/passes/…/split_slices*.mlir (or .c, or test_split_slices.py) tests compiler/passes/…/split_slices.py."""
    tested = [path.stem.removeprefix("test_") for path in (ROOT / "tests" / "passes").rglob("*") if path.is_file()]
    tested += [path.parent.name for path in (ROOT / "tests" / "passes").rglob("*.*")]
    untested = [path for path in passes() if not any(name.startswith(path.stem) for name in tested)]
    assert not untested


def passes() -> list[Path]:
    """The files that define a pass: a class with a `name: ClassVar[str]` and an `apply`."""
    return [
        path
        for path in (ROOT / "compiler" / "passes").rglob("*.py")
        if re.search(r"^    name: ClassVar\[str\]|^    name = \"[\w-]+\"$", path.read_text(), re.MULTILINE)
    ]


def test_every_golden_has_its_input() -> None:
    goldens = [
        path
        for room in ("c_to_rust", "passes")
        for path in (ROOT / "tests" / room).rglob("*")
        if path.suffix in (".rs", ".minic", ".rust-ir", ".err", ".out")
    ]
    assert not [str(path) for path in goldens if not any(path.with_suffix(kind).exists() for kind in (".c", ".mlir"))]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_in_a_readme_exist(readme: Path) -> None:
    quoted = re.findall(r"`([\w.-]+(?:/[\w.-]*)+)`", readme.read_text())
    linked = re.findall(r"\]\(([\w./-]+)\)", readme.read_text())
    assert not [path for path in quoted + linked if not any((base / path).exists() for base in (ROOT, readme.parent))]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_named_in_a_readme_exist(readme: Path) -> None:
    named = set(re.findall(r"`(\w+\.(?:py|rs))`", readme.read_text()))
    present = {path.name for path in readme.parent.rglob("*") if path.is_file()}
    assert not named - present


@pytest.mark.parametrize("room", ["analysis"])
def test_a_room_without_folders_names_all_its_files(room: str) -> None:
    folder = ROOT / "compiler" / room
    text = (folder / "README.md").read_text()
    assert not [
        path.name for path in folder.glob("*.py") if path.name != "__init__.py" and f"`{path.name}`" not in text
    ]
