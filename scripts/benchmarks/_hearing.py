"""How well an engine hears a wake word in quiet and noise, and how often it wakes falsely in other speech and music."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
import itertools
from pathlib import Path
import time
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from custom_components.voice_privacy.wake.detector import WakeWordDetector
from custom_components.voice_privacy.wake.engines import WakeEngines
from custom_components.voice_privacy.wake.worker import WakeWordSettings
from scripts.benchmarks._corpus import read_all, sounds_in
from scripts.benchmarks._mixing import alone, babble, fan, mixed

type Samples = NDArray[np.int16]

THRESHOLDS: Final = (0.3, 0.5, 0.7, 0.9)

RATIOS: Final = (10, 5)
"""Signal-to-noise ratios, dB."""

TAKES: Final = 3
"""Pieces of each noise that each recording is mixed with."""

BATCH: Final = 16
"""Streams that are heard at the same time."""

SHORTEST: Final = SAMPLE_RATE // 10
"""Samples below which a recording is a click, not speech."""

SPEECH: Final = Path("/usr/share/asterisk/sounds")
MUSIC: Final = Path("/usr/share/asterisk/moh")
"""Where Debian's asterisk-core-sounds-* and asterisk-moh-opsound-* put their files."""

_BABBLE_SECONDS: Final = 120
_FAN_SECONDS: Final = 60


class Hears(Protocol):
    """An engine."""

    def open_stream(self) -> int:
        """Open a stream and return its handle."""

    def close_stream(self, stream: int) -> None:
        """Close a stream."""

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        """Return the scores of one chunk of each stream."""


@dataclass(slots=True)
class Sources:
    """What an engine is tried on."""

    words: list[Samples] = field(default_factory=list)
    speech: list[Samples] = field(default_factory=list)
    music: list[Samples] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    """What it was, for people."""


def add_arguments(parser: Any) -> None:
    """Add where sounds come from."""
    parser.add_argument(
        "--speech", type=Path, help=f"with --audio: folder with other speech, default {SPEECH} if it is there"
    )
    parser.add_argument(
        "--music", type=Path, help=f"with --audio: folder with music, default {MUSIC} if it is there"
    )
    parser.add_argument(
        "--half",
        choices=("first", "second"),
        help="with --audio: every other recording only; rules are chosen on the first half, judged on the second",
    )


def sources_of(arguments: Namespace, wake_word: str) -> Sources | None:
    """Return what an engine is tried on; None if the folder of recordings has none named after the wake word."""
    folder: Path = arguments.audio
    if folder.name != wake_word and not (folder / wake_word).is_dir():
        return None
    spoken = sounds_in(folder / wake_word if (folder / wake_word).is_dir() else folder)
    sources = Sources()
    sources.words = _read(spoken, f"recordings of {wake_word}", arguments.half, sources.about)
    others = [] if folder.name == wake_word else [path for path in sounds_in(folder) if path not in spoken]
    speech, music = _folder(arguments.speech, SPEECH), _folder(arguments.music, MUSIC)
    sources.speech = _read(
        [*sounds_in(speech), *others] if speech else others, "other speech", arguments.half, sources.about
    )
    if speech is None:
        sources.about.append("there is no folder of other speech (--speech): only the other recordings")
    sources.music = _read(sounds_in(music) if music else (), "music", arguments.half, sources.about)
    if music is None:
        sources.about.append("there is no folder of music (--music): skipped")
    return sources


def _folder(wanted: Path | None, usual: Path) -> Path | None:
    if wanted is not None and not wanted.is_dir():
        raise SystemExit(f"scripts/bench: {wanted} is no folder")
    return wanted or (usual if usual.is_dir() else None)


def _read(paths: Sequence[Path], name: str, half: str | None, about: list[str]) -> list[Samples]:
    """Return the recordings that can be read."""
    if half is not None:
        paths = paths[half == "second" :: 2]
    found = [samples for _, samples in read_all(paths) if samples is not None and len(samples) >= SHORTEST]
    hours = sum(map(len, found)) / SAMPLE_RATE / 3_600
    unread = len(paths) - len(found)
    about.append(f"{name}: {len(found)} files, {hours:.2f} h; {unread} too short or unreadable")
    return found


def counts_of(engine: Hears, streams: Sequence[Samples], column: int = 0) -> Iterator[list[int]]:
    """Yield for each stream how often its wake word was detected at each threshold."""
    refractory = round(WakeWordSettings(wake_word="").refractory_seconds * SAMPLE_RATE)
    handles = [engine.open_stream() for _ in streams]
    detectors = [
        [WakeWordDetector(threshold=threshold, refractory_samples=refractory) for threshold in THRESHOLDS]
        for _ in streams
    ]
    counts = [[0] * len(THRESHOLDS) for _ in streams]
    for start in range(0, max(map(len, streams)), CHUNK_SAMPLES):
        end = start + CHUNK_SAMPLES
        now = [at for at, samples in enumerate(streams) if end <= len(samples)]
        if not now:
            break
        chunks = np.stack([streams[at][start:end] for at in now])
        scores = engine.process([handles[at] for at in now], chunks)[:, column].tolist()
        for at, score in zip(now, scores, strict=True):
            for number, detector in enumerate(detectors[at]):
                counts[at][number] += detector.process(score, end)
    for handle in handles:
        engine.close_stream(handle)
    yield from counts


