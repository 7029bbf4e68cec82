"""Names and ids of taught wake words, what is read of them, and when a clip ends."""

from datetime import date
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.audio import CHUNK_SECONDS
from custom_components.voice_privacy.core.spoken_clip import MAX_SECONDS, SpokenClip
from custom_components.voice_privacy.core.taught_words import MAX_NAME, SavedWord, clean_word_name, id_of_name

WORD = SavedWord(
    wake_word="hey_house",
    name="Hey Häuschen",
    created=date(2026, 11, 30),
    user_id=None,
    people=1,
    clips=8,
    anti_examples=0,
    is_short=False,
    model=b"numbers",
)


@given(st.text())
def test_names_are_clean_or_refused(typed: str) -> None:
    name = clean_word_name(typed)
    if name is not None:
        assert 0 < len(name) <= MAX_NAME
        assert name.isprintable()
        assert clean_word_name(name) == name
        assert SavedWord.read(WORD.about() | {"name": name}, b"").name == name


@pytest.mark.parametrize("typed", [None, 5, [], "", "\u202e", "n" * 41])
def test_other_names_are_none(typed: object) -> None:
    assert clean_word_name(typed) is None


@given(st.sampled_from(["", "unknown"]), st.integers(0, 5))
def test_a_name_without_letters_gets_a_number(slug: str, there: int) -> None:
    taken = {"taught_word", *(f"taught_word_{number}" for number in range(2, there + 1))} if there else set()
    found = id_of_name(slug, taken, str)
    assert found is not None
    assert found not in taken
    assert found.startswith("taught_word")


def test_ids_that_are_the_same_words_are_taken() -> None:
    key = str.casefold
    assert id_of_name("hey_house", {"hey_house"}, key) is None
    assert id_of_name("hey_house", {"hey_mouse"}, key) == "hey_house"
    assert id_of_name("a" * 60, set(), key) == "a" * 40
    assert id_of_name("a" * 39 + "_b", set(), key) == "a" * 39


def test_what_is_sealed_is_read_again() -> None:
    assert SavedWord.read(WORD.about(), WORD.model) == WORD


@pytest.mark.parametrize(
    "changes",
    [
        {"wake_word": ""},
        {"wake_word": "x" * 41},
        {"wake_word": 5},
        {"name": ""},
        {"name": "a\u202eb"},
        {"name": None},
        {"user_id": 5},
        {"created": "yesterday"},
        {"created": None},
        {"people": -1},
        {"clips": True},
        {"clips": 1e9},
        {"anti_examples": 10**9},
    ],
)
def test_what_is_malformed_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        SavedWord.read(WORD.about() | changes, b"")


def length(levels: list[float]) -> float:
    """Return how long a clip of these levels is; after them the room is quiet."""
    clip = SpokenClip()
    for level in [*levels, *[-65.0] * 100]:
        if clip.ended:
            break
        clip.add(level, CHUNK_SECONDS)
    return clip.seconds


def test_a_clip_ends_after_its_word() -> None:
    # Half a second of room, half a second of speech, and the quiet after it.
    assert length([-65.0] * 6 + [-25.0] * 6) == pytest.approx(12 * CHUNK_SECONDS + 0.8, abs=0.081)
    # A gap within the phrase does not end it, and neither does speech from the first moment on.
    assert length([-65.0] * 6 + [-25.0] * 4 + [-65.0] * 5 + [-25.0] * 4) > 19 * CHUNK_SECONDS
    assert length([-20.0] * 6) == pytest.approx(6 * CHUNK_SECONDS + 0.8, abs=0.081)


@pytest.mark.parametrize("levels", [[-65.0] * 100, [-90.0] * 100, [-65.0] * 9 + [-20.0] + [-65.0] * 100])
def test_silence_and_a_click_end_it_by_time(levels: list[float]) -> None:
    assert length(levels) == pytest.approx(MAX_SECONDS, abs=0.081)


@given(st.lists(st.floats(-100, 0), max_size=80))
def test_a_clip_always_ends(levels: list[float]) -> None:
    assert length(levels) <= MAX_SECONDS + CHUNK_SECONDS
