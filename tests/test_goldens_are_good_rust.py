"""Every Rust golden is safe, compiles without a warning from rustc or clippy, and is as rustfmt would have it."""

from pathlib import Path

import pytest
import rust

ROOT = Path(__file__).parent / "c_to_rust"
GOLDENS = {"_".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted(ROOT.rglob("*.rs"))}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not GOLDENS:
        pytest.skip("no Rust goldens")
    texts = {name: path.read_text() for name, path in GOLDENS.items()}
    return rust.write_package(tmp_path_factory.mktemp("goldens"), texts)


@pytest.mark.parametrize("name", GOLDENS)
def test_unsafe_is_forbidden(name: str) -> None:
    assert "#![forbid(unsafe_code)]" in GOLDENS[name].read_text()


def test_rustc_and_clippy_are_silent(package: Path) -> None:
    rust.require("cargo", "cargo-clippy")
    rust.run_tool(["cargo", "clippy", "--offline", "--quiet", "--", "-D", "warnings"], package)


def test_rustfmt_changes_nothing(package: Path) -> None:
    rust.require("rustfmt")
    rust.run_tool(["rustfmt", "--check", "--edition", rust.EDITION, *rust.rust_files(package)], package)
