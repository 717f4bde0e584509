"""What both simulators share: the machine's state, and every rule that decides between two threads.

The functions here are ordinary Python over integer lists, called as they stand by the oracle, and
translated to machine code by `runtime.jit.subset` for the compiled tier.  So arbitration (who gets a
bank, a channel, a port, an engine, a queue entry, and when) is defined once.  The translatable subset:
integers of 64 bits, `if`, `while`, `for _ in range`, arithmetic and comparisons, `s.array[index]`,
`k.constant`, calls of other such functions and of `runtime.model.intrinsics`.  `//` and `%` are for
non-negative operands only.
"""
