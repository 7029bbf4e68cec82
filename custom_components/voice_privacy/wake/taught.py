"""Wake words that were taught by saying them: templates, and the distance of a stream to them.

A template is the sequence of speech embeddings of one spoken example. The distance of a stream to a template is the mean
cosine distance along the best alignment that ends now (dynamic time warping), in which either side may be up to twice as
fast as the other. Nothing is trained, and nothing but the templates and one number is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .embedding import EMBEDDING_SIZE
from .taught_format import TaughtContent, read_content, write_content

type Floats = NDArray[np.float32]

HELD_CHUNKS: Final = 4
"""Newest chunks (80 ms each) of which the nearest distance of a template counts: templates end at different moments."""

SLOPE: Final = 2.0
"""Score per relative distance from the threshold: 0 from 1.25 times the threshold's distance on, 1 at 0.75 times."""

ANTI_WEIGHT: Final = 4.0
ANTI_MARGIN: Final = 0.03
"""An anti-example counts if it is not at least this much farther than the templates, and so much.

A similar phrase cannot be told before its end: until then both are equally near, and the wake waits.
"""

SHORT_SECONDS: Final = 0.62
"""Length of a word below which it wakes falsely more often."""

LEAD_SECONDS: Final = 0.16
"""Time from the start of a word to the end of the first chunk of its template."""

TAIL_SECONDS: Final = 0.32
"""Time from the end of a word to the end of the last chunk of its template."""

FAR: Final = 1e4
"""Distance of an alignment that is not possible. Finite, so that sums and means of it are never NaN."""

_FAST: Final = 2
"""How much faster than the other one a side may be."""

_BEGIN: Final = 2
"""Columns before each template that say where an alignment may begin."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TaughtWord:
    """A taught wake word. The templates are numbers made from voices: personal data."""

    wake_word: str
    """Id of the wake word."""

    templates: tuple[Floats, ...] = field(repr=False)
    """One for each spoken example, [frames, 96], of length 1 and rounded to 16-bit floats."""

    anti_examples: tuple[Floats, ...] = field(default=(), repr=False)
    """Templates of what must not wake it."""

    threshold: float
    """Distance at which the score is 0.5."""

    @property
    def seconds(self) -> float:
        """Length of the word: the median of its examples."""
        frames = float(np.median([len(template) for template in self.templates]))
        return (frames - 1) * 0.08 + LEAD_SECONDS - TAIL_SECONDS

    @property
    def is_short(self) -> bool:
        """True if the word is so short that it may wake falsely more often."""
        return self.seconds < SHORT_SECONDS

    def tightened(self, threshold: float) -> Self:
        """Return the word with a lower threshold; a higher one changes nothing."""
        return replace(self, threshold=min(self.threshold, threshold))

    def to_bytes(self) -> bytes:
        """Serialize the word."""
        return write_content(
            TaughtContent(self.wake_word, self.threshold, self.templates, self.anti_examples)
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Deserialize the output of `to_bytes`. Raises ModelFileInvalid for anything else."""
        read = read_content(content)
        return cls(
            wake_word=read.wake_word,
            templates=read.templates,
            anti_examples=read.anti_examples,
            threshold=read.threshold,
        )


def as_template(embeddings: Floats) -> Floats:
    """Return embeddings, [frames, 96], of length 1 and rounded as they are stored."""
    return _directions(embeddings).astype(np.float16).astype(np.float32)


def score_of(distance: float, threshold: float) -> float:
    """Return the score of a distance, 0 to 1: 0.5 at the threshold."""
    return min(1.0, max(0.0, 0.5 + SLOPE * (1 - distance / threshold)))


