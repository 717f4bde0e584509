"""Published vectors for four HACL* primitives: RFC 8439 (ChaCha20, Poly1305, AEAD) and RFC 7748 (X25519, with its iterated test).

`MORE_ITERATIONS` calls of the iterated test follow the published sequence; a small X25519 of ours names the values in between, and both
published ends (after 1 and after 1,000) must be met.
"""

from __future__ import annotations

from collections.abc import Iterator

from equivalence.wire import Vector

TEXT = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
COUNTING_KEY = bytes(range(32))

CHACHA_NONCE = bytes.fromhex("000000000000004a00000000")
CHACHA_CIPHER = bytes.fromhex(
    "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
    "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
    "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
    "5af90bbf74a35be6b40b8eedf2785e42874d"
)

POLY_KEY = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
POLY_TEXT = b"Cryptographic Forum Research Group"
POLY_TAG = bytes.fromhex("a8061dc1305136c6c22b8baf0c0127a9")

AEAD_KEY = bytes(range(0x80, 0xA0))
AEAD_NONCE = bytes.fromhex("070000004041424344454647")
AEAD_DATA = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
AEAD_TAG = bytes.fromhex("1ae10b594f09e26a7e902ecbd0600691")
AEAD_CIPHER = bytes.fromhex(
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
    "3ff4def08e4b7a9de576d26586cec64b6116"
)

X25519 = (
    (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ),
    (
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ),
)
AFTER_1 = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
AFTER_1000 = "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"


def vectors() -> Iterator[Vector]:
    """Every published call, as bytes in and bytes out."""
    yield from _chacha20()
    yield from _poly1305()
    yield from _aead()
    for scalar, point, product in (map(bytes.fromhex, each) for each in X25519):
        yield _scalarmult(scalar, point, product)
    yield from _iterated()


def _chacha20() -> Iterator[Vector]:
    size = len(TEXT)
    for function, given, left in (
        ("Hacl_Chacha20_chacha20_encrypt", TEXT, CHACHA_CIPHER),
        ("Hacl_Chacha20_chacha20_decrypt", CHACHA_CIPHER, TEXT),
    ):
        taken = (size, bytes(size), given, COUNTING_KEY, CHACHA_NONCE, 1)
        yield Vector(function, taken, (left, given, COUNTING_KEY, CHACHA_NONCE))


def _poly1305() -> Iterator[Vector]:
    taken = (bytes(16), len(POLY_TEXT), POLY_TEXT, POLY_KEY)
    yield Vector("Hacl_Poly1305_32_poly1305_mac", taken, (POLY_TAG, POLY_TEXT, POLY_KEY))


def _aead() -> Iterator[Vector]:
    size = len(TEXT)
    known = (AEAD_KEY, AEAD_NONCE)
    sealed = (*known, len(AEAD_DATA), AEAD_DATA, size, TEXT, bytes(size), bytes(16))
    yield Vector("Hacl_Chacha20Poly1305_32_aead_encrypt", sealed, (*known, AEAD_DATA, TEXT, AEAD_CIPHER, AEAD_TAG))
    for status, tag, text in ((0, AEAD_TAG, TEXT), (1, bytes(16), bytes(size))):
        opened = (*known, len(AEAD_DATA), AEAD_DATA, size, bytes(size), AEAD_CIPHER, tag)
        left = (status, *known, AEAD_DATA, text, AEAD_CIPHER, tag)
        yield Vector("Hacl_Chacha20Poly1305_32_aead_decrypt", opened, left)


def _scalarmult(scalar: bytes, point: bytes, product: bytes) -> Vector:
    return Vector("Hacl_Curve25519_51_scalarmult", (bytes(32), scalar, point), (product, scalar, point))


def _iterated() -> Iterator[Vector]:
    scalar = point = (9).to_bytes(32, "little")
    for turn in range(1, 1001):
        product = x25519(scalar, point)
        yield _scalarmult(scalar, point, product)
        scalar, point = product, scalar
        assert turn != 1 or scalar.hex() == AFTER_1
    assert scalar.hex() == AFTER_1000


_PRIME = 2**255 - 19


def x25519(scalar: bytes, point: bytes) -> bytes:
    """RFC 7748, section 5, in Python's integers."""
    k = int.from_bytes(scalar, "little") & ~7 & (1 << 255) - 1 | 1 << 254
    x1 = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swapped = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swapped ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = bit
        x2, z2, x3, z3 = _ladder_step(x1, x2, z2, x3, z3)
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, _PRIME - 2, _PRIME) % _PRIME).to_bytes(32, "little")


def _ladder_step(x1: int, x2: int, z2: int, x3: int, z3: int) -> tuple[int, int, int, int]:
    p = _PRIME
    a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
    aa, bb, da, cb = a * a % p, b * b % p, d * a % p, c * b % p
    e = aa - bb
    return aa * bb % p, e * (aa + 121665 * e) % p, (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
