"""Text that is known, put into the format that prints it.

println!("{} of {}", "one", n)        println!("one of {}", n)

Where the placeholder says nothing but `{}`; formats that count their arguments (`{:1$}`) stay as they are.
"""

from __future__ import annotations

import re

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Operation, SSAValue

from compiler.dialects import rust
from compiler.dialects.rust_build import Builder

_MACROS = frozenset(("print", "println", "eprint", "eprintln", "format"))
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{[^{}]*\}")


def fold_printed_text(op: Operation) -> SSAValue | None:
    """A macro that prints, with constant text among its arguments."""
    assert isinstance(op, rust.MacroOp)
    if op.callee.data not in _MACROS or not any(isinstance(each.owner, rust.StrOp) for each in op.args[1:]):
        return None
    template = _text(op.args[0])
    if template is None or "$" in template:
        return None
    folded = _folded(template, list(op.args[1:]))
    if folded is None:
        return None
    text, kept = folded
    name = op.callee.data
    if name in ("print", "eprint") and text.endswith("\n"):
        name, text = f"{name}ln", text[:-1]
    first = op.args[0].owner
    assert isinstance(first, rust.StrOp)
    first.text = StringAttr(text)
    arguments = [op.args[0], *kept] if text else []
    return Builder.before(op).macro(name, arguments, op.results[0].type)


def _text(value: SSAValue) -> str | None:
    return value.owner.text.data if isinstance(value.owner, rust.StrOp) else None


def _folded(template: str, arguments: list[SSAValue]) -> tuple[str, list[SSAValue]] | None:
    """The new format and the arguments that are left; None where nothing changes."""
    kept: list[SSAValue] = []
    waiting = iter(arguments)

    def put(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0]
        argument = next(waiting)
        text = _text(argument)
        if text is not None and found[0] == "{}":
            return text.replace("{", "{{").replace("}", "}}")
        kept.append(argument)
        return found[0]

    text = _PLACEHOLDER.sub(put, template)
    return (text, kept) if len(kept) < len(arguments) else None
