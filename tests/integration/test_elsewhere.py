"""Search for what was said outside of our store: every place is found, emptied and searched again."""

from collections.abc import Generator
import logging
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components.conversation import async_converse
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.elsewhere import Place
from custom_components.voice_privacy.core.models import AuditAction
from custom_components.voice_privacy.recordings import elsewhere

from .helpers.house import House
from .helpers.people import ADMIN, KITCHEN_MEMBER, Desk, people_of

SECRET = "open the pod bay doors"


@pytest.fixture(autouse=True)
def levels() -> Generator[None]:
    """As in a house that nobody debugs, though tests log everything; afterwards as before."""
    loggers = [logging.getLogger(name) for name in elsewhere._TELLING_LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture
async def desk(house: House) -> Desk:
    """The administrator's connection."""
    return (await people_of(house))[ADMIN].desk


def by_place(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return findings by place."""
    assert answer["success"], answer
    assert SECRET not in str(answer)
    return {finding["place"]: finding for finding in answer["result"]["findings"]}


async def search(desk: Desk) -> dict[str, dict[str, Any]]:
    """Search everywhere."""
    found = by_place(await desk.ask(f"{DOMAIN}/elsewhere/search"))
    assert found.keys() == set(Place)
    return found


async def remove(desk: Desk, place: Place) -> int | None:
    """Empty a place; return what is left."""
    count: int | None = by_place(await desk.ask(f"{DOMAIN}/elsewhere/remove", place=place))[place]["count"]
    return count


async def test_a_tidy_house_has_nothing(desk: Desk) -> None:
    for place, finding in (await search(desk)).items():
        assert (finding["count"], finding["names"]) == (0, []), place
        assert not finding["removable"]


def run_of(folder: Path) -> list[Path]:
    """Write what Assist writes for one run; return the files."""
    run = folder / "device" / "Home" / "1234567890123"
    run.mkdir(parents=True)
    files = [run / "00_wake-oww.wav", run / "01_stt.wav"]
    for file in files:
        file.write_bytes(b"RIFF")
    return files


async def test_debug_recordings(hass: HomeAssistant, desk: Desk, tmp_path: Path) -> None:
    hass.data["assist_pipeline.config"]["debug_recording_dir"] = str(tmp_path)
    assert (await search(desk))[Place.DEBUG_RECORDINGS]["names"] == [str(tmp_path)]
    files = await hass.async_add_executor_job(run_of, tmp_path)
    music = tmp_path / "music.wav"
    await hass.async_add_executor_job(music.write_bytes, b"RIFF")
    assert (await search(desk))[Place.DEBUG_RECORDINGS]["count"] == len(files)

    assert await remove(desk, Place.DEBUG_RECORDINGS) == 0
    assert not any(file.exists() for file in files)
    assert music.exists()


async def test_recordings_of_others_are_not_touched(hass: HomeAssistant, desk: Desk, tmp_path: Path) -> None:
    """A folder may be shared: with dates as names, with links, with files of another kind."""
    hass.data["assist_pipeline.config"]["debug_recording_dir"] = str(tmp_path / "share")
    outside = tmp_path / "outside" / "1234567890123"

    def fill() -> list[Path]:
        run_of(tmp_path / "share")
        theirs = [
            tmp_path / "share" / "camera" / "20261130" / "door.wav",
            tmp_path / "share" / "1234567890123" / "song.wav",
            tmp_path / "share" / "device" / "Home" / "1234567890123" / "notes.txt",
            outside / "song.wav",
        ]
        for file in theirs:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"RIFF")
        (tmp_path / "share" / "link").symlink_to(outside.parent)
        return theirs

    theirs = await hass.async_add_executor_job(fill)
    assert await remove(desk, Place.DEBUG_RECORDINGS) == 0
    assert all(file.exists() for file in theirs)


@pytest.mark.parametrize("how", ["unreadable", "too many"])
async def test_a_folder_that_cannot_be_looked_through_is_not_clean(
    hass: HomeAssistant, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    hass.data["assist_pipeline.config"]["debug_recording_dir"] = str(tmp_path)
    await hass.async_add_executor_job(run_of, tmp_path)
    if how == "too many":
        monkeypatch.setattr(elsewhere, "_MAX_FILES", 1)
    else:
        scandir = os.scandir

        def refuse(path: str) -> Any:
            if str(path).endswith("Home"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
    assert await remove(desk, Place.DEBUG_RECORDINGS) is None


async def test_databases_that_cannot_be_listed_are_not_gone(hass: HomeAssistant, desk: Desk) -> None:
    with patch.object(Path, "iterdir", side_effect=PermissionError):
        assert await remove(desk, Place.CORRUPT_DATABASES) is None


async def test_corrupt_databases(hass: HomeAssistant, desk: Desk) -> None:
    folder = Path(hass.config.config_dir)
    for name in (
        "home-assistant_v2.db.corrupt.2026-11-29T03:00:00",
        "home-assistant_v2.db-wal.corrupt.1",
        "x.corrupt.1",
    ):
        (folder / name).write_bytes(b"SQLite")
    found = (await search(desk))[Place.CORRUPT_DATABASES]
    assert found["count"] == 2
    with patch.object(Path, "unlink", side_effect=PermissionError):
        assert await remove(desk, Place.CORRUPT_DATABASES) == 2
    assert await remove(desk, Place.CORRUPT_DATABASES) == 0
    assert (folder / "x.corrupt.1").exists()


async def test_action_calls(hass: HomeAssistant, house: House, desk: Desk) -> None:
    assert await async_setup_component(hass, "conversation", {})

    async def say() -> None:
        await hass.services.async_call("conversation", "process", {"text": SECRET}, blocking=True)

    await house.switch("microphone", on=False)
    for expected in (1, 2):
        await say()
        assert (await search(desk))[Place.EVENTS]["count"] == expected
    assert await remove(desk, Place.EVENTS) == 0
    # The recorder goes on, also with text that it had before.
    await say()
    assert (await search(desk))[Place.EVENTS]["count"] == 1


async def test_what_a_reply_calls_in_turn(hass: HomeAssistant, house: House, desk: Desk) -> None:
    """A spoken reply is in the address that the media player is given, too."""
    hass.services.async_register("media_player", "play_media", lambda _call: None)
    for address in (
        f"media-source://tts/tts.voice?message={SECRET.replace(' ', '+')}",
        "media-source://radio/1",
    ):
        data = {"media_content_id": address, "media_content_type": "music"}
        await hass.services.async_call("media_player", "play_media", data, blocking=True)
    assert (await search(desk))[Place.EVENTS]["count"] == 1
    assert await remove(desk, Place.EVENTS) == 0


@pytest.mark.parametrize(
    "attributes",
    [
        {"Last Transcript": SECRET},
        {"STT-Text": SECRET},
        {"turns": [{"utterance": SECRET}]},
        {"stt_text": SECRET},
        {"transcript": SECRET},
        {"data": {"stt_output": {"text": SECRET}}},
    ],
)
async def test_attributes_of_other_integrations(
    hass: HomeAssistant, desk: Desk, attributes: dict[str, Any]
) -> None:
    hass.states.async_set("event.hall_voice_event", "1", attributes)
    hass.states.async_set("event.hall_voice_event", "2", attributes)
    hass.states.async_set("sensor.temperature", "20", {"unit_of_measurement": "°C", "transcript": ""})
    found = (await search(desk))[Place.ATTRIBUTES]
    assert found["names"] == ["event.hall_voice_event"]
    assert found["count"] == 2
    assert await remove(desk, Place.ATTRIBUTES) == 0


async def test_loggers(desk: Desk) -> None:
    name = "homeassistant.components.conversation"
    logging.getLogger(name).setLevel(logging.DEBUG)
    assert (await search(desk))[Place.DEBUG_LOGGERS]["names"] == [name]
    assert await remove(desk, Place.DEBUG_LOGGERS) == 0


@pytest.mark.parametrize(
    "name",
    [
        "homeassistant.components.conversation.default_agent",
        "homeassistant.components.websocket_api.http.connection",
        "homeassistant.core",
    ],
)
async def test_loggers_of_parts(desk: Desk, name: str) -> None:
    """The level of a part counts, not only that of the integration; Home Assistant's core writes every action call."""
    before = logging.getLogger(name).level
    logging.getLogger(name).setLevel(logging.DEBUG)
    assert (await search(desk))[Place.DEBUG_LOGGERS]["names"] == [name]
    assert await remove(desk, Place.DEBUG_LOGGERS) == 0
    assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
    logging.getLogger(name).setLevel(before)


async def test_traces_with_what_was_answered(hass: HomeAssistant, desk: Desk) -> None:
    hass.services.async_register("tts", "speak", lambda _call: None)
    speak = {"action": "tts.speak", "data": {"message": SECRET}}
    bell = {"id": "bell", "triggers": {"platform": "event", "event_type": "ring"}, "actions": speak}
    assert await async_setup_component(hass, "automation", {"automation": [bell]})
    hass.bus.async_fire("ring")
    await hass.async_block_till_done()
    assert (await search(desk))[Place.TRACES]["count"] == 1
    assert await remove(desk, Place.TRACES) == 0


async def test_traces(hass: HomeAssistant, desk: Desk) -> None:
    trigger = {"platform": "conversation", "command": [SECRET]}
    timer = {"platform": "event", "event_type": "ring"}
    assert await async_setup_component(hass, "conversation", {})
    automations = [
        {"id": "doors", "triggers": trigger, "actions": {"stop": "done"}},
        {"id": "bell", "triggers": timer, "actions": {"stop": "done"}},
    ]
    assert await async_setup_component(hass, "automation", {"automation": automations})
    hass.bus.async_fire("ring")
    await async_converse(hass, SECRET, None, Context())
    await hass.async_block_till_done()
    found = (await search(desk))[Place.TRACES]
    assert (found["count"], found["names"]) == (1, ["automation.doors"])

    assert await remove(desk, Place.TRACES) == 0
    saved = await hass.data["trace_store"].async_load()
    assert SECRET not in str(saved["automation.doors"])
    assert len(saved["automation.bell"]) == 1


async def test_traces_from_before_a_restart(hass: HomeAssistant, desk: Desk) -> None:
    assert await async_setup_component(hass, "trace", {})

    def saved(sentence: str | None) -> dict[str, Any]:
        trigger = {"platform": "conversation" if sentence else "event", "sentence": sentence}
        steps = {"trigger/0": [{"changed_variables": {"trigger": trigger}}]}
        return {"extended_dict": {"trace": steps}, "short_dict": {}}

    store = hass.data["trace_store"]
    await store.async_save({"automation.old": [saved(SECRET), saved(None)]})
    assert (await search(desk))[Place.TRACES]["count"] == 1
    assert await remove(desk, Place.TRACES) == 0
    assert await store.async_load() == {"automation.old": [saved(None)]}


def cache_reply(hass: HomeAssistant) -> None:
    """Put a spoken reply into Home Assistant's cache."""
    folder = Path(hass.config.path("tts"))
    folder.mkdir(exist_ok=True)
    (folder / f"{'0' * 40}_en_-_test.wav").write_bytes(b"RIFF")


async def test_spoken_replies(hass: HomeAssistant, house: House, desk: Desk) -> None:
    cache_reply(hass)
    await hass.data["tts_manager"].async_init_cache()
    assert (await search(desk))[Place.SPOKEN_REPLIES]["count"] == 1
    assert await remove(desk, Place.SPOKEN_REPLIES) == 0


async def test_a_place_that_fails_costs_only_itself(hass: HomeAssistant, desk: Desk) -> None:
    with patch.object(elsewhere, "async_count_calls", side_effect=AttributeError(SECRET)):
        found = await search(desk)
        assert found[Place.EVENTS]["count"] is None
        assert {place for place, finding in found.items() if finding["count"] is None} == {Place.EVENTS}
    found_after = await elsewhere.Elsewhere(hass).async_remove(list(Place))
    assert {finding.count for finding in found_after} == {0}
    with patch.object(elsewhere, "async_remove_calls", side_effect=AttributeError(SECRET)):
        logging.getLogger("homeassistant.components.tts").setLevel(logging.DEBUG)
        after = {
            finding.place: finding.count
            for finding in await elsewhere.Elsewhere(hass).async_remove(list(Place))
        }
        assert after[Place.DEBUG_LOGGERS] == 0


async def test_only_administrators_search(house: House) -> None:
    desk = (await people_of(house))[KITCHEN_MEMBER].desk
    assert await desk.code_of("elsewhere/search") == "unauthorized"
    assert await desk.code_of("elsewhere/remove", place="events") == "unauthorized"


async def test_what_was_emptied_is_in_the_access_log(house: House, desk: Desk) -> None:
    before = len(house.hub.access_log.entries)
    await remove(desk, Place.SPOKEN_REPLIES)
    await remove(desk, Place.TRACES)
    assert [
        (entry.by.user_id, entry.action, entry.subject, entry.value)
        for entry in house.hub.access_log.entries[before:]
    ] == [
        (desk.connection.user.id, AuditAction.CHANGED, "elsewhere", place.value)
        for place in (Place.SPOKEN_REPLIES, Place.TRACES)
    ]


async def test_only_known_places_are_emptied(desk: Desk) -> None:
    assert await desk.code_of("elsewhere/remove", place="everything") == "invalid_request"
