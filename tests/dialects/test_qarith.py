"""The qarith dialect: what is printed is read back, and what does not fit is refused at its place, with help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import NAMED, Flavour, Format, FormatError
from compiler.arithmetic.random_stream import Stream
from compiler.arithmetic.rounding import Mode, Overflow
from compiler.codes import Code
from compiler.diagnostics import CompileError, render
from compiler.dialects.qarith_types import FpType, Integer, Quantised, QuantType, Rounding, RoundingAttr
from compiler.ir_text import from_text, to_text
from compiler.pipelines import new_context


def parsed(text: str) -> ModuleOp:
    context = new_context()
    context.allow_unregistered = True
    return from_text(text, "k.mlir", context)


def comes_back(module: ModuleOp) -> None:
    text = to_text(module)
    again = parsed(text)
    assert to_text(again) == text
    assert again.is_structurally_equivalent(module)


def read(text: str) -> Attribute:
    op = parsed(f'"test.op"() {{it = {text}}} : () -> ()').body.block.first_op
    assert op is not None
    return op.attributes["it"]


@st.composite
def formats(draw: st.DrawFn) -> Format:
    numbers = draw(st.integers(1, 11)), draw(st.integers(0, 52)), draw(st.integers(-20, 1023))
    try:
        return Format(*numbers, draw(st.sampled_from(Flavour)))
    except FormatError:
        return draw(st.sampled_from(sorted(NAMED.values(), key=str)))


SCALES = st.builds(Dyadic, st.integers(1, 1 << 40), st.integers(-70, 70))
INTEGERS = st.builds(Integer, st.integers(1, 63), st.booleans())
QUANTISED = st.one_of(
    st.builds(Quantised, INTEGERS, st.tuples(SCALES)),
    st.builds(Quantised, INTEGERS, st.lists(SCALES, min_size=1, max_size=4).map(tuple), st.integers(0, 3)),
)
WORDS = st.integers(0, 2**64 - 1)
ROUNDINGS = st.builds(
    Rounding, st.sampled_from(Mode), st.sampled_from(Overflow), st.none() | st.builds(Stream, WORDS, WORDS)
)


@given(st.one_of(st.builds(FpType, formats()), st.builds(QuantType, QUANTISED), st.builds(RoundingAttr, ROUNDINGS)))
def test_attributes_come_back(it: Attribute) -> None:
    assert read(str(it)) == it


def test_a_format_has_one_spelling() -> None:
    assert read("!qarith.fp<4, 3, 7, fn>") == read("!qarith.fp<e4m3fn>")


Q = "!qarith.quant<si8, [1, 5]>"
OPS = [
    "%r = qarith.round %x step %t {rounding = #qarith.rounding<sr, stream 3 of 1>} : tensor<4xf64> -> tensor<4x!qarith.fp<bf16>>",
    "%r = qarith.round %x up %u : tensor<4xui1> {rounding = #qarith.rounding<learned>} : tensor<4xf64> -> tensor<4x!qarith.fp<e2m1>>",
    f"%r = qarith.quantise %x {{rounding = #qarith.rounding<rz>}} : tensor<4xf64> -> tensor<4x{Q}>",
    f"%r = qarith.requantise %q {{rounding = #qarith.rounding<rn>}} : tensor<4x{Q}> -> tensor<4x!qarith.quant<si4, [3, 2]>>",
    f"%r = qarith.dequantise %q : tensor<4x{Q}> -> tensor<4xf64>",
    "%r = qarith.cast %i : tensor<4xsi8> -> tensor<4x!qarith.fp<bf16>>",
    f"%r = qarith.exp %q : tensor<4x{Q}> -> tensor<4x!qarith.quant<ui16, [1, 15]>>",
    f"%r = qarith.softmax %q {{method = #qarith.method<shift>}} : tensor<4x{Q}> -> tensor<4x!qarith.quant<ui8, [1, 7]>>",
    f"%r = qarith.gelu %q {{method = #qarith.method<quadratic>}} : tensor<4x{Q}> -> tensor<4x!qarith.quant<si32, [1, 20]>>",
    f"%r = qarith.layer_norm %q, %b {{method = #qarith.method<quadratic>}} : tensor<4x{Q}>, tensor<4xsi31> -> tensor<4xsi32>",
    "%r = qarith.square_root %n : tensor<4xui62> -> tensor<4xui31>",
    "%r = qarith.matmul %m, %i {accumulator = si20} : tensor<2x4xsi8>, tensor<4xsi8> -> tensor<2xsi20>",
    "%r = qarith.matmul %f, %g step %t {accumulator = !qarith.fp<fp16>, rounding = #qarith.rounding<rn>} : "
    "tensor<2x4x!qarith.fp<e4m3fn>>, tensor<4x3x!qarith.fp<e5m2>> -> tensor<2x3x!qarith.fp<fp16>>",
    "%r = qarith.build_tables %i {group = 2 : i64} : tensor<4xsi8> -> tensor<2x4xsi16>",
    "%r = qarith.lookup %k, %w : tensor<2x4xsi16>, tensor<3x4xsi2> -> tensor<3xsi32>",
    "%r = qarith.reduce %f {order = #qarith.order<pairwise>, rounding = #qarith.rounding<rn>} : "
    "tensor<2x4x!qarith.fp<e4m3fn>> -> tensor<2x!qarith.fp<bf16>>",
    "%r = qarith.stencil %x {offsets = array<i64: -1, 0>, weights = array<f64: 0.1, -1.0e-3>, "
    "boundary = #qarith.boundary<fixed>} : tensor<4xf64> -> tensor<4xf64>",
    f"%r = qarith.add %q, %q : tensor<4x{Q}>, tensor<4x{Q}> -> tensor<4x!qarith.quant<si9, [1, 5]>>",
    "%r = qarith.matmul %m, %m {accumulator = si20, transpose_b} : tensor<2x4xsi8>, tensor<2x4xsi8> -> tensor<2x2xsi20>",
]
SOURCES = (
    '%x, %t, %u, %q, %i, %b, %n, %m, %f, %g, %k, %w, %z = "test.op"() : () -> (tensor<4xf64>, index, tensor<4xui1>, '
    f"tensor<4x{Q}>, tensor<4xsi8>, tensor<4xsi31>, tensor<4xui62>, tensor<2x4xsi8>, tensor<2x4x!qarith.fp<e4m3fn>>, "
    "tensor<4x3x!qarith.fp<e5m2>>, tensor<2x4xsi16>, tensor<3x4xsi2>, tensor<4xsi32>)\n"
)


@pytest.mark.parametrize("op", OPS, ids=range(len(OPS)))
def test_ops_come_back(op: str) -> None:
    comes_back(parsed(SOURCES + op))


def refused(text: str) -> str:
    """What is said of an op on line 2."""
    with pytest.raises(CompileError) as caught:
        parsed(SOURCES + text)
    said = render(caught.value.diagnostics, {"k.mlir": SOURCES + text})
    assert said.startswith("k.mlir:2:"), said
    return said


BETA = f"%b {{method = #qarith.method<quadratic>}} : tensor<4x{Q}>, tensor<4xsi31>"
NUMBERED = [
    (0, ", stream 3 of 1", "", Code.RANDOM_STREAM, "would not be reproducible", "name a stream and its seed"),
    (0, "fp<bf16>", "fp<e8m0>", Code.FORMAT_WITHOUT_ZERO, "cannot hold zero", "round to one that has a zero"),
    (0, "-> tensor<4x", "-> tensor<5x", Code.ARITHMETIC_SHAPE, "the operand is 4, but the result is 5", "sizes"),
    (11, "tensor<2xsi20>", "tensor<3xsi20>", Code.ARITHMETIC_SHAPE, "the product is 2, but the result 3", "sizes"),
    (
        11,
        "si20",
        "si16",
        Code.SCALE_OVERFLOW,
        "4 products of si8 and si8 reach 65536, beyond si16",
        "wider accumulator",
    ),
    (9, BETA, BETA.replace("%b", "%z").replace("31", "32"), Code.SCALE_OVERFLOW, "at most si31", "narrower operands"),
    (13, "si16", "si8", Code.SCALE_OVERFLOW, "sums of 2 si8 do not fit si8", "wider accumulator"),
    (14, "<3xsi32>", "<3xsi16>", Code.SCALE_OVERFLOW, "beyond si16", "wider accumulator"),
    (3, "[3, 2]", "[3, 63]", Code.SCALE_OVERFLOW, "shifts a si8 out of its word", "nearer to each other"),
    (3, "[3, 2]", "[3, -60]", Code.SCALE_OVERFLOW, "leaves nothing of a si8", "nearer to each other"),
    (8, "si32", "si16", Code.SCALE_OVERFLOW, "the result needs si24, but is si16", "wider accumulator"),
    (10, "ui31", "ui30", Code.SCALE_OVERFLOW, "roots of ui62 do not fit ui30", "wider accumulator"),
    (16, "-1, 0>", "-1, 4>", Code.ARITHMETIC_SHAPE, "an offset leaves the tensor 4", "sizes"),
    (17, "si9", "si8", Code.SCALE_OVERFLOW, "sums of si8 and si8 do not fit si8", "wider accumulator"),
    (17, "si9, [1, 5]", "si9, [1, 6]", Code.IR_INVALID, "must have one scale", ""),
    (
        18,
        ", transpose_b",
        "",
        Code.ARITHMETIC_SHAPE,
        "the left operand has 4 columns, but the right one 2 rows",
        "sizes",
    ),
    (5, "fp<bf16>", "fp<e4m3fn>", Code.IR_INVALID, "a cast never rounds", ""),
    (7, "[1, 7]", "[1, 8]", Code.IR_INVALID, "the result has the scale [1, 7]", ""),
    (1, "<learned>", "<rn>", Code.IR_INVALID, "the mode `learned`, and no other", ""),
    (12, ", rounding = #qarith.rounding<rn>", "", Code.IR_INVALID, "sums of floats round: name how", ""),
]


@pytest.mark.parametrize(("number", "old", "new", "code", "message", "advice"), NUMBERED)
def test_what_does_not_fit(number: int, old: str, new: str, code: Code, message: str, advice: str) -> None:
    assert old in OPS[number]
    said = refused(OPS[number].replace(old, new))
    assert f"error[{code.number}]: " in said and message in said
    assert "help: " in said and advice in said if advice else True


@pytest.mark.parametrize(
    ("kind", "column", "message"),
    [
        ("fp<e9m9>", 37, "there is no format `e9m9`, only e4m3fn, e5m2"),
        ("fp<4, 0, 7, fn>", 37, "flavour `fn` needs a mantissa"),
        ("fp<12, 3, 7, ieee>", 37, "2 to 11 bits, not 12"),
        ("quant<i8, [1, 2]>", 40, "expected an integer like si8 or ui4"),
        ("quant<ui64, [1, 2]>", 40, "of at most 64 bits (without a sign 63), not ui64"),
        ("quant<si8, [0, 2]>", 45, "a scale is positive, but 0 is not"),
    ],
)
def test_what_is_no_type(kind: str, column: int, message: str) -> None:
    said = refused(f'%r = "test.op"() : () -> !qarith.{kind}')
    assert said.startswith(f"k.mlir:2:{column}: error[{Code.IR_SYNTAX.number}]: "), said
    assert message in said


def test_a_diagnostic_in_full() -> None:
    op = OPS[0].replace(", stream 3 of 1", "")
    assert refused(op) == (
        "k.mlir:2:1: error[C0623]: stochastic rounding without a random stream: the results would not be reproducible\n"
        f"    2 | {op}\n"
        "      | ^\n"
        "help: name a stream and its seed: #qarith.rounding<sr, stream 0 of 1>; give each op a stream of its own\n"
    )
