"""Teaching a wake word: from recorded examples to templates and a threshold. Audio is not kept.

The threshold needs no recorded speech of others: the examples played backwards, and with their halves swapped, sound like
speech of the same voices in the same room that is not the word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from ..core.errors import InvalidRequest, TaughtClipsTooFew
from .clip_sound import ClipSound, ClipVerdict, judge_sound
from .engine import Floats, WakeEngine
from .taught import (
    LEAD_SECONDS,
    SHORT_SECONDS,
    TAIL_SECONDS,
    TaughtScorer,
    TaughtWord,
    as_template,
    distance,
    lowest_threshold,
    nearest_distance,
    nearest_distances,
    own_distances,
)
from .taught_format import MOST_ANTI_EXAMPLES, MOST_FRAMES, MOST_TEMPLATES

if TYPE_CHECKING:
    from .engines import WakeEngines

FEWEST_CLIPS: Final = 3

WANTED_CLIPS: Final = 8
"""Examples after which more of them improve little."""

DECOY_FACTOR: Final = 0.82
"""Threshold as a multiple of the mean distance of the reversed and swapped examples."""

_AT_REST_FACTOR: Final = 0.8
"""Largest threshold as a multiple of the distance of a quiet room."""

_ANTI_FACTOR: Final = 0.9
"""Threshold as a multiple of the distance of the nearest anti-example."""

_ANTI_LOWEST: Final = 0.75
"""Part of the threshold that anti-examples leave."""

_ROOM_FOR_NOISE: Final = 0.05
"""Distance that noise may add to the examples' own, and that anti-examples may not take away."""

_UNLIKE: Final = 0.04
"""Distance to the other examples, above the median one, from which on an example is another word."""

SIMILAR_BELOW: Final = 1.15
"""Distance between two words, as a multiple of a threshold, below which they are similar."""

_SHORTEST_SECONDS: Final = 0.2
"""Length below which a sound is not even an anti-example."""

_REST_SECONDS: Final = 1.6
_AFTER_SECONDS: Final = 0.6
"""Quiet room before and after what is heard."""

