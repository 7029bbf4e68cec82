"""Text that engines, models, people and earlier versions give us is clean before anybody is shown it."""

from collections.abc import AsyncGenerator
import logging
from typing import Any

from homeassistant.components.assist_pipeline import PipelineEventType
from homeassistant.components.conversation import ConversationResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.intent import IntentResponse
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from wyoming.asr import Transcript
from wyoming.tts import Synthesize

from custom_components.voice_privacy.core.models import RecordingKind, Requester
from custom_components.voice_privacy.core.review import Label

from .helpers.house import House
from .helpers.pipeline_home import pipeline_home
from .helpers.recordings import record
from .helpers.talker import Talker, talker
from .test_review_pool import consent, waiting
from .test_subentry_flow import answers, fill_in, press
from .test_websocket_api import Tab

DIRTY = "open\ud800 the\0 \u202epod\u2066 bay\n\n doors\x1b[0m"
CLEAN = "open the pod bay doors[0m"
WORDS = ("pod", "doors")


@pytest.fixture
async def tab(house: House, hass_ws_client: WebSocketGenerator) -> Tab:
    """The owner's page."""
    return Tab(await hass_ws_client(house.hass))


@pytest.fixture
async def study(socket_enabled: None) -> AsyncGenerator[Talker]:
    """A satellite that nobody has added yet."""
    async with talker("study") as satellite:
        yield satellite


async def test_a_transcript_is_clean_on_the_page_and_never_in_the_log(
    house: House, tab: Tab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "custom_components.voice_privacy")
    await tab.follow("subscribe")
    house.transcriber.text = DIRTY
    await house.kitchen.ask()
    await house.until_told("kept")
    added = await tab.next("added")
    (recording_id,) = house.ids()
    assert added["recordings"][0]["id"] == recording_id
    shown = await tab.ask("recordings/get", recording_id=recording_id)
    assert shown["transcript"] == CLEAN
    assert (await tab.ask("recordings/list"))["recordings"][0]["transcript"] == CLEAN
    transcript = await house.kitchen.wait_for_event("transcript")
    assert Transcript.from_event(transcript).text == CLEAN
    ours = [
        logged
        for logged in caplog.records
        if "voice_privacy" in logged.name or logged.levelno >= logging.WARNING
    ]
    assert not [logged for logged in ours if any(word in logged.getMessage() for word in WORDS)]


@pytest.mark.parametrize("text", ["\ud800", "\0\u202e\n", "x" * 100_000, "é" * 3_000])
async def test_any_transcript_can_be_kept(house: House, tab: Tab, text: str) -> None:
    house.transcriber.text = text
    await house.kitchen.ask()
    await house.until_told("kept")
    shown = (await tab.ask("recordings/list"))["recordings"][0]["transcript"]
    assert shown == ("" if len(text) < 10 else text[:2_000])


@pytest.mark.parametrize("reply", [DIRTY, "one\n\n\n two\r\n", "x" * 300_000, None, 5, ["a"]])
async def test_what_a_model_answers_is_clean(
    house: House, tab: Tab, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def converse(*args: Any, **kwargs: Any) -> ConversationResult:
        response = IntentResponse(language="en")
        response.speech = {"plain": {"speech": reply, "extra_data": None}}
        return ConversationResult(response=response, conversation_id=None)

    monkeypatch.setattr("homeassistant.components.conversation.async_converse", converse)
    await house.kitchen.ask()
    await house.until_told("kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    kept = (await tab.ask("recordings/list"))["recordings"][0]["reply"]
    expected = {DIRTY: "open the pod bay\n\ndoors[0m", "one\n\n\n two\r\n": "one\n\ntwo", None: None}
    if isinstance(reply, str) and len(reply) > 10_000:
        assert kept == reply[:10_000]
        said = await house.kitchen.wait_for_event("synthesize")
        assert len(Synthesize.from_event(said).text) == 10_000
    else:
        assert kept == (expected.get(reply, "") if not isinstance(reply, list) else "")
    # The connection has outlived it.
    assert house.states_of("binary_sensor", "connected")[-1] == "on"
    assert await house.keep()


async def test_what_an_earlier_version_has_sealed_is_shown_clean(
    house: House, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(
            "custom_components.voice_privacy.core.capture.clean_text", lambda text, *_, **__: text
        )
        recording_id = await record(house, DIRTY)
    (row,) = (await tab.ask("recordings/list"))["recordings"]
    assert (row["id"], row["transcript"]) == (recording_id, CLEAN.replace("bay ", "bay\n\n"))


async def test_a_correction_is_clean(house: House) -> None:
    await consent(house)
    recording_id = await record(house, "what time is it")
    item = waiting(house)[recording_id]
    await house.hub.review.async_label(item.review_id, Label.WRONG_TRANSCRIPT, DIRTY * 50, Requester())
    correction = waiting(house)[recording_id].correction
    assert correction is not None
    assert correction.startswith(CLEAN)
    assert len(correction) <= 500
    await house.hub.review.async_label(item.review_id, Label.WRONG_TRANSCRIPT, "\u202e\0", Requester())
    assert waiting(house)[recording_id].correction is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  St\0udy\u202e \n", "Study"),
        ("مكتب 👩\u200d💻", "مكتب 👩\u200d💻"),
        ("x" * 100, "x" * 100),
        ("x" * 101, None),
        ("\ud800\u200b", None),
        ("  ", None),
    ],
)
async def test_a_satellite_has_a_name_that_can_be_seen(
    hass: HomeAssistant, house: House, study: Talker, typed: str, name: str | None
) -> None:
    result = await fill_in(hass, answers(study.port, name=typed))
    if name is None:
        assert result["errors"] == {"name": "name_invalid"}
        return
    result = await press(hass, result, "keep_nothing")
    assert result["title"] == name
    await hass.async_block_till_done()
    added = next(subentry for subentry in house.entry.subentries.values() if subentry.title == name)
    assert added.data["name"] == house.hub.satellites[added.subentry_id].config.name == name


async def test_a_satellite_that_somebody_renamed_is_shown_clean(hass: HomeAssistant, house: House) -> None:
    (subentry,) = house.entry.subentries.values()
    hass.config_entries.async_update_subentry(house.entry, subentry, title="Kit\u202echen" + "n" * 900)
    await house.reload()
    (satellite,) = house.hub.satellites.values()
    assert satellite.config.name == ("Kitchen" + "n" * 900)[:100]


async def test_what_passes_through_a_proxy_is_clean_too(
    recorder_mock: Any,
    hass: HomeAssistant,
    enable_custom_integrations: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with pipeline_home(hass) as home:
        await home.set_up()
        for text, transcript in ((DIRTY, CLEAN), ("\ud800", None)):
            home.transcriber.text = text
            await home.kitchen.say()
            await home.settle()
            info = list(home.hub.recordings.values())[-1]
            _, content = await home.hub.async_read(info.recording_id)
            assert (content.transcript or None) == transcript
            assert info.kind is (RecordingKind.COMMAND if transcript else RecordingKind.FALSE_WAKE)
        # What Home Assistant can say to a browser stays as it was.
        home.transcriber.text = "zwei  Wörter\n"
        await home.kitchen.say()
        heard = [data["stt_output"]["text"] for data in home.kitchen.seen(PipelineEventType.STT_END)]
        assert heard == [CLEAN, "zwei  Wörter\n"]
        assert not home.kitchen.errors or home.kitchen.errors == ["stt-no-text-recognized"]
    errors = [logged for logged in caplog.records if logged.levelno >= logging.WARNING]
    assert not [logged for logged in errors if any(word in logged.getMessage() for word in WORDS)]
