"""The rows of the instruction set (see `runtime.isa` for how to read one).

Plain loads and stores go through the issuing pipeline's L1 when the address is DRAM; their `piuma.`
twins are the native, uncached accesses.  Scratchpad addresses are never cached.
"""

_INTEGER = """
add       | ALU | xd, x1, x2 | x1 + x2
sub       | ALU | xd, x1, x2 | x1 - x2
and       | ALU | xd, x1, x2 | x1 & x2
or        | ALU | xd, x1, x2 | x1 or x2
xor       | ALU | xd, x1, x2 | x1 ^ x2
sll       | ALU | xd, x1, x2 | x1 << x2[5:0]
srl       | ALU | xd, x1, x2 | x1 >> x2[5:0], zeros in
sra       | ALU | xd, x1, x2 | x1 >> x2[5:0], sign in
slt       | ALU | xd, x1, x2 | x1 < x2, signed
sltu      | ALU | xd, x1, x2 | x1 < x2, unsigned
addw      | ALU | xd, x1, x2 | low word of x1 + x2, sign-extended
subw      | ALU | xd, x1, x2 | low word of x1 - x2, sign-extended
sllw      | ALU | xd, x1, x2 | low word of x1 << x2[4:0], sign-extended
srlw      | ALU | xd, x1, x2 | low word of x1 >> x2[4:0], zeros in, sign-extended
sraw      | ALU | xd, x1, x2 | low word of x1 >> x2[4:0], sign in
addi      | ALU | xd, x1, i12 | x1 + imm
andi      | ALU | xd, x1, i12 | x1 & imm
ori       | ALU | xd, x1, i12 | x1 or imm
xori      | ALU | xd, x1, i12 | x1 ^ imm
slti      | ALU | xd, x1, i12 | x1 < imm, signed
sltiu     | ALU | xd, x1, i12 | x1 < imm, unsigned
addiw     | ALU | xd, x1, i12 | low word of x1 + imm, sign-extended
slli      | ALU | xd, x1, u6 | x1 << imm
srli      | ALU | xd, x1, u6 | x1 >> imm, zeros in
srai      | ALU | xd, x1, u6 | x1 >> imm, sign in
slliw     | ALU | xd, x1, u5 | low word of x1 << imm, sign-extended
srliw     | ALU | xd, x1, u5 | low word of x1 >> imm, zeros in, sign-extended
sraiw     | ALU | xd, x1, u5 | low word of x1 >> imm, sign in
lui       | ALU | xd, u20 | imm << 12, sign-extended from bit 31
li        | ALU | xd, i64 | imm; one issue slot whatever its size
la        | ALU | xd, sym | address of a data symbol or a code label; one issue slot
sh1add    | ALU | xd, x1, x2 | (x1 << 1) + x2
sh2add    | ALU | xd, x1, x2 | (x1 << 2) + x2
sh3add    | ALU | xd, x1, x2 | (x1 << 3) + x2
add.uw    | ALU | xd, x1, x2 | zext(x1[31:0]) + x2
andn      | ALU | xd, x1, x2 | x1 & ~x2
orn       | ALU | xd, x1, x2 | x1 or ~x2
xnor      | ALU | xd, x1, x2 | ~(x1 ^ x2)
bclr      | ALU | xd, x1, x2 | x1, bit x2[5:0] cleared
bset      | ALU | xd, x1, x2 | x1, bit x2[5:0] set
binv      | ALU | xd, x1, x2 | x1, bit x2[5:0] inverted
bext      | ALU | xd, x1, x2 | bit x2[5:0] of x1
min       | ALU | xd, x1, x2 | smaller, signed
max       | ALU | xd, x1, x2 | larger, signed
minu      | ALU | xd, x1, x2 | smaller, unsigned
maxu      | ALU | xd, x1, x2 | larger, unsigned
rol       | ALU | xd, x1, x2 | rotate left by x2[5:0]
ror       | ALU | xd, x1, x2 | rotate right by x2[5:0]
clz       | ALU | xd, x1 | leading zero bits, 64 for 0
ctz       | ALU | xd, x1 | trailing zero bits, 64 for 0
cpop      | ALU | xd, x1 | bits set
sext.b    | ALU | xd, x1 | low byte, sign-extended
sext.h    | ALU | xd, x1 | low half, sign-extended
zext.h    | ALU | xd, x1 | low half, zero-extended
czero.eqz | ALU | xd, x1, x2 | 0 if x2 == 0 else x1
czero.nez | ALU | xd, x1, x2 | 0 if x2 != 0 else x1
mul       | MUL | xd, x1, x2 | low 64 bits of the product
mulh      | MUL | xd, x1, x2 | high 64 bits, signed x signed
mulhu     | MUL | xd, x1, x2 | high 64 bits, unsigned x unsigned
mulhsu    | MUL | xd, x1, x2 | high 64 bits, signed x unsigned
mulw      | MUL | xd, x1, x2 | low word of the product, sign-extended
div       | DIV | xd, x1, x2 | signed quotient toward zero; x / 0 = -1
divu      | DIV | xd, x1, x2 | unsigned quotient; x / 0 = all ones
rem       | DIV | xd, x1, x2 | signed remainder; x rem 0 = x
remu      | DIV | xd, x1, x2 | unsigned remainder; x rem 0 = x
divw      | DIV | xd, x1, x2 | div on words, sign-extended
divuw     | DIV | xd, x1, x2 | divu on words, sign-extended
remw      | DIV | xd, x1, x2 | rem on words, sign-extended
remuw     | DIV | xd, x1, x2 | remu on words, sign-extended
"""

