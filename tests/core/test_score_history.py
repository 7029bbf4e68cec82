"""Scores without audio, and what another threshold would have done."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.score_history import (
    MAX_ENTRIES,
    Outcome,
    Replay,
    ScoreEntry,
    ScoreHistory,
    ScorePeak,
    replay,
)

NOON: Final = datetime(2026, 11, 24, 12, 0, 37, 123, tzinfo=UTC)


def peak(score: float, *, woke: bool = False, rejected: bool = False) -> ScorePeak:
    return ScorePeak(
        wake_word="alexa",
        score=score,
        threshold=0.5,
        end_sample=1_280,
        generation=1,
        woke=woke,
        rejected=rejected,
    )


def entry(score: float, outcome: Outcome) -> ScoreEntry:
    return ScoreEntry(when=NOON, wake_word="alexa", score=score, threshold=0.5, outcome=outcome)


entries = st.lists(
    st.builds(
        ScoreEntry,
        when=st.just(NOON.replace(second=0, microsecond=0)),
        wake_word=st.just("alexa"),
        score=st.integers(0, 100).map(lambda score: score / 100),
        threshold=st.just(0.5),
        outcome=st.sampled_from(Outcome),
    )
)


def test_another_threshold_is_replayed() -> None:
    history = [
        entry(0.9, Outcome.COMMAND),
        entry(0.6, Outcome.COMMAND),
        entry(0.55, Outcome.FALSE_WAKE),
        entry(0.6, Outcome.FALSE_WAKE),
        entry(0.8, Outcome.FALSE_WAKE),
        entry(0.4, Outcome.NEAR_MISS),
        entry(0.7, Outcome.REJECTED),
        entry(0.7, Outcome.UNSETTLED),
    ]
    assert replay(history, 0.62) == Replay(
        threshold=0.62, wakes=3, commands=1, missed=1, false_wakes=1, avoided=2, unknown=0, rejected=1
    )
    assert replay(history, 0.3) == Replay(
        threshold=0.3, wakes=7, commands=2, missed=0, false_wakes=3, avoided=0, unknown=1, rejected=1
    )


@given(entries, st.floats(0, 1))
def test_nothing_is_counted_twice_or_lost(history: list[ScoreEntry], threshold: float) -> None:
    told = replay(history, threshold)
    by_outcome = {outcome: [scored for scored in history if scored.outcome is outcome] for outcome in Outcome}
    assert told.commands + told.missed == len(by_outcome[Outcome.COMMAND])
    assert told.false_wakes + told.avoided == len(by_outcome[Outcome.FALSE_WAKE])
    reached = [scored for scored in history if scored.score >= threshold]
    assert told.wakes + told.rejected == len(reached)


@given(entries, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_wakes_more(history: list[ScoreEntry], one: float, other: float) -> None:
    low, high = replay(history, min(one, other)), replay(history, max(one, other))
    assert low.wakes >= high.wakes
    assert low.missed <= high.missed
    assert low.avoided <= high.avoided


def test_what_became_of_a_wake_is_noted_whenever_it_is_known() -> None:
    history = ScoreHistory()
    history.add("kitchen", peak(0.4), NOON)
    history.add("kitchen", peak(0.9, woke=True), NOON)
    history.add("kitchen", peak(0.7, rejected=True), NOON)
    history.settle("kitchen", Outcome.COMMAND)
    history.settle("hall", Outcome.FALSE_WAKE)
    history.add("hall", peak(0.8), NOON)
    history.add("hall", peak(0.8, woke=True), NOON)
    history.add("hall", peak(0.8, woke=True), NOON)
    assert [scored.outcome for scored in history.entries("kitchen")] == [
        Outcome.NEAR_MISS,
        Outcome.COMMAND,
        Outcome.REJECTED,
    ]
    assert [scored.outcome for scored in history.entries("hall")] == [
        Outcome.NEAR_MISS,
        Outcome.FALSE_WAKE,
        Outcome.UNSETTLED,
    ]


def test_time_and_score_are_coarse_and_a_threshold_is_not_reached_by_rounding() -> None:
    history = ScoreHistory()
    added = history.add("kitchen", peak(0.4999), NOON)
    assert added.when == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert added.score == 0.49
    assert history.add("kitchen", peak(0.29), NOON).score == 0.29
    with pytest.raises(ValueError, match="number"):
        history.add("kitchen", peak(float("nan")), NOON)


def test_it_is_bounded_and_can_be_forgotten() -> None:
    history = ScoreHistory()
    for at in range(MAX_ENTRIES + 10):
        history.add("kitchen", peak(0.3), NOON + timedelta(minutes=at))
    history.add("hall", peak(0.3), NOON)
    assert len(history.entries("kitchen")) == MAX_ENTRIES
    assert history.entries("kitchen")[0].when.minute == 10
    assert history.forget("kitchen", before=NOON.replace(second=0) + timedelta(minutes=109, seconds=1)) == 100
    assert len(history.entries("kitchen")) == MAX_ENTRIES - 100
    assert history.forget("kitchen") == MAX_ENTRIES - 100
    assert history.forget() == 1
    assert history.forget() == history.forget("attic") == 0
    assert history.entries("kitchen") == history.entries("hall") == ()
