"""Taught wake words on recordings: what is heard of a word, and how near everything else comes to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
import itertools
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES, CHUNK_SECONDS, SAMPLE_RATE
from custom_components.voice_privacy.wake.clip_sound import ClipVerdict
from custom_components.voice_privacy.wake.engine import QUIET_CHUNKS, WakeEngine
from custom_components.voice_privacy.wake.enrolment import EnrolledClip, Enroller
from custom_components.voice_privacy.wake.room_background import BLOCK_CHUNKS, ENOUGH_BLOCKS, RoomBackground
from custom_components.voice_privacy.wake.taught import (
    Floats,
    TaughtScorer,
    TaughtWord,
    as_template,
    lowest_threshold,
)
from scripts.benchmarks._mixing import alone, quiet

type Samples = NDArray[np.int16]

type Heard = Floats
"""Features of streams, [streams, frames, features]."""

SIZES: Final = (3, 5, 8)
"""Numbers of examples."""

RATES: Final = (0.5, 0.1, 0.0)
"""False wakes per hour."""

STREAMS: Final = 32
"""Streams that are heard at the same time."""

_PAUSE_SECONDS: Final = 0.5
_REFRACTORY_CHUNKS: Final = 25
"""Chunks after a wake in which there is no other one."""

_MFCC_HOP: Final = 320
_MFCC_WINDOW: Final = 400
_MFCC_BANDS: Final = 26
_MFCC_COUNT: Final = 13


@dataclass(slots=True)
class Recordings:
    """Recordings of one folder as they are heard, each alone in a quiet room."""

    clips: list[Samples]
    heard: Heard
    mfcc: Heard


@dataclass(slots=True)
class Word:
    """Recordings of a word."""

    name: str
    recordings: Recordings
    enrolled: list[EnrolledClip]
    mfcc_templates: dict[int, Floats] = field(default_factory=dict)
    """By number of the clip; only of good clips."""


# --- features ------------------------------------------------------------------------------------


def embeddings_of(engine: WakeEngine, streams: Sequence[Samples]) -> Heard:
    """Return the embeddings of streams, as the engine computes them."""
    found: list[Floats] = [np.zeros((0, 96), np.float32)] * len(streams)
    order = sorted(range(len(streams)), key=lambda at: len(streams[at]))
    for group in itertools.batched(order, 16, strict=False):
        handles = {at: engine.open_stream() for at in group}
        rows: dict[int, list[Floats]] = {at: [] for at in group}
        for start in range(0, max(len(streams[at]) for at in group), CHUNK_SAMPLES):
            now = [at for at in group if start + CHUNK_SAMPLES <= len(streams[at])]
            if not now:
                break
            engine.process(
                [handles[at] for at in now],
                np.stack([streams[at][start : start + CHUNK_SAMPLES] for at in now]),
            )
            for at in now:
                rows[at].append(engine.embeddings(handles[at])[-1])
        for at in group:
            engine.close_stream(handles[at])
            found[at] = np.array(rows[at][QUIET_CHUNKS:], np.float32)
    return _padded(found)


def mfcc_of(streams: Sequence[Samples]) -> Heard:
    """Return the mel-frequency cepstral coefficients of streams: 13, with the energy as the first one."""
    return _padded([mfcc(samples) for samples in streams])


def mfcc(samples: Samples) -> Floats:
    """Return 13 coefficients for every 20 ms."""
    emphasized = np.append(samples[:1], samples[1:] - 0.97 * samples[:-1]).astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(emphasized, _MFCC_WINDOW)[::_MFCC_HOP]
    power = np.square(np.abs(np.fft.rfft(windows, 512))) / 512
    bands = np.log(np.maximum(power @ _mel_filters(), 1e-10))
    order = np.arange(_MFCC_BANDS)
    cosines = np.cos(np.pi * np.outer(np.arange(_MFCC_COUNT), order + 0.5) / _MFCC_BANDS)
    cepstrum = bands @ cosines.T * np.sqrt(2 / _MFCC_BANDS)
    lifter = 1 + 11 * np.sin(np.pi * np.arange(_MFCC_COUNT) / 22)
    cepstrum *= lifter
    cepstrum[:, 0] = np.log(np.maximum(power.sum(axis=1), 1e-10))
    found: Floats = cepstrum.astype(np.float32)
    return found


def _mel_filters() -> NDArray[np.float64]:
    """Return triangular filters, [257 bins, bands]."""
    top = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, _MFCC_BANDS + 2) / 2595) - 1)
    bins = np.floor(513 * edges / SAMPLE_RATE)
    at = np.arange(257)[:, np.newaxis]
    rising = (at - bins[:-2]) / np.maximum(bins[1:-1] - bins[:-2], 1)
    falling = (bins[2:] - at) / np.maximum(bins[2:] - bins[1:-1], 1)
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))


def _padded(found: Sequence[Floats]) -> Heard:
    """Return streams of the same length: the end of shorter ones is repeated."""
    longest = max(map(len, found))
    return np.stack([np.concatenate((one, np.repeat(one[-1:], longest - len(one), axis=0))) for one in found])


def negatives_of(clips: Sequence[Samples]) -> list[Samples]:
    """Return recordings one after the other, with pauses, as streams of about the same length."""
    order = np.random.default_rng(0).permutation(len(clips)).tolist()
    streams: list[list[Samples]] = [[] for _ in range(STREAMS)]
    lengths = [0] * STREAMS
    for seed, at in enumerate(order):
        shortest = lengths.index(min(lengths))
        streams[shortest] += [clips[at], quiet(_PAUSE_SECONDS, seed)]
        lengths[shortest] += len(clips[at])
    return [np.concatenate((quiet(2, 0), *stream)) for stream in streams if stream]


# --- distances -----------------------------------------------------------------------------------


def template_distances(templates: Sequence[Floats], heard: Heard) -> Floats:
    """Return the distance to each template after each frame, [templates, streams, frames]."""
    scorer = TaughtScorer([TaughtWord(wake_word="", templates=tuple(templates), threshold=1)])
    streams, frames = heard.shape[:2]
    state = np.empty((streams, scorer.state_size), np.float32)
    scorer.begin(state)
    found = np.empty((len(templates), streams, frames), np.float32)
    for at in range(frames):
        scorer.step(state, heard[:, at])
        found[:, :, at] = scorer.template_distances(state).T
    return found


def wakes(distances: Sequence[Floats], threshold: float, refractory: int = _REFRACTORY_CHUNKS) -> int:
    """Return how often streams, each [streams, frames], wake: once, and again after the refractory time."""
    count = 0
    for row in itertools.chain.from_iterable(part <= threshold for part in distances):
        last = -refractory
        for at in np.flatnonzero(row).tolist():
            if at - last >= refractory:
                count += 1
                last = at
    return count


def threshold_for(distances: Sequence[Floats], allowed: int, refractory: int = _REFRACTORY_CHUNKS) -> float:
    """Return the largest threshold at which streams, each [streams, frames], wake at most so often."""
    left = [part.copy() for part in distances]
    for _ in range(allowed):
        nearest = min(left, key=np.min)
        stream, at = np.unravel_index(nearest.argmin(), nearest.shape)
        nearest[stream, max(0, int(at) - refractory) : int(at) + refractory] = np.inf
    threshold = np.nextafter(min(part.min() for part in left), np.float32(0))
    # Two wakes may have been suppressed as one.
    nearer = np.sort(np.concatenate([part[part <= threshold] for part in distances]))
    while wakes(distances, float(threshold), refractory) > allowed:
        threshold = np.nextafter(nearer[nearer <= threshold][-1], np.float32(0))
    return float(threshold)


# --- one word ------------------------------------------------------------------------------------


def heard_alone(clips: Sequence[Samples], engine: WakeEngine) -> Recordings:
    """Return recordings as they are heard in a quiet room, each with another offset to the chunks."""
    streams = [alone(clip, seed)[17 * seed % CHUNK_SAMPLES :] for seed, clip in enumerate(clips)]
    return Recordings(list(clips), embeddings_of(engine, streams), mfcc_of(streams))


def read_word(name: str, recordings: Recordings, enroller: Enroller) -> Word:
    """Return the recordings of a word with all that is computed once."""
    word = Word(name, recordings, [enroller.clip(clip.tobytes()) for clip in recordings.clips])
    for at, (clip, enrolled) in enumerate(zip(recordings.clips, word.enrolled, strict=True)):
        if enrolled.verdict is ClipVerdict.GOOD:
            word.mfcc_templates[at] = as_template(mfcc(clip[enrolled.start : enrolled.end]))
    return word


@dataclass(slots=True)
class Draw:
    """Clips that somebody says to teach a word, and how many of them had to be said again."""

    numbers: list[int]
    again: int


def draw_clips(word: Word, enroller: Enroller, random: np.random.Generator) -> Draw:
    """Return so many good clips as are needed; what is judged to be another word is replaced, as on the page."""
    wanted = max(SIZES)
    good = [at for at, clip in enumerate(word.enrolled) if clip.verdict is ClipVerdict.GOOD]
    queue = random.permutation(good).tolist()
    numbers = [queue.pop() for _ in range(min(wanted, len(queue)))]
    again = 0
    while True:
        verdicts = enroller.judge([word.enrolled[at] for at in numbers])
        bad = [place for place, verdict in enumerate(verdicts) if verdict is not ClipVerdict.GOOD]
        if not bad or not queue or again >= wanted:
            return Draw(numbers, again)
        for place in bad[: len(queue)]:
            numbers[place] = queue.pop()
            again += 1


@dataclass(slots=True)
class Negatives:
    """What must not wake: streams of other speech, and recordings of other words."""

    heard: list[Heard]
    mfcc: list[Heard]
    hours: float
    """Length without the quiet around recordings."""


@dataclass(slots=True)
class _Distances:
    """Distances of a word's recordings and of everything else to its examples."""

    nearest: Floats
    """[templates, recordings]."""

    others: list[Floats]
    """Each [templates, streams, frames]."""

    @classmethod
    def measure(cls, templates: Sequence[Floats], own: Heard, others: Sequence[Heard]) -> Self:
        """Compute them."""
        return cls(
            template_distances(templates, own).min(axis=2),
            [template_distances(templates, part) for part in others],
        )

    def of(self, places: list[int], tested: list[int]) -> tuple[Floats, list[Floats]]:
        """Return the distances to the word with these templates: of recordings, and of everything else."""
        mine: Floats = self.nearest[places].mean(axis=0)[tested]
        return mine, [part[places].mean(axis=0) for part in self.others]


