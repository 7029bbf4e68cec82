"""What scripts/bench teach counts: wakes, thresholds for a rate of false wakes, and whose recordings are whose."""

from pathlib import Path

from hypothesis import given, strategies as st
import numpy as np
import pytest

# Before scripts.benchmarks, which would put a package without Home Assistant in its place.
import custom_components.voice_privacy  # noqa: F401
from custom_components.voice_privacy.wake.taught import as_template
from scripts.benchmarks._taught import is_word, mfcc, negatives_of, template_distances, threshold_for, wakes
from scripts.benchmarks.teach import mean_row, read_clips

from .test_bench import tone, write


def test_a_wake_counts_once() -> None:
    stream = np.full((1, 100), 1, np.float32)
    stream[0, [10, 11, 12, 30, 60]] = 0.1
    assert wakes([stream], 0.2) == 2
    assert wakes([stream, stream], 0.2) == 4
    assert wakes([stream], 0.05) == 0


@given(seed=st.integers(0, 10_000), parts=st.integers(1, 3), allowed=st.integers(0, 3))
def test_a_threshold_allows_so_many_false_wakes_at_most(seed: int, parts: int, allowed: int) -> None:
    random = np.random.default_rng(seed)
    streams = [random.uniform(0.01, 1, (2, 70)).astype(np.float32) for _ in range(parts)]
    before = [stream.copy() for stream in streams]
    threshold = threshold_for(streams, allowed)
    assert all(np.array_equal(*pair) for pair in zip(streams, before, strict=True))
    if np.isfinite(threshold):
        assert wakes(streams, threshold) <= allowed
        assert wakes(streams, float(np.nextafter(threshold, np.float32(2)))) > 0


def test_folders_are_words_and_other_files_are_named_after_theirs(tmp_path: Path) -> None:
    for name in ("alexa/1.wav", "alexa/2.wav", "other/smart_mirror-07.wav", "loose.wav"):
        write(tmp_path / name, tone(0.5, 5_000))
    write(tmp_path / "alexa" / "click.wav", tone(0.01, 5_000))
    clips = read_clips(tmp_path)
    assert {name: len(found) for name, found in clips.items()} == {"alexa": 2, "smart_mirror-07/": 1}
    assert is_word("smart_mirror-07/", "Smart Mirror")
    assert not is_word("alexa", "smart mirror")


def test_negatives_are_complete() -> None:
    clips = [tone(seconds, 5_000) for seconds in (0.5, 1, 2, 3)]
    streams = negatives_of(clips)
    assert len(streams) == 4
    assert sum(map(len, streams)) == sum(map(len, clips)) + 4 * (32_000 + 8_000)


def test_mfcc_finds_a_sound_again() -> None:
    noise = np.random.default_rng(0).normal(0, 500, 64_000).astype(np.int16)
    sound = np.concatenate([tone(0.2, 8_000, pitch) for pitch in (300, 900, 500, 1_500)])
    heard = noise.copy()
    heard[32_000 : 32_000 + len(sound)] += sound
    found = template_distances([as_template(mfcc(sound))], mfcc(heard)[np.newaxis])[0, 0]
    assert int(found.argmin()) * 320 == pytest.approx(32_000 + len(sound), abs=1_600)
    assert mfcc(sound).shape[1] == 13


def test_the_mean_of_all_words() -> None:
    rows = [
        {"word": "a", "examples": 3, "recall": 90.0, "recall_worst": 80.0, "false_per_hour_worst": 1.0},
        {"word": "b", "examples": 3, "recall": 100.0, "recall_worst": 95.0, "false_per_hour_worst": 0.5},
        {"word": "b", "examples": 5, "recall": 0.0, "recall_worst": 0.0, "false_per_hour_worst": 9.0},
    ]
    mean = mean_row(rows, 3)
    assert mean["recall"] == 95
    assert (mean["recall_worst"], mean["false_per_hour_worst"]) == (80, 1)
