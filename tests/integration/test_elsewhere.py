"""Search for what was said outside of our store: every place is found, emptied and searched again."""

import logging
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components.conversation import async_converse
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.elsewhere import Place
from custom_components.voice_privacy.recordings import elsewhere

from .helpers.house import House
from .helpers.people import ADMIN, KITCHEN_MEMBER, Desk, people_of

SECRET = "open the pod bay doors"


@pytest.fixture
async def desk(house: House) -> Desk:
    """The administrator's connection."""
    # As in a house that nobody debugs; tests log everything.
    for name in elsewhere._TELLING_LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
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


@pytest.mark.parametrize(
    "attributes",
    [{"stt_text": SECRET}, {"transcript": SECRET}, {"data": {"stt_output": {"text": SECRET}}}],
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


async def test_only_known_places_are_emptied(desk: Desk) -> None:
    assert await desk.code_of("elsewhere/remove", place="everything") == "invalid_request"
