"""One utterance in memory."""

from datetime import UTC, datetime
import math
import struct

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.audio import SILENCE_DBFS, bytes_of
from custom_components.voice_privacy.core.capture import CaptureSession, Wake
from custom_components.voice_privacy.core.models import DiscardReason, RecordingKind, StartedBy


def tone(seconds: float, amplitude: int = 8_000) -> bytes:
    samples = int(seconds * 16_000)
    return struct.pack(f"<{samples}h", *(round(amplitude * math.sin(i / 3)) for i in range(samples)))


def silence(seconds: float) -> bytes:
    return bytes(bytes_of(seconds))


def session(pre_roll: bytes = b"") -> CaptureSession:
    return CaptureSession(
        "kitchen",
        Wake(started_by=StartedBy.WAKE_WORD, wake_word="alexa", score=0.9, threshold=0.5),
        pre_roll=pre_roll,
        started_at=datetime(2026, 11, 24, 12, tzinfo=UTC),
        started_monotonic=10.0,
    )


def test_holds_the_wake_word_and_what_follows() -> None:
    capture = session(pre_roll=tone(1))
    capture.add(tone(0.5))
    capture.add(silence(0.25))
    utterance = capture.finish(RecordingKind.COMMAND)
    assert utterance.audio == tone(1) + tone(0.5) + silence(0.25)
    assert (utterance.wake_word, utterance.score, utterance.started_by) == ("alexa", 0.9, StartedBy.WAKE_WORD)


def test_never_holds_more_than_a_second_and_a_half_from_before() -> None:
    capture = session(pre_roll=tone(4))
    assert capture.finish(RecordingKind.COMMAND).audio == tone(4)[-bytes_of(1.5) :]


def test_ends_by_level() -> None:
    capture = session(pre_roll=silence(1))
    ended = []
    for piece in (tone(1), silence(1)):
        capture.add(piece)
        ended.append(capture.fell_silent)
    assert ended == [False, True]
    assert capture.heard_speech


def test_length_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.core.capture.MAX_SECONDS", 2)
    capture = session()
    for _ in range(30):
        capture.add(tone(0.1))
    assert capture.full
    assert len(capture.finish(RecordingKind.COMMAND).audio) == bytes_of(2)


def test_closed_takes_no_more() -> None:
    capture = session()
    capture.add(tone(0.1))
    capture.close()
    capture.add(tone(0.1))
    assert len(capture.finish(RecordingKind.COMMAND).audio) == bytes_of(0.1)


def test_forbidden_forgets_but_still_follows_the_level() -> None:
    capture = session(pre_roll=silence(1))
    capture.add(tone(0.5))
    capture.forbid(DiscardReason.DELETED)
    capture.forbid(DiscardReason.MUTED)
    capture.add(tone(0.5))
    capture.add(silence(1))
    assert capture.fell_silent
    assert capture.forbidden is DiscardReason.DELETED
    assert capture.finish(RecordingKind.COMMAND).audio == b""


def test_peak_is_the_loudest_80_ms() -> None:
    capture = session()
    capture.add(silence(0.4))
    assert capture.finish(RecordingKind.COMMAND).peak_dbfs == SILENCE_DBFS
    capture = session()
    capture.add(silence(0.4) + tone(0.08, 32_767) + silence(0.4))
    assert capture.finish(RecordingKind.COMMAND).peak_dbfs == pytest.approx(-3, abs=0.2)


@given(st.lists(st.integers(0, 9_000), max_size=20))
def test_pieces_of_any_size_make_the_same_utterance(sizes: list[int]) -> None:
    audio = tone(1)
    whole, pieces = session(), session()
    whole.add(audio[: 2 * sum(sizes)])
    position = 0
    for size in sizes:
        pieces.add(audio[2 * position : 2 * (position + size)])
        position += size
    first, second = whole.finish(RecordingKind.COMMAND), pieces.finish(RecordingKind.COMMAND)
    assert (first.audio, first.peak_dbfs) == (second.audio, second.peak_dbfs)


@pytest.mark.parametrize("pieces", [1, 10])
def test_speech_from_the_first_sample_on_is_heard(pieces: int) -> None:
    """Without a wake word before it, nothing tells the noise level of the room at first."""
    noise, pcm = tone(1.0, 30), tone(0.5) + tone(1.0, 30)
    capture = session()
    for at in range(0, len(pcm), len(pcm) // pieces):
        capture.add(pcm[at : at + len(pcm) // pieces])
    assert capture.heard_speech
    quiet = session()
    quiet.add(noise)
    assert not quiet.heard_speech
