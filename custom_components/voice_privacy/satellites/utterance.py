"""One utterance on its way from a satellite's microphone through an Assist pipeline."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Protocol

from ..core.capture import CaptureSession


@dataclass(slots=True, kw_only=True)
class PipelineOutcome:
    """What an Assist pipeline made of an utterance."""

    heard: bool = False
    """A speech-to-text engine took the audio and gave an answer, be it that nothing was said."""

    duplicate: bool = False
    """Another satellite was faster."""

    answered: bool = False
    """The satellite has been told that its utterance is over."""


class PipelineRunner(Protocol):
    """Who can run an Assist pipeline for a satellite: its assist_satellite entity."""

    async def async_run_pipeline(
        self, audio: AsyncIterable[bytes], capture: CaptureSession, outcome: PipelineOutcome
    ) -> None:
        """Run from speech-to-text on; fills in the capture's texts and the outcome."""


class Utterance:
    """A capture on its way through a pipeline."""

    def __init__(self, capture: CaptureSession) -> None:
        """Begin with what has been captured so far."""
        self.capture = capture
        self.outcome = PipelineOutcome()
        self.ended = asyncio.Event()
        self.pipeline: asyncio.Task[None] | None = None
        self.by_level = False
        """No speech-to-text engine says when it is over: its level has to."""

        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def add(self, pcm: bytes) -> None:
        """Take the next audio; end the utterance when it is long enough."""
        self.capture.add(pcm)
        self._queue.put_nowait(pcm)
        if self.capture.full or (self.by_level and self.capture.fell_silent):
            self.close()

    def close(self) -> None:
        """Take no more audio."""
        if not self.ended.is_set():
            self.capture.close()
            self._queue.put_nowait(None)
            self.ended.set()

    def cancel(self) -> None:
        """Stop the pipeline, where one runs."""
        if self.pipeline is not None:
            self.pipeline.cancel()

    async def stream(self) -> AsyncIterable[bytes]:
        """Yield the audio to whoever transcribes it."""
        while (pcm := await self._queue.get()) is not None:
            yield pcm
