"""Figures of what is kept and heard; never what was said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import HouseSnapshot, SatelliteSnapshot, VoicePrivacyConfigEntry
from .core.retention_policy import whole_megabytes
from .core.stream_health import SatelliteState
from .entity import ConnectedSatelliteEntity, HubEntity, SatelliteEntity
from .hub.events import DayCount, WakeTally

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SatelliteSensorDescription(SensorEntityDescription):
    """A figure of one satellite."""

    value_fn: Callable[[SatelliteSnapshot], datetime | int | str | None]


@dataclass(frozen=True, kw_only=True)
class CountTodayDescription(SatelliteSensorDescription):
    """Something that is counted anew each day."""

    count_fn: Callable[[WakeTally], DayCount]


@dataclass(frozen=True, kw_only=True)
class HubSensorDescription(SensorEntityDescription):
    """A figure of the house."""

    value_fn: Callable[[HouseSnapshot], int]


SATELLITE_SENSORS: Final = (
    SatelliteSensorDescription(
        key="recordings",
        translation_key="recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda snapshot: snapshot.summary.recordings,
    ),
    SatelliteSensorDescription(
        key="last_recording",
        translation_key="last_recording",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda snapshot: snapshot.summary.last_started_at,
    ),
)

MICROPHONE_STATE: Final = SatelliteSensorDescription(
    key="microphone_state",
    translation_key="microphone_state",
    device_class=SensorDeviceClass.ENUM,
    entity_category=EntityCategory.DIAGNOSTIC,
    options=[state.value for state in SatelliteState if state is not SatelliteState.DISCONNECTED],
    value_fn=lambda snapshot: snapshot.state.value,
)

COUNTS_TODAY: Final = (
    CountTodayDescription(
        key="wake_words_today",
        translation_key="wake_words_today",
        state_class=SensorStateClass.TOTAL,
        value_fn=lambda snapshot: snapshot.wakes_today,
        count_fn=lambda tally: tally.wakes,
    ),
    CountTodayDescription(
        key="false_wakes_today",
        translation_key="false_wakes_today",
        state_class=SensorStateClass.TOTAL,
        value_fn=lambda snapshot: snapshot.false_wakes_today,
        count_fn=lambda tally: tally.false_wakes,
    ),
)

HUB_SENSORS: Final = (
    HubSensorDescription(
        key="recordings",
        translation_key="recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda house: house.summary.recordings,
    ),
    HubSensorDescription(
        key="storage",
        translation_key="storage",
        device_class=SensorDeviceClass.DATA_SIZE,
        entity_category=EntityCategory.DIAGNOSTIC,
        # Whoever may see it could tell from bytes how long each recording is, and recognize it by that.
        native_unit_of_measurement=UnitOfInformation.MEGABYTES,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda house: whole_megabytes(house.summary.size),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the figures of the house and of each satellite."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(HubSensor(coordinator, description) for description in HUB_SENSORS)
    for satellite_id, satellite in coordinator.hub.satellites.items():
        entities: list[SensorEntity] = [
            SatelliteSensor(coordinator, satellite, description) for description in SATELLITE_SENSORS
        ]
        entities.append(MicrophoneStateSensor(coordinator, satellite, MICROPHONE_STATE))
        entities += [CountTodaySensor(coordinator, satellite, description) for description in COUNTS_TODAY]
        async_add_entities(entities, config_subentry_id=satellite_id)


class HubSensor(HubEntity, SensorEntity):
    """A figure of the house."""

    entity_description: HubSensorDescription

    @property
    @override
    def native_value(self) -> int:
        """The figure."""
        return self.entity_description.value_fn(self.coordinator.data)


class SatelliteSensor(SatelliteEntity, SensorEntity):
    """A figure of one satellite."""

    entity_description: SatelliteSensorDescription

    @property
    @override
    def native_value(self) -> datetime | int | str | None:
        """The figure."""
        return self.entity_description.value_fn(self.snapshot)


class MicrophoneStateSensor(ConnectedSatelliteEntity, SatelliteSensor):
    """What the microphone does right now; unavailable when nobody knows."""


class CountTodaySensor(SatelliteSensor, RestoreSensor):
    """How often something happened since the day began, restarts included."""

    entity_description: CountTodayDescription

    @property
    @override
    def last_reset(self) -> datetime:
        """When the day began."""
        return self.coordinator.data.start_of_today

    @override
    async def async_added_to_hass(self) -> None:
        """Go on counting from what was shown before a restart today."""
        await super().async_added_to_hass()
        state = await self.async_get_last_state()
        if state is None or not state.state.isdecimal():
            return
        day = dt_util.as_local(state.last_updated).date()
        hub = self.coordinator.hub
        count = self.entity_description.count_fn(hub.wakes)
        hub.restore_count(count, self.satellite.satellite_id, day, int(state.state))
