"""Both wake engines as one: a wake word is a wake word, whichever engine hears it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
import logging
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ModelFileInvalid, WakeModelError
from ..core.wake_trace import HeardBy
from .classifiers import Head
from .embedding import EmbeddingNetwork
from .engine import Floats, WakeEngine, limit_blas_threads
from .melspectrogram import Melspectrogram
from .micro.engine import MicroEngine, MicroModel, is_micro
from .micro.manifest import Manifest, parse_manifest, read_manifest
from .micro.network import MicroNetwork
from .model_content import MAX_FILE_SIZE, read_model_file, refuse_other_files
from .onnx.reader import read_model
from .pair import SecondEar
from .taught import TaughtWord
from .tflite.reader import is_tflite, parse_model

_LOGGER = logging.getLogger(__name__)


class _Part(Protocol):
    """An engine."""

    wake_words: tuple[str, ...]

    def open_stream(self) -> int:
        """Open a stream and return its handle."""

    def close_stream(self, stream: int) -> None:
        """Close a stream."""

    def restart_stream(self, stream: int) -> None:
        """Reset the state of a stream."""

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Return the scores of one chunk of each stream."""


class _RestingPart(_Part, Protocol):
    """Part whose streams may wait."""

    lag_chunks: int
    """Number of chunks by which scores may follow their sound, more than with usual models."""

    def wait(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> None:
        """Keep one chunk of each stream until a score is wanted."""


class ScoringEngine(_Part, Protocol):
    """An engine that hears the streams of the worker."""

    def embeddings(self, stream: int) -> Floats:
        """Return a copy of a stream's newest embeddings, [16, 96]. Raises LookupError if there are none."""

    def scores_from(self, wake_word: str, pcm: bytes, starts: Sequence[int]) -> list[float]:
        """Return the scores of the end of some audio that is only heard from each start on.

        Raises LookupError if the engine cannot tell.
        """

    def changes(self, pcm: bytes) -> list[float]:
        """Return for each 10 ms of some audio how much its spectrum changes. Raises LookupError likewise."""


class WakeEngines:
    """openWakeWord's engine, microWakeWord's, or both. Not thread-safe: one thread at a time.

    A stream of this engine is a stream in each of its parts.
    """

    def __init__(
        self,
        openwakeword: WakeEngine | None,
        micro: Sequence[MicroEngine],
        second: SecondEar | None = None,
    ) -> None:
        """Join engines whose wake words differ.

        Args:
            openwakeword: Engine of openWakeWord, or None.
            micro: Engines of microWakeWord, one for each step of the features.
            second: Second ear of some wake words of microWakeWord.
        """
        self.openwakeword = openwakeword
        self.second = second
        self.unusable: dict[str, WakeModelError] = {}
        """Requested wake words whose models cannot be used, with the reason."""

        self._parts: list[_RestingPart] = [*([] if openwakeword is None else [openwakeword]), *micro]
        self.wake_words = tuple(wake_word for part in self._parts for wake_word in part.wake_words)
        """Ids of the wake words, in the order of the score columns."""
        paired = () if second is None else second.wake_words
        self._paired = [self.wake_words.index(wake_word) for wake_word in paired]
        """Columns of the wake words of the second ear."""

        self._streams: dict[int, list[int]] = {}

    @property
    def has_embeddings(self) -> bool:
        """True if streams have embeddings, from which verifiers are trained."""
        return self.openwakeword is not None or self.second is not None

    @property
    def learnable(self) -> tuple[str, ...]:
        """Wake words that openWakeWord hears, whose embeddings verifiers are trained on; microWakeWord has none."""
        first = () if self.openwakeword is None else self.openwakeword.wake_words
        return first if self.second is None else (*first, *self.second.wake_words)

    @property
    def taught(self) -> tuple[TaughtWord, ...]:
        """Taught words, as they were loaded."""
        scorer = None if self.openwakeword is None else self.openwakeword.taught
        return () if scorer is None else scorer.words

    @property
    def heard_by(self) -> dict[str, HeardBy]:
        """Engines of the wake words: microWakeWord's, openWakeWord's, or both."""
        heard_by = dict.fromkeys(self.wake_words, HeardBy.MICROWAKEWORD)
        if self.openwakeword is not None:
            heard_by |= dict.fromkeys(self.openwakeword.wake_words, HeardBy.OPENWAKEWORD)
        return heard_by | dict.fromkeys(() if self.second is None else self.second.wake_words, HeardBy.BOTH)

    @property
    def lag_chunks(self) -> int:
        """Number of chunks by which scores may follow their sound, more than with usual models."""
        second = 0 if self.second is None else self.second.lag_chunks
        return max((part.lag_chunks for part in self._parts), default=0) + second

    def open_stream(self) -> int:
        """Open a stream and return its handle."""
        stream = next(number for number in range(len(self._streams) + 1) if number not in self._streams)
        self._streams[stream] = [part.open_stream() for part in self._parts]
        if self.second is not None:
            self.second.open_stream(stream)
        return stream

    def close_stream(self, stream: int) -> None:
        """Close a stream; its handle may be reused."""
        for part, handle in zip(self._parts, self._streams.pop(stream), strict=True):
            part.close_stream(handle)
        if self.second is not None:
            self.second.close_stream(stream)

    def restart_stream(self, stream: int) -> None:
        """Reset the state of a stream."""
        for part, handle in zip(self._parts, self._streams[stream], strict=True):
            part.restart_stream(handle)
        if self.second is not None:
            self.second.restart_stream(stream)

    def process(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> Floats:
        """Process one chunk, [1280], of each stream; return the scores, [streams, wake words].

        If this raises, the streams have not changed, or have been restarted.
        """
        scores = np.empty((len(streams), len(self.wake_words)), np.float32)
        column = 0
        for number, part in enumerate(self._parts):
            handles = [self._streams[stream][number] for stream in streams]
            try:
                found = part.process(handles, chunks)
            except Exception:
                if number:
                    # The parts before have heard these chunks already.
                    for stream in streams:
                        self.restart_stream(stream)
                raise
            scores[:, column : column + found.shape[1]] = found
            column += found.shape[1]
        if self.second is not None:
            scores[:, self._paired] = self.second.process(streams, chunks, scores[:, self._paired])
        return scores

    def wait(self, streams: Sequence[int], chunks: NDArray[np.int16]) -> None:
        """Keep one chunk of each stream until a score is wanted. If this raises, restart the streams."""
        for number, part in enumerate(self._parts):
            part.wait([self._streams[stream][number] for stream in streams], chunks)
        if self.second is not None:
            self.second.wait(streams, chunks)

    def distances(self, stream: int) -> dict[str, float]:
        """Return the distances of a stream to the taught words after its last processed chunk, by id."""
        return {} if self.openwakeword is None else self.openwakeword.distances(self._streams[stream][0])

    def tighten(self, wake_word: str, threshold: float) -> None:
        """Lower the distance at which a taught word wakes, from the next chunk on; never raises it."""
        if self.openwakeword is not None and self.openwakeword.taught is not None:
            self.openwakeword.taught.tighten(wake_word, threshold)

    def embeddings(self, stream: int) -> Floats:
        """Return a copy of a stream's newest embeddings, [16, 96]. Raises LookupError if there are none."""
        if self.openwakeword is not None:
            return self.openwakeword.embeddings(self._streams[stream][0])
        if self.second is not None:
            return self.second.embeddings(stream)
        raise LookupError("microWakeWord has no embeddings")

    def scores_from(self, wake_word: str, pcm: bytes, starts: Sequence[int]) -> list[float]:
        """Return the scores of the end of some audio that is only heard from each start on.

        Raises LookupError for a word that only microWakeWord hears: its scores follow the end too late to tell.
        """
        if self.second is not None and wake_word in self.second.wake_words:
            return self.second.scores_from(wake_word, pcm, starts)
        if self.openwakeword is None or wake_word not in self.openwakeword.wake_words:
            raise LookupError("microWakeWord does not tell where a word starts")
        return self.openwakeword.scores_from(wake_word, pcm, starts)

    def changes(self, pcm: bytes) -> list[float]:
        """Return for each 10 ms of some audio how much its spectrum changes. Raises LookupError likewise."""
        if self.openwakeword is not None:
            return self.openwakeword.changes(pcm)
        if self.second is not None:
            return self.second.engine.changes(pcm)
        raise LookupError("microWakeWord does not tell where a word starts")


def load_engines(
    model_paths: Mapping[str, Path],
    base: tuple[Path, Path] | WakeModelError,
    second_ears: Mapping[str, Path] | None = None,
    taught: Mapping[str, TaughtWord] | None = None,
) -> WakeEngines:
    """Return an engine for all models that can be used; the others are in its `unusable`. Blocks.

    Args:
        model_paths: Paths of the models by wake word id.
        base: Paths of melspectrogram.onnx and embedding_model.onnx, or why they are missing.
        second_ears: Paths of microWakeWord's models for some wake words of openWakeWord, which both shall hear. If one
            of both cannot be used, the other one hears the word alone.
        taught: Taught words by id, none of which is in `model_paths`.

    Raises:
        WakeModelError: The files of `base` cannot be used, and no microWakeWord model can.
    """
    limit_blas_threads()
    loaded = _Loaded()
    for wake_word, path in model_paths.items():
        loaded.add(wake_word, path)
    for wake_word, path in (second_ears or {}).items():
        loaded.add_second(wake_word, path)
    openwakeword = second = None
    words = tuple(replace(word, wake_word=wake_word) for wake_word, word in (taught or {}).items())
    if loaded.heads or loaded.paired or words:
        try:
            networks = _networks(base)
        except WakeModelError as error:
            if not loaded.micro:
                raise
            loaded.unusable |= dict.fromkeys((*loaded.heads, *(word.wake_word for word in words)), error)
        else:
            openwakeword = WakeEngine(*networks, loaded.heads, words) if loaded.heads or words else None
            second = SecondEar(WakeEngine(*networks, loaded.paired)) if loaded.paired else None
    engines = WakeEngines(openwakeword, [MicroEngine(models) for models in loaded.micro.values()], second)
    engines.unusable = loaded.unusable
    return engines


class _Loaded:
    """Models by the engine that runs them."""

    def __init__(self) -> None:
        self.unusable: dict[str, WakeModelError] = {}
        self.heads: dict[str, Head] = {}
        self.paired: dict[str, Head] = {}
        """Heads of words that microWakeWord hears too."""

        self.micro: dict[int, dict[str, MicroModel]] = {}
        """Models of microWakeWord by the step of their features."""

    def add(self, wake_word: str, path: Path) -> None:
        """Load the model of a wake word."""
        try:
            model = load_model(path)
        except WakeModelError as error:
            self.unusable[wake_word] = error
            return
        if isinstance(model, MicroModel):
            self.micro.setdefault(model.manifest.step, {})[wake_word] = model
        else:
            self.heads[wake_word] = model

    def add_second(self, wake_word: str, path: Path) -> None:
        """Load microWakeWord's model of a wake word that openWakeWord hears."""
        if wake_word not in self.heads and wake_word not in self.unusable:
            return
        try:
            model = load_model(path)
        except WakeModelError as error:
            _LOGGER.warning("%s is heard by one engine only (%s)", wake_word, error.code)
            return
        if not isinstance(model, MicroModel):
            return
        self.micro.setdefault(model.manifest.step, {})[wake_word] = model
        if (head := self.heads.pop(wake_word, None)) is not None:
            self.paired[wake_word] = head
        self.unusable.pop(wake_word, None)


def load_model(path: Path) -> Head | MicroModel:
    """Return the model in a file, whichever engine runs it; blocks.

    Raises WakeModelError, and nothing else whatever the file is.
    """
    try:
        return _model_in(read_model_file(path, MAX_FILE_SIZE), lambda: read_manifest(path))
    except WakeModelError:
        raise
    except Exception as error:
        raise ModelFileInvalid("the model file cannot be used") from error


def parse_model_file(content: bytes, manifest: bytes | None) -> Head | MicroModel:
    """Return the model in the content of a file, with the content of its manifest if there is one.

    Raises WakeModelError, and nothing else whatever the content is.
    """
    try:
        refuse_other_files(content)
        return _model_in(content, lambda: Manifest() if manifest is None else parse_manifest(manifest))
    except WakeModelError:
        raise
    except Exception as error:
        raise ModelFileInvalid("the model file cannot be used") from error


def _model_in(content: bytes, manifest: Callable[[], Manifest]) -> Head | MicroModel:
    if is_tflite(content) and is_micro(model := parse_model(content)):
        return MicroModel(MicroNetwork(model), manifest())
    return Head.parse(content)


def _networks(base: tuple[Path, Path] | WakeModelError) -> tuple[Melspectrogram, EmbeddingNetwork]:
    """Return what all heads share."""
    if isinstance(base, WakeModelError):
        raise base
    melspectrogram, embedding = base
    return Melspectrogram(read_model(melspectrogram)), EmbeddingNetwork(read_model(embedding))
