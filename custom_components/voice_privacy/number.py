"""Number entity: storage limit for all recordings."""

from math import isfinite
from typing import Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, Platform, UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import VoicePrivacyConfigEntry
from .core.errors import InvalidRequest
from .core.house_settings import MAX_LIMIT_MB, RetentionSetting
from .core.models import Requester
from .entity import ActingHubEntity, acts
from .hub.requests import async_set_retention

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


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the storage limit."""
    async_add_entities([StorageLimit(entry.runtime_data.coordinator, STORAGE_LIMIT)])


class StorageLimit(ActingHubEntity, NumberEntity):
    """Maximum size of all recordings together; 0 for no limit."""

    acts_as = Platform.NUMBER

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
