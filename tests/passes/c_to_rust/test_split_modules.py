"""Rust modules for the files that items come from."""

import pytest
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Block

from compiler.dialects import rust
from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_types import I32, UNIT, named, ref
from compiler.emit.crate import crate_files, package_name
from compiler.locations import location
from compiler.passes.c_to_rust.module_names import module_names, snake_stem
from compiler.passes.c_to_rust.split_modules import SplitModules
from compiler.pipelines import new_context, run


class Crate:
    """Items as the passes before leave them, each with its file."""

    def __init__(self) -> None:
        self.block = Block()

    def builder(self, file: str) -> Builder:
        return Builder(self.block, location(file, 1, 1))

    def calls(self, file: str, name: str, *callees: str, public: bool = True) -> None:
        b = self.builder(file)
        with b.inside(body := Block()):
            for callee in callees:
                b.expr(b.call(callee, [], I32))
            b.yield_(b.lit(1, I32))
        b.fn(name, [], I32, body, public=public)

    def files(self, **own_names: str) -> dict[str, str]:
        module = ModuleOp([])
        for op in list(self.block.ops):
            op.detach()
            module.body.block.add_op(op)
        run([SplitModules(own_names)], new_context(), module, verify=True)
        return crate_files(module, "crate")


def test_items_live_in_the_module_of_their_file() -> None:
    crate = Crate()
    crate.calls("src/a.c", "f", "g", "h", "k")
    crate.calls("src/b.c", "g", public=False)
    crate.calls("src/b.c", "h")
    crate.calls("src/a.c", "k", public=False)
    files = crate.files()
    assert files["src/lib.rs"] == "#![forbid(unsafe_code)]\n\npub mod a;\npub mod b;\n"
    assert files["src/a.rs"].startswith("use crate::b::{g, h};\n\npub fn f() -> i32 {\n")
    assert "\nfn k() -> i32 {" in files["src/a.rs"]
    assert files["src/b.rs"].startswith("pub(crate) fn g() -> i32 {")
    assert "\npub fn h() -> i32 {" in files["src/b.rs"]


def test_one_file_by_two_paths_is_one_module() -> None:
    crate = Crate()
    crate.calls("x/../a.c", "f")
    crate.calls("./a.c", "g")
    assert sorted(crate.files()) == ["Cargo.toml", "src/a.rs", "src/lib.rs"]


def test_the_file_with_main_is_the_root() -> None:
    crate = Crate()
    crate.calls("tool.c", "main", "f")
    crate.calls("tool.c", "shared", public=False)
    crate.calls("a.c", "f", "shared")
    files = crate.files()
    assert files["src/main.rs"].startswith("#![forbid(unsafe_code)]\n\nmod a;\n\nuse crate::a::f;\n\n")
    assert "\nfn shared()" in files["src/main.rs"]  # a module sees what is private above it
    assert files["src/a.rs"].startswith("use crate::shared;\n\npub fn f() -> i32 {")


def test_a_type_is_imported_where_it_is_written_out() -> None:
    crate = Crate()
    point = named("point")
    crate.builder("p.h").struct("point", {"x": I32}, public=False)
    make, sees, writes = crate.builder("m.c"), crate.builder("s.c"), crate.builder("w.c")
    with make.inside(body := Block()):
        make.yield_(make.struct_lit(point, {"x": make.lit(1, I32)}))
    make.fn("make", [], point, body, public=True)
    with sees.inside(body := Block()):
        value = sees.let("p", sees.call("make", [], point))
        sees.yield_(sees.field(value, "x", I32))
    sees.fn("sees", [], I32, body, public=True)
    body = Block(arg_types=[ref(point)])
    with writes.inside(body):
        writes.yield_(writes.field(body.args[0], "x", I32))
    writes.fn("writes", [Param("p", ref(point))], I32, body, public=True)
    files = crate.files()
    assert files["src/s.rs"].startswith("use crate::m::make;\n\n")  # `point` is not named there
    assert files["src/w.rs"].startswith("use crate::p::point;\n\n")
    assert "pub(crate) struct point {\n    pub(crate) x: i32," in files["src/p.rs"]


