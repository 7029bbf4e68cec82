"""Websocket commands for the privacy levels of rooms, for what overrides them, and for what is in memory only."""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import area_registry as ar
import voluptuous as vol

from ..core.errors import InvalidRequest, RecordingNotFound
from ..core.levels import CHOICES_LEVEL, CHOICES_OVERRIDE, MAX_OVERRIDES, MAX_STATES, Override, PrivacyLevel
from ..core.models import AuditAction
from ..core.rule_states import impossible
from ..core.stored_levels import override_from
from ..hub.permissions import Right
from .serializers import Json, preview_json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)

_DOMAINS: Final = (
    "binary_sensor",
    "calendar",
    "device_tracker",
    "group",
    "input_boolean",
    "input_select",
    "media_player",
    "person",
    "schedule",
    "zone",
)
"""Domains of the entities that are offered for an override."""


@callback
def async_setup_levels_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


@_command("levels/get")
async def _get(call: Call) -> Json:
    """Return the levels of rooms, the overrides, and the entities that can be chosen for one."""
    data = call.runtime.coordinator.data
    levels = data.levels
    return {
        "rooms": [
            {"id": area_id, "name": area.name, "level": levels.of_area(area_id).level.value}
            for area_id, area in sorted(data.areas.items(), key=lambda item: item[1].name.casefold())
        ],
        "new_rooms": levels.new_rooms.level.value,
        "overrides": [
            {
                "entity_id": override.entity_id,
                "states": sorted(override.states),
                "level": override.level.value,
                "area_id": override.area_id,
                "name": _name_of(call.hass, override.entity_id),
            }
            for override in levels.overrides
        ],
        "entities": [
            {"id": state.entity_id, "name": state.name, "state": state.state}
            for state in sorted(call.hass.states.async_all(_DOMAINS), key=lambda state: state.entity_id)
        ],
    }


_LEVEL_FIELDS: Final = {
    vol.Required("area_id"): vol.Any(None, str),
    vol.Required("level"): vol.All(vol.Coerce(PrivacyLevel), vol.In(CHOICES_LEVEL)),
}


@_command("levels/preview", _LEVEL_FIELDS)
async def _preview(call: Call) -> Json:
    """Return a summary of the recordings that a level would delete soon. Raises InvalidRequest."""
    coordinator = call.runtime.coordinator
    area_id = call.message["area_id"]
    if area_id is not None and area_id not in coordinator.data.areas:
        raise InvalidRequest
    async with call.turn():
        found = await call.hub.retention.async_preview(
            coordinator.levels.policy_with(area_id, call.message["level"])
        )
        return preview_json([info for info in found if not call.hub.is_hidden(info.recording_id)])


@_command("levels/set", _LEVEL_FIELDS)
async def _set(call: Call) -> None:
    """Set the level of a room, or of new rooms if none is named. Raises InvalidRequest."""
    coordinator = call.runtime.coordinator
    area_id, level = call.message["area_id"], call.message["level"]
    if area_id is None:
        await coordinator.levels.async_set_new_rooms(level, call.by)
    elif area_id in coordinator.data.areas:
        await coordinator.levels.async_set_area(area_id, level, call.by)
    else:
        raise InvalidRequest


_OVERRIDE: Final = vol.Schema(
    {
        vol.Required("entity_id"): str,
        vol.Required("states"): vol.All([str], vol.Length(1, MAX_STATES)),
        vol.Required("level"): vol.In([level.value for level in CHOICES_OVERRIDE]),
        vol.Required("area_id"): vol.Any(None, str),
    }
)


@_command(
    "levels/set_overrides",
    {vol.Required("overrides"): vol.All([_OVERRIDE], vol.Length(max=MAX_OVERRIDES))},
)
async def _set_overrides(call: Call) -> None:
    """Replace all overrides; an entity may be given by its name, and its states in any case.

    What is set already may stay: its entity, or its room, may be away.

    Raises:
        InvalidRequest: An entity or a room does not exist, several entities have the name, or an entity is
            never in a state that was given: the rule would never hold.
    """
    levels = call.runtime.coordinator.levels
    before = set(call.hub.settings.levels.overrides)
    wanted: list[Override] = []
    for raw in call.message["overrides"]:
        try:
            override = override_from(raw)
        except KeyError, TypeError, ValueError:
            raise InvalidRequest from None
        if override not in before:
            override = _checked(call.hass, override)
        if override not in wanted:
            wanted.append(override)
    await levels.async_set_overrides(tuple(wanted), call.by)


@_command("recordings/held")
async def _held(call: Call) -> Json:
    """Return what was said in the recordings in memory that the user may listen to, by id."""
    held = call.hub.memory.held
    heard = [
        recording_id
        for recording_id, info in held.infos.items()
        if call.allows(Right.LISTEN, {info.satellite_id})
    ]
    texts = {recording_id: held.texts(recording_id) for recording_id in heard}
    if heard:
        call.hub.access_log.add(call.by, AuditAction.LISTED, recording_ids=heard)
    return {
        "recordings": {
            recording_id: {"transcript": transcript, "reply": reply}
            for recording_id, (transcript, reply) in texts.items()
        }
    }


@_command("recordings/keep", {vol.Required("recording_id"): str})
async def _keep(call: Call) -> None:
    """Write a recording that is in memory only. Raises NotKeptNow, RecordingNotFound or another StoreError."""
    recording_id = call.message["recording_id"]
    info = call.hub.memory.held.infos.get(recording_id)
    if info is None or not call.allows(Right.KEEP_HELD, {info.satellite_id}):
        raise RecordingNotFound
    by = call.permissions.bind(call.caller, Right.KEEP_HELD, {info.satellite_id})
    await call.hub.memory.async_keep(recording_id, by)


def _checked(hass: HomeAssistant, override: Override) -> Override:
    """Return a new override with the id of its entity. Raises InvalidRequest if it would never hold."""
    areas: Any = ar.async_get(hass).areas
    state = _state_of(hass, override.entity_id)
    states = frozenset(text for state in override.states if (text := state.strip()))
    if (
        state is None
        or (override.area_id is not None and override.area_id not in areas)
        or not states
        or impossible(state.domain, state.attributes, state.state, states)
    ):
        raise InvalidRequest
    return replace(override, entity_id=state.entity_id, states=states)


def _state_of(hass: HomeAssistant, text: str) -> State | None:
    """Return the state of an entity by its id, or by its name if no other entity for rules has it."""
    if (state := hass.states.get(text.strip())) is not None:
        return state
    name = text.strip().casefold()
    named = [state for state in hass.states.async_all(_DOMAINS) if state.name.casefold() == name]
    return named[0] if len(named) == 1 else None


def _name_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the name of an entity, or its id if it has no state."""
    state = hass.states.get(entity_id)
    return state.name if state else entity_id
