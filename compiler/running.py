"""How passes run, whichever they are: checked after each, and every failure of our own told with its pass and place.

    run(C_TO_RUST, context, module, verify=True, print_after={"lower-to-rust"}, show=print)

A `CompileError` (the user's program is refused) passes through; anything else that goes wrong becomes an `InternalError`.
"""

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from types import TracebackType
from typing import ClassVar, Protocol

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from compiler.codes import Code
from compiler.diagnostics import CompileError, InternalError, Span, refusal
from compiler.ir_text import to_text
from compiler.locations import span_of, unlocated
from compiler.verification import verify as verify_all


class Pass(Protocol):
    """A rewrite of a whole module: a frozen dataclass whose fields are its options."""

    name: ClassVar[str]

    def apply(self, ctx: Context, op: ModuleOp, /) -> None: ...


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
    verify_all(module)
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
