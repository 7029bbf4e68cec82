"""Websocket commands for the options of the house, which the page shows where people look for them."""

from functools import partial
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
import voluptuous as vol

from ..const import CONF_PIPELINES
from ..core.errors import InvalidRequest
from ..hub.options import FLAGS, offered_pipelines, options_now
from ..recordings.key_folders import CONF_KEY_DIR
from .serializers import Json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_options_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


@_command("options/get")
async def _get(call: Call) -> Json:
    """Return the options that hold, and the pipelines that can be chosen."""
    return _options_json(call)


_FIELDS: Final[dict[Any, Any]] = {
    vol.Optional(CONF_PIPELINES): [str],
    vol.Optional(CONF_KEY_DIR): str,
    **{vol.Optional(name): bool for name in FLAGS},
}


@_command("options/set", _FIELDS)
async def _set(call: Call) -> Json:
    """Change options through their form, with the same checks and the same reload.

    Options that are not named stay as they are. Returns the form's errors by option, empty if all were
    saved. Raises InvalidRequest.
    """
    named = {str(field) for field in _FIELDS}
    changes = {name: value for name, value in call.message.items() if name in named}
    offered = offered_pipelines(call.hass)
    if not changes or not offered.keys() >= set(changes.get(CONF_PIPELINES, [])):
        raise InvalidRequest
    flows = call.hass.config_entries.options
    flow = await flows.async_init(call.entry.entry_id, context={"source": SOURCE_USER})
    now = options_now(call.hass, call.entry, call.hub.settings.is_withheld)
    result = await flows.async_configure(flow["flow_id"], now | changes)
    if result["type"] is FlowResultType.CREATE_ENTRY:
        return {"errors": {}}
    flows.async_abort(flow["flow_id"])
    return {"errors": result.get("errors") or {"base": "unknown"}}


def _options_json(call: Call) -> Json:
    """Return the options and what can be chosen."""
    return {
        "options": options_now(call.hass, call.entry, call.hub.settings.is_withheld),
        "pipelines": [
            {"id": pipeline_id, "name": name} for pipeline_id, name in offered_pipelines(call.hass).items()
        ],
    }
