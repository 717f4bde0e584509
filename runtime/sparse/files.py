"""Reading and writing matrices: Matrix Market, plain or gzip, and SciPy's .npz.

Pattern matrices get ones; symmetric ones are expanded.  Refused with the file's name: anything truncated or
malformed, duplicates, dense or complex matrices, non-finite values unless `allow_nan`.
"""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from runtime.faults import MatrixError
from runtime.sparse.containers import Csr
from runtime.sparse.libraries import scipy_io, scipy_sparse

_UNREADABLE = (OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile, KeyError, OverflowError)


def read_matrix(path: Path, index_type: DTypeLike = np.int32, allow_nan: bool = False) -> Csr:
    """A matrix from `.mtx`, `.mtx.gz` or `.npz`, by its name."""
    try:
        matrix = _load(path)
    except MemoryError:
        raise MatrixError(f"{path}: error: the matrix does not fit in memory") from None
    except _UNREADABLE as error:
        raise MatrixError(f"{path}: error: {_reason(path, error)}") from None
    if not scipy_sparse.issparse(matrix):
        raise MatrixError(f"{path}: error: a dense matrix; only sparse ones are read")
    if matrix.dtype.kind == "c":
        raise MatrixError(f"{path}: error: complex values are not supported")
    return _checked(path, matrix, index_type, allow_nan)


def _checked(path: Path, matrix: Any, index_type: DTypeLike, allow_nan: bool) -> Csr:
    try:
        csr = Csr.of(matrix, index_type)
    except MatrixError as error:
        raise MatrixError(f"{path}: {str(error).removeprefix('matrix: ')}") from None
    if not allow_nan and csr.values.dtype.kind == "f" and not np.isfinite(csr.values).all():
        raise MatrixError(f"{path}: error: the matrix holds a value that is not finite")
    return csr


def _reason(path: Path, error: Exception) -> str:
    """What is wrong with the file; the libraries' own words speak of pickles, modes and bytes."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    if isinstance(error, gzip.BadGzipFile):
        return "not a gzip file"
    if path.name.endswith(".npz"):
        return "not a sparse matrix as `scipy.sparse.save_npz` writes one"
    return str(error)


def _load(path: Path) -> Any:
    if path.name.endswith(".npz"):
        return scipy_sparse.load_npz(path)
    if path.name.endswith(".gz"):
        with gzip.open(path, "rb") as stream:
            return _matrix_market(path, stream)
    if not path.name.endswith(".mtx"):
        raise MatrixError(f"{path}: error: not a matrix file; expected .mtx, .mtx.gz or .npz")
    with path.open("rb") as stream:
        return _matrix_market(path, stream)


def _matrix_market(path: Path, stream: Any) -> Any:
    if not has_banner(stream.read(BANNER)):
        raise MatrixError(f"{path}: error: Line 1: Not a Matrix Market file. Missing banner.")
    stream.seek(0)
    return scipy_io.mmread(stream)


BANNER = 16
"""Bytes of a file that tell whether it is Matrix Market."""


def has_banner(head: bytes) -> bool:
    """Whether a file may be given to SciPy, whose reader ends the process on some that are not Matrix Market."""
    return head.lstrip(b"%").lower().startswith(b"matrixmarket")


def write_matrix(path: Path, matrix: Csr) -> None:
    """Write `.mtx`, `.mtx.gz` or `.npz`; a failure leaves no file and harms none that was there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            _store(stream, path.name, matrix)
        os.replace(temporary, path)
    except OSError as error:
        raise MatrixError(f"{path}: error: {error}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _store(stream: Any, name: str, matrix: Csr) -> None:
    if name.endswith(".npz"):
        scipy_sparse.save_npz(stream, matrix.to_scipy())
    elif name.endswith(".gz"):
        with gzip.GzipFile(filename="", fileobj=stream, mode="wb", mtime=0) as packed:
            scipy_io.mmwrite(packed, matrix.to_scipy())
    elif name.endswith(".mtx"):
        scipy_io.mmwrite(stream, matrix.to_scipy())
    else:
        raise MatrixError(f"{name}: error: not a matrix file; expected .mtx, .mtx.gz or .npz")
