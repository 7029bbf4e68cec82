"""Learning from labeled clips, with the real wake word models: what it leaves on disk, and for how long."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import (
    DeletionRequest,
    DeletionScope,
    RecordingKind,
    Requester,
)
from custom_components.voice_privacy.core.review import Label
from custom_components.voice_privacy.review import learner as learning, weight_files
from custom_components.voice_privacy.review.learner import WAKES_NEEDED
from custom_components.voice_privacy.wake.verifier_training import MIN_FALSE_WAKES
from dev.rig.voices import Voice, synthesize

from .helpers.house import ENTRY_ID, House
from .helpers.recordings import record
from .test_review_api import Seat, owner, sit_down  # noqa: F401
from .test_review_pool import consent, everything_in, waiting

WAKES = [
    ("Alexa", "slt"),
    ("Alexa", "rms"),
    ("Alexa", "awb"),
    ("Alexa, play music", "slt"),
    ("Alexa!", "slt"),
    ("Alexa!", "awb"),
    ("Alexa, wait", "awb"),
    ("Alexa, stop", "rms"),
]
CONFUSED = [("a lexus", "slt"), ("less than", "rms"), ("Alexis", "awb"), ("a lexus", "rms")]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody labels another clip within two seconds."""
    monkeypatch.setattr(learning, "DELAY", 0.0)


async def learned(house: House) -> None:
    """Wait until nothing is being learned any more."""
    done = asyncio.Event()
    unlisten = house.hub.notices.listen(done.set)
    async with asyncio.timeout(90):
        while house.hub.review.learner.learning:
            done.clear()
            await done.wait()
    unlisten()


async def teach(
    house: House, wakes: int = WAKES_NEEDED + 1, confused: int = MIN_FALSE_WAKES + 1
) -> list[str]:
    """Have clips kept and labeled; return the recordings' ids, wakes first."""
    ids = []
    for (text, voice), label in [
        *((clip, Label.MEANT_FOR_US) for clip in WAKES[:wakes]),
        *((clip, Label.FALSE_WAKE) for clip in CONFUSED[:confused]),
    ]:
        kind = RecordingKind.COMMAND if label is Label.MEANT_FOR_US else RecordingKind.FALSE_WAKE
        ids.append(
            await record(house, "hello", kind=kind, pcm=(await synthesize(text, voice=Voice(voice))).pcm)
        )
        await house.hub.review.pool.async_label(waiting(house)[ids[-1]].review_id, label, None)
    await learned(house)
    return ids


def folder(house: House) -> Path:
    """Return where weights are."""
    return Path(house.hass.config.cache_path("voice_privacy")) / weight_files.FOLDER


def weights(house: House) -> bytes:
    """Return a stretch of the weights of what was learned."""
    return house.hub.review.learner.learned["alexa"].verifier.to_bytes()[-2_000:-1_000]


def contents(where: Path) -> dict[Path, bytes]:
    """Return all files of a folder."""
    return {path: path.read_bytes() for path in where.iterdir()}


def write_back(raw: dict[Path, bytes]) -> None:
    """Put files back where they were."""
    for path, content in raw.items():
        path.write_bytes(content)


async def residue(house: House, *needles: bytes) -> list[bool]:
    """Return which of these are anywhere below the configuration folder."""
    config = Path(house.hass.config.config_dir)
    everything = await house.hass.async_add_executor_job(everything_in, config)
    return [needle in everything for needle in needles]


async def test_weights_go_with_a_clip_and_come_back_without_it(house: House) -> None:
    await consent(house)
    ids = await teach(house)
    [word] = house.hub.review.learner.learned.values()
    assert word.evaluation.wakes == len(WAKES)
    assert word.evaluation.false_wakes == len(CONFUSED)
    before = weights(house)
    # The search finds what is there.
    assert await residue(house, before) == [True]

    request = DeletionRequest(scope=DeletionScope.IDS, recording_ids=frozenset(ids[:1]))
    receipt = await house.hub.deletion.async_delete(request, Requester())
    assert receipt.verified
    # Gone when the answer is given, not some time later.
    assert house.hub.review.learner.learned == {}
    assert await residue(house, before) == [False]
    assert not folder(house).exists()

    await learned(house)
    assert house.hub.review.learner.learned["alexa"].evaluation.wakes == len(WAKES) - 1
    assert await residue(house, before, weights(house)) == [False, True]


