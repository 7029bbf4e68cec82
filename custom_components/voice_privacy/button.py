"""Buttons: erase, and talk without a wake word."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions import async_delete, async_press_to_talk, requester
from .coordinator import VoicePrivacyConfigEntry
from .core.models import DeletionScope, Requester
from .entity import ConnectedSatelliteEntity, SatelliteEntity
from .hub import VoicePrivacyHub
from .microphone import Microphone
from .satellite import Satellite

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SatelliteButtonDescription(ButtonEntityDescription):
    """Something to do with one satellite."""

    press_fn: Callable[[VoicePrivacyHub, Microphone, Requester], Awaitable[object]]


DELETE_BUTTONS: Final = (
    SatelliteButtonDescription(
        key="delete_last",
        translation_key="delete_last",
        press_fn=lambda hub, satellite, by: async_delete(
            hub, DeletionScope.LAST, by, {satellite.satellite_id}
        ),
    ),
    SatelliteButtonDescription(
        key="delete_today",
        translation_key="delete_today",
        press_fn=lambda hub, satellite, by: async_delete(
            hub, DeletionScope.TODAY, by, {satellite.satellite_id}
        ),
    ),
)

PRESS_TO_TALK: Final = SatelliteButtonDescription(
    key="press_to_talk",
    translation_key="press_to_talk",
    press_fn=lambda hub, satellite, _by: async_press_to_talk(hub, satellite),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the buttons of each satellite."""
    coordinator = entry.runtime_data.coordinator
    for satellite_id, satellite in coordinator.hub.satellites.items():
        buttons: list[ButtonEntity] = [
            SatelliteButton(coordinator, satellite, description) for description in DELETE_BUTTONS
        ]
        if isinstance(satellite, Satellite):
            buttons.append(PressToTalkButton(coordinator, satellite, PRESS_TO_TALK))
        async_add_entities(buttons, config_subentry_id=satellite_id)


class SatelliteButton(SatelliteEntity, ButtonEntity):
    """Something to do with one satellite, connected or not."""

    entity_description: SatelliteButtonDescription

    @override
    async def async_press(self) -> None:
        """Do it."""
        await self.entity_description.press_fn(self.coordinator.hub, self.satellite, requester(self._context))


class PressToTalkButton(ConnectedSatelliteEntity, SatelliteButton):
    """Talking needs a satellite that answers."""
