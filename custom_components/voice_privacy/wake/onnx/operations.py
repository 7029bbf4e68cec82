"""ONNX operations used by wake word heads, for a batch of rows, with their cost.

The cost of every operation is known before it runs, because a head may be a user's own file. A model that
would need excessive time or memory is refused at loading, before it exhausts the machine.
"""

from collections.abc import Callable, Mapping, Sequence
import math
from typing import Any, Final

import numpy as np

from ...core.errors import ModelFileInvalid, UnsupportedModel
from .reader import MAX_RANK, Node, Tensor

type Inputs = Sequence[Tensor]
type Operation = Callable[[Inputs], Tensor]
type Cost = Callable[[Inputs], int]

_NODE_COST: Final = 10_000
"""Overhead of an operation, in multiplications."""

_ELEMENT_COST: Final = 8
"""Cost of an element in non-matrix operations, in matrix multiplications."""

_MAX_ELEMENTS: Final = 500_000
"""Maximum elements of a value that is read or computed; published heads need a hundredth."""

SHAPED_BY_INPUT: Final = frozenset({"ReduceMean", "Reshape", "Squeeze", "Unsqueeze"})
"""Operations whose result shape depends on the values of further inputs."""

_TOO_MUCH: Final = "the model needs more computing than a wake word may"

_FEW_ROWS: Final = 6
"""Maximum rows for which one matrix-vector product per row is faster than a product with BLAS packing."""


def _floats(node: Node, name: str, default: float) -> float:
    value = node.attributes.get(name, default)
    if not isinstance(value, int | float):
        raise ModelFileInvalid("an attribute of the model has the wrong type")
    return float(value)


def _integer(node: Node, name: str, default: int) -> int:
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise ModelFileInvalid("an attribute of the model has the wrong type")
    return value


def _integers(node: Node, name: str) -> tuple[int, ...] | None:
    value = node.attributes.get(name)
    if value is None:
        return None
    if not isinstance(value, tuple) or not all(isinstance(part, int) for part in value):
        raise ModelFileInvalid("an attribute of the model has the wrong type")
    return tuple(int(part) for part in value)


def _axes(node: Node, inputs: Inputs) -> tuple[int, ...] | None:
    """Return the axes, which older models store in an attribute and newer models in an input."""
    if len(inputs) > 1:
        return _few(inputs[1])
    axes = _integers(node, "axes")
    if axes is not None and len(axes) > MAX_RANK:
        raise ValueError("too many axes")
    return axes


def _few(value: Tensor) -> tuple[int, ...]:
    """Return the axes or sizes in a tensor."""
    if value.size > MAX_RANK:
        raise ValueError("too many dimensions")
    return tuple(int(number) for number in value.reshape(-1))


def _dense(rows: Tensor, transposed: Tensor) -> Tensor:
    """Return rows @ transposed.T."""
    if rows.ndim != 2 or len(rows) > _FEW_ROWS:
        return np.asarray(rows @ transposed.T)
    result = np.empty((len(rows), len(transposed)), np.result_type(rows, transposed))
    for row, out in zip(rows, result, strict=True):
        np.dot(transposed, row, out=out)
    return result


def _gemm(node: Node) -> Operation:
    alpha, beta = _floats(node, "alpha", 1.0), _floats(node, "beta", 1.0)
    transpose_a, transpose_b = _integer(node, "transA", 0), _integer(node, "transB", 0)

    def run(inputs: Inputs) -> Tensor:
        left = inputs[0].T if transpose_a else inputs[0]
        result = _dense(left, inputs[1]) if transpose_b else left @ inputs[1]
        if alpha != 1.0:
            result = result * np.float32(alpha)
        if len(inputs) > 2:
            result = result + (inputs[2] if beta == 1.0 else inputs[2] * np.float32(beta))
        return np.asarray(result)

    return run


