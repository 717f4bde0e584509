"""Our time to translate against rustc's time to compile what came out; how time and memory grow with the size of the input.

    python tests/realworld/translate_time.py --cache DIR

Every measurement is a process of its own: processor time and peak memory as the system counts them, medians of alternating runs; the
wall clock beside it, for a machine that does nothing else. The translator runs from compiled bytecode, as an installed command does.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import checkout
from hacl import FILES, include_flags, verified_folder
from sources import NotFetched

ROUNDS = 5
SIZES = (1000, 2000, 5000, 10000, 20000)
MOST_MEMORY = 1 << 30


@dataclass(frozen=True, slots=True)
class Spent:
    seconds: float
    wall: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    lines: int
    translating: Spent
    compiling: Spent

    @property
    def ratio(self) -> float:
        return self.translating.seconds / self.compiling.seconds

    @property
    def wall_ratio(self) -> float:
        return self.translating.wall / self.compiling.wall


def spent_by(command: Sequence[str]) -> Spent:
    """Processor time and peak memory of one process and its children; it must succeed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=checkout.ROOT, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ends with {process.returncode}")
    return Spent(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def median(runs: Sequence[Spent]) -> Spent:
    seconds, wall = (
        statistics.median(times) for times in zip(*((each.seconds, each.wall) for each in runs), strict=True)
    )
    return Spent(seconds, wall, max(each.bytes for each in runs))


def row(name: str, sources: Sequence[Path], flags: Sequence[str], folder: Path, rounds: int) -> Row:
    """Alternates the translator and `rustc -O` on what it writes."""
    lines = sum(path.read_text("utf-8", "replace").count("\n") for path in sources)
    crate, main = folder / "crate", folder / "out.rs"
    many = len(sources) > 1
    output = ["--crate", str(crate)] if many else ["-o", str(main)]
    translate = [sys.executable, "-m", "compiler.cli.c2rust_safe", *flags, *map(str, sources), *output]
    library = str(crate / "src" / "lib.rs") if many else str(main)
    compile_ = [
        "rustc",
        "--edition=2021",
        "-O",
        "--crate-type=lib",
        "--crate-name=timed",
        library,
        "-o",
        str(folder / "out.rlib"),
    ]
    translating: list[Spent] = []
    compiling: list[Spent] = []
    for _ in range(rounds):
        translating.append(spent_by(translate))
        compiling.append(spent_by(compile_))
    return Row(name, lines, median(translating), median(compiling))


# --- generated C ---------------------------------------------------------------------------------------------------------------


def generated(lines: int) -> str:
    """Ordinary C of about that many lines: functions over buffers, tables and structs that call each other."""
    rng = random.Random(lines)
    parts = [
        "#include <stddef.h>",
        "#include <stdint.h>",
        "",
        "struct state { uint32_t h[8]; uint64_t total; uint8_t buf[64]; };",
        "",
    ]
    index = 0
    while sum(part.count("\n") + 1 for part in parts[5:]) + 5 < lines:
        parts.append(rng.choice((_mixer, _table, _parser, _filter))(index, rng))
        index += 1
    return "\n".join(parts)


def _mixer(n: int, rng: random.Random) -> str:
    a, b, c = rng.sample(range(1, 31), 3)
    return f"""
/* Mixes a block into the state. */
void mix_{n}(struct state *s, const uint8_t *block)
{{
    uint32_t w[16];
    uint32_t a = s->h[0], b = s->h[1], c = s->h[2];

    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 | (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
    for (int i = 0; i < 16; i++) {{
        uint32_t t = a + w[i] + (b ^ c);

        a = b;
        b = (t << {a}) | (t >> {32 - a});
        c += t ^ (c >> {b});
        if (t & {c})
            c ^= w[(i + {c}) & 15];
    }}
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->total += 64;
}}
"""


def _table(n: int, rng: random.Random) -> str:
    entries = ", ".join(str(rng.randrange(256)) for _ in range(16))
    return f"""
static const uint8_t table_{n}[16] = {{ {entries} }};

/* Substitutes nibbles in place. */
static void substitute_{n}(uint8_t *p, size_t len)
{{
    for (size_t i = 0; i < len; i++) {{
        uint8_t hi = table_{n}[p[i] >> 4], lo = table_{n}[p[i] & 15];
        p[i] = (uint8_t)(hi << 4 | (lo & 15));
    }}
}}

void round_{n}(struct state *s, uint8_t *data, size_t len)
{{
    substitute_{n}(data, len);
    for (size_t i = 0; i < len && i < 64; i++)
        s->buf[i] ^= data[i];
}}
"""


def _parser(n: int, rng: random.Random) -> str:
    mark = rng.choice("abcdefgh")
    return f"""
/* Counts fields up to a mark. */
int parse_{n}(const char *text, size_t len, int *values, int most)
{{
    const char *p = text, *end = text + len;
    int count = 0, value = 0, digits = 0;

    while (p < end) {{
        char c = *p++;

        switch (c) {{
        case '{mark}':
            return count;
        case ' ':
        case ',':
            if (digits > 0 && count < most)
                values[count++] = value;
            value = digits = 0;
            break;
        default:
            if (c < '0' || c > '9')
                return -1;
            value = (value * 10 + (c - '0')) % {rng.randrange(100, 10000)};
            digits++;
        }}
    }}
    return count;
}}
"""


def _filter(n: int, rng: random.Random) -> str:
    return f"""
/* A short filter with saturation. */
int32_t filter_{n}(const int16_t *in, int16_t *out, int count)
{{
    int32_t sum = 0, peak = 0;

    for (int i = 2; i < count; i++) {{
        int32_t v = ({rng.randrange(1, 9)} * in[i] + {rng.randrange(1, 9)} * in[i - 1] - {rng.randrange(1, 9)} * in[i - 2]) >> 3;

        if (v > 32767)
            v = 32767;
        else if (v < -32768)
            v = -32768;
        out[i] = (int16_t)v;
        sum += v;
        if (v > peak)
            peak = v;
    }}
    return sum ^ peak;
}}
"""


# --- the tables ----------------------------------------------------------------------------------------------------------------


def real(cache: Path, folder: Path, rounds: int) -> Iterator[Row]:
    verified = verified_folder(cache)
    flags = [f"-I{each}" for each in include_flags(verified)]
    yield row("HACL*, four files", [verified / name for name in FILES], flags, folder, rounds)


def examples(folder: Path, rounds: int) -> Row:
    """All shipped examples that are libraries, as one crate: ciphers, codecs, parsers, numerics."""
    sources = sorted((checkout.ROOT / "examples" / "c").glob("*.c"))
    libraries = [path for path in sources if not re.search(r"^int main\(", path.read_text(), re.MULTILINE)]
    return row(f"examples, {len(libraries)} files", libraries, [], folder, rounds)


def scaling(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        source = folder / f"generated_{size}.c"
        source.write_text(generated(size))
        yield row(f"generated, {size} lines", [source], [], folder, rounds)


def show(each: Row) -> None:
    memory = each.translating.bytes / (1 << 20)
    per_line = 1e6 * each.translating.seconds / each.lines
    print(
        f"{each.name:28} {each.lines:6} {each.translating.seconds:9.2f} {each.compiling.seconds:9.2f} {each.ratio:7.2f}"
        f" {each.wall_ratio:7.2f} {per_line:9.0f} {memory:8.0f}",
        flush=True,
    )


def main() -> int:
    parser = ArgumentParser(description="The translator's time against rustc -O; growth with size.")
    parser.add_argument("--cache", type=Path, help="folder for the source package of HACL* (default: a temporary one)")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the longest generated file, in lines")
    arguments = parser.parse_args()
    print(f"{'':28} {'lines':>6} {'ours s':>9} {'rustc s':>9} {'ratio':>7} {'wall':>7} {'us/line':>9} {'MiB':>8}")
    table: list[Row] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sizes = [size for size in SIZES if size <= arguments.largest]
        try:
            table += _shown(real(arguments.cache or folder / "cache", folder, arguments.rounds))
        except NotFetched as error:
            print(f"HACL*: {error}")
        table += _shown(iter([examples(folder, arguments.rounds)]))
        series = _shown(scaling(folder, sizes, arguments.rounds))
    growth = series[-1].translating.seconds / series[-1].lines / (series[1].translating.seconds / series[1].lines)
    print(f"time per line, longest against {series[1].lines} lines: {growth:.2f}")
    slow = [each for each in table + series if each.ratio >= 1 and each.lines > 1000]
    large = [each for each in table + series if each.translating.bytes > MOST_MEMORY]
    return 1 if slow or large or growth > 1.5 else 0


def _shown(rows: Iterator[Row]) -> list[Row]:
    table: list[Row] = []
    for each in rows:
        show(each)
        table.append(each)
    return table


if __name__ == "__main__":
    raise SystemExit(main())
