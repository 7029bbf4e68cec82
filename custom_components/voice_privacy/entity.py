"""Base entities: one device for each satellite, one for the house."""

from typing import override

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import SatelliteSnapshot, VoicePrivacyCoordinator
from .microphone import Microphone, SatelliteState


class HubEntity(CoordinatorEntity[VoicePrivacyCoordinator]):
    """Something of the whole house."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: VoicePrivacyCoordinator, description: EntityDescription) -> None:
        """Belong to the hub's device."""
        super().__init__(coordinator)
        self.entity_description = description
        entry_id = coordinator.config_entry.entry_id
        self._attr_unique_id = f"{entry_id}-{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            name=coordinator.config_entry.title,
        )


class SatelliteEntity(CoordinatorEntity[VoicePrivacyCoordinator]):
    """Something of one satellite."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: VoicePrivacyCoordinator, satellite: Microphone, description: EntityDescription
    ) -> None:
        """Belong to the satellite's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self.satellite = satellite
        self._attr_unique_id = f"{satellite.satellite_id}-{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, satellite.satellite_id)})

    @property
    def snapshot(self) -> SatelliteSnapshot:
        """What is to be shown of the satellite."""
        return self.coordinator.data.satellites[self.satellite.satellite_id]


class ConnectedSatelliteEntity(SatelliteEntity):
    """Something that is only known while the satellite answers."""

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite answers."""
        return super().available and self.snapshot.state is not SatelliteState.DISCONNECTED
