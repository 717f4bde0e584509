"""The counter-based stream: published numbers, C's numbers, and any part of it without the rest."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.arithmetic.random_stream import Stream, draws, numbers

WORDS = st.integers(0, 2**64 - 1)

SPLIT_MIX = r"""
#include <stdint.h>
#include <stdio.h>
int main(void) { /* the generator as its authors wrote it: a state that moves on */
    uint64_t x = UINT64_C(%d);
    for (int i = 0; i < 1000; i++) {
        uint64_t z = (x += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        printf("%%llu\n", (unsigned long long)(z ^ (z >> 31)));
    }
}
"""


def test_published_numbers() -> None:
    """The first outputs of SplitMix64 for seed 1234567."""
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert numbers(1234567, np.arange(5, dtype=np.uint64)).tolist() == expected


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_counting_gives_what_the_moving_state_gives_in_c(tmp_path: Path) -> None:
    key = Stream(1, 2).key(3)
    (tmp_path / "mix.c").write_text(SPLIT_MIX % key)
    subprocess.run(["cc", "mix.c", "-o", "mix"], cwd=tmp_path, check=True)
    theirs = subprocess.run(["./mix"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.split()
    assert [int(each) for each in theirs] == draws(Stream(1, 2), 3, 1000).tolist()


@given(WORDS, WORDS, WORDS, st.integers(0, 100))
def test_a_part_is_the_part_of_the_whole(seed: int, stream: int, step: int, first: int) -> None:
    it = Stream(seed, stream)
    assert np.array_equal(draws(it, step, 200)[first : first + 100], draws(it, step, 100, first))


def test_streams_and_steps_differ() -> None:
    keys = {Stream(seed, stream).key(step) for seed in range(20) for stream in range(20) for step in range(20)}
    assert len(keys) == 8000


def test_every_bit_is_fair() -> None:
    bits = np.unpackbits(draws(Stream(0, 0), 0, 1 << 16).view(np.uint8)).reshape(-1, 64)
    assert np.abs(bits.mean(0) - 0.5).max() < 5 * 0.5 / 256
