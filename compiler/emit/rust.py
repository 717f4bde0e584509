"""rust IR to text, exactly as rustfmt (default configuration) would write it.

    rust.fn "add" (…) { rust.yield (rust.method "wrapping_add" (%a, %b)) }
        becomes
    pub fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }

Printing only: what is written has been decided before. Layout, parentheses and the spelling of literals follow from the code; so do
the naming lints that the head of the file allows. It refuses nothing: a module that verifies can be printed.
"""

from __future__ import annotations

from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Attribute, Block, Operation

from compiler.dialects import rust
from compiler.dialects.rust_types import UnitType
from compiler.emit.doc_comments import doc_lines
from compiler.emit.naming_lints import naming_lints
from compiler.emit.rust_properties import attributes, flags, optional_text, text, texts
from compiler.emit.rust_statements import Reader
from compiler.emit.rust_types import generics, syntax
from compiler.emit.rustfmt import items, uses
from compiler.emit.rustfmt.blocks import comment_lines
from compiler.emit.rustfmt.shape import Edition
from compiler.emit.rustfmt.tree import Page


def emit(module: ModuleOp, edition: Edition = Edition.E2021) -> str:
    """The text of a file that stands alone, or of the root of a crate."""
    return _file(list(module.body.block.ops), Page(edition), ["#![forbid(unsafe_code)]"])


def emit_modules(module: ModuleOp, edition: Edition = Edition.E2021) -> dict[str, str]:
    """The texts of a crate's modules, by name; `emit` has the root."""
    modules = (op for op in module.body.block.ops if isinstance(op, rust.ModOp))
    return {text(op, "sym_name"): _file(list(op.regions[0].blocks[0].ops), Page(edition), []) for op in modules}


def print_functions(block: Block, edition: Edition = Edition.E2021) -> list[rust.OutlineOp]:
    """Put its text in the place of every function; give what stands there now."""
    page = Page(edition)
    printed: list[rust.OutlineOp] = []
    for op in list(block.ops):
        if isinstance(op, rust.ModOp):
            printed += print_functions(op.body.block, edition)
        elif isinstance(op, rust.FnOp):
            printed.append(_printed(op, page))
    return printed


def _printed(op: rust.FnOp, page: Page) -> rust.OutlineOp:
    block = op.parent
    assert block is not None
    lints = ArrayAttr([StringAttr(lint) for lint in naming_lints([op])])
    properties: dict[str, Attribute] = {"sym_name": op.sym_name, "text": StringAttr(_item(op, page)), "lints": lints}
    page.memo.clear()
    new = rust.OutlineOp.create(properties=properties, location=op.location)
    block.insert_op_before(new, op)
    op.detach()
    return new


def _file(ops: list[Operation], page: Page, head: list[str]) -> str:
    chunks: list[str] = []
    if ops and isinstance(ops[0], rust.CommentOp):
        chunks.append("\n".join(doc_lines("//!", text(ops[0], "text"))) + "\n")
        ops = ops[1:]
    if lints := naming_lints(ops):
        head = [*head, items.attribute("allow", lints, page, inner=True)]
    if head:
        chunks.append("\n".join(head))
    before: Operation | None = None
    for op in ops:
        item = _item(op, page)
        apart = chunks and not _stand_together(before, op, chunks[-1], item)
        chunks.append(f"\n{item}" if apart else item)
        before = op
        page.memo.clear()
    return "\n".join(chunks) + "\n"


def _stand_together(before: Operation | None, op: Operation, above: str, below: str) -> bool:
    """`mod`s, `use`s, and constants of one line each are not set apart by blank lines."""
    if isinstance(op, rust.ModOp | rust.UseOp):
        return type(before) is type(op)
    if not (isinstance(before, rust.ConstOp) and isinstance(op, rust.ConstOp)):
        return False
    return "\n" not in above.lstrip("\n") and "\n" not in below


def _item(op: Operation, page: Page) -> str:
    match op:
        case rust.FnOp():
            return "\n".join((*_above(op).lines(page), _function(op, page)))
        case rust.StructOp():
            return "\n".join((*_above(op).lines(page), _struct(op, page)))
        case rust.ConstOp():
            return "\n".join((*_above(op).lines(page), _constant(op, page)))
        case rust.CommentOp():
            return "\n".join(comment_lines("//", text(op, "text")))
        case rust.VerbatimOp() | rust.OutlineOp():
            return text(op, "text")
        case rust.ModOp():
            return uses.mod(text(op, "sym_name"), public="public" in op.properties)
        case rust.UseOp():
            return uses.use(text(op, "path"), texts(op, "names"))
        case _:
            raise AssertionError(f"{op.name} is no item")


def _above(op: Operation) -> items.Above:
    return items.Above(
        doc=doc_lines("///", optional_text(op, "doc") or ""),
        allow=texts(op, "allow"),
        inline=_inline(op),
        derives=texts(op, "derives") if "derives" in op.properties else (),
    )


def _inline(op: Operation) -> str:
    if "inline_always" in op.properties:
        return "#[inline(always)]"
    if "inline_never" in op.properties:
        return "#[inline(never)]"
    return "#[inline]" if "inline" in op.properties else ""


def _public(op: Operation) -> str:
    if "public" in op.properties:
        return "pub "
    return "pub(crate) " if "crate_public" in op.properties else ""


def _function(op: rust.FnOp, page: Page) -> str:
    reader = Reader()
    names = texts(op, "param_names")
    args = op.regions[0].blocks[0].args
    reader.bind(args, names)
    muts = ("mut " if mut else "" for mut in flags(op, "param_muts"))
    params = [(f"{mut}{name}", syntax(arg.type)) for mut, name, arg in zip(muts, names, args, strict=True)]
    head = f"{_public(op)}fn {text(op, 'sym_name')}{generics(texts(op, 'lifetimes'))}"
    result = None if isinstance(op.result, UnitType) else syntax(op.result)
    return items.function(items.Signature(head, params, result), reader.body(op.regions[0]), page)


def _struct(op: rust.StructOp, page: Page) -> str:
    public = _public(op)
    fields = [
        (f"{public}{name}", syntax(ty))
        for name, ty in zip(texts(op, "field_names"), attributes(op, "field_types"), strict=True)
    ]
    return items.struct(f"{public}struct {text(op, 'sym_name')}{generics(texts(op, 'lifetimes'))}", fields, page)


def _constant(op: rust.ConstOp, page: Page) -> str:
    keyword = "static" if "is_static" in op.properties else "const"
    head = f"{_public(op)}{keyword} {text(op, 'sym_name')}"
    return items.constant(head, syntax(op.type), Reader().value(op.regions[0]), page)
