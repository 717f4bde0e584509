"""Calls of the C library: which Rust stands for each function.

    memset(buf, 0, n)      a statement          isdigit(c), strlen(s)      values

The layers below make the Rust; here is the table. A function without an entry is refused, and so is the result of one that is only
translated as a statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from xdsl.ir import Block, SSAValue

from compiler.analysis.program import Call
from compiler.analysis.variables import is_binding
from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType
from compiler.dialects.rust import is_statement
from compiler.dialects.rust_types import NeverType
from compiler.passes.c_to_rust.lower.scalar_calls import METHODS, TESTS, ScalarCalls
from compiler.passes.c_to_rust.lower.stdio_calls import StdioCalls
from compiler.passes.c_to_rust.lower.types import rust_type
from compiler.passes.c_to_rust.lower.unmapped import UNMAPPED

_Value = Callable[["LibraryCalls", minic.CallOp], SSAValue]
_Statement = Callable[["LibraryCalls", Call], None]


class LibraryCalls(StdioCalls):
    """Layer 4: the C library."""

    def is_library(self, op: Call) -> bool:
        """The call means a function of the C library that is translated."""
        return self.program.library(op.callee.data) is not None

    def library_value(self, op: minic.CallOp) -> SSAValue:
        """A library call whose result is used."""
        make = self._LIBRARY_VALUES.get(op.callee.data)
        if make is None:
            raise self.unmapped(
                op,
                f"the result of `{op.callee.data}` is used",
                help="call it in a statement of its own, and use its argument",
            )
        assert op.result is not None
        value = make(self, op) if op.callee.data not in _WITH_STATEMENTS else self._set_apart(op, make)
        return self.b.cast(value, rust_type(op.result.type))  # a declaration may say `unsigned long` for `size_t`

    def _set_apart(self, op: minic.CallOp, make: _Value) -> SSAValue:
        """The value, in a block of its own where statements must come before it in the middle of an expression."""
        body = Block()
        with self.b.inside(body):
            value = make(self, op)
        if any(is_statement(each) for each in body.ops) and not _is_root(op):
            with self.b.inside(body):
                self.b.yield_(value)
            return self.b.block_value(body, value.type)
        for each in list(body.ops):
            each.detach()
            self.b.block.add_op(each)
        return value

    def found(self, op: minic.CallOp) -> SSAValue | None:
        if op.callee.data == "fgets" and self.is_library(op):
            return self._set_apart(op, StdioCalls.read_line)
        return super().found(op)

    def library_statement(self, op: Call) -> None:
        """A library call as a statement."""
        make = self._LIBRARY_STATEMENTS.get(op.callee.data)
        if make is not None:
            make(self, op)
            return
        assert op.callee.data in self._LIBRARY_VALUES or op.callee.data in _SEARCHES, op.callee.data
        if op.callee.data in ("getchar", "getc", "fgetc"):
            self.b.expr(self.getchar(op))
            return
        for argument in op.args:  # the function itself has no effect
            if not isinstance(argument.type, PtrType) and self.calls(argument):
                self.b.expr(self.value(argument))

    def unknown_function(self, op: Call) -> CompileError:
        """A function that is defined nowhere and not translated."""
        name = op.callee.data
        known = UNMAPPED.get(name)
        if known is not None:
            return self.refuse(known.code, op, f"`{name}` {known.reason}", help=known.help)
        return self.refuse(
            Code.UNDEFINED_FUNCTION,
            op,
            f"`{name}` has no definition here and no Rust counterpart",
            help="translate the file that defines it together with this one",
        )

    # --- the end of the program ----------------------------------------------------------------------------------------------

    def _abort(self, op: Call) -> None:
        self.b.expr(self.b.call("std::process::abort", [], NeverType()))

    def _unreachable(self, op: Call) -> None:
        self.b.expr(self.b.macro("unreachable", [], NeverType()))

    def _exit(self, op: Call) -> None:
        self.b.expr(self.b.call("std::process::exit", [self.value(op.args[0])], NeverType()))

    _LIBRARY_STATEMENTS: ClassVar[dict[str, _Statement]] = {
        "memcpy": StdioCalls.memcpy,
        "memmove": StdioCalls.memcpy,
        "bcopy": StdioCalls.bcopy,
        "memset": StdioCalls.memset,
        "bzero": StdioCalls.bzero,
        "strcpy": StdioCalls.strcpy,
        "strncpy": StdioCalls.strncpy,
        "strcat": StdioCalls.strcat,
        "strncat": StdioCalls.strncat,
        "printf": StdioCalls.printf,
        "fprintf": StdioCalls.fprintf,
        "sprintf": StdioCalls.sprintf,
        "snprintf": StdioCalls.snprintf,
        "puts": StdioCalls.puts,
        "fputs": StdioCalls.fputs,
        "putchar": StdioCalls.putchar,
        "putc": StdioCalls.putchar,
        "fputc": StdioCalls.putchar,
        "fwrite": StdioCalls.fwrite,
        "fflush": StdioCalls.fflush,
        "fgets": StdioCalls.fgets,
        "exit": _exit,
        "__builtin_unreachable": _unreachable,
        **dict.fromkeys(("abort", "__builtin_trap"), _abort),
    }

    _LIBRARY_VALUES: ClassVar[dict[str, _Value]] = {
        "memcmp": StdioCalls.memcmp,
        "bcmp": StdioCalls.memcmp,
        "strlen": StdioCalls.strlen,
        "strnlen": StdioCalls.strnlen,
        "strcmp": StdioCalls.strcmp,
        "strncmp": StdioCalls.strncmp,
        "strcasecmp": StdioCalls.strcasecmp,
        "strncasecmp": StdioCalls.strncasecmp,
        "sprintf": StdioCalls.sprintf_value,
        "snprintf": StdioCalls.snprintf_value,
        **dict.fromkeys(("getchar", "getc", "fgetc"), StdioCalls.getchar),
        **dict.fromkeys(("strspn", "strcspn"), StdioCalls.strspn),
        **dict.fromkeys(("atoi", "atol", "atoll"), StdioCalls.atoi),
        **dict.fromkeys(ScalarCalls.CLASSES, StdioCalls.ctype),
        **dict.fromkeys(("toupper", "tolower"), StdioCalls.to_case),
        "toascii": StdioCalls.toascii,
        **dict.fromkeys(("abs", "labs", "llabs"), StdioCalls.absolute),
        **dict.fromkeys((f"__builtin_bswap{width}" for width in (16, 32, 64)), StdioCalls.swap_bytes),
        **{
            f"__builtin_{name}{suffix}": make
            for suffix in ("", "l", "ll")
            for name, make in (
                *((each, StdioCalls.count_bits) for each in ("clz", "ctz", "popcount")),
                ("parity", StdioCalls.parity),
                ("ffs", StdioCalls.find_first_set),
                ("clrsb", StdioCalls.leading_sign_bits),
            )
        },
        **dict.fromkeys(("ffs", "ffsl", "ffsll"), StdioCalls.find_first_set),
        **dict.fromkeys((f"{name}{suffix}" for name in METHODS for suffix in ("", "f")), StdioCalls.float_method),
        **dict.fromkeys(("fmod", "fmodf"), StdioCalls.fmod),
        **dict.fromkeys(("lrint", "lrintf", "lround", "lroundf"), StdioCalls.to_integer),
        **dict.fromkeys((f"__builtin_{name}" for name in TESTS), StdioCalls.float_test),
        **dict.fromkeys(("nan", "nanf"), StdioCalls.float_constant),
        **dict.fromkeys(
            (f"__builtin_{name}" for name in ("huge_val", "huge_valf", "inf", "inff", "nan", "nanf")),
            StdioCalls.float_constant,
        ),
    }


_WITH_STATEMENTS = ("sprintf", "snprintf")
_SEARCHES = ("strchr", "strrchr", "strstr", "strpbrk", "memchr")
"""Only whether they find something is translated (`found`)."""


def _is_root(op: minic.CallOp) -> bool:
    """The value is that of a variable, or nobody's: statements may stand before the one that it is in."""
    assert op.result is not None
    use = op.result.get_unique_use()
    user = use.operation if use is not None else None
    return isinstance(user, minic.LocalOp | minic.EvalOp) or (
        isinstance(user, minic.AssignOp) and is_binding(user.place)
    )
