"""Number entities: limits of the house for recordings, on disk and in memory, and a satellite's volume and automatic gain."""

from abc import abstractmethod
from contextlib import suppress
from math import isfinite
from typing import Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
    RestoreNumber,
)
from homeassistant.const import EntityCategory, Platform, UnitOfInformation, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import slugify

from .coordinator import VoicePrivacyConfigEntry
from .core.errors import InvalidRequest
from .core.house_settings import MAX_LIMIT_MB, RetentionSetting
from .core.levels import MAX_MEMORY_MINUTES
from .core.models import Requester
from .entity import ActingHubEntity, ActingSatelliteEntity, WithShortId, acts, async_setting_taken_over
from .hub.requests import async_set_retention
from .satellites.microphone_settings import MAX_AUTO_GAIN, MAX_VOLUME, MIN_VOLUME
from .satellites.wyoming import WyomingSatellite

PARALLEL_UPDATES = 0

STORAGE_LIMIT: Final = NumberEntityDescription(
    key="storage_limit",
    translation_key="storage_limit",
    device_class=NumberDeviceClass.DATA_SIZE,
    entity_category=EntityCategory.CONFIG,
    mode=NumberMode.BOX,
    native_max_value=MAX_LIMIT_MB,
    native_min_value=0,
    native_step=1,
    native_unit_of_measurement=UnitOfInformation.MEGABYTES,
)

MEMORY_MINUTES: Final = NumberEntityDescription(
    key="memory_minutes",
    translation_key="memory_minutes",
    device_class=NumberDeviceClass.DURATION,
    entity_category=EntityCategory.CONFIG,
    native_max_value=MAX_MEMORY_MINUTES,
    native_min_value=1,
    native_step=1,
    native_unit_of_measurement=UnitOfTime.MINUTES,
)

AUTO_GAIN: Final = NumberEntityDescription(
    key="auto_gain",
    translation_key="auto_gain",
    entity_category=EntityCategory.CONFIG,
    native_max_value=MAX_AUTO_GAIN,
    native_min_value=0,
    native_step=1,
)

VOLUME_MULTIPLIER: Final = NumberEntityDescription(
    key="volume_multiplier",
    translation_key="volume_multiplier",
    entity_category=EntityCategory.CONFIG,
    native_max_value=MAX_VOLUME,
    native_min_value=MIN_VOLUME,
    native_step=0.1,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the storage limit, and the numbers of each Wyoming satellite."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities([StorageLimit(coordinator, STORAGE_LIMIT), MemoryMinutes(coordinator, MEMORY_MINUTES)])
    for satellite_id, satellite in coordinator.hub.satellites.wyoming.items():
        async_add_entities(
            [
                AutoGain(coordinator, satellite, AUTO_GAIN),
                VolumeMultiplier(coordinator, satellite, VOLUME_MULTIPLIER),
            ],
            config_subentry_id=satellite_id,
        )


class StorageLimit(WithShortId, ActingHubEntity, NumberEntity):
    """Maximum size of all recordings together; 0 for no limit."""

    acts_as = Platform.NUMBER

    @override
    def short_object_id(self, hass: HomeAssistant) -> str | None:
        """Return the object id without what the name says about 0."""
        if er.async_get(hass).settings.entity_id_parts is not None:
            return None
        return slugify(f"{self.coordinator.config_entry.title} {self.entity_description.key}")

    @property
    @override
    def native_value(self) -> float:
        """Limit in megabytes."""
        return self.coordinator.data.retention.limit_mb

    @override
    @acts
    async def async_set_native_value(self, by: Requester, /, value: float) -> None:
        """Set the limit on behalf of the caller. Raises InvalidRequest for infinity and NaN."""
        if not isfinite(value):
            raise InvalidRequest
        await async_set_retention(self.coordinator.hub, RetentionSetting.STORAGE_LIMIT, int(value), by)


class MemoryMinutes(ActingHubEntity, NumberEntity):
    """How long recordings are kept in memory at the privacy level "memory only"."""

    acts_as = Platform.NUMBER

    @property
    @override
    def native_value(self) -> float:
        """Minutes."""
        return self.coordinator.data.levels.memory_minutes

    @override
    @acts
    async def async_set_native_value(self, by: Requester, /, value: float) -> None:
        """Set the minutes on behalf of the caller; what is in memory already keeps its time. Raises InvalidRequest."""
        if not isfinite(value):
            raise InvalidRequest
        await self.coordinator.levels.async_set_memory_minutes(int(value), by)


class MicrophoneNumber(ActingSatelliteEntity, RestoreNumber):
    """Base of a satellite's microphone settings, which are restored after a restart."""

    acts_as = Platform.NUMBER
    satellite: WyomingSatellite

    @override
    async def async_added_to_hass(self) -> None:
        """Restore the last value, or begin with that of before a takeover, unless it is outside of the range."""
        await super().async_added_to_hass()
        data = await self.async_get_last_number_data()
        value = data.native_value if data else None
        if (taken_over := await async_setting_taken_over(self)) is not None:
            with suppress(ValueError):
                value = float(taken_over)
        if value is not None and self.native_min_value <= value <= self.native_max_value:
            self._apply(value)

    @override
    @acts
    async def async_set_native_value(self, by: Requester, /, value: float) -> None:
        """Apply the value from the next utterance on. Raises InvalidRequest for NaN."""
        if not isfinite(value):
            raise InvalidRequest
        self._apply(value)
        self.async_write_ha_state()

    @abstractmethod
    def _apply(self, value: float) -> None:
        """Change the satellite's setting."""


class AutoGain(MicrophoneNumber):
    """Automatic gain of the audio for pipelines, in dBFS; 0 for none."""

    @property
    @override
    def native_value(self) -> float:
        """Current gain."""
        return self.satellite.microphone.auto_gain

    @override
    def _apply(self, value: float) -> None:
        """Change the gain; the engine takes whole numbers only."""
        self.satellite.microphone.auto_gain = int(value)


class VolumeMultiplier(MicrophoneNumber):
    """Factor for the audio for pipelines."""

    @property
    @override
    def native_value(self) -> float:
        """Current factor."""
        return self.satellite.microphone.volume_multiplier

    @override
    def _apply(self, value: float) -> None:
        """Change the factor."""
        self.satellite.microphone.volume_multiplier = value