_CONTROL = """
beq   | BRANCH | x1, x2, label | branch if equal
bne   | BRANCH | x1, x2, label | branch if not equal
blt   | BRANCH | x1, x2, label | branch if less, signed
bge   | BRANCH | x1, x2, label | branch if not less, signed
bltu  | BRANCH | x1, x2, label | branch if less, unsigned
bgeu  | BRANCH | x1, x2, label | branch if not less, unsigned
jal   | BRANCH | xd, label | xd = address of the next instruction; go to label
jalr  | JUMP   | xd, i12(x1) | xd = address of the next instruction; go to x1 + imm, a label or a return point; 0 ends the thread
"""

_FLOAT_TEMPLATE = """
fadd.T    | FP | fd, f1, f2 | f1 + f2
fsub.T    | FP | fd, f1, f2 | f1 - f2
fmul.T    | FP | fd, f1, f2 | f1 * f2
fdiv.T    | FDIV | fd, f1, f2 | f1 / f2
fsqrt.T   | FDIV | fd, f1 | square root
fmin.T    | FP | fd, f1, f2 | smaller; -0 < +0; a NaN loses
fmax.T    | FP | fd, f1, f2 | larger; -0 < +0; a NaN loses
fmadd.T   | FP | fd, f1, f2, f3 | f1 * f2 + f3, rounded once
fmsub.T   | FP | fd, f1, f2, f3 | f1 * f2 - f3, rounded once
fnmsub.T  | FP | fd, f1, f2, f3 | -(f1 * f2) + f3, rounded once
fnmadd.T  | FP | fd, f1, f2, f3 | -(f1 * f2) - f3, rounded once
fsgnj.T   | FP | fd, f1, f2 | f1 with the sign of f2
fsgnjn.T  | FP | fd, f1, f2 | f1 with the opposite sign of f2
fsgnjx.T  | FP | fd, f1, f2 | f1 with its sign xor that of f2
feq.T     | FP | xd, f1, f2 | f1 == f2, 0 on NaN
flt.T     | FP | xd, f1, f2 | f1 < f2, 0 on NaN
fle.T     | FP | xd, f1, f2 | f1 <= f2, 0 on NaN
fclass.T  | FP | xd, f1 | class of f1 as one bit of ten
fcvt.w.T  | FP | xd, f1 | to signed word, toward zero, saturating; NaN gives the maximum
fcvt.wu.T | FP | xd, f1 | to unsigned word, toward zero, saturating, sign-extended
fcvt.l.T  | FP | xd, f1 | to signed 64 bits, toward zero, saturating
fcvt.lu.T | FP | xd, f1 | to unsigned 64 bits, toward zero, saturating
fcvt.T.w  | FP | fd, x1 | from signed word
fcvt.T.wu | FP | fd, x1 | from unsigned word
fcvt.T.l  | FP | fd, x1 | from signed 64 bits
fcvt.T.lu | FP | fd, x1 | from unsigned 64 bits
"""

_FLOAT_ONLY = """
fcvt.s.d  | FP | fd, f1 | double to single
fcvt.d.s  | FP | fd, f1 | single to double
fmv.x.d   | FP | xd, f1 | the bits of f1
fmv.d.x   | FP | fd, x1 | the bits of x1
fmv.x.w   | FP | xd, f1 | low word of f1, sign-extended
fmv.w.x   | FP | fd, x1 | low word of x1, boxed
"""

