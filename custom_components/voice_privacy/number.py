"""How much all recordings together may take."""

from typing import Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions import async_set_retention, requester, translated_errors
from .coordinator import VoicePrivacyConfigEntry
from .entity import HubEntity
from .settings import RetentionSetting

PARALLEL_UPDATES = 0

STORAGE_LIMIT: Final = NumberEntityDescription(
    key="storage_limit",
    translation_key="storage_limit",
    device_class=NumberDeviceClass.DATA_SIZE,
    entity_category=EntityCategory.CONFIG,
    mode=NumberMode.BOX,
    native_max_value=1_000_000,
    native_min_value=0,
    native_step=1,
    native_unit_of_measurement=UnitOfInformation.MEGABYTES,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the limit of the house."""
    async_add_entities([StorageLimit(entry.runtime_data.coordinator, STORAGE_LIMIT)])


class StorageLimit(HubEntity, NumberEntity):
    """The most that all recordings together may take; 0 for no limit."""

    @property
    @override
    def native_value(self) -> float:
        """Megabytes."""
        return self.coordinator.data.retention.limit_mb

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it, in the name of whoever asked."""
        with translated_errors():
            await async_set_retention(
                self.coordinator.hub, RetentionSetting.STORAGE_LIMIT, int(value), requester(self._context)
            )
