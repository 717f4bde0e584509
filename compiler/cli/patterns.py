"""Regular expressions from an earlier start: `re` compiles each pattern in Python, sixty of them until all is imported.

`re` gives what it compiled to `_sre` as a list of numbers, and what is kept are those numbers. The modules behind `re` may change with any
Python: a pattern is kept only where what `_sre` makes of its numbers equals what `re` made of its text, for the same Python and no other.
Kept are the patterns of modules, as they stand in their files; what a function puts together may be another text at each start.
"""

import inspect
import re
from contextlib import suppress
from types import FrameType
from typing import Any

from compiler.cli.start_memory import StartMemory

_GROUP = "re.compile"
_NEVER = re.LOCALE.value | re.DEBUG.value  # the one depends on more than the text, the other prints

_Numbers = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
"""Flags, code of four bytes each, groups, their numbers by name, their names."""


def remember_patterns(memory: StartMemory) -> None:
    """From here until the process ends, `re` asks the memory before its own compiler."""
    compiler: Any = re.__dict__.get("_compiler")
    ordinary = getattr(compiler, "compile", None)
    if ordinary is None:
        return

    def compiled(pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        if type(pattern) not in (str, bytes) or not _is_of_module(inspect.currentframe()):
            return ordinary(pattern, flags)
        group = memory.group(_GROUP)
        if kept := group.get((pattern, flags)):
            return _made(compiler, pattern, kept)
        made = ordinary(pattern, flags)
        with suppress(Exception):  # of modules that promise nothing
            numbers = _numbers(compiler, pattern, flags)
            if _made(compiler, pattern, numbers) == made and not made.flags & _NEVER:
                group[pattern, flags] = numbers
                memory.changed(_GROUP)
        return made

    compiler.compile = compiled


def _is_of_module(frame: FrameType | None) -> bool:
    """Is it a module that called `re`, while it was imported?"""
    frame = frame and frame.f_back
    while frame and frame.f_code.co_filename == re.__file__:
        frame = frame.f_back
    return frame is not None and frame.f_code.co_name == "<module>"


def _numbers(compiler: Any, pattern: Any, flags: int) -> _Numbers:
    """As `re._compiler.compile` gives them to `_sre`."""
    from array import array

    parsed = compiler._parser.parse(pattern, flags)
    code = array("I", compiler._code(parsed, flags))
    assert code.itemsize == 4
    state = parsed.state
    names = {number: name for name, number in state.groupdict.items()}
    index = tuple(names.get(number) for number in range(state.groups))
    return int(flags | state.flags), code.tobytes(), state.groups - 1, dict(state.groupdict), index


def _made(compiler: Any, pattern: Any, numbers: _Numbers) -> re.Pattern[Any]:
    flags, code, groups, by_name, names = numbers
    return compiler._sre.compile(pattern, flags, memoryview(code).cast("I").tolist(), groups, by_name, names)
