"""Satellites that another integration connects to; their audio is captured in the Assist pipeline."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
import logging
import math
import time
from typing import Any, Final, Protocol, override

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_call_later, async_track_state_change_event

from ..core.capture import Wake
from ..core.cleaning import clean_name
from ..core.error_place import type_and_place
from ..core.errors import MutedWhileTested, NoAudioToTest, VoicePrivacyError, WakesItself
from ..core.models import DiscardReason, StartedBy
from ..core.privacy import PrivacySettings
from ..core.stream_health import SatelliteState, state_of
from ..core.wake_trace import HeardBy, WakeTrace
from .base import Satellite, SatelliteConfig, SatelliteHost
from .own_mute import OwnMute, own_mute_of
from .pipeline_runs import RunIdentity, entity_of_source, is_satellite
from .proxied_capture import ProxiedCapture
from .stt_proxies import passes_proxies

_LOGGER = logging.getLogger(__name__)

_FOLLOWED_DOMAINS: Final = ("assist_satellite", "binary_sensor", "media_player", SWITCH_DOMAIN)
"""Domains of the entities that tell how a satellite is muted."""

_RESPONDING: Final = "responding"

_RUN_TIMEOUT: Final = 180.0
"""Seconds after which a run that reported no end is considered finished."""

_MUTE_GRACE: Final = 5.0
"""Seconds that a satellite's own mute switch may take to turn."""

