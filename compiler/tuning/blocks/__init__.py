"""Straight-line code in MLIR, and what it costs on several cores: registers, spills, cycles, utilisation."""
