"""Verifier of a wake word: logistic regression trained on this machine with labeled clips.

Its input is the embeddings that the engine has already computed. It is stored as 1,537 numbers with a
checksum. openWakeWord uses pickle for this, which can execute arbitrary code when it is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import json
import os
from pathlib import Path
import tempfile
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.errors import ModelFileInvalid
from ..core.foreign_json import parse_json_object
from ..core.regular_file import read_regular
from .augmentation import Windows
from .embedding import EMBEDDING_SIZE
from .engine import VERIFIER_FRAMES

_FEATURES: Final = VERIFIER_FRAMES * EMBEDDING_SIZE
INVERSE_PENALTY: Final = 0.01
"""Inverse of the L2 penalty: weight of fitting the examples relative to small weights.

openWakeWord uses 0.001. On the recordings of `scripts/bench verifier`, twice as many repeated phrases then
wake again (80 % instead of 40 %), in exchange for half a percent of the wakes.
"""

_MOST_ITERATIONS: Final = 50
_CONVERGED: Final = 1e-10
_FORMAT: Final = "voice_privacy verifier"
_VERSION: Final = 1
_MOST_BYTES: Final = 65_536
_LARGEST_NUMBER: Final = 1e9
"""Maximum magnitude of a weight, never exceeded in training; sums over embeddings stay finite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verifier:
    """Trained verifier of a wake word. Thread-safe."""

    wake_word: str
    weights: NDArray[np.float32]
    """Weights of a flattened window, [1536]."""

    bias: float

    def score(self, window: ArrayLike) -> float:
        """Return the probability that a window ends with the wake word, 0 to 1.

        Args:
            window: The 16 newest embeddings of a stream, [16, 96], from `WakeEngines.embeddings`.

        Raises:
            ValueError: The window has another size.
        """
        flat = np.asarray(window, np.float32).reshape(_FEATURES)
        return float(_sigmoid(np.float64(self.weights @ flat) + self.bias))

    def scores(self, windows: Windows) -> NDArray[np.float64]:
        """Return the scores, [windows], of many windows, [windows, 16, 96]."""
        flat = windows.reshape(-1, _FEATURES).astype(np.float32)
        return _sigmoid((flat @ self.weights).astype(np.float64) + self.bias)

    def to_bytes(self) -> bytes:
        """Serialize as a line of JSON with a SHA-256, followed by the float32 numbers."""
        numbers = np.append(self.weights, np.float32(self.bias)).astype("<f4").tobytes()
        header = {
            "format": _FORMAT,
            "version": _VERSION,
            "wake_word": self.wake_word,
            "shape": [VERIFIER_FRAMES, EMBEDDING_SIZE],
            "sha256": hashlib.sha256(self.wake_word.encode() + numbers).hexdigest(),
        }
        return json.dumps(header, sort_keys=True).encode() + b"\n" + numbers

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Deserialize the output of `to_bytes`. Raises ModelFileInvalid for anything else."""
        line, _, numbers = content[:_MOST_BYTES].partition(b"\n")
        header = _header(line)
        wake_word = header.get("wake_word")
        if (
            header.get("format") != _FORMAT
            or header.get("version") != _VERSION
            or header.get("shape") != [VERIFIER_FRAMES, EMBEDDING_SIZE]
            or not isinstance(wake_word, str)
            or len(numbers) != 4 * (_FEATURES + 1)
        ):
            raise ModelFileInvalid("the file is not a verifier")
        try:
            checksum = hashlib.sha256(wake_word.encode() + numbers).hexdigest()
        except UnicodeEncodeError as error:
            raise ModelFileInvalid("the file is not a verifier") from error
        values = np.frombuffer(numbers, "<f4").astype(np.float32)
        # Comparisons with NaN are false, so this rejects NaN as well.
        possible = bool((np.abs(values) <= _LARGEST_NUMBER).all())
        if header.get("sha256") != checksum or not possible:
            raise ModelFileInvalid("the verifier is damaged")
        return cls(wake_word=wake_word, weights=values[:-1].copy(), bias=float(values[-1]))

    def save(self, path: Path) -> None:
        """Write the verifier atomically to a file that only its owner can read; blocks.

        Raises OSError.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".verifier-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(self.to_bytes())
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load a file written by `save`; blocks. Raises ModelFileInvalid, or OSError if it is unreadable."""
        return cls.from_bytes(read_regular(path, _MOST_BYTES))


def _header(line: bytes) -> Mapping[str, Any]:
    try:
        return parse_json_object(line, max_bytes=_MOST_BYTES)
    except ValueError as err:
        raise ModelFileInvalid("the file is not a verifier") from err


# --- training ------------------------------------------------------------------------------------


def train(wake_word: str, positives: Windows, negatives: Windows) -> Verifier:
    """Train a verifier; blocks.

    Logistic regression with an L2 penalty on standardized features and equal class weights, solved by
    Newton's method. Deterministic: the same windows always give the same weights.

    Args:
        wake_word: Id of the wake word.
        positives: Windows with the wake word, [windows, 16, 96].
        negatives: Windows without it, [windows, 16, 96].

    Raises:
        ValueError: A class has no windows.
    """
    if not len(positives) or not len(negatives):
        raise ValueError("training needs windows of both kinds")
    features = np.concatenate((positives, negatives)).reshape(-1, _FEATURES).astype(np.float64)
    labels = np.zeros(len(features))
    labels[: len(positives)] = 1
    counts = np.where(labels == 1, len(positives), len(negatives))
    mean = features.mean(axis=0)
    scale = features.std(axis=0)
    scale[scale < 1e-6] = 1
    features -= mean
    features /= scale
    weights, bias = _fit(features, labels, INVERSE_PENALTY * len(labels) / (2 * counts))
    weights /= scale
    return Verifier(
        wake_word=wake_word, weights=weights.astype(np.float32), bias=float(bias - mean @ weights)
    )


def _fit(
    features: NDArray[np.float64], labels: NDArray[np.float64], importance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the weights and the bias that minimize the penalized loss."""
    basis: NDArray[np.float64] | None = None
    if len(features) < features.shape[1]:
        # The weights are a linear combination of the examples, so one unknown per example is enough.
        basis, triangle = np.linalg.qr(features.T)
        features = triangle.T
    size = features.shape[1]
    design = np.concatenate((features, np.ones((len(features), 1))), axis=1)
    penalty = np.append(np.ones(size), 1e-9)
    solution = np.zeros(size + 1)
    loss = _loss(design, labels, importance, penalty, solution)
    for _ in range(_MOST_ITERATIONS):
        chance = _sigmoid(design @ solution)
        gradient = design.T @ (importance * (chance - labels)) + penalty * solution
        curvature = (design.T * (importance * chance * (1 - chance))) @ design
        curvature[np.diag_indices_from(curvature)] += penalty
        step = np.linalg.solve(curvature, gradient)
        length = 1.0
        while (better := _loss(design, labels, importance, penalty, solution - length * step)) > loss:
            length /= 2
            if length < 1e-8:
                break
        if length < 1e-8:
            break
        solution -= length * step
        improvement, loss = loss - better, better
        if improvement <= _CONVERGED * max(1.0, loss):
            break
    weights = solution[:-1] if basis is None else basis @ solution[:-1]
    return weights, float(solution[-1])


def _loss(
    design: NDArray[np.float64],
    labels: NDArray[np.float64],
    importance: NDArray[np.float64],
    penalty: NDArray[np.float64],
    solution: NDArray[np.float64],
) -> float:
    logits = design @ solution
    return float(importance @ (np.logaddexp(0, logits) - labels * logits) + penalty @ solution**2 / 2)


def _sigmoid(logits: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(logits) / 2)))
