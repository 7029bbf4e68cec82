"""Spoken replies on their way to a satellite's speaker."""

from collections.abc import AsyncIterable
import io
import time
from typing import Final
import wave

from wyoming.audio import AudioChunk, AudioStart, AudioStop

from .wyoming_link import WyomingLink

_CHUNK_SAMPLES: Final = 1_024

_LONGEST_HEADER: Final = 4_096
"""Bytes after which audio without a WAV header is given up."""


def _read_header(head: bytes) -> tuple[int, int, int, bytes] | None:
    """Return rate, width, channels and the audio after the header, or None while it is incomplete."""
    stream = io.BytesIO(head)
    try:
        with wave.open(stream, "rb") as reader:
            rate, width, channels = reader.getframerate(), reader.getsampwidth(), reader.getnchannels()
    except EOFError, wave.Error:
        return None
    return rate, width, channels, head[stream.tell() :]


async def async_play_wav(link: WyomingLink, chunks: AsyncIterable[bytes]) -> float:
    """Send a WAV stream to a satellite as it comes in; return how many seconds are left to be played.

    A stream without a WAV header is not played at all; a satellite that goes away ends the playing.
    """
    pending = b""
    chunk_bytes = 0
    rate = width = channels = 0
    started = 0.0
    sent_seconds = 0.0
    timestamp = 0
    async for data in chunks:
        pending += data
        if not chunk_bytes:
            if (header := _read_header(pending)) is None:
                if len(pending) > _LONGEST_HEADER:
                    return 0.0
                continue
            rate, width, channels, pending = header
            chunk_bytes = _CHUNK_SAMPLES * width * channels
            started = time.monotonic()
            if not await link.async_send(
                AudioStart(rate=rate, width=width, channels=channels, timestamp=0).event()
            ):
                return 0.0
        while len(pending) >= chunk_bytes:
            chunk = AudioChunk(rate, width, channels, audio=pending[:chunk_bytes], timestamp=timestamp)
            pending = pending[chunk_bytes:]
            if not await link.async_send(chunk.event()):
                return 0.0
            sent_seconds += chunk.seconds
            timestamp = int(sent_seconds * 1_000)
    if not chunk_bytes:
        return 0.0
    if whole := len(pending) // (width * channels) * width * channels:
        await link.async_send(
            AudioChunk(rate, width, channels, audio=pending[:whole], timestamp=timestamp).event()
        )
        sent_seconds += whole / (rate * width * channels)
    await link.async_send(AudioStop(timestamp=int(sent_seconds * 1_000)).event())
    return max(0.0, sent_seconds - (time.monotonic() - started))