_MEMORY = """
ld  | LOAD | xd, i12(x1) | 8 bytes
lw  | LOAD | xd, i12(x1) | 4 bytes, sign-extended
lwu | LOAD | xd, i12(x1) | 4 bytes, zero-extended
lh  | LOAD | xd, i12(x1) | 2 bytes, sign-extended
lhu | LOAD | xd, i12(x1) | 2 bytes, zero-extended
lb  | LOAD | xd, i12(x1) | 1 byte, sign-extended
lbu | LOAD | xd, i12(x1) | 1 byte, zero-extended
fld | LOAD | fd, i12(x1) | double
flw | LOAD | fd, i12(x1) | single, boxed
sd  | STORE | x2, i12(x1) | 8 bytes
sw  | STORE | x2, i12(x1) | 4 bytes
sh  | STORE | x2, i12(x1) | 2 bytes
sb  | STORE | x2, i12(x1) | 1 byte
fsd | STORE | f2, i12(x1) | double
fsw | STORE | f2, i12(x1) | single
"""

_ATOMIC_OPS = (
    ("swap", "x2"),
    ("add", "old + x2"),
    ("and", "old & x2"),
    ("or", "old | x2"),
    ("xor", "old ^ x2"),
    ("min", "smaller, signed"),
    ("max", "larger, signed"),
    ("minu", "smaller, unsigned"),
    ("maxu", "larger, unsigned"),
)
_FLOAT_ATOMIC_OPS = (("fadd", "old + f2"), ("fmin", "fmin(old, f2)"), ("fmax", "fmax(old, f2)"))

_SYSTEM = """
piuma.tid     | ALU | xd | rank of this thread among all threads, 0-based
piuma.ntid    | ALU | xd | threads launched on the whole machine
piuma.btid    | ALU | xd | rank of this thread among those launched in its block
piuma.nbtid   | ALU | xd | threads launched per block
piuma.block   | ALU | xd | index of this thread's block
piuma.nblocks | ALU | xd | blocks of the machine
piuma.cycle   | ENGINE | xd | cycle at which this instruction issues | read_cycle 0
piuma.spawn   | ENGINE | xd, x1, x2 | start an idle thread of this block at label address x1 with a0 = x2; xd = its id, -1 if none is idle | spawn 0
piuma.join    | ENGINE | x1 | wait until the thread with id x1 has ended | join 0
piuma.halt    | ENGINE | | end this thread | halt 0
ebreak        | ENGINE | | stop the machine: the program found itself wrong | break_here 0
piuma.fence   | ENGINE | | wait until this thread's posted stores and reductions are in memory | fence 0
piuma.inv     | ENGINE | | drop every line of this pipeline's L1 | invalidate 0
piuma.mark    | ENGINE | u12 | note (cycle, thread, imm) in the trace | mark 0
piuma.qpush   | ENGINE | x1, x2 | append x2 to queue x1; wait while it is full | queue_push 0
piuma.qpop    | ENGINE | xd, x1 | take the oldest entry of queue x1; wait while it is empty | queue_pop 0
piuma.qtrypop | ENGINE | xd, x1 | take the oldest entry of queue x1; -1 when it is empty | queue_try_pop 0
piuma.barrier.block | ENGINE | | wait for every live thread of the block | collective 0
piuma.barrier.all   | ENGINE | | wait for every live thread of the machine | collective 8
piuma.dma.wait | ENGINE | x1 | wait until the transfer with ticket x1 is complete | dma_wait 0
"""

REDUCTIONS = ("barrier", "add", "min", "max", "or", "fadd", "fmin", "fmax")
"""Collective operation by handler code (plus 8 for the whole machine)."""


def _reduction_rows() -> str:
    rows = ""
    for code, name in enumerate(REDUCTIONS[1:], 1):
        fields = "fd, f1" if name.startswith("f") else "xd, x1"
        for scope, extra in (("block", 0), ("all", 8)):
            meaning = (
                f"{name} over the live threads of the {'block' if scope == 'block' else 'machine'}, in thread order"
            )
            rows += f"piuma.reduce.{name}.{scope} | ENGINE | {fields} | {meaning} | collective {code + extra}\n"
    return rows


