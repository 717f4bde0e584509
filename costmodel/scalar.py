"""A subset of Python to machine code, for loops over arrays that would be hundreds of small array operations.

    def total(count: int, amounts: Floats, found: Floats) -> None:
        for at in range(count):
            found[0] = found[0] + amounts[at] if amounts[at] > 0.0 else found[0]

    native(total)(len(amounts), amounts, found)

Numbers are `int` (64 bits) or `float`; a variable has the type of what it is first given, nothing is converted but by `float(…)`. Arrays
are one after the other in memory and have one index. Statements: assignments, `if`, `while`, `for … in range(…)`, and at the end of a
function that others call `return`. Expressions: arithmetic, comparisons of two, `and`, `or`, `not` (of comparisons, both sides computed),
`a if b else c` (both computed), fields of a module's records, `float`, `abs`, `floor`, and calls of functions of the subset. What Python
computes of the same function is the same, to the bit. Anything else is an `assert` failure: it is our own source.

Why not numba: a first prediction would wait ten seconds for it to compile these functions, against half a second here, and what it keeps on disk
for later ones it takes for valid though a constant that another file defines has changed.
"""

from __future__ import annotations

import ast
import ctypes
import inspect
import textwrap
from collections.abc import Callable, Sequence
from functools import cache, wraps
from math import floor
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.native import Native, compiled

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
_FEW = 4
"""Calls of one function before it is compiled thoroughly: one choice of `kcc` makes at most so many."""
_KINDS = {"None": "void", "int": "i64", "float": "double", "Floats": "double*", "Integers": "i64*", "Flags": "i8*"}
_ELEMENTS = {"double*": np.dtype(np.float64), "i64*": np.dtype(np.int64), "i8*": np.dtype(np.bool_)}
_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("add", "fadd"),
    ast.Sub: ("sub", "fsub"),
    ast.Mult: ("mul", "fmul"),
    ast.Div: ("", "fdiv"),
    ast.Mod: ("", "frem"),
}
"""Of whole numbers, and of others; `%` is of numbers that are not negative."""
_COMPARED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("icmp eq", "fcmp oeq"),
    ast.NotEq: ("icmp ne", "fcmp une"),
    ast.Lt: ("icmp slt", "fcmp olt"),
    ast.LtE: ("icmp sle", "fcmp ole"),
    ast.Gt: ("icmp sgt", "fcmp ogt"),
    ast.GtE: ("icmp sge", "fcmp oge"),
}
_CALLS = {abs: "llvm.fabs.f64", floor: "llvm.floor.f64"}


def native(function: Callable[..., None]) -> Callable[..., None]:
    """The function as machine code: compiled quickly when it is first called, thoroughly when it turns out to be called often."""
    calls = 0
    code: Native | None = None
    elements: list[np.dtype[Any] | None] = []

    @wraps(function)
    def call(*arguments: Any) -> None:
        nonlocal calls, code, elements
        if code is None or calls <= _FEW:
            calls += 1
            code, kinds = _code(function, calls > _FEW)
            elements = [_ELEMENTS.get(kind) for kind in kinds]
        code(
            *[
                argument if element is None else _place(argument, element)
                for argument, element in zip(arguments, elements, strict=True)
            ]
        )

    return call


def _place(array: Any, element: np.dtype[Any]) -> int:
    found = array.dtype
    assert (found is element or found == element) and array.flags.c_contiguous, "an array of other numbers"
    return id(array)


_DATA = object.__basicsize__
"""Where in an array's object the address of its numbers stands (NumPy, ndarraytypes.h, PyArrayObject_fields: right after the head). Asking
NumPy for it takes longer than many of the loops; `_code` makes sure of it."""


@cache
def _code(function: Callable[..., None], thorough: bool) -> tuple[Native, tuple[str, ...]]:
    translators: dict[str, _Translator] = {}
    waiting: list[Callable[..., Any]] = [function]
    while waiting:
        each = waiting.pop()
        if each.__name__ not in translators:
            translators[each.__name__] = _Translator(each)
            waiting += translators[each.__name__].called
    declared = [f"declare double @{name}(double)" for name in _CALLS.values()]
    texts = [each.text() for each in translators.values()]
    kinds = tuple(translators[function.__name__].kinds)
    assert "double" not in kinds, "numbers are handed over as whole ones, others in arrays"
    some = np.zeros(1)
    assert ctypes.c_void_p.from_address(id(some) + _DATA).value == some.ctypes.data, "arrays of another layout"
    return compiled(
        "\n".join([*declared, *texts, _entry(function.__name__, kinds)]), "entry", len(kinds), thorough=thorough
    ), kinds


