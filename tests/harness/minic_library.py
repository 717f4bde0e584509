"""The C library functions that interpreted programs may call: enough for test programs. What they print is kept in `output`."""

import math
import re
from collections.abc import Callable
from typing import Any

from minic_memory import Memory


class Exit(Exception):
    """The program ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


ABORTED = 134
"""What a shell reports of a program that called abort."""

Function = Callable[..., Any]


def library(memory: Memory, output: list[bytes]) -> dict[str, Function]:
    """Functions by name; integers and addresses in and out. What is printed is appended to `output`."""
    sources = (_program, _blocks, _strings)
    found = {name: function for source in sources for name, function in source(memory).items()}
    return found | _printing(memory, output) | _bits() | _FLOATS


def _program(memory: Memory) -> dict[str, Function]:
    def stop(status: int) -> None:
        raise Exit(status & 255)

    def abort() -> None:
        raise Exit(ABORTED)

    def calloc(count: int, size: int) -> int:
        return memory.allocate_forever(count * size)

    def nothing(*_args: int) -> int:
        return 0

    return {
        "exit": stop,
        "_exit": stop,
        "_Exit": stop,
        "abort": abort,
        "__builtin_trap": abort,
        "malloc": memory.allocate_forever,
        "calloc": calloc,
        "alloca": memory.allocate_forever,
        "__builtin_alloca": memory.allocate_forever,
        "free": nothing,
        "abs": abs,
        "labs": abs,
        "llabs": abs,
        "fabs": abs,
    }


def _blocks(memory: Memory) -> dict[str, Function]:
    data = memory.bytes

    def copy(to: int, source: int, count: int) -> int:
        if count:
            memory.check(to, count)
            memory.check(source, count)
            data[to : to + count] = bytes(data[source : source + count])
        return to

    def fill(to: int, byte: int, count: int) -> int:
        if count:
            memory.check(to, count)
            data[to : to + count] = bytes([byte & 255]) * count
        return to

    def compare(a: int, b: int, count: int) -> int:
        return _order(bytes(data[a : a + count]), bytes(data[b : b + count]))

    def clear(to: int, count: int) -> None:
        fill(to, 0, count)

    return {"memcpy": copy, "memmove": copy, "memset": fill, "memcmp": compare, "bcmp": compare, "bzero": clear}


def _order(a: bytes, b: bytes) -> int:
    return (a > b) - (a < b)


def _strings(memory: Memory) -> dict[str, Function]:
    data, text = memory.bytes, memory.text

    def length(s: int) -> int:
        return len(text(s))

    def copy(to: int, source: int) -> int:
        raw = text(source) + b"\0"
        data[to : to + len(raw)] = raw
        return to

    def copy_some(to: int, source: int, count: int) -> int:
        data[to : to + count] = text(source)[:count].ljust(count, b"\0")
        return to

    def append(to: int, source: int) -> int:
        copy(to + length(to), source)
        return to

    def compare(a: int, b: int) -> int:
        return _order(text(a), text(b))

    def compare_some(a: int, b: int, count: int) -> int:
        return _order(text(a)[:count], text(b)[:count])

    def find(s: int, byte: int) -> int:
        at = (text(s) + b"\0").find(byte & 255)
        return 0 if at < 0 else s + at

    def find_last(s: int, byte: int) -> int:
        at = (text(s) + b"\0").rfind(byte & 255)
        return 0 if at < 0 else s + at

    return {
        "strlen": length,
        "strcpy": copy,
        "strncpy": copy_some,
        "strcat": append,
        "strcmp": compare,
        "strncmp": compare_some,
        "strchr": find,
        "strrchr": find_last,
    }


_DIRECTIVE = re.compile(rb"%([-+ 0#]*)(\*|\d*)(?:\.(\*|\d*))?(hh|h|ll|l|z|j|t)?([diuxXocspfFgGeE%])")
_BITS = {b"hh": 8, b"h": 16, b"": 32, b"l": 64, b"ll": 64, b"z": 64, b"j": 64, b"t": 64}


def formatted(memory: Memory, form: int, args: tuple[Any, ...]) -> bytes:
    """What printf writes."""
    rest = iter(args)

    def directive(match: re.Match[bytes]) -> bytes:
        flags, width, precision, size, kind = match.groups()
        if kind == b"%":
            return b"%"
        width = str(next(rest)).encode() if width == b"*" else width
        precision = str(next(rest)).encode() if precision == b"*" else precision
        layout = b"%" + flags + width + (b"." + precision if precision is not None else b"")
        return _converted(memory, layout, size or b"", kind, next(rest))

    return _DIRECTIVE.sub(directive, memory.text(form))


def _converted(memory: Memory, layout: bytes, size: bytes, kind: bytes, value: Any) -> bytes:
    if kind in b"fFgGeE":
        return (layout + kind) % value
    if kind == b"s":
        return (layout + b"s") % memory.text(value)
    if kind == b"c":
        return (layout + b"c") % bytes([value & 255])
    if kind == b"p":
        return hex(value).encode()
    bits = _BITS[size]
    value &= (1 << bits) - 1
    if kind in b"di" and value >> (bits - 1):
        value -= 1 << bits
    return (layout + (b"d" if kind in b"diu" else kind)) % value


def _printing(memory: Memory, output: list[bytes]) -> dict[str, Function]:
    def show(text: bytes) -> int:
        output.append(text)
        return len(text)

    def store(to: int, size: int, text: bytes) -> int:
        if size:
            kept = text[: size - 1] + b"\0"
            memory.bytes[to : to + len(kept)] = kept
        return len(text)

    def print_formatted(form: int, *args: Any) -> int:
        return show(formatted(memory, form, args))

    def put_line(s: int) -> int:
        return show(memory.text(s) + b"\n")

    def put_byte(byte: int) -> int:
        show(bytes([byte & 255]))
        return byte

    def store_formatted(to: int, form: int, *args: Any) -> int:
        return store(to, 1 << 20, formatted(memory, form, args))

    def store_some(to: int, size: int, form: int, *args: Any) -> int:
        return store(to, size, formatted(memory, form, args))

    return {
        "printf": print_formatted,
        "puts": put_line,
        "putchar": put_byte,
        "sprintf": store_formatted,
        "snprintf": store_some,
    }


def _floor(x: float) -> float:
    return float(math.floor(x))


def _ceil(x: float) -> float:
    return float(math.ceil(x))


def _signbit(x: float) -> int:
    return int(math.copysign(1.0, x) < 0)


def _isnan(x: float) -> int:
    return int(x != x)


def _infinity() -> float:
    return math.inf


def _nan(_tag: int) -> float:
    return math.nan


_FLOATS: dict[str, Function] = {
    "floor": _floor,
    "ceil": _ceil,
    "copysign": math.copysign,
    "__builtin_signbit": _signbit,
    "__builtin_isnan": _isnan,
    "__builtin_inf": _infinity,
    "__builtin_inff": _infinity,
    "__builtin_huge_val": _infinity,
    "__builtin_nan": _nan,
}


def _bits() -> dict[str, Function]:
    found: dict[str, Function] = {f"__builtin_bswap{8 * size}": _byte_swap(size) for size in (2, 4, 8)}
    for suffix, width in (("", 32), ("l", 64), ("ll", 64)):
        found[f"__builtin_clz{suffix}"] = _leading_zeros(width)
        found[f"__builtin_ctz{suffix}"] = _trailing_zeros
        found[f"__builtin_popcount{suffix}"] = int.bit_count
        found[f"__builtin_parity{suffix}"] = _parity
        found[f"__builtin_ffs{suffix}"] = found[f"ffs{suffix}"] = _first_set
        found[f"__builtin_clrsb{suffix}"] = _redundant_signs(width)
    return found


def _byte_swap(size: int) -> Function:
    def swap(x: int) -> int:
        return int.from_bytes(x.to_bytes(size, "little"), "big")

    return swap


def _leading_zeros(width: int) -> Function:
    def count(x: int) -> int:
        return width - x.bit_length()

    return count


def _redundant_signs(width: int) -> Function:
    def count(x: int) -> int:
        return width - 1 - (x if x >= 0 else ~x).bit_length()

    return count


def _trailing_zeros(x: int) -> int:
    return (x & -x).bit_length() - 1


def _parity(x: int) -> int:
    return x.bit_count() & 1


def _first_set(x: int) -> int:
    return (x & -x).bit_length()
