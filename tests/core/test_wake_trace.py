"""How a wake word was heard: scores that never seem higher than they were, and any version read without a fault."""

import math

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.feedback import Feedback, Label
from custom_components.voice_privacy.core.wake_trace import HeardBy, WakeTrace, rounded_scores

from .test_run_outcome import ANYTHING

TRACES = st.builds(
    WakeTrace,
    heard_by=st.none() | st.sampled_from(HeardBy),
    engine_name=st.none() | st.just("openWakeWord add-on"),
    scores=st.lists(st.floats(0, 1), max_size=30).map(rounded_scores),
    filter_score=st.none() | st.floats(0, 1),
)


@given(scores=st.lists(st.floats(0, 1)), threshold=st.integers(0, 100))
def test_no_score_seems_to_reach_a_threshold_that_it_missed(scores: list[float], threshold: int) -> None:
    for score, rounded in zip(scores, rounded_scores(scores), strict=True):
        assert rounded <= score + 1e-7
        assert score - rounded < 0.0011
        if score < threshold / 100 - 2e-7:
            assert rounded < threshold / 100


def test_what_is_no_score_counts_as_none() -> None:
    assert rounded_scores([math.nan, -1.0, 2.0, math.inf, 0.5]) == (0.0, 0.0, 1.0, 1.0, 0.5)


@given(trace=TRACES)
def test_a_trace_is_read_as_it_was_written(trace: WakeTrace) -> None:
    assert WakeTrace.from_stored(trace.as_stored()) == trace
    assert str(trace.scores[0] if trace.scores else "x")[:4] not in repr(trace) or not trace.scores


@given(stored=ANYTHING)
def test_anything_can_be_read(stored: object) -> None:
    for value in (stored, {"scores": stored}, {"heard_by": stored}, {"filter_score": stored}):
        trace = WakeTrace.from_stored(value)
        assert trace is None or all(0 <= score <= 1 for score in trace.scores)
    for value in (stored, {"label": stored}, {"label": "cut_off", "correction": stored}):
        feedback = Feedback.from_stored(value)
        assert feedback is None or feedback.label in Label


@pytest.mark.parametrize("bad", [None, "0.5", True, 1.5, -0.1, [], math.nan])
def test_scores_with_a_gap_are_not_shown(bad: object) -> None:
    trace = WakeTrace.from_stored({"heard_by": "openwakeword", "scores": [0.1, bad, 0.9]})
    assert trace == WakeTrace(heard_by=HeardBy.OPENWAKEWORD)


def test_a_later_version_is_understood_as_far_as_possible() -> None:
    stored = {"heard_by": "three ears", "scores": [0.5], "unknown": 7, "engine_name": "Ear"}
    assert WakeTrace.from_stored(stored) == WakeTrace(engine_name="Ear", scores=(0.5,))
    assert WakeTrace.from_stored({"scores": [0.5] * 1_000}) == WakeTrace()


def test_a_correction_belongs_to_a_wrong_transcript() -> None:
    assert Feedback.given(Label.CUT_OFF, "words").correction is None
    assert Feedback.given(Label.WRONG_TRANSCRIPT, " wo\u202erds ").correction == "words"
    assert Feedback.given(Label.WRONG_TRANSCRIPT, "").correction is None
    assert "words" not in repr(Feedback.given(Label.WRONG_TRANSCRIPT, "words"))
