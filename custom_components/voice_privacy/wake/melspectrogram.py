"""openWakeWord's log-mel front end: 80 ms of samples in, 8 rows of 32 mel bands out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UnsupportedModel
from .onnx.reader import Graph, Tensor

type Samples = NDArray[np.float32]

BANDS: Final = 32
"""Mel bands of one row."""

HOP_SAMPLES: Final = 160
"""Samples from one row to the next: 10 ms."""

ROWS_PER_CHUNK: Final = 8
"""Rows that one chunk of 1,280 samples adds."""

TAIL_SAMPLES: Final = 480
"""Samples of the previous chunk that the first rows of a chunk reach back into."""

FIRST_CHUNK_MISSING_ROWS: Final = 3
"""Rows of a stream's very first chunk that would need samples from before it."""

_DYNAMIC_RANGE_DB: Final = 80.0
_POWER_FLOOR: Final = 1e-10
_DB_PER_NEPER: Final = 10.0 / 2.302585092994046


class Melspectrogram:
    """The short-time Fourier transform and mel filters of melspectrogram.onnx as two matrix products.

    Of its 257 bins and 512 taps only those with a weight other than zero are computed.
    """

    def __init__(self, graph: Graph) -> None:
        """Take the weights from the model's graph; raises UnsupportedModel if it is another one."""
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
        """Return the rows that a chunk adds, [streams, 8, 32], as the embedding model wants them.

        `samples` is [streams, 480 + 1280]: the tail of the chunk before, then the chunk, in 16-bit units.
        `first` marks streams for which this is the first chunk; as openWakeWord has it, their first 3
        rows are ones. The 80 dB range is measured for each stream and chunk by itself: the ONNX
        model takes it over its whole batch, so that batched streams would change each other's scores.
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
        raise UnsupportedModel("the melspectrogram model has other shapes than expected")
    reach = HOP_SAMPLES * (ROWS_PER_CHUNK - 1) + real.shape[1]
    if reach > TAIL_SAMPLES + ROWS_PER_CHUNK * HOP_SAMPLES or any(w.dtype != np.float32 for w in (real, mel)):
        raise UnsupportedModel("the melspectrogram model has other shapes than expected")
    return real, imaginary, mel
