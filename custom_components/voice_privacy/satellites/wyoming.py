"""A Wyoming satellite: audio, wake words, utterances and mute."""

import asyncio
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, replace
import logging
import time
from typing import Final, override

from homeassistant.core import HomeAssistant, callback
from wyoming.error import Error
from wyoming.event import Event
from wyoming.pipeline import PipelineStage
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.wake import Detect, Detection as WyomingDetection

from ..core.audio import seconds_of
from ..core.capture import MAX_SECONDS, PRE_ROLL_SECONDS, CaptureSession, Wake
from ..core.contention import Rival
from ..core.errors import MutedWhileTested, NoAudioToTest, VoicePrivacyError, WakesItself
from ..core.models import DiscardReason, StartedBy
from ..core.privacy import PrivacySettings
from ..core.stream_health import Remedy, SatelliteState, StreamHealth, state_of
from ..core.wake_gate import WakeGate
from ..wake.worker import WakeWordSettings
from ..wake_listening.listener import WakeListener
from .base import Satellite, SatelliteConfig, SatelliteHost
from .microphone_settings import MicrophoneSettings
from .pipeline_feed import PipelineFeed, PipelineResult, PipelineRunner
from .wake_stream import WakeStream
from .wyoming_connection import WyomingLink
from .wyoming_events import SatelliteInfo
from .wyoming_speaker import WyomingSpeaker

_LOGGER = logging.getLogger(__name__)

_PIPELINE_TIMEOUT: Final = 120.0
"""Seconds that a pipeline may take after the end of speech."""

_STREAM_SECONDS: Final = 3.0
"""Audio that nobody asked for which proves that a satellite streams, whatever it detects itself."""

_NO_COMMAND: Final = Error(text="No command was understood", code="no-command")

_MAX_RUNS: Final = 2
"""Maximum number of utterances per satellite: the current one, and the previous one until it is stored.

Assist itself ends a pipeline when another one starts for the same satellite.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WyomingSatelliteConfig(SatelliteConfig):
    """Owner's configuration of a satellite that this integration connects to."""

    host: str
    port: int
    wake_engine: str | None = None
    """Reference of another engine, from `reference_of`, that hears it; None for the built-in one."""


