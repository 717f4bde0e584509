"""Which object each pointer points into, and where: minic pointer values resolved to `Path`s.

    uint8_t *p = buf + 4;  … p[i] …  while (p < end) *p++ = 0;

A pointer variable has one of three kinds:

    BASE      a parameter that is never reassigned: the object itself
    ALIAS     given a value once, where it is declared: another name for a path; it vanishes from the Rust
    CURSOR    moves, but always inside one array: it becomes an index variable
    SLICE     holds what it was given as a slice of its own: pointers to const read out of structs, which may be changed meanwhile
    STATIC    holds one of several string literals, or the empty slice for NULL

Refuses (with the place that decided it): a pointer that may point into two objects, one that may be null, pointers to pointers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.library import choices
from compiler.analysis.loops import constant_of
from compiler.analysis.paths import Base, BaseKind, Elem, Field, Path, Term
from compiler.analysis.variables import Variable, is_binding
from compiler.codes import Code
from compiler.diagnostics import CompileError, Label, refusal
from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, PlaceType, PtrType
from compiler.locations import span_of

_ALLOCATORS = frozenset(("malloc", "calloc", "realloc", "strdup", "strndup", "aligned_alloc"))
_STREAMS = frozenset(("fopen", "tmpfile", "freopen", "popen"))


class PointerKind(Enum):
    """How a pointer variable is represented."""

    BASE = "base"
    ALIAS = "alias"
    CURSOR = "cursor"
    SLICE = "slice"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class PointerVariable:
    """A classified pointer variable. `path`: where a BASE or ALIAS points; for a CURSOR, element 0 of the array it moves in."""

    variable: Variable
    kind: PointerKind
    path: Path


class Literals(Protocol):
    """What is known of the program beyond one function: where only string literals come from."""

    def is_table(self, symbol: str) -> bool:
        """All pointers in a global are string literals, or NULL."""
        ...

    def returns_literals(self, name: str) -> bool:
        """All that a function returns is string literals, or NULL."""
        ...


class Provenance:
    """Resolves the pointers of one function. `returned` tells which argument a call's result points into, if it is one."""

    def __init__(
        self,
        function: Operation,
        variables: dict[SSAValue, Variable],
        literals: Literals | None = None,
    ) -> None:
        self._function = function
        self._variables = variables
        self._literals = literals
        self._pointers: dict[SSAValue, PointerVariable] = {}
        self._open: set[SSAValue] = set()
        self._paths: dict[SSAValue, Path] = {}

    # --- variables -----------------------------------------------------------------------------------------------------------

    def pointer(self, place: SSAValue) -> PointerVariable:
        """The classification of a pointer variable."""
        known = self._pointers.get(place)
        if known is None:
            if place in self._open:
                raise self._linked(self._variables[place])
            self._open.add(place)
            known = self._pointers[place] = self._classify(self._variables[place])
            self._open.discard(place)
        return known

    def _classify(self, variable: Variable) -> PointerVariable:
        if variable.address_taken:
            raise self._refuse(
                Code.POINTER_TO_POINTER,
                _address_of(variable),
                f"the address of pointer `{variable.name}` is taken",
                help="return the new position as an index",
            )
        own = Path(Base(BaseKind.PARAMETER, variable.place)).then(Elem())
        if is_argument_vector(variable.place):
            own = self._argument_vector(variable)
        if variable.is_parameter and variable.definitions == 1:
            return PointerVariable(variable, PointerKind.BASE, own)
        if not variable.is_parameter and self._holds_literals(variable):
            return PointerVariable(
                variable, PointerKind.STATIC, Path(Base(BaseKind.SLICE, variable.place)).then(Elem())
            )
        owner = variable.place.owner
        if variable.definitions == 1 and isinstance(owner, minic.LocalOp) and owner.init is not None:
            path = self.resolve(owner.init)
            if path.base.kind is BaseKind.FIELD and points_to_const(variable.type) and path.last_elem is not None:
                return PointerVariable(
                    variable, PointerKind.SLICE, Path(Base(BaseKind.SLICE, variable.place)).then(Elem())
                )
            return PointerVariable(variable, PointerKind.ALIAS, path)
        return PointerVariable(variable, PointerKind.CURSOR, self._common_array(variable, own).then(Elem()))

    def _holds_literals(self, variable: Variable) -> bool:
        """The variable is only ever given string literals, or NULL, and not just the one that is written there."""
        leaves = [leaf for value in variable.values for leaf in choices(value)]
        fixed = len(leaves) == 1 and isinstance(_uncast(leaves[0]), minic.DecayOp)
        if variable.updates or fixed or not leaves or not all(map(self.is_literal, leaves)):
            return False
        return any(not isinstance(_uncast(leaf), minic.NullOp) for leaf in leaves)

    def holds_literals(self, base: Base) -> bool:
        """All pointers in an object are string literals or NULL: a table, or a local array that is given nothing else."""
        if base.kind is BaseKind.GLOBAL:
            return self._literals is not None and self._literals.is_table(base.symbol)
        op = base.place.owner if base.kind is BaseKind.LOCAL and base.place is not None else None
        if not isinstance(op, minic.LocalOp) or op.init is None or not isinstance(op.init.type, ArrayType):
            return False
        pointers = list(_pointers_in(op.init))
        stored = (place.base for place in self._pointer_stores())
        return bool(pointers) and all(map(self.is_literal, pointers)) and base not in stored

    def _pointer_stores(self) -> Iterator[Path]:
        """The places in memory that pointers are stored in."""
        for op in self._function.walk():
            if isinstance(op, minic.AssignOp) and isinstance(op.value.type, PtrType) and not is_binding(op.place):
                yield self.place(op.place)

    def is_literal(self, pointer: SSAValue) -> bool:
        """A string literal, NULL, or a variable that holds one of those."""
        op = _uncast(pointer)
        match op:
            case minic.NullOp() | minic.ZeroOp():
                return True
            case minic.LoadOp() if is_binding(op.place):
                return op.place not in self._open and self._variable_is_literal(op.place)
            case minic.LoadOp():
                at = self.place(op.place)
                return bool(at.steps) and self.holds_literals(at.base)
            case minic.CallOp():
                return self._literals is not None and self._literals.returns_literals(op.callee.data)
            case minic.SelectOp():
                return all(map(self.is_literal, choices(pointer)))
            case minic.DecayOp():
                return isinstance(op.place.owner, minic.StringOp)
            case _:
                return False

    def _variable_is_literal(self, place: SSAValue) -> bool:
        """A variable that holds literals, one literal, or an entry of a table."""
        pointer, owner = self.pointer(place), place.owner
        if pointer.kind is PointerKind.STATIC:
            return True
        if not isinstance(owner, minic.LocalOp) or owner.init is None:
            return False
        return pointer.kind in (PointerKind.ALIAS, PointerKind.SLICE) and self.is_literal(owner.init)

    def _argument_vector(self, variable: Variable) -> Path:
        """`argv`: an array of arrays that `main` has for itself."""
        if variable.definitions > 1:
            moved = next(iter((*variable.updates, *variable.assigns)))
            raise self._refuse(
                Code.POINTER_TO_POINTER, moved, f"`{variable.name}` is moved", help="use an index into it"
            )
        return Path(Base(BaseKind.LOCAL, variable.place)).then(Elem())

    def _common_array(self, variable: Variable, own: Path) -> Path:
        """The one array that all values of a moving pointer lie in."""
        found: Path | None = own.container if variable.is_parameter else None
        decided: SSAValue | None = None
        for value in variable.values:
            if self._is_open(value):
                continue  # moves from where it is: p = p + 1
            path = self.resolve(value)
            array = self._array_of(path, variable, value)
            if found is not None and array != found:
                raise self._two_bases(variable, value, decided)
            found, decided = array, value
        if found is None:
            raise self._refuse(
                Code.UNINITIALIZED, variable.place.owner, f"pointer `{variable.name}` is never given an object"
            )
        return found

    def _is_open(self, value: SSAValue) -> bool:
        """True when the value is a position of a variable that is being classified right now."""
        op = value.owner
        match op:
            case minic.LoadOp():
                return op.place in self._open
            case minic.PtrAddOp():
                return self._is_open(op.pointer)
            case minic.CastOp():
                return self._is_open(op.operand)
            case _:
                return False

    def _array_of(self, path: Path, variable: Variable, value: SSAValue) -> Path:
        if path.is_null:
            raise self._refuse(
                Code.NULL_UNPROVEN,
                _at(value),
                f"pointer `{variable.name}` may be null",
                help="give it an object when it is declared; a nullable pointer needs `Option`, which is not built yet",
            )
        if path.last_elem is None:
            raise self._refuse(
                Code.SEVERAL_BASES,
                _at(value),
                f"pointer `{variable.name}` is moved to an object that is not part of an array",
                help="use one pointer variable for each object",
            )
        if any(isinstance(step, Elem) and step.terms for step in path.steps[:-1]):
            raise self._refuse(
                Code.SEVERAL_BASES,
                _at(value),
                f"pointer `{variable.name}` moves between rows chosen at run time",
                help="declare a pointer for each row where it is used, with its value",
            )
        return path.container

    # --- values --------------------------------------------------------------------------------------------------------------

    def resolve(self, value: SSAValue) -> Path:
        """Where a pointer value points."""
        known = self._paths.get(value)
        if known is None:
            known = self._paths[value] = self._resolve(value)
        return known

    def _resolve(self, value: SSAValue) -> Path:
        op = value.owner
        match op:
            case minic.LoadOp():
                return self._loaded(op)
            case minic.DecayOp():
                return self.place(op.place).then(Elem())
            case minic.AddrOp():
                if (variable := self._variables.get(op.place)) is not None and variable.is_pointer:
                    # It refuses: the address is taken here, and through it the variable may be written that nothing else uses.
                    self.pointer(op.place)
                return self.place(op.place)
            case minic.PtrAddOp():
                return self._moved(self.resolve(op.pointer), op.index, op.negative is not None, op)
            case minic.CastOp() if isinstance(op.operand.type, PtrType):
                return self.resolve(op.operand)
            case minic.CastOp():
                raise self._refuse(
                    Code.INTEGER_TO_POINTER,
                    op,
                    "an integer is made into a pointer",
                    help="safe Rust has no such conversion",
                )
            case minic.NullOp():
                return Path(Base(BaseKind.NULL))
            case minic.SelectOp():
                return self._selected(op)
            case minic.CallOp() if self.is_literal(value):
                return Path(Base(BaseKind.SLICE, value)).then(Elem())
            case _:
                raise self._unknown(_at(value))

    def _loaded(self, op: minic.LoadOp) -> Path:
        if not is_binding(op.place):
            return self._stored(op)
        pointer = self.pointer(op.place)
        if pointer.kind is PointerKind.CURSOR:
            return pointer.path.moved(0, Term(op.result))
        return pointer.path

    def _stored(self, op: minic.LoadOp) -> Path:
        """A pointer read out of memory: only struct fields hold pointers that can be followed."""
        at = self.place(op.place)
        if at.base.place is not None and is_argument_vector(at.base.place) and len(at.steps) == 1:
            return at.then(Elem())
        if at.steps and self.holds_literals(at.base):
            return Path(Base(BaseKind.FIELD), (), at).then(Elem())
        if at.base.kind is BaseKind.GLOBAL and not at.steps:
            raise self._refuse(
                Code.GLOBAL_POINTER,
                op,
                f"global `{at.base.symbol}` is a pointer",
                help="use the array that it points to",
            )
        if not at.steps or not isinstance(at.steps[-1], Field):
            raise self._refuse(
                Code.UNFOLLOWED_POINTER,
                op,
                "a pointer is stored in an array or a global",
                help="keep pointers in parameters, local variables and struct fields",
            )
        return Path(Base(BaseKind.FIELD), (), at).then(Elem())

    def _moved(self, path: Path, index: SSAValue, negative: bool, op: Operation) -> Path:
        constant = constant_of(index)
        if path.last_elem is None or path.is_null:
            if constant == 0 and not path.is_null:
                return path
            raise self._refuse(
                Code.SINGLE_OBJECT,
                op,
                "pointer arithmetic on an object that is not part of an array",
                help="a pointer to a single object can only be dereferenced",
            )
        if constant is not None:
            return path.moved(-constant if negative else constant)
        return path.moved(0, Term(index, negative))

    def _selected(self, op: minic.SelectOp) -> Path:
        if all(map(self.is_literal, choices(op.result))):
            return Path(Base(BaseKind.SLICE, op.result)).then(Elem())
        first, second = (self.resolve(_yielded(region.block)) for region in (op.if_true, op.if_false))
        if first == second:
            return first
        if first.last_elem is not None and second.last_elem is not None and first.container == second.container:
            return first.container.then(Elem(0, (Term(op.result),)))
        raise self._refuse(
            Code.SEVERAL_BASES,
            op,
            "`?:` chooses between pointers into different objects",
            help="choose between the values, or write an `if` with one use in each branch",
        )

    # --- places --------------------------------------------------------------------------------------------------------------

    def place(self, place: SSAValue) -> Path:
        """The path of a place."""
        op = place.owner
        match op:
            case Block() | minic.LocalOp():
                return Path(Base(BaseKind.LOCAL, place))
            case minic.GlobalRefOp():
                return Path(Base(BaseKind.GLOBAL, None, op.symbol.data))
            case minic.FieldOp():
                return self.place(op.base).then(Field(op.field.data))
            case minic.DerefOp():
                return self._dereferenced(self.resolve(op.pointer), op)
            case minic.IndexOp():
                return self._moved(self._dereferenced(self.resolve(op.pointer), op), op.index, False, op)
            case minic.StringOp():
                return Path(Base(BaseKind.STRING, place))
            case minic.TemporaryOp():
                return Path(Base(BaseKind.TEMPORARY, place))
            case _:
                raise AssertionError(f"not a place: {op.name}")

    def _dereferenced(self, path: Path, op: Operation) -> Path:
        if path.is_null:
            raise self._refuse(
                Code.NULL_DEREFERENCED, op, "the null pointer is dereferenced", help="point it at an object first"
            )
        return path

    # --- refusals ------------------------------------------------------------------------------------------------------------

    def _two_bases(self, variable: Variable, value: SSAValue, other: SSAValue | None) -> CompileError:
        at = None if other is None else span_of(_at(other))
        labels = () if at is None else (Label(at, "and into another object here"),)
        return refusal(
            Code.SEVERAL_BASES,
            span_of(_at(value)),
            f"pointer `{variable.name}` points into more than one object",
            label="into this object here",
            labels=labels,
            help="use one pointer variable for each object",
        )

    def _linked(self, variable: Variable) -> CompileError:
        at = next(iter(variable.values), None)
        return self._refuse(
            Code.RECURSIVE_STRUCT,
            self._function if at is None else _at(at),
            f"pointer `{variable.name}` follows links from object to object",
            help="linked objects take shared handles (rung 7); keep the objects in an array, and indices as links",
        )

    def _unknown(self, op: Operation) -> CompileError:
        """A pointer that comes out of a function."""
        callee = op.callee.data if isinstance(op, minic.CallOp) else ""
        if callee in _ALLOCATORS:
            return self._refuse(
                Code.HEAP_ALLOCATION,
                op,
                f"`{callee}` makes an object on the heap",
                help="owned objects (`Box`, `Vec`: rung 5) are not built yet; let the caller pass the buffer",
            )
        if callee in _STREAMS:
            return self._refuse(
                Code.FILE_STREAM, op, f"`{callee}` gives a file stream", help="pass the bytes in a buffer"
            )
        return self._refuse(
            Code.RETURNED_POINTER,
            op,
            "a pointer returned by a function is used",
            help="let the function return an index, or fill a buffer that the caller passes",
        )

    def _refuse(self, code: Code, at: Operation | Block, message: str, *, help: str = "") -> CompileError:
        where = at if isinstance(at, Operation) else self._function
        return refusal(code, span_of(where), message, help=help)


