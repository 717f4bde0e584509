"""What the methods and paths of Rust's std do that the passes over rust must know.

    effect_of("fill")          -> Effect.WRITES     takes &mut self and writes through it
    effect_of("wrapping_add")  -> Effect.PURE       may be dropped, repeated, reordered with other pure ones
    effect_of("unwrap")        -> Effect.UNKNOWN    neither of the two is promised

Methods are known by name alone; `rotate_left` and `rotate_right`, which integers and slices both have, are told apart by
the receiver's type. What is not in these tables is UNKNOWN.
"""

from __future__ import annotations

from enum import Enum, auto

from xdsl.ir import Attribute

from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import SCALARS, OptionType, ScalarType


class Effect(Enum):
    PURE = auto()
    WRITES = auto()
    UNKNOWN = auto()


WRITES = frozenset(
    """as_mut as_mut_slice chunks_exact_mut chunks_mut clear clone_from_slice copy_from_slice copy_within extend
    extend_from_slice fill first_chunk_mut first_mut get_disjoint_mut get_mut insert iter_mut last_chunk_mut last_mut next
    next_back pop push remove replace resize reverse sort sort_unstable split_at_mut split_first_chunk_mut split_first_mut
    split_last_mut split_off swap swap_with_slice take truncate write_all write_fmt flush""".split()
)
"""Methods that take `&mut self`. (`take` is one on an `Option`; on an iterator it only limits it.)"""

PURE = frozenset(
    """abs abs_diff as_bytes as_deref as_ref as_slice as_str checked_add checked_div checked_mul checked_rem checked_sub chunks
    chunks_exact clamp clone cmp cloned contains copied count_ones count_zeros div_ceil div_euclid enumerate eq_ignore_ascii_case first
    first_chunk get into_iter is_empty is_err is_multiple_of is_negative is_none is_ok is_positive is_power_of_two is_some
    isqrt iter last last_chunk leading_ones leading_zeros len max min ne next_multiple_of overflowing_add overflowing_mul
    overflowing_sub pow rem_euclid rev reverse_bits saturating_add saturating_mul saturating_sub signum skip skip_while split_at
    split_first split_first_chunk split_last starts_with step_by swap_bytes to_be to_be_bytes to_bits to_le to_le_bytes
    to_ne_bytes trailing_ones trailing_zeros unsigned_abs windows wrapping_abs wrapping_add wrapping_div wrapping_mul
    wrapping_neg wrapping_pow wrapping_rem wrapping_shl wrapping_shr wrapping_sub zip
    acos asin atan atan2 cbrt ceil copysign cos cosh exp exp2 exp_m1 floor fract hypot is_finite is_infinite is_nan is_normal
    is_sign_negative ln ln_1p log log10 log2 mul_add powf powi recip round round_ties_even sin sinh sqrt tan tanh to_degrees to_radians trunc
    is_ascii_alphabetic is_ascii_alphanumeric is_ascii_control is_ascii_digit is_ascii_graphic is_ascii_hexdigit
    is_ascii_lowercase is_ascii_punctuation is_ascii_uppercase is_ascii_whitespace to_ascii_lowercase to_ascii_uppercase
    rotate_left rotate_right""".split()
)
"""Methods without effect; a panic they may raise stands for behaviour that C leaves undefined."""

_PURE_CSTD = """atoi c_str c_str_n clrsb contains_any contains_or_ends contains_str ffs is_blank is_space pad strcasecmp
strcspn strspn to_lower to_upper Float Scientific Shortest""".split()
_PURE_CALLS = frozenset(
    ("Some", "Ok", "Err", "size_of", "std::mem::size_of", *(f"cstd::{name}" for name in _PURE_CSTD))
)


def effect_of(method: str, receiver: Attribute) -> Effect:
    """What `receiver.method(…)` does, apart from what its arguments' evaluation does."""
    if method in ("rotate_left", "rotate_right"):
        return Effect.PURE if isinstance(receiver, ScalarType) else Effect.WRITES
    if method == "take":
        return Effect.WRITES if isinstance(place_type(receiver), OptionType) else Effect.PURE
    if method in PURE:
        return Effect.PURE
    return Effect.WRITES if method in WRITES else Effect.UNKNOWN


def is_pure_call(callee: str) -> bool:
    """True for constructors and associated functions of the primitive types (`u32::from_le_bytes`)."""
    return callee in _PURE_CALLS or callee.partition("::")[0] in SCALARS
