"""The C examples are right: published vectors, and Python's standard library where it has the same function.

Each example is built once as a shared library, warnings being errors. What the translator makes of them is compared with this same C by
`tests/equivalence/`; so here only the C itself is judged.
"""

from __future__ import annotations

import base64
import binascii
import ctypes
import datetime
import hashlib
import random
import shutil
import subprocess
import urllib.parse
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "c"
PROGRAMS = {"life": 0, "vm": 4, "primes": 0, "calc": 3}
Load = Callable[[str], ctypes.CDLL]

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Builds an example as a shared library and loads it."""

    def build(name: str) -> ctypes.CDLL:
        library = tmp_path_factory.mktemp(name) / f"{name}.so"
        _cc(EXAMPLES / f"{name}.c", library, "-shared", "-fPIC", "-O1")
        return ctypes.CDLL(str(library))

    return build


def _cc(source: Path, output: Path, *flags: str) -> None:
    strict = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["cc", *strict, *flags, str(source), "-o", str(output)], check=True, timeout=120)


@pytest.mark.parametrize("source", sorted(EXAMPLES.glob("*.c")), ids=lambda path: path.stem)
def test_compiles_without_a_warning(source: Path, tmp_path: Path) -> None:
    _cc(source, tmp_path / "object.o", "-c", "-O1", "-fsanitize=address,undefined")


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_clean_under_the_sanitizers(name: str, tmp_path: Path) -> None:
    _cc(EXAMPLES / f"{name}.c", tmp_path / name, "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    done = subprocess.run([tmp_path / name], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (PROGRAMS[name], "")
    assert done.stdout.count("\n") >= 3


def _messages(seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    return [rng.randbytes(size) for size in (0, 1, 3, 8, 55, 56, 63, 64, 65, 127, 128, 200, 1000)]


def test_hashes_agree_with_hashlib(load: Load) -> None:
    sha256, md5, blake2s = load("sha256"), load("md5"), load("blake2s")
    out = ctypes.create_string_buffer(32)
    for data in _messages():
        size = ctypes.c_size_t(len(data))
        sha256.sha256(out, data, size)
        assert out.raw == hashlib.sha256(data).digest()
        md5.md5(out, data, size)
        assert out.raw[:16] == hashlib.md5(data).digest()
        for length, key in ((32, b""), (20, b"key"), (7, bytes(32))):
            blake2s.blake2s(out, ctypes.c_size_t(length), key, ctypes.c_size_t(len(key)), data, size)
            assert out.raw[:length] == hashlib.blake2s(data, digest_size=length, key=key).digest()


def test_checksums_agree_with_zlib_and_binascii(load: Load) -> None:
    lib = load("checksums")
    for name in ("crc32_update", "crc32_small", "adler32"):
        getattr(lib, name).restype = ctypes.c_uint32
    lib.crc16_ccitt.restype = ctypes.c_uint16
    table = (ctypes.c_uint32 * 256)()
    lib.crc32_make_table(table)
    for data in _messages():
        size = ctypes.c_size_t(len(data))
        assert lib.crc32_update(table, 0, data, size) == lib.crc32_small(0, data, size) == zlib.crc32(data)
        assert lib.adler32(1, data, size) == zlib.adler32(data)
        assert lib.crc16_ccitt(data, size) == binascii.crc_hqx(data, 0xFFFF)


def test_siphash_vectors(load: Load) -> None:
    lib = load("siphash")
    lib.siphash24.restype = ctypes.c_uint64
    key = bytes(range(16))
    answers = {0: "310e0edd47db6f72", 1: "fd67dc93c539f874", 15: "e545be4961ca29a1"}  # from the reference's vectors
    for size, answer in answers.items():
        value = lib.siphash24(bytes(range(size)), ctypes.c_size_t(size), key)
        assert value.to_bytes(8, "little").hex() == answer


def test_chacha20_vector_of_rfc_8439(load: Load) -> None:
    lib = load("chacha20")
    text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
    data = ctypes.create_string_buffer(text, len(text))
    nonce = bytes.fromhex("000000000000004a00000000")
    lib.chacha20_xor(bytes(range(32)), 1, nonce, data, ctypes.c_size_t(len(text)))
    assert data.raw.hex().startswith("6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b")
    assert data.raw.hex().endswith("874d")


def test_block_ciphers(load: Load) -> None:
    xtea, aes, speck = load("xtea"), load("aes128"), load("speck")
    key, block = (
        (ctypes.c_uint32 * 4)(0x00010203, 0x04050607, 0x08090A0B, 0x0C0D0E0F),
        (ctypes.c_uint32 * 2)(0x41424344, 0x45464748),
    )
    xtea.xtea_encrypt(block, key)
    assert list(block) == [0x497DF3D0, 0x72612CB5]

    schedule = ctypes.create_string_buffer(176)
    aes.aes128_expand(schedule, bytes(range(16)))
    state = ctypes.create_string_buffer(bytes.fromhex("00112233445566778899aabbccddeeff"), 16)
    aes.aes128_encrypt_block(schedule, state)
    assert state.raw.hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"  # FIPS 197, C.1
    aes.aes128_decrypt_block(schedule, state)
    assert state.raw.hex() == "00112233445566778899aabbccddeeff"

    class Block(ctypes.Structure):
        _fields_ = (("x", ctypes.c_uint32), ("y", ctypes.c_uint32))

    speck.speck_encrypt.restype = speck.speck_decrypt.restype = Block
    rounds = (ctypes.c_uint32 * 27)()
    speck.speck_schedule(rounds, (ctypes.c_uint32 * 4)(0x03020100, 0x0B0A0908, 0x13121110, 0x1B1A1918))
    done = speck.speck_encrypt(rounds, Block(0x3B726574, 0x7475432D))
    assert (done.x, done.y) == (0x8C6FA548, 0x454E028B)


def test_rc4_vector(load: Load) -> None:
    lib = load("rc4")
    state, data = ctypes.create_string_buffer(258), ctypes.create_string_buffer(b"Plaintext", 9)
    assert lib.rc4_init(state, b"Key", ctypes.c_size_t(3)) == 0
    lib.rc4_crypt(state, data, ctypes.c_size_t(9))
    assert data.raw.hex() == "bbf316e8d940af0ad3"


def test_big_numbers_agree_with_python(load: Load) -> None:
    lib = load("bignum")
    rng = random.Random(7)
    limbs = ctypes.c_uint32 * 8
    for _ in range(20):
        base, exponent, modulus = rng.getrandbits(256), rng.getrandbits(64), rng.getrandbits(256) | 1
        result = limbs()
        assert lib.bn_modexp(result, _limbs(base, 8), _limbs(exponent, 2), 2, _limbs(modulus, 8), 8) == 0
        assert _number(result) == pow(base, exponent, modulus)


def _limbs(value: int, count: int) -> ctypes.Array[ctypes.c_uint32]:
    return (ctypes.c_uint32 * count)(*(value >> 32 * i & 0xFFFFFFFF for i in range(count)))


def _number(limbs: ctypes.Array[ctypes.c_uint32]) -> int:
    return sum(limb << 32 * i for i, limb in enumerate(limbs))


def test_field_inverse(load: Load) -> None:
    lib = load("field25519")
    element = ctypes.c_uint64 * 5
    prime = 2**255 - 19
    value = random.Random(3).getrandbits(255) % prime
    inverse = element()
    lib.fe_invert(inverse, element(*(value >> 51 * i & (2**51 - 1) for i in range(5))))
    assert value * sum(limb << 51 * i for i, limb in enumerate(inverse)) % prime == 1


def test_codecs_agree_with_the_standard_library(load: Load) -> None:
    lib = load("codecs")
    for data in _messages():
        text, back = ctypes.create_string_buffer(2 * len(data) + 8), ctypes.create_string_buffer(len(data) + 3)
        lib.base64_encode(text, data, ctypes.c_size_t(len(data)))
        assert text.value == base64.b64encode(data)
        assert lib.base64_decode(back, ctypes.c_size_t(len(back)), text, ctypes.c_size_t(len(text.value))) == len(data)
        assert back.raw[: len(data)] == data
    url = ctypes.create_string_buffer(b"a+b%20c%2fd%zz%4")
    lib.url_decode(url)
    assert url.value == urllib.parse.unquote_to_bytes(b"a b%20c%2fd%zz%4")


def test_utf8_agrees_with_python(load: Load) -> None:
    lib = load("utf8")
    lib.utf8_valid.restype = ctypes.c_bool
    rng = random.Random(5)
    alphabet = bytes([0x41, 0x80, 0xBF, 0xC2, 0xE0, 0xA0, 0xED, 0x9F, 0xF0, 0x90, 0xF4, 0x8F, 0xFF])
    for _ in range(4000):
        data = bytes(rng.choices(alphabet, k=rng.randrange(6)))
        assert lib.utf8_valid(data, ctypes.c_size_t(len(data))) == _is_utf8(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_calendar_agrees_with_datetime(load: Load) -> None:
    lib = load("calendar")

    class Date(ctypes.Structure):
        _fields_ = (("year", ctypes.c_int), ("month", ctypes.c_int), ("day", ctypes.c_int))

    epoch = datetime.date(1970, 1, 1)
    for ordinal in range(1, 3_000_000, 997):
        date = datetime.date.fromordinal(ordinal)
        civil = Date(date.year, date.month, date.day)
        assert lib.date_to_days(civil) == (date - epoch).days
        assert lib.iso_week(civil) == date.isocalendar().week or date.year == 1
        if date >= epoch:
            assert lib.date_weekday(civil) == date.weekday()


def test_mersenne_twister_agrees_with_random(load: Load) -> None:
    lib = load("prng")
    lib.mt_next.restype = ctypes.c_uint32
    state = (ctypes.c_uint32 * 625)()
    lib.mt_seed(state, 5489)
    assert [lib.mt_next(state) for _ in range(3)] == [3499211612, 581869302, 3890346734]


def test_compressors_round_trip(load: Load) -> None:
    lib = load("lzss")
    for encode, decode in (("rle_encode", "rle_decode"), ("lzss_compress", "lzss_expand")):
        for data in (b"abcabcabcabc" * 40, bytes(500), *_messages()[1:8]):
            room = ctypes.c_size_t(2048)
            packed, back = ctypes.create_string_buffer(2048), ctypes.create_string_buffer(2048)
            size = getattr(lib, encode)(packed, room, data, ctypes.c_size_t(len(data)))
            assert getattr(lib, decode)(back, room, packed, ctypes.c_size_t(size)) == len(data)
            assert back.raw[: len(data)] == data
