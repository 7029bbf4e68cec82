"""Translation of TensorFlow Lite models into graphs of ONNX operations, for wake word heads.

A head keeps one copy of its meaning that way: what an operation computes, what it costs and what is refused is
decided in one place for both formats. Only models that compute with real numbers are translated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.cleaning import clean_text
from ...core.errors import (
    ModelFileInvalid,
    ModelOperationUnknown,
    ModelTooCostly,
    NotAWakeWordModel,
    UnsupportedModel,
)
from ..onnx.reader import MAX_DEPTH, MAX_NODES, Attribute, Graph, Node, ValueInfo
from .reader import MAX_RANK, Model, Operator, Subgraph, Tensor

_MAX_NAME: Final = 60
"""Maximum characters of an unknown operator's name that a message repeats."""

_MAX_QUANTIZED: Final = 2_000_000
"""Maximum quantized weights of a model, which take four times their size."""

_VERSION: Final = 18
"""Version of ONNX's operations that the translation uses."""

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


def graph_of(model: Model) -> Graph:
    """Return a model's main graph as a graph of ONNX operations.

    Raises:
        NotAWakeWordModel: The model does not take real numbers, as one of microWakeWord.
        ModelOperationUnknown: The model uses an operator that is not translated.
        UnsupportedModel: The model uses an operator in an unsupported way.
        ModelFileInvalid: The model is damaged.
    """
    main = model.subgraphs[0]
    if len(main.inputs) != 1 or len(main.outputs) != 1:
        raise NotAWakeWordModel("a wake word model must have one input and one output")
    if main.tensors[main.inputs[0]].dtype != np.float32:
        raise NotAWakeWordModel("a wake word model must take real numbers")
    return _Translator(model).graph(main, None, 0)


class _Room:
    """Numbers that quantized weights may still become."""

    def __init__(self) -> None:
        self._left = _MAX_QUANTIZED

    def take(self, count: int) -> None:
        """Raise ModelTooCostly if there are too many."""
        self._left -= count
        if self._left < 0:
            raise ModelTooCostly("the model has too many quantized weights")


@dataclass(slots=True, kw_only=True)
class _Scope:
    """Translation of one subgraph."""

    room: _Room
    prefix: str
    subgraph: Subgraph
    depth: int
    bound: dict[int, str]
    """Names of the values that a branch takes from the graph around it."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)

    def name(self, index: int) -> str:
        """Return the name of a tensor; empty for an omitted input."""
        if index < 0:
            return ""
        if index in self.bound:
            return self.bound[index]
        name = f"{self.prefix}{index}"
        tensor = self.subgraph.tensors[index]
        if tensor.is_constant and name not in self.constants:
            self.constants[name] = _real_values(tensor, self.room)
        return name

    def tensor(self, index: int) -> Tensor:
        """Return a tensor. Raises ModelFileInvalid if it is omitted."""
        if index < 0:
            raise ModelFileInvalid("the model omits an input that is needed")
        return self.subgraph.tensors[index]

    def constant(self, values: Sequence[int]) -> str:
        """Return the name of a new constant of whole numbers."""
        name = f"{self.prefix}constant{len(self.constants)}"
        self.constants[name] = np.array(values, np.int64)
        return name

    def emit(self, op_type: str, inputs: Sequence[str], output: str = "", **attributes: Attribute) -> str:
        """Add a node; return the name of its result, which is a new one unless it is given."""
        result = output or f"{self.prefix}value{len(self.nodes)}"
        self.nodes.append(
            Node(op_type=op_type, inputs=tuple(inputs), outputs=(result,), attributes=attributes)
        )
        if len(self.nodes) > MAX_NODES:
            raise ModelFileInvalid("the model has too many nodes")
        return result


def _real_values(tensor: Tensor, room: _Room) -> NDArray[Any]:
    """Return the values of a constant; quantized weights as the numbers that they stand for."""
    values = tensor.values()
    quantization = tensor.quantization
    if quantization is None or values.dtype.kind not in "iu" or values.dtype.itemsize > 2:
        return values
    room.take(values.size)
    count = len(quantization.scales)
    shape = [1] * values.ndim
    if count > 1:
        if not 0 <= quantization.axis < values.ndim or values.shape[quantization.axis] != count:
            raise ModelFileInvalid("the model contains a damaged quantization")
        shape[quantization.axis] = count
    centered = values.astype(np.float32) - quantization.zero_points.reshape(shape).astype(np.float32)
    return np.asarray(centered * quantization.scales.reshape(shape))


class _Translator:
    """Translator of a model and its branches."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._room = _Room()
        self._scopes = 0
        self._operators = 0

    def graph(self, subgraph: Subgraph, bindings: Sequence[str] | None, depth: int) -> Graph:
        """Return a subgraph as a graph; a branch takes its inputs, by name, from the graph around it."""
        self._scopes += 1
        self._operators += len(subgraph.operators)
        if depth > MAX_DEPTH or self._operators > MAX_NODES:
            raise ModelFileInvalid("the model has too many nodes, or is nested too deeply")
        if bindings is not None and len(bindings) != len(subgraph.inputs):
            raise ModelFileInvalid("the model has a branch with other inputs")
        bound = dict(zip(subgraph.inputs, bindings or (), strict=False))
        scope = _Scope(
            room=self._room, prefix=f"{self._scopes}_", subgraph=subgraph, depth=depth, bound=bound
        )
        for operator in subgraph.operators:
            self._translate(scope, operator)
        if len(subgraph.outputs) != 1:
            raise UnsupportedModel("a branch of a wake word model must have one output")
        (output,) = subgraph.outputs
        # A branch may return what it was given; a graph returns a value of its own.
        result = scope.emit("Identity", [scope.name(output)])
        inputs = () if bindings is not None else subgraph.inputs
        return Graph(
            nodes=tuple(scope.nodes),
            initializers=scope.constants,
            inputs=tuple(
                ValueInfo(name=scope.name(index), shape=scope.tensor(index).shape) for index in inputs
            ),
            outputs=(ValueInfo(name=result, shape=scope.tensor(output).shape),),
            version=_VERSION,
        )

    def _translate(self, scope: _Scope, operator: Operator) -> None:
        """Add the nodes of an operator."""
        _check_operator(scope, operator)
        if operator.name == "IF":
            self._if(scope, operator)
            return
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
            raise _unknown(operator)
        if activation:
            _activate(scope, activation, inner, output)

    def _if(self, scope: _Scope, operator: Operator) -> None:
        bindings = [scope.name(index) for index in operator.inputs[1:]]
        branches = []
        for at in (0, 1):
            index = operator.options.integer(at)
            # Subgraph 0 is the model itself.
            if not 0 < index < len(self._model.subgraphs):
                raise ModelFileInvalid("the model has an IF without its branches")
            branches.append(self.graph(self._model.subgraphs[index], bindings, scope.depth + 1))
        scope.emit(
            "If",
            [scope.name(operator.inputs[0])],
            scope.name(operator.outputs[0]),
            then_branch=branches[0],
            else_branch=branches[1],
        )


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


