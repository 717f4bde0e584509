"""The product as upstream MLIR compiles it: `mlir-opt --sparsifier`, serial, for one shape at a time.

peer = Sparsifier.build(shape, folder)        # None where a tool is missing
peer(a)                                       # row pointers, column indices, values
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TOOLS = ("mlir-opt-19", "mlir-translate-19", "clang-19")

TEXT = """
#CSR = #sparse_tensor.encoding<{{ map = (i, j) -> (i : dense, j : compressed), posWidth = 64, crdWidth = 32 }}>
func.func @product(%p: memref<?xi64>, %c: memref<?xi32>, %v: memref<?xf64>)
    -> (memref<?xi64>, memref<?xi32>, memref<?xf64>) attributes {{ llvm.emit_c_interface }} {{
  %tp = bufferization.to_tensor %p restrict : memref<?xi64>
  %tc = bufferization.to_tensor %c restrict : memref<?xi32>
  %tv = bufferization.to_tensor %v restrict : memref<?xf64>
  %a = sparse_tensor.assemble (%tp, %tc), %tv
    : (tensor<?xi64>, tensor<?xi32>), tensor<?xf64> to tensor<{n}x{n}xf64, #CSR>
  %empty = tensor.empty() : tensor<{n}x{n}xf64, #CSR>
  %r = linalg.matmul ins(%a, %a : tensor<{n}x{n}xf64, #CSR>, tensor<{n}x{n}xf64, #CSR>)
                     outs(%empty : tensor<{n}x{n}xf64, #CSR>) -> tensor<{n}x{n}xf64, #CSR>
  %rp = sparse_tensor.positions %r {{ level = 1 : index }} : tensor<{n}x{n}xf64, #CSR> to memref<?xi64>
  %rc = sparse_tensor.coordinates %r {{ level = 1 : index }} : tensor<{n}x{n}xf64, #CSR> to memref<?xi32>
  %rv = sparse_tensor.values %r : tensor<{n}x{n}xf64, #CSR> to memref<?xf64>
  return %rp, %rc, %rv : memref<?xi64>, memref<?xi32>, memref<?xf64>
}}
"""


class _Array(ctypes.Structure):
    """A memref of one dimension."""

    _fields_ = [
        ("allocated", ctypes.c_void_p),
        ("aligned", ctypes.c_void_p),
        ("offset", ctypes.c_int64),
        ("size", ctypes.c_int64),
        ("stride", ctypes.c_int64),
    ]


class _Result(ctypes.Structure):
    _fields_ = [("pointers", _Array), ("indices", _Array), ("values", _Array)]


def _array(numbers: Any) -> _Array:
    at = numbers.ctypes.data
    return _Array(at, at, 0, numbers.size, 1)


@dataclass(frozen=True, slots=True)
class Sparsifier:
    """A compiled product of a square matrix with itself."""

    function: Any
    free: Any

    @staticmethod
    def build(size: int, folder: Path) -> Sparsifier | None:
        """Compile for matrices of one size; None where a tool is missing or does not take it."""
        if not all(map(shutil.which, TOOLS)):
            return None
        library = folder / f"sparsifier{size}.so"
        optimize, translate, compiler = TOOLS
        try:
            lowered = _run([optimize, "--sparsifier=enable-runtime-library=false"], TEXT.format(n=size))
            source = folder / f"sparsifier{size}.ll"
            source.write_text(_run([translate, "--mlir-to-llvmir"], lowered))
            _run([compiler, "-O3", "-march=native", "-shared", "-fPIC", "-w", "-o", str(library), str(source)], "")
        except subprocess.CalledProcessError as error:
            print(f"mlir: {error.stderr.strip().splitlines()[:1]}")
            return None
        function = ctypes.CDLL(str(library))["_mlir_ciface_product"]
        function.argtypes = [ctypes.c_void_p] * 4
        function.restype = None
        free = ctypes.CDLL(None).free
        free.argtypes = [ctypes.c_void_p]
        return Sparsifier(function, free)

    def __call__(self, pointers: Any, indices: Any, values: Any) -> int:
        """Compute and give back; entries of the result."""
        result = _Result()
        arrays = [_array(each) for each in (pointers, indices, values)]
        self.function(ctypes.byref(result), *map(ctypes.byref, arrays))
        entries = int(ctypes.cast(result.pointers.aligned, ctypes.POINTER(ctypes.c_int64))[pointers.size - 1])
        given = {each.allocated for each in arrays}
        for each in (result.pointers, result.indices, result.values):
            if each.allocated not in given:
                self.free(each.allocated)
        return entries


def _run(command: list[str], text: str) -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def pointers_of(matrix: Any) -> Any:
    """Row pointers of 64 bits."""
    return matrix.indptr.astype(np.int64)
