"""The whole program under analysis: functions, calls between them, and the per-function facts, each computed once, on demand.

    program = program_of(module)
    program.facts("chacha20_core").provenance.resolve(value)

Owns no analysis of its own; it is the place where they find each other. Facts speak about the IR as it is: after a rewrite, ask a new
`Program` (or `forget` the function that changed).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.library import LIBRARY, LibraryFunction
from compiler.analysis.paths import BaseKind, Elem, Field, Path
from compiler.analysis.provenance import Provenance
from compiler.analysis.ranges import Ranges
from compiler.analysis.variables import Variable, variables_of
from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, ArrayType, FloatType, IntType, PlaceType, PtrType, StructType, VoidType
from compiler.dialects.walking import ops_inside
from compiler.locations import span_of

Call = minic.CallOp | minic.CallStmtOp


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """What is known about one function, callees aside."""

    function: minic.FuncOp
    variables: dict[SSAValue, Variable]
    ranges: Ranges
    provenance: Provenance

    def parameter_index(self, place: SSAValue | None) -> int:
        """Which parameter a place is."""
        assert place is not None
        return next(i for i, argument in enumerate(self.function.body.block.args) if argument is place)


class Program:
    """All functions of a module."""

    def __init__(self, module: ModuleOp) -> None:
        self.module = module
        self.functions: dict[str, minic.FuncOp] = {}
        self.structs: dict[str, minic.StructOp] = {}
        self.globals: dict[str, minic.GlobalOp] = {}
        self._borrowing: dict[Attribute, bool] = {}
        self._facts: dict[str, FunctionFacts] = {}
        self._literal_results: dict[str, bool] = {}
        self._calls: dict[str, list[tuple[str, Call]]] | None = None
        self._entering: set[tuple[str, int]] = set()
        for op in module.body.block.ops:
            match op:
                case minic.FuncOp() if op.body.blocks:
                    self.functions[op.sym_name.data] = op
                case minic.StructOp():
                    self.structs[op.sym_name.data] = op
                case minic.GlobalOp():
                    self.globals[op.sym_name.data] = op
                case _:
                    pass

    def library(self, name: str) -> LibraryFunction | None:
        """The function of the C library that a name means here: not one that the program defines itself."""
        return None if name in self.functions else LIBRARY.get(name)

    def is_table(self, symbol: str) -> bool:
        """All pointers in a global are string literals, or NULL."""
        item = self.globals[symbol]
        if not self.borrows(item.type) or not item.init.blocks:
            return False
        pointers = (op for op in item.init.block.ops if op.results and isinstance(op.results[0].type, PtrType))
        return all(isinstance(op, minic.NullOp | minic.ZeroOp | minic.CastOp) or _is_literal(op) for op in pointers)

    def returns_literals(self, name: str) -> bool:
        """All that a function returns is string literals, or NULL."""
        known = self._literal_results.get(name)
        if known is None:
            self._literal_results[name] = False  # what a function that calls itself may assume
            known = self._literal_results[name] = self._finds_literals(name)
        return known

    def _finds_literals(self, name: str) -> bool:
        function = self.functions.get(name)
        kind = function.result if function is not None else None
        if (
            function is None
            or not isinstance(kind, PtrType)
            or not isinstance(kind.pointee, IntType)
            or kind.pointee.width != 8
        ):
            return False
        returned = [op.value for op in function.body.walk() if isinstance(op, minic.ReturnOp) and op.value is not None]
        provenance = self.facts(name).provenance
        return bool(returned) and all(map(provenance.is_literal, returned))

    def facts(self, name: str) -> FunctionFacts:
        """The facts of a function."""
        known = self._facts.get(name)
        if known is None:
            function = self.functions[name]
            variables = variables_of(function)
            ranges = Ranges(function, variables, lambda index: self._entry(name, index))
            known = self._facts[name] = FunctionFacts(
                function, variables, ranges, Provenance(function, variables, self)
            )
        return known

    def add(self, function: minic.FuncOp) -> None:
        """A new function (a variant) has been put into the module."""
        name = function.sym_name.data
        calls = self._call_table()  # of the others
        self.functions[name] = function
        for call in _calls_in(function):
            calls.setdefault(call.callee.data, []).append((name, call))

    def forget(self, name: str) -> None:
        """A function has been rewritten."""
        self._facts.pop(name, None)

    def redirect(self, caller: str, old: Call, new: Call) -> None:
        """A call has been replaced by another one."""
        calls = self._call_table()
        calls[old.callee.data] = [pair for pair in calls[old.callee.data] if pair[1] is not old]
        calls.setdefault(new.callee.data, []).append((caller, new))

    def calls_to(self, callee: str) -> list[tuple[str, Call]]:
        """Every call of a function, with the name of the caller."""
        return self._call_table().get(callee, [])

    def _call_table(self) -> dict[str, list[tuple[str, Call]]]:
        if self._calls is None:
            self._calls = {}
            for name, function in self.functions.items():
                for call in _calls_in(function):
                    self._calls.setdefault(call.callee.data, []).append((name, call))
        return self._calls

    def _entry(self, name: str, index: int) -> Interval | None:
        """What parameter `index` can be at entry: known when every caller is."""
        function = self.functions[name]
        calls = self.calls_to(name)
        if name == "main" and index == 0:
            return _COUNT
        if function.exported is not None or not calls or (name, index) in self._entering:
            return None
        self._entering.add((name, index))
        intervals = [self.facts(caller).ranges.of(call.args[index]) for caller, call in calls]
        self._entering.discard((name, index))
        joined = intervals[0]
        for interval in intervals[1:]:
            joined = joined.join(interval)
        return joined

    # --- types ---------------------------------------------------------------------------------------------------------------

    def size_of(self, kind: Attribute) -> int:
        """Bytes of an object type (LP64)."""
        match kind:
            case IntType() | FloatType():
                width = kind.width
                return (width if isinstance(width, int) else width.data) // 8
            case ArrayType():
                return kind.size.data * self.size_of(kind.element)
            case StructType():
                return self.structs[kind.symbol.data].size.data
            case PtrType():
                return 8
            case _:
                return 1  # void, as gcc counts it

    def type_at(self, name: str, path: Path) -> Attribute:
        """The type of what is stored at a path in a function."""
        kind = self._base_type(name, path)
        steps = path.steps
        if path.is_indirect:
            steps = steps[1:]  # the element type of the pointer is already one step in
        for step in steps:
            kind = self._step(kind, step)
        return kind

    def _base_type(self, name: str, path: Path) -> Attribute:
        base = path.base
        match base.kind:
            case BaseKind.GLOBAL:
                return self.globals[base.symbol].type
            case BaseKind.PARAMETER:
                return self.element_type(name, self.facts(name).parameter_index(base.place))
            case BaseKind.FIELD:
                assert path.field_path is not None
                return _pointee(self.type_at(name, path.field_path))
            case BaseKind.SLICE:
                assert base.place is not None
                kind = base.place.type
                return _pointee(kind.of if isinstance(kind, PlaceType) else kind)
            case _:
                assert base.place is not None and isinstance(base.place.type, PlaceType)
                return base.place.type.of

    def _step(self, kind: Attribute, step: Elem | Field) -> Attribute:
        if isinstance(step, Elem) and isinstance(kind, ArrayType):
            return kind.element
        if isinstance(step, Elem) and isinstance(kind, PtrType):
            return kind.pointee  # only `argv` has steps through pointers
        if isinstance(step, Field) and isinstance(kind, StructType):
            struct = self.structs[kind.symbol.data]
            names = [field.data for field in struct.field_names.data]
            if step.name in names:
                return struct.field_types.data[names.index(step.name)]
        raise refusal(Code.TYPE_PUNNING, None, "memory is used as another type than the one it was given")

    def element_type(self, name: str, index: int) -> Attribute:
        """What pointer parameter `index` points at; for `void *`, what the function takes it for."""
        function = self.functions[name]
        pointer = function.param_types.data[index]
        assert isinstance(pointer, PtrType)
        if not isinstance(pointer.pointee, VoidType):
            return pointer.pointee
        return self._void_parameter(name, index)

    def _void_parameter(self, name: str, index: int) -> Attribute:
        found: dict[Attribute, Operation] = {}
        variable = self.facts(name).variables[self.functions[name].body.block.args[index]]
        for use in (use for load in variable.loads for use in load.result.uses):
            user = use.operation
            seen = user.result.type if isinstance(user, minic.CastOp) else None
            if isinstance(seen, PtrType) and not isinstance(seen.pointee, VoidType):
                found.setdefault(seen.pointee, user)
        if len(found) > 1:
            user = list(found.values())[1]
            raise refusal(
                Code.VOID_POINTER,
                span_of(user),
                f"`{variable.name}` is used as a pointer to two different types",
                help="give the parameter the type of its elements",
            )
        return next(iter(found), _BYTE)

    def pointer_fields(self, kind: Attribute) -> Iterator[PtrType]:
        """The pointers that a value of a type holds, in nested structs and arrays too."""
        match kind:
            case PtrType():
                yield kind
            case ArrayType():
                yield from self.pointer_fields(kind.element)
            case StructType():
                for each in self.structs[kind.symbol.data].field_types.data:
                    if not (isinstance(each, PtrType) and _points_to(each, kind)):
                        yield from self.pointer_fields(each)
            case _:
                return

    def borrows(self, kind: Attribute) -> bool:
        """A value of the type holds pointers: its Rust type has a lifetime."""
        known = self._borrowing.get(kind)
        if known is None:
            known = self._borrowing[kind] = next(self.pointer_fields(kind), None) is not None
        return known

    def array_length(self, name: str, path: Path) -> int | None:
        """Elements of the array at `path`, when its type tells; a parameter's own array has no type that does."""
        if path.is_indirect and not path.steps:
            return None
        kind = self.type_at(name, path)
        return kind.size.data if isinstance(kind, ArrayType) else None


