"""From the functions of a kernel's variants to one shared object, through LLVM's tools and the machine's linker.

All variants of a kernel are compiled together: `v0`, `v1`, …, with plain pointers for arguments. One module costs one start of each tool,
and all variants meet the same compiler.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from compiler.tuning.llvm_tools import ToolFailure, run_tool

TOOLS = ("mlir-opt", "mlir-translate", "opt", "llc")

TO_LLVM = (
    "--lower-affine",
    "--convert-scf-to-cf",
    "--convert-math-to-llvm",
    "--convert-arith-to-llvm",
    "--finalize-memref-to-llvm",
    "--convert-func-to-llvm=use-bare-ptr-memref-call-conv=1",
    "--convert-cf-to-llvm",
    "--reconcile-unrealized-casts",
)
"""Passes of mlir-opt, in this order."""

COUNTABLE = {"x86_64": ("-mattr=-avx512f",)}
"""Architecture to options that leave out what valgrind 3.19 cannot execute: it ends at the first instruction of AVX-512."""

MEASURE_SOURCE = Path(__file__).with_name("measure.c")


def llvm_ir(mlir: str) -> str:
    """LLVM IR of a module in `affine`, `scf`, `arith`, `math`, `memref` and `func`."""
    return run_tool("mlir-translate", "--mlir-to-llvmir", stdin=run_tool("mlir-opt", *TO_LLVM, stdin=mlir))


def optimized(ir: str, triple: str, core: str) -> str:
    return run_tool("opt", "-O2", "-S", f"-mtriple={triple}", *_target(triple, core), stdin=ir)


def shared_object(ir: str, triple: str, core: str, folder: Path) -> Path:
    """Assembles optimized IR and links it; ToolFailure when the linker refuses."""
    machine_code, library = folder / "kernel.o", folder / "kernel.so"
    options = ("-O2", *_target(triple, core), "-relocation-model=pic", "-filetype=obj")
    run_tool("llc", *options, "-o", str(machine_code), stdin=ir)
    _link(["-shared", "-o", str(library), str(machine_code), "-lm"])
    return library


def _target(triple: str, core: str) -> tuple[str, ...]:
    return (f"-mcpu={core}", *COUNTABLE.get(triple.split("-")[0], ()))


def measuring_program(folder: Path) -> Path:
    """`measure.c`, compiled into the folder."""
    program = folder / "measure"
    _link(["-O2", "-o", str(program), str(MEASURE_SOURCE), "-ldl"])
    return program


def _link(arguments: Sequence[str]) -> None:
    done = subprocess.run(["cc", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolFailure(f"cc: {done.stderr.strip()[:300]}")


@cache
def this_machine() -> tuple[str, str]:
    """Triple and core of this machine, in LLVM's words."""
    said = run_tool("llc", "--version")
    triple, core = (re.search(rf"{name}: (\S+)", said) for name in ("Default target", "Host CPU"))
    assert triple and core, "llc does not say what it compiles for"
    return triple[1], core[1]


def missing_linker() -> str | None:
    return None if shutil.which("cc") else "a C compiler (cc)"


def calls_memory_functions(ir: str) -> dict[str, bool]:
    """Function to whether the optimizer replaced a loop of it by `memcpy`, `memmove` or `memset`."""
    texts = re.split(r"^define ", ir, flags=re.MULTILINE)[1:]
    names = [found[1] if (found := re.search(r"@(\w+)\(", text)) else "" for text in texts]
    return {
        name: re.search(r"call .*@llvm\.mem(cpy|move|set)\b", text) is not None
        for name, text in zip(names, texts, strict=True)
    }
