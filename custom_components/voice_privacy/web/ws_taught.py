"""Websocket commands for taught wake words: list them, teach one at a satellite, test it, save it and delete it.

No sound and no numbers of a voice are sent: only levels, scores of what is being said, and verdicts.
"""

from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..core.errors import InvalidRequest, WakeModelError
from ..core.taught_words import CLIPS_WANTED, OTHERS_WANTED, ClipKind, SavedWord
from ..hub.taught_words import async_delete_word, async_save_word, satellites_with
from ..hub.teaching_audio import ClipLevel, WordHeard
from ..hub.teaching_session import MAX_PEOPLE, JudgedClip, TeachingSession
from ..hub.wake_words import pipeline_with_word
from ..satellites.base import Satellite
from ..wake_listening.taught_models import async_require_teachable
from .serializers import Json, receipt_json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)

_SESSION: Final[dict[Any, Any]] = {vol.Required("session"): str}
_KIND: Final[dict[Any, Any]] = {vol.Required("kind"): vol.Coerce(ClipKind)}


@callback
def async_setup_taught_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


def _satellite(call: Call) -> Satellite:
    """Return the satellite that a command names. Raises InvalidRequest."""
    if (satellite := call.hub.satellites.get(call.message.get("satellite_id", ""))) is None:
        raise InvalidRequest
    return satellite


def _session(call: Call) -> TeachingSession:
    """Return the session that a command names. Raises TeachingOver."""
    return call.hub.teaching.running(call.message["session"], call.by)


# --- list ----------------------------------------------------------------------------------------


@_command("taught/list")
async def _list(call: Call) -> Json:
    """Return the taught words, and the satellites at which one can be taught."""
    hub = call.hub
    reason: str | None = None
    try:
        await async_require_teachable(call.hass)
    except WakeModelError as err:
        reason = err.code
    call.check()
    names = call.runtime.coordinator.data.names
    words = [_word_json(call, word) for word in hub.taught.words.values()]
    return {
        "words": words + [_unreadable_json(word_id) for word_id in hub.taught.unreadable],
        "satellites": [
            {
                "id": satellite_id,
                "name": names.get(satellite_id, satellite.config.name),
                "obstacle": None if (obstacle := hub.teaching.obstacle(satellite)) is None else obstacle.code,
            }
            for satellite_id, satellite in hub.satellites.items()
        ],
        "can_teach": reason is None,
        "reason": reason,
        "error": None if hub.taught.error is None else hub.taught.error.code,
    }


def _word_json(call: Call, word: SavedWord) -> Json:
    satellites = satellites_with(call.hub, word.wake_word)
    pipeline = pipeline_with_word(call.hass, word.wake_word)
    return {
        "id": word.wake_word,
        "name": word.name,
        "created": word.created.isoformat(),
        "clips": word.clips,
        "anti_examples": word.anti_examples,
        "people": word.people,
        "satellites": satellites,
        "pipeline": pipeline,
        "removable": not satellites and pipeline is None,
        "is_short": word.is_short,
        "readable": True,
    }


def _unreadable_json(word_id: str) -> Json:
    return {
        "id": word_id,
        "name": "",
        "created": None,
        "clips": 0,
        "anti_examples": 0,
        "people": 0,
        "satellites": [],
        "pipeline": None,
        "removable": True,
        "is_short": False,
        "readable": False,
    }


# --- a session -----------------------------------------------------------------------------------


@_command(
    "taught/begin",
    {
        vol.Required("name"): str,
        vol.Required("satellite_id"): str,
        # Without consent nothing is ever made of a voice.
        vol.Required("consent"): vol.All(bool, vol.IsTrue()),
    },
)
async def _begin(call: Call) -> Json:
    """Begin to teach a word; ending the subscription ends the session and drops its clips."""

    @callback
    def on_end(code: str | None) -> None:
        call.push({"type": "end", "code": code})

    session = await call.hub.teaching.async_begin(_satellite(call), call.message["name"], call.by, on_end)
    call.follow([session.cancel])
    call.push(
        {
            "type": "session",
            "session": session.session_id,
            "id": session.wake_word,
            "name": session.name,
            "wanted": CLIPS_WANTED,
            "anti_wanted": OTHERS_WANTED,
        }
    )
    return {}


