"""The passes from rust to rust that make straightforward rust warning-free and readable, in their order.

    run((*lowering, *RUST_CLEANUPS, annotate_types), …)

None of them changes what a program does where C defines it; each says in its docstring what it needs before it.
"""

from compiler.passes.c_to_rust.allow_lints import AllowLints
from compiler.passes.c_to_rust.count_loops import CountLoops
from compiler.passes.c_to_rust.drop_dead_stores import DropDeadStores
from compiler.passes.c_to_rust.drop_unused import DropUnused
from compiler.passes.c_to_rust.infer_mut import InferMut
from compiler.passes.c_to_rust.iterate_slices import IterateSlices
from compiler.passes.c_to_rust.load_bytes import LoadBytes
from compiler.passes.c_to_rust.loops_to_ranges import LoopsToRanges
from compiler.passes.c_to_rust.move_elements import MoveElements
from compiler.passes.c_to_rust.place_lets import PlaceLets
from compiler.passes.c_to_rust.simplify_expressions import SimplifyExpressions
from compiler.passes.c_to_rust.simplify_statements import SimplifyStatements

RUST_CLEANUPS = (
    SimplifyExpressions(),  # casts, comparisons, rotations: may leave variables unused
    LoadBytes(),  # from_le_bytes and its like; needs simple shifts and casts
    SimplifyStatements(),  # branches, jumps, `return`s; drops what is not reached
    DropDeadStores(),  # first values that are never read; unused variables
    PlaceLets(),  # declarations meet their first values; needs every store to be read
    LoopsToRanges(),  # `while`s that count; variables tested first
    CountLoops(),  # index variables beside a loop's own; needs their declarations
    MoveElements(),  # copy_from_slice, fill, swap
    IterateSlices(),  # `for x in &a` for the loops that are left
    DropUnused(),  # items and parameters that the passes so far left without use
    InferMut(),  # needs the final statements
    AllowLints(),  # what nothing above could do away with
)
