"""What a build system says about a file: the preprocessing flags that compile_commands.json gives it.

    {"directory": "/src/build", "file": "../mix.c", "command": "cc -I../inc -DN=4 -O2 -c ../mix.c"}
    becomes  PreprocessOptions(include_dirs=("/src/build/../inc",), defines=("N=4",))

Flags that do not concern the preprocessor are passed over. Refused: a database that cannot be read or is no list
of commands, a file that it does not mention.
"""

import shlex
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from compiler.codes import Code
from compiler.diagnostics import CompileError, Span, refusal
from compiler.frontends.c.preprocess_job import PreprocessOptions, Standard
from compiler.source_text import read_source

DATABASE = "compile_commands.json"


@dataclass(frozen=True, slots=True)
class Command:
    """One entry: a file, absolute, and the arguments it is compiled with in a directory."""

    directory: Path
    file: Path
    arguments: tuple[str, ...]


def recorded_options(folder: str, file: str) -> PreprocessOptions:
    """The options that the database in the folder records for the file."""
    database = Path(folder, DATABASE)
    wanted = Path(file).resolve()
    for command in read_commands(database):
        if command.file == wanted:
            return _options(command, database)
    raise _unusable(f"`{database}` does not mention `{file}`", None)


def read_commands(database: Path) -> list[Command]:
    import json  # here: few translations have a database

    text = read_source(str(database))
    try:
        entries: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise _unusable(error.msg, Span(str(database), error.lineno, error.colno)) from error
    try:
        return [_command(cast(dict[str, Any], entry), database) for entry in entries]
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(f"`{database}` is no list of compile commands", None) from error


def _command(entry: dict[str, Any], database: Path) -> Command:
    directory = database.parent / str(entry["directory"])
    arguments = [str(each) for each in entry["arguments"]] if "arguments" in entry else shlex.split(entry["command"])
    return Command(directory, (directory / str(entry["file"])).resolve(), tuple(arguments))


def _options(command: Command, database: Path) -> PreprocessOptions:
    flags, _ = _flags().parse_known_args(command.arguments[1:])
    return PreprocessOptions(
        include_dirs=tuple(str(command.directory / each) for each in _include_dirs(flags)),
        defines=tuple(flags.defines),
        undefines=tuple(flags.undefines),
        force_includes=tuple(_found_from(command.directory, each) for each in flags.force_includes),
        standard=_standard(flags.std, database),
    )


def _include_dirs(flags: Namespace) -> list[str]:
    """In the order in which a compiler searches them."""
    return [*flags.quoted_dirs, *flags.include_dirs, *flags.system_dirs]


def _found_from(directory: Path, header: str) -> str:
    """A header given with -include is searched in the directory first, then like any other."""
    return str(directory / header) if (directory / header).exists() else header


def _standard(flag: str | None, database: Path) -> Standard:
    if flag is None:
        return PreprocessOptions().standard
    if (standard := Standard.named(flag)) is None:
        raise _unusable(f"`{database}` asks for -std={flag}, which is not supported", None)
    return standard


@cache
def _flags() -> ArgumentParser:
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    for flag, name in (
        ("-iquote", "quoted_dirs"),
        ("-I", "include_dirs"),
        ("-isystem", "system_dirs"),
        ("-D", "defines"),
        ("-U", "undefines"),
        ("-include", "force_includes"),
    ):
        parser.add_argument(flag, dest=name, action="append", default=[])
    parser.add_argument("-std", "--std")
    return parser


def _unusable(message: str, span: Span | None) -> CompileError:
    return refusal(Code.COMPILE_COMMANDS, span, message)
