"""Websocket commands of the page's rooms: figures of each satellite, and adding one that the house has."""

from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..const import CONF_CHILD_SAFE, CONF_PIPELINES, CONF_SOURCE, SUBENTRY_TYPE_PIPELINE_SATELLITE
from ..core.errors import InvalidRequest
from ..hub.permissions import Right
from ..satellites.pipeline_runs import pipelines_of_source
from .satellite_flow import async_run_flow
from .serializers import Json
from .wake_history import async_wake_history, history_days
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_rooms_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


@_command("microphones/figures")
async def _figures(call: Call) -> Json:
    """Return wakes by day of the satellites that the user may read, and for the owner the engine's work."""
    async with call.turn():
        shown = [
            satellite_id
            for satellite_id in call.hub.satellites
            if call.permissions.reads(call.caller, satellite_id)
        ]
        history = await async_wake_history(call.hass, shown)
    call.check()
    owner = call.allows(Right.CONFIGURE_SATELLITE)
    wakes = call.hub.wakes
    for satellite_id, counts in history.items():
        counts["wakes"][-1] = wakes.wakes.today(satellite_id)
        counts["false_wakes"][-1] = wakes.false_wakes.today(satellite_id)
    return {
        "days": [day.isoformat() for day in history_days()],
        "load": call.hub.listening.load if owner else None,
        "satellites": {
            satellite_id: {**counts, "lost": _lost(call, satellite_id) if owner else None}
            for satellite_id, counts in history.items()
        },
    }


def _lost(call: Call, satellite_id: str) -> list[int] | None:
    """Return how many chunks the engine did not hear, and of how many; None if it hears none of them."""
    statistics = call.hub.listening.statistics(satellite_id)
    all_chunks = statistics.chunks_processed + statistics.chunks_dropped
    return [statistics.chunks_dropped, all_chunks] if all_chunks else None


@_command(
    "satellites/add",
    {vol.Required("source"): str, vol.Required("save_recordings"): bool},
)
async def _add(call: Call) -> Json:
    """Add a satellite of another integration that is not protected yet, and choose its pipeline.

    The flow that its form uses adds it, with the same checks. Returns the pipeline's name, or None if no
    speech-to-text engine is set in it, so that nothing can be heard. Raises InvalidRequest.
    """
    source, saves = call.message["source"], call.message["save_recordings"]
    if source not in {satellite.source for satellite in call.runtime.coordinator.unprotected}:
        raise InvalidRequest
    pipeline = _choose_pipeline(call, source)
    answers = {CONF_SOURCE: source, CONF_CHILD_SAFE: False}
    if await async_run_flow(call, SUBENTRY_TYPE_PIPELINE_SATELLITE, answers, saves=saves):
        raise InvalidRequest
    return {"pipeline": pipeline}


@_command("satellites/choose_pipeline", {vol.Required("satellite_id"): str})
async def _choose(call: Call) -> Json:
    """Choose the pipeline that a satellite uses. Raises InvalidRequest if it uses none that can be chosen."""
    subentry = call.entry.subentries.get(call.message["satellite_id"])
    source = subentry.data.get(CONF_SOURCE) if subentry else None
    if source is None or (pipeline := _choose_pipeline(call, source)) is None:
        raise InvalidRequest
    await call.runtime.proxies.async_sync()
    return {"pipeline": pipeline}


def _choose_pipeline(call: Call, source: str) -> str | None:
    """Add the pipeline of a source to the chosen ones; return its name, or None if it cannot be chosen.

    The proxy is installed when the entry reloads, or by a sync.
    """
    pipeline: Any = next(iter(pipelines_of_source(call.hass, source)), None)
    if pipeline is None or not pipeline.stt_engine:
        return None
    chosen = call.entry.options.get(CONF_PIPELINES, [])
    if pipeline.id not in chosen:
        options = {**call.entry.options, CONF_PIPELINES: [*chosen, pipeline.id]}
        call.hass.config_entries.async_update_entry(call.entry, options=options)
    return str(pipeline.name)
