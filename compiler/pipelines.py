"""Every pipeline of kernels: which passes run, in which order.

    run(KERNEL_TO_C, context, module, verify=True, print_after={"lower-to-loops"}, show=print)

C to Rust stands in `compiler.c_to_rust`: neither waits for the other to be imported. What runs passes is in `compiler.running`.
"""

from xdsl.context import Context
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import Builtin
from xdsl.dialects.dlti import DLTI
from xdsl.dialects.func import Func
from xdsl.dialects.linalg import Linalg
from xdsl.dialects.math import Math
from xdsl.dialects.memref import MemRef
from xdsl.dialects.omp import OMP
from xdsl.dialects.riscv import RISCV
from xdsl.dialects.scf import Scf
from xdsl.dialects.tensor import Tensor
from xdsl.dialects.vector import Vector

from compiler.dialects.cpu import Cpu
from compiler.dialects.minic import Minic
from compiler.dialects.piuma import Piuma
from compiler.dialects.qarith import Qarith
from compiler.dialects.rust import Rust
from compiler.dialects.sparse_tensor import SparseTensor
from compiler.dialects.spgemm import Spgemm
from compiler.passes.c_to_rust.annotate_types import AnnotateTypes
from compiler.passes.c_to_rust.cleanups import RUST_CLEANUPS
from compiler.passes.c_to_rust.keep_names_apart import KeepNamesApart
from compiler.passes.c_to_rust.name_float_constants import NameFloatConstants
from compiler.passes.kernel_to_c.drop_unused_parameters import DropUnusedParameters
from compiler.passes.kernel_to_c.lower_to_loops import LowerToLoops
from compiler.passes.kernel_to_piuma.lower_kernel import LowerKernel
from compiler.passes.kernel_to_rust.loops_to_rust import LoopsToRust
from compiler.passes.loops_to_piuma.allocate_registers import AllocateRegisters
from compiler.passes.loops_to_piuma.lower_to_rv64 import LowerToRv64
from compiler.passes.loops_to_piuma.straighten_blocks import StraightenBlocks
from compiler.passes.qarith_to_loops.inline_calls import InlineCalls
from compiler.passes.qarith_to_loops.lower_arithmetic import LowerArithmetic
from compiler.running import Pass, check, run, stage

__all__ = ["ARITHMETIC", "LOOPS_TO_PIUMA", "Pass", "check", "new_context", "run", "stage"]

LOOPS_TO_PIUMA: tuple[Pass, ...] = (
    LowerToRv64(),  # structure ends here: blocks of instructions, on registers without names
    AllocateRegisters(),  # names, spills, moves on edges
    StraightenBlocks(),  # after the moves are placed: only now is it known which blocks are empty
)

KERNEL_TO_PIUMA: tuple[Pass, ...] = (
    LowerKernel(),  # the mathematics end here, as the schedule says: loops of threads, atomics and transfers
    *LOOPS_TO_PIUMA,
)

KERNEL_TO_C: tuple[Pass, ...] = (
    LowerToLoops(),  # the mathematics end here, as the schedule says: functions on arrays
    DropUnusedParameters(),  # last: what rows get in common, each keeps only where it needs it
)

LOOPS_TO_RUST: tuple[Pass, ...] = (
    LoopsToRust(),  # arrays become slices, an index a `usize`, what a loop carries a variable
    *RUST_CLEANUPS,  # as for C that became Rust: what rustc and clippy would remark on, and what a reader would
    KeepNamesApart(),
    NameFloatConstants(),
    AnnotateTypes(),  # last: every rewrite may move the place that told a type
)

KERNEL_TO_RUST: tuple[Pass, ...] = (
    LowerToLoops(),  # the same loops as for C, of one thread
    DropUnusedParameters(),
    *LOOPS_TO_RUST,
)

ARITHMETIC: tuple[Pass, ...] = (
    InlineCalls(),  # one function is left, so that what is a constant in it, or yielded, is seen
    LowerArithmetic(),  # the tensors end here, as the schedule says: arrays and loops
)

ARITHMETIC_TO_PIUMA: tuple[Pass, ...] = (*ARITHMETIC, *LOOPS_TO_PIUMA)

ARITHMETIC_TO_C: tuple[Pass, ...] = (*ARITHMETIC, DropUnusedParameters())

ARITHMETIC_TO_RUST: tuple[Pass, ...] = (*ARITHMETIC, DropUnusedParameters(), *LOOPS_TO_RUST)

_KERNEL_DIALECTS = (
    *(Spgemm, Qarith, SparseTensor, Tensor, Linalg, DLTI),
    *(Arith, Func, Math, MemRef, Scf, Vector, RISCV, Piuma, OMP, Cpu),
)


def new_context() -> Context:
    """A context that knows the dialects of all pipelines."""
    context = Context()
    for dialect in (Builtin, Minic, Rust, *_KERNEL_DIALECTS):
        context.load_dialect(dialect)
    return context
