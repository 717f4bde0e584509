"""What an operation's name says: a closed set of classes, found from the words that dialects build names of.

    arith.addf, stablehlo.add on floats, llvm.fadd      ADD
    stablehlo.dot_general, linalg.matmul                CONTRACT

A name none of whose words is known has the class OTHER: it is out of vocabulary, and counted so. Types need no table: an element
type is its kind and its width.
"""

import re
from enum import IntEnum
from functools import lru_cache


class OpClass(IntEnum):
    """What an operation does, as far as its cost is concerned. The values are part of the model "
    "format: append only."""

    OTHER = 0
    ADD = 1
    MUL = 2
    DIV = 3
    FMA = 4
    MINMAX = 5
    MATH = 6
    SQRT = 7
    BIT = 8
    COMPARE = 9
    SELECT = 10
    CAST = 11
    CONSTANT = 12
    LOAD = 13
    STORE = 14
    ALLOC = 15
    CALL = 16
    END = 17
    LOOP = 18
    IF = 19
    LANES = 20
    REDUCE = 21
    CONTRACT = 22
    CONVOLVE = 23
    SHAPE = 24
    GATHER = 25
    RANDOM = 26
    VIEW = 27
    FUNCTION = 28
    MODULE = 29
    SPARSE = 30
    ATOMIC = 31
    TRANSFER = 32
    BARRIER = 33
    SORT = 34
    PARALLEL = 35
    TUPLE = 36
    NEGATE = 37
    INDEX = 38
    QUANT = 39


