"""SciPy, loaded when a matrix first needs it: a kernel that is only compiled, or computes no sparse matrix, waits for none of it.

scipy_sparse.csr_array(dense)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Later:
    """A module in name, until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


scipy_sparse: Any = _Later("scipy.sparse")
scipy_io: Any = _Later("scipy.io")
"""SciPy ships no types."""
