"""The operands of `kcc --run`: files or generated matrices, in the order of the kernel function's arguments.

An argument without a file is the first matrix, if it is sparse, or numbers from 0.5 to 1.5 (seed 1), if it is dense: one file
squares a matrix, or multiplies it with a vector. A file's size is looked at before it is read, so that one that does not
fit is refused, and values that are not finite are refused unless they are asked for.
"""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.frontends.kernel.read import Kernel
from compiler.source_text import reason
from compiler.targets import memory
from compiler.targets.operands import is_dense, names_of, numpy_type
from runtime.faults import MatrixError
from runtime.sparse.files import BANNER, has_banner, read_matrix
from runtime.sparse.libraries import scipy_io
from runtime.sparse.named import generate

_ENTRY = 64
"""Bytes per entry while a file is read: three arrays of text's numbers, their sorted copy, and the result."""


def read_operands(kernel: Kernel, files: Sequence[str], *, generated: bool, allow_nan: bool) -> list[Any]:
    """One operand for each argument of the kernel's function."""
    arguments = _arguments(kernel)
    if len(files) > len(arguments):
        message = f"the kernel takes {len(arguments)} operands ({', '.join(arguments)}), but {len(files)} are given"
        raise refusal(Code.OPERAND_COUNT, None, message)
    given = [_operand(kernel, name, file, generated, allow_nan) for name, file in zip(arguments, files, strict=False)]
    for name in arguments[len(files) :]:
        given.append(_filled(kernel, name, given))
    return given


def _arguments(kernel: Kernel) -> list[str]:
    """The user's arguments, by the name of the first operand that each is."""
    names = names_of(kernel.form)
    return [names[kernel.binding.index(at)] for at in range(max(kernel.binding) + 1)]


def _operand(kernel: Kernel, name: str, file: str, generated: bool, allow_nan: bool) -> Any:
    if generated:
        try:
            return generate(file)
        except MatrixError as error:
            raise refusal(Code.GENERATOR, None, str(error).replace(": error: ", ": ", 1)) from None
    if is_dense(kernel.form, name):
        return _read_dense(file, allow_nan)
    _look_at(file)
    try:
        matrix = read_matrix(Path(file), np.int64, allow_nan=True)
    except MatrixError as error:
        raise _unreadable(file, str(error)) from None
    _check_finite(file, matrix.values, allow_nan)
    return matrix


def _filled(kernel: Kernel, name: str, given: Sequence[Any]) -> Any:
    """What stands for an operand that is not given."""
    first = given[0]
    if not is_dense(kernel.form, name):
        return first
    generator = np.random.default_rng(1)
    shape = _dense_shape(name, first.shape if not kernel.form.transpose_a else first.shape[::-1])
    values = generator.uniform(0.5, 1.5, shape)
    kind = numpy_type(kernel.form.element)
    return (values if kernel.form.element.is_float else np.rint(values)).astype(kind)


_WIDTH = 16
"""Columns of a dense matrix that nobody gave."""


def _dense_shape(name: str, a: tuple[int, int]) -> tuple[int, ...]:
    match name:
        case "x":
            return (a[1],)
        case "Y":
            return (_WIDTH, a[1])
        case _:
            return (a[1], _WIDTH)


def _read_dense(file: str, allow_nan: bool) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(file, allow_pickle=False, mmap_mode="r")
        memory.require(array.nbytes, f"`{file}`")
        array = np.array(array)
    except (OSError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{file}`: {reason(error)}") from None
        raise refusal(Code.MATRIX, None, f"{file}: not an array in .npy format") from None
    _check_finite(file, array, allow_nan)
    return array


def _check_finite(file: str, values: NDArray[Any], allow_nan: bool) -> None:
    if allow_nan or values.dtype.kind != "f" or bool(np.isfinite(values).all()):
        return
    at = int(np.flatnonzero(~np.isfinite(values.reshape(-1)))[0])
    message = f"{file}: entry {at + 1} is {values.reshape(-1)[at]}"
    raise refusal(Code.NOT_FINITE, None, message, help="`--allow-nan` computes with it as IEEE 754 does")


def _look_at(file: str) -> None:
    """Refuse what cannot be opened, and what would not fit in memory once read."""
    try:
        with open(file, "rb") as stream:
            stream.read(1)
        size = os.path.getsize(file)
        memory.require(_bytes_to_read(file, size), f"reading `{file}`")
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile):
        return  # no header to tell the size from: the reader says what is wrong
    except OSError as error:
        raise refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{file}`: {reason(error)}") from None


def _bytes_to_read(file: str, size: int) -> int:
    if file.endswith(".npz"):
        with zipfile.ZipFile(file) as archive:
            return 3 * sum(each.file_size for each in archive.infolist())
    if not file.endswith((".mtx", ".mtx.gz")):
        return size
    with gzip.open(file) if file.endswith(".gz") else open(file, "rb") as stream:
        if not has_banner(stream.read(BANNER)):
            return size
    rows, _, entries, _, _, symmetry = scipy_io.mminfo(file)
    return entries * (_ENTRY if symmetry == "general" else 2 * _ENTRY) + 24 * rows


def _unreadable(file: str, message: str) -> CompileError:
    """The reader's words, after the file's name."""
    return refusal(Code.MATRIX, None, message.replace(": error: ", ": ", 1))
