"""Switches: microphone and consent of each satellite, and toggles of the whole house."""

from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.switch import SwitchDeviceClass, SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import VoicePrivacyConfigEntry
from .core.house_settings import HouseToggle, SatelliteToggle
from .core.models import Requester
from .core.stream_health import SatelliteState
from .entity import ActingHubEntity, ActingSatelliteEntity, acts

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SatelliteSwitchDescription(SwitchEntityDescription):
    """Description of a switch for a toggle of a satellite."""

    toggle: SatelliteToggle
    inverted: bool = False
    """True if the switch is on while the toggle is off."""

    needs_contact: bool = False
    """True if the state is unknown while the satellite is not connected."""

    needs_scores: bool = False
    """True if it has no effect, and is unavailable, for a satellite that our wake engine does not score."""


@dataclass(frozen=True, kw_only=True)
class HubSwitchDescription(SwitchEntityDescription):
    """Description of a switch for a toggle of the house."""

    toggle: HouseToggle


SATELLITE_SWITCHES: Final = (
    SatelliteSwitchDescription(
        key="help_improve",
        translation_key="help_improve",
        entity_category=EntityCategory.CONFIG,
        toggle=SatelliteToggle.HELP_IMPROVE,
    ),
    SatelliteSwitchDescription(
        key="microphone",
        translation_key="microphone",
        device_class=SwitchDeviceClass.SWITCH,
        toggle=SatelliteToggle.MUTED,
        inverted=True,
        needs_contact=True,
    ),
    SatelliteSwitchDescription(
        key="save_near_misses",
        translation_key="save_near_misses",
        entity_category=EntityCategory.CONFIG,
        toggle=SatelliteToggle.SAVE_NEAR_MISSES,
        needs_scores=True,
    ),
    SatelliteSwitchDescription(
        key="save_recordings",
        translation_key="save_recordings",
        entity_category=EntityCategory.CONFIG,
        toggle=SatelliteToggle.SAVE_RECORDINGS,
    ),
    SatelliteSwitchDescription(
        key="save_transcripts",
        translation_key="save_transcripts",
        entity_category=EntityCategory.CONFIG,
        toggle=SatelliteToggle.SAVE_TRANSCRIPTS,
    ),
)

HUB_SWITCHES: Final = (
    HubSwitchDescription(
        key="deletion_by_voice",
        translation_key="deletion_by_voice",
        entity_category=EntityCategory.CONFIG,
        toggle=HouseToggle.DELETION_BY_VOICE,
    ),
    HubSwitchDescription(key="guest_mode", translation_key="guest_mode", toggle=HouseToggle.GUEST_MODE),
    HubSwitchDescription(
        key="help_improve",
        translation_key="help_improve",
        entity_category=EntityCategory.CONFIG,
        toggle=HouseToggle.HELP_IMPROVE,
    ),
    HubSwitchDescription(
        key="verifier",
        translation_key="verifier",
        entity_category=EntityCategory.CONFIG,
        toggle=HouseToggle.VERIFIER,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of the hub and of each satellite."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(HubSwitch(coordinator, description) for description in HUB_SWITCHES)
    for satellite_id, satellite in coordinator.hub.satellites.items():
        async_add_entities(
            (SatelliteSwitch(coordinator, satellite, description) for description in SATELLITE_SWITCHES),
            config_subentry_id=satellite_id,
        )


class HubSwitch(ActingHubEntity, SwitchEntity):
    """Switch for a toggle of the house."""

    acts_as = Platform.SWITCH
    entity_description: HubSwitchDescription

    @property
    @override
    def is_on(self) -> bool:
        """True if the switch is on."""
        return self.coordinator.data.toggles[self.entity_description.toggle]

    @override
    @acts
    async def async_turn_on(self, by: Requester, /, **kwargs: Any) -> None:
        """Turn the switch on."""
        await self.coordinator.hub.async_set_house(self.entity_description.toggle, by, on=True)

    @override
    @acts
    async def async_turn_off(self, by: Requester, /, **kwargs: Any) -> None:
        """Turn the switch off."""
        await self.coordinator.hub.async_set_house(self.entity_description.toggle, by, on=False)


class SatelliteSwitch(ActingSatelliteEntity, SwitchEntity):
    """Switch for a toggle of a satellite."""

    acts_as = Platform.SWITCH
    entity_description: SatelliteSwitchDescription

    @property
    @override
    def available(self) -> bool:
        """True if the toggle can have an effect."""
        return super().available and (self.snapshot.is_scored or not self.entity_description.needs_scores)

    @property
    @override
    def is_on(self) -> bool | None:
        """True if the switch is on; None if the satellite is not connected or its mute has no effect."""
        description = self.entity_description
        if description.needs_contact and self.snapshot.state is SatelliteState.DISCONNECTED:
            return None
        if description.needs_contact and self.snapshot.mute_is_void:
            return None
        return self.snapshot.toggles[description.toggle] is not description.inverted

    @override
    @acts
    async def async_turn_on(self, by: Requester, /, **kwargs: Any) -> None:
        """Turn the switch on."""
        await self._async_set(by, on=True)

    @override
    @acts
    async def async_turn_off(self, by: Requester, /, **kwargs: Any) -> None:
        """Turn the switch off."""
        await self._async_set(by, on=False)

    async def _async_set(self, by: Requester, *, on: bool) -> None:
        """Set the toggle of the switch."""
        description = self.entity_description
        await self.coordinator.hub.async_set_satellite(
            self.satellite.satellite_id, description.toggle, by, on=on is not description.inverted
        )
