"""Utterances to keep, and a search for what must never be found on a disk."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
import random
from typing import Final

from custom_components.voice_privacy.core.models import RecordingKind, StartedBy, Utterance

DAY: Final = date(2026, 11, 24)
START: Final = datetime(2026, 11, 24, 7, 30, 15, 123456, tzinfo=UTC)
TRANSCRIPT: Final = "turn on the kitchen light ünd everything else in that beautiful room of ours, please"
WINDOW: Final = 64
"""Bytes that count as a find: shorter runs of audio repeat by chance."""


def make_utterance(number: int = 1, *, samples: int = 4_000, **changes: object) -> Utterance:
    """Return an utterance whose audio no other number has."""
    noise = random.Random(number)
    values: dict[str, object] = {
        "utterance_id": f"{number:08x}{noise.getrandbits(96):024x}",
        "satellite_id": "kitchen",
        "started_at": START + timedelta(seconds=number),
        "started_monotonic": 1000.0 + number,
        "started_by": StartedBy.WAKE_WORD,
        "audio": noise.randbytes(samples * 2),
        "peak_dbfs": -12.5,
        "kind": RecordingKind.COMMAND,
        "wake_word": "alexa",
        "score": 0.91,
        "threshold": 0.5,
        "transcript": f"number {number}: {TRANSCRIPT}",
        "reply": f"{number} times: turned on the light in the kitchen, in the hall, and everywhere else",
        "language": "en-GB",
    }
    return Utterance(**(values | changes))  # type: ignore[arg-type]


def windows_of(utterance: Utterance) -> Iterator[bytes]:
    """Yield what of an utterance must not lie on a disk: pieces of its audio and of its words."""
    for start in range(0, len(utterance.audio) - WINDOW + 1, WINDOW):
        yield utterance.audio[start : start + WINDOW]
    for text in (utterance.transcript, utterance.reply):
        if text:
            yield text.encode()[:WINDOW]
            yield text.encode("utf-16-le")[:WINDOW]


def find(windows: Iterable[bytes], contents: Iterable[bytes]) -> int:
    """Return how many windows are found in any content."""
    haystacks = list(contents)
    return sum(any(window in haystack for haystack in haystacks) for window in windows)


def contents_below(folder: Path) -> list[bytes]:
    """Return the content of every file below a folder."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
