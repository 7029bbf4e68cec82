"""Heads compute what their operations mean, for any number of frames, and refuse the rest."""

from collections.abc import Callable, Mapping
import math
import tracemalloc
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import (
    ModelFileInvalid,
    ModelOperationUnknown,
    ModelWithoutScore,
    UnsupportedModel,
    WakeModelError,
)
from custom_components.voice_privacy.wake.classifiers import Head
from custom_components.voice_privacy.wake.onnx.reader import parse_model

from . import onnx_writer as ow

type Floats = NDArray[np.float32]


def load(content: bytes) -> Head:
    """Return the head in a file's content."""
    return Head(parse_model(content))


def features_of(streams: int, frames: int = 16, seed: int = 0) -> Floats:
    """Return embeddings like real ones in size."""
    return np.random.default_rng(seed).normal(0, 10, (streams, frames, 96)).astype(np.float32)


def sigmoid(value: Any) -> Any:
    """Return the logistic function in double precision."""
    return 1 / (1 + np.exp(-np.asarray(value, np.float64)))


@pytest.mark.parametrize("frames", [1, 16, 22, 34, 120])
@pytest.mark.parametrize("streams", [1, 2, 7, 33])
def test_any_number_of_frames_and_streams(frames: int, streams: int) -> None:
    head = load(ow.linear_head(frames=frames))
    features = features_of(streams, frames)
    assert head.frames == frames
    scores = head.scores(features)
    assert scores.shape == (streams,)
    assert scores.dtype == np.float32
    assert np.allclose(scores, sigmoid(0.001 * features.sum(axis=(1, 2), dtype=np.float64)), atol=1e-5)


def test_the_score_of_several_classes_is_the_best_but_the_first() -> None:
    head = load(ow.linear_head(classes=4))
    features = features_of(5)
    logits = 0.001 * np.arange(1, 5) * features.sum(axis=(1, 2), dtype=np.float64)[:, np.newaxis]
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(head.scores(features), softmax[:, 1:].max(axis=1), atol=1e-5)


