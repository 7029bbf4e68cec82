"""One satellite: what it hears, when it listens, and why it does not."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, replace
import logging
import time
from typing import Final, override

from homeassistant.core import HomeAssistant, callback
from wyoming.error import Error
from wyoming.event import Event
from wyoming.pipeline import PipelineStage
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.wake import Detection as WyomingDetection

from ..core.audio import SAMPLE_RATE, seconds_of
from ..core.capture import MAX_SECONDS, PRE_ROLL_SECONDS, CaptureSession, Wake
from ..core.cleaning import clean_name
from ..core.models import Detection, DiscardReason, RecordingKind, StartedBy
from ..core.privacy import PrivacySettings
from ..core.ring_buffer import RingBuffer
from ..core.stream_health import Remedy, SatelliteState, StreamHealth, state_of
from ..core.wake_gate import WakeGate
from ..wake_listening.listener import WakeListener
from ..wake_listening.remote_engine import RemoteEngine
from .base import Satellite, SatelliteConfig, SatelliteHost
from .utterance import PipelineRunner, Utterance
from .wyoming_connection import WyomingLink
from .wyoming_events import SatelliteInfo
from .wyoming_playback import async_play_wav, opened_tone

_LOGGER = logging.getLogger(__name__)

_BUFFER_SECONDS: Final = PRE_ROLL_SECONDS + 3.0
"""The wake word, and what is said while its detection is still on its way from the worker."""

_PIPELINE_TIMEOUT: Final = 120.0
"""Seconds that a pipeline may take after the last word."""

_PLAYED_GRACE_SECONDS: Final = 2.0

_NO_COMMAND: Final = Error(text="No command was understood", code="no-command")

_MAX_RUNS: Final = 2
"""Utterances of one satellite that are alive: the one that is captured, and the one before until it is kept.

Assist ends a pipeline itself when another one begins for the same satellite.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WyomingSatelliteConfig(SatelliteConfig):
    """What the owner has set for one satellite that we connect to ourselves."""

    host: str
    port: int
    wake_engine: str | None = None
    """Another engine of the house that hears its wake words, as of engine_reference; None for our own."""


