"""Satellites of another integration, with a mute switch or without, in the test's own Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
import contextlib
from typing import Any, override

from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType, PipelineStage
from homeassistant.components.assist_satellite import AssistSatelliteConfiguration, AssistSatelliteEntity
from homeassistant.components.switch import SwitchEntity
from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback, async_get_platforms
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

from dev.rig.voices import BYTES_PER_SECOND, room_noise

_DOMAIN = "other"
_CHUNK = BYTES_PER_SECOND // 100


class OtherSatellite(AssistSatelliteEntity):
    """A satellite whose integration has never heard of us."""

    _attr_has_entity_name = True
    _attr_name = None

    def __init__(self, name: str) -> None:
        """Be on a device of its own."""
        self.events: list[PipelineEvent] = []
        self._attr_unique_id = name
        self._attr_device_info = DeviceInfo(identifiers={(_DOMAIN, name)}, name=name.capitalize())

    @override
    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        raise NotImplementedError

    @override
    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        raise NotImplementedError

    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        self.events.append(event)

    @property
    def registry_id(self) -> str:
        """Id that survives renaming."""
        entry = er.async_get(self.hass).async_get(self.entity_id)
        assert entry is not None
        return entry.id

    def seen(self, event_type: PipelineEventType) -> list[dict[str, Any]]:
        """Return the data of all events of a type."""
        return [event.data or {} for event in self.events if event.type is event_type]

    @property
    def replies(self) -> list[str]:
        """Everything that was answered."""
        return [
            data["intent_output"]["response"]["speech"]["plain"]["speech"]
            for data in self.seen(PipelineEventType.INTENT_END)
        ]

    @property
    def errors(self) -> list[str]:
        """Codes of all errors."""
        return [data["code"] for data in self.seen(PipelineEventType.ERROR)]

    async def say(self, audio: bytes | AsyncIterable[bytes] | None = None) -> None:
        """Run a pipeline on one second of sound, or on other audio, and wait for its end."""
        stream = audio if isinstance(audio, AsyncIterable) else stream_of(audio or sound())
        await self.async_accept_pipeline_from_satellite(stream, end_stage=PipelineStage.INTENT)


class MuteSwitch(SwitchEntity):
    """The satellite's own."""

    _attr_has_entity_name = True
    _attr_is_on = False

    def __init__(self, name: str, called: str = "Mute", key: str = "mute") -> None:
        """Be on the satellite's device."""
        self._attr_name = called
        self._attr_unique_id = f"{name}-{key}"
        self._attr_device_info = DeviceInfo(identifiers={(_DOMAIN, name)}, name=name.capitalize())

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._attr_is_on = True
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._attr_is_on = False
        self.async_write_ha_state()


def sound(seconds: float = 1.0, *, seed: int = 3) -> bytes:
    """Return noise as loud as speech."""
    return room_noise(int(seconds * BYTES_PER_SECOND) // 2, level_dbfs=-25.0, seed=seed).tobytes()


async def stream_of(pcm: bytes) -> AsyncGenerator[bytes]:
    """Yield audio as Assist does, 10 ms at a time."""
    for start in range(0, len(pcm), _CHUNK):
        yield pcm[start : start + _CHUNK]
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def other_satellites(
    hass: HomeAssistant, names: tuple[str, ...], with_mute: tuple[str, ...] = ()
) -> AsyncGenerator[dict[str, OtherSatellite]]:
    """Set up another integration with these satellites."""
    satellites = {name: OtherSatellite(name) for name in names}
    platforms = ["assist_satellite", "switch"]

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, platforms)
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, platforms)

    mock_integration(hass, MockModule(_DOMAIN, async_setup_entry=set_up, async_unload_entry=unload))
    mock_platform(hass, f"{_DOMAIN}.config_flow")
    mock_platform(hass, f"{_DOMAIN}.assist_satellite", _platform(list(satellites.values())))
    mock_platform(hass, f"{_DOMAIN}.switch", _platform([MuteSwitch(name) for name in with_mute]))
    entry = MockConfigEntry(domain=_DOMAIN, entry_id=_DOMAIN)
    entry.add_to_hass(hass)
    with mock_config_flow(_DOMAIN, ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        yield satellites


async def add_switch(hass: HomeAssistant, switch: MuteSwitch) -> MuteSwitch:
    """Let the other integration add one more switch."""
    (platform,) = (
        candidate for candidate in async_get_platforms(hass, _DOMAIN) if candidate.domain == "switch"
    )
    await platform.async_add_entities([switch])
    await hass.async_block_till_done()
    return switch


async def add_late(hass: HomeAssistant, platform: str, entities: list[Entity]) -> None:
    """Set up one more integration, whose entities come now."""

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, [platform])
        return True

    mock_integration(hass, MockModule("late", async_setup_entry=set_up))
    mock_platform(hass, "late.config_flow")
    mock_platform(hass, f"late.{platform}", _platform(entities))
    entry = MockConfigEntry(domain="late")
    entry.add_to_hass(hass)
    with mock_config_flow("late", ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()


def _platform(entities: list[Entity]) -> MockPlatform:
    """Return a platform that adds these entities."""

    async def set_up(
        hass: HomeAssistant, entry: ConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
    ) -> None:
        async_add_entities(entities)

    platform = MockPlatform()
    # The plugin knows the callback of platforms in YAML only.
    platform.async_setup_entry = set_up  # type: ignore[assignment]
    return platform


def subentry(name: str, source: str, *, save_recordings: bool = True) -> ConfigSubentryDataWithId:
    """Return what the subentry flow saves for a satellite of another integration."""
    return ConfigSubentryDataWithId(
        data={"name": name.capitalize(), "save_recordings": save_recordings, "source": source},
        subentry_id=name,
        subentry_type="assist_satellite",
        title=name.capitalize(),
        unique_id=source,
    )


async def interrupted(sending: asyncio.Event, go_on: asyncio.Event) -> AsyncGenerator[bytes]:
    """Yield a second of sound, tell that it was sent, and another second when told to go on."""
    async for chunk in stream_of(sound()):
        yield chunk
    sending.set()
    await go_on.wait()
    async for chunk in stream_of(sound()):
        yield chunk
