"""Pass `refuse-punning`: a program that sees memory as another type, or whose pointers cannot be followed, goes no further.

    uint8_t *p = (uint8_t *)words;  p[3] = 0;       error[C0403]

Input and output: minic, unchanged. Why here: all findings of all functions come together, before anything is built on paths; the passes
after it may assert what it has checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from compiler.analysis.program import program_of
from compiler.analysis.views import check_views
from compiler.diagnostics import CompileError


@dataclass(frozen=True, slots=True)
class RefusePunning:
    """The pass; no options."""

    name: ClassVar[str] = "refuse-punning"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        program = program_of(op)
        found = [each for name in program.functions for each in check_views(program, name)]
        if found:
            raise CompileError(*dict.fromkeys(found))
