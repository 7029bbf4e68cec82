"""What a deleted taught word must not leave behind: what was learned for it, its scores, and numbers in memory."""

import asyncio
from dataclasses import replace
import gc
from typing import Any

from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import StoreFull
from custom_components.voice_privacy.core.review import Label
from custom_components.voice_privacy.core.score_history import ScorePeak
from custom_components.voice_privacy.core.taught_words import SavedWord
from custom_components.voice_privacy.hub import teaching
from custom_components.voice_privacy.hub.taught_words import async_learn_false_wake
from custom_components.voice_privacy.hub.teaching_audio import ClipRecording
from custom_components.voice_privacy.review import learner as learning
from custom_components.voice_privacy.review.learner import WAKES_NEEDED
from custom_components.voice_privacy.storage.taught_vault import TaughtVault
from custom_components.voice_privacy.wake.taught import TaughtScorer, TaughtWord
from custom_components.voice_privacy.wake.verifier_training import MIN_FALSE_WAKES
from custom_components.voice_privacy.wake_listening import taught_models

from .helpers.house import KITCHEN, House
from .helpers.lesson import WORD, Lesson
from .helpers.talker import speech
from .test_learning import contents, folder, learned, residue, write_back
from .test_review_pool import consent, waiting
from .test_taught_words import admin, choose, false_wake, keep_wake, lesson, taught  # noqa: F401

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


# --- what is still in memory ---------------------------------------------------------------------


@pytest.mark.parametrize("end", ["mute", "unsubscribes"])
async def test_a_clip_that_ends_early_leaves_no_sound_in_memory(
    house: House,
    lesson: Lesson,  # noqa: F811
    end: str,
) -> None:
    await lesson.begin()
    number = await lesson.open()
    assert house.hub.teaching.session is not None
    clip = house.hub.teaching.session.live
    assert isinstance(clip, ClipRecording)
    # The control: there is sound, which the subscription keeps alive as long as nobody ends it.
    assert clip._pcm
    if end == "mute":
        await house.switch("microphone", on=False)
    else:
        lesson.desk.connection.subscriptions.pop(number)()
    assert clip.take() == b""


async def test_a_test_that_begins_while_its_word_is_deleted_hears_nothing(
    house: House,
    taught: Lesson,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loading, go_on = asyncio.Event(), asyncio.Event()
    load = taught_models.async_load_taught

    async def slowly(*args: Any) -> Any:
        engine = await load(*args)
        loading.set()
        await go_on.wait()
        return engine

    monkeypatch.setattr(teaching, "async_load_taught", slowly)
    number = taught.desk.send(f"{DOMAIN}/taught/test", word_id=WORD, satellite_id=KITCHEN, kind="talk")
    await loading.wait()
    await taught.ask("delete", word_id=WORD)
    go_on.set()
    await taught.desk.until_told(lambda: taught.desk.answer_to(number) is not None)
    answer = taught.desk.answer_to(number)
    assert answer is not None
    assert answer["error"]["code"] == "taught_word_missing"
    assert not house.hub.teaching._tests


async def test_no_engine_hears_what_nobody_wants_any_more(house: House, taught: Lesson) -> None:  # noqa: F811
    await house.hub.listening.async_load([WORD], house.hub.taught.models)
    assert WORD in house.hub.listening.wake_words_available
    await house.hub.listening.async_load([], {})
    assert not house.hub.listening.wake_words_available


@pytest.mark.parametrize("way", ["the word", "everything"])
async def test_a_word_whose_key_is_gone_is_not_heard_even_if_its_deletion_failed(
    house: House,
    taught: Lesson,  # noqa: F811
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house.hub.taught.offered = True
    await house.hub.async_load_models()
    assert WORD in house.hub.listening.wake_words_available

    def fail(vault: TaughtVault, *_: object) -> int:
        vault._keys.destroy(list(vault._keys.sequences()))
        raise StoreFull

    monkeypatch.setattr(TaughtVault, "_remove_files", fail)
    monkeypatch.setattr(TaughtVault, "remove", fail)
    if way == "the word":
        assert await taught.refused("delete", word_id=WORD) == "store_full"
    else:
        with pytest.raises(HomeAssistantError):
            await house.act("delete_all", {"confirm": True, "taught_words": True})
    assert WORD not in house.hub.listening.wake_words_available
    assert house.hub.taught.models == {}
    # It can be taught again.
    monkeypatch.undo()
    await taught.begin()
    await taught.teach()
    assert await taught.save() == WORD


async def test_no_part_of_a_deleted_word_is_left_in_memory(house: House, taught: Lesson) -> None:  # noqa: F811
    await choose(taught, WORD, "alexa")
    # The control: what is in memory is found.
    assert in_memory()
    await choose(taught, "alexa")
    await taught.ask("delete", word_id=WORD)
    await house.hass.async_block_till_done()
    assert in_memory() == []


def in_memory() -> list[str]:
    """Return the types of the objects with numbers of the word."""
    gc.collect()
    return [
        type(one).__name__
        for one in gc.get_objects()
        if (isinstance(one, TaughtWord | SavedWord) and one.wake_word == WORD)
        or (isinstance(one, TaughtScorer) and WORD in one.wake_words)
    ]


# --- changes at the same time --------------------------------------------------------------------


async def test_changes_at_the_same_time_are_all_kept(house: House, taught: Lesson) -> None:  # noqa: F811
    _, content = await house.read(await keep_wake(house, await false_wake()))
    threshold = house.hub.taught.models[WORD].threshold
    other = replace(content, audio=await false_wake("a white house"))
    learning_both = asyncio.gather(
        async_learn_false_wake(house.hub, content), async_learn_false_wake(house.hub, other)
    )
    house.hub.taught.tightened(WORD, threshold * 0.7)
    assert all(await learning_both)
    await house.hass.async_block_till_done()
    await house.reload()
    word = house.hub.taught.models[WORD]
    assert len(word.anti_examples) == house.hub.taught.words[WORD].anti_examples == 2
    assert word.threshold <= threshold * 0.7 * 1.001


async def test_what_tightened_a_deleted_word_does_not_tighten_the_next(house: House, taught: Lesson) -> None:  # noqa: F811
    async with house.hub.taught.turn:
        house.hub.taught.tightened(WORD, 0.01)
        await taught.ask("delete", word_id=WORD)
        await taught.begin()
        await taught.teach()
        assert await taught.save() == WORD
    await house.hass.async_block_till_done()
    assert house.hub.taught.models[WORD].threshold > 0.02