def rows_of(word: Word, negatives: Negatives, draws: int, enroller: Enroller) -> Iterator[dict[str, Any]]:
    """Yield the figures of a word for each number of examples."""
    random = np.random.default_rng(0)
    drawn = [draw_clips(word, enroller, random) for _ in range(draws)]
    used = sorted({at for draw in drawn for at in draw.numbers})
    place = {at: number for number, at in enumerate(used)}
    templates = [template for at in used if (template := word.enrolled[at].template) is not None]
    ours = _Distances.measure(templates, word.recordings.heard, negatives.heard)
    theirs = _Distances.measure(
        [word.mfcc_templates[at] for at in used], word.recordings.mfcc, negatives.mfcc
    )
    for size in SIZES:
        if len(drawn[0].numbers) < size or len(word.recordings.clips) <= size:
            continue
        figures = []
        for draw in drawn:
            numbers = draw.numbers[:size]
            places = [place[at] for at in numbers]
            tested = [at for at in range(len(word.recordings.clips)) if at not in numbers]
            mine, others = ours.of(places, tested)
            taught = enroller.teach("word", [word.enrolled[at] for at in numbers])
            figures.append(
                _at_rates("", mine, others, negatives.hours)
                | _at_threshold("automatic", mine, others, taught.threshold, negatives.hours)
                | _after_room(mine, others, taught, negatives.hours)
                | _at_rates("mfcc_", *theirs.of(places, tested), negatives.hours, 4 * _REFRACTORY_CHUNKS)
                | {"said_again": float(draw.again)}
            )
        yield {"word": word.name, "examples": size} | _summary(figures)


