"""Event entities: activity of each satellite for automations, without what was said."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import VoicePrivacyConfigEntry
from .entity import SatelliteEntity
from .hub.events import EVENTS_OF_ENTITIES, HubEvent

PARALLEL_UPDATES = 0

ACTIVITY: Final = EventEntityDescription(
    key="activity", translation_key="activity", event_types=[event.value for event in EVENTS_OF_ENTITIES]
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entity of each satellite."""
    coordinator = entry.runtime_data.coordinator
    for satellite_id, satellite in coordinator.hub.satellites.items():
        async_add_entities(
            [SatelliteActivity(coordinator, satellite, ACTIVITY)], config_subentry_id=satellite_id
        )


class SatelliteActivity(SatelliteEntity, EventEntity):
    """Event entity of a satellite: woke, kept, discarded (with a reason), deleted (with a count)."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the hub's events."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.hub.notices.listen_to_events(self._on_event))

    @callback
    def _on_event(self, event: HubEvent) -> None:
        """Trigger the entity for an event of this satellite."""
        if event.satellite_id != self.satellite.satellite_id or event.type not in EVENTS_OF_ENTITIES:
            return
        attributes: dict[str, int | str] = {}
        if event.reason is not None:
            attributes["reason"] = event.reason.value
        if event.count is not None:
            attributes["count"] = event.count
        self._trigger_event(event.type.value, attributes)
        self.async_write_ha_state()
