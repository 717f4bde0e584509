"""Data sets: files of samples, read with file and line in every complaint, and what is worth a warning in them.

    data = read([Path("loops.jsonl.gz"), Path("piuma.jsonl")])

A file holds one sample a line (`costmodel/sample.py`), plain or gzip by its content. It is read as a stream: a gigabyte costs time, not
memory beyond its samples. Refused: a line that is no sample, a truncated file, a number that is not finite, a file without samples.
Warned of: samples that come twice, constant labels, labels that are not positive where only positive ones make sense, flags.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from costmodel.refusals import DataError, UnreadableError
from costmodel.sample import Sample

POSITIVE = ("seconds", "cycles", "instructions", "dram_bytes")
"""Labels that are logarithms to the model."""
LEFT_OUT = ("collapsed",)
"""Flags of samples that a compiler turned into something else; they are not learned from."""
_LONGEST_LINE = 64 << 20


@dataclass(frozen=True, slots=True)
class Dataset:
    """Samples in the order of their files, and what was odd about them."""

    samples: tuple[Sample, ...]
    warnings: tuple[str, ...] = ()

    def of(self, source: str, target: str) -> Dataset:
        """The samples of one expert."""
        return Dataset(tuple(s for s in self.samples if (s.source, s.target) == (source, target)))

    @property
    def experts(self) -> list[tuple[str, str]]:
        """Sources and targets there are samples of, sorted."""
        return sorted({(sample.source, sample.target) for sample in self.samples})


def read(paths: Sequence[Path]) -> Dataset:
    """All samples of some files; `DataError` names the first line that is none."""
    samples: list[Sample] = []
    seen: set[int] = set()
    doubles = 0
    for path in paths:
        before = len(samples)
        for sample in read_file(path):
            key = hash(
                (sample.source, sample.target, sample.kernel, sample.variant, repr(sorted(sample.config.items())))
            )
            doubles += key in seen
            if key not in seen:
                samples.append(sample)
            seen.add(key)
        if len(samples) == before and not doubles:
            raise DataError(str(path), None, "holds no samples")
    return cleaned(samples, [f"{doubles} samples came twice; the first of each counts"] if doubles else [])


def cleaned(samples: Iterable[Sample], warnings: Sequence[str] = ()) -> Dataset:
    """The samples that can be learned from, and counts of the others."""
    kept: list[Sample] = []
    left: Counter[str] = Counter()
    for sample in samples:
        reason = _unfit(sample)
        if reason is None:
            kept.append(sample)
        else:
            left[reason] += 1
    found = [f"{count} samples left out: {reason}" for reason, count in sorted(left.items())]
    return Dataset(tuple(kept), (*warnings, *found, *_constant(kept)))


def _unfit(sample: Sample) -> str | None:
    flags = sorted(set(sample.flags) & set(LEFT_OUT))
    if flags:
        return f"flag `{flags[0]}`"
    if not sample.labels:
        return "no labels"
    wrong = [name for name in POSITIVE if sample.labels.get(name, 1.0) <= 0]
    return f"`labels.{wrong[0]}` is not positive" if wrong else None


def _constant(samples: Sequence[Sample]) -> Iterator[str]:
    values: dict[tuple[str, str, str], set[float]] = defaultdict(set)
    counts: Counter[tuple[str, str, str]] = Counter()
    for sample in samples:
        for name, value in sample.labels.items():
            key = (sample.source, sample.target, name)
            counts[key] += 1
            if len(values[key]) < 2:
                values[key].add(value)
    for key, distinct in sorted(values.items()):
        if len(distinct) == 1 and counts[key] > 1:
            source, target, name = key
            yield f"`labels.{name}` is the same in all {counts[key]} samples of {source}/{target}"


def read_file(path: Path) -> Iterator[Sample]:
    """The samples of one file, one at a time."""
    try:
        with _opened(path) as file:
            yield from _lines(path, file)
    except OSError as error:
        if error.errno is not None:
            raise UnreadableError(str(path), error) from None
        raise DataError(str(path), None, str(error)) from None


def _opened(path: Path) -> BinaryIO | gzip.GzipFile:
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if compressed else path.open("rb")


def _lines(path: Path, file: BinaryIO | gzip.GzipFile) -> Iterator[Sample]:
    number = 0
    try:
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if line.strip():
                yield _sample(path, number, line)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(str(path), number + 1, "the file ends in the middle of its compressed data") from None


def _sample(path: Path, number: int, line: bytes) -> Sample:
    try:
        value = json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        what = "is cut off" if not line.endswith(b"\n") else "is not JSON"
        raise DataError(str(path), number, f"the line {what}: {error}") from None
    except RecursionError:
        raise DataError(str(path), number, "the line is nested too deeply") from None
    try:
        return Sample.from_json(value)
    except ValueError as error:
        raise DataError(str(path), number, str(error)) from None


def write(path: Path, samples: Iterable[Sample]) -> None:
    """A compressed data set, complete or not at all; equal samples give equal bytes."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        for sample in samples:
            file.write(json.dumps(sample.as_json(), separators=(",", ":")).encode() + b"\n")
    os.replace(part, path)