def _float_rows() -> str:
    return _FLOAT_TEMPLATE.replace(".T", ".d") + _FLOAT_TEMPLATE.replace(".T", ".s") + _FLOAT_ONLY


def _native_rows() -> str:
    lines = [line for line in _MEMORY.splitlines() if line.strip()]
    return "\n".join(f"piuma.{line}, uncached" for line in lines) + "\n"


def _atomic_rows() -> str:
    rows = ""
    for width in "dw":
        for name, meaning in _ATOMIC_OPS:
            rows += (
                f"piuma.amo{name}.{width} | ATOMIC | xd, x2, (x1) | xd = old; memory = {meaning.replace('|', 'or')}\n"
            )
            rows += f"piuma.red{name}.{width} | REDUCE | x2, (x1) | memory = {meaning.replace('|', 'or')}, posted\n"
        rows += f"piuma.cas.{width} | ATOMIC | xd, x2, x3, (x1) | xd = old; memory = x3 if old == x2\n"
    for name, meaning in _FLOAT_ATOMIC_OPS:
        rows += f"piuma.amo{name}.d | ATOMIC | fd, f2, (x1) | fd = old; memory = {meaning}\n"
        rows += f"piuma.red{name}.d | REDUCE | f2, (x1) | memory = {meaning}, posted\n"
    return rows


# A transfer's code: operation in bits 3:0, element size in 7:4, index size in 11:8, combination in 15:12.
DMA_COPY, DMA_STRIDED, DMA_GATHER, DMA_SCATTER, DMA_INIT, DMA_SETBITS, DMA_SCALED = range(7)
COMBINE_PLUS_TIMES, COMBINE_MIN_PLUS, COMBINE_PLUS_PAIR, COMBINE_OR = range(4)

_DMA_FORMS = (
    (DMA_STRIDED, "strided.E", "xd, x1, x2, x3, x4, x5", "x3 elements, dst x1 step x4 bytes, src x2 step x5 bytes"),
    (DMA_GATHER, "gather.E.I", "xd, x1, x2, x3, x4", "x1[i] = x2[x3[i]] for i < x4"),
    (DMA_SCATTER, "scatter.E.I", "xd, x1, x2, x3, x4", "x1[x2[i]] = x3[i] for i < x4"),
    (DMA_INIT, "init.E", "xd, x1, x2, x3", "x1[i] = x2 for i < x3"),
    (DMA_SETBITS, "setbits.I", "xd, x1, x2, x3", "set bit x2[i] of the bitmap at x1 for i < x3"),
)
_COMBINES = (
    (COMBINE_PLUS_TIMES, "plustimes", "x1[x2[i]] += f1 * x3[i], doubles, rounded twice"),
    (COMBINE_MIN_PLUS, "minplus", "x1[x2[i]] = fmin(x1[x2[i]], f1 + x3[i]), doubles"),
    (COMBINE_PLUS_PAIR, "pluspair", "x1[x2[i]] += 1, 64-bit integers"),
    (COMBINE_OR, "or", "x1[x2[i]] or= x3[i], 64-bit integers"),
)


def _dma_row(name: str, fields: str, meaning: str, code: int) -> str:
    return f"piuma.dma.{name} | ENGINE | {fields} | ticket xd: {meaning} | dma_issue {code}\n"


def _dma_rows() -> str:
    rows = _dma_row("copy", "xd, x1, x2, x3", "x3 bytes from x2 to x1", DMA_COPY | 4 << 4)
    for operation, name, fields, meaning in _DMA_FORMS:
        for letter, size in (("w", 4), ("d", 8)) if ".E" in name else (("", 8),):
            for index in (4, 8) if ".I" in name else (0,):
                full = name.replace(".E", f".{letter}").replace(".I", f".i{index}")
                rows += _dma_row(full, fields, meaning, operation | size << 4 | index << 8)
    for combine, name, meaning in _COMBINES:
        for index in (4, 8):
            code = DMA_SCALED | 8 << 4 | index << 8 | combine << 12
            rows += _dma_row(f"scaled.{name}.i{index}", "xd, x1, x2, x3, x4, f1", f"{meaning} for i < x4", code)
    return rows


ROWS = (
    _INTEGER
    + _CONTROL
    + _float_rows()
    + _MEMORY
    + _native_rows()
    + _atomic_rows()
    + _SYSTEM
    + _reduction_rows()
    + _dma_rows()
)
"""The whole table as text."""
