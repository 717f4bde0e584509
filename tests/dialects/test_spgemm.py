"""The spgemm dialect: what is printed is read back, and what does not fit is refused at its place."""

from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Attribute

from compiler.codes import Code
from compiler.diagnostics import CompileError, render
from compiler.dialects.schedules import piuma
from compiler.dialects.schedules.attribute import SCHEDULES, ScheduleAttr
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm import kernels_of
from compiler.dialects.spgemm_data import DataAttr, DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm, Mask
from compiler.dialects.spgemm_types import DYNAMIC, Element, Format, MatrixType, Semiring
from compiler.ir_text import from_text, to_text
from compiler.pipelines import new_context

SIZES = st.sampled_from([DYNAMIC, 1, 7, 1 << 40])
ELEMENTS = st.sampled_from(list(Element))


def schedules(cls: type[Schedule]) -> st.SearchStrategy[Schedule]:
    """Any schedule of a target: every field from its type and bounds."""
    hints = get_type_hints(cls)

    def values(of: Any) -> st.SearchStrategy[Any]:
        if of.metadata:
            return st.integers(of.metadata["low"], of.metadata["high"])
        return st.from_type(hints[of.name])

    return st.builds(cls, **{each.name: values(each) for each in fields(cls)})


def again(module: ModuleOp) -> ModuleOp:
    """The module parsed from its own text."""
    text = to_text(module)
    found = from_text(text, "again.mlir", new_context())
    assert to_text(found) == text
    assert found.is_structurally_equivalent(module)
    return found


def attribute(text: str, name: str) -> Attribute:
    """The attribute of the one op of a text."""
    context = new_context()
    context.allow_unregistered = True
    op = from_text(text, "op.mlir", context).body.block.first_op
    assert op is not None
    return op.attributes[name]


@st.composite
def kernel_texts(draw: st.DrawFn) -> str:
    """A product of any form that verifies, as text."""
    m, k, n = draw(SIZES), draw(SIZES), draw(SIZES)
    element = draw(ELEMENTS)
    semiring = draw(st.sampled_from([each for each in Semiring if each.objection(element) is None]))
    width = draw(st.sampled_from([32, 64]))
    turned_a, turned_b = draw(st.booleans()), draw(st.booleans())
    mask, accumulate = draw(st.sampled_from(list(Mask))), draw(st.booleans())

    def kind(rows: int, columns: int, of: Element = element) -> MatrixType:
        return MatrixType.of(draw(st.sampled_from(list(Format))), (rows, columns), of, width)

    types = {
        "a": kind(k, m) if turned_a else kind(m, k),
        "b": kind(n, k) if turned_b else kind(k, n),
        **({"m": kind(m, n, draw(ELEMENTS))} if mask is not Mask.NONE else {}),
        **({"d": kind(m, n)} if accumulate else {}),
    }
    result = kind(m, n)
    clauses = f" semiring({semiring})" if semiring is not Semiring.PLUS_TIMES or draw(st.booleans()) else ""
    clauses += {Mask.NONE: "", Mask.STRUCTURAL: " mask(%m)", Mask.COMPLEMENT: " mask(complement %m)"}[mask]
    clauses += " accumulate(%d)" if accumulate else ""
    if draw(st.booleans()):
        clauses += f" schedule({ScheduleAttr(draw(schedules(piuma.PiumaSchedule)))})"
    arguments = ", ".join(f"%{name}: {each}" for name, each in types.items())
    listed = ", ".join(map(str, types.values()))
    left, right = f"{'transposed ' * turned_a}%a", f"{'transposed ' * turned_b}%b"
    return (
        f"func.func @k({arguments}) -> {result} {{\n"
        f"  %c = spgemm.spgemm {left}, {right}{clauses} : {listed} -> {result}\n"
        f"  return %c : {result}\n}}\n"
    )


