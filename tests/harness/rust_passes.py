"""Tests of passes over rust, written in Rust.

    becomes("fn f() { let x: u32; x = 1; g(x); }", "fn f() { let x = 1; g(x); }", PlaceLets())

Both texts are laid out by the printer before they are compared; the module is verified after every pass.
"""

from rust_reader import read
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from compiler.emit.rust import emit
from compiler.running import Pass, run


def rewritten(text: str, *passes: Pass) -> ModuleOp:
    """The module of a text, after the passes."""
    module = read(text)
    run(passes, Context(), module, verify=True)
    return module


def becomes(before: str, after: str, *passes: Pass) -> None:
    """The passes make `after` of `before`; text that is the printer's own is compared as it stands."""
    now = _items(emit(rewritten(before, *passes)))
    expected = _items(emit(read(after)))
    assert now == expected, f"now:\n{now}\nexpected:\n{expected}"


def stays(text: str, *passes: Pass) -> None:
    """The passes change nothing."""
    becomes(text, text, *passes)


def _items(text: str) -> str:
    return text.partition("#![forbid(unsafe_code)]\n")[2].strip()
