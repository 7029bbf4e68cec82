"""Websocket commands of the page that add a Wyoming satellite: found on the network, by address, or taken over."""

from functools import partial
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, entity_registry as er
import voluptuous as vol

from ..const import CONF_AREA, CONF_TAKE_OVER, CONF_WAKE_WORDS, SUBENTRY_TYPE_SATELLITE
from ..core.errors import InvalidRequest
from ..hub.wake_words import offered_words
from ..satellites.network_search import async_network_search
from ..wake_listening.model_library import async_list_models
from .satellite_flow import async_run_flow
from .serializers import Json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_new_satellites_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


@_command("satellites/choices")
async def _choices(call: Call) -> Json:
    """Return what can be chosen for a new satellite: wake words, with the one to begin with, and areas."""
    chosen = call.entry.data.get(CONF_WAKE_WORDS, [])
    async with call.turn():
        offered = offered_words(await async_list_models(call.hass), call.hub.taught.words, chosen)
    call.check()
    areas = ar.async_get(call.hass).async_list_areas()
    return {
        "wake_words": [{"id": word, "phrase": call.hub.taught.phrase_of(word)} for word in offered],
        "wake_word": next(iter([*chosen[:1], *offered]), None),
        "areas": [{"id": area.id, "name": area.name} for area in sorted(areas, key=lambda one: one.name)],
    }


@_command("satellites/search")
async def _search(call: Call) -> Json:
    """Return the satellites found on the network that nobody has added; the page asks while it looks for them.

    The search begins with the first question and goes on for some seconds after each.
    """
    search = await async_network_search(call.hass)
    await search.async_settled()
    call.check()
    return {
        "satellites": [
            {
                "name": one.name,
                "address": f"[{one.host}]:{one.port}" if ":" in one.host else f"{one.host}:{one.port}",
                "detects_wake_word": one.detects_wake_word,
            }
            for one in search.found
        ],
    }


@_command(
    "satellites/connect",
    {
        vol.Required("name"): str,
        vol.Required("address"): str,
        vol.Required("wake_words"): [str],
        vol.Required("area"): vol.Any(str, None),
        vol.Required("save_recordings"): bool,
    },
)
async def _connect(call: Call) -> Json:
    """Add a Wyoming satellite by its address; return the errors of its form, none if it was added."""
    message = call.message
    answers: dict[str, Any] = {
        CONF_NAME: message["name"],
        CONF_HOST: message["address"],
        CONF_WAKE_WORDS: message["wake_words"],
    }
    if (area := message["area"]) is not None:
        if ar.async_get(call.hass).async_get_area(area) is None:
            raise InvalidRequest
        answers[CONF_AREA] = area
    saves = message["save_recordings"]
    return {"errors": await async_run_flow(call, SUBENTRY_TYPE_SATELLITE, answers, saves=saves)}


@_command("satellites/take_over", {vol.Required("source"): str, vol.Required("save_recordings"): bool})
async def _take_over(call: Call) -> Json:
    """Take a satellite over from core's Wyoming integration; return the errors of the form, none if that is done.

    Raises InvalidRequest if the source is not one of its satellites that has not been added.
    """
    source, saves = call.message["source"], call.message["save_recordings"]
    unprotected = {one.source: one for one in call.runtime.coordinator.unprotected if one.wyoming}
    if (satellite := unprotected.get(source)) is None:
        raise InvalidRequest
    entity = er.async_get(call.hass).async_get(satellite.entity_id)
    if entity is None or entity.config_entry_id is None:
        raise InvalidRequest
    answers = {CONF_TAKE_OVER: entity.config_entry_id}
    return {"errors": await async_run_flow(call, SUBENTRY_TYPE_SATELLITE, answers, saves=saves)}
