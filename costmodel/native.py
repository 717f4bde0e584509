"""Machine code for the few loops that NumPy cannot do: LLVM's IR as text to a function, by the library that the compiler's simulator uses too.

    add = compiled("define void @add(ptr %a, ptr %b) { … }", "add", 2, thorough=True)
    add(a.ctypes.data, b.ctypes.data)

The only file of the cost model that talks to llvmlite. Nothing here is told that arithmetic may be reordered or fused, so a function gives
the same bits on every computer. Refuses nothing: the texts are this package's own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Core:
    """Whom LLVM compiles for."""

    triple: str
    name: str
    features: str = ""
    """What it is told not to use, in LLVM's words."""


@cache
def _machine(core: Core) -> tuple[Any, Any]:
    """A core's machine, and its passes (those of -O2) with names for all blocks at the end."""
    llvm: Any = _llvm()
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(core.triple)
    machine = target.create_target_machine(
        cpu=core.name, features=core.features, opt=2, reloc="pic", codemodel="default"
    )
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = options.slp_vectorization = options.loop_interleaving = options.loop_unrolling = True
    builder = llvm.create_pass_builder(machine, options)
    return machine, builder


def optimized(text: str, core: Core) -> str:
    """A module after -O2 for a core, every block with a name. Its functions' attributes are `#0`, which nothing else defines."""
    llvm: Any = _llvm()
    machine, builder = _machine(core)
    named = f'"target-cpu"="{core.name}" "target-features"="{core.features}"'
    module = llvm.parse_assembly(f"{text}\nattributes #0 = {{ {named} }}\n")
    module.triple, module.data_layout = core.triple, str(machine.target_data)
    module.verify()
    passes = builder.getModulePassManager()
    passes.add_instruction_namer_pass()
    passes.run(module, builder)
    return str(module)


def assembly(text: str, core: Core) -> str:
    """The machine code of a module, as an assembler reads it, without comments."""
    llvm: Any = _llvm()
    return _machine(core)[0].emit_assembly(llvm.parse_assembly(text))


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


def run_once(text: str, entry: str, *arguments: int) -> None:
    """Call a function of a module once, with addresses or 64-bit numbers. LLVM first does what takes its loops away where it can."""
    llvm: Any = _llvm()
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(opt=1, reloc="pic", jit=True)
    module = llvm.parse_assembly(text)
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * len(arguments))(engine.get_function_address(entry))(*arguments)
    engine.close()
