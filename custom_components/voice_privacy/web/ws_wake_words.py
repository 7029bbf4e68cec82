"""Websocket commands for wake word models: list, remove, choose and test them."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..const import MODEL_FOLDER
from ..core.errors import InvalidRequest
from ..core.taught_words import SavedWord
from ..hub.taught_words import satellites_with
from ..hub.wake_tests import Heard
from ..hub.wake_words import (
    async_choose,
    async_remove_file,
    chosen_words,
    is_in_use,
    pipeline_with,
    pipeline_with_word,
    shown_words,
    users_of,
)
from ..wake.model_listing import ListedFile, ModelStatus
from ..wake_listening.model_library import async_list_models
from .serializers import Json
from .ws_command import Call, Commands, async_register, command

_MAX_CHOSEN: Final = 1_000
"""Maximum number of wake words of a satellite: as many as files are listed."""

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_wake_words_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


@_command("wake_words/list")
async def _list(call: Call) -> Json:
    """Return every file in the model folder, and the chosen wake words of each satellite."""
    # Not in turn with other reads: trying new files may take a while.
    listing = await async_list_models(call.hass)
    call.check()
    chosen = chosen_words(call.hub)
    models = [_file_json(call.hass, file, chosen) for file in listing.files]
    return {
        "models": models + [_taught_json(call, word) for word in call.hub.taught.words.values()],
        "complete": listing.complete,
        "folder": MODEL_FOLDER,
        "satellites": shown_words(listing, chosen),
    }


def _taught_json(call: Call, word: SavedWord) -> Json:
    """Return a taught word as a model that is ready; it has no file that could be removed here."""
    return {
        "file": "",
        "wake_word": word.wake_word,
        "phrase": word.name,
        "engine": None,
        "size": len(word.model),
        "cost": None,
        "status": ModelStatus.READY,
        "used_file": None,
        "reason": None,
        "reason_placeholders": None,
        "own": True,
        "removable": False,
        "pipeline": pipeline_with_word(call.hass, word.wake_word),
        "satellites": satellites_with(call.hub, word.wake_word),
        "taught": True,
    }


def _file_json(hass: HomeAssistant, file: ListedFile, chosen: dict[str, list[str]]) -> Json:
    pipeline = pipeline_with(hass, file)
    return {
        "file": file.file,
        "wake_word": file.wake_word,
        "phrase": file.phrase,
        "engine": file.engine,
        "size": file.size,
        "cost": file.cost,
        "status": file.status,
        "used_file": file.used_file,
        "reason": None if file.error is None else file.error.code,
        "reason_placeholders": None if file.error is None else file.error.placeholders,
        "own": file.own,
        "removable": not is_in_use(file, chosen) and pipeline is None,
        "pipeline": pipeline,
        "satellites": users_of(file, chosen),
    }


@_command("wake_words/remove", {vol.Required("file"): str})
async def _remove(call: Call) -> Json:
    """Remove a file that no satellite uses, with its manifest."""
    await async_remove_file(call.hub, call.message["file"], call.by)
    return {}


@_command(
    "wake_words/choose",
    {
        vol.Required("satellite_id"): str,
        vol.Required("wake_words"): vol.All([str], vol.Length(max=_MAX_CHOSEN)),
    },
)
async def _choose(call: Call) -> Json:
    """Choose the wake words of a satellite."""
    message = call.message
    await async_choose(
        call.hass, call.entry, call.hub, message["satellite_id"], message["wake_words"], call.by
    )
    return {}


@_command("wake_words/test", {vol.Required("satellite_id"): str, vol.Required("file"): str})
async def _test(call: Call) -> Json:
    """Test a model with what a satellite hears, and send what it scores, for a minute at most."""
    if (satellite := call.hub.satellites.get(call.message["satellite_id"])) is None:
        raise InvalidRequest

    @callback
    def on_heard(heard: Heard) -> None:
        call.push(
            {
                "type": "heard",
                "level": round(heard.level, 1),
                "score": round(heard.score, 3),
                "threshold": heard.threshold,
                "woke": heard.woke,
            }
        )

    @callback
    def on_end(code: str | None) -> None:
        call.push({"type": "ended", "code": code})

    test = await call.hub.wake_tests.async_start(
        satellite, call.message["file"], call.by, on_heard=on_heard, on_end=on_end
    )
    call.follow([test.cancel])
    test.start()
    return {}
