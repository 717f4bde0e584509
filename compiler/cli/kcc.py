"""The command `kcc`: a sparse or arithmetic kernel compiled for a target, shown, run, checked, compared.

    kcc examples/kernels/spgemm.mlir --generate rmat:10,8192 --compare

Exit status: 0 done, 1 the kernel, schedule or a matrix is refused, 2 the command line is at fault, 70 internal error (a result
that `--verify` finds wrong is one), 130 interrupted.
"""

import argparse
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from compiler.cli.exits import finish
from compiler.cli.files import FileTexts
from compiler.cli.process import open_streams, remembering
from compiler.targets.names import Emits, TargetName

PROGRAM = "kcc"
_EXAMPLES = """\
examples:
  kcc examples/kernels/spgemm.mlir --generate rmat:8,1024 --compare
  kcc examples/kernels/spgemm.mlir --generate poisson2d:16 --verify --explain
  kcc examples/kernels/spgemm.mlir --schedule smash-v3 --emit=asm -o spgemm.s
  kcc examples/kernels/spgemm.mlir --target cpu --generate rmat:12,32768 --verify
  kcc examples/kernels/spgemm.mlir --generate rmat:8,1024 --cost-model analytical --explain
  kcc examples/kernels/spgemm.mlir --generate rmat:8,1024 --tune 3 --tune-data runs.jsonl.gz
  kcc examples/kernels/spgemm.mlir --run A.mtx B.mtx -o C.mtx
  kcc examples/arithmetic/gemv.mlir --generate random:1 --compare
  kcc calibrate --help                                             formats for weights
"""


def main(argv: Sequence[str] | None = None) -> int:
    if argv is None:
        open_streams()
        with remembering():
            return main(sys.argv[1:])
    if list(argv[:1]) == ["calibrate"]:
        from compiler.cli import kcc_calibrate  # a command of its own, about weights

        return kcc_calibrate.main(argv[1:])
    parser = _parser()
    arguments = parser.parse_args(argv)
    _check_arguments(parser, arguments)
    sources = FileTexts()
    return finish(PROGRAM, lambda: _command(arguments, sources), sources, traceback=arguments.traceback)


def _command(arguments: Namespace, sources: FileTexts) -> None:
    from compiler.cli import (
        kcc_command,  # here, for quick answers about the command line: compilers take a while to import
    )

    kcc_command.command(arguments, sources)


def _check_arguments(parser: ArgumentParser, arguments: Namespace) -> None:
    runs = arguments.run or arguments.generate
    if arguments.emit and (arguments.compare or arguments.verify or arguments.json):
        parser.error("--emit shows text; --compare, --verify and --json are about runs")
    if (arguments.compare or arguments.verify or arguments.json) and not runs:
        parser.error("--compare, --verify and --json need --run or --generate")
    if arguments.target != TargetName.PIUMA and (arguments.machine or arguments.set):
        parser.error("--machine and --set describe the machine of --target piuma")
    if arguments.target != TargetName.PIUMA and (arguments.trace or arguments.plot):
        parser.error("--trace and --plot show a run on the machine of --target piuma")
    if (arguments.trace or arguments.plot) and (not runs or arguments.emit or arguments.compare or arguments.tune):
        parser.error("--trace and --plot show one run: --run or --generate, and neither --emit, --compare nor --tune")
    if arguments.tune is not None and (not runs or arguments.compare or arguments.emit or arguments.schedule):
        parser.error(
            "--tune runs candidates: it needs --run or --generate, and neither --compare, --emit nor --schedule"
        )
    if arguments.tune_data and arguments.tune is None:
        parser.error("--tune-data keeps what --tune measures")
    if arguments.compare and (arguments.schedule is not None or arguments.output):
        parser.error("--compare runs every named schedule and keeps no result")
    if arguments.print_after:
        _check_passes(parser, arguments)


def _check_passes(parser: ArgumentParser, arguments: Namespace) -> None:
    from compiler.cli import kcc_command  # passes are known where they are imported

    passes = kcc_command.passes(arguments.target)
    if unknown := set(arguments.print_after) - set(passes):
        parser.error(f"there is no pass `{min(unknown)}`, only {', '.join(passes)}")


class _Parser(ArgumentParser):
    """One whose help ends with what matrices can be generated, which takes NumPy to say."""

    def format_help(self) -> str:
        from runtime.sparse.named import usage

        return f"{super().format_help()}\ngenerated matrices: {usage()}\n"


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def _parser() -> ArgumentParser:
    parser = _Parser(
        PROGRAM,
        description="Compile a sparse or arithmetic kernel, choose its schedule, run it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("kernel", help="the kernel as MLIR text, or - for standard input")
    parser.add_argument(
        "--target", choices=list(TargetName), default=TargetName.PIUMA, help="what to compile for (default: piuma)"
    )
    parser.add_argument(
        "--schedule", metavar="NAME|FIELDS", help="`smash-v3`, `smash-v3,threads=16`, `hash=low_bits,…`"
    )
    emits = ["mlir", *Emits]
    parser.add_argument(
        "--emit", choices=emits, help="print the kernel as mlir, or the target's own text (the default)"
    )
    parser.add_argument(
        "-o", dest="output", metavar="FILE", help="where the result (.mtx, .mtx.gz, .npz, .npy) or text goes"
    )
    parser.add_argument(
        "--cost-model",
        metavar="none|analytical|FILE",
        help="who chooses: the target's first schedule, bounds, or a model that `costmodel fit` wrote, as in "
        "`--cost-model my.costmodel` (default: the learned model that ships, where there is one for the target)",
    )
    parser.add_argument("--explain", action="store_true", help="prediction, bounds, alternatives, and why")
    parser.add_argument("--print-after", action="append", default=[], metavar="PASS", help="the IR, on standard error")
    parser.add_argument("--traceback", action="store_true", help="show the whole of an internal error")
    run = parser.add_argument_group("running")
    data = run.add_mutually_exclusive_group()
    data.add_argument(
        "--run",
        nargs="+",
        metavar="A.mtx",
        help="operands: .mtx, .mtx.gz, .npz; tensors .npy, or one .npz by names; numbers",
    )
    data.add_argument(
        "--generate", nargs="+", metavar="MATRIX", help="the same with generated matrices; `random:SEED` for tensors"
    )
    run.add_argument("--verify", action="store_true", help="compare the result with SciPy's, or the interpreter's")
    run.add_argument("--compare", action="store_true", help="run every named schedule and the chosen one: a table")
    run.add_argument(
        "--tune", type=_count, metavar="N", help="run the N schedules that should be fastest, take the best"
    )
    run.add_argument("--tune-data", metavar="FILE", help="add what --tune measures to a data set for `costmodel fit`")
    run.add_argument("--json", action="store_true", help="all that is known of the run, for programs")
    run.add_argument("--allow-nan", action="store_true", help="take operands with values that are not finite")
    machine = parser.add_argument_group("machine (piuma)")
    machine.add_argument("--machine", metavar="TOML", help="a description; fields it does not name keep their default")
    machine.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="change one field")
    machine.add_argument("--trace", metavar="FILE", help="what happened during the run, for Perfetto (ui.perfetto.dev)")
    machine.add_argument("--plot", metavar="FILE", help="the run as a picture: roofline, use of threads (matplotlib)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
