"""One utterance on its way from a satellite's microphone through an Assist pipeline."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Final, Protocol

from ..core.audio import bytes_of
from ..core.capture import CaptureSession

_PIECE_BYTES: Final = bytes_of(0.25)
"""Maximum size of a piece of audio in a pipeline, which processes each without a pause."""


@dataclass(slots=True, kw_only=True)
class PipelineOutcome:
    """Result of an Assist pipeline for one utterance."""

    heard: bool = False
    """True if a speech-to-text engine accepted the audio and answered, even with an empty transcript."""

    duplicate: bool = False
    """True if another satellite detected the same wake word first."""

    answered: bool = False
    """True if the satellite has been told that its utterance is over."""


class PipelineRunner(Protocol):
    """Runner of Assist pipelines for a satellite: its assist_satellite entity."""

    async def async_run_pipeline(
        self, audio: AsyncIterable[bytes], capture: CaptureSession, outcome: PipelineOutcome
    ) -> None:
        """Run a pipeline from speech-to-text on; fill in the capture's texts and the outcome."""


class Utterance:
    """Capture on its way through a pipeline."""

    def __init__(self, capture: CaptureSession) -> None:
        """Start with the audio captured so far."""
        self.capture = capture
        self.outcome = PipelineOutcome()
        self.ended = asyncio.Event()
        self.pipeline: asyncio.Task[None] | None = None
        self.by_level = False
        """True if no speech-to-text engine reports the end of speech, so that the audio level decides."""

        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def add(self, pcm: bytes) -> None:
        """Append 16 kHz, 16-bit, mono PCM; end the utterance once it is complete."""
        self.capture.add(pcm)
        for start in range(0, len(pcm), _PIECE_BYTES):
            self._queue.put_nowait(pcm[start : start + _PIECE_BYTES])
        if self.capture.full or (self.by_level and self.capture.fell_silent):
            self.close()

    def close(self) -> None:
        """Stop taking audio."""
        if not self.ended.is_set():
            self.capture.close()
            self._queue.put_nowait(None)
            self.ended.set()

    def cancel(self) -> None:
        """Cancel the pipeline if one is running."""
        if self.pipeline is not None:
            self.pipeline.cancel()

    async def stream(self) -> AsyncIterable[bytes]:
        """Yield the audio for transcription."""
        while (pcm := await self._queue.get()) is not None:
            yield pcm
            if not self._queue.empty():
                # After a burst, other tasks have their turn between two pieces.
                await asyncio.sleep(0)