def is_argument_vector(place: SSAValue) -> bool:
    """The parameter `argv` of `main`."""
    block = place.owner
    function = block.parent_op() if isinstance(block, Block) else None
    if (
        not isinstance(function, minic.FuncOp)
        or function.sym_name.data != "main"
        or not isinstance(place.type, PlaceType)
    ):
        return False
    kind = place.type.of
    return isinstance(kind, PtrType) and isinstance(kind.pointee, PtrType)


def points_to_const(kind: object) -> bool:
    """True for a pointer to const."""
    return isinstance(kind, PtrType) and bool(kind.is_const.data)


def _pointers_in(value: SSAValue) -> Iterator[SSAValue]:
    """The pointers in an initial value."""
    op = value.owner
    if isinstance(op, minic.AggregateOp):
        for each in op.elements:
            yield from _pointers_in(each)
    elif isinstance(value.type, PtrType):
        yield value


def _uncast(value: SSAValue) -> Operation | Block:
    op = value.owner
    while isinstance(op, minic.CastOp):
        op = op.operand.owner
    return op


def _yielded(block: Block) -> SSAValue:
    end = block.last_op
    assert isinstance(end, minic.YieldOp)
    return end.value


def _at(value: SSAValue) -> Operation:
    assert isinstance(value.owner, Operation)
    return value.owner


def _address_of(variable: Variable) -> Operation:
    return next(use.operation for use in variable.place.uses if isinstance(use.operation, minic.AddrOp))
