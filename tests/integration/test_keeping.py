"""What is kept of an utterance and what is not, whatever is switched while it lasts."""

from datetime import timedelta
import errno
import threading
from typing import Any

from homeassistant.util import dt as dt_util
import pytest

from custom_components.voice_privacy.core.audio import SAMPLE_RATE, SAMPLE_WIDTH
from custom_components.voice_privacy.core.capture import MAX_SECONDS, PRE_ROLL_SECONDS
from custom_components.voice_privacy.core.errors import RecordingNotFound, StoreFull
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import RecordingKind, Requester
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage.vault import Vault

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.recordings import begin
from .helpers.talker import QUESTION, Talker, first_sound, loud, silence, speech, spoken_part

BYTES_PER_SECOND = SAMPLE_RATE * SAMPLE_WIDTH


def seconds_at(position: int) -> float:
    """Return at which second of a stream a byte is."""
    return position / BYTES_PER_SECOND


async def test_nothing_from_before_the_wake_word_is_kept(house: House) -> None:
    kitchen = house.kitchen
    secret = loud(1.0)
    await kitchen.blurt(secret, silence(1.0))
    before = len(kitchen.sent_audio())
    await kitchen.ask()
    await house.until_told("kept")

    ((info, content),) = await house.read_all(house.ids())
    start = kitchen.heard_by_server(content.audio)
    # Every sample as it was sent, in one piece, whole samples only.
    assert start >= 0
    assert start % SAMPLE_WIDTH == 0
    assert len(content.audio) == round(info.duration * BYTES_PER_SECOND)
    # It begins at most 0.2 s before the first sound of the wake word, which comes after half a second.
    word = seconds_at(before + len(silence(0.5)) + first_sound(await speech("Alexa")))
    assert word - 0.2 <= seconds_at(start) <= word
    # Positive control: the secret was in the stream, not long before.
    assert seconds_at(before) - 2.2 < seconds_at(_loudest(kitchen.sent_audio()[:before])) < seconds_at(start)
    # The engine that transcribes got only what followed the wake word.
    heard = house.transcriber.heard[0]
    assert word + 0.3 < seconds_at(kitchen.heard_by_server(heard[:640])) < word + PRE_ROLL_SECONDS


async def test_what_runs_into_the_wake_word_is_not_kept(house: House) -> None:
    kitchen = house.kitchen
    secret = spoken_part(await speech("nobody knows that I lost my job last week"))
    word = spoken_part(await speech("Alexa"))
    question = await speech(QUESTION)
    await kitchen.blurt(silence(1.0))
    begins = len(kitchen.sent_audio()) + len(secret)
    sent = dt_util.utcnow()
    await kitchen.blurt(secret, word, silence(0.3))
    await kitchen.wait_for_event("detection")
    await kitchen.blurt(question, silence(1.5))
    await house.until_told("kept")

    ((info, content),) = await house.read_all(house.ids())
    start = kitchen.heard_by_server(content.audio)
    assert start >= 0
    assert begins - 0.2 * BYTES_PER_SECOND <= start <= begins
    assert info.duration == pytest.approx(len(content.audio) / BYTES_PER_SECOND)
    # All was sent at once, so the recording began before it was sent, by what came after its first sample.
    assert info.started_at < dt_util.utcnow() - timedelta(seconds=0.3)
    assert info.started_at > sent - timedelta(seconds=3)


def _loudest(pcm: bytes) -> int:
    """Return where the highest sample of a stream is."""
    samples = memoryview(pcm).cast("h")
    return max(range(len(samples)), key=lambda index: abs(samples[index])) * SAMPLE_WIDTH


def test_the_limits_are_those_that_were_promised() -> None:
    assert (MAX_SECONDS, PRE_ROLL_SECONDS) == (30.0, 1.5)


async def test_saving_off_acts_and_keeps_nothing(house: House) -> None:
    await house.switch("save_recordings", on=False)
    await house.kitchen.ask()
    await house.until_told("discarded", "saving_off")

    assert house.kitchen.log.received("synthesize")
    assert house.ids() == []


async def test_a_consent_that_is_withdrawn_and_given_again_does_not_reach_back(house: House) -> None:
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await house.switch("save_recordings", on=False)
    await house.switch("save_recordings", on=True)
    await house.kitchen.finish()
    await house.until_told("discarded", "saving_off")

    assert house.kitchen.log.received("synthesize")
    assert house.ids() == []
    assert await house.keep()