_REST_LEVEL: Final = 20
_HEARD_FROM: Final = 0.5
"""Score of a trained model from which on it hears its own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledClip:
    """Recorded example: what is wrong with it, and what is kept of it in memory. It contains no audio."""

    verdict: ClipVerdict
    template: Floats | None = field(default=None, repr=False)
    """Embeddings of the word, [frames, 96]; None if the clip is unusable. A clip that is too short can still be an
    anti-example."""

    decoys: tuple[Floats, ...] = field(default=(), repr=False)
    """Embeddings of the word played backwards, and with its halves swapped, [chunks, 96]."""

    heard: Floats | None = field(default=None, repr=False)
    """Embeddings of the whole clip, [chunks, 96]."""

    start: int = 0
    end: int = 0
    """Samples of the clip between which the word is."""

    peak_dbfs: float = -100.0
    is_short: bool = False
    """True if the word may wake falsely more often, because it is short."""

    @property
    def seconds(self) -> float:
        """Length of the word."""
        return (self.end - self.start) / SAMPLE_RATE


class Enroller:
    """Teacher of wake words. Not thread-safe; blocks for about 0.1 s a clip."""

    def __init__(self, engine: WakeEngine) -> None:
        """Use an engine of its own, which no stream uses."""
        self._engine = engine
        self._quiet: Floats | None = None

    @classmethod
    def load(cls, base: tuple[Path, Path]) -> Self:
        """Load the paths of melspectrogram.onnx and embedding_model.onnx; blocks. Raises WakeModelError."""
        return cls(WakeEngine.load({}, *base))

    def clip(self, pcm: bytes) -> EnrolledClip:
        """Return what a clip is good for: mono PCM, 16-bit, 16 kHz, of a few seconds."""
        sound = judge_sound(pcm)
        if (
            sound.verdict not in (ClipVerdict.GOOD, ClipVerdict.TOO_SHORT)
            or sound.seconds < _SHORTEST_SECONDS
        ):
            return _unusable(sound)
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.int16)
        word = samples[sound.start : sound.end]
        middle = len(word) // 2
        heard, template = self._template(samples, sound)
        return EnrolledClip(
            verdict=sound.verdict,
            template=template,
            heard=heard,
            decoys=(
                self._alone(word[::-1]),
                self._alone(np.concatenate((word[middle:], word[:middle]))),
            ),
            start=sound.start,
            end=sound.end,
            peak_dbfs=sound.peak_dbfs,
            is_short=sound.seconds < SHORT_SECONDS,
        )

    def judge(self, clips: Sequence[EnrolledClip]) -> list[ClipVerdict]:
        """Return the verdicts of the examples of a word beside each other."""
        verdicts = [clip.verdict for clip in clips]
        usable = [at for at, clip in enumerate(clips) if clip.verdict is ClipVerdict.GOOD]
        if len(usable) < FEWEST_CLIPS:
            return verdicts
        found = own_distances(_templates([clips[at] for at in usable]))
        limit = float(np.median(found)) + _UNLIKE
        for at, own in zip(usable, found, strict=True):
            if own > limit:
                verdicts[at] = ClipVerdict.ANOTHER_WORD
        return verdicts

    def teach(
        self, wake_word: str, clips: Sequence[EnrolledClip], anti_examples: Sequence[EnrolledClip] = ()
    ) -> TaughtWord:
        """Return the word that these clips are examples of.

        Args:
            wake_word: Id of the wake word.
            clips: Examples; those that are not good are left out.
            anti_examples: Clips of what must not wake it; unusable ones are left out.

        Raises:
            TaughtClipsTooFew: Fewer than three examples are good.
            InvalidRequest: There are more clips than a word can have.
        """
        verdicts = self.judge(clips)
        good = [clip for clip, verdict in zip(clips, verdicts, strict=True) if verdict is ClipVerdict.GOOD]
        if len(good) < FEWEST_CLIPS:
            raise TaughtClipsTooFew("too few examples are good")
        templates, anti = _templates(good), _templates(anti_examples)
        if len(templates) > MOST_TEMPLATES or len(anti) > MOST_ANTI_EXAMPLES:
            raise InvalidRequest("too many clips")
        word = TaughtWord(wake_word=wake_word, templates=templates, anti_examples=anti, threshold=2)
        threshold = self._threshold(word, [decoy for clip in good for decoy in clip.decoys])
        return _apart_from(anti_examples, replace(word, threshold=threshold))

    def with_anti_example(self, word: TaughtWord, clip: EnrolledClip) -> TaughtWord:
        """Return a word with one more thing that must not wake it; the oldest goes if there are too many.

        Raises InvalidRequest if the clip is unusable.
        """
        if clip.template is None:
            raise InvalidRequest("the clip is unusable")
        anti_examples = (*word.anti_examples, clip.template)[-MOST_ANTI_EXAMPLES:]
        return _apart_from([clip], replace(word, anti_examples=anti_examples))

    def similar(self, word: TaughtWord, others: Mapping[str, TaughtWord]) -> dict[str, float]:
        """Return the other words that its examples come near to or the other way round, each with a score, 0 to 1.

        From 0.5 on, the one would be heard as the other.
        """
        found = {name: distance(word, other) for name, other in others.items()}
        scorer = TaughtScorer([replace(word, threshold=1.0)])
        return {
            name: float(scorer.scores(np.array([[near]], np.float32))[0, 0])
            for name, near in found.items()
            if near < SIMILAR_BELOW
        }

    def _threshold(self, word: TaughtWord, decoys: Sequence[Floats]) -> float:
        """Return the distance at which a word is to be heard."""
        scorer = TaughtScorer([replace(word, anti_examples=())])
        found = float(np.mean([nearest_distances(scorer, decoy).mean() for decoy in decoys]))
        if self._quiet is None:
            self._quiet = self._engine.embed(_quiet_room(2 * _REST_SECONDS))
        rest = float(nearest_distances(scorer, self._quiet).mean())
        return float(np.float32(min(DECOY_FACTOR * found, _AT_REST_FACTOR * rest)))

    def _template(self, samples: NDArray[np.int16], sound: ClipSound) -> tuple[Floats, Floats]:
        """Return the embeddings of a clip, and those from the start of its word to shortly after its end.

        The word ends at the end of a chunk.
        """
        before, after = _quiet_room(_REST_SECONDS), _quiet_room(_AFTER_SECONDS)
        shift = (len(before) + sound.end) % CHUNK_SAMPLES
        found = self._engine.embed(np.concatenate((before, samples, after))[shift:])
        begin, end = len(before) + sound.start - shift, len(before) + sound.end - shift
        first = max(0, -(-(begin + round(LEAD_SECONDS * SAMPLE_RATE)) // CHUNK_SAMPLES) - 1)
        last = round((end + TAIL_SECONDS * SAMPLE_RATE) / CHUNK_SAMPLES)
        return found, as_template(found[first:last][-MOST_FRAMES:])

    def _alone(self, word: NDArray[np.int16]) -> Floats:
        """Return the embeddings of some sound in a quiet room."""
        found: Floats = self._engine.embed(
            np.concatenate((_quiet_room(_REST_SECONDS / 4), word, _quiet_room(_AFTER_SECONDS)))
        )
        return found


def trained_that_hear(engine: WakeEngines, clips: Sequence[bytes]) -> dict[str, float]:
    """Return the trained wake words that an engine hears in clips of a new word, with the highest score; blocks.

    Args:
        engine: An engine that no other thread uses.
        clips: Mono PCM, 16-bit, 16 kHz.
    """
    highest = dict.fromkeys(engine.wake_words, 0.0)
    for pcm in clips:
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.int16)
        heard = np.concatenate((_quiet_room(_REST_SECONDS), samples, _quiet_room(2 * _AFTER_SECONDS)))
        chunks = heard[: len(heard) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, 1, CHUNK_SAMPLES)
        stream = engine.open_stream()
        try:
            scores = np.concatenate([engine.process([stream], chunk) for chunk in chunks])
        finally:
            engine.close_stream(stream)
        for wake_word, score in zip(
            engine.wake_words, np.nan_to_num(scores).max(axis=0).tolist(), strict=True
        ):
            highest[wake_word] = max(highest[wake_word], score)
    return {wake_word: score for wake_word, score in highest.items() if score >= _HEARD_FROM}


def _apart_from(clips: Sequence[EnrolledClip], word: TaughtWord) -> TaughtWord:
    """Return a word whose threshold these anti-examples do not reach, as far as its own examples allow.

    The beginning of a similar phrase comes near before anything tells that it is not the word.
    """
    nearest = nearest_distance(word, [clip.heard for clip in clips if clip.heard is not None])
    lowest = max(lowest_threshold(word) + _ROOM_FOR_NOISE, _ANTI_LOWEST * word.threshold)
    return word.tightened(max(_ANTI_FACTOR * nearest, lowest))


def _unusable(sound: ClipSound) -> EnrolledClip:
    return EnrolledClip(verdict=sound.verdict, start=sound.start, end=sound.end, peak_dbfs=sound.peak_dbfs)


def _templates(clips: Sequence[EnrolledClip]) -> tuple[Floats, ...]:
    return tuple(clip.template for clip in clips if clip.template is not None)


def _quiet_room(seconds: float) -> NDArray[np.int16]:
    """Return the noise of a quiet room, always the same."""
    random = np.random.default_rng(0)
    return random.normal(0, _REST_LEVEL, round(seconds * SAMPLE_RATE)).astype(np.int16)
