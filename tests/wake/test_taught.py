"""Taught wake words: the streaming distance is exact, files are read safely, and thresholds never loosen."""

from dataclasses import replace
import hashlib
import struct
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileInvalid
from custom_components.voice_privacy.wake.room_background import (
    BLOCK_CHUNKS,
    ENOUGH_BLOCKS,
    FACTOR,
    RoomBackground,
)
from custom_components.voice_privacy.wake.taught import (
    ANTI_MARGIN,
    ANTI_WEIGHT,
    FAR,
    HELD_CHUNKS,
    SLOPE,
    TaughtScorer,
    TaughtWord,
    as_template,
    distance,
    lowest_threshold,
    nearest_distances,
    own_distances,
)
from custom_components.voice_privacy.wake.taught_format import (
    MOST_ANTI_EXAMPLES,
    MOST_FRAMES,
    MOST_TEMPLATES,
    TaughtContent,
    write_content,
)

type Floats = NDArray[np.float32]

SEEDS = st.integers(0, 2**32 - 1)


def embeddings(seed: int, frames: int) -> Floats:
    """Return random embeddings that change slowly, as those of speech do."""
    random = np.random.default_rng(seed)
    steps = random.normal(0, 1, (frames, 96))
    return (np.cumsum(steps, axis=0) + random.normal(0, 2, 96)).astype(np.float32) * 5


def word(*lengths: int, seed: int = 0, anti: tuple[int, ...] = (), threshold: float = 0.2) -> TaughtWord:
    return TaughtWord(
        wake_word="hey_house",
        templates=tuple(as_template(embeddings(seed + at, length)) for at, length in enumerate(lengths)),
        anti_examples=tuple(
            as_template(embeddings(seed + 100 + at, length)) for at, length in enumerate(anti)
        ),
        threshold=threshold,
    )


# --- streaming -----------------------------------------------------------------------------------


def batch_distances(template: Floats, stream: Floats) -> list[float]:
    """Return the distance after each chunk by the definition: every alignment that ends there, frame by frame."""
    directions = stream / np.linalg.norm(stream, axis=1, keepdims=True)
    lines = template / np.linalg.norm(template, axis=1, keepdims=True)
    cost = 1 - directions.astype(np.float64) @ lines.astype(np.float64).T
    best: dict[tuple[int, int], float] = {}

    def total(at: int, frame: int) -> float:
        """Return the cost of the best alignment in which a chunk ends with a frame of the template."""
        if frame < 0:
            return 0.0 if frame == -1 else FAR
        if at < 0:
            return FAR
        if (at, frame) not in best:
            ways = [total(at - 1, frame - 1) + cost[at, frame]]
            if at > 0:
                ways.append(total(at - 2, frame - 1) + (cost[at - 1, frame] + cost[at, frame]) / 2)
            if frame > 0:
                ways.append(total(at - 1, frame - 2) + cost[at, frame - 1] + cost[at, frame])
            best[at, frame] = min(ways)
        return best[at, frame]

    return [min(total(at, len(template) - 1), FAR) / len(template) for at in range(len(stream))]


