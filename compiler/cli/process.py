"""What a process does that is a command from its first line to its last, and that a test of the command must not do.

with remembering(), collecting_nothing():
    return main(sys.argv[1:])
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager

from compiler.cli.generated_code import MEMORY


@contextmanager
def remembering() -> Generator[None]:
    """What this process had to compile of dataclasses, the next one finds."""
    try:
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
