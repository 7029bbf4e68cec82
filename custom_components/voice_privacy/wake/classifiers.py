"""Wake word heads: the final, small network of each wake word, which maps embeddings to a score."""

import contextlib
import logging
from pathlib import Path
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.errors import (
    ModelFileInvalid,
    ModelTooCostly,
    ModelWithoutScore,
    NotAWakeWordModel,
    WakeModelError,
)
from .embedding import EMBEDDING_SIZE
from .model_content import MAX_FILE_SIZE, read_model_file
from .onnx.reader import Graph, Tensor, parse_model as parse_onnx
from .program import Budget, Compiler, RowsDiffer, execute, execute_checked
from .tflite.heads import graph_of
from .tflite.reader import is_tflite, parse_model as parse_tflite

_LOGGER = logging.getLogger(__name__)

type Floats = NDArray[np.float32]

MAX_FRAMES: Final = 120
"""Maximum number of input embeddings (80 ms each) of a head; openWakeWord keeps as many."""

MAX_CLASSES: Final = 64

_MAX_COST: Final = 20_000_000
"""Maximum cost per row in multiplications or equivalent time; the published heads need 0.4 million."""

_MAX_BYTES: Final = 8_000_000
"""Maximum size of all values computed for a row, which stay in memory until the row is done."""

_TRIAL_ROWS: Final = 3
_TRIAL_SEED: Final = 20_240_601
_SPEECH: Final = 10.0
"""Size of the features of speech, roughly: their standard deviation."""

_LOUD: Final = 100.0

_MAX_SECONDS: Final = 0.8
"""Computing time for the whole trial, in case that the costs of operations are misjudged."""

_TOLERANCE: Final = 1e-4

_FAULTS: Final = (ArithmeticError, IndexError, MemoryError, TypeError, ValueError, WakeModelError)
"""What numpy raises when a model cannot compute several rows together."""


