"""Satellites that core's Wyoming integration connects to."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, restore_state
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.cleaning import clean_name
from .wyoming_connection import CannotConnect, NotASatellite, async_probe

WYOMING: Final = "wyoming"

SETTINGS: Final[Mapping[str, str]] = {
    "auto_gain": "number",
    "noise_suppression_level": "select",
    "pipeline": "select",
    "vad_sensitivity": "select",
    "volume_multiplier": "number",
}
"""Settings of a satellite in both integrations, with the platforms of their entities."""

MUTE: Final = "mute"
"""Key of core's switch that mutes a satellite."""


_LOCK: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_addresses")


@callback
def addresses_lock(hass: HomeAssistant) -> asyncio.Lock:
    """Return the lock that is held from the check whether an address is free until it is saved.

    The check resolves names and may ask a server, so that two forms for one satellite would both pass it.
    """
    return hass.data.setdefault(_LOCK, asyncio.Lock())


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSatellite:
    """Satellite of core's Wyoming integration, with what is kept when it is taken over."""

    entry_id: str
    host: str
    port: int
    name: str
    area_id: str | None
    settings: dict[str, str]
    """States of its entities by the keys of SETTINGS."""

    muted: bool


@callback
def active_entries(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return the entries of core's integration that are set up or that it tries to set up."""
    return hass.config_entries.async_entries(WYOMING, include_ignore=False, include_disabled=False)


@callback
def is_known_satellite(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Return whether an entry is for a satellite, and not for a speech engine, as far as that is known."""
    return _device(hass, entry.entry_id) is not None


@callback
def satellite_of(hass: HomeAssistant, entry: ConfigEntry) -> CoreSatellite | None:
    """Return the satellite of an entry, or None if it is for something else."""
    device = _device(hass, entry.entry_id)
    host, port = entry.data.get(CONF_HOST), entry.data.get(CONF_PORT)
    if device is None or not isinstance(host, str) or not isinstance(port, int):
        return None
    name = clean_name(device.name_by_user or device.name or entry.title)
    return CoreSatellite(
        entry_id=entry.entry_id,
        host=host,
        port=port,
        name=name or host,
        area_id=device.area_id,
        settings={
            key: state
            for key, platform in SETTINGS.items()
            if (state := state_or_last(hass, entity_id_of(hass, platform, entry.entry_id, key))) is not None
        },
        muted=state_or_last(hass, entity_id_of(hass, "switch", entry.entry_id, MUTE)) == STATE_ON,
    )


async def async_takeable(
    hass: HomeAssistant, addresses: Iterable[Mapping[str, Any]]
) -> dict[str, CoreSatellite]:
    """Return core's satellites by entry id, without those at addresses that are ours already."""
    ours = list(addresses)
    found = {}
    for entry in active_entries(hass):
        if (satellite := satellite_of(hass, entry)) is None:
            continue
        if not any([await async_is_same(hass, address, entry.data) for address in ours]):
            found[entry.entry_id] = satellite
    return found


async def async_entry_at(hass: HomeAssistant, address: Mapping[str, Any]) -> ConfigEntry | None:
    """Return the entry with which core uses the satellite at an address, or None.

    A server is asked what it is if core has not connected to it since its entry was added.
    """
    for entry in active_entries(hass):
        if not await async_is_same(hass, address, entry.data):
            continue
        if is_known_satellite(hass, entry):
            return entry
        if entry.state is ConfigEntryState.LOADED:
            continue
        try:
            await async_probe(address[CONF_HOST], address[CONF_PORT])
        except NotASatellite:
            continue
        except CannotConnect:
            return entry
        return entry
    return None


async def async_is_same(hass: HomeAssistant, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Return whether two host and port pairs point to the same socket."""
    if theirs.get(CONF_PORT) != ours.get(CONF_PORT) or not theirs.get(CONF_HOST) or not ours.get(CONF_HOST):
        return False
    if theirs[CONF_HOST] == ours[CONF_HOST]:
        return True
    return bool(
        await _async_addresses(hass, ours[CONF_HOST]) & await _async_addresses(hass, theirs[CONF_HOST])
    )


@callback
def entity_id_of(hass: HomeAssistant, platform: str, entry_id: str, key: str) -> str | None:
    """Return the id of an entity of core's satellite, or None."""
    return er.async_get(hass).async_get_entity_id(platform, WYOMING, f"{entry_id}-{key}")


def _device(hass: HomeAssistant, entry_id: str) -> dr.DeviceEntry | None:
    """Return the device of core's satellite; an entry for a speech engine has none."""
    return dr.async_get(hass).async_get_device_by_identifier((WYOMING, entry_id), entry_id)


def state_or_last(hass: HomeAssistant, entity_id: str | None) -> str | None:
    """Return the state of an entity, or its last one if the integration does not provide it now."""
    if entity_id is None:
        return None
    state = hass.states.get(entity_id)
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        stored = restore_state.async_get(hass).last_states.get(entity_id)
        state = stored.state if stored else None
    return None if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN) else state.state


async def _async_addresses(hass: HomeAssistant, host: str) -> set[str]:
    """Return the IP addresses of a host, or the host itself if it cannot be resolved."""
    try:
        found = await hass.loop.getaddrinfo(host, None)
    except OSError, ValueError:
        return {host}
    return {str(address[4][0]) for address in found}
