"""Select entities: settings of a satellite, retention periods, and the privacy levels of rooms."""

from collections.abc import Iterable
from typing import Any, Final, override

from homeassistant.components.assist_pipeline import AssistPipelineSelect, VadSensitivitySelect
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry, VoicePrivacyCoordinator
from .core.house_settings import RetentionSetting
from .core.levels import CHOICES_LEVEL, STRICT, PrivacyLevel, is_looser
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
_LEVELS: Final = [level.value for level in CHOICES_LEVEL]
LEVEL: Final = SelectEntityDescription(key="privacy_level", translation_key="privacy_level", options=_LEVELS)
NEW_ROOMS_LEVEL: Final = SelectEntityDescription(
    key="privacy_level",
    translation_key="new_rooms_level",
    entity_category=EntityCategory.CONFIG,
    options=_LEVELS,
)
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
    async_add_entities([NewRoomsLevelSelect(coordinator)])
    RoomSelects(hass, coordinator, async_add_entities).start()
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


class RoomSelects:
    """Level selects of the areas that have, or have had, a satellite. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: VoicePrivacyCoordinator,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Start without any select."""
        self._hass = hass
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._async_add_entities = async_add_entities
        self._shown: dict[str, RoomLevelSelect] = {}

    @callback
    def start(self) -> None:
        """Add the selects, and follow areas until the entry is unloaded."""
        self._forget_removed()
        self._sync()
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._sync))
        self._entry.async_on_unload(
            self._hass.bus.async_listen(ar.EVENT_AREA_REGISTRY_UPDATED, self._forget_removed)
        )

    @callback
    def _sync(self) -> None:
        """Add selects of new areas, and those of renamed areas again."""
        for area_id, area in sorted(self._coordinator.data.areas.items()):
            select = self._shown.get(area_id)
            if select is None:
                self._add(area_id)
            elif select.area_name != area.name:
                select.area_name = area.name
                self._entry.async_create_task(self._hass, self._async_rename(area_id), eager_start=False)

    def _add(self, area_id: str) -> None:
        """Add a select; one that is registered for the first time is put into its area, where people look for it."""
        unique_id = f"{area_id}-{LEVEL.key}"
        known = er.async_get(self._hass).async_get_entity_id(Platform.SELECT, DOMAIN, unique_id)
        self._shown[area_id] = RoomLevelSelect(self._coordinator, area_id, new=known is None)
        self._async_add_entities([self._shown[area_id]])

    async def _async_rename(self, area_id: str) -> None:
        """Add a select again: the name of an entity is only read when it is added."""
        if (select := self._shown.get(area_id)) is None:
            return
        await select.async_remove()
        if area_id in self._coordinator.data.areas:
            self._add(area_id)
        else:
            del self._shown[area_id]

    @callback
    def _forget_removed(self, _event: object = None) -> None:
        """Remove the entities of areas that do not exist any more."""
        entities, known = er.async_get(self._hass), ar.async_get(self._hass).areas
        suffix = f"-{LEVEL.key}"
        house = f"{self._entry.entry_id}{suffix}"
        for entity in er.async_entries_for_config_entry(entities, self._entry.entry_id):
            area_id = entity.unique_id.removesuffix(suffix)
            if entity.unique_id not in (house, area_id) and area_id not in known:
                self._shown.pop(area_id, None)
                entities.async_remove(entity.entity_id)


class NewRoomsLevelSelect(ActingHubEntity, SelectEntity):
    """Select for the privacy level of rooms for which none was chosen."""

    acts_as = Platform.SELECT

    def __init__(self, coordinator: VoicePrivacyCoordinator) -> None:
        """Attach the entity to the hub's device."""
        super().__init__(coordinator, NEW_ROOMS_LEVEL)

    @property
    @override
    def current_option(self) -> str:
        """Chosen level."""
        return self.coordinator.data.levels.new_rooms.level.value

    @override
    def asked(self, action: str, /, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        """Return that the right to any level is needed."""
        return {"stricter": False}

    @override
    @acts
    async def async_select_option(self, by: Requester, /, option: str) -> None:
        """Set the level on behalf of the caller."""
        await self.coordinator.levels.async_set_new_rooms(PrivacyLevel(option), by)


class RoomLevelSelect(ActingHubEntity, SelectEntity):
    """Select for the privacy level of an area; unavailable while the area has no satellite."""

    acts_as = Platform.SELECT

    def __init__(self, coordinator: VoicePrivacyCoordinator, area_id: str, *, new: bool) -> None:
        """Attach the entity to the hub's device, and if it is new, put it into its area once it is added."""
        super().__init__(coordinator, LEVEL)
        self._new = new
        self.area_id = area_id
        self.area_name = coordinator.data.areas[area_id].name
        self._attr_translation_placeholders = {"area": self.area_name}
        self._attr_unique_id = f"{area_id}-{LEVEL.key}"

    @override
    async def async_added_to_hass(self) -> None:
        """Put a new entity into its area; where it is moved to later is up to its owner."""
        await super().async_added_to_hass()
        if self._new and self.registry_entry is not None:
            er.async_get(self.hass).async_update_entity(self.entity_id, area_id=self.area_id)

    @property
    @override
    def available(self) -> bool:
        """True if the area has a satellite."""
        return super().available and self.area_id in self.coordinator.data.areas

    @property
    @override
    def current_option(self) -> str:
        """Chosen level."""
        return self._level.value

    @property
    def _level(self) -> PrivacyLevel:
        return self.coordinator.data.levels.of_area(self.area_id).level

    @override
    def asked(self, action: str, /, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return whether an option only makes the room more private, and deletes nothing."""
        area = self.coordinator.data.areas.get(self.area_id)
        self.acts_on = area.satellite_ids if area else frozenset()
        level = PrivacyLevel(args[0] if args else kwargs["option"])
        return {"stricter": level in STRICT and not is_looser(level, self._level)}

    @override
    @acts
    async def async_select_option(self, by: Requester, /, option: str) -> None:
        """Set the level on behalf of the caller."""
        await self.coordinator.levels.async_set_area(self.area_id, PrivacyLevel(option), by)


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
        return self.snapshot.keep_for.value

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