class Head:
    """Network of a wake word.

    The output of a single-output head is its score. In a head with several classes (openWakeWord's timer),
    class 0 means "none of them". openWakeWord reports each other class under its own name; here the head is
    a single wake word whose score is the highest of the other classes.
    """

    def __init__(self, graph: Graph) -> None:
        """Compile a graph and test it.

        Raises:
            NotAWakeWordModel: The graph takes something else than embeddings.
            ModelOperationUnknown: The graph uses an operation that this engine does not support.
            ModelTooCostly: The graph needs too much computing or memory.
            UnsupportedModel: The graph uses an operation in an unsupported way.
            ModelWithoutScore: The graph's output is not a score.
            ModelFileInvalid: The graph is invalid.
        """
        if len(graph.inputs) != 1 or len(graph.outputs) != 1:
            raise NotAWakeWordModel("a wake word model must have one input and one output")
        shape = graph.inputs[0].shape
        if len(shape) != 3 or shape[2] != EMBEDDING_SIZE:
            raise NotAWakeWordModel("a wake word model must take embeddings of 96 features")
        if shape[1] is None or not 1 <= shape[1] <= MAX_FRAMES:
            raise NotAWakeWordModel("a wake word model must take 1 to 120 embeddings")
        self.frames = shape[1]
        """Number of input embeddings (80 ms each)."""
        self._has_failed = False
        self._fits: dict[int, bool] = {}
        """Whether so many rows may be computed together."""
        self._deadline: float | None = time.thread_time() + _MAX_SECONDS
        try:
            compiler = Compiler(graph.version)
            self._input = compiler.define_input(graph.inputs[0].name)
            self._program = compiler.program(graph, 0)
            self._constants: list[Tensor | None] = compiler.constants
            with np.errstate(all="ignore"):
                self._run_trial()
            self._deadline = None
        except WakeModelError:
            raise
        except Exception as error:
            # Files are untrusted: any exception from numpy must only affect this wake word.
            raise ModelFileInvalid("the model does not run") from error

    @property
    def computes_together(self) -> bool:
        """Whether several streams may be computed in one call, which is faster."""
        return self._batches

    @classmethod
    def load(cls, path: Path) -> Head:
        """Load a head from an ONNX or a TensorFlow Lite file; blocks.

        Raises WakeModelError, and nothing else whatever the file is.
        """
        return cls.parse(read_model_file(path, MAX_FILE_SIZE))

    @classmethod
    def parse(cls, content: bytes) -> Head:
        """Return the head in the content of an ONNX or a TensorFlow Lite file.

        Raises WakeModelError, and nothing else whatever the content is.
        """
        try:
            return cls(graph_of(parse_tflite(content)) if is_tflite(content) else parse_onnx(content))
        except WakeModelError:
            raise
        except Exception as error:
            # For example an operator with fewer inputs than it needs.
            raise ModelFileInvalid("the model file cannot be used") from error

    def scores(self, features: Floats) -> Floats:
        """Return the score of every stream, [streams], from its newest embeddings, [streams, frames, 96].

        The score is zero if the model fails: it cannot be tested with every sound when it is loaded, and a
        failure must not affect other wake words.
        """
        try:
            with np.errstate(all="ignore"):
                scores = self._scores(features)
                # With a NaN, these return the other number.
                np.fmax(scores, np.float32(0), out=scores)
                return np.fmin(scores, np.float32(1), out=scores)
        except Exception as error:  # noqa: BLE001  # with a user's own model numpy may raise anything
            if not self._has_failed:
                self._has_failed = True
                _LOGGER.warning("The model of a wake word fails (%s)", type(error).__name__)
            return np.zeros(len(features), np.float32)

    def _scores(self, features: Floats) -> Floats:
        rows = len(features)
        if rows == 1 or self._may_batch(features):
            try:
                return _scores_of(self._run(features), rows)
            except RowsDiffer:
                pass
        return np.concatenate([_scores_of(self._run(features[at : at + 1]), 1) for at in range(rows)])

    def _may_batch(self, features: Floats) -> bool:
        """Return whether so many rows may be computed together, which is measured once for each number.

        Their cost must not be higher than that of the rows one by one.
        """
        rows = len(features)
        if (fits := self._fits.get(rows)) is None:
            fits = False
            if self._batches:
                # With equal rows, all take the same branches; what they cost does not depend on the sound.
                with contextlib.suppress(*_FAULTS):
                    fits = self._cost_of(np.repeat(features[:1], rows, axis=0)) <= rows * self._cost
            self._fits[rows] = fits
        return fits

    def _run(self, features: Floats) -> Tensor:
        if self._deadline is not None and time.thread_time() > self._deadline:
            raise ModelTooCostly("the model needs more computing than allowed for a wake word")
        values = self._constants.copy()
        values[self._input] = features
        return execute(self._program, values)

    def _run_trial(self) -> None:
        """Run the model with noise, with both branches of every `If`.

        Decide whether rows can be batched. Raises WakeModelError if the model cannot be used.
        """
        random = np.random.default_rng(_TRIAL_SEED)
        shape = (_TRIAL_ROWS, self.frames, EMBEDDING_SIZE)
        features = random.normal(0, _SPEECH, shape).astype(np.float32)
        self._batches = False
        self._cost = self._cost_of(features[:1])
        single = self._scores(features)
        self._batches = True
        self._fits.clear()
        if not self._may_batch(features) or not self._agrees(features, single):
            self._batches = False
            self._fits.clear()
        _check_scores(single)
        _check_scores(self._scores(_unusual_features(random, self.frames)))
        # Loud noise can exceed what a model can compute, but must not give another kind of number.
        loud = self._scores(random.normal(0, _LOUD, (1, *shape[1:])).astype(np.float32))
        _check_scores(loud[np.isfinite(loud)])

    def _agrees(self, features: Floats, single: Floats) -> bool:
        """Return whether rows that are computed together have the scores of single ones: a model may mix rows."""
        try:
            batched = _scores_of(self._run(features), len(features))
        except RowsDiffer:
            return True
        except _FAULTS:
            return False
        return bool(np.allclose(single, batched, atol=1e-5, equal_nan=True))

    def _cost_of(self, features: Floats) -> int:
        """Run every branch and return the cost. Raises ModelTooCostly if it exceeds the maximum."""
        values = self._constants.copy()
        values[self._input] = features
        rows = len(features)
        deadline = self._deadline or time.thread_time() + _MAX_SECONDS
        budget = Budget(cost=_MAX_COST * rows, size=_MAX_BYTES * rows, deadline=deadline)
        execute_checked(self._program, values, budget)
        return _MAX_COST * rows - budget.cost


def _unusual_features(random: np.random.Generator, frames: int) -> Floats:
    """Return embeddings that are far from those of the trial, [rows, frames, 96]."""
    rows = np.zeros((5, frames, EMBEDDING_SIZE), np.float32)
    rows[1], rows[2] = _SPEECH, -_SPEECH
    rows[3] = random.normal(0, 1, rows[3].shape)
    rows[4] = random.normal(0, 3 * _SPEECH, rows[4].shape)
    return rows


def _check_scores(scores: Floats) -> None:
    """Raise ModelWithoutScore if any is not a number from 0 to 1."""
    if not np.isfinite(scores).all():
        raise ModelWithoutScore("the model computes no number")
    if scores.size and (scores.min() < -_TOLERANCE or scores.max() > 1 + _TOLERANCE):
        raise ModelWithoutScore("the model's output is not between 0 and 1")


def _scores_of(output: Tensor, rows: int) -> Floats:
    """Return one score per row."""
    if output.size == rows:
        return output.reshape(rows).astype(np.float32)
    if output.ndim != 2 or len(output) != rows or not 1 < output.shape[1] <= MAX_CLASSES:
        raise ModelWithoutScore("the model's output is not a score")
    scores: Floats = output[:, 1:].max(axis=1).astype(np.float32)
    return scores