def reduced(*nodes: bytes, weights: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """Return a head: "m" is the mean of all features, the nodes make "y" of it, and the score is its sigmoid."""
    first = [
        ow.node("Flatten", ["x"], ["flat"]),
        ow.node("ReduceMean", ["flat"], ["m"], axes=[1], keepdims=1),
    ]
    last = ow.node("Sigmoid", ["y"], ["score"])
    return ow.model(
        ow.graph(
            [*first, *nodes, last], inputs={"x": (1, 16, 96)}, outputs={"score": (1, 1)}, weights=weights
        )
    )


CONSTANT = np.array([0.3], np.float32)
OPERATIONS: list[tuple[str, list[bytes], Callable[[Any], Any]]] = [
    ("Add", [ow.node("Add", ["m", "c"], ["y"])], lambda m: m + 0.3),
    ("Sub", [ow.node("Sub", ["c", "m"], ["y"])], lambda m: 0.3 - m),
    ("Mul", [ow.node("Mul", ["m", "c"], ["y"])], lambda m: m * 0.3),
    ("Div", [ow.node("Div", ["m", "c"], ["y"])], lambda m: m / 0.3),
    ("Pow", [ow.node("Pow", ["m", "two"], ["y"])], lambda m: m**2),
    ("Sqrt", [ow.node("Pow", ["m", "two"], ["s"]), ow.node("Sqrt", ["s"], ["y"])], abs),
    ("Relu", [ow.node("Relu", ["m"], ["y"])], lambda m: np.maximum(m, 0)),
    ("LeakyRelu", [ow.node("LeakyRelu", ["m"], ["y"], alpha=0.5)], lambda m: np.where(m < 0, m / 2, m)),
    ("Sigmoid", [ow.node("Sigmoid", ["m"], ["y"])], sigmoid),
    ("Tanh", [ow.node("Tanh", ["m"], ["y"])], np.tanh),
    ("Neg", [ow.node("Neg", ["m"], ["y"])], lambda m: -m),
    ("Clip", [ow.node("Clip", ["m"], ["y"], min=0.0, max=0.1)], lambda m: np.clip(m, 0, 0.1)),
    ("Clip inputs", [ow.node("Clip", ["m", "zero", "c"], ["y"])], lambda m: np.clip(m, 0, 0.3)),
    ("MatMul", [ow.node("MatMul", ["m", "matrix"], ["y"])], lambda m: m * 2),
    ("Gemm", [ow.node("Gemm", ["m", "matrix"], ["y"], alpha=0.5)], lambda m: m),
    ("Gemm bias", [ow.node("Gemm", ["m", "matrix", "c"], ["y"], beta=2.0)], lambda m: 2 * m + 0.6),
    ("Gemm transA", [ow.node("Gemm", ["matrix", "m"], ["y"], transA=1, transB=1)], lambda m: 2 * m),
    ("Identity", [ow.node("Identity", ["m"], ["y"])], lambda m: m),
    ("Squeeze", [ow.node("Squeeze", ["m"], ["s"], axes=[1]), ow.node("Identity", ["s"], ["y"])], lambda m: m),
    ("Unsqueeze", [ow.node("Unsqueeze", ["m", "one"], ["y"])], lambda m: m),
    ("Reshape", [ow.node("Reshape", ["m", "shape"], ["y"])], lambda m: m),
    ("Transpose", [ow.node("Transpose", ["x"], ["t"], perm=[0, 2, 1]), ow.node("ReduceMean", ["t"], ["y"], axes=[1, 2])], lambda m: m),
    ("Concat", [ow.node("Concat", ["m", "m"], ["t"], axis=1), ow.node("ReduceMean", ["t"], ["y"], axes=[-1])], lambda m: m),
    ("Constant", [ow.node("Constant", [], ["k"], value=np.array(0.3, np.float32)), ow.node("Add", ["m", "k"], ["y"])], lambda m: m + 0.3),
    ("Cast", [ow.node("Greater", ["m", "zero"], ["g"]), ow.node("Cast", ["g"], ["y"], to=1)], lambda m: m > 0),
    ("Less", [ow.node("Less", ["m", "zero"], ["g"]), ow.node("Cast", ["g"], ["y"], to=1)], lambda m: m < 0),
]  # fmt: skip
WEIGHTS: dict[str, NDArray[Any]] = {
    "c": CONSTANT,
    "matrix": np.array([[2.0]], np.float32),
    "one": np.array([2], np.int64),
    "shape": np.array([-1, 1], np.int64),
    "two": np.array(2.0, np.float32),
    "zero": np.array(0.0, np.float32),
}


@pytest.mark.parametrize(
    ("nodes", "expected"), [op[1:] for op in OPERATIONS], ids=[op[0] for op in OPERATIONS]
)
def test_operations(nodes: list[bytes], expected: Callable[[Any], Any]) -> None:
    head = load(reduced(*nodes, weights=WEIGHTS))
    features = features_of(9)
    mean = features.mean(axis=(1, 2), dtype=np.float64)
    assert np.allclose(head.scores(features), sigmoid(expected(mean)), atol=1e-5)
    for at, row in enumerate(features):
        assert np.allclose(head.scores(row[np.newaxis]), sigmoid(expected(mean[at])), atol=1e-5)


def test_layer_normalization_and_its_pieces_agree() -> None:
    weights = {
        "w": np.random.default_rng(1).normal(0, 0.01, (8, 1_536)).astype(np.float32),
        "b": np.zeros(8, np.float32),
        "scale": np.linspace(0.5, 2, 8, dtype=np.float32),
        "bias": np.linspace(-1, 1, 8, dtype=np.float32),
        "two": np.array(2.0, np.float32),
        "eps": np.array(1e-5, np.float32),
        "out": np.linspace(-1, 2, 8, dtype=np.float32)[np.newaxis],
    }
    before = [ow.node("Flatten", ["x"], ["f"]), ow.node("Gemm", ["f", "w", "b"], ["h"], transB=1)]
    after = [ow.node("Gemm", ["n", "out"], ["z"], transB=1), ow.node("Sigmoid", ["z"], ["y"])]
    pieces = [
        ow.node("ReduceMean", ["h"], ["mean"], axes=[-1]),
        ow.node("Sub", ["h", "mean"], ["d"]),
        ow.node("Pow", ["d", "two"], ["d2"]),
        ow.node("ReduceMean", ["d2"], ["v"], axes=[-1]),
        ow.node("Add", ["v", "eps"], ["ve"]),
        ow.node("Sqrt", ["ve"], ["sd"]),
        ow.node("Div", ["d", "sd"], ["q"]),
        ow.node("Mul", ["q", "scale"], ["qs"]),
        ow.node("Add", ["qs", "bias"], ["n"]),
    ]
    node = [ow.node("LayerNormalization", ["h", "scale", "bias"], ["n"], axis=-1, epsilon=1e-5)]
    features = features_of(9)
    scores = load(ow.head([*before, *pieces, *after], weights)).scores(features)
    assert np.ptp(scores) > 0.1
    assert np.allclose(scores, load(ow.head([*before, *node, *after], weights)).scores(features), atol=1e-6)


def branching_head() -> bytes:
    """Return a head like hey_jarvis: a second opinion where the first says yes."""
    then = ow.graph(
        [ow.node("Mul", ["first", "half"], ["second"])],
        inputs={},
        outputs={"second": (1, 1)},
        weights={"half": np.array(0.5, np.float32)},
    )
    otherwise = ow.graph([ow.node("Identity", ["first"], ["same"])], inputs={}, outputs={"same": (1, 1)})
    return reduced(
        ow.node("Sigmoid", ["m"], ["first"]),
        ow.node("GreaterOrEqual", ["first", "limit"], ["yes"]),
        ow.node("If", ["yes"], ["y"], then_branch=then, else_branch=otherwise),
        weights={"limit": np.array(0.5, np.float32)},
    )


def test_if_decides_for_every_stream_by_itself() -> None:
    head = load(branching_head())
    features = features_of(12)
    first = sigmoid(features.mean(axis=(1, 2), dtype=np.float64))
    assert 0 < (first >= 0.5).sum() < 12
    assert np.allclose(head.scores(features), sigmoid(np.where(first >= 0.5, first / 2, first)), atol=1e-5)
    agreed = features[first >= 0.5]
    assert np.allclose(head.scores(agreed), sigmoid(first[first >= 0.5] / 2), atol=1e-5)


@pytest.mark.parametrize(("op", "function"), [("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply)])
@pytest.mark.parametrize("axis", [None, 1])
def test_arithmetic_of_old_versions_begins_at_an_axis(
    op: str, function: Callable[..., Any], axis: int | None
) -> None:
    frames = 96 if axis else 16
    each = np.linspace(0.1, 2, 96, dtype=np.float32)
    nodes = [
        ow.node(op, ["x", "each"], ["a"], broadcast=1, **({} if axis is None else {"axis": axis})),
        ow.node("Flatten", ["a"], ["f"]),
        ow.node("ReduceMean", ["f"], ["m"], axes=[1], keepdims=1),
        ow.node("Sigmoid", ["m"], ["y"]),
    ]
    graph = ow.graph(nodes, inputs={"x": (1, frames, 96)}, outputs={"y": (1, 1)}, weights={"each": each})
    features = features_of(3, frames)
    wanted = function(features, each[:, np.newaxis] if axis else each).mean(axis=(1, 2), dtype=np.float64)
    assert np.allclose(load(ow.model(graph, version=6)).scores(features), sigmoid(wanted), atol=1e-5)


def test_the_first_output_may_be_unused() -> None:
    head = load(
        ow.head(
            [
                ow.node("Flatten", ["x"], ["f"]),
                ow.node("Split", ["f"], ["", "s"], axis=1),
                ow.node("ReduceMean", ["s"], ["m"], axes=[1], keepdims=1),
                ow.node("Sigmoid", ["m"], ["y"]),
            ]
        )
    )
    features = features_of(3)
    wanted = features.reshape(3, -1)[:, 768:].mean(axis=1, dtype=np.float64)
    assert np.allclose(head.scores(features), sigmoid(wanted), atol=1e-5)


def scored(*nodes: bytes, weights: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """Return a head whose nodes make the score "y" of "m", the mean of all features."""
    first = [
        ow.node("Flatten", ["x"], ["flat"]),
        ow.node("ReduceMean", ["flat"], ["m"], axes=[1], keepdims=1),
    ]
    return ow.head([*first, *nodes], weights)


NOT_SCORES: dict[str, bytes] = {
    "no sigmoid": scored(ow.node("Identity", ["m"], ["y"])),
    "no sigmoid, rarely negative": scored(ow.node("Mul", ["m", "m"], ["y"])),
    "a percentage": scored(
        ow.node("Sigmoid", ["m"], ["s"]),
        ow.node("Mul", ["s", "hundred"], ["y"]),
        weights={"hundred": np.array(100, np.float32)},
    ),
    "tanh": scored(ow.node("Tanh", ["m"], ["y"])),
    "a weight that is no number": scored(
        ow.node("Mul", ["m", "nan"], ["n"]),
        ow.node("Sigmoid", ["n"], ["y"]),
        weights={"nan": np.array(np.nan, np.float32)},
    ),
    "no number for some": scored(ow.node("Sqrt", ["m"], ["n"]), ow.node("Sigmoid", ["n"], ["y"])),
    "a logarithm of probabilities": ow.head(
        [
            ow.node("Flatten", ["x"], ["f"]),
            ow.node("Gemm", ["f", "w"], ["z"], transB=1),
            ow.node("LogSoftmax", ["z"], ["y"]),
        ],
        {"w": np.ones((3, 1_536), np.float32)},
        classes=3,
    ),
    "embeddings": ow.head([ow.node("Relu", ["x"], ["y"])]),
}


@pytest.mark.parametrize("content", NOT_SCORES.values(), ids=NOT_SCORES)
def test_what_is_no_score_is_refused(content: bytes) -> None:
    with pytest.raises(ModelWithoutScore):
        load(content)


def test_a_score_that_leaves_its_range_later_is_brought_back(monkeypatch: pytest.MonkeyPatch) -> None:
    head = load(ow.linear_head(frames=1))
    outputs = np.array([1.5, -0.5, np.nan, 0.25], np.float32)
    monkeypatch.setattr(head, "_run", lambda features: outputs[: len(features)])
    monkeypatch.setattr(head, "_may_batch", lambda features: True)
    assert head.scores(np.ones((4, 1, 96), np.float32)).tolist() == [1.0, 0.0, 0.0, 0.25]


def test_operations_of_other_namespaces_are_refused_by_name() -> None:
    node = ow.node("Sigmoid", ["m"], ["y"]) + ow.message(7, "com.example")
    with pytest.raises(ModelOperationUnknown) as raised:
        load(scored(node))
    assert raised.value.placeholders == {"operation": "com.example.Sigmoid"}


def test_branches_must_return_the_same_shape() -> None:
    """What follows would otherwise cost more with some sounds than with those of the trial."""
    wide = ow.graph(
        [ow.node("Mul", ["m", "ones"], ["w"])],
        inputs={},
        outputs={"w": (1, 9)},
        weights={"ones": np.ones((1, 9), np.float32)},
    )
    narrow = ow.graph([ow.node("Identity", ["m"], ["n"])], inputs={}, outputs={"n": (1, 1)})
    content = scored(
        ow.node("Greater", ["m", "far"], ["c"]),
        ow.node("If", ["c"], ["i"], then_branch=wide, else_branch=narrow),
        ow.node("ReduceMean", ["i"], ["r"], axes=[1], keepdims=1),
        ow.node("Sigmoid", ["r"], ["y"]),
        weights={"far": np.array(1e6, np.float32)},
    )
    with pytest.raises(UnsupportedModel, match="different results"):
        load(content)


def batch_dependent_head(rows: int) -> bytes:
    """Return a head that computes a great deal, but only for so many rows at once."""
    return scored(
        ow.node("Shape", ["m"], ["shape"]),
        ow.node("Gather", ["shape", "first"], ["count"]),
        ow.node("Equal", ["count", "rows"], ["is_so_many"]),
        ow.node("Where", ["is_so_many", "large", "small"], ["size"]),
        ow.node("Expand", ["m", "size"], ["wide"]),
        ow.node("Exp", ["wide"], ["e"]),
        ow.node("ReduceMean", ["e"], ["r"], axes=[1], keepdims=1),
        ow.node("Sigmoid", ["r"], ["y"]),
        weights={
            "first": np.array([0], np.int64),
            "rows": np.array([rows], np.int64),
            "large": np.array([1, 100_000], np.int64),
            "small": np.array([1, 1], np.int64),
        },
    )


@pytest.mark.parametrize("rows", [2, 4, 5])
def test_a_number_of_rows_that_costs_more_is_computed_row_by_row(rows: int) -> None:
    head = load(batch_dependent_head(rows))
    features = features_of(rows)
    tracemalloc.start()
    try:
        scores = head.scores(features)
        head.scores(features)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000 * rows
    finally:
        tracemalloc.stop()
    wanted = sigmoid(np.exp(features.mean(axis=(1, 2), dtype=np.float64)))
    assert np.allclose(scores, wanted, atol=1e-5)


def test_rows_are_computed_together_though_the_model_states_the_shape_of_one() -> None:
    """PyTorch writes the shape of the row that it was given."""
    random = np.random.default_rng(4)
    weights: dict[str, NDArray[Any]] = {
        "shape": np.array([1, 1_536], np.int64),
        "w": random.normal(0, 0.02, (1, 1_536)).astype(np.float32),
    }
    head = load(
        ow.head(
            [
                ow.node("Reshape", ["x", "shape"], ["flat"]),
                ow.node("Gemm", ["flat", "w"], ["z"], transB=1),
                ow.node("Sigmoid", ["z"], ["y"]),
            ],
            weights,
        )
    )
    assert head.computes_together
    features = features_of(5)
    wanted = sigmoid(features.reshape(5, -1).astype(np.float64) @ weights["w"][0])
    assert np.allclose(head.scores(features), wanted, atol=1e-5)


def test_a_graph_that_mixes_rows_is_run_row_by_row() -> None:
    """Nothing says that a user's model can be batched: the mean over all axes cannot."""
    content = ow.head([ow.node("ReduceMean", ["x"], ["m"], keepdims=1), ow.node("Sigmoid", ["m"], ["y"])])
    features = features_of(5)
    assert np.allclose(load(content).scores(features), sigmoid(features.mean(axis=(1, 2))), atol=1e-5)


def test_an_unknown_operation_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedModel, match="Einsum"):
        load(ow.head([ow.node("Einsum", ["x"], ["y"])]))


def test_an_unknown_operation_in_a_branch_is_refused_by_name() -> None:
    branch = ow.graph([ow.node("Einsum", ["m"], ["z"])], inputs={}, outputs={"z": (1, 1)})
    with pytest.raises(UnsupportedModel, match="Einsum"):
        load(reduced(ow.node("If", ["m"], ["y"], then_branch=branch, else_branch=branch)))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ow.linear_head(frames=121), id="too many frames"),
        pytest.param(ow.head([ow.node("Relu", ["x"], ["y"])], frames=None), id="frames unknown"),
        pytest.param(ow.head([ow.node("Relu", ["x"], ["y"])], features=95), id="not embeddings"),
        pytest.param(ow.head([ow.node("Dropout", ["x"], ["y", "z"])]), id="two outputs"),
    ],
)
def test_other_models_are_unsupported(content: bytes) -> None:
    with pytest.raises(UnsupportedModel):
        load(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ow.head([ow.node("Relu", ["x"], ["z"])]), id="no output"),
        pytest.param(ow.head([ow.node("Relu", ["nothing"], ["y"])]), id="unknown input"),
        pytest.param(ow.head([ow.node("Relu", [], ["y"])]), id="no input"),
        pytest.param(ow.head([ow.node("Relu", ["x"], ["y"])]), id="output is no score"),
        pytest.param(reduced(ow.node("If", ["m"], ["y"])), id="if without branches"),
        pytest.param(reduced(ow.node("MatMul", ["m", "w"], ["y"]), weights={"w": np.ones((3, 3), np.float32)}), id="shapes"),
        pytest.param(reduced(ow.node("Gemm", ["m", "w"], ["y"], transB="yes"), weights={"w": np.ones((1, 1), np.float32)}), id="attribute"),
        pytest.param(reduced(ow.node("Transpose", ["m"], ["y"], perm=[4, 5])), id="axes"),
        pytest.param(reduced(ow.node("Squeeze", ["m"], ["y"], axes=[7])), id="axis"),
        pytest.param(reduced(ow.node("Cast", ["m"], ["y"], to=99)), id="cast"),
        pytest.param(reduced(ow.node("Clip", ["m", "c", "c", "c", "c"], ["s"]), ow.node("Pow", ["m"], ["y"]), weights={"c": CONSTANT}), id="inputs"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(content: bytes) -> None:
    with pytest.raises(ModelFileInvalid):
        load(content)


@pytest.mark.parametrize(
    "nodes",
    [
        pytest.param(
            [ow.node("Reshape", ["w", "column"], ["a"]), ow.node("Add", ["a", "w"], ["y"])], id="broadcast"
        ),
        pytest.param(
            [ow.node("Reshape", ["w", "column"], ["a"]), ow.node("MatMul", ["a", "row"], ["y"])], id="product"
        ),
        pytest.param([ow.node("Concat", ["w"] * 200, ["y"])], id="concat"),
    ],
)
def test_absurd_computing_is_refused_before_it_happens(nodes: list[bytes]) -> None:
    """The first would need 40 GB."""
    weights: dict[str, NDArray[Any]] = {
        "w": np.ones(100_000, np.float32),
        "row": np.ones((1, 100_000), np.float32),
        "column": np.array([-1, 1], np.int64),
    }
    with pytest.raises(UnsupportedModel, match="computing"):
        load(reduced(*nodes, weights=weights))


def test_extreme_features_do_not_warn() -> None:
    head = load(ow.linear_head(1.0))
    with np.errstate(all="raise"):
        scores = head.scores(np.stack([np.full((16, 96), 1e4), np.full((16, 96), -1e4)]).astype(np.float32))
    assert scores[0] == 1.0
    assert math.isclose(scores[1], 0.0, abs_tol=1e-30)


SMALL_HEADS = (ow.linear_head(frames=1), branching_head(), ow.linear_head(frames=2, classes=3))


@settings(max_examples=400)
@given(
    base=st.sampled_from(SMALL_HEADS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.one_of(st.none(), st.floats(0, 1)),
)
def test_a_damaged_file_is_refused_or_runs(
    base: bytes, changes: list[tuple[float, int]], cut: float | None
) -> None:
    """Whatever bytes change, nothing but a WakeModelError is raised."""
    content = bytearray(base)
    # Most bytes are weights; the structure lies in the first and last few hundred.
    structure = [*range(min(200, len(content))), *range(max(0, len(content) - 200), len(content))]
    for where, value in changes:
        content[structure[int(where * (len(structure) - 1))]] = value
    if cut is not None:
        del content[int(cut * len(content)) :]
    try:
        head = load(bytes(content))
    except WakeModelError:
        return
    with np.errstate(all="ignore"):
        assert head.scores(features_of(2, head.frames)).shape == (2,)
