"""Two ears for one word: microWakeWord always listens, openWakeWord when that is in doubt, and both decide."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
import logging
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.audio import CHUNK_BYTES, CHUNK_SAMPLES, SAMPLE_WIDTH
from .engine import Floats, WakeEngine

_LOGGER = logging.getLogger(__name__)

DOUBT: Final = 0.01
"""Score of microWakeWord from which on openWakeWord listens too."""

HOLD_CHUNKS: Final = 6
"""Chunks for which the score of each ear counts: they reach their peaks half a second apart at most."""

BIAS: Final = 1.5
"""Added to the mean evidence: two ears that are both half sure are surer than one."""

LEAST: Final = 1e-3
"""A score counts as at least this and at most one less this: neither ear is ever entirely sure."""

MAX_CATCH_UP: Final = 4
"""Streams whose past is heard within one call: about 40 ms. Others wait for the next chunk."""

_EMBEDDING_CHUNKS: Final = 10
"""Chunks that an embedding depends on: 76 frames of 10 ms, and the samples before them."""

_REST_CHUNKS: Final = 125
"""Chunks (10 s) for which an ear that failed on a stream is left alone."""


def pair_score(first: float, second: float) -> float:
    """Return the score of a pair, between 0 and 1.

    It is the mean of both log-odds, plus BIAS, as a score: it grows with each of them, and 0.5 is what was measured as
    the best decision. Who hears nothing does not forbid a wake, but the other one must be very sure then.
    """
    evidence = (_log_odds(first) + _log_odds(second)) / 2 + BIAS
    return 1 / (1 + math.exp(-evidence))


def _log_odds(score: float) -> float:
    known = min(max(score, LEAST), 1 - LEAST)
    return math.log(known / (1 - known))


def _known(scores: Floats) -> list[float]:
    """Return scores as numbers; an engine that does not know has heard nothing."""
    return [0.0 if math.isnan(score) else score for score in scores.tolist()]


@dataclass(slots=True)
class _Stream:
    """What the ear knows of a stream. Scores have one number per wake word."""

    recent: deque[NDArray[np.int16]]
    """Last chunks: as many as the scores of the last HOLD_CHUNKS depend on."""

    first: deque[list[float]] = field(default_factory=lambda: deque(maxlen=HOLD_CHUNKS + 1))
    second: deque[list[float]] = field(default_factory=lambda: deque(maxlen=HOLD_CHUNKS + 1))
    handle: int | None = None
    """Stream of openWakeWord's engine that has heard everything; None while it does not listen."""

    heard: int = 0
    awake_until: int = 0
    resting_until: int = 0