@settings(deadline=None)
@given(kernel_texts())
def test_any_product_comes_back(text: str) -> None:
    module = from_text(text, "kernel.mlir", new_context())
    (op,) = kernels_of(module)
    (other,) = kernels_of(again(module))
    assert KernelForm.of(op) == KernelForm.of(other)


@pytest.mark.parametrize("target", SCHEDULES)
def test_any_schedule_comes_back(target: str) -> None:
    @settings(deadline=None)
    @given(schedules(SCHEDULES[target]))
    def comes_back(schedule: Schedule) -> None:
        text = f'"test.op"() {{s = {ScheduleAttr(schedule)}}} : () -> ()'
        assert attribute(text, "s") == ScheduleAttr(schedule)

    comes_back()


DATA = DataDescriptor(rows=3, mean_row=1.5, deviation_row=1e-7, max_row=1 << 40, row_fmas=(0, 2), work_fmas=())


def test_a_data_descriptor_comes_back() -> None:
    assert attribute(f'"test.op"() {{d = {DataAttr(DATA)}}} : () -> ()', "d") == DataAttr(DATA)


@pytest.mark.parametrize("element", Element)
def test_elements_are_those_of_builtin_types(element: Element) -> None:
    assert Element.of(element.type) is element
    assert Element.of(TensorType(element.type, [1])) is None


def test_what_is_left_out_is_the_default() -> None:
    text = '"test.op"() {s = #spgemm.schedule<piuma, hash = low_bits>} : () -> ()'
    assert attribute(text, "s") == ScheduleAttr(piuma.PiumaSchedule(hash=piuma.Hash.LOW_BITS))


CSR = "!spgemm.matrix<csr, 4x5xf64, i32>"
KERNEL = """%a, %b = "test.op"() : () -> (A, B)
%c = spgemm.spgemm %a, %b : A, B -> C
"""


def refused(text: str, **types: str) -> str:
    """What is said of a kernel with these types."""
    for name, kind in types.items():
        text = text.replace(name, f"!spgemm.matrix<{kind}>" if "tensor" not in kind else kind)
    context = new_context()
    context.allow_unregistered = True
    with pytest.raises(CompileError) as caught:
        from_text(text, "k.mlir", context)
    return render(caught.value.diagnostics, {"k.mlir": text})


FITS = {"A": "csr, 4x5xf64", "B": "csr, 5x6xf64", "C": "csr, 4x6xf64"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"B": "csr, 4x6xf64"}, "A has 5 columns, but B has 4 rows"),
        ({"C": "csr, 5x6xf64"}, "A has 4 rows, but the result has 5"),
        ({"C": "csr, 4x7xf64"}, "B has 6 columns, but the result has 7"),
        ({"B": "csr, 5x6xf32"}, "A holds f64, but B holds f32"),
        ({"C": "csr, 4x6xi64"}, "A holds f64, but the result holds i64"),
        ({"B": "csr, 5x6xf64, i64"}, "A has i32 indices, but B has i64"),
        ({name: kind.replace("f64", "i1") for name, kind in FITS.items()}, "its sums do not fit; use or_and"),
    ],
)
def test_what_does_not_fit(changed: dict[str, str], message: str) -> None:
    said = refused(KERNEL, **{**FITS, **changed})
    assert said.startswith("k.mlir:2:")
    assert f"error[{Code.IR_INVALID.number}]: " in said
    assert message in said


@pytest.mark.parametrize(
    ("kind", "column", "message"),
    [
        ("coo, 4x5xf64", 41, "the format cannot be `coo`, only csr, csc, dcsr"),
        ("csr, 4x5xf16", 46, "not f16"),
        ("csr, 4xf64", 46, "a matrix has two dimensions, not 1"),
        ("csr, 4x5xf64, i16", 55, "indices are i32 or i64, not i16"),
        ("csr, 4x5xsi32", 46, "not si32"),
    ],
)
def test_what_is_no_matrix(kind: str, column: int, message: str) -> None:
    said = refused(f'%a = "test.op"() : () -> !spgemm.matrix<{kind}>')
    assert said.startswith(f"k.mlir:1:{column}: error[{Code.IR_SYNTAX.number}]: ")
    assert message in said