@given(lengths=st.lists(st.integers(1, 14), min_size=1, max_size=4), frames=st.integers(1, 30), seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_streaming_equals_batch(lengths: list[int], frames: int, seed: int) -> None:
    taught = word(*lengths, seed=seed % 1_000)
    streams = [embeddings(seed, frames), embeddings(seed + 1, frames)]
    scorer = TaughtScorer([taught])
    state = np.empty((2, scorer.state_size), np.float32)
    scorer.begin(state)
    exact = [[batch_distances(template, stream) for template in taught.templates] for stream in streams]
    for at in range(frames):
        scorer.step(state, np.stack([stream[at] for stream in streams]))
        for found, of_stream in zip(scorer.distances(state)[:, 0], exact, strict=True):
            held = [min(one[max(0, at - HELD_CHUNKS + 1) : at + 1]) for one in of_stream]
            expected = float(np.mean(held))
            # An impossible alignment is far, whatever the number.
            assert found == pytest.approx(expected, abs=1e-5) or min(found, expected) > 50


@given(seed=SEEDS, frames=st.integers(0, 60))
@settings(max_examples=30, deadline=None)
def test_only_the_newest_embeddings_count(seed: int, frames: int) -> None:
    scorer = TaughtScorer([word(3, 9, 12, seed=7, anti=(5,)), word(4, seed=8)])
    stream = embeddings(seed, frames + scorer.frames)
    states = np.empty((2, scorer.state_size), np.float32)
    scorer.begin(states)
    for embedding in stream[: -scorer.frames]:
        scorer.step(states[:1], embedding[np.newaxis])
    for embedding in stream[-scorer.frames :]:
        scorer.step(states, np.stack((embedding, embedding)))
    remembered, fresh = scorer.distances(states)
    assert remembered == pytest.approx(fresh, abs=1e-5)


def test_words_do_not_disturb_each_other() -> None:
    words = [word(5, 9, seed=1, anti=(4,)), word(12, seed=2), word(2, 2, 3, seed=3, anti=(7, 3))]
    stream = embeddings(5, 50)

    def heard(*of: TaughtWord) -> Floats:
        scorer = TaughtScorer(of)
        state = np.empty((1, scorer.state_size), np.float32)
        scorer.begin(state)
        rows = []
        for embedding in stream:
            scorer.step(state, embedding[np.newaxis])
            rows.append(scorer.distances(state)[0])
        return np.array(rows)

    together = heard(*words)
    for column, alone in enumerate(words):
        assert together[:, column] == pytest.approx(heard(alone)[:, 0], rel=1e-5, abs=1e-5)


def test_an_example_is_heard_at_any_tempo_up_to_twice() -> None:
    taught = word(10, seed=4)
    original = embeddings(4, 10)
    assert nearest_distances(TaughtScorer([taught]), original)[0] == pytest.approx(0, abs=2e-3)
    slow, fast = np.repeat(original, 2, axis=0), original[::2]
    other = embeddings(50, 20)
    scorer = TaughtScorer([taught])
    near = [float(nearest_distances(scorer, one)[0]) for one in (slow, fast, other)]
    assert near[0] == pytest.approx(0, abs=2e-3)
    assert near[1] < near[2] / 2


# --- scores --------------------------------------------------------------------------------------


def test_the_score_is_a_half_at_the_threshold() -> None:
    taught = word(5, threshold=0.2)
    scorer = TaughtScorer([taught])
    distances = np.array([[0.0], [0.15], [0.18], [0.2], [0.22], [0.25], [0.4], [FAR]], np.float32)
    assert scorer.scores(distances)[:, 0] == pytest.approx([1, 1, 0.7, 0.5, 0.3, 0, 0, 0], abs=1e-5)
    assert SLOPE == 2


@given(distance_=st.floats(0, 2), threshold=st.floats(0.01, 1), tightened=st.floats(0.001, 2))
def test_tightening_never_raises_a_score(distance_: float, threshold: float, tightened: float) -> None:
    scorer = TaughtScorer([word(5, threshold=threshold)])
    distances = np.array([[distance_]], np.float32)
    before = scorer.scores(distances)[0, 0]
    scorer.tighten("hey_house", tightened)
    assert scorer.scores(distances)[0, 0] <= before + 1e-6
    assert word(5, threshold=threshold).tightened(tightened).threshold == min(threshold, tightened)


def at_the_end(of: TaughtWord, heard: Floats) -> float:
    """Return the distance to a word at the end of some sound."""
    scorer = TaughtScorer([of])
    state = np.empty((1, scorer.state_size), np.float32)
    scorer.begin(state)
    for embedding in heard:
        scorer.step(state, embedding[np.newaxis])
    return float(scorer.distances(state)[0, 0])


def test_an_anti_example_of_one_voice_keeps_no_voice_from_being_heard() -> None:
    """Each voice is nearer to what it said itself, anti-examples included, than to the mean of all."""
    random = np.random.default_rng(0)

    def like(sound: Floats, spread: float) -> Floats:
        return (sound + random.normal(0, spread, sound.shape)).astype(np.float32)

    common = embeddings(1, 10)
    voices = [like(common, 12) for _ in range(3)]
    similar = [as_template(like(voice, 8)) for voice in voices]
    plain = TaughtWord(wake_word="w", templates=tuple(as_template(voice) for voice in voices), threshold=0.2)
    guarded = replace(plain, anti_examples=tuple(similar))
    for voice, near in zip(voices, similar, strict=True):
        # It is nearer to its anti-example than to the mean of the examples.
        assert at_the_end(plain, voice) > at_the_end(replace(plain, templates=(near,)), voice)
        assert at_the_end(guarded, voice) == pytest.approx(at_the_end(plain, voice), abs=1e-5)


def test_an_anti_example_makes_what_sounds_like_it_farther() -> None:
    templates = word(10, seed=1).templates
    stream = embeddings(1, 10)
    similar = (stream + np.random.default_rng(0).normal(0, 8, stream.shape)).astype(np.float32)
    plain = TaughtWord(wake_word="w", templates=templates, threshold=0.2)
    guarded = TaughtWord(
        wake_word="w", templates=templates, anti_examples=(as_template(similar),), threshold=0.2
    )

    before = at_the_end(plain, similar)
    assert at_the_end(plain, stream) == pytest.approx(at_the_end(guarded, stream), abs=1e-5)
    farther = ANTI_WEIGHT * (before + ANTI_MARGIN)
    assert at_the_end(guarded, similar) == pytest.approx(before + farther, abs=5e-3)


# --- files ---------------------------------------------------------------------------------------


@given(
    lengths=st.lists(st.integers(1, 20), min_size=1, max_size=6),
    anti=st.lists(st.integers(1, 20), max_size=4),
    threshold=st.floats(2**-7, 2, width=32),
    seed=st.integers(0, 1_000),
)
@settings(max_examples=30, deadline=None)
def test_round_trip(lengths: list[int], anti: list[int], threshold: float, seed: int) -> None:
    taught = word(*lengths, seed=seed, anti=tuple(anti), threshold=threshold)
    read = TaughtWord.from_bytes(taught.to_bytes())
    assert (read.wake_word, read.threshold) == (taught.wake_word, threshold)
    assert [one.tolist() for one in read.templates] == [one.tolist() for one in taught.templates]
    assert [one.tolist() for one in read.anti_examples] == [one.tolist() for one in taught.anti_examples]
    assert read.to_bytes() == taught.to_bytes()


STORED = word(4, 6, 5, anti=(3,)).to_bytes()


def sealed(body: bytes) -> bytes:
    """Return content with a checksum that is right, so that only what it says can be wrong."""
    return body + hashlib.sha256(body).digest()


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_refused_and_nothing_else(data: st.DataObject) -> None:
    changed = bytearray(STORED)
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ModelFileInvalid):
        TaughtWord.from_bytes(bytes(changed))
    with pytest.raises(ModelFileInvalid):
        TaughtWord.from_bytes(STORED[:at])
    with pytest.raises(ModelFileInvalid):
        TaughtWord.from_bytes(STORED + b"\0" * data.draw(st.integers(1, 3)))


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_what_a_file_says_is_checked_although_its_checksum_is_right(data: st.DataObject) -> None:
    body = bytearray(STORED[:-32])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, min(len(body) - 1, 60)))
        body[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    for content in (bytes(body), bytes(body[:cut]), bytes(body) + bytes(body[:cut])):
        try:
            read = TaughtWord.from_bytes(sealed(content))
        except ModelFileInvalid:
            continue
        assert TaughtWord.from_bytes(read.to_bytes()).to_bytes() == read.to_bytes()
        assert 0 < read.threshold <= 2
        TaughtScorer([read])


@given(content=st.binary(max_size=400))
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ModelFileInvalid):
        TaughtWord.from_bytes(content)
    with pytest.raises(ModelFileInvalid):
        TaughtWord.from_bytes(sealed(b"VPWORD\r\n\x01\x00" + content))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_refused(number: float) -> None:
    template = word(4).templates[0].copy()
    template[2, 5] = number
    with pytest.raises(ModelFileInvalid):
        TaughtWord(wake_word="w", templates=(template,), threshold=0.2).to_bytes()
    with pytest.raises(ModelFileInvalid):
        TaughtWord(wake_word="w", templates=word(4).templates, threshold=number).to_bytes()


