"""Bounded in-memory buffer addressed by sample, the only place that holds audio from before a wake word."""

from .audio import SAMPLE_RATE, SAMPLE_WIDTH


class RingBuffer:
    """Ring buffer of the newest audio of a stream. Not thread-safe."""

    def __init__(self, seconds: float) -> None:
        """Create a buffer for at most this many seconds of PCM audio."""
        self._capacity = int(seconds * SAMPLE_RATE) * SAMPLE_WIDTH
        self._audio = bytearray()
        self._end = 0

    @property
    def end_sample(self) -> int:
        """Position of the end of the stream: the number of samples received so far."""
        return self._end

    @property
    def start_sample(self) -> int:
        """Stream position of the oldest sample in the buffer."""
        return self._end - len(self._audio) // SAMPLE_WIDTH

    def append(self, pcm: bytes) -> None:
        """Append audio and drop the oldest audio that no longer fits."""
        self._end += len(pcm) // SAMPLE_WIDTH
        self._audio += pcm
        if (excess := len(self._audio) - self._capacity) > 0:
            del self._audio[:excess]

    def between(self, start_sample: int, end_sample: int) -> bytes:
        """Return the part of [start_sample, end_sample) that is still in the buffer."""
        origin = self.start_sample
        first = max(start_sample - origin, 0) * SAMPLE_WIDTH
        last = max(end_sample - origin, 0) * SAMPLE_WIDTH
        return bytes(self._audio[first:last])

    def clear(self) -> None:
        """Drop all audio and restart sample positions at zero."""
        self._audio.clear()
        self._end = 0
