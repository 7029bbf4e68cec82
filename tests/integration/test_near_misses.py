"""Near misses: what almost woke a satellite is kept for a minute where it consents, and nowhere else."""

from collections.abc import AsyncIterable
from datetime import timedelta
from typing import Any

from homeassistant.components.assist_pipeline import PipelineEventType, PipelineStage
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.voice_privacy.core.audio import SAMPLE_RATE, SAMPLE_WIDTH, seconds_of
from custom_components.voice_privacy.core.capture import PRE_ROLL_SECONDS
from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.house_settings import HouseToggle, RetentionSetting, SatelliteToggle
from custom_components.voice_privacy.core.models import ListedKind, RecordingKind, Requester
from custom_components.voice_privacy.core.near_miss import AFTER_SECONDS, MAX_PER_MINUTE
from custom_components.voice_privacy.recordings import retention_job
from custom_components.voice_privacy.recordings.retention_job import Retention
from custom_components.voice_privacy.satellites.near_misses import NearMiss
from custom_components.voice_privacy.storage.schema import TABLE_NAME

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.pipeline_home import PipelineHome, until
from .helpers.recordings import record
from .helpers.self_waking import set_up_with_self_waking_satellite
from .helpers.talker import QUESTION, first_sound, loud, silence, speech, spoken_part
from .test_false_rows import table
from .test_retention import _HOUSE_CLOCK, at, let_pass
from .test_wake_word import ENGINE, _chunks, bare_home, home  # noqa: F401

BYTES_PER_SECOND = SAMPLE_RATE * SAMPLE_WIDTH
BY = Requester()
MORE = silence(AFTER_SECONDS + 1.0)
"""Pause after which a near miss is complete."""


@pytest.fixture
def kitchen_options() -> dict[str, Any]:
    """A threshold that no wake word reaches."""
    return {"threshold": 1.0}


@pytest.fixture
async def consenting(house: House) -> House:
    """A house whose kitchen saves near misses."""
    await house.switch("save_near_misses", on=True)
    return house


async def say(house: House, *parts: bytes) -> None:
    """Say something no faster than the worker takes it."""
    for pcm in parts:
        await house.kitchen.blurt(pcm)
        await heard(house)


async def almost_wake(house: House) -> None:
    """Say the wake word so that it does not reach the threshold."""
    await say(house, silence(0.5), await speech("Alexa"), MORE)


async def heard(house: House) -> None:
    """Wait until the worker has scored what was said, and what comes of it is done."""
    if house.kitchen.is_streaming:
        await house.kitchen.wait_for_frames(2)
    await house.hass.async_add_executor_job(house.hub.listening.worker.wait_until_idle, 5)
    await house.hass.async_block_till_done(wait_background_tasks=False)


async def near_miss(house: House) -> str:
    """Have a near miss kept; return its id."""
    known = set(house.ids())
    await almost_wake(house)
    await house.until(lambda: set(house.ids()) - known, "a near miss is kept")
    ((recording_id),) = set(house.ids()) - known
    return recording_id


# --- what is kept -----------------------------------------------------------------------------------


async def test_what_almost_woke_it_is_kept_and_nothing_else_happens(consenting: House) -> None:
    house, kitchen = consenting, consenting.kitchen
    secret = loud(1.0)
    await say(house, secret, silence(1.0))
    word = await speech("Alexa")
    await say(house, silence(0.5))
    before = len(kitchen.sent_audio())
    await say(house, word + silence(0.3) + await speech(QUESTION), silence(2.0))
    await house.until_told("kept")

    (recording_id,) = house.ids()
    info, content = await house.read(recording_id)
    assert (info.kind, info.near_miss, info.listed_kind) == (
        RecordingKind.FALSE_WAKE,
        True,
        ListedKind.NEAR_MISS,
    )
    assert content.wake_word == "alexa"
    assert content.score is not None
    assert 0.6 <= content.score < 1.0
    assert content.threshold == 1.0
    assert (content.transcript, content.reply, info.has_text) == (None, None, False)
    # The scores around it rise to that of the near miss, and fall again.
    assert content.trace is not None
    assert content.trace.heard_by == "openwakeword"
    scores = content.trace.scores
    assert max(scores) == pytest.approx(content.score, abs=0.0011)
    assert 0 < scores.index(max(scores)) < len(scores) - 1
    assert content.run is None
    # It begins with the wake word, every sample as it was sent, and ends a second after the highest score.
    start = kitchen.heard_by_server(content.audio)
    begins = before + first_sound(word)
    assert begins - 0.3 * BYTES_PER_SECOND <= start <= begins
    assert AFTER_SECONDS < seconds_of(content.audio) <= PRE_ROLL_SECONDS + AFTER_SECONDS
    # It was no wake: nobody transcribed, answered or counted anything.
    assert not kitchen.log.received("detection", "transcript", "synthesize")
    assert house.transcriber.heard == []
    assert house.activity() == [("kept", None)]
    assert (house.hub.wakes.wakes.today(KITCHEN), house.hub.wakes.last(KITCHEN)) == (0, None)
    assert house.state("sensor", "false_wakes_today") == "0"
    assert house.state("sensor", "recordings") == "1"
    assert house.hub.kept.summary().near_misses == 1
    assert house.hub.kept.summary().false_wakes == 0
    assert not house.hub.review.pool.items


