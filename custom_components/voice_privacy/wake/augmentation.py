"""Training data of a verifier: embedding windows of clips and of copies mixed with noise.

A verifier trained with clean clips only misses wake words in noise. The noise is synthesized from a seed, so
that no recordings have to be shipped and the same clips always give the same windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from .embedding import EMBEDDING_SIZE
from .engine import VERIFIER_FRAMES
from .engines import ScoringEngine

type Samples = NDArray[np.float64]
type Windows = NDArray[np.float16]
"""Embedding windows, [windows, 16, 96]: 3 kB each."""

BASE_SCORE: Final = 0.05
"""Minimum score of chunks used for the verifier; no threshold is lower."""

NOISE_DB: Final = (10.0, 5.0)
"""Signal-to-noise ratios of the copies, in dB on active speech; each with pink noise and with babble."""

WINDOWS_PER_COPY: Final = 4
"""Maximum number of highest-scoring windows kept per copy: a wake word scores for about as long."""

REST_WINDOWS: Final = 8
"""Maximum number of windows per clip from parts without the wake word."""

_QUIET: Final = 20.0
"""Standard deviation of the noise in a quiet room, 16-bit units: about -64 dBFS."""

_BEFORE_SECONDS: Final = 2.0
"""Noise before a clip, so that the clip begins after the start-up phase of the stream."""

_AFTER_SECONDS: Final = 0.5
_ACTIVE_BELOW_PEAK: Final = 0.1
"""Amplitude of speech relative to the loudest chunk: chunks within 20 dB count as speech."""

_BED_SECONDS: Final = 20
_BED_SEED: Final = 1
_VOICES: Final = 6
_SYLLABLES_PER_SECOND: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipWindows:
    """Windows of a clip for training or evaluating a verifier."""

    copies: tuple[Windows, ...]
    """Windows that the verifier would score, for the clip itself and then for each noisy copy.

    Ordered by descending base score; empty if no chunk of a copy reaches BASE_SCORE.
    """

    scores: tuple[NDArray[np.float32], ...]
    """Base scores of these windows."""

    rest: Windows
    """Windows of the clip without the wake word."""

    @property
    def windows(self) -> Windows:
        """All windows that the verifier would score."""
        return np.concatenate(self.copies)


def windows_of(
    engine: ScoringEngine, wake_word: str, pcm: bytes, *, seed: int, noise_db: Sequence[float] = NOISE_DB
) -> ClipWindows:
    """Return the embedding windows of a clip and its noisy copies; blocks for 0.1 s per second of audio.

    Args:
        engine: Engine that no other thread uses.
        wake_word: Id of a wake word of the engine.
        pcm: Audio of the clip, 16 kHz, 16-bit, mono.
        seed: Seed of the noise.
        noise_db: Signal-to-noise ratios of the copies, dB.

    Raises:
        ValueError: The engine does not have the wake word.
    """
    column = engine.wake_words.index(wake_word)
    clip = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    random = np.random.default_rng(seed)
    heard = as_heard(clip, random)
    level = _active_level(clip)
    copies = [heard] + [
        heard + _cut(bed, len(heard), random) * (level / 10 ** (decibels / 20))
        for decibels in noise_db
        for bed in _noise_beds()
    ]
    scores, embeddings = _run(engine, column, np.stack([_as_pcm(copy) for copy in copies]))
    kept = [np.argsort(-of_copy, kind="stable")[:WINDOWS_PER_COPY] for of_copy in scores]
    kept = [order[of_copy[order] >= BASE_SCORE] for order, of_copy in zip(kept, scores, strict=True)]
    return ClipWindows(
        copies=tuple(embeddings[copy, order] for copy, order in enumerate(kept)),
        scores=tuple(scores[copy, order] for copy, order in enumerate(kept)),
        rest=_rest(scores[0], embeddings[0]),
    )


def background_windows(engine: ScoringEngine) -> Windows:
    """Return windows of noise at several levels as negative examples, [windows, 16, 96]; blocks for 1 s."""
    streams = [_as_pcm(bed * level) for bed in _noise_beds() for level in (100.0, 1_000.0)]
    _, embeddings = _run(engine, None, np.stack(streams))
    return embeddings[:, VERIFIER_FRAMES::VERIFIER_FRAMES].reshape(-1, VERIFIER_FRAMES, EMBEDDING_SIZE)


def as_heard(clip: Samples, random: np.random.Generator) -> Samples:
    """Return a clip with the noise of a quiet room added, also before and after it."""
    before, after = (int(seconds * SAMPLE_RATE) for seconds in (_BEFORE_SECONDS, _AFTER_SECONDS))
    whole = -(before + len(clip) + after) % CHUNK_SAMPLES
    room = random.normal(0, _QUIET, before + len(clip) + after + whole)
    room[before : before + len(clip)] += clip
    return room


@functools.cache
def _noise_beds() -> tuple[Samples, ...]:
    """Return the noises that are mixed into clips, at level 1 (RMS)."""
    random = np.random.default_rng(_BED_SEED)
    count = _BED_SECONDS * SAMPLE_RATE
    return pink_noise(count, random), babble(count, random)


def _cut(bed: Samples, count: int, random: np.random.Generator) -> Samples:
    """Return `count` samples of a noise from a random position, repeated if it is too short."""
    return np.resize(np.roll(bed, -int(random.integers(len(bed)))), count)


def pink_noise(count: int, random: np.random.Generator) -> Samples:
    """Return noise with equal power in every octave, at level 1 (RMS)."""
    spectrum = np.fft.rfft(random.normal(size=count))
    frequencies = np.arange(len(spectrum), dtype=np.float64)
    spectrum /= np.sqrt(np.maximum(frequencies, max(1.0, 50 * count / SAMPLE_RATE)))
    return _at_level_one(np.fft.irfft(spectrum, count))


def babble(count: int, random: np.random.Generator) -> Samples:
    """Return noise that resembles many distant voices, at level 1 (RMS).

    Each voice is a buzz with its own varying pitch, filtered by formants that change with every syllable.
    """
    mixed = np.zeros(count)
    for _ in range(_VOICES):
        mixed += _voice(count, random)
    return _at_level_one(mixed)


def _voice(count: int, random: np.random.Generator) -> Samples:
    seconds = np.arange(count) / SAMPLE_RATE
    knots = max(4, int(count / SAMPLE_RATE * _SYLLABLES_PER_SECOND) + 2)
    at = np.linspace(0, count / SAMPLE_RATE, knots)
    pitch = random.uniform(90, 240) * np.interp(seconds, at, random.uniform(0.85, 1.2, knots))
    phase = np.cumsum(pitch) / SAMPLE_RATE
    loudness = np.interp(seconds, at, random.uniform(0, 1, knots) ** 2)
    formants = [
        np.interp(seconds, at, random.uniform(low, high, knots))
        for low, high in ((300, 900), (900, 2_400), (2_300, 3_300))
    ]
    voice = np.zeros(count)
    for harmonic in range(1, 25):
        frequency = harmonic * pitch
        gain = sum(1 / (1 + ((frequency - formant) / 120) ** 2) for formant in formants)
        voice += gain * np.sin(2 * np.pi * harmonic * phase)
    hiss = random.normal(0, 0.3, count) * np.interp(seconds, at, random.uniform(0, 1, knots) ** 4)
    return (voice + hiss) * loudness


def _at_level_one(samples: Samples) -> Samples:
    return samples / max(float(np.sqrt(np.mean(samples**2))), 1e-12)


def _active_level(clip: Samples) -> float:
    """Return the RMS level of the loud parts of a clip, 16-bit units."""
    whole = len(clip) // CHUNK_SAMPLES * CHUNK_SAMPLES
    if not whole:
        return _QUIET
    levels = np.sqrt(np.mean(clip[:whole].reshape(-1, CHUNK_SAMPLES) ** 2, axis=1))
    active = levels[levels >= levels.max() * _ACTIVE_BELOW_PEAK]
    return max(_QUIET, float(np.sqrt(np.mean(active**2))))


def _as_pcm(samples: Samples) -> NDArray[np.int16]:
    return samples.round().clip(-32_768, 32_767).astype(np.int16)


def _run(
    engine: ScoringEngine, column: int | None, streams: NDArray[np.int16]
) -> tuple[NDArray[np.float32], Windows]:
    """Run streams through the engine.

    Args:
        engine: Engine that no other thread uses.
        column: Column of the wake word in the engine's scores; None for no scores.
        streams: Samples, [streams, samples].

    Returns:
        Scores, [streams, chunks], and windows, [streams, chunks, 16, 96].
    """
    chunks = streams[:, : streams.shape[1] // CHUNK_SAMPLES * CHUNK_SAMPLES]
    chunks = chunks.reshape(len(streams), -1, CHUNK_SAMPLES)
    count = chunks.shape[1]
    scores = np.zeros((len(streams), count), np.float32)
    windows = np.empty((len(streams), count, VERIFIER_FRAMES, EMBEDDING_SIZE), np.float16)
    handles = [engine.open_stream() for _ in streams]
    try:
        for at in range(count):
            found = engine.process(handles, chunks[:, at])
            if column is not None:
                scores[:, at] = found[:, column]
            for stream, handle in enumerate(handles):
                windows[stream, at] = engine.embeddings(handle)
    finally:
        for handle in handles:
            engine.close_stream(handle)
    return scores, windows


def _rest(scores: NDArray[np.float32], windows: Windows) -> Windows:
    """Return windows that do not contain the wake word, spread evenly over the clip."""
    started = int(_BEFORE_SECONDS * SAMPLE_RATE) // CHUNK_SAMPLES
    elsewhere = np.flatnonzero(scores < BASE_SCORE / 5)
    elsewhere = elsewhere[elsewhere >= started]
    near = np.flatnonzero(scores >= BASE_SCORE)
    if len(near):
        distance = np.abs(elsewhere[:, np.newaxis] - near).min(axis=1)
        elsewhere = elsewhere[distance >= 4]
    if len(elsewhere) > REST_WINDOWS:
        elsewhere = elsewhere[np.linspace(0, len(elsewhere) - 1, REST_WINDOWS).round().astype(np.intp)]
    return windows[elsewhere]
