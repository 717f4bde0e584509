"""What a process does that is a command from its first line to its last, and that a test of the command must not do.

open_streams()
with remembering(), collecting_nothing():
    status = main(sys.argv[1:])
leave(status)
"""

import gc
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

from compiler.cli.generated_code import remember_generated_code
from compiler.cli.kept_modules import KeptModules
from compiler.cli.patterns import remember_patterns
from compiler.cli.start_memory import StartMemory, beside_bytecode

MEMORY = StartMemory(beside_bytecode())


def remember() -> None:
    """Take from earlier starts what they compiled, from here on."""
    remember_generated_code(MEMORY)
    remember_patterns(MEMORY)


def open_streams() -> None:
    """Whoever starts a command may have closed its streams: what it says to one of these goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - as long as the process lives


@contextmanager
def remembering() -> Generator[None]:
    """What this process has to compile, or to look for, the next one finds."""
    try:
        with KeptModules(MEMORY):
            yield
    finally:
        MEMORY.save()


@contextmanager
def collecting_nothing() -> Generator[None]:
    """For a process that ends with the block: a translation keeps nearly all it makes, so looking for garbage in it, again and again
    as it grows and once more at exit, costs a third of the time and frees nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()


def leave(status: int) -> NoReturn:
    """The end of the process. The system takes its memory back at once; the interpreter would take every object apart before."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads it any more: the interpreter knows what to say
        sys.exit(status)
    os._exit(status)