async def test_consent_that_is_taken_back_takes_the_weights(house: House) -> None:
    await consent(house)
    ids = await teach(house)
    before = weights(house)
    await house.reload()
    assert weights(house) == before
    assert not house.hub.review.learner.learning
    receipt = await house.hub.async_set_house(HouseToggle.HELP_IMPROVE, Requester(), on=False)
    assert (receipt.taken_out, receipt.left, receipt.unlearned) == (len(ids), 0, True)
    assert await residue(house, before) == [False]
    assert not folder(house).exists()
    await learned(house)
    assert house.hub.review.learner.learned == {}
    assert house.hub.listening.verifiers == {}


async def test_what_others_changed_meanwhile_is_learned_anew(house: House) -> None:
    """A crash between the end of a clip and the end of what was learned from it."""
    await consent(house)
    ids = await teach(house)
    before = weights(house)
    raw = await house.hass.async_add_executor_job(contents, folder(house))
    await house.hub.review.pool.async_take_out([waiting(house)[ids[-1]].review_id])
    await learned(house)
    await house.hass.config_entries.async_unload(ENTRY_ID)
    await house.hass.async_add_executor_job(write_back, raw)
    await house.hass.config_entries.async_setup(ENTRY_ID)
    await learned(house)
    assert await residue(house, before) == [False]
    assert house.hub.review.learner.learned["alexa"].evaluation.false_wakes == len(CONFUSED) - 1


async def test_a_run_that_ended_too_early_is_made_up_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await consent(house)
    ids = await teach(house)
    monkeypatch.setattr(learning, "DELAY", 3_600.0)
    await house.hub.review.pool.async_take_out([waiting(house)[ids[-1]].review_id])
    monkeypatch.setattr(learning, "DELAY", 0.0)
    await house.reload()
    await learned(house)
    assert house.hub.review.learner.learned["alexa"].evaluation.false_wakes == len(CONFUSED) - 1


async def test_too_few_clips_teach_nothing(house: House, owner: Seat) -> None:  # noqa: F811
    await consent(house)
    await teach(house, wakes=1, confused=1)
    assert await owner.ask("review/learned") == {
        "learning": False,
        "wakes": 1,
        "false_wakes": 1,
        "wakes_needed": WAKES_NEEDED,
        "false_wakes_needed": MIN_FALSE_WAKES,
        "learned": [],
    }
    assert not folder(house).exists()


async def test_the_owner_decides_whether_it_is_used(house: House, owner: Seat) -> None:  # noqa: F811
    await consent(house)
    await teach(house)
    [told] = (await owner.ask("review/learned"))["learned"]
    evaluation = house.hub.review.learner.learned["alexa"].evaluation
    assert told["better"] is evaluation.better
    assert told["used"] is evaluation.better
    assert (told["wakes"], told["false_wakes"]) == (len(WAKES), len(CONFUSED))
    assert bool(house.hub.listening.verifiers) is evaluation.better
    await house.switch("verifier", on=False, owner=ENTRY_ID)
    assert house.hub.listening.verifiers == {}
    [told] = (await owner.ask("review/learned"))["learned"]
    assert told["used"] is False


async def test_what_is_still_written_when_learning_stops_is_not_remembered(house: House) -> None:
    learner = house.hub.review.learner
    windows: Any = {"0" * 32: object()}
    async with house.hub._lock:
        adopting = house.hass.async_create_task(learner._async_adopt(learning._basis([]), {}, windows))
        await learner.async_stop()
    await adopting
    assert learner._windows == {}
    assert learner._forget is None


async def test_uninstalling_leaves_no_weights(house: House) -> None:
    await consent(house)
    await teach(house)
    before = weights(house)
    await house.hass.config_entries.async_remove(ENTRY_ID)
    assert await residue(house, before) == [False]
