"""From IR text to a callable: the only file that talks to llvmlite."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import llvmlite.binding as _binding

llvm: Any = _binding
"""llvmlite ships no types."""


@cache
def _initialize() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _target_machine(level: int) -> Any:
    """A fresh one each time: the compiler takes it over.

    The small code model calls within the module directly; the memory manager below keeps sections together, as it needs.
    """
    _initialize()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    host = llvm.get_host_cpu_name()
    return target.create_target_machine(
        cpu=host, features=features, opt=level, reloc="pic", codemodel="small", jit=True
    )


class Code:
    """A compiled module; keep it as long as its functions are called."""

    def __init__(self, text: str, entry: str, level: int) -> None:
        machine = _target_machine(level)
        module = llvm.parse_assembly(text)
        options = llvm.create_pipeline_tuning_options(speed_level=level)
        builder = llvm.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
        self._engine = llvm.create_mcjit_compiler(module, machine, use_lmm=True)
        self._engine.finalize_object()
        address = self._engine.get_function_address(entry)
        prototype = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
        self.call: Callable[[int, int], int] = prototype(address)