async def test_nothing_is_kept_unless_somebody_wants_it(house: House) -> None:
    assert house.state("switch", "save_near_misses") == "off"
    await almost_wake(house)
    await heard(house)
    assert house.ids() == []
    assert house.sealed_files() == []


@pytest.mark.parametrize(
    ("key", "on", "owner"),
    [
        ("save_recordings", False, KITCHEN),
        ("save_near_misses", False, KITCHEN),
        ("microphone", False, KITCHEN),
        ("guest_mode", True, ENTRY_ID),
    ],
)
@pytest.mark.parametrize("late", [False, True])
async def test_whatever_forbids_a_recording_forbids_it(
    consenting: House, key: str, on: bool, owner: str, late: bool
) -> None:
    house = consenting
    if not late:
        await house.switch(key, on=on, owner=owner)
        await almost_wake(house)
    else:
        await say(house, silence(0.5), spoken_part(await speech("Alexa")), silence(0.5))
        await house.until_found(lambda: house.hub._captures.all)
        await house.switch(key, on=on, owner=owner)
        # What is allowed again a moment later does not reach back.
        await house.switch(key, on=not on, owner=owner)
        await say(house, MORE)
    assert house.ids() == []
    # Nobody is told of what nobody said.
    assert house.activity() == []


async def test_a_clip_of_a_word_that_is_taught_is_none(
    consenting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in memory only, however near it comes to the satellite's own wake word."""
    satellite = consenting.hub.satellites[KITCHEN]
    begun: list[NearMiss] = []
    begins = satellite.near_miss_begins

    def follow(near: NearMiss) -> None:
        begun.append(near)
        begins(near)

    monkeypatch.setattr(satellite, "near_miss_begins", follow)
    satellite.taps.hold_wakes(60)
    await almost_wake(consenting)
    assert begun == []
    # The control: afterwards the same sound is kept.
    satellite.taps.hold_wakes(0)
    await near_miss(consenting)
    assert len(begun) == 1


async def test_consent_does_not_reach_back(house: House) -> None:
    await say(house, silence(0.5), spoken_part(await speech("Alexa")))
    await house.switch("save_near_misses", on=True)
    await say(house, MORE)
    assert house.ids() == []
    assert await near_miss(house)


async def test_a_wake_within_a_second_makes_it_none(consenting: House) -> None:
    house = consenting
    await say(house, silence(0.5), spoken_part(await speech("Alexa")), silence(0.5))
    await house.until_found(lambda: house.hub._captures.all)
    # The satellite hears it after all.
    watch = house.hub.satellites.wyoming[KITCHEN].wake_stream._near_misses
    assert watch._open is not None
    watch.woke(watch._open.until)
    await say(house, MORE)
    assert house.ids() == []


async def test_what_wakes_is_a_wake_and_a_command_is_none(consenting: House) -> None:
    """Not even the wake word within a command, which the engine scores as well."""
    house = consenting
    house.hub.satellites.wyoming[KITCHEN].set_threshold(0.5)
    await house.kitchen.ask("tell me who Alexa is")
    await house.until_told("kept")
    await say(house, MORE)
    (recording_id,) = house.ids()
    assert (await house.read(recording_id))[0].listed_kind is ListedKind.COMMAND


async def test_what_the_second_stage_rejects_is_one(
    consenting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = consenting
    monkeypatch.setattr("custom_components.voice_privacy.wake.second_stage.stands_out", lambda _: False)
    wyoming = house.hub.satellites.wyoming[KITCHEN]
    wyoming.wake_stream.wake_words = tuple(
        type(word)(wake_word=word.wake_word, threshold=word.threshold, check_level=True)
        for word in wyoming.wake_stream.wake_words
    )
    wyoming.set_threshold(0.5)
    info, content = await house.read(await near_miss(house))
    assert info.near_miss
    assert content.score is not None
    assert content.score >= 0.5


async def test_a_television_that_babbles_does_not_fill_the_store(consenting: House) -> None:
    house = consenting
    for _ in range(MAX_PER_MINUTE + 2):
        await almost_wake(house)
    assert len(house.ids()) == MAX_PER_MINUTE


# --- how long ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["as_others", "minute", "week"])
async def test_it_lives_for_a_minute_whatever_is_chosen(
    consenting: House, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    house = consenting
    await house.hub.settings.async_set_retention(RetentionSetting.KEEP_FALSE_WAKES, chosen, BY)
    await house.hub.settings.async_set_retention(RetentionSetting.KEEP_RECORDINGS, "until_deleted", BY)
    command = await record(house)
    near = await near_miss(house)
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=50)))
    await let_pass(house, 50)
    assert house.ids() == [command, near]
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    await let_pass(house, 61)
    await house.until(lambda: house.ids() == [command], "the near miss is gone")
    await house.hub.kept.store.async_flush()
    assert len(house.sealed_files()) == 1


