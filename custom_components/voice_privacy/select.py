"""Select entities: pipeline, silence detection and noise suppression of a satellite, and retention periods."""

from collections.abc import Iterable
from typing import Final, override

from homeassistant.components.assist_pipeline import AssistPipelineSelect, VadSensitivitySelect
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry, VoicePrivacyCoordinator
from .core.house_settings import RetentionSetting
from .core.models import Requester
from .core.retention_policy import (
    CHOICES_FALSE_WAKES,
    CHOICES_HOUSE,
    CHOICES_SATELLITE,
    CHOICES_TRANSCRIPTS,
    KeepFor,
)
from .entity import (
    Acting,
    ActingHubEntity,
    ActingSatelliteEntity,
    WithShortId,
    acts,
    async_setting_taken_over,
)
from .hub.requests import async_set_retention
from .satellites.microphone_settings import NOISE_SUPPRESSION
from .satellites.wyoming import WyomingSatellite

PARALLEL_UPDATES = 0


def _kept(key: str, choices: Iterable[KeepFor]) -> SelectEntityDescription:
    """Return the description of a select for a retention period."""
    return SelectEntityDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.CONFIG,
        options=[choice.value for choice in choices],
    )


HOUSE_KEEP_RECORDINGS: Final = _kept("keep_recordings", CHOICES_HOUSE)
HOUSE_KEEP_FALSE_WAKES: Final = _kept("keep_false_wakes", CHOICES_FALSE_WAKES)
HOUSE_KEEP_TRANSCRIPTS: Final = _kept("keep_transcripts", CHOICES_TRANSCRIPTS)
SATELLITE_KEEP_RECORDINGS: Final = _kept("keep_recordings", CHOICES_SATELLITE)
NOISE_SUPPRESSION_LEVEL: Final = SelectEntityDescription(
    key="noise_suppression_level",
    translation_key="noise_suppression_level",
    entity_category=EntityCategory.CONFIG,
    options=list(NOISE_SUPPRESSION),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects of the hub and of each satellite."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(
        HouseKeepSelect(coordinator, description)
        for description in (HOUSE_KEEP_RECORDINGS, HOUSE_KEEP_FALSE_WAKES, HOUSE_KEEP_TRANSCRIPTS)
    )
    for satellite_id, satellite in entry.runtime_data.hub.satellites.items():
        async_add_entities(
            [SatelliteKeepSelect(coordinator, satellite, SATELLITE_KEEP_RECORDINGS)],
            config_subentry_id=satellite_id,
        )
    for satellite_id, wyoming in entry.runtime_data.hub.satellites.wyoming.items():
        # Satellites of other integrations have these selects already.
        async_add_entities(
            [
                SatellitePipelineSelect(hass, coordinator, satellite_id),
                SatelliteVadSensitivitySelect(hass, coordinator, satellite_id),
                NoiseSuppressionSelect(coordinator, wyoming, NOISE_SUPPRESSION_LEVEL),
            ],
            config_subentry_id=satellite_id,
        )


class SatellitePipelineSelect(WithShortId, Acting, AssistPipelineSelect):
    """Select for the Assist pipeline of a satellite."""

    acts_as = Platform.SELECT
    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, coordinator: VoicePrivacyCoordinator, satellite_id: str) -> None:
        """Attach the entity to the satellite's device."""
        super().__init__(hass, DOMAIN, satellite_id)
        self.acts_for, self.acts_on = coordinator, frozenset({satellite_id})
        self.named_for, self.satellite_id = coordinator, satellite_id
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, satellite_id)})

    @override
    async def async_added_to_hass(self) -> None:
        """Begin with the pipeline that a satellite had before it was taken over."""
        await super().async_added_to_hass()
        if (option := await async_setting_taken_over(self)) in self.options:
            self._attr_current_option = option

    @override
    @acts
    async def async_select_option(self, by: Requester, /, option: str) -> None:
        """Select the pipeline."""
        await super().async_select_option(option)


class SatelliteVadSensitivitySelect(WithShortId, Acting, VadSensitivitySelect):
    """Select for how much silence ends a command."""

    acts_as = Platform.SELECT
    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, coordinator: VoicePrivacyCoordinator, satellite_id: str) -> None:
        """Attach the entity to the satellite's device."""
        super().__init__(hass, satellite_id)
        self.acts_for, self.acts_on = coordinator, frozenset({satellite_id})
        self.named_for, self.satellite_id = coordinator, satellite_id
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, satellite_id)})

    @override
    async def async_added_to_hass(self) -> None:
        """Begin with what a satellite had before it was taken over."""
        await super().async_added_to_hass()
        if (option := await async_setting_taken_over(self)) in self.options:
            self._attr_current_option = option

    @override
    @acts
    async def async_select_option(self, by: Requester, /, option: str) -> None:
        """Select how much silence ends a command."""
        await super().async_select_option(option)


class NoiseSuppressionSelect(ActingSatelliteEntity, SelectEntity, RestoreEntity):
    """Select for how much noise is removed from the audio for pipelines; restored after a restart."""

    acts_as = Platform.SELECT
    satellite: WyomingSatellite

    @property
    @override
    def current_option(self) -> str:
        """Selected level."""
        return NOISE_SUPPRESSION[self.satellite.microphone.noise_suppression_level]

    @override
    async def async_added_to_hass(self) -> None:
        """Restore the last level, or begin with that of before a takeover."""
        await super().async_added_to_hass()
        state = await self.async_get_last_state()
        level = await async_setting_taken_over(self) or (state.state if state else None)
        if level in NOISE_SUPPRESSION:
            self.satellite.microphone.noise_suppression_level = NOISE_SUPPRESSION.index(level)

    @override
    @acts
    async def async_select_option(self, by: Requester, /, option: str) -> None:
        """Apply the level from the next utterance on."""
        self.satellite.microphone.noise_suppression_level = NOISE_SUPPRESSION.index(option)
        self.async_write_ha_state()


class HouseKeepSelect(ActingHubEntity, SelectEntity):
    """Select for how long recordings, false wakes or transcripts are kept in the whole house."""

    acts_as = Platform.SELECT

    @property
    @override
    def current_option(self) -> str:
        """Selected retention period."""
        retention = self.coordinator.data.retention
        chosen = {
            HOUSE_KEEP_FALSE_WAKES.key: retention.false_wakes,
            HOUSE_KEEP_RECORDINGS.key: retention.house,
            HOUSE_KEEP_TRANSCRIPTS.key: retention.transcripts,
        }
        return chosen[self.entity_description.key].value

    @override
    @acts
    async def async_select_option(self, by: Requester, /, option: str) -> None:
        """Set the retention period on behalf of the caller."""
        setting = RetentionSetting(self.entity_description.key)
        await async_set_retention(self.coordinator.hub, setting, option, by)


class SatelliteKeepSelect(ActingSatelliteEntity, SelectEntity):
    """Select for how long the recordings of a satellite are kept."""

    acts_as = Platform.SELECT

    @property
    @override
    def current_option(self) -> str:
        """Selected retention period."""
        return self.coordinator.data.retention.of_satellite(self.satellite.satellite_id).value

    @override
    @acts
    async def async_select_option(self, by: Requester, /, option: str) -> None:
        """Set the retention period on behalf of the caller."""
        await async_set_retention(
            self.coordinator.hub,
            RetentionSetting.KEEP_RECORDINGS,
            option,
            by,
            self.satellite.satellite_id,
        )
