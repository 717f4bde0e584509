"""Loop nests in MLIR, with many ways to run each, and what every way costs on this machine."""
