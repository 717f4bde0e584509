"""Matrix files: what is read back is what was written; broken files are refused by name."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from runtime.faults import MatrixError
from runtime.reference import difference
from runtime.sparse import generators
from runtime.sparse.files import read_matrix, write_matrix

HEAD = "%%MatrixMarket matrix coordinate real general\n"


@pytest.mark.parametrize("suffix", [".mtx", ".mtx.gz", ".npz"])
def test_round_trip(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    matrix = generators.rmat(6, 150)
    write_matrix(path, matrix)
    assert difference(read_matrix(path), matrix, 1e-15) is None
    assert list(tmp_path.iterdir()) == [path]


def test_writing_is_deterministic(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.mtx.gz" for i in range(2)]
    for path in paths:
        write_matrix(path, generators.poisson2d(5))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_symmetric_and_pattern_files_are_expanded(tmp_path: Path) -> None:
    path = tmp_path / "s.mtx"
    path.write_text("%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n", encoding="utf-8")
    assert read_matrix(path).to_scipy().toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


BROKEN = {
    "truncated.mtx": HEAD + "3 3 2\n1 1 1.0\n",
    "range.mtx": HEAD + "3 3 1\n4 1 1.0\n",
    "twice.mtx": HEAD + "3 3 2\n1 1 1.0\n1 1 2.0\n",
    "nan.mtx": HEAD + "3 3 1\n1 1 nan\n",
    "dense.mtx": "%%MatrixMarket matrix array real general\n1 1\n1.0\n",
    "complex.mtx": "%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1.0 2.0\n",
    "empty.mtx": "",
    "words.mtx": HEAD + "3 3 1\none one 1.0\n",
    "matrix.txt": HEAD + "1 1 0\n",
    "junk.npz": "not a zip file",
}


@pytest.mark.parametrize("name", BROKEN)
def test_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(BROKEN[name], encoding="utf-8")
    with pytest.raises(MatrixError) as caught:
        read_matrix(path)
    assert str(caught.value).startswith(f"{path}: error: ")


def test_truncated_gzip(tmp_path: Path) -> None:
    path = tmp_path / "a.mtx.gz"
    path.write_bytes(gzip.compress((HEAD + "3 3 1\n1 1 1.0\n").encode())[:-12])
    with pytest.raises(MatrixError, match="error"):
        read_matrix(path)


def test_missing_and_overflowing(tmp_path: Path) -> None:
    with pytest.raises(MatrixError, match="nowhere"):
        read_matrix(tmp_path / "nowhere.mtx")
    path = tmp_path / "wide.mtx"
    path.write_text(HEAD + f"1 {1 << 40} 1\n1 {1 << 39} 1.0\n", encoding="utf-8")
    with pytest.raises(MatrixError, match="do not fit int32"):
        read_matrix(path)
    assert read_matrix(path, np.int64).indices.tolist() == [(1 << 39) - 1]


def test_a_failed_write_harms_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(MatrixError, match="not a matrix file"):
        write_matrix(path, generators.poisson2d(3))
    assert path.read_text(encoding="utf-8") == "precious"
    assert list(tmp_path.iterdir()) == [path]
