"""Columns of tokens weighted by running products: what the text alone says of a schedule."""

from __future__ import annotations

import re
from dataclasses import replace

import loop_texts
import pytest

from costmodel.evaluate import tokens_alone
from costmodel.features.reading import Reading
from costmodel.features.running import running, running_names
from costmodel.metrics import Choices, choice_quality
from costmodel.models.boosting import Shape
from costmodel.models.fitting import Options, table_of
from costmodel.tokens.stream import Scheme

SIZES = {"i": 8, "j": 16, "k": 4}


def columns(text: str) -> dict[str, float]:
    return dict(zip(running_names(), running(Reading(text).tokens(Scheme.RUNNING)), strict=True))


def product(order: str) -> str:
    return loop_texts.nest(order, SIZES, loop_texts.KERNELS["product"])


def test_words_count_as_often_as_their_loops_go_round() -> None:
    found = columns(product("ijk"))
    assert found["rounds"] == pytest.approx(9, abs=0.01)
    assert found["runs of ADD"] == pytest.approx(found["runs of MUL"], abs=1e-9)
    assert found["trip of 0"] == 2 and found["trip of 1"] == 4 and found["trip of 2"] == 3
    assert found["rounds within 1"] == 6


def test_steps_are_told_apart_by_loop() -> None:
    inner, outer = columns(product("ijk")), columns(product("kij"))
    assert inner["updated still at 0"] == pytest.approx(0, abs=0.01)
    assert outer["updated unit at 0"] == pytest.approx(0, abs=0.01)
    assert inner["updated unit at 0"] < -10 > outer["updated still at 0"]
    assert inner["elements within 0"] < outer["elements within 0"]


def test_octaves_follow_the_product_and_not_the_loop() -> None:
    """Cutting a loop in two changes which loop a step is met at, not how many rounds it lasts."""
    whole = product("ijk")
    cut = re.sub(r"affine\.for %j = 0 to 16 \{", "affine.for %u = 0 to 4 {\naffine.for %v = 0 to 4 {", whole)
    cut = cut.replace("%j", "%u * 4 + %v") + "}\n"
    one, two = columns(whole), columns(cut)
    octaves = [name for name in running_names() if " in octave " in name and "still" in name]
    assert {name: two[name] for name in octaves} == pytest.approx({name: one[name] for name in octaves}, abs=0.35)
    assert one["depth"] + 1 == two["depth"]


def test_names_do_not_matter_and_marks_do() -> None:
    text = product("jik")
    assert columns(re.sub(r"%([ijk])\b", r"%loop_\1", text)) == columns(text)
    free = re.sub(r"(arith\.addf [^:]*?) :", r"\1 fastmath<fast> :", text)
    assert columns(free)["free sums"] > columns(text)["free sums"]


def test_a_text_without_loops_has_columns_too() -> None:
    assert len(columns("func.func @f(%a: f32) -> f32 {\n%b = arith.addf %a, %a : f32\nreturn %b : f32\n}\n")) == len(
        running_names()
    )


def test_of_text_alone_orders_are_learned_and_not_times() -> None:
    samples = list(loop_texts.samples(2))
    slower = [
        replace(each, labels={name: 4 * value for name, value in each.labels.items()})
        if each.family == samples[0].family
        else each
        for each in samples
    ]
    options = Options(nests=Shape(trees=20), ranker=Shape(trees=20), side=Shape(trees=5))
    one, two = (table_of(each) for each in (samples, slower))
    found = tokens_alone(one, one, Scheme.RUNNING, options)
    assert tokens_alone(two, one, Scheme.RUNNING, options) == pytest.approx(found)
    chosen = choice_quality(found, one.labels["seconds"], Choices.of(one.choices))
    assert chosen.mean < 0.1