def _check_operator(scope: _Scope, operator: Operator) -> None:
    """Refuse an operator that has several results, or results that are not real numbers."""
    if len(operator.outputs) != 1 or not operator.inputs:
        raise _unknown(operator)
    dtype = scope.tensor(operator.outputs[0]).dtype
    if dtype is None or (dtype.kind in "iu" and dtype.itemsize < 4):
        raise UnsupportedModel("this engine does not support a model with quantized values")


def _unknown(operator: Operator) -> ModelOperationUnknown:
    name = clean_text(operator.name, _MAX_NAME)
    return ModelOperationUnknown(f"this engine does not know the operation {name}", operation=name)


def _activation_of(operator: Operator) -> str:
    """Return the name of the activation that an operator includes; empty if there is none."""
    place = _ACTIVATION_FIELDS.get(operator.name)
    code = 0 if place is None else operator.options.small(place)
    if code not in _FUSED:
        raise UnsupportedModel(f"this engine does not know an activation of {operator.name}")
    return _FUSED[code]


def _activate(scope: _Scope, activation: str, value: str, output: str) -> None:
    if activation in _CLIPPED:
        low, high = _CLIPPED[activation]
        scope.emit("Clip", [value], output, min=low, max=high)
    else:
        scope.emit({"RELU": "Relu", "TANH": "Tanh"}[activation], [value], output)


def _fully_connected(scope: _Scope, operator: Operator, output: str) -> None:
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


def _reshape(scope: _Scope, operator: Operator, output: str) -> None:
    """Reshape to the declared shape, whose first dimension grows with the number of rows."""
    sizes = list(scope.tensor(operator.outputs[0]).shape)
    if sizes and math.prod(sizes[1:]) > 0:
        sizes[0] = -1
    scope.emit("Reshape", [scope.name(operator.inputs[0]), scope.constant(sizes)], output)


def _reduce(scope: _Scope, operator: Operator, output: str) -> None:
    inputs = [scope.name(index) for index in operator.inputs[:2]]
    scope.emit(_REDUCTIONS[operator.name], inputs, output, keepdims=int(operator.options.flag(0)))


def _rsqrt(scope: _Scope, operator: Operator, output: str) -> None:
    scope.emit("Reciprocal", [scope.emit("Sqrt", [scope.name(operator.inputs[0])])], output)


def _square(scope: _Scope, operator: Operator, output: str) -> None:
    value = scope.name(operator.inputs[0])
    scope.emit("Mul", [value, value], output)


def _squared_difference(scope: _Scope, operator: Operator, output: str) -> None:
    difference = scope.emit("Sub", [scope.name(index) for index in operator.inputs])
    scope.emit("Mul", [difference, difference], output)


