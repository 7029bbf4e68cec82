"""TensorFlow Lite heads compute what their operators mean, and cost no more than ONNX heads."""

from collections.abc import Callable
import math
from pathlib import Path
import struct
import time
import tracemalloc
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import (
    ModelFileInvalid,
    ModelOperationUnknown,
    ModelTooCostly,
    ModelWithoutScore,
    NotAWakeWordModel,
    UnsupportedModel,
    WakeModelError,
)
from custom_components.voice_privacy.wake.classifiers import Head
from custom_components.voice_privacy.wake.tflite.codes import OPERATORS as CODES
from tests.fuzz.tflite_files import MOST_BYTES, MOST_SECONDS, branching_head, dense_head, run, use

from . import onnx_writer as ow, tflite_writer as tw
from .test_heads import features_of, sigmoid

type Array = NDArray[Any]


OPERATOR_NAMES = {name for name in CODES.values() if name.isidentifier()}


def head_of(*operators: tw.Operator, **tensors: tw.Tensor) -> bytes:
    """Return a head whose operators make "z" of "m", [1, 1], the mean of all features; its sigmoid is the score."""
    values = {
        "x": tw.Tensor([1, 16, 96]),
        "axes": tw.constant([1, 2], "int32"),
        "mean": tw.Tensor([1]),
        "shape": tw.constant([1, 1], "int32"),
        "m": tw.Tensor([1, 1]),
        "z": tw.Tensor([1, 1]),
        "score": tw.Tensor([1, 1]),
    } | tensors
    first = [
        tw.Operator("MEAN", ["x", "axes"], ["mean"]),
        tw.Operator("RESHAPE", ["mean", "shape"], ["m"]),
    ]
    last = tw.Operator("LOGISTIC", ["z"], ["score"])
    return tw.model(tw.Subgraph(values, ["x"], ["score"], [*first, *operators, last]))


def one(name: str, *more: str, **options: Any) -> tw.Operator:
    """Return an operator from "m" and more to "z"; options by "field_N"."""
    fields = {int(key.removeprefix("field_")): value for key, value in options.items()}
    return tw.Operator(name, ["m", *more], ["z"], fields)


BYTE, INT, FLOAT = "b", "i", "f"
C = {"c": tw.constant([0.3])}
PAIR = {"pair": tw.Tensor([1, 2])}
BOOL = {"flag": tw.Tensor([1, 1], "bool")}


def both(last: str, *operators: tw.Operator) -> list[tw.Operator]:
    """Return operators that end with the mean of "pair"."""
    return [*operators, tw.Operator("MEAN", [last, "one"], ["z"], {0: tw.Scalar("?", 1)})]


ONE = {"one": tw.constant([1], "int32")}
FUSED: dict[int, Callable[[Any], Any]] = {
    1: lambda m: np.maximum(m, 0),
    2: lambda m: np.clip(m, -1, 1),
    3: lambda m: np.clip(m, 0, 6),
    4: np.tanh,
}

