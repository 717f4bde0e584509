"""Runs minic: the oracle for the C front end. What it computes is compared with the C program compiled by cc.

    Interpreter(module).run()     the exit status of `main`

Each op becomes a closure over the frame's address; integers are wrapped as minic says, memory is flat bytes. Regions of statements
give None when control leaves them at their end, or the jump that leaves them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from minic_arithmetic import COMPARISONS, binary, conversion, wrap
from minic_library import ABORTED, Exit, library
from minic_memory import Memory
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, Region, SSAValue

from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, FloatType, IntType, PlaceType, PtrType, StructType

Eval = Callable[[int], Any]
"""From the address of the frame to a value (of a place: its address)."""


class OutOfFuel(Exception):
    """The program runs too long for an interpreter."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Why control leaves a block: `break`, `continue`, `return`, or `leave` with its label."""

    kind: str
    label: str = ""
    value: Any = None


_BREAK, _CONTINUE = Jump("break"), Jump("continue")


@dataclass(slots=True)
class _Function:
    """A function that is being, or has been, compiled to closures."""

    op: minic.FuncOp
    slots: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    frame: int = 0
    run: Eval | None = None


class Interpreter:
    """One minic module, ready to run."""

    def __init__(self, module: ModuleOp, fuel: int = 3_000_000) -> None:
        ops = list(module.body.block.ops)
        layouts = {op.sym_name.data: (op.size.data, 8) for op in ops if isinstance(op, minic.StructOp)}
        self.fields = {
            (op.sym_name.data, name.data): offset.data
            for op in ops
            if isinstance(op, minic.StructOp)
            for name, offset in zip(op.field_names, op.field_offsets, strict=True)
        }
        self.memory = Memory(layouts)
        self.structs = {op.sym_name.data: op for op in ops if isinstance(op, minic.StructOp)}
        self.functions = {op.sym_name.data: _Function(op) for op in ops if isinstance(op, minic.FuncOp)}
        self.output: list[bytes] = []
        self.library = library(self.memory, self.output)
        self.fuel = fuel
        self.strings: dict[str, int] = {}
        self.globals: dict[str, int] = {}
        found = [op for op in ops if isinstance(op, minic.GlobalOp)]
        for op in found:
            self.globals[op.sym_name.data] = self.memory.allocate(self.memory.size(op.type))
        for op in found:
            self._initialize(op)

    def run(self) -> int:
        """The exit status of the program."""
        try:
            main = self.functions["main"].op
            return self.call("main", [0] * len(main.param_types)) & 255
        except Exit as end:
            return end.status

    def call(self, name: str, args: list[Any]) -> Any:
        function = self.functions.get(name)
        if function is None or not function.op.body.blocks:
            return self.library[name](*args)
        if function.run is None:
            _Compiler(self, function).compile()
        assert function.run is not None
        memory = self.memory
        top = memory.top
        frame = memory.allocate(function.frame + 16)
        for param, slot, value in zip(function.op.param_types, function.slots.values(), args, strict=False):
            memory.writer(param)(frame + slot, value)
        jump = function.run(frame)
        memory.top = top
        return jump.value if isinstance(jump, Jump) else 0

    def _initialize(self, op: minic.GlobalOp) -> None:
        if not op.init.blocks or op.init.block.is_empty:
            return
        value = _Compiler(self, None).region_value(op.init)(0)
        self.memory.writer(op.type)(self.globals[op.sym_name.data], value)

    def string(self, digits: str) -> int:
        if digits not in self.strings:
            data = bytes.fromhex(digits)
            address = self.memory.allocate_forever(len(data))
            self.memory.bytes[address : address + len(data)] = data
            self.strings[digits] = address
        return self.strings[digits]


