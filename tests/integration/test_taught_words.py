"""A taught wake word is a wake word like any other, until it is deleted: then nothing of it is left anywhere."""

from collections.abc import AsyncIterable
from dataclasses import replace
import json
from pathlib import Path
import time
from typing import Any

from homeassistant.components import wake_word
from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest

from custom_components.voice_privacy.const import CONF_OFFER_WAKE_WORD, DOMAIN
from custom_components.voice_privacy.core.capture import CaptureSession, Wake
from custom_components.voice_privacy.core.errors import StoreFull
from custom_components.voice_privacy.core.models import RecordingKind, StartedBy
from custom_components.voice_privacy.hub.taught_words import async_learn_false_wake
from custom_components.voice_privacy.storage.key_file_format import HEADER_BYTES, MIRRORS
from custom_components.voice_privacy.storage.taught_vault import TaughtVault

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.lesson import NAME, SAID, WORD, Lesson, code_of
from .helpers.people import ADMIN, Person, people_of
from .helpers.recordings import record
from .helpers.talker import silence, speech
from .test_diagnostics import download
from .test_voice_commands import Speaker

ENGINE = "wake_word.voice_privacy_wake_word"


@pytest.fixture
async def admin(house: House) -> Person:
    """Somebody who may."""
    person = (await people_of(house, (ADMIN,)))[ADMIN]
    await house.until_listening()
    return person


@pytest.fixture
def lesson(house: House, admin: Person) -> Lesson:
    """The administrator's desk."""
    return Lesson(house, admin.desk)


@pytest.fixture
async def taught(lesson: Lesson) -> Lesson:
    """A word that was just taught; no satellite listens for it."""
    await lesson.begin()
    await lesson.teach()
    assert await lesson.save() == WORD
    return lesson


def folder(house: House) -> Path:
    """Return the folder of the taught words."""
    return Path(house.hass.config.cache_path(DOMAIN)) / "taught"


async def choose(lesson: Lesson, *words: str) -> None:
    """Choose the wake words of the kitchen, as the page does, and wait until it listens for them."""
    answer = await lesson.desk.ask(
        f"{DOMAIN}/wake_words/choose", satellite_id=KITCHEN, wake_words=list(words)
    )
    assert answer["success"], answer
    await lesson.house.hass.async_block_till_done()
    await lesson.house.until_listening()


# --- its life ------------------------------------------------------------------------------------


