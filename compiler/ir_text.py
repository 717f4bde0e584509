"""IR as text and back.

    to_text(module)                      # what --emit=minic and --print-after show
    from_text(text, "x.mlir", context)   # a verified module, or CompileError at the line at fault

Text printed without locations is for reading. xDSL's printer and parser are imported when they are asked for: a translation of C, which
shows no IR, would start a tenth later.
"""

from io import StringIO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute


def to_text(module: ModuleOp, *, locations: bool = False) -> str:
    """The module in its dialects' own syntax; with locations, parsing gives back an equal module."""
    from xdsl.printer import Printer

    out = StringIO()
    Printer(out, print_debuginfo=locations).print_op(module)
    return out.getvalue() + "\n"


def attribute_text(attribute: Attribute) -> str:
    """An attribute as it stands in a module's text."""
    from xdsl.printer import Printer

    out = StringIO()
    Printer(out).print_attribute(attribute)
    return out.getvalue()


def from_text(text: str, file: str, context: Context) -> ModuleOp:
    """The module that a text says, verified."""
    from compiler.ir_reader import read

    return read(text, file, context)
