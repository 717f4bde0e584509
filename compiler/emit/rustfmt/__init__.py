"""Rust syntax that lays itself out as rustfmt would: no IR in, text out."""
