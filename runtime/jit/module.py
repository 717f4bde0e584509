"""One LLVM module per program and machine: the model, the scheduler and the program's pieces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

from runtime.isa import CODE_BASE
from runtime.jit import scheduler, wheel
from runtime.jit.arbitration import Arbitration
from runtime.jit.ir import PRELUDE, Body
from runtime.jit.pieces import Pieces
from runtime.jit.subset import Environment, Expansion, translate_function
from runtime.machine import Machine
from runtime.model import collectives, dma, queues, resources, threads
from runtime.model.constants import Constants
from runtime.model.state import sizes
from runtime.program import Program

ENTRY = "simulate"
"""The module's one function for others: `i64 simulate(state, until)`."""


@dataclass(frozen=True, slots=True)
class Module:
    """IR text and how to read the state it works on."""

    model: str
    """Everything but the pieces."""
    texts: list[str]
    places: dict[str, int]
    lengths: dict[str, int]
    pieces: Pieces
    field: int
    """Bits for each pipeline in a row of the scheduler's wheel."""

    @property
    def state_size(self) -> int:
        """Length of the state buffer, in 64-bit words."""
        return self.places["path_count"] + len(self.pieces.leaves)

    def whole(self) -> str:
        """The IR of all."""
        return "\n".join([self.model, *(f"define {text}" for text in self.texts), _entry(ENTRY)])

    def part(self, chosen: Collection[int], entry: str) -> str:
        """The IR with some of the pieces; the others are called where the whole has them."""
        texts = [
            f"define internal {text}" if i in chosen else f"declare i64 @{self.pieces.name(i)}(ptr, i64, i64)\n"
            for i, text in enumerate(self.texts)
        ]
        return "\n".join([self.model, *texts, _entry(entry)])


def _entry(name: str) -> str:
    return f"define i64 @{name}(ptr %s, i64 %until) nounwind {{\n  %r = call i64 @run(ptr %s, i64 %until)\n  ret i64 %r\n}}\n"


def build(program: Program, machine: Machine, entries: Iterable[tuple[int, bool]]) -> Module:
    """The module for a program that starts at `entries`: instruction index, single-threaded pipeline or not."""
    k = Constants.of(machine)
    starts = sorted(set(entries))
    singles = any(single for _, single in starts)
    lengths = {**sizes(k), **wheel.scheduler_sizes(k, singles)}
    places = _places(lengths)
    shape = wheel.layout(k, singles)
    pieces = Pieces(program, machine, k, places, shape["plane"])
    for pc, single in [*starts, *((pc, False) for pc in sorted(program.entries))]:
        pieces.number(pc, single)
    if singles:
        for pc in sorted(program.entries):
            pieces.number(pc, True)
    texts = pieces.generate()
    parts = [
        _machine_text(k, singles),
        _piece_table(pieces),
        _entry_table(pieces, "entry_of", False),
        _entry_table(pieces, "entry_of_single", True),
    ]
    return Module("\n".join(parts), texts, places, lengths, pieces, shape["field"])


@lru_cache(maxsize=8)
def _machine_text(k: Constants, singles: bool) -> str:
    """What programs on one machine have in common."""
    shape, places = wheel.layout(k, singles), _places({**sizes(k), **wheel.scheduler_sizes(k, singles)})
    env = _environment(k, shape, places)
    functions = (translate_function(f, env) for f in _functions())
    return "\n".join([PRELUDE, _FLOAT, *functions, Arbitration(k.depth, shape, places).text()])


def _places(lengths: dict[str, int]) -> dict[str, int]:
    """Arrays one after the other, each at the start of a cache line."""
    places: dict[str, int] = {}
    at = 0
    for name, length in lengths.items():
        places[name] = at
        at += (length + 7) // 8 * 8
    return {**places, "path_count": at}


def _environment(k: Constants, shape: dict[str, int], places: dict[str, int]) -> Environment:
    constants = {**asdict(k), **shape}
    base = places["memory_base"]
    return Environment(constants, places, _expansions(base))


