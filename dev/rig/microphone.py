"""A microphone in a quiet room: noise, and whatever is said into it, in any format."""

import asyncio
from collections import deque
from dataclasses import dataclass
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .voices import SAMPLE_RATE, room_noise

_NOISE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneFormat:
    """How a microphone delivers its sound."""

    rate: int = SAMPLE_RATE
    """Samples a second."""

    width: int = 2
    """Bytes a sample: 2 or 4."""

    channels: int = 1
    chunk_milliseconds: int = 64
    """Length of one chunk: 10 to 128."""

    @property
    def chunk_seconds(self) -> float:
        """Length of one chunk."""
        return self.chunk_milliseconds / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """When something was said, on the monotonic clock in seconds."""

    started: float
    """The chunk with its first sample left the microphone."""

    ended: float
    """The chunk with its last sample left the microphone."""


class _Utterance:
    """Something that is being said."""

    def __init__(self, samples: NDArray[np.int32]) -> None:
        self.samples = samples
        self.position = 0
        self.started = 0.0
        self.spoken: asyncio.Future[Spoken] = asyncio.get_running_loop().create_future()


class Microphone:
    """Turn room noise and speech into chunks; who calls next_chunk keeps the time."""

    def __init__(self, audio_format: MicrophoneFormat) -> None:
        """Prepare the room's noise."""
        if audio_format.width not in (2, 4):
            raise ValueError(f"no microphone has samples of {audio_format.width} bytes")
        self.format = audio_format
        self._noise = room_noise(audio_format.rate * _NOISE_SECONDS).astype(np.int32)
        self._position = 0
        self._utterances: deque[_Utterance] = deque()

    def say(self, pcm: bytes) -> asyncio.Future[Spoken]:
        """Queue speech (mono, 16-bit, 16 kHz); the result arrives when it has been spoken."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float64)
        if self.format.rate != SAMPLE_RATE:
            length = len(samples) * self.format.rate // SAMPLE_RATE
            positions = np.arange(length) * (SAMPLE_RATE / self.format.rate)
            samples = np.interp(positions, np.arange(len(samples)), samples)
        utterance = _Utterance(np.rint(samples).astype(np.int32))
        self._utterances.append(utterance)
        return utterance.spoken

    def next_chunk(self) -> bytes:
        """Return what was heard since the last call."""
        length = self.format.rate * self.format.chunk_milliseconds // 1000
        positions = (self._position + np.arange(length)) % len(self._noise)
        self._position += length
        mixed = self._noise[positions]
        filled = 0
        while self._utterances and filled < length:
            utterance = self._utterances[0]
            if not utterance.position:
                utterance.started = time.monotonic()
            part = utterance.samples[utterance.position : utterance.position + length - filled]
            mixed[filled : filled + len(part)] += part
            filled += len(part)
            utterance.position += len(part)
            if utterance.position >= len(utterance.samples):
                self._utterances.popleft()
                if not utterance.spoken.done():
                    utterance.spoken.set_result(Spoken(started=utterance.started, ended=time.monotonic()))
        mixed = np.clip(mixed, -32_768, 32_767)
        frames = np.repeat(mixed, self.format.channels)
        if self.format.width == 4:
            return (frames << 16).astype("<i4").tobytes()
        return frames.astype("<i2").tobytes()
