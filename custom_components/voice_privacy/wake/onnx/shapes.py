"""Operations that rearrange, select or repeat the elements of a value."""

import math
from typing import Any, Final

import numpy as np

from ...core.errors import ModelFileInvalid, UnsupportedModel
from .attributes import (
    Inputs,
    Operation,
    Several,
    axes_of,
    axis_of,
    few,
    given,
    integer,
    integers,
    real,
    text,
)
from .costs import NODE_COST, Cost, cost_of
from .reader import MAX_RANK, Node, Tensor

_MAX_SIZE: Final = 1 << 31


def check_rank(node: Node, run: Operation) -> Operation:
    """Refuse results of more dimensions than a tensor may have."""

    def checked(inputs: Inputs) -> Tensor:
        result = run(inputs)
        if result.ndim > MAX_RANK:
            raise ValueError(f"too many dimensions after {node.op_type}")
        return result

    return checked


def flatten(node: Node, _: int) -> Operation:
    """Build Flatten."""
    axis = integer(node, "axis", 1)

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        at = axis_of(axis, value.ndim, end=True)
        return value.reshape(math.prod(value.shape[:at]), math.prod(value.shape[at:]))

    return run


def reshape(node: Node, _: int) -> Operation:
    """Build Reshape; the first version has the shape in an attribute."""
    declared, zeros = integers(node, "shape"), bool(integer(node, "allowzero", 0))

    def run(inputs: Inputs) -> Tensor:
        value, wanted = inputs[0], given(inputs, 1)
        sizes = declared if wanted is None else few(wanted)
        if sizes is None or len(sizes) > MAX_RANK:
            raise ValueError("no shape, or too many dimensions")
        target = [value.shape[at] if not part and not zeros else part for at, part in enumerate(sizes)]
        # Many heads state the shape of a single row, [1, ...]; several rows have that shape each.
        rows = value.shape[0] if value.ndim else 1
        if target[:1] == [1] and value.size == rows * math.prod(target) > 0:
            target[0] = rows
        return value.reshape(target)

    return run


def squeeze(node: Node, _: int) -> Operation:
    """Build Squeeze."""
    return lambda inputs: np.squeeze(inputs[0], axes_of(node, inputs))


def unsqueeze(node: Node, _: int) -> Operation:
    """Build Unsqueeze."""
    return check_rank(node, lambda inputs: np.expand_dims(inputs[0], axes_of(node, inputs) or ()))


def transpose(node: Node, _: int) -> Operation:
    """Build Transpose."""
    order = integers(node, "perm")
    return lambda inputs: np.transpose(inputs[0], order)


def concat(node: Node, _: int) -> Operation:
    """Build Concat; the first version has a default axis."""
    axis = integer(node, "axis", 1)
    return lambda inputs: np.concatenate(inputs, axis=axis)


def shape(node: Node, _: int) -> Operation:
    """Build Shape, of some dimensions in newer versions."""
    start, end = integer(node, "start", 0), integer(node, "end", MAX_RANK)
    return lambda inputs: np.array(inputs[0].shape[start:end], np.int64)


def size(_: Node, __: int) -> Operation:
    """Build Size."""
    return lambda inputs: np.array(inputs[0].size, np.int64)


def gather(node: Node, _: int) -> Operation:
    """Build Gather."""
    axis = integer(node, "axis", 0)

    def run(inputs: Inputs) -> Tensor:
        value, indices = inputs[0], inputs[1]
        if indices.dtype.kind not in "iu":
            raise ValueError("indices are whole numbers")
        return np.asarray(np.take(value, indices, axis=axis_of(axis, value.ndim), mode="raise"))

    return check_rank(node, run)


def gather_cost(node: Node) -> Cost:
    """Return the cost of a Gather."""
    axis = integer(node, "axis", 0)

    def cost(inputs: Inputs) -> int:
        value, indices = inputs[0], inputs[1]
        each = math.prod(value.shape) // max(1, value.shape[axis_of(axis, value.ndim)])
        return cost_of(max(each, 1) * indices.size)

    return cost


def slice_(node: Node, _: int) -> Operation:
    """Build Slice; older versions have the ranges in attributes."""
    declared = tuple(integers(node, name) for name in ("starts", "ends", "axes"))

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        starts, ends, axes, steps = (
            few(part) if (part := given(inputs, at)) is not None else declared[at - 1] if at < 4 else None
            for at in range(1, 5)
        )
        if starts is None or ends is None:
            raise ValueError("no range")
        axes = tuple(range(len(starts))) if axes is None else axes
        steps = (1,) * len(starts) if steps is None else steps
        ranges: list[Any] = [slice(None)] * value.ndim
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
            at = axis_of(axis, value.ndim)
            ranges[at] = _range(start, end, step, value.shape[at])
        return np.asarray(value[tuple(ranges)])

    return run


