"""The kernel front end: every example is one kernel in plain form; what is none is refused at its place."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import func

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, render
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.dialects.spgemm_types import Format, Semiring
from compiler.frontends.kernel.read import Kernel, read_kernel
from compiler.ir_text import to_text
from compiler.locations import unlocated
from compiler.pipelines import new_context

FOLDER = Path(__file__).parents[3] / "examples" / "kernels"
EXAMPLES = sorted(FOLDER.glob("*.mlir"))
UPSTREAM = (FOLDER / "upstream.mlir").read_text()
MLIR_OPT = next(filter(None, map(shutil.which, ("mlir-opt-19", "mlir-opt"))), None)


def read(text: str) -> Kernel:
    return read_kernel(text, "k.mlir", new_context())


def refusal_of(text: str) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        read(text)
    (found,) = caught.value.diagnostics
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_kernel_in_plain_form(example: Path) -> None:
    kernel = read_kernel(example.read_text(), str(example), new_context())
    block = kernel.function.body.block
    assert tuple(kernel.op.operands) == tuple(block.args)
    assert [type(op) for op in block.ops] == [type(kernel.op), func.ReturnOp]
    assert len(block.args) == kernel.form.operand_count == len(kernel.binding)
    assert not list(unlocated(kernel.module))
    assert read(to_text(kernel.module)).form == kernel.form


def test_examples_cover_every_kind_semiring_and_mask() -> None:
    forms = [read(each.read_text()).form for each in EXAMPLES]
    assert {form.kind for form in forms} == set(Kind)
    assert {form.semiring for form in forms} == set(Semiring)
    assert {form.mask for form in forms} == set(Mask)
    assert {form.format_a for form in forms} | {form.format_b for form in forms} == set(Format)


def test_one_argument_may_be_two_operands() -> None:
    assert read((FOLDER / "square.mlir").read_text()).binding == (0, 0)
    assert read((FOLDER / "triangles.mlir").read_text()).binding == (0, 0, 0)


def test_upstreams_product_is_the_same_kernel() -> None:
    ours, theirs = read((FOLDER / "spgemm.mlir").read_text()), read(UPSTREAM)
    assert ours.form == theirs.form == KernelForm()
    assert ours.module.is_structurally_equivalent(theirs.module)


@pytest.mark.parametrize(
    ("old", "new", "form"),
    [
        (", crdWidth = 32", "", KernelForm(index_width=64)),
        ("crdWidth = 32", "posWidth = 64, crdWidth = 64", KernelForm(index_width=64)),
        ("(d0 : dense, d1 : compressed)", "(d1 : dense, d0 : compressed)", KernelForm(format_a=Format.CSC,
         format_b=Format.CSC, format_c=Format.CSC)),
        ("d0 : dense", "d0 : compressed", KernelForm(format_a=Format.DCSR, format_b=Format.DCSR, format_c=Format.DCSR)),
        ("%b: tensor<?x?xf64, #CSR>)", "%b: tensor<?x?xf64, #CSR>, %d: tensor<?x?xf64, #CSR>)", KernelForm(accumulate=True)),
    ],
)  # fmt: skip
def test_encodings_say_the_format(old: str, new: str, form: KernelForm) -> None:
    text = UPSTREAM.replace(old, new)
    assert text != UPSTREAM
    if form.accumulate:
        text = text.replace("outs(%empty ", "outs(%d ")
    assert read(text).form == form


def test_upstreams_product_of_one_operand() -> None:
    text = UPSTREAM.replace(", %b: tensor<?x?xf64, #CSR>)", ")").replace("%b", "%a")
    assert read(text).binding == (0, 0)


@pytest.mark.skipif(MLIR_OPT is None, reason="needs mlir-opt (Debian: mlir-19-tools)")
def test_the_same_file_goes_through_mlirs_sparsifier() -> None:
    assert MLIR_OPT is not None
    file = str(FOLDER / "upstream.mlir")
    done = subprocess.run([MLIR_OPT, "--sparsifier", file], capture_output=True, text=True, check=True)
    assert "llvm.func @spgemm" in done.stdout
    assert "linalg.matmul" not in done.stdout


M = "!spgemm.matrix<csr, ?x?xf64, i32>"
T = "tensor<?x?xf64, #CSR>"
GOOD = f"""\
func.func @k(%a: {M}, %b: {M}) -> {M} {{
  %c = spgemm.spgemm %a, %b : {M}, {M} -> {M}
  return %c : {M}
}}
"""


@pytest.mark.parametrize(
    ("text", "code", "line", "message"),
    [
        (GOOD.replace(f"-> {M} {{", "{"), Code.IR_INVALID, 3, ""),
        (GOOD.replace("%b :", "%x :"), Code.IR_SYNTAX, 2, "%x"),
        (GOOD.replace("spgemm.spgemm", "spgemm.product"), Code.IR_SYNTAX, 2, "spgemm.product"),
        (GOOD.removesuffix("}\n"), Code.IR_SYNTAX, 4, ""),
        ("\n\nfunc.func private @k()\n", Code.KERNEL_COUNT, 1, "there is no kernel"),
        (GOOD + GOOD.replace("@k", "@l"), Code.KERNEL_COUNT, 6, "a second kernel"),
        (GOOD.replace("return %c", '%d = "arith.addi"(%i, %i) : (i32, i32) -> i32\n  return %c')
             .replace("(%a", "(%i: i32, %a"), Code.KERNEL_OPERATION, 3, "`arith.addi` has no place beside a kernel"),
        (GOOD.replace("return %c", "return %a"), Code.KERNEL_SURELY_WRONG, 2, "does not return what the kernel computes"),
        (GOOD.replace("%b :", "%a :"), Code.KERNEL_SURELY_WRONG, 2, "argument 2, `%b`, is not used by the kernel"),
        (GOOD.replace("?x?", "0x0"), Code.KERNEL_SURELY_WRONG, 2, "has no entry, whatever the operands hold"),
        (UPSTREAM.replace("%b: " + T, "%b: tensor<?x?xf64>").replace(f"{T})\n", "tensor<?x?xf64>)\n", 1)
                 .replace("%b, %one : " + T, "%b, %one : tensor<?x?xf64>"), Code.KERNEL_FORM, 11, "B is no matrix"),
        (UPSTREAM.replace("d1 : compressed", "d1 : singleton"), Code.IR_SYNTAX, 3, "only dense and compressed levels"),
        (UPSTREAM.replace("d1 : compressed", "d1 : compressed(nonunique)"), Code.IR_SYNTAX, 3, "only dense and comp"),
        (UPSTREAM.replace("d0 : dense", "d1 : dense"), Code.IR_SYNTAX, 3, "only maps of two dimensions"),
        (UPSTREAM.replace("d0 : dense", "d2 : dense"), Code.IR_SYNTAX, 3, "`d2` is no dimension"),
        (UPSTREAM.replace("crdWidth = 32", "crdWidth = 16"), Code.IR_SYNTAX, 3, "`crdWidth` is 0, 32 or 64 here"),
        (UPSTREAM.replace("d0 : dense, d1 : compressed", "d0 : dense, d1 : dense"), Code.KERNEL_FORM, 11, "no matrix"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, code: Code, line: int, message: str) -> None:
    found = refusal_of(text)
    assert found.code is code
    assert found.span is not None
    assert (found.span.file, found.span.line) == ("k.mlir", line)
    assert message in found.message
    assert render([found], {"k.mlir": text}).startswith(f"k.mlir:{line}:")


def test_operands_are_arguments() -> None:
    text = GOOD.replace("  %c =", f"  %d = spgemm.spgemm %a, %b : {M}, {M} -> {M}\n  %c =").replace(
        "%a, %b : ", "%d, %b : "
    )
    assert refusal_of(text).code in (Code.KERNEL_COUNT, Code.IR_SYNTAX)


def test_transposed_maps_of_upstream_are_refused() -> None:
    maps = "[affine_map<(i, j, k) -> (k, i)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>]"
    text = UPSTREAM.replace("linalg.matmul ins", f"linalg.matmul {{indexing_maps = {maps}}} ins")
    assert refusal_of(text).code is Code.KERNEL_FORM


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([each.read_text() for each in EXAMPLES]), st.data())
def test_broken_text_is_refused_and_nothing_else(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    broken = (
        text[:start]
        + data.draw(st.sampled_from(["", "?", "<", ">", "%a", "0x", ", ,", '"', "1.5", "tensor"]))
        + text[end:]
    )
    try:
        read(broken)
    except CompileError as error:
        assert error.diagnostics[0].span is not None
