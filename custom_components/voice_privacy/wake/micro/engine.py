"""Scores of microWakeWord models, batched over streams."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
import itertools
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.audio import CHUNK_SAMPLES
from ..tflite.reader import Model
from .frontend import BANDS, REMEMBERED_FRAMES, TAIL_SAMPLES, Frontend
from .manifest import Manifest
from .network import MAX_ROWS, MicroNetwork
from .rescaling import Floats

_BATCH: Final = 16
"""Streams that are computed together."""

_MOST_WAITING: Final = 250
"""Maximum number of chunks of a stream that wait: 20 s, 640 kB."""

_CATCH_UP_CHUNKS: Final = 16
"""Chunks of a stream that a network hears together: no more memory than that of one chunk of 16 streams."""

_NOT_YET: Final = -1e6
"""Probability before the first: a window with it has no mean."""

_CALIBRATED: Final = np.array((0.0, np.nextafter(np.float32(0.5), np.float32(0)), 0.5, 1.0))
"""Scores of no probability, of the cutoff, of the next number, and of certainty."""


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
    scores: Floats = np.interp(probabilities, _known(cutoff), _CALIBRATED).astype(np.float32)
    return scores


@lru_cache(maxsize=64)
def _known(cutoff: float) -> NDArray[np.float64]:
    """Return the probabilities of _CALIBRATED."""
    highest_below = np.float32(cutoff)
    return np.array((0.0, highest_below, np.nextafter(highest_below, np.float32(1)), 1.0))


@dataclass(slots=True)
class _Heard:
    """What a model has heard of a stream. The first axis of all arrays, of size 1, is that of the streams."""

    state: Floats
    """State of the network, [1, values]."""

    waiting: NDArray[np.int64]
    """Features of the frames that do not make a step yet, [1, frames, 40]."""

    probabilities: NDArray[np.float64]
    """Last probabilities, one fewer than the window has, [1, probabilities]."""


@dataclass(slots=True)
class _Stream:
    """State of a stream."""

    tail: NDArray[np.int16]
    """Last samples, [1, samples]."""

    estimate: NDArray[np.int64]
    """Noise estimate, [1, 40]."""

    words: list[_Heard]
    frames: int = 0
    """Number of frames so far; 0 before the first chunk."""


class _Waiting:
    """Chunks of a stream that wait as samples."""

    def __init__(self, most: int) -> None:
        self.chunks: deque[NDArray[np.int16]] = deque(maxlen=most)
        self.count = 0
        """Number of chunks, with those that were dropped because newer ones decide."""

    def append(self, chunk: NDArray[np.int16]) -> None:
        self.chunks.append(chunk.copy())
        self.count += 1


class MicroEngine:
    """Wake word scoring of audio streams with microWakeWord models. Not thread-safe: one thread at a time.

    A stream is a handle (an integer) with about 20 kB of state per wake word. Its chunks may wait as samples until a
    score is wanted, as in WakeEngine. They wait for longer, because the estimate of the noise forgets slowly.
    """

    def __init__(self, models: Mapping[str, MicroModel]) -> None:
        """Create an engine with models by wake word id, at least one; all have the same step."""
        self.wake_words = tuple(models)
        """Ids of the wake words, in the order of the score columns."""
        (step,) = {model.manifest.step for model in models.values()}
        self._frontend = Frontend(step)
        self._models = tuple(models.values())
        self._cycle = math.lcm(*(model.network.rows for model in self._models))
        self._streams: dict[int, _Stream] = {}
        self._waiting: dict[int, _Waiting] = {}
        rows = max(
            (model.network.remembered_steps + model.manifest.window) * model.network.rows
            for model in self._models
        )
        self._network_chunks = math.ceil(rows / self._frontend.frames)
        """Number of newest chunks that the networks remember."""

        self.remembered_chunks = max(
            self._network_chunks, math.ceil(REMEMBERED_FRAMES / self._frontend.frames)
        )
        """Number of newest chunks that decide what a stream's next score is, with TAIL_SAMPLES before them."""

        self.lag_chunks = max(
            math.ceil(model.manifest.window * model.network.rows / self._frontend.frames)
            for model in self._models
        )
        """Number of chunks by which the mean of a window may follow its sound."""

    def open_stream(self) -> int:
        """Open a stream and return its handle."""
        stream = next(number for number in range(len(self._streams) + 1) if number not in self._streams)
        self.restart_stream(stream)
        return stream

    def close_stream(self, stream: int) -> None:
        """Close a stream; its handle may be reused."""
        del self._streams[stream]
        self._waiting.pop(stream, None)

    def restart_stream(self, stream: int) -> None:
        """Reset the state of a stream."""
        self._streams[stream] = _Stream(
            tail=np.zeros((1, TAIL_SAMPLES), np.int16),
            estimate=np.zeros((1, BANDS), np.int64),
            words=[_heard_nothing(model) for model in self._models],
        )
        self._waiting.pop(stream, None)

    def wait(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> None:
        """Keep one chunk of each stream, [streams, 1280], until a score is wanted; this costs next to nothing."""
        if self.remembered_chunks >= _MOST_WAITING:
            self.probabilities(streams, chunks)
            return
        for stream, chunk in zip(streams, chunks, strict=True):
            if (waiting := self._waiting.get(stream)) is None:
                waiting = self._waiting[stream] = _Waiting(self.remembered_chunks + 1)
            waiting.append(chunk)

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Process one chunk of each stream, and what has waited before. If this raises, no stream has changed.

        Args:
            streams: Handles, each at most once.
            chunks: Samples, [streams, 1280].

        Returns:
            Scores of these chunks, [streams, wake words]: calibrated, and the highest within the chunk.

        Raises:
            ValueError: The chunks have another shape.
        """
        probabilities = self.probabilities(streams, chunks)
        for column, model in enumerate(self._models):
            probabilities[:, column] = calibrated(probabilities[:, column], model.manifest.cutoff)
        return probabilities

    def probabilities(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Process like process(), but return the highest mean probability of each window within the chunk."""
        if chunks.shape != (len(streams), CHUNK_SAMPLES):
            raise ValueError("a chunk must have 1,280 samples")
        scores = np.zeros((len(streams), len(self._models)), np.float32)
        before = [self._caught_up(stream) for stream in streams]
        after: dict[int, _Stream] = {}
        for numbers in self._batches(before):
            changed = self._process_alike([before[at] for at in numbers], chunks[numbers], scores, numbers)
            after.update(zip((streams[at] for at in numbers), changed, strict=True))
        self._streams.update(after)
        for stream in streams:
            self._waiting.pop(stream, None)
        return scores

    def _caught_up(self, handle: int) -> _Stream:
        """Return the state of a stream after the chunks that have waited."""
        stream = self._streams[handle]
        if (waiting := self._waiting.get(handle)) is None:
            return stream
        chunks = list(waiting.chunks)
        if dropped := waiting.count - len(chunks):
            # Only the last samples of the oldest one that is left are needed.
            stream = self._without_network(stream, chunks[:1], dropped + 1)
            chunks = chunks[1:]
        if len(chunks) > self._network_chunks:
            older, chunks = chunks[: -self._network_chunks], chunks[-self._network_chunks :]
            estimate = stream.estimate.copy()
            self._frontend.listen(_after(stream, older), estimate, first=stream.frames == 0)
            stream = replace(self._without_network(stream, older, len(older)), estimate=estimate)
        nowhere = np.empty((1, len(self._models)), np.float32)
        for piece in itertools.batched(chunks, _CATCH_UP_CHUNKS, strict=False):
            (stream,) = self._process_alike([stream], np.concatenate(piece)[np.newaxis], nowhere, [0])
        return stream

    def _without_network(self, stream: _Stream, chunks: list[NDArray[np.int16]], count: int) -> _Stream:
        """Return the state of a stream after so many chunks, the last ones given, that no network has heard."""
        frames = stream.frames + count * self._frontend.frames
        if not stream.frames:
            frames += self._frontend.first_frames - self._frontend.frames
        # The step that has begun stays incomplete: what comes is enough to forget it.
        words = [
            replace(word, waiting=np.zeros((1, frames % model.network.rows, BANDS), np.int64))
            for word, model in zip(stream.words, self._models, strict=True)
        ]
        return replace(stream, tail=chunks[-1][np.newaxis, -TAIL_SAMPLES:], words=words, frames=frames)

    def _batches(self, streams: Sequence[_Stream]) -> Iterator[list[int]]:
        """Yield the numbers of streams that have as many frames waiting, a few at a time."""
        alike: dict[int, list[int]] = {}
        for number, stream in enumerate(streams):
            phase = stream.frames % self._cycle if stream.frames else -1
            alike.setdefault(phase, []).append(number)
        for numbers in alike.values():
            for start in range(0, len(numbers), _BATCH):
                yield numbers[start : start + _BATCH]

    def _process_alike(
        self, streams: Sequence[_Stream], chunks: NDArray[np.int16], scores: Floats, rows: list[int]
    ) -> list[_Stream]:
        """Fill in rows of the scores; return the new states of the streams."""
        frames = streams[0].frames
        samples = np.concatenate((_joined([stream.tail for stream in streams]), chunks), axis=1)
        estimate = _joined([stream.estimate for stream in streams]).copy()
        features = self._frontend.features(samples, estimate, first=frames == 0)
        tail = samples[:, -TAIL_SAMPLES:].copy()
        words = [
            self._hear([stream.words[column] for stream in streams], features, model, scores[:, column], rows)
            for column, model in enumerate(self._models)
        ]
        return [
            _Stream(
                tail=tail[at : at + 1],
                estimate=estimate[at : at + 1],
                words=[word[at] for word in words],
                frames=stream.frames + features.shape[1],
            )
            for at, stream in enumerate(streams)
        ]

    def _hear(
        self,
        heard: Sequence[_Heard],
        features: NDArray[np.int64],
        model: MicroModel,
        scores: Floats,
        rows: list[int],
    ) -> list[_Heard]:
        """Run a model with new features; fill in rows of its scores, and return what it has heard then."""
        ready = np.concatenate((_joined([one.waiting for one in heard]), features), axis=1)
        count = ready.shape[1] - ready.shape[1] % model.network.rows
        waiting = ready[:, count:].copy()
        state = _joined([one.state for one in heard]).copy()
        kept = _joined([one.probabilities for one in heard])
        if count:
            found = model.network.run(ready[:, :count], state)
            recent = np.concatenate((kept, found), axis=1)
            scores[rows] = _highest_mean(recent, model.manifest.window)
            kept = recent[:, recent.shape[1] - kept.shape[1] :]
        return [
            _Heard(
                state=state[at : at + 1],
                waiting=waiting[at : at + 1],
                probabilities=kept[at : at + 1],
            )
            for at in range(len(heard))
        ]


def _after(stream: _Stream, chunks: list[NDArray[np.int16]]) -> NDArray[np.int16]:
    """Return chunks of a stream with the samples before them, [1, samples]."""
    samples: NDArray[np.int16] = np.concatenate((stream.tail[0], *chunks))
    return samples[np.newaxis]


def _joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the arrays of several streams as one; that of a single stream is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _heard_nothing(model: MicroModel) -> _Heard:
    return _Heard(
        state=model.network.initial_state[np.newaxis],
        waiting=np.empty((1, 0, BANDS), np.int64),
        probabilities=np.full((1, model.manifest.window - 1), _NOT_YET),
    )


def _highest_mean(probabilities: NDArray[np.float64], window: int) -> Floats:
    """Return the highest mean of consecutive probabilities, [streams]; 0 if there is none."""
    rows = [
        max(sum(row[at : at + window]) for at in range(len(row) - window + 1))
        for row in probabilities.tolist()
    ]
    highest: Floats = np.array(rows, np.float32) / np.float32(window)
    return np.maximum(highest, np.float32(0), out=highest)
