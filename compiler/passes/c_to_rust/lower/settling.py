"""The report as of the end: what was said when pointers were lowered, in the names and types that came out.

settle(report, module, {"old_name": "new_name"})
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block

from compiler.dialects import rust
from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import ArrayType, SliceType
from compiler.passes.c_to_rust.lower.spelling import rust_spelling
from compiler.report import FunctionReport, ParameterReport, Report, Rung, StructReport


def settle(report: Report, module: ModuleOp, renamed: Mapping[str, str]) -> None:
    """Bring the report up to date with the module that came out: items that were dropped, names and types that have changed since."""
    items = {op.sym_name.data: op for op in _items(module.body.block)}
    functions = ((each, items.get(renamed.get(each.rust_name, each.rust_name))) for each in report.functions)
    report.functions = [_settled_function(each, op) for each, op in functions if isinstance(op, rust.FnOp)]
    structs = ((each, items.get(renamed.get(each.rust_name, each.rust_name))) for each in report.structs)
    report.structs = [_settled_struct(each, op) for each, op in structs if isinstance(op, rust.StructOp)]


def place(report: Report, places: Mapping[str, tuple[str, str]]) -> None:
    """Tell the modules that functions went to, and their names there."""
    for index, function in enumerate(report.functions):
        module, name = places[function.rust_name]
        report.functions[index] = replace(function, rust_name=name, module=module)


def _items(block: Block) -> Iterator[rust.FnOp | rust.StructOp]:
    for op in block.ops:
        if isinstance(op, rust.ModOp):
            yield from _items(op.body.block)
        elif isinstance(op, rust.FnOp | rust.StructOp):
            yield op


def _settled_function(function: FunctionReport, op: rust.FnOp) -> FunctionReport:
    types = [argument.type for argument in op.body.block.args]
    known = () if function.rust_name == "main" else function.parameters  # Rust's `main` takes nothing
    parameters = tuple(_settled_parameter(each, ty) for each, ty in zip(known, types, strict=True))
    result = rust_spelling(op.result)
    return replace(function, rust_name=op.sym_name.data, parameters=parameters, result_rust_type=result)


def _settled_parameter(parameter: ParameterReport, ty: Attribute) -> ParameterReport:
    if parameter.rung is None:
        return replace(parameter, rust_type=rust_spelling(ty))
    pointee = place_type(ty)
    if parameter.rung is not Rung.REFERENCE and isinstance(pointee, ArrayType | SliceType):
        pointee = pointee.element
    return replace(parameter, rust_type=rust_spelling(ty), element=rust_spelling(pointee))


def _settled_struct(struct: StructReport, op: rust.StructOp) -> StructReport:
    each = zip(struct.fields, op.field_names, op.field_types, strict=True)
    fields = tuple(replace(old, rust_name=name.data, rust_type=rust_spelling(ty)) for old, name, ty in each)
    return replace(struct, rust_name=op.sym_name.data, fields=fields)
