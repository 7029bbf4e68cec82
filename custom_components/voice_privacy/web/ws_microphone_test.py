"""Websocket command for a microphone test: a satellite's sound as it comes, and its figures.

The sound goes the way of all events, as text: it needs no other connection that a proxy would have to pass, no address
that holds a key, and nothing that a strict Content-Security-Policy forbids.
"""

from base64 import b64encode
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..core.errors import InvalidRequest
from ..hub.microphone_tests import LiveSound
from .serializers import Json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_microphone_test_api(hass: HomeAssistant) -> None:
    """Register the command."""
    async_register(hass, _COMMANDS)


@_command("microphones/test", {vol.Required("satellite_id"): str})
async def _test(call: Call) -> Json:
    """Send what a satellite hears for ten seconds at most, after a tone in its room; then what it means."""
    if (satellite := call.hub.satellites.get(call.message["satellite_id"])) is None:
        raise InvalidRequest

    @callback
    def on_heard(sound: LiveSound) -> None:
        figures = sound.figures
        score, threshold = sound.wake or (None, None)
        call.push(
            {
                "type": "heard",
                "audio": b64encode(sound.pcm).decode(),
                "level": round(figures.level, 1),
                "peak": round(figures.peak, 1),
                "clips": figures.clips,
                "floor": None if figures.floor is None else round(figures.floor, 1),
                "score": None if score is None else round(score, 3),
                "threshold": threshold,
            }
        )

    @callback
    def on_end(code: str | None) -> None:
        call.push({"type": "ended", "code": code, "verdict": None if code else test.meter.verdict})

    test = await call.hub.microphone_tests.async_start(satellite, call.by, on_heard=on_heard, on_end=on_end)
    call.follow([test.cancel])
    test.start()
    return {}
