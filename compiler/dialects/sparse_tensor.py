"""MLIR's own way to say that a tensor is stored sparse: the encoding of `sparse_tensor`, as far as matrices need it.

    #CSR = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed), crdWidth = 32 }>

Taken: maps of two dimensions, in order or swapped, to `dense` or `compressed` levels, and the two widths. Refused, at the
place: block formats, `singleton` and `nonunique` levels, slices, explicit values.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Data, Dialect
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.hints import isa

from compiler.dialects.spgemm_types import Element, Format, MatrixType

LEVELS = ("dense", "compressed")
_FORMATS = {
    ((0, 1), ("dense", "compressed")): Format.CSR,
    ((1, 0), ("dense", "compressed")): Format.CSC,
    ((0, 1), ("compressed", "compressed")): Format.DCSR,
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """The order of dimensions, the kind of each level, and bits of positions and coordinates (0 and 64 are alike)."""

    order: tuple[int, int]
    levels: tuple[str, str]
    position_width: int = 0
    coordinate_width: int = 0

    @property
    def format(self) -> Format | None:
        """The format of the same storage; None for one that no kernel takes."""
        return _FORMATS.get((self.order, self.levels))


@irdl_attr_definition
class EncodingAttr(Data[Encoding]):
    """`#sparse_tensor.encoding<{ map = … }>`."""

    name = "sparse_tensor.encoding"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Encoding:
        with parser.in_angle_brackets(), parser.in_braces():
            parser.parse_keyword("map")
            parser.parse_punctuation("=")
            dimensions = parser.parse_comma_separated_list(parser.Delimiter.PAREN, parser.parse_identifier)
            parser.parse_punctuation("->")
            start = parser.pos
            levels = parser.parse_comma_separated_list(parser.Delimiter.PAREN, lambda: _parse_level(parser, dimensions))
            if sorted(at for at, _ in levels) != [0, 1]:
                parser.raise_error("only maps of two dimensions to two levels are taken", start, parser.pos)
            widths = _parse_widths(parser)
        (one, first), (two, second) = levels
        return Encoding((one, two), (first, second), widths.get("posWidth", 0), widths.get("crdWidth", 0))

    def print_parameter(self, printer: Printer) -> None:
        it = self.data
        levels = ", ".join(f"d{at} : {kind}" for at, kind in zip(it.order, it.levels, strict=True))
        widths = (("posWidth", it.position_width), ("crdWidth", it.coordinate_width))
        more = "".join(f", {name} = {width}" for name, width in widths if width)
        printer.print_string(f"<{{ map = (d0, d1) -> ({levels}){more} }}>")


def _parse_level(parser: AttrParser, dimensions: list[str]) -> tuple[int, str]:
    start = parser.pos
    name = parser.parse_identifier()
    if name not in dimensions:
        parser.raise_error(f"`{name}` is no dimension of the map", start, start + len(name))
    parser.parse_punctuation(":")
    start = parser.pos
    kind = parser.parse_identifier()
    if kind not in LEVELS or parser.parse_optional_punctuation("(") or parser.parse_optional_punctuation("["):
        parser.raise_error("only dense and compressed levels are taken", start, parser.pos)
    return dimensions.index(name), kind


def _parse_widths(parser: AttrParser) -> dict[str, int]:
    widths: dict[str, int] = {}
    while parser.parse_optional_punctuation(","):
        name = parser.parse_keyword_in(("posWidth", "crdWidth"))
        parser.parse_punctuation("=")
        start = parser.pos
        widths[name] = parser.parse_integer()
        if widths[name] not in (0, 32, 64):
            parser.raise_error(f"`{name}` is 0, 32 or 64 here", start, parser.pos)
    return widths


def matrix_type(kind: Attribute) -> MatrixType | None:
    """The sparse matrix that an encoded tensor is; None for anything else."""
    if not isa(kind, TensorType[Attribute]) or not isinstance(kind.encoding, EncodingAttr):
        return None
    encoding = kind.encoding.data
    found, shape = Element.of(kind.get_element_type()), kind.get_shape()
    if encoding.format is None or found is None or len(shape) != 2:
        return None
    width = 32 if encoding.coordinate_width == 32 else 64
    return MatrixType.of(encoding.format, (shape[0], shape[1]), found, width)


SparseTensor = Dialect("sparse_tensor", [], [EncodingAttr])
