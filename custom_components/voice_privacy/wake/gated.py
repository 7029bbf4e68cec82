"""Wake engines that rest while a room is quiet: chunks then wait as samples, and are caught up when sound begins."""

from collections.abc import Callable, Sequence
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.audio import CHUNK_SAMPLES
from .engine import Floats
from .engines import WakeEngines
from .gate import HOLD_CHUNKS, Gate, new_gate
from .room_background import RoomBackground
from .taught import lowest_threshold

MAX_OPENINGS: Final = 4
"""Streams that are caught up in one call: about 50 ms. The others follow in the next calls; until then they wait."""

ACTIVE_SCORE: Final = 0.05
"""Score from which a gate stays open: half of the lowest threshold."""


class GatedEngines:
    """Wake engines with a gate for each stream. Not thread-safe: one thread at a time.

    While a gate is closed, the scores are 0. That is what they are without a gate, nearly: it closes a second after the last
    sound, and not while a score is active. Once it is open, they equal those of engines that never rest.

    What is heard while a gate is open also tells how near ordinary talk comes to the taught words: their thresholds
    are tightened accordingly.
    """

    def __init__(
        self, engines: WakeEngines, on_tightened: Callable[[str, float], None] | None = None
    ) -> None:
        """Put gates before the streams of these engines.

        Args:
            engines: Engines of the wake words.
            on_tightened: Called in the engine's thread with the id and the new threshold of a taught word, which has
                taken effect already; must not block.
        """
        self.wake_words = engines.wake_words
        """Ids of the wake words, in the order of the score columns."""

        self._engines = engines
        self._on_tightened = on_tightened
        self._backgrounds = {
            word.wake_word: RoomBackground(word.threshold, lowest_threshold(word)) for word in engines.taught
        }
        self._hold = HOLD_CHUNKS + engines.lag_chunks
        self._gates: dict[int, Gate] = {}
        self._resting: set[int] = set()
        self._kept: set[int] = set()
        """Streams whose gate stays open: a score is active, or they could not be caught up yet."""

    @property
    def resting(self) -> frozenset[int]:
        """Streams whose last chunk waits."""
        return frozenset(self._resting)

    def open_stream(self) -> int:
        """Open a stream and return its handle."""
        stream = self._engines.open_stream()
        self._begin(stream)
        return stream

    def close_stream(self, stream: int) -> None:
        """Close a stream; its handle may be reused."""
        self._engines.close_stream(stream)
        self._begin(stream)
        del self._gates[stream]

    def restart_stream(self, stream: int) -> None:
        """Reset the state of a stream."""
        self._engines.restart_stream(stream)
        self._begin(stream)

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Process one chunk, [1280], of each stream; return the scores, [streams, wake words].

        If this raises, the streams have not changed, or have been restarted.
        """
        gates = self._next_gates(streams, chunks)
        listening, resting = self._divide(streams, gates)
        if not resting:
            scores = self._engines.process(streams, chunks)
        else:
            scores = np.zeros((len(streams), len(self.wake_words)), np.float32)
            if listening:
                heard = [streams[row] for row in listening]
                scores[listening] = self._engines.process(heard, chunks[listening])
            self._rest(streams, resting, chunks)
        kept = {streams[row] for row in resting if gates[row].is_open}
        if listening and self.wake_words:
            highest = np.maximum.reduce(scores, axis=1).tolist()
            kept.update(
                stream for stream, score in zip(streams, highest, strict=True) if score >= ACTIVE_SCORE
            )
        self._kept = self._kept.difference(streams) | kept
        self._resting = self._resting.difference(streams).union([streams[row] for row in resting])
        self._gates.update(zip(streams, gates, strict=True))
        if self._backgrounds:
            self._learn_background([streams[row] for row in listening])
        return scores

    def embeddings(self, stream: int) -> Floats:
        """Return a copy of a stream's newest embeddings, [16, 96]. Raises LookupError if there are none."""
        return self._engines.embeddings(stream)

    def scores_from(self, wake_word: str, pcm: bytes, starts: Sequence[int]) -> list[float]:
        """Return the scores of the end of some audio that is only heard from each start on.

        Raises LookupError if the engine cannot tell.
        """
        return self._engines.scores_from(wake_word, pcm, starts)

    def changes(self, pcm: bytes) -> list[float]:
        """Return for each 10 ms of some audio how much its spectrum changes. Raises LookupError likewise."""
        return self._engines.changes(pcm)

    def _begin(self, stream: int) -> None:
        """Forget what was heard of a stream."""
        self._gates[stream] = new_gate(self._hold)
        self._resting.discard(stream)
        self._kept.discard(stream)
        for background in self._backgrounds.values():
            background.forget(stream)

    def _learn_background(self, streams: Sequence[int]) -> None:
        """Take the distances of what was heard, and tighten thresholds that are loose for this house."""
        for stream in streams:
            for wake_word, distance in self._engines.distances(stream).items():
                threshold = self._backgrounds[wake_word].heard(stream, distance)
                if threshold is None:
                    continue
                self._engines.tighten(wake_word, threshold)
                if self._on_tightened is not None:
                    self._on_tightened(wake_word, threshold)

    def _next_gates(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> list[Gate]:
        """Return the gates of the streams after these chunks."""
        if chunks.shape != (len(streams), CHUNK_SAMPLES):
            raise ValueError("a chunk must have 1,280 samples")
        return [
            self._gates[stream].after(levels, self._hold, keep=stream in self._kept)
            for stream, levels in zip(streams, levels_of(chunks), strict=True)
        ]

    def _divide(self, streams: Sequence[int], gates: Sequence[Gate]) -> tuple[list[int], list[int]]:
        """Return the numbers of the streams that are heard now, and of those that wait."""
        if not self._resting and all(gate.is_open for gate in gates):
            return list(range(len(streams))), []
        listening: list[int] = []
        resting: list[int] = []
        openings = 0
        for row, (stream, gate) in enumerate(zip(streams, gates, strict=True)):
            opens = gate.is_open and stream in self._resting
            if not gate.is_open or (opens and openings == MAX_OPENINGS):
                resting.append(row)
                continue
            openings += opens
            listening.append(row)
        return listening, resting

    def _rest(self, streams: Sequence[int], rows: list[int], chunks: NDArray[np.int16]) -> None:
        """Let chunks wait. If that fails, restart all streams: the others have been heard."""
        try:
            self._engines.wait([streams[row] for row in rows], chunks[rows])
        except Exception:
            for stream in streams:
                self.restart_stream(stream)
            raise


def levels_of(chunks: NDArray[np.int16]) -> list[list[float]]:
    """Return two levels of each chunk, dB above one unit: without its mean, and of the differences of its samples.

    In the differences, the rumble of a fan or a car is weaker, so that a voice stands out that the ear hears well.
    """
    # Doubles hold these sums exactly, so that few calls of numpy are enough.
    samples = chunks.astype(np.float64)
    sums = np.add.reduce(samples, axis=1).tolist()
    energies = np.vecdot(samples, samples).tolist()
    products = np.vecdot(samples[:, 1:], samples[:, :-1]).tolist()
    first, last = samples[:, 0].tolist(), samples[:, -1].tolist()
    return [
        [
            _decibels(energy - total * total / CHUNK_SAMPLES),
            _decibels(2 * (energy - product) - start * start - end * end),
        ]
        for total, energy, product, start, end in zip(sums, energies, products, first, last, strict=True)
    ]


def _decibels(energy: float) -> float:
    """Return the level of a chunk, dB above one unit, which silence has, too."""
    return 10 * math.log10(max(1.0, energy / CHUNK_SAMPLES))
