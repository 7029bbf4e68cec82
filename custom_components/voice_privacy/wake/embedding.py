"""Streaming inference of Google's speech embedding: only the rows added by a new chunk are computed.

This is exact, because every convolution over time is unpadded and every pooling step divides the 8 rows of a
chunk evenly: a computed row never changes. The state of a stream is the last two rows before each three-row
convolution.
"""

from dataclasses import dataclass
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.errors import UnsupportedModel
from .melspectrogram import BANDS, ROWS_PER_CHUNK
from .onnx.reader import Graph, Node

type Floats = NDArray[np.float32]

EMBEDDING_SIZE: Final = 96
"""Features of an embedding; a chunk adds one embedding."""

WINDOW_ROWS: Final = 76
"""Mel rows covered by an embedding."""

_KEPT_ROWS: Final = 2


@dataclass(slots=True, kw_only=True)
class _Layer:
    """Convolution with its pooling and its activation max(x, slope * x, floor)."""

    weights: Floats
    """Weights, [taps * input channels + 1, output channels]; the last row is the bias."""

    taps: tuple[int, int]
    """Taps over time and over frequency, each 1 or 3."""

    channels: int
    """Number of input channels."""

    pool: tuple[int, int] = (1, 1)
    slope: float | None = None
    floor: float = -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """Layer with its buffers for a fixed number of streams."""

    layer: _Layer
    target: Floats
    """Output of the previous layer, [streams, rows, bands, channels]; a view of `padded`."""

    kept: Floats | None
    """View of the first two rows of `padded`, which are set from the stream's state."""

    leaving: Floats | None
    """View of the last two rows of `padded`, which become the state."""

    state: Floats | None
    """State of the streams for this layer."""

    windows: Floats
    """View of `padded` as [streams, rows, bands, taps over time, taps over frequency * channels]."""

    columns: Floats
    """View of `matrix` into which `windows` is copied."""

    matrix: Floats
    """Input matrix, [streams * rows * bands, taps * channels + 1]; the last column is 1 and adds the bias."""

    product: Floats
    """Matrix product, [streams * rows * bands, output channels]."""

    shaped: Floats
    """View of `product` as [streams, rows, bands, output channels]."""

    scratch: Floats
    """Buffer with the size of `shaped` after pooling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _LayerBuffers:
    """Arrays of a layer for the largest number of streams; a plan for fewer uses their first elements."""

    padded: Floats
    """Input with padding, [streams, rows + taps over time - 1, bands + padding, channels]."""

    matrix: Floats
    product: Floats
    scratch: Floats


class EmbeddingBuffers:
    """About 1 MiB per stream, shared by all plans of a network, which never run at once."""

    def __init__(self, layers: list[_Layer], streams: int) -> None:
        """Allocate the arrays for at most this number of streams."""
        self.layers: list[_LayerBuffers] = []
        rows, bands = ROWS_PER_CHUNK, BANDS
        for layer in layers:
            self.layers.append(_layer_buffers(layer, streams, rows, bands))
            rows, bands = rows // layer.pool[0], bands // layer.pool[1]
        self.output = np.empty((streams, rows, bands, EMBEDDING_SIZE), np.float32)


class EmbeddingPlan:
    """Views of the buffers for running the network on a fixed number of streams. Not thread-safe."""

    def __init__(self, layers: list[_Layer], state: Floats, buffers: EmbeddingBuffers) -> None:
        """Prepare the steps; `state`, [streams, state size], is updated in place by `run`."""
        self._steps: list[_Step] = []
        streams = len(state)
        rows, bands, used = ROWS_PER_CHUNK, BANDS, 0
        for layer, arrays in zip(layers, buffers.layers, strict=True):
            size = _state_size(layer, bands)
            part = state[:, used : used + size] if size else None
            used += size
            self._steps.append(_step(layer, arrays, part, streams, rows, bands))
            rows, bands = rows // layer.pool[0], bands // layer.pool[1]
        self._input = self._steps[0].target[..., 0]
        self._output = buffers.output[:streams]
        self._targets = [*(step.target for step in self._steps[1:]), self._output]

    def run(self, rows: Floats) -> Floats:
        """Return the embeddings, [streams, 96], after these mel rows, [streams, 8, 32].

        The result is overwritten by the next run.
        """
        self._input[...] = rows
        for step, target in zip(self._steps, self._targets, strict=True):
            _run_step(step, target)
        return self._output.reshape(-1, EMBEDDING_SIZE)


class EmbeddingNetwork:
    """Network of embedding_model.onnx."""

    def __init__(self, graph: Graph) -> None:
        """Extract the layers from the model's graph. Raises UnsupportedModel for any other model."""
        self._layers = _layers(graph)
        rows, bands, size = ROWS_PER_CHUNK, BANDS, 0
        channels = 1
        for layer in self._layers:
            if layer.channels != channels or rows % layer.pool[0] or bands % layer.pool[1]:
                raise UnsupportedModel("the embedding model's layers have incompatible shapes")
            size += _state_size(layer, bands)
            rows, bands = rows // layer.pool[0], bands // layer.pool[1]
            channels = layer.weights.shape[1]
        if (rows, bands, channels) != (1, 1, EMBEDDING_SIZE):
            raise UnsupportedModel("the embedding model has unexpected shapes")
        self.state_size = size
        """Number of float32 values of a stream's state."""

    def buffers(self, streams: int) -> EmbeddingBuffers:
        """Return buffers for plans of at most this number of streams."""
        return EmbeddingBuffers(self._layers, streams)

    def plan(self, state: Floats, buffers: EmbeddingBuffers) -> EmbeddingPlan:
        """Return a plan that uses this state, [streams, state size], and these buffers."""
        return EmbeddingPlan(self._layers, state, buffers)

    def initial_state(self) -> Floats:
        """Return the initial state of a stream: as in openWakeWord, after 76 rows of ones."""
        state = np.zeros((1, self.state_size), np.float32)
        plan = self.plan(state, self.buffers(1))
        ones = np.ones((1, ROWS_PER_CHUNK, BANDS), np.float32)
        for _ in range(math.ceil(WINDOW_ROWS / ROWS_PER_CHUNK)):
            plan.run(ones)
        return state.reshape(-1)


