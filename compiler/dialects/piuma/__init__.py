"""The machine of `runtime/`, twice: its operations on memrefs inside structured loops, and its instructions on registers.

compiler.dialects.piuma.memory   where a memref lies, and whether the L1 is asked
compiler.dialects.piuma.ops      what only this machine does: threads, atomics, transfers, queues, collectives
compiler.dialects.piuma.isa      one op for every instruction of `runtime.isa`, in routines of basic blocks
"""

from xdsl.ir import Dialect

from compiler.dialects.piuma import isa, memory, ops

Piuma = Dialect("piuma", [*ops.OPS, *isa.OPS], [memory.MemoryAttr])
"""All of it."""
