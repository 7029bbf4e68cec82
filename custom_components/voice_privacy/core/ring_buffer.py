"""The only place where audio from before a wake word lives: bounded, in memory, addressed by sample."""

from .audio import SAMPLE_RATE, SAMPLE_WIDTH


class RingBuffer:
    """Keep the newest seconds of a stream. Not thread-safe."""

    def __init__(self, seconds: float) -> None:
        """Hold at most this many seconds of PCM audio."""
        self._capacity = int(seconds * SAMPLE_RATE) * SAMPLE_WIDTH
        self._audio = bytearray()
        self._end = 0

    @property
    def end_sample(self) -> int:
        """Samples that the stream has carried so far."""
        return self._end

    @property
    def start_sample(self) -> int:
        """Position in the stream of the oldest sample still held."""
        return self._end - len(self._audio) // SAMPLE_WIDTH

    def append(self, pcm: bytes) -> None:
        """Add the stream's next audio and forget what no longer fits."""
        self._end += len(pcm) // SAMPLE_WIDTH
        self._audio += pcm
        if (excess := len(self._audio) - self._capacity) > 0:
            del self._audio[:excess]

    def between(self, start_sample: int, end_sample: int) -> bytes:
        """Return the part of [start_sample, end_sample) that is still held."""
        origin = self.start_sample
        first = max(start_sample - origin, 0) * SAMPLE_WIDTH
        last = max(end_sample - origin, 0) * SAMPLE_WIDTH
        return bytes(self._audio[first:last])

    def clear(self) -> None:
        """Forget all audio and start counting samples at zero again."""
        self._audio.clear()
        self._end = 0
