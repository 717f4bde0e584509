"""The kinds of straight-line code, a function each: seeded random numbers in, a function's text out.

Sizes and shapes are drawn so that every kind has blocks that fit the registers and blocks that do not.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from compiler.tuning.blocks.builder import FLOATS, BlockBuilder, Value

INTEGERS = ("i32", "i64")
BITWISE = ("arith.xori", "arith.andi", "arith.ori")


LONGEST = 160
"""Operations of a block, at most; what is longer is drawn again."""


def draw_block(kind: str, random: Random) -> str:
    """The text of a block, its function named `block`."""
    builder = BlockBuilder()
    KINDS[kind](builder, random)
    return builder.text() if len(builder.lines) <= LONGEST else draw_block(kind, random)


def _dag(b: BlockBuilder, random: Random, types: Sequence[str], operations: Sequence[str]) -> None:
    """A random graph: operands are recent values or old ones, how often which is drawn; what nobody uses is stored."""
    kind = random.choice(types)
    values = [b.load(kind) for _ in range(random.randint(2, 40))]
    reach = random.choice((2, 4, 8, 16, 32, 64))
    used: set[str] = set()
    for _ in range(random.randint(8, 120)):
        a, c = (random.choice(values[-reach:]) if random.random() < 0.8 else random.choice(values) for _ in range(2))
        used |= {a.name, c.name}
        values.append(b.binary(random.choice(operations), a, c))
    for value in [each for each in values if each.name not in used][:64]:
        b.store(value)


def integer_dag(b: BlockBuilder, random: Random) -> None:
    _dag(b, random, INTEGERS, ("add", "sub", "mul", *BITWISE))


def float_dag(b: BlockBuilder, random: Random) -> None:
    _dag(b, random, FLOATS, ("add", "sub", "mul"))


def vector_dag(b: BlockBuilder, random: Random) -> None:
    _dag(b, random, ("vector<4xf32>", "vector<2xf64>"), ("add", "sub", "mul"))


def chain(b: BlockBuilder, random: Random) -> None:
    """Several dependent chains, interleaved."""
    kind = random.choice((*INTEGERS, *FLOATS))
    chains = [b.load(kind) for _ in range(random.randint(1, 28))]
    operations = ("add", "sub", "mul") if kind in FLOATS else ("add", "sub", "mul", *BITWISE)
    for _ in range(random.randint(2, 12)):
        operation, other = random.choice(operations), b.load(kind)
        chains = [b.binary(operation, each, other) for each in chains]
    for each in chains:
        b.store(each)


def tree(b: BlockBuilder, random: Random) -> None:
    """A balanced reduction of loaded values, all loaded first or each when it is needed."""
    kind = random.choice((*INTEGERS, *FLOATS))
    operation = random.choice(("add", "mul"))
    leaves = random.randint(4, 64)
    if random.random() < 0.5:
        level = [b.load(kind) for _ in range(leaves)]
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            level = [b.binary(operation, x, y) for x, y in pairs] + level[len(level) // 2 * 2 :]
        b.store(level[0])
        return
    b.store(_tree_of(b, kind, operation, leaves))


def _tree_of(b: BlockBuilder, kind: str, operation: str, leaves: int) -> Value:
    if leaves == 1:
        return b.load(kind)
    return b.binary(
        operation, _tree_of(b, kind, operation, leaves // 2), _tree_of(b, kind, operation, leaves - leaves // 2)
    )


def polynomial(b: BlockBuilder, random: Random) -> None:
    """Horner's scheme at several points, by multiplication and addition or fused."""
    kind, fused = random.choice(FLOATS), random.random() < 0.5
    points = [b.load(kind) for _ in range(random.randint(1, 24))]
    values = [b.constant("1.0", kind) for _ in points]
    for degree in range(random.randint(2, 12)):
        coefficient = b.constant(f"{degree + 2}.5", kind)
        values = [
            b.fma(value, x, coefficient) if fused else b.add(b.mul(value, x), coefficient)
            for value, x in zip(values, points, strict=True)
        ]
    for value in values:
        b.store(value)


def micro_kernel(b: BlockBuilder, random: Random) -> None:
    """Outer products: rows times columns of accumulators that live throughout."""
    kind = random.choice((*FLOATS, "vector<4xf32>", "i32"))
    rows, columns, steps = random.randint(1, 6), random.randint(1, 8), random.randint(1, 6)
    sums = {(i, j): b.load(kind) for i in range(rows) for j in range(columns)}
    for _ in range(steps):
        left, top = [b.load(kind) for _ in range(rows)], [b.load(kind) for _ in range(columns)]
        sums = {(i, j): b.add(each, b.mul(left[i], top[j])) for (i, j), each in sums.items()}
    for each in sums.values():
        b.store(each)