def _range(start: int, end: int, step: int, length: int) -> slice:
    """Return a slice for a range of ONNX, whose ends are clamped."""
    if not step:
        raise ValueError("a range without a step")
    first = min(max(start + length if start < 0 else start, 0), length if step > 0 else length - 1)
    last = end + length if end < 0 else end
    if step > 0:
        return slice(first, min(max(last, 0), length), step)
    last = min(max(last, -1), length - 1)
    return slice(first, None if last < 0 else last, step)


def split(node: Node, _: int) -> Several:
    """Build Split, into equal parts if no sizes are given."""
    axis, count = integer(node, "axis", 0), len(node.outputs)
    declared = integers(node, "split")

    def run(inputs: Inputs) -> list[Tensor]:
        value, wanted = inputs[0], given(inputs, 1)
        at = axis_of(axis, value.ndim)
        sizes = declared if wanted is None else few(wanted)
        if sizes is None:
            each = -(-value.shape[at] // count)
            sizes = (*(each,) * (count - 1), value.shape[at] - each * (count - 1))
        if len(sizes) != count or min(sizes) < 0 or sum(sizes) != value.shape[at]:
            raise ValueError("parts of another size")
        return np.split(value, np.cumsum(sizes[:-1]), axis=at)

    return run


def expand(_: Node, __: int) -> Operation:
    """Build Expand."""

    def run(inputs: Inputs) -> Tensor:
        wanted = np.broadcast_shapes(inputs[0].shape, few(inputs[1]))
        return np.broadcast_to(inputs[0], wanted).copy()

    return run


def expand_cost(_: Node) -> Cost:
    """Return the cost of an Expand."""
    return lambda inputs: cost_of(_elements(np.broadcast_shapes(inputs[0].shape, _sizes(inputs[1]))))


def tile(_: Node, __: int) -> Operation:
    """Build Tile."""

    def run(inputs: Inputs) -> Tensor:
        repeats = few(inputs[1])
        if len(repeats) != inputs[0].ndim:
            raise ValueError("repeats of another rank")
        return np.tile(inputs[0], repeats)

    return run


def tile_cost(_: Node) -> Cost:
    """Return the cost of a Tile."""
    return lambda inputs: cost_of(inputs[0].size * _elements(_sizes(inputs[1])))


def constant_of_shape(node: Node, _: int) -> Operation:
    """Build ConstantOfShape."""
    value = node.attributes.get("value")
    filling = np.zeros(1, np.float32) if value is None else value
    if not isinstance(filling, np.ndarray) or filling.size != 1:
        raise ModelFileInvalid("an attribute of the model has the wrong type")
    return lambda inputs: np.full(few(inputs[0]), filling.reshape(-1)[0], filling.dtype)


def constant_of_shape_cost(_: Node) -> Cost:
    """Return the cost of a ConstantOfShape."""
    return lambda inputs: cost_of(_elements(_sizes(inputs[0])))


def pad(node: Node, _: int) -> Operation:
    """Build Pad; older versions have the sizes in an attribute."""
    mode = text(node, "mode", "constant")
    if mode not in ("constant", "edge", "reflect"):
        raise UnsupportedModel("this engine does not know this kind of padding")
    filling = real(node, "value", 0.0)

    def run(inputs: Inputs) -> Tensor:
        value, number = inputs[0], given(inputs, 2)
        if mode != "constant":
            return np.asarray(np.pad(value, _widths(node, inputs), mode=mode))  # type: ignore[call-overload]
        constant = filling if number is None else number.reshape(-1)[0]
        return np.pad(value, _widths(node, inputs), constant_values=constant)

    return run


def _widths(node: Node, inputs: Inputs) -> list[tuple[int, int]]:
    """Return the padding before and after each dimension."""
    value, rank = inputs[0], inputs[0].ndim
    wanted, chosen = given(inputs, 1), given(inputs, 3)
    pads = (integers(node, "pads") or integers(node, "paddings")) if wanted is None else few(wanted)
    axes = range(rank) if chosen is None else [axis_of(axis, rank) for axis in few(chosen)]
    if pads is None or len(pads) != 2 * len(axes) or any(not 0 <= part < _MAX_SIZE for part in pads):
        raise ValueError("a padding of another rank")
    widths = [(0, 0)] * value.ndim
    for at, axis in enumerate(axes):
        widths[axis] = (pads[at], pads[at + len(axes)])
    return widths


def pad_cost(node: Node) -> Cost:
    """Return the cost of a Pad."""

    def cost(inputs: Inputs) -> int:
        widths = _widths(node, inputs)
        sizes = [size + sum(width) for size, width in zip(inputs[0].shape, widths, strict=True)]
        return NODE_COST + cost_of(math.prod(sizes))

    return cost


def _sizes(value: Tensor) -> tuple[int, ...]:
    """Return the sizes in a tensor. Raises ValueError if any is negative or if there are too many."""
    sizes = few(value)
    if len(sizes) > MAX_RANK or any(not 0 <= part < _MAX_SIZE for part in sizes):
        raise ValueError("an invalid size")
    return sizes


def _elements(sizes: tuple[int, ...]) -> int:
    return math.prod(sizes)
