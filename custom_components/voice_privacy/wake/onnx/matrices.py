"""Matrix products and what normalizes their results."""

import math
from typing import Final

import numpy as np

from ...core.errors import UnsupportedModel
from .attributes import Inputs, Operation, axes_of, axis_of, given, integer, real
from .costs import Cost, product_cost
from .reader import Node, Tensor

_FEW_ROWS: Final = 6
"""Maximum rows for which one matrix-vector product per row is faster than a product with BLAS packing."""

_FLATTENING_SOFTMAX: Final = 13
"""Version before which Softmax flattens all dimensions from its axis on, which is 1 by default."""


def _dense(rows: Tensor, transposed: Tensor) -> Tensor:
    """Return rows @ transposed.T."""
    if rows.ndim != 2 or len(rows) > _FEW_ROWS:
        return np.asarray(rows @ transposed.T)
    result = np.empty((len(rows), len(transposed)), np.result_type(rows, transposed))
    for row, out in zip(rows, result, strict=True):
        np.dot(transposed, row, out=out)
    return result


def gemm(node: Node, _: int) -> Operation:
    """Build alpha * A @ B + beta * C."""
    alpha, beta = real(node, "alpha", 1.0), real(node, "beta", 1.0)
    transpose_a, transpose_b = integer(node, "transA", 0), integer(node, "transB", 0)

    def run(inputs: Inputs) -> Tensor:
        left = inputs[0].T if transpose_a else inputs[0]
        result = _dense(left, inputs[1]) if transpose_b else left @ inputs[1]
        if alpha != 1.0:
            result = result * np.float32(alpha)
        if (bias := given(inputs, 2)) is not None:
            result = result + (bias if beta == 1.0 else bias * np.float32(beta))
        return np.asarray(result)

    return run


def gemm_cost(node: Node) -> Cost:
    """Return the cost of a Gemm."""
    transpose_a, transpose_b = integer(node, "transA", 0), integer(node, "transB", 0)

    def cost(inputs: Inputs) -> int:
        left = inputs[0].T if transpose_a else inputs[0]
        right = inputs[1].T if transpose_b else inputs[1]
        bias = given(inputs, 2)
        # ONNX requires a bias that can be broadcast to the product.
        if bias is not None and bias.size > left.shape[0] * right.shape[-1]:
            raise ValueError("a bias is larger than its product")
        return product_cost(left, right)

    return cost


def matmul(_: Node, __: int) -> Operation:
    """Build A @ B."""
    return lambda inputs: np.asarray(np.matmul(inputs[0], inputs[1]))


def matmul_cost(_: Node) -> Cost:
    """Return the cost of a MatMul."""
    return lambda inputs: product_cost(inputs[0], inputs[1])


def softmax(node: Node, version: int, *, logarithm: bool = False) -> Operation:
    """Build Softmax or LogSoftmax, with the meaning of the model's version."""
    flattens = version < _FLATTENING_SOFTMAX
    axis = integer(node, "axis", 1 if flattens else -1)

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        at = axis_of(axis, value.ndim)
        over: int | tuple[int, ...] = tuple(range(at, value.ndim)) if flattens else at
        centered = value - np.max(value, axis=over, keepdims=True)
        total = np.sum(np.exp(centered), axis=over, keepdims=True)
        return np.asarray(centered - np.log(total) if logarithm else np.exp(centered) / total)

    return run


def log_softmax(node: Node, version: int) -> Operation:
    """Build LogSoftmax."""
    return softmax(node, version, logarithm=True)


def layer_normalization(node: Node, _: int) -> Operation:
    """Build LayerNormalization."""
    axis, epsilon = integer(node, "axis", -1), np.float32(real(node, "epsilon", 1e-5))

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        axes = tuple(range(axis_of(axis, value.ndim), value.ndim))
        centered = value - value.mean(axis=axes, keepdims=True)
        scale = np.sqrt(np.square(centered).mean(axis=axes, keepdims=True) + epsilon)
        result = centered / scale * inputs[1]
        bias = given(inputs, 2)
        return np.asarray(result if bias is None else result + bias)

    return run


def batch_normalization(node: Node, _: int) -> Operation:
    """Build BatchNormalization over dimension 1, with the statistics in the file."""
    if integer(node, "training_mode", 0):
        raise UnsupportedModel("this engine does not train a model")
    epsilon = real(node, "epsilon", 1e-5)

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        if value.ndim < 2 or any(part.shape != (value.shape[1],) for part in inputs[1:5]):
            raise ValueError("statistics of another size")
        shape = (-1, *(1,) * (value.ndim - 2))
        scale, bias, mean, variance = (part.reshape(shape) for part in inputs[1:5])
        factor = scale / np.sqrt(variance + np.float32(epsilon))
        return np.asarray(value * factor + (bias - mean * factor))

    return run


def instance_normalization(node: Node, _: int) -> Operation:
    """Build InstanceNormalization: each channel of each row by its own statistics."""
    epsilon = real(node, "epsilon", 1e-5)

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        if value.ndim < 3 or any(part.shape != (value.shape[1],) for part in inputs[1:3]):
            raise ValueError("statistics of another size")
        shape = (-1, *(1,) * (value.ndim - 2))
        axes = tuple(range(2, value.ndim))
        centered = value - value.mean(axis=axes, keepdims=True)
        scale = np.sqrt(np.square(centered).mean(axis=axes, keepdims=True) + np.float32(epsilon))
        return np.asarray(centered / scale * inputs[1].reshape(shape) + inputs[2].reshape(shape))

    return run


def reduction(node: Node, _: int) -> Operation:
    """Build ReduceMean, ReduceSum, ReduceMax, ReduceMin or ReduceL2."""
    keep, nothing = bool(integer(node, "keepdims", 1)), bool(integer(node, "noop_with_empty_axes", 0))

    def run(inputs: Inputs) -> Tensor:
        # An empty list of axes stands for all of them.
        value, axes = inputs[0], axes_of(node, inputs) or None
        if axes is None and nothing:
            return value
        match node.op_type:
            case "ReduceMean":
                count = value.size if axes is None else math.prod(value.shape[axis] for axis in axes)
                total = np.add.reduce(value, axis=axes, keepdims=keep)
                return np.asarray(total * np.float32(1 / max(1, count)))
            case "ReduceSum":
                return np.asarray(np.add.reduce(value, axis=axes, keepdims=keep))
            case "ReduceL2":
                return np.asarray(np.sqrt(np.add.reduce(np.square(value), axis=axes, keepdims=keep)))
            case "ReduceMin":
                return np.asarray(np.minimum.reduce(value, axis=axes, keepdims=keep))
            case _:
                return np.asarray(np.maximum.reduce(value, axis=axes, keepdims=keep))

    return run
