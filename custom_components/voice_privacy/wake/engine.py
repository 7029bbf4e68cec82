"""openWakeWord's three stages for many streams at once: samples in, scores out."""

from collections.abc import Mapping, Sequence
import contextlib
import ctypes
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..core.audio import CHUNK_SAMPLES
from ..core.errors import WakeModelError
from .classifiers import Head
from .embedding import EMBEDDING_SIZE, EmbeddingNetwork, EmbeddingPlan
from .melspectrogram import TAIL_SAMPLES, Melspectrogram
from .onnx.reader import read_model

type Floats = NDArray[np.float32]

VERIFIER_FRAMES: Final = 16
"""Embeddings (80 ms each) that a verifier looks at."""

QUIET_CHUNKS: Final = 10
"""First chunks of a stream whose scores are zero.

openWakeWord has 5, but in the chunks 8 and 9 the mere beginning of a stream can look like a wake word: a quiet
room scored 0.32 and loud noise 0.49 for alexa. No word is lost: spoken at once, it scores until chunk 16.
"""

_NOISE_SEED: Final = 58
"""Of 100 seeds the one after which the start of a loud noise scores lowest; after others, and so now and
then after openWakeWord's random start, alexa reaches 0.72 there and hey_mycroft 0.99."""

_NOISE_AMPLITUDE: Final = 1_000
_NOISE_WARM_UP_CHUNKS: Final = 10
"""Chunks until no embedding looks at the ones that a stream starts from."""

_INITIAL_SLOTS: Final = 4


class _Plan:
    """The memory for processing a certain number of streams in one call."""

    def __init__(self, engine: WakeEngine, streams: int) -> None:
        self.state = np.empty((streams, engine.state_size), np.float32)
        history = engine.history_frames * EMBEDDING_SIZE
        self.history = self.state[:, :history].reshape(streams, engine.history_frames, EMBEDDING_SIZE)
        self.tail = self.state[:, history : history + TAIL_SAMPLES]
        self.embedding: EmbeddingPlan = engine.embedding.plan(self.state[:, history + TAIL_SAMPLES :])
        self.samples = np.empty((streams, TAIL_SAMPLES + CHUNK_SAMPLES), np.float32)


