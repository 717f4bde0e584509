"""`use` lines as rustfmt writes them."""

import random
import subprocess
from pathlib import Path

import rust

from compiler.emit.rustfmt.uses import mod, use

LETTERS = "abcxyzABCXYZ_019"


def name(source: random.Random) -> str:
    first = source.choice("abzABZ")
    return first + "".join(source.choice(LETTERS) for _ in range(source.choice((0, 1, 2, 5, 9, 20, 40))))


def test_one_name_needs_no_braces() -> None:
    assert use("crate::a", ["f"]) == "use crate::a::f;"
    assert use("crate::a", ["T", "f", "N"]) == "use crate::a::{f, N, T};"
    assert (mod("a", public=True), mod("b", public=False)) == ("pub mod a;", "mod b;")


def test_random_lists_are_as_rustfmt_has_them(tmp_path: Path) -> None:
    rust.require("rustfmt")
    source = random.Random(1)
    lines: list[str] = []
    for _ in range(300):
        names = {name(source) for _ in range(source.choice((1, 2, 3, 8, 20)))}
        path = f"crate::m{'o' * source.randrange(60)}"
        lines.append(use(path, sorted(names)))
    file = tmp_path / "uses.rs"
    file.write_text("\n\n".join(lines) + "\n")
    subprocess.run(["rustfmt", "--edition", "2021", str(file)], check=True)
    assert file.read_text() == "\n\n".join(lines) + "\n"
