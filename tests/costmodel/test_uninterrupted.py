"""Predictions are not interrupted by the collector of cycles, and leave it as they found it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from threading import Barrier, Event, Thread
from typing import Any

import pytest

import costmodel
from costmodel import model
from costmodel.uninterrupted import uninterrupted

NEST = """func.func @f(%a: memref<8x64xf32>) {
  affine.for %i = 0 to 8 {
    affine.for %j = 0 to 64 {
      %0 = affine.load %a[%i, %j] : memref<8x64xf32>
      %1 = arith.addf %0, %0 : f32
      affine.store %1, %a[%i, %j] : memref<8x64xf32>
    }
  }
  return
}
"""


@pytest.fixture(params=[True, False])
def enabled(request: pytest.FixtureRequest) -> Iterator[bool]:
    """The collector, on or off, as it was afterwards."""
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_the_collector_is_left_as_it_was(enabled: bool) -> None:
    with uninterrupted(), uninterrupted():
        assert not gc.isenabled()
    assert gc.isenabled() == enabled
    with pytest.raises(ZeroDivisionError), uninterrupted():
        raise ZeroDivisionError
    assert gc.isenabled() == enabled


def test_the_last_thread_turns_it_on(enabled: bool) -> None:
    both, first, second = Barrier(2), Barrier(2), Barrier(2)
    seen: list[bool] = []

    def other() -> None:
        with uninterrupted():
            both.wait()
            first.wait()
            seen.append(gc.isenabled())
        second.wait()

    thread = Thread(target=other)
    with uninterrupted():
        thread.start()
        both.wait()
    first.wait()
    second.wait()
    thread.join()
    assert seen == [False]
    assert gc.isenabled() == enabled


def test_predictions_are_not_interrupted(enabled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, seen, plain = costmodel.load(), list[bool](), model.encoded_for

    def noting(*given: Any) -> Any:
        seen.append(gc.isenabled())
        return plain(*given)

    monkeypatch.setattr(model, "encoded_for", noting)
    loaded.predict([NEST], target="cpu-x86")
    loaded.judge([NEST], target="cpu-x86")
    loaded.cost([NEST], target="cpu-x86")
    assert seen == [False] * 3
    assert gc.isenabled() == enabled


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_new_process_does_not_wait_for_threads_that_it_does_not_have() -> None:
    """One thread is within when another one makes a process: there nobody would turn the collector on again."""
    within, done = Event(), Event()

    def stay() -> None:
        with uninterrupted():
            within.set()
            done.wait()

    other = Thread(target=stay)
    other.start()
    within.wait()
    child = os.fork()
    if not child:
        with uninterrupted():
            inside = gc.isenabled()
        os._exit(0 if gc.isenabled() and not inside else 1)
    done.set()
    other.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
