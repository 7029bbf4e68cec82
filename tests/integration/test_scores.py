"""The score history: what another threshold would have done, and that it forgets."""

from typing import Any

from custom_components.voice_privacy.core.models import RecordingKind
from custom_components.voice_privacy.core.score_history import ScorePeak

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .test_review_api import Seat, friend, owner, reviewer, sit_down  # noqa: F401


def hear(house: House, score: float, *, woke: bool = True) -> None:
    """Let the wake engine have been so sure."""
    house.hub.scores.heard(
        KITCHEN,
        ScorePeak(
            wake_word="alexa",
            score=score,
            threshold=0.5,
            end_sample=16_000,
            generation=1,
            woke=woke,
            rejected=False,
        ),
    )


def at(answer: dict[str, Any], threshold: float) -> dict[str, int]:
    """Return what a threshold would have done in the kitchen."""
    index = answer["thresholds"].index(threshold)
    return {name: counts[index] for name, counts in answer["satellites"][KITCHEN].items()}


async def test_what_another_threshold_would_have_done(
    house: House,
    owner: Seat,  # noqa: F811
    reviewer: Seat,  # noqa: F811
) -> None:
    assert (await owner.ask("review/scores"))["satellites"] == {}
    for score, kind in ((0.61, RecordingKind.FALSE_WAKE), (0.97, RecordingKind.COMMAND)):
        await record(house, kind=kind)
        hear(house, score)
    hear(house, 0.41, woke=False)
    answer = await owner.ask("review/scores")
    assert at(answer, 0.5) == {"avoided": 0, "missed": 0, "unknown": 0}
    assert at(answer, 0.62) == {"avoided": 1, "missed": 0, "unknown": 0}
    assert at(answer, 0.98) == {"avoided": 1, "missed": 1, "unknown": 0}
    assert at(answer, 0.4) == {"avoided": 0, "missed": 0, "unknown": 1}
    assert await reviewer.tab.is_refused("review/scores") == "unauthorized"

    # Whoever deletes from a satellite deletes that as well.
    await house.delete("last")
    assert (await owner.ask("review/scores"))["satellites"] == {}


async def test_the_real_engine_is_remembered(house: House, owner: Seat) -> None:  # noqa: F811
    await house.until_listening()
    await house.keep()
    await house.hass.async_add_executor_job(house.hub.listening.worker.wait_until_idle, 5)
    answer = await owner.ask("review/scores")
    assert at(answer, 0.99)["missed"] + at(answer, 0.2)["missed"] <= 1
    assert KITCHEN in answer["satellites"]


async def test_nothing_is_remembered_while_guests_are_there(house: House, owner: Seat) -> None:  # noqa: F811
    await house.switch("guest_mode", on=True, owner=ENTRY_ID)
    hear(house, 0.9)
    assert (await owner.ask("review/scores"))["satellites"] == {}
