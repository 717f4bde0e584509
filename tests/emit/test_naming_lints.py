"""Names and the lints they set off: rustc's opinion and ours."""

import re
import subprocess
from pathlib import Path

import pytest
import rust as tools
from rust_reader import read

from compiler.emit.naming_lints import is_camel_case, is_snake_case, is_upper_case, naming_lints

NAMES = """a A ab aB Ab AB a_b a_B A_b A_B a__b A__B _a _A __a a_ A_ A1 a1 a_1 A_1 A1_2 Sha256_ctx SHA256_CTX Sha256Ctx X25519_ key_t
k256 K256 load32_le Hacl_Chacha20 uint64_x2 T0 t0 Ab_1c Ab_1C aB1_2""".split()


def warned(folder: Path, lint: str, template: str) -> set[str]:
    """The names for which rustc gives a lint, each used in an item of its own module."""
    modules = [f"pub mod m{n} {{ {template.replace('NAME', name)} }}" for n, name in enumerate(NAMES)]
    (folder / "lib.rs").write_text("\n".join(modules))
    command = ["rustc", "--edition=2021", "--crate-type=lib", "--emit=metadata", f"-W{lint}", "lib.rs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return set(re.findall(r"`(\w+)` should have", done.stderr))


@pytest.mark.parametrize(
    ("lint", "template", "is_good"),
    [
        ("non-camel-case-types", "pub struct NAME {}", is_camel_case),
        ("non-snake-case", "pub fn NAME() {}", is_snake_case),
        ("non-snake-case", "pub fn f() { let NAME = 1; let _ = NAME; }", is_snake_case),
        ("non-snake-case", "pub struct S { pub NAME: u8 }", is_snake_case),
        ("non-upper-case-globals", "pub const NAME: u8 = 1;", is_upper_case),
        ("non-upper-case-globals", "pub static NAME: u8 = 1;", is_upper_case),
    ],
)
def test_as_rustc(lint: str, template: str, is_good: object, tmp_path: Path) -> None:
    tools.require("rustc")
    assert callable(is_good)
    assert warned(tmp_path, lint, template) == {name for name in NAMES if not is_good(name)}


@pytest.mark.parametrize(
    ("text", "lints"),
    [
        ("fn f(x: u32) { let y = x; }", ()),
        ("fn F(x: u32) { let y = x; }", ("non_snake_case",)),
        ("fn f(X: u32) { let y = X; }", ("non_snake_case",)),
        ("fn f(x: u32) { let yY = x; }", ("non_snake_case",)),
        ("fn f(x: usize) { for I in 0..x { } }", ("non_snake_case",)),
    ],
)
def test_of_a_module(text: str, lints: tuple[str, ...]) -> None:
    assert naming_lints(list(read(text).body.block.ops)) == lints