def _functions() -> list[Callable[..., Any]]:
    modules = (resources, threads, collectives, queues, dma, wheel, scheduler)
    return [f for module in modules for f in _own_functions(module) if f.__name__ not in ("scheduler_sizes", "layout")]


def _own_functions(module: ModuleType) -> list[Callable[..., Any]]:
    found = vars(module).values()
    return [f for f in found if callable(f) and not isinstance(f, type) and f.__module__ == module.__name__]


def _expansions(memory_base: int) -> dict[str, Expansion]:
    def pointer(b: Body, u: str) -> str:
        base = b.load(b.element("%s", str(memory_base)), "ptr")
        return b.value(f"getelementptr inbounds i8, ptr {base}, i64 {u}")

    def poke(b: Body, v: list[str], kind: str) -> str:
        b.store(v[1] if kind == "i64" else b.narrow(v[1], kind), pointer(b, v[0]), kind)
        return "0"

    def call_piece(b: Body, v: list[str]) -> str:
        slot = b.value(f"getelementptr inbounds ptr, ptr @pieces, i64 {v[0]}")
        return b.value(f"call i64 {b.load(slot, 'ptr')}(ptr %s, i64 {v[1]}, i64 {v[2]})")

    table: dict[str, Expansion] = {
        "peek64": lambda b, v: b.load(pointer(b, v[0])),
        "peek32": lambda b, v: b.widen(b.load(pointer(b, v[0]), "i32")),
        "poke64": lambda b, v: poke(b, v, "i64"),
        "poke32": lambda b, v: poke(b, v, "i32"),
        "wrap": lambda b, v: v[0],
        "ctz": lambda b, v: b.value(f"call i64 @llvm.cttz.i64(i64 {v[0]}, i1 true)"),
        "call_piece": call_piece,
    }
    for name in ("fadd64", "fmul64", "fmin64", "fmax64"):
        table[name] = lambda b, v, n=name: b.call(n, *v)
    return table


def _piece_table(pieces: Pieces) -> str:
    names = ", ".join(f"ptr @{pieces.name(i)}" for i in range(len(pieces.numbers)))
    return f"@pieces = internal constant [{len(pieces.numbers)} x ptr] [{names}]\n"


def _entry_table(pieces: Pieces, name: str, single: bool) -> str:
    count = len(pieces.program.instructions)
    legal = pieces.program.entries
    numbers = [pieces.numbers.get((pc, single), -1) if pc in legal else -1 for pc in range(count)]
    return (
        f"@{name}.table = internal constant [{count} x i64] [{', '.join(f'i64 {n}' for n in numbers)}]\n"
        f"define internal i64 @{name}(ptr %s, i64 %address) {{\n"
        f"  %d = sub i64 %address, {CODE_BASE}\n"
        "  %index = lshr i64 %d, 2\n"
        "  %low = and i64 %d, 3\n"
        "  %aligned = icmp eq i64 %low, 0\n"
        f"  %inside = icmp ult i64 %index, {count}\n"
        "  %ok = and i1 %aligned, %inside\n"
        "  br i1 %ok, label %yes, label %no\n"
        "yes:\n"
        f"  %p = getelementptr inbounds i64, ptr @{name}.table, i64 %index\n"
        "  %n = load i64, ptr %p\n"
        "  ret i64 %n\n"
        "no:\n"
        "  ret i64 -1\n}\n"
    )


def _float_function(name: str, operation: str) -> str:
    b = Body()
    x, y = b.double("%a"), b.double("%b")
    call = f"call double @llvm.{operation}.f64(double {x}, double {y})"
    value = b.value(call if operation.endswith("num") else f"{operation} double {x}, {y}")
    b.emit(f"ret i64 {b.bits_of_double(value)}")
    return f"define internal i64 @{name}(i64 %a, i64 %b) nounwind {{\n{b.text()}\n}}\n"


_FLOAT = "".join(
    _float_function(name, operation)
    for name, operation in (
        ("fadd64", "fadd"),
        ("fmul64", "fmul"),
        ("fmin64", "minimumnum"),
        ("fmax64", "maximumnum"),
    )
)