class SecondEar:
    """openWakeWord's ear of the words that both engines know. Not thread-safe: one thread at a time.

    The scores equal those of an ear that never stops listening: when there is doubt, it hears the last two seconds
    first. If it fails, the score of the first ear counts alone.
    """

    def __init__(self, engine: WakeEngine) -> None:
        """Create an ear with an engine of its own."""
        self.engine = engine
        self.wake_words = engine.wake_words
        """Ids of the wake words, in the order of the score columns."""
        self.chunks_heard = 0
        """Chunks that openWakeWord had to hear, of all streams."""

        self._context = engine.history_frames + _EMBEDDING_CHUNKS
        self._streams: dict[int, _Stream] = {}
        self._failed = False
        self._peak: tuple[int, int] | None = None

    @property
    def lag_chunks(self) -> int:
        """Number of chunks by which a pair's score may follow that of the first ear."""
        return self.engine.lag_chunks + HOLD_CHUNKS

    def open_stream(self, stream: int) -> None:
        """Begin to listen to a stream."""
        self._streams[stream] = _Stream(deque(maxlen=self._context + HOLD_CHUNKS))

    def close_stream(self, stream: int) -> None:
        """Forget a stream."""
        self._sleep(self._streams.pop(stream))

    def restart_stream(self, stream: int) -> None:
        """Forget what was heard of a stream."""
        self.close_stream(stream)
        self.open_stream(stream)

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16], first: Floats) -> Floats:
        """Return the scores of the pair for one chunk of each stream.

        Args:
            streams: Handles, each at most once.
            chunks: Samples, [streams, 1280].
            first: Scores of microWakeWord for these chunks, [streams, wake words].
        """
        states = [self._streams[stream] for stream in streams]
        behind = []
        for state, chunk, scores in zip(states, chunks, first, strict=True):
            state.recent.append(chunk.copy())
            state.first.append(_known(scores))
            state.heard += 1
            if max(state.first[-1]) >= DOUBT:
                state.awake_until = state.heard + HOLD_CHUNKS
            if state.heard > state.awake_until or state.heard <= state.resting_until:
                self._sleep(state)
            elif state.handle is None:
                behind.append(state)
        self._hear([state for state in states if state.handle is not None], 1)
        # Those that have waited longest come first.
        behind.sort(key=lambda state: state.awake_until)
        self._hear(behind[:MAX_CATCH_UP], self._context + HOLD_CHUNKS)
        return np.array([self._scores(state) for state in states], np.float32).reshape(first.shape)

    def wait(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> None:
        """Keep one chunk of each stream, [streams, 1280], of which microWakeWord has no score: the room is quiet."""
        for stream, chunk in zip(streams, chunks, strict=True):
            state = self._streams[stream]
            self._sleep(state)
            state.recent.append(chunk.copy())
            state.first.append([0.0] * len(self.wake_words))
            state.heard += 1

    def embeddings(self, stream: int) -> Floats:
        """Return a copy of a stream's newest embeddings, [16, 96]. Raises LookupError if it cannot hear them."""
        state = self._streams[stream]
        # Whoever asks once asks again for the next chunks.
        state.awake_until = max(state.awake_until, state.heard + HOLD_CHUNKS)
        if state.handle is None:
            self._hear([state], self._context + HOLD_CHUNKS)
        if state.handle is None:
            raise LookupError("the second ear cannot hear this stream")
        return self.engine.embeddings(state.handle)

    def scores_from(self, wake_word: str, pcm: bytes, starts: Sequence[int]) -> list[float]:
        """Return the scores of openWakeWord at its last peak in some audio that is only heard from each start on."""
        end = self._peak_end(wake_word, pcm)
        before = [start for start in starts if start < end // SAMPLE_WIDTH]
        found = iter(self.engine.scores_from(wake_word, pcm[:end], before) if before else ())
        return [next(found) if start < end // SAMPLE_WIDTH else 0.0 for start in starts]

    def _peak_end(self, wake_word: str, pcm: bytes) -> int:
        """Return where openWakeWord's highest score within the time that counts ends, in bytes."""
        # A hash, so that no audio stays in memory.
        known = hash((wake_word, pcm))
        if self._peak is None or self._peak[0] != known:
            chunks = np.frombuffer(pcm, "<i2")[: len(pcm) // CHUNK_BYTES * CHUNK_SAMPLES]
            handle = self.engine.open_stream()
            try:
                scores = [
                    self.engine.process([handle], chunk[np.newaxis])[0, self.wake_words.index(wake_word)]
                    for chunk in chunks.reshape(-1, CHUNK_SAMPLES)
                ]
            finally:
                self.engine.close_stream(handle)
            last = scores[-HOLD_CHUNKS - 1 :]
            # The newest of equal ones: it is all the audio, if nothing was heard.
            after = int(np.argmax(np.nan_to_num(last[::-1])))
            self._peak = known, len(pcm) - after * CHUNK_BYTES
        return self._peak[1]

    def _scores(self, state: _Stream) -> list[float]:
        """Return the scores of the pair, one per wake word."""
        if state.heard <= state.resting_until:
            return state.first[-1]
        first = [max(scores) for scores in zip(*state.first, strict=True)]
        if state.handle is not None:
            second = [max(scores) for scores in zip(*state.second, strict=True)]
        elif max(first) >= DOUBT:
            # Its turn comes with the next chunk.
            return [0.0] * len(first)
        else:
            second = [0.0] * len(first)
        return [
            pair_score(one, other if one >= DOUBT else 0.0) for one, other in zip(first, second, strict=True)
        ]

    def _hear(self, states: Sequence[_Stream], count: int) -> None:
        """Let openWakeWord hear the last chunks of some streams, as many as there are of each."""
        listening = []
        for state in states:
            if state.handle is None:
                state.handle = self.engine.open_stream()
                state.second.clear()
            listening.append(state)
        for back in range(count, 0, -1):
            now = [state for state in listening if state.handle is not None and len(state.recent) >= back]
            if not now:
                continue
            for state, scores in zip(now, self._try(now, back), strict=True):
                if scores is None:
                    self._fail(state)
                else:
                    state.second.append(scores)

    def _try(self, states: Sequence[_Stream], back: int) -> list[list[float] | None]:
        """Return the scores of the chunk so far back of each stream, None where that fails."""
        try:
            found = self.engine.process(
                [state.handle for state in states if state.handle is not None],
                np.stack([state.recent[-back] for state in states]),
            )
        except Exception as error:  # noqa: BLE001  # this ear must not cost the other one
            if len(states) > 1:
                return [scores for state in states for scores in self._try([state], back)]
            if not self._failed:
                _LOGGER.error(
                    "The second ear failed on a stream (%s): one counts alone", type(error).__name__
                )
            self._failed = True
            return [None]
        self.chunks_heard += len(states)
        return [_known(scores) for scores in found]

    def _fail(self, state: _Stream) -> None:
        """Leave a stream alone for a while."""
        self._sleep(state)
        state.resting_until = state.heard + _REST_CHUNKS

    def _sleep(self, state: _Stream) -> None:
        """Stop listening to a stream."""
        if state.handle is not None:
            self.engine.close_stream(state.handle)
            state.handle = None
            state.second.clear()
