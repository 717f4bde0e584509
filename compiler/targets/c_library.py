"""C text to functions in this process: compiled by the system's compiler, kept in a cache, called through ctypes.

    library = Library.of(signature(module), text, FLAGS)
    library.call("multiply", {"rows": 4, "a_pointers": array, …})       by the names of the parameters

What has been compiled is kept (`build_cache.py`). Refused: no C compiler, one that fails.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from xdsl.dialects import func
from xdsl.dialects.builtin import MemRefType, ModuleOp

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.targets.build_cache import built, version

FLAGS = ("-std=gnu11", "-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")
"""Every operation rounds by itself: the same bits on every computer and from Rust. Fused products are no faster here."""

Arguments = Mapping[str, NDArray[Any] | int]


Signature = tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
"""The public functions of a module: name, and for each parameter its name and whether it is an array."""


def signature(module: ModuleOp) -> Signature:
    """What a host must know of a module to call it."""
    public = [op for op in module.ops if isinstance(op, func.FuncOp) and op.sym_visibility is None]
    return tuple((op.sym_name.data, tuple(_parameters(op))) for op in public)


def _parameters(op: func.FuncOp) -> Iterator[tuple[str, bool]]:
    for each in op.body.block.args:
        assert each.name_hint, "parameters have names"
        yield each.name_hint, isinstance(each.type, MemRefType)


@dataclass(frozen=True, slots=True)
class Library:
    """The functions of one compiled module, with the names of their parameters."""

    functions: Mapping[str, Any]
    parameters: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(functions: Signature, text: str, flags: tuple[str, ...]) -> Library:
        """Compile, unless the cache has it, and load."""
        loaded = ctypes.CDLL(str(built_library(text, flags)))
        found: dict[str, Any] = {}
        for name, parameters in functions:
            found[name] = loaded[name]
            found[name].argtypes = [ctypes.c_void_p if array else ctypes.c_int64 for _, array in parameters]
            found[name].restype = None
        return Library(found, {name: tuple(each for each, _ in parameters) for name, parameters in functions})

    def call(self, name: str, arguments: Arguments) -> None:
        """Call a function; it uses of the arguments what it needs."""
        self.functions[name](*(_passed(arguments[each]) for each in self.parameters[name]))


def _passed(value: NDArray[Any] | int) -> int:
    return value if isinstance(value, int) else value.__array_interface__["data"][0]


@cache
def compiler() -> str:
    """The C compiler: `$CC`, or `cc`."""
    found = shutil.which(os.environ.get("CC") or "cc")
    if found is None:
        help_text = "install gcc or clang, or set CC; `--emit=c` prints the program without compiling it"
        raise refusal(Code.NO_C_COMPILER, None, "there is no C compiler to run the kernel with", help=help_text)
    return found


@cache
def shuffle_bytes() -> int:
    """Bytes that one instruction shuffles in what the compiler makes for this computer; 0: there is none, or no compiler."""
    found = shutil.which(os.environ.get("CC") or "cc")
    if found is None:
        return 0
    command = [found, *FLAGS, "-dM", "-E", "-x", "c", os.devnull]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return 32 if "__AVX2__" in said else 16 if "__SSSE3__" in said or "__aarch64__" in said else 0


def built_library(text: str, flags: tuple[str, ...]) -> Path:
    """The shared library of a program, from the cache if it has it."""
    command = [compiler(), *flags, *(("-fopenmp",) if "#pragma omp" in text else ())]
    return built([text, *command, version(command[0])], ".so", lambda place: _compile(command, text, place))


def _compile(command: list[str], text: str, place: Path) -> Path:
    source, library = place / "kernel.c", place / "kernel.so"
    source.write_text(text)
    done = subprocess.run([*command, "-o", library, source, "-lm"], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[0].replace(f"{source}:", "")
        raise refusal(Code.NO_C_COMPILER, None, f"`{command[0]}` does not compile the kernel: {said}")
    return library