def table_of(engine: Hears, sources: Sources, column: int = 0) -> dict[str, Any]:
    """Return recall in percent by condition, false wakes by protocol, and what it cost."""
    second = engine.second if isinstance(engine, WakeEngines) else None
    started, heard = time.process_time(), 0
    recall: dict[str, dict[str, float]] = {}
    for name, streams in _spoken(sources):
        counts = list(_heard(engine, streams, column))
        heard += sum(map(len, streams))
        recall[name] = {
            str(threshold): round(100 * sum(row[at] > 0 for row in counts) / len(counts), 1)
            for at, threshold in enumerate(THRESHOLDS)
        }
    false_wakes: dict[str, dict[str, float]] = {}
    spoken, before = heard, 0 if second is None else second.chunks_heard
    for name, streams in _unspoken(sources):
        counts = list(_heard(engine, streams, column))
        samples = sum(map(len, streams))
        heard += samples
        false_wakes[name] = {"hours": round(samples / SAMPLE_RATE / 3_600, 2)} | {
            str(threshold): sum(row[at] for row in counts) for at, threshold in enumerate(THRESHOLDS)
        }
    seconds = time.process_time() - started
    chunks = max(1, heard // CHUNK_SAMPLES)
    result = {
        "sources": sources.about,
        "recall": recall,
        "false_wakes": false_wakes,
        "cpu_ms_per_chunk_with_mixing": round(seconds * 1_000 / chunks, 4),
    }
    if second is not None:
        result["second_ear_listens"] = round(
            (second.chunks_heard - before) / max(1, (heard - spoken) // CHUNK_SAMPLES), 4
        )
    return result


def _heard(engine: Hears, streams: Sequence[Samples], column: int) -> Iterator[list[int]]:
    """Yield the counts of streams, those of about the same length together."""
    for group in itertools.batched(sorted(streams, key=len), BATCH, strict=False):
        yield from counts_of(engine, group, column)


def _spoken(sources: Sources) -> Iterator[tuple[str, list[Samples]]]:
    """Yield the wake word in all conditions that there are sounds for."""
    if not sources.words:
        return
    yield "clean", [alone(recording, seed) for seed, recording in enumerate(sources.words)]
    noises: dict[str, Samples] = {}
    if sources.music:
        noises["music"] = np.concatenate(sources.music)
    if sources.speech:
        noises["babble"] = babble(sources.speech, _BABBLE_SECONDS, 0)
    noises["fan"] = fan(_FAN_SECONDS, 0)
    for (name, noise), decibels in itertools.product(noises.items(), RATIOS):
        yield (
            f"{name} {decibels} dB",
            [
                mixed(recording, noise, decibels, TAKES * number + take)
                for number, recording in enumerate(sources.words)
                for take in range(TAKES)
            ],
        )


def _unspoken(sources: Sources) -> Iterator[tuple[str, list[Samples]]]:
    """Yield other speech with and without pauses between utterances, and music."""
    if sources.speech:
        order = np.random.default_rng(0).permutation(len(sources.speech)).tolist()
        groups = [[sources.speech[at] for at in order[start::BATCH]] for start in range(BATCH)]
        groups = [group for group in groups if group]
        yield "speech without pauses", [np.concatenate(group) for group in groups]
        yield (
            "speech with pauses",
            [
                np.concatenate([alone(utterance, seed) for seed, utterance in enumerate(group)])
                for group in groups
            ],
        )
    if sources.music:
        yield "music", sources.music


def print_table(result: Mapping[str, Any]) -> None:
    """Print a table for people."""
    for line in result["sources"]:
        print(line)
    print(f"{'recall, % at threshold':>24}" + "".join(f"{threshold:>8}" for threshold in THRESHOLDS))
    for name, row in result["recall"].items():
        print(f"{name:>24}" + "".join(f"{row[str(threshold)]:>8.1f}" for threshold in THRESHOLDS))
    print(f"{'false wakes at threshold':>24}" + "".join(f"{threshold:>8}" for threshold in THRESHOLDS))
    for name, row in result["false_wakes"].items():
        counts = "".join(f"{row[str(threshold)]:>8}" for threshold in THRESHOLDS)
        print(f"{name:>24}{counts}  in {row['hours']} h")
    print(f"{result['cpu_ms_per_chunk_with_mixing']} ms CPU per chunk, mixing included")
    if "second_ear_listens" in result:
        print(f"openWakeWord heard {100 * result['second_ear_listens']:.1f} % of the other speech and music")
