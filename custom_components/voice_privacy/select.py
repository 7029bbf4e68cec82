"""Which Assist pipeline a satellite talks to, and how patient it is."""

from homeassistant.components.assist_pipeline import AssistPipelineSelect, VadSensitivitySelect
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the choices of each satellite."""
    for satellite_id in entry.runtime_data.hub.satellites:
        async_add_entities(
            [SatellitePipelineSelect(hass, satellite_id), SatelliteVadSensitivitySelect(hass, satellite_id)],
            config_subentry_id=satellite_id,
        )


class SatellitePipelineSelect(AssistPipelineSelect):
    """The Assist pipeline of one satellite."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, satellite_id: str) -> None:
        """Belong to the satellite's device."""
        super().__init__(hass, DOMAIN, satellite_id)
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, satellite_id)})


class SatelliteVadSensitivitySelect(VadSensitivitySelect):
    """How much silence ends a command."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, satellite_id: str) -> None:
        """Belong to the satellite's device."""
        super().__init__(hass, satellite_id)
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, satellite_id)})
