"""From functions of the loop language to C functions.

    scf.for %i = %0 to %n step %1 iter_args(%s = %zero)        double total = 0.0;
      { … scf.yield %t }                                       for (int64_t i = 0; i < n; i++) { … total = …; }

What a loop carries is a variable, assigned at the end of each round; a loop that is the only user of an outer variable goes
on with that variable. Arrays that a function never writes are `const`.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from xdsl.dialects import arith, func, memref, omp, scf, vector
from xdsl.dialects.builtin import IntegerAttr, VectorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from compiler.analysis.loop_trees import continues_variable, ended_by, inlined
from compiler.analysis.loop_writes import parameters_behind
from compiler.dialects import cpu
from compiler.emit.c.expressions import EVALUATE_TWICE, PRINTERS
from compiler.emit.c.syntax import Text, bits_of, c_type, element_type, is_array, length_of, number_in_lanes
from compiler.emit.c.vectors import LOOK_UP, NAMES

WIDTH = 120
LINE_BITS = 512
"""Of a line of the cache, as most computers have it."""
RESERVED = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register"
    " restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false".split()
) | frozenset(NAMES)
_ACCUMULATES = {
    arith.AddiOp: "+=",
    arith.AddfOp: "+=",
    arith.OrIOp: "|=",
    arith.SubiOp: "-=",
}


_CONVERSIONS = (arith.ExtUIOp, arith.TruncIOp, arith.IndexCastOp)
"""Between unsigned integers of the widths that C knows, and an index: what an assignment does by itself."""


def _adds_nothing(op: Operation, inner: Operation) -> bool:
    """Whether a conversion of a conversion is the same without the inner one."""
    if isinstance(op, arith.IndexCastOp):
        return isinstance(inner, arith.ExtUIOp)
    return isinstance(op, arith.TruncIOp) and isinstance(inner, arith.IndexCastOp)


class Function:
    """One function while it is printed."""

    def __init__(self, op: func.FuncOp, written: frozenset[int]) -> None:
        self.op, self._written = op, written
        self.lines: list[str] = []
        self._depth = 0
        self._names: dict[SSAValue, str] = {}
        self._scopes: list[set[str]] = [set(RESERVED)]
        self._inlined = inlined(op, PRINTERS, EVALUATE_TWICE)
        self._print(written)

    def _print(self, written: frozenset[int]) -> None:
        parameters = [self._parameter(each, each.index in written) for each in self.op.body.block.args]
        outputs = self.op.function_type.outputs.data
        assert len(outputs) <= 1, "a C function has one result"
        private = self.op.sym_visibility is not None and self.op.sym_visibility.data == "private"
        kind = ("static " if private else "") + (c_type(outputs[0]) if outputs else "void")
        self._wrapped(f"{kind} {self.op.sym_name.data}(", parameters, ")")
        with self._braces():
            self._block(self.op.body.block)

    def _parameter(self, argument: BlockArgument, is_written: bool) -> str:
        name = self._name(argument)
        if not is_array(argument.type):
            return f"{c_type(argument.type)} {name}"
        kind = c_type(element_type(argument.type))
        return f"{'' if is_written else 'const '}{kind} *restrict {name}"

    # --- lines --------------------------------------------------------------------------------------------------------------

    def _line(self, text: str) -> None:
        self.lines.append("    " * self._depth + text if not text.startswith("#") else text)

    def _wrapped(self, head: str, parts: Sequence[str], tail: str) -> None:
        """`head` and parts, over as many lines as they need."""
        whole = head + ", ".join(parts) + tail
        if len(whole) + 4 * self._depth <= WIDTH:
            self._line(whole)
            return
        self._line(head)
        row: list[str] = []
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            shown = part + ("" if last else ",")
            if row and len(" ".join([*row, shown])) + 4 * self._depth + 8 > WIDTH:
                self._line("    " + " ".join(row))
                row = []
            row.append(shown)
        self._line("    " + " ".join(row) + tail)

    @contextmanager
    def _braces(self, head: str = "") -> Generator[None]:
        self._line(f"{head} {{" if head else "{")
        self._depth += 1
        with self._scope():
            yield
        self._depth -= 1
        self._line("}")

    # --- names --------------------------------------------------------------------------------------------------------------

    def _name(self, value: SSAValue) -> str:
        if value not in self._names:
            self._names[value] = self._fresh(value.name_hint or "x")
        return self._names[value]

    def _fresh(self, wanted: str) -> str:
        """A name that nothing visible here has."""
        taken = set[str]().union(*self._scopes)
        names = (wanted if again == 1 else f"{wanted}_{again}" for again in count(1))
        found = next(name for name in names if name not in taken)
        self._scopes[-1].add(found)
        return found

    @contextmanager
    def _scope(self) -> Generator[None]:
        """What is named in here is not known outside."""
        self._scopes.append(set())
        yield
        self._scopes.pop()

    def _text(self, value: SSAValue) -> Text:
        owner = value.owner
        if isinstance(owner, Operation) and owner in self._inlined:
            return self._expression(owner)
        return Text(self._name(value))

    def _expression(self, op: Operation) -> Text:
        """An op as an expression; of a chain of conversions that changes nothing in the middle, the last."""
        operands = [self._operand(op, each) for each in op.operands]
        inner = op.operands[0].owner if op.operands else None
        if isinstance(inner, Operation) and inner in self._inlined and _adds_nothing(op, inner):
            operands = [self._text(inner.operands[0])]
        if isinstance(op, arith.ShLIOp | arith.ShRUIOp):
            operands[1] = operands[1] if isinstance(op.result.type, VectorType) else self._unconverted(op.operands[1])
        return PRINTERS[type(op)](op, operands)

    def _operand(self, op: Operation, value: SSAValue) -> Text:
        """A constant that meets a vector goes into all lanes by itself."""
        owner = value.owner
        if isinstance(owner, arith.ConstantOp) and isinstance(value.type, VectorType) and len(op.operands) == 2:
            return number_in_lanes(owner)
        return self._text(value)

    def _unconverted(self, value: SSAValue, width: int | None = None) -> Text:
        """The text of a value where C converts by itself, to so many bits: assigned, or the distance of a shift."""
        width = width or bits_of(value.type)
        owner = value.owner
        if isinstance(owner, Operation) and owner in self._inlined and isinstance(owner, _CONVERSIONS):
            lossy = isinstance(owner, arith.TruncIOp) and bits_of(owner.result.type) < width
            if not lossy and width > 1:
                return self._unconverted(owner.operands[0], width)
        return self._text(value)

    def _initial(self, op: Operation) -> Text:
        """What a constant of the result's type is initialized with."""
        if isinstance(op, _CONVERSIONS) and bits_of(op.results[0].type) > 1:
            return self._unconverted(op.operands[0], bits_of(op.results[0].type))
        return self._expression(op)

    def _is_written(self, array: SSAValue) -> bool:
        """Whether the function may write into what the array is a part of: its own array, or a parameter."""
        behind = list(parameters_behind(array))
        return not behind or not self._written.isdisjoint(behind)

    def _declare(self, value: SSAValue, text: Text, constant: bool = True) -> None:
        kind = value.type
        shown = f"{c_type(element_type(kind))} *" if is_array(kind) else f"{c_type(kind)} "
        prefix = "const " if constant and not (is_array(kind) and self._is_written(value)) else ""
        self._line(f"{prefix}{shown}{self._name(value)} = {text.text};")

    # --- statements ---------------------------------------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        for op in block.ops:
            if op not in self._inlined:
                self._statement(op)

    def _statement(self, op: Operation) -> None:
        match op:
            case memref.StoreOp():
                self._store(op)
            case memref.AllocaOp():
                array: SSAValue = op.memref
                aligned = f"_Alignas({op.alignment.value.data}) " if op.alignment else ""
                self._line(f"{aligned}{c_type(element_type(array.type))} {self._name(array)}[{length_of(array.type)}];")
            case scf.ForOp():
                self._for(op)
            case scf.WhileOp():
                self._while(op)
            case scf.IfOp():
                self._if(op)
            case func.CallOp():
                self._call(op)
            case func.ReturnOp():
                if op.arguments:
                    self._line(f"return {self._text(op.arguments[0]).text};")
            case scf.YieldOp() | scf.ConditionOp() | omp.YieldOp() | omp.TerminatorOp():
                pass  # printed by what they end
            case _:
                self._other(op)

    def _other(self, op: Operation) -> None:
        match op:
            case omp.ParallelOp():
                threads = self._text(op.num_threads).text if op.num_threads else ""
                self._line(f"#pragma omp parallel{f' num_threads({threads})' if threads else ''}")
                with self._braces():
                    self._block(op.region.block)
            case omp.WsLoopOp():
                self._shared_loop(op)
            case cpu.PublishOp():
                self._publish(op)
            case cpu.ObserveOp():
                self._observe(op)
            case cpu.LetOthersOp():
                self._line("sched_yield();")
            case cpu.PrefetchOp():
                self._prefetch(op)
            case vector.StoreOp():
                place = f"{self._text(op.base).text}[{self._text(op.indices[0]).text}]"
                self._line(self._assignment(f"*({c_type(op.vector.type)} *)&{place}", op.vector))
            case cpu.LookUpOp():
                place = f"&{self._text(op.tables).text}[{self._text(op.position).text}]"
                self._declare(op.result, Text(f"{LOOK_UP}({place}, {self._text(op.codes).text})"))
            case _:
                assert type(op) in PRINTERS, f"{op.name} has no C"
                self._declare(op.results[0], self._initial(op))

    def _store(self, op: memref.StoreOp) -> None:
        place = f"{self._text(op.memref).text}[{self._text(op.indices[0]).text}]"
        self._line(self._assignment(place, op.value))

    def _assignment(self, place: str, value: SSAValue) -> str:
        """`place = value;`, or `place += more;` where the value is the place and more."""
        owner = value.owner
        operator = _ACCUMULATES.get(type(owner)) if isinstance(owner, Operation) else None  # pyright: ignore
        if isinstance(owner, Operation) and owner in self._inlined and operator is not None:
            text = self._text(value)
            whole = self._text(owner.operands[0]).text == place and not text.text.startswith("(")
            truth = c_type(value.type) == "bool"
            if whole and not truth:
                more = self._unconverted(owner.operands[1]).text
                return f"{place}++;" if (operator, more) == ("+=", "1") else f"{place} {operator} {more};"
        return f"{place} = {self._unconverted(value).text};"

    def _assign(self, places: Sequence[str], values: Sequence[SSAValue]) -> None:
        """All at once: what one assignment changes, no other reads changed."""
        texts = [self._text(each).text for each in values]
        todo = [at for at in range(len(places)) if texts[at] != places[at]]
        for order, at in enumerate(todo):
            if any(re.search(rf"\b{places[done]}\b", texts[at]) for done in todo[:order]):
                break
        else:
            for at in todo:
                self._line(self._assignment(places[at], values[at]))
            return
        kept = {at: self._fresh(f"next_{places[at]}") for at in todo}
        for at in todo:
            self._line(f"const {c_type(values[at].type)} {kept[at]} = {texts[at]};")
        for at in todo:
            self._line(f"{places[at]} = {kept[at]};")

    def _prefetch(self, op: cpu.PrefetchOp) -> None:
        array, position = self._text(op.array).text, self._text(op.position).text
        kind: Any = element_type(op.array.type)
        for line in range(op.lines.value.data if op.lines else 1):
            further = f" + {line * LINE_BITS // max(kind.bitwidth, 8)}" if line else ""
            self._line(f"__builtin_prefetch(&{array}[{position}{further}]);")

    def _publish(self, op: cpu.PublishOp) -> None:
        self._line("#pragma omp atomic write")
        place = f"{self._text(op.array).text}[{self._text(op.position).text}]"
        self._line(f"{place} = {self._unconverted(op.number).text};")

    def _observe(self, op: cpu.ObserveOp) -> None:
        name = self._name(op.result)
        self._line(f"{c_type(op.result.type)} {name};")
        self._line("#pragma omp atomic read")
        self._line(f"{name} = {self._text(op.array).text}[{self._text(op.position).text}];")

    def _call(self, op: func.CallOp) -> None:
        result = f"const {c_type(op.res[0].type)} {self._name(op.res[0])} = " if op.res and op.res[0].uses else ""
        self._called(result, op)

    def _called(self, head: str, op: func.CallOp) -> None:
        arguments = [self._text(each).text for each in op.arguments]
        self._wrapped(f"{head}{op.callee.string_value()}(", arguments, ");")

    # --- control ------------------------------------------------------------------------------------------------------------

    def _carry(self, starts: Sequence[SSAValue], inside: Sequence[SSAValue], results: Sequence[SSAValue]) -> list[str]:
        """The variables of what a loop carries, declared with their first values."""
        for start, value, result in zip(starts, inside, results, strict=True):
            if self._continues(start, result):
                self._names[value] = self._names[start]
            else:
                value.name_hint = value.name_hint or result.name_hint
                self._declare(value, self._text(start), constant=False)
            self._names[result] = self._names[value]
        return [self._names[each] for each in inside]

    def _continues(self, start: SSAValue, result: SSAValue) -> bool:
        """A variable of the block that the loop stands in, which nothing but the loop reads."""
        loop = result.owner
        assert isinstance(loop, Operation)
        return start in self._names and continues_variable(start, loop)

    def _for(self, op: scf.ForOp) -> None:
        index, *state = op.body.block.args
        carried = self._carry(op.iter_args, state, op.res)
        unroll = op.attributes.get(cpu.UNROLL)
        if isinstance(unroll, IntegerAttr):
            self._line(f"#pragma GCC unroll {unroll.value.data}")
        with self._scope(), self._braces(self._for_head(index, op.lb, op.ub, op.step)):
            self._block(op.body.block)
            self._assign(carried, ended_by(op.body.block))

    def _for_head(self, index: SSAValue, low: SSAValue, high: SSAValue, step: SSAValue) -> str:
        index.name_hint = index.name_hint or "i"
        name, by = self._name(index), self._text(step).text
        forward = f"{name}++" if by == "1" else f"{name} += {by}"
        kind = c_type(index.type)
        return f"for ({kind} {name} = {self._text(low).text}; {name} < {self._text(high).text}; {forward})"

    def _while(self, op: scf.WhileOp) -> None:
        head, body = op.before_region.block, op.after_region.block
        end = head.last_op
        assert isinstance(end, scf.ConditionOp)
        carried = self._carry(op.arguments, head.args, op.res)
        for passed, inside, name in zip(end.args, body.args, carried, strict=True):
            assert passed.type == inside.type
            self._names[inside] = name
        simple = all(each in self._inlined for each in head.ops if each is not end)
        if simple and list(end.args) == list(head.args):
            with self._braces(f"while ({self._text(end.condition).text})"):
                self._block(body)
                self._assign(carried, ended_by(body))
            return
        with self._braces("for (;;)"):
            self._block(head)
            self._leave_unless(end, carried)
            self._block(body)
            self._assign(carried, ended_by(body))

    def _leave_unless(self, end: scf.ConditionOp, carried: list[str]) -> None:
        """`if (!condition) break;`, after what the loop passes on has been assigned."""
        condition = self._text(end.condition)
        changes = [self._text(each).text for each in end.args] != carried
        if changes and not condition.text.isidentifier():
            kept = self._fresh("more")
            self._line(f"const bool {kept} = {condition.text};")
            condition = Text(kept)
        self._assign(carried, end.args)
        with self._braces(f"if (!{condition.text if condition.text.isidentifier() else f'({condition.text})'})"):
            self._line("break;")

    def _if(self, op: scf.IfOp) -> None:
        names = [self._name(each) for each in op.output]
        for each, name in zip(op.output, names, strict=True):
            self._line(f"{c_type(each.type)} {name};")
        self._branches(op, names, "if")

    def _branches(self, op: scf.IfOp, names: list[str], word: str) -> None:
        """Both branches; an `if` that is all of the other one goes on as `else if`."""
        with self._braces(f"{word} ({self._text(op.cond).text})"):
            self._branch(op.true_region.block, names)
        if not op.false_region.blocks or not (names or len(op.false_region.block.ops) > 1):
            return
        other = op.false_region.block
        self.lines.pop()
        nested = self._only_if(other)
        if nested is not None:
            self._branches(nested, names, "} else if")
            return
        with self._braces("} else"):
            self._branch(other, names)

    def _branch(self, block: Block, names: list[str]) -> None:
        """The block, then its results; a call that is the only result needs no name."""
        call = self._last_call(block)
        for op in block.ops:
            if call is not None and op is call:
                self._called(f"{names[0]} = ", call)
            elif op not in self._inlined:
                self._statement(op)
        if call is None:
            self._assign(names, ended_by(block))

    def _last_call(self, block: Block) -> func.CallOp | None:
        end = block.last_op
        call = end.operands[0].owner if end is not None and len(end.operands) == 1 else None
        fits = isinstance(call, func.CallOp) and call.parent is block and call.res[0].has_one_use()
        return call if fits and isinstance(call, func.CallOp) and call.next_op is end else None

    def _only_if(self, block: Block) -> scf.IfOp | None:
        """The `if` that a block is, apart from expressions."""
        rest = [op for op in block.ops if op not in self._inlined]
        if len(rest) == 2 and isinstance(rest[0], scf.IfOp) and list(rest[0].output) == list(ended_by(block)):
            return rest[0]
        return None

    def _shared_loop(self, op: omp.WsLoopOp) -> None:
        nest = op.body.block.first_op
        assert isinstance(nest, omp.LoopNestOp)
        modifier = f"{op.schedule_mod.data.value}: " if op.schedule_mod else ""
        kind = f" schedule({modifier}{op.schedule_kind.data.value})" if op.schedule_kind else ""
        self._line(f"#pragma omp for{kind}")
        (index,) = nest.body.block.args
        with self._scope(), self._braces(self._for_head(index, nest.lowerBound[0], nest.upperBound[0], nest.step[0])):
            self._block(nest.body.block)
