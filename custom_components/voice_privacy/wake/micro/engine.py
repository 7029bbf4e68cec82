"""Scores of microWakeWord models, batched over streams."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.audio import CHUNK_SAMPLES
from ..tflite.reader import Model
from .frontend import BANDS, TAIL_SAMPLES, Frontend
from .manifest import Manifest
from .network import MAX_ROWS, MicroNetwork
from .rescaling import Floats

_BATCH: Final = 4
"""Streams whose features are computed together: with more, the buffers leave the processor's nearest cache."""

_INITIAL_SLOTS: Final = 4
_NOT_YET: Final = -1e6
"""Probability before the first: a window with it has no mean."""

_HALF: Final = 0.5
_BELOW_HALF: Final = np.nextafter(np.float32(_HALF), np.float32(0))


type _Change = tuple[NDArray[Any], NDArray[np.intp], NDArray[Any]]
"""Array, slots, and their new values."""


@dataclass(frozen=True, slots=True)
class MicroModel:
    """Model with its manifest."""

    network: MicroNetwork
    manifest: Manifest


def is_micro(model: Model) -> bool:
    """Return whether a TensorFlow Lite file takes the features of microWakeWord."""
    main = model.subgraphs[0]
    shapes = [main.tensors[index].shape for index in main.inputs]
    return len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][1] <= MAX_ROWS and shapes[0][2] == BANDS


def calibrated(probabilities: Floats, cutoff: float) -> Floats:
    """Return scores at which 0.5 is what must be exceeded: the cutoff of a model's manifest.

    All wake words of a satellite share a threshold, whose default is 0.5. With it, each model therefore detects what
    its author intended.
    """
    exact = probabilities.astype(np.float64)
    below = np.minimum(exact * (_HALF / cutoff), _BELOW_HALF)
    above = np.clip(_HALF + (exact - cutoff) * _HALF / (1 - cutoff), _HALF, 1)
    return np.where(probabilities > np.float32(cutoff), above, below).astype(np.float32)


@dataclass(slots=True)
class _Word:
    """Model with the state of all streams."""

    model: MicroModel
    state: NDArray[Any]
    """State of the network, [slots, values]."""

    waiting: NDArray[Any]
    """Features of the frames that do not make a step yet, [slots, rows, 40]."""

    probabilities: NDArray[Any]
    """Last probabilities, one fewer than the window has, [slots, probabilities]."""


