"""Rates with bursts, and how often a satellite may wake."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.budget import TokenBucket
from custom_components.voice_privacy.core.wake_gate import REFRACTORY_SECONDS, WakeGate

steps = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2)), max_size=60)


@given(steps)
def test_never_more_than_the_burst_and_the_rate(steps: list[tuple[float, float]]) -> None:
    bucket = TokenBucket(rate=2.0, burst=5.0, now=100.0)
    now, taken = 100.0, 0.0
    for wait, amount in steps:
        now += wait
        if bucket.spend(amount, now):
            taken += amount
        assert taken <= 5.0 + 2.0 * (now - 100.0) + 1e-6


@given(steps)
def test_a_debt_is_paid_after_its_delay(steps: list[tuple[float, float]]) -> None:
    bucket = TokenBucket(rate=2.0, burst=1.0, now=0.0)
    now = 0.0
    for wait, amount in steps:
        now += wait
        bucket.borrow(amount, now)
    delay = bucket.delay(now)
    assert bucket.level(now + delay) <= 1.0 + 1e-6
    assert bucket.delay(now + delay) == pytest.approx(0, abs=1e-6)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(rate=1.0, burst=1.0, now=10.0)
    assert bucket.spend(1, 10.0)
    assert not bucket.spend(1, 5.0)


def test_a_second_wake_right_after_the_first_is_none() -> None:
    gate = WakeGate(0.0)
    assert [gate.admits(now) for now in (0.0, 0.1, 0.9)] == [True, False, False]
    assert gate.admits(REFRACTORY_SECONDS)


def test_an_utterance_between_two_wakes_makes_them_two_whenever_they_come() -> None:
    gate = WakeGate(0.0)
    assert gate.admits(0.0)
    gate.heard(0.1)
    assert not gate.admits(0.01)
    gate.heard(0.2)
    assert gate.admits(0.02)
    assert not gate.admits(0.03)


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 2)), max_size=200))
def test_wakes_have_a_budget(steps: list[tuple[float, float]]) -> None:
    gate = WakeGate(0.0)
    now = 0.0
    woke = 0
    for wait, audio in steps:
        now += wait
        gate.heard(audio)
        woke += gate.admits(now)
        assert woke <= 21 + now / 2
