"""The main job: "Alexa, ..." at a satellite is heard, kept, shown and erased, in a real Home Assistant."""

import asyncio
import time

import pytest
import pytest_asyncio

from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import KITCHEN_LIGHT
from dev.rig.household import Household
from dev.rig.speech_servers import SttServer
from dev.rig.voices import synthesize, with_room_noise

TURN_ON = "turn on the kitchen light"


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["first run", "after a restart"])
async def twice(furnished: Household, request: pytest.FixtureRequest) -> Household:
    """The same house before and after a restart."""
    if request.param == "after a restart":
        await furnished.restart()
    return furnished


# --- acceptance 2, first half: run before and after a restart ---------------------------------------


async def test_a_command_is_heard_acted_upon_answered_and_kept(
    twice: Household, home: Household, client: HomeAssistantClient, stt: SttServer
) -> None:
    kitchen = home.kitchen
    wakes = kitchen.count("wake_words_today")
    since = time.monotonic()

    async with kitchen.activity() as activity:
        await kitchen.say(TURN_ON)
        await activity.next("woke")
        await activity.next("kept")

    detection = await kitchen.satellite.wait_for_event("detection", since=since)
    assert detection.data["name"] == "alexa"
    transcript = await kitchen.satellite.wait_for_event("transcript", since=since)
    assert transcript.data["text"] == TURN_ON == stt.transcripts[-1]
    await client.wait_for_state(KITCHEN_LIGHT, "on")
    reply = await kitchen.satellite.wait_for_reply(since=since)
    assert reply.seconds > 0.5
    await kitchen.wait_for("recordings", "1")
    assert kitchen.count("wake_words_today") == wakes + 1
    assert len(home.sealed_files) == 1
    assert home.living_room.count("recordings") == 0
    await kitchen.wait_for("microphone_state", "listening")


async def test_a_muted_microphone_hears_nothing(
    twice: Household, home: Household, client: HomeAssistantClient, stt: SttServer
) -> None:
    kitchen = home.kitchen
    since = time.monotonic()
    await kitchen.switch("microphone", on=False)
    await kitchen.satellite.wait_for_event("pause-satellite", since=since)
    await kitchen.wait_for("microphone_state", "muted")
    frames, transcripts = kitchen.satellite.frames_sent, len(stt.transcripts)

    async with kitchen.activity() as activity:
        await kitchen.say(TURN_ON)
        await kitchen.wait_for("mute_confirmed", "on")
        # A satellite that listens proves that whatever would have come has had its time.
        await home.study.say("what time is it")
        await home.study.satellite.wait_for_event("transcript", since=since)
        assert activity.so_far() == []

    assert kitchen.satellite.frames_sent == frames
    assert not kitchen.satellite.log.received("detection", "transcript", since=since)
    assert len(stt.transcripts) == transcripts + 1
    assert client.state(KITCHEN_LIGHT) == "off"
    assert kitchen.count("recordings") == 0


async def test_a_satellite_that_ignores_the_mute_is_not_heard_and_gives_alarm(
    home: Household, client: HomeAssistantClient
) -> None:
    kitchen = home.kitchen
    kitchen.satellite.obeys_pause = False
    since = time.monotonic()
    try:
        await kitchen.switch("microphone", on=False)
        await kitchen.wait_for("microphone_state", "muted")
        await kitchen.say("what time is it")
        await kitchen.say(TURN_ON)
        await kitchen.satellite.wait_for_frames(10)
        await home.study.say("what time is it")
        await home.study.satellite.wait_for_event("transcript", since=since)
        assert kitchen.state("mute_confirmed") == "off"
    finally:
        kitchen.satellite.obeys_pause = True

    assert not kitchen.satellite.log.received("detection", "transcript", since=since)
    assert client.state(KITCHEN_LIGHT) == "off"


async def test_in_guest_mode_a_command_is_acted_upon_and_nothing_is_kept(
    twice: Household, home: Household, client: HomeAssistantClient
) -> None:
    kitchen = home.kitchen
    await client.call("switch.turn_on", target={"entity_id": home.guest_mode})

    async with kitchen.activity() as activity:
        await kitchen.say(TURN_ON)
        discarded = await activity.next("discarded")

    assert discarded["reason"] == "guest_mode"
    await client.wait_for_state(KITCHEN_LIGHT, "on")
    assert kitchen.count("recordings") == 0
    assert home.sealed_files == []


async def test_deleting_returns_counts_and_the_audio_is_gone(twice: Household, home: Household) -> None:
    kitchen, study = home.kitchen, home.study
    for member, text in (
        (kitchen, "what time is it"),
        (kitchen, TURN_ON),
        (study, "turn off the kitchen light"),
    ):
        async with member.activity() as activity:
            await member.say(text)
            await activity.next("kept")
    assert len(home.sealed_files) == 3

    receipt = await kitchen.act("delete_last")
    assert (receipt["asked"], receipt["deleted"], receipt["verified"]) == (1, 1, True)
    await kitchen.wait_for("recordings", "1")
    await study.wait_for("recordings", "1")

    receipt = await home.house.client.call("voice_privacy.delete_today", return_response=True)
    assert (receipt["asked"], receipt["deleted"], receipt["verified"]) == (2, 2, True)
    await kitchen.wait_for("recordings", "0")
    await study.wait_for("recordings", "0")
    receipt = await home.house.client.call("voice_privacy.delete_today", return_response=True)
    assert (receipt["asked"], receipt["deleted"]) == (0, 0)