def butterfly(b: BlockBuilder, random: Random) -> None:
    """Radix-2 stages of a Fourier transform over complex numbers."""
    kind, stages = random.choice(FLOATS), random.randint(1, 3)
    points = [(b.load(kind), b.load(kind)) for _ in range(random.choice((2, 4, 8, 16)))]
    for stage in range(stages):
        turn = (b.constant(f"0.{stage + 3}", kind), b.constant(f"0.{stage + 5}", kind))
        half = len(points) // 2
        pairs = list(zip(points[:half], points[half:], strict=True))
        turned = [(p, _complex_product(b, q, turn)) for p, q in pairs]
        points = [
            each
            for p, q in turned
            for each in ((b.add(p[0], q[0]), b.add(p[1], q[1])), (b.sub(p[0], q[0]), b.sub(p[1], q[1])))
        ]
    for real, imaginary in points:
        b.store(real)
        b.store(imaginary)


def _complex_product(b: BlockBuilder, p: tuple[Value, Value], q: tuple[Value, Value]) -> tuple[Value, Value]:
    real = b.sub(b.mul(p[0], q[0]), b.mul(p[1], q[1]))
    return real, b.add(b.mul(p[0], q[1]), b.mul(p[1], q[0]))


def hash_mix(b: BlockBuilder, random: Random) -> None:
    """Rounds of rotations, multiplications and exclusive ors over a state of a few words."""
    kind = random.choice(INTEGERS)
    width = int(kind[1:])
    state = [b.load(kind) for _ in range(random.randint(1, 16))]
    for _ in range(random.randint(1, 6)):
        state = [_mixed(b, each, state[position - 1], width, random) for position, each in enumerate(state)]
    for each in state:
        b.store(each)


def _mixed(b: BlockBuilder, a: Value, other: Value, width: int, random: Random) -> Value:
    turn = random.randint(1, width - 1)
    left = b.binary("arith.shli", a, b.constant(str(turn), a.type))
    right = b.binary("arith.shrui", a, b.constant(str(width - turn), a.type))
    turned = b.binary("arith.ori", left, right)
    return b.binary(random.choice(("add", "mul", "arith.xori")), turned, other)


def carry_chain(b: BlockBuilder, random: Random) -> None:
    """Addition or multiplication of numbers of several 64-bit words."""
    words = random.randint(2, 12)
    left, right = [b.load("i64") for _ in range(words)], [b.load("i64") for _ in range(words)]
    if random.random() < 0.5:
        _add_words(b, left, right)
    else:
        _multiply_words(b, left[:6], right[: random.randint(1, 4)])


def _add_words(b: BlockBuilder, left: Sequence[Value], right: Sequence[Value]) -> None:
    carry = b.constant("0", "i64")
    for x, y in zip(left, right, strict=True):
        partial, first = b.two("arith.addui_extended", x, y, ("i64", "i1"))
        total, second = b.two("arith.addui_extended", partial, carry, ("i64", "i1"))
        carry = b.convert("arith.extui", b.binary("arith.ori", first, second), "i64")
        b.store(total)
    b.store(carry)


def _multiply_words(b: BlockBuilder, left: Sequence[Value], right: Sequence[Value]) -> None:
    columns = [b.constant("0", "i64") for _ in range(len(left) + len(right))]
    for i, x in enumerate(left):
        for j, y in enumerate(right):
            low, high = b.two("arith.mului_extended", x, y, ("i64", "i64"))
            columns[i + j], carry = b.two("arith.addui_extended", columns[i + j], low, ("i64", "i1"))
            columns[i + j + 1] = b.add(columns[i + j + 1], b.add(high, b.convert("arith.extui", carry, "i64")))
    for column in columns:
        b.store(column)


def sorting_network(b: BlockBuilder, random: Random) -> None:
    """Compare and exchange, in the order of an odd-even network."""
    kind, count = random.choice((*INTEGERS, *FLOATS)), random.randint(2, 20)
    values = [b.load(kind) for _ in range(count)]
    for stage in range(random.randint(1, 5)):
        for i in range(stage % 2, count - 1, 2):
            smaller = b.less(values[i], values[i + 1])
            low, high = b.select(smaller, values[i], values[i + 1]), b.select(smaller, values[i + 1], values[i])
            values[i], values[i + 1] = low, high
    for value in values:
        b.store(value)


