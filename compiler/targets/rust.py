"""Rust as a target (sketch)."""
