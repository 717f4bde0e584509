"""What attributes say in numbers and words: the data, the machine, the schedule.

    #spgemm.schedule<piuma, dataflow = row_wise, window = 512>        words dataflow=row_wise; numbers window = 512
    #dlti.target_device_spec<"threads" = 64 : i64, "L1" = 32768 : i32>  numbers machine.threads = 64, machine.L1 = 32768
    histogram = array<i64: 3, 0, 9>                                   numbers histogram.0 = 3, histogram.1 = 0, histogram.2 = 9
    cached = [a, b]                                                   words cached=a, cached=b

Keys are free: a model knows those that it was fitted with. Those of `dlti` are of the machine, because a schedule may have threads too,
and those of an attribute named `data` are of the data (`#spgemm.data<rows = 9>`: data.rows = 9), because a model may do without them;
else it does not matter which attribute a key stands in, and one that comes twice is summed up by its largest value.
"""

from __future__ import annotations

import re
from functools import lru_cache

_VALUE = r"(-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|true|false|[A-Za-z_][\w.-]*(?:<[^<>]*>)?|\"[^\"]*\"|\[[^\[\]]*\])"
_PAIR = re.compile(rf'(?:"([\w.:-]+)"\s*(?:=|,(?=\s*-?[\d"]))|([A-Za-z_][\w.-]*)\s*=)\s*{_VALUE}')
_PLACES = (("machine.", re.compile(r"#dlti\.\w+<")), ("data.", re.compile(r"#\w+\.data<")))
_HEAD = re.compile(r"#([A-Za-z_][\w]*)\.([\w.]+)<([A-Za-z_]\w*)(?=[,>])")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z_][\w.-]*")
_INSIDE = re.compile(r"(?:\{|#[A-Za-z_]\w*\.)[^}]*=.*|#[A-Za-z_]\w*\.[\w.]+<.*")
_MAPS = re.compile(r"(?:lowerBoundMap|upperBoundMap|map)?\s*=?\s*affine_map<[^>]*->[^>]*>")
_PLAIN = frozenset(
    "value step map lowerBoundMap upperBoundMap operandSegmentSizes fastmath overflowFlags nontemporal predicate function_type sym_name "
    "alignment resultSegmentSizes to".split()
)


@lru_cache(maxsize=1 << 14)
def describe_line(line: str) -> tuple[tuple[tuple[str, float], ...], tuple[str, ...]]:
    """The numbers and the words of one line."""
    inside = _INSIDE.search(_MAPS.sub("", line))
    if inside is None:
        return (), ()
    line = inside.group()
    numbers: list[tuple[str, float]] = []
    words: list[str] = []
    words += [f"{dialect}.{kind}={word}" for dialect, kind, word in _HEAD.findall(line) if dialect != "arith"]
    places = [(prefix, *_place(line, opening)) for prefix, opening in _PLACES]
    for found in _PAIR.finditer(line):
        key = found.group(1) or found.group(2)
        if key not in _PLAIN:
            prefix = next((prefix for prefix, begin, end in places if begin <= found.start() < end), "")
            _add(f"{prefix}{key}", found.group(3), numbers, words)
    return tuple(numbers), tuple(words)


def _place(line: str, opening: re.Pattern[str]) -> tuple[int, int]:
    """Where the first attribute of a line that begins so stands."""
    found = opening.search(line)
    if found is None:
        return 0, 0
    depth = 1
    for at in range(found.end(), len(line)):
        depth += {"<": 1, ">": -1}.get(line[at], 0)
        if not depth:
            return found.start(), at
    return found.start(), len(line)


def _add(key: str, value: str, numbers: list[tuple[str, float]], words: list[str]) -> None:
    if value in ("true", "false"):
        numbers.append((key, float(value == "true")))
    elif _NUMBER.fullmatch(value):
        numbers.append((key, float(value)))
    elif value.startswith(("[", "array<", "dense<")):
        inside = value.partition(":")[2] if value.startswith("array<") else value
        members = _NUMBER.findall(inside)[:64]
        numbers += [(f"{key}.{at}", float(each)) for at, each in enumerate(members)]
        words += [] if members else [f"{key}={each}" for each in _WORD.findall(inside)[:64]]
    else:
        words.append(f"{key}={value.strip(chr(34))}")


def describe(parts: list[str]) -> tuple[dict[str, float], set[str]]:
    """The numbers and the words of a text, cut into lines."""
    numbers: dict[str, float] = {}
    words: set[str] = set()
    for part in parts:
        found, said = describe_line(part)
        for key, value in found:
            numbers[key] = max(value, numbers.get(key, value))
        words.update(said)
    return numbers, words