async def test_a_consent_that_comes_too_late_does_not_reach_back(house: House) -> None:
    await house.switch("save_recordings", on=False)
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await house.switch("save_recordings", on=True)
    await house.kitchen.finish()
    await house.until_told("discarded", "saving_off")
    assert house.ids() == []


async def test_guest_mode_reaches_every_room(house: House, bedroom: Talker) -> None:
    for satellite in (house.kitchen, house.bedroom):
        await satellite.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await house.until_state("sensor", "microphone_state", "recording", BEDROOM)
    await house.switch("guest_mode", on=True, owner=house.entry.entry_id)
    await house.switch("guest_mode", on=False, owner=house.entry.entry_id)
    for satellite in (house.kitchen, house.bedroom):
        await satellite.finish()
    for owner in (KITCHEN, BEDROOM):
        await house.until_told("discarded", "guest_mode", owner)
    assert house.ids() == []
    # It was acted upon all the same.
    assert house.kitchen.log.received("synthesize")


async def test_mute_ends_what_is_being_said_and_nothing_is_done(house: House) -> None:
    await house.kitchen.wake_up()
    await house.until_state("sensor", "microphone_state", "recording")
    await house.kitchen.blurt(await speech(QUESTION))
    await house.switch("microphone", on=False)
    await house.until_told("discarded", "muted")

    assert house.ids() == []
    assert not house.kitchen.log.received("transcript", "synthesize")
    assert house.state("assist_satellite", "assist_satellite") == "idle"
    await house.kitchen.wait_for_event("pause-satellite")


async def test_a_silent_clip_is_dropped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # To hear nothing for 5 s after the button, and no microphone noise louder than -60 dBFS.
    await house.press_to_talk()
    await house.kitchen.blurt(silence(5.0))
    house.transcriber.text = ""
    await house.kitchen.blurt(silence(11.0))
    await house.until_told("discarded", "silent")
    assert house.ids() == []


async def test_a_full_disk_is_said_and_deleting_still_works(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = await house.keep()
    with monkeypatch.context() as full:
        full.setattr(RecordingStore, "async_keep", _raise_full)
        await house.kitchen.ask()
        await house.until_told("discarded", "store_full")
        assert house.issue("store") == "store_full"
        # Voice goes on.
        assert len(house.kitchen.log.received("synthesize")) == 2
        receipt = await house.act("delete_last")
        assert (receipt["asked"], receipt["deleted"]) == (1, 1)
    with pytest.raises(RecordingNotFound):
        await house.read(kept)
    # What is kept next takes the issue back.
    await house.keep()
    assert house.issue("store") is None


async def _raise_full(*_: object) -> None:
    raise StoreFull


async def test_a_disk_that_fails_in_earnest(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same from further down: the operating system says that there is no space."""

    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("custom_components.voice_privacy.storage.vault.write_new_file", no_space)
        await house.kitchen.ask()
        await house.until_told("discarded", "store_full")
    assert house.issue("store") == "store_full"
    assert house.sealed_files() == []
    assert await house.keep()
    assert house.issue("store") is None


@pytest.mark.parametrize(
    "toggle", [HouseToggle.GUEST_MODE, SatelliteToggle.MUTED, SatelliteToggle.SAVE_RECORDINGS]
)
async def test_what_is_forbidden_while_it_is_written_is_not_kept(
    house: House, monkeypatch: pytest.MonkeyPatch, toggle: HouseToggle | SatelliteToggle
) -> None:
    writing, may_go_on = threading.Event(), threading.Event()
    keep = Vault.keep

    def slow(self: Vault, *args: Any, **kwargs: Any) -> Any:
        writing.set()
        assert may_go_on.wait(10)
        return keep(self, *args, **kwargs)

    monkeypatch.setattr(Vault, "keep", slow)
    hub = house.hub
    capture = begin(house, "a secret", owner=KITCHEN)
    finished = house.hass.async_create_task(
        hub.async_capture_finished(hub.satellites[KITCHEN], capture, RecordingKind.COMMAND)
    )
    assert await house.hass.async_add_executor_job(writing.wait, 10)
    if isinstance(toggle, HouseToggle):
        await hub.async_set_house(toggle, Requester(), on=True)
    else:
        await hub.async_set_satellite(KITCHEN, toggle, Requester(), on=toggle is SatelliteToggle.MUTED)
    may_go_on.set()
    await finished
    assert house.ids() == []
    await hub.kept.store.async_flush()
    assert house.sealed_files() == []
    assert house.activity()[-1][0] == "discarded"