OPERATORS: dict[str, tuple[list[tw.Operator], dict[str, tw.Tensor], Callable[[Any], Any]]] = {
    "ADD": ([one("ADD", "c")], C, lambda m: m + 0.3),
    "SUB": ([one("SUB", "c")], C, lambda m: m - 0.3),
    "MUL": ([one("MUL", "c")], C, lambda m: m * 0.3),
    "DIV": ([one("DIV", "c")], C, lambda m: m / 0.3),
    "MAXIMUM": ([one("MAXIMUM", "c")], C, lambda m: np.maximum(m, 0.3)),
    "MINIMUM": ([one("MINIMUM", "c")], C, lambda m: np.minimum(m, 0.3)),
    "SQUARED_DIFFERENCE": ([one("SQUARED_DIFFERENCE", "c")], C, lambda m: (m - 0.3) ** 2),
    "SQUARE": ([one("SQUARE")], {}, lambda m: m**2),
    "RSQRT": (
        [tw.Operator("ABS", ["m"], ["a"]), tw.Operator("ADD", ["a", "c"], ["b"]), tw.Operator("RSQRT", ["b"], ["z"])],
        C | {"a": tw.Tensor([1, 1]), "b": tw.Tensor([1, 1])},
        lambda m: 1 / np.sqrt(np.abs(m) + 0.3),
    ),
    "NEG": ([one("NEG")], {}, lambda m: -m),
    "TANH": ([one("TANH")], {}, np.tanh),
    "RELU": ([one("RELU")], {}, lambda m: np.maximum(m, 0)),
    "RELU6": ([one("RELU6")], {}, lambda m: np.clip(m, 0, 6)),
    "RELU_N1_TO_1": ([one("RELU_N1_TO_1")], {}, lambda m: np.clip(m, -1, 1)),
    "LEAKY_RELU": ([one("LEAKY_RELU", field_0=tw.Scalar(FLOAT, 0.25))], {}, lambda m: np.where(m < 0, m / 4, m)),
    "EXP": ([one("EXP")], {}, np.exp),
    "FULLY_CONNECTED": ([one("FULLY_CONNECTED", "w", "c")], C | {"w": tw.constant([[2.0]])}, lambda m: 2 * m + 0.3),
    "FULLY_CONNECTED without bias": ([one("FULLY_CONNECTED", "w", "")], {"w": tw.constant([[2.0]])}, lambda m: 2 * m),
    "FULLY_CONNECTED with activation": (
        [one("FULLY_CONNECTED", "w", "c", field_0=tw.Scalar(BYTE, 1))],
        C | {"w": tw.constant([[2.0]])},
        lambda m: np.maximum(2 * m + 0.3, 0),
    ),
    "quantized weights": (
        [one("FULLY_CONNECTED", "w", "c")],
        C | {"w": tw.Tensor([1, 1], "int8", np.array([[7]], np.int8), ([0.5], [3], 0))},
        lambda m: 2 * m + 0.3,
    ),
    "half weights": (
        [tw.Operator("DEQUANTIZE", ["h"], ["w"]), one("FULLY_CONNECTED", "w", "c")],
        C | {"h": tw.constant([[2.0]], "float16"), "w": tw.Tensor([1, 1])},
        lambda m: 2 * m + 0.3,
    ),
    "CONCATENATION": (
        both("pair", tw.Operator("CONCATENATION", ["m", "c2"], ["pair"], {0: tw.Scalar(INT, 1)})),
        ONE | PAIR | {"c2": tw.constant([[0.3]])},
        lambda m: (m + 0.3) / 2,
    ),
    "PACK": (
        [
            tw.Operator("PACK", ["m", "m"], ["packed"], {0: tw.Scalar(INT, 2), 1: tw.Scalar(INT, 1)}),
            tw.Operator("SUM", ["packed", "one"], ["z"]),
        ],
        ONE | {"packed": tw.Tensor([1, 2, 1])},
        lambda m: 2 * m,
    ),
    "SOFTMAX": (
        [
            tw.Operator("CONCATENATION", ["m", "c2"], ["pair"], {0: tw.Scalar(INT, 1)}),
            tw.Operator("SOFTMAX", ["pair"], ["soft"], {0: tw.Scalar(FLOAT, 2.0)}),
            tw.Operator("SLICE", ["soft", "begin", "size"], ["z"]),
        ],
        PAIR
        | {
            "c2": tw.constant([[0.3]]),
            "soft": tw.Tensor([1, 2]),
            "begin": tw.constant([0, 1], "int32"),
            "size": tw.constant([-1, 1], "int32"),
        },
        lambda m: 1 / (1 + np.exp(2 * (m - 0.3))),
    ),
    "STRIDED_SLICE": (
        [
            tw.Operator("CONCATENATION", ["m", "c2"], ["pair"], {0: tw.Scalar(INT, 1)}),
            tw.Operator(
                "STRIDED_SLICE",
                ["pair", "begin", "end", "step"],
                ["part"],
                {0: tw.Scalar(INT, 1), 1: tw.Scalar(INT, 1), 4: tw.Scalar(INT, 2)},
            ),
            tw.Operator("EXPAND_DIMS", ["part", "one"], ["z"]),
        ],
        ONE
        | PAIR
        | {
            "c2": tw.constant([[0.3]]),
            "part": tw.Tensor([1]),
            "begin": tw.constant([0, -2], "int32"),
            "end": tw.constant([0, 0], "int32"),
            "step": tw.constant([1, 1], "int32"),
        },
        lambda m: m,
    ),
    "TRANSPOSE and SQUEEZE": (
        [
            tw.Operator("TRANSPOSE", ["x", "order"], ["t"]),
            tw.Operator("MEAN", ["t", "axes"], ["k"], {0: tw.Scalar("?", 1)}),
            tw.Operator("SQUEEZE", ["k"], ["z"], {0: tw.integers([2])}),
        ],
        {"order": tw.constant([0, 2, 1], "int32"), "t": tw.Tensor([1, 96, 16]), "k": tw.Tensor([1, 1, 1])},
        lambda m: m,
    ),
    "GREATER and CAST": (
        [tw.Operator("GREATER", ["m", "c"], ["flag"]), tw.Operator("CAST", ["flag"], ["z"])],
        C | BOOL,
        lambda m: m > 0.3,
    ),
    "SELECT_V2": (
        [tw.Operator("LESS", ["m", "c"], ["flag"]), tw.Operator("SELECT_V2", ["flag", "m", "c"], ["z"])],
        C | BOOL,
        lambda m: np.where(m < 0.3, m, 0.3),
    ),
    "GATHER": (
        [
            tw.Operator("CONCATENATION", ["c2", "m"], ["pair"], {0: tw.Scalar(INT, 1)}),
            tw.Operator("GATHER", ["pair", "one"], ["z"], {0: tw.Scalar(INT, 1)}),
        ],
        ONE | PAIR | {"c2": tw.constant([[0.3]])},
        lambda m: m,
    ),
    "BATCH_MATMUL": (
        [one("BATCH_MATMUL", "w", field_1=tw.Scalar("?", 1))],
        {"w": tw.constant([[2.0]])},
        lambda m: 2 * m,
    ),
    "REDUCE_MAX": (
        [
            tw.Operator("CONCATENATION", ["c2", "m"], ["pair"], {0: tw.Scalar(INT, 1)}),
            tw.Operator("REDUCE_MAX", ["pair", "one"], ["z"], {0: tw.Scalar("?", 1)}),
        ],
        ONE | PAIR | {"c2": tw.constant([[0.3]])},
        lambda m: np.maximum(m, 0.3),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("operators", "tensors", "expected"), OPERATORS.values(), ids=OPERATORS)
def test_operators(
    operators: list[tw.Operator], tensors: dict[str, tw.Tensor], expected: Callable[[Any], Any]
) -> None:
    head = Head.parse(head_of(*operators, **tensors))
    features = features_of(9)
    wanted = sigmoid(expected(features.mean(axis=(1, 2), dtype=np.float64)))
    assert np.allclose(head.scores(features), wanted, atol=1e-5)
    for at, row in enumerate(features):
        assert np.allclose(head.scores(row[np.newaxis]), wanted[at], atol=1e-5)


@pytest.mark.parametrize("code", FUSED)
def test_fused_activations(code: int) -> None:
    head = Head.parse(head_of(one("MUL", "c", field_0=tw.Scalar(BYTE, code)), c=tw.constant([20.0])))
    features = features_of(9)
    wanted = sigmoid(FUSED[code](20 * features.mean(axis=(1, 2), dtype=np.float64)))
    assert np.allclose(head.scores(features), wanted, atol=1e-5)


def test_a_dense_head() -> None:
    content, weights = dense_head()
    head = Head.parse(content)
    features = features_of(5)
    hidden = np.maximum(features.reshape(5, -1) @ weights["w"].T + weights["b"], 0)
    assert head.frames == 16
    assert np.allclose(head.scores(features), sigmoid(hidden @ weights["v"].T).reshape(-1), atol=1e-5)


def test_if_decides_for_every_stream_by_itself() -> None:
    head = Head.parse(branching_head())
    features = features_of(12)
    first = sigmoid(features.mean(axis=(1, 2), dtype=np.float64))
    assert 0 < (first >= 0.5).sum() < 12
    assert np.allclose(head.scores(features), np.where(first >= 0.5, first / 2, first), atol=1e-5)


@pytest.mark.parametrize(
    ("padding", "stride"), [(0, 1), (0, 2), (1, 1), (1, 2)], ids=["same", "same, 2", "valid", "valid, 2"]
)
def test_convolutions_and_pools(padding: int, stride: int) -> None:
    """Channels come last; the same head as ONNX has them first."""
    random = np.random.default_rng(3)
    weights = random.normal(0, 0.02, (2, 3, 3, 1)).astype(np.float32)
    deep = random.normal(0, 0.5, (1, 2, 2, 2)).astype(np.float32)
    sizes = [(-(-size // stride) if not padding else (size - 3) // stride + 1) for size in (16, 96)]
    after = [size if not padding else size - 1 for size in sizes]
    pooled = [-(-size // 2) if not padding else (size - 2) // 2 + 1 for size in after]
    options = {
        0: tw.Scalar(BYTE, padding),
        1: tw.Scalar(INT, stride),
        2: tw.Scalar(INT, stride),
        3: tw.Scalar(BYTE, 1),
    }
    deep_options = {
        0: tw.Scalar(BYTE, padding),
        1: tw.Scalar(INT, 1),
        2: tw.Scalar(INT, 1),
        3: tw.Scalar(INT, 1),
    }
    pool = {
        0: tw.Scalar(BYTE, padding),
        1: tw.Scalar(INT, 2),
        2: tw.Scalar(INT, 2),
        3: tw.Scalar(INT, 2),
        4: tw.Scalar(INT, 2),
    }
    content = tw.model(
        tw.Subgraph(
            {
                "x": tw.Tensor([1, 16, 96]),
                "shape": tw.constant([1, 16, 96, 1], "int32"),
                "image": tw.Tensor([1, 16, 96, 1]),
                "w": tw.constant(weights),
                "b": tw.constant([0.1, -0.1]),
                "conv": tw.Tensor([1, *sizes, 2]),
                "d": tw.constant(deep),
                "deep": tw.Tensor([1, *after, 2]),
                "max": tw.Tensor([1, *pooled, 2]),
                "axes": tw.constant([1, 2, 3], "int32"),
                "m": tw.Tensor([1]),
                "y": tw.Tensor([1]),
            },
            ["x"],
            ["y"],
            [
                tw.Operator("RESHAPE", ["x", "shape"], ["image"]),
                tw.Operator("CONV_2D", ["image", "w", "b"], ["conv"], options),
                tw.Operator("DEPTHWISE_CONV_2D", ["conv", "d"], ["deep"], deep_options),
                tw.Operator("MAX_POOL_2D", ["deep"], ["max"], pool),
                tw.Operator("MEAN", ["max", "axes"], ["m"]),
                tw.Operator("LOGISTIC", ["m"], ["y"]),
            ],
        )
    )
    pad = "VALID" if padding else "SAME_UPPER"
    same = ow.head(
        [
            ow.node("Unsqueeze", ["x"], ["image"], axes=[1]),
            ow.node("Conv", ["image", "w", "b"], ["c"], strides=[stride, stride], auto_pad=pad),
            ow.node("Relu", ["c"], ["conv"]),
            ow.node("Conv", ["conv", "d"], ["deep"], group=2, auto_pad=pad),
            ow.node("MaxPool", ["deep"], ["max"], kernel_shape=[2, 2], strides=[2, 2], auto_pad=pad),
            ow.node("Flatten", ["max"], ["f"]),
            ow.node("ReduceMean", ["f"], ["m"], axes=[1]),
            ow.node("Sigmoid", ["m"], ["y"]),
        ],
        {
            "w": weights.transpose(0, 3, 1, 2).copy(),
            "b": np.array([0.1, -0.1], np.float32),
            "d": deep.transpose(3, 0, 1, 2).copy(),
        },
    )
    features = features_of(3)
    scores = Head.parse(content).scores(features)
    assert np.ptp(scores) > 0.001
    assert np.allclose(scores, Head.parse(same).scores(features), atol=1e-6)


def test_an_unknown_operator_is_refused_by_name() -> None:
    for name in ("UNIDIRECTIONAL_SEQUENCE_LSTM", "TheirOwn"):
        with pytest.raises(ModelOperationUnknown) as raised:
            Head.parse(head_of(one(name)))
        assert raised.value.placeholders == {"operation": name}


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [([1, 3, 40], "int8"), ([1, 16, 96], "int8"), ([1, 16, 95], "float32"), ([1, 121, 96], "float32"), ([16, 96], "float32"), ([1, 76, 32, 1], "float32")],
)  # fmt: skip
def test_models_of_another_kind(shape: list[int], dtype: str) -> None:
    graph = tw.Subgraph(
        {"x": tw.Tensor(shape, dtype), "y": tw.Tensor([1, 1], dtype)},
        ["x"],
        ["y"],
        [tw.Operator("LOGISTIC", ["x"], ["y"])],
    )
    with pytest.raises(NotAWakeWordModel):
        Head.parse(tw.model(graph))


def nested(depth: int, width: int) -> bytes:
    """Return a model whose branches contain more and more branches."""
    graphs = []
    for level in range(depth):
        last = level == depth - 1
        tensors = {"m": tw.Tensor([1, 1]), "flag": tw.Tensor([1, 1], "bool")}
        tensors |= {f"y{index}": tw.Tensor([1, 1]) for index in range(width)}
        options = {0: tw.Scalar(INT, level + 2), 1: tw.Scalar(INT, level + 2)}
        operators = [tw.Operator("GREATER", ["m", "m"], ["flag"])]
        operators += [
            tw.Operator("NEG", ["m"], [f"y{index}"])
            if last
            else tw.Operator("IF", ["flag", "m"], [f"y{index}"], options)
            for index in range(width)
        ]
        graphs.append(tw.Subgraph(tensors, ["m"], ["y0"], operators))
    main = tw.Subgraph(
        {"x": tw.Tensor([1, 16, 96]), "flag": tw.Tensor([1], "bool"), "y": tw.Tensor([1, 1])},
        ["x"],
        ["y"],
        [tw.Operator("IF", ["flag", "x"], ["y"], {0: tw.Scalar(INT, 1), 1: tw.Scalar(INT, 1)})],
    )
    return tw.model(main, *graphs)


def endless() -> bytes:
    """Return a model with a branch that is itself."""
    branch = tw.Subgraph(
        {"m": tw.Tensor([1, 1]), "flag": tw.Tensor([1, 1], "bool"), "y": tw.Tensor([1, 1])},
        ["m"],
        ["y"],
        [
            tw.Operator("GREATER", ["m", "m"], ["flag"]),
            tw.Operator("IF", ["flag", "m"], ["y"], {0: tw.Scalar(INT, 1), 1: tw.Scalar(INT, 1)}),
        ],
    )
    main = tw.Subgraph(
        {"x": tw.Tensor([1, 16, 96]), "flag": tw.Tensor([1], "bool"), "y": tw.Tensor([1, 1])},
        ["x"],
        ["y"],
        [tw.Operator("IF", ["flag", "x"], ["y"], {0: tw.Scalar(INT, 1), 1: tw.Scalar(INT, 1)})],
    )
    return tw.model(main, branch)


def wide(count: int, name: str, size: int) -> bytes:
    """Return a model that does something to many numbers again and again."""
    tensors = {f"t{index}": tw.Tensor([1, size]) for index in range(count + 1)}
    operators = [tw.Operator(name, [f"t{index}"], [f"t{index + 1}"]) for index in range(count)]
    return head_of(
        tw.Operator("MUL", ["m", "ones"], ["t0"]),
        *operators,
        tw.Operator("MEAN", [f"t{count}", "one"], ["z"], {0: tw.Scalar("?", 1)}),
        **tensors,
        ones=tw.constant(np.ones((1, size))),
        one=tw.constant([1], "int32"),
    )


HOSTILE = {
    "many quantized weights": head_of(
        one("FULLY_CONNECTED", "w"),
        w=tw.Tensor([15_000_000, 1], "int8", np.zeros((15_000_000, 1), np.int8), ([0.5], [0], 0)),
    ),
    "nested branches": nested(4, 60),
    "deep branches": nested(40, 1),
    "an endless branch": endless(),
    "many steps": wide(4_000, "EXP", 2),
    "long steps": wide(30, "TANH", 400_000),
    "an outer product": head_of(
        tw.Operator("MUL", ["column", "row"], ["square"]),
        tw.Operator("MEAN", ["square", "axes2"], ["z"], {0: tw.Scalar("?", 1)}),
        column=tw.constant(np.ones((100_000, 1))),
        row=tw.constant(np.ones((1, 100_000))),
        square=tw.Tensor([1, 1]),
        axes2=tw.constant([0, 1], "int32"),
    ),
    "many axes": head_of(one("MEAN", "many"), many=tw.constant(np.zeros(60_000), "int32")),
    "a far axis": head_of(
        tw.Operator("CONCATENATION", ["m", "m"], ["z"], {0: tw.Scalar(INT, -(10**9))})
    ),
    "a large window": head_of(
        tw.Operator("RESHAPE", ["x", "s4"], ["image"]),
        tw.Operator("MAX_POOL_2D", ["image"], ["p"], {1: tw.Scalar(INT, 1), 2: tw.Scalar(INT, 1), 3: tw.Scalar(INT, 5_000), 4: tw.Scalar(INT, 5_000)}),
        tw.Operator("MEAN", ["p", "all"], ["z"]),
        s4=tw.constant([1, 16, 96, 1], "int32"),
        image=tw.Tensor([1, 16, 96, 1]),
        p=tw.Tensor([1, 16, 96, 1]),
        all=tw.constant([2, 3], "int32"),
    ),
    "a large padding": head_of(
        tw.Operator("PAD", ["m", "widths"], ["p"]),
        tw.Operator("MEAN", ["p", "one"], ["z"], {0: tw.Scalar("?", 1)}),
        widths=tw.constant([[0, 0], [0, 2_000_000_000]], "int32"),
        p=tw.Tensor([1, 1]),
        one=tw.constant([1], "int32"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_costs_little(content: bytes) -> None:
    started = time.thread_time()
    assert not use(content)
    assert time.thread_time() - started < MOST_SECONDS
    tracemalloc.start()
    try:
        use(content)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_reasons() -> None:
    with pytest.raises(ModelTooCostly):
        Head.parse(HOSTILE["long steps"])
    with pytest.raises(ModelWithoutScore):
        Head.parse(
            tw.model(
                tw.Subgraph(
                    {"x": tw.Tensor([1, 1, 96]), "axes": tw.constant([1, 2], "int32"), "y": tw.Tensor([1])},
                    ["x"],
                    ["y"],
                    [tw.Operator("MEAN", ["x", "axes"], ["y"])],
                )
            )
        )
    with pytest.raises(UnsupportedModel, match="quantized"):
        Head.parse(head_of(tw.Operator("QUANTIZE", ["m"], ["q"]), one("NEG"), q=tw.Tensor([1, 1], "int8")))
    with pytest.raises(ModelFileInvalid):
        Head.parse(head_of(tw.Operator("IF", ["m"], ["z"], {0: tw.Scalar(INT, 7)})))


def test_files(tmp_path: Path) -> None:
    """The content decides, not the name."""
    for name in ("a.tflite", "b.onnx"):
        (tmp_path / name).write_bytes(dense_head()[0])
        assert Head.load(tmp_path / name).frames == 16
    (tmp_path / "c.tflite").write_bytes(ow.linear_head())
    assert Head.load(tmp_path / "c.tflite").frames == 16


@pytest.mark.parametrize("name", sorted(OPERATOR_NAMES))
def test_any_number_of_inputs(name: str) -> None:
    """Every operator is refused, or runs, whatever it is given."""
    kinds = (["m"] * 4, ["sizes"] * 4, [""] * 4, ["m", "sizes", "", "x"])
    for given_inputs in (kind[:count] for kind in kinds for count in range(5)):
        content = head_of(
            tw.Operator(name, given_inputs, ["z"]), sizes=tw.constant([1, -7, 2**31 - 1], "int32")
        )
        try:
            head = Head.parse(content)
        except WakeModelError:
            continue
        assert head.scores(features_of(2)).shape == (2,)


def test_mutated_files_raise_nothing_else() -> None:
    """More of them are for people to run: python -m tests.fuzz.tflite_files 100000."""
    report = run(400)
    assert report.passed, report
    assert report.loaded > 20


@settings(max_examples=200)
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 0xFFFF_FFFF)), min_size=1, max_size=4))
def test_changed_offsets_are_refused_or_run(changes: list[tuple[float, int]]) -> None:
    content = bytearray(branching_head())
    for where, value in changes:
        struct.pack_into("<I", content, math.floor(where * (len(content) // 4 - 1)) * 4, value)
    try:
        head = Head.parse(bytes(content))
    except WakeModelError:
        return
    assert head.scores(features_of(2, head.frames)).shape == (2,)
