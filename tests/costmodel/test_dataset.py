"""Data sets: what is read, what is refused with file and line, what is warned of; folds that hold out whole groups."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import loop_texts
import numpy as np
import pytest

from costmodel import dataset
from costmodel.dataset import read, write
from costmodel.refusals import DataError, UnreadableError
from costmodel.splits import BEYOND, Split, choice, folds, group

SAMPLES = list(loop_texts.samples(2))
LINE = json.dumps(SAMPLES[0].as_json())


def refused(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(DataError) as caught:
        read([path])
    return str(caught.value).removeprefix(f"{path}")


def test_what_is_written_is_read_and_equal_to_the_byte(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl.gz", tmp_path / "two.jsonl.gz"
    write(one, SAMPLES)
    write(two, SAMPLES)
    assert read([one]).samples == tuple(SAMPLES)
    assert one.read_bytes() == two.read_bytes()


def test_plain_files_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"{LINE}\n\n")
    assert read([tmp_path / "a.jsonl"]).samples == (SAMPLES[0],)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{LINE}\n{LINE[:40]}", ":2: error: the line is cut off"),
        (f"{LINE}\n{{nonsense}}\n", ":2: error: the line is not JSON"),
        (
            LINE.replace('"seconds": ', '"seconds": NaN, "cycles": ') + "\n",
            ":1: error: `labels.seconds` is nan, not a finite number",
        ),
        (LINE.replace('"format": 1', '"format": 7') + "\n", ":1: error: `format` is 7"),
        (LINE.replace('"family": "product", ', "") + "\n", ":1: error: `family` must be a string"),
        ("[1, 2]\n", ":1: error: a sample is an object"),
        ("[" * 100_000 + "\n", ":1: error: the line is nested too deeply"),
        ("\n", ": error: holds no samples"),
        ("", ": error: holds no samples"),
    ],
)
def test_bad_data_names_file_and_line(text: str, message: str, tmp_path: Path) -> None:
    assert refused(tmp_path / "bad.jsonl", text).startswith(message)


def test_a_compressed_file_that_is_cut_off(tmp_path: Path) -> None:
    whole = gzip.compress(f"{LINE}\n".encode() * 50)
    assert "the file ends in the middle of its compressed data" in refused(tmp_path / "cut.jsonl.gz", whole[:-20])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read([tmp_path / "none"])


def test_doubles_flags_and_constant_labels_are_counted(tmp_path: Path) -> None:
    collapsed = {**SAMPLES[1].as_json(), "flags": ["collapsed"]}
    negative = {**SAMPLES[2].as_json(), "labels": {"seconds": -1.0}}
    equal = {**SAMPLES[3].as_json(), "labels": SAMPLES[0].as_json()["labels"]}
    lines = [SAMPLES[0].as_json(), SAMPLES[0].as_json(), collapsed, negative, equal]
    (tmp_path / "odd.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read([tmp_path / "odd.jsonl"]).warnings == (
        "1 samples came twice; the first of each counts",
        "1 samples left out: `labels.seconds` is not positive",
        "1 samples left out: flag `collapsed`",
        "`labels.instructions` is the same in all 2 samples of loops/cpu-x86",
        "`labels.seconds` is the same in all 2 samples of loops/cpu-x86",
    )


def test_a_large_file_is_read_as_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "_LONGEST_LINE", 1 << 16)
    (tmp_path / "endless.jsonl").write_text('{"text": "' + "x" * (1 << 20))
    with pytest.raises(DataError, match=r"endless\.jsonl:1: error: the line is cut off"):
        read([tmp_path / "endless.jsonl"])


@pytest.mark.parametrize("split", [Split.KERNEL, Split.FAMILY])
def test_groups_are_held_out_whole_and_once(split: Split) -> None:
    parts = list(folds(SAMPLES, split, 4, seed=1))
    assert len(parts) == 4
    for _, rows in parts:
        inside = {group(s, split) for s, held in zip(SAMPLES, rows, strict=True) if held}
        assert not inside & {group(s, split) for s, held in zip(SAMPLES, rows, strict=True) if not held}
    assert [sum(held) for held in zip(*(rows.tolist() for _, rows in parts), strict=True)] == [1] * len(SAMPLES)


def test_what_is_flagged_beyond_is_held_out_as_a_whole() -> None:
    flagged = [replace(sample, flags=(BEYOND,)) if at < 5 else sample for at, sample in enumerate(SAMPLES)]
    ((name, rows),) = folds(flagged, Split.BEYOND, 4, seed=1)
    assert name == BEYOND
    assert np.flatnonzero(rows).tolist() == [0, 1, 2, 3, 4]
    assert not list(folds(SAMPLES, Split.BEYOND, 4, seed=1))


def test_one_group_cannot_be_held_out() -> None:
    assert not list(folds(SAMPLES[:6], Split.FAMILY, 4, seed=1))


def test_alternatives_share_kernel_and_configuration() -> None:
    first, second = SAMPLES[0], SAMPLES[1]
    assert choice(first) == choice(second)
    moved = replace(first, config={"threads": 4})
    assert choice(moved) != choice(first)


def test_kernels_that_share_a_text_are_held_out_together() -> None:
    named = [
        replace(sample, kernel=f"k{at}", text=f"t{at // 2 if at < 6 else at}") for at, sample in enumerate(SAMPLES[:12])
    ]
    joined = [*named, replace(named[0], kernel="k0", variant="w", text="t2")]
    for _, rows in folds(joined, Split.KERNEL, 4, seed=1):
        assert len({bool(rows[at]) for at in (0, 1, 4, 5, 12)}) == 1
