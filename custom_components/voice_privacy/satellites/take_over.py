"""Taking a satellite over from core's Wyoming integration, and giving it back.

Core's entry is disabled meanwhile, and nothing of it is deleted. The ids of the entries that we disabled are
kept in our own entry, so that they can be enabled again even if the satellite is no longer there.
"""

import asyncio
from collections.abc import Callable, Iterator
import contextlib
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler, ConfigEntryState, ConfigSubentry
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, restore_state
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_TAKEN_FROM, CONF_TAKEN_OVER, DOMAIN
from .core_wyoming import (
    MUTE,
    SETTINGS,
    WYOMING,
    CoreSatellite,
    entity_id_of,
    is_known_satellite,
    satellite_of,
    state_or_last,
)
from .wyoming_connection import CannotConnect, NotASatellite, async_probe

_LOGGER = logging.getLogger(__name__)

_PROBES: Final = 4
_PROBE_PAUSE: Final = 1.0
"""Number of attempts to reach a satellite that core has just let go of, and seconds between them."""

_IN_HAND: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_taking_over")
"""Ids of core's entries that are being taken over or given back right now."""


class TakeOverFailed(Exception):
    """A satellite could not be taken over or given back; everything is as before."""

    def __init__(self, reason: str) -> None:
        """Take the key of the reason's text."""
        super().__init__(reason)
        self.reason = reason


# --- which entries we disabled --------------------------------------------------------------------


