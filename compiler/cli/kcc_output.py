"""Where results go: a file that can be written is asked for before a long run, and written whole or not at all."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.cli.files import replace_file
from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.source_text import reason
from runtime.faults import MatrixError
from runtime.sparse.containers import Csr
from runtime.sparse.files import write_matrix

SPARSE = (".mtx", ".mtx.gz", ".npz")
DENSE = ".npy"


def check_output(name: str) -> None:
    """Refuse now what could not be written later."""
    if not name.endswith((*SPARSE, DENSE)):
        raise unwritable(name, f"a result goes to {', '.join(SPARSE)} or {DENSE}")
    check_place(name)


def check_place(name: str) -> None:
    """Refuse a folder that is not there, or may not be written to."""
    folder = Path(os.path.realpath(name)).parent
    if not folder.is_dir():
        raise unwritable(name, "there is no such folder")
    if not os.access(folder, os.W_OK) or Path(name).is_dir():
        raise unwritable(name, "it is a folder" if Path(name).is_dir() else "permission denied")


def write_result(name: str, result: Csr | NDArray[Any]) -> None:
    """Write a result in the format that the name ends in."""
    try:
        if isinstance(result, Csr) and name.endswith(SPARSE):
            write_matrix(Path(os.path.realpath(name)), result)
        elif not isinstance(result, Csr) and name.endswith(DENSE):
            buffer = BytesIO()
            np.save(buffer, result)
            replace_file(Path(os.path.realpath(name)), buffer.getvalue())
        else:
            kind = "sparse: .mtx, .mtx.gz or .npz" if isinstance(result, Csr) else "dense: .npy"
            raise unwritable(name, f"the result is {kind}")
    except MatrixError as error:
        raise unwritable(name, str(error).partition(": error: ")[2]) from None
    except OSError as error:
        raise unwritable(name, reason(error)) from None


def unwritable(name: str, why: str) -> CompileError:
    """A file that cannot be written."""
    return refusal(Code.OUTPUT_UNWRITABLE, None, f"cannot write `{name}`: {why}")
