"""What happens to each variable of a function: its definitions, its reads, whether its address leaves.

    int x = 1; f(&x); x += 2;       x: one initial value, one update, address taken

A variable is *stable* when it is given a value once and its address is never taken: then a read of it means the same wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.ir import Attribute, BlockArgument, Operation, Region, SSAValue

from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, PlaceType, PtrType
from compiler.dialects.walking import ops_inside


@dataclass(slots=True)
class Variable:
    """The uses of one local or parameter. `values` are the initial and assigned values."""

    place: SSAValue
    name: str
    is_parameter: bool
    values: list[SSAValue] = field(default_factory=list[SSAValue])
    assigns: list[minic.AssignOp] = field(default_factory=list[minic.AssignOp])
    updates: list[minic.UpdateOp] = field(default_factory=list[minic.UpdateOp])
    loads: list[minic.LoadOp] = field(default_factory=list[minic.LoadOp])
    address_taken: bool = False

    @property
    def definitions(self) -> int:
        """How many times it gets a value, the caller's argument included."""
        return self.is_parameter + len(self.values) + len(self.updates)

    @property
    def is_stable(self) -> bool:
        """One value for its whole life."""
        return self.definitions <= 1 and not self.address_taken

    @property
    def is_pointer(self) -> bool:
        """True for a pointer variable."""
        return isinstance(self.type, PtrType)

    @property
    def is_array(self) -> bool:
        """True for an array."""
        return isinstance(self.type, ArrayType)

    @property
    def type(self) -> Attribute:
        """The minic type of what it holds."""
        assert isinstance(self.place.type, PlaceType)
        return self.place.type.of


def variables_of(function: minic.FuncOp) -> dict[SSAValue, Variable]:
    """Every local and parameter of a function by its place."""
    found: dict[SSAValue, Variable] = {}
    names = function.param_names.data
    for argument, name in zip(function.body.block.args, names, strict=True):
        found[argument] = _variable(argument, name.data, True)
    for op in ops_inside(function.body.block):
        if type(op) is minic.LocalOp:
            found[op.place] = _variable(op.place, op.var_name.data, False)
    return found


def _variable(place: SSAValue, name: str, is_parameter: bool) -> Variable:
    variable = Variable(place, name, is_parameter)
    if not is_parameter and isinstance(place.owner, minic.LocalOp) and place.owner.init is not None:
        variable.values.append(place.owner.init)
    for use in place.uses:
        _note_use(variable, use.operation)
    return variable


def _note_use(variable: Variable, user: Operation) -> None:
    match user:
        case minic.LoadOp():
            variable.loads.append(user)
        case minic.AssignOp():
            variable.values.append(user.value)
            variable.assigns.append(user)
        case minic.UpdateOp():
            variable.updates.append(user)
        case minic.AddrOp():
            variable.address_taken = True
        case _:
            pass  # decay and field keep inside an aggregate; they are paths, not escapes of a scalar


def root_of(value: SSAValue) -> Operation:
    """The statement op at the root of the tree that a value belongs to."""
    op = value.owner
    assert isinstance(op, Operation)
    while not minic.is_statement(op):
        use = next(iter(op.results[0].uses), None) if op.results else None
        if use is None:
            return op
        op = use.operation
    return op


def is_binding(place: SSAValue) -> bool:
    """True for the place of a local or a parameter."""
    return isinstance(place, BlockArgument) or isinstance(place.owner, minic.LocalOp)


def encloses(outer: Operation, inner: Operation) -> bool:
    """True when `inner` is `outer` or stands somewhere inside it."""
    at: Operation | None = inner
    while at is not None:
        if at is outer:
            return True
        at = at.parent_op()
    return False


def encloses_region(region: Region, inner: Operation) -> bool:
    """True when `inner` stands somewhere inside the region."""
    at: Operation | None = inner
    while at is not None:
        if at.parent is not None and at.parent.parent is region:
            return True
        at = at.parent_op()
    return False


def previous_statement(op: Operation) -> Operation | None:
    """The statement before `op` in its block."""
    at = op.prev_op
    while at is not None and not minic.is_statement(at):
        at = at.prev_op
    return at
