"""Websocket command for feedback on a recording, by anybody who may listen to it."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..core.cleaning import MAX_CORRECTION
from ..core.errors import RecordingNotFound
from ..core.feedback import Feedback
from ..core.review import Label
from .detail import feedback_json, tells_clips
from .serializers import Json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_feedback_api(hass: HomeAssistant) -> None:
    """Register the command."""
    async_register(hass, _COMMANDS)


@_command(
    "recordings/feedback",
    {
        vol.Required("recording_id"): str,
        vol.Required("label"): vol.Coerce(Label),
        vol.Optional("correction"): vol.Any(None, vol.All(str, vol.Length(0, MAX_CORRECTION))),
    },
)
async def _feedback(call: Call) -> Json:
    """Store feedback on a recording, and return it as it was read back. Raises RecordingNotFound."""
    recording_id = call.message["recording_id"]
    info = call.hub.recordings.get(recording_id)
    if info is None or not call.allows(call.right, {info.satellite_id}):
        raise RecordingNotFound
    feedback = Feedback.given(call.message["label"], call.message.get("correction"))
    by = call.permissions.bind(call.caller, call.right, {info.satellite_id})
    async with call.turn():
        await call.hub.feedback.async_give(recording_id, feedback, by, knows_clips=tells_clips(call))
        _, content = await call.hub.async_read(recording_id)
    return {"feedback": feedback_json(call, recording_id, content)}
