"""Convolutions and pooling: operations on windows of one or more dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np

from ...core.errors import ModelFileInvalid
from .attributes import Inputs, Operation, given, integer, integers, text
from .costs import ELEMENT_COST, NODE_COST, Cost, check_elements
from .reader import Node, Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Windows:
    """Windows over the last dimensions of a value, [rows, channels, *sizes]."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    """Padding in front of each dimension."""

    after: tuple[int, ...]
    beyond: tuple[int, ...]
    """Further room for the last windows, which ceil_mode adds."""

    counts: tuple[int, ...]
    """Number of windows along each dimension."""

    def size(self, value: Tensor) -> int:
        """Return the number of elements in all windows."""
        return math.prod((*value.shape[:2], *self.counts, *self.kernel))

    def view(self, value: Tensor, filling: float) -> Tensor:
        """Return the windows, [rows, channels, *counts, *kernel], as a view of the padded value."""
        return self._view(self._pad(value, filling, filling))

    def counted(self, sizes: Sequence[int], *, padding: bool) -> Tensor:
        """Return how many elements each window has, [1, 1, *counts], with or without the padding."""
        ones = self._pad(np.ones((1, 1, *sizes), np.float32), float(padding), 0.0)
        return np.asarray(self._view(ones).sum(axis=tuple(range(-len(self.kernel), 0))))

    def _pad(self, value: Tensor, filling: float, filling_beyond: float) -> Tensor:
        around = list(zip(self.before, self.after, strict=True))
        beyond = [(0, size) for size in self.beyond]
        for widths, number in ((around, filling), (beyond, filling_beyond)):
            if any(max(width) for width in widths):
                value = np.pad(value, [(0, 0), (0, 0), *widths], constant_values=number)
        return value

    def _view(self, value: Tensor) -> Tensor:
        steps = value.strides[2:]
        return np.lib.stride_tricks.as_strided(
            value,
            (*value.shape[:2], *self.counts, *self.kernel),
            (
                *value.strides[:2],
                *(step * stride for step, stride in zip(steps, self.strides, strict=True)),
                *(step * gap for step, gap in zip(steps, self.dilations, strict=True)),
            ),
            writeable=False,
        )


def _windows(node: Node, value: Tensor, kernel: Sequence[int]) -> _Windows:
    """Return the windows of a node over a value. Raises ValueError if they do not fit."""
    dimensions = len(kernel)
    sizes = value.shape[2:]
    strides = integers(node, "strides") or (1,) * dimensions
    dilations = integers(node, "dilations") or (1,) * dimensions
    pads = integers(node, "pads") or (0,) * 2 * dimensions
    round_up = bool(integer(node, "ceil_mode", 0))
    if value.ndim != dimensions + 2 or not dimensions:
        raise ValueError("windows of another rank")
    if len(strides) != dimensions or len(dilations) != dimensions or len(pads) != 2 * dimensions:
        raise ValueError("windows of another rank")
    if min(*kernel, *strides, *dilations) < 1 or min(pads) < 0 or max(*kernel, *dilations, *pads) > 10_000:
        raise ValueError("windows of an invalid size")
    before, after, beyond, counts = [], [], [], []
    for at, size in enumerate(sizes):
        reach, stride = dilations[at] * (kernel[at] - 1) + 1, strides[at]
        front, back = _padding(node, size, reach, stride, (pads[at], pads[at + dimensions]))
        room = size + front + back - reach
        if room < 0 or size < 1:
            raise ValueError("a window is larger than its value")
        count, more = room // stride + 1, 0
        # With ceil_mode, a last window may reach beyond the padding, but must not begin in it.
        if round_up and room % stride and count * stride < size + front:
            count, more = count + 1, stride - room % stride
        before.append(front)
        after.append(back)
        beyond.append(more)
        counts.append(count)
    return _Windows(
        kernel=tuple(kernel),
        strides=strides,
        dilations=dilations,
        before=tuple(before),
        after=tuple(after),
        beyond=tuple(beyond),
        counts=tuple(counts),
    )


def _padding(node: Node, size: int, reach: int, stride: int, pads: tuple[int, int]) -> tuple[int, int]:
    """Return the padding before and after a dimension."""
    match text(node, "auto_pad", "NOTSET"):
        case "NOTSET" | "":
            return pads
        case "VALID":
            return 0, 0
        case "SAME_UPPER" | "SAME_LOWER" as mode:
            total = max(0, (-(-size // stride) - 1) * stride + reach - size)
            less, more = total // 2, total - total // 2
            return (less, more) if mode == "SAME_UPPER" else (more, less)
        case _:
            raise ModelFileInvalid("an attribute of the model has the wrong type")


def _groups(node: Node, value: Tensor, weights: Tensor) -> int:
    """Return the number of groups of a convolution. Raises ValueError if the channels do not fit."""
    groups = integer(node, "group", 1)
    if (
        groups < 1
        or value.ndim < 3
        or weights.ndim != value.ndim
        or weights.shape[0] % groups
        or value.shape[1] != groups * weights.shape[1]
    ):
        raise ValueError("weights of another size")
    return groups


def conv(node: Node, _: int) -> Operation:
    """Build Conv."""

    def run(inputs: Inputs) -> Tensor:
        value, weights = inputs[0], inputs[1]
        groups = _groups(node, value, weights)
        windows = _windows(node, value, weights.shape[2:])
        view = windows.view(value, 0)
        dimensions = len(windows.kernel)
        if groups == 1:
            result = _product(view, weights, dimensions)
        elif weights.shape[:2] == (groups, 1):
            # Each channel by itself, as a sum over the kernel: a product of matrices would have one row.
            kernel = weights[:, 0].reshape(1, groups, *(1,) * dimensions, *windows.kernel)
            result = (view * kernel).sum(axis=tuple(range(-dimensions, 0)), dtype=value.dtype)
        else:
            parts = zip(np.split(view, groups, axis=1), np.split(weights, groups), strict=True)
            result = np.concatenate([_product(*part, dimensions) for part in parts], axis=1)
        if (bias := given(inputs, 2)) is not None:
            result = result + bias.reshape(-1, *(1,) * dimensions)
        return np.asarray(result)

    return run


def _product(view: Tensor, weights: Tensor, dimensions: int) -> Tensor:
    """Return the products of windows, [rows, channels, *counts, *kernel], and weights, [outputs, channels, *kernel]."""
    counts = view.shape[2 : 2 + dimensions]
    order = (0, *range(2, 2 + dimensions), 1, *range(2 + dimensions, 2 + 2 * dimensions))
    columns = view.transpose(order).reshape(len(view) * math.prod(counts), -1)
    product = columns @ weights.reshape(len(weights), -1).T
    return np.moveaxis(product.reshape(len(view), *counts, len(weights)), -1, 1)


def conv_cost(node: Node) -> Cost:
    """Return the cost of a Conv, which copies its windows into a matrix."""

    def cost(inputs: Inputs) -> int:
        value, weights = inputs[0], inputs[1]
        groups = _groups(node, value, weights)
        windows = _windows(node, value, weights.shape[2:])
        _check_padded(windows, value)
        copied, outputs = windows.size(value), weights.shape[0]
        if (bias := given(inputs, 2)) is not None and bias.shape != (outputs,):
            raise ValueError("a bias of another size")
        check_elements(copied)
        check_elements(value.shape[0] * outputs * math.prod(windows.counts))
        parts = 1 if weights.shape[1] == 1 else groups
        return int((1 + parts) * NODE_COST + ELEMENT_COST * copied + copied * (outputs // groups))

    return cost


def _check_padded(windows: _Windows, value: Tensor) -> None:
    sizes = zip(value.shape[2:], windows.before, windows.after, windows.beyond, strict=True)
    check_elements(value.shape[0] * value.shape[1] * math.prod(sum(parts) for parts in sizes))


def _kernel(node: Node) -> tuple[int, ...]:
    if not (kernel := integers(node, "kernel_shape")):
        raise ModelFileInvalid("the model pools without a size")
    return kernel


def max_pool(node: Node, _: int) -> Operation:
    """Build MaxPool."""
    kernel = _kernel(node)

    def run(inputs: Inputs) -> Tensor:
        view = _windows(node, inputs[0], kernel).view(inputs[0], -np.inf)
        return np.asarray(view.max(axis=tuple(range(-len(kernel), 0))))

    return run


def average_pool(node: Node, _: int) -> Operation:
    """Build AveragePool."""
    kernel, with_padding = _kernel(node), bool(integer(node, "count_include_pad", 0))

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        windows = _windows(node, value, kernel)
        axes = tuple(range(-len(kernel), 0))
        total = windows.view(value, 0).sum(axis=axes, dtype=value.dtype)
        return np.asarray(total / windows.counted(value.shape[2:], padding=with_padding))

    return run


def pool_cost(node: Node) -> Cost:
    """Return the cost of a MaxPool or an AveragePool."""
    kernel = _kernel(node)

    def cost(inputs: Inputs) -> int:
        windows = _windows(node, inputs[0], kernel)
        _check_padded(windows, inputs[0])
        check_elements(windows.size(inputs[0]))
        return 2 * NODE_COST + ELEMENT_COST * windows.size(inputs[0])

    return cost


def global_pool(node: Node, _: int) -> Operation:
    """Build GlobalAveragePool or GlobalMaxPool."""
    average = node.op_type == "GlobalAveragePool"

    def run(inputs: Inputs) -> Tensor:
        axes = tuple(range(2, inputs[0].ndim))
        if average:
            return np.asarray(inputs[0].mean(axis=axes, keepdims=True, dtype=inputs[0].dtype))
        return np.asarray(inputs[0].max(axis=axes, keepdims=True))

    return run