def _product_cost(left: Tensor, right: Tensor) -> int:
    """Return the multiplications of left @ right. Raises UnsupportedModel if it is too large."""
    batch = math.prod(np.broadcast_shapes(left.shape[:-2], right.shape[:-2]))
    rows = left.shape[-2] if left.ndim > 1 else 1
    columns = right.shape[-1] if right.ndim > 1 else 1
    if batch * rows * columns > _MAX_ELEMENTS:
        raise UnsupportedModel(_TOO_MUCH)
    return _NODE_COST + batch * rows * columns * max(1, left.shape[-1] if left.ndim else 1)


def _matmul_cost(_: Node) -> Cost:
    return lambda inputs: _product_cost(inputs[0], inputs[1])


def _gemm_cost(node: Node) -> Cost:
    transpose_a, transpose_b = _integer(node, "transA", 0), _integer(node, "transB", 0)

    def cost(inputs: Inputs) -> int:
        left = inputs[0].T if transpose_a else inputs[0]
        right = inputs[1].T if transpose_b else inputs[1]
        # ONNX requires a bias that can be broadcast to the product.
        if len(inputs) > 2 and inputs[2].size > left.shape[0] * right.shape[-1]:
            raise ValueError("a bias is larger than its product")
        return _product_cost(left, right)

    return cost


def _flatten(node: Node) -> Operation:
    axis = _integer(node, "axis", 1)

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        at = axis + value.ndim if axis < 0 else axis
        return value.reshape(math.prod(value.shape[:at]), -1)

    return run


def _softmax(node: Node) -> Operation:
    axis = _integer(node, "axis", -1)

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        exponentials = np.exp(value - np.max(value, axis=axis, keepdims=True))
        return np.asarray(exponentials / np.sum(exponentials, axis=axis, keepdims=True))

    return run


def _reduce_mean(node: Node) -> Operation:
    keep = bool(_integer(node, "keepdims", 1))

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        axes = _axes(node, inputs)
        count = value.size if axes is None else math.prod(value.shape[axis] for axis in axes)
        total = np.add.reduce(value, axis=axes, keepdims=keep)
        return np.asarray(total * np.float32(1 / max(1, count)))

    return run


def _layer_normalization(node: Node) -> Operation:
    axis, epsilon = _integer(node, "axis", -1), np.float32(_floats(node, "epsilon", 1e-5))

    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        if not -value.ndim <= axis < value.ndim:
            raise ValueError("axis out of range")
        axes = tuple(range(axis % value.ndim, value.ndim))
        centered = value - value.mean(axis=axes, keepdims=True)
        scale = np.sqrt(np.square(centered).mean(axis=axes, keepdims=True) + epsilon)
        result = centered / scale * inputs[1]
        return np.asarray(result + inputs[2] if len(inputs) > 2 else result)

    return run


def _reshape(node: Node) -> Operation:
    def run(inputs: Inputs) -> Tensor:
        value = inputs[0]
        wanted = _few(inputs[1])
        shape = [value.shape[at] if size == 0 else size for at, size in enumerate(wanted)]
        return value.reshape(shape)

    return run


def _squeeze(node: Node) -> Operation:
    return lambda inputs: np.squeeze(inputs[0], _axes(node, inputs))


def _unsqueeze(node: Node) -> Operation:
    return lambda inputs: np.expand_dims(inputs[0], _axes(node, inputs) or ())


def _transpose(node: Node) -> Operation:
    order = _integers(node, "perm")
    return lambda inputs: np.transpose(inputs[0], order)


def _concat(node: Node) -> Operation:
    axis = _integer(node, "axis", 0)
    return lambda inputs: np.concatenate(inputs, axis=axis)


def _cast(node: Node) -> Operation:
    types: Mapping[int, Any] = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 11: np.float64}
    wanted = types.get(_integer(node, "to", 1))
    if wanted is None:
        raise ModelFileInvalid("the model casts to an unknown type")
    return lambda inputs: inputs[0].astype(wanted)


def _clip(node: Node) -> Operation:
    low, high = _floats(node, "min", -math.inf), _floats(node, "max", math.inf)

    def run(inputs: Inputs) -> Tensor:
        bottom = inputs[1] if len(inputs) > 1 else np.float32(low)
        top = inputs[2] if len(inputs) > 2 else np.float32(high)
        return np.asarray(np.minimum(np.maximum(inputs[0], bottom), top))

    return run


