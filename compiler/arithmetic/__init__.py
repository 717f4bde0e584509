"""The arithmetic itself, on NumPy arrays: formats, rounding, random streams, and the functions that models and simulations use.

It knows no IR. The dialect names what stands here, the interpreter computes with it, and every other target must give the same bits.
"""
