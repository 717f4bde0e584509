"""Rust text to functions in this process: compiled by rustc, kept in a cache, called through ctypes.

    library = RustLibrary.of(signature(module), text, FLAGS)
    library.call("multiply", {"rows": 4, "a_pointers": array, …})       by the names of the parameters

The text is a crate of its own, without `unsafe`. A second crate, made here, gives each public function a C name: it makes
slices of pointers and lengths, and tells whether the function panicked. Refused: no rustc, one that fails.
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
from xdsl.dialects.builtin import ModuleOp

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects import rust
from compiler.dialects.rust_types import RefType, ScalarType, SliceType
from compiler.targets.build_cache import built, version

FLAGS = ("--edition=2021", "-C", "opt-level=3", "-C", "target-cpu=native", "-C", "codegen-units=1")

Arguments = Mapping[str, NDArray[Any] | int]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a public function; `element` is the type of a slice's elements, "" for a `usize`."""

    name: str
    element: str
    is_mut: bool


Signature = tuple[tuple[str, tuple[Parameter, ...]], ...]
"""The public functions of a module."""


def signature(module: ModuleOp) -> Signature:
    """What a host must know of a module to call it."""
    public = [op for op in module.ops if isinstance(op, rust.FnOp) and op.public is not None]
    return tuple((op.sym_name.data, tuple(_parameters(op))) for op in public)


def _parameters(op: rust.FnOp) -> Iterator[Parameter]:
    for name, argument in zip(op.param_names, op.body.block.args, strict=True):
        match argument.type:
            case RefType(pointee=SliceType(element=ScalarType() as element)) as reference:
                yield Parameter(name.data, element.kind.data, bool(reference.is_mut.data))
            case _:
                yield Parameter(name.data, "", False)


@dataclass(frozen=True, slots=True)
class RustLibrary:
    """The functions of one compiled module, with their parameters."""

    functions: Mapping[str, Any]
    parameters: Mapping[str, tuple[Parameter, ...]]

    @staticmethod
    def of(functions: Signature, text: str, flags: tuple[str, ...]) -> RustLibrary:
        """Compile, unless the cache has it, and load."""
        loaded = ctypes.CDLL(str(_compiled(text, _boundary(functions), flags)))
        found: dict[str, Any] = {}
        for name, parameters in functions:
            found[name] = loaded[name]
            kinds = [[ctypes.c_void_p, ctypes.c_size_t] if each.element else [ctypes.c_size_t] for each in parameters]
            found[name].argtypes = [each for pair in kinds for each in pair]
            found[name].restype = ctypes.c_bool
        return RustLibrary(found, dict(functions))

    def call(self, name: str, arguments: Arguments) -> None:
        """Call a function; it uses of the arguments what it needs."""
        passed = [value for each in self.parameters[name] for value in _passed(arguments[each.name])]
        if not self.functions[name](*passed):
            raise IndexError(f"`{name}` of the compiled kernel panicked")


def _passed(value: NDArray[Any] | int) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else (value.__array_interface__["data"][0], value.size)


# --- the crate at the boundary ------------------------------------------------------------------------------------------------


def _boundary(functions: Signature) -> str:
    """The second crate: the one place where a caller's pointers are taken at their word."""
    head = "use std::panic::{catch_unwind, AssertUnwindSafe};\nuse std::slice::{from_raw_parts, from_raw_parts_mut};\n"
    return head + "".join(_wrapper(name, parameters) for name, parameters in functions)


def _wrapper(name: str, parameters: tuple[Parameter, ...]) -> str:
    head = ", ".join(_declared(each) for each in parameters)
    slices = "".join(_slice(each) for each in parameters if each.element)
    arguments = ", ".join(each.name for each in parameters)
    return f"""
#[no_mangle]
pub unsafe extern "C" fn {name}({head}) -> bool {{
{slices}    catch_unwind(AssertUnwindSafe(|| kernel::{name}({arguments}))).is_ok()
}}
"""


def _declared(each: Parameter) -> str:
    if not each.element:
        return f"{each.name}: usize"
    return f"{each.name}: *{'mut' if each.is_mut else 'const'} {each.element}, {each.name}_len: usize"


def _slice(each: Parameter) -> str:
    make = "from_raw_parts_mut" if each.is_mut else "from_raw_parts"
    return f"    let {each.name} = unsafe {{ {make}({each.name}, {each.name}_len) }};\n"


# --- compiling ----------------------------------------------------------------------------------------------------------------


@cache
def compiler() -> str:
    """The Rust compiler: `$RUSTC`, or `rustc`."""
    found = shutil.which(os.environ.get("RUSTC") or "rustc")
    if found is None:
        help_text = "install Rust, or set RUSTC; `--emit=rust` prints the program without compiling it"
        raise refusal(Code.NO_RUSTC, None, "there is no rustc to run the kernel with", help=help_text)
    return found


def _compiled(text: str, boundary: str, flags: tuple[str, ...]) -> Path:
    command = [compiler(), *flags]
    parts = [text, boundary, *command, version(command[0])]
    return built(parts, ".so", lambda place: _build(command, text, boundary, place))


def _build(command: list[str], text: str, boundary: str, place: Path) -> Path:
    (place / "kernel.rs").write_text(text)
    (place / "boundary.rs").write_text(boundary)
    _rustc(command, place, "kernel.rs", "--crate-type=rlib")
    _rustc(command, place, "boundary.rs", "--crate-type=cdylib", "--extern", f"kernel={place / 'libkernel.rlib'}")
    return next(each for each in place.iterdir() if each.suffix in (".so", ".dylib", ".dll"))


def _rustc(command: list[str], place: Path, source: str, *more: str) -> None:
    whole = [*command, *more, "--out-dir", str(place), str(place / source)]
    done = subprocess.run(whole, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
        raise refusal(Code.NO_RUSTC, None, f"`{command[0]}` does not compile the kernel: {said}")
