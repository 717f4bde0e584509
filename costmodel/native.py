"""Machine code for the few loops that NumPy cannot do: LLVM's IR as text to a function, by the library that the compiler's simulator uses too.

    add = compiled("define void @add(ptr %a, ptr %b) { … }", "add", 2, thorough=True)
    add(a.ctypes.data, b.ctypes.data)

The only file of the cost model that talks to llvmlite. Nothing here is told that arithmetic may be reordered or fused, so a function gives
the same bits on every computer. Refuses nothing: the texts are this package's own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

Native = Callable[..., None]
"""Takes addresses and 64-bit numbers."""


@cache
def _llvm() -> Any:
    import llvmlite.binding as llvm  # ships no types; loaded when something is predicted

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def compiled(text: str, entry: str, arguments: int, *, thorough: bool) -> Native:
    """The function `entry` of a module, which takes so many addresses or 64-bit numbers; compiled once. Thoroughly compiled it runs two to
    three times as fast, which takes three times as long; all of LLVM's passes would take five times that and gain nothing."""
    llvm: Any = _llvm()
    target = llvm.Target.from_default_triple()
    host, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    machine = target.create_target_machine(cpu=host, features=features, opt=1 if thorough else 0, reloc="pic", jit=True)
    module = llvm.parse_assembly(text)
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    if thorough:
        passes.add_instruction_combine_pass()
        passes.add_simplify_cfg_pass()
    passes.run(module, builder)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * arguments)
    function = prototype(engine.get_function_address(entry))
    _KEPT.append(engine)
    return function


_KEPT: list[Any] = []
"""Functions are valid as long as what they were compiled by."""