class WakeEngine:
    """Score streams of audio for wake words. Not threadsafe: one thread at a time.

    A stream is a handle (an integer) with about 50 kB of state: the embeddings that the heads look at, the
    last 480 samples, and what the embedding network remembers. A stream starts like openWakeWord's: from 76
    mel rows of ones and from embeddings of noise. The noise has a fixed seed; zeros there would make some
    heads fire within the first second. From its chunk QUIET_CHUNKS on the scores are openWakeWord's.
    """

    def __init__(
        self, melspectrogram: Melspectrogram, embedding: EmbeddingNetwork, heads: Mapping[str, Head]
    ) -> None:
        """Score for these heads, by id of the wake word."""
        limit_blas_threads()
        self.wake_words = tuple(heads)
        """Ids of the wake words: the columns of the scores."""
        self.unusable: dict[str, WakeModelError] = {}
        """Wake words that were asked for and whose models cannot be used, with the reason."""

        self.embedding = embedding
        self.history_frames = max([VERIFIER_FRAMES, *(head.frames for head in heads.values())])
        """Embeddings (80 ms each) kept of each stream."""
        self.state_size = self.history_frames * EMBEDDING_SIZE + TAIL_SAMPLES + embedding.state_size
        """Numbers (4 bytes each) kept of each stream."""
        self._melspectrogram = melspectrogram
        self._heads = tuple(heads.values())
        self._plans: dict[int, _Plan] = {}
        self._state = np.empty((_INITIAL_SLOTS, self.state_size), np.float32)
        self._heard = np.zeros(_INITIAL_SLOTS, np.int64)
        self._free = list(range(_INITIAL_SLOTS))
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
        """Return an engine for the wake words in `model_paths`, by id; blocks for about 0.1 s.

        Raises ModelFileMissing, ModelFileInvalid or UnsupportedModel; with `skip_unusable` the heads
        that raise are left out, so that one bad file does not silence the other wake words.
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
        """Return the handle of a new stream."""
        if not self._free:
            slots = len(self._state)
            self._state = np.concatenate((self._state, np.empty_like(self._state)))
            self._heard = np.concatenate((self._heard, np.zeros_like(self._heard)))
            self._free = list(range(slots, 2 * slots))
        stream = self._free.pop()
        self.restart_stream(stream)
        return stream

    def close_stream(self, stream: int) -> None:
        """Forget a stream; its handle may be given out again."""
        self.restart_stream(stream)
        self._free.append(stream)
        self._plans.clear()

    def restart_stream(self, stream: int) -> None:
        """Forget what was heard in a stream."""
        self._state[stream] = self._fresh_state
        self._heard[stream] = 0

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Hear one chunk of each of these streams, [streams, 1280]; return scores, [streams, wake words].

        No stream may occur twice. When this raises, no stream has changed.
        """
        index = np.asarray(streams, np.intp)
        if chunks.shape != (len(index), CHUNK_SAMPLES):
            raise ValueError("a chunk has 1,280 samples")
        plan = self._plan(len(index))
        np.take(self._state, index, axis=0, out=plan.state, mode="clip")
        heard = self._heard[index]
        embeddings = self._embed(plan, chunks, heard)
        plan.history[:, :-1] = plan.history[:, 1:]
        plan.history[:, -1] = embeddings
        scores = np.empty((len(index), len(self._heads)), np.float32)
        for column, head in enumerate(self._heads):
            scores[:, column] = head.scores(plan.history[:, -head.frames :])
        scores[heard < QUIET_CHUNKS] = 0.0
        self._state[index] = plan.state
        self._heard[index] = heard + 1
        return scores

    def embeddings(self, stream: int) -> Floats:
        """Return a copy of a stream's newest embeddings, [16, 96], oldest first."""
        history = self._state[stream, : self.history_frames * EMBEDDING_SIZE]
        return history.reshape(self.history_frames, EMBEDDING_SIZE)[-VERIFIER_FRAMES:].copy()

    def _embed(self, plan: _Plan, chunks: NDArray[np.int16], heard: NDArray[np.int64]) -> Floats:
        """Return the embeddings that the chunks add, and move the plan's state on."""
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
        """Return the state of a stream of which nothing was heard."""
        plan = self._plan(1)
        plan.history[...] = 0
        plan.tail[...] = 0
        plan.state[:, -self.embedding.state_size :] = self.embedding.initial_state()
        nothing_heard = plan.state.copy()
        random = np.random.default_rng(_NOISE_SEED)
        embeddings = []
        for heard in range(_NOISE_WARM_UP_CHUNKS + VERIFIER_FRAMES):
            noise = random.integers(-_NOISE_AMPLITUDE, _NOISE_AMPLITUDE, (1, CHUNK_SAMPLES), np.int16)
            embeddings.append(self._embed(plan, noise, np.array([heard])).copy())
        # The same few over and over, so that the newest do not depend on how far back the longest head looks.
        cycle = np.concatenate(embeddings[_NOISE_WARM_UP_CHUNKS:])
        order = np.arange(-self.history_frames, 0) % VERIFIER_FRAMES
        nothing_heard[:, : self.history_frames * EMBEDDING_SIZE] = cycle[order].reshape(1, -1)
        return nothing_heard.reshape(-1)


def limit_blas_threads() -> None:
    """Make numpy's BLAS use one thread, in the whole process.

    Its other threads only spin for matrices this small: at one stream they double the CPU time. Where
    numpy was built with another BLAS nothing happens.
    """
    with contextlib.suppress(OSError, AttributeError):
        _openblas_set_num_threads()(1)


def _openblas_set_num_threads() -> Any:
    """Return the function of the OpenBLAS that numpy brings along; raises OSError or AttributeError."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for library in sorted(folder.glob("libscipy_openblas64_*")):
        function = ctypes.CDLL(str(library)).scipy_openblas_set_num_threads64_
        function.argtypes = [ctypes.c_int]
        function.restype = None
        return function
    raise OSError("numpy brings no OpenBLAS along")
