"""The bulk check of Rust text fails when it should."""

from pathlib import Path

import pytest
import rust

HEAD = "#![forbid(unsafe_code)]\n\n"
GOOD = HEAD + "pub fn one() -> i32 {\n    1\n}\n"
PROGRAM = HEAD + "fn main() {\n    std::process::exit(0);\n}\n"
CLIPPY = ["cargo", "clippy", "--offline", "--quiet", "--", "-D", "warnings"]


def test_good_files_pass(tmp_path: Path) -> None:
    rust.require("cargo", "cargo-clippy", "rustfmt")
    package = rust.write_package(tmp_path, {"a": GOOD, "b": GOOD, "c": PROGRAM})
    rust.run_tool(CLIPPY, package)
    rust.run_tool(["rustfmt", "--check", "--edition", rust.EDITION, *rust.rust_files(package)], package)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEAD + "pub fn one() -> i32 {\n    return 1;\n}\n", "needless_return"),
        (HEAD + "pub fn one() -> i32 {\n    let unused = 2;\n    1\n}\n", "unused variable"),
        (HEAD + "fn main() {\n    unsafe {}\n}\n", "unsafe"),
    ],
)
def test_a_warning_is_a_failure(tmp_path: Path, text: str, complaint: str) -> None:
    rust.require("cargo", "cargo-clippy")
    with pytest.raises(AssertionError, match=complaint):
        rust.run_tool(CLIPPY, rust.write_package(tmp_path, {"a": text}))


def test_other_layout_is_a_failure(tmp_path: Path) -> None:
    rust.require("rustfmt")
    package = rust.write_package(tmp_path, {"a": HEAD + "pub fn one()->i32{1}\n"})
    with pytest.raises(AssertionError, match="Diff in"):
        rust.run_tool(["rustfmt", "--check", "--edition", rust.EDITION, *rust.rust_files(package)], package)