@pytest.mark.parametrize("wake_word", ["", "Hey House", "../../x", "a" * 65, "hé"])
def test_ids_that_are_none_are_refused(wake_word: str) -> None:
    with pytest.raises(ModelFileInvalid):
        TaughtWord(wake_word=wake_word, templates=word(4).templates, threshold=0.2).to_bytes()


@pytest.mark.parametrize(
    ("templates", "anti", "frames"),
    [
        (0, 0, 4),
        (MOST_TEMPLATES + 1, 0, 1),
        (1, MOST_ANTI_EXAMPLES + 1, 1),
        (1, 0, MOST_FRAMES + 1),
        (2, 0, 0),
    ],
)
def test_counts_are_bounded(templates: int, anti: int, frames: int) -> None:
    one = np.ones((frames, 96), np.float32)
    with pytest.raises(ModelFileInvalid):
        write_content(TaughtContent("w", 0.2, (one,) * templates, (one,) * anti))


def test_a_later_version_is_refused() -> None:
    body = bytearray(STORED[:-32])
    struct.pack_into("<H", body, 8, 2)
    with pytest.raises(ModelFileInvalid):
        TaughtWord.from_bytes(sealed(bytes(body)))


# --- beside other words --------------------------------------------------------------------------


def varied(seed: int, count: int, spread: float) -> tuple[Floats, ...]:
    """Return examples of the same word, each a little different."""
    original, random = embeddings(seed, 10), np.random.default_rng(seed)
    return tuple(
        as_template((original + random.normal(0, spread, original.shape)).astype(np.float32))
        for _ in range(count)
    )


