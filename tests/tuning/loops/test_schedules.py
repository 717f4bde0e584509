"""Every way of running a nest executes its statement at the same points, each once; drawing is repeatable."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from random import Random

import pytest

from compiler.tuning.loops.families import FORMS, families
from compiler.tuning.loops.kernels import Element, Form, Kernel, draw_extents, draw_kernels, instance
from compiler.tuning.loops.schedules import Schedule, Variant, default_variant, draw_variants
from compiler.tuning.loops.statements import Affine, Nest
from compiler.tuning.loops.text import Loop, kernel_text, loops_of


def tiny(form: Form, seed: int) -> Kernel:
    """A kernel of the form with a few points; extents of 5 and more still have tiles."""
    random = Random(seed)
    drawn = draw_extents(form.sizes, random)
    most = 12 if len(drawn) <= 3 else 6
    return instance(
        form, random.choice(form.elements), {name: min(each, random.randint(4, most)) for name, each in drawn.items()}
    )


def points(nest: Nest, schedule: Schedule, extents: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
    """Where the statement runs, by the meaning of the loops."""
    offsets = [range(factor) for _, factor in schedule.unroll]
    unrolled = [name for name, _ in schedule.unroll]
    for point in iterate(loops_of(nest, schedule, extents), {}):
        for copy in product(*offsets):
            moved = dict(zip(unrolled, copy, strict=True))
            yield tuple(point[name] + moved.get(name, 0) for name in nest.iterators)


def iterate(loops: list[Loop], point: dict[str, int]) -> Iterator[dict[str, int]]:
    if not loops:
        yield point
        return
    first, *rest = loops
    low = max(each.at(point) for each in first.lower)
    high = min(each.at(point) for each in first.upper)
    for value in range(low, high, first.step):
        yield from iterate(rest, {**point, first.iterator: value})


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.family}-{form.name}")
def test_every_variant_runs_the_same_points(form: Form) -> None:
    kernel = tiny(form, 1)
    for variant in draw_variants(kernel, 16, 1):
        for nest, schedule in zip(kernel.nests, variant.schedules, strict=True):
            expected = [
                point
                for point in product(*(range(kernel.extents[name]) for name in nest.iterators))
                if all(limit.at(dict(zip(nest.iterators, point, strict=True))) >= 0 for limit in nest.limits)
            ]
            assert Counter(points(nest, schedule, kernel.extents)) == Counter(expected), str(variant)


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form.family in ("triangular", "banded")], ids=lambda form: form.name
)
def test_executions_are_counted_with_the_limits(form: Form) -> None:
    kernel = tiny(form, 2)
    counted = sum(
        len(list(points(nest, schedule, kernel.extents)))
        for nest, schedule in zip(kernel.nests, default_variant(kernel).schedules, strict=True)
    )
    assert kernel.executions() == counted


def test_a_bound_is_the_last_of_what_is_known() -> None:
    kernel = instance(Form("t", "t", ("i j if j <= i: y[i] += A[i, j] * x[j]",), ""), Element.F32, {"i": 9, "j": 7})
    (nest,) = kernel.nests
    outer, inner = loops_of(nest, Schedule(("i", "j")), kernel.extents)
    assert inner.upper == (Affine(constant=7), Affine.of({"i": 1}, 1))
    outer, inner = loops_of(nest, Schedule(("j", "i")), kernel.extents)
    assert outer.upper == (Affine(constant=7),)
    assert inner.lower == (Affine(), Affine.iterator("j"))


def test_the_text_of_a_tiled_and_unrolled_product() -> None:
    form = Form("matmul", "nn", ("i j k: C[i, j] += A[i, k] * B[k, j]",), "")
    kernel = instance(form, Element.FAST, {"i": 6, "j": 8, "k": 3})
    variant = Variant((Schedule(("i", "k", "j"), (("i", 4),), (("j", 2),)),))
    assert kernel_text(kernel, variant) == EXPECTED


EXPECTED = """\
func.func @kernel(%C: memref<6x8xf32> {llvm.noalias}, %A: memref<6x3xf32> {llvm.noalias}, %B: memref<3x8xf32> {llvm.noalias}) {
  affine.for %it = 0 to 6 step 4 {
    affine.for %i = affine_map<(d0) -> (d0)>(%it) to min affine_map<(d0) -> (d0 + 4, 6)>(%it) {
      affine.for %k = 0 to 3 {
        affine.for %j = 0 to 8 step 2 {
          %0 = affine.load %C[%i, %j] : memref<6x8xf32>
          %1 = affine.load %A[%i, %k] : memref<6x3xf32>
          %2 = affine.load %B[%k, %j] : memref<3x8xf32>
          %3 = arith.mulf %1, %2 fastmath<reassoc,contract> : f32
          %4 = arith.addf %0, %3 fastmath<reassoc,contract> : f32
          affine.store %4, %C[%i, %j] : memref<6x8xf32>
          %5 = affine.load %C[%i, %j + 1] : memref<6x8xf32>
          %6 = affine.load %A[%i, %k] : memref<6x3xf32>
          %7 = affine.load %B[%k, %j + 1] : memref<3x8xf32>
          %8 = arith.mulf %6, %7 fastmath<reassoc,contract> : f32
          %9 = arith.addf %5, %8 fastmath<reassoc,contract> : f32
          affine.store %9, %C[%i, %j + 1] : memref<6x8xf32>
        }
      }
    }
  }
  return
}
"""


def test_equal_seeds_draw_equal_kernels_and_variants() -> None:
    forms = families()["matmul"]
    kernels = draw_kernels(forms, 6, 3)
    assert kernels == draw_kernels(forms, 6, 3) != draw_kernels(forms, 6, 4)
    assert draw_variants(kernels[0], 20, 3) == draw_variants(kernels[0], 20, 3) != draw_variants(kernels[0], 20, 4)


def test_there_are_families_and_shapes_enough() -> None:
    assert len(families()) >= 12
    assert all(len(draw_kernels(forms, 12, 1)) == 12 for forms in families().values())


def test_the_default_comes_first_and_nothing_twice() -> None:
    for forms in families().values():
        kernel = draw_kernels(forms, 1, 1)[0]
        variants = draw_variants(kernel, 36, 1)
        assert variants[0] == default_variant(kernel)
        assert len(set(map(str, variants))) == len(variants) >= 30
