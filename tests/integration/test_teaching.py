"""A wake word is taught by saying it: what is heard of it, what ends it, and that nothing of it is left behind."""

import asyncio
from datetime import timedelta
import logging
from pathlib import Path
from typing import Any

from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import AuditAction

from .helpers.house import KITCHEN, House
from .helpers.lesson import NAME, SAID, WORD, Lesson, code_of
from .helpers.people import ADMIN, KITCHEN_MEMBER, PEOPLE, Person, people_of
from .helpers.self_waking import set_up_with_self_waking_satellite
from .helpers.talker import silence, speech


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


async def over(lesson: Lesson) -> None:
    """Check that nothing of a session is left behind."""
    hub = lesson.house.hub
    assert hub.teaching.session is None
    assert hub.teaching._idle is None
    assert hub.satellites[KITCHEN].taps._taps == []
    assert await lesson.refused("make", session=lesson.session) == "teaching_over"


# --- clips ---------------------------------------------------------------------------------------


async def test_a_clip_is_recorded_after_a_tone_and_judged(
    house: House, lesson: Lesson, admin: Person
) -> None:
    told = await lesson.begin("  Hey\u202e Lighthouse ")
    assert (told["id"], told["name"], told["wanted"], told["anti_wanted"]) == (WORD, NAME, 8, 2)
    number = lesson.desk.send(f"{DOMAIN}/taught/clip", session=lesson.session, kind="word")
    tone = await house.kitchen.wait_for_reply()
    assert 0.1 < tone.seconds < 0.5
    await lesson.desk.until_told(lambda: bool(lesson.events(number, "level")))
    await house.kitchen.blurt(silence(0.3), await speech(SAID), silence(1.2))
    await lesson.desk.until_told(lambda: bool(lesson.events(number, "end")))
    for event in lesson.events(number, "level"):
        assert event.keys() == {"type", "level_dbfs", "seconds"}
        assert -100 <= event["level_dbfs"] <= 0
        assert 0 < event["seconds"] <= 5
    (clip,) = lesson.events(number, "clip")
    assert (clip["index"], clip["verdict"], clip["verdicts"]) == (0, "good", ["good"])
    assert 0.4 < clip["seconds"] < 1.5
    (entry,) = [
        entry for entry in house.hub.access_log.entries if entry.action is AuditAction.MICROPHONE_OPENED
    ]
    assert (entry.by.user_id, entry.subject, entry.times) == (admin.user.id, KITCHEN, 1)


async def test_each_verdict_is_told(house: House, lesson: Lesson) -> None:
    await lesson.begin()
    word = await speech(SAID)
    loud = memoryview(word).cast("h")
    clipped = b"".join(
        max(-32768, min(32767, sample * 60)).to_bytes(2, "little", signed=True) for sample in loud
    )
    assert (await lesson.hear(clipped))["verdict"] == "clipped"
    quiet = b"".join((int(sample / 150)).to_bytes(2, "little", signed=True) for sample in loud)
    assert (await lesson.hear(quiet))["verdict"] in ("too_quiet", "silent")
    assert (await lesson.hear(silence(5.0)))["verdict"] == "silent"
    assert (await lesson.say("no"))["verdict"] in ("too_short", "good")
    await lesson.ask("drop", session=lesson.session, kind="word", index=3)
    for _ in range(4):
        clip = await lesson.say()
    assert clip["verdicts"][-4:] == ["good"] * 4
    clip = await lesson.say("what time is it")
    assert (clip["verdict"], clip["verdicts"][-1], clip["verdicts"][-2]) == (
        "another_word",
        "another_word",
        "good",
    )
    answer = await lesson.ask("drop", session=lesson.session, kind="word", index=clip["index"])
    assert answer["verdicts"] == clip["verdicts"][:-1]
    assert await lesson.refused("drop", session=lesson.session, kind="word", index=99) == "invalid_request"


async def test_too_few_good_clips_make_no_word(lesson: Lesson) -> None:
    await lesson.begin()
    assert await lesson.refused("save", session=lesson.session) == "invalid_request"
    assert await lesson.refused("test", session=lesson.session, kind="calls") == "invalid_request"
    await lesson.say()
    await lesson.say()
    assert await lesson.refused("make", session=lesson.session) == "taught_clips_too_few"
    await lesson.say()
    made = await lesson.ask("make", session=lesson.session)
    assert made == {"similar": [], "is_short": False, "suggestions": []}
    # Another clip is not part of what was made.
    await lesson.say()
    assert await lesson.refused("save", session=lesson.session) == "invalid_request"


