"""Websocket commands of the proofs that deletion and privacy hold: the self-test."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .serializers import Json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_proof_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


@_command("self_test/get")
async def _get(call: Call) -> Json:
    """Return the result of the last self-test, or None."""
    result = call.hub.self_test.result
    return {"result": None if result is None else result.as_dict()}


@_command("self_test/run")
async def _run(call: Call) -> Json:
    """Run the self-test and return its result. Raises StoreError or BackupUnderWay."""
    return {"result": (await call.hub.self_test.async_run()).as_dict()}
