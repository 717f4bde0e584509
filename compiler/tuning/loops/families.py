"""The families of loop nests, a row each form: what is computed, and over which shapes.

The nests are written from the definitions of the operations; several are those of PolyBench (atax, bicg, mvt, gesummv, syrk, trmm,
jacobi), of tensor contraction benchmarks (MTTKRP, TTM, TCCG's four-index contractions) and of neural networks.
"""

from collections.abc import Mapping

from compiler.tuning.loops.kernels import Element, Form

FLOATS = (Element.F32, Element.F64, Element.FAST)

FORMS: tuple[Form, ...] = (
    Form("matmul", "nn", ("i j k: C[i, j] += A[i, k] * B[k, j]",), "i=12..400 j=12..400 k=12..400"),
    Form("matmul", "nt", ("i j k: C[i, j] += A[i, k] * B[j, k]",), "i=12..400 j=12..400 k=12..400"),
    Form("matmul", "tn", ("i j k: C[i, j] += A[k, i] * B[k, j]",), "i=12..400 j=12..400 k=12..400"),
    Form("matmul", "tt", ("i j k: C[i, j] += A[k, i] * B[j, k]",), "i=12..400 j=12..400 k=12..400"),
    Form("batched", "bmm", ("b i j k: C[b, i, j] += A[b, i, k] * B[b, k, j]",), "b=2..32 i=8..128 j=8..128 k=8..128"),
    Form(
        "batched", "bmm-nt", ("b i j k: C[b, i, j] += A[b, i, k] * B[b, j, k]",), "b=2..32 i=8..128 j=8..128 k=8..128"
    ),
    Form("batched", "last", ("b i j k: C[i, j, b] += A[i, k, b] * B[k, j, b]",), "b=2..64 i=8..96 j=8..96 k=8..96"),
    Form("matvec", "gemv", ("i j: y[i] += A[i, j] * x[j]",), "i=64..2500 j=64..2500"),
    Form("matvec", "gemv-t", ("i j: y[j] += A[i, j] * x[i]",), "i=64..2500 j=64..2500"),
    Form("matvec", "gesummv", ("i j: y[i] += A[i, j] * x[j] + 2 * B[i, j] * x[j]",), "i=64..1500 j=64..1500"),
    Form("matvec", "ger", ("i j: A[i, j] += x[i] * y[j] + u[i] * v[j]",), "i=64..1500 j=64..1500"),
    Form("chain", "atax", ("i j: t[i] += A[i, j] * x[j]", "j i: y[j] += A[i, j] * t[i]"), "i=64..1500 j=64..1500"),
    Form(
        "chain",
        "bicg",
        ("i j: s[j] += r[i] * A[i, j]", "i j: q[i] += A[i, j] * p[j]"),
        "i=64..1500 j=64..1500",
        rows="i",
    ),
    Form(
        "chain",
        "mvt",
        ("i j: x[i] += A[i, j] * y[j]", "i j: z[i] += A[j, i] * w[j]"),
        "i=64..1200 j=64..1200",
        rows="i",
    ),
    Form(
        "chain",
        "2mm",
        ("i j k: D[i, j] += A[i, k] * B[k, j]", "i j l: E[i, l] += D[i, j] * C[j, l]"),
        "i=12..160 j=12..160 k=12..160 l=12..160",
        rows="i",
    ),
    Form(
        "mttkrp", "ikl", ("i j k l: M[i, j] += T[i, k, l] * D[l, j] * C[k, j]",), "i=8..128 j=4..64 k=8..128 l=8..128"
    ),
    Form(
        "mttkrp", "mode1", ("i j k l: M[i, j] += T[k, i, l] * D[l, j] * C[k, j]",), "i=8..128 j=4..64 k=8..128 l=8..128"
    ),
    Form(
        "mttkrp", "mode2", ("i j k l: M[i, j] += T[k, l, i] * D[l, j] * C[k, j]",), "i=8..128 j=4..64 k=8..128 l=8..128"
    ),
    Form("ttm", "mode0", ("i j k l: Y[l, j, k] += T[i, j, k] * U[l, i]",), "i=8..128 j=8..128 k=8..128 l=4..64"),
    Form("ttm", "mode1", ("i j k l: Y[i, l, k] += T[i, j, k] * U[l, j]",), "i=8..128 j=8..128 k=8..128 l=4..64"),
    Form("ttm", "mode2", ("i j k l: Y[i, j, l] += T[i, j, k] * U[k, l]",), "i=8..128 j=8..128 k=8..128 l=4..64"),
    Form("ttm", "ttv", ("i j k: Y[i, k] += T[i, j, k] * u[j]",), "i=16..200 j=16..200 k=16..200"),
    Form(
        "contraction",
        "abcd-aebf-dfce",
        ("a b c d e f: C[a, b, c, d] += A[a, e, b, f] * B[d, f, c, e]",),
        "a=4..24 b=4..24 c=4..24 d=4..24 e=4..16 f=4..16",
    ),
    Form(
        "contraction", "abc-acd-db", ("a b c d: C[a, b, c] += A[a, c, d] * B[d, b]",), "a=8..96 b=8..96 c=8..96 d=8..96"
    ),
    Form(
        "contraction", "ab-acd-dbc", ("a b c d: C[a, b] += A[a, c, d] * B[d, b, c]",), "a=8..96 b=8..96 c=8..48 d=8..48"
    ),
    Form(
        "contraction",
        "abcd-dbea-ec",
        ("a b c d e: C[a, b, c, d] += A[d, b, e, a] * B[e, c]",),
        "a=4..32 b=4..32 c=4..32 d=4..32 e=4..24",
    ),
    Form("conv1d", "single", ("i r: y[i] += x[i + r] * w[r]",), "i=2000..100000 r=3|5|9|16|33"),
    Form("conv1d", "channels", ("f i c r: y[f, i] += x[c, i + r] * w[f, c, r]",), "f=4..48 i=64..2000 c=2..32 r=3|5|7"),
    Form(
        "conv1d",
        "channels-last",
        ("i f c r: y[i, f] += x[i + r, c] * w[r, c, f]",),
        "i=64..2000 f=4..48 c=2..32 r=3|5|7",
    ),
    Form(
        "conv1d", "strided", ("f i c r: y[f, i] += x[c, 2 * i + r] * w[f, c, r]",), "f=4..48 i=64..1000 c=2..32 r=3|5"
    ),
    Form(
        "conv2d",
        "nchw",
        ("f y x c r s: O[f, y, x] += I[c, y + r, x + s] * W[f, c, r, s]",),
        "f=2..32 y=8..64 x=8..64 c=2..32 r=3|5 s=3|5",
    ),
    Form(
        "conv2d",
        "nhwc",
        ("y x f r s c: O[y, x, f] += I[y + r, x + s, c] * W[r, s, c, f]",),
        "y=8..64 x=8..64 f=4..48 r=1|3 s=1|3 c=2..48",
    ),
    Form("conv2d", "single", ("y x r s: O[y, x] += I[y + r, x + s] * W[r, s]",), "y=32..600 x=32..600 r=3|5|7 s=3|5|7"),
    Form(
        "conv2d",
        "strided",
        ("f y x c r s: O[f, y, x] += I[c, 2 * y + r, 2 * x + s] * W[f, c, r, s]",),
        "f=2..32 y=8..48 x=8..48 c=2..32 r=3 s=3",
    ),
    Form(
        "depthwise",
        "chw",
        ("c y x r s: O[c, y, x] += I[c, y + r, x + s] * W[c, r, s]",),
        "c=4..96 y=8..112 x=8..112 r=3|5 s=3|5",
    ),
    Form(
        "depthwise",
        "hwc",
        ("y x c r s: O[y, x, c] += I[y + r, x + s, c] * W[r, s, c]",),
        "y=8..112 x=8..112 c=4..96 r=3|5 s=3|5",
    ),
    Form(
        "depthwise",
        "hwc-strided",
        ("y x c r s: O[y, x, c] += I[2 * y + r, 2 * x + s, c] * W[r, s, c]",),
        "y=8..56 x=8..56 c=4..96 r=3 s=3",
    ),
    Form(
        "stencil1d",
        "three",
        ("t i: B[t, i + 1] = 0.33 * (A[t, i] + A[t, i + 1] + A[t, i + 2])",),
        "t=8..400 i=100..4000",
        FLOATS,
    ),
    Form(
        "stencil1d",
        "five",
        ("t i: B[t, i] = 0.2 * (A[t, i] + A[t, i + 1] + A[t, i + 2] + A[t, i + 3] + A[t, i + 4])",),
        "t=8..400 i=100..4000",
        FLOATS,
    ),
    Form(
        "stencil1d",
        "columns",
        ("i t: B[i + 1, t] = 0.33 * (A[i, t] + A[i + 1, t] + A[i + 2, t])",),
        "i=100..2000 t=8..400",
        FLOATS,
    ),
    Form(
        "stencil1d",
        "upwind",
        ("t i: B[t, i + 2] = A[t, i + 2] - 0.5 * (3 * A[t, i + 2] - 4 * A[t, i + 1] + A[t, i])",),
        "t=8..400 i=100..4000",
        FLOATS,
    ),
    Form(
        "stencil2d",
        "five",
        (
            "i j: B[i + 1, j + 1] = 0.2 * (A[i + 1, j + 1] + A[i, j + 1] + A[i + 2, j + 1] + A[i + 1, j] + A[i + 1, j + 2])",
        ),
        "i=48..1200 j=48..1200",
        FLOATS,
    ),
    Form(
        "stencil2d",
        "nine",
        (
            "i j: B[i + 1, j + 1] = 0.25 * A[i + 1, j + 1] + 0.125 * (A[i, j + 1] + A[i + 2, j + 1] + A[i + 1, j] + A[i + 1, j + 2])"
            " + 0.0625 * (A[i, j] + A[i, j + 2] + A[i + 2, j] + A[i + 2, j + 2])",
        ),
        "i=48..1200 j=48..1200",
        FLOATS,
    ),
    Form(
        "stencil2d",
        "gradient",
        (
            "i j: G[i, j] = sqrt((A[i + 2, j + 1] - A[i, j + 1]) * (A[i + 2, j + 1] - A[i, j + 1])"
            " + (A[i + 1, j + 2] - A[i + 1, j]) * (A[i + 1, j + 2] - A[i + 1, j]))",
        ),
        "i=48..1000 j=48..1000",
        FLOATS,
    ),
    Form(
        "stencil2d",
        "fdtd",
        ("i j: H[i, j] = H[i, j] - 0.7 * (X[i, j + 1] - X[i, j] + Y[i + 1, j] - Y[i, j])",),
        "i=48..900 j=48..900",
        FLOATS,
    ),
    Form(
        "stencil2d",
        "batch",
        ("b i j: B[b, i, j + 1] = A[b, i, j] + A[b, i + 2, j + 1] - 2 * A[b, i + 1, j + 2]",),
        "b=2..24 i=16..300 j=16..300",
        FLOATS,
    ),
    Form(
        "stencil3d",
        "seven",
        (
            "i j k: B[i + 1, j + 1, k + 1] = 0.4 * A[i + 1, j + 1, k + 1]"
            " + 0.1 * (A[i, j + 1, k + 1] + A[i + 2, j + 1, k + 1] + A[i + 1, j, k + 1]"
            " + A[i + 1, j + 2, k + 1] + A[i + 1, j + 1, k] + A[i + 1, j + 1, k + 2])",
        ),
        "i=12..160 j=12..160 k=12..160",
        FLOATS,
    ),
    Form(
        "stencil3d",
        "corners",
        (
            "i j k: B[i, j, k] = 0.125 * (A[i, j, k] + A[i, j, k + 1] + A[i, j + 1, k] + A[i, j + 1, k + 1]"
            " + A[i + 1, j, k] + A[i + 1, j, k + 1] + A[i + 1, j + 1, k] + A[i + 1, j + 1, k + 1])",
        ),
        "i=12..160 j=12..160 k=12..160",
        FLOATS,
    ),
    Form(
        "stencil3d",
        "advection",
        (
            "i j k: B[i, j, k] = A[i, j, k] - U[i, j, k] * (A[i + 1, j, k] - A[i, j, k]) - V[i, j, k] * (A[i, j + 1, k] - A[i, j, k])",
        ),
        "i=12..128 j=12..128 k=12..128",
        FLOATS,
    ),
    Form("reduction", "rows", ("i j: s[i] += A[i, j]",), "i=64..2500 j=64..2500"),
    Form("reduction", "columns", ("i j: s[j] += A[i, j]",), "i=64..2500 j=64..2500"),
    Form("reduction", "middle", ("i j k: s[i, k] += A[i, j, k]",), "i=16..250 j=16..250 k=16..250"),
    Form("reduction", "outer-inner", ("i j k: s[j] += A[i, j, k] * A[i, j, k]",), "i=16..250 j=16..250 k=16..250"),
    Form("reduction", "maximum", ("i j k: m[i, j] = max(m[i, j], A[i, k, j])",), "i=16..250 j=16..250 k=16..250"),
    Form(
        "reduction",
        "distance",
        ("i j k: D[i, j] += (X[i, k] - Y[j, k]) * (X[i, k] - Y[j, k])",),
        "i=16..200 j=16..200 k=4..100",
    ),
    Form(
        "softmax",
        "rows",
        (
            "i: m[i] = A[i, 0]",
            "i: s[i] = 0",
            "i j: m[i] = max(m[i], A[i, j])",
            "i j: B[i, j] = exp(A[i, j] - m[i])",
            "i j: s[i] += B[i, j]",
            "i j: B[i, j] = B[i, j] / s[i]",
        ),
        "i=16..600 j=16..600",
        FLOATS,
        rows="i",
    ),
    Form(
        "softmax",
        "columns",
        (
            "j: m[j] = A[0, j]",
            "j: s[j] = 0",
            "i j: m[j] = max(m[j], A[i, j])",
            "i j: B[i, j] = exp(A[i, j] - m[j])",
            "i j: s[j] += B[i, j]",
            "i j: B[i, j] = B[i, j] / s[j]",
        ),
        "i=16..600 j=16..600",
        FLOATS,
        rows="j",
    ),
    Form(
        "softmax",
        "layernorm",
        (
            "i: m[i] = 0",
            "i: v[i] = 0.001",
            "i j: m[i] += 0.01 * A[i, j]",
            "i j: v[i] += (A[i, j] - m[i]) * (A[i, j] - m[i])",
            "i j: B[i, j] = (A[i, j] - m[i]) / sqrt(v[i]) * g[j] + h[j]",
        ),
        "i=16..900 j=16..900",
        FLOATS,
        rows="i",
    ),
    Form("transpose", "2d", ("i j: B[j, i] = A[i, j]",), "i=64..1800 j=64..1800"),
    Form("transpose", "120", ("i j k: B[j, k, i] = A[i, j, k]",), "i=12..200 j=12..200 k=12..200"),
    Form("transpose", "210", ("i j k: B[k, j, i] = A[i, j, k]",), "i=12..200 j=12..200 k=12..200"),
    Form("transpose", "0213", ("i j k l: B[i, k, j, l] = A[i, j, k, l]",), "i=4..40 j=8..64 k=8..64 l=4..64"),
    Form("transpose", "add", ("i j: B[i, j] = A[i, j] + A[j, i]",), "i=64..1500 j=64..1500"),
    Form("transpose", "im2col", ("y x r s: B[y, x, r, s] = A[y + r, x + s]",), "y=16..300 x=16..300 r=3|5 s=3|5"),
    Form("transpose", "gather", ("i j: B[i, j] = A[2 * i, 3 * j + 1]",), "i=64..900 j=64..900"),
    Form("triangular", "trmm", ("i j k if k <= i: C[i, j] += A[i, k] * B[k, j]",), "i=16..300 j=16..300 k=16..300"),
    Form("triangular", "syrk", ("i j k if j <= i: C[i, j] += A[i, k] * A[j, k]",), "i=16..300 j=16..300 k=16..300"),
    Form("triangular", "trmv", ("i j if j <= i: y[i] += A[i, j] * x[j]",), "i=64..2000 j=64..2000"),
    Form(
        "triangular",
        "covariance",
        ("i j k if i <= j: C[i, j] += (D[k, i] - m[i]) * (D[k, j] - m[j])",),
        "i=16..250 j=16..250 k=16..250",
    ),
    Form("banded", "matvec", ("i d: y[i] += A[i, d] * x[i + d]",), "i=800..50000 d=3..65"),
    Form(
        "banded",
        "matmul",
        ("i j k if k <= i + 16 and i <= k + 16: C[i, j] += A[i, k] * B[k, j]",),
        "i=24..400 j=24..200 k=24..400",
    ),
    Form("banded", "diagonals", ("d i: y[i] += A[d, i] * x[i + d]",), "d=3..65 i=800..50000"),
    Form("banded", "block", ("b i j: y[b, i] += A[b, i, j] * x[b, j]",), "b=16..900 i=4..48 j=4..48"),
    Form("elementwise", "axpy", ("i j: Y[i, j] = 2.5 * X[i, j] + Y[i, j]",), "i=64..1500 j=64..1500"),
    Form("elementwise", "broadcast", ("i j k: Z[i, j, k] = X[i, j, k] * g[j] + h[j]",), "i=8..100 j=8..200 k=8..200"),
    Form("elementwise", "outer", ("i j k: Z[i, j, k] = x[i] * y[j] + x[i] * z[k]",), "i=8..150 j=8..150 k=8..150"),
    Form("elementwise", "relu-scale", ("i j: Y[i, j] = max(X[i, j] * a[j], 0) + R[i, j]",), "i=64..1200 j=64..1200"),
    Form("elementwise", "mixed-layout", ("i j: Z[i, j] = X[i, j] * Y[j, i] + W[i, j]",), "i=64..1000 j=64..1000"),
    Form(
        "pooling",
        "max",
        ("c y x r s: O[c, y, x] = max(O[c, y, x], I[c, 2 * y + r, 2 * x + s])",),
        "c=2..64 y=8..100 x=8..100 r=2|3 s=2|3",
    ),
    Form(
        "pooling",
        "average-hwc",
        ("y x c r s: O[y, x, c] += 0.25 * I[2 * y + r, 2 * x + s, c]",),
        "y=8..64 x=8..64 c=4..96 r=2|3 s=2|3",
        FLOATS,
    ),
    Form(
        "pooling",
        "sliding",
        ("c y x r: O[c, y, x] = max(O[c, y, x], I[c, y + r, x])",),
        "c=2..32 y=16..150 x=16..150 r=3|5|7",
    ),
    Form("pooling", "global", ("c y x: O[c] += I[c, y, x]",), "c=8..200 y=8..100 x=8..100"),
)


def families() -> Mapping[str, tuple[Form, ...]]:
    """Family to its forms, in the order of the table."""
    names = dict.fromkeys(form.family for form in FORMS)
    return {name: tuple(form for form in FORMS if form.family == name) for name in names}