_WAKE_HOLDS: Final = 5.0
"""Seconds after a wake word during which speech-to-text must start to belong to that wake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSatelliteConfig(SatelliteConfig):
    """Owner's configuration of another integration's satellite."""

    source: str
    """Source of its pipeline runs, as defined in pipeline_runs.py."""

    mute_switch: str | None = None
    """Mute switch that the owner chose, as own_mute_of() takes it."""


class OnMutedElsewhere(Protocol):
    """Callback for a satellite whose own mute switch was turned."""

    def __call__(self, satellite: PipelineSatellite, context: Context, *, muted: bool) -> None:
        """Handle the new switch state, given the satellite and the context of the change."""


class PipelineSatellite(Satellite):
    """A satellite, or a user's apps and browsers, that only Home Assistant itself connects to."""

    def __init__(
        self,
        hass: HomeAssistant,
        config: PipelineSatelliteConfig,
        *,
        settings: Callable[[], PrivacySettings],
        host: SatelliteHost,
        on_muted_elsewhere: OnMutedElsewhere,
    ) -> None:
        """Set up; on_muted_elsewhere is called when the satellite's own mute switch is turned."""
        super().__init__(hass, config, settings=settings, host=host)
        self.config: PipelineSatelliteConfig = config
        self._on_muted_elsewhere = on_muted_elsewhere
        self.wake_streams = 0
        """Number of streams of it that our wake word entity hears."""

        self.wake_stream_id: str | None = None
        """Id of the newest of these streams at the built-in wake engine."""

        self._timeouts: dict[ProxiedCapture, CALLBACK_TYPE] = {}
        """Cancels the time limit of each current utterance."""

        self._tasks: set[asyncio.Task[None]] = set()
        self._mute = OwnMute()
        self._mute_when_quiet = False
        self._mute_turned = -math.inf
        self._void: bool | None = None
        self._wake: tuple[Wake, bytes, float] | None = None
        self._scored = False
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._unfollow: CALLBACK_TYPE | None = None

    # --- state -----------------------------------------------------------------------------------

    @property
    @override
    def state(self) -> SatelliteState:
        """State of the microphone, as far as Home Assistant exposes it."""
        return state_of(
            connected=self._connected,
            muted=self._held_by_device or (self._settings().muted and not self.mute_is_void),
            recording=self._takes_utterance,
            hears_wake_words=True,
        )

    @property
    @override
    def silence_reason(self) -> str | None:
        """Code of a mute by a switch on the device, which cannot be turned from here, or None."""
        return "muted_by_hardware" if self._connected and self._mute.hardware_is_on(self.hass) else None

    @property
    @override
    def is_scored(self) -> bool:
        """True if it has sent audio to the built-in wake engine; most detect their wake word themselves."""
        return self._scored

    @property
    @override
    def scored_stream(self) -> str | None:
        """Id of its stream that our wake word entity hears, or None."""
        return self.wake_stream_id if self.wake_streams else None

    @callback
    def is_heard(self) -> None:
        """Note that it sends audio to the built-in wake engine."""
        if not self._scored:
            self._scored = True
            self._host.satellite_changed(self)

    @property
    @override
    def test_obstacle(self) -> VoicePrivacyError | None:
        """Reason why no wake word can be tested: its audio comes here only if our wake word entity hears it."""
        name = self.config.name
        if self.blocked or self._held_by_device:
            return MutedWhileTested(name=name)
        if not self._connected:
            return NoAudioToTest(name=name)
        return None if self.wake_streams else WakesItself(name=name)

    @property
    @override
    def mute_violated(self) -> bool:
        """Always False: audio of a satellite that is only muted here is expected."""
        return False

    @property
    @override
    def mute_confirmed(self) -> bool | None:
        """True if the satellite's own mute is on; one that is only muted here keeps sending audio.

        None if its own switch is on, but may be the loudspeaker's.
        """
        if not self._connected:
            return None
        if self._mute.hardware_is_on(self.hass):
            return True
        if not self._settings().muted:
            return False
        if self.muted_by_device and not self._mute.switch_is_sure:
            return None
        return self.muted_by_device

    @property
    @override
    def mute_is_void(self) -> bool:
        """True if it is muted, but neither its own switch nor a proxy keeps its audio from a pipeline."""
        if (
            not self._settings().muted
            or not self._connected
            or self._held_by_device
            or passes_proxies(self.hass, self.config.source)
        ):
            return False
        return self._mute.switch is None or time.monotonic() - self._mute_turned > _MUTE_GRACE

    @property
    def _connected(self) -> bool:
        """True if its own integration reaches it; apps and browsers always count as connected."""
        if not is_satellite(self.config.source):
            return True
        entity = entity_of_source(self.hass, self.config.source)
        state = self.hass.states.get(entity.entity_id) if entity else None
        return state is not None and state.state != STATE_UNAVAILABLE

    @property
    def muted_by_device(self) -> bool:
        """True if the satellite's own mute switch is on, even if it may be the loudspeaker's."""
        return self._mute.switch_is_on(self.hass)

    @property
    def _held_by_device(self) -> bool:
        """True if the satellite is known to keep its microphone shut."""
        return (self._mute.switch_is_sure and self.muted_by_device) or self._mute.hardware_is_on(self.hass)

    # --- life cycle ------------------------------------------------------------------------------

    @override
    def start(self) -> None:
        """Start tracking the satellite's entity and its mute switch."""
        self._find_entities()
        if self._settings().muted:
            # Its own switch may have been turned off while this was not loaded.
            self._turn_mute_switch()
        self._unsubscribe.append(
            self.hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry)
        )

    @override
    async def async_stop(self) -> None:
        """Stop tracking; current utterances are discarded."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None
        for live in list(self._timeouts):
            live.capture.forbid(DiscardReason.STOPPED)
            live.end()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @callback
    def _on_registry(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Find the entities again when one is added, removed or renamed."""
        if event.data["entity_id"].split(".")[0] not in _FOLLOWED_DOMAINS:
            return
        before = self._mute
        self._find_entities()
        if self._mute != before:
            if self._settings().muted:
                self._turn_mute_switch()
            self._host.satellite_changed(self)

    @callback
    def _find_entities(self) -> None:
        """Find the satellite's entity and its mute, and track their states."""
        entity = entity_of_source(self.hass, self.config.source)
        self._mute = (
            own_mute_of(self.hass, self.config.source, self.config.mute_switch) if entity else OwnMute()
        )
        if self._unfollow is not None:
            self._unfollow()
        followed = [entity.entity_id, *self._mute.entity_ids] if entity else []
        self._unfollow = async_track_state_change_event(self.hass, followed, self._on_state)

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        """Report a change of the satellite's own mute switch; a restart of the device is not a decision."""
        old, new = event.data["old_state"], event.data["new_state"]
        if event.data["entity_id"] == self._mute.switch and new is not None:
            if not self._mute.switch_is_sure and self._is_replying:
                # Devices turn their loudspeaker's mute around a reply.
                self._host.satellite_changed(self)
                return
            muted = self._settings().muted
            before = old.state if old else None
            if {before, new.state} == {STATE_ON, STATE_OFF} and (new.state == STATE_ON) is not muted:
                self._on_muted_elsewhere(self, new.context, muted=new.state == STATE_ON)
            elif muted and new.state == STATE_OFF and before != STATE_ON:
                self._turn_mute_switch()
        elif not self._mute.switch_is_sure and old is not None and old.state == _RESPONDING:
            self._follow_after_reply(event.context)
        self._host.satellite_changed(self)

    @callback
    def _follow_after_reply(self, context: Context) -> None:
        """Report a mute switch that was turned on during a reply and is still on."""
        if not self._is_replying and self.muted_by_device and not self._settings().muted:
            self._on_muted_elsewhere(self, context, muted=True)

    @property
    def _is_replying(self) -> bool:
        """True while the satellite plays a reply or an announcement."""
        entity = entity_of_source(self.hass, self.config.source)
        return entity is not None and self.hass.states.is_state(entity.entity_id, _RESPONDING)

    # --- commands from the household --------------------------------------------------------------

    @callback
    @override
    def mute_changed(self) -> None:
        """Discard the current utterance, and turn the satellite's own mute switch.

        While the satellite speaks a reply, its own switch is turned later, as it would cut off the reply.
        """
        if self._settings().muted:
            for live in self._live:
                if live.listening:
                    live.capture.forbid(DiscardReason.MUTED)
        self.taps.interrupted()
        self._mute_when_quiet = bool(self._timeouts)
        if not self._mute_when_quiet:
            self._mute_turned = time.monotonic()
            self._turn_mute_switch()
        self._host.satellite_changed(self)

    @callback
    def hold_mute(self) -> None:
        """Turn the satellite's own mute switch back on after a caller without the right turned it off."""
        self._turn_mute_switch()

    @callback
    def _turn_mute_switch(self) -> None:
        """Set the satellite's own mute switch to the mute toggle."""
        muted = self._settings().muted
        switch = self._mute.switch
        # One that has no state yet is turned as soon as it has.
        if switch is None or self.hass.states.get(switch) is None or self.muted_by_device is muted:
            return
        self._run(
            self.hass.services.async_call(
                SWITCH_DOMAIN,
                SERVICE_TURN_ON if muted else SERVICE_TURN_OFF,
                {ATTR_ENTITY_ID: switch},
                blocking=True,
            ),
            "mute",
        )

    @callback
    @override
    def check(self) -> None:
        """Report a change of mute_is_void: the satellite may be switched to another pipeline at any time."""
        if (void := self.mute_is_void) is not self._void:
            self._void = void
            self._host.satellite_changed(self)

    # --- one utterance ---------------------------------------------------------------------------

    @property
    def blocked(self) -> bool:
        """True if none of its audio may be transcribed."""
        return self._settings().muted

    @callback
    def hear(self, identity: RunIdentity, language: str) -> ProxiedCapture:
        """Start an utterance whose audio a proxy receives."""
        wake, pre_roll, at = self._wake or (self._wake_of(identity), b"", time.monotonic())
        if time.monotonic() - at > _WAKE_HOLDS:
            wake, pre_roll = self._wake_of(identity), b""
        self._wake = None
        live = ProxiedCapture(
            self.satellite_id,
            wake,
            ignores_made_up_text=self.config.ignores_made_up_text,
            pre_roll=pre_roll,
            identity=identity,
            language=language,
            on_close=self._audio_ended,
            on_end=self._utterance_ended,
        )

        @callback
        def too_long(_now: datetime) -> None:
            live.end()

        self._timeouts[live] = async_call_later(
            self.hass, _RUN_TIMEOUT, HassJob(too_long, cancel_on_shutdown=True)
        )
        self._open(live)
        return live

    def _wake_of(self, identity: RunIdentity) -> Wake:
        """Return the wake of a run that the built-in engine did not begin."""
        if not is_satellite(identity.source):
            return Wake(started_by=StartedBy.BUTTON)
        trace = None
        if (engine := identity.wake_engine) is not None:
            state = self.hass.states.get(engine)
            trace = WakeTrace(heard_by=HeardBy.OTHER, engine_name=clean_name(state and state.name))
        return Wake(started_by=StartedBy.SATELLITE, trace=trace)

    @callback
    def woke(self, wake: Wake, pre_roll: bytes) -> None:
        """Remember a wake of the built-in engine for the utterance that follows."""
        self._wake = (wake, pre_roll, time.monotonic())

    @callback
    def _audio_ended(self) -> None:
        """Report that recording has ended."""
        self._host.satellite_changed(self)

    @callback
    def _utterance_ended(self, live: ProxiedCapture) -> None:
        """Pass an utterance to the hub."""
        self._timeouts.pop(live)()
        if self._mute_when_quiet and not self._timeouts:
            self._mute_when_quiet = False
            self._mute_turned = time.monotonic()
            self._turn_mute_switch()
        self._run(self._async_hand_over(live), "utterance")

    def _run(self, work: Coroutine[Any, Any, object], what: str) -> None:
        """Run a coroutine in the background and log its failure."""

        async def guarded() -> None:
            try:
                await work
            except Exception as err:  # noqa: BLE001
                # A failure must not affect the pipeline; the message may contain what was said.
                _LOGGER.error("The %s of a satellite failed: %s", what, type_and_place(err))

        task = self.hass.async_create_background_task(guarded(), f"voice_privacy_{what}_{self.satellite_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