def test_an_example_of_another_word_is_far_from_the_others() -> None:
    found = own_distances((*varied(1, 4, 2), *varied(2, 1, 2)))
    assert max(found[:4]) < found[4] / 2


def test_words_that_sound_alike_are_near() -> None:
    first, again, other = (
        TaughtWord(wake_word="w", templates=templates, threshold=0.2)
        for templates in (varied(1, 3, 2), varied(1, 3, 3), varied(2, 3, 2))
    )
    assert distance(first, again) < 0.5
    assert distance(first, other) > 1
    assert distance(first, other) == pytest.approx(distance(other, first))


# --- the room ------------------------------------------------------------------------------------


def talk(background: RoomBackground, distances: Any) -> list[float]:
    """Let a room hear blocks with these nearest distances; return the thresholds it says."""
    said = []
    for nearest in distances:
        for at in range(BLOCK_CHUNKS):
            found = background.heard("kitchen", nearest if at == 7 else nearest + 0.1)
            said += [] if found is None else [found]
    return said


def test_a_room_whose_talk_comes_near_tightens() -> None:
    background = RoomBackground(0.2, 0.1)
    spread = np.linspace(0.21, 0.4, ENOUGH_BLOCKS).tolist()
    assert talk(background, spread[:-1]) == []
    (said,) = talk(background, spread[-1:])
    assert said == background.threshold == pytest.approx(FACTOR * spread[3])


def test_a_room_whose_talk_is_far_changes_nothing() -> None:
    background = RoomBackground(0.2, 0.1)
    assert talk(background, [0.5] * 3 * ENOUGH_BLOCKS) == []
    assert background.threshold == 0.2


def test_wakes_are_no_background() -> None:
    background = RoomBackground(0.2, 0.1)
    assert talk(background, [0.05, 0.5] * ENOUGH_BLOCKS) == []
    assert background.threshold == 0.2


def test_own_examples_still_wake() -> None:
    background = RoomBackground(0.2, 0.19)
    assert talk(background, [0.201] * ENOUGH_BLOCKS) == [0.19]
    assert talk(background, [0.191] * 3 * ENOUGH_BLOCKS) == []


def test_a_stream_that_ended_leaves_no_block() -> None:
    background = RoomBackground(0.2, 0.1)
    for _ in range(BLOCK_CHUNKS - 1):
        background.heard("kitchen", 0.3)
    background.forget("kitchen")
    background.heard("kitchen", 0.3)
    assert background.blocks == 0


@given(
    blocks=st.lists(st.floats(0, 1), min_size=1, max_size=20),
    threshold=st.floats(0.01, 1),
    lowest=st.floats(0, 1),
)
@settings(max_examples=30, deadline=None)
def test_a_threshold_never_loosens(blocks: list[float], threshold: float, lowest: float) -> None:
    background = RoomBackground(threshold, lowest)
    said = talk(background, blocks * (2 * ENOUGH_BLOCKS // len(blocks) + 1))
    assert [threshold, *said] == sorted([threshold, *said], reverse=True)
    assert background.threshold >= min(threshold, lowest)


def test_the_lowest_threshold_is_that_of_the_farthest_example() -> None:
    templates = varied(1, 4, 3)
    taught = TaughtWord(wake_word="w", templates=templates, threshold=0.2)
    assert lowest_threshold(taught) == max(own_distances(templates)) < taught.threshold
    assert lowest_threshold(taught.tightened(1e-3)) == 1e-3
    assert lowest_threshold(TaughtWord(wake_word="w", templates=templates[:1], threshold=0.2)) == 0.2
