"""Conditions: muted, listening, guest mode, and whether anything is kept."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, Final, Unpack, cast, override

from homeassistant.const import CONF_DEVICE_ID, CONF_OPTIONS, CONF_TARGET, STATE_OFF, Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, State
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionCheckParams,
    ConditionConfig,
    EntityStateConditionBase,
)
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry, loaded_entry
from .core.house_settings import HouseToggle
from .core.stream_health import SatelliteState
from .hub.house_events import SIGNAL_HOUSE_CHANGED
from .hub.targets import devices_of, satellites_in_target

_SCHEMA_HOUSE: Final = vol.Schema({vol.Optional(CONF_OPTIONS, default={}): {}})
_SCHEMA_TARGET: Final = _SCHEMA_HOUSE.extend({vol.Optional(CONF_TARGET): cv.TARGET_FIELDS})


_MUTED: Final[set[str | bool]] = {STATE_OFF}
_LISTENING: Final[set[str | bool]] = {SatelliteState.LISTENING.value, SatelliteState.RECORDING.value}

_SCHEMA_STATE: Final = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
    {vol.Optional(CONF_TARGET): cv.TARGET_FIELDS}
)


def _whole_house(hass: HomeAssistant) -> ConfigType:
    """Return a target that means every satellite."""
    entries = hass.config_entries.async_entries(DOMAIN)
    found = [devices_of(hass, entry.entry_id).get(entry.entry_id, entry.entry_id) for entry in entries]
    return {CONF_DEVICE_ID: found or [DOMAIN]}


class _SatelliteCondition(EntityStateConditionBase):
    """Condition on the state of one entity of each targeted satellite."""

    _primary_entities_only = False
    _schema = _SCHEMA_STATE
    _key: ClassVar[str]
    """End of the unique ids of the entities."""

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Without a target, mean the device of the house, which stands for every satellite."""
        super().__init__(hass, replace(config, target=config.target or _whole_house(hass)))

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the entity of each targeted satellite, whichever of its entities the target names."""
        if (entry := loaded_entry(self._hass)) is None or self._target is None:
            return set()
        registry = er.async_get(self._hass)
        domain = next(iter(self._domain_specs))
        found = (
            registry.async_get_entity_id(domain, DOMAIN, f"{satellite_id}-{self._key}")
            for satellite_id in satellites_in_target(self._hass, entry, self._target)
        )
        return {entity_id for entity_id in found if entity_id is not None}

    @override
    def _should_include(self, _state: State) -> bool:
        """Return True: a satellite that is away neither listens nor lets "all of them" pass."""
        return True

    @override
    def _check_all_match_state(self, states: list[State]) -> bool:
        """Test if all satellites match; none at all do not."""
        return bool(states) and super()._check_all_match_state(states)


class IsMutedCondition(_SatelliteCondition):
    """Microphones are muted."""

    _domain_specs: Mapping[str, DomainSpec] = MappingProxyType({Platform.SWITCH.value: DomainSpec()})
    _states = _MUTED
    _key = "microphone"


class IsListeningCondition(_SatelliteCondition):
    """Microphones listen, or record what is being said."""

    _domain_specs: Mapping[str, DomainSpec] = MappingProxyType({Platform.SENSOR.value: DomainSpec()})
    _states = _LISTENING
    _key = "microphone_state"


class _HouseCondition(Condition):
    """Condition on the state of the house."""

    _schema: ClassVar[vol.Schema] = _SCHEMA_HOUSE

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate target and options."""
        return cast(ConfigType, cls._schema(config))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Remember the target."""
        super().__init__(hass, config)
        self._target = config.target

    @property
    @override
    def needs_polling(self) -> bool:
        """False: every change is signalled."""
        return False

    @override
    async def _async_track_changes(self, action: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the action whenever something changes in the house."""
        return async_dispatcher_connect(self._hass, SIGNAL_HOUSE_CHANGED, lambda _entry: action())

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Test the condition; it does not hold while nothing is loaded."""
        entry = loaded_entry(self._hass)
        return entry is not None and self._holds(entry)

    def _holds(self, entry: VoicePrivacyConfigEntry) -> bool:
        """Return whether the condition holds."""
        raise NotImplementedError


class GuestModeCondition(_HouseCondition):
    """Guest mode is on."""

    @override
    def _holds(self, entry: VoicePrivacyConfigEntry) -> bool:
        return entry.runtime_data.hub.settings.house(HouseToggle.GUEST_MODE)


class IsAnythingKeptCondition(_HouseCondition):
    """Something is kept of the targeted satellites, or of the whole house."""

    _schema = _SCHEMA_TARGET

    @override
    def _holds(self, entry: VoicePrivacyConfigEntry) -> bool:
        kept = entry.runtime_data.hub.kept
        if not self._target:
            return kept.summary().recordings > 0
        targeted = satellites_in_target(self._hass, entry, self._target)
        return any(kept.summary(satellite_id).recordings > 0 for satellite_id in targeted)


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_anything_kept": IsAnythingKeptCondition,
    "is_guest_mode_on": GuestModeCondition,
    "is_listening": IsListeningCondition,
    "is_muted": IsMutedCondition,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions of the integration."""
    return CONDITIONS
