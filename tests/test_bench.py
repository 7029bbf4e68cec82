"""What scripts/bench mixes is as loud as it says, and what is missing is named."""

from argparse import Namespace
from pathlib import Path
import wave

import numpy as np
from numpy.typing import NDArray
import pytest

# Before scripts.benchmarks, which would put a package without Home Assistant in its place.
import custom_components.voice_privacy  # noqa: F401
from scripts.benchmarks import _hearing
from scripts.benchmarks._hearing import THRESHOLDS, sources_of, table_of
from scripts.benchmarks._mixing import SECONDS_BEFORE, alone, babble, fan, mixed, speech_power

RATE = 16_000


def tone(seconds: float, amplitude: float, pitch: float = 300) -> NDArray[np.int16]:
    time = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * pitch * time)).astype(np.int16)


def spoken(amplitude: float = 6_000) -> NDArray[np.int16]:
    """Return half a second of sound between silences."""
    silence = np.zeros(RATE // 2, np.int16)
    return np.concatenate((silence, tone(0.5, amplitude), silence))


def power(samples: NDArray[np.int16]) -> float:
    return float(np.mean(np.square(samples.astype(np.float64))))


def test_silence_around_speech_does_not_make_it_softer() -> None:
    assert speech_power(spoken()) == pytest.approx(power(tone(0.5, 6_000)), rel=0.05)
    assert speech_power(np.zeros(0, np.int16)) == speech_power(np.zeros(RATE, np.int16)) == 0


@pytest.mark.parametrize("decibels", [20, 10, 5, 0])
@pytest.mark.parametrize(
    "noise", [fan(5, 0), tone(3, 30, 1_000), tone(0.7, 20_000, 70)], ids=["fan", "soft", "loud"]
)
def test_noise_is_as_much_softer_as_asked(noise: NDArray[np.int16], decibels: float) -> None:
    word = spoken()
    scene = mixed(word, noise, decibels, seed=3)
    quiet = alone(word, 3)
    assert len(scene) == len(quiet)
    before = round(SECONDS_BEFORE * RATE)
    added = scene.astype(np.float64) - quiet
    ratio = 10 * np.log10(speech_power(word) / np.mean(np.square(added)))
    assert ratio == pytest.approx(decibels, abs=0.1)
    # It is there before the word begins.
    assert np.mean(np.square(added[:before])) > 0.5 * np.mean(np.square(added))


def test_loud_scenes_are_not_distorted() -> None:
    word = spoken(32_000)
    scene = mixed(word, fan(5, 1), -5, seed=0)
    assert np.abs(scene.astype(int)).max() <= 32_767
    assert (np.abs(scene.astype(int)) == 32_767).sum() <= 1


def test_silent_noise_and_short_noise() -> None:
    word = spoken()
    assert np.array_equal(mixed(word, np.zeros(100, np.int16), 5, 1), alone(word, 1))
    assert len(mixed(word, np.ones(1, np.int16), 5, 1)) == len(alone(word, 1))


def test_babble_and_fan_are_the_same_every_time() -> None:
    voices = [tone(0.4, amplitude, pitch) for amplitude, pitch in ((50, 200), (9_000, 300), (20_000, 500))]
    assert np.array_equal(babble(voices, 3, 5), babble(voices, 3, 5))
    assert not np.array_equal(babble(voices, 3, 5), babble(voices, 3, 6))
    assert np.array_equal(fan(2, 1), fan(2, 1))
    assert len(babble(voices, 3, 5)) == 3 * RATE
    assert not babble([], 1, 0).any()
    # Every voice is as loud as the others: the soft one is heard, too.
    spectrum = np.abs(np.fft.rfft(babble(voices, 10, 5).astype(np.float64)))
    loudness = [spectrum[int(pitch * 10) - 5 : int(pitch * 10) + 6].max() for pitch in (200, 300, 500)]
    assert min(loudness) > 0.3 * max(loudness)


def test_a_fan_rumbles() -> None:
    spectrum = np.square(np.abs(np.fft.rfft(fan(4, 0).astype(np.float64))))
    low, high = spectrum[4 * 100 : 4 * 400].sum(), spectrum[4 * 2_000 : 4 * 8_000].sum()
    assert low > 10 * high > 0


class Loudness:
    """An engine that scores how loud a chunk is."""

    def __init__(self) -> None:
        self.opened = 0

    def open_stream(self) -> int:
        self.opened += 1
        return self.opened

    def close_stream(self, stream: int) -> None:
        self.opened -= 1

    def process(self, streams: object, chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = (np.abs(chunks).max(axis=1, keepdims=True) / 10_000).astype(np.float32)
        return scores


def write(path: Path, samples: NDArray[np.int16]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.astype("<i2").tobytes())


def test_a_table_of_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_hearing, "SPEECH", tmp_path / "none")
    monkeypatch.setattr(_hearing, "MUSIC", tmp_path / "none")
    for number, amplitude in enumerate((3_500, 5_500)):
        write(tmp_path / "audio" / "word" / f"{number}.wav", spoken(amplitude))
    (tmp_path / "audio" / "word" / "broken.wav").write_bytes(b"RIFF")
    write(tmp_path / "audio" / "other" / "1.wav", spoken(8_000))
    arguments = Namespace(audio=tmp_path / "audio", speech=None, music=None, half=None)
    assert sources_of(arguments, "another") is None
    sources = sources_of(arguments, "word")
    assert sources is not None
    assert [len(sources.words), len(sources.speech), len(sources.music)] == [2, 1, 0]
    about = "\n".join(sources.about)
    assert "recordings of word: 2 files" in about
    assert "1 too short or unreadable" in about
    assert "no folder of music" in about
    table = table_of(Loudness(), sources)
    assert table["recall"]["clean"] == {"0.3": 100.0, "0.5": 50.0, "0.7": 0.0, "0.9": 0.0}
    assert [name for name in table["recall"] if "music" in name] == []
    assert {"babble 10 dB", "fan 5 dB"} < table["recall"].keys()
    assert table["false_wakes"]["speech with pauses"]["0.5"] == 1
    assert table["false_wakes"]["speech with pauses"]["0.9"] == 0
    assert len(table["false_wakes"]["speech without pauses"]) == 1 + len(THRESHOLDS)


def test_halves_have_nothing_in_common(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / "word" / f"{number}.wav", spoken(1_000 + number))
    halves = []
    for half in ("first", "second"):
        sources = sources_of(Namespace(audio=tmp_path, speech=tmp_path, music=tmp_path, half=half), "word")
        assert sources is not None
        halves.append({recording.tobytes() for recording in sources.words})
    assert [len(half) for half in halves] == [3, 2]
    assert not halves[0] & halves[1]