def _softmax(scope: _Scope, operator: Operator, output: str) -> None:
    value, beta = scope.name(operator.inputs[0]), operator.options.real(0)
    if operator.name == "SOFTMAX" and beta != 1.0:
        factor = f"{output}_beta"
        scope.constants[factor] = np.array(beta, np.float32)
        value = scope.emit("Mul", [value, factor])
    scope.emit("Softmax" if operator.name == "SOFTMAX" else "LogSoftmax", [value], output, axis=-1)


def _leaky_relu(scope: _Scope, operator: Operator, output: str) -> None:
    scope.emit("LeakyRelu", [scope.name(operator.inputs[0])], output, alpha=operator.options.real(0))


def _gelu(scope: _Scope, operator: Operator, output: str) -> None:
    approximate = b"tanh" if operator.options.flag(0) else b"none"
    scope.emit("Gelu", [scope.name(operator.inputs[0])], output, approximate=approximate)


def _concatenation(scope: _Scope, operator: Operator, output: str) -> None:
    names = [scope.name(index) for index in operator.inputs]
    scope.emit("Concat", names, output, axis=operator.options.integer(0))


def _pack(scope: _Scope, operator: Operator, output: str) -> None:
    axis = operator.options.integer(1)
    at = scope.constant([axis])
    parts = [scope.emit("Unsqueeze", [scope.name(index), at]) for index in operator.inputs]
    scope.emit("Concat", parts, output, axis=axis)


def _transpose(scope: _Scope, operator: Operator, output: str) -> None:
    order = _numbers(scope, operator, 1)
    scope.emit("Transpose", [scope.name(operator.inputs[0])], output, perm=order)


def _cast(scope: _Scope, operator: Operator, output: str) -> None:
    wanted = str(scope.tensor(operator.outputs[0]).dtype)
    if wanted not in _CASTS:
        raise UnsupportedModel("this engine does not know a type of the model")
    scope.emit("Cast", [scope.name(operator.inputs[0])], output, to=_CASTS[wanted])


def _batch_matmul(scope: _Scope, operator: Operator, output: str) -> None:
    names = [scope.name(index) for index in operator.inputs[:2]]
    for at, index in enumerate(operator.inputs[:2]):
        rank = len(scope.tensor(index).shape)
        if operator.options.flag(at) and rank >= 2:
            order = (*range(rank - 2), rank - 1, rank - 2)
            names[at] = scope.emit("Transpose", [names[at]], perm=order)
    scope.emit("MatMul", names, output)


def _gather(scope: _Scope, operator: Operator, output: str) -> None:
    if operator.options.integer(1):
        raise UnsupportedModel("this engine does not know GATHER with rows of its own")
    names = [scope.name(index) for index in operator.inputs[:2]]
    scope.emit("Gather", names, output, axis=operator.options.integer(0))


def _strided_slice(scope: _Scope, operator: Operator, output: str) -> None:
    begins, ends, steps = (list(_numbers(scope, operator, at)) for at in (1, 2, 3))
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


def _slice(scope: _Scope, operator: Operator, output: str) -> None:
    begins, sizes = _numbers(scope, operator, 1), _numbers(scope, operator, 2)
    if len(begins) != len(sizes):
        raise ModelFileInvalid("the model has an invalid SLICE")
    ends = [1 << 30 if size < 0 else begin + size for begin, size in zip(begins, sizes, strict=True)]
    names = [scope.constant(numbers) for numbers in (begins, ends)]
    scope.emit("Slice", [scope.name(operator.inputs[0]), *names], output)


def _pad(scope: _Scope, operator: Operator, output: str) -> None:
    widths = _numbers(scope, operator, 1)
    pads = scope.constant([*widths[0::2], *widths[1::2]])
    scope.emit("Pad", [scope.name(operator.inputs[0]), pads, *map(scope.name, operator.inputs[2:3])], output)


_TO_CHANNELS_FIRST: Final = (0, 3, 1, 2)
_TO_CHANNELS_LAST: Final = (0, 2, 3, 1)
_PADDINGS: Final = {0: b"SAME_UPPER", 1: b"VALID"}


def _convolution(scope: _Scope, operator: Operator, output: str) -> None:
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


def _pool(scope: _Scope, operator: Operator, output: str) -> None:
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


def _numbers(scope: _Scope, operator: Operator, at: int) -> tuple[int, ...]:
    """Return an input that must be a constant of a few whole numbers."""
    if at >= len(operator.inputs) or not scope.tensor(operator.inputs[at]).is_constant:
        raise UnsupportedModel("this engine does not support shapes that depend on the sound")
    values = scope.tensor(operator.inputs[at]).values()
    if values.size > 2 * MAX_RANK or values.dtype.kind not in "iu":
        raise ModelFileInvalid("the model has an invalid shape")
    return tuple(int(number) for number in values.reshape(-1))


_TRANSLATIONS: Final[dict[str, Callable[[_Scope, Operator, str], None]]] = {
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
