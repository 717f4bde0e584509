"""The front end up to the syntax tree: places, constants, builtins, syntax errors."""

import pytest
from pycparser import c_ast

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess_text
from compiler.frontends.c.translation_unit import TranslationUnit


def unit(text: str) -> TranslationUnit:
    return parse(preprocess_text(text, "t.c"))


def refused(text: str) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        unit(text)
    return caught.value.diagnostics[0]


def test_places_are_those_of_the_source() -> None:
    ast = unit("int f(int a)\n{\n    return  a;  /* x */\n}\n").ast
    value = ast.ext[0].body.block_items[0].expr
    assert (value.coord.file, value.coord.line, value.coord.column) == ("t.c", 3, 13)


def test_a_constant_macro_is_a_marker_with_its_expansion() -> None:
    result = unit("#define BLOCK 64\n#define MASK (BLOCK - 1)\nint x[BLOCK] = { MASK };\n")
    dimension = result.ast.ext[0].type.dim
    constant = result.constant(dimension)
    assert constant is not None
    assert (constant.name, constant.span.line, constant.from_libc) == ("BLOCK", 1, False)
    assert isinstance(constant.expression, c_ast.Constant)
    assert [each.name for each in result.constants.values()] == ["BLOCK", "MASK"]


def test_a_syntax_error_is_refused_where_it_stands() -> None:
    finding = refused("int f(void) {\n    return 1 +;\n}\n")
    assert finding.code is Code.SYNTAX
    assert finding.span is not None
    assert finding.span.line == 2
