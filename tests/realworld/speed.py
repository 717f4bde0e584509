"""Emitted Rust against clang -O3 on the same C: nanoseconds per call, ratios, geometric means.

    python tests/realworld/speed.py --cache DIR

Both sides are built for the same baseline processor (rustc -C opt-level=3, no bounds or overflow checks but Rust's own) and measured in alternation.
A ratio above 1 means that Rust takes longer.
"""

from __future__ import annotations

import json
import math
import random
import struct
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

import checkout
from equivalence.translator import translate, translate_crate
from hacl import FILES, include_flags, verified_folder
from sources import NotFetched
from timing import Case, Pair

from compiler.diagnostics import CompileError
from compiler.frontends.c.preprocess_job import PreprocessOptions

EXAMPLES = checkout.ROOT / "examples" / "c"
_RNG = random.Random(42)
DATA = _RNG.randbytes(16384)
LETTERS = bytes(_RNG.choices(b"abcdefghijklmnopqrstuvwxyz ,.", k=16384))


def _doubles(count: int) -> bytes:
    return struct.pack(f"<{count}d", *(_RNG.uniform(-1, 1) for _ in range(count)))


HACL = (
    Case("chacha20 16 KiB", "Hacl_Chacha20_chacha20_encrypt", (16384, bytes(16384), DATA, DATA[:32], DATA[:12], 1)),
    Case("poly1305 16 KiB", "Hacl_Poly1305_32_poly1305_mac", (bytes(16), 16384, DATA, DATA[:32])),
    Case(
        "chacha20-poly1305 16 KiB",
        "Hacl_Chacha20Poly1305_32_aead_encrypt",
        (DATA[:32], DATA[:12], 64, DATA[:64], 16384, DATA, bytes(16384), bytes(16)),
    ),
    Case("x25519", "Hacl_Curve25519_51_scalarmult", (bytes(32), DATA[:32], (9).to_bytes(32, "little"))),
)

OWN = {
    "chacha20": [Case("chacha20 16 KiB", "chacha20_xor", (DATA[:32], 1, DATA[:12], DATA, 16384))],
    "aes128": [Case("aes128 ctr 4 KiB", "aes128_ctr", (DATA[:176], DATA[:16], DATA[:4096], bytes(4096), 4096))],
    "xtea": [Case("xtea cbc 4 KiB", "xtea_cbc_decrypt", (bytes(4096), DATA[:4096], 4096, DATA[:16], DATA[:8]))],
    "sha256": [Case("sha256 16 KiB", "sha256", (bytes(32), DATA, 16384))],
    "md5": [Case("md5 16 KiB", "md5", (bytes(16), DATA, 16384))],
    "blake2s": [Case("blake2s 16 KiB", "blake2s", (bytes(32), 32, b"", 0, DATA, 16384))],
    "siphash": [Case("siphash 1 KiB", "siphash24", (DATA[:1024], 1024, DATA[:16]))],
    "checksums": [
        Case("crc32 16 KiB", "crc32_small", (0, DATA, 16384)),
        Case("adler32 16 KiB", "adler32", (1, DATA, 16384)),
    ],
    "bignum": [Case("modexp 512 bit", "bn_modexp", (bytes(64), DATA[:64], DATA[64:72], 2, DATA[80:144], 16))],
    "field25519": [Case("inverse mod 2^255-19", "fe_invert", (bytes(40), (5).to_bytes(40, "little")))],
    "codecs": [Case("base64 encode 12 KiB", "base64_encode", (bytes(16400), DATA[:12288], 12288))],
    "utf8": [Case("utf8 validation 16 KiB", "utf8_valid", (LETTERS, 16384))],
    "csv": [Case("csv split", "csv_split", (bytes(644), b'some,"quoted ""text""",and,numbers,1,2,3,4,5,6,7', 48, 44))],
    "filters": [
        Case("fir 1,024 samples", "fir_run", (DATA[:68], DATA[:2048], 1024)),
        Case("goertzel 1,024 samples", "goertzel_power", (_doubles(1024), 1024, struct.pack("<d", 1.5))),
    ],
    "fft": [Case("fft 64 points", "fft64", (DATA[:256], 0))],
    "adpcm": [Case("adpcm decode 4,096 samples", "adpcm_decode", (DATA[:2048], bytes(8192), 4096, bytes(3)))],
    "matrix": [Case("matrix product 32 x 32", "mat_mul", (bytes(8192), _doubles(1024), _doubles(1024), 32, 32, 32))],
    "strings": [Case("edit distance 60 x 60", "levenshtein", (LETTERS[:60] + b"\0", LETTERS[60:120] + b"\0"))],
    "lzss": [Case("lzss compress 1 KiB", "lzss_compress", (bytes(2048), 2048, LETTERS[:1024], 1024))],
    "sorting": [Case("merge sort 1,024", "merge_sort", (DATA[:4096], 1024, bytes(4096)))],
    "image": [
        Case("box blur 64 x 64", "box_blur", (bytes(4096), DATA[:4096], struct.pack("<ii", 64, 64))),
        Case("sobel 64 x 64", "sobel", (bytes(4096), DATA[:4096], 64, 64)),
    ],
}


