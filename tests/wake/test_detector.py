"""One detection for every word spoken, whatever the scores do."""

import itertools

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.wake.detector import WakeWordDetector

CHUNK = 1_280
scores = st.lists(st.sampled_from([0.0, 0.2, 0.49, 0.5, 0.7, 1.0]), max_size=120)
levels = st.integers(1, 4)
refractory_chunks = st.integers(0, 40)


def detections(
    values: list[float], *, level: int = 1, refractory: int = 25, threshold: float = 0.5
) -> list[int]:
    """Return the numbers of the chunks that were detections."""
    detector = WakeWordDetector(
        threshold=threshold, trigger_level=level, refractory_samples=refractory * CHUNK
    )
    return [at for at, value in enumerate(values) if detector.process(value, (at + 1) * CHUNK)]


@pytest.mark.parametrize(
    ("values", "level", "refractory", "expected"),
    [
        ([0.1, 0.5, 0.9, 0.9, 0.1], 1, 25, [1]),
        ([0.1, 0.5, 0.9, 0.9, 0.1], 3, 25, [3]),
        ([0.9, 0.1, 0.9, 0.9, 0.1], 3, 25, []),
        ([0.9] * 100, 1, 25, [0]),
        ([0.9, 0.1, *[0.9] * 40], 1, 25, [0, 25]),
        ([0.9, 0.1, 0.9, 0.1, 0.9], 1, 0, [0, 2, 4]),
        ([0.9, 0.9, 0.9, 0.1, 0.9], 1, 0, [0, 4]),
        ([float("nan"), 0.9], 1, 25, [1]),
        ([0.499999, 0.5], 1, 25, [1]),
    ],
)
def test_rules(values: list[float], level: int, refractory: int, expected: list[int]) -> None:
    assert detections(values, level=level, refractory=refractory) == expected


@given(values=scores, level=levels, refractory=refractory_chunks)
def test_every_detection_follows_enough_chunks_over_the_threshold(
    values: list[float], level: int, refractory: int
) -> None:
    for at in detections(values, level=level, refractory=refractory):
        assert all(value >= 0.5 for value in values[at - level + 1 : at + 1])
        assert at >= level - 1


@given(values=scores, level=levels, refractory=refractory_chunks)
def test_between_two_detections_lie_the_refractory_time_and_a_low_score(
    values: list[float], level: int, refractory: int
) -> None:
    found = detections(values, level=level, refractory=refractory)
    for earlier, later in itertools.pairwise(found):
        assert later - earlier >= refractory
        assert min(values[earlier:later]) < 0.5


@given(values=scores, level=levels, refractory=refractory_chunks)
def test_no_word_is_lost(values: list[float], level: int, refractory: int) -> None:
    """A run of chunks over the threshold is found unless it lies within the refractory time before it."""
    found = detections(values, level=level, refractory=refractory)
    run = 0
    for at, value in enumerate(values):
        run = run + 1 if value >= 0.5 else 0
        if run < level:
            continue
        recent = [earlier for earlier in found if earlier <= at]
        within_refractory = bool(recent) and at - recent[-1] < max(refractory, 1)
        same_run = bool(recent) and recent[-1] > at - run
        assert within_refractory or same_run


@given(values=scores, gap=st.integers(0, 1_000_000))
def test_time_is_counted_in_samples(values: list[float], gap: int) -> None:
    """Where the stream began to count does not matter, only what lies between."""
    detector = WakeWordDetector(threshold=0.5, refractory_samples=25 * CHUNK)
    shifted = [at for at, value in enumerate(values) if detector.process(value, gap + (at + 1) * CHUNK)]
    assert shifted == detections(values)


def test_reset_forgets() -> None:
    detector = WakeWordDetector(threshold=0.5, trigger_level=2, refractory_samples=100 * CHUNK)
    assert not detector.process(0.9, CHUNK)
    detector.reset()
    assert not detector.process(0.9, CHUNK)
    assert detector.process(0.9, 2 * CHUNK)
    detector.reset()
    assert not detector.process(0.9, CHUNK)
    assert detector.process(0.9, 2 * CHUNK)
