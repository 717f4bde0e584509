"""Rewrites of IR: one frozen dataclass per file, one package per pipeline."""
