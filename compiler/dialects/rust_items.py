"""The items of rust: functions, structs, constants, modules. Part of the dialect `rust`, which see."""

from __future__ import annotations

from xdsl.dialects.builtin import ArrayAttr, IntAttr, StringAttr, UnitAttr
from xdsl.irdl import IRDLOperation, opt_prop_def, prop_def, region_def, traits_def
from xdsl.traits import NoTerminator, SymbolOpInterface

from compiler.dialects.op_definition import op_definition


@op_definition
class FnOp(IRDLOperation):
    """`[pub] fn sym_name<'lifetimes>([mut] names: types) -> result { body }`; `allow` lists lints allowed on this item. Of any item,
    `public` prints `pub`, and `crate_public` prints `pub(crate)`.

    `file_doc`-like comments of the whole module are a `comment` op at the head of the module.
    """

    name = "rust.fn"
    sym_name = prop_def(StringAttr)
    param_names = prop_def(ArrayAttr[StringAttr])
    param_muts = prop_def(ArrayAttr[IntAttr])
    lifetimes = prop_def(ArrayAttr[StringAttr])
    allow = prop_def(ArrayAttr[StringAttr])
    result = prop_def()
    public = opt_prop_def(UnitAttr)
    crate_public = opt_prop_def(UnitAttr)
    inline = opt_prop_def(UnitAttr)
    inline_always = opt_prop_def(UnitAttr)
    inline_never = opt_prop_def(UnitAttr)
    doc = opt_prop_def(StringAttr)
    body = region_def("single_block")
    traits = traits_def(SymbolOpInterface(), NoTerminator())


@op_definition
class OutlineOp(IRDLOperation):
    """A function whose body another process has (`compiler/by_halves.py`): what passes over whole programs ask of it, in the end its
    text. Each fact is there once a pass has needed it; the pass's own module says what it is."""

    name = "rust.outline"
    sym_name = prop_def(StringAttr)
    public = opt_prop_def(UnitAttr)
    crate_public = opt_prop_def(UnitAttr)
    calls = opt_prop_def(ArrayAttr[StringAttr])
    names = opt_prop_def(ArrayAttr[StringAttr])
    fields = opt_prop_def(ArrayAttr[StringAttr])
    support = opt_prop_def(ArrayAttr[StringAttr])
    written = opt_prop_def(ArrayAttr[StringAttr])
    met = opt_prop_def(ArrayAttr[StringAttr])
    bound = opt_prop_def(ArrayAttr[StringAttr])
    text = opt_prop_def(StringAttr)
    lints = opt_prop_def(ArrayAttr[StringAttr])
    traits = traits_def(SymbolOpInterface())


@op_definition
class StructOp(IRDLOperation):
    """`#[derive(…)] [pub] struct`; fields are as public as the struct is."""

    name = "rust.struct"
    sym_name = prop_def(StringAttr)
    field_names = prop_def(ArrayAttr[StringAttr])
    field_types = prop_def(ArrayAttr)
    lifetimes = prop_def(ArrayAttr[StringAttr])
    derives = prop_def(ArrayAttr[StringAttr])
    allow = prop_def(ArrayAttr[StringAttr])
    public = opt_prop_def(UnitAttr)
    crate_public = opt_prop_def(UnitAttr)
    doc = opt_prop_def(StringAttr)
    traits = traits_def(SymbolOpInterface())


@op_definition
class ConstOp(IRDLOperation):
    """`[pub] const NAME: T = …;`, or `static` with `is_static`; the region yields the value."""

    name = "rust.const"
    sym_name = prop_def(StringAttr)
    type = prop_def()
    is_static = opt_prop_def(UnitAttr)
    public = opt_prop_def(UnitAttr)
    crate_public = opt_prop_def(UnitAttr)
    allow = prop_def(ArrayAttr[StringAttr])
    doc = opt_prop_def(StringAttr)
    init = region_def("single_block")
    traits = traits_def(SymbolOpInterface())


@op_definition
class ModOp(IRDLOperation):
    """`[pub] mod sym_name;`: a module, which stands in a file of its own. Names of items are unique in the whole crate."""

    name = "rust.mod"
    sym_name = prop_def(StringAttr)
    public = opt_prop_def(UnitAttr)
    body = region_def("single_block")
    traits = traits_def(SymbolOpInterface(), NoTerminator())


@op_definition
class UseOp(IRDLOperation):
    """`use path::{names};`"""

    name = "rust.use"
    path = prop_def(StringAttr)
    names = prop_def(ArrayAttr[StringAttr])


@op_definition
class VerbatimOp(IRDLOperation):
    """Rust text at the top level that stands as it is: support code, written by hand and in rustfmt's form."""

    name = "rust.verbatim"
    text = prop_def(StringAttr)