@pytest.mark.parametrize(
    ("what", "column", "message"),
    [
        ("gpu", 53, "there is no target `gpu`, only piuma"),
        ("piuma, speed = 9", 60, "there is no field `speed`, only dataflow, "),
        ("piuma, hash = low", 67, "`hash` cannot be `low`, only high_bits, low_bits, multiplicative"),
        ("piuma, threads = 0", 70, "`threads` is 0, outside 1 to "),
        ("piuma, threads = 1.5", 70, "`threads` is a whole number"),
        ("piuma, threads = 1, threads = 2", 73, "`threads` is said twice"),
        ("piuma, ", 59, "identifier expected"),
    ],
)
def test_what_is_no_schedule(what: str, column: int, message: str) -> None:
    text = "SOURCE\n%c = spgemm.spgemm %a, %b schedule(#spgemm.schedule<WHAT>) : A, B -> C\n"
    said = refused(text.replace("SOURCE", KERNEL.splitlines()[0]).replace("WHAT", what), **FITS)
    assert said.startswith("k.mlir:2:")
    assert message.lower() in said.lower()


@pytest.mark.parametrize(
    ("kernel", "types", "message"),
    [
        ("spmv %a, %x : A, X -> Y", ("tensor<4xf64>", "tensor<4xf64>"), "A has 5 columns, but x has 4 rows"),
        ("spmv %a, %x : A, X -> Y", ("tensor<5xf64>", "tensor<5xf64>"), "A has 4 rows, but the result has 5"),
        ("spmv %a, %x : A, X -> Y", ("tensor<5xf32>", "tensor<4xf64>"), "the matrix holds f64, but x holds f32"),
        ("spmv %a, %x : A, X -> Y", ("tensor<5x1xf64>", "tensor<4xf64>"), "x must be a dense tensor of 1 dimensions"),
        ("spmv %a, %x : A, X -> A", ("tensor<5xf64>", "tensor<4xf64>"), "the result must be a dense tensor"),
        ("spmm %a, %x : A, X -> Y", ("tensor<5x2xf64>", "tensor<4x3xf64>"), "X has 2 columns, but the result has 3"),
        ("spmm transposed %a, %x : A, X -> Y", ("tensor<5x2xf64>", "tensor<5x2xf64>"), "A has 4 columns, but X has 5"),
        ("sddmm %a, %x, %x : A, X, X -> A", ("tensor<4x5xf64>", ""), "X has 5 columns, but Y has 4 rows"),
    ],
)
def test_dense_operands_that_do_not_fit(kernel: str, types: tuple[str, str], message: str) -> None:
    x, y = types
    text = f'%a, %x = "test.op"() : () -> (A, X)\n%r = spgemm.{kernel}\n'
    said = refused(text.replace("X", x).replace("Y", y).replace(" A", " " + CSR).replace("(A", "(" + CSR))
    assert f"k.mlir:2:1: error[{Code.IR_INVALID.number}]: {message}" in said


def test_a_complement_needs_a_mask() -> None:
    text = KERNEL.replace("spgemm.spgemm %a, %b", '"spgemm.spgemm"(%a, %b)').replace(
        ": A, B -> C", "PROPS : (A, B) -> C"
    )
    props = "<{complement, semiring = #spgemm.semiring<plus_times>, operandSegmentSizes = array<i32: 1, 1, 0, 0>}>"
    assert "a complement needs a mask" in refused(text.replace("PROPS", props), **FITS)


def test_types_are_counted() -> None:
    assert "2 operands, but 1 types" in refused(KERNEL.replace(": A, B ->", ": A ->"), **FITS)
