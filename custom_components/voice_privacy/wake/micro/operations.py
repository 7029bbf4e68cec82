"""Operations of quantized models on many streams and steps at once.

Arrays are [streams, steps, ...]: the graph of a model describes one step of one stream, and its first axis, of size
1, is replaced by these two. Values are whole numbers in float32, which holds all sums exactly.
"""

from collections.abc import Callable
import itertools
import math
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ...core.errors import ModelFileInvalid, UnsupportedModel
from ..tflite.reader import Operator, Tensor
from .rescaling import Adding, Floats, Rescaling, Scale

type Shape = tuple[int, ...]
type Function = Callable[..., Any]

MAX_MULTIPLICATIONS: Final = 1 << 20
"""Maximum number of multiplications per step; the published models have at most 60,000."""

_EXACT: Final = 1 << 24
"""Limit of sums that float32 holds exactly."""

_SAME: Final = 0
_VECTOR: Final = 8
"""Channels that the reference computes together in a depthwise convolution."""


class Build:
    """Operator of a graph while it is translated."""

    def __init__(self, operator: Operator, tensors: tuple[Tensor, ...], shapes: list[Shape]) -> None:
        """Take an operator, its inputs and outputs, and the shapes of the inputs, without streams and steps."""
        self.operator = operator
        self.options = operator.options
        self.inputs = [tensors[index] for index in operator.inputs]
        self.outputs = [tensors[index] for index in operator.outputs]
        self.shapes = shapes

    def input(self, index: int) -> Tensor:
        """Return an input. Raises ModelFileInvalid if there is none."""
        if index >= len(self.inputs) or self.operator.inputs[index] < 0:
            raise ModelFileInvalid("the model lacks an input of an operation")
        return self.inputs[index]

    def constant(self, index: int) -> NDArray[Any]:
        """Return the values of a constant input."""
        return self.input(index).values()

    def integers(self, index: int) -> list[int]:
        """Return the values of a constant input that are whole numbers."""
        values = self.constant(index)
        if values.size > 64 or values.dtype.kind not in "iu":
            raise ModelFileInvalid("the model contains a damaged list of numbers")
        return [int(value) for value in np.ravel(values)]

    def unchanged_scale(self) -> None:
        """Raise UnsupportedModel unless inputs that are computed and outputs have the same scale."""
        scale = Scale(self.outputs[0])
        others = [*self.outputs[1:], *(self.input(at) for at, shape in enumerate(self.shapes) if shape)]
        if not all(scale.same(Scale(other)) for other in others):
            raise UnsupportedModel("this engine does not support a change of scale here")


def _bias(build: Build, channels: int) -> NDArray[np.int64]:
    """Return the bias of a convolution or a fully connected layer."""
    if len(build.operator.inputs) < 3 or build.operator.inputs[2] < 0:
        return np.zeros(channels, np.int64)
    bias = build.constant(2)
    if bias.dtype.kind != "i" or bias.size != channels:
        raise ModelFileInvalid("the model contains a bias that does not fit")
    return bias.reshape(channels).astype(np.int64)


