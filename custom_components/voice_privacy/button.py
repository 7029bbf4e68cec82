"""Buttons of each satellite: delete recordings, and talk without a wake word."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import VoicePrivacyConfigEntry
from .core.models import DeletionScope, Requester
from .entity import ActingSatelliteEntity, ConnectedSatelliteEntity, acts
from .hub.hub import VoicePrivacyHub
from .hub.requests import async_delete, press_to_talk
from .satellites.base import Satellite

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SatelliteButtonDescription(ButtonEntityDescription):
    """Description of a button of a satellite."""

    press_fn: Callable[[VoicePrivacyHub, Satellite, Requester], Awaitable[object]]


async def _async_press_to_talk(hub: VoicePrivacyHub, satellite: Satellite, by: Requester) -> None:
    """Start an utterance without a wake word."""
    press_to_talk(hub, satellite, by)


# Disabled by default: automatic dashboards show every button to every user, and one tap deletes for good.
DELETE_BUTTONS: Final = (
    SatelliteButtonDescription(
        key="delete_last",
        translation_key="delete_last",
        entity_registry_enabled_default=False,
        press_fn=lambda hub, satellite, by: async_delete(
            hub, DeletionScope.LAST, by, {satellite.satellite_id}
        ),
    ),
    SatelliteButtonDescription(
        key="delete_today",
        translation_key="delete_today",
        entity_registry_enabled_default=False,
        press_fn=lambda hub, satellite, by: async_delete(
            hub, DeletionScope.TODAY, by, {satellite.satellite_id}
        ),
    ),
)

PRESS_TO_TALK: Final = SatelliteButtonDescription(
    key="press_to_talk",
    translation_key="press_to_talk",
    # Disabled by default: the owner decides whether one tap may open a microphone.
    entity_registry_enabled_default=False,
    press_fn=_async_press_to_talk,
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
        if satellite.can_press_to_talk:
            buttons.append(PressToTalkButton(coordinator, satellite, PRESS_TO_TALK))
        async_add_entities(buttons, config_subentry_id=satellite_id)


class SatelliteButton(ActingSatelliteEntity, ButtonEntity):
    """Button of a satellite, available whether it is connected or not."""

    acts_as = Platform.BUTTON
    entity_description: SatelliteButtonDescription

    @override
    @acts
    async def async_press(self, by: Requester, /) -> None:
        """Carry out the action of the button."""
        await self.entity_description.press_fn(self.coordinator.hub, self.satellite, by)


class PressToTalkButton(ConnectedSatelliteEntity, SatelliteButton):
    """Press-to-talk button, available only while the satellite is connected."""
