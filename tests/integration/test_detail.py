"""Why it woke, and what became of it: told with one recording to whoever may listen to it, and nowhere else."""

from array import array
import json
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import Requester
from custom_components.voice_privacy.diagnostics import async_get_config_entry_diagnostics

from .helpers.foreign import sound
from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.pipeline_home import PipelineHome, pipeline_home
from .helpers.recordings import record, tone
from .test_websocket_api import Connect, Tab, child, connect, owner  # noqa: F401

PIPELINE_PAGE = "/config/voice-assistants/debug/"


async def asked(house: House, text: str | None) -> str:
    """Have one command said, of which this is understood; return its recording."""
    known = set(house.ids())
    house.transcriber.text = text
    await house.kitchen.ask()
    await house.until(lambda: set(house.ids()) - known, "it is kept")
    await house.until_state("assist_satellite", "assist_satellite", "idle")
    ((recording_id),) = set(house.ids()) - known
    return recording_id


async def test_a_wake_tells_its_scores_its_engine_and_its_end(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await asked(house, "what time is it")

    detail = await owner.ask("recordings/get", recording_id=recording_id)

    why = detail["why"]
    assert (why["heard_by"], why["engine"], why["filter_score"]) == ("openwakeword", None, None)
    assert 2 <= len(why["scores"]) <= 25
    # It is the last one that reached the threshold, and the first.
    assert max(why["scores"][:-1]) < detail["threshold"] <= why["scores"][-1]
    assert why["scores"][-1] == pytest.approx(detail["score"], abs=0.0011)
    run = detail["run"]
    assert run["status"] in ("done", "not_understood", "not_done")
    pipeline_id = run["debug"].removeprefix(PIPELINE_PAGE)
    runs: dict[str, Any] = house.hass.data["assist_pipeline"].pipeline_debug[pipeline_id]
    assert len(runs) == 1

    # Home Assistant keeps the newest ten; without the run there is no link to it.
    runs.clear()
    assert (await owner.ask("recordings/get", recording_id=recording_id))["run"] == run | {"debug": None}


async def test_it_is_told_with_that_recording_only(
    hass: HomeAssistant,
    house: House,
    owner: Tab,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither in lists and searches, nor in states, attributes, events, rows, logs or diagnostics."""
    events: list[str] = []
    hass.bus.async_listen("*", lambda event: events.append(str(event.as_dict())))
    recording_id = await asked(house, "what time is it")
    why = (await owner.ask("recordings/get", recording_id=recording_id))["why"]
    rising = [score for score in why["scores"] if 0 < score < 1]
    assert rising

    (row,) = (await owner.ask("recordings/list"))["recordings"]
    assert not {"why", "run", "scores"} & row.keys()
    await owner.follow("recordings/search", text="time")
    (found,) = (await owner.next("progress"))["recordings"]
    assert not {"why", "run", "scores"} & found.keys()
    last = house.hub.wakes.last(KITCHEN)
    assert last is not None
    assert last.wake.trace is None

    diagnostics = await async_get_config_entry_diagnostics(hass, house.entry)
    told = [json.dumps(diagnostics, default=str), *events, caplog.text]
    told += [str(state.as_dict()) for state in hass.states.async_all()]
    assert not [text for text in told if "heard_by" in text or "filter_score" in text]
    # The score of the chunk before the threshold was reached is known to nobody.
    before = str(rising[-2] if len(rising) > 1 else rising[0])
    assert len(before) < 4 or not [text for text in told if f"{before}," in text]


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("", "no_speech", None), ("hopscotch the umbrella", "not_understood", "no_intent_match")],
)
async def test_a_run_that_came_to_nothing_says_so(
    house: House,
    owner: Tab,  # noqa: F811
    text: str,
    status: str,
    code: str | None,
) -> None:
    recording_id = await asked(house, text)
    run = (await owner.ask("recordings/get", recording_id=recording_id))["run"]
    assert (run["status"], run["code"]) == (status, code)


async def test_an_error_is_told_in_its_own_words(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await asked(house, None)
    run = (await owner.ask("recordings/get", recording_id=recording_id))["run"]
    assert (run["status"], run["code"], run["message"]) == (
        "error",
        "stt-stream-failed",
        "speech-to-text failed",
    )


async def test_without_transcripts_no_message_is_kept(house: House, owner: Tab) -> None:  # noqa: F811
    """An error message may repeat what was said."""
    await house.switch("save_transcripts", on=False)
    house.transcriber.failure = RuntimeError("secret words")
    recording_id = await asked(house, "secret words")
    info, content = await house.read(recording_id)
    assert not info.has_text
    assert content.run is not None
    assert content.run.message is None
    assert content.run.status == "error"


async def test_members_get_no_link_to_a_page_of_administrators(
    house: House,
    owner: Tab,  # noqa: F811
    child: Tab,  # noqa: F811
) -> None:
    recording_id = await asked(house, "what time is it")
    assert await child.is_refused("recordings/get", recording_id=recording_id) == "unauthorized"
    await house.hub.settings.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    theirs = await child.ask("recordings/get", recording_id=recording_id)
    ours = await owner.ask("recordings/get", recording_id=recording_id)
    assert theirs["why"] == ours["why"]
    assert theirs["run"] == ours["run"] | {"debug": None}
    assert not {"clip", "not_reviewed"} & theirs.keys()


async def test_what_woke_by_other_means_has_no_scores(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await record(house)
    detail = await owner.ask("recordings/get", recording_id=recording_id)
    assert (detail["why"], detail["run"]) == (None, None)


@pytest.mark.parametrize(
    ("pcm", "clipped", "problem"),
    [
        (tone(2.0), 0.0, None),
        (b"\xff\x7f\x00\x80" * 16_000, 1.0, "clipping"),
        (array("h", [40, -40] * 16_000).tobytes(), 0.0, "quiet"),
    ],
    ids=["good", "clipping", "quiet"],
)
async def test_level_and_clipping_are_told_with_the_recording(
    house: House,
    owner: Tab,  # noqa: F811
    pcm: bytes,
    clipped: float,
    problem: str | None,
) -> None:
    recording_id = await record(house, pcm=pcm)
    sound = (await owner.ask("recordings/get", recording_id=recording_id))["sound"]
    assert sound.keys() == {"level", "peak", "clipped", "problem"}
    assert -100 <= sound["level"] <= sound["peak"] <= 0
    assert (sound["clipped"], sound["problem"]) == (clipped, problem)
    (row,) = (await owner.ask("recordings/list"))["recordings"]
    assert "sound" not in row


async def test_why_nothing_is_in_review_is_told_to_the_owner(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await record(house)

    async def place() -> Any:
        return (await owner.ask("recordings/get", recording_id=recording_id))["not_reviewed"]

    assert await place() == "house_off"
    await house.switch("help_improve", on=True, owner=ENTRY_ID)
    assert await place() == "satellite_off"
    await house.switch("help_improve", on=True)
    # It was made before.
    assert await place() is None
    plain, barred = await record(house, "what time is it"), await record(house, "4242 4242 4242 4242")
    clip = (await owner.ask("recordings/get", recording_id=plain))["clip"]
    assert (clip["barred"], clip["findings"], clip["label"]) == (False, [], None)
    clip = (await owner.ask("recordings/get", recording_id=barred))["clip"]
    assert clip["barred"]
    assert clip["findings"] == ["payment_card"]


# --- satellites of other integrations -------------------------------------------------------------


@pytest.mark.parametrize("fails", [False, True])
async def test_other_integrations_satellites_tell_what_became_of_it(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None, fails: bool
) -> None:
    async with pipeline_home(hass) as home:
        await home.set_up()
        await home.settle()
        if fails:
            home.transcriber.text = None
        await home.kitchen.say(sound(0.5))
        await home.settle()
        content = await kept(home)
        assert content.run is not None
        assert (content.run.status == "error") is fails
        assert content.run.pipeline_id
        assert content.run.run_id
        assert content.trace is None


async def kept(home: PipelineHome) -> Any:
    """Return the content of the only recording."""
    (recording_id,) = home.ids("kitchen")
    return (await home.hub.async_read(recording_id))[1]
