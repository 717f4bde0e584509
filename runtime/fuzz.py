"""Random programs that terminate, for holding the two simulators against each other.

`random_program(seed)` is assembly text with the entry label `p<seed>`; several can be concatenated with
`random_suite` into one program, so that one compilation serves many runs.  Every thread runs the same code
on shared data, so banks, channels, engines and queues are contended; all engine operations occur; loops
have fixed trip counts; collectives stand outside divergent code.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from runtime.isa import ISA, Spec, Unit

DATA_BYTES = 1024
_X = ["t0", "t1", "t2", "a1", "a2", "a3", "a4", "a5", "s2", "s3", "s4"]
_F = ["fa0", "fa1", "fa2", "ft0", "ft1", "fs0"]
_INTERESTING = (0, 1, -1, 2, 7, 63, 64, 1 << 31, -(1 << 31), (1 << 63) - 1, -(1 << 63), 0x3FF0000000000000)
_FLOATS = ("0.0", "1.5", "-2.25", "1e300", "1e-310", "0.1", "3e9", "-7e18")
# Reserved: s0 = shared DRAM, s1 = own scratchpad, s5/s6 = loop counters, s7 = ticket, s8 = scratch address,
# s9 = index array, s10 = far scratchpad, s11 = spawned thread.


class _Writer:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.lines: list[str] = []
        self.labels = 0
        self.depth = 0

    def label(self) -> str:
        self.labels += 1
        return f".L{self.seed}_{self.labels}"

    def add(self, *lines: str) -> None:
        self.lines += lines

    def x(self) -> str:
        return self.rng.choice(_X)

    def program(self) -> str:
        self.add(f"p{self.seed}:")
        self._prologue()
        for _ in range(self.rng.randint(2, 4)):
            self._section()
        self._early_end()
        for _ in range(self.rng.randint(1, 2)):
            self._section()
        self.add("    piuma.fence", "    piuma.halt")
        self._function()
        return "\n".join(self.lines) + "\n"

    def _prologue(self) -> None:
        self.add("    la s0, shared", "    la s1, pad", "    la s9, indices", "    piuma.tid s8")
        self.add("    piuma.nblocks s10", "    piuma.block t0", "    addi t0, t0, 1", "    remu s10, t0, s10")
        self.add("    slli s10, s10, 24", "    li t0, 0x40000000", "    add s10, s10, t0")
        for r in _X:
            choice = self.rng.choice((*_INTERESTING, self.rng.getrandbits(64) - (1 << 63)))
            self.add(f"    li {r}, {choice}")
            if self.rng.random() < 0.5:
                self.add(f"    add {r}, {r}, s8")
        for r in _F:
            self.add(f"    fcvt.d.l {r}, {self.x()}")

    def _section(self) -> None:
        """Uniform control: every live thread comes here."""
        self.rng.choice((self._loop, self._straight, self._collective, self._queue, self._spawn, self._call))()

    def _loop(self) -> None:
        counter = "s5" if self.depth == 0 else "s6"
        head = self.label()
        self.add(f"    li {counter}, {self.rng.randint(1, 4)}", f"{head}:")
        self.depth += 1
        self._straight()
        if self.depth < 2 and self.rng.random() < 0.3:
            self._loop()
        self.depth -= 1
        self.add(f"    addi {counter}, {counter}, -1", f"    bnez {counter}, {head}")

    def _straight(self) -> None:
        for _ in range(self.rng.randint(2, 8)):
            self._operation()

    def _operation(self) -> None:
        kinds: list[tuple[Callable[[], None], int]] = [
            (self._local, 8),
            (self._load_or_store, 4),
            (self._atomic, 3),
            (self._skip, 2),
            (self._transfer, 1),
            (self._other, 1),
        ]
        self.rng.choices([f for f, _ in kinds], [w for _, w in kinds])[0]()

    def _local(self) -> None:
        spec = self.rng.choice(_LOCAL)
        self.add(f"    {spec.mnemonic} {self._operands(spec)}")

    def _operands(self, spec: Spec, **fixed: str) -> str:
        text = spec.syntax
        given = {name: fixed.get(name) or self._operand(name) for name in spec.fields}
        for name in spec.fields:
            text = text.replace(name, given[name], 1)
        return text

    def _operand(self, name: str) -> str:
        if name[0] == "x":
            return self.x() if self.rng.random() < 0.95 else "zero"
        if name[0] == "f":
            return self.rng.choice(_F)
        ranges = {"i12": (-2048, 2047), "u5": (0, 31), "u6": (0, 63), "u12": (0, 4095), "u20": (0, 0xFFFFF)}
        if name in ranges:
            return str(self.rng.randint(*ranges[name]))
        return str(self.rng.choice(_INTERESTING))

    def _point(self) -> None:
        """s8 = an 8-byte aligned address in one of the shared areas, depending on data."""
        base = self.rng.choice(("s0", "s1", "s10"))
        self.add(f"    andi s8, {self.x()}, {self.rng.choice((0x38, 0x1F8, 0x3F8))}", f"    add s8, s8, {base}")

    def _load_or_store(self) -> None:
        spec = self.rng.choice(_MEMORY)
        if self.rng.random() < 0.7:
            self._point()
            self.add(f"    {spec.mnemonic} {self._operands(spec, x1='s8', i12='0')}")
        else:
            offset = str(self.rng.randrange(0, DATA_BYTES, 8))
            self.add(f"    {spec.mnemonic} {self._operands(spec, x1=self.rng.choice(('s0', 's1')), i12=offset)}")

    def _atomic(self) -> None:
        spec = self.rng.choice(_ATOMIC)
        self._point()
        self.add(f"    {spec.mnemonic} {self._operands(spec, x1='s8')}")

    def _skip(self) -> None:
        target = self.label()
        name = self.rng.choice(("beq", "bne", "blt", "bge", "bltu", "bgeu"))
        self.add(f"    {name} {self.x()}, {self.x()}, {target}")
        for _ in range(self.rng.randint(1, 4)):
            self.rng.choice((self._local, self._local, self._load_or_store, self._atomic))()
        self.add(f"{target}:")

    def _transfer(self) -> None:
        spec = self.rng.choice(_TRANSFERS)
        form = spec.mnemonic.split(".")[2]
        area = self.rng.choice(("s0", "s1"))
        self.add(f"    addi s8, {area}, {64 * self.rng.randint(0, 3)}", f"    li a6, {4 * self.rng.randint(0, 12)}")
        fixed = {"xd": "s7", "x1": "s8", "x2": "s9", "x3": "a6", "x4": "a6", "x5": "a7", "f1": "fa0"}
        if form in ("copy", "strided"):
            fixed["x2"] = self.rng.choice(("s0", "s9", "s1"))
        if form == "strided":
            self.add("    li a7, 16", "    li a6, 8")
            fixed["x4"] = "a7"
        if form == "init":
            fixed["x2"] = self.x()
        if form in ("gather", "scatter", "scaled"):
            fixed["x2" if form == "gather" else "x3"] = "s0"
            fixed["x3" if form == "gather" else "x2"] = "s9"
            fixed["x1"] = area
        self.add(f"    {spec.mnemonic} {self._operands(spec, **fixed)}")
        if self.rng.random() < 0.6:
            self.add("    piuma.dma.wait s7")

    def _other(self) -> None:
        choice = self.rng.choice(("fence", "inv", "mark 7", "cycle", "qtrypop"))
        if choice == "cycle":
            self.add(f"    piuma.cycle {self.x()}")
        elif choice == "qtrypop":
            self.add("    li s8, 1", f"    piuma.qtrypop {self.x()}, s8")
        else:
            self.add(f"    piuma.{choice}")

    def _collective(self) -> None:
        spec = self.rng.choice(_COLLECTIVES)
        self.add(f"    {spec.mnemonic} {self._operands(spec)}")

    def _queue(self) -> None:
        queue = self.rng.choice((0, 2))
        self.add(f"    li s8, {queue}", f"    piuma.qpush s8, {self.x()}")
        self._straight()
        self.add(f"    li s8, {queue}", f"    piuma.qpop {self.x()}, s8")

    def _spawn(self) -> None:
        after = self.label()
        self.add(f"    la s8, f{self.seed}", f"    piuma.spawn s11, s8, {self.x()}")
        self._straight()
        self.add(f"    bltz s11, {after}", "    piuma.join s11", f"{after}:")

    def _call(self) -> None:
        if self.rng.random() < 0.5:
            self.add(f"    jal ra, f{self.seed}")
        else:
            self.add(f"    la s8, f{self.seed}", "    jalr ra, 0(s8)")

    def _early_end(self) -> None:
        """Some threads leave before the rest."""
        after = self.label()
        self.add("    piuma.tid s8", f"    andi s8, s8, {self.rng.choice((1, 3, 7))}", f"    bnez s8, {after}")
        self.add("    piuma.halt", f"{after}:")

    def _function(self) -> None:
        """Callable and spawnable: saves what a fresh thread lacks."""
        self.add(f"f{self.seed}:", "    la s0, shared", "    la s1, pad", "    la s9, indices", "    mv s10, s1")
        for _ in range(self.rng.randint(2, 6)):
            self.rng.choice((self._local, self._load_or_store, self._atomic, self._skip))()
        self.add("    ret")


def _usable(spec: Spec) -> bool:
    return spec.unit.is_local and spec.unit is not Unit.BRANCH and spec.mnemonic != "la"


_LOCAL = [s for s in ISA.values() if _usable(s)]
_MEMORY = [s for s in ISA.values() if s.unit in (Unit.LOAD, Unit.STORE)]
_ATOMIC = [s for s in ISA.values() if s.unit in (Unit.ATOMIC, Unit.REDUCE)]
_TRANSFERS = [s for s in ISA.values() if s.handler == "dma_issue"]
_COLLECTIVES = [s for s in ISA.values() if s.handler == "collective"]


def random_program(seed: int) -> str:
    """One program without its data."""
    return _Writer(seed).program()


def random_data(seed: int) -> str:
    """The areas that the programs share."""
    rng = random.Random(seed)
    words = ", ".join(str(rng.choice(_INTERESTING)) for _ in range(DATA_BYTES // 8))
    floats = ", ".join(rng.choice(_FLOATS) for _ in range(DATA_BYTES // 8))
    indices = ", ".join(str(rng.randrange(DATA_BYTES // 8)) for _ in range(128))
    text = f".data\n.balign 64\nshared: .dword {words}\n.double {floats}\n.balign 64\nindices: .dword {indices}\n"
    return text + f".spad\n.balign 64\npad: .zero {2 * DATA_BYTES}\n"


def random_suite(seeds: range) -> str:
    """Programs `p<seed>` for every seed, with common data."""
    return ".text\n" + "".join(random_program(seed) for seed in seeds) + random_data(seeds.start)