_WORDS: dict[OpClass, str] = {
    OpClass.ADD: "add addf addi fadd sub subf subi fsub subtract addui_extended",
    OpClass.MUL: "mul mulf muli fmul multiply mulsi_extended mului_extended",
    OpClass.DIV: "div divf divsi divui fdiv sdiv udiv divide ceildivsi ceildivui floordivsi rem remf remsi remui "
    "frem srem urem remainder",
    OpClass.FMA: "fma fmuladd",
    OpClass.MINMAX: "maxf minf maximumf minimumf maxnumf minnumf maxsi maxui minsi minui maximum minimum max min "
    "smax smin umax umin clamp clip abs absf "
    "absi fabs",
    OpClass.MATH: "exp exp2 expm1 exponential exponential_minus_one log log2 log10 log1p log_plus_one sin sinh "
    "asin cos cosh acos tan tanh atan atan2 "
    "erf erfc powf pow power fpowi ipowi logistic sine cosine floor ceil round round_nearest_even "
    "round_nearest_afz roundeven trunc sign copysign "
    "lgamma digamma erf_inv asinh acosh atanh bessel_i1e zeta polygamma reduce_precision is_finite "
    "isfinite isnan isinf complex real imag conj "
    "top_k mhlo chlo next_after square",
    OpClass.SQRT: "sqrt rsqrt cbrt",
    OpClass.BIT: "and andi or ori xor xori not shl shli shrsi shrui lshr ashr shift shift_left "
    "shift_right_arithmetic shift_right_logical popcnt ctpop ctlz cttz "
    "count_leading_zeros rotate",
    OpClass.COMPARE: "cmp cmpi cmpf icmp fcmp compare",
    OpClass.SELECT: "select",
    OpClass.CAST: "cast convert bitcast extf truncf extsi extui trunci fptosi fptoui sitofp uitofp index_cast "
    "index_castui sext zext fpext fptrunc "
    "bitcast_convert unrealized_conversion_cast zext_like type",
    OpClass.CONSTANT: "constant splat fill undef poison mlir iota create_token empty zero",
    OpClass.LOAD: "load vector_load maskedload transfer_read read",
    OpClass.STORE: "store vector_store maskedstore transfer_write write",
    OpClass.ALLOC: "alloc alloca dealloc",
    OpClass.CALL: "call call_indirect custom_call composite inline_asm",
    OpClass.END: "yield return br cond_br terminator condition in_parallel",
    OpClass.LOOP: "for while forall",
    OpClass.IF: "if case index_switch switch cond",
    OpClass.LANES: "broadcast shuffle extract insert extractelement insertelement extract_element insert_element "
    "interleave deinterleave shape_cast flat "
    "step create_mask constant_mask mask",
    OpClass.REDUCE: "reduce reduction multi_reduction reduce_window select_and_scatter scan cumsum",
    OpClass.CONTRACT: "dot dot_general matmul batch_matmul matvec contract outerproduct einsum cholesky "
    "triangular_solve generic outer",
    OpClass.CONVOLVE: "convolution conv fft pooling",
    OpClass.SHAPE: "reshape transpose slice dynamic_slice dynamic_update_slice concatenate concat pad reverse "
    "broadcast_in_dim dynamic_broadcast_in_dim "
    "collapse_shape expand_shape extract_slice insert_slice copy squeeze tile real_dynamic_slice "
    "dynamic_reshape get_dimension_size "
    "dynamic_iota dynamic_pad extract_strided_slice insert_strided_slice",
    OpClass.GATHER: "gather scatter dynamic_gather compressstore expandload",
    OpClass.RANDOM: "rng rng_bit_generator random",
    OpClass.VIEW: "subview view reinterpret_cast memory_space_cast dim rank assume_alignment "
    "extract_strided_metadata getelementptr get_global global addressof "
    "extractvalue insertvalue alias",
    OpClass.FUNCTION: "func",
    OpClass.MODULE: "module sharding mesh shard",
    OpClass.SPARSE: "spgemm spmm spmv sddmm sparse csr csc coo multiply_sparse masked kernel mttkrp chain triangle",
    OpClass.ATOMIC: "atomic_rmw atomicrmw cmpxchg generic_atomic_rmw atomic fetch swap",
    OpClass.TRANSFER: "dma dma_start dma_wait memcpy memcpy_async prefetch send recv infeed outfeed all_reduce "
    "all_gather all_to_all collective_permute "
    "reduce_scatter collective_broadcast partition_id replica_id",
    OpClass.BARRIER: "barrier optimization_barrier after_all fence wait taskwait",
    OpClass.SORT: "sort partition unique",
    OpClass.PARALLEL: "parallel thread_id tid wsloop loop_nest team launch queue enqueue dequeue mark",
    OpClass.TUPLE: "tuple get_tuple_element",
    OpClass.NEGATE: "neg negf negate fneg",
    OpClass.INDEX: "apply delinearize_index linearize_index",
    OpClass.QUANT: "quantize dequantize uniform_quantize uniform_dequantize qcast dcast scast requantize",
}
_CLASS = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_OWN_DIALECTS = {"spgemm": OpClass.SPARSE, "qarith": OpClass.QUANT, "sdy": OpClass.MODULE}
CLASSES = len(OpClass)


@lru_cache(maxsize=1 << 12)
def classify(name: str) -> OpClass:
    """The class of an operation by its name; OTHER where no word of it is known."""
    dialect, _, base = name.rpartition(".")
    for word in (base, base.removeprefix("vector_"), *_pieces(base)):
        if word in _CLASS:
            return _CLASS[word]
    return _OWN_DIALECTS.get(dialect.split(".")[0], OpClass.OTHER)


def _pieces(base: str) -> list[str]:
    """The words of a compound name, longest prefixes first, then single words."""
    words = [word for word in re.split(r"[_\d]+", base) if word]
    return ["_".join(words[:end]) for end in range(len(words) - 1, 0, -1)] + words[1:]


@lru_cache(maxsize=1 << 10)
def element_bits(element: str) -> int:
    """The width of an element type in bits (index: 64; 32 where the type does not say)."""
    if element == "index":
        return 64
    doubled = 2 if element.startswith("complex") else 1
    digits = re.search(r"\d+", element)
    return doubled * int(digits.group()) if digits else 32


@lru_cache(maxsize=1 << 10)
def is_float(element: str) -> bool:
    """Whether arithmetic on it is floating-point."""
    return element.removeprefix("complex<")[:1] in ("f", "b", "t")
