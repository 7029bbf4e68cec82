"""What counts as close to a wake, and how many may be kept."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.near_miss import CLOSE, MAX_PER_MINUTE, NearMissLimit, is_near_miss
from custom_components.voice_privacy.core.score_history import ScorePeak


def peak(score: float, threshold: float, *, woke: bool = False, rejected: bool = False) -> ScorePeak:
    return ScorePeak(
        wake_word="alexa",
        score=score,
        threshold=threshold,
        end_sample=16_000,
        generation=1,
        woke=woke,
        rejected=rejected,
    )


@given(st.floats(0.2, 1), st.floats(0.1, 0.95), st.booleans())
def test_close_is_most_of_the_threshold_and_a_wake_is_none(
    score: float, threshold: float, woke: bool
) -> None:
    assert is_near_miss(peak(score, threshold, woke=woke)) is (not woke and score >= CLOSE * threshold)


@pytest.mark.parametrize("score", [0.2, 0.5, 0.99])
def test_what_the_second_stage_rejects_is_one(score: float) -> None:
    assert is_near_miss(peak(score, 0.5, rejected=True))


@given(st.lists(st.floats(0, 20), max_size=60))
def test_no_minute_has_more_than_allowed_and_none_is_refused_for_nothing(waits: list[float]) -> None:
    limit, now, admitted = NearMissLimit(), 0.0, list[float]()
    for wait in waits:
        now += wait
        recent = [when for when in admitted if now - when < 60]
        if limit.admits(now):
            admitted.append(now)
            assert len(recent) < MAX_PER_MINUTE
        else:
            assert len(recent) == MAX_PER_MINUTE
    assert all(first <= second for first, second in pairwise(admitted))
