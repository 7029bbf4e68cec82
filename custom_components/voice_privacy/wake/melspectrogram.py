"""Log-mel front end of openWakeWord, which maps 80 ms of samples to 8 rows of 32 mel bands."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UnsupportedModel
from .onnx.reader import Graph, Tensor

type Samples = NDArray[np.float32]

BANDS: Final = 32
"""Mel bands per row."""

HOP_SAMPLES: Final = 160
"""Samples between rows: 10 ms."""

ROWS_PER_CHUNK: Final = 8
"""Rows added per chunk of 1,280 samples."""

TAIL_SAMPLES: Final = 480
"""Samples of the previous chunk needed for the first rows of a chunk."""

FIRST_CHUNK_MISSING_ROWS: Final = 3
"""Rows of a stream's first chunk that would need earlier samples."""

_COMPARED_ROWS: Final = 4
_COMPARED_RANGE: Final = 6.0
_ABOVE_ROOM: Final = 0.3
"""Range of rows below the loudest value, and distance from the quietest ones, outside of which values do not differ;
in tens of dB, as rows are scaled."""

_DYNAMIC_RANGE_DB: Final = 80.0
_POWER_FLOOR: Final = 1e-10
_DB_PER_NEPER: Final = 10.0 / 2.302585092994046


class Melspectrogram:
    """Short-time Fourier transform and mel filters of melspectrogram.onnx as two matrix products.

    Of its 257 bins and 512 taps only those with nonzero weights are computed.
    """

    def __init__(self, graph: Graph) -> None:
        """Extract the weights from the model's graph. Raises UnsupportedModel for any other model."""
        real, imaginary, mel = _weights(graph)
        bins = np.flatnonzero(mel.any(axis=1))
        taps = np.flatnonzero(real.any(axis=0) | imaginary.any(axis=0))
        self._first_tap = int(taps[0])
        self._taps = int(taps[-1]) - self._first_tap + 1
        window = slice(self._first_tap, self._first_tap + self._taps)
        kernels = np.concatenate((real[bins], imaginary[bins]))[:, window]
        self._kernels = np.ascontiguousarray(kernels.T)
        self._mel = np.concatenate((mel[bins], mel[bins]))

    def rows(self, samples: Samples, first: NDArray[np.bool_] | None = None) -> Samples:
        """Return the rows added by a chunk, scaled for the embedding model.

        The 80 dB dynamic range is applied per stream and chunk. The ONNX model applies it over the whole
        batch, so that batched streams would affect each other's scores.

        Args:
            samples: Tail of the previous chunk, then the chunk, [streams, 480 + 1280], in 16-bit units.
            first: Mask of streams whose first chunk this is, [streams]. As in openWakeWord, their first 3
                rows are ones.

        Returns:
            Rows, [streams, 8, 32].
        """
        streams = len(samples)
        stride = samples.strides
        windows = np.lib.stride_tricks.as_strided(
            samples[:, self._first_tap :],
            (streams, ROWS_PER_CHUNK, self._taps),
            (stride[0], HOP_SAMPLES * stride[1], stride[1]),
            writeable=False,
        )
        spectrum = windows.reshape(streams * ROWS_PER_CHUNK, self._taps) @ self._kernels
        np.multiply(spectrum, spectrum, out=spectrum)
        levels: Samples = spectrum @ self._mel
        np.maximum(levels, _POWER_FLOOR, out=levels)
        np.log(levels, out=levels)
        levels *= _DB_PER_NEPER
        levels = levels.reshape(streams, ROWS_PER_CHUNK, BANDS)
        if first is not None:
            levels[first, :FIRST_CHUNK_MISSING_ROWS] = -np.inf
        floor = np.maximum.reduce(levels, axis=(1, 2), keepdims=True) - np.float32(_DYNAMIC_RANGE_DB)
        np.maximum(levels, floor, out=levels)
        levels *= 0.1
        levels += 2.0
        if first is not None:
            levels[first, :FIRST_CHUNK_MISSING_ROWS] = 1.0
        return levels


def spectral_changes(rows: Samples) -> list[float]:
    """Return how different the rows after each place are from those before it, dB; a place every 10 ms.

    Args:
        rows: Rows, [rows, 32], from the first chunk of some audio on.
    """
    if len(rows) <= 2 * _COMPARED_ROWS:
        return []
    rows = np.maximum(rows, rows.max() - _COMPARED_RANGE)
    rows = np.maximum(rows, np.sort(rows, axis=0)[len(rows) // 20] + _ABOVE_ROOM)
    total = np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)))
    mean = (total[_COMPARED_ROWS:] - total[:-_COMPARED_ROWS]) / _COMPARED_ROWS
    # The row that contains sound from both sides of a place is left out.
    apart = _COMPARED_ROWS + 1
    changes: list[float] = (10 * np.abs(mean[apart:] - mean[:-apart]).mean(axis=1)).tolist()
    return [0.0] * (_COMPARED_ROWS - 1) + changes


def _weights(graph: Graph) -> tuple[Tensor, Tensor, Tensor]:
    """Return the real and imaginary kernels, [bins, taps], and the mel filters, [bins, bands]."""
    kernels = []
    mel = None
    for node in graph.nodes:
        weight = graph.initializers.get(node.inputs[1]) if len(node.inputs) > 1 else None
        if weight is None:
            continue
        if node.op_type == "Conv" and weight.ndim == 3 and node.attributes.get("strides") == (HOP_SAMPLES,):
            kernels.append(weight[:, 0, :])
        elif node.op_type == "MatMul" and weight.ndim == 2:
            mel = weight
    if len(kernels) != 2 or mel is None:
        raise UnsupportedModel("this is not openWakeWord's melspectrogram model")
    real, imaginary = kernels
    if real.shape != imaginary.shape or mel.shape != (len(real), BANDS) or not mel.any() or not real.any():
        raise UnsupportedModel("the melspectrogram model has unexpected shapes")
    reach = HOP_SAMPLES * (ROWS_PER_CHUNK - 1) + real.shape[1]
    if reach > TAIL_SAMPLES + ROWS_PER_CHUNK * HOP_SAMPLES or any(w.dtype != np.float32 for w in (real, mel)):
        raise UnsupportedModel("the melspectrogram model has unexpected shapes")
    return real, imaginary, mel
