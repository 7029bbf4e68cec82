"""Websocket commands of the proofs that deletion and privacy hold: the self-test, the ledger, the search elsewhere, data flow."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import CONF_LEDGER
from ..core.elsewhere import Place
from ..recordings.elsewhere import Elsewhere
from ..satellites.link import link_of
from .serializers import Json
from .ws_command import Call, Commands, async_register, command

_SETTING_ELSEWHERE: Final = "elsewhere"
"""Subject in the access log of a place that was emptied; its value is the place."""

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_proof_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


@_command("self_test/get")
async def _get(call: Call) -> Json:
    """Return the result of the last self-test, or None; one that was too long ago says nothing any more."""
    if (result := call.hub.self_test.result) is None:
        return {"result": None}
    return {"result": result.as_dict() | {"passed": result.stands(dt_util.utcnow())}}


@_command("self_test/run")
async def _run(call: Call) -> Json:
    """Run the self-test and return its result. Raises StoreError or BackupUnderWay."""
    return {"result": (await call.hub.self_test.async_run()).as_dict()}


@_command("ledger/get")
async def _ledger(call: Call) -> Json:
    """Return whether the ledger is on, its length, and how many entries are not on disk yet."""
    ledger = call.hub.ledger
    return {"on": ledger.on, "entries": ledger.entries, "waiting": ledger.waiting}


@_command("ledger/set", {vol.Required("on"): bool})
async def _set_ledger(call: Call) -> Json:
    """Turn the ledger on, or off, which removes it. Raises NotSaved."""
    on: bool = call.message["on"]
    call.hass.config_entries.async_update_entry(call.entry, options={**call.entry.options, CONF_LEDGER: on})
    call.hub.access_log.add_change(call.by, CONF_LEDGER, on)
    await call.hub.ledger.async_turn(on=on)
    return {"on": on}


@_command("ledger/export")
async def _export_ledger(call: Call) -> Json:
    """Return the ledger as a file for scripts/verify_ledger. Raises NotSaved."""
    return {"ledger": await call.hub.ledger.async_export()}


@_command("elsewhere/search")
async def _search(call: Call) -> Json:
    """Search every place outside of our store where something of what was said may be."""
    async with call.turn():
        findings = await Elsewhere(call.hass).async_search()
    call.check()
    return {"findings": [finding.as_dict() for finding in findings]}


@_command("elsewhere/remove", {vol.Required("place"): vol.Coerce(Place)})
async def _remove(call: Call) -> Json:
    """Empty one place; return what a new search finds in it."""
    async with call.turn():
        place: Place = call.message["place"]
        findings = await Elsewhere(call.hass).async_remove([place])
        call.hub.access_log.add_change(call.by, _SETTING_ELSEWHERE, place.value)
    return {"findings": [finding.as_dict() for finding in findings]}


@_command("data_flow/get")
async def _data_flow(call: Call) -> Json:
    """Return how sound reaches us from each satellite, how far it and text go in each stage, and what is farther than before."""
    data_flow = call.hub.data_flow
    await data_flow.async_look()
    wider = data_flow.wider
    return {
        "pipelines": [
            {
                "name": flow.name,
                "stages": {stage.value: reach.value for stage, reach in flow.stages.items()},
                "wider": [stage.value for stage in wider.get(pipeline_id, ())],
            }
            for pipeline_id, flow in data_flow.flows.items()
        ],
        "satellites": [
            {
                "name": call.runtime.coordinator.data.names[satellite_id],
                "link": link_of(call.hass, satellite).value,
            }
            for satellite_id, satellite in call.hub.satellites.items()
        ],
    }