def geometric_mean(ratios: Iterable[float]) -> float:
    logs = [math.log(each) for each in ratios]
    return math.exp(sum(logs) / len(logs))


def measure(pair: Pair, cases: list[Case] | tuple[Case, ...], group: str, log: Path | None) -> list[float]:
    """Prints a line per case; the ratios."""
    ratios: list[float] = []
    for index, case in enumerate(cases):
        c, rust = pair.measure(index)
        ratios.append(rust / c)
        print(f"{group:6} {case.name:28} {c:12.1f} {rust:12.1f} {rust / c:7.3f}", flush=True)
        if log:
            with log.open("a") as stream:
                row = {"group": group, "name": case.name, "c_ns": c, "rust_ns": rust, "ratio": rust / c}
                stream.write(json.dumps(row) + "\n")
    return ratios


def hacl(cache: Path, folder: Path, log: Path | None) -> list[float]:
    verified = verified_folder(cache)
    options = PreprocessOptions(include_dirs=include_flags(verified))
    sources = [verified / name for name in FILES]
    with Pair(
        sources, translate_crate(sources, options, "hacl"), HACL, folder, [f"-I{each}" for each in options.include_dirs]
    ) as pair:
        return measure(pair, HACL, "HACL*", log)


def own(folder: Path, log: Path | None, only: str) -> list[float]:
    ratios: list[float] = []
    for name, cases in OWN.items():
        if only not in name:
            continue
        source = EXAMPLES / f"{name}.c"
        try:
            translation = translate(source)
        except CompileError as error:
            print(f"own    {name:28} refused: {error}")
            continue
        place = folder / name
        place.mkdir()
        with Pair([source], translation, cases, place, []) as pair:
            ratios += measure(pair, cases, "own", log)
    return ratios


def main() -> int:
    parser = ArgumentParser(description="Emitted Rust against clang -O3: ratios of time per call.")
    parser.add_argument("--cache", type=Path, help="folder for the source package of HACL* (default: a temporary one)")
    parser.add_argument("--log", type=Path, help="append JSON lines")
    parser.add_argument("--only", default="", help="own examples whose name contains this; `hacl` for HACL* alone")
    arguments = parser.parse_args()
    print(f"{'':6} {'':28} {'C ns':>12} {'Rust ns':>12} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "hacl").mkdir()
        published: list[float] = []
        if arguments.only in ("", "hacl"):
            try:
                published = hacl(arguments.cache or folder / "cache", folder / "hacl", arguments.log)
            except NotFetched as error:
                print(f"HACL*  {error}")
        ours = own(folder, arguments.log, arguments.only)
    for name, ratios in (("HACL*", published), ("own", ours)):
        if ratios:
            print(f"{name:6} geometric mean {geometric_mean(ratios):.3f}, largest {max(ratios):.3f}")
    return 1 if published and (geometric_mean(published) > 1.10 or max(published) > 1.3) else 0


if __name__ == "__main__":
    raise SystemExit(main())
