"""The subset of Python that the model is written in, to LLVM IR.

    def queue(s, b, now):                  define internal i64 @queue(ptr %s, i64 %a.b, i64 %a.now) {
        return s.free[b] - now     ->        ... load, sub, ret i64

Everything is a 64-bit integer.  `k.name` becomes a literal, `s.name[i]` a load or store at the array's
fixed place in the state buffer, names of modules' integer constants become literals.  Anything outside
the subset is an `assert` failure: it is our own source, not the user's.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.jit.ir import Body, convention

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "udiv",
    ast.Mod: "urem",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "shl",
    ast.RShift: "ashr",
}
_PREDICATES: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "slt",
    ast.LtE: "sle",
    ast.Gt: "sgt",
    ast.GtE: "sge",
}

UNROLLED = 8
"""Most turns of a loop that is written out; its body must not leave it, or the translator will say so."""

Function = Callable[..., Any]
Expansion = Callable[[Body, list[str]], str]


_INLINE = frozenset(
    {"block_of", "translate", "home_of", "put", "wake", "ctz", "set_register", "dram_queue", "spad_queue"}
    | {"peek", "poke", "run", "dram_access", "spad_access", "network", "call_pieces"}
    | {"some_due"}
    | {
        "position",
        "thread_at",
        "beat",
        "beat_size",
        "dma_note_beat",
        "wake_engine",
        "dma_count_of",
        "hold_bank",
    }
    | {"load_time", "atomic_time", "posted_time"}
    | {"init_beat", "copy_beat", "range_time", "engine_of", "dma_refuses"}
    | {"note_calls", "arbitrate_all", "some_cycles", "is_idle"}
)
"""Small or hot functions; every other one stays out of line, so that modules compile fast."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What names mean: constants of `k`, places of arrays, and the intrinsics."""

    constants: Mapping[str, int]
    places: Mapping[str, int]
    expansions: Mapping[str, Expansion] = field(default_factory=dict[str, Expansion])
    """Calls replaced by instructions; the state pointer is not among their operands."""