async def test_a_clip_at_a_time_and_so_many_an_hour(
    house: House, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lesson.begin()
    number = await lesson.open()
    assert await lesson.refused("clip", session=lesson.session, kind="word") == "busy"
    assert await lesson.refused("test", session=lesson.session, kind="calls") in ("busy", "invalid_request")
    # Whoever ends the subscription ends the clip, and nothing of it counts.
    lesson.desk.connection.subscriptions.pop(number)()
    assert not lesson.events(number, "clip")
    assert house.hub.satellites[KITCHEN].taps._taps == []
    await house.reload()
    await house.until_listening()
    limit = house.hub.teaching._limits[KITCHEN]
    while limit.spend(1, asyncio.get_running_loop().time()):
        pass
    await lesson.begin()
    assert await lesson.refused("clip", session=lesson.session, kind="word") == "taught_too_often"


# --- who, and when -------------------------------------------------------------------------------


async def test_nobody_else_may(house: House) -> None:
    people = await people_of(house)
    await house.until_listening()
    for name in PEOPLE:
        desk = people[name].desk
        codes = {
            await code_of(desk, "list"),
            await code_of(desk, "begin", name=NAME, satellite_id=KITCHEN, consent=True),
            await code_of(desk, "clip", session="none", kind="word"),
            await code_of(desk, "drop", session="none", kind="word", index=0),
            await code_of(desk, "make", session="none"),
            await code_of(desk, "test", session="none", kind="calls"),
            await code_of(desk, "save", session="none"),
            await code_of(desk, "delete", word_id="none"),
        }
        if name == ADMIN:
            assert codes == {None, "teaching_over", "taught_word_missing"}
        else:
            assert codes == {"unauthorized"}, name


async def test_one_session_in_the_house_and_nobody_elses(house: House, lesson: Lesson) -> None:
    await lesson.begin()
    other = (await people_of(house, (KITCHEN_MEMBER,)))[KITCHEN_MEMBER]
    await house.hass.auth.async_update_user(other.user, group_ids=["system-admin"])
    assert await code_of(other.desk, "begin", name="Other", satellite_id=KITCHEN, consent=True) == "busy"
    assert await code_of(other.desk, "make", session=lesson.session) == "teaching_over"
    lesson.desk.connection.async_handle_close()
    assert house.hub.teaching.session is None
    assert await code_of(other.desk, "begin", name="Other", satellite_id=KITCHEN, consent=True) is None


@pytest.mark.parametrize(
    ("end", "code"),
    [("guest_mode", "guest_mode_on"), ("mute", "muted_while_tested"), ("idle", "teaching_over")],
)
async def test_what_ends_a_session(house: House, lesson: Lesson, end: str, code: str, models: Path) -> None:
    await lesson.begin()
    await lesson.say()
    if end == "guest_mode":
        (switch,) = (
            state.entity_id for state in house.hass.states.async_all("switch") if "guest" in state.entity_id
        )
        await house.hass.services.async_call("switch", "turn_on", {"entity_id": switch}, blocking=True)
    elif end == "mute":
        await house.switch("microphone", on=False)
    else:
        async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=590))
        assert house.hub.teaching.session is not None
        await lesson.say()
        async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(seconds=610))
    assert lesson.ends == [code]
    await over(lesson)
    assert await lesson.refused("begin", name=NAME, satellite_id=KITCHEN, consent=True) == (
        None if end == "idle" else code
    )


@pytest.mark.parametrize("end", ["guest_mode", "mute", "unsubscribes", "disconnects", "unload"])
async def test_what_ends_a_clip_drops_it(house: House, lesson: Lesson, end: str) -> None:
    await lesson.begin()
    number = await lesson.open()
    session = house.hub.teaching.session
    assert session is not None
    if end == "guest_mode":
        (switch,) = (
            state.entity_id for state in house.hass.states.async_all("switch") if "guest" in state.entity_id
        )
        await house.hass.services.async_call("switch", "turn_on", {"entity_id": switch}, blocking=True)
    elif end == "mute":
        await house.switch("microphone", on=False)
    elif end == "unsubscribes":
        lesson.desk.connection.subscriptions.pop(lesson.number)()
    elif end == "disconnects":
        lesson.desk.connection.async_handle_close()
    else:
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert session.ended
    assert session.live is None
    assert all(not clips for clips in session._clips.values())
    assert not lesson.events(number, "clip")


async def test_whoever_loses_the_right_during_the_tone_hears_nothing(
    house: House, lesson: Lesson, admin: Person
) -> None:
    await lesson.begin()
    number = lesson.desk.send(f"{DOMAIN}/taught/clip", session=lesson.session, kind="word")
    await house.until_found(lambda: house.hub.teaching.session and house.hub.teaching.session.live)
    await house.hass.auth.async_update_user(admin.user, group_ids=["system-users"])
    await lesson.desk.until_told(lambda: lesson.desk.answer_to(number) is not None)
    answer = lesson.desk.answer_to(number)
    assert answer is not None
    assert answer["error"]["code"] == "unauthorized"
    assert lesson.events(number, "level") == []


