"""Types where rustc needs them, and nowhere else."""

import re
from pathlib import Path

import pytest
import rust as tools
from random_rust import random_module
from rust_reader import read

from compiler.dialects import rust
from compiler.emit.rust import emit
from compiler.emit.rust_types import syntax
from compiler.passes.c_to_rust.annotate_types import AnnotateTypes
from compiler.pipelines import new_context

HEAD = "fn f(x: u32, y: u64, b: u8, p: &[u32], i: usize, n: i64) -> u32 {\n    "


def annotated(body: str) -> str:
    """The body of a function whose types are written out, with those that are needed."""
    module = read(f"{HEAD}{body} }}")
    AnnotateTypes().apply(new_context(), module)
    text = emit(module).partition(HEAD)[2]
    return " ".join(text.removesuffix("}\n").split())


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        # the context tells
        ("let a: u32 = 1; a + x", "let a = 1; a + x"),
        ("let a: u32 = 1; a", "let a = 1; a"),
        ("let mut a: u32 = 1; a = x; a.pow(2)", "let mut a = 1; a = x; a.pow(2)"),
        ("let k: usize = 1; p[k]", "let k = 1; p[k]"),
        ("let k: usize = 0; x + p[k..i][0]", "let k = 0; x + p[k..i][0]"),
        ("let mut k: usize = 0; while k < i { k += 1; } x", "let mut k = 0; while k < i { k += 1; } x"),
        ("let a: u32 = if i == 0 { 1 } else { x }; a", "let a = if i == 0 { 1 } else { x }; a"),
        ("let a: i64 = -1; if a < n { return 0; } x", "let a = -1; if a < n { return 0; } x"),
        ("let a: i32 = 1; let c: u32 = a as u32; c", "let a = 1; let c = a as u32; c"),
        ("1 << x", "1 << x"),
        ("(x as u64 & 255) as u32", "(x as u64 & 255) as u32"),
        ("for j in 0..i { let a: u32 = p[j]; } x", "for j in 0..i { let a = p[j]; } x"),
        # a method must know
        ("let mut s: u32 = 0; s = s.wrapping_add(x); s", "let mut s: u32 = 0; s = s.wrapping_add(x); s"),
        ("let a: u32 = 7; let c: u32 = a.pow(2); c", "let a: u32 = 7; let c = a.pow(2); c"),
        ("1u32.rotate_left(x)", "1u32.rotate_left(x)"),
        ("x.wrapping_add(7)", "x.wrapping_add(7)"),
        ("let t: [u32; 2] = [1, 2]; t[0].pow(2)", "let t: [u32; 2] = [1, 2]; t[0].pow(2)"),
        # nobody tells, and i32 is not it
        ("(1u64 << i) as u32", "(1u64 << i) as u32"),
        ("let a: u64 = 1; (a << i) as u32", "let a: u64 = 1; (a << i) as u32"),
        ("let a: u64 = 1; let c: u64 = a; (c << i) as u32", "let a: u64 = 1; let c = a; (c << i) as u32"),
        ("let a: u64 = 1; if y == a { return 1; } x", "let a = 1; if y == a { return 1; } x"),
        # a literal under a cast takes the type of the cast
        ("!0u8 as u32", "!0u8 as u32"),
        ("!0u32 as u64 as u32", "!0u32 as u64 as u32"),
    ],
)
def test_only_where_needed(body: str, wanted: str) -> None:
    assert annotated(body) == wanted


def test_what_is_annotated_stays_and_nothing_is_added() -> None:
    once = read(f"{HEAD} let mut s: u32 = 0; s = s.wrapping_add(x); (1u64 << i) as u32 }}")
    AnnotateTypes().apply(new_context(), once)
    text = emit(once)
    AnnotateTypes().apply(new_context(), once)
    assert emit(once) == text


SEEDS = range(60)


def variables(function: rust.FnOp) -> dict[str, str]:
    """The types that the variables of a function should have."""
    found: dict[str, str] = {}
    for op in function.walk():
        if isinstance(op, rust.LetOp):
            found[op.var_name.data] = str(syntax(op.binding.type).flat)
        elif isinstance(op, rust.LetTupleOp):
            names = [name.data for name in op.names if name.data != "_"]
            found |= {name: str(syntax(value.type).flat) for name, value in zip(names, op.results, strict=True)}
    return found


def compiled(mir: str) -> dict[str, dict[str, str]]:
    """The types of the variables of each function, as rustc found them."""
    found: dict[str, dict[str, str]] = {}
    for text in mir.split("\n}\n"):
        head = re.search(r"^fn (?:\w+::)?(\w+)\(", text, re.MULTILINE)
        if head:
            types = dict(re.findall(r"let (?:mut )?(_\d+): (.*);", text))
            names = re.findall(r"debug (\w+) => (_\d+);", text)
            found[head[1]] = {name: re.sub(r"\w+::", "", types[place]) for name, place in names if place in types}
    return found


def test_rustc_finds_the_types_that_the_ir_has(tmp_path: Path) -> None:
    tools.require("rustc")
    wanted: dict[str, dict[str, str]] = {}
    for seed in SEEDS:
        module = random_module(seed, prefix=f"m{seed}_")
        functions = [op for op in module.body.block.ops if isinstance(op, rust.FnOp)]
        wanted |= {function.sym_name.data: variables(function) for function in functions}
        AnnotateTypes().apply(new_context(), module)
        (tmp_path / f"m{seed}.rs").write_text(emit(module))
    (tmp_path / "lib.rs").write_text("".join(f"pub mod m{seed};\n" for seed in SEEDS))
    # the code is nonsense: lints about it do not matter
    command = ["rustc", "--edition=2021", "--crate-type=lib", "--cap-lints=allow", "--emit=mir", "lib.rs"]
    tools.run_tool(command, tmp_path)
    checked = 0
    for function, types in compiled((tmp_path / "lib.mir").read_text()).items():
        known = {name: ty for name, ty in types.items() if name in wanted.get(function, ())}
        assert known == {name: wanted[function][name] for name in known}, function
        checked += len(known)
    assert checked > 300
