"""What no item, variable or module of the output may be called: Rust's keywords, and its primitive types, which would confuse any reader."""

from __future__ import annotations

RESERVED = frozenset(
    "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return "
    "self Self static struct super trait true type unsafe use where while abstract become box do final gen macro override priv try "
    "typeof unsized virtual yield union u8 i8 u16 i16 u32 i32 u64 i64 usize isize u128 i128 f32 f64 bool char str".split()
)
