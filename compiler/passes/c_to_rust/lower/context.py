"""What the lowering of one function body knows: the program, the function's facts, and which Rust binding stands for each C variable."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from functools import cached_property

from xdsl.ir import Attribute, Operation, SSAValue

from compiler.analysis.footprint import footprints_of
from compiler.analysis.interval import Interval
from compiler.analysis.loops import constant_of
from compiler.analysis.paths import Elem, Path, Term
from compiler.analysis.program import FunctionFacts, Program
from compiler.analysis.provenance import PointerKind
from compiler.analysis.representation import Shapes
from compiler.analysis.variables import Variable, is_binding
from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects import minic
from compiler.dialects.rust_build import Builder
from compiler.locations import span_of
from compiler.passes.c_to_rust.lower.names import Names, rust_name


def placed_at(op: Operation, error: CompileError) -> CompileError:
    """A refusal whose findings, where they do not know their place, have that of the statement being lowered."""
    if all(each.span is not None for each in error.diagnostics):
        return error
    found = (each if each.span is not None else replace(each, span=span_of(op)) for each in error.diagnostics)
    return CompileError(*found)


class Analyses:
    """The analyses of one module, shared by all its functions."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.footprints = footprints_of(program)
        self.shapes = Shapes(program, self.footprints)
        self.items: dict[str, str] = {}
        """Rust names of globals, constants and functions by C name."""
        self.constant_types: dict[str, Attribute] = {}
        """The Rust type of each named constant: the one its uses ask for most."""
        self.lowered: dict[str, Context] = {}
        """The finished lowering of each function, for the report."""

    @cached_property
    def taken(self) -> frozenset[str]:
        """The names of items, in C and in Rust: no variable made here has one of them."""
        return frozenset((*self.program.functions, *self.program.globals, *self.items.values()))

    @cached_property
    def patterns(self) -> frozenset[str]:
        """The names of constants and statics, which mean those in a pattern."""
        return frozenset(
            (*(self.items[each] for each in self.program.globals if each in self.items), *self.constant_types)
        )


class Context(ABC):
    """State of one function's lowering. The layers above add the methods declared abstract here."""

    def __init__(self, analyses: Analyses, name: str, builder: Builder) -> None:
        self.analyses = analyses
        self.program = analyses.program
        self.shapes = analyses.shapes
        self.name = name
        self.b = builder
        self.facts: FunctionFacts = analyses.program.facts(name)
        self.names = Names({variable.name for variable in self.facts.variables.values()}, analyses.taken)
        self.bindings: dict[SSAValue, SSAValue] = {}
        """The Rust binding of each C variable (a cursor's is its index)."""
        self.bases: dict[SSAValue, SSAValue] = {}
        """The slice of each pointer parameter that moves (its binding is its index)."""
        self.bound: dict[tuple[Term, ...], tuple[SSAValue, int]] = {}
        """Sums of terms that a `let` already holds, with the constant that it includes."""
        self.copies: list[int] = []
        self.splits = 0

    # --- what is known -------------------------------------------------------------------------------------------------------

    def interval(self, value: SSAValue) -> Interval:
        """The interval of an integer value."""
        return self.facts.ranges.of(value)

    def at_least(self, lhs: SSAValue, rhs: SSAValue) -> bool:
        """The conditions around say `lhs >= rhs`."""
        return self.facts.ranges.at_least(lhs, rhs)

    def number(self, value: SSAValue) -> int | None:
        """The value of an expression that can have only one."""
        return constant_of(value) if isinstance(value.owner, minic.ConstOp) else self.interval(value).value

    def resolve(self, value: SSAValue) -> Path:
        """Where a pointer value points."""
        return self.facts.provenance.resolve(value)

    def path_of(self, place: SSAValue) -> Path:
        """The path of a place."""
        return self.facts.provenance.place(place)

    def type_at(self, path: Path) -> Attribute:
        """The C type of what a path holds."""
        return self.program.type_at(self.name, path)

    def variable(self, place: SSAValue) -> Variable:
        """The variable of a place."""
        return self.facts.variables[place]

    def variable_name(self, variable: Variable) -> str:
        """The Rust name of a variable. A pattern with the name of a constant or static would be that constant."""
        name = rust_name(variable.name)
        return self.names.reserve(f"{name}_") if name in self.analyses.patterns else name

    def is_cursor(self, place: SSAValue) -> bool:
        """True for a pointer variable that became an index."""
        return self.facts.provenance.pointer(place).kind is PointerKind.CURSOR

    def binding_of_load(self, value: SSAValue) -> SSAValue | None:
        """The Rust binding behind a read of a variable."""
        op = value.owner
        if isinstance(op, minic.LoadOp) and is_binding(op.place):
            return self.bindings.get(op.place)
        return None

    def base_binding(self, place: SSAValue) -> SSAValue:
        """The reference behind a pointer parameter."""
        return self.bases.get(place, self.bindings[place])

    def refuse(self, code: Code, at: Operation, message: str, *, help: str = "") -> CompileError:
        """A refusal at an op."""
        return refusal(code, span_of(at), message, help=help)

    # --- what the layers above can do ----------------------------------------------------------------------------------------

    @abstractmethod
    def value(self, value: SSAValue) -> SSAValue:
        """A C value as a Rust expression of the corresponding type."""

    @abstractmethod
    def cond(self, value: SSAValue) -> SSAValue:
        """A C truth value as a Rust bool."""

    @abstractmethod
    def offset(self, elem: Elem) -> SSAValue:
        """An element offset as a Rust usize."""