async def test_a_satellite_that_wakes_itself_says_so(quiet_house: House, models: Path) -> None:
    async with set_up_with_self_waking_satellite(quiet_house):
        desk = (await people_of(quiet_house, (ADMIN,)))[ADMIN].desk
        listed = await desk.ask(f"{DOMAIN}/taught/list")
        (satellite,) = listed["result"]["satellites"]
        assert satellite == {"id": KITCHEN, "name": "Kitchen", "obstacle": "wakes_itself"}
        code = await code_of(desk, "begin", name=NAME, satellite_id=KITCHEN, consent=True)
        assert code == "wakes_itself"


async def test_without_consent_or_models_nothing_begins(house: House, lesson: Lesson, models: Path) -> None:
    for consent in (False, None, 0, "yes"):
        fields: dict[str, Any] = {"name": NAME, "satellite_id": KITCHEN, "consent": consent}
        assert await lesson.refused("begin", **fields) == "invalid_request"
    assert await lesson.refused("begin", name=NAME, satellite_id=KITCHEN) == "invalid_request"
    assert await lesson.refused("begin", name=NAME, satellite_id="garage", consent=True) == "invalid_request"
    (models / "embedding_model.onnx").unlink()
    listed = await lesson.ask("list")
    assert (listed["can_teach"], listed["reason"]) == (False, "wake_model_base_missing")
    code = await lesson.refused("begin", name=NAME, satellite_id=KITCHEN, consent=True)
    assert code == "wake_model_base_missing"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "taught_name_invalid"),
        (" \t\n", "taught_name_invalid"),
        ("\u202e\u200f\x00\x1b", "taught_name_invalid"),
        ("...", "taught_name_invalid"),
        ("?! -", "taught_name_invalid"),
        ("n" * 41, "taught_name_invalid"),
        ("n" * 10_000, "taught_name_invalid"),
        ("\ud800", "invalid_request"),
        ("Alexa", "taught_word_exists"),
        ("ALEXA!", "taught_word_exists"),
        ("Hey Jarvis", "taught_word_exists"),
        ("okay  nabu", "taught_word_exists"),
        ("../x", ("../x", "x")),
        ("../../etc/passwd", ("../../etc/passwd", "etc_passwd")),
        ("Käse", ("Käse", "kase")),
        ("مرحبا بيت", ("مرحبا بيت", "mrhb_byt")),
        ("a\x00b\x1b[31mc", ("ab[31mc", "ab_31mc")),
        ("\u200fHey\u200f", ("Hey", "hey")),
        ("🏠🏠", ("🏠🏠", "taught_word")),
        ("Unknown", ("Unknown", "taught_word")),
        ("<b>{name}</b>", ("<b>{name}</b>", "b_name_b")),
        ("n" * 40, ("n" * 40, "n" * 40)),
    ],
)
async def test_whatever_the_name_is(
    house: House, lesson: Lesson, name: str, told: str | tuple[str, str]
) -> None:
    if isinstance(told, str):
        assert await lesson.refused("begin", name=name, satellite_id=KITCHEN, consent=True) == told
        return
    first = await lesson.begin(name)
    assert (first["name"], first["id"]) == told


async def test_nothing_of_a_session_is_told_or_written(
    house: House, lesson: Lesson, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    changes = len(house.changes)
    folder = Path(house.hass.config.config_dir)
    await lesson.begin("Sesame Lighthouse")
    for _ in range(3):
        await lesson.say("sesame lighthouse")
    assert house.hub.teaching.session is not None
    clips = house.hub.teaching.session._clips
    numbers = [clip.enrolled.template for of_kind in clips.values() for clip in of_kind]
    assert len(numbers) == 3
    assert "sesame" not in caplog.text.lower()
    assert "sesame" not in str(house.changes[changes:]).lower()
    lesson.desk.connection.subscriptions.pop(lesson.number)()
    await house.reload()

    def found() -> list[Path]:
        needles = [numbers_of.tobytes()[:64] for numbers_of in numbers if numbers_of is not None]
        return [
            path
            for path in folder.rglob("*")
            if path.is_file() and any(needle in path.read_bytes() for needle in needles)
        ]

    assert await house.hass.async_add_executor_job(found) == []
    assert numbers[0] is not None
    (folder / "kept.raw").write_bytes(b"before" + numbers[0].tobytes())
    # The control: what is searched can be found.
    assert [path.name for path in await house.hass.async_add_executor_job(found)] == ["kept.raw"]
