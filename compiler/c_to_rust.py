"""C to Rust, from the files to the text: which passes run, in which order, and why.

    translate(jobs, options, show=print) -> Translation      C files to what `options.emit` asks for;
                                     `show` gets the IR after each pass in `options.print_after`,
                                     `ahead` may have begun with the files already

What the command imports: apart from `pipelines`, so that translating C does not wait for the dialects of kernels.
"""

from collections.abc import Callable, Sequence
from functools import partial

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp

from compiler.by_halves import run_by_halves
from compiler.diagnostics import CompileError, Diagnostic
from compiler.dialects.minic import Minic
from compiler.dialects.rust import FnOp, Rust
from compiler.emit.crate import crate_files
from compiler.emit.rust import emit
from compiler.frontends.c.lower import lower
from compiler.frontends.c.preprocess_job import PreprocessJob
from compiler.frontends.c.translation_unit import TranslationUnit
from compiler.frontends.c.units_ahead import UnitsAhead
from compiler.ir_text import to_text
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
from compiler.report import Report
from compiler.running import Pass, check, run, stage
from compiler.translation import Emit, Naming, Translation, TranslationOptions

MINIC_TO_MINIC: tuple[Pass, ...] = (
    DropUnreachable(),  # first: what nobody needs can neither refuse the file nor blur an analysis
    RefusePunning(),  # every pointer has a path, and every path the type that C sees there
    SpecialiseAliases(),  # afterwards no call passes overlapping arguments, and every analysis may rely on it
)

MINIC_TO_RUST: tuple[Pass, ...] = (
    LowerToRust(),  # C ends here: paths become places, pointers become references and indices
    *RUST_CLEANUPS,  # what rustc and clippy would remark on, and what a reader would
    KeepNamesApart(),  # after all that move uses or blocks
    AddCstd(),  # after all that drop calls: only what is still called
    NameFloatConstants(),  # after the folds, which make literals
    AnnotateTypes(),  # last: every rewrite may move the place that told a type
)

C_TO_RUST: tuple[Pass, ...] = (*MINIC_TO_MINIC, *MINIC_TO_RUST)

OPTIONAL: tuple[Pass, ...] = (RenameSnake(), SplitModules())
"""What only some translations need."""


def translate(
    jobs: Sequence[PreprocessJob],
    options: TranslationOptions,
    *,
    show: Callable[[str], object] = print,
    ahead: UnitsAhead | None = None,
) -> Translation:
    """C to what `options.emit` asks for. Raises CompileError when the program is refused."""
    report = Report()
    omissions = Omissions()
    module = _program(jobs, options, omissions, ahead)
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


def _program(
    jobs: Sequence[PreprocessJob], options: TranslationOptions, omissions: Omissions, ahead: UnitsAhead | None
) -> ModuleOp:
    """The minic module of all files. Raises CompileError with the findings of all."""
    modules: list[ModuleOp] = []
    findings: list[Diagnostic] = []
    for job in jobs:
        try:
            modules.append(_front_end(job, omissions if options.partial else None, ahead))
        except CompileError as error:
            findings += error.diagnostics
    if findings:
        raise CompileError(*dict.fromkeys(findings))
    module = modules[0] if len(jobs) == 1 else _linked(jobs, modules, options)
    if options.verify:
        with stage("front end"):
            check(module)
    return module


def _front_end(job: PreprocessJob, omissions: Omissions | None, ahead: UnitsAhead | None) -> ModuleOp:
    unit = (ahead and ahead.unit(job)) or _parsed(job, ahead)
    with stage("front end"):
        return lower(unit) if omissions is None else _lower_partly(unit, omissions)


def _parsed(job: PreprocessJob, ahead: UnitsAhead | None) -> TranslationUnit:
    from compiler.frontends.c.parse import parse  # here: where a worker parses, this process need not import the parser
    from compiler.frontends.c.preprocess import preprocess_job

    with stage("preprocess"):
        preprocessed = preprocess_job(job, ahead and ahead.runs)
    with stage("parse"):
        return parse(preprocessed)


def _lower_partly(unit: TranslationUnit, omissions: Omissions) -> ModuleOp:
    from compiler.frontends.c.lower_partly import lower_partly  # here, as few ask for it

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
    context = c_context()
    run_all = partial(run, context=context, verify=options.verify, print_after=options.print_after, show=show)
    if _is_plain(options):
        run_all(MINIC_TO_MINIC, module=module)
        split = [SplitModules(local_names)] if options.crate else []
        if run_by_halves([*MINIC_TO_RUST, *split], context, module):
            return module
        passes = MINIC_TO_RUST
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


def _is_plain(options: TranslationOptions) -> bool:
    """Nothing but the text of all functions is asked for."""
    asks = options.partial or options.verify or options.report or options.print_after
    return not asks and options.emit is Emit.RUST and options.naming is Naming.C


def _reporting(report: Report) -> list[Pass]:
    """The passes, with the one that knows how every pointer came out told where to say so."""
    lowering = LowerToRust(lambda analyses: fill(report, analyses))
    return [lowering if isinstance(each, LowerToRust) else each for each in C_TO_RUST]


def c_context() -> Context:
    """A context that knows the dialects of this pipeline."""
    context = Context()
    for dialect in (Builtin, Minic, Rust):
        context.load_dialect(dialect)
    return context