def translate_function(function: Function, env: Environment) -> str:
    """The IR of one function, internal to the module."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return _Translator(tree, function.__globals__, env).run()


class _Translator:
    def __init__(self, tree: ast.FunctionDef, scope: Mapping[str, Any], env: Environment) -> None:
        self.tree, self.scope, self.env = tree, scope, env
        self.body = Body()
        self.slots: dict[str, str] = {}
        self.loops: list[tuple[str, str]] = []
        self.open = True
        """The current block still lacks its end."""

    def run(self) -> str:
        arguments = [a.arg for a in self.tree.args.args if a.arg not in ("k", "s")]
        assigned = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for name in sorted(assigned | set(arguments)):
            self.slots[name] = self.body.variable()
        for name in arguments:
            self.body.store(f"%a.{name}", self.slots[name])
        self._statements(self.tree.body)
        if self.open:
            self.body.emit("ret i64 0")
        head = ", ".join(["ptr %s", *(f"i64 %a.{a}" for a in arguments)])
        inline = "alwaysinline" if self.tree.name in _INLINE else "noinline"
        return f"define internal {convention(self.tree.name)}i64 @{self.tree.name}({head}) nounwind {inline} {{\nentry:\n{self.body.text()}\n}}\n"

    # statements

    def _statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if not self.open:
                return
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Return():
                self.body.emit(f"ret i64 {self._value(node.value) if node.value else '0'}")
                self.open = False
            case ast.Assign(targets=[target]):
                self._assign(target, self._value(node.value))
            case ast.AugAssign():
                self._augment(node)
            case ast.If():
                self._if(node)
            case ast.While():
                self._while(node)
            case ast.For():
                self._for(node)
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr():
                self._value(node.value)
            case ast.Break() | ast.Continue():
                self._end(self.loops[-1][isinstance(node, ast.Break)])
            case _:
                raise AssertionError(f"not in the subset: {ast.unparse(node)}")

    def _end(self, label: str) -> None:
        if self.open:
            self.body.jump(label)
        self.open = False

    def _begin(self, label: str) -> None:
        self.body.label(label)
        self.open = True

    def _assign(self, target: ast.expr, value: str) -> None:
        if isinstance(target, ast.Name):
            self.body.store(value, self.slots[target.id])
        else:
            assert isinstance(target, ast.Subscript)
            self.body.store(value, self._place(target))

    def _augment(self, node: ast.AugAssign) -> None:
        pointer = self.slots[node.target.id] if isinstance(node.target, ast.Name) else self._place(node.target)
        amount = self._value(node.value)
        old = self.body.load(pointer)
        self.body.store(self.body.binary(_ARITHMETIC[type(node.op)], old, amount), pointer)

    def _if(self, node: ast.If) -> None:
        then, otherwise, after = (self.body.fresh(stem) for stem in ("then", "else", "endif"))
        self._test(node.test, then, otherwise)
        self._begin(then)
        self._statements(node.body)
        self._end(after)
        self._begin(otherwise)
        self._statements(node.orelse)
        self._end(after)
        self._begin(after)

    def _while(self, node: ast.While) -> None:
        head, body, after = (self.body.fresh(stem) for stem in ("head", "body", "done"))
        self._end(head)
        self._begin(head)
        self._test(node.test, body, after)
        self._loop(node.body, head, body, head, after)

    def _loop(self, statements: list[ast.stmt], head: str, body: str, step: str, after: str) -> None:
        self._begin(body)
        self.loops.append((step, after))
        self._statements(statements)
        self.loops.pop()
        self._end(step)
        if step == head:
            self._begin(after)

    def _for(self, node: ast.For) -> None:
        assert isinstance(node.iter, ast.Call) and isinstance(node.target, ast.Name)
        bounds = [self._value(a) for a in node.iter.args]
        first, last = bounds if len(bounds) == 2 else ("0", bounds[0])
        counter = self.slots[node.target.id]
        if first.isdigit() and last.isdigit() and int(last) - int(first) <= UNROLLED:
            for value in range(int(first), int(last)):
                self.body.store(str(value), counter)
                self._statements(node.body)
            return
        head, body, step, after = (self.body.fresh(stem) for stem in ("head", "body", "step", "done"))
        self.body.store(first, counter)
        self._end(head)
        self._begin(head)
        self.body.branch(self.body.compare("slt", self.body.load(counter), last), body, after)
        self._loop(node.body, head, body, step, after)
        self._begin(step)
        self.body.add_to(counter, "1")
        self._end(head)
        self._begin(after)

    # conditions

    def _test(self, node: ast.expr, then: str, otherwise: str) -> None:
        match node:
            case ast.BoolOp(op=ast.And()):
                self._chain(node.values, lambda rest: (rest, otherwise), then, otherwise)
            case ast.BoolOp(op=ast.Or()):
                self._chain(node.values, lambda rest: (then, rest), then, otherwise)
            case ast.UnaryOp(op=ast.Not()):
                self._test(node.operand, otherwise, then)
            case _:
                self.body.branch(self._condition(node), then, otherwise)
                self.open = False

    def _chain(
        self, values: list[ast.expr], route: Callable[[str], tuple[str, str]], then: str, otherwise: str
    ) -> None:
        for value in values[:-1]:
            rest = self.body.fresh("and")
            self._test(value, *route(rest))
            self._begin(rest)
        self._test(values[-1], then, otherwise)

    def _condition(self, node: ast.expr) -> str:
        match node:
            case ast.Compare(ops=[ast.In()], comparators=[ast.Tuple(elts=choices)]):
                return self._among(self._value(node.left), choices)
            case ast.Compare(ops=[op], comparators=[right]):
                return self.body.compare(_PREDICATES[type(op)], self._value(node.left), self._value(right))
            case _:
                return self.body.compare("ne", self._value(node), "0")

    def _among(self, value: str, choices: list[ast.expr]) -> str:
        found = "false"
        for choice in choices:
            found = self.body.binary("or", found, self.body.compare("eq", value, self._value(choice)), "i1")
        return found

    # values

    def _value(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=int() as number):
                return str(int(number))
            case ast.Name():
                return self._name(node.id)
            case ast.Attribute(value=ast.Name(id="k")):
                return str(self.env.constants[node.attr])
            case ast.Subscript():
                return self.body.load(self._place(node))
            case ast.BinOp():
                return self.body.binary(_ARITHMETIC[type(node.op)], self._value(node.left), self._value(node.right))
            case ast.UnaryOp(op=ast.USub()):
                return self.body.binary("sub", "0", self._value(node.operand))
            case ast.UnaryOp(op=ast.Invert()):
                return self.body.binary("xor", "-1", self._value(node.operand))
            case ast.IfExp():
                return self._choice(node.test, node.body, node.orelse)
            case ast.Compare():
                return self.body.flag(self._condition(node))
            case ast.BoolOp() | ast.UnaryOp():
                return self._choice(node, ast.Constant(1), ast.Constant(0))
            case ast.Call(func=ast.Name(id=name)):
                return self._call(name, node.args)
            case _:
                raise AssertionError(f"not in the subset: {ast.unparse(node)}")

    def _name(self, name: str) -> str:
        if name in self.slots:
            return self.body.load(self.slots[name])
        number = self.scope[name]
        assert isinstance(number, int)
        return str(int(number))

    def _choice(self, test: ast.expr, yes: ast.expr, no: ast.expr) -> str:
        slot = self.body.variable()
        then, otherwise, after = (self.body.fresh(stem) for stem in ("yes", "no", "chosen"))
        self._test(test, then, otherwise)
        for label, value in ((then, yes), (otherwise, no)):
            self._begin(label)
            self.body.store(self._value(value), slot)
            self._end(after)
        self._begin(after)
        return self.body.load(slot)

    def _call(self, name: str, arguments: list[ast.expr]) -> str:
        given = [a for a in arguments if not (isinstance(a, ast.Name) and a.id in ("k", "s"))]
        if name == "observe":
            return "0"
        values = [self._value(a) for a in given]
        if name in self.env.expansions:
            return self.env.expansions[name](self.body, values)
        return self.body.call_with_state(name, *values)

    def _place(self, node: ast.expr) -> str:
        assert isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute)
        base = self.env.places[node.value.attr]
        index = self._value(node.slice)
        if not index.startswith("%"):
            return self.body.element("%s", str(base + int(index)))
        return self.body.element(self.body.element("%s", str(base)), index)
