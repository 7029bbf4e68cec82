"""Sensors: counts, sizes and microphone state, without what was said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfInformation, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .coordinator import HouseSnapshot, SatelliteSnapshot, VoicePrivacyConfigEntry, VoicePrivacyCoordinator
from .core.audio import CHUNK_SECONDS
from .core.contention import Rival
from .core.retention_policy import whole_megabytes
from .core.stream_health import SatelliteState
from .entity import ConnectedSatelliteEntity, HubEntity, SatelliteEntity
from .hub.events import DayCount, WakeTally
from .wake.worker import StreamStatistics

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SatelliteSensorDescription(SensorEntityDescription):
    """Description of a sensor of a satellite."""

    value_fn: Callable[[SatelliteSnapshot], datetime | int | str | None]


@dataclass(frozen=True, kw_only=True)
class CountTodayDescription(SatelliteSensorDescription):
    """Description of a counter that is reset each day."""

    count_fn: Callable[[WakeTally], DayCount]


@dataclass(frozen=True, kw_only=True)
class HubSensorDescription(SensorEntityDescription):
    """Description of a sensor of the hub."""

    value_fn: Callable[[HouseSnapshot], datetime | int | None]


def _is_used_elsewhere(snapshot: SatelliteSnapshot) -> bool:
    """Return whether a satellite is not connected because another server uses it."""
    return snapshot.state is SatelliteState.DISCONNECTED and snapshot.silence_reason in tuple(Rival)


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
    options=[
        *(state.value for state in SatelliteState if state is not SatelliteState.DISCONNECTED),
        Rival.OTHER.value,
    ],
    value_fn=lambda snapshot: Rival.OTHER.value if _is_used_elsewhere(snapshot) else snapshot.state.value,
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

FALSE_WAKES_PER_HOUR: Final = SensorEntityDescription(
    key="false_wakes_per_hour",
    translation_key="false_wakes_per_hour",
    entity_registry_enabled_default=False,
    state_class=SensorStateClass.MEASUREMENT,
)

LOST_AUDIO: Final = SensorEntityDescription(
    key="lost_audio",
    translation_key="lost_audio",
    device_class=SensorDeviceClass.DURATION,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
    native_unit_of_measurement=UnitOfTime.SECONDS,
    state_class=SensorStateClass.TOTAL_INCREASING,
    suggested_display_precision=1,
)

ENGINE_LOAD: Final = SensorEntityDescription(
    key="engine_load",
    translation_key="engine_load",
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
    native_unit_of_measurement=PERCENTAGE,
    state_class=SensorStateClass.MEASUREMENT,
    suggested_display_precision=1,
)

ENGINE_LAG: Final = SensorEntityDescription(
    key="engine_lag",
    translation_key="engine_lag",
    device_class=SensorDeviceClass.DURATION,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
    native_unit_of_measurement=UnitOfTime.SECONDS,
    state_class=SensorStateClass.MEASUREMENT,
    suggested_display_precision=2,
)

_EACH_MINUTE: Final = timedelta(minutes=1)
"""Interval at which sensors look at figures that change while nothing happens."""

HUB_SENSORS: Final = (
    HubSensorDescription(
        key="last_self_test",
        translation_key="last_self_test",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda house: None if house.self_test is None else house.self_test.when,
    ),
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
        # Megabytes only: from exact bytes, users could tell the length of each recording and recognize it.
        native_unit_of_measurement=UnitOfInformation.MEGABYTES,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda house: whole_megabytes(house.summary.size),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of the hub and of each satellite."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(HubSensor(coordinator, description) for description in HUB_SENSORS)
    async_add_entities([EngineLoadSensor(coordinator, ENGINE_LOAD)])
    for satellite_id, satellite in coordinator.hub.satellites.items():
        entities: list[SensorEntity] = [
            MicrophoneStateSensor(coordinator, satellite, MICROPHONE_STATE),
            *(SatelliteSensor(coordinator, satellite, description) for description in SATELLITE_SENSORS),
        ]
        entities += [CountTodaySensor(coordinator, satellite, description) for description in COUNTS_TODAY]
        entities.append(FalseWakesPerHourSensor(coordinator, satellite, FALSE_WAKES_PER_HOUR))
        if satellite_id in coordinator.hub.satellites.wyoming:
            # Our engine hears no others.
            entities += [
                LostAudioSensor(coordinator, satellite, LOST_AUDIO),
                SatelliteLoadSensor(coordinator, satellite, ENGINE_LOAD),
                LagSensor(coordinator, satellite, ENGINE_LAG),
            ]
        async_add_entities(entities, config_subentry_id=satellite_id)


class HubSensor(HubEntity, SensorEntity):
    """Sensor of the hub."""

    entity_description: HubSensorDescription

    @property
    @override
    def native_value(self) -> datetime | int | None:
        """Value of the sensor."""
        return self.entity_description.value_fn(self.coordinator.data)


class SatelliteSensor(SatelliteEntity, SensorEntity):
    """Sensor of a satellite."""

    entity_description: SatelliteSensorDescription

    @property
    @override
    def native_value(self) -> datetime | int | str | None:
        """Value of the sensor."""
        return self.entity_description.value_fn(self.snapshot)


class MicrophoneStateSensor(ConnectedSatelliteEntity, SatelliteSensor):
    """Sensor of the microphone's state; unavailable while the satellite is not connected for unknown reasons."""

    @property
    @override
    def available(self) -> bool:
        """True if the satellite is connected, or another server is known to use it."""
        return super().available or (
            self.coordinator.last_update_success and _is_used_elsewhere(self.snapshot)
        )