def _noted(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the ids that are kept in our entry, without those that are about to change."""
    in_hand = hass.data.get(_IN_HAND, set())
    return [entry_id for entry_id in entry.data.get(CONF_TAKEN_OVER, []) if entry_id not in in_hand]


@contextlib.contextmanager
def _in_hand(hass: HomeAssistant, entry_id: str, *, reason: str) -> Iterator[None]:
    """Mark an entry of core as about to change. Raises TakeOverFailed with the reason if it is already."""
    in_hand = hass.data.setdefault(_IN_HAND, set())
    if entry_id in in_hand:
        raise TakeOverFailed(reason)
    in_hand.add(entry_id)
    try:
        yield
    finally:
        in_hand.discard(entry_id)


@callback
def disabled_by_us(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the ids of core's entries that we disabled and that are still disabled."""
    found = []
    for entry_id in _noted(hass, entry):
        theirs = hass.config_entries.async_get_entry(entry_id)
        if theirs is not None and theirs.disabled_by is ConfigEntryDisabler.USER:
            found.append(entry_id)
    return found


@callback
def forget_enabled(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget the entries of core that have been enabled or removed by somebody else."""
    for entry_id in set(_noted(hass, entry)).difference(disabled_by_us(hass, entry)):
        _remember(hass, entry, entry_id, disabled=False)


@callback
def subentry_of(entry: ConfigEntry, entry_id: str) -> ConfigSubentry | None:
    """Return the satellite that was taken over from an entry of core, or None if it has been removed."""
    for subentry in entry.subentries.values():
        if (subentry.data.get(CONF_TAKEN_FROM) or {}).get("entry_id") == entry_id:
            return subentry
    return None


@callback
def entry_to_give_back_to(hass: HomeAssistant, subentry: ConfigSubentry) -> ConfigEntry | None:
    """Return the entry of core that a satellite was taken over from, if it is still there and disabled."""
    entry_id = (subentry.data.get(CONF_TAKEN_FROM) or {}).get("entry_id", "")
    theirs = hass.config_entries.async_get_entry(entry_id)
    return theirs if theirs is not None and theirs.disabled_by is not None else None


@callback
def _remember(hass: HomeAssistant, entry: ConfigEntry, entry_id: str, *, disabled: bool) -> None:
    """Note that we disable an entry of core, or that it is no longer up to us."""
    if hass.config_entries.async_get_entry(entry.entry_id) is None:
        # Our entry is being removed.
        return
    kept = [noted for noted in entry.data.get(CONF_TAKEN_OVER, []) if noted != entry_id]
    if disabled:
        kept.append(entry_id)
    data = {key: value for key, value in entry.data.items() if key != CONF_TAKEN_OVER}
    hass.config_entries.async_update_entry(entry, data={**data, CONF_TAKEN_OVER: kept} if kept else data)


# --- taking over ----------------------------------------------------------------------------------


def taken_from(satellite: CoreSatellite) -> dict[str, Any]:
    """Return what is saved with our satellite, to begin as it was in core and to be given back."""
    return {"entry_id": satellite.entry_id, "settings": satellite.settings, "muted": satellite.muted}


async def async_take_over(
    hass: HomeAssistant, entry: ConfigEntry, entry_id: str, *, try_connection: bool = True
) -> CoreSatellite:
    """Disable core's entry and make sure that the satellite answers us; return what it was like.

    Args:
        hass: Home Assistant.
        entry: Our entry.
        entry_id: Id of core's entry.
        try_connection: False if a connection of ours waits for the satellite already.

    Raises:
        TakeOverFailed: That was not possible; core's entry is as before.
    """
    theirs = hass.config_entries.async_get_entry(entry_id)
    satellite = satellite_of(hass, theirs) if theirs is not None and theirs.disabled_by is None else None
    if satellite is None:
        raise TakeOverFailed("take_over_gone")
    with _in_hand(hass, entry_id, reason="take_over_failed"):
        _remember(hass, entry, entry_id, disabled=True)
        try:
            await _async_disable(hass, entry_id)
            if try_connection:
                await _async_reach(satellite)
        except BaseException as err:
            await _async_enable(hass, entry, entry_id)
            if isinstance(err, TakeOverFailed) or not isinstance(err, Exception):
                raise
            _LOGGER.warning("A satellite could not be taken over: %s", type(err).__name__)
            raise TakeOverFailed("take_over_failed") from err
    return satellite


async def _async_disable(hass: HomeAssistant, entry_id: str) -> None:
    """Disable an entry of core. Raises TakeOverFailed."""
    if not await hass.config_entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER):
        raise TakeOverFailed("take_over_failed")


async def _async_reach(satellite: CoreSatellite) -> None:
    """Make sure that the satellite answers; core's connection may take a moment to end."""
    for attempt in range(_PROBES):
        try:
            await async_probe(satellite.host, satellite.port)
        except (CannotConnect, NotASatellite) as err:
            if attempt == _PROBES - 1:
                raise TakeOverFailed("cannot_connect") from err
            await asyncio.sleep(_PROBE_PAUSE)
        else:
            return


async def _async_enable(hass: HomeAssistant, entry: ConfigEntry, entry_id: str) -> bool:
    """Enable an entry of core; return whether it is loaded."""
    theirs = hass.config_entries.async_get_entry(entry_id)
    if theirs is None:
        _remember(hass, entry, entry_id, disabled=False)
        return False
    try:
        await hass.config_entries.async_set_disabled_by(entry_id, None)
    except Exception as err:  # noqa: BLE001
        # It stays enabled even if it cannot be set up now.
        _LOGGER.warning("An entry of the Wyoming integration cannot be set up: %s", type(err).__name__)
    if theirs.disabled_by is None:
        _remember(hass, entry, entry_id, disabled=False)
    return theirs.state is ConfigEntryState.LOADED


# --- giving back ----------------------------------------------------------------------------------


async def async_give_back(
    hass: HomeAssistant,
    entry: ConfigEntry,
    entry_id: str,
    subentry: ConfigSubentry | None,
    *,
    is_muted: Callable[[], bool],
) -> None:
    """Enable core's entry again, with what our satellite is set to.

    Args:
        hass: Home Assistant.
        entry: Our entry.
        entry_id: Id of core's entry.
        subentry: Our satellite, which must have let go of the device; None if it has been removed.
        is_muted: Returns whether the satellite must not be heard, which may change meanwhile.

    Raises:
        TakeOverFailed: That was not possible; core's entry is disabled as before.
    """
    with _in_hand(hass, entry_id, reason="give_back_failed"):
        if subentry is not None:
            _carry_back(hass, entry, entry_id, subentry, muted=is_muted())
        await _async_have_loaded(hass, entry, entry_id, is_muted)


async def _async_have_loaded(
    hass: HomeAssistant, entry: ConfigEntry, entry_id: str, is_muted: Callable[[], bool]
) -> None:
    """Enable core's entry, and disable it again if it is not set up as wanted. Raises TakeOverFailed."""
    loaded = await _async_enable(hass, entry, entry_id)
    theirs = hass.config_entries.async_get_entry(entry_id)
    if theirs is None:
        raise TakeOverFailed("give_back_gone")
    mute = entity_id_of(hass, "switch", entry_id, MUTE)
    state = hass.states.get(mute) if mute is not None else None
    held = not is_muted() or (state is not None and state.state == STATE_ON)
    if not loaded or not is_known_satellite(hass, theirs) or not held:
        _remember(hass, entry, entry_id, disabled=True)
        with contextlib.suppress(Exception):
            await hass.config_entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER)
        raise TakeOverFailed("give_back_failed")


async def async_return_all(hass: HomeAssistant, entry: ConfigEntry, is_muted: Callable[[str], bool]) -> None:
    """Enable core's entries again because our entry is removed; core connects when it can.

    Those of satellites that are muted or were removed before stay disabled: nobody has said that they may be
    heard.

    Args:
        hass: Home Assistant.
        entry: Our entry, whose satellites have let go of their devices.
        is_muted: Returns whether the satellite with an id is muted.
    """
    returned = []
    for entry_id in disabled_by_us(hass, entry):
        subentry = subentry_of(entry, entry_id)
        if subentry is not None and not is_muted(subentry.subentry_id):
            _carry_back(hass, entry, entry_id, subentry, muted=False)
            returned.append(_async_enable(hass, entry, entry_id))
    await asyncio.gather(*returned)


@callback
def _carry_back(
    hass: HomeAssistant, entry: ConfigEntry, entry_id: str, subentry: ConfigSubentry, *, muted: bool
) -> None:
    """Give core's device our area and name, and its entities the settings of ours when they are set up."""
    if (mute := entity_id_of(hass, "switch", entry_id, MUTE)) is not None:
        _restore_as(hass, mute, STATE_ON if muted else STATE_OFF)
    devices = dr.async_get(hass)
    ours = devices.async_get_device_by_identifier((DOMAIN, subentry.subentry_id), entry.entry_id)
    theirs = devices.async_get_device_by_identifier((WYOMING, entry_id), entry_id)
    if ours is not None and theirs is not None:
        name = ours.name_by_user or theirs.name_by_user
        devices.async_update_device(theirs.id, area_id=ours.area_id, name_by_user=name)
    entities = er.async_get(hass)
    for key, platform in SETTINGS.items():
        our_id = entities.async_get_entity_id(platform, DOMAIN, f"{subentry.subentry_id}-{key}")
        state = state_or_last(hass, our_id)
        their_id = entity_id_of(hass, platform, entry_id, key)
        if state is not None and their_id is not None:
            _restore_as(hass, their_id, state)


@callback
def leave_muted(hass: HomeAssistant, entry_id: str) -> None:
    """Let a satellite begin muted in core, however its entry is enabled again: its mute went with ours."""
    if (mute := entity_id_of(hass, "switch", entry_id, MUTE)) is not None:
        _restore_as(hass, mute, STATE_ON)


@callback
def _restore_as(hass: HomeAssistant, entity_id: str, value: str) -> None:
    """Make an entity that is not set up begin with a state, as after a restart.

    A mute applies from the start in this way, before the satellite is connected.
    """
    extra = None
    if entity_id.startswith("number."):
        with contextlib.suppress(ValueError):
            extra = restore_state.RestoredExtraData(_number(float(value)))
    restore_state.async_get(hass).last_states[entity_id] = restore_state.StoredState(
        State(entity_id, value), extra, dt_util.utcnow()
    )


def _number(value: float) -> dict[str, Any]:
    """Return what Home Assistant stores of a number entity."""
    return {
        "native_max_value": None,
        "native_min_value": None,
        "native_step": None,
        "native_unit_of_measurement": None,
        "native_value": value,
    }