@_command(
    "taught/clip",
    {
        **_SESSION,
        **_KIND,
        vol.Optional("person", default=1): vol.All(int, vol.Range(1, MAX_PEOPLE)),
    },
)
async def _clip(call: Call) -> Json:
    """Open the satellite's microphone for one clip, after a tone in its room; send its level, then the verdict."""

    @callback
    def on_level(level: ClipLevel) -> None:
        call.push({"type": "level", "level_dbfs": round(level.level, 1), "seconds": round(level.seconds, 2)})

    @callback
    def on_clip(clip: JudgedClip) -> None:
        call.push(
            {
                "type": "clip",
                "index": clip.index,
                "verdict": clip.verdict,
                "is_short": clip.is_short,
                "seconds": round(clip.seconds, 2),
                "verdicts": clip.verdicts,
            }
        )

    @callback
    def on_end(code: str | None) -> None:
        call.push({"type": "end", "code": code})

    clip = await call.hub.teaching.async_record(
        _session(call),
        call.message["kind"],
        call.message["person"],
        on_level=on_level,
        on_clip=on_clip,
        on_end=on_end,
    )
    call.follow([clip.cancel])
    clip.start()
    return {}


@_command("taught/drop", {**_SESSION, **_KIND, vol.Required("index"): vol.All(int, vol.Range(min=0))})
async def _drop(call: Call) -> Json:
    """Drop a clip; return the verdicts on the others of its kind."""
    return {"verdicts": await _session(call).async_drop(call.message["kind"], call.message["index"])}


@_command("taught/make", _SESSION)
async def _make(call: Call) -> Json:
    """Make the word of the good clips; return the wake words that sound like it."""
    similar, is_short = await _session(call).async_make()
    return {
        "similar": [{"id": one.wake_word, "name": one.name, "score": round(one.score, 3)} for one in similar],
        "is_short": is_short,
        "suggestions": [],
    }


@_command(
    "taught/test",
    {
        vol.Required("kind"): vol.In(("calls", "talk")),
        vol.Exclusive("session", "word"): str,
        vol.Exclusive("word_id", "word"): str,
        vol.Optional("satellite_id"): str,
    },
)
async def _test(call: Call) -> Json:
    """Test the word of a session, or a saved one at a satellite, with what is said there; send what it scores."""
    session = _session(call) if "session" in call.message else None
    if session is None and "word_id" not in call.message:
        raise InvalidRequest

    @callback
    def on_heard(heard: WordHeard) -> None:
        call.push(
            {
                "type": "heard",
                "level": round(heard.level, 1),
                "score": round(heard.score, 3),
                "threshold": heard.threshold,
                "heard": heard.heard,
                "seconds": round(heard.seconds, 1),
            }
        )

    @callback
    def on_end(code: str | None) -> None:
        call.push({"type": "end", "code": code})

    test = await call.hub.teaching.async_test(
        _satellite(call) if session is None else session.satellite,
        call.by,
        session=session,
        word_id=call.message.get("word_id"),
        talk=call.message["kind"] == "talk",
        on_heard=on_heard,
        on_end=on_end,
    )
    call.follow([test.cancel])
    test.start()
    return {}


@_command("taught/save", {**_SESSION, vol.Optional("accept_similar", default=False): bool})
async def _save(call: Call) -> Json:
    """Keep the word, which ends the session; return its id."""
    accept = call.message["accept_similar"]
    return {"id": await async_save_word(call.hub, _session(call), accept_similar=accept)}


@_command("taught/delete", {vol.Required("word_id"): str})
async def _delete(call: Call) -> Json:
    """Delete a word that nothing uses: destroy its key, remove its file, and return the receipt."""
    receipt = await async_delete_word(call.hub, call.message["word_id"], call.by)
    return receipt_json(receipt, size=None, left=receipt.pending_row_work)