async def test_deleting_the_last_reaches_what_is_still_being_said(home: Household) -> None:
    kitchen = home.kitchen
    async with kitchen.activity() as activity:
        await kitchen.say("what time is it")
        await activity.next("kept")

    async with kitchen.activity() as activity:
        saying = asyncio.create_task(kitchen.say("turn off the kitchen light"))
        await activity.next("woke")
        receipt = await kitchen.act("delete_last")
        await saying
        discarded = await activity.next("discarded")

    assert (receipt["asked"], receipt["deleted"], receipt["verified"]) == (1, 1, True)
    assert discarded["reason"] == "deleted"
    assert kitchen.count("recordings") == 1
    assert len(home.sealed_files) == 1


@pytest.mark.parametrize("way", ["restart", "kill"])
async def test_what_was_kept_and_what_was_muted_survive_a_restart(home: Household, way: str) -> None:
    kitchen, study = home.kitchen, home.study
    for text in ("what time is it", TURN_ON):
        async with kitchen.activity() as activity:
            await kitchen.say(text)
            await activity.next("kept")
    await kitchen.act("delete_last")
    await study.switch("microphone", on=False)
    await study.wait_for("microphone_state", "muted")

    if way == "kill":
        await home.house.kill()
        await home.house.start()
        for member in home.members:
            await member.refresh()
    else:
        await home.restart()

    await kitchen.wait_for("recordings", "1")
    await study.wait_for("microphone_state", "muted")
    receipt = await kitchen.act("delete_last")
    assert (receipt["asked"], receipt["deleted"], receipt["verified"]) == (1, 1, True)
    await kitchen.wait_for("recordings", "0")


# --- acceptance 2, second half: never deaf ------------------------------------------------------------


async def test_after_a_wake_without_a_command_it_listens_again(home: Household, stt: SttServer) -> None:
    kitchen = home.kitchen
    since = time.monotonic()
    with stt.hearing_nothing():
        async with kitchen.activity() as activity:
            await kitchen.say("what time is it")
            error = await kitchen.satellite.wait_for_event("error", since=since)
            await activity.next("kept")
    assert error.data["code"] == "stt-no-text-recognized"

    await kitchen.is_heard()


@pytest.mark.parametrize("pause", [1.5, 4.0])
async def test_after_a_wake_word_alone_the_next_command_is_heard(
    home: Household, client: HomeAssistantClient, pause: float
) -> None:
    kitchen = home.kitchen
    since = time.monotonic()
    speech = await synthesize("Alexa")
    await kitchen.satellite.say(with_room_noise(speech.pcm))
    await kitchen.satellite.wait_for_event("detection", since=since)
    await kitchen.satellite.say(with_room_noise(bytes(int(pause * 16_000) * 2)))

    await kitchen.say(TURN_ON)

    await client.wait_for_state(KITCHEN_LIGHT, "on")
    await kitchen.satellite.wait_for_reply(since=since)
    await kitchen.wait_for("microphone_state", "listening", timeout=20)


async def test_of_two_satellites_that_hear_the_same_wake_one_answers(home: Household, stt: SttServer) -> None:
    kitchen, living_room = home.kitchen, home.living_room
    transcripts = len(stt.transcripts)
    since = time.monotonic()
    async with kitchen.activity() as one, living_room.activity() as other:
        await asyncio.gather(kitchen.say(TURN_ON), living_room.say(TURN_ON))
        await asyncio.gather(one.next("kept", "discarded"), other.next("kept", "discarded"))
        outcomes = [one.so_far()[1:], other.so_far()[1:]]

    assert sorted(outcomes, key=str) == [[("discarded", "duplicate_wake")], [("kept", None)]]
    assert len(stt.transcripts) == transcripts + 1
    answered = [
        member
        for member in (kitchen, living_room)
        if member.satellite.log.received("transcript", since=since)
    ]
    assert len(answered) == 1
    await answered[0].satellite.wait_for_reply(since=since)
    for member in (kitchen, living_room):
        await member.is_heard()


async def test_after_twenty_quick_mutes_it_listens(home: Household) -> None:
    kitchen = home.kitchen
    for _ in range(20):
        await kitchen.switch("microphone", on=False)
        await asyncio.sleep(0.2)
        await kitchen.switch("microphone", on=True)
        await asyncio.sleep(0.2)

    await kitchen.wait_for("microphone_state", "listening")
    await kitchen.is_heard()


async def test_with_chunks_of_ten_milliseconds_every_command_is_heard(home: Household) -> None:
    for text in (TURN_ON, "turn off the kitchen light", "what time is it", TURN_ON):
        await home.living_room.is_heard(text)


async def test_a_stereo_microphone_of_48_khz_is_heard(home: Household) -> None:
    await home.study.is_heard()


async def test_press_to_talk_needs_no_wake_word(home: Household, client: HomeAssistantClient) -> None:
    kitchen = home.kitchen
    since = time.monotonic()
    async with kitchen.activity() as activity:
        # The button is disabled at first.
        await client.call("voice_privacy.press_to_talk", target={"entity_id": kitchen.entity("microphone")})
        speech = await synthesize(TURN_ON)
        await kitchen.satellite.say(with_room_noise(speech.pcm))
        await activity.next("kept")
    transcript = await kitchen.satellite.wait_for_event("transcript", since=since)
    assert transcript.data["text"] == TURN_ON
    await client.wait_for_state(KITCHEN_LIGHT, "on")
