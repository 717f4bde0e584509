"""From preprocessed tokens to pycparser's syntax tree, with what the tree does not hold beside it.

    parse(preprocess("mix.c"))   ->   TranslationUnit(ast, constants, comments, attributes, sources)

Our tokens go to pycparser directly (`token_parser.py`), so each coordinate in the
tree is a place in the user's file. A constant macro arrives as `c_ast.ID` spelled `#NAME`; look it
up with `TranslationUnit.constant`. Refused: whatever is not C, at the token where the parser stops.
"""

import re
from typing import Any, cast

from pycparser import c_ast
from pycparser.c_parser import ParseError

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, Span, refusal
from compiler.frontends.c.attributes import Attribute
from compiler.frontends.c.builtins import prelude
from compiler.frontends.c.gnu import rewrite_gnu
from compiler.frontends.c.marks import Constant
from compiler.frontends.c.old_c import modernize
from compiler.frontends.c.preprocess import Preprocessed
from compiler.frontends.c.preprocess_job import PREDEFINED_NAMES
from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind
from compiler.frontends.c.pruning import prune_headers
from compiler.frontends.c.syntax_errors import explain
from compiler.frontends.c.token_parser import TokenParser, taken
from compiler.frontends.c.translation_unit import MacroConstant, TranslationUnit


def parse(preprocessed: Preprocessed) -> TranslationUnit:
    """The syntax tree of a preprocessed file. Raises CompileError."""
    appended = _constant_declarations(preprocessed.constants)
    rewritten = rewrite_gnu(prune_headers(preprocessed.tokens, preprocessed.headers, appended))
    refused = [*rewritten.refused, *_refused(rewritten.attributes), *_refused_pragmas(preprocessed)]
    if refused:
        raise CompileError(*refused)
    tokens = modernize(rewritten.tokens)
    ast = _syntax_tree([*prelude(tokens), *tokens, *appended], preprocessed.name)
    constants = _take_constants(ast, preprocessed)
    return TranslationUnit(ast, constants, tuple(rewritten.attributes), preprocessed.comments, preprocessed.sources)


def _refused(attributes: list[Attribute]) -> list[Diagnostic]:
    return [found for attribute in attributes if (found := attribute.refusal())]


_PACK = re.compile(r"#pragma\s+(pack|scalar_storage_order|weak|redefine_extname)\b")


def _refused_pragmas(preprocessed: Preprocessed) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for line in preprocessed.pragmas:
        if line.file in preprocessed.headers:
            continue
        if match := _PACK.match(line.text):
            code = Code.LAYOUT_ATTRIBUTE if match.group(1) == "pack" else Code.ATTRIBUTE
            span = Span(line.file, line.line, 1, len(line.text))
            found.append(Diagnostic(code, f"`#pragma {match.group(1)}` is not supported", span))
    return found


def _constant_declarations(constants: dict[str, Constant]) -> list[Lexeme]:
    """`int #BLOCK = <expansion>;` for each constant, to have the expansions parsed among the unit's types."""
    tokens: list[Lexeme] = []
    for constant in constants.values():
        site = Lexeme(LexemeKind.PUNCTUATOR, ";", constant.span.file, constant.span.line, constant.span.column)
        tokens += [
            site._replace(kind=LexemeKind.NAME, text="int"),
            site._replace(kind=LexemeKind.MARK, text=constant.marker),
            site._replace(text="="),
            *constant.expansion,
            site,
        ]
    return tokens


def _take_constants(ast: c_ast.FileAST, preprocessed: Preprocessed) -> dict[str, MacroConstant]:
    """Take the declarations of the constants off the end of the tree."""
    constants = preprocessed.constants
    if not constants:
        return {}
    items = cast(list[c_ast.Node], ast.ext)
    declarations = cast(list[Any], items[-len(constants) :])
    del items[-len(constants) :]
    return {
        each.marker: MacroConstant(
            each.name, each.marker, declaration.init, each.span, _is_given(each, preprocessed.headers)
        )
        for each, declaration in zip(constants.values(), declarations, strict=True)
    }


def _is_given(constant: Constant, headers: frozenset[str]) -> bool:
    """Is the macro the library's, or predefined?"""
    return constant.span.file in headers or constant.name in PREDEFINED_NAMES


def _syntax_tree(lexemes: list[Lexeme], name: str) -> c_ast.FileAST:
    try:
        return TokenParser(lexemes).syntax_tree(name)
    except ParseError as error:
        raise CompileError(explain(str(error), lexemes, taken(lexemes, name))) from None
    except RecursionError:
        raise refusal(Code.SYNTAX, Span(name, 1), "expression or block is nested too deeply") from None
