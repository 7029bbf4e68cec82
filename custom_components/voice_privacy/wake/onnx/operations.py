"""ONNX operations that wake word heads use, for a batch of rows, with their cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import math
from typing import Any, Final

import numpy as np

from ...core.cleaning import clean_text
from ...core.errors import ModelFileInvalid, ModelOperationUnknown, UnsupportedModel
from . import matrices, recurrent, shapes, windows
from .attributes import Inputs, Operation, Several, given, integer, real, text
from .costs import Cost, broadcast_cost, size_cost
from .reader import Node, Tensor

type _Builder = Callable[[Node, int], Operation]
type _SeveralBuilder = Callable[[Node, int], Several]
type _CostBuilder = Callable[[Node], Cost]

SHAPED_BY_INPUT: Final[Mapping[str, int]] = {
    "ConstantOfShape": 0,
    "Expand": 1,
    "Pad": 1,
    "ReduceL2": 1,
    "ReduceMax": 1,
    "ReduceMean": 1,
    "ReduceMin": 1,
    "ReduceSum": 1,
    "Reshape": 1,
    "Slice": 1,
    "Split": 1,
    "Squeeze": 1,
    "Tile": 1,
    "Unsqueeze": 1,
}
"""Operations whose result's shape depends on the values of their inputs from this one on."""

SHAPES: Final = frozenset({"Shape", "Size"})
"""Operations whose result depends on the shape of their input only."""

_MAX_NAME: Final = 60
"""Maximum characters of an unknown operation's name that a message repeats."""

_ALIGNED: Final = 7
"""Version before which elements are broadcast from a given axis on, not from the last."""

_NARROW: Final = 80
"""Beyond +-80 the functions below are constant or linear in float32, and exp would overflow."""

