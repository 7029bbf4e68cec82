"""Binary sensors: the hub's self-test; of each satellite connected, recording, mute confirmed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HouseSnapshot, SatelliteSnapshot, VoicePrivacyConfigEntry
from .core.stream_health import SatelliteState
from .entity import ConnectedSatelliteEntity, HubEntity, SatelliteEntity

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SatelliteBinarySensorDescription(BinarySensorEntityDescription):
    """Description of a binary sensor of a satellite."""

    is_on_fn: Callable[[SatelliteSnapshot], bool | None]


@dataclass(frozen=True, kw_only=True)
class HubBinarySensorDescription(BinarySensorEntityDescription):
    """Description of a binary sensor of the hub."""

    is_on_fn: Callable[[HouseSnapshot], bool | None]


def _self_test_failed(snapshot: HouseSnapshot) -> bool | None:
    """Return whether the last self-test failed; None if nobody knows."""
    return None if snapshot.self_test_passed is None else not snapshot.self_test_passed


SELF_TEST: Final = HubBinarySensorDescription(
    key="self_test",
    translation_key="self_test",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
    is_on_fn=_self_test_failed,
)

CONNECTED: Final = SatelliteBinarySensorDescription(
    key="connected",
    translation_key="connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
    is_on_fn=lambda snapshot: snapshot.state is not SatelliteState.DISCONNECTED,
)

WHILE_CONNECTED: Final = (
    SatelliteBinarySensorDescription(
        key="recording",
        translation_key="recording",
        is_on_fn=lambda snapshot: snapshot.state is SatelliteState.RECORDING,
    ),
    SatelliteBinarySensorDescription(
        key="mute_confirmed",
        translation_key="mute_confirmed",
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda snapshot: snapshot.mute_confirmed,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of the hub and of each satellite."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities([HubBinarySensor(coordinator, SELF_TEST)])
    for satellite_id, satellite in coordinator.hub.satellites.items():
        entities: list[BinarySensorEntity] = [SatelliteBinarySensor(coordinator, satellite, CONNECTED)]
        entities += (
            ConnectedSatelliteBinarySensor(coordinator, satellite, description)
            for description in WHILE_CONNECTED
        )
        async_add_entities(entities, config_subentry_id=satellite_id)


class HubBinarySensor(HubEntity, BinarySensorEntity):
    """Binary sensor of the hub."""

    entity_description: HubBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """True if the sensor is on; None if that is unknown."""
        return self.entity_description.is_on_fn(self.coordinator.data)


class SatelliteBinarySensor(SatelliteEntity, BinarySensorEntity):
    """Binary sensor of a satellite."""

    entity_description: SatelliteBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """True if the sensor is on; None if that is unknown."""
        return self.entity_description.is_on_fn(self.snapshot)


class ConnectedSatelliteBinarySensor(ConnectedSatelliteEntity, SatelliteBinarySensor):
    """Binary sensor that is only available while the satellite is connected."""
