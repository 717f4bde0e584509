"""Literals read back as what they were."""

import struct
from fractions import Fraction
from random import Random

import pytest

from compiler.emit.rust_literals import byte_string, floating, integer, string


@pytest.mark.parametrize(
    ("value", "spelling", "text"),
    [
        (10, None, "10"),
        (-10, None, "-10"),
        (0xAB, "hex", "0xab"),
        (5, "bin", "0b101"),
        (97, "byte", "b'a'"),
        (39, "byte", "b'\\''"),
        (34, "byte", "b'\"'"),
        (92, "byte", "b'\\\\'"),
        (10, "byte", "b'\\n'"),
        (0, "byte", "b'\\0'"),
        (200, "byte", "b'\\xc8'"),
    ],
)
def test_integers(value: int, spelling: str | None, text: str) -> None:
    assert integer(value, spelling) == text


def test_strings() -> None:
    assert byte_string(b'a"\n\x00\xff') == 'b"a\\"\\n\\0\\xff"'
    assert byte_string(b"\x007") == 'b"\\x007"'  # not an octal escape, clippy would think
    assert string('a"\\\n') == '"a\\"\\\\\\n"'
    assert string("é") == '"\\u{e9}"'


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (0.0, 64, "0.0"),
        (-0.0, 64, "-0.0"),
        (1.0, 64, "1.0"),
        (0.1, 64, "0.1"),
        (1e22, 64, "1e22"),
        (1e-7, 64, "1e-7"),
        (1.5e300, 64, "1.5e300"),
        (float("inf"), 64, "f64::INFINITY"),
        (float("-inf"), 32, "f32::NEG_INFINITY"),
        (float("nan"), 32, "f32::NAN"),
        (0.10000000149011612, 32, "0.1"),
        (16777216.0, 32, "16777216.0"),
        (3.4028234663852886e38, 32, "3.4028235e38"),
        (1.401298464324817e-45, 32, "1e-45"),
    ],
)
def test_floats(value: float, width: int, text: str) -> None:
    assert floating(value, width) == text


def test_any_float_reads_back() -> None:
    random = Random(1)
    for _ in range(500):
        (double,) = struct.unpack("<d", random.randbytes(8))
        (single,) = struct.unpack("<f", random.randbytes(4))
        if double == double and abs(double) != float("inf"):
            assert float(floating(double, 64)) == double
        if single == single and abs(single) != float("inf"):
            assert _nearest_single(floating(single, 32)) == single


def _nearest_single(text: str) -> float:
    """The float of 32 bits that is nearest to a decimal number."""
    (guess,) = struct.unpack("<f", struct.pack("<f", float(text)))
    (bits,) = struct.unpack("<i", struct.pack("<f", guess))
    near = [struct.unpack("<f", struct.pack("<i", bits + step))[0] for step in (-1, 0, 1)]
    return min((each for each in near if each == each), key=lambda each: abs(Fraction(each) - Fraction(text)))
