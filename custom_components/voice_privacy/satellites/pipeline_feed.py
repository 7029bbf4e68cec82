"""Capture of a Wyoming satellite on its way through an Assist pipeline."""

import asyncio
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
import logging
import math
import time
from typing import Final, Protocol, override

from homeassistant.core import HomeAssistant

from ..core.arrival import Arrival
from ..core.audio import bytes_of, seconds_of
from ..core.capture import CaptureSession, Wake
from ..core.error_place import type_and_place
from .live_capture import LiveCapture

_LOGGER = logging.getLogger(__name__)

_PIECE_BYTES: Final = bytes_of(0.08)
"""Maximum size of a piece of audio in a pipeline, which writes it to an engine's socket in eight parts without a pause."""

_FIRST_AUDIO_SECONDS: Final = 15.0
"""Time without any audio that ends an utterance: a satellite that only sends speech sends none if nobody answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineResult:
    """Result of an Assist pipeline for one utterance."""

    transcribed: bool = False
    """True if a speech-to-text engine accepted the audio and answered, even with an empty transcript."""

    duplicate: bool = False
    """True if another satellite detected the same wake word first."""

    answered: bool = False
    """True if the satellite has been told that its utterance is over."""


class PipelineRunner(Protocol):
    """Runner of Assist pipelines for a satellite: its assist_satellite entity."""

    async def async_run_pipeline(
        self, audio: AsyncIterable[bytes], capture: CaptureSession
    ) -> PipelineResult:
        """Run a pipeline from speech-to-text on and fill in the capture's texts.

        A run that is cancelled ends at once and returns what is known by then.
        """


class PipelineFeed(LiveCapture):
    """A live capture whose audio also feeds a pipeline."""

    def __init__(
        self,
        satellite_id: str,
        wake: Wake,
        *,
        ignores_made_up_text: bool,
        pre_roll: bytes = b"",
        post_roll: bytes = b"",
        before: bytes = b"",
    ) -> None:
        """Open a capture; the pipeline gets the audio after the wake word. For the arguments, see LiveCapture."""
        self.ended = asyncio.Event()
        self.on_over: Callable[[], None] = lambda: None
        """Called once when the utterance is over, whether or not a pipeline ran."""

        self._arrival = Arrival()
        self._first_due: float | None = time.monotonic() + _FIRST_AUDIO_SECONDS
        """Time until which the first audio must have arrived; None once it has."""

        self._run: asyncio.Task[PipelineResult] | None = None
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        super().__init__(
            satellite_id,
            wake,
            ignores_made_up_text=ignores_made_up_text,
            pre_roll=pre_roll,
            post_roll=post_roll,
            before=before,
        )

    @override
    def add(self, pcm: bytes) -> None:
        """Append 16 kHz, 16-bit, mono PCM; end the utterance once it is complete."""
        super().add(pcm)
        self._first_due = None
        self._arrival.add(self.capture.segmenter.quiet_seconds, seconds_of(pcm), time.monotonic())
        for start in range(0, len(pcm), _PIECE_BYTES):
            self._queue.put_nowait(pcm[start : start + _PIECE_BYTES])
        self.check()

    def check(self) -> None:
        """End the utterance once it is complete, or no more audio arrives."""
        now = time.monotonic()
        fell_silent = self.capture.fell_silent and self._arrival.is_real_silence(now)
        if (
            fell_silent
            or self.capture.full
            or self._arrival.has_stalled(now)
            or now >= (self._first_due or math.inf)
        ):
            if not self.ended.is_set() and (fell_silent or self.capture.heard_speech):
                # Whatever ends it: after its last word, the room is not part of it. If the level found no word,
                # only the transcript can tell whether there was one.
                self.capture.drop_after_end()
            self.close()

    def end_by_level(self) -> None:
        """Let the level decide when it ends: no speech-to-text engine does."""
        self.capture.segmenter.engine_decides = False
        self.check()

    @override
    def close(self) -> None:
        """Stop taking audio."""
        if not self.ended.is_set():
            super().close()
            self._queue.put_nowait(None)
            self.ended.set()

    def cancel(self) -> None:
        """Cancel the pipeline if one is running."""
        if self._run is not None:
            self._run.cancel()

    async def async_run(
        self, hass: HomeAssistant, runner: PipelineRunner, *, timeout: float
    ) -> PipelineResult:
        """Run the pipeline in a separate task, which a mute or a lost connection cancels; return its result.

        A pipeline that takes longer than the timeout in seconds is cancelled.
        """
        name = self.capture.satellite_id
        run = self._run = hass.async_create_background_task(
            runner.async_run_pipeline(self.stream(), self.capture), f"voice_privacy_pipeline_{name}"
        )
        if self.ended.is_set() and self.capture.forbidden is not None:
            run.cancel()
        try:
            done, _ = await asyncio.wait({run}, timeout=timeout)
            if not done:
                run.cancel()
                await asyncio.wait({run})
        finally:
            run.cancel()
        if run.cancelled():
            # One that was cancelled before it began has no result.
            return PipelineResult()
        try:
            return run.result()
        except Exception as err:  # noqa: BLE001
            # The message may contain what was said; its type does not.
            _LOGGER.error("The pipeline of satellite %s failed: %s", name, type_and_place(err))
            return PipelineResult()

    async def stream(self) -> AsyncIterable[bytes]:
        """Yield the audio for transcription."""
        while (pcm := await self._queue.get()) is not None:
            yield pcm
            if not self._queue.empty():
                # After a burst, other tasks have their turn between two pieces.
                await asyncio.sleep(0)
