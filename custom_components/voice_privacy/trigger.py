"""Triggers: what happens to recordings, and what is wrong with microphones, without what was said."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, cast, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_FOR, CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .coordinator import loaded_entry
from .hub.house_events import (
    SIGNAL_HOUSE_CHANGED,
    SIGNAL_HOUSE_EVENT,
    HouseEvent,
    HouseEventType,
    does_not_listen,
    variables_of,
    violates_mute,
)
from .hub.hub import VoicePrivacyHub
from .hub.targets import satellites_in_target
from .satellites.base import Satellite

_BEHAVIOR: Final = "behavior"
_EACH: Final = "each"
_FIRST: Final = "first"
_ALL: Final = "all"

_EXPIRED: Final = "expired"

_SCHEMA: Final = vol.Schema(
    {vol.Optional(CONF_TARGET): cv.TARGET_FIELDS, vol.Optional(CONF_OPTIONS, default={}): {}}
)
_SCHEMA_DELETED: Final = _SCHEMA.extend(
    {vol.Optional(CONF_OPTIONS, default={}): {vol.Optional(_EXPIRED, default=False): cv.boolean}}
)
_SCHEMA_HOUSE: Final = vol.Schema({vol.Optional(CONF_OPTIONS, default={}): {}})
_SCHEMA_STATE: Final = _SCHEMA.extend(
    {
        vol.Optional(CONF_OPTIONS, default={}): {
            vol.Optional(_BEHAVIOR, default=_EACH): vol.In([_EACH, _FIRST, _ALL]),
            vol.Optional(CONF_FOR): cv.positive_time_period,
        }
    }
)


class _HouseTrigger(Trigger):
    """Base of our triggers; without a target they mean the whole house."""

    _schema: ClassVar[vol.Schema] = _SCHEMA

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate target and options."""
        return cast(ConfigType, cls._schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Remember target and options."""
        super().__init__(hass, config)
        self._target = config.target
        self._options = config.options or {}


class _EventTrigger(_HouseTrigger):
    """Trigger for one type of events of the house."""

    _type: ClassVar[HouseEventType]
    _description: ClassVar[str]
    """Text for the trace and the logbook."""

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Run the action for each event that concerns the target."""

        @callback
        def on_event(entry: ConfigEntry[Any], event: HouseEvent) -> None:
            if event.type is not self._type or not self._wants(event):
                return
            counts, count = dict(event.counts), event.count
            if self._target:
                targeted = satellites_in_target(self._hass, entry, self._target)
                counts = {one: number for one, number in counts.items() if one in targeted}
                count = sum(counts.values())
                if not counts:
                    return
            variables = variables_of(self._hass, entry, counts) | {"count": count} | dict(event.details)
            run_action(variables, self._description)

        return async_dispatcher_connect(self._hass, SIGNAL_HOUSE_EVENT, on_event)

    def _wants(self, event: HouseEvent) -> bool:
        """Return whether the options allow an event."""
        return True


class AccessedTrigger(_EventTrigger):
    """Somebody listened to recordings, or exported them."""

    _type = HouseEventType.ACCESSED
    _description = "access to recordings"


class DeletedTrigger(_EventTrigger):
    """Recordings or their transcripts were deleted; those that expired only count if that is asked for."""

    _schema = _SCHEMA_DELETED
    _type = HouseEventType.DELETED
    _description = "deletion of recordings"

    @override
    def _wants(self, event: HouseEvent) -> bool:
        return not event.expired or bool(self._options.get(_EXPIRED))


class FalseWakeTrigger(_EventTrigger):
    """A satellite woke without a command."""

    _type = HouseEventType.FALSE_WAKE
    _description = "false wake"


class RecordingKeptTrigger(_EventTrigger):
    """A recording was kept."""

    _type = HouseEventType.RECORDING_KEPT
    _description = "kept recording"


class UnprotectedTrigger(_EventTrigger):
    """A satellite of another integration has appeared that is not protected; it is none of our targets."""

    _schema = _SCHEMA_HOUSE
    _type = HouseEventType.UNPROTECTED
    _description = "unprotected satellite"


class _StateTrigger(_HouseTrigger):
    """Trigger for satellites that get into a state."""

    _schema = _SCHEMA_STATE
    _description: ClassVar[str]

    @staticmethod
    def _is_in_state(hub: VoicePrivacyHub, satellite: Satellite) -> bool:
        """Return whether a satellite is in the state."""
        raise NotImplementedError

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Run the action whenever the condition of the behavior begins to hold, after the duration if set."""

        @callback
        def run(entry: ConfigEntry[Any], satellite_ids: set[str]) -> None:
            variables = variables_of(self._hass, entry, satellite_ids) | {"count": len(satellite_ids)}
            run_action(variables | {CONF_FOR: self._options.get(CONF_FOR)}, self._description)

        watch = _Watch(self._hass, self._look, self._options, run)
        watch.on_change(loaded_entry(self._hass))
        disconnect = async_dispatcher_connect(self._hass, SIGNAL_HOUSE_CHANGED, watch.on_change)

        @callback
        def detach() -> None:
            disconnect()
            watch.stop()

        return detach

    @callback
    def _look(self, entry: ConfigEntry[Any]) -> tuple[set[str], set[str]]:
        """Return the ids of the satellites in the target, and of those that are in the state."""
        hub: VoicePrivacyHub = entry.runtime_data.hub
        targeted = set(hub.satellites)
        if self._target:
            targeted = satellites_in_target(self._hass, entry, self._target)
        return targeted, {one for one in targeted if self._is_in_state(hub, hub.satellites[one])}


class _Watch:
    """Follows satellites of one trigger, from their states at the first look on."""

    def __init__(
        self,
        hass: HomeAssistant,
        look: Callable[[ConfigEntry[Any]], tuple[set[str], set[str]]],
        options: ConfigType,
        run: Callable[[ConfigEntry[Any], set[str]], None],
    ) -> None:
        """Set up without having looked.

        Args:
            hass: Home Assistant.
            look: Returns the targeted satellites, and those in the state.
            options: Behavior and duration.
            run: Runs the action for satellites.
        """
        self._hass = hass
        self._look = look
        self._behavior: str = options.get(_BEHAVIOR, _EACH)
        self._for: timedelta = options.get(CONF_FOR) or timedelta()
        self._run = run
        self._holding: set[str] | None = None
        """What held at the last look: satellite ids, or the behavior; None while nothing is loaded."""

        self._timers: dict[str, CALLBACK_TYPE] = {}

    @callback
    def on_change(self, entry: ConfigEntry[Any] | None) -> None:
        """Look again. What holds at the first look, or after a reload, does not run the action."""
        if entry is None:
            self.stop()
            self._holding = None
            return
        targeted, matching = self._look(entry)
        holding = self._held(targeted, matching)
        before, self._holding = self._holding, holding
        for key in self._timers.keys() - holding:
            self._timers.pop(key)()
        if before is None:
            return
        for key in sorted(holding - before):
            if not self._for:
                self._run(entry, {key} if self._behavior == _EACH else matching)
            else:
                self._start_timer(entry, key)

    def _held(self, targeted: set[str], matching: set[str]) -> set[str]:
        """Return what holds now: each matching satellite, or the behavior if it is the first or all of them."""
        if self._behavior == _EACH:
            return matching
        holds = bool(matching) if self._behavior == _FIRST else bool(targeted) and matching == targeted
        return {self._behavior} if holds else set()

    @callback
    def _start_timer(self, entry: ConfigEntry[Any], key: str) -> None:
        """Run the action after the duration, unless what holds now ends before."""

        @callback
        def on_time(_now: datetime) -> None:
            self._timers.pop(key)
            self._run(entry, {key} if self._behavior == _EACH else self._look(entry)[1])

        self._timers[key] = async_call_later(self._hass, self._for, on_time)

    @callback
    def stop(self) -> None:
        """Cancel all timers."""
        while self._timers:
            self._timers.popitem()[1]()


class MuteViolatedTrigger(_StateTrigger):
    """Audio of a muted satellite arrives, or reaches a pipeline."""

    _description = "violated mute"
    _is_in_state = staticmethod(violates_mute)


class NotListeningTrigger(_StateTrigger):
    """A satellite that should listen does not: it is away, or connected and deaf."""

    _description = "microphone not listening"
    _is_in_state = staticmethod(does_not_listen)


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "accessed": AccessedTrigger,
    "deleted": DeletedTrigger,
    "false_wake": FalseWakeTrigger,
    "mute_violated": MuteViolatedTrigger,
    "not_listening": NotListeningTrigger,
    "recording_kept": RecordingKeptTrigger,
    "unprotected": UnprotectedTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of the integration."""
    return TRIGGERS
