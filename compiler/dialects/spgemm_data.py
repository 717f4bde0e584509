"""What is known of a kernel's operands before it runs: sizes and how its work is spread, as an attribute.

    #spgemm.data<rows = 16384, inner = 16384, columns = 16384, nnz_a = 254211, …, row_fmas = [0, 120, 803, …]>

Costs are estimated from these numbers alone, so they stand in the module's text. `compiler/targets/measure.py` takes them
from matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import Data
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from compiler.dialects.schedules.mechanism import bounded, parse_fields, text_of

_COUNT = 1 << 62


@dataclass(frozen=True, slots=True)
class DataDescriptor:
    """Operands of a product A * B, described; for a dense B, `nnz_b` is its size."""

    rows: int = bounded(0, 0, _COUNT)
    inner: int = bounded(0, 0, _COUNT)
    columns: int = bounded(0, 0, _COUNT)
    nnz_a: int = bounded(0, 0, _COUNT)
    nnz_b: int = bounded(0, 0, _COUNT)
    nnz_c: int = bounded(0, 0, _COUNT)
    """Entries of the result, estimated where that is cheaper than counting."""
    fmas: int = bounded(0, 0, _COUNT)
    """Multiply-adds."""
    mean_row: float = 0.0
    """Entries in a row of A: mean, standard deviation, maximum."""
    deviation_row: float = 0.0
    max_row: int = bounded(0, 0, _COUNT)
    mean_row_b: float = 0.0
    deviation_row_b: float = 0.0
    max_row_b: int = bounded(0, 0, _COUNT)
    max_row_fmas: int = bounded(0, 0, _COUNT)
    """Multiply-adds of the heaviest row."""
    bandwidth: int = bounded(0, 0, _COUNT)
    """Largest distance of an entry of A from the diagonal."""
    span: int = bounded(0, 0, _COUNT)
    """Columns from the first to the last that a row of C can have, over all rows."""
    row_fmas: tuple[int, ...] = ()
    """Rows without work, then rows of 1, 2 to 3, 4 to 7, … multiply-adds."""
    work_fmas: tuple[int, ...] = ()
    """Multiply-adds in those rows."""

    @property
    def compression(self) -> float:
        """Multiply-adds per entry of the result."""
        return self.fmas / max(self.nnz_c, 1)


@irdl_attr_definition
class DataAttr(Data[DataDescriptor]):
    """A data descriptor, on the kernel it describes the operands of."""

    name = "spgemm.data"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> DataDescriptor:
        with parser.in_angle_brackets():
            return parse_fields(parser, DataDescriptor())

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{text_of(self.data)}>")
