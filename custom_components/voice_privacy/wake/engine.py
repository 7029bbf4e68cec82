"""Wake engine: the three stages of openWakeWord from samples to scores, batched over streams."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
import contextlib
import ctypes
import math
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..core.audio import CHUNK_SAMPLES
from ..core.errors import WakeModelError
from .classifiers import Head
from .embedding import EMBEDDING_SIZE, WINDOW_ROWS, EmbeddingNetwork, EmbeddingPlan
from .melspectrogram import BANDS, HOP_SAMPLES, ROWS_PER_CHUNK, TAIL_SAMPLES, Melspectrogram, spectral_changes
from .onnx.reader import read_model
from .taught import TaughtScorer, TaughtWord

type Floats = NDArray[np.float32]

VERIFIER_FRAMES: Final = 16
"""Number of input embeddings (80 ms each) of a verifier."""

QUIET_CHUNKS: Final = 10
"""Number of initial chunks of a stream whose scores are set to zero.

openWakeWord uses 5, but in chunks 8 and 9 the start of a stream alone can resemble a wake word: a quiet room
scored 0.32 and loud noise 0.49 for alexa. No word is lost: a word spoken at once still scores until chunk 16.
"""

_NOISE_SEED: Final = 58
"""Seed of the initial noise: of 100 seeds, the seed with the lowest scores at the start of a loud noise.

