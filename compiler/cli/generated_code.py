"""The methods of dataclasses from an earlier start: compiling them anew took a third of every start.

`dataclasses` writes the methods of each class as source text and has the builtin `exec` compile it, two thousand small texts until the IR
framework and the passes are imported:

    def __create_fn__(__dataclass_type_a__, …):
     def __init__(self, a: __dataclass_type_a__):
      self.a = a
     return __init__

It finds `exec` as any module finds a builtin, so a name of its own comes first. The text is all that the code depends on; what is kept is the
code of the one function that the text defines.

A class without docstring gets its signature as one, for which `inspect` parses text of its own; it is left out.
"""

import dataclasses
import inspect
from types import CodeType, FunctionType, ModuleType
from typing import Any

from compiler.cli.start_memory import StartMemory


def remember_generated_code(memory: StartMemory) -> None:
    """From here until the process ends, `dataclasses` asks the memory before the compiler."""

    def run(text: str, known: dict[str, Any], made: dict[str, Any]) -> None:
        """What `exec(text, known, made)` does."""
        module = str(known.get("__name__"))
        group = memory.group(module)
        if (code := group.get(text)) is None:
            code = group[text] = _only_function(compile(text, "<string>", "exec", dont_inherit=True))
            memory.changed(module)
        if code.co_name == "<module>":
            exec(code, known, made)
        else:
            made[code.co_name] = FunctionType(code, known)

    dataclasses.__dict__["exec"] = run
    dataclasses.__dict__["inspect"] = _without_signatures()


def _without_signatures() -> ModuleType:
    """`inspect`, as far as `dataclasses` needs it where nobody reads help."""
    quick = ModuleType("inspect")
    quick.__dict__.update(inspect.__dict__, signature=_nothing)
    return quick


def _nothing(*_: object, **__: object) -> str:
    return ""


def _only_function(module: CodeType) -> CodeType:
    """The function, of a text that defines one, without default values; else the whole text."""
    code, *rest = module.co_consts
    simple = isinstance(code, CodeType) and module.co_names == (code.co_name,) and set(rest) <= {code.co_name, None}
    return code if simple else module