def test_names_in_patterns_and_paths_are_mentions() -> None:
    crate = Crate()
    limits, user = crate.builder("limits.h"), crate.builder("u.c")
    for name in ("LOW", "a", "MAX"):
        with limits.inside(init := Block()):
            limits.yield_(limits.lit(1, I32))
        limits.const(name, I32, init)
    with user.inside(body := Block()):
        user.let("v", user.path("LOW", I32))
        user.let("w", user.path("i32::MAX", I32))
        user.yield_(user.lit(1, I32))
    user.fn("f", [], I32, body, public=True)
    assert crate.files()["src/u.rs"].startswith("use crate::limits::LOW;\n\n")


def test_two_modules_may_each_have_an_item_of_one_name() -> None:
    crate = Crate()
    crate.calls("a.c", "f", "help")
    crate.calls("a.c", "help", public=False)
    crate.calls("b.c", "g", "help_b", "help_b")
    crate.calls("b.c", "help_b", public=False)
    text = crate.files(help_b="help")["src/b.rs"]
    assert "help_b" not in text
    assert text.count("help()") == 3


def test_a_name_that_is_taken_there_is_not_given_back() -> None:
    crate = Crate()
    crate.calls("a.c", "help", public=False)
    crate.calls("b.c", "g", "help_b", "help")
    crate.calls("b.c", "help_b", public=False)
    crate.calls("c.c", "k", "x_c")
    crate.calls("c.c", "x_c", public=False)
    body = crate.builder("c.c")
    with body.inside(block := Block()):
        body.let("x", body.call("x_c", [], I32))
    body.fn("m", [], UNIT, block, public=True)
    crate.calls("d.c", "seen_d", public=False)
    crate.calls("e.c", "n", "seen_d")
    files = crate.files(help_b="help", x_c="x", seen_d="seen")
    assert "fn help_b()" in files["src/b.rs"]  # `help` is imported
    assert "fn x_c()" in files["src/c.rs"]  # `x` is a variable
    assert "fn seen_d()" in files["src/d.rs"]  # another module knows it


def test_support_code_stands_at_the_root() -> None:
    crate = Crate()
    crate.calls("a.c", "f", "cstd::rand")
    support = StringAttr("mod cstd {\n    pub fn rand() -> i32 {\n        4\n    }\n}")
    crate.block.add_op(rust.VerbatimOp.create(properties={"text": support}, location=location("a.c", 1, 1)))
    files = crate.files()
    assert files["src/lib.rs"].startswith("#![forbid(unsafe_code)]\n\npub mod a;\n\nmod cstd {\n")
    assert files["src/a.rs"].startswith("use crate::cstd;\n\npub fn f() -> i32 {\n    cstd::rand();\n")


@pytest.mark.parametrize(
    ("file", "stem"),
    [
        ("Hacl_Chacha20.c", "hacl_chacha20"),
        ("dir/MyFile-2.c", "my_file_2"),
        ("7zip.c", "m7zip"),
        ("<stdin>", "stdin"),
        ("€.c", "module"),
    ],
)
def test_stems_are_snake_case(file: str, stem: str) -> None:
    assert snake_stem(file) == stem


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["a.c", "a.h"], ["a", "a"]),
        (["a.h", "x/a.h", "a.c"], ["a_2", "a_3", "a"]),
        (["a.c", "x/a.c", "a.h"], ["a", "a_2", "a_3"]),
        (["lib.c", "main.c", "std.c", "type.c", "self.h"], ["lib_", "main_", "std_", "type_", "self_"]),
        (["vm.c"], ["vm_2"]),
    ],
)
def test_modules_have_unique_names(files: list[str], names: list[str]) -> None:
    found = module_names(files, {"vm"})
    assert [found[file] for file in files] == names


@pytest.mark.parametrize(
    ("folder", "package"),
    [("Mix", "mix"), ("my crate!", "my-crate"), ("7z", "c-7z"), ("", "c"), ("test", "test-rs"), ("match", "match-rs")],
)
def test_packages_are_named_as_cargo_wants(folder: str, package: str) -> None:
    assert package_name(folder) == package


def test_the_dialect_knows_modules() -> None:
    assert rust.ModOp in rust.Rust.operations
    assert rust.UseOp in rust.Rust.operations