With other seeds, and therefore occasionally with openWakeWord's random start, alexa reaches 0.72 there and
hey_mycroft 0.99.
"""

_NOISE_AMPLITUDE: Final = 1_000
_NOISE_WARM_UP_CHUNKS: Final = 10
"""Number of chunks until no embedding covers the initial rows of ones of a stream."""

_BATCH: Final = 4
"""Streams that are computed together. More are no faster, and the buffers of a batch take 1 MiB a stream."""

_INITIAL_SLOTS: Final = 4

_EMBEDDING_CHUNKS: Final = math.ceil(WINDOW_ROWS / ROWS_PER_CHUNK)
"""Number of newest chunks that an embedding depends on."""

_QUIET_ROOM_AMPLITUDE: Final = 35
"""Largest sample of the noise of a quiet room: about -64 dBFS."""

_QUIET_ROOM_CHUNKS: Final = 30
_LAST_CHUNKS: Final = 2
"""Last chunks of which the higher score counts."""


class _Plan:
    """Preallocated buffers for processing a fixed number of streams in one call."""

    def __init__(self, engine: WakeEngine, streams: int) -> None:
        self.state = np.empty((streams, engine.state_size), np.float32)
        history = engine.history_frames * EMBEDDING_SIZE
        self.history = self.state[:, :history].reshape(streams, engine.history_frames, EMBEDDING_SIZE)
        self.tail = self.state[:, history : history + TAIL_SAMPLES]
        network = history + TAIL_SAMPLES
        taught = network + engine.embedding.state_size
        self.embedding: EmbeddingPlan = engine.embedding.plan(self.state[:, network:taught], engine.buffers)
        self.taught = self.state[:, taught:]
        self.samples = np.empty((streams, TAIL_SAMPLES + CHUNK_SAMPLES), np.float32)

    def remember(self, embeddings: Floats) -> None:
        """Add the newest embedding of each stream to its history."""
        self.history[:, :-1] = self.history[:, 1:]
        self.history[:, -1] = embeddings


class WakeEngine:
    """Wake word scoring of audio streams. Not thread-safe: one thread at a time.

    A stream is a handle (an integer) with about 50 kB of state: the input embeddings of the heads, the last
    480 samples, the state of the embedding network, and the distances to taught words. As in openWakeWord, a stream starts from 76 mel rows
    of ones and from embeddings of noise. The noise has a fixed seed; with zeros instead, some heads would
    fire within the first second. From chunk QUIET_CHUNKS on, the scores equal those of openWakeWord.

    Chunks may wait as samples until a score is wanted. A stream remembers nothing older than its newest
    `remembered_chunks`, so that only these wait, and its scores are then the same as if none had waited.
    """

    def __init__(
        self,
        melspectrogram: Melspectrogram,
        embedding: EmbeddingNetwork,
        heads: Mapping[str, Head],
        taught: Sequence[TaughtWord] = (),
    ) -> None:
        """Create an engine.

        Args:
            melspectrogram: Log-mel front end.
            embedding: Embedding network.
            heads: Heads by wake word id.
            taught: Taught words, whose ids are not those of heads.
        """
        limit_blas_threads()
        self.taught = TaughtScorer(taught) if taught else None
        """Distances of streams to the taught words, or None without any."""

        self.wake_words = (*heads, *(word.wake_word for word in taught))
        """Ids of the wake words, in the order of the score columns."""
        self.unusable: dict[str, WakeModelError] = {}
        """Requested wake words whose models cannot be used, with the reason."""

        self.embedding = embedding
        self.history_frames = max([VERIFIER_FRAMES, *(head.frames for head in heads.values())])
        """Number of embeddings (80 ms each) kept per stream."""
        frames = max(self.history_frames, 0 if self.taught is None else self.taught.frames)
        self.remembered_chunks = frames + _EMBEDDING_CHUNKS - 1
        """Number of newest chunks that decide what a stream's next score is, with TAIL_SAMPLES before them."""

        self.lag_chunks = self.history_frames - VERIFIER_FRAMES
        """Number of chunks by which the longest head's input exceeds the usual one."""

        self.state_size = self.history_frames * EMBEDDING_SIZE + TAIL_SAMPLES + embedding.state_size
        self.state_size += 0 if self.taught is None else self.taught.state_size
        """Number of float32 values kept per stream."""
        self._melspectrogram = melspectrogram
        self._heads = tuple(heads.values())
        self.buffers = embedding.buffers(_BATCH)
        self._plans: dict[int, _Plan] = {}
        self._state = np.empty((_INITIAL_SLOTS, self.state_size), np.float32)
        self._heard = np.zeros(_INITIAL_SLOTS, np.int64)
        self._waiting: dict[int, deque[NDArray[np.int16]]] = {}
        self._free = list(range(_INITIAL_SLOTS))
        self._quiet: Floats | None = None
        self._fresh_state = self._state_of_silence()

    @classmethod
    def load(
        cls,
        model_paths: Mapping[str, Path],
        melspectrogram: Path,
        embedding: Path,
        *,
        skip_unusable: bool = False,
    ) -> Self:
        """Load an engine; blocks for about 0.1 s.

        Args:
            model_paths: Paths of the heads by wake word id.
            melspectrogram: Path of melspectrogram.onnx.
            embedding: Path of embedding_model.onnx.
            skip_unusable: Skip heads that fail to load, so that one bad file does not disable the other wake
                words; they are listed in `unusable`.

        Raises:
            ModelFileMissing: A file is missing.
            ModelFileInvalid: A file is damaged.
            UnsupportedModel: A model uses an unsupported operation.
        """
        heads: dict[str, Head] = {}
        unusable: dict[str, WakeModelError] = {}
        for wake_word, path in model_paths.items():
            try:
                heads[wake_word] = Head.load(path)
            except WakeModelError as error:
                if not skip_unusable:
                    raise
                unusable[wake_word] = error
        engine = cls(
            Melspectrogram(read_model(melspectrogram)), EmbeddingNetwork(read_model(embedding)), heads
        )
        engine.unusable = unusable
        return engine

    def open_stream(self) -> int:
        """Open a stream and return its handle."""
        if not self._free:
            slots = len(self._state)
            self._state = np.concatenate((self._state, np.empty_like(self._state)))
            self._heard = np.concatenate((self._heard, np.zeros_like(self._heard)))
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
        self._state[stream] = self._fresh_state
        self._heard[stream] = 0
        self._waiting.pop(stream, None)

    def wait(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> None:
        """Keep one chunk of each stream, [streams, 1280], until a score is wanted; this costs next to nothing."""
        for stream, chunk in zip(streams, chunks, strict=True):
            if (waiting := self._waiting.get(stream)) is None:
                waiting = self._waiting[stream] = deque(maxlen=self.remembered_chunks + 1)
            waiting.append(chunk.copy())
            self._heard[stream] += 1

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Process one chunk of each stream, and what has waited before. If this raises, no stream has changed.

        Args:
            streams: Handles, each at most once.
            chunks: Samples, [streams, 1280].

        Returns:
            Scores of these chunks, [streams, wake words].

        Raises:
            ValueError: The chunks have another shape.
        """
        index = np.asarray(streams, np.intp)
        if chunks.shape != (len(index), CHUNK_SAMPLES):
            raise ValueError("a chunk must have 1,280 samples")
        scores = np.empty((len(index), len(self.wake_words)), np.float32)
        batches = list(self._batches(streams))
        states = []
        for rows in batches:
            state = self._process_batch(index[rows], chunks[rows], scores, rows)
            # The next batch may have the same buffers.
            states.append(state.copy() if len(batches) > 1 else state)
        for rows, state in zip(batches, states, strict=True):
            self._state[index[rows]] = state
        self._heard[index] += 1
        if self._waiting:
            for stream in streams:
                self._waiting.pop(stream, None)
        return scores

    def _batches(self, streams: Sequence[int]) -> Iterator[slice | list[int]]:
        """Yield the numbers of streams that have as many chunks waiting, a few at a time."""
        if not self._waiting:
            yield from (slice(start, start + _BATCH) for start in range(0, len(streams), _BATCH))
            return
        alike: dict[int, list[int]] = {}
        for number, stream in enumerate(streams):
            alike.setdefault(len(self._waiting.get(stream, ())), []).append(number)
        for numbers in alike.values():
            for start in range(0, len(numbers), _BATCH):
                yield numbers[start : start + _BATCH]

    def _process_batch(
        self, index: NDArray[np.intp], chunks: NDArray[np.int16], scores: Floats, rows: slice | list[int]
    ) -> Floats:
        """Fill in rows of the scores for at most _BATCH streams; return their new states, until the next call."""
        plan, heard = self._plan(len(index)), self._heard[index]
        np.take(self._state, index, axis=0, out=plan.state, mode="clip")
        if self._waiting:
            self._catch_up(plan, index, heard, self.remembered_chunks - 1)
        self._hear(plan, chunks, heard)
        # A view if the rows are a slice, else a copy.
        found: Floats = scores[rows]
        for column, head in enumerate(self._heads):
            found[:, column] = head.scores(plan.history[:, -head.frames :])
        if self.taught is not None:
            found[:, len(self._heads) :] = self.taught.scores(self.taught.distances(plan.taught))
        found[heard < QUIET_CHUNKS] = 0.0
        scores[rows] = found
        return plan.state

    def _catch_up(self, plan: _Plan, index: NDArray[np.intp], heard: NDArray[np.int64], needed: int) -> None:
        """Process the newest chunks that have waited, as many of each stream and at most as many as needed."""
        waiting = [self._waiting.get(stream, ()) for stream in index.tolist()]
        chunks = np.array([list(of_stream) for of_stream in zip(*waiting, strict=True)], np.int16)
        wrong = 0
        if len(chunks) > needed:
            plan.tail[...] = chunks[-needed - 1, :, -TAIL_SAMPLES:]
            chunks = chunks[-needed:]
            # The first embeddings depend on chunks that are gone.
            wrong = _EMBEDDING_CHUNKS - 1
            if self.taught is not None:
                self.taught.begin(plan.taught)
        for number, chunk in enumerate(chunks):
            self._hear(plan, chunk, heard - len(chunks) + number, with_taught=number >= wrong)

    def embeddings(self, stream: int) -> Floats:
        """Return a copy of a stream's newest embeddings, [16, 96], oldest first."""
        state: Floats = self._state[stream]
        if stream in self._waiting:
            plan, index = self._plan(1), np.array([stream])
            plan.state[...] = state
            self._catch_up(plan, index, self._heard[index], self.remembered_chunks)
            state[...] = plan.state[0]
            del self._waiting[stream]
        history = state[: self.history_frames * EMBEDDING_SIZE]
        return history.reshape(self.history_frames, EMBEDDING_SIZE)[-VERIFIER_FRAMES:].copy()

    def distances(self, stream: int) -> dict[str, float]:
        """Return the distances of a stream to the taught words after its last processed chunk, by id."""
        if self.taught is None:
            return {}
        found = self.taught.distances(self._state[stream, np.newaxis, -self.taught.state_size :])[0]
        return dict(zip(self.taught.wake_words, found.tolist(), strict=True))

    def embed(self, samples: NDArray[np.int16]) -> Floats:
        """Return the embeddings after each whole chunk of some audio that follows a quiet room, [chunks, 96]."""
        plan = self._plan(1)
        plan.state[...] = self._quiet_state()
        begun = np.array([QUIET_CHUNKS])
        chunks = samples[: len(samples) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, 1, CHUNK_SAMPLES)
        found = [self._embed(plan, chunk, begun)[0].copy() for chunk in chunks]
        return np.array(found, np.float32).reshape(-1, EMBEDDING_SIZE)

    def scores_from(self, wake_word: str, pcm: bytes, starts: Sequence[int]) -> list[float]:
        """Return the scores of the end of some audio if a quiet room is heard before each start instead of it.

        No stream changes. Several starts cost as much as one that is as early as the earliest.

        Args:
            wake_word: Id of the wake word.
            pcm: Audio, whole chunks, at least one.
            starts: Sample positions within the audio.
        """
        samples = np.frombuffer(pcm, "<i2")
        chunks = min(math.ceil((len(samples) - min(starts)) / CHUNK_SAMPLES), len(samples) // CHUNK_SAMPLES)
        heard = np.tile(samples[len(samples) - chunks * CHUNK_SAMPLES :], (len(starts), 1))
        for row, start in zip(heard, starts, strict=True):
            before = max(0, start - len(samples) + len(row))
            row[:before] = _quiet_room(before)
        column = self.wake_words.index(wake_word)
        # A plan of its own, unless there is one: buffers for as many streams are rarely needed.
        plan = self._plans.get(len(starts)) or _Plan(self, len(starts))
        plan.state[...] = self._quiet_state()
        begun = np.full(len(starts), QUIET_CHUNKS)
        found = []
        for at in range(chunks):
            self._hear(plan, heard[:, at * CHUNK_SAMPLES : (at + 1) * CHUNK_SAMPLES], begun)
            if at >= chunks - _LAST_CHUNKS:
                found.append(self._scores_of(plan, column))
        # The score may be past its peak.
        highest: list[float] = np.max(found, axis=0).tolist()
        return highest

    def changes(self, pcm: bytes) -> list[float]:
        """Return for each 10 ms of some audio how different the spectrum after it begins is from that before, dB."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        count = len(samples) // HOP_SAMPLES
        windows = np.lib.stride_tricks.sliding_window_view(
            np.concatenate((np.zeros(TAIL_SAMPLES, np.float32), samples)), TAIL_SAMPLES + CHUNK_SAMPLES
        )
        rows = self._melspectrogram.rows(np.ascontiguousarray(windows[::CHUNK_SAMPLES])).reshape(-1, BANDS)
        found = spectral_changes(rows)
        return (found + [0.0] * count)[:count]

    def _quiet_state(self) -> Floats:
        """Return the state of a stream after two seconds of a quiet room."""
        if self._quiet is None:
            plan = _Plan(self, 1)
            plan.state[...] = self._fresh_state
            for number, chunk in enumerate(
                _quiet_room(_QUIET_ROOM_CHUNKS * CHUNK_SAMPLES).reshape(-1, CHUNK_SAMPLES)
            ):
                self._hear(plan, chunk[np.newaxis], np.array([number]))
            self._quiet = plan.state[0].copy()
        return self._quiet

    def _scores_of(self, plan: _Plan, column: int) -> Floats:
        """Return the scores of one wake word for the streams of a plan."""
        if column < len(self._heads):
            head = self._heads[column]
            return head.scores(plan.history[:, -head.frames :])
        assert self.taught is not None
        scores: Floats = self.taught.scores(self.taught.distances(plan.taught))[:, column - len(self._heads)]
        return scores

    def _hear(
        self, plan: _Plan, chunks: NDArray[np.int16], heard: NDArray[np.int64], *, with_taught: bool = True
    ) -> None:
        """Take one more chunk of each stream of a plan into its state."""
        embeddings = self._embed(plan, chunks, heard)
        plan.remember(embeddings)
        if self.taught is not None and with_taught:
            self.taught.step(plan.taught, embeddings)

    def _embed(self, plan: _Plan, chunks: NDArray[np.int16], heard: NDArray[np.int64]) -> Floats:
        """Return the embeddings added by the chunks, and update the plan's state."""
        plan.samples[:, :TAIL_SAMPLES] = plan.tail
        plan.samples[:, TAIL_SAMPLES:] = chunks
        plan.tail[...] = plan.samples[:, -TAIL_SAMPLES:]
        first = heard == 0
        rows = self._melspectrogram.rows(plan.samples, first if first.any() else None)
        return plan.embedding.run(rows)

    def _plan(self, streams: int) -> _Plan:
        if (plan := self._plans.get(streams)) is None:
            plan = self._plans[streams] = _Plan(self, streams)
        return plan

    def _state_of_silence(self) -> Floats:
        """Return the initial state of a stream."""
        plan = self._plan(1)
        plan.history[...] = 0
        plan.tail[...] = 0
        taught = self.state_size - (0 if self.taught is None else self.taught.state_size)
        plan.state[:, taught - self.embedding.state_size : taught] = self.embedding.initial_state()
        if self.taught is not None:
            self.taught.begin(plan.taught)
        nothing_heard = plan.state.copy()
        random = np.random.default_rng(_NOISE_SEED)
        embeddings = []
        for heard in range(_NOISE_WARM_UP_CHUNKS + VERIFIER_FRAMES):
            noise = random.integers(-_NOISE_AMPLITUDE, _NOISE_AMPLITUDE, (1, CHUNK_SAMPLES), np.int16)
            embeddings.append(self._embed(plan, noise, np.array([heard])).copy())
        # Repeat a few embeddings, so that the newest do not depend on the input length of the longest head.
        cycle = np.concatenate(embeddings[_NOISE_WARM_UP_CHUNKS:])
        order = np.arange(-self.history_frames, 0) % VERIFIER_FRAMES
        nothing_heard[:, : self.history_frames * EMBEDDING_SIZE] = cycle[order].reshape(1, -1)
        return nothing_heard.reshape(-1)


def _quiet_room(count: int) -> NDArray[np.int16]:
    """Return samples of the noise of a quiet room, always the same."""
    amplitude = _QUIET_ROOM_AMPLITUDE
    return np.random.default_rng(_NOISE_SEED).integers(-amplitude, amplitude + 1, count, np.int16)


def limit_blas_threads() -> None:
    """Limit numpy's OpenBLAS to one thread, in the whole process.

    With matrices this small its other threads only spin: with one stream they double the CPU time. If numpy
    was built with another BLAS, this has no effect.
    """
    with contextlib.suppress(OSError, AttributeError):
        _openblas_set_num_threads()(1)


def _openblas_set_num_threads() -> Any:
    """Return the function of numpy's bundled OpenBLAS. Raises OSError or AttributeError."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for library in sorted(folder.glob("libscipy_openblas64_*")):
        function = ctypes.CDLL(str(library)).scipy_openblas_set_num_threads64_
        function.argtypes = [ctypes.c_int]
        function.restype = None
        return function
    raise OSError("numpy has no bundled OpenBLAS")
