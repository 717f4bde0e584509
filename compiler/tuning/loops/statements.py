"""What a loop nest computes, read from one line.

    i j k: C[i, j] += A[i, k] * B[k, j]
    i j if j <= i: y[i] += A[i, j] * x[j]

Iterators run from 0 up to an extent that the shape of a kernel gives; what stands after `if` are affine limits on top. The statement is
Python's, read by Python's parser: one assignment to an array element; sums, products, quotients, `max`, `min`, `exp`, `sqrt` of elements
and numbers; affine subscripts. In place reductions (`+=`, `M[i] = max(M[i], …)`) are associative, so that every order of the iterators
computes the same; anything else that reads the array it writes is refused by an assertion: the nests are ours.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Affine:
    """`sum of coefficient * iterator, + constant`, the iterators in alphabetic order, no coefficient 0."""

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    @staticmethod
    def of(terms: Mapping[str, int], constant: int = 0) -> "Affine":
        return Affine(tuple(sorted((name, each) for name, each in terms.items() if each)), constant)

    @staticmethod
    def iterator(name: str) -> "Affine":
        return Affine(((name, 1),))

    def __add__(self, other: "Affine") -> "Affine":
        terms = dict(self.terms)
        for name, coefficient in other.terms:
            terms[name] = terms.get(name, 0) + coefficient
        return Affine.of(terms, self.constant + other.constant)

    def __mul__(self, factor: int) -> "Affine":
        return Affine.of({name: each * factor for name, each in self.terms}, self.constant * factor)

    def __sub__(self, other: "Affine") -> "Affine":
        return self + other * -1

    def coefficient(self, iterator: str) -> int:
        return dict(self.terms).get(iterator, 0)

    def without(self, iterator: str) -> "Affine":
        return Affine(tuple(term for term in self.terms if term[0] != iterator), self.constant)

    def at(self, point: Mapping[str, int]) -> int:
        return self.constant + sum(factor * point[name] for name, factor in self.terms)

    def bounds(self, extents: Mapping[str, int]) -> tuple[int, int]:
        """The least and the greatest value over the box of the iterators."""
        ends = [sorted((0, each * (extents[name] - 1))) for name, each in self.terms]
        return self.constant + sum(low for low, _ in ends), self.constant + sum(high for _, high in ends)


@dataclass(frozen=True, slots=True)
class Access:
    """`array[index, …]`; an array without subscripts does not occur."""

    array: str
    index: tuple[Affine, ...]

    def shifted(self, offsets: Mapping[str, int]) -> "Access":
        """The same access with each iterator further by its offset."""
        moved = tuple(
            Affine(each.terms, each.constant + sum(factor * offsets.get(name, 0) for name, factor in each.terms))
            for each in self.index
        )
        return Access(self.array, moved)


class Operation(Enum):
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MAXIMUM = "max"
    MINIMUM = "min"
    EXP = "exp"
    SQRT = "sqrt"


@dataclass(frozen=True, slots=True)
class Compute:
    operation: Operation
    operands: tuple["Expression", ...]


Expression: TypeAlias = Access | float | Compute


@dataclass(frozen=True, slots=True)
class Nest:
    """One statement under its loops; `limits` are affine expressions that are at least 0 wherever the statement runs."""

    iterators: tuple[str, ...]
    limits: tuple[Affine, ...]
    target: Access
    value: Expression

    def accesses(self) -> Iterator[Access]:
        """Every element that is read or written, in the order of the text, the target first."""
        yield self.target
        yield from _accesses(self.value)

    def reductions(self) -> frozenset[str]:
        """The iterators that do not say which element is written."""
        return frozenset(self.iterators) - {name for index in self.target.index for name, _ in index.terms}


def _accesses(value: Expression) -> Iterator[Access]:
    match value:
        case Access():
            yield value
        case Compute(operands=operands):
            for operand in operands:
                yield from _accesses(operand)
        case _:
            pass


def read_nest(line: str) -> Nest:
    """The nest that a line describes."""
    head, _, statement = line.partition(": ")
    names, _, condition = head.partition(" if ")
    iterators = tuple(names.split())
    limits = tuple(_limit(each) for each in condition.split(" and ")) if condition else ()
    nest = Nest(iterators, limits, *_statement(ast.parse(statement.strip()).body[0]))
    used = {name for access in nest.accesses() for index in access.index for name, _ in index.terms}
    assert used <= set(iterators), f"`{line}` uses an iterator that does not run"
    assert all(access == nest.target for access in _accesses(nest.value) if access.array == nest.target.array), line
    return nest


def _limit(condition: str) -> Affine:
    match ast.parse(condition, mode="eval").body:
        case ast.Compare(left=left, ops=[ast.LtE()], comparators=[right]):
            return _affine(right) - _affine(left)
        case ast.Compare(left=left, ops=[ast.Lt()], comparators=[right]):
            return _affine(right) - _affine(left) + Affine(constant=-1)
        case _:
            raise AssertionError(f"no limit: {condition}")


def _statement(node: ast.stmt) -> tuple[Access, Expression]:
    match node:
        case ast.AugAssign(target=ast.Subscript() as target, op=ast.Add(), value=value):
            access = _access(target)
            return access, Compute(Operation.ADD, (access, _expression(value)))
        case ast.Assign(targets=[ast.Subscript() as target], value=value):
            return _access(target), _expression(value)
        case _:
            raise AssertionError(f"no statement: {ast.unparse(node)}")


def _access(node: ast.Subscript) -> Access:
    assert isinstance(node.value, ast.Name)
    subscripts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return Access(node.value.id, tuple(_affine(each) for each in subscripts))


_BINARY: Mapping[type[ast.operator], Operation] = {
    ast.Add: Operation.ADD,
    ast.Sub: Operation.SUBTRACT,
    ast.Mult: Operation.MULTIPLY,
    ast.Div: Operation.DIVIDE,
}


def _expression(node: ast.expr) -> Expression:
    match node:
        case ast.Subscript():
            return _access(node)
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.BinOp(left=left, op=operator, right=right):
            return Compute(_BINARY[type(operator)], (_expression(left), _expression(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return Compute(Operation(name), tuple(_expression(each) for each in arguments))
        case _:
            raise AssertionError(f"no expression: {ast.unparse(node)}")


def _affine(node: ast.expr) -> Affine:
    match node:
        case ast.Name(id=name):
            return Affine.iterator(name)
        case ast.Constant(value=int() as number):
            return Affine(constant=number)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _affine(left) + _affine(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _affine(left) - _affine(right)
        case ast.BinOp(left=ast.Constant(value=int() as factor), op=ast.Mult(), right=right):
            return _affine(right) * factor
        case _:
            raise AssertionError(f"not affine: {ast.unparse(node)}")
