"""Structs, constants, tables and function signatures.

    #define BLOCK 64                        const BLOCK: i32 = 64;
    static const uint8_t sbox[256] = {…}    static sbox: [u8; 256] = […];
    struct ctx { … };                       #[derive(Clone, Copy)] pub struct ctx { … }

An item is public when C gave it external linkage; types are public, for public functions may speak of them.
"""

from __future__ import annotations

from xdsl.dialects.builtin import StringAttr, UnitAttr
from xdsl.ir import Attribute, Block, Operation

from compiler.analysis.borrows import check_borrows
from compiler.analysis.library import STREAMS
from compiler.analysis.program import Program
from compiler.analysis.representation import Shape
from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects import minic, rust
from compiler.dialects.minic_types import ArrayType, PtrType, StructType
from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_types import BOOL, UNIT, RefType, array, named, ref, slice_of
from compiler.locations import span_of
from compiler.passes.c_to_rust.lower.constants import constant_types
from compiler.passes.c_to_rust.lower.context import Analyses, placed_at
from compiler.passes.c_to_rust.lower.functions import Constants, FunctionLowering
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.lower.types import field_type, held_type, result_type, rust_type, zero_value
from compiler.report import Rung


def name_items(analyses: Analyses) -> None:
    """Give every item its Rust name."""
    for op in analyses.program.module.body.block.ops:
        if isinstance(op, minic.FuncOp | minic.GlobalOp | minic.DefineOp):
            analyses.items[op.sym_name.data] = rust_name(op.sym_name.data)
    analyses.constant_types.update(constant_types(analyses.program.module))


def lower_item(op: Operation, analyses: Analyses, b: Builder) -> None:
    """Lower one top-level op into the module being built."""
    try:
        _lower_item(op, analyses, b)
    except CompileError as error:
        raise placed_at(op, error) from None


def _lower_item(op: Operation, analyses: Analyses, b: Builder) -> None:
    match op:
        case minic.StructOp():
            _struct(op, analyses.program, b)
        case minic.DefineOp():
            _define(op, analyses, b)
        case minic.GlobalOp():
            _global(op, analyses, b)
        case minic.FuncOp() if op.body.blocks:
            _function(op, analyses, b)
        case _:
            pass  # a declaration: whoever calls it says so


def _struct(op: minic.StructOp, program: Program, b: Builder) -> None:
    b.location = op.location
    _check_links(op)
    fields = {
        rust_name(name.data): field_type(kind, program)
        for name, kind in zip(op.field_names.data, op.field_types.data, strict=True)
    }
    pointers = [pointer for kind in op.field_types.data for pointer in program.pointer_fields(kind)]
    b.struct(
        rust_name(op.sym_name.data),
        fields,
        public=True,
        lifetimes=["a"] if pointers else [],
        derives=["Clone", "Copy"] if all(pointer.is_const.data for pointer in pointers) else [],
        doc=_doc(op),
    )


def _check_links(op: minic.StructOp) -> None:
    """A struct that points to its like is a list, a tree or a graph."""
    for name, kind in zip(op.field_names.data, op.field_types.data, strict=True):
        while isinstance(kind, PtrType | ArrayType):
            kind = kind.pointee if isinstance(kind, PtrType) else kind.element
        if isinstance(kind, StructType) and kind.symbol == op.sym_name:
            raise refusal(
                Code.RECURSIVE_STRUCT,
                span_of(op),
                f"field `{name.data}` points to another `{op.sym_name.data}`",
                help="linked objects take shared handles (rung 7); keep the objects in an array, and indices as links",
            )


def _doc(op: minic.StructOp | minic.DefineOp | minic.GlobalOp | minic.FuncOp) -> str | None:
    return op.doc.data if op.doc is not None else None


def _define(op: minic.DefineOp, analyses: Analyses, b: Builder) -> None:
    b.location = op.location
    kind = analyses.constant_types[op.sym_name.data]
    with b.inside(init := Block()):
        spelling = op.spelling.data if op.spelling is not None else None
        if kind == BOOL:
            b.yield_(b.bool_(op.value.data != 0))
        else:
            b.yield_(b.lit(op.value.data, kind, spelling if spelling != "char" and op.value.data >= 0 else None))
    b.const(rust_name(op.sym_name.data), kind, init, doc=_doc(op))


def _global(op: minic.GlobalOp, analyses: Analyses, b: Builder) -> None:
    if op.extern is not None and op.sym_name.data in STREAMS:
        return  # calls that print know it by name
    if op.extern is not None:
        raise refusal(
            Code.EXTERN_OBJECT,
            span_of(op),
            f"`{op.sym_name.data}` is defined in another file",
            help="translate the file that defines it together with this one",
        )
    if isinstance(op.type, PtrType):
        raise refusal(
            Code.GLOBAL_POINTER, span_of(op), f"global `{op.sym_name.data}` is a pointer", help="make it an array"
        )
    b.location = op.location
    init = _initial_value(op, analyses, b)
    large = isinstance(op.type, ArrayType | StructType)
    b.const(
        analyses.items[op.sym_name.data],
        held_type(op.type),
        init,
        is_static=large,
        public=op.exported is not None,
        doc=_doc(op),
    )