class TaughtScorer:
    """Distances of streams to taught words. Without state of its own: each stream's is a row of numbers.

    Alignments are computed for all templates at once, one column per frame. A step from one frame of a template to the
    next goes with one chunk of the stream, with two, or skips to the frame after the next. Each frame counts once,
    whatever the step, so that sums divided by the number of frames are comparable.
    """

    def __init__(self, words: Sequence[TaughtWord]) -> None:
        """Prepare for these words."""
        self.words = tuple(words)
        """Taught words, as they were given."""

        self.wake_words = tuple(word.wake_word for word in words)
        """Ids of the wake words, in the order of the columns."""

        self._thresholds = np.array([word.threshold for word in words], np.float32)
        templates: list[Floats] = []
        self._groups: list[tuple[slice, slice]] = []
        """Templates and anti-examples of each word."""

        for word in words:
            start = len(templates)
            templates += word.templates
            middle = len(templates)
            templates += word.anti_examples
            self._groups.append((slice(start, middle), slice(middle, len(templates))))
        self._has_anti = any(word.anti_examples for word in words)
        self._lengths = np.array([len(template) for template in templates], np.float32)
        longest = int(self._lengths.max(initial=0))
        self._width = _BEGIN + longest
        count = len(templates)
        features = templates[0].shape[1] if templates else EMBEDDING_SIZE
        self._weights = np.zeros((features, count * self._width), np.float32)
        for number, template in enumerate(templates):
            start = number * self._width + _BEGIN
            self._weights[:, start : start + len(template)] = _directions(template).T
        self._ends = np.array(
            [number * self._width + _BEGIN + len(template) - 1 for number, template in enumerate(templates)],
            np.intp,
        )
        self._count = count
        self._sums = count * self._width
        self.state_size = 3 * self._sums + HELD_CHUNKS * count
        """Number of float32 values kept per stream."""

        self.frames = _FAST * longest + HELD_CHUNKS
        """Number of newest embeddings of a stream that decide what its distances are."""

    def begin(self, state: Floats) -> None:
        """Reset the state of streams, [streams, state_size]."""
        state[...] = FAR
        for sums in self._parts(state)[:2]:
            sums[:, :, 1] = 0

    def step(self, state: Floats, embeddings: Floats) -> None:
        """Take the newest embedding of each stream, [streams, 96], into their state, [streams, state_size]."""
        before, long_before, last, held = self._parts(state)
        streams = len(state)
        costs = _directions(embeddings) @ self._weights
        np.subtract(1, costs, out=costs)
        now = costs.reshape(streams, self._count, self._width)
        here = now[:, :, _BEGIN:]
        # Two chunks of the stream for this frame, one, or one for this frame and the one before it.
        sums = last[:, :, _BEGIN:] + here
        sums *= 0.5
        sums += long_before[:, :, 1:-1]
        other = before[:, :, 1:-1] + here
        np.minimum(sums, other, out=sums)
        np.add(before[:, :, :-2], now[:, :, 1:-1], out=other)
        other += here
        np.minimum(sums, other, out=sums)
        long_before[:, :, _BEGIN:] = before[:, :, _BEGIN:]
        before[:, :, _BEGIN:] = sums
        last[...] = now
        held[:, 1:] = held[:, :-1].copy()
        held[:, 0] = state[:, self._ends] / self._lengths

    def template_distances(self, state: Floats) -> Floats:
        """Return the distance of each stream to each template and anti-example, [streams, templates]."""
        nearest: Floats = self._parts(state)[3].min(axis=1)
        return nearest

    def distances(self, state: Floats) -> Floats:
        """Return the distance of each stream to each word, [streams, words]."""
        nearest = self.template_distances(state)
        found = np.empty((len(state), len(self._groups)), np.float32)
        for column, (templates, _) in enumerate(self._groups):
            found[:, column] = nearest[:, templates].mean(axis=1)
        if self._has_anti:
            for column, (own, anti) in enumerate(self._groups):
                if anti.stop > anti.start:
                    # Of several voices, each is nearer to its own anti-example than to the mean of all.
                    nearer = nearest[:, own].min(axis=1) - nearest[:, anti].min(axis=1) + ANTI_MARGIN
                    found[:, column] += ANTI_WEIGHT * np.maximum(nearer, 0)
        return found

    def scores(self, distances: Floats) -> Floats:
        """Return the scores of distances, [streams, words]."""
        found: Floats = np.clip(0.5 + SLOPE * (1 - distances / self._thresholds), 0, 1)
        return found

    def tighten(self, wake_word: str, threshold: float) -> None:
        """Lower the threshold of a word from now on; a higher one changes nothing."""
        column = self.wake_words.index(wake_word)
        self._thresholds[column] = min(self._thresholds[column], np.float32(threshold))

    def _parts(self, state: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return views: sums after the last chunk and the one before, costs of the last chunk, nearest distances."""
        streams, size = len(state), self._sums
        shape = (streams, self._count, self._width)
        return (
            state[:, :size].reshape(shape),
            state[:, size : 2 * size].reshape(shape),
            state[:, 2 * size : 3 * size].reshape(shape),
            state[:, 3 * size :].reshape(streams, HELD_CHUNKS, self._count),
        )


def nearest_distances(scorer: TaughtScorer, embeddings: Floats) -> Floats:
    """Return the nearest distance to each template and anti-example within some embeddings, [frames, 96]."""
    state = np.empty((1, scorer.state_size), np.float32)
    scorer.begin(state)
    nearest: Floats = scorer.template_distances(state)[0]
    for embedding in embeddings:
        scorer.step(state, embedding[np.newaxis])
        np.minimum(nearest, scorer.template_distances(state)[0], out=nearest)
    return nearest


def own_distances(templates: Sequence[Floats]) -> list[float]:
    """Return the mean distance of each of at least two templates to the others."""
    scorer = TaughtScorer([TaughtWord(wake_word="", templates=tuple(templates), threshold=1)])
    found = np.array([nearest_distances(scorer, template) for template in templates], np.float64)
    np.fill_diagonal(found, 0)
    mean: list[float] = (found.sum(axis=1) / (len(templates) - 1)).tolist()
    return mean


def nearest_distance(word: TaughtWord, heard: Sequence[Floats]) -> float:
    """Return the nearest distance that any of some sounds, [chunks, 96], comes to a word; FAR without any."""
    scorer = TaughtScorer([word])
    state = np.empty((1, scorer.state_size), np.float32)
    nearest = FAR
    for embeddings in heard:
        scorer.begin(state)
        for embedding in embeddings:
            scorer.step(state, embedding[np.newaxis])
            nearest = min(nearest, float(scorer.distances(state)[0, 0]))
    return nearest


def lowest_threshold(word: TaughtWord) -> float:
    """Return the lowest threshold at which all of a word's examples are still heard by the others."""
    if len(word.templates) < 2:
        return word.threshold
    return min(word.threshold, max(own_distances(word.templates)))


def distance(first: TaughtWord, second: TaughtWord) -> float:
    """Return how near the examples of either word come to the other one, as a multiple of its threshold.

    Below 1, most examples of the one wake the other.
    """
    return min(_heard_by(first, second), _heard_by(second, first))


def _heard_by(word: TaughtWord, other: TaughtWord) -> float:
    """Return the median distance of a word's examples to another word, as a multiple of that word's threshold."""
    scorer = TaughtScorer([replace(other, anti_examples=())])
    found = [float(nearest_distances(scorer, template).mean()) for template in word.templates]
    return float(np.median(found)) / other.threshold


def _directions(embeddings: Floats) -> Floats:
    """Return vectors of length 1 with the same directions, [..., 96]."""
    lengths = np.sqrt(np.vecdot(embeddings, embeddings))[..., np.newaxis]
    found: Floats = embeddings / np.maximum(lengths, np.float32(1e-6))
    return found