async def test_it_is_taught_chosen_heard_and_deleted(
    house: House, lesson: Lesson, admin: Person, hass_client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await lesson.begin()
    await lesson.teach(4, against=("hey light bulb",))
    number = lesson.desk.send(f"{DOMAIN}/taught/test", session=lesson.session, kind="calls")
    await lesson.desk.until_told(lambda: bool(lesson.events(number, "heard")))
    await house.kitchen.blurt(silence(0.5), await speech(SAID), silence(1.0))
    await lesson.desk.until_told(lambda: any(event["heard"] == 1 for event in lesson.events(number, "heard")))
    for event in lesson.events(number, "heard"):
        assert event.keys() == {"type", "level", "score", "threshold", "heard", "seconds"}
        assert 0 <= event["score"] <= 1
    assert not folder(house).exists()
    assert await lesson.save() == WORD
    assert lesson.ends == [None]
    # The test of the session has ended with it.
    assert [event["code"] for event in lesson.events(number, "end")] == [None]

    listed = await lesson.ask("list")
    (word,) = listed["words"]
    assert word | {"created": ""} == {
        "id": WORD,
        "name": NAME,
        "created": "",
        "clips": 4,
        "anti_examples": 2,
        "people": 1,
        "satellites": [],
        "pipeline": None,
        "removable": True,
        "is_short": False,
        "readable": True,
    }
    assert (listed["can_teach"], listed["reason"], listed["error"]) == (True, None, None)
    offered = (await lesson.desk.ask(f"{DOMAIN}/wake_words/list"))["result"]["models"]
    (model,) = [model for model in offered if model.get("taught")]
    assert (model["wake_word"], model["phrase"], model["status"]) == (WORD, NAME, "ready")

    await choose(lesson, WORD, "alexa")
    state = await house.hass.async_add_executor_job(lambda: house.hub.listening.wake_words_available)
    assert set(state) == {WORD, "alexa"}
    await house.kitchen.blurt(silence(1.0), await speech(SAID), silence(0.3))
    await house.kitchen.finish("what time is it")
    await house.until_told("kept")
    (_, content), *_ = await house.read_all(house.ids())
    assert content.wake_word == WORD
    row = await lesson.desk.ask(f"{DOMAIN}/recordings/get", recording_id=house.ids()[0])
    assert row["result"]["wake_word"] == NAME

    assert await lesson.refused("delete", word_id=WORD) == "wake_model_in_use"
    assert folder(house).exists()
    text = json.dumps(await download(house.hass, hass_client)).lower()
    assert "lighthouse" not in text
    await choose(lesson, "alexa")
    raw = house.hub.taught.words[WORD].model
    (sealed,) = folder(house).glob("*.word")
    assert raw[:200] not in sealed.read_bytes()
    keys = [(folder(house) / name).read_bytes()[HEADER_BYTES:] for name in MIRRORS]
    assert any(keys[0])

    receipt = await lesson.ask("delete", word_id=WORD)
    assert (receipt["asked"], receipt["deleted"], receipt["verified"], receipt["left"]) == (1, 1, True, 0)
    for name in MIRRORS:
        assert not any((folder(house) / name).read_bytes()[HEADER_BYTES:])
    assert list(folder(house).glob("*.word*")) == []
    assert (await lesson.ask("list"))["words"] == []
    assert await lesson.refused("delete", word_id=WORD) == "taught_word_missing"
    assert house.hub.taught.models == {}
    assert "lighthouse" not in caplog.text.lower()


async def test_it_is_there_after_a_restart_and_heard(house: House, taught: Lesson) -> None:
    await choose(taught, WORD)
    assert house.hub.listening.wake_words_available == (WORD,)
    await house.reload()
    await house.until_listening()
    assert (await taught.ask("list"))["words"][0]["satellites"] == [KITCHEN]
    assert house.hub.listening.model_error is None
    await house.kitchen.blurt(silence(1.0), await speech(SAID), silence(0.3))
    await house.kitchen.finish("what time is it")
    await house.until_told("kept")


async def test_a_test_of_a_saved_word(house: House, taught: Lesson) -> None:
    number = taught.desk.send(f"{DOMAIN}/taught/test", word_id=WORD, satellite_id=KITCHEN, kind="talk")
    await taught.desk.until_told(lambda: bool(taught.events(number, "heard")))
    await house.kitchen.blurt(silence(0.5), await speech(SAID), silence(1.0))
    await taught.desk.until_told(lambda: taught.events(number, "heard")[-1]["heard"] == 1)
    assert await taught.refused("test", word_id="none", satellite_id=KITCHEN, kind="talk") == (
        "taught_word_missing"
    )
    await taught.ask("delete", word_id=WORD)
    assert [event["code"] for event in taught.events(number, "end")] == ["taught_word_missing"]


async def test_a_word_that_sounds_like_another_is_saved_only_on_purpose(house: House, taught: Lesson) -> None:
    await taught.begin("Hey Light House Two")
    await taught.teach()
    made = await taught.ask("make", session=taught.session)
    assert [(one["id"], one["name"]) for one in made["similar"]] == [(WORD, NAME)]
    assert 0 < made["similar"][0]["score"] <= 1
    answer = await taught.desk.ask(f"{DOMAIN}/taught/save", session=taught.session)
    assert answer["error"]["code"] == "taught_word_similar"
    assert NAME in answer["error"]["message"]
    assert taught.ends == []
    assert await taught.save() == "hey_light_house_two"
    # Nor is one that a trained word hears; while it is said, that word does not wake the satellite.
    await taught.begin("Our Echo")
    for _ in range(3):
        await taught.say("Alexa")
    made = await taught.ask("make", session=taught.session)
    assert ("alexa", "Alexa") in [(one["id"], one["name"]) for one in made["similar"]]
    await house.hass.async_add_executor_job(house.hub.listening.worker.wait_until_idle, 5.0)
    assert [told for told, _ in house.activity()] == []
    house.hub.satellites[KITCHEN].taps.hold_wakes(0)
    await house.kitchen.ask()
    await house.until_told("kept")


async def test_names_exist_once(taught: Lesson) -> None:
    for name in (NAME, "HEY LIGHTHOUSE", "hey-lighthouse", "Hey_Lighthouse!"):
        fields: dict[str, Any] = {"name": name, "satellite_id": KITCHEN, "consent": True}
        assert await taught.refused("begin", **fields) == "taught_word_exists"
    assert (await taught.begin("🏠"))["id"] == "taught_word"
    await taught.teach()
    assert await taught.save() == "taught_word"
    assert (await taught.begin("🏡"))["id"] == "taught_word_2"


async def test_it_wakes_through_our_wake_word_entity(house: House, taught: Lesson) -> None:
    hass = house.hass
    hass.config_entries.async_update_entry(house.entry, options={CONF_OFFER_WAKE_WORD: True})
    await house.reload()
    await house.until_listening()
    entity = wake_word.async_get_wake_word_detection_entity(hass, ENGINE)
    assert entity is not None
    words = {word.id: (word.name, word.phrase) for word in await entity.get_supported_wake_words()}
    assert words == {"alexa": ("Alexa", "Alexa"), WORD: (NAME, NAME)}
    pcm = silence(1.5) + await speech(SAID) + silence(1.0)

    async def chunks() -> AsyncIterable[tuple[bytes, int]]:
        for number, start in enumerate(range(0, len(pcm), 320)):
            yield pcm[start : start + 320], number * 10
            await hass.async_add_executor_job(house.hub.listening.worker.wait_until_idle, 1.0)

    result = await entity.async_process_audio_stream(chunks(), WORD)
    assert result is not None
    assert (result.wake_word_id, result.wake_word_phrase) == (WORD, NAME)
    # A pipeline that it wakes keeps it from being deleted.
    await async_update_pipeline(hass, async_get_pipeline(hass), wake_word_entity=ENGINE, wake_word_id=WORD)
    assert await taught.refused("delete", word_id=WORD) == "wake_model_in_use"


# --- deleting everything --------------------------------------------------------------------------


async def test_delete_everything_asks_for_it(house: House, taught: Lesson) -> None:
    await choose(taught, WORD, "alexa")
    await record(house)
    receipt = await house.act("delete_all", {"confirm": True})
    assert (receipt["deleted"], "taught_words" in receipt) == (1, False)
    assert list(house.hub.taught.words) == [WORD]
    await record(house)
    await taught.begin("Another")
    receipt = await house.act("delete_all", {"confirm": True, "taught_words": True})
    assert taught.ends == ["teaching_over"]
    assert (receipt["deleted"], receipt["taught_words"]) == (1, 1)
    assert not folder(house).exists()
    await house.hass.async_block_till_done()
    # No satellite listens for what is not there any more.
    await house.until_listening()
    assert house.entry.subentries[KITCHEN].data["wake_words"] == ["alexa"]
    assert house.hub.listening.model_error is None
    assert house.hub.taught.words == {}


async def test_the_page_deletes_everything_with_taught_words(house: House, taught: Lesson) -> None:
    code = f"{DOMAIN}/recordings/delete"
    for fields in ({"scope": "today"}, {"scope": "all", "satellite_ids": [KITCHEN]}):
        answer = await taught.desk.ask(code, **fields, taught_words=True)
        assert answer["error"]["code"] == "invalid_request"
    await record(house)
    answer = await taught.desk.ask(code, scope="all")
    assert "taught_words" not in answer["result"]
    number = taught.desk.send(code, scope="all", taught_words=True, follow=True)
    await taught.desk.until_told(lambda: bool(taught.events(number, "receipt")))
    assert taught.events(number, "receipt")[0]["receipt"]["taught_words"] == 1
    assert (await taught.ask("list"))["words"] == []
    assert not folder(house).exists()


@pytest.mark.parametrize("follow", [True, False])
async def test_the_page_has_a_receipt_if_a_satellite_listens_for_what_goes(
    house: House, taught: Lesson, *, follow: bool
) -> None:
    await choose(taught, WORD, "alexa")
    await record(house)
    fields = {"scope": "all", "taught_words": True, "follow": follow}
    if follow:
        number = taught.desk.send(f"{DOMAIN}/recordings/delete", **fields)
        # The receipt, and after it the count of rows that are left.
        await taught.desk.until_told(lambda: bool(taught.events(number, "counted")))
        receipt = taught.events(number, "receipt")[0]["receipt"]
    else:
        receipt = (await taught.desk.ask(f"{DOMAIN}/recordings/delete", **fields))["result"]
    assert (receipt["deleted"], receipt["taught_words"]) == (1, 1)
    await house.hass.async_block_till_done()
    await house.until_listening()
    assert house.entry.subentries[KITCHEN].data["wake_words"] == ["alexa"]
    assert house.hub.taught.words == {}


async def test_a_failing_disk_is_told_and_hides_nothing(
    house: House, taught: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreFull

    monkeypatch.setattr(TaughtVault, "delete", fail)
    monkeypatch.setattr(TaughtVault, "remove", fail)
    assert await taught.refused("delete", word_id=WORD) == "store_full"
    with pytest.raises(HomeAssistantError):
        await house.act("delete_all", {"confirm": True, "taught_words": True})
    assert [one["id"] for one in (await taught.ask("list"))["words"]] == [WORD]
    monkeypatch.undo()
    assert (await taught.ask("delete", word_id=WORD))["verified"]
    await taught.begin()
    await taught.teach()
    monkeypatch.setattr(TaughtVault, "keep", fail)
    assert await taught.refused("save", session=taught.session) == "store_full"
    monkeypatch.undo()
    # The session goes on, so that nothing need be said again.
    assert await taught.save() == WORD


async def test_removing_the_integration_erases_it(house: House, taught: Lesson) -> None:
    assert folder(house).exists()
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert not folder(house).exists()


# --- faults --------------------------------------------------------------------------------------


async def test_a_damaged_file_costs_only_its_word(house: House, taught: Lesson) -> None:
    await taught.begin("Good Morning House")
    for _ in range(3):
        await taught.say("good morning my house")
    await taught.ask("make", session=taught.session)
    other = await taught.save()
    await choose(taught, WORD, other)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    first = min(folder(house).glob("*.word"), key=lambda path: path.stat().st_mtime)
    first.write_bytes(first.read_bytes()[:-5])
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until_listening()
    listed = (await taught.ask("list"))["words"]
    assert [(one["name"], one["readable"]) for one in listed] == [("Good Morning House", True), ("", False)]
    assert house.hub.listening.wake_words_available == (other,)
    # The household is told that a wake word is missing.
    assert house.issue("models_missing") == "models_missing"
    receipt = await taught.ask("delete", word_id=listed[1]["id"])
    assert receipt["verified"]
    assert [one["id"] for one in (await taught.ask("list"))["words"]] == [other]


async def test_lost_keys_are_told_and_harm_nothing_else(house: House, taught: Lesson) -> None:
    await record(house)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    for name in MIRRORS:
        (folder(house) / name).write_bytes(b"something else")
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until_listening()
    listed = await taught.ask("list")
    assert (listed["error"], [one["readable"] for one in listed["words"]]) == ("key_file_lost", [False])
    assert len(house.ids()) == 1
    await taught.ask("delete", word_id=listed["words"][0]["id"])
    await taught.begin()
    await taught.teach()
    assert await taught.save() == WORD


# --- what it learns ------------------------------------------------------------------------------


CONFUSED = "pay the light bill"
"""What is not the word, and was taken for it."""


async def false_wake(text: str = CONFUSED) -> bytes:
    """Return the sound of a recording that a taught word made: what woke the satellite, and more speech."""
    return await speech(text) + await speech("what time is it")


async def keep_wake(house: House, pcm: bytes) -> str:
    """Have a recording kept that a taught word made; return its id."""
    capture = CaptureSession(
        KITCHEN,
        Wake(started_by=StartedBy.WAKE_WORD, wake_word=WORD, phrase=NAME, score=0.6, threshold=0.5),
        pre_roll=b"",
        started_at=dt_util.utcnow(),
        started_monotonic=time.monotonic(),
    )
    capture.add(pcm)
    house.hub.capture_started(house.hub.satellites[KITCHEN], capture)
    await house.hub.async_capture_finished(house.hub.satellites[KITCHEN], capture, RecordingKind.COMMAND)
    return capture.utterance_id


async def test_a_false_wake_that_somebody_marks_is_learned(house: House, taught: Lesson) -> None:
    _, content = await house.read(await keep_wake(house, await false_wake()))
    before = house.hub.taught.words[WORD]
    assert await async_learn_false_wake(house.hub, content)
    after = house.hub.taught.words[WORD]
    assert (before.anti_examples, after.anti_examples) == (0, 1)
    # What is no word of ours, or no sound, teaches nothing.
    assert not await async_learn_false_wake(house.hub, replace(content, wake_word="alexa"))
    assert not await async_learn_false_wake(house.hub, replace(content, wake_word=None))
    assert not await async_learn_false_wake(house.hub, replace(content, audio=b""))
    # Nor does the word itself, whatever somebody says: it would never be heard again.
    said = replace(content, audio=await false_wake(SAID))
    assert not await async_learn_false_wake(house.hub, said)
    assert house.hub.taught.words[WORD] == after
    await house.reload()
    assert house.hub.taught.words[WORD] == after
    assert len(house.hub.taught.models[WORD].anti_examples) == 1


async def test_feedback_teaches_it_once(house: House, taught: Lesson) -> None:
    recording = await keep_wake(house, await false_wake())
    for label, expected in (("cut_off", 0), ("false_wake", 1), ("meant_for_us", 1), ("false_wake", 1)):
        answer = await taught.desk.ask(f"{DOMAIN}/recordings/feedback", recording_id=recording, label=label)
        assert answer["success"], answer
        assert house.hub.taught.words[WORD].anti_examples == expected


async def test_a_tightened_threshold_is_kept(house: House, taught: Lesson) -> None:
    threshold = house.hub.taught.models[WORD].threshold
    house.hub.listening.on_tightened(WORD, threshold * 0.8)
    house.hub.listening.on_tightened("unknown", 0.1)
    await house.hass.async_block_till_done()
    await house.reload()
    assert house.hub.taught.models[WORD].threshold == pytest.approx(threshold * 0.8)
    house.hub.listening.on_tightened(WORD, threshold)
    await house.hass.async_block_till_done()
    assert house.hub.taught.models[WORD].threshold == pytest.approx(threshold * 0.8)


async def test_nobody_else_sees_it(house: House, taught: Lesson) -> None:
    people = await people_of(house)
    for name, person in people.items():
        if name != ADMIN:
            assert await code_of(person.desk, "list") == "unauthorized"
            assert await code_of(person.desk, "delete", word_id=WORD) == "unauthorized"
    states = json.dumps([state.as_dict() for state in house.hass.states.async_all()], default=str)
    assert "lighthouse" not in states.lower()


async def test_forms_offer_it_under_its_name(house: House, taught: Lesson) -> None:
    flows = house.hass.config_entries.subentries
    form = await flows.async_init(
        (house.entry.entry_id, "satellite"), context={"source": "reconfigure", "subentry_id": KITCHEN}
    )
    schema = form["data_schema"]
    assert schema is not None
    options = schema.schema["wake_words"].config["options"]
    assert {"value": WORD, "label": NAME} in options
    answer = await taught.desk.ask(f"{DOMAIN}/satellites/choices")
    assert {"id": WORD, "phrase": NAME} in answer["result"]["wake_words"]


async def test_a_spoken_complaint_teaches_it_before_the_recording_goes(house: House, taught: Lesson) -> None:
    await house.switch("deletion_by_voice", on=True, owner=ENTRY_ID)
    await keep_wake(house, await false_wake())
    house.hub.satellites[KITCHEN].taps.hold_wakes(0)
    assert await Speaker(house).say("that was not for you") == "Sorry. I deleted it."
    assert house.ids() == []
    assert house.hub.taught.words[WORD].anti_examples == 1