def _initial_value(op: minic.GlobalOp, analyses: Analyses, b: Builder) -> Block:
    init = Block()
    with b.inside(init):
        end = op.init.block.last_op if op.init.blocks else None
        if isinstance(end, minic.YieldOp):
            b.yield_(Constants(analyses, b, op).value(end.value))
        else:
            b.yield_(zero_value(b, op.type, analyses.program))
    return init


def _main(op: minic.FuncOp, analyses: Analyses, b: Builder) -> None:
    """`int main(int argc, char **argv)`: Rust's takes nothing, and asks for the arguments."""
    b.location = op.location
    body = Block()
    lowering = FunctionLowering(analyses, "main", Builder(body, op.location))
    lowering.program_arguments(op)
    lowering.statements(op.body.block)
    b.fn("main", [], UNIT, body, doc=_doc(op))
    analyses.lowered["main"] = lowering


def _function(op: minic.FuncOp, analyses: Analyses, b: Builder) -> None:
    name = op.sym_name.data
    check_borrows(analyses.program, analyses.footprints, name)
    if name == "main" and op.body.block.args:
        _main(op, analyses, b)
        return
    signature = analyses.shapes.signature(name)
    b.location = op.location
    types = [
        rust_type(kind) if shape is None else parameter_type(shape)
        for kind, shape in zip(op.param_types.data, signature, strict=True)
    ]
    stored = analyses.footprints.stores(name)
    for index in {each for target, source, _ in stored for each in (target, source)}:
        types[index] = _with_lifetime(types[index], analyses.program, signature[index])
    if isinstance(op.result, PtrType) and not analyses.program.returns_literals(name):
        raise refusal(
            Code.RETURNED_POINTER,
            span_of(op),
            f"`{name}` returns a pointer",
            help="return an index into the array, or fill a buffer that the caller passes",
        )
    if analyses.program.borrows(op.result) and not isinstance(op.result, PtrType):
        raise refusal(
            Code.RETURNED_BORROW,
            span_of(op),
            f"`{name}` returns a struct that holds pointers",
            help="fill a struct that the caller passes",
        )
    body = Block(arg_types=types)
    lowering = FunctionLowering(analyses, name, Builder(body, op.location))
    names = [lowering.variable_name(lowering.variable(place)) for place in op.body.block.args]
    params = [Param(name, ty) for name, ty in zip(names, types, strict=True)]
    lowering.parameters(op, body, params)
    lowering.statements(op.body.block)
    lowering.finish(op)
    b.fn(
        analyses.items[name],
        params,
        result_type(op, analyses.program),
        body,
        public=_is_public(op),
        inline=op.inline is not None,
        inline_always=_was_called_once(op, analyses.program),
        lifetimes=["a"] if stored else [],
        allow=["clippy::too_many_arguments"] if len(params) > 7 else [],
        doc=_doc(op),
    )
    analyses.lowered[name] = lowering


def outline(op: minic.FuncOp, analyses: Analyses, b: Builder) -> None:
    """A function that another process lowers."""
    b.location = op.location
    name = StringAttr(analyses.items[op.sym_name.data])
    public = {"public": UnitAttr()} if _is_public(op) else {}
    b.insert(rust.OutlineOp, properties={"sym_name": name, **public})


def _is_public(op: minic.FuncOp) -> bool:
    return op.exported is not None and op.sym_name.data != "main"


def _was_called_once(op: minic.FuncOp, program: Program) -> bool:
    """C had one call of this function, which its compilers inline whatever the size; variants of the caller have made it several."""
    if op.exported is not None:
        return False
    callers = [_original(program.functions[caller]) for caller, _ in program.calls_to(op.sym_name.data)]
    variants = {caller for caller, _ in program.calls_to(op.sym_name.data)}
    return len(set(callers)) == 1 < len(callers) == len(variants) and _original(op) not in callers


def _original(op: minic.FuncOp) -> str:
    return (op.variant_of or op.sym_name).data


def _with_lifetime(kind: Attribute, program: Program, shape: Shape | None) -> Attribute:
    """The type of a parameter that takes part in storing a pointer: `&mut S<'a>` for the struct, `&'a [T]` for what it will hold."""
    assert isinstance(kind, RefType) and shape is not None
    if isinstance(shape.element, StructType) and program.borrows(shape.element):
        return ref(named(rust_name(shape.element.symbol.data), ["a"]), bool(kind.is_mut.data))
    return ref(kind.pointee, bool(kind.is_mut.data), "a")


def parameter_type(shape: Shape) -> Attribute:
    """The Rust type of a pointer parameter."""
    element = rust_type(shape.element)
    match shape.rung:
        case Rung.REFERENCE:
            return ref(element, shape.mutable)
        case Rung.ARRAY:
            return ref(array(shape.extent, element), shape.mutable)
        case _:
            return ref(slice_of(element), shape.mutable)