def _is_literal(op: Operation) -> bool:
    return isinstance(op, minic.DecayOp) and isinstance(op.place.owner, minic.StringOp)


def _calls_in(function: minic.FuncOp) -> Iterator[Call]:
    for op in ops_inside(function.body.block):
        if type(op) is minic.CallOp or type(op) is minic.CallStmtOp:
            yield op


def program_of(module: ModuleOp) -> Program:
    """The program of a module, with what earlier passes have found out about it: a pass that rewrites functions must say so to it
    (`add`, `redirect`, `forget`)."""
    known = _PROGRAMS.get(module)
    if known is None:
        known = _PROGRAMS[module] = Program(module)
    return known


def forget_program(module: ModuleOp) -> None:
    """Ask everything anew: an analysis was left in the middle."""
    _PROGRAMS.pop(module, None)


_PROGRAMS: WeakKeyDictionary[ModuleOp, Program] = WeakKeyDictionary()


def _points_to(pointer: PtrType, struct: StructType) -> bool:
    kind = pointer.pointee
    while isinstance(kind, PtrType | ArrayType):
        kind = kind.pointee if isinstance(kind, PtrType) else kind.element
    return kind == struct


def _pointee(kind: Attribute) -> Attribute:
    assert isinstance(kind, PtrType)
    return kind.pointee


_COUNT = Interval(0, (1 << 31) - 1)
"""What `argc` can be."""

_BYTE: Attribute = INTS["u8"]
