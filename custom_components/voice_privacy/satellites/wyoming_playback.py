"""Playback of spoken replies on a satellite, and the tone for an opened microphone."""

from array import array
import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
import contextlib
from functools import cache
import io
import math
import time
from typing import Final
import wave

from wyoming.audio import AudioChunk, AudioStart, AudioStop

from .wyoming_connection import WyomingLink

_CHUNK_SAMPLES: Final = 1_024
_MAX_RATE: Final = 384_000
_MAX_CHANNELS: Final = 8

_LONGEST_HEADER: Final = 4_096
"""Bytes after which audio without a WAV header is rejected."""


_TONE_RATE: Final = 16_000
_TONE_SECONDS: Final = 0.12
_TONE_HERTZ: Final = (660.0, 880.0)
_TONE_PEAK: Final = 5_000
"""Peak amplitude (maximum 32,767): audible in the room, and no louder than speech."""


@cache
def tone_samples(rate: int = _TONE_RATE) -> bytes:
    """Return two rising notes as mono PCM, 16-bit, which signal to the room that the microphone is open."""
    samples = array("h")
    count = int(rate * _TONE_SECONDS)
    for hertz in _TONE_HERTZ:
        for number in range(count):
            # Fade in and out to avoid clicks.
            level = _TONE_PEAK * math.sin(math.pi * number / count)
            samples.append(int(level * math.sin(2 * math.pi * hertz * number / rate)))
    return samples.tobytes()


@cache
def opened_tone() -> bytes:
    """Return the tone for an opened microphone as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setframerate(_TONE_RATE)
        writer.setsampwidth(2)
        writer.setnchannels(1)
        writer.writeframes(tone_samples())
    return file.getvalue()


def _read_header(head: bytes) -> tuple[int, int, int, bytes] | None:
    """Return rate in Hz, width in bytes, channels and the audio after the header; None if it is incomplete.

    Raises ValueError for an unsupported format.
    """
    stream = io.BytesIO(head)
    try:
        with wave.open(stream, "rb") as reader:
            rate, width, channels = reader.getframerate(), reader.getsampwidth(), reader.getnchannels()
    except EOFError, wave.Error:
        return None
    if not (0 < rate <= _MAX_RATE and 0 < width <= 4 and 0 < channels <= _MAX_CHANNELS):
        raise ValueError("no speaker plays audio of this format")
    return rate, width, channels, head[stream.tell() :]


async def _async_header(stream: AsyncIterator[bytes]) -> tuple[int, int, int, bytes] | None:
    """Return what _read_header returns of a stream; None if it has no WAV header. Raises ValueError."""
    head = b""
    while (data := await anext(stream, None)) is not None and len(head) <= _LONGEST_HEADER:
        head += data
        if (header := _read_header(head)) is not None:
            return header
    return None


async def _pieces(stream: AsyncIterator[bytes], pending: bytes, frame: int) -> AsyncGenerator[bytes]:
    """Split pending and following audio into chunks; frame is the size of one sample of all channels."""
    length = _CHUNK_SAMPLES * frame
    while True:
        whole = len(pending) // length * length
        for start in range(0, whole, length):
            yield pending[start : start + length]
        pending = pending[whole:]
        if (data := await anext(stream, None)) is None:
            break
        pending += data
    if whole := len(pending) // frame * frame:
        yield pending[:whole]


async def wav_audio(chunks: AsyncIterable[bytes]) -> AsyncGenerator[AudioChunk]:
    """Yield the audio of a WAV stream as it arrives; nothing of a stream without a WAV header.

    Raises ValueError for an unsupported format.
    """
    stream = aiter(chunks)
    if (header := await _async_header(stream)) is not None:
        rate, width, channels, pending = header
        async with contextlib.aclosing(_pieces(stream, pending, width * channels)) as pieces:
            async for piece in pieces:
                yield AudioChunk(rate, width, channels, audio=piece)


async def async_play_wav(link: WyomingLink, chunks: AsyncIterable[bytes]) -> float:
    """Stream a WAV file to a satellite as it arrives; return the seconds left to be played.

    A stream without a WAV header is not played; a lost connection ends the playback.
    """
    stream = aiter(chunks)
    if (header := await _async_header(stream)) is None:
        return 0.0
    rate, width, channels, pending = header
    started = time.monotonic()
    seconds = 0.0
    if not await link.async_send(AudioStart(rate=rate, width=width, channels=channels, timestamp=0).event()):
        return 0.0
    try:
        async with contextlib.aclosing(_pieces(stream, pending, width * channels)) as pieces:
            async for piece in pieces:
                chunk = AudioChunk(rate, width, channels, audio=piece, timestamp=int(seconds * 1_000))
                if not await link.async_send(chunk.event()):
                    return 0.0
                seconds += chunk.seconds
    except asyncio.CancelledError:
        # A new utterance interrupts the reply.
        link.discard_audio()
        raise
    finally:
        # Also sent if the engine fails midway: otherwise the satellite would keep waiting for audio.
        await link.async_send(AudioStop(timestamp=int(seconds * 1_000)).event())
    return max(0.0, seconds - (time.monotonic() - started))
