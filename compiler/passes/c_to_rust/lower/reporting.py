"""The report of a translation, made of the analyses behind it.

    fill(report, analyses)        report.functions: every function lowered, in the order of the output

What each pointer became, what it is an alias of, where the decision fell. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xdsl.ir import Attribute, SSAValue

from compiler.analysis.program import Program
from compiler.analysis.provenance import PointerKind
from compiler.analysis.representation import Shape
from compiler.analysis.variables import Variable
from compiler.diagnostics import Diagnostic
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType, PtrType
from compiler.locations import span_of
from compiler.passes.c_to_rust.leave_out import LeftOut
from compiler.passes.c_to_rust.lower.context import Analyses, Context
from compiler.passes.c_to_rust.lower.evidence import Evidence, moved_at
from compiler.passes.c_to_rust.lower.items import parameter_type
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.lower.spelling import c_spelling, rust_spelling, struct_spelling
from compiler.passes.c_to_rust.lower.types import field_type, result_type, rust_type
from compiler.passes.c_to_rust.lower.wording import Wording
from compiler.report import (
    CallReport,
    FieldReport,
    FunctionReport,
    ParameterReport,
    PlaceReport,
    RefusalReport,
    Report,
    Rung,
    StructReport,
    Verdict,
)


def fill(report: Report, analyses: Analyses) -> None:
    """Add all structs and functions of a translation."""
    structs = analyses.program.structs
    report.structs += [_struct(op, analyses.program) for op in structs.values()]
    report.functions += [_Reporter(analyses, lowering).function() for lowering in analyses.lowered.values()]


def add_refused(report: Report, left_out: Iterable[LeftOut]) -> None:
    """Add the functions that were left out of a partial translation."""
    report.functions += [_refused(item) for item in left_out if item.is_function and item.span is not None]


def _refused(item: LeftOut) -> FunctionReport:
    assert item.span is not None
    refusals = tuple(_refusal(each, item) for each in item.findings)
    return FunctionReport(
        item.name, "", item.span.file, item.span.line, item.is_external, Verdict.REFUSED, (), "", "", refusals=refusals
    )


def _refusal(finding: Diagnostic, item: LeftOut) -> RefusalReport:
    message = f"it needs `{item.needs}`, which is left out" if item.needs else finding.message
    span = finding.span or item.span
    assert span is not None
    return RefusalReport(finding.code.number, message, span.file, span.line)


def _struct(op: minic.StructOp, program: Program) -> StructReport:
    symbol, span = op.sym_name.data, span_of(op)
    assert span is not None
    fields = tuple(
        _field(name.data, kind, program) for name, kind in zip(op.field_names.data, op.field_types.data, strict=True)
    )
    spelled = struct_spelling(symbol, program.structs)
    return StructReport(symbol, rust_name(symbol), spelled, fields, span.file, span.line)


def _field(name: str, kind: Attribute, program: Program) -> FieldReport:
    c_type, rust = c_spelling(kind, program.structs), rust_spelling(field_type(kind, program))
    if isinstance(kind, PtrType):
        return FieldReport(name, rust_name(name), c_type, rust, Rung.SLICE, "the type does not tell its length")
    return FieldReport(name, rust_name(name), c_type, rust)


class _Reporter:
    """Reports one function."""

    def __init__(self, analyses: Analyses, lowering: Context) -> None:
        self._analyses = analyses
        self._program = analyses.program
        self._lowering = lowering
        self._facts = lowering.facts
        self._op = lowering.facts.function
        self._evidence = Evidence(analyses, lowering.name)
        self._wording = Wording(self._facts.variables)

    def function(self) -> FunctionReport:
        op, name = self._op, self._lowering.name
        span = span_of(op)
        assert span is not None
        result = result_type(op, self._program)
        variant_of = op.variant_of.data if op.variant_of is not None else ""
        return FunctionReport(
            name=op.c_name.data if op.c_name is not None else name,
            rust_name=self._analyses.items[name],
            file=span.file,
            line=span.line,
            exported=op.exported is not None,
            verdict=Verdict.EXACT_WITH_COPIES if self._lowering.copies else Verdict.EXACT,
            parameters=tuple(self._parameters()),
            result_c_type=self._c(op.result),
            result_rust_type=rust_spelling(result),
            places=tuple(self._places(variant_of != "")),
            variant_of=variant_of,
            made_for=tuple(self._calls()) if variant_of else (),
            copies=tuple(self._lowering.copies),
            splits=self._lowering.splits,
        )

    def _c(self, kind: Attribute) -> str:
        return c_spelling(kind, self._program.structs)

    def _calls(self) -> Iterator[CallReport]:
        for caller, call in self._program.calls_to(self._lowering.name):
            if (span := span_of(call)) is not None:
                yield CallReport(caller, span.file, span.line)

    # --- parameters ----------------------------------------------------------------------------------------------------------

    def _parameters(self) -> Iterator[ParameterReport]:
        if self._lowering.name == "main":
            return  # Rust's takes nothing
        shapes = self._analyses.shapes.signature(self._lowering.name)
        named = zip(self._op.param_names.data, self._op.param_types.data, shapes, strict=True)
        for index, (name, kind, shape) in enumerate(named):
            if shape is None:
                yield self._scalar(index, name.data, kind)
            else:
                yield self._pointer(index, name.data, self._c(kind), shape)

    def _scalar(self, index: int, name: str, kind: Attribute) -> ParameterReport:
        known = self._facts.ranges.entering(index) if isinstance(kind, IntType) else None
        lowest, highest = (known.lo, known.hi) if known is not None else (None, None)
        return ParameterReport(name, self._c(kind), rust_spelling(rust_type(kind)), lowest=lowest, highest=highest)

    def _pointer(self, index: int, name: str, c_type: str, shape: Shape) -> ParameterReport:
        footprint = self._analyses.footprints.of(self._lowering.name)[index]
        moves = self._facts.variables[self._op.body.block.args[index]].definitions > 1
        array = shape.rung is Rung.ARRAY
        return ParameterReport(
            name,
            c_type,
            rust_spelling(parameter_type(shape)),
            rung=Rung.CURSOR if moves else shape.rung,
            element=rust_spelling(rust_type(shape.element)),
            extent=shape.extent if array else None,
            read=footprint.read,
            written=footprint.written,
            reason=f"element {shape.extent - 1} is used" if array else shape.reason,
            evidence=self._evidence.of(index, shape),
        )

    # --- pointer variables -----------------------------------------------------------------------------------------------------

    def _places(self, is_variant: bool) -> Iterator[PlaceReport]:
        for place, variable in self._facts.variables.items():
            owner = place.owner
            if not isinstance(owner, minic.LocalOp) or not isinstance(variable.type, PtrType) or not variable.loads:
                continue
            merged = is_variant and owner.parent is self._op.body.block
            if owner.synthetic is None or merged:
                yield self._place(place, variable)

    def _place(self, place: SSAValue, variable: Variable) -> PlaceReport:
        pointer = self._facts.provenance.pointer(place)
        assert isinstance(place.owner, minic.LocalOp)
        span = span_of(place.owner if place.owner.synthetic is None else self._op)  # the latter was a parameter
        line = span.line if span is not None else 0
        if pointer.kind is PointerKind.CURSOR:
            base = self._wording.pointer(pointer.path)
            return PlaceReport(variable.name, line, Rung.CURSOR, base, "the pointer moves", moved_at(variable))
        return PlaceReport(variable.name, line, Rung.ALIAS, self._wording.pointer(pointer.path), "")
