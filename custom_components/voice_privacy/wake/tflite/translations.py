"""Translation of each operator of TensorFlow Lite into ONNX operations."""

from collections.abc import Callable
import math
from typing import Final

import numpy as np

from ...core.errors import ModelFileInvalid, UnsupportedModel
from .reader import Operator
from .scope import Scope, numbers_of, unknown

_FUSED: Final = {0: "", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6", 4: "TANH"}
"""Activations that another operator may include, by their codes."""

_CLIPPED: Final = {"RELU_N1_TO_1": (-1.0, 1.0), "RELU6": (0.0, 6.0), "RELU_0_TO_1": (0.0, 1.0)}

_CASTS: Final = {
    "float32": 1,
    "uint8": 2,
    "int8": 3,
    "int32": 6,
    "int64": 7,
    "bool": 9,
    "float16": 10,
    "float64": 11,
}

_ELEMENTWISE: Final = {
    "ABS": "Abs",
    "CEIL": "Ceil",
    "ELU": "Elu",
    "EQUAL": "Equal",
    "EXP": "Exp",
    "FLOOR": "Floor",
    "GREATER": "Greater",
    "GREATER_EQUAL": "GreaterOrEqual",
    "HARD_SWISH": "HardSwish",
    "LESS": "Less",
    "LESS_EQUAL": "LessOrEqual",
    "LOG": "Log",
    "LOGICAL_AND": "And",
    "LOGICAL_NOT": "Not",
    "LOGICAL_OR": "Or",
    "LOGISTIC": "Sigmoid",
    "MAXIMUM": "Max",
    "MINIMUM": "Min",
    "NEG": "Neg",
    "POW": "Pow",
    "PRELU": "PRelu",
    "RELU": "Relu",
    "SELECT": "Where",
    "SELECT_V2": "Where",
    "SQRT": "Sqrt",
    "TANH": "Tanh",
}
"""Operators that mean the same as an ONNX operation with the same inputs."""

_ARITHMETIC: Final = {"ADD": "Add", "DIV": "Div", "MUL": "Mul", "SUB": "Sub"}
"""Likewise, with an activation in field 0 of their options."""

_REDUCTIONS: Final = {
    "MEAN": "ReduceMean",
    "REDUCE_MAX": "ReduceMax",
    "REDUCE_MIN": "ReduceMin",
    "SUM": "ReduceSum",
}

_ACTIVATION_FIELDS: Final = {
    "ADD": 0,
    "AVERAGE_POOL_2D": 5,
    "CONCATENATION": 1,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 4,
    "DIV": 0,
    "FULLY_CONNECTED": 0,
    "MAX_POOL_2D": 5,
    "MUL": 0,
    "SUB": 0,
}
"""Field of the options with the activation that an operator includes."""


def _activation_of(operator: Operator) -> str:
    """Return the name of the activation that an operator includes; empty if there is none."""
    place = _ACTIVATION_FIELDS.get(operator.name)
    code = 0 if place is None else operator.options.small(place)
    if code not in _FUSED:
        raise UnsupportedModel(f"this engine does not know an activation of {operator.name}")
    return _FUSED[code]


def _activate(scope: Scope, activation: str, value: str, output: str) -> None:
    if activation in _CLIPPED:
        low, high = _CLIPPED[activation]
        scope.emit("Clip", [value], output, min=low, max=high)
    else:
        scope.emit({"RELU": "Relu", "TANH": "Tanh"}[activation], [value], output)


def _fully_connected(scope: Scope, operator: Operator, output: str) -> None:
    value, weights = (scope.tensor(index) for index in operator.inputs[:2])
    names = [scope.name(index) for index in operator.inputs]
    if operator.options.small(1):
        raise UnsupportedModel("this engine does not know shuffled weights")
    if operator.options.flag(2) and len(value.shape) > 2:
        transposed = scope.emit("Transpose", [names[1]], perm=(1, 0))
        bias = names[2:] if any(names[2:]) else []
        product = scope.emit("MatMul", [names[0], transposed], "" if bias else output)
        if bias:
            scope.emit("Add", [product, bias[0]], output)
        return
    if len(value.shape) != 2 or value.shape[1] != weights.shape[-1]:
        names[0] = scope.emit("Reshape", [names[0], scope.constant([-1, weights.shape[-1]])])
    scope.emit("Gemm", names, output, transB=1)


def _reshape(scope: Scope, operator: Operator, output: str) -> None:
    """Reshape to the declared shape, whose first dimension grows with the number of rows."""
    sizes = list(scope.tensor(operator.outputs[0]).shape)
    if sizes and math.prod(sizes[1:]) > 0:
        sizes[0] = -1
    scope.emit("Reshape", [scope.name(operator.inputs[0]), scope.constant(sizes)], output)


def _reduce(scope: Scope, operator: Operator, output: str) -> None:
    inputs = [scope.name(index) for index in operator.inputs[:2]]
    scope.emit(_REDUCTIONS[operator.name], inputs, output, keepdims=int(operator.options.flag(0)))


def _rsqrt(scope: Scope, operator: Operator, output: str) -> None:
    scope.emit("Reciprocal", [scope.emit("Sqrt", [scope.name(operator.inputs[0])])], output)


def _square(scope: Scope, operator: Operator, output: str) -> None:
    value = scope.name(operator.inputs[0])
    scope.emit("Mul", [value, value], output)


def _squared_difference(scope: Scope, operator: Operator, output: str) -> None:
    difference = scope.emit("Sub", [scope.name(index) for index in operator.inputs])
    scope.emit("Mul", [difference, difference], output)


def _softmax(scope: Scope, operator: Operator, output: str) -> None:
    value, beta = scope.name(operator.inputs[0]), operator.options.real(0)
    if operator.name == "SOFTMAX" and beta != 1.0:
        factor = f"{output}_beta"
        scope.constants[factor] = np.array(beta, np.float32)
        value = scope.emit("Mul", [value, factor])
    scope.emit("Softmax" if operator.name == "SOFTMAX" else "LogSoftmax", [value], output, axis=-1)


def _leaky_relu(scope: Scope, operator: Operator, output: str) -> None:
    scope.emit("LeakyRelu", [scope.name(operator.inputs[0])], output, alpha=operator.options.real(0))


def _gelu(scope: Scope, operator: Operator, output: str) -> None:
    approximate = b"tanh" if operator.options.flag(0) else b"none"
    scope.emit("Gelu", [scope.name(operator.inputs[0])], output, approximate=approximate)


def _concatenation(scope: Scope, operator: Operator, output: str) -> None:
    names = [scope.name(index) for index in operator.inputs]
    scope.emit("Concat", names, output, axis=operator.options.integer(0))


def _pack(scope: Scope, operator: Operator, output: str) -> None:
    axis = operator.options.integer(1)
    at = scope.constant([axis])
    parts = [scope.emit("Unsqueeze", [scope.name(index), at]) for index in operator.inputs]
    scope.emit("Concat", parts, output, axis=axis)


def _transpose(scope: Scope, operator: Operator, output: str) -> None:
    order = numbers_of(scope, operator, 1)
    scope.emit("Transpose", [scope.name(operator.inputs[0])], output, perm=order)


def _cast(scope: Scope, operator: Operator, output: str) -> None:
    wanted = str(scope.tensor(operator.outputs[0]).dtype)
    if wanted not in _CASTS:
        raise UnsupportedModel("this engine does not know a type of the model")
    scope.emit("Cast", [scope.name(operator.inputs[0])], output, to=_CASTS[wanted])


def _batch_matmul(scope: Scope, operator: Operator, output: str) -> None:
    names = [scope.name(index) for index in operator.inputs[:2]]
    for at, index in enumerate(operator.inputs[:2]):
        rank = len(scope.tensor(index).shape)
        if operator.options.flag(at) and rank >= 2:
            order = (*range(rank - 2), rank - 1, rank - 2)
            names[at] = scope.emit("Transpose", [names[at]], perm=order)
    scope.emit("MatMul", names, output)


def _gather(scope: Scope, operator: Operator, output: str) -> None:
    if operator.options.integer(1):
        raise UnsupportedModel("this engine does not know GATHER with rows of its own")
    names = [scope.name(index) for index in operator.inputs[:2]]
    scope.emit("Gather", names, output, axis=operator.options.integer(0))


def _strided_slice(scope: Scope, operator: Operator, output: str) -> None:
    begins, ends, steps = (list(numbers_of(scope, operator, at)) for at in (1, 2, 3))
    options = operator.options
    if (
        options.integer(2)
        or options.integer(3)
        or options.flag(5)
        or not len(begins) == len(ends) == len(steps)
    ):
        raise UnsupportedModel("this engine does not know this STRIDED_SLICE")
    far, shrink = 1 << 30, options.integer(4)
    for at, step in enumerate(steps):
        if shrink >> at & 1:
            ends[at] = begins[at] + 1 if begins[at] != -1 else far
            steps[at] = 1
            continue
        if options.integer(0) >> at & 1:
            begins[at] = 0 if step > 0 else far
        if options.integer(1) >> at & 1:
            ends[at] = far if step > 0 else -far
    axes = list(range(len(begins)))
    names = [scope.constant(numbers) for numbers in (begins, ends, axes, steps)]
    part = scope.emit("Slice", [scope.name(operator.inputs[0]), *names], "" if shrink else output)
    if shrink:
        gone = [at for at in axes if shrink >> at & 1]
        scope.emit("Squeeze", [part, scope.constant(gone)], output)


def _slice(scope: Scope, operator: Operator, output: str) -> None:
    begins, sizes = numbers_of(scope, operator, 1), numbers_of(scope, operator, 2)
    if len(begins) != len(sizes):
        raise ModelFileInvalid("the model has an invalid SLICE")
    ends = [1 << 30 if size < 0 else begin + size for begin, size in zip(begins, sizes, strict=True)]
    names = [scope.constant(numbers) for numbers in (begins, ends)]
    scope.emit("Slice", [scope.name(operator.inputs[0]), *names], output)


def _pad(scope: Scope, operator: Operator, output: str) -> None:
    widths = numbers_of(scope, operator, 1)
    pads = scope.constant([*widths[0::2], *widths[1::2]])
    scope.emit("Pad", [scope.name(operator.inputs[0]), pads, *map(scope.name, operator.inputs[2:3])], output)


_TO_CHANNELS_FIRST: Final = (0, 3, 1, 2)
_TO_CHANNELS_LAST: Final = (0, 2, 3, 1)
_PADDINGS: Final = {0: b"SAME_UPPER", 1: b"VALID"}


def _convolution(scope: Scope, operator: Operator, output: str) -> None:
    """Translate a convolution, whose channels come last here and first in ONNX."""
    options, deep = operator.options, operator.name == "DEPTHWISE_CONV_2D"
    value, *others = (scope.name(index) for index in operator.inputs)
    at = 5 if deep else 4
    order, groups = ((3, 0, 1, 2), scope.tensor(operator.inputs[0]).shape[-1]) if deep else ((0, 3, 1, 2), 1)
    result = scope.emit(
        "Conv",
        [
            scope.emit("Transpose", [value], perm=_TO_CHANNELS_FIRST),
            scope.emit("Transpose", [others[0]], perm=order),
            *others[1:2],
        ],
        auto_pad=_padding(operator),
        strides=(options.integer(2), options.integer(1)),
        dilations=(options.integer(at + 1, 1), options.integer(at, 1)),
        group=groups,
    )
    scope.emit("Transpose", [result], output, perm=_TO_CHANNELS_LAST)


def _pool(scope: Scope, operator: Operator, output: str) -> None:
    options = operator.options
    pooled = scope.emit(
        "MaxPool" if operator.name == "MAX_POOL_2D" else "AveragePool",
        [scope.emit("Transpose", [scope.name(operator.inputs[0])], perm=_TO_CHANNELS_FIRST)],
        auto_pad=_padding(operator),
        strides=(options.integer(2), options.integer(1)),
        kernel_shape=(options.integer(4), options.integer(3)),
    )
    scope.emit("Transpose", [pooled], output, perm=_TO_CHANNELS_LAST)


def _padding(operator: Operator) -> bytes:
    if (padding := _PADDINGS.get(operator.options.small(0))) is None:
        raise ModelFileInvalid("the model has an unknown padding")
    return padding


_TRANSLATIONS: Final[dict[str, Callable[[Scope, Operator, str], None]]] = {
    "AVERAGE_POOL_2D": _pool,
    "BATCH_MATMUL": _batch_matmul,
    "CAST": _cast,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "DEQUANTIZE": _cast,
    "EXPAND_DIMS": _reshape,
    "FULLY_CONNECTED": _fully_connected,
    "GATHER": _gather,
    "GELU": _gelu,
    "LEAKY_RELU": _leaky_relu,
    "LOG_SOFTMAX": _softmax,
    "MAX_POOL_2D": _pool,
    "PACK": _pack,
    "PAD": _pad,
    "PADV2": _pad,
    "RESHAPE": _reshape,
    "RSQRT": _rsqrt,
    "SLICE": _slice,
    "SOFTMAX": _softmax,
    "SQUARE": _square,
    "SQUARED_DIFFERENCE": _squared_difference,
    "SQUEEZE": _reshape,
    "STRIDED_SLICE": _strided_slice,
    "TRANSPOSE": _transpose,
    **dict.fromkeys(_REDUCTIONS, _reduce),
}


def translate(scope: Scope, operator: Operator) -> None:
    """Add the nodes of an operator that has one result and is not an IF.

    Raises ModelOperationUnknown, UnsupportedModel or ModelFileInvalid.
    """
    activation = _activation_of(operator)
    output = scope.name(operator.outputs[0])
    inner = f"{output}_inner" if activation else output
    name = operator.name
    if (op_type := _ELEMENTWISE.get(name) or _ARITHMETIC.get(name)) is not None:
        scope.emit(op_type, [scope.name(index) for index in operator.inputs], inner)
    elif name in _CLIPPED:
        _activate(scope, name, scope.name(operator.inputs[0]), inner)
    elif name in _TRANSLATIONS:
        _TRANSLATIONS[name](scope, operator, inner)
    else:
        raise unknown(operator)
    if activation:
        _activate(scope, activation, inner, output)