def _summary(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each figure over the draws, and the worst of those with a threshold of their own."""
    row = {}
    for name in figures[0]:
        values = [figure[name] for figure in figures]
        row[name] = round(float(np.mean(values)), 2)
        if name.startswith(("automatic", "room")):
            worst = max(values) if name.endswith("per_hour") else min(values)
            row[f"{name}_worst"] = round(float(worst), 2)
    return row


def _at_rates(
    prefix: str,
    mine: Floats,
    others: Sequence[Floats],
    hours: float,
    refractory: int = _REFRACTORY_CHUNKS,
) -> dict[str, float]:
    """Return the recall in percent at each rate of false wakes."""
    return {
        f"{prefix}recall_at_{rate:g}": 100
        * float(np.mean(mine <= threshold_for(others, int(rate * hours), refractory)))
        for rate in RATES
    }


def _at_threshold(
    name: str, mine: Floats, others: Sequence[Floats], threshold: float, hours: float
) -> dict[str, float]:
    return {
        f"{name}_recall": 100 * float(np.mean(mine <= threshold)),
        f"{name}_false_per_hour": wakes(others, threshold) / hours,
    }


def _after_room(mine: Floats, others: Sequence[Floats], taught: TaughtWord, hours: float) -> dict[str, float]:
    """Return the figures after 12 minutes of the first kind of other speech, which do not count themselves."""
    background = RoomBackground(taught.threshold, lowest_threshold(taught))
    first, *rest = others
    streams = min(len(first), -(-ENOUGH_BLOCKS * BLOCK_CHUNKS // max(1, first.shape[1])) + 1)
    if streams == len(first):
        return {}
    for number, stream in enumerate(first[:streams]):
        for distance in stream.tolist():
            if background.heard(number, distance) is not None:
                break
    hours -= streams * first.shape[1] * CHUNK_SECONDS / 3_600
    return _at_threshold("room", mine, [first[streams:], *rest], background.threshold, hours)


def is_word(name: str, word: str) -> bool:
    """Return whether a folder or a file is named after a word."""
    return _key(name).startswith(_key(word))


def _key(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
