"""The watch for near misses, stream by stream: what belongs to one, sample by sample."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES, SAMPLE_RATE, SAMPLE_WIDTH
from custom_components.voice_privacy.core.capture import PRE_ROLL_SECONDS
from custom_components.voice_privacy.core.models import RecordingKind
from custom_components.voice_privacy.core.near_miss import AFTER_SECONDS, MAX_PER_MINUTE, NearMissLimit
from custom_components.voice_privacy.core.ring_buffer import RingBuffer
from custom_components.voice_privacy.core.score_history import ScorePeak
from custom_components.voice_privacy.satellites.near_misses import NearMiss, NearMissWatch

from .helpers.talker import loud

SOUND = loud(30.0)
AFTER = int(AFTER_SECONDS * SAMPLE_RATE)
CHUNK = CHUNK_SAMPLES * SAMPLE_WIDTH


class Keeper:
    """A satellite, and its stream."""

    satellite_id = "kitchen"

    def __init__(self) -> None:
        self.near_misses = NearMissLimit()
        self.may_keep_near_miss = True
        self.begun: list[NearMiss] = []
        self.ended: list[NearMiss] = []
        self.buffer = RingBuffer(4.5)
        self.watch = NearMissWatch(self, self.buffer.between)

    def near_miss_begins(self, near_miss: NearMiss) -> None:
        self.begun.append(near_miss)

    def near_miss_ends(self, near_miss: NearMiss) -> None:
        self.ended.append(near_miss)

    @property
    def kept(self) -> list[bytes]:
        """Return the audio of what may be kept."""
        assert self.ended == self.begun[: len(self.ended)]
        finished = [live.capture.finish(RecordingKind.FALSE_WAKE) for live in self.ended]
        return [
            utterance.audio
            for live, utterance in zip(self.ended, finished, strict=True)
            if live.capture.forbidden is None
        ]

    def feed(self, seconds: float) -> None:
        """Let some chunks arrive."""
        for _ in range(round(seconds * SAMPLE_RATE / CHUNK_SAMPLES)):
            start = self.buffer.end_sample * SAMPLE_WIDTH
            self.buffer.append(SOUND[start : start + CHUNK])
            self.watch.heard(self.buffer.end_sample)

    def peak(self, ago: float = 0.48, **changes: Any) -> int:
        """Report a peak that was heard some time ago; return its sample."""
        at = self.buffer.end_sample - int(ago * SAMPLE_RATE)
        fields: dict[str, Any] = {"score": 0.4, "threshold": 0.5, "woke": False, "rejected": False} | changes
        self.watch.peaked(ScorePeak(wake_word="alexa", end_sample=at, generation=1, **fields))
        return at


@pytest.fixture
def keeper() -> Keeper:
    """A satellite that has streamed for a while."""
    keeper = Keeper()
    keeper.feed(4.0)
    return keeper


@given(st.floats(0, 3))
def test_it_ends_a_second_after_the_highest_score_however_late_it_is_told(ago: float) -> None:
    keeper = Keeper()
    keeper.feed(8.0)
    at = keeper.peak(ago)
    keeper.feed(3.0)
    (audio,) = keeper.kept
    end = (at + AFTER) * SAMPLE_WIDTH
    assert SOUND[:end].endswith(audio)
    assert AFTER < len(audio) // SAMPLE_WIDTH <= AFTER + PRE_ROLL_SECONDS * SAMPLE_RATE


def test_it_is_not_kept_before_its_last_second_is_over(keeper: Keeper) -> None:
    keeper.peak()
    keeper.feed(0.8)
    assert (len(keeper.begun), keeper.ended) == (1, [])


@pytest.mark.parametrize(("after", "kept"), [(0.1, 0), (0.9, 0), (1.0, 0), (1.1, 1)])
def test_a_wake_within_a_second_makes_it_none(keeper: Keeper, after: float, kept: int) -> None:
    at = keeper.peak()
    keeper.feed(0.8)
    keeper.watch.woke(at + int(after * SAMPLE_RATE))
    keeper.feed(3.0)
    assert len(keeper.kept) == kept


def test_what_was_heard_before_a_wake_is_none(keeper: Keeper) -> None:
    """As the score of another wake word, which was lower."""
    keeper.watch.woke(keeper.buffer.end_sample)
    keeper.feed(0.24)
    keeper.peak(0.48)
    keeper.feed(3.0)
    assert keeper.begun == []


@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_all_of_it_was_heard_with_consent(keeper: Keeper, when: str) -> None:
    def moment() -> None:
        keeper.may_keep_near_miss = False
        keeper.feed(0.08)
        keeper.may_keep_near_miss = True

    if when == "before":
        moment()
        keeper.feed(0.48)
    keeper.peak(0.4)
    if when == "within":
        keeper.feed(0.2)
        moment()
    keeper.feed(3.0)
    if when == "after":
        moment()
    assert len(keeper.kept) == (1 if when == "after" else 0)


@pytest.mark.parametrize(("ago", "kept"), [(0.0, 0), (0.48, 0), (2.5, 1)])
def test_nothing_begins_with_what_was_heard_before_a_deletion(keeper: Keeper, ago: float, kept: int) -> None:
    """The engine reports a sound only when it is over; the deletion may come in between."""
    keeper.near_misses.deletions += 1
    keeper.feed(ago)
    keeper.peak(0.48)
    keeper.feed(3.0)
    assert len(keeper.kept) == kept


@pytest.mark.parametrize("changes", [{"score": 0.29}, {"score": 0.9, "woke": True}])
def test_what_is_not_close_is_none(keeper: Keeper, changes: dict[str, Any]) -> None:
    keeper.peak(**changes)
    keeper.feed(3.0)
    assert keeper.begun == []


def test_the_same_sound_is_kept_once(keeper: Keeper) -> None:
    keeper.peak()
    keeper.peak()
    keeper.feed(1.04)
    keeper.peak(0.6)
    keeper.feed(3.0)
    assert len(keeper.kept) == 1


def test_a_restart_forgets(keeper: Keeper) -> None:
    keeper.peak()
    keeper.buffer.clear()
    keeper.watch.restart()
    keeper.feed(3.0)
    assert (len(keeper.ended), keeper.kept) == (1, [])
    # What is told of the stream before lies in the future of this one.
    keeper.peak(-1.0)
    assert len(keeper.begun) == 1


def test_no_more_than_a_few_a_minute() -> None:
    keeper = Keeper()
    keeper.feed(4.0)
    for _ in range(MAX_PER_MINUTE + 1):
        keeper.peak(0.0)
        keeper.feed(4.0)
    assert len(keeper.kept) == MAX_PER_MINUTE
    assert len(keeper.ended) == MAX_PER_MINUTE + 1
