"""Rust's names for C's, never one name for two things."""

from collections.abc import Callable
from pathlib import Path

import pytest
import rust
from hypothesis import given
from hypothesis import strategies as st
from rust_passes import becomes, rewritten
from several_files import translate_files

from compiler import c_to_rust
from compiler.cli.c2rust_safe import main
from compiler.emit.naming_lints import is_camel_case, is_snake_case, is_upper_case
from compiler.emit.rust import emit
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.passes.c_to_rust.idiomatic_names import Naming, camel_case, snake_case, upper_case
from compiler.passes.c_to_rust.rename_snake import RenameSnake
from compiler.translation import Naming as Style
from compiler.translation import TranslationOptions


@pytest.mark.parametrize(
    ("name", "snake", "upper", "camel"),
    [
        ("Hacl_Chacha20_core", "hacl_chacha20_core", "HACL_CHACHA20_CORE", "HaclChacha20Core"),
        ("FStar_UInt8_eq_mask", "fstar_uint8_eq_mask", "FSTAR_UINT8_EQ_MASK", "FStarUInt8EqMask"),
        ("SHA256_CTX", "sha256_ctx", "SHA256_CTX", "Sha256Ctx"),
        ("kTable", "k_table", "K_TABLE", "KTable"),
        ("HTTPServer2Go", "http_server2_go", "HTTP_SERVER2_GO", "HttpServer2Go"),
        ("x", "x", "X", "X"),
        ("_x__Y_", "_x_y_", "_X_Y_", "_XY_"),
        ("a_1_2", "a_1_2", "A_1_2", "A1_2"),
        ("__", "__", "__", "__"),
    ],
)
def test_the_three_cases(name: str, snake: str, upper: str, camel: str) -> None:
    assert (snake_case(name), upper_case(name), camel_case(name)) == (snake, upper, camel)


IDENTIFIERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)


@given(IDENTIFIERS)
def test_rustc_has_no_remark(name: str) -> None:
    assert is_snake_case(snake_case(name))
    assert is_upper_case(upper_case(name))
    assert is_camel_case(camel_case(name)) or not name.strip("_")[:1].isalpha()


@given(st.lists(IDENTIFIERS, unique=True, max_size=12), st.sampled_from([snake_case, upper_case, camel_case]))
def test_names_stay_different(names: list[str], case: Callable[[str], str]) -> None:
    found = Naming(case).give(names)
    assert len(set(found.values())) == len(names)


def test_a_name_that_is_right_keeps_its_place() -> None:
    assert Naming(snake_case).give(["Ab", "ab", "aB", "a_b"]) == {"ab": "ab", "a_b": "a_b", "Ab": "ab_2", "aB": "a_b_2"}
    assert Naming(camel_case).give(["option", "Option_t"]) == {"option": "Option2", "Option_t": "OptionT"}
    assert Naming(snake_case).give(["Type", "Match_"]) == {"Type": "type_", "Match_": "match_"}


def test_every_mention_is_renamed() -> None:
    becomes(
        "struct CTX { Len: u32 } static kTable: [u32; 2] = [1, 2]; const Max: u32 = 3;"
        " fn getLen(Ctx: &CTX) -> u32 { Ctx.Len + kTable[1] }"
        " pub fn Make(N: u32) -> CTX { let A = CTX { Len: getLen(&CTX { Len: N }) }; match N { Max => A, _ => CTX { Len: 1 } } }",
        "struct Ctx { len: u32 } static K_TABLE: [u32; 2] = [1, 2]; const MAX: u32 = 3;"
        " fn get_len(ctx: &Ctx) -> u32 { ctx.len + K_TABLE[1] }"
        " pub fn make(n: u32) -> Ctx { let a = Ctx { len: get_len(&Ctx { len: n }) }; match n { MAX => a, _ => Ctx { len: 1 } } }",
        RenameSnake(),
    )


def test_a_variable_never_hides_a_function_that_is_called() -> None:
    becomes(
        "fn load(x: u32) -> u32 { x } pub fn f(Load: u32) -> u32 { load(Load) } pub fn g(Load: u32) -> u32 { Load }",
        "fn load(x: u32) -> u32 { x } pub fn f(load_2: u32) -> u32 { load(load_2) } pub fn g(load: u32) -> u32 { load }",
        RenameSnake(),
    )


def test_variables_that_differ_in_case_stay_two() -> None:
    becomes(
        "pub fn f(X: u32, x: u32) -> u32 { let aB = X - x; let a_b = x; aB + a_b }",
        "pub fn f(x_2: u32, x: u32) -> u32 { let a_b_2 = x_2 - x; let a_b = x; a_b_2 + a_b }",
        RenameSnake(),
    )


def test_main_stays_main() -> None:
    becomes("fn Main() { } fn main() { Main(); }", "fn main_2() { } fn main() { main_2(); }", RenameSnake())


def test_items_of_other_kinds_stay_apart() -> None:
    text = emit(
        rewritten(
            "struct t { a: u32 } const T: u32 = 1; fn t_2(x: &t) -> u32 { x.a + T } pub fn f() -> u32 { T }",
            RenameSnake(),
        )
    )
    assert "struct T2 {" in text
    assert "const T: u32" in text


def test_the_report_has_the_new_names() -> None:
    text = (
        "struct CTX { int Len; };\nint getLen(const struct CTX *Ctx, struct CTX copy) { return Ctx->Len + copy.Len; }\n"
    )
    job = PreprocessJob("a.c", None, text, PreprocessOptions())
    report = c_to_rust.translate([job], TranslationOptions(naming=Style.SNAKE)).report
    (function,) = report.functions
    assert (function.name, function.rust_name) == ("getLen", "get_len")
    assert [(each.name, each.rust_type, each.element) for each in function.parameters] == [
        ("Ctx", "&Ctx", "Ctx"),
        ("copy", "Ctx", ""),
    ]
    (struct,) = report.structs
    assert (struct.rust_name, struct.fields[0].name, struct.fields[0].rust_name) == ("Ctx", "Len", "len")


EXAMPLES = Path(__file__).parents[3] / "examples" / "c"


def test_examples_compile_without_naming_lints(tmp_path: Path) -> None:
    rust.require("rustc", "cc")
    for name in ("sha256", "csv", "json_tokens"):
        out = tmp_path / f"{name}.rs"
        assert main([str(EXAMPLES / f"{name}.c"), "--rename", "snake", "-o", str(out)]) == 0
        assert "#![allow" not in out.read_text()
        rust.run_tool(
            ["rustc", "--edition=2021", "--crate-type=lib", "--emit=metadata", "-Dwarnings", str(out)], tmp_path
        )


def test_nothing_is_renamed_unless_asked(tmp_path: Path) -> None:
    assert "fn getLen(" in translate_files(tmp_path, {"a.c": "int getLen(int X) { return X; }\n"}).text


def test_modules_number_only_what_meets_in_them(tmp_path: Path) -> None:
    texts = {
        "a.c": "static const int SIGMA[2] = { 1, 2 };\nint f(int i) { return SIGMA[i & 1]; }\n",
        "b.c": "static const int sigma[2] = { 3, 4 };\nint g(int i) { return sigma[i & 1]; }\n",
    }
    files = translate_files(tmp_path, texts, crate="c", naming=Style.SNAKE).files
    assert "static SIGMA: [i32; 2] = [1, 2];" in files["src/a.rs"]
    assert "static SIGMA: [i32; 2] = [3, 4];" in files["src/b.rs"]