def _leaky_relu(node: Node) -> Operation:
    slope = np.float32(_floats(node, "alpha", 0.01))
    return lambda inputs: np.where(inputs[0] < 0, inputs[0] * slope, inputs[0])


def _sigmoid(inputs: Inputs) -> Tensor:
    # Beyond +-80 a float32 sigmoid is constant, and exp would overflow.
    return np.asarray(1 / (1 + np.exp(-np.clip(inputs[0], -80, 80))))


def _pow(inputs: Inputs) -> Tensor:
    base, exponent = inputs[0], inputs[1]
    if exponent.size == 1 and exponent.reshape(-1)[0] == 2:
        return np.asarray(base * base)
    return np.asarray(np.power(base, exponent))


def _plain(function: Callable[..., Any], arity: int = 2) -> Callable[[Node], Operation]:
    """Return the builder of an operation without attributes.

    Args:
        function: Implementation. numpy functions take an output array as a further argument, so that a
            surplus input would be overwritten.
        arity: Required number of inputs.
    """

    def run(inputs: Inputs) -> Tensor:
        if len(inputs) != arity:
            raise ValueError("wrong number of inputs")
        return np.asarray(function(*inputs))

    return lambda _: run


def _own(function: Operation) -> Callable[[Node], Operation]:
    return lambda _: function


def _cost_of(elements: int) -> int:
    """Return the cost of accessing this many elements. Raises UnsupportedModel if there are too many."""
    if elements > _MAX_ELEMENTS:
        raise UnsupportedModel(_TOO_MUCH)
    return _NODE_COST + _ELEMENT_COST * elements


def _size_cost(inputs: Inputs) -> int:
    return _cost_of(sum(value.size for value in inputs))


def _broadcast_cost(inputs: Inputs) -> int:
    return _cost_of(math.prod(np.broadcast_shapes(*(value.shape for value in inputs))))


_BROADCAST: Final[Mapping[str, Callable[[Node], Operation]]] = {
    "Add": _plain(np.add),
    "Clip": _clip,
    "Div": _plain(np.divide),
    "Equal": _plain(np.equal),
    "Greater": _plain(np.greater),
    "GreaterOrEqual": _plain(np.greater_equal),
    "LayerNormalization": _layer_normalization,
    "Less": _plain(np.less),
    "LessOrEqual": _plain(np.less_equal),
    "Mul": _plain(np.multiply),
    "Pow": _own(_pow),
    "Sub": _plain(np.subtract),
}

_MATRIX: Final[Mapping[str, tuple[Callable[[Node], Operation], Callable[[Node], Cost]]]] = {
    "Gemm": (_gemm, _gemm_cost),
    "MatMul": (_plain(np.matmul), _matmul_cost),
}

_SIZED: Final[Mapping[str, Callable[[Node], Operation]]] = {
    "Cast": _cast,
    "Concat": _concat,
    "Flatten": _flatten,
    "Identity": _plain(np.asarray, 1),
    "LeakyRelu": _leaky_relu,
    "Neg": _plain(np.negative, 1),
    "ReduceMean": _reduce_mean,
    "Relu": _plain(lambda value: np.maximum(value, np.float32(0)), 1),
    "Reshape": _reshape,
    "Sigmoid": _own(_sigmoid),
    "Softmax": _softmax,
    "Sqrt": _plain(np.sqrt, 1),
    "Squeeze": _squeeze,
    "Tanh": _plain(np.tanh, 1),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}


def build(node: Node) -> tuple[Operation, Cost] | None:
    """Return the operation of a node and its maximum cost, or None if its type is unsupported."""
    if (matrix := _MATRIX.get(node.op_type)) is not None:
        return matrix[0](node), matrix[1](node)
    for builders, cost in ((_SIZED, _size_cost), (_BROADCAST, _broadcast_cost)):
        if (builder := builders.get(node.op_type)) is not None:
            return builder(node), cost
    return None