class MicroEngine:
    """Wake word scoring of audio streams with microWakeWord models. Not thread-safe: one thread at a time.

    A stream is a handle (an integer) with about 20 kB of state per wake word.
    """

    def __init__(self, models: Mapping[str, MicroModel]) -> None:
        """Create an engine with models by wake word id, at least one; all have the same step."""
        self.wake_words = tuple(models)
        """Ids of the wake words, in the order of the score columns."""
        (step,) = {model.manifest.step for model in models.values()}
        self._frontend = Frontend(step)
        self._tail: NDArray[Any] = np.zeros((_INITIAL_SLOTS, TAIL_SAMPLES), np.int16)
        self._estimate: NDArray[Any] = np.zeros((_INITIAL_SLOTS, BANDS), np.int64)
        self._heard: NDArray[np.int64] = np.zeros(_INITIAL_SLOTS, np.int64)
        self._words = [_new_word(model) for model in models.values()]
        self._cycle = math.lcm(*(model.network.rows for model in models.values()))
        self._free = list(range(_INITIAL_SLOTS))

    def open_stream(self) -> int:
        """Open a stream and return its handle."""
        if not self._free:
            slots = len(self._heard)
            self._tail, self._estimate = (
                np.concatenate((kept, kept)) for kept in (self._tail, self._estimate)
            )
            self._heard = np.concatenate((self._heard, self._heard))
            for word in self._words:
                word.state, word.waiting, word.probabilities = (
                    np.concatenate((kept, kept)) for kept in (word.state, word.waiting, word.probabilities)
                )
            self._free = list(range(slots, 2 * slots))
        stream = self._free.pop()
        self.restart_stream(stream)
        return stream

    def close_stream(self, stream: int) -> None:
        """Close a stream; its handle may be reused."""
        self.restart_stream(stream)
        self._free.append(stream)

    def restart_stream(self, stream: int) -> None:
        """Reset the state of a stream."""
        self._tail[stream] = 0
        self._estimate[stream] = 0
        self._heard[stream] = 0
        for word in self._words:
            word.state[stream] = word.model.network.initial_state
            word.waiting[stream] = 0
            word.probabilities[stream] = _NOT_YET

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Process one chunk of each stream. If this raises, no stream has changed.

        Args:
            streams: Handles, each at most once.
            chunks: Samples, [streams, 1280].

        Returns:
            Scores, [streams, wake words]: calibrated, and the highest within the chunk.

        Raises:
            ValueError: The chunks have another shape.
        """
        probabilities = self.probabilities(streams, chunks)
        for column, word in enumerate(self._words):
            probabilities[:, column] = calibrated(probabilities[:, column], word.model.manifest.cutoff)
        return probabilities

    def probabilities(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Process like process(), but return the highest mean probability of each window within the chunk."""
        index = np.asarray(streams, np.intp)
        if chunks.shape != (len(index), CHUNK_SAMPLES):
            raise ValueError("a chunk must have 1,280 samples")
        scores = np.zeros((len(index), len(self._words)), np.float32)
        # Streams are only computed together if they have the same number of frames waiting.
        heard = self._heard[index]
        frames = np.where(heard, self._frames_before(heard) % self._cycle, -1)
        changes = [
            self._process_alike(index[alike], chunks[alike], scores, alike)
            for phase in np.unique(frames)
            for alike in _batches(np.flatnonzero(frames == phase))
        ]
        for change in changes:
            for kept, slots, value in change:
                kept[slots] = value
        self._heard[index] += 1
        return scores

    def _frames_before(self, heard: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many frames so many chunks complete."""
        frames = self._frontend.first_frames + (heard - 1) * self._frontend.frames
        frames[heard == 0] = 0
        return frames

    def _process_alike(
        self, index: NDArray[np.intp], chunks: NDArray[np.int16], scores: Floats, rows: NDArray[np.intp]
    ) -> list[_Change]:
        """Fill in rows of the scores; return what has changed: arrays, slots and values."""
        heard = int(self._heard[index[0]])
        samples = np.concatenate((self._tail[index], chunks), axis=1)
        estimate = self._estimate[index]
        features = self._frontend.features(samples, estimate, first=heard == 0)
        changes: list[_Change] = [
            (self._tail, index, samples[:, -TAIL_SAMPLES:]),
            (self._estimate, index, estimate),
        ]
        before = int(self._frames_before(self._heard[index[:1]])[0])
        for column, word in enumerate(self._words):
            step = word.model.network.rows
            waiting = word.waiting[index]
            ready = np.concatenate((waiting[:, : before % step], features), axis=1)
            count = ready.shape[1] // step * step
            waiting[:, : ready.shape[1] - count] = ready[:, count:]
            state, kept = word.state[index], word.probabilities[index]
            if count:
                found = word.model.network.run(ready[:, :count], state)
                recent = np.concatenate((kept, found), axis=1)
                kept = recent[:, recent.shape[1] - kept.shape[1] :]
                scores[rows, column] = _highest_mean(recent, word.model.manifest.window)
            changes += [
                (word.state, index, state),
                (word.waiting, index, waiting),
                (word.probabilities, index, kept),
            ]
        return changes


def _new_word(model: MicroModel) -> _Word:
    return _Word(
        model=model,
        state=np.repeat(model.network.initial_state[None], _INITIAL_SLOTS, axis=0),
        waiting=np.zeros((_INITIAL_SLOTS, model.network.rows, BANDS), np.int64),
        probabilities=np.full((_INITIAL_SLOTS, model.manifest.window - 1), _NOT_YET),
    )


def _batches(streams: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(streams), _BATCH):
        yield streams[start : start + _BATCH]


def _highest_mean(probabilities: NDArray[Any], window: int) -> Floats:
    """Return the highest mean of consecutive probabilities, [streams]; 0 if there is none."""
    sums = np.cumsum(probabilities, axis=1)
    sums[:, window:] = sums[:, window:] - sums[:, :-window]
    highest: Floats = np.maximum(sums[:, window - 1 :].max(axis=1) / window, 0).astype(np.float32)
    return highest
