"""A parsed C file: pycparser's tree, and what the tree does not hold. Lowering needs this much of the parser, and no more is imported for it.

unit.constant(node)      -> the macro constant that an expression is a use of, or None
"""

from dataclasses import dataclass
from typing import Any, cast

from pycparser import c_ast

from compiler.diagnostics import Span
from compiler.frontends.c.attributes import Attribute
from compiler.frontends.c.preprocess_scan import RawComment


@dataclass(frozen=True, slots=True)
class MacroConstant:
    """An object-like macro that stands for a constant expression."""

    name: str
    marker: str
    """How its uses are spelled in the tree: `c_ast.ID(name=marker)`."""
    expression: c_ast.Node
    """Its expansion; constants within it are again markers."""
    span: Span
    """Where it is defined."""
    from_libc: bool
    """Is it the library's (INT_MAX, EOF, true) or predefined, not the user's?"""


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """One C file, parsed."""

    ast: c_ast.FileAST
    constants: dict[str, MacroConstant]
    """The constant macros in use, by marker, in order of first use."""
    attributes: tuple[Attribute, ...]
    comments: dict[str, list[RawComment]]
    sources: dict[str, str]

    def constant(self, node: c_ast.Node) -> MacroConstant | None:
        """The macro constant that an expression is a use of."""
        return self.constants.get(cast(Any, node).name) if isinstance(node, c_ast.ID) else None
