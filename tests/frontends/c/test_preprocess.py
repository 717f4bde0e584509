"""Preprocessing as a C programmer expects it, by each of the preprocessors that may be at hand."""

import shutil
from pathlib import Path

import pytest

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic
from compiler.frontends.c import preprocess as module
from compiler.frontends.c.preprocess import PreprocessOptions, preprocess, preprocess_text
from compiler.frontends.c.preprocess_job import Standard
from compiler.frontends.c.preprocess_scan import flat

NO_OPTIONS = PreprocessOptions()


@pytest.fixture(params=["gcc", "clang", "pcpp"])
def preprocessor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test once with each preprocessor."""
    name: str = request.param
    path = shutil.which(name)
    if name != "pcpp" and path is None:
        pytest.skip(f"no {name}")
    monkeypatch.setattr(module, "find_compiler", lambda: path if name != "pcpp" else None)
    return name


def words(text: str, options: PreprocessOptions = NO_OPTIONS) -> str:
    return " ".join(token.text for token in flat(preprocess_text(text, "t.c", options).tokens))


def refused(path: Path, options: PreprocessOptions = NO_OPTIONS) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        preprocess(str(path), options)
    return caught.value.diagnostics[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "size.h").write_text("#ifndef SIZE\n#define SIZE 4\n#endif\nextern int sized;\n")
    (tmp_path / "near.h").write_text("int near;\n")
    return tmp_path


@pytest.mark.usefixtures("preprocessor")
class TestOptions:
    def test_defines_and_undefines(self) -> None:
        text = "#ifdef A\na A\n#endif\n#ifdef B\nb\n#endif\n#ifdef __linux__\nlinux\n#endif\n"
        options = PreprocessOptions(defines=("A=x y", "B"), undefines=("B", "__linux__"))
        assert words(text, options) == "a x y"

    def test_a_define_without_value_is_one(self) -> None:
        assert words("N", PreprocessOptions(defines=("N",))) == "1"

    def test_a_predefined_macro_can_be_redefined(self) -> None:
        assert words("__CHAR_BIT__", PreprocessOptions(defines=("__CHAR_BIT__=16",))) == "16"

    def test_include_folders_and_the_file_s_own(self, folder: Path) -> None:
        (folder / "t.c").write_text('#include "near.h"\n#include <size.h>\nint a[SIZE];\n')
        unit = preprocess(str(folder / "t.c"), PreprocessOptions(include_dirs=(str(folder / "inc"),)))
        assert [token.text for token in unit.tokens] == "int near ; extern int sized ; int a [ #SIZE ] ;".split()
        assert sorted(unit.sources) == [str(folder / name) for name in ("inc/size.h", "near.h", "t.c")]

    def test_force_include(self, folder: Path) -> None:
        (folder / "t.c").write_text("int a;\n")
        options = PreprocessOptions(include_dirs=(str(folder / "inc"),), force_includes=("size.h",))
        tokens = preprocess(str(folder / "t.c"), options).tokens
        assert [token.text for token in tokens] == "extern int sized ; int a ;".split()

    def test_a_user_s_header_hides_ours(self, folder: Path) -> None:
        (folder / "inc" / "string.h").write_text("int mine;\n")
        (folder / "t.c").write_text("#include <string.h>\n")
        unit = preprocess(str(folder / "t.c"), PreprocessOptions(include_dirs=(str(folder / "inc"),)))
        assert [token.text for token in unit.tokens] == ["int", "mine", ";"]

    @pytest.mark.parametrize(
        ("standard", "version"), [(Standard.C99, "199901L"), (Standard.GNU11, "201112L"), (Standard.C17, "201710L")]
    )
    def test_the_standard_sets_its_version(self, standard: Standard, version: str) -> None:
        assert words("__STDC_VERSION__", PreprocessOptions(standard=standard)) == version

    def test_c89_has_no_version(self) -> None:
        text = "#ifdef __STDC_VERSION__\nyes\n#else\nno\n#endif\n"
        assert words(text, PreprocessOptions(standard=Standard.C89)) == "no"

    @pytest.mark.parametrize("dialect", [Standard.GNU17, Standard.C99])
    def test_trigraphs_belong_to_strict_dialects(self, dialect: Standard) -> None:
        expected = '"what??!"' if dialect is Standard.GNU17 else '"what|"'
        assert words('"what??!"', PreprocessOptions(standard=dialect)) == expected


@pytest.mark.usefixtures("preprocessor")
class TestTheTarget:
    def test_it_is_lp64_little_endian_linux(self) -> None:
        text = "__LP64__ __SIZEOF_LONG__ __SIZEOF_INT128__ __CHAR_BIT__ __linux__\n"
        assert words(text) == "1 8 16 8 1"
        assert words("#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__\nlittle\n#endif\n") == "little"

    @pytest.mark.parametrize("name", ["__SSE2__", "__AVX2__", "__x86_64__", "__aarch64__", "__GNUC__", "__clang__"])
    def test_it_is_no_particular_processor_or_compiler(self, name: str) -> None:
        assert words(f"#ifdef {name}\nparticular\n#else\nportable\n#endif\n") == "portable"

    def test_nothing_of_the_day_or_the_environment_gets_in(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        monkeypatch.setenv("CPATH", str(folder / "inc"))
        monkeypatch.setenv("C_INCLUDE_PATH", str(folder / "inc"))
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
        assert words("__DATE__ __TIME__") == '"Jan  1 1970" "00:00:00"'
        (folder / "t.c").write_text("#include <size.h>\n")
        assert refused(folder / "t.c").code is Code.MISSING_HEADER


@pytest.mark.usefixtures("preprocessor")
class TestRefusals:
    def test_a_missing_header_is_named_where_it_is_included(self, folder: Path) -> None:
        (folder / "t.c").write_text("int a;\n#include   <openssl/evp.h>\n")
        finding = refused(folder / "t.c")
        assert (finding.code, finding.message) == (Code.MISSING_HEADER, "header `openssl/evp.h` not found")
        assert finding.span is not None
        assert (finding.span.file, finding.span.line, finding.span.column) == (str(folder / "t.c"), 2, 12)
        assert "--system-headers" in finding.help

    def test_a_missing_header_of_a_header(self, folder: Path) -> None:
        (folder / "near.h").write_text('\n#include "far.h"\n')
        (folder / "t.c").write_text('#include "near.h"\n')
        finding = refused(folder / "t.c")
        assert finding.span is not None
        assert (finding.message, finding.span.file, finding.span.line) == (
            "header `far.h` not found",
            str(folder / "near.h"),
            2,
        )

    def test_error_directive(self, folder: Path) -> None:
        (folder / "t.c").write_text("#ifndef CONFIGURED\n#error run configure first\n#endif\n")
        finding = refused(folder / "t.c")
        assert (finding.code, finding.message) == (Code.PREPROCESSOR, "#error run configure first")
        assert finding.span is not None
        assert (finding.span.line, finding.span.column) == (2, 2)

    @pytest.mark.parametrize(
        "text",
        [
            "#if\n#endif\nint a;",
            "#if 1 +\n#endif",
            "#if 1 / 0\n#endif",
            "#ifdef\n#endif\nint a;",
            "#endif",
            "#if 1\nint a;",
        ],
    )
    def test_malformed_directives(self, text: str, folder: Path) -> None:
        (folder / "t.c").write_text(text + "\n")
        assert refused(folder / "t.c").code is Code.PREPROCESSOR

    def test_a_file_that_is_not_there(self, folder: Path) -> None:
        assert refused(folder / "none.c").code is Code.INPUT_UNREADABLE

    def test_a_folder(self, folder: Path) -> None:
        assert refused(folder / "inc").code is Code.INPUT_UNREADABLE

    def test_an_empty_file(self, folder: Path) -> None:
        (folder / "t.c").write_text("  \n")
        assert refused(folder / "t.c").code is Code.INPUT_EMPTY

    def test_a_binary_file(self, folder: Path) -> None:
        (folder / "t.c").write_bytes(b"int a;\n\x7fELF\0\0")
        finding = refused(folder / "t.c")
        assert finding.code is Code.INPUT_NOT_TEXT
        assert finding.span is not None
        assert finding.span.line == 2


@pytest.mark.usefixtures("preprocessor")
class TestText:
    def test_crlf_and_a_byte_order_mark(self, tmp_path: Path) -> None:
        (tmp_path / "t.c").write_bytes("\ufeff#define N \\\r\n 4\r\nint a = N;\r\n".encode())
        tokens = preprocess(str(tmp_path / "t.c")).tokens
        assert [token.text for token in tokens] == ["int", "a", "=", "#N", ";"]
        assert [(token.line, token.column) for token in tokens][-2:] == [(3, 9), (3, 10)]

    def test_bytes_of_another_encoding_survive_in_strings(self, tmp_path: Path) -> None:
        (tmp_path / "t.c").write_bytes(b'char *s = "\xe9t\xe9"; /* \xe9 */\n')
        string = preprocess(str(tmp_path / "t.c")).tokens[4].text
        assert string.encode("utf-8", "surrogateescape") == b'"\xe9t\xe9"'

    def test_a_file_whose_name_looks_like_an_option(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("-o.c").write_text("int a;\n")
        assert [token.text for token in preprocess("-o.c").tokens] == ["int", "a", ";"]