class WyomingSatellite(Satellite):
    """A Wyoming satellite that we connect to ourselves. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        config: WyomingSatelliteConfig,
        *,
        listener: WakeListener,
        settings: Callable[[], PrivacySettings],
        phrase_of: Callable[[str], str],
        host: SatelliteHost,
    ) -> None:
        """Prepare a satellite; async_start connects to it."""
        super().__init__(hass, config, settings=settings, host=host)
        self.config: WyomingSatelliteConfig = config
        self.link = WyomingLink(config.host, config.port, self)
        self.runner: PipelineRunner | None = None
        self.engine_fault: str | None = None
        """Silence reason while our wake engine hears none of this satellite's wake words, else None."""

        self._listener = listener
        self._remote: RemoteEngine | None = None
        if config.wake_engine is not None:
            self._remote = RemoteEngine(
                hass,
                config.wake_engine,
                tuple(one.wake_word for one in config.wake_words),
                name=config.satellite_id,
                on_wake=self._on_remote_wake,
                on_change=self._changed,
            )
        self._phrase_of = phrase_of
        self._buffer = RingBuffer(_BUFFER_SECONDS)
        self._utterance: Utterance | None = None
        self._runs: set[asyncio.Task[None]] = set()
        self._tones: set[asyncio.Task[None]] = set()
        self._gate = WakeGate(time.monotonic())
        self._wake_refused = False
        """The satellite believes that it is being listened to, and must be told otherwise."""

        self._task: asyncio.Task[None] | None = None
        self._streams = self._wakes_here
        self._wakes_itself = False
        self._played = asyncio.Event()
        self._speaker = asyncio.Lock()
        self._health = StreamHealth()
        self._last_reported: tuple[object, ...] = ()

    @property
    def _wakes_here(self) -> bool:
        """Whether an engine of the house is to listen for its wake words."""
        return bool(self.config.wake_words) or self._remote is not None

    @property
    @override
    def state(self) -> SatelliteState:
        """What the microphone does; anything but listening or recording says that it does not listen."""
        return state_of(
            connected=self.link.connected,
            muted=self._settings().muted,
            recording=self._utterance is not None,
            hears_wake_words=self.silence_reason is None,
        )

    @property
    @override
    def silence_reason(self) -> str | None:
        """Why a connected, unmuted satellite hears no wake word; None while it does."""
        if not self._streams:
            return None if self._wakes_itself else "no_wake_word"
        if not (self.info is not None and self.info.has_vad) and self._health.is_silent(time.monotonic()):
            return "no_audio"
        if self._remote is not None:
            return None if self._remote.works else "no_engine"
        if not self.config.wake_words:
            return "no_wake_word"
        return self.engine_fault

    @property
    @override
    def can_press_to_talk(self) -> bool:
        """Whether an utterance can be begun without a wake word."""
        return True

    @property
    @override
    def has_other_engine(self) -> bool:
        """Whether another wake word engine of the house hears it, and not ours."""
        return self.config.wake_engine is not None

    @property
    @override
    def engine_broken(self) -> bool:
        """Whether the engine that was chosen for it has not worked for long."""
        return self._remote is not None and self._remote.broken

    @property
    @override
    def mute_violated(self) -> bool:
        """Whether audio keeps coming although the satellite was told to pause."""
        return self._health.mute_violated

    @property
    @override
    def mute_confirmed(self) -> bool | None:
        """Whether the muted satellite has stopped sending; None when that cannot be known."""
        if not self.link.connected:
            return None
        return self._health.mute_confirmed(time.monotonic(), muted=self._settings().muted)

    @override
    def start(self) -> None:
        """Connect, and stay connected."""
        if self._remote is None:
            self._listener.open_stream(self.satellite_id, self.config.wake_words, self._on_detection)
        self._task = self.hass.async_create_background_task(
            self.link.async_run(), f"voice_privacy_link_{self.satellite_id}"
        )

    @override
    async def async_stop(self) -> None:
        """Disconnect; what is being captured is not kept."""
        self.abort(DiscardReason.STOPPED)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for task in (running := [*self._runs, *self._tones]):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if self._remote is not None:
            await self._remote.async_stop()
        self._listener.close_stream(self.satellite_id)

    # --- orders from the household ---------------------------------------------------------------

    @callback
    def set_threshold(self, threshold: float) -> None:
        """Ask for another wake word score, 0 to 1, from now on; what is being captured goes on."""
        wake_words = tuple(replace(one, threshold=threshold) for one in self.config.wake_words)
        self.config = replace(self.config, wake_words=wake_words)
        if self._task is not None and self._remote is None:
            # The stream begins anew and counts from zero, and so does what is remembered of it.
            self._buffer.clear()
            self._listener.open_stream(self.satellite_id, wake_words, self._on_detection)

    @callback
    @override
    def mute_changed(self) -> None:
        """Tell the satellite; every order is sent, so that the last one always holds."""
        muted = self._settings().muted
        self._health.mute_ordered(time.monotonic(), muted=muted)
        if muted:
            self.abort(DiscardReason.MUTED)
        self._listen_anew()
        self.link.send(PauseSatellite().event() if muted else RunSatellite().event())
        self._changed()

    @override
    def _captures(self) -> Iterable[CaptureSession]:
        """Return what is being captured."""
        return () if self._utterance is None else (self._utterance.capture,)

    @callback
    @override
    def press_to_talk(self) -> bool:
        """Begin an utterance without a wake word; return False when there is no audio to take it from.

        Nor while something is played there: the tone would wait for its end, and the microphone be open before
        the room hears that.
        """
        listens = self.state in (SatelliteState.LISTENING, SatelliteState.NOT_LISTENING)
        if (
            not listens
            or self._speaker.locked()
            or not self._streams
            or self.silence_reason == "no_audio"
            or not self._may_begin()
        ):
            return False
        wake = Wake(started_by=StartedBy.BUTTON)
        self._begin(wake, pre_roll=b"", post_roll=b"")
        self.link.send(WyomingDetection(name=None).event())
        tone = self.hass.async_create_background_task(
            self._async_play_tone(), f"voice_privacy_tone_{self.satellite_id}"
        )
        self._tones.add(tone)
        tone.add_done_callback(self._tones.discard)
        return True

    async def _async_play_tone(self) -> None:
        """Let the room hear that its microphone has been opened."""

        async def tone() -> AsyncIterable[bytes]:
            yield opened_tone()

        await self.async_play(tone())

    @callback
    def abort(self, reason: DiscardReason) -> None:
        """End what is being captured and do not act on it; no tone tells any more that it is."""
        for tone in self._tones:
            tone.cancel()
        if (utterance := self._utterance) is not None:
            utterance.capture.forbid(reason)
            utterance.close()
            utterance.cancel()
            self._utterance = None

    @callback
    @override
    def check(self) -> None:
        """Look, once a second, whether the satellite still listens; make it, if not."""
        now = time.monotonic()
        self._health.forgive(now)
        if self._wake_refused:
            self._wake_refused = False
            self.link.send(_NO_COMMAND.event())
        if self.link.connected and self.silence_reason == "no_audio" and not self._settings().muted:
            # Some satellites close their ears while they speak.
            match Remedy.NONE if self._speaker.locked() else self._health.remedy(now):
                case Remedy.RECONNECT:
                    self.link.drop()
                case Remedy.RUN:
                    self.link.send(RunSatellite().event())
        self._changed()

    async def async_play(self, chunks: AsyncIterable[bytes]) -> None:
        """Play a WAV stream on the satellite and wait until it has been heard."""
        async with self._speaker:
            self._played.clear()
            if (seconds := await async_play_wav(self.link, chunks)) or self.link.connected:
                try:
                    async with asyncio.timeout(seconds + _PLAYED_GRACE_SECONDS):
                        await self._played.wait()
                except TimeoutError:
                    _LOGGER.debug("Satellite %s does not say when it has played", self.satellite_id)

    def send(self, event: Event) -> None:
        """Send an event about the current utterance."""
        self.link.send(event)

    # --- what the link tells ---------------------------------------------------------------------

    @callback
    def on_connected(self, info: SatelliteInfo) -> None:
        """Start listening, or tell a muted satellite to pause."""
        self.info = info
        self._wakes_itself = info.detects_wake_word
        self._streams = self._wakes_here and not info.detects_wake_word
        self._health.connected(time.monotonic())
        self._listen_anew()
        self.link.send(PauseSatellite().event() if self._settings().muted else RunSatellite().event())
        self._changed()

    @callback
    def on_disconnected(self) -> None:
        """End what was being captured; it is kept as far as it was heard, but not acted upon."""
        if (utterance := self._utterance) is not None:
            utterance.close()
            utterance.cancel()
            self._utterance = None
        self._health.disconnected()
        self._played.set()
        self._listen_anew()
        self._changed()

    @callback
    def on_audio(self, pcm: bytes) -> None:
        """Take audio from the satellite. While muted it goes nowhere."""
        now = time.monotonic()
        if self._settings().muted:
            if self._health.audio_while_muted(now):
                self._changed()
            return
        was_silent = self._health.audio(now)
        self._gate.heard(seconds_of(pcm))
        if self._streams:
            self._health.has_streamed = True
            self._buffer.append(pcm)
            if self._remote is not None:
                self._remote.feed(pcm, self._buffer.end_sample)
            else:
                self._listener.feed_stream(self.satellite_id, pcm)
        if (utterance := self._utterance) is not None:
            utterance.add(pcm)
            if utterance.ended.is_set():
                self._utterance = None
                self._changed()
        elif was_silent:
            self._changed()

    @callback
    def on_audio_stopped(self) -> None:
        """End the utterance of a satellite that decides by itself when it is over."""
        if not self._streams and (utterance := self._utterance) is not None:
            utterance.close()
            self._utterance = None
            self._changed()

    @callback
    def on_wake(self, name: str | None) -> None:
        """Begin an utterance after the satellite's own wake word."""
        if self._utterance is not None or self._settings().muted:
            self._streams, self._wakes_itself = False, True
        elif self._may_begin():
            self._streams, self._wakes_itself = False, True
            wake = Wake(
                started_by=StartedBy.SATELLITE, wake_word=name, phrase=self._phrase_of(name) if name else None
            )
            self._begin(wake, pre_roll=b"", post_roll=b"")
        else:
            self._wake_refused = True

    @callback
    def on_run_pipeline(self, start_stage: PipelineStage, wake_word: str | None) -> None:
        """Learn what the audio that follows is for."""
        if start_stage is PipelineStage.WAKE:
            self._streams = True
        elif start_stage is PipelineStage.ASR:
            self.on_wake(wake_word)

    @callback
    def on_played(self) -> None:
        """Note that the satellite has finished speaking."""
        self._played.set()

    # --- what the worker tells -------------------------------------------------------------------

    @callback
    def _on_detection(self, detection: Detection) -> None:
        """Begin an utterance after a wake word that our engine heard."""
        if detection.end_sample > self._buffer.end_sample:
            # The stream has started anew since: what was detected is gone.
            return
        wake = Wake(
            started_by=StartedBy.WAKE_WORD,
            wake_word=detection.wake_word,
            phrase=self._phrase_of(detection.wake_word),
            score=detection.score,
            threshold=detection.threshold,
        )
        self._woke(wake, detection.end_sample)

    @callback
    def _on_remote_wake(self, wake_word: str, phrase: str, end: int) -> None:
        """Begin an utterance after a wake word that another engine heard; it does not tell its score."""
        wake = Wake(
            started_by=StartedBy.WAKE_WORD, wake_word=clean_name(wake_word), phrase=clean_name(phrase)
        )
        self._woke(wake, min(end, self._buffer.end_sample))

    def _woke(self, wake: Wake, end: int) -> None:
        """Begin an utterance with the wake word that ended at a sample of the stream."""
        if self._settings().muted or self._utterance is not None or not self._streams:
            return
        if not self._may_begin():
            return
        self.link.send(WyomingDetection(name=wake.wake_word).event())
        self._begin(
            wake,
            pre_roll=self._buffer.between(end - int(PRE_ROLL_SECONDS * SAMPLE_RATE), end),
            post_roll=self._buffer.between(end, self._buffer.end_sample),
        )

    # --- one utterance ---------------------------------------------------------------------------

    def _may_begin(self) -> bool:
        """Return whether a wake counts: not right after another, nor while too many utterances are alive."""
        return len(self._runs) < _MAX_RUNS and self._gate.admits(time.monotonic())

    def _begin(self, wake: Wake, *, pre_roll: bytes, post_roll: bytes) -> None:
        """Capture an utterance and run a pipeline on it."""
        capture = self._new_capture(wake, pre_roll=pre_roll, post_roll=post_roll)
        self._wake_refused = False
        utterance = self._utterance = Utterance(capture)
        if post_roll:
            utterance.add(post_roll)
        self._host.capture_started(self, capture)
        run = self.hass.async_create_background_task(
            self._async_run(utterance), f"voice_privacy_utterance_{self.satellite_id}"
        )
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        self._changed()

    async def _async_run(self, utterance: Utterance) -> None:
        """See one utterance through: pipeline, end, and what becomes of it."""
        capture, outcome = utterance.capture, utterance.outcome
        try:
            if self.runner is not None:
                await self._async_run_pipeline(self.runner, utterance)
            if not outcome.heard and not outcome.duplicate and not utterance.ended.is_set():
                # Nobody transcribes it, so that its level alone says when it is over.
                utterance.by_level = True
                if capture.fell_silent:
                    utterance.close()
                async with asyncio.timeout(MAX_SECONDS):
                    await utterance.ended.wait()
        except TimeoutError:
            _LOGGER.debug("Satellite %s fell silent within an utterance", self.satellite_id)
        finally:
            utterance.close()
            if self._utterance is utterance:
                self._utterance = None
            if not outcome.answered:
                # A satellite that found its wake word itself streams until it is told to stop.
                self.link.send(_NO_COMMAND.event())
            if outcome.duplicate:
                capture.forbid(DiscardReason.DUPLICATE_WAKE)
            said = capture.transcript if outcome.heard else capture.heard_speech
            self._changed()
            try:
                await self._host.async_capture_finished(self, capture, RecordingKind.after(said=bool(said)))
            except Exception as err:  # noqa: BLE001
                # The message may hold what was said, its kind does not.
                _LOGGER.error("An utterance of %s is lost: %s", self.satellite_id, type(err).__name__)

    async def _async_run_pipeline(self, runner: PipelineRunner, utterance: Utterance) -> None:
        """Run the pipeline in a task of its own, which mute and a lost connection cancel."""
        pipeline = utterance.pipeline = self.hass.async_create_background_task(
            runner.async_run_pipeline(utterance.stream(), utterance.capture, utterance.outcome),
            f"voice_privacy_pipeline_{self.satellite_id}",
        )
        if utterance.ended.is_set() and utterance.capture.forbidden is not None:
            pipeline.cancel()
        try:
            done, _ = await asyncio.wait({pipeline}, timeout=MAX_SECONDS + _PIPELINE_TIMEOUT)
        finally:
            pipeline.cancel()
        if done and not pipeline.cancelled() and (err := pipeline.exception()) is not None:
            # The message may hold what was said, its kind does not.
            _LOGGER.error("The pipeline of satellite %s failed: %s", self.satellite_id, type(err).__name__)

    @callback
    def end_of_speech(self, capture: CaptureSession) -> None:
        """Take no more audio for an utterance: speech-to-text has heard its end."""
        if (utterance := self._utterance) is not None and utterance.capture is capture:
            utterance.close()
            self._utterance = None
            self._changed()

    # --- state -----------------------------------------------------------------------------------

    def _listen_anew(self) -> None:
        """Forget all audio and begin to listen as after a start."""
        self._buffer.clear()
        if self._remote is not None:
            self._remote.restart()
        self._listener.restart_stream(self.satellite_id)

    @callback
    def _changed(self) -> None:
        """Tell the hub when the state is another."""
        state = (
            self.state,
            self.silence_reason,
            self.engine_broken,
            self.mute_violated,
            self.mute_confirmed,
        )
        if state != self._last_reported:
            self._last_reported = state
            self._host.satellite_changed(self)
