"""The reader returns what a file holds, and refuses what is not a model."""

import contextlib
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import (
    ModelFileInvalid,
    ModelFileMissing,
    ModelWeightsElsewhere,
)
from custom_components.voice_privacy.wake.onnx import reader as onnx_reader
from custom_components.voice_privacy.wake.onnx.reader import Graph, parse_model, read_model

from . import onnx_writer as ow


def one_node_model(**kwargs: Any) -> bytes:
    """Return a model with one node, given its attributes."""
    return ow.model(
        ow.graph(
            [ow.node("Thing", ["x", ""], ["y"], **kwargs)], inputs={"x": (1, None, 96)}, outputs={"y": (1, 1)}
        )
    )


def test_graph() -> None:
    weights = {"w": np.arange(6, dtype=np.float32).reshape(2, 3)}
    encoded = ow.model(
        ow.graph(
            [ow.node("MatMul", ["x", "w"], ["h"]), ow.node("Relu", ["h"], ["y"])],
            inputs={"x": (None, 2), "w": (2, 3)},
            outputs={"y": (None, 3)},
            weights=weights,
        )
    )
    graph = parse_model(encoded)
    assert [(node.op_type, node.inputs, node.outputs) for node in graph.nodes] == [
        ("MatMul", ("x", "w"), ("h",)),
        ("Relu", ("h",), ("y",)),
    ]
    assert [(info.name, info.shape) for info in graph.inputs] == [("x", (None, 2))]
    assert [(info.name, info.shape) for info in graph.outputs] == [("y", (None, 3))]
    assert np.array_equal(graph.initializers["w"], weights["w"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), (-1, -1), (0.5, 0.5), ("NOTSET", b"NOTSET"), ([1, -2, 3], (1, -2, 3)), ([0.5, 2.0], (0.5, 2.0))],
)
def test_attributes(value: object, expected: object) -> None:
    (node,) = parse_model(one_node_model(a=value)).nodes
    assert node.attributes == {"a": expected}
    assert node.inputs == ("x", "")


def test_packed_integers() -> None:
    packed = ow.message(1, "a") + ow.message(8, b"".join(ow.varint(item) for item in (1, -2, 300)))
    node = ow.message(1, "x") + ow.message(2, "y") + ow.message(4, "Thing") + ow.message(5, packed)
    encoded = ow.model(ow.graph([node], inputs={"x": (1,)}, outputs={"y": (1,)}))
    assert parse_model(encoded).nodes[0].attributes["a"] == (1, -2, 300)


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize(
    "value",
    [
        np.array([[1.5, -2.0]], np.float32),
        np.array([1.5, -2.0], np.float64),
        np.array([-1, 1 << 40], np.int64),
        np.array([-1, 7], np.int32),
        np.array([True, False]),
        np.array(5, np.int64),
        np.empty((0, 3), np.float32),
    ],
)
def test_tensor_types(value: NDArray[Any], typed: bool) -> None:
    encoded = ow.model(
        ow.graph(
            [ow.node("Relu", ["x"], ["y"])],
            inputs={"x": (1,)},
            outputs={"y": (1,)},
            weights={"w": value},
            typed=typed,
        )
    )
    read = parse_model(encoded).initializers["w"]
    assert read.dtype == value.dtype
    assert read.shape == value.shape
    assert np.array_equal(read, value)


def test_weights_are_aligned_copies() -> None:
    """BLAS copies an unaligned matrix on every call."""
    for pad in range(8):
        encoded = ow.model(
            ow.graph(
                [ow.node("Relu", ["x"], ["y"])],
                inputs={"x" * (pad + 1): (1,)},
                outputs={"y": (1,)},
                weights={"w" * (pad + 1): np.ones((64, 64), np.float32)},
            )
        )
        (weight,) = parse_model(encoded).initializers.values()
        assert weight.flags.aligned
        assert weight.flags.owndata or weight.base is not None
        assert weight.ctypes.data % 16 == 0
        assert weight.flags.writeable


def test_subgraph() -> None:
    branch = ow.graph(
        [ow.node("Identity", ["x"], ["z"])],
        inputs={},
        outputs={"z": (1,)},
        weights={"v": np.ones(2, np.float32)},
    )
    (node,) = parse_model(one_node_model(then_branch=branch)).nodes
    inner = node.attributes["then_branch"]
    assert isinstance(inner, Graph)
    assert inner.nodes[0].op_type == "Identity"
    assert list(inner.initializers) == ["v"]