async def test_one_whose_deletion_may_be_undone_lives_no_longer(
    consenting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = consenting
    near = await near_miss(house)
    house.hub.delayed_deletion.hide(near, BY, lambda _outcome: None)
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    await let_pass(house, 61)
    await house.until(lambda: near not in house.hub.kept.with_hidden, "the near miss is gone")


@pytest.mark.parametrize("by_time", [-timedelta(days=400), timedelta(0), timedelta(days=400)])
async def test_no_clock_that_is_wrong_keeps_it_longer(
    consenting: House, monkeypatch: pytest.MonkeyPatch, by_time: timedelta
) -> None:
    house = consenting
    await near_miss(house)
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(by_time, timedelta(seconds=61)))
    await let_pass(house, 61)
    await house.until(lambda: house.ids() == [], "the near miss is gone")


async def test_nothing_is_left_where_home_assistant_stops(consenting: House) -> None:
    house = consenting
    command = await record(house)
    await near_miss(house)
    assert len(house.sealed_files()) == 2
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    assert len(house.sealed_files()) == 1
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    assert house.ids() == [command]


async def test_one_that_is_being_stored_when_home_assistant_stops_is_not_left(consenting: House) -> None:
    house, hub = consenting, consenting.hub
    async with hub._lock:
        await almost_wake(house)
        await say(house, MORE)
        await house.until_found(lambda: [one for one in hub._captures.all if one.closed])
        stopping = house.hass.async_create_task(house.hass.config_entries.async_unload(ENTRY_ID))
        await house.until_found(
            lambda: hub.retention._stopped or all(one.forbidden for one in hub._captures.all)
        )
    assert await stopping
    assert house.sealed_files() == []


