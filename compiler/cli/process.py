"""What a process does that is a command from its first line to its last, and that a test of the command must not do.

with as_process():
    return main(sys.argv[1:])
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager

from compiler.cli.generated_code import MEMORY


@contextmanager
def as_process() -> Generator[None]:
    """For the whole of a translation.

    It keeps nearly all it makes, so looking for garbage in it, again and again as it grows and once more at exit, costs a third of the time
    and frees nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        MEMORY.save()
        gc.freeze()
