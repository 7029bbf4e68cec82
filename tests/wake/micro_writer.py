"""Write a tiny streaming model with the operations of microWakeWord's, and compute it step by step.

The computation is independent of the engine's: one step at a time, one number at a time, in Python's integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.wake import tflite_writer as tw

BANDS = 40
ROWS = 3
CHANNELS = 12
HISTORY = 4
INPUT_SCALE = 0.10196078568696976

SCALES = {
    "features": (INPUT_SCALE, -128),
    "first": (0.9, -128),
    "deep": (0.5, 7),
    "left": (0.9, -128),
    "right": (0.9, -128),
    "point": (0.4, -128),
    "sum": (0.11, 3),
}


def manifest(**changes: Any) -> bytes:
    """Return a manifest of version 2, with changes of its "micro" part."""
    micro = {"probability_cutoff": 0.6, "sliding_window_size": 2, "feature_step_size": 10} | changes
    return json.dumps({"type": "micro", "wake_word": "Test", "version": 2, "micro": micro}).encode()


@dataclass(frozen=True)
class Weights:
    """Random weights, always the same for a seed."""

    seed: int = 1
    first: NDArray[np.int8] = field(init=False)
    depth: NDArray[np.int8] = field(init=False)
    point: NDArray[np.int8] = field(init=False)
    last: NDArray[np.int8] = field(init=False)
    biases: dict[str, NDArray[np.int32]] = field(init=False)
    scales: dict[str, NDArray[np.float32]] = field(init=False)

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)

        def weights(*shape: int) -> NDArray[np.int8]:
            return random.integers(-127, 128, shape).astype(np.int8)

        def scales(count: int) -> NDArray[np.float32]:
            return random.uniform(0.001, 0.01, count).astype(np.float32)

        values: dict[str, Any] = {
            "first": weights(CHANNELS, 5, 1, BANDS),
            "depth": weights(1, HISTORY + 1, 1, CHANNELS // 2),
            "point": weights(CHANNELS, 1, 1, CHANNELS),
            "last": weights(1, CHANNELS),
            "biases": {
                name: random.integers(-3_000, 3_000, count).astype(np.int32)
                for name, count in (
                    ("first", CHANNELS),
                    ("depth", CHANNELS // 2),
                    ("point", CHANNELS),
                    ("last", 1),
                )
            },
            "scales": {
                "first": scales(CHANNELS),
                "depth": scales(CHANNELS // 2),
                "point": scales(CHANNELS),
                "last": scales(1) / 40,
            },
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)


@cache
def weights(seed: int = 1) -> Weights:
    """Return the weights of a seed."""
    return Weights(seed)


def _quantized(shape: Sequence[int], name: str, dtype: str = "int8") -> tw.Tensor:
    scale, zero = SCALES[name]
    return tw.Tensor(shape, dtype, quantization=([scale], [zero], 0))


def _weight(values: NDArray[Any], scales: NDArray[np.float32], axis: int) -> tw.Tensor:
    return tw.Tensor(values.shape, "int8", values, (scales.tolist(), [0] * len(scales), axis))


def streaming_model(seed: int = 1, **replaced: Any) -> bytes:
    """Return a model with 3 rows of features per step, two variables, and all usual operations.

    Args:
        seed: Seed of the weights.
        replaced: Tensors of the main graph, to make a model that is wrong.
    """
    one = weights(seed)
    half = CHANNELS // 2
    window = HISTORY + 1
    tensors = {
        "in": _quantized((1, ROWS, BANDS), "features"),
        "shape": tw.constant([1, ROWS, 1, BANDS], "int32"),
        "rows": _quantized((1, ROWS, 1, BANDS), "features"),
        "a": tw.Tensor((), "resource"),
        "b": tw.Tensor((), "resource"),
        "past a": _quantized((1, 2, 1, BANDS), "features"),
        "all a": _quantized((1, ROWS + 2, 1, BANDS), "features"),
        "begin a": tw.constant([0, ROWS, 0, 0], "int32"),
        "begin b": tw.constant([0, 1, 0, 0], "int32"),
        "end": tw.constant([0, 0, 0, 0], "int32"),
        "ones": tw.constant([1, 1, 1, 1], "int32"),
        "kept a": _quantized((1, 2, 1, BANDS), "features"),
        "w first": _weight(one.first, one.scales["first"], 0),
        "b first": tw.constant(one.biases["first"], "int32"),
        "first": _quantized((1, 1, 1, CHANNELS), "first"),
        "past b": _quantized((1, HISTORY, 1, CHANNELS), "first"),
        "all b": _quantized((1, window, 1, CHANNELS), "first"),
        "kept b": _quantized((1, HISTORY, 1, CHANNELS), "first"),
        "sizes": tw.constant([half, half], "int32"),
        "axis": tw.constant(3, "int32"),
        "left": _quantized((1, window, 1, half), "left"),
        "right": _quantized((1, window, 1, half), "right"),
        "begin right": tw.constant([0, HISTORY, 0, 0], "int32"),
        "newest": _quantized((1, 1, 1, half), "right"),
        "w depth": _weight(one.depth, one.scales["depth"], 3),
        "b depth": tw.constant(one.biases["depth"], "int32"),
        "deep": _quantized((1, 1, 1, half), "right"),
        "both": _quantized((1, 1, 1, CHANNELS), "right"),
        "w point": _weight(one.point, one.scales["point"], 0),
        "b point": tw.constant(one.biases["point"], "int32"),
        "point": _quantized((1, 1, 1, CHANNELS), "point"),
        "flat shape": tw.constant([1, CHANNELS], "int32"),
        "flat": _quantized((1, CHANNELS), "point"),
        "w last": _weight(one.last, one.scales["last"], 0),
        "b last": tw.constant(one.biases["last"], "int32"),
        "sum": _quantized((1, 1), "sum"),
        "sigmoid": tw.Tensor((1, 1), "int8", quantization=([1 / 256], [-128], 0)),
        "out": tw.Tensor((1, 1), "uint8", quantization=([1 / 256], [0], 0)),
    } | replaced
    masks = {0: tw.Scalar("i", 0b1101), 1: tw.Scalar("i", 0b1111)}
    stride = {1: tw.Scalar("i", 1)}
    valid = {0: tw.Scalar("b", 1)}
    operators = [
        tw.Operator("CALL_ONCE", [], [], {0: tw.Scalar("i", 1)}),
        tw.Operator("VAR_HANDLE", [], ["a"], {1: "a"}),
        tw.Operator("VAR_HANDLE", [], ["b"], {1: "b"}),
        tw.Operator("RESHAPE", ["in", "shape"], ["rows"]),
        tw.Operator("READ_VARIABLE", ["a"], ["past a"]),
        tw.Operator("CONCATENATION", ["past a", "rows"], ["all a"], {0: tw.Scalar("i", 1)}),
        tw.Operator("STRIDED_SLICE", ["all a", "begin a", "end", "ones"], ["kept a"], masks),
        tw.Operator("ASSIGN_VARIABLE", ["a", "kept a"], []),
        tw.Operator(
            "CONV_2D", ["all a", "w first", "b first"], ["first"],
            {**valid, **stride, 2: tw.Scalar("i", ROWS), 3: tw.Scalar("b", 1)},
        ),
        tw.Operator("READ_VARIABLE", ["b"], ["past b"]),
        tw.Operator("CONCATENATION", ["past b", "first"], ["all b"], {0: tw.Scalar("i", 1)}),
        tw.Operator("STRIDED_SLICE", ["all b", "begin b", "end", "ones"], ["kept b"], masks),
        tw.Operator("ASSIGN_VARIABLE", ["b", "kept b"], []),
        tw.Operator("SPLIT_V", ["all b", "sizes", "axis"], ["left", "right"], {0: tw.Scalar("i", 2)}),
        tw.Operator("STRIDED_SLICE", ["right", "begin right", "end", "ones"], ["newest"], masks),
        tw.Operator(
            "DEPTHWISE_CONV_2D", ["left", "w depth", "b depth"], ["deep"],
            {**valid, **stride, 2: tw.Scalar("i", 1), 3: tw.Scalar("i", 1)},
        ),
        tw.Operator("CONCATENATION", ["deep", "newest"], ["both"], {0: tw.Scalar("i", -1)}),
        tw.Operator(
            "CONV_2D", ["both", "w point", "b point"], ["point"],
            {**stride, 2: tw.Scalar("i", 1), 3: tw.Scalar("b", 1)},
        ),
        tw.Operator("RESHAPE", ["point", "flat shape"], ["flat"]),
        tw.Operator("FULLY_CONNECTED", ["flat", "w last", "b last"], ["sum"]),
        tw.Operator("LOGISTIC", ["sum"], ["sigmoid"]),
        tw.Operator("QUANTIZE", ["sigmoid"], ["out"]),
    ]  # fmt: skip
    start = tw.Subgraph(
        {
            "a": tw.Tensor((), "resource"),
            "b": tw.Tensor((), "resource"),
            "start a": _full((1, 2, 1, BANDS), "features"),
            "start b": _full((1, HISTORY, 1, CHANNELS), "first"),
        },
        [],
        [],
        [
            tw.Operator("VAR_HANDLE", [], ["a"], {1: "a"}),
            tw.Operator("ASSIGN_VARIABLE", ["a", "start a"], []),
            tw.Operator("VAR_HANDLE", [], ["b"], {1: "b"}),
            tw.Operator("ASSIGN_VARIABLE", ["b", "start b"], []),
        ],
    )
    return tw.model(tw.Subgraph(tensors, ["in"], ["out"], operators), start)


def _full(shape: Sequence[int], name: str) -> tw.Tensor:
    scale, zero = SCALES[name]
    return tw.Tensor(shape, "int8", np.full(shape, zero, np.int8), ([scale], [zero], 0))


class StepByStep:
    """The same model, computed one step after the other."""

    def __init__(self, seed: int = 1) -> None:
        """Start with empty variables."""
        self.weights = weights(seed)
        self.a = [[-128] * BANDS for _ in range(2)]
        self.b = [[-128] * CHANNELS for _ in range(HISTORY)]

    def step(self, features: Sequence[Sequence[int]]) -> int:
        """Return the output, 0 to 255, for 3 rows of integer features."""
        one, half = self.weights, CHANNELS // 2
        unit = float(np.float32(INPUT_SCALE))
        rows = [[min(127, round(value * 0.0390625 / unit - 128)) for value in row] for row in features]
        self.a += rows
        flat = [value + 128 for row in self.a for value in row]
        first = [
            _scaled(
                _dot(flat, one.first[at].ravel(), one.biases["first"][at]),
                "features",
                one.scales["first"][at],
                "first",
                relu=True,
            )
            for at in range(CHANNELS)
        ]
        self.a = self.a[ROWS:]
        self.b.append(first)
        deep = [
            _scaled(
                _dot([row[at] + 128 for row in self.b], one.depth[0, :, 0, at], one.biases["depth"][at]),
                "first", one.scales["depth"][at], "right", up=at < half // 8 * 8,
            )
            for at in range(half)
        ]  # fmt: skip
        both = [*deep, *self.b[-1][half:]]
        self.b = self.b[1:]
        point = [
            _scaled(
                _dot([value + 128 for value in both], one.point[at].ravel(), one.biases["point"][at]),
                "right",
                one.scales["point"][at],
                "point",
                relu=True,
            )
            for at in range(CHANNELS)
        ]
        last = _dot([value + 128 for value in point], one.last[0], one.biases["last"][0])
        total = _scaled(last, "point", one.scales["last"][0], "sum", up=True)
        scale, zero = SCALES["sum"]
        real = 1 / (1 + math.exp(-float(np.float32(scale)) * (total - zero)))
        return min(255, math.floor(real * 256 + 0.5))


def _dot(values: Sequence[int], factors: NDArray[Any], bias: Any) -> int:
    return sum(value * int(factor) for value, factor in zip(values, factors, strict=True)) + int(bias)


def _scaled(
    total: int, source: str, weight: Any, target: str, *, relu: bool = False, up: bool = False
) -> int:
    """Return a sum in 8 bits, rounded as TensorFlow Lite does."""
    scale, zero = SCALES[target]
    factor = float(np.float32(SCALES[source][0])) * float(weight) / float(np.float32(scale))
    mantissa, shift = math.frexp(factor)
    number = round(mantissa * 2**31)
    assert shift <= 0, "the model of this test has small scales"
    high = (total * number + (1 << 30)) >> 31
    if shift < 0:
        high += (1 << (-shift - 1)) - (high < 0 and not up)
        high >>= -shift
    return max(zero if relu else -128, min(127, high + zero))
