"""From minic to rust by two processes: each lowers half of the functions, cleans them up and prints them.

    run_by_halves(passes, context, module)         True: the module holds the text of every function

A process forks once minic is what the analyses need, so that both know the whole program. From there on both run the same passes; of a
function that the other has, each holds an outline (`rust.outline`). Before a pass that looks at whole programs, both tell each other
what it asks of their functions, so that they decide alike. What comes is what one process would make, to the byte.

Whatever goes wrong in either, a refusal too, one process does it all again: minic is as it was, and findings come in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Block

from compiler.analysis.program import forget_program
from compiler.dialects import minic, rust
from compiler.dialects.walking import ops_inside
from compiler.emit.rust import print_functions
from compiler.passes.c_to_rust.add_cstd import support_of
from compiler.passes.c_to_rust.drop_unused import DropUnused, needs_of
from compiler.passes.c_to_rust.iterate_slices import IterateSlices
from compiler.passes.c_to_rust.lower_to_rust import LowerToRust
from compiler.passes.c_to_rust.slices.accesses import calls_of
from compiler.passes.c_to_rust.split_modules import SplitModules, mentions_of
from compiler.running import Pass, run
from compiler.second_process import Twin, as_twins, spare_processor

LEAST_OPS = 3000
"""Of minic, in all functions: for less, a second process costs what it saves."""

Facts = dict[str, list[str]]

_ASKING: Mapping[type[Pass], Callable[[rust.FnOp], Facts]] = {
    IterateSlices: lambda function: {"calls": sorted(calls_of(function))},
    DropUnused: lambda function: needs_of(function) | support_of(function),
    SplitModules: mentions_of,
}
"""The passes over whole programs: what they, or one soon after them, ask of each function."""


def run_by_halves(passes: Sequence[Pass], context: Context, module: ModuleOp) -> bool:
    """Run the passes, of which the first is `lower-to-rust`, in two processes. False: nothing has changed."""
    halves = _halves(module) if spare_processor() else None
    if halves is None:
        return False
    body = module.body.block
    try:
        with as_twins() as twin:
            if twin is None:
                return False
            run(_told(passes, twin, halves[0 if twin.is_second else 1]), context, module, verify=False)
            _print(module, twin)
            return True
    except Exception:  # told by the process that does it all again
        _put_back(module, body)
        return False


def _halves(module: ModuleOp) -> tuple[frozenset[str], frozenset[str]] | None:
    """The names of the functions up to half of the ops, and of those after it."""
    functions = [op for op in module.body.block.ops if isinstance(op, minic.FuncOp) and op.body.blocks]
    sizes = {op.sym_name.data: len(ops_inside(op.body.block)) for op in functions}
    half = sum(sizes.values()) // 2
    if half * 2 < LEAST_OPS:
        return None
    first: set[str] = set()
    for name, size in sizes.items():
        half -= size
        if half < -size // 2:
            break
        first.add(name)
    return frozenset(first), frozenset(sizes) - first


def _told(passes: Sequence[Pass], twin: Twin, elsewhere: frozenset[str]) -> Iterator[Pass]:
    for each in passes:
        if isinstance(each, LowerToRust):
            yield LowerToRust(elsewhere=elsewhere)
            continue
        if asked := _ASKING.get(type(each)):
            yield TellEachOther(twin, asked)
        yield each


@dataclass(frozen=True, slots=True)
class TellEachOther:
    """The pass that completes outlines: what `asked` finds of the functions here, the other process gets for its outlines of them."""

    name: ClassVar[str] = "tell-each-other"
    twin: Twin
    asked: Callable[[rust.FnOp], Facts]

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        items = list(op.body.block.ops)
        heard = self.twin.tell_each_other([self.asked(item) for item in items if isinstance(item, rust.FnOp)])
        outlines = [item for item in items if isinstance(item, rust.OutlineOp)]
        for outline, facts in zip(outlines, heard, strict=True):
            for key, texts in facts.items():
                outline.properties[key] = _strings(texts)


def _print(module: ModuleOp, twin: Twin) -> None:
    """The texts of all functions, in the first process."""
    outlines = list(_outlines(module.body.block))
    printed = print_functions(module.body.block)
    if twin.is_second:
        twin.tell([(_text(each), [lint.data for lint in each.lints or ()]) for each in printed])
        return
    for outline, (text, lints) in zip(outlines, twin.hear(), strict=True):
        outline.text, outline.lints = StringAttr(text), _strings(lints)


def _outlines(block: Block) -> Iterator[rust.OutlineOp]:
    for op in block.ops:
        if isinstance(op, rust.ModOp):
            yield from _outlines(op.body.block)
        elif isinstance(op, rust.OutlineOp):
            yield op


def _text(outline: rust.OutlineOp) -> str:
    assert outline.text is not None
    return outline.text.data


def _strings(texts: Sequence[str]) -> ArrayAttr[StringAttr]:
    return ArrayAttr([StringAttr(text) for text in texts])


def _put_back(module: ModuleOp, body: Block) -> None:
    """What the module was before it was lowered, and was known of it."""
    forget_program(module)
    if module.body.block is not body:
        module.body.detach_block(module.body.block)
        module.body.add_block(body)
