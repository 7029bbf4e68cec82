"""Announcements, conversations and questions of a Wyoming satellite, by Home Assistant's own actions."""

import asyncio
from pathlib import Path
from typing import Any
import wave

from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.components.assist_satellite import SatelliteBusyError
from homeassistant.components.conversation import (
    AbstractConversationAgent,
    ConversationInput,
    ConversationResult,
    async_set_agent,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import intent
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from wyoming.wake import Detection

from custom_components.voice_privacy import assist_satellite
from custom_components.voice_privacy.const import CONF_MEMBERS_MAY_OPEN_MICROPHONE, DOMAIN
from custom_components.voice_privacy.core.models import RecordingKind, StartedBy
from custom_components.voice_privacy.satellites import announcement_audio, pipeline_feed
from dev.rig.voices import room_noise

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.self_waking import set_up_with_self_waking_satellite
from .helpers.talker import QUESTION, loud, silence, speech

SECRET = "the alarm code is four seven one one"
SOUNDS = ("audio-start", "audio-stop")


class Agent(AbstractConversationAgent):
    """An agent that, unlike the built-in one, has conversations."""

    def __init__(self) -> None:
        self.asked: list[ConversationInput] = []

    @property
    def supported_languages(self) -> list[str]:
        return ["en"]

    async def async_process(self, user_input: ConversationInput) -> ConversationResult:
        self.asked.append(user_input)
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech("very well")
        return ConversationResult(response=response, conversation_id=user_input.conversation_id)


@pytest.fixture
def reachable(hass: HomeAssistant) -> None:
    """An address of Home Assistant, without which media have none."""
    hass.config.internal_url = "http://127.0.0.1:1"


@pytest.fixture
async def agent(hass: HomeAssistant, reachable: None, house: House) -> Agent:
    """The agent of the preferred pipeline."""
    agent = Agent()
    entry = MockConfigEntry(domain="test", entry_id="agent")
    entry.add_to_hass(hass)
    async_set_agent(hass, entry, agent)
    await async_update_pipeline(hass, async_get_pipeline(hass), conversation_engine="agent")
    return agent


def wav_file(path: Path, *, level_dbfs: float = -20.0) -> Path:
    """Write a sound of half a second in another format than satellites play."""
    with wave.open(str(path), "wb") as writer:
        writer.setparams((2, 2, 48_000, 0, "NONE", ""))
        writer.writeframes(room_noise(48_000, level_dbfs=level_dbfs).tobytes())
    return path


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """A folder that Home Assistant's configuration allows."""
    folder = tmp_path / "media"
    folder.mkdir()
    hass.config.allowlist_external_dirs = {str(folder)}
    return folder


@pytest.fixture
def doorbell(media: Path) -> str:
    """A sound that may be played."""
    return f"file://{wav_file(media / 'doorbell.wav')}"


async def act(house: House, action: str, context: Context | None = None, **data: Any) -> Any:
    """Call an action of assist_satellite on the kitchen."""
    return await house.hass.services.async_call(
        "assist_satellite",
        action,
        {"entity_id": house.entity_id("assist_satellite", "assist_satellite"), **data},
        blocking=True,
        return_response=action == "ask_question",
        context=context,
    )


def acting(house: House, action: str, **data: Any) -> asyncio.Task[Any]:
    """Call an action without waiting for its end."""
    return house.hass.async_create_task(act(house, action, **data))


def sounds(house: House) -> list[str]:
    """Return which starts and ends of sounds the kitchen got."""
    return [event.type for event in house.kitchen.log.received(*SOUNDS)]


# --- announcements -------------------------------------------------------------------------------


@pytest.mark.parametrize("muted", [False, True])
async def test_an_announcement_is_played_to_its_end(
    reachable: None, house: House, muted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    await house.switch("microphone", on=not muted)
    house.announcer.seconds = 0.4
    await act(house, "announce", message=SECRET, preannounce=False)
    (played,) = house.kitchen.replies
    assert (played.rate, played.width, played.channels) == (22_050, 2, 1)
    assert played.seconds == pytest.approx(0.4, abs=0.02)
    assert sounds(house) == ["audio-start", "audio-stop"]
    assert house.states_of("assist_satellite", "assist_satellite")[-2:] == ["responding", "idle"]
    assert SECRET not in caplog.text
    # A mute concerns the microphone, which stays closed.
    assert house.state("switch", "microphone") == ("off" if muted else "on")
    assert ("woke", None) not in house.activity()


async def test_a_sound_comes_before_the_announcement_in_the_same_playback(
    reachable: None, house: House, doorbell: str
) -> None:
    house.announcer.seconds = 0.4
    await act(house, "announce", message="dinner", preannounce_media_id=doorbell)
    await act(house, "announce", message="dinner")
    await act(house, "announce", media_id=doorbell, preannounce=False)
    own, usual, media = house.kitchen.replies
    assert own.seconds == pytest.approx(0.9, abs=0.05)
    # Assist's own sound is there although Home Assistant cannot be reached at its address.
    assert usual.seconds > 0.6
    assert media.seconds == pytest.approx(0.5, abs=0.05)
    assert sounds(house) == ["audio-start", "audio-stop"] * 3


async def test_a_sound_before_that_cannot_be_opened_is_left_out(reachable: None, house: House) -> None:
    house.announcer.seconds = 0.4
    await act(house, "announce", message="dinner", preannounce_media_id="file:///nowhere.mp3")
    assert house.kitchen.replies[0].seconds == pytest.approx(0.4, abs=0.02)


async def test_an_announcement_that_cannot_be_opened_is_an_error(
    reachable: None, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(HomeAssistantError, match="The sound for Kitchen could not be opened"):
        await act(house, "announce", media_id="file:///nowhere.mp3", preannounce=False)
    house.announcer.failure = RuntimeError(SECRET)
    with pytest.raises(HomeAssistantError, match="The sound for Kitchen could not be opened"):
        await act(house, "announce", message=SECRET, preannounce=False)
    # Home Assistant itself logs it.
    assert not [one for one in caplog.records if DOMAIN in one.name and SECRET in one.getMessage()]
    assert house.state("assist_satellite", "assist_satellite") == "idle"
    house.announcer.failure = None
    assert await house.keep()


@pytest.mark.parametrize("written", ["file://{}", "file:{}", "FILE://{}", "{}", "relative", "link"])
async def test_other_files_of_the_machine_are_not_played(
    reachable: None,
    house: House,
    media: Path,
    tmp_path: Path,
    written: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever may announce could listen to any of them, such as replies to other people."""
    monkeypatch.chdir(tmp_path)
    private = wav_file(tmp_path / "private.wav")
    if written == "link":
        (media / "doorbell.wav").symlink_to(private)
        media_id = f"file://{media / 'doorbell.wav'}"
    else:
        media_id = "private.wav" if written == "relative" else written.format(private)
    with pytest.raises(HomeAssistantError, match="could not be opened"):
        await act(house, "announce", media_id=media_id, preannounce=False)
    house.announcer.seconds = 0.4
    await act(house, "announce", message="dinner", preannounce_media_id=media_id)
    assert [reply.seconds for reply in house.kitchen.replies] == pytest.approx([0.4], abs=0.02)


async def test_a_source_that_sends_nothing_is_given_up(
    reachable: None, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcement_audio, "_SOURCE_TIMEOUT", 0.2)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    waiting = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{waiting.sockets[0].getsockname()[1]}/radio.mp3"
    with pytest.raises(HomeAssistantError, match="could not be opened"):
        await act(house, "announce", media_id=address, preannounce=False)
    waiting.close()
    await waiting.wait_closed()


async def test_a_second_announcement_is_refused_while_one_is_played(reachable: None, house: House) -> None:
    house.announcer.seconds = 1.0
    first = acting(house, "announce", message="one", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    for action, fields in (
        ("announce", {"message": "two"}),
        ("ask_question", {"question": "three"}),
    ):
        with pytest.raises(SatelliteBusyError, match="Kitchen is already playing"):
            await act(house, action, None, preannounce=False, **fields)
    with pytest.raises(ServiceValidationError, match="cannot listen"):
        await house.press_to_talk()
    await first
    assert sounds(house) == ["audio-start", "audio-stop"]
    await act(house, "announce", message="two", preannounce=False)
    await house.press_to_talk()


async def test_a_lost_connection_ends_an_announcement_with_an_error(reachable: None, house: House) -> None:
    house.announcer.seconds = 20.0
    playing = acting(house, "announce", message="long", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    house.kitchen.vanish()
    async with asyncio.timeout(5):
        with pytest.raises(HomeAssistantError, match="Kitchen lost its connection"):
            await playing
    house.announcer.seconds = 0.1
    await house.until_listening()
    await act(house, "announce", message="short", preannounce=False)


async def test_the_rest_of_an_announcement_is_not_played_by_the_next_connection(
    reachable: None, house: House
) -> None:
    # As much as it takes to get through Home Assistant's converter.
    house.announcer.seconds = 8.0
    house.announcer.may_go_on.clear()
    playing = acting(house, "announce", message="long", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    house.kitchen.vanish()
    await house.until_state("binary_sensor", "connected", "off")
    await house.until_listening()
    house.announcer.may_go_on.set()
    async with asyncio.timeout(5):
        with pytest.raises(HomeAssistantError, match="Kitchen lost its connection"):
            await playing


async def test_an_announcement_does_not_wait_for_a_reply_that_hangs(
    reachable: None, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assist_satellite, "_REPLY_PATIENCE", 0.2)
    house.announcer.seconds = 8.0
    house.announcer.may_go_on.clear()
    await house.kitchen.ask()
    await house.kitchen.wait_for_event("audio-start")
    house.announcer.seconds = 0.2
    house.announcer.may_go_on = asyncio.Event()
    house.announcer.may_go_on.set()
    async with asyncio.timeout(10):
        await act(house, "announce", message="dinner", preannounce=False)


async def test_an_unloaded_satellite_ends_an_announcement(reachable: None, house: House) -> None:
    house.announcer.seconds = 20.0
    playing = acting(house, "announce", message="long", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    with pytest.raises(HomeAssistantError):
        await playing


async def test_an_announcement_waits_for_the_reply(reachable: None, house: House) -> None:
    house.announcer.seconds = 0.8
    await house.kitchen.ask()
    await house.kitchen.wait_for_event("audio-start")
    await act(house, "announce", message="dinner", preannounce=False)
    assert sounds(house) == ["audio-start", "audio-stop"] * 2
    assert [reply.seconds for reply in house.kitchen.replies] == pytest.approx([0.8, 0.8], abs=0.02)


async def test_an_announcement_ends_the_utterance_that_would_hear_it(reachable: None, house: House) -> None:
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await house.kitchen.blurt(await speech(QUESTION))
    playing = acting(house, "announce", message="dinner", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    assert house.state("sensor", "microphone_state") == "listening"
    await playing
    await house.until_told("kept")
    ((_, content),) = await house.read_all(house.ids())
    assert (content.transcript, house.transcriber.heard) == (None, [])
    await house.until_listening()
    assert await house.keep()


async def test_a_wake_word_ends_an_announcement(reachable: None, house: House) -> None:
    house.announcer.seconds = 20.0
    playing = acting(house, "announce", message="long", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    house.announcer.seconds = 0.1
    await house.kitchen.ask()
    async with asyncio.timeout(5):
        await playing
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    assert house.states_of("assist_satellite", "assist_satellite")[-6:] == [
        "responding",
        "idle",
        "listening",
        "processing",
        "responding",
        "idle",
    ]


async def test_the_last_recording_is_deleted_by_voice_after_an_announcement(
    reachable: None, house: House
) -> None:
    await house.switch("deletion_by_voice", on=True, owner=house.entry.entry_id)
    (kept,) = await house.keep()
    await act(house, "announce", message="dinner", preannounce=False)
    house.transcriber.text = "delete what I just said"
    await house.kitchen.ask()
    await house.until_told("deleted")
    assert kept not in house.ids()


# --- questions and conversations -----------------------------------------------------------------


async def test_a_question_is_answered(reachable: None, house: House) -> None:
    house.transcriber.text = "play some jazz"
    asked = acting(
        house,
        "ask_question",
        question="What do you want to hear?",
        preannounce=False,
        answers=[
            {"id": "genre", "sentences": ["play [some] {genre}"]},
            {"id": "nothing", "sentences": ["nothing"]},
        ],
    )
    await house.kitchen.wait_for_event("detection")
    assert house.kitchen.replies, "the microphone was opened before the question had been played"
    await house.kitchen.finish("play some jazz")
    assert await asked == {"id": "genre", "sentence": "play some jazz", "slots": {"genre": "jazz"}}
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    # Nothing acts upon the answer, and nothing replies to it.
    assert [event.event.type for event in house.kitchen.log.items if event.event.type != "detect"] == [
        "run-satellite",
        "audio-start",
        "audio-stop",
        "detection",
        "transcribe",
        "voice-started",
        "voice-stopped",
        "transcript",
    ]
    assert Detection.from_event(house.kitchen.log.received("detection")[0]).name is None
    assert house.states_of("assist_satellite", "assist_satellite")[-3:] == ["responding", "listening", "idle"]
    ((info, content),) = await house.read_all(house.ids())
    assert (info.kind, content.started_by) == (RecordingKind.COMMAND, StartedBy.CONVERSATION)
    assert (content.transcript, content.reply) == ("play some jazz", None)
    # The recording begins after the question, and nothing woke anybody.
    assert house.kitchen.heard_by_server(content.audio) > 0
    assert house.state("sensor", "wake_words_today") == "0"


async def test_an_answer_is_heard_although_the_question_was_louder(reachable: None, house: House) -> None:
    house.announcer.seconds = 1.0
    asked = acting(house, "ask_question", question="Yes?", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    # The microphone of a satellite without echo cancellation is full of its own loudspeaker.
    await house.kitchen.blurt(loud(4.0))
    await house.kitchen.wait_for_event("detection")
    await house.kitchen.finish()
    assert (await asked)["sentence"] == QUESTION
    assert house.kitchen.log.received("voice-started")
    await house.until_told("kept")


@pytest.mark.parametrize("kept", [False, True])
async def test_an_answer_is_kept_only_where_recordings_are(reachable: None, house: House, kept: bool) -> None:
    await house.switch("save_recordings", on=kept)
    asked = acting(house, "ask_question", question="Yes?", preannounce=False)
    await house.kitchen.wait_for_event("detection")
    await house.kitchen.finish()
    assert (await asked)["sentence"] == QUESTION
    await house.until_told(*(("kept",) if kept else ("discarded", "saving_off")))
    assert len(house.ids()) == kept


@pytest.mark.parametrize("action", ["ask_question", "start_conversation"])
async def test_there_is_time_to_think_of_an_answer(house: House, agent: Agent, action: str) -> None:
    """More than after a wake word, and the microphone may hear the end of what was asked."""
    field = "question" if action == "ask_question" else "start_message"
    asked = acting(house, action, preannounce=False, **{field: "What shall I play?"})
    await house.kitchen.wait_for_event("detection")
    await house.kitchen.say(silence(7.0))
    assert house.state("sensor", "microphone_state") == "recording"
    await house.kitchen.finish()
    await asked
    await house.until_told("kept")
    ((info, content),) = await house.read_all(house.ids())
    assert (info.kind, content.transcript) == (RecordingKind.COMMAND, QUESTION)
    assert await house.keep()


async def test_the_end_of_the_question_is_no_answer(reachable: None, house: House) -> None:
    asked = acting(house, "ask_question", question="Yes?", preannounce=False)
    await house.kitchen.wait_for_event("detection")
    await house.kitchen.say(loud(0.2) + silence(1.8))
    assert house.state("sensor", "microphone_state") == "recording"
    await house.kitchen.finish()
    assert (await asked)["sentence"] == QUESTION


async def test_no_answer_is_an_error(reachable: None, house: House) -> None:
    house.transcriber.text = ""
    asked = acting(house, "ask_question", question="Anybody there?", preannounce=False)
    await house.kitchen.wait_for_event("detection")
    await house.kitchen.blurt(silence(16.0))
    with pytest.raises(HomeAssistantError, match="No answer"):
        await asked
    await house.until_told("discarded", "silent")
    assert house.state("sensor", "false_wakes_today") == "0"
    await house.until_listening()


async def test_a_satellite_that_sends_no_answer_is_not_waited_for(
    reachable: None, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that sends speech only, when there is none."""
    monkeypatch.setattr(pipeline_feed, "_FIRST_AUDIO_SECONDS", 0.5)
    house.transcriber.text = ""
    asked = acting(house, "ask_question", question="Anybody there?", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    house.kitchen.is_streaming = False
    async with asyncio.timeout(10):
        with pytest.raises(HomeAssistantError, match="No answer"):
            await asked


@pytest.mark.parametrize("way", ["muted", "lost", "no pipeline"])
async def test_a_question_whose_answer_is_cut_off_ends(
    hass: HomeAssistant, reachable: None, house: House, way: str
) -> None:
    if way == "no pipeline":
        await async_update_pipeline(hass, async_get_pipeline(hass), stt_engine=None, stt_language=None)
    asked = acting(house, "ask_question", question="Yes?", preannounce=False)
    await house.kitchen.wait_for_event("detection")
    match way:
        case "muted":
            await house.switch("microphone", on=False)
        case "lost":
            house.kitchen.vanish()
        case _:
            await house.kitchen.finish()
    async with asyncio.timeout(10):
        with pytest.raises(HomeAssistantError, match="No answer"):
            await asked
    assert way == "lost" or house.state("assist_satellite", "assist_satellite") == "idle"


@pytest.mark.parametrize("action", ["ask_question", "start_conversation"])
async def test_a_muted_satellite_is_asked_nothing(house: House, agent: Agent, action: str) -> None:
    await house.switch("microphone", on=False)
    fields = {"question" if action == "ask_question" else "start_message": "Yes?"}
    with pytest.raises(ServiceValidationError, match="Kitchen is muted, so nobody could answer"):
        await act(house, action, None, **fields)
    assert not sounds(house)

    # Nor is a satellite that is muted while it speaks.
    await house.switch("microphone", on=True)
    await house.until_listening()
    house.announcer.seconds = 1.0
    playing = acting(house, action, preannounce=False, **fields)
    await house.kitchen.wait_for_event("audio-start")
    await house.switch("microphone", on=False)
    with pytest.raises(ServiceValidationError, match="Kitchen is muted, so nobody could answer"):
        await playing
    assert sounds(house) == ["audio-start", "audio-stop"]
    assert ("woke", None) not in house.activity()
    assert not house.transcriber.heard
    await house.switch("microphone", on=True)
    await house.until_listening()
    house.announcer.seconds = 0.1
    assert await house.keep()
    # What the conversation should have been about does not colour the next command.
    assert agent.asked[0].extra_system_prompt is None


async def test_a_conversation_is_started(house: House, agent: Agent) -> None:
    await act(
        house,
        "start_conversation",
        start_message="The light is on.",
        extra_system_prompt="The user left a light on.",
        preannounce=False,
    )
    await house.kitchen.wait_for_event("detection")
    assert len(house.kitchen.replies) == 1
    house.transcriber.text = "turn it off"
    await house.kitchen.finish("turn it off")
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    (asked,) = agent.asked
    assert (asked.text, asked.extra_system_prompt) == ("turn it off", "The user left a light on.")
    assert house.states_of("assist_satellite", "assist_satellite")[-6:] == [
        "responding",
        "idle",
        "listening",
        "processing",
        "responding",
        "idle",
    ]
    ((_, content),) = await house.read_all(house.ids())
    assert (content.started_by, content.transcript, content.reply) == (
        StartedBy.CONVERSATION,
        "turn it off",
        "very well",
    )


async def test_the_wake_word_answers_a_question_that_is_still_being_asked(
    reachable: None, house: House
) -> None:
    house.announcer.seconds = 20.0
    asked = acting(house, "ask_question", question="long", preannounce=False)
    await house.kitchen.wait_for_event("audio-start")
    house.transcriber.text = "blue"
    await house.kitchen.ask("blue")
    async with asyncio.timeout(5):
        assert (await asked)["sentence"] == "blue"
    await house.until_told("kept")
    ((_, content),) = await house.read_all(house.ids())
    assert content.started_by is StartedBy.WAKE_WORD


async def test_a_wake_word_before_the_question_is_a_command(reachable: None, house: House) -> None:
    """A question waits for the reply to the last command, which the next command interrupts."""
    house.announcer.seconds = 8.0
    await house.kitchen.ask()
    await house.kitchen.wait_for_event("audio-start")
    asked = acting(house, "ask_question", question="What now?", preannounce=False)
    house.announcer.seconds = 0.1
    house.transcriber.text = "what day is it"
    await house.kitchen.ask("what day is it")
    async with asyncio.timeout(10):
        with pytest.raises(HomeAssistantError, match="Kitchen cannot listen right now"):
            await asked
    await house.until(lambda: len(house.transcriber.heard) == 2, "the command is not heard")
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")


@pytest.mark.parametrize(("level_dbfs", "has_tone"), [(-20.0, False), (-80.0, True)])
async def test_no_microphone_opens_without_a_sound(
    reachable: None, house: House, agent: Agent, media: Path, level_dbfs: float, has_tone: bool
) -> None:
    """Otherwise somebody could listen to a room that does not know it."""
    sound = f"file://{wav_file(media / 'question.wav', level_dbfs=level_dbfs)}"
    for action, field in (
        ("ask_question", "question_media_id"),
        ("start_conversation", "start_media_id"),
    ):
        opened = len(house.kitchen.log.received("detection"))
        asked = acting(house, action, preannounce=False, **{field: sound})
        await house.kitchen.wait_for_count("detection", opened + 1)
        reply = house.kitchen.replies[-1]
        assert reply.seconds == pytest.approx(0.74 if has_tone else 0.5, abs=0.05)
        await house.kitchen.finish()
        await asked
        await house.until_state("assist_satellite", "assist_satellite", "idle")
        await house.until_listening()
    # What only plays a sound may be as quiet as it likes.
    await act(house, "announce", media_id=sound, preannounce=False)
    assert house.kitchen.replies[-1].seconds == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("kitchen_options", [{"wake_words": []}])
async def test_a_satellite_that_streams_only_after_its_own_wake_word_is_asked_nothing(
    quiet_house: House, reachable: None, socket_enabled: None
) -> None:
    house = quiet_house
    async with set_up_with_self_waking_satellite(house) as satellite:
        with pytest.raises(ServiceValidationError, match="only after its own wake word"):
            await act(house, "ask_question", question="Yes?", preannounce=False)
        assert not satellite.log.received(*SOUNDS)
        await act(house, "announce", message="dinner", preannounce=False)
        assert len(satellite.replies) == 1
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)


# --- rights --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", [False, True])
async def test_who_may_not_open_microphones_asks_nothing(
    hass: HomeAssistant, house: House, agent: Agent, hass_admin_user: MockUser, shared: bool
) -> None:
    hass.config_entries.async_update_entry(house.entry, options={CONF_MEMBERS_MAY_OPEN_MICROPHONE: shared})
    member = MockUser(name="member").add_to_hass(hass)
    member.mock_policy({"entities": {"all": {"read": True, "control": True}}})
    for context in (Context(user_id=member.id), Context(user_id=hass_admin_user.id), None):
        may = shared or context is None or context.user_id != member.id
        await act(house, "announce", context, message="dinner", preannounce=False)
        for action, field in (("ask_question", "question"), ("start_conversation", "start_message")):
            opened = len(house.kitchen.log.received("detection"))
            asked = house.hass.async_create_task(
                act(house, action, context, preannounce=False, **{field: "?"})
            )
            if not may:
                with pytest.raises(Unauthorized):
                    await asked
                assert len(house.kitchen.log.received("detection")) == opened
                continue
            await house.kitchen.wait_for_count("detection", opened + 1)
            await house.kitchen.finish()
            await asked
            await house.until_state("assist_satellite", "assist_satellite", "idle")
            await house.until_listening()
    log = [entry for entry in house.hub.access_log.entries if entry.action == "microphone_opened"]
    assert sum(entry.times for entry in log) == (6 if shared else 4)
    assert {entry.subject for entry in log} == {KITCHEN}
    assert BEDROOM not in house.satellites