def _run_step(step: _Step, target: Floats) -> None:
    """Convolve, pool, then activate. Pooling first is exact, since the activation is monotone, and faster."""
    layer = step.layer
    if step.kept is not None and step.leaving is not None and step.state is not None:
        step.kept[...] = step.state
        np.copyto(step.columns, step.windows)
        step.state[...] = step.leaving
    else:
        np.copyto(step.columns, step.windows)
    np.matmul(step.matrix, layer.weights, out=step.product)
    values = step.shaped
    if layer.pool[1] == 2:
        values = np.maximum(values[:, :, 0::2], values[:, :, 1::2])
    if layer.pool[0] == 2:
        values = np.maximum(values[:, 0::2], values[:, 1::2])
    if layer.slope is None:
        target[...] = values
        return
    np.multiply(values, layer.slope, out=step.scratch)
    np.maximum(values, step.scratch, out=step.scratch)
    np.maximum(step.scratch, layer.floor, out=target)


def _state_size(layer: _Layer, bands: int) -> int:
    return _KEPT_ROWS * bands * layer.channels if layer.taps[0] == 3 else 0


def _layer_buffers(layer: _Layer, streams: int, rows: int, bands: int) -> _LayerBuffers:
    """Allocate the arrays of a layer."""
    over_time, over_frequency = layer.taps
    size = over_time * over_frequency * layer.channels
    outputs = layer.weights.shape[1]
    return _LayerBuffers(
        # The padding stays zero, because it is never written to.
        padded=np.zeros(
            (streams, rows + over_time - 1, bands + over_frequency - 1, layer.channels), np.float32
        ),
        # The last column stays 1.
        matrix=np.ones((streams * rows * bands, size + 1), np.float32),
        product=np.empty((streams * rows * bands, outputs), np.float32),
        scratch=np.empty((streams, rows // layer.pool[0], bands // layer.pool[1], outputs), np.float32),
    )


def _step(
    layer: _Layer, arrays: _LayerBuffers, state: Floats | None, streams: int, rows: int, bands: int
) -> _Step:
    """Return the views of a layer's arrays for this number of streams."""
    over_time, over_frequency = layer.taps
    channels = layer.channels
    kept_rows = over_time - 1
    padding = (over_frequency - 1) // 2
    padded = arrays.padded[:streams]
    matrix = arrays.matrix[: streams * rows * bands]
    product = arrays.product[: streams * rows * bands]
    target = padded[:, kept_rows:, padding : padding + bands]
    inside = padded[:, :, padding : padding + bands]
    per_stream, per_row, per_band, per_channel = padded.strides
    windows = np.lib.stride_tricks.as_strided(
        padded,
        (streams, rows, bands, over_time, over_frequency * channels),
        (per_stream, per_row, per_band, per_row, per_channel),
        writeable=False,
    )
    row_bytes = matrix.strides[0]
    columns = np.lib.stride_tricks.as_strided(
        matrix,
        windows.shape,
        (rows * bands * row_bytes, bands * row_bytes, row_bytes, over_frequency * channels * 4, 4),
    )
    kept = leaving = None
    if state is not None:
        kept, leaving = inside[:, :_KEPT_ROWS], inside[:, -_KEPT_ROWS:]
        state = state.reshape(streams, _KEPT_ROWS, bands, channels)
    return _Step(
        layer=layer,
        target=target,
        kept=kept,
        leaving=leaving,
        state=state,
        windows=windows,
        columns=columns,
        matrix=matrix,
        product=product,
        shaped=product.reshape(streams, rows, bands, -1),
        scratch=arrays.scratch[:streams],
    )


def _layers(graph: Graph) -> list[_Layer]:
    """Return the layers of the graph in order."""
    layers: list[_Layer] = []
    for node in graph.nodes:
        if node.op_type == "Conv":
            layers.append(_convolution(graph, node))
        elif node.op_type == "Reshape":
            continue
        elif not layers:
            raise UnsupportedModel(f"the embedding model begins with {node.op_type}")
        elif node.op_type == "LeakyRelu":
            slope = node.attributes.get("alpha", 0.01)
            layers[-1].slope = slope if isinstance(slope, float) else 0.01
        elif node.op_type == "Max" and layers[-1].slope is not None:
            floor = graph.initializers.get(node.inputs[-1])
            if floor is None or floor.size != 1:
                raise UnsupportedModel("the embedding model uses Max in an unknown way")
            layers[-1].floor = float(floor.reshape(-1)[0])
        elif node.op_type == "MaxPool":
            layers[-1].pool = _pool(node)
        else:
            raise UnsupportedModel(f"the embedding model uses {node.op_type}")
    if not layers:
        raise UnsupportedModel("this is not openWakeWord's embedding model")
    return layers


def _convolution(graph: Graph, node: Node) -> _Layer:
    """Return the layer of a Conv node, with its weights as a matrix whose last row is the bias."""
    weight = graph.initializers.get(node.inputs[1]) if len(node.inputs) > 1 else None
    if weight is None or weight.ndim != 4 or weight.shape[2:] not in ((1, 3), (3, 1), (3, 3)):
        raise UnsupportedModel("the embedding model uses Conv in an unknown way")
    outputs, channels, over_time, over_frequency = weight.shape
    padding = (over_frequency - 1) // 2
    attributes = node.attributes
    if (
        attributes.get("pads", (0, 0, 0, 0)) != (0, padding, 0, padding)
        or attributes.get("strides", (1, 1)) != (1, 1)
        or attributes.get("dilations", (1, 1)) != (1, 1)
        or attributes.get("group", 1) != 1
    ):
        raise UnsupportedModel("the embedding model uses Conv in an unknown way")
    bias = graph.initializers.get(node.inputs[2]) if len(node.inputs) > 2 else np.zeros(outputs, np.float32)
    if bias is None or bias.shape != (outputs,):
        raise UnsupportedModel("the embedding model uses Conv in an unknown way")
    matrix = weight.transpose(2, 3, 1, 0).reshape(-1, outputs)
    return _Layer(
        weights=np.concatenate((matrix, bias[np.newaxis])).astype(np.float32),
        taps=(over_time, over_frequency),
        channels=channels,
    )


def _pool(node: Node) -> tuple[int, int]:
    """Return the number of rows and bands that a MaxPool node combines."""
    kernel = node.attributes.get("kernel_shape")
    pads = node.attributes.get("pads", (0, 0, 0, 0))
    if kernel != node.attributes.get("strides") or pads != (0, 0, 0, 0):
        raise UnsupportedModel("the embedding model uses MaxPool in an unknown way")
    if kernel == (2, 2):
        return 2, 2
    if kernel == (1, 2):
        return 1, 2
    raise UnsupportedModel("the embedding model uses MaxPool in an unknown way")