def _entry(name: str, kinds: Sequence[str]) -> str:
    """What is called from outside: with numbers, and with the places of arrays' objects."""
    lines: list[str] = []
    given = [f"ptr %d{at}" if "*" in kind else f"{kind} %a{at}" for at, kind in enumerate(kinds)]
    for at, kind in enumerate(kinds):
        if "*" in kind:
            lines.append(f"  %o{at} = inttoptr i64 %a{at} to ptr\n  %p{at} = getelementptr i8, ptr %o{at}, i64 {_DATA}")
            lines.append(f"  %d{at} = load ptr, ptr %p{at}")
    head = ", ".join(f"i64 %a{at}" for at in range(len(kinds)))
    lines.append(f"  call void @{name}({', '.join(given)})\n  ret void")
    return "\n".join([f"define void @entry({head}) {{", *lines, "}"])


class _Translator:
    """One function. Variables live in memory until LLVM finds them registers."""

    def __init__(self, function: Callable[..., Any]) -> None:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        self.tree, self.scope = tree, function.__globals__
        self.names = [each.arg for each in tree.args.args]
        self.kinds, self.gives = _signature(tree)
        self.called: list[Callable[..., Any]] = []
        self.arrays: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.body: list[str] = []
        self.count = 0
        for name, kind in zip(self.names, self.kinds, strict=True):
            if kind.endswith("*"):
                self.arrays[name] = kind.removesuffix("*")
            else:
                self._set(name, f"%a.{name}", kind)
        self._statements(tree.body)
        if self.gives == "void":
            self.body.append("ret void")

    def text(self) -> str:
        """The function's IR."""
        given = zip(self.names, self.kinds, strict=True)
        head = ", ".join(f"ptr noalias %a.{name}" if "*" in kind else f"{kind} %a.{name}" for name, kind in given)
        places = [f"  %v.{name} = alloca {kind}" for name, kind in self.variables.items()]
        inside = "\n".join([*places, *(line if line.endswith(":") else f"  {line}" for line in self.body)])
        return f"define internal {self.gives} @{self.tree.name}({head}) {{\nentry:\n{inside}\n}}\n"

    # statements

    def _statements(self, body: list[ast.stmt]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(ast.Constant(str())):
                pass
            case ast.Expr(ast.Call(ast.Name(name), arguments)):
                self._ours(self.scope[name], arguments)
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
                for place, found in zip(names, [self._expression(each) for each in values], strict=True):
                    assert isinstance(place, ast.Name)
                    self._set(place.id, *found)
            case ast.Assign([ast.Name(name)], value):
                self._set(name, *self._expression(value))
            case ast.Assign([ast.Subscript() as place], value):
                self._put(place, *self._expression(value))
            case ast.AugAssign(ast.Name(name) as place, operator, value):
                self._set(name, *self._arithmetic(operator, ast.Name(place.id), value))
            case ast.AugAssign(ast.Subscript() as place, operator, value):
                self._put(place, *self._arithmetic(operator, place, value))
            case ast.Return(ast.expr() as value) if node is self.tree.body[-1]:
                found, kind = self._expression(value)
                assert kind == self.gives, ast.unparse(node)
                self.body.append(f"ret {kind} {found}")
            case ast.If(test, body, rest):
                self._if(test, body, rest)
            case ast.While(test, body, []):
                self._while(test, body)
            case ast.For(ast.Name(name), ast.Call(ast.Name("range"), bounds), body, []):
                start, end = (ast.Constant(0), bounds[0]) if len(bounds) == 1 else bounds
                self._set(name, *self._expression(start))
                after = ast.AugAssign(ast.Name(name), ast.Add(), ast.Constant(1))
                self._while(ast.Compare(ast.Name(name), [ast.Lt()], [end]), [*body, after])
            case _:
                raise AssertionError(ast.unparse(node))

    def _if(self, test: ast.expr, body: list[ast.stmt], rest: list[ast.stmt]) -> None:
        then, other, end = (self._new() for _ in range(3))
        self.body.append(f"br i1 {self._test(test)}, label %{then}, label %{other}")
        for label, statements in ((then, body), (other, rest)):
            self.body.append(f"{label}:")
            self._statements(statements)
            self.body.append(f"br label %{end}")
        self.body.append(f"{end}:")

    def _while(self, test: ast.expr, body: list[ast.stmt]) -> None:
        again, then, end = (self._new() for _ in range(3))
        self.body += [f"br label %{again}", f"{again}:"]
        self.body += [f"br i1 {self._test(test)}, label %{then}, label %{end}", f"{then}:"]
        self._statements(body)
        self.body += [f"br label %{again}", f"{end}:"]

    def _set(self, name: str, value: str, kind: str) -> None:
        assert self.variables.setdefault(name, kind) == kind, f"`{name}` is {self.variables[name]}, not {kind}"
        self.body.append(f"store {kind} {value}, ptr %v.{name}")

    def _put(self, place: ast.Subscript, value: str, kind: str) -> None:
        where, element = self._element(place)
        assert element == kind, ast.unparse(place)
        self.body.append(f"store {kind} {value}, ptr {where}")

    # expressions

    def _new(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def _value(self, operation: str) -> str:
        name = f"%{self._new()}"
        self.body.append(f"{name} = {operation}")
        return name

    def _expression(self, node: ast.expr) -> tuple[str, str]:
        """The value, and its type."""
        match node:
            case ast.Constant(bool()):
                raise AssertionError("no number")
            case ast.Constant(int(number)):
                return str(number), "i64"
            case ast.Constant(float(number)):
                return _literal(number), "double"
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
                return self._test(node), "i1"
            case ast.Name(name) if name in self.variables:
                kind = self.variables[name]
                return self._value(f"load {kind}, ptr %v.{name}"), kind
            case ast.Name(name):
                return self._expression(ast.Constant(self.scope[name]))
            case ast.Attribute(ast.Name(name), field):
                return self._expression(ast.Constant(getattr(self.scope[name], field)))
            case ast.Subscript():
                return self._load(node)
            case ast.BinOp(left, operator, right):
                return self._arithmetic(operator, left, right)
            case ast.UnaryOp(ast.USub(), operand):
                value, kind = self._expression(operand)
                return self._value(f"sub i64 0, {value}" if kind == "i64" else f"fneg double {value}"), kind
            case ast.IfExp(test, left, right):
                (yes, kind), (no, other) = self._expression(left), self._expression(right)
                assert kind == other, ast.unparse(node)
                return self._value(f"select i1 {self._test(test)}, {kind} {yes}, {kind} {no}"), kind
            case ast.Call(ast.Name(name), arguments) if inspect.isfunction(self.scope.get(name)):
                return self._ours(self.scope[name], arguments)
            case ast.Call(ast.Name(name), [argument]):
                return self._call(name, *self._expression(argument))
            case _:
                raise AssertionError(ast.unparse(node))

    def _call(self, name: str, value: str, kind: str) -> tuple[str, str]:
        if name == "float":
            return (self._value(f"sitofp i64 {value} to double") if kind == "i64" else value), "double"
        function = _CALLS[self.scope.get(name, abs)]
        assert kind == "double", name
        return self._value(f"call double @{function}(double {value})"), "double"

    def _ours(self, function: Callable[..., Any], arguments: list[ast.expr]) -> tuple[str, str]:
        """A call of another function of the subset."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        kinds, gives = _signature(tree)
        given: list[str] = []
        for argument, kind in zip(arguments, kinds, strict=True):
            if isinstance(argument, ast.Name) and argument.id in self.arrays:
                assert f"{self.arrays[argument.id]}*" == kind, ast.unparse(argument)
                given.append(f"ptr %a.{argument.id}")
            else:
                value, found = self._expression(argument)
                assert found == kind, ast.unparse(argument)
                given.append(f"{kind} {value}")
        self.called.append(function)
        call = f"call {gives} @{function.__name__}({', '.join(given)})"
        if gives == "void":
            self.body.append(call)
            return "", gives
        return self._value(call), gives

    def _arithmetic(self, operator: ast.operator, left: ast.expr, right: ast.expr) -> tuple[str, str]:
        (first, kind), (second, other) = self._expression(left), self._expression(right)
        assert kind == other, f"{ast.unparse(left)}, {ast.unparse(right)}"
        operation = _ARITHMETIC[type(operator)][kind == "double"]
        return self._value(f"{operation} {kind} {first}, {second}"), kind

    def _element(self, node: ast.Subscript) -> tuple[str, str]:
        assert isinstance(node.value, ast.Name)
        kind, (index, _) = self.arrays[node.value.id], self._expression(node.slice)
        return self._value(f"getelementptr {kind}, ptr %a.{node.value.id}, i64 {index}"), kind

    def _load(self, node: ast.Subscript) -> tuple[str, str]:
        where, kind = self._element(node)
        value = self._value(f"load {kind}, ptr {where}")
        return (self._value(f"zext i8 {value} to i64"), "i64") if kind == "i8" else (value, kind)

    def _test(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp(operator, values):
                tests = [self._test(each) for each in values]
                word = "and" if isinstance(operator, ast.And) else "or"
                found = tests[0]
                for each in tests[1:]:
                    found = self._value(f"{word} i1 {found}, {each}")
                return found
            case ast.Name(name) if self.variables.get(name) == "i1":
                return self._value(f"load i1, ptr %v.{name}")
            case ast.UnaryOp(ast.Not(), operand):
                return self._value(f"xor i1 {self._test(operand)}, true")
            case ast.Compare(left, [operator], [right]):
                (first, kind), (second, other) = self._expression(left), self._expression(right)
                assert kind == other, ast.unparse(node)
                return self._value(f"{_COMPARED[type(operator)][kind == 'double']} {kind} {first}, {second}")
            case _:
                raise AssertionError(ast.unparse(node))


def _signature(tree: ast.FunctionDef) -> tuple[list[str], str]:
    kinds = [_KINDS[ast.unparse(each.annotation)] for each in tree.args.args if each.annotation]
    return kinds, "void" if tree.returns is None else _KINDS[ast.unparse(tree.returns)]


def _literal(number: float) -> str:
    """A number to the bit."""
    return f"0x{np.float64(number).view(np.uint64):016X}"
