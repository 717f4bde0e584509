"""Which passes run, in which order; and the one function that runs them.

    run(C_TO_RUST, context, module, verify=True, print_after={"split-slices"}, show=print)

`run` checks the IR after each pass, and turns any failure of our own into an `InternalError` that
names the pass and the place; a `CompileError` (the user's program is refused) passes through.

The commands use, besides `run`:
    C_TO_RUST                        the passes, in order; PASSES has them by name
    translate(jobs, options, *, show) -> Translation      C files to what `options.emit` asks for;
                                     `show` gets the IR after each pass in `options.print_after`
"""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import ClassVar, Protocol

from xdsl.context import Context
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.dialects.dlti import DLTI
from xdsl.dialects.func import Func
from xdsl.dialects.linalg import Linalg
from xdsl.dialects.math import Math
from xdsl.dialects.memref import MemRef
from xdsl.dialects.riscv import RISCV
from xdsl.dialects.scf import Scf
from xdsl.dialects.tensor import Tensor
from xdsl.ir import Operation

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, InternalError, Span, refusal
from compiler.dialects.minic import Minic
from compiler.dialects.piuma import Piuma
from compiler.dialects.qarith import Qarith
from compiler.dialects.rust import FnOp, Rust
from compiler.dialects.sparse_tensor import SparseTensor
from compiler.dialects.spgemm import Spgemm
from compiler.emit.crate import crate_files
from compiler.emit.rust import emit
from compiler.frontends.c.lower import lower
from compiler.frontends.c.lower_partly import lower_partly
from compiler.frontends.c.parse import TranslationUnit, parse
from compiler.frontends.c.preprocess import preprocess_job
from compiler.frontends.c.preprocess_job import PreprocessJob
from compiler.ir_text import to_text
from compiler.locations import span_of, unlocated
from compiler.passes.c_to_rust.add_cstd import AddCstd
from compiler.passes.c_to_rust.annotate_types import AnnotateTypes
from compiler.passes.c_to_rust.cleanups import RUST_CLEANUPS
from compiler.passes.c_to_rust.drop_unreachable import DropUnreachable
from compiler.passes.c_to_rust.keep_names_apart import KeepNamesApart
from compiler.passes.c_to_rust.leave_out import LeftOut, Omissions, warnings
from compiler.passes.c_to_rust.link.merge import link
from compiler.passes.c_to_rust.link.units import Unit
from compiler.passes.c_to_rust.lower.reporting import add_refused, fill
from compiler.passes.c_to_rust.lower.settling import place, settle
from compiler.passes.c_to_rust.lower_to_rust import LowerToRust
from compiler.passes.c_to_rust.module_names import snake_stem
from compiler.passes.c_to_rust.name_float_constants import NameFloatConstants
from compiler.passes.c_to_rust.own_names import own_names
from compiler.passes.c_to_rust.refuse_punning import RefusePunning
from compiler.passes.c_to_rust.rename_snake import Renamed, RenameSnake
from compiler.passes.c_to_rust.specialise_aliases import SpecialiseAliases
from compiler.passes.c_to_rust.split_modules import SplitModules
from compiler.passes.loops_to_piuma.allocate_registers import AllocateRegisters
from compiler.passes.loops_to_piuma.lower_to_rv64 import LowerToRv64
from compiler.passes.loops_to_piuma.straighten_blocks import StraightenBlocks
from compiler.report import Report
from compiler.translation import Emit, Naming, Translation, TranslationOptions


class Pass(Protocol):
    """A rewrite of a whole module: a frozen dataclass whose fields are its options."""

    name: ClassVar[str]

    def apply(self, ctx: Context, op: ModuleOp, /) -> None: ...


C_TO_RUST: tuple[Pass, ...] = (
    DropUnreachable(),  # first: what nobody needs can neither refuse the file nor blur an analysis
    RefusePunning(),  # every pointer has a path, and every path the type that C sees there
    SpecialiseAliases(),  # afterwards no call passes overlapping arguments, and every analysis may rely on it
    LowerToRust(),  # C ends here: paths become places, pointers become references and indices
    *RUST_CLEANUPS,  # what rustc and clippy would remark on, and what a reader would
    KeepNamesApart(),  # after all that move uses or blocks
    AddCstd(),  # after all that drop calls: only what is still called
    NameFloatConstants(),  # after the folds, which make literals
    AnnotateTypes(),  # last: every rewrite may move the place that told a type
)

LOOPS_TO_PIUMA: tuple[Pass, ...] = (
    LowerToRv64(),  # structure ends here: blocks of instructions, on registers without names
    AllocateRegisters(),  # names, spills, moves on edges
    StraightenBlocks(),  # after the moves are placed: only now is it known which blocks are empty
)

PASSES: Mapping[str, Pass] = {each.name: each for each in (*C_TO_RUST, RenameSnake(), SplitModules(), *LOOPS_TO_PIUMA)}
"""Every pass that `splitwood-opt` can run."""


def translate(
    jobs: Sequence[PreprocessJob], options: TranslationOptions, *, show: Callable[[str], object] = print
) -> Translation:
    """C to what `options.emit` asks for. Raises CompileError when the program is refused."""
    report = Report()
    omissions = Omissions()
    module = _program(jobs, options, omissions)
    if options.emit is Emit.MINIC:
        return Translation(to_text(module), report)
    module = _lowered(module, options, report, omissions, show)
    if omissions.all() and not any(isinstance(op, FnOp) for op in module.walk()):
        raise CompileError(*omissions.findings())
    if options.report:
        add_refused(report, omissions.all())
    found = tuple(warnings(omissions))
    if options.emit is Emit.RUST_IR:
        return Translation(to_text(module), report, warnings=found)
    with stage("emit"):
        if options.crate:
            return Translation("", report, crate_files(module, options.crate), found)
        return Translation(emit(module), report, warnings=found)