class CountTodaySensor(SatelliteSensor, RestoreSensor):
    """Counter since midnight that continues after a restart."""

    entity_description: CountTodayDescription

    @property
    @override
    def last_reset(self) -> datetime:
        """Start of the current day."""
        return self.snapshot.start_of_today

    @override
    async def async_added_to_hass(self) -> None:
        """Restore the count from before a restart on the same day."""
        await super().async_added_to_hass()
        state = await self.async_get_last_state()
        if state is None or not state.state.isdecimal():
            return
        day = dt_util.as_local(state.last_updated).date()
        hub = self.coordinator.hub
        count = self.entity_description.count_fn(hub.wakes)
        if count.restore(self.satellite.satellite_id, day, int(state.state)):
            hub.changed()


class _EachMinuteSensor(CoordinatorEntity[VoicePrivacyCoordinator], SensorEntity):
    """Sensor of a figure that changes while nothing happens, so that it is looked at each minute."""

    @override
    async def async_added_to_hass(self) -> None:
        """Look each minute."""
        await super().async_added_to_hass()
        self.async_on_remove(async_track_time_interval(self.hass, self._on_time, _EACH_MINUTE))

    @callback
    def _on_time(self, _now: datetime) -> None:
        self.async_write_ha_state()


class FalseWakesPerHourSensor(SatelliteEntity, _EachMinuteSensor):
    """False wakes within the last hour; what was before Home Assistant started is not counted."""

    @property
    @override
    def native_value(self) -> int:
        """Number of false wakes."""
        return self.coordinator.hub.wakes.recent_false_wakes.last_hour(self.satellite.satellite_id)


class LostAudioSensor(SatelliteEntity, _EachMinuteSensor):
    """Audio that our wake word engine could not keep up with, since it began to hear the satellite."""

    @property
    @override
    def native_value(self) -> float:
        """Seconds of audio."""
        statistics = self.coordinator.hub.listening.statistics(self.satellite.satellite_id)
        return round(statistics.chunks_dropped * CHUNK_SECONDS, 2)


class EngineLoadSensor(HubEntity, _EachMinuteSensor):
    """Share of the last minute in which our wake word engine was busy; unknown if it hears no wake word."""

    @property
    @override
    def native_value(self) -> float | None:
        """Load of one processor core in percent."""
        load = self.coordinator.hub.listening.load
        return None if load is None else round(load * 100, 1)


class _ScoredSensor(SatelliteEntity, _EachMinuteSensor):
    """Sensor of how our wake word engine keeps up with a satellite."""

    @property
    def _statistics(self) -> StreamStatistics | None:
        """Statistics of the satellite's stream; None if the engine does not hear it."""
        listening = self.coordinator.hub.listening
        if not self.satellite.is_scored or listening.load is None:
            return None
        return listening.statistics(self.satellite.satellite_id)


class SatelliteLoadSensor(_ScoredSensor):
    """Share of the last minute in which our wake word engine was busy with a satellite; unknown if it does not hear it."""

    @property
    @override
    def native_value(self) -> float | None:
        """Load of one processor core in percent."""
        statistics = self._statistics
        return None if statistics is None else round(statistics.load * 100, 2)


class LagSensor(_ScoredSensor):
    """Most by which our wake word engine was behind a satellite's audio in the last minute; unknown if it does not hear it."""

    @property
    @override
    def native_value(self) -> float | None:
        """Seconds of audio."""
        statistics = self._statistics
        return None if statistics is None else round(statistics.lag, 3)