def _weights(build: Build, axis: int, channels: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the weights and their scales for each channel."""
    tensor = build.input(1)
    quantization = tensor.quantization
    if tensor.dtype != np.int8 or quantization is None or quantization.zero_points.any():
        raise UnsupportedModel("this engine needs weights of 8 bits")
    if math.prod(tensor.shape) > MAX_MULTIPLICATIONS:
        raise UnsupportedModel("the model takes too long for a wake word")
    scales = quantization.scales
    if len(scales) not in {1, channels} or (len(scales) > 1 and quantization.axis != axis):
        raise UnsupportedModel("this engine does not support scales of weights along another axis")
    return tensor.values(), np.broadcast_to(scales, channels)


def _exactly(weights: NDArray[np.int8], bias: NDArray[np.int64]) -> NDArray[Any]:
    """Return weights, [inputs, channels], in a type that holds all sums exactly."""
    largest = int((np.abs(weights.astype(np.int64)).sum(axis=0) * 255 + np.abs(bias)).max(initial=0))
    if largest >= 1 << 31:
        raise UnsupportedModel("the sums of a layer are too large")
    return np.ascontiguousarray(weights, np.float32 if largest < _EXACT else np.float64)


def _windows(build: Build, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[Function, Shape]:
    """Return a function from an input to the values below each position of a kernel, and the shape of positions.

    The values are [streams, steps, height, width, channels, kernel height, kernel width]. Where there is only
    one position, the function is not needed: the values are the input itself.
    """
    shape = build.shapes[0]
    if len(shape) != 3 or min(kernel) < 1 or min(stride) < 1:
        raise ModelFileInvalid("the model contains a damaged convolution")
    same = build.options.small(0) == _SAME
    sizes, pads = [], [(0, 0), (0, 0)]
    for size, width, step in zip(shape[:2], kernel, stride, strict=True):
        missing = max(0, (math.ceil(size / step) - 1) * step + width - size) if same else 0
        pads.append((missing // 2, missing - missing // 2))
        if size + missing < width:
            raise ModelFileInvalid("the model contains a convolution that is wider than its input")
        sizes.append((size + missing - width) // step + 1)
    padding = (*pads, (0, 0))

    def windows(values: Floats) -> Floats:
        if any(map(any, padding)):
            values = np.pad(values, padding)
        views: Floats = sliding_window_view(values, kernel, axis=(2, 3))  # type: ignore[call-overload]
        return views[:, :, :: stride[0], :: stride[1]]

    return windows, tuple(sizes)


def convolution(build: Build) -> tuple[Function, Shape, int]:
    """Translate CONV_2D. Return function, shape of the result, and number of multiplications."""
    if build.options.integer(4, 1) != 1 or build.options.integer(5, 1) != 1:
        raise UnsupportedModel("this engine does not support dilation")
    weights, scales = _weights(build, 0, (build.input(1).shape or (0,))[0])
    if weights.ndim != 4 or weights.shape[3] != build.shapes[0][-1]:
        raise ModelFileInvalid("the model contains weights that do not fit")
    channels, height, width, _ = weights.shape
    inner = math.prod(weights.shape[1:])
    windows, sizes = _windows(build, (height, width), (build.options.integer(2), build.options.integer(1)))
    bias = _bias(build, channels)
    flat = _exactly(weights.reshape(channels, inner).T, bias)
    source, target = Scale(build.inputs[0]), Scale(build.outputs[0])
    factors = np.float64(source.scale) * scales.astype(np.float64) / np.float64(target.scale)
    rescale = Rescaling(factors, target.limits(build.options.small(3)), bias=bias)
    whole = build.shapes[0][:2] == (height, width) and sizes == (1, 1)

    def run(values: Floats) -> Floats:
        streams, steps = values.shape[:2]
        if not whole:
            values = windows(values).transpose(0, 1, 2, 3, 5, 6, 4)
        sums = values.reshape(-1, inner).astype(flat.dtype, copy=False) @ flat
        return rescale(sums).reshape(streams, steps, *sizes, channels)

    return run, (*sizes, channels), math.prod(sizes) * inner * channels


def depthwise_convolution(build: Build) -> tuple[Function, Shape, int]:
    """Translate DEPTHWISE_CONV_2D. Return function, shape of the result, and number of multiplications."""
    if build.options.integer(5, 1) != 1 or build.options.integer(6, 1) != 1:
        raise UnsupportedModel("this engine does not support dilation")
    weights, scales = _weights(build, 3, (build.input(1).shape or (0,))[-1])
    if weights.ndim != 4 or weights.shape[0] != 1 or weights.shape[3] != build.shapes[0][-1]:
        raise UnsupportedModel("this engine needs one weight per channel here")
    _, height, width, channels = weights.shape
    windows, sizes = _windows(build, (height, width), (build.options.integer(2), build.options.integer(1)))
    bias = _bias(build, channels)
    flat = _exactly(weights.reshape(height * width, channels), bias)
    source, target = Scale(build.inputs[0]), Scale(build.outputs[0])
    factors = np.float64(source.scale) * scales.astype(np.float64) / np.float64(target.scale)
    rescale = Rescaling(
        factors, target.limits(build.options.small(4)), up=channels // _VECTOR * _VECTOR, bias=bias
    )
    column = width == 1 and sizes == (1, 1) and build.shapes[0][:2] == (height, 1)
    kernel = np.ascontiguousarray(flat.reshape(height, width, channels).transpose(2, 0, 1))

    def run(values: Floats) -> Floats:
        streams, steps = values.shape[:2]
        if column:
            sums = np.add.reduce(values[:, :, :, 0] * flat, axis=2)
        else:
            sums = (windows(values) * kernel).sum(axis=(-2, -1))
        return rescale(sums).reshape(streams, steps, *sizes, channels)

    return run, (*sizes, channels), math.prod(sizes) * weights.size


def fully_connected(build: Build) -> tuple[Function, Shape, int]:
    """Translate FULLY_CONNECTED. Return function, shape of the result, and number of multiplications."""
    if build.options.small(1) or build.options.flag(2):
        raise UnsupportedModel("this engine does not support this form of a fully connected layer")
    weights, scales = _weights(build, 0, (build.input(1).shape or (0,))[0])
    if weights.ndim != 2 or weights.shape[1] != math.prod(build.shapes[0]):
        raise ModelFileInvalid("the model contains weights that do not fit")
    channels, inner = weights.shape
    bias = _bias(build, channels)
    flat = _exactly(weights.T, bias)
    source, target = Scale(build.inputs[0]), Scale(build.outputs[0])
    # Like the reference, multiply the scales in single precision.
    factors = (source.scale * scales).astype(np.float64) / np.float64(target.scale)
    rescale = Rescaling(factors, target.limits(build.options.small(0)), up=channels, bias=bias)

    def run(values: Floats) -> Floats:
        sums = values.reshape(*values.shape[:2], inner).astype(flat.dtype, copy=False) @ flat
        return rescale(sums)

    return run, (channels,), weights.size


def logistic(build: Build) -> tuple[Function, Shape, int]:
    """Translate LOGISTIC into a table of all values."""
    source, target = Scale(build.inputs[0]), Scale(build.outputs[0])
    reals = np.arange(source.low, source.high + 1, dtype=np.float32) * source.scale
    sigmoid = (1 / (1 + np.exp(-reals.astype(np.float64)))).astype(np.float32)
    values = np.floor(sigmoid * (np.float32(1) / target.scale) + np.float32(0.5)).astype(np.float32)
    table = np.clip(values, target.low, target.high)

    def run(values: Floats) -> Floats:
        result: Floats = table[values.astype(np.intp) - source.low]
        return result

    return run, build.shapes[0], 0


def quantize(build: Build) -> tuple[Function, Shape, int]:
    """Translate QUANTIZE: another scale."""
    source, target = Scale(build.inputs[0]), Scale(build.outputs[0])
    factor = float(source.scale) / float(target.scale)
    return Rescaling(factor, target.limits(0)), build.shapes[0], 0


def multiply(build: Build) -> tuple[Function, Shape, int]:
    """Translate MUL."""
    first, second, output = Scale(build.input(0)), Scale(build.input(1)), Scale(build.outputs[0])
    factor = float(first.scale * second.scale / output.scale)
    rescale = Rescaling(factor, output.limits(build.options.small(0)))
    return lambda one, other: rescale(one * other), _broadcast(build), 0


def add(build: Build) -> tuple[Function, Shape, int]:
    """Translate ADD."""
    first, second, output = Scale(build.input(0)), Scale(build.input(1)), Scale(build.outputs[0])
    return Adding(first, second, output, build.options.small(0)), _broadcast(build), 0


def _broadcast(build: Build) -> Shape:
    try:
        return np.broadcast_shapes(*build.shapes)
    except ValueError as error:
        raise ModelFileInvalid("the model combines tensors that do not fit") from error


def reshape(build: Build) -> tuple[Function, Shape, int]:
    """Translate RESHAPE."""
    build.unchanged_scale()
    shape = build.outputs[0].shape[1:]
    if build.outputs[0].shape[:1] != (1,) or math.prod(shape) != math.prod(build.shapes[0]):
        raise UnsupportedModel("this engine does not support this change of shape")
    return lambda values: values.reshape(*values.shape[:2], *shape), shape, 0


def concatenation(build: Build) -> tuple[Function, Shape, int]:
    """Translate CONCATENATION."""
    build.unchanged_scale()
    rank = len(build.shapes[0]) + 1
    axis = build.options.integer(0) % rank
    if axis == 0 or any(len(shape) + 1 != rank for shape in build.shapes) or build.options.small(1):
        raise UnsupportedModel("this engine does not support this concatenation")
    others = {shape[: axis - 1] + shape[axis:] for shape in build.shapes}
    if len(others) != 1:
        raise ModelFileInvalid("the model combines tensors that do not fit")
    size = sum(shape[axis - 1] for shape in build.shapes)
    shape = (*build.shapes[0][: axis - 1], size, *build.shapes[0][axis:])
    return lambda *values: np.concatenate(values, axis=axis + 1), shape, 0


def slices_of(build: Build) -> tuple[slice, ...]:
    """Return what a STRIDED_SLICE takes of each axis but the first."""
    options = build.options
    begin, end, step = (build.integers(index) for index in (1, 2, 3))
    sizes = (1, *build.shapes[0])
    if any(options.integer(field) for field in (2, 3, 4)) or options.flag(5):
        raise UnsupportedModel("this engine does not support this slice")
    if not len(begin) == len(end) == len(step) <= len(sizes) or any(one < 1 for one in step):
        raise UnsupportedModel("this engine does not support this slice")
    slices = [
        slice(
            None if options.integer(0) >> axis & 1 else begin[axis],
            None if options.integer(1) >> axis & 1 else end[axis],
            step[axis],
        )
        for axis in range(len(step))
    ]
    if slices and len(range(*slices[0].indices(1))) != 1:
        raise UnsupportedModel("this engine does not support this slice")
    ranges = [range(*one.indices(size)) for one, size in zip(slices[1:], sizes[1:], strict=False)]
    if not all(ranges):
        raise ModelFileInvalid("the model takes an empty slice")
    return tuple(slice(one.start, one.stop, one.step) for one in ranges)


def strided_slice(build: Build) -> tuple[Function, Shape, int]:
    """Translate STRIDED_SLICE."""
    build.unchanged_scale()
    slices = slices_of(build)
    index = (slice(None), slice(None), *slices)
    taken = [len(range(one.start, one.stop, one.step)) for one in slices]
    return lambda values: values[index], (*taken, *build.shapes[0][len(taken) :]), 0


def split(build: Build) -> tuple[Function, list[Shape], int]:
    """Translate SPLIT_V."""
    sizes, (axis, *_) = build.integers(1), build.integers(2) or [0]
    shape = build.shapes[0]
    axis %= len(shape) + 1
    if axis == 0 or len(sizes) != len(build.outputs) or any(size < 1 for size in sizes):
        raise UnsupportedModel("this engine does not support this split")
    if sum(sizes) != shape[axis - 1]:
        raise ModelFileInvalid("the model contains a split that does not fit")
    build.unchanged_scale()
    edges = [0, *itertools.accumulate(sizes)]
    before = (slice(None),) * (axis + 1)
    parts = [(*before, slice(start, end)) for start, end in itertools.pairwise(edges)]
    shapes = [(*shape[: axis - 1], size, *shape[axis:]) for size in sizes]
    return lambda values: [values[part] for part in parts], shapes, 0


OPERATIONS: Final[dict[str, Callable[[Build], tuple[Function, Any, int]]]] = {
    "ADD": add,
    "CONCATENATION": concatenation,
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise_convolution,
    "FULLY_CONNECTED": fully_connected,
    "LOGISTIC": logistic,
    "MUL": multiply,
    "QUANTIZE": quantize,
    "RESHAPE": reshape,
    "SPLIT_V": split,
    "STRIDED_SLICE": strided_slice,
}
"""Translations of the operations by their name in a file."""
