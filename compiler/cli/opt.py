"""The developers' command `splitwood-opt`: IR text in, chosen passes, IR text out.

splitwood-opt --passes split-slices,infer-mutability fragment.mlir
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence

from compiler.c_to_rust import C_TO_RUST, OPTIONAL
from compiler.cli.exits import finish
from compiler.cli.files import FileTexts, write_output
from compiler.cli.process import collecting_nothing, leave, open_streams, remembering
from compiler.ir_text import from_text, to_text
from compiler.pipelines import ARITHMETIC, KERNEL_TO_C, KERNEL_TO_PIUMA, KERNEL_TO_RUST, new_context, run
from compiler.running import Pass
from compiler.source_text import STDIN, STDIN_NAME, read_source

PROGRAM = "splitwood-opt"
PASSES: Mapping[str, Pass] = {
    each.name: each for each in (*C_TO_RUST, *OPTIONAL, *KERNEL_TO_PIUMA, *KERNEL_TO_C, *KERNEL_TO_RUST, *ARITHMETIC)
}
"""Every pass by its name."""


def main(argv: Sequence[str] | None = None) -> int:
    if argv is None:
        open_streams()
        with remembering(), collecting_nothing():
            status = main(sys.argv[1:])
        leave(status)
    parser = _parser()
    arguments = parser.parse_args(argv)
    if unknown := set(_names(arguments)) - set(PASSES):
        parser.error(f"there is no pass `{min(unknown)}`, only {', '.join(PASSES)}")
    sources = FileTexts()
    return finish(PROGRAM, lambda: _rewrite(arguments, sources), sources, traceback=arguments.traceback)


def _names(arguments: Namespace) -> list[str]:
    return [name for name in arguments.passes.split(",") if name]


def _rewrite(arguments: Namespace, sources: FileTexts) -> None:
    text = read_source(arguments.file)
    file = STDIN_NAME if arguments.file == STDIN else arguments.file
    sources.hold(file, text)
    context = new_context()
    module = from_text(text, file, context)
    run([PASSES[name] for name in _names(arguments)], context, module, verify=True)
    write_output(arguments.output, to_text(module, locations=arguments.locations))


def _parser() -> ArgumentParser:
    parser = ArgumentParser(PROGRAM, description="Run passes over IR text.", allow_abbrev=False)
    parser.add_argument("file", help="the IR text, or - for standard input")
    parser.add_argument("-o", dest="output", metavar="FILE", help="where the IR goes (default: standard output)")
    parser.add_argument("--passes", default="", metavar="A,B", help=f"in this order, of: {', '.join(PASSES)}")
    parser.add_argument("--locations", action="store_true", help="print where each op comes from")
    parser.add_argument("--traceback", action="store_true", help="show the whole of an internal error")
    return parser


if __name__ == "__main__":
    sys.exit(main())
