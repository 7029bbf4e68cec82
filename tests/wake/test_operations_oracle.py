"""Every operation computes what onnxruntime computes, in each version that changed its meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.wake.onnx.reader import parse_model
from custom_components.voice_privacy.wake.program import Budget, Compiler, execute, execute_checked

from . import onnx_writer as ow

pytestmark = pytest.mark.oracle

type Array = NDArray[Any]

RANDOM = np.random.default_rng(11)


def some(*shape: int) -> NDArray[np.float32]:
    """Return random weights."""
    return RANDOM.normal(0, 1, shape).astype(np.float32)


def numbers(*values: int) -> NDArray[np.int64]:
    """Return axes or sizes."""
    return np.array(values, np.int64)


@dataclass
class Case:
    """A node from "x" and weights to "y"."""

    op: str
    shape: Sequence[int] = (2, 3, 8)
    """Shape of x."""

    more: Sequence[str] = ()
    """Inputs after x."""

    weights: Mapping[str, Array] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    version: int = 17
    outputs: Sequence[str] = ("y",)
    result: str = "y"
    inputs: Sequence[str] | None = None
    positive: bool = False


LSTM = {"w": some(1, 20, 8), "r": some(1, 20, 5), "b": some(1, 40)}
LSTM2 = {"w": some(2, 20, 8), "r": some(2, 20, 5), "b": some(2, 40)}
GRU = {"w": some(1, 15, 8), "r": some(1, 15, 5), "b": some(1, 30)}
GRU2 = {"w": some(2, 15, 8), "r": some(2, 15, 5), "b": some(2, 30)}
RNN = {"w": some(1, 5, 8), "r": some(1, 5, 5), "b": some(1, 10)}
STATES = {"h": some(1, 3, 5), "c": some(1, 3, 5), "p": some(1, 15)}

CASES: dict[str, Case] = {
    "Reciprocal": Case("Reciprocal", positive=True),
    "Abs": Case("Abs"),
    "Exp": Case("Exp"),
    "Log": Case("Log", positive=True),
    "Floor": Case("Floor"),
    "Ceil": Case("Ceil"),
    "Erf": Case("Erf"),
    "Softplus": Case("Softplus"),
    "Elu": Case("Elu", attributes={"alpha": 0.7}),
    "HardSigmoid": Case("HardSigmoid", attributes={"alpha": 0.3, "beta": 0.4}),
    "HardSwish": Case("HardSwish"),
    "Gelu": Case("Gelu", version=20),
    "Gelu tanh": Case("Gelu", version=20, attributes={"approximate": "tanh"}),
    "PRelu": Case("PRelu", more=["s"], weights={"s": some(8)}),
    "Max": Case("Max", more=["a", "b"], weights={"a": some(8), "b": some(3, 1)}),
    "Min": Case("Min", more=["a"], weights={"a": some(8)}),
    "Mean": Case("Mean", more=["a", "b"], weights={"a": some(8), "b": some(3, 1)}),
    "Sum": Case("Sum", more=["a", "b"], weights={"a": some(8), "b": some(3, 1)}),
    "Softmax": Case("Softmax"),
    "Softmax axis": Case("Softmax", attributes={"axis": 1}),
    "Softmax of an old version": Case("Softmax", version=12),
    "Softmax of an old version, axis": Case("Softmax", version=11, attributes={"axis": 2}),
    "Softmax of an old version, first axis": Case("Softmax", version=11, attributes={"axis": 0}),
    "LogSoftmax": Case("LogSoftmax"),
    "LogSoftmax of an old version": Case("LogSoftmax", version=11),
    "Clip attributes": Case("Clip", version=6, attributes={"min": -0.5, "max": 0.25}),
    "Clip one attribute": Case("Clip", version=6, attributes={"max": 0.25}),
    "Clip without a minimum": Case("Clip", more=["", "top"], weights={"top": np.array(0.25, np.float32)}),
    "Clip without a maximum": Case("Clip", more=["low"], weights={"low": np.array(0.25, np.float32)}),
    "ReduceMean axes": Case("ReduceMean", attributes={"axes": [1], "keepdims": 0}),
    "ReduceMean input": Case("ReduceMean", more=["a"], weights={"a": numbers(-1)}, version=18),
    "ReduceMean of everything": Case("ReduceMean", attributes={"keepdims": 0}),
    "ReduceMean without axes": Case("ReduceMean", more=["a"], weights={"a": numbers()}, version=18),
    "ReduceMean of nothing": Case("ReduceMean", version=18, attributes={"noop_with_empty_axes": 1}),
    "ReduceSum input": Case("ReduceSum", more=["a"], weights={"a": numbers(0, 2)}, version=13),
    "ReduceMax": Case("ReduceMax", attributes={"axes": [-2]}),
    "ReduceMin": Case("ReduceMin", attributes={"axes": [2]}),
    "ReduceL2": Case("ReduceL2", attributes={"axes": [2]}),
    "LayerNormalization": Case("LayerNormalization", more=["g", "b"], weights={"g": some(8), "b": some(8)}),
    "LayerNormalization axis": Case("LayerNormalization", more=["g"], weights={"g": some(3, 8)}, attributes={"axis": 1}),
    "BatchNormalization": Case("BatchNormalization", more=list("abcd"), weights={"a": some(3), "b": some(3), "c": some(3), "d": np.abs(some(3))}),
    "InstanceNormalization": Case("InstanceNormalization", more=["a", "b"], weights={"a": some(3), "b": some(3)}),
    "Dropout": Case("Dropout", version=12),
    "Dropout of an old version": Case("Dropout", version=7, attributes={"ratio": 0.5}),
    "Gemm without C": Case("Gemm", (3, 8), ["b"], {"b": some(8, 4)}),
    "MatMul of many": Case("MatMul", (2, 3, 8), ["b"], {"b": some(2, 8, 4)}),
    "Flatten axis 0": Case("Flatten", attributes={"axis": 0}),
    "Flatten from the end": Case("Flatten", attributes={"axis": -1}),
    "Flatten all": Case("Flatten", attributes={"axis": 3}),
    "Reshape": Case("Reshape", more=["s"], weights={"s": numbers(0, -1)}),
    "Reshape a number": Case("Reshape", (), ["s"], {"s": numbers(1, 1)}),
    "Reshape to a number": Case("Reshape", (1, 1), ["s"], {"s": numbers()}),
    "Reshape to nothing": Case("Reshape", (0, 3), ["s"], {"s": numbers(3, 0)}, {"allowzero": 1}),
    "Squeeze": Case("Squeeze", (1, 3, 1), ["a"], {"a": numbers(-1)}),
    "Squeeze all": Case("Squeeze", (1, 3, 1)),
    "Unsqueeze": Case("Unsqueeze", more=["a"], weights={"a": numbers(0, -1)}),
    "Unsqueeze of an old version": Case("Unsqueeze", version=11, attributes={"axes": [1, 3]}),
    "Shape": Case("Shape"),
    "Shape of some": Case("Shape", attributes={"start": -2, "end": -1}, version=15),
    "Size": Case("Size"),
    "Gather": Case("Gather", more=["i"], weights={"i": numbers(2, -1, 0)}, attributes={"axis": 1}),
    "Gather one": Case("Gather", more=["i"], weights={"i": np.array(-2, np.int64)}, attributes={"axis": 2}),
    "Gather a table": Case("Gather", more=["i"], weights={"i": np.array([[0, 1], [1, 0]], np.int64)}),
    "Slice": Case("Slice", more=["s", "e", "a"], weights={"s": numbers(1), "e": numbers(-1), "a": numbers(2)}),
    "Slice far": Case("Slice", more=["s", "e", "a"], weights={"s": numbers(-100), "e": numbers(2**40), "a": numbers(1)}),
    "Slice steps": Case("Slice", more=["s", "e", "a", "t"], weights={"s": numbers(0, 1), "e": numbers(2, 8), "a": numbers(0, -1), "t": numbers(1, 3)}),
    "Slice backwards": Case("Slice", more=["s", "e", "a", "t"], weights={"s": numbers(-1), "e": numbers(-(2**40)), "a": numbers(2), "t": numbers(-2)}),
    "Slice backwards to one": Case("Slice", more=["s", "e", "a", "t"], weights={"s": numbers(100), "e": numbers(2), "a": numbers(2), "t": numbers(-1)}),
    "Slice without axes, with steps": Case("Slice", more=["s", "e", "", "t"], weights={"s": numbers(0, 1, 0), "e": numbers(2, 3, 8), "t": numbers(1, 1, 2)}),
    "Slice of an old version": Case("Slice", version=9, attributes={"starts": [1], "ends": [7], "axes": [2]}),
    "Slice empty": Case("Slice", more=["s", "e", "a"], weights={"s": numbers(5), "e": numbers(2), "a": numbers(2)}),
    "Split": Case("Split", outputs=["y", "z"], result="z", attributes={"axis": 2}),
    "Split sizes": Case("Split", more=["s"], weights={"s": numbers(2, 5, 1)}, outputs=["a", "y", "z"], attributes={"axis": -1}),
    "Split of an old version": Case("Split", version=11, outputs=["a", "y"], attributes={"axis": 2, "split": [3, 5]}),
    "Split uneven": Case("Split", version=18, outputs=["a", "b", "y"], attributes={"axis": 2, "num_outputs": 3}),
    "Expand": Case("Expand", (2, 1, 8), ["s"], {"s": numbers(3, 8)}),
    "Expand rank": Case("Expand", (8,), ["s"], {"s": numbers(2, 3, 1)}),
    "Tile": Case("Tile", more=["s"], weights={"s": numbers(1, 2, 3)}),
    "Concat": Case("Concat", more=["a"], weights={"a": some(2, 1, 8)}, attributes={"axis": -2}),
    "Transpose": Case("Transpose"),
    "Where": Case("Where", inputs=["m", "x", "o"], weights={"m": np.array([True, False] * 4), "o": some(3, 1)}),
    "Pad": Case("Pad", more=["p"], weights={"p": numbers(0, 1, 2, 0, 0, 3)}),
    "Pad value": Case("Pad", more=["p", "v"], weights={"p": numbers(0, 1, 2, 0, 0, 3), "v": np.array(7, np.float32)}),
    "Pad reflect": Case("Pad", more=["p"], weights={"p": numbers(0, 0, 2, 0, 0, 3)}, attributes={"mode": "reflect"}),
    "Pad edge": Case("Pad", more=["p"], weights={"p": numbers(0, 0, 2, 0, 0, 3)}, attributes={"mode": "edge"}),
    "Pad of an old version": Case("Pad", version=10, attributes={"pads": [0, 0, 1, 0, 0, 1], "value": 0.5}),
    "Pad axes": Case("Pad", version=18, more=["p", "", "a"], weights={"p": numbers(1, 2), "a": numbers(-1)}),
    "Cast": Case("Cast", attributes={"to": 7}),
    "Pow": Case("Pow", more=["e"], weights={"e": np.array(3.0, np.float32)}),
    "Conv 1": Case("Conv", more=["w", "b"], weights={"w": some(4, 3, 3), "b": some(4)}),
    "Conv 1 kernel of one": Case("Conv", more=["w"], weights={"w": some(4, 3, 1)}),
    "Conv 1 padded": Case("Conv", more=["w"], weights={"w": some(4, 3, 3)}, attributes={"pads": [2, 1], "strides": [2]}),
    "Conv 1 dilated": Case("Conv", more=["w"], weights={"w": some(4, 3, 3)}, attributes={"dilations": [3]}),
    "Conv 1 depthwise": Case("Conv", more=["w", "b"], weights={"w": some(3, 1, 3), "b": some(3)}, attributes={"group": 3, "pads": [1, 1]}),
    "Conv 1 depthwise, several each": Case("Conv", more=["w"], weights={"w": some(6, 1, 3)}, attributes={"group": 3}),
    "Conv 2": Case("Conv", (2, 4, 7, 9), ["w", "b"], {"w": some(5, 4, 3, 2), "b": some(5)}, {"pads": [1, 0, 0, 1], "strides": [2, 1]}),
    "Conv 2 groups": Case("Conv", (2, 4, 7, 9), ["w"], {"w": some(6, 2, 3, 3)}, {"group": 2, "auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    "Conv 2 same lower": Case("Conv", (1, 4, 7, 9), ["w"], {"w": some(6, 4, 2, 2)}, {"auto_pad": "SAME_LOWER"}),
    "Conv 2 valid": Case("Conv", (1, 4, 7, 9), ["w"], {"w": some(6, 4, 2, 2)}, {"auto_pad": "VALID"}),
    "MaxPool": Case("MaxPool", attributes={"kernel_shape": [2], "strides": [2]}),
    "MaxPool padded": Case("MaxPool", (1, 2, 7, 8), attributes={"kernel_shape": [3, 2], "pads": [1, 0, 1, 1]}),
    "MaxPool rounded up": Case("MaxPool", (1, 2, 7, 8), attributes={"kernel_shape": [2, 3], "strides": [2, 2], "ceil_mode": 1}),
    "MaxPool dilated": Case("MaxPool", (1, 2, 7, 8), attributes={"kernel_shape": [2, 3], "dilations": [2, 2]}),
    "AveragePool": Case("AveragePool", attributes={"kernel_shape": [3], "pads": [1, 1]}),
    "AveragePool with padding": Case("AveragePool", attributes={"kernel_shape": [3], "pads": [1, 1], "count_include_pad": 1}),
    "AveragePool rounded up": Case("AveragePool", (1, 2, 7, 8), attributes={"kernel_shape": [2, 3], "strides": [2, 2], "ceil_mode": 1}, version=19),
    "GlobalAveragePool": Case("GlobalAveragePool"),
    "GlobalMaxPool": Case("GlobalMaxPool", (2, 3, 4, 5)),
    "LSTM": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM, {"hidden_size": 5}),
    "LSTM without bias": Case("LSTM", (4, 3, 8), ["w", "r"], {"w": LSTM["w"], "r": LSTM["r"]}, {"hidden_size": 5}),
    "LSTM last state": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM, {"hidden_size": 5}, outputs=["", "y"]),
    "LSTM last cell": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM, {"hidden_size": 5}, outputs=["", "", "y"]),
    "LSTM backwards": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM, {"hidden_size": 5, "direction": "reverse"}),
    "LSTM both ways": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM2, {"hidden_size": 5, "direction": "bidirectional"}),
    "LSTM with states": Case("LSTM", (4, 3, 8), ["w", "r", "", "", "h", "c", "p"], LSTM | STATES, {"hidden_size": 5}),
    "LSTM coupled": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM, {"hidden_size": 5, "input_forget": 1}),
    "LSTM clipped": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM, {"hidden_size": 5, "clip": 0.5}),
    "LSTM activations": Case("LSTM", (4, 3, 8), ["w", "r", "b"], LSTM, {"hidden_size": 5, "activations": ["Sigmoid", "Relu", "Tanh"]}),
    "LSTM lengths": Case("LSTM", (4, 3, 8), ["w", "r", "b", "l"], LSTM | {"l": np.full(3, 4, np.int32)}, {"hidden_size": 5}),
    "GRU": Case("GRU", (4, 3, 8), ["w", "r", "b"], GRU, {"hidden_size": 5}),
    "GRU of PyTorch": Case("GRU", (4, 3, 8), ["w", "r", "b"], GRU, {"hidden_size": 5, "linear_before_reset": 1}),
    "GRU both ways": Case("GRU", (4, 3, 8), ["w", "r", "b"], GRU2, {"hidden_size": 5, "direction": "bidirectional", "linear_before_reset": 1}),
    "GRU with a state": Case("GRU", (4, 3, 8), ["w", "r", "b", "", "h"], GRU | {"h": STATES["h"]}, {"hidden_size": 5}, outputs=["", "y"]),
    "RNN": Case("RNN", (4, 3, 8), ["w", "r", "b"], RNN, {"hidden_size": 5}),
    "RNN relu": Case("RNN", (4, 3, 8), ["w", "r", "b"], RNN, {"hidden_size": 5, "activations": ["Relu"]}),
}  # fmt: skip


def encoded(case: Case) -> bytes:
    """Return the model of a case."""
    inputs = case.inputs if case.inputs is not None else ["x", *case.more]
    used = {name: value for name, value in case.weights.items() if name in inputs}
    return ow.model(
        ow.graph(
            [ow.node(case.op, inputs, case.outputs, **case.attributes)],
            inputs={"x": case.shape},
            outputs={case.result: None},
            weights=used,
        ),
        version=case.version,
    )


def run(content: bytes, value: Array) -> Array:
    """Return the output of a model, with and without checks."""
    graph = parse_model(content)
    compiler = Compiler(graph.version)
    place = compiler.define_input(graph.inputs[0].name)
    program = compiler.program(graph, 0)
    values = compiler.constants.copy()
    values[place] = value
    budget = Budget(cost=100_000_000, size=100_000_000, deadline=float("inf"))
    with np.errstate(all="ignore"):
        checked = execute_checked(program, values.copy(), budget)
        result = execute(program, values)
    assert np.array_equal(checked, result, equal_nan=True)
    return result


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_operation(case: Case) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    content = encoded(case)
    value = np.random.default_rng(5).normal(0, 1, case.shape).astype(np.float32)
    value = np.abs(value) + np.float32(0.1) if case.positive else value
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (wanted,) = session.run(None, {"x": value})
    result = run(content, value)
    assert result.shape == wanted.shape
    assert result.dtype == wanted.dtype
    assert np.allclose(result, wanted, atol=2e-5, rtol=1e-5)