class _Compiler:
    """Compiles the body of one function, or a global's initial value, to closures."""

    def __init__(self, owner: Interpreter, function: _Function | None) -> None:
        self.owner = owner
        self.memory = owner.memory
        self.function = function or _Function(minic.FuncOp.create())
        self.is_static = function is None
        self.known: dict[SSAValue, Eval] = {}

    def compile(self) -> None:
        body = self.function.op.body.block
        for param in body.args:
            self._slot(param)
        self.function.run = self.statements(list(body.ops))

    def _slot(self, place: SSAValue) -> int:
        assert isinstance(place.type, PlaceType)
        function = self.function
        slot = function.slots[place] = (function.frame + 15) & ~15
        function.frame = slot + self.memory.size(place.type.of) + 1
        self.known[place] = lambda frame: frame + slot
        return slot

    # --- regions ---

    def region(self, region: Region) -> Eval:
        return self.statements(list(region.block.ops))

    def statements(self, ops: list[Operation]) -> Eval:
        """A block of statements: runs them until one jumps."""
        runs: list[Eval] = []
        for op in ops:
            if isinstance(op, minic.STATEMENT_OPS):
                runs.append(self.statement(op))
            else:
                self.known[op.results[0]] = self.expression(op)

        def run(frame: int) -> Jump | None:
            for each in runs:
                jump = each(frame)
                if jump is not None:
                    return jump
            return None

        return run

    def region_value(self, region: Region) -> Eval:
        """A region that ends in `yield`: its statements, then the value."""
        ops = list(region.block.ops)
        end = ops[-1]
        assert isinstance(end, minic.YieldOp)
        before = self.statements(ops[:-1])
        value = self.known[end.value]

        def run(frame: int) -> Any:
            if before(frame) is not None:
                raise AssertionError("a jump out of an expression")
            return value(frame)

        return run

    def use(self, value: SSAValue) -> Eval:
        return self.known[value]

    # --- statements ---

    def statement(self, op: Operation) -> Eval:
        match op:
            case minic.LocalOp():
                return self._local(op)
            case minic.AssignOp():
                return self._assign(op)
            case minic.UpdateOp():
                return self._update(op)
            case minic.EvalOp():
                return _dropping(self.use(op.value))
            case minic.CallStmtOp():
                return _dropping(self._call(op.callee.data, list(op.args)))
            case minic.AssertOp():
                return self._assert(op)
            case minic.CommentOp():
                return lambda frame: None
            case minic.ScopeOp():
                return self.region(op.body)
            case minic.IfOp():
                return self._if(op)
            case minic.WhileOp() | minic.DoWhileOp() | minic.ForOp():
                return self._loop(op)
            case minic.SwitchOp():
                return self._switch(op)
            case minic.BreakOp():
                return lambda frame: _BREAK
            case minic.ContinueOp():
                return lambda frame: _CONTINUE
            case minic.LabelledOp():
                return self._labelled(op)
            case minic.LeaveOp():
                leave = Jump("leave", op.label.data)
                return lambda frame: leave
            case minic.ReturnOp():
                value: Eval = self.use(op.value) if op.value is not None else _nothing
                return lambda frame: Jump("return", value=value(frame))
            case _:
                raise AssertionError(op.name)

    def _local(self, op: minic.LocalOp) -> Eval:
        slot = self._slot(op.place)
        if op.init is None:
            return lambda frame: None
        assert isinstance(op.place.type, PlaceType)
        write, value = self.memory.writer(op.place.type.of), self.use(op.init)
        return lambda frame: write(frame + slot, value(frame))

    def _assign(self, op: minic.AssignOp) -> Eval:
        assert isinstance(op.place.type, PlaceType)
        write, place, value = self.memory.writer(op.place.type.of), self.use(op.place), self.use(op.value)
        return lambda frame: write(place(frame), value(frame))

    def _update(self, op: minic.UpdateOp) -> Eval:
        assert isinstance(op.place.type, PlaceType)
        of = op.place.type.of
        read, write, place, value = (
            self.memory.reader(of),
            self.memory.writer(of),
            self.use(op.place),
            self.use(op.value),
        )
        there, back = conversion(of, op.compute), conversion(op.compute, of)
        if isinstance(op.compute, PtrType):
            step = self.memory.size(op.compute.pointee) * (1 if op.kind.data == "add" else -1)
            combine: Callable[[Any, Any], Any] = lambda a, b: a + step * b  # noqa: E731
        else:
            combine = binary(op.kind.data, op.compute)

        def run(frame: int) -> None:
            address = place(frame)
            operand = value(frame)
            write(address, back(combine(there(read(address)), operand)))

        return run

    def _assert(self, op: minic.AssertOp) -> Eval:
        cond = self.use(op.cond)

        def run(frame: int) -> None:
            if not cond(frame):
                raise Exit(ABORTED)

        return run

    def _if(self, op: minic.IfOp) -> Eval:
        cond, then, orelse = self.use(op.cond), self.region(op.then), self.region(op.orelse)
        return lambda frame: then(frame) if cond(frame) else orelse(frame)

    def _loop(self, op: minic.WhileOp | minic.DoWhileOp | minic.ForOp) -> Eval:
        body = self.region(op.body)
        cond = self.region_value(op.cond)
        step = self.region(op.step) if isinstance(op, minic.ForOp) else None
        owner, tests_first = self.owner, not isinstance(op, minic.DoWhileOp)

        def run(frame: int) -> Jump | None:
            go = not tests_first or cond(frame)
            while go:
                owner.fuel -= 1
                if owner.fuel < 0:
                    raise OutOfFuel
                jump = body(frame)
                if jump is _BREAK:
                    return None
                if jump is not None and jump is not _CONTINUE:
                    return jump
                if step is not None:
                    step(frame)
                go = cond(frame)
            return None

        return run

    def _switch(self, op: minic.SwitchOp) -> Eval:
        value = self.use(op.value)
        sections = [self.region(section) for section in op.sections]
        falls = [bool(each.data) for each in op.falls]
        entry = {label.data: at for at, labels in enumerate(op.labels) for label in labels}
        default = op.default_section.data

        def run(frame: int) -> Jump | None:
            at = entry.get(value(frame), default)
            while 0 <= at < len(sections):
                jump = sections[at](frame)
                if jump is not None:
                    return None if jump is _BREAK else jump
                if not falls[at]:
                    return None
                at += 1
            return None

        return run

    def _labelled(self, op: minic.LabelledOp) -> Eval:
        body, label = self.region(op.body), op.label.data

        def run(frame: int) -> Jump | None:
            jump = body(frame)
            return None if jump is not None and jump.kind == "leave" and jump.label == label else jump

        return run

    # --- expressions ---

    def expression(self, op: Operation) -> Eval:
        match op:
            case minic.ConstOp():
                value = op.value.data
                return lambda frame: value
            case minic.FloatConstOp():
                number = op.value.value.data
                return lambda frame: number
            case minic.NullOp():
                return lambda frame: 0
            case minic.ZeroOp():
                zero = self._zero(op.result.type)
                return lambda frame: zero
            case minic.AggregateOp():
                return self._aggregate(op)
            case minic.LoadOp():
                read, place = self.memory.reader(op.result.type), self.use(op.place)
                return lambda frame: read(place(frame))
            case minic.AddrOp() | minic.DecayOp():
                return self.use(op.place)
            case minic.CastOp():
                convert, operand = conversion(op.operand.type, op.result.type), self.use(op.operand)
                return lambda frame: convert(operand(frame))
            case minic.TruthOp():
                operand = self.use(op.operand)
                return lambda frame: int(operand(frame) != 0)
            case minic.NotOp():
                operand = self.use(op.operand)
                return lambda frame: 1 - operand(frame)
            case minic.BinaryOp():
                combine, lhs, rhs = binary(op.kind.data, op.result.type), self.use(op.lhs), self.use(op.rhs)
                return lambda frame: combine(lhs(frame), rhs(frame))
            case minic.UnaryOp():
                return self._unary(op)
            case minic.CompareOp():
                compare, lhs, rhs = COMPARISONS[op.kind.data], self.use(op.lhs), self.use(op.rhs)
                return lambda frame: int(compare(lhs(frame), rhs(frame)))
            case minic.LogicalOp():
                return self._logical(op)
            case minic.SelectOp():
                cond, yes, no = self.use(op.cond), self.region_value(op.if_true), self.region_value(op.if_false)
                return lambda frame: yes(frame) if cond(frame) else no(frame)
            case minic.CallOp():
                return self._call(op.callee.data, list(op.args))
            case _:
                return self.place(op)

    def place(self, op: Operation) -> Eval:
        """Places, and the arithmetic of pointers."""
        match op:
            case minic.GlobalRefOp():
                address = self.owner.globals[op.symbol.data]
                return lambda frame: address
            case minic.StringOp():
                text = self.owner.string(op.bytes.data)
                return lambda frame: text
            case minic.FieldOp():
                assert isinstance(op.base.type, PlaceType) and isinstance(op.base.type.of, StructType)
                offset, base = self.owner.fields[op.base.type.of.symbol.data, op.field.data], self.use(op.base)
                return lambda frame: base(frame) + offset
            case minic.DerefOp():
                return self.use(op.pointer)
            case minic.IndexOp() | minic.PtrAddOp():
                return self._moved(op)
            case minic.PtrDiffOp():
                assert isinstance(op.lhs.type, PtrType)
                lhs, rhs, size = self.use(op.lhs), self.use(op.rhs), self.memory.size(op.lhs.type.pointee)
                return lambda frame: (lhs(frame) - rhs(frame)) // size
            case minic.TemporaryOp():
                return self._temporary(op)
            case _:
                raise AssertionError(op.name)

    def _moved(self, op: minic.IndexOp | minic.PtrAddOp) -> Eval:
        assert isinstance(op.pointer.type, PtrType)
        size = self.memory.size(op.pointer.type.pointee)
        if isinstance(op, minic.PtrAddOp) and op.negative is not None:
            size = -size
        pointer, index = self.use(op.pointer), self.use(op.index)
        return lambda frame: pointer(frame) + size * index(frame)

    def _temporary(self, op: minic.TemporaryOp) -> Eval:
        write, value = self.memory.writer(op.value.type), self.use(op.value)
        if self.is_static:
            address = self.memory.allocate_forever(self.memory.size(op.value.type))
            write(address, value(0))
            return lambda frame: address
        slot = self._slot(op.place)

        def run(frame: int) -> int:
            write(frame + slot, value(frame))
            return frame + slot

        return run

    def _zero(self, of: Attribute) -> Any:
        if isinstance(of, ArrayType | StructType):
            return bytes(self.memory.size(of))
        return 0.0 if isinstance(of, FloatType) else 0

    def _aggregate(self, op: minic.AggregateOp) -> Eval:
        of = op.result.type
        parts = [(self.memory.encoder(each.type), self.use(each)) for each in op.elements]
        if isinstance(of, ArrayType):
            step = self.memory.size(of.element)
            offsets = [step * at for at in range(len(parts))]
        else:
            assert isinstance(of, StructType)
            offsets = [each.data for each in self.owner.structs[of.symbol.data].field_offsets]
        total = self.memory.size(of)

        def run(frame: int) -> bytes:
            data = bytearray(total)
            for offset, (encode, value) in zip(offsets, parts, strict=True):
                raw = encode(value(frame))
                data[offset : offset + len(raw)] = raw
            return bytes(data[:total])

        return run

    def _unary(self, op: minic.UnaryOp) -> Eval:
        operand, to = self.use(op.operand), op.result.type
        if isinstance(to, FloatType):
            return lambda frame: -operand(frame)
        assert isinstance(to, IntType)
        if op.kind.data == "neg":
            return lambda frame: wrap(-operand(frame), to)
        return lambda frame: wrap(~operand(frame), to)

    def _logical(self, op: minic.LogicalOp) -> Eval:
        lhs, rhs = self.use(op.lhs), self.region_value(op.rhs)
        if op.kind.data == "and":
            return lambda frame: int(bool(lhs(frame)) and bool(rhs(frame)))
        return lambda frame: int(bool(lhs(frame)) or bool(rhs(frame)))

    def _call(self, callee: str, args: list[SSAValue]) -> Eval:
        owner, values = self.owner, [self.use(arg) for arg in args]

        def run(frame: int) -> Any:
            owner.fuel -= 3
            if owner.fuel < 0:
                raise OutOfFuel
            return owner.call(callee, [value(frame) for value in values])

        return run


def _nothing(_frame: int) -> int:
    return 0


def _dropping(value: Eval) -> Eval:
    def run(frame: int) -> None:
        value(frame)

    return run
