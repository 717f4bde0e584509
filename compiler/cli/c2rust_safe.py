"""The command `c2rust-safe`: C in, safe Rust out, or a reason why not.

    c2rust-safe chacha20.c -o chacha20.rs
    c2rust-safe mix.c rot.c --crate mix

Arguments, then a few calls: what happens between is `compiler.c_to_rust`.
"""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import asdict

from compiler import __version__
from compiler.cli.compile_commands import recorded_options
from compiler.cli.crates import package_of, write_crate
from compiler.cli.exits import finish, warn
from compiler.cli.explain import explanation
from compiler.cli.files import FileTexts, write_output
from compiler.cli.process import collecting_nothing, leave, open_streams, remembering
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions, Standard
from compiler.frontends.c.units_ahead import UnitsAhead
from compiler.source_text import STDIN, STDIN_NAME, read_source
from compiler.translation import Emit, Naming, Translation, TranslationOptions

PROGRAM = "c2rust-safe"
EPILOG = """\
example:
  printf 'int twice(int x) { return 2 * x; }' | c2rust-safe -

exit status:
  0 done   1 the input is refused   2 the command line is at fault   70 internal error
"""


def main(argv: Sequence[str] | None = None) -> int:
    if argv is None:  # the command itself, not a test of it
        open_streams()
        with remembering(), collecting_nothing():
            status = main(sys.argv[1:])
        leave(status)
    parser = _parser()
    arguments = parser.parse_args(argv)
    sources = FileTexts()
    return finish(PROGRAM, lambda: _translate(parser, arguments, sources), sources, traceback=arguments.traceback)


def _translate(parser: ArgumentParser, arguments: Namespace, sources: FileTexts) -> None:
    _check(parser, arguments)
    jobs = [_job(arguments, file, sources) for file in arguments.files]
    with UnitsAhead(jobs) as ahead:  # the files are parsed while we import
        translation = _translation(parser, arguments, jobs, ahead)
    _deliver(translation, arguments)
    warn(translation.warnings, sources)


def _translation(
    parser: ArgumentParser, arguments: Namespace, jobs: Sequence[PreprocessJob], ahead: UnitsAhead
) -> Translation:
    from compiler import c_to_rust  # here, for a quick --help: the IR framework takes a while to import

    names = [each.name for each in c_to_rust.C_TO_RUST]
    if unknown := set(arguments.print_after) - set(names):
        parser.error(f"there is no pass `{min(unknown)}`, only {', '.join(names)}")
    crate = package_of(arguments.crate) if arguments.crate else ""
    options = TranslationOptions(
        emit=Emit(arguments.emit),
        print_after=frozenset(arguments.print_after),
        verify=arguments.verify,
        crate=crate,
        partial=arguments.partial,
        naming=Naming(arguments.rename),
        report=arguments.explain or arguments.report is not None,
    )
    return c_to_rust.translate(jobs, options, show=sys.stderr.write, ahead=ahead)


def _check(parser: ArgumentParser, arguments: Namespace) -> None:
    """What the parser cannot see."""
    if arguments.crate and arguments.output:
        parser.error("-o and --crate are two places for one output")
    if arguments.crate and Emit(arguments.emit) is not Emit.RUST:
        parser.error(f"--crate writes Rust, not {arguments.emit}")
    if arguments.files.count(STDIN) > 1:
        parser.error("standard input can be read once")


def _deliver(translation: Translation, arguments: Namespace) -> None:
    if arguments.crate:
        write_crate(arguments.crate, translation.files)
    else:
        write_output(arguments.output, translation.text)
    if arguments.report:
        import json  # here, as few ask for it

        write_output(arguments.report, json.dumps(asdict(translation.report), indent=2) + "\n")
    if arguments.explain:
        sys.stderr.write(explanation(translation.report))


def _job(arguments: Namespace, file: str, sources: FileTexts) -> PreprocessJob:
    text = read_source(file)
    options = _preprocessing(arguments, file)
    if file == STDIN:
        sources.hold(STDIN_NAME, text)
        return PreprocessJob(STDIN_NAME, None, text, options)
    return PreprocessJob(file, file, text, options)


def _preprocessing(arguments: Namespace, file: str) -> PreprocessOptions:
    """What the build system recorded, then what the command line says."""
    recorded = recorded_options(arguments.database, file) if arguments.database else PreprocessOptions()
    return PreprocessOptions(
        include_dirs=(*arguments.include_dirs, *recorded.include_dirs),
        defines=(*recorded.defines, *arguments.defines),
        undefines=(*recorded.undefines, *arguments.undefines),
        force_includes=(*recorded.force_includes, *arguments.force_includes),
        standard=_STANDARDS[arguments.std] if arguments.std else recorded.standard,
        system_headers=arguments.system_headers,
    )


_STANDARDS = {each.flag: each for each in Standard}
_DEFAULT_STANDARD = PreprocessOptions().standard.flag


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        PROGRAM,
        usage="%(prog)s [options] file...",
        description="Translate C to safe Rust: proven sound, or refused with a reason.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "files", metavar="file", nargs="+", help="a C file, or - for standard input; several are linked"
    )
    parser.add_argument("-o", dest="output", metavar="FILE", help="where the Rust goes (default: standard output)")
    parser.add_argument("--crate", metavar="DIR", help="write a Cargo crate, one module for each file")
    parser.add_argument("--partial", action="store_true", help="leave out the functions that are refused, not all")
    parser.add_argument(
        "--rename",
        metavar="STYLE",
        choices=[each.value for each in Naming],
        default=Naming.C.value,
        help="names as in C (keep) or as in Rust (snake)",
    )
    _add_preprocessing(parser)
    _add_inspection(parser)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _add_preprocessing(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("preprocessing, as a C compiler takes it")
    group.add_argument(
        "-I", dest="include_dirs", metavar="DIR", action="append", default=[], help="search headers in DIR"
    )
    group.add_argument("-D", dest="defines", metavar="NAME[=VALUE]", action="append", default=[], help="define a macro")
    group.add_argument("-U", dest="undefines", metavar="NAME", action="append", default=[], help="undefine a macro")
    group.add_argument(
        "-include", dest="force_includes", metavar="FILE", action="append", default=[], help="include FILE first"
    )
    group.add_argument(
        "--std",
        "-std",
        metavar="STD",
        choices=sorted(_STANDARDS),
        help=f"C standard, c89 to gnu18 ({_DEFAULT_STANDARD})",
    )
    group.add_argument(
        "-p", dest="database", metavar="DIR", help="take the files' flags from DIR/compile_commands.json"
    )
    group.add_argument(
        "--system-headers", action="store_true", help="use this machine's C library headers instead of the shipped ones"
    )


def _add_inspection(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("looking inside")
    group.add_argument("--explain", action="store_true", help="say how each pointer is represented, and why")
    group.add_argument("--report", metavar="FILE", help="write the same as JSON")
    group.add_argument(
        "--emit",
        choices=[each.value for each in Emit],
        default=Emit.RUST.value,
        help="stop at this stage (%(default)s)",
    )
    group.add_argument("--print-after", metavar="PASS", action="append", default=[], help="show the IR after a pass")
    group.add_argument("--verify", action="store_true", help="check the IR after every pass")
    group.add_argument("--traceback", action="store_true", help="show the whole of an internal error")


if __name__ == "__main__":
    sys.exit(main())