# --- C to minic ------------------------------------------------------------------------------------------------------------------


def _program(jobs: Sequence[PreprocessJob], options: TranslationOptions, omissions: Omissions) -> ModuleOp:
    """The minic module of all files. Raises CompileError with the findings of all."""
    modules: list[ModuleOp] = []
    findings: list[Diagnostic] = []
    for job in jobs:
        try:
            modules.append(_front_end(job, omissions if options.partial else None))
        except CompileError as error:
            findings += error.diagnostics
    if findings:
        raise CompileError(*dict.fromkeys(findings))
    module = modules[0] if len(jobs) == 1 else _linked(jobs, modules, options)
    if options.verify:
        with stage("front end"):
            check(module)
    return module


def _front_end(job: PreprocessJob, omissions: Omissions | None) -> ModuleOp:
    with stage("preprocess"):
        preprocessed = preprocess_job(job)
    with stage("parse"):
        unit = parse(preprocessed)
    with stage("front end"):
        return lower(unit) if omissions is None else _lower_partly(unit, omissions)


def _lower_partly(unit: TranslationUnit, omissions: Omissions) -> ModuleOp:
    module, refused = lower_partly(unit)
    own = Omissions()
    for item in refused:
        own.add(LeftOut(item.name, item.span, item.is_function, not item.is_static, item.findings))
    own.leave_out(module, {name for item in refused if item.is_function for name in item.mentions})
    omissions.absorb(own)
    return module


def _linked(jobs: Sequence[PreprocessJob], modules: Sequence[ModuleOp], options: TranslationOptions) -> ModuleOp:
    with stage("link"):
        units = [Unit(snake_stem(job.name), module) for job, module in zip(jobs, modules, strict=True)]
        return link(units, by_file=options.crate != "")


# --- minic to rust ---------------------------------------------------------------------------------------------------------------


def _lowered(
    module: ModuleOp,
    options: TranslationOptions,
    report: Report,
    omissions: Omissions,
    show: Callable[[str], object],
) -> ModuleOp:
    """The rust module; of a partial translation, that of what is not refused."""
    renamed: dict[str, str] = {}
    snake = options.naming is Naming.SNAKE
    local_names = own_names(module, snake=snake)

    def note(names: Renamed) -> None:
        renamed.update(names.names)
        local_names.update((new, name) for new, name in names.numbered.items() if new not in local_names)

    passes = [*(_reporting(report) if options.report else C_TO_RUST), *([RenameSnake(note)] if snake else [])]
    run_all = partial(run, context=new_context(), verify=options.verify, print_after=options.print_after, show=show)
    while True:
        if options.partial:
            omissions.leave_out(module)
        made = module.clone() if options.partial else module
        try:
            run_all(passes, module=made)
            break
        except CompileError as error:
            if not options.partial:
                raise
            omissions.refuse(module, error)
            report.clear()
    with stage("report"):
        settle(report, made, renamed)
    if options.crate:
        run_all([SplitModules(local_names, lambda places: place(report, places))], module=made)
    return made


def _reporting(report: Report) -> list[Pass]:
    """The passes, with the one that knows how every pointer came out told where to say so."""
    lowering = LowerToRust(lambda analyses: fill(report, analyses))
    return [lowering if isinstance(each, LowerToRust) else each for each in C_TO_RUST]


# --- running -------------------------------------------------------------------------------------------------------------------


_KERNEL_DIALECTS = (Spgemm, Qarith, SparseTensor, Tensor, Linalg, DLTI, Arith, Func, Math, MemRef, Scf, RISCV, Piuma)


def new_context() -> Context:
    """A context that knows the dialects of all pipelines."""
    context = Context()
    for dialect in (Builtin, Minic, Rust, *_KERNEL_DIALECTS):
        context.load_dialect(dialect)
    return context


def run(
    passes: Iterable[Pass],
    context: Context,
    module: ModuleOp,
    *,
    verify: bool,
    print_after: Collection[str] = (),
    show: Callable[[str], object] = print,
) -> None:
    """Apply the passes in order. `show` gets the IR after each pass named in `print_after`."""
    for each in passes:
        with stage(each.name):
            each.apply(context, module)
            if verify:
                check(module)
        if each.name in print_after:
            show(f"// after {each.name}\n{to_text(module)}")


def check(module: ModuleOp) -> None:
    """What holds between any two stages: the IR verifies and every op has a location."""
    module.verify()
    lost = next(unlocated(module), None)
    assert lost is None, f"`{lost and lost.name}` has no location"


@contextmanager
def stage(name: str) -> Generator[None]:
    """Failures of our own inside the block are those of this stage."""
    try:
        yield
    except (CompileError, InternalError):
        raise
    except RecursionError as cause:
        message = "this is nested too deeply to be translated"
        raise refusal(Code.NESTING, _place_of(cause.__traceback__), message, help="split the expression") from cause
    except Exception as cause:
        raise InternalError(name, _place_of(cause.__traceback__), cause) from cause


def _place_of(traceback: TracebackType | None) -> Span | None:
    """The location of the op at work in the innermost frame that holds one."""
    found: Span | None = None
    while traceback is not None:
        for value in traceback.tb_frame.f_locals.values():
            if isinstance(value, Operation):
                found = span_of(value) or found
        traceback = traceback.tb_next
    return found