def quotients(b: BlockBuilder, random: Random) -> None:
    """Divisions and square roots among cheap operations."""
    kind = random.choice(FLOATS)
    values = [b.load(kind) for _ in range(random.randint(2, 24))]
    for _ in range(random.randint(1, 4)):
        for i, value in enumerate(values):
            other = values[i - 1]
            match random.randrange(6):
                case 0:
                    values[i] = b.binary("div", value, other)
                case 1:
                    values[i] = b.unary("math.sqrt", b.mul(value, value))
                case 2:
                    values[i] = b.add(value, other)
                case _:
                    values[i] = b.mul(value, other)
    for value in values:
        b.store(value)


def gather(b: BlockBuilder, random: Random) -> None:
    """Positions computed from positions; the loads depend on them."""
    kind = random.choice((*INTEGERS, *FLOATS))
    base = [b.argument("index") for _ in range(random.randint(1, 4))]
    total = None
    for _ in range(random.randint(3, 40)):
        step = b.constant(str(random.randint(1, 63)), "index")
        position = b.binary("arith.addi", b.binary("arith.muli", random.choice(base), step), random.choice(base))
        element = b.load_at(kind, position)
        total = element if total is None else b.add(total, element)
    assert total
    b.store(total)


def stencil(b: BlockBuilder, random: Random) -> None:
    """Weighted sums over overlapping windows of loaded values."""
    kind = random.choice(FLOATS)
    width, count = random.randint(2, 9), random.randint(1, 24)
    cells = [b.load(kind) for _ in range(width + count - 1)]
    weights = [b.constant(f"0.{i + 1}", kind) for i in range(width)]
    for start in range(count):
        total = b.mul(cells[start], weights[0])
        for i in range(1, width):
            total = b.add(total, b.mul(cells[start + i], weights[i]))
        b.store(total)


def conversions(b: BlockBuilder, random: Random) -> None:
    """Between integers and floating point, wide and narrow."""
    for _ in range(random.randint(2, 20)):
        whole = b.load(random.choice(INTEGERS))
        real = b.convert("arith.sitofp", whole, "f64")
        scaled = b.mul(real, b.load("f64"))
        match random.randrange(3):
            case 0:
                b.store(b.convert("arith.truncf", scaled, "f32"))
            case 1:
                b.store(b.convert("arith.fptosi", scaled, "i32"))
            case _:
                b.store(b.add(b.convert("arith.extf", b.load("f32"), "f64"), scaled))


def small_matrices(b: BlockBuilder, random: Random) -> None:
    """Product of two small matrices, all elements loaded first."""
    kind, n = random.choice((*FLOATS, "i32")), random.randint(2, 4)
    left, right = [[[b.load(kind) for _ in range(n)] for _ in range(n)] for _ in range(2)]
    for i in range(n):
        for j in range(n):
            total = b.mul(left[i][0], right[0][j])
            for k in range(1, n):
                total = b.add(total, b.mul(left[i][k], right[k][j]))
            b.store(total)


def bits(b: BlockBuilder, random: Random) -> None:
    """Population counts, leading zeros, masks and shifts."""
    kind = random.choice(INTEGERS)
    values = [b.load(kind) for _ in range(random.randint(1, 24))]
    for _ in range(random.randint(1, 4)):
        for i, value in enumerate(values):
            match random.randrange(5):
                case 0:
                    values[i] = b.unary("math.ctpop", value)
                case 1:
                    values[i] = b.unary("math.ctlz", value)
                case 2:
                    values[i] = b.binary("arith.shrui", value, b.constant(str(random.randint(1, 31)), kind))
                case _:
                    values[i] = b.binary(random.choice(BITWISE), value, values[i - 1])
    for value in values:
        b.store(value)


KINDS: Mapping[str, Callable[[BlockBuilder, Random], None]] = {
    "integer-dag": integer_dag,
    "float-dag": float_dag,
    "vector-dag": vector_dag,
    "chain": chain,
    "tree": tree,
    "polynomial": polynomial,
    "micro-kernel": micro_kernel,
    "butterfly": butterfly,
    "hash": hash_mix,
    "carry-chain": carry_chain,
    "sorting-network": sorting_network,
    "quotients": quotients,
    "gather": gather,
    "stencil": stencil,
    "conversions": conversions,
    "small-matrices": small_matrices,
    "bits": bits,
}
"""Name, which is the family of its samples, to what draws one."""
