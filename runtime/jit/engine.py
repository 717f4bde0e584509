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


def compiler_and_processor() -> list[str]:
    """What object code depends on beside its module."""
    version = ".".join(str(each) for each in llvm.llvm_version_info)
    return [version, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]


def object_code(text: str, level: int) -> bytes:
    """A module compiled; at level 0 as it stands: what is to be inlined would make the code three times as long, and hardly faster."""
    machine = _target_machine(level)
    module = llvm.parse_assembly(text)
    if level:
        _improve(module, machine, level)
    return machine.emit_object(module)


def _improve(module: Any, machine: Any, level: int) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)


class Code:
    """Compiled modules that see each other's functions; keep it as long as these are called."""

    def __init__(self, compiled: bytes, entry: str) -> None:
        nothing = llvm.parse_assembly("")
        self._engine = llvm.create_mcjit_compiler(nothing, _target_machine(0), use_lmm=True)
        self.call: Callable[[int, int], int]
        self.add(compiled, entry)

    def add(self, compiled: bytes, entry: str) -> None:
        """A further module, whose entry is called from now on."""
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(compiled))
        self._engine.finalize_object()
        prototype = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
        self.call = prototype(self._engine.get_function_address(entry))
