"""Rewrites of one expression, by subject. `simplify-expressions` applies them.

A rule takes an op whose operands are already simple and answers with the value that replaces its result, or None. It may
build before the op and use what is left of its operands in their order; what stays unused is erased by the pass.
"""
