"""A second opinion on a wake word, learned in this house from labeled clips: logistic regression.

It looks at the embeddings that the engine has computed anyway. It is kept as 1,537 numbers with a checksum; a
pickle, openWakeWord's own format for this, would run whatever code somebody put into it.
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

"""The 16 newest embeddings of a stream, [16, 96]; `WakeEngine.embeddings` returns them as float32."""

_FEATURES: Final = VERIFIER_FRAMES * EMBEDDING_SIZE
INVERSE_PENALTY: Final = 0.01
"""How much fitting the examples counts against small weights.

openWakeWord has 0.001. On the recordings of `scripts/bench verifier` that lets twice as many repeated phrases
wake again (80 % instead of 40 %), for half a percent of the wakes.
"""

_MOST_ITERATIONS: Final = 50
_CONVERGED: Final = 1e-10
_FORMAT: Final = "voice_privacy verifier"
_VERSION: Final = 1
_MOST_BYTES: Final = 65_536
_LARGEST_NUMBER: Final = 1e9
"""No training gives a larger weight; sums of such weights and embeddings stay finite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verifier:
    """A trained verifier of one wake word. Any thread may ask it."""

    wake_word: str
    weights: NDArray[np.float32]
    """One for each number of a flattened window, [1536]."""

    bias: float

    def score(self, window: ArrayLike) -> float:
        """Return how sure it is that a window, [16, 96], ends in the wake word, 0 to 1.

        Raises ValueError for a window of another size.
        """
        flat = np.asarray(window, np.float32).reshape(_FEATURES)
        return float(_sigmoid(np.float64(self.weights @ flat) + self.bias))

    def scores(self, windows: Windows) -> NDArray[np.float64]:
        """Return the scores of many windows, [windows, 16, 96]."""
        flat = windows.reshape(-1, _FEATURES).astype(np.float32)
        return _sigmoid((flat @ self.weights).astype(np.float64) + self.bias)

    def to_bytes(self) -> bytes:
        """Return it as a line of JSON with the SHA-256 of the float32 numbers that follow."""
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
        """Return what `to_bytes` wrote. Raises ModelFileInvalid for anything else."""
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
            raise ModelFileInvalid("this is no verifier")
        try:
            checksum = hashlib.sha256(wake_word.encode() + numbers).hexdigest()
        except UnicodeEncodeError as error:
            raise ModelFileInvalid("this is no verifier") from error
        values = np.frombuffer(numbers, "<f4").astype(np.float32)
        # A comparison with NaN is false, so that this finds it too.
        possible = bool((np.abs(values) <= _LARGEST_NUMBER).all())
        if header.get("sha256") != checksum or not possible:
            raise ModelFileInvalid("a verifier is damaged")
        return cls(wake_word=wake_word, weights=values[:-1].copy(), bias=float(values[-1]))

    def save(self, path: Path) -> None:
        """Write it so that the file is there whole or not at all, for the owner's eyes only; blocks.

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
        """Read what `save` wrote; blocks. Raises ModelFileInvalid, or OSError when it cannot be read."""
        return cls.from_bytes(read_regular(path, _MOST_BYTES))


def _header(line: bytes) -> Mapping[str, Any]:
    try:
        return parse_json_object(line, max_bytes=_MOST_BYTES)
    except ValueError as err:
        raise ModelFileInvalid("this is no verifier") from err


# --- training ------------------------------------------------------------------------------------


def train(wake_word: str, positives: Windows, negatives: Windows) -> Verifier:
    """Return a verifier that tells positive windows from negative ones, [windows, 16, 96]; blocks.

    Logistic regression with an L2 penalty on standardized features, both classes weighing the same, by
    Newton's method; the same windows always give the same weights. Raises ValueError when a class has
    no window.
    """
    if not len(positives) or not len(negatives):
        raise ValueError("a verifier is trained with windows of both kinds")
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
    """Return the weights and bias that minimize the penalized loss."""
    basis: NDArray[np.float64] | None = None
    if len(features) < features.shape[1]:
        # The weights are a combination of the examples: as many unknowns as there are of them will do.
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
