"""minic to rust, one function at a time: each file adds one layer to the lowering of a function body.

context      what a function's lowering knows        indices   offsets as `usize`
places       paths as Rust places and borrows        values    scalar and struct expressions
calls        arguments, splits, library calls        statements, switches, loops
items        structs, constants, signatures
"""
