"""Crates on disk: whole or not at all, over nothing that is not ours, and as Cargo, clippy and rustfmt want them."""

import subprocess
import tomllib
from pathlib import Path

import pytest
import rust

from compiler.cli.c2rust_safe import main

HEADER = """\
#include <stdint.h>
#define ROUNDS 20
struct state { uint32_t v[4]; };
static inline uint32_t rotl(uint32_t x, unsigned n) { return (x << (n & 31)) | (x >> (-n & 31)); }
void mix(struct state *s, const uint32_t *key);
"""
MIX = '#include "rot.h"\nvoid mix(struct state *s, const uint32_t *key) { s->v[0] += rotl(key[3], ROUNDS); }\n'
DIGEST = """\
#include "rot.h"
static uint32_t last(const struct state *s) { return rotl(s->v[0], ROUNDS + 1); }
uint32_t digest(const uint32_t *key) { struct state s = { { 1 } }; mix(&s, key); return last(&s); }
"""
PROGRAM = """\
#include <stdint.h>
uint32_t digest(const uint32_t *key);
int main(void) { uint32_t key[4] = { 1, 2, 3, 4 }; return digest(key) % 251; }
"""


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    folder = tmp_path / "c"
    folder.mkdir()
    for name, text in {
        "rot.h": HEADER,
        "mix.c": MIX,
        "digest.c": DIGEST,
        "tool.c": PROGRAM,
        "bad.c": "int x = ;\n",
    }.items():
        (folder / name).write_text(text)
    return [str(folder / "mix.c"), str(folder / "digest.c")]


def paths(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


LIBRARY = ["Cargo.toml", "src/digest.rs", "src/lib.rs", "src/mix.rs", "src/rot.rs"]


def test_a_crate_has_a_module_for_each_file(sources: list[str], tmp_path: Path) -> None:
    crate = tmp_path / "My crate"
    assert main([*sources, "--crate", str(crate)]) == 0
    assert paths(crate) == LIBRARY
    manifest = tomllib.loads((crate / "Cargo.toml").read_text())
    assert manifest["package"]["name"] == "my-crate"
    assert manifest["dependencies"] == {}
    assert manifest["package"]["metadata"]["c2rust-safe"]["files"] == LIBRARY[1:]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["My crate", "c"]


@pytest.mark.parametrize("program", [False, True])
def test_cargo_clippy_and_rustfmt_are_silent(sources: list[str], tmp_path: Path, program: bool) -> None:
    rust.require("cargo", "cargo-clippy", "rustfmt", "cc")
    crate = tmp_path / "crate"
    files = [*sources, *([str(Path(sources[0]).with_name("tool.c"))] if program else [])]
    assert main([*files, "--crate", str(crate)]) == 0
    rust.run_tool(["cargo", "clippy", "--offline", "--quiet", "--", "-D", "warnings"], crate)
    rust.run_tool(["rustfmt", "--check", "--edition", "2021", *rust.rust_files(crate)], crate)


def test_a_program_of_several_files_does_what_c_does(sources: list[str], tmp_path: Path) -> None:
    rust.require("cargo", "cc")
    files = [*sources, str(Path(sources[0]).with_name("tool.c"))]
    assert main([*files, "--crate", str(tmp_path / "tool")]) == 0
    rust.run_tool(["cargo", "build", "--offline", "--quiet"], tmp_path / "tool")
    rust.run_tool(["cc", *files, "-o", str(tmp_path / "c_tool")], tmp_path)
    built = (tmp_path / "c_tool", tmp_path / "tool" / "target" / "debug" / "tool")
    expected, found = (subprocess.run([each], check=False).returncode for each in built)
    assert expected == found != 0


def test_the_same_crate_again_is_the_same(sources: list[str], tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        assert main([*sources, "--crate", str(tmp_path / name / "crate")]) == (0 if (tmp_path / name).exists() else 2)
        (tmp_path / name).mkdir(exist_ok=True)
        assert main([*sources, "--crate", str(tmp_path / name / "crate")]) == 0
    texts = [{path: (tmp_path / name / "crate" / path).read_text() for path in LIBRARY} for name in ("a", "b")]
    assert texts[0] == texts[1]


def test_an_earlier_crate_of_ours_is_replaced_and_the_rest_stays(sources: list[str], tmp_path: Path) -> None:
    crate = tmp_path / "crate"
    assert main([*sources, "--crate", str(crate)]) == 0
    (crate / "tests").mkdir()
    (crate / "tests" / "vectors.rs").write_text("// mine\n")
    (crate / "Cargo.lock").write_text("lock\n")
    assert main([sources[0], "--crate", str(crate)]) == 0
    assert paths(crate) == ["Cargo.lock", "Cargo.toml", "src/lib.rs", "src/mix.rs", "src/rot.rs", "tests/vectors.rs"]
    assert sorted(path.name for path in crate.iterdir()) == ["Cargo.lock", "Cargo.toml", "src", "tests"]


@pytest.mark.parametrize("held", ["notes.txt", "Cargo.toml"])
def test_a_folder_of_something_else_is_not_touched(
    sources: list[str], tmp_path: Path, held: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "precious"
    folder.mkdir()
    (folder / held).write_text("[package]\n")
    assert main([*sources, "--crate", str(folder)]) == 2
    said = f"splitwood: error[C0102]: cannot write `{folder}`: it is not empty, and no crate of c2rust-safe\n"
    assert capsys.readouterr().err == said
    assert paths(folder) == [held]


def test_a_file_of_the_user_in_src_is_not_thrown_away(
    sources: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crate = tmp_path / "crate"
    assert main([*sources, "--crate", str(crate)]) == 0
    (crate / "src" / "extra.rs").write_text("// mine\n")
    assert main([*sources, "--crate", str(crate)]) == 2
    assert "`src/extra.rs` was not written by c2rust-safe" in capsys.readouterr().err
    assert paths(crate) == sorted([*LIBRARY, "src/extra.rs"])


def test_a_file_is_no_folder(sources: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "crate").write_text("mine")
    assert main([*sources, "--crate", str(tmp_path / "crate")]) == 2
    assert "error[C0102]" in capsys.readouterr().err
    assert (tmp_path / "crate").read_text() == "mine"


def test_refused_input_leaves_what_was_there(sources: list[str], tmp_path: Path) -> None:
    crate = tmp_path / "crate"
    bad = str(Path(sources[0]).with_name("bad.c"))
    assert main([*sources, bad, "--crate", str(crate)]) == 1
    assert not crate.exists()
    assert main([*sources, "--crate", str(crate)]) == 0
    before = {path: (crate / path).read_text() for path in paths(crate)}
    assert main([*sources, bad, "--crate", str(crate)]) == 1
    assert {path: (crate / path).read_text() for path in paths(crate)} == before


def test_a_failure_half_way_brings_the_old_crate_back(
    sources: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crate = tmp_path / "crate"
    assert main([*sources, "--crate", str(crate)]) == 0
    before = {path: (crate / path).read_text() for path in paths(crate)}
    rename, moved = Path.rename, list[str]()

    def failing(self: Path, target: Path) -> Path:
        moved.append(target.name)
        if len(moved) == 2:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    assert main([sources[0], "--crate", str(crate)]) == 2
    assert {path: (crate / path).read_text() for path in paths(crate)} == before


def test_several_files_may_become_one(sources: list[str], tmp_path: Path) -> None:
    out = tmp_path / "all.rs"
    assert main([*sources, "-o", str(out)]) == 0
    text = out.read_text()
    assert text.count("forbid(unsafe_code)") == 1
    assert all(f"fn {name}(" in text for name in ("mix", "digest", "rotl", "last"))
