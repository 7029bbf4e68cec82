"""What a deleted taught word must not leave behind: what was learned for it, and its scores."""

import pytest

from custom_components.voice_privacy.core.review import Label
from custom_components.voice_privacy.core.score_history import ScorePeak
from custom_components.voice_privacy.review import learner as learning
from custom_components.voice_privacy.review.learner import WAKES_NEEDED
from custom_components.voice_privacy.wake.verifier_training import MIN_FALSE_WAKES

from .helpers.house import KITCHEN, House
from .helpers.lesson import WORD, Lesson
from .helpers.talker import speech
from .test_learning import contents, folder, learned, residue, write_back
from .test_review_pool import consent, waiting
from .test_taught_words import admin, keep_wake, lesson, taught  # noqa: F401

WAKES = [f"hey lighthouse{end}" for end in ("", "!", ", stop", ", play music", ", wait", "?", ", go", ", on")]
CONFUSED = ["pay the light bill", "hey light bulb", "they like mouse", "pay the light bill, please"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody labels another clip within two seconds."""
    monkeypatch.setattr(learning, "DELAY", 0.0)


async def label_clips(house: House) -> list[str]:
    """Have clips that the taught word woke kept and labeled, and wait until it is learned; return their ids."""
    await consent(house)
    ids = []
    for text, label in [
        *((text, Label.MEANT_FOR_US) for text in WAKES[: WAKES_NEEDED + 1]),
        *((text, Label.FALSE_WAKE) for text in CONFUSED[: MIN_FALSE_WAKES + 1]),
    ]:
        ids.append(await keep_wake(house, await speech(text)))
        await house.hub.review.pool.async_label(waiting(house)[ids[-1]].review_id, label, None)
    await learned(house)
    return ids


def peak(wake_word: str) -> ScorePeak:
    """Return a possible wake word."""
    return ScorePeak(
        wake_word=wake_word,
        score=0.8,
        threshold=0.5,
        end_sample=1_280,
        generation=1,
        woke=True,
        rejected=False,
    )


async def test_its_learned_filter_goes_with_it(house: House, taught: Lesson) -> None:  # noqa: F811
    ids = await label_clips(house)
    assert list(house.hub.review.learner.learned) == [WORD]
    weights = house.hub.review.learner.learned[WORD].verifier.to_bytes()[-2_000:-1_000]
    # The search finds what is there.
    assert await residue(house, weights) == [True]
    before = contents(folder(house))

    receipt = await taught.ask("delete", word_id=WORD)
    assert (receipt["deleted"], receipt["verified"], receipt["left"]) == (1, True, 0)
    assert house.hub.review.learner.learned == {}
    assert await residue(house, weights) == [False]
    assert not folder(house).exists()
    # The recordings are kept, but nothing is learned from them for another word with this id.
    assert set(ids) <= set(house.ids())
    await taught.begin()
    await taught.teach()
    assert await taught.save() == WORD
    await learned(house)
    assert house.hub.review.learner.learned == {}

    # Nor are files used that a crash has left.
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    folder(house).mkdir(exist_ok=True)
    write_back(before)
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    assert house.hub.review.learner.learned == {}
    assert await residue(house, weights) == [False]


async def test_a_filter_that_cannot_be_erased_is_told(
    house: House,
    taught: Lesson,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await label_clips(house)
    raw = contents(folder(house))
    monkeypatch.setattr(learning, "erase", lambda _folder: (0, 1))
    monkeypatch.setattr(learning, "replace_weights", lambda *_: None)
    receipt = await taught.ask("delete", word_id=WORD)
    assert (receipt["deleted"], receipt["verified"], receipt["left"]) == (1, False, 1)
    assert house.hub.taught.words == {}
    assert house.hub.review.learner.learned == {}
    monkeypatch.undo()
    write_back(raw)
    # It is never used again, whatever is taught, and goes with the next start.
    await taught.begin()
    await taught.teach()
    assert await taught.save() == WORD
    await house.reload()
    assert WORD not in house.hub.review.learner.learned


@pytest.mark.parametrize("way", ["the word", "everything"])
async def test_its_scores_go_with_it(house: House, taught: Lesson, way: str) -> None:  # noqa: F811
    for wake_word in (WORD, "alexa", "Hey Lighthouse"):
        house.hub.scores.heard(KITCHEN, peak(wake_word))
    assert house.hub.scores.table(KITCHEN)
    if way == "the word":
        await taught.ask("delete", word_id=WORD)
        left = [entry.wake_word for entry in house.hub.scores._history.entries(KITCHEN)]
        assert left == ["alexa"]
    else:
        await house.act("delete_all", {"confirm": True, "taught_words": True})
        assert not house.hub.scores.table(KITCHEN)
