"""What a verifier learns from a clip: embedding windows of the clip and of copies mixed with noise.

A verifier that has only heard clean clips loses wake words in noise. The noise is made here, from a seed, so
that no recording has to be shipped and the same clips always give the same windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from .embedding import EMBEDDING_SIZE
from .engine import VERIFIER_FRAMES, WakeEngine

type Samples = NDArray[np.float64]
type Windows = NDArray[np.float16]
"""Embedding windows, [windows, 16, 96]: 3 kB each."""

BASE_SCORE: Final = 0.05
"""Score of a chunk from which the verifier may be asked about it; below, nobody's threshold lies."""

NOISE_DB: Final = (10.0, 5.0)
"""Signal-to-noise ratios of the copies, in dB on active speech; each once with pink noise, once with babble."""

WINDOWS_PER_COPY: Final = 4
"""At most so many of the highest-scoring windows of a copy are kept: a wake word scores for about as long."""

REST_WINDOWS: Final = 8
"""At most so many windows of what else is in a clip, where nothing scores."""

_QUIET: Final = 20.0
"""Standard deviation of a quiet room's noise, 16-bit units: about -64 dBFS."""

_BEFORE_SECONDS: Final = 2.0
"""Noise before a clip, so that the start of the stream is over when it begins."""

_AFTER_SECONDS: Final = 0.5
_ACTIVE_BELOW_PEAK: Final = 0.1
"""Chunks within 20 dB of the loudest count as speech."""

_BED_SECONDS: Final = 20
_BED_SEED: Final = 1
_VOICES: Final = 6
_SYLLABLES_PER_SECOND: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipWindows:
    """What a verifier may learn from, or be tried on with, of one clip."""

    copies: tuple[Windows, ...]
    """The windows that it would be asked about, of the clip itself first and then of each noisy copy;
    none where no chunk of a copy reaches BASE_SCORE. Highest base score first."""

    scores: tuple[NDArray[np.float32], ...]
    """The base scores of these windows."""

    rest: Windows
    """Windows of the clip where the wake word is not."""

    @property
    def windows(self) -> Windows:
        """All windows that the verifier would be asked about."""
        return np.concatenate(self.copies)


def windows_of(
    engine: WakeEngine, wake_word: str, pcm: bytes, *, seed: int, noise_db: Sequence[float] = NOISE_DB
) -> ClipWindows:
    """Return the embedding windows of a clip and of its noisy copies; blocks for about 0.1 s a second of it.

    Pcm is 16 kHz, 16-bit, mono. The engine must be one that no other thread uses. Raises ValueError when
    it does not know the wake word.
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


def background_windows(engine: WakeEngine) -> Windows:
    """Return windows of noise at several levels, for a verifier to know what nobody says; blocks for 1 s."""
    streams = [_as_pcm(bed * level) for bed in _noise_beds() for level in (100.0, 1_000.0)]
    _, embeddings = _run(engine, None, np.stack(streams))
    return embeddings[:, VERIFIER_FRAMES::VERIFIER_FRAMES].reshape(-1, VERIFIER_FRAMES, EMBEDDING_SIZE)


def as_heard(clip: Samples, random: np.random.Generator) -> Samples:
    """Return a clip in a quiet room, with some time before and after."""
    before, after = (int(seconds * SAMPLE_RATE) for seconds in (_BEFORE_SECONDS, _AFTER_SECONDS))
    whole = -(before + len(clip) + after) % CHUNK_SAMPLES
    room = random.normal(0, _QUIET, before + len(clip) + after + whole)
    room[before : before + len(clip)] += clip
    return room


@functools.cache
def _noise_beds() -> tuple[Samples, ...]:
    """Return the noises that clips are mixed with, at level 1."""
    random = np.random.default_rng(_BED_SEED)
    count = _BED_SECONDS * SAMPLE_RATE
    return pink_noise(count, random), babble(count, random)


def _cut(bed: Samples, count: int, random: np.random.Generator) -> Samples:
    """Return so much of a noise from anywhere in it, again from its start if it is too short."""
    return np.resize(np.roll(bed, -int(random.integers(len(bed)))), count)


def pink_noise(count: int, random: np.random.Generator) -> Samples:
    """Return noise with as much power in every octave, at level 1."""
    spectrum = np.fft.rfft(random.normal(size=count))
    frequencies = np.arange(len(spectrum), dtype=np.float64)
    spectrum /= np.sqrt(np.maximum(frequencies, max(1.0, 50 * count / SAMPLE_RATE)))
    return _at_level_one(np.fft.irfft(spectrum, count))


def babble(count: int, random: np.random.Generator) -> Samples:
    """Return something that sounds like many people at once from afar, at level 1.

    Each voice is a buzz at a pitch of its own that wanders, through formants that change with every
    syllable.
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
    """Return the level of the loud parts of a clip, 16-bit units."""
    whole = len(clip) // CHUNK_SAMPLES * CHUNK_SAMPLES
    if not whole:
        return _QUIET
    levels = np.sqrt(np.mean(clip[:whole].reshape(-1, CHUNK_SAMPLES) ** 2, axis=1))
    active = levels[levels >= levels.max() * _ACTIVE_BELOW_PEAK]
    return max(_QUIET, float(np.sqrt(np.mean(active**2))))


def _as_pcm(samples: Samples) -> NDArray[np.int16]:
    return samples.round().clip(-32_768, 32_767).astype(np.int16)


def _run(
    engine: WakeEngine, column: int | None, streams: NDArray[np.int16]
) -> tuple[NDArray[np.float32], Windows]:
    """Return the scores, [streams, chunks], and the windows, [streams, chunks, 16, 96], of streams."""
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
    """Return windows that have nothing to do with the wake word, evenly spread over the clip."""
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
