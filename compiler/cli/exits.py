"""How a command ends: the exit status, and what it says on standard error.

return finish("c2rust-safe", body, sources, traceback=False)

0 done   1 the input is refused   2 the command line is at fault   70 internal error   130 interrupted
"""

import os
import sys
from collections.abc import Callable, Iterable
from enum import IntEnum

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, InternalError, Sources, render


class Exit(IntEnum):
    DONE = 0
    REFUSED = 1
    USAGE = 2
    INTERNAL = 70
    INTERRUPTED = 130


_DEEPEST = 20_000  # frames: expressions of machine-made C nest some thousands deep

_COMMAND_LINE_CODES = {Code.INPUT_UNREADABLE, Code.OUTPUT_UNWRITABLE, Code.COMPILE_COMMANDS}


def finish(program: str, body: Callable[[], None], sources: Sources, *, traceback: bool) -> Exit:
    """Run the command and say what went wrong, if anything did."""
    sys.setrecursionlimit(_DEEPEST)
    try:
        body()
        return Exit.DONE
    except CompileError as error:
        sys.stderr.write(render(error.diagnostics, sources, color=_wants_color()))
        ours = all(each.code in _COMMAND_LINE_CODES for each in error.diagnostics)
        return Exit.USAGE if ours else Exit.REFUSED
    except BrokenPipeError:
        # Whoever reads our output has seen enough. The interpreter must not find the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        _report_internal(program, error, traceback)
        return Exit.INTERNAL


def warn(warnings: Iterable[Diagnostic], sources: Sources) -> None:
    """Say what the user should know of a command that is done."""
    sys.stderr.write(render(warnings, sources, color=_wants_color()))


def _wants_color() -> bool:
    return sys.stderr.isatty() and "NO_COLOR" not in os.environ


def _report_internal(program: str, error: Exception, traceback: bool) -> None:
    """One line that names the stage and the place; only on request the rest."""
    located = error if isinstance(error, InternalError) else InternalError("the command", None, error)
    hint = "" if traceback else " (--traceback shows more)"
    sys.stderr.write(f"{program}: internal error {located}{hint}\n")
    if traceback:
        from traceback import print_exception

        print_exception(error)
