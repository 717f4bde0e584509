"""A whole module of the loop language as one C file.

Functions stand in the module's order, which is that of use: what is called stands before its caller. The file includes what
it needs and nothing else, compiles with any C11 compiler that knows GCC's bit builtins, and without a warning under
`-Wall -Wextra`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp

from compiler.analysis.loop_writes import written_parameters
from compiler.emit.c.expressions import PRELUDE
from compiler.emit.c.functions import Function
from compiler.emit.c.vectors import definitions, includes


def emit(module: ModuleOp) -> str:
    """The C text of a module."""
    functions = [op for op in module.ops if isinstance(op, func.FuncOp)]
    written = written_parameters(functions)
    texts = ["\n".join(Function(each, written[each.sym_name.data]).lines) for each in functions]
    body = "\n\n".join(texts)
    needed = [_prelude(name) for name in PRELUDE if re.search(rf"\b{name}\(", body)]
    return "\n\n".join(["\n".join(_includes(body)), *definitions(body), *needed, body]) + "\n"


def _prelude(name: str) -> str:
    head, body = PRELUDE[name]
    return f"static inline {head}\n{{\n    {body}\n}}"


def _includes(body: str) -> Iterator[str]:
    if re.search(r"\b(?:fmin|fmax|fma)f?\(|\bINFINITY\b", body):
        yield "#include <math.h>"
    if "omp_get_thread_num" in body:
        yield "#include <omp.h>"
    if "sched_yield" in body:
        yield "#include <sched.h>"
    if re.search(r"\bbool\b", body):
        yield "#include <stdbool.h>"
    yield "#include <stdint.h>"
    yield from includes(body)