def test_nesting_is_bounded() -> None:
    branch = ow.graph([ow.node("Identity", ["x"], ["z"])], inputs={}, outputs={"z": (1,)})
    for _ in range(1_000):
        branch = ow.graph([ow.node("If", ["x"], ["z"], then_branch=branch)], inputs={}, outputs={"z": (1,)})
    with pytest.raises(ModelFileInvalid):
        parse_model(ow.model(branch))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"not a model at all",
        b"\xff" * 100,
        ow.number(1, 8),
        ow.model(b""),
        ow.message(7, b"\x0a\xff\xff\xff\xff\x0f"),
        b"PK\x03\x04" + b"\0" * 100,
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(ModelFileInvalid):
        parse_model(content)


def bad_tensor(*parts: bytes) -> bytes:
    """Return a model whose only weight is this TensorProto."""
    graph = ow.message(1, ow.node("Relu", ["x"], ["y"])) + ow.message(5, b"".join(parts) + ow.message(8, "w"))
    return ow.model(graph)


@pytest.mark.parametrize(
    "content",
    [
        bad_tensor(ow.number(1, 1 << 62), ow.number(2, 1), ow.message(9, b"\0" * 4)),
        bad_tensor(ow.number(1, -1), ow.number(2, 1), ow.message(9, b"\0" * 4)),
        bad_tensor(*[ow.number(1, 1)] * 50, ow.number(2, 1), ow.message(9, b"\0" * 4)),
        bad_tensor(ow.number(1, 2), ow.number(2, 1), ow.message(9, b"\0" * 4)),
        bad_tensor(ow.number(1, 1), ow.number(2, 1), ow.message(9, b"\0" * 3)),
        bad_tensor(ow.number(1, 1), ow.number(2, 8), ow.message(9, b"\0" * 4)),
        bad_tensor(ow.number(1, 1), ow.number(2, 1), ow.number(14, 1)),
        bad_tensor(ow.number(1, 1), ow.number(2, 1), ow.number(9, 1)),
    ],
)
def test_impossible_tensors_are_refused(content: bytes) -> None:
    with pytest.raises(ModelFileInvalid):
        parse_model(content)


def test_where_weights_are_stored() -> None:
    """PyTorch writes the default, which is "in this file"."""
    inside = bad_tensor(ow.number(1, 1), ow.number(2, 1), ow.message(9, b"\0" * 4), ow.number(14, 0))
    assert parse_model(inside).initializers["w"].tolist() == [0.0]
    for outside in (
        bad_tensor(ow.number(1, 1), ow.number(2, 1), ow.number(14, 1)),
        bad_tensor(ow.number(1, 1), ow.number(2, 1), ow.message(13, ow.message(1, "location"))),
    ):
        with pytest.raises(ModelWeightsElsewhere):
            parse_model(outside)


def test_versions() -> None:
    graph = ow.graph([ow.node("Relu", ["x"], ["y"])], inputs={"x": (1,)}, outputs={"y": (1,)})
    assert parse_model(ow.model(graph, version=7)).version == 7
    # Versions may come first, and other namespaces have their own.
    others = ow.message(8, ow.message(1, "ai.onnx.ml") + ow.number(2, 3))
    assert parse_model(others + ow.message(8, ow.number(2, 11)) + ow.message(7, graph) + others).version == 11
    assert parse_model(ow.message(7, graph)).version == 1


def test_every_truncation_is_refused_or_whole() -> None:
    """A file cut anywhere is refused, or was cut between the graph and what follows it."""
    whole = ow.linear_head(frames=1)
    end_of_graph = len(whole) - len(ow.message(8, ow.number(2, 13)))
    for length in range(len(whole)):
        if length >= end_of_graph and length in (end_of_graph, len(whole)):
            continue
        with pytest.raises(ModelFileInvalid):
            parse_model(whole[:length])


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(content: bytes) -> None:
    with contextlib.suppress(ModelFileInvalid):
        parse_model(content)


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.onnx"
    with pytest.raises(ModelFileMissing):
        read_model(path)
    with pytest.raises(ModelFileInvalid):
        read_model(tmp_path)
    path.write_bytes(ow.linear_head())
    assert read_model(path).nodes
    monkeypatch.setattr(onnx_reader, "MAX_FILE_SIZE", 100)
    with pytest.raises(ModelFileInvalid):
        read_model(path)