async def test_a_deletion_that_fails_is_tried_again_within_a_minute(
    consenting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = consenting
    await near_miss(house)
    delete, failures = house.hub.kept.store.async_delete, [StoreError("the disk fails")]

    async def fail(*ids: Any) -> Any:
        if failures:
            raise failures.pop()
        return await delete(*ids)

    monkeypatch.setattr(house.hub.kept.store, "async_delete", fail)
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    await let_pass(house, 62)
    await house.until_found(lambda: not failures and not house.hub.retention._running)
    assert len(house.ids()) == 1
    await let_pass(house, 62 + 62)
    await house.until(lambda: house.ids() == [], "the near miss is gone")


async def test_it_waits_for_no_other_deletion(consenting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house, ago = consenting, dt_util.utcnow() - timedelta(days=93)
    monkeypatch.setattr(retention_job, "_BATCH", 1)
    old = [await record(house, started_at=ago), await record(house, started_at=ago)]
    near = await near_miss(house)
    deleted: list[str] = []
    delete = house.hub.kept.store.async_delete

    async def note(ids: Any) -> Any:
        deleted.extend(ids)
        return await delete(ids)

    monkeypatch.setattr(house.hub.kept.store, "async_delete", note)
    monkeypatch.setattr(_HOUSE_CLOCK, lambda: at(timedelta(seconds=61)))
    assert await house.hub.retention.async_run() == 3
    assert deleted == [near, *old]


@pytest.mark.parametrize(
    "statement",
    [
        None,
        f"UPDATE {TABLE_NAME} SET kind = 'command'",
        f"UPDATE {TABLE_NAME} SET kind = 'false_wake'",
        f"DELETE FROM {TABLE_NAME}",
    ],
)
async def test_after_a_crash_it_goes_before_anybody_sees_it(
    consenting: House, monkeypatch: pytest.MonkeyPatch, statement: str | None
) -> None:
    """Whatever its row says by then: what it is, is sealed."""
    house = consenting
    await near_miss(house)
    shown = len(house.states_of("sensor", "recordings"))

    async def crash(_: Retention) -> None:
        return None

    monkeypatch.setattr(Retention, "async_end_near_misses", crash)
    await house.hub.kept.store.async_flush()
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    assert len(house.sealed_files()) == 1
    if statement is not None:
        await table(house.hass, statement)
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    assert house.ids() == []
    await house.hub.kept.store.async_flush()
    assert house.sealed_files() == []
    assert await table(house.hass) == []
    assert "1" not in house.states_of("sensor", "recordings")[shown:]


# --- deleting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["last", "today"])
async def test_deleting_reaches_it_and_leaves_nothing(consenting: House, which: str) -> None:
    house = consenting
    older = await record(house)
    await record(house)
    near = {await near_miss(house), await near_miss(house)}
    receipt = await house.delete(which)
    # The last is the last that somebody said, and what was kept since without anybody knowing.
    assert house.ids() == ([older] if which == "last" else [])
    assert receipt["deleted"] == (3 if which == "last" else 4)
    assert receipt["verified"]
    await house.hub.kept.store.async_flush()
    assert not any(recording_id in name for name in house.files() for recording_id in near)


async def test_deleting_false_wakes_or_everything_reaches_it(consenting: House) -> None:
    house = consenting
    command = await record(house)
    await near_miss(house)
    await house.act("delete_false_wakes")
    assert house.ids() == [command]
    await near_miss(house)
    await house.act("delete_all", {"confirm": True})
    assert house.ids() == []


async def test_deleting_reaches_one_that_is_still_coming(consenting: House) -> None:
    house = consenting
    await say(house, silence(0.5), spoken_part(await speech("Alexa")), silence(0.5))
    await house.until_found(lambda: house.hub._captures.all)
    receipt = await house.delete("last")
    assert (receipt["asked"], receipt["deleted"]) == (1, 1)
    await say(house, MORE)
    assert house.ids() == []


@pytest.mark.parametrize("which", ["last", "today", "false_wakes", "all"])
async def test_deleting_reaches_one_that_is_reported_later(
    consenting: House, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """The engine reports a sound only when it is over; the deletion comes in between."""
    house, listening = consenting, consenting.hub.listening
    reported: list[Any] = []
    deliver = listening._deliver_peak
    with monkeypatch.context() as patch:
        patch.setattr(listening, "_deliver_peak", lambda *peak: reported.append(peak))
        await say(house, silence(0.5), spoken_part(await speech("Alexa")), silence(0.6))
        await house.until_found(lambda: reported)
        await house.act(f"delete_{which}", {"confirm": True} if which == "all" else {})
    for peak in reported:
        deliver(*peak)
    assert house.hub._captures.all == []
    await say(house, MORE)
    assert house.ids() == []


# --- where it is offered ----------------------------------------------------------------------------


@pytest.mark.parametrize("kitchen_options", [{}, {"wake_words": []}])
async def test_it_is_not_offered_where_the_satellite_finds_its_wake_word_itself(
    quiet_house: House, models: None, socket_enabled: None
) -> None:
    house = quiet_house
    async with set_up_with_self_waking_satellite(house):
        await house.until_state("switch", "save_near_misses", STATE_UNAVAILABLE)
        assert house.state("switch", "save_recordings") == "on"
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)


@pytest.mark.parametrize("kitchen_options", [{"wake_words": []}])
async def test_it_is_not_offered_without_a_wake_word_here(house: House) -> None:
    assert house.state("switch", "save_near_misses") == STATE_UNAVAILABLE


async def _stream(home: PipelineHome, *parts: bytes) -> AsyncIterable[bytes]:  # noqa: F811
    async for chunk, _ in _chunks(home, b"".join(parts)):
        yield chunk


async def test_a_satellite_of_another_integration_that_streams_here_has_them_too(
    home: PipelineHome,  # noqa: F811
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.wake_word.DEFAULT_THRESHOLD", 1.0)
    scored = [home.hub.satellites["kitchen"].is_scored]
    await home.hub.async_set_satellite("kitchen", SatelliteToggle.SAVE_NEAR_MISSES, BY, on=True)
    said = (silence(0.5), await speech("Alexa"), MORE, MORE)
    await home.kitchen.async_accept_pipeline_from_satellite(
        _stream(home, *said), start_stage=PipelineStage.WAKE_WORD, end_stage=PipelineStage.INTENT
    )
    await home.settle()
    assert not home.kitchen.seen(PipelineEventType.STT_START)
    assert [*scored, home.hub.satellites["kitchen"].is_scored] == [False, True]
    await until(lambda: home.ids("kitchen"))
    (recording_id,) = home.ids("kitchen")
    info, content = await home.hub.async_read(recording_id)
    assert info.near_miss
    assert content.transcript is None
    # Its stream leaves nothing in memory that no deletion would find.
    assert home.hub.scores._history._entries == {}
    assert b"".join(said).find(content.audio) > 0

    await home.hub.async_set_house(HouseToggle.GUEST_MODE, BY, on=True)
    await home.kitchen.async_accept_pipeline_from_satellite(
        _stream(home, *said), start_stage=PipelineStage.WAKE_WORD, end_stage=PipelineStage.INTENT
    )
    await home.settle()
    assert home.ids("kitchen") == [recording_id]
