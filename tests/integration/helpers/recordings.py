"""Recordings without speaking: utterances that go the hub's own way in."""

from array import array
from datetime import datetime, timedelta
import math
import time

from homeassistant.util import dt as dt_util

from custom_components.voice_privacy.core.audio import SAMPLE_RATE
from custom_components.voice_privacy.core.capture import CaptureSession, Wake
from custom_components.voice_privacy.core.models import RecordingKind, StartedBy

from .house import KITCHEN, House


def tone(seconds: float = 0.5, frequency: float = 440.0) -> bytes:
    """Return a sine at half of full scale, 16 kHz, 16-bit, mono."""
    step = 2 * math.pi * frequency / SAMPLE_RATE
    return array("h", (int(16_000 * math.sin(n * step)) for n in range(int(seconds * SAMPLE_RATE)))).tobytes()


def begin(
    house: House, transcript: str | None, *, owner: str, started_at: datetime | None = None, pcm: bytes = b""
) -> CaptureSession:
    """Begin an utterance that is not kept yet."""
    ago = timedelta() if started_at is None else dt_util.utcnow() - started_at
    capture = CaptureSession(
        owner,
        Wake(started_by=StartedBy.WAKE_WORD, wake_word="alexa", phrase="Alexa", score=0.97, threshold=0.5),
        pre_roll=b"",
        started_at=started_at or dt_util.utcnow(),
        started_monotonic=time.monotonic() - ago.total_seconds(),
    )
    capture.add(pcm or tone())
    capture.transcript, capture.reply, capture.language = transcript, "It is noon", "en"
    house.hub.capture_started(house.hub.satellites[owner], capture)
    return capture


async def record(
    house: House,
    transcript: str | None = "what time is it",
    *,
    owner: str = KITCHEN,
    kind: RecordingKind = RecordingKind.COMMAND,
    started_at: datetime | None = None,
    pcm: bytes = b"",
) -> str:
    """Have one utterance kept; return its id."""
    capture = begin(house, transcript, owner=owner, started_at=started_at, pcm=pcm)
    await house.hub.async_capture_finished(house.hub.satellites[owner], capture, kind)
    assert capture.utterance_id in house.hub.recordings
    return capture.utterance_id
