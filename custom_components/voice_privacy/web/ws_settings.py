"""Websocket commands for settings and retention, and for the access log."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..const import MAX_THRESHOLD, MIN_THRESHOLD
from ..core.errors import InvalidRequest
from ..core.house_settings import HouseToggle, RetentionSetting, SatelliteToggle
from ..core.models import AuditAction
from ..core.retention_policy import RetentionPolicy
from ..hub.access_log import AccessLogEntry, of_rooms
from ..hub.permissions import Right
from ..hub.requests import async_set_retention, press_to_talk, set_threshold
from .serializers import Json, log_entry_json, pool_receipt_json, preview_json
from .ws_command import Call, Commands, async_names, async_register, command

_MAX_LOG_PAGE: Final = 100

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_settings_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


# --- microphones and consent ---------------------------------------------------------------------


@_command(
    "settings/set",
    {
        vol.Required("toggle"): vol.Any(*(toggle.value for toggle in (*SatelliteToggle, *HouseToggle))),
        vol.Required("on"): bool,
        vol.Optional("satellite_ids"): vol.Any(None, [str]),
    },
)
async def _set(call: Call) -> Json:
    """Set a toggle of the house, of the named satellites, or of all satellites if none are named.

    A toggle that exists for both is the one of the house if no satellites are named. Returns how many clips
    left the review pool. Raises InvalidRequest.
    """
    name, on, named = call.message["toggle"], call.message["on"], call.satellite_ids
    if name in set(HouseToggle) and named is None:
        return pool_receipt_json([await call.hub.async_set_house(HouseToggle(name), call.by, on=on)])
    satellite_ids = call.hub.satellites.keys() if named is None else named
    if name not in set(SatelliteToggle) or not call.hub.satellites.keys() >= satellite_ids:
        raise InvalidRequest
    toggle = SatelliteToggle(name)
    receipts = await asyncio.gather(
        *(
            call.hub.async_set_satellite(satellite_id, toggle, call.by, on=on)
            for satellite_id in sorted(satellite_ids)
        )
    )
    return pool_receipt_json(receipts)


@_command("microphones/press_to_talk", {vol.Required("satellite_id"): str})
async def _press_to_talk(call: Call) -> None:
    """Start an utterance at a satellite without a wake word."""
    if (satellite := call.hub.satellites.get(call.message["satellite_id"])) is None:
        raise InvalidRequest
    press_to_talk(call.hub, satellite, call.by)


@_command(
    "microphones/set_threshold",
    {
        vol.Required("satellite_id"): str,
        vol.Required("threshold"): vol.All(vol.Coerce(float), vol.Range(MIN_THRESHOLD, MAX_THRESHOLD)),
    },
)
async def _set_threshold(call: Call) -> None:
    """Set the wake word threshold of a satellite."""
    message = call.message
    try:
        set_threshold(call.hass, call.entry, call.hub, message["satellite_id"], message["threshold"], call.by)
    except KeyError:
        raise InvalidRequest from None


# --- retention -----------------------------------------------------------------------------------

_RETENTION_FIELDS: Final = {
    vol.Required("setting"): vol.Coerce(RetentionSetting),
    vol.Required("value"): vol.Any(str, int),
    vol.Optional("satellite_id"): vol.Any(None, str),
}


@_command("retention/preview", _RETENTION_FIELDS)
async def _preview_retention(call: Call) -> Json:
    """Return a summary of the recordings or transcripts that a retention setting would delete soon."""
    policy = _retention_asked_for(call)
    retention = call.hub.retention
    async with call.turn():
        if call.message["setting"] is RetentionSetting.KEEP_TRANSCRIPTS:
            found = await retention.async_preview_texts(policy)
        else:
            found = await retention.async_preview(policy)
        return preview_json([info for info in found if not call.hub.is_hidden(info.recording_id)])


@_command("retention/set", _RETENTION_FIELDS)
async def _set_retention(call: Call) -> None:
    """Change a retention setting."""
    _retention_asked_for(call)
    message = call.message
    await async_set_retention(
        call.hub, message["setting"], message["value"], call.by, message.get("satellite_id")
    )


def _retention_asked_for(call: Call) -> RetentionPolicy:
    """Return the retention policy with the requested setting. Raises InvalidRequest."""
    satellite_id = call.message.get("satellite_id")
    if satellite_id is not None and satellite_id not in call.hub.satellites:
        raise InvalidRequest
    try:
        policy = call.hub.settings.retention_with(
            call.message["setting"], call.message["value"], satellite_id
        )
        return call.hub.with_review(policy)
    except ValueError:
        raise InvalidRequest from None


# --- access log ----------------------------------------------------------------------------------


_LOG_FIELDS: Final = {
    vol.Optional("offset", default=0): vol.All(int, vol.Range(0)),
    vol.Optional("limit", default=_MAX_LOG_PAGE): vol.All(int, vol.Range(1, _MAX_LOG_PAGE)),
    vol.Optional("deed"): vol.Any(None, vol.Coerce(AuditAction)),
}


@_command("access_log", _LOG_FIELDS)
async def _access_log(call: Call) -> Json:
    """Return entries of the access log, newest first."""
    return await _log_page(call, call.hub.access_log.entries)


@_command("access_log/rooms", _LOG_FIELDS)
async def _room_log(call: Call) -> Json:
    """Return what the access log says of the rooms that the user may control, newest first."""
    rooms = {
        satellite_id
        for satellite_id in call.hub.satellites
        if call.allows(Right.READ_ROOM_LOG, {satellite_id})
    }
    found = (of_rooms(entry, rooms) for entry in call.hub.access_log.entries)
    answer = await _log_page(call, [entry for entry in found if entry is not None])
    for entry in answer["entries"]:
        if entry["satellite_id"] not in rooms:
            entry["satellite_id"] = None
    return answer


async def _log_page(call: Call, entries: Sequence[AccessLogEntry]) -> Json:
    """Return the page of entries that was asked for."""
    action, offset = call.message.get("deed"), call.message["offset"]
    names = await async_names(call.hass)
    found = [entry for entry in reversed(entries) if action is None or entry.action is action]
    page = found[offset : offset + call.message["limit"]]
    return {
        "entries": [log_entry_json(entry, names.get) for entry in page],
        "more": offset + len(page) < len(found),
    }