class WyomingSatellite(Satellite):
    """A Wyoming satellite that this integration connects to. It belongs to the event loop."""

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
        """Set up a satellite; start connects to it."""
        super().__init__(hass, config, settings=settings, host=host)
        self.config: WyomingSatelliteConfig = config
        self.link = WyomingLink(config.host, config.port, self)
        self.link.takes_bursts = lambda: self._utterance is not None
        self.link.on_accepted = self._changed
        self.microphone = MicrophoneSettings()
        self.runner: PipelineRunner | None = None
        self._phrase_of = phrase_of
        self.wake_stream = WakeStream(
            hass,
            config.satellite_id,
            config.wake_words,
            config.wake_engine,
            listener=listener,
            phrase_of=phrase_of,
            on_wake=self._woke,
            on_change=self._changed,
            keeper=self,
        )
        self._speaker = WyomingSpeaker(hass, self.link, self.satellite_id)
        self._utterance: PipelineFeed | None = None
        self._runs: set[asyncio.Task[None]] = set()
        self._gate = WakeGate(time.monotonic())
        self._wake_refused = False
        """True if the satellite detected a wake word that was ignored, and must be told to stop streaming."""

        self._task: asyncio.Task[None] | None = None
        self._streams = self.wake_stream.listens
        """True if its audio is given to a wake engine of this house whenever it comes."""

        self._wakes_itself = False
        """True if it detects wake words itself and need not send audio in between."""

        self._asks_for_wake = False
        """True if it asked for wake word detection on this connection, and expects to be told of its start."""

        self._unasked = 0.0
        """Seconds of audio outside of utterances on this connection."""

        self._health = StreamHealth()
        self._last_reported: tuple[object, ...] = ()

    @property
    @override
    def state(self) -> SatelliteState:
        """State of the microphone; it is not listening in any state but listening or recording."""
        return state_of(
            connected=self.link.connected,
            muted=self._settings().muted,
            recording=self._utterance is not None,
            hears_wake_words=self.silence_reason is None,
        )

    @property
    @override
    def silence_reason(self) -> str | None:
        """Reason why an unmuted satellite detects no wake word; None while it does, or if it is unknown."""
        if not self.link.connected and self.rival is not None:
            return self.rival.value
        if self.link.connected and not self.link.accepted:
            return self._no_audio
        if not self._streams:
            return None if self._wakes_itself else "no_wake_word"
        if not self._has_vad and not self._health.streams(time.monotonic()):
            return None if self._wakes_itself else self._no_audio
        if not self.wake_stream.listens and self._wakes_itself:
            return None
        return self.wake_stream.silence_reason

    @property
    def _no_audio(self) -> str:
        """Reason while no audio arrives: on a new connection, a fault that stays when it does says more."""
        expected = not self._health.is_silent(time.monotonic())
        return (expected and self.wake_stream.engine_fault) or "no_audio"

    @property
    @override
    def rival(self) -> Rival | None:
        """Server that uses the satellite instead of us, or keeps taking it."""
        return self.link.contention.rival

    @property
    @override
    def can_press_to_talk(self) -> bool:
        """True: an utterance can be started without a wake word."""
        return True

    @property
    @override
    def has_other_engine(self) -> bool:
        """True if another wake word engine of Home Assistant hears it instead of the built-in one."""
        return self.config.wake_engine is not None

    @property
    @override
    def engine_broken(self) -> bool:
        """True if the engine chosen for it has been failing for a long time."""
        return self.wake_stream.engine_broken

    @property
    @override
    def is_scored(self) -> bool:
        """True if the built-in wake engine scores what it hears, so that near misses are known."""
        return self.wake_stream.is_scored and self._streams and not self._wakes_itself

    @property
    @override
    def wake_words(self) -> tuple[WakeWordSettings, ...]:
        """Wake words that are listened for in its audio; none if it detects its wake word itself."""
        return () if self._wakes_itself else self.config.wake_words

    @property
    @override
    def scored_stream(self) -> str | None:
        """Id of its stream at the built-in wake engine, or None."""
        return self.satellite_id if self.is_scored else None

    @property
    @override
    def test_obstacle(self) -> VoicePrivacyError | None:
        """Reason why no wake word can be tested with its audio now, or None."""
        name = self.config.name
        if self._settings().muted:
            return MutedWhileTested(name=name)
        if self._wakes_itself:
            return WakesItself(name=name)
        sends = self._health.streams(time.monotonic()) or (self._has_vad and self.link.accepted)
        return None if self.link.connected and sends else NoAudioToTest(name=name)

    @property
    @override
    def mute_violated(self) -> bool:
        """True if audio keeps arriving although the satellite was told to pause."""
        return self._health.mute_violated

    @property
    @override
    def mute_confirmed(self) -> bool | None:
        """True if the muted satellite has stopped sending audio; None if that cannot be determined."""
        if not self.link.connected:
            return None
        return self._health.mute_confirmed(time.monotonic(), muted=self._settings().muted)

    @override
    def start(self) -> None:
        """Connect, and stay connected."""
        self.wake_stream.open()
        self._task = self.hass.async_create_background_task(
            self.link.async_run(), f"voice_privacy_link_{self.satellite_id}"
        )

    @override
    async def async_stop(self) -> None:
        """Disconnect; the current utterance is discarded."""
        self.abort(DiscardReason.STOPPED)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for task in (running := list(self._runs)):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._speaker.async_stop()
        await self.wake_stream.async_close()

    # --- commands from the household --------------------------------------------------------------

    @callback
    def set_threshold(self, threshold: float) -> None:
        """Set the threshold, a score from 0 to 1, from now on; the current utterance is not affected."""
        self.wake_stream.set_threshold(threshold)
        self.config = replace(self.config, wake_words=self.wake_stream.wake_words)

    @callback
    @override
    def mute_changed(self) -> None:
        """Tell the satellite to pause or run; every command is sent, so that the last one always applies."""
        muted = self._settings().muted
        self._health.mute_ordered(time.monotonic(), muted=muted)
        if muted:
            self.abort(DiscardReason.MUTED)
        self.taps.interrupted()
        self.wake_stream.restart()
        self.link.send(PauseSatellite().event() if muted else RunSatellite().event())
        self._changed()

    @property
    def muted(self) -> bool:
        """True if its microphone is off."""
        return self._settings().muted

    @property
    def utterance(self) -> PipelineFeed | None:
        """The utterance that takes audio now, if any."""
        return self._utterance

    @property
    def sends_audio(self) -> bool:
        """True if audio arrives, or on a new connection is about to, without a wake word of the satellite's own."""
        now = time.monotonic()
        waits = self._wakes_itself and not self._health.streams(now)
        return self._streams and not waits and (self._has_vad or not self._health.is_silent(now))

    @property
    def _has_vad(self) -> bool:
        """True if it sends no audio of a quiet room."""
        return self.info is not None and self.info.has_vad

    @property
    def _can_begin(self) -> bool:
        """True if an utterance without a wake word can start; audio need not arrive yet."""
        listens = self.state in (SatelliteState.LISTENING, SatelliteState.NOT_LISTENING)
        return listens and self._streams and len(self._runs) < _MAX_RUNS

    @callback
    def open_microphone(self, wake: Wake) -> bool:
        """Start an utterance without a wake word; return False if that is not possible."""
        if not self._can_begin:
            return False
        self.link.send(WyomingDetection(name=None).event())
        self._begin(wake)
        return True

    @callback
    @override
    def press_to_talk(self) -> bool:
        """Start an utterance without a wake word; return False if no audio is available.

        Also refused during playback: the tone would wait for its end, and the microphone would be open before
        the room hears it.
        """
        if self._speaker.playing or not self.sends_audio or not self._can_begin or not self._may_begin():
            return False
        self.open_microphone(Wake(started_by=StartedBy.BUTTON))
        self._speaker.play_tone()
        return True

    @override
    async def async_play_tone(self) -> bool:
        """Play the tone and wait for its end; return False if it cannot be heard at once, or was interrupted."""
        return not self._speaker.playing and await self._speaker.async_play_tone()

    @callback
    def abort(self, reason: DiscardReason) -> None:
        """End the current utterance without keeping or acting on it, and cancel the tone."""
        self._speaker.cancel_tone()
        if self._utterance is not None:
            self._utterance.capture.forbid(reason)
        self.end_utterance()

    @callback
    def end_utterance(self) -> None:
        """End the current utterance; its audio so far is stored but not acted upon."""
        if (utterance := self._utterance) is not None:
            utterance.close()
            utterance.cancel()
            self._utterance = None

    @callback
    @override
    def check(self) -> None:
        """Check once a second that the satellite still listens, and restart it or reconnect if not."""
        now = time.monotonic()
        self._health.forgive(now)
        if (utterance := self._utterance) is not None:
            utterance.check()
            if utterance.ended.is_set():
                self._utterance = None
        if self._wake_refused:
            self._wake_refused = False
            self.link.send(_NO_COMMAND.event())
        if self.link.connected and self.silence_reason == "no_audio" and not self._settings().muted:
            # Some satellites send no audio while they play.
            match Remedy.NONE if self._speaker.playing else self._health.remedy(now):
                case Remedy.RECONNECT:
                    self.link.drop()
                case Remedy.RUN:
                    self.link.send(RunSatellite().event())
        self._changed()

    async def async_play(self, chunks: AsyncIterable[bytes]) -> bool:
        """Play a WAV stream and wait until it has been played; return False if the connection was lost before."""
        return await self._speaker.async_play(chunks)

    def send(self, event: Event) -> None:
        """Send an event that is not audio."""
        self.link.send(event)

    # --- callbacks of the connection -------------------------------------------------------------

    @callback
    def on_connected(self, info: SatelliteInfo) -> None:
        """Tell the satellite to run, or to pause if it is muted."""
        self.info = info
        self._wakes_itself = info.detects_wake_word
        self._streams = self.wake_stream.listens and not info.detects_wake_word
        self._asks_for_wake = False
        self._unasked = 0.0
        self._health.connected(time.monotonic())
        self.wake_stream.restart()
        self.link.send(PauseSatellite().event() if self._settings().muted else RunSatellite().event())
        self._changed()

    @callback
    def on_disconnected(self) -> None:
        """End the current utterance."""
        self.end_utterance()
        self._health.disconnected()
        self.taps.interrupted()
        self._speaker.on_lost()
        self.wake_stream.restart()
        self._changed()

    @callback
    def on_audio(self, pcm: bytes) -> None:
        """Process 16 kHz, 16-bit, mono PCM from the satellite; while muted it is dropped."""
        now = time.monotonic()
        if self._settings().muted:
            if self._health.audio_while_muted(now):
                self._changed()
            return
        was_silent = self._health.audio(now)
        self._gate.heard(seconds_of(pcm))
        if not self.link.over_budget:
            self.taps.heard(pcm)
        if self._streams and not self.link.over_budget:
            self._health.has_streamed = True
            self.wake_stream.feed(pcm)
        if (utterance := self._utterance) is not None:
            utterance.add(pcm)
            self.wake_stream.claim()
            if utterance.ended.is_set():
                self._utterance = None
                self._changed()
            return
        if self._streams and not self._runs and not self._wake_refused:
            self._unasked += seconds_of(pcm)
            if self._wakes_itself and self._unasked >= _STREAM_SECONDS and self.wake_stream.listens:
                self._wakes_itself = False
                self._changed()
        if was_silent:
            self._changed()

    @callback
    def on_audio_stopped(self) -> None:
        """End the utterance of a satellite that detects the end of speech itself."""
        utterance = self._utterance
        if utterance is not None and utterance.capture.wake.started_by is StartedBy.SATELLITE:
            utterance.close()
            self._utterance = None
            self._changed()

    @callback
    def on_wake(self, name: str | None) -> None:
        """Start an utterance after the satellite detected a wake word itself.

        Its audio is still given to the wake engine: a satellite that streams may detect something as well.
        """
        if self._unasked < _STREAM_SECONDS:
            self._wakes_itself = True
        if self._utterance is not None or self._settings().muted:
            return
        if self._may_begin():
            wake = Wake(
                started_by=StartedBy.SATELLITE, wake_word=name, phrase=self._phrase_of(name) if name else None
            )
            self._begin(wake)
        else:
            self._wake_refused = True

    @callback
    def on_run_pipeline(self, start_stage: PipelineStage, wake_word: str | None) -> None:
        """Process the announced purpose of the audio that follows."""
        if start_stage is PipelineStage.WAKE:
            self._streams = self._asks_for_wake = True
            self._tell_that_it_listens()
        elif start_stage is PipelineStage.ASR:
            self.on_wake(wake_word)

    @callback
    def on_played(self) -> None:
        """Note that the satellite has finished playing."""
        self._speaker.on_played()

    @callback
    def _woke(self, wake: Wake, *, pre_roll: bytes, post_roll: bytes) -> None:
        """Start an utterance after a wake engine of this house detected a wake word."""
        if self._settings().muted or self._utterance is not None or not self._streams:
            return
        if not self.taps.holds_wakes and self._may_begin():
            self.link.send(WyomingDetection(name=wake.wake_word).event())
            self._begin(wake, pre_roll=pre_roll, post_roll=post_roll)

    # --- one utterance ---------------------------------------------------------------------------

    def _may_begin(self) -> bool:
        """Return whether a wake is accepted: not shortly after another, and not with too many utterances."""
        return len(self._runs) < _MAX_RUNS and self._gate.admits(time.monotonic())

    def _begin(self, wake: Wake, *, pre_roll: bytes = b"", post_roll: bytes = b"") -> None:
        """Capture an utterance and run a pipeline on it."""
        self._wake_refused = False
        utterance = self._utterance = PipelineFeed(
            self.satellite_id,
            wake,
            ignores_made_up_text=self.config.ignores_made_up_text,
            pre_roll=pre_roll,
            post_roll=post_roll,
            before=self._audio_before(wake, seconds_of(pre_roll + post_roll)),
        )
        self._open(utterance)
        run = self.hass.async_create_background_task(
            self._async_run(utterance), f"voice_privacy_utterance_{self.satellite_id}"
        )
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        self._changed()

    def _audio_before(self, wake: Wake, seconds: float) -> bytes:
        """Return the audio from before a wake of so many seconds ago, to measure the room by."""
        if wake.started_by is StartedBy.CONVERSATION:
            # The microphone has heard the question, which was louder than the room.
            return b""
        if wake.started_by is StartedBy.SATELLITE:
            # The satellite's own wake word is not in the utterance.
            seconds += PRE_ROLL_SECONDS
        return self.wake_stream.audio_before(seconds)

    async def _async_run(self, utterance: PipelineFeed) -> None:
        """Run the pipeline on an utterance, wait for its end, and pass it to the hub."""
        result = PipelineResult()
        try:
            if self.runner is not None:
                timeout = MAX_SECONDS + _PIPELINE_TIMEOUT
                result = await utterance.async_run(self.hass, self.runner, timeout=timeout)
            if not result.transcribed and not result.duplicate and not utterance.ended.is_set():
                utterance.end_by_level()
                async with asyncio.timeout(MAX_SECONDS):
                    await utterance.ended.wait()
        except TimeoutError:
            _LOGGER.debug("Satellite %s stopped sending audio during an utterance", self.satellite_id)
        finally:
            utterance.close()
            if self._utterance is utterance:
                self._utterance = None
            if not result.answered:
                # A satellite that detects its wake word itself streams until it is told to stop.
                self.link.send(_NO_COMMAND.event())
            if result.duplicate:
                utterance.capture.forbid(DiscardReason.DUPLICATE_WAKE)
            utterance.transcribed = result.transcribed
            self._changed()
            utterance.on_over()
            self._tell_that_it_listens()
            await self._async_hand_over(utterance)

    @callback
    def end_of_speech(self, capture: CaptureSession) -> None:
        """Stop taking audio after speech-to-text has detected the end of speech."""
        if (utterance := self._utterance) is not None and utterance.capture is capture:
            utterance.close()
            self._utterance = None
            self._changed()

    def _tell_that_it_listens(self) -> None:
        """Tell a satellite that asked for it that wake word detection has started, or goes on after an utterance."""
        if (
            self._asks_for_wake
            and self.wake_stream.listens
            and self._utterance is None
            and not self._settings().muted
        ):
            self.link.send(Detect().event())

    # --- state -----------------------------------------------------------------------------------

    @callback
    def _changed(self) -> None:
        """Notify the hub if the state has changed."""
        state = (
            self.state,
            self.silence_reason,
            self.rival,
            self.engine_broken,
            self.mute_violated,
            self.mute_confirmed,
            self.is_scored,
        )
        if state != self._last_reported:
            self._last_reported = state
            self._host.satellite_changed(self)
