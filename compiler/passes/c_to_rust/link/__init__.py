"""Several translation units become one minic module, as a linker would have it.

units       what a file contributes: its items, by name and linkage; what nobody can need is left out
likeness    which items of different files are one and the same (a header seen twice)
externals   one definition per external name; declarations agree with it
renaming    one name for two things: the later one takes another
merge       the whole of it
"""