_CAST: Final[Mapping[int, Any]] = {
    1: np.float32,
    2: np.uint8,
    3: np.int8,
    6: np.int32,
    7: np.int64,
    9: np.bool_,
    10: np.float16,
    11: np.float64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Operation of a node, which has one output or several, and its maximum cost."""

    run: Operation | None = None
    several: Several | None = None
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Type of operation."""

    build: _Builder | None = None
    several: _SeveralBuilder | None = None
    cost: _CostBuilder
    least: int
    """Number of inputs that must be given; those after them are optional."""

    most: int
    outputs: int = 1


def _cast(node: Node, _: int) -> Operation:
    wanted = _CAST.get(integer(node, "to", 1))
    if wanted is None:
        raise ModelFileInvalid("the model casts to an unknown type")
    return lambda inputs: inputs[0].astype(wanted)


def _clip(node: Node, _: int) -> Operation:
    low, high = np.float32(real(node, "min", -math.inf)), np.float32(real(node, "max", math.inf))

    def run(inputs: Inputs) -> Tensor:
        bottom, top = given(inputs, 1), given(inputs, 2)
        value = np.maximum(inputs[0], low if bottom is None else bottom)
        return np.asarray(np.minimum(value, high if top is None else top))

    return run


def _leaky_relu(node: Node, _: int) -> Operation:
    slope = np.float32(real(node, "alpha", 0.01))
    return lambda inputs: np.where(inputs[0] < 0, inputs[0] * slope, inputs[0])


def _elu(node: Node, _: int) -> Operation:
    slope = np.float32(real(node, "alpha", 1.0))
    return lambda inputs: np.where(inputs[0] < 0, slope * np.expm1(np.minimum(inputs[0], 0)), inputs[0])


def _hard_sigmoid(node: Node, _: int) -> Operation:
    slope, offset = np.float32(real(node, "alpha", 0.2)), np.float32(real(node, "beta", 0.5))
    return lambda inputs: np.clip(inputs[0] * slope + offset, np.float32(0), np.float32(1))


def _hard_swish(value: Tensor) -> Tensor:
    factor = np.clip(value * np.float32(1 / 6) + np.float32(0.5), np.float32(0), np.float32(1))
    return np.asarray(value * factor)


def _softplus(value: Tensor) -> Tensor:
    return np.asarray(np.maximum(value, 0) + np.log1p(np.exp(-np.abs(value))))


def _erf(value: Tensor) -> Tensor:
    """Return the error function, by Abramowitz and Stegun's formula 7.1.26: exact to 1.5e-7."""
    size = np.abs(value).astype(np.float64)
    t = 1 / (1 + 0.3275911 * size)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    result = np.copysign(1 - series * np.exp(-size * size), value)
    return np.asarray(result).astype(value.dtype)


def _gelu(node: Node, _: int) -> Operation:
    half, root = np.float32(0.5), np.float32(math.sqrt(0.5))
    if text(node, "approximate", "none") == "tanh":
        scale, cube = np.float32(math.sqrt(2 / math.pi)), np.float32(0.044715)
        return lambda inputs: np.asarray(
            half * inputs[0] * (1 + np.tanh(scale * (inputs[0] + cube * inputs[0] ** 3)))
        )
    return lambda inputs: np.asarray(half * inputs[0] * (1 + _erf(inputs[0] * root)))


def _pow(base: Tensor, exponent: Tensor) -> Tensor:
    if exponent.size == 1 and exponent.ndim <= base.ndim and exponent.reshape(-1)[0] == 2:
        return np.asarray(base * base)
    return np.asarray(np.power(base, exponent)).astype(base.dtype)


def _divide(left: Tensor, right: Tensor) -> Tensor:
    """Divide; whole numbers are rounded towards zero."""
    if left.dtype.kind not in "iu" or right.dtype.kind not in "iu":
        return np.asarray(np.divide(left, right))
    if not right.all():
        raise ValueError("division by zero")
    quotient = np.abs(left) // np.abs(right)
    return np.asarray(np.where((left < 0) != (right < 0), -quotient, quotient))


def _dropout(node: Node, _: int) -> Operation:
    def run(inputs: Inputs) -> Tensor:
        training = given(inputs, 2)
        if training is not None and bool(training.any()):
            raise UnsupportedModel("this engine does not train a model")
        return inputs[0]

    return run


def _fold(function: Callable[[Tensor, Tensor], Any], *, average: bool = False) -> _Builder:
    """Return the builder of an operation on any number of inputs."""

    def run(inputs: Inputs) -> Tensor:
        result = inputs[0]
        for value in inputs[1:]:
            result = function(result, value)
        return np.asarray(result * np.float32(1 / len(inputs)) if average else result)

    return lambda _, __: run


def _unary(function: Callable[[Tensor], Any]) -> _Kind:
    """Return an operation on the elements of one input."""
    return _Kind(
        build=lambda _, __: lambda inputs: np.asarray(function(inputs[0])), cost=size_cost, least=1, most=1
    )


def _with_attributes(builder: _Builder, least: int = 1, most: int = 1) -> _Kind:
    return _Kind(build=builder, cost=size_cost, least=least, most=most)


def _binary(function: Callable[[Tensor, Tensor], Any]) -> _Kind:
    """Return an operation on the elements of two inputs, which are broadcast to each other."""

    def build(node: Node, version: int) -> Operation:
        axis = integer(node, "axis", -1) if version < _ALIGNED and integer(node, "broadcast", 0) else -1
        if axis < 0:
            return lambda inputs: np.asarray(function(inputs[0], inputs[1]))
        return lambda inputs: np.asarray(function(inputs[0], _aligned(inputs[0], inputs[1], axis)))

    return _Kind(build=build, cost=broadcast_cost, least=2, most=2)


def _aligned(left: Tensor, right: Tensor, axis: int) -> Tensor:
    """Return the right value with its first dimension at an axis of the left one."""
    return right.reshape(*right.shape, *(1,) * max(0, left.ndim - axis - right.ndim))


def _many(builder: _Builder) -> _Kind:
    return _Kind(build=builder, cost=broadcast_cost, least=1, most=64)


def _reduction() -> _Kind:
    return _Kind(build=matrices.reduction, cost=size_cost, least=1, most=2)


def _network() -> _Kind:
    return _Kind(several=recurrent.recurrent, cost=recurrent.recurrent_cost, least=3, most=8, outputs=3)


_KINDS: Final[Mapping[str, _Kind]] = {
    "Abs": _unary(np.abs),
    "Add": _binary(np.add),
    "And": _binary(np.logical_and),
    "AveragePool": _Kind(build=windows.average_pool, cost=windows.pool_cost, least=1, most=1),
    "BatchNormalization": _with_attributes(matrices.batch_normalization, 5, 5),
    "Cast": _with_attributes(_cast),
    "Ceil": _unary(np.ceil),
    "Clip": _Kind(build=_clip, cost=broadcast_cost, least=1, most=3),
    "Concat": _with_attributes(shapes.concat, 1, 256),
    "ConstantOfShape": _Kind(
        build=shapes.constant_of_shape, cost=shapes.constant_of_shape_cost, least=1, most=1
    ),
    "Conv": _Kind(build=windows.conv, cost=windows.conv_cost, least=2, most=3),
    "Div": _binary(_divide),
    "Dropout": _with_attributes(_dropout, 1, 3),
    "Elu": _with_attributes(_elu),
    "Equal": _binary(np.equal),
    "Erf": _unary(_erf),
    "Exp": _unary(np.exp),
    "Expand": _Kind(build=shapes.expand, cost=shapes.expand_cost, least=2, most=2),
    "Flatten": _with_attributes(shapes.flatten),
    "Floor": _unary(np.floor),
    "GRU": _network(),
    "Gather": _Kind(build=shapes.gather, cost=shapes.gather_cost, least=2, most=2),
    "Gelu": _with_attributes(_gelu),
    "Gemm": _Kind(build=matrices.gemm, cost=matrices.gemm_cost, least=2, most=3),
    "GlobalAveragePool": _with_attributes(windows.global_pool),
    "GlobalMaxPool": _with_attributes(windows.global_pool),
    "Greater": _binary(np.greater),
    "GreaterOrEqual": _binary(np.greater_equal),
    "HardSigmoid": _with_attributes(_hard_sigmoid),
    "HardSwish": _unary(_hard_swish),
    "Identity": _unary(np.asarray),
    "InstanceNormalization": _with_attributes(matrices.instance_normalization, 3, 3),
    "LSTM": _network(),
    "LayerNormalization": _Kind(build=matrices.layer_normalization, cost=broadcast_cost, least=2, most=3),
    "LeakyRelu": _with_attributes(_leaky_relu),
    "Less": _binary(np.less),
    "LessOrEqual": _binary(np.less_equal),
    "Log": _unary(np.log),
    "LogSoftmax": _with_attributes(matrices.log_softmax),
    "MatMul": _Kind(build=matrices.matmul, cost=matrices.matmul_cost, least=2, most=2),
    "Max": _many(_fold(np.maximum)),
    "MaxPool": _Kind(build=windows.max_pool, cost=windows.pool_cost, least=1, most=1),
    "Mean": _many(_fold(np.add, average=True)),
    "Min": _many(_fold(np.minimum)),
    "Mul": _binary(np.multiply),
    "Neg": _unary(np.negative),
    "Not": _unary(np.logical_not),
    "Or": _binary(np.logical_or),
    "PRelu": _binary(lambda value, slope: np.where(value < 0, value * slope, value)),
    "Pad": _Kind(build=shapes.pad, cost=shapes.pad_cost, least=1, most=4),
    "Pow": _binary(_pow),
    "RNN": _Kind(several=recurrent.recurrent, cost=recurrent.recurrent_cost, least=3, most=6, outputs=2),
    "Reciprocal": _unary(lambda value: np.divide(np.float32(1), value)),
    "ReduceL2": _reduction(),
    "ReduceMax": _reduction(),
    "ReduceMean": _reduction(),
    "ReduceMin": _reduction(),
    "ReduceSum": _reduction(),
    "Relu": _unary(lambda value: np.maximum(value, np.float32(0))),
    "Reshape": _with_attributes(shapes.reshape, 1, 2),
    "Shape": _with_attributes(shapes.shape),
    "Sigmoid": _unary(recurrent.sigmoid),
    "Size": _with_attributes(shapes.size),
    "Slice": _with_attributes(shapes.slice_, 1, 5),
    "Softmax": _with_attributes(matrices.softmax),
    "Softplus": _unary(_softplus),
    "Split": _Kind(several=shapes.split, cost=size_cost, least=1, most=2, outputs=64),
    "Sqrt": _unary(np.sqrt),
    "Squeeze": _with_attributes(shapes.squeeze, 1, 2),
    "Sub": _binary(np.subtract),
    "Sum": _many(_fold(np.add)),
    "Tanh": _unary(np.tanh),
    "Tile": _Kind(build=shapes.tile, cost=shapes.tile_cost, least=2, most=2),
    "Transpose": _with_attributes(shapes.transpose),
    "Unsqueeze": _with_attributes(shapes.unsqueeze, 1, 2),
    "Where": _Kind(
        build=lambda _, __: lambda inputs: np.where(inputs[0], inputs[1], inputs[2]),
        cost=broadcast_cost,
        least=3,
        most=3,
    ),
}

KNOWN: Final = frozenset(_KINDS)
"""Names of the operations that this engine supports, besides Constant and If."""


def build(node: Node, version: int) -> Built:
    """Return the operation of a node.

    Args:
        node: Node of a graph.
        version: Version of ONNX's operations that the model uses.

    Raises:
        ModelOperationUnknown: This engine does not support the operation.
        UnsupportedModel: This engine does not support a form of it, with fewer inputs or more outputs.
        ModelFileInvalid: The node has too many inputs, or an invalid attribute.
    """
    kind = _KINDS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if kind is None:
        name = clean_text(".".join(part for part in (node.domain, node.op_type) if part), _MAX_NAME)
        raise ModelOperationUnknown(f"this engine does not know the operation {name}", operation=name)
    if len(node.inputs) > kind.most:
        raise ModelFileInvalid(f"the model has {node.op_type} with too many inputs")
    if len(node.inputs) < kind.least or not all(node.inputs[: kind.least]):
        raise UnsupportedModel(f"this engine does not know {node.op_type} with so few inputs")
    if len(node.outputs) > kind.outputs:
        raise UnsupportedModel(f"this engine does not know {node.op_type} with several outputs")
    if kind.several is not None:
        return Built(several=kind.several(node, version), cost=kind.cost(node))
    if kind.build is None:
        raise ModelFileInvalid("the model has an operation without a result")
    return Built(run=kind.build(node, version), cost=kind.cost(node))
