"""The reader returns what a TensorFlow Lite file holds, and refuses what is not one."""

import contextlib
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
    ModelFileMissing,
    UnsupportedModel,
    WakeModelError,
)
from custom_components.voice_privacy.wake.tflite.reader import parse_model, read_model

from . import tflite_writer as tw


def small(**tensors: tw.Tensor) -> bytes:
    """Return a model with one operation and further tensors."""
    values = {"x": tw.Tensor([1, 4]), "y": tw.Tensor([1, 4])} | tensors
    return tw.model(
        tw.Subgraph(values, ["x"], ["y"], [tw.Operator("LOGISTIC", ["x"], ["y"])]),
        metadata={"min_runtime_version": b"1.5.0"},
    )


def test_model() -> None:
    model = parse_model(small(w=tw.constant([[1.0, -2.0]])))
    assert model.description == "a test"
    assert {name: bytes(content) for name, content in model.metadata.items()} == {
        "min_runtime_version": b"1.5.0"
    }
    (graph,) = model.subgraphs
    assert [graph.tensors[index].name for index in graph.inputs + graph.outputs] == ["x", "y"]
    (operator,) = graph.operators
    assert (operator.name, operator.inputs, operator.outputs, operator.version) == ("LOGISTIC", (0,), (1,), 1)
    assert [tensor.is_constant for tensor in graph.tensors] == [False, False, True]
    assert graph.tensors[2].values().tolist() == [[1.0, -2.0]]
    with pytest.raises(ModelFileInvalid):
        graph.tensors[0].values()


@pytest.mark.parametrize(
    "value",
    [
        np.array([[1.5, -2.0]], np.float32),
        np.array([1.5, -2.0], np.float16),
        np.array([1.5], np.float64),
        np.array([-1, 1 << 40], np.int64),
        np.array([-1, 7], np.int32),
        np.array([-7], np.int16),
        np.array([-128, 127], np.int8),
        np.array([255], np.uint8),
        np.array([True, False]),
        np.array(5, np.int32),
        np.empty((0, 3), np.float32),
    ],
)
def test_tensor_types(value: NDArray[Any]) -> None:
    tensor = parse_model(small(w=tw.constant(value, value.dtype.name))).subgraphs[0].tensors[2]
    read = tensor.values()
    assert (read.dtype, read.shape) == (value.dtype, value.shape)
    assert np.array_equal(read, value)
    assert read.flags.aligned
    assert read.flags.writeable
    assert tensor.values() is read


def test_signature_and_variables() -> None:
    graph = parse_model(
        small(
            dynamic=tw.Tensor([1, 96], signature=[-1, 96]),
            state=tw.Tensor([1, 2, 40], "int8", variable=True),
            handle=tw.Tensor([1], "resource"),
        )
    ).subgraphs[0]
    dynamic, state, handle = graph.tensors[2:]
    assert (dynamic.shape, dynamic.signature) == ((1, 96), (-1, 96))
    assert (state.is_variable, state.is_constant, state.dtype) == (True, False, np.dtype("int8"))
    assert (handle.is_resource, handle.dtype) == (True, None)


def test_quantization() -> None:
    graph = parse_model(
        small(
            whole=tw.Tensor([1], "int8", quantization=([0.5], [-128], 0)),
            channels=tw.Tensor([2, 3], "int8", quantization=([0.5, 0.25, 0.125], [0, 0, 0], 1)),
        )
    ).subgraphs[0]
    whole, channels = (tensor.quantization for tensor in graph.tensors[2:])
    assert whole is not None
    assert channels is not None
    assert (whole.scales.tolist(), whole.zero_points.tolist(), whole.axis) == ([0.5], [-128], 0)
    assert (channels.scales.tolist(), channels.axis) == ([0.5, 0.25, 0.125], 1)
    assert graph.tensors[0].quantization is None


def test_resource_variables_and_initialization() -> None:
    """The operations of streaming models: their names, options and subgraphs."""
    start = tw.Subgraph(
        {"handle": tw.Tensor([1], "resource"), "zero": tw.constant(np.zeros((1, 2), np.int8), "int8")},
        [],
        [],
        [
            tw.Operator("VAR_HANDLE", [], ["handle"], {0: "", 1: "stream_1"}),
            tw.Operator("ASSIGN_VARIABLE", ["handle", "zero"], []),
        ],
    )
    main = tw.Subgraph(
        {
            "x": tw.Tensor([1, 2], "int8"),
            "handle": tw.Tensor([1], "resource"),
            "y": tw.Tensor([1, 2], "int8"),
        },
        ["x"],
        ["y"],
        [
            tw.Operator("CALL_ONCE", [], [], {0: tw.Scalar("i", 1)}),
            tw.Operator("VAR_HANDLE", [], ["handle"], {0: "", 1: "stream_1"}),
            tw.Operator("READ_VARIABLE", ["handle"], ["y"]),
            tw.Operator("ASSIGN_VARIABLE", ["handle", "x"], []),
            tw.Operator("STRIDED_SLICE", ["x", ""], ["y"], {0: tw.Scalar("i", 3), 5: tw.Scalar("?", 1)}),
        ],
    )
    first, second = parse_model(tw.model(main, start)).subgraphs
    assert [operator.name for operator in first.operators] == [
        "CALL_ONCE",
        "VAR_HANDLE",
        "READ_VARIABLE",
        "ASSIGN_VARIABLE",
        "STRIDED_SLICE",
    ]
    assert first.operators[0].options.integer(0) == 1
    assert first.operators[1].options.text(1) == "stream_1"
    assert second.operators[0].options.text(1) == "stream_1"
    last = first.operators[4]
    assert last.inputs == (0, -1)
    assert (last.options.integer(0), last.options.integer(1), last.options.flag(5), last.options.flag(6)) == (
        3,
        0,
        True,
        False,
    )


def test_options_have_defaults_and_kinds() -> None:
    options: tw.Fields = {
        0: tw.Scalar("b", 1),
        1: tw.Scalar("i", -7),
        2: tw.Scalar("f", 0.25),
        3: tw.integers([1, -1, 96]),
    }
    graph = tw.Subgraph(
        {"x": tw.Tensor([1]), "y": tw.Tensor([1])}, ["x"], ["y"], [tw.Operator("Own", ["x"], ["y"], options)]
    )
    (operator,) = parse_model(tw.model(graph)).subgraphs[0].operators
    read = operator.options
    assert operator.name == "Own"
    assert (read.small(0), read.integer(1), read.real(2), read.integers(3)) == (1, -7, 0.25, (1, -1, 96))
    assert (read.small(9, 2), read.integer(9, 3), read.real(9, 0.5), read.integers(9)) == (2, 3, 0.5, ())


def test_weights_behind_the_flatbuffer() -> None:
    content = tw.flatbuffer(
        {
            0: tw.Scalar("I", 3),
            1: [{0: tw.Scalar("b", 14)}],
            2: [
                {
                    0: [{0: tw.integers([2]), 2: tw.Scalar("I", 1)}],
                    1: tw.integers([0]),
                    2: tw.integers([0]),
                    3: [{1: tw.integers([0]), 2: tw.integers([0])}],
                }
            ],
            4: [{}, {1: tw.Scalar("Q", 1_000), 2: tw.Scalar("Q", 8)}],
        }
    )
    content = content.ljust(1_000, b"\0") + struct.pack("<ff", 1.0, 2.0)
    assert parse_model(content).subgraphs[0].tensors[0].values().tolist() == [1.0, 2.0]
    with pytest.raises(ModelFileInvalid):
        parse_model(content[:-1])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff" * 100, id="noise"),
        pytest.param(b"\x08\0\0\0TFL3", id="only a beginning"),
        pytest.param(tw.flatbuffer({0: tw.Scalar("I", 3)}), id="no graph"),
        pytest.param(tw.flatbuffer({0: tw.Scalar("I", 3)}, b"ABCD"), id="another identifier"),
        pytest.param(small(w=tw.Tensor([1] * 9)), id="rank"),
        pytest.param(small(w=tw.Tensor([1 << 30])), id="dimension"),
        pytest.param(small(w=tw.Tensor([-2])), id="negative dimension"),
        pytest.param(small(w=tw.Tensor([3], quantization=([1.0, 2.0], [0, 0, 0], 0))), id="zero points"),
        pytest.param(small(w=tw.Tensor([1], quantization=([float("nan")], [0], 0))), id="scale"),
        pytest.param(small(w=tw.Tensor([1], quantization=([1.0] * 70_000, [0], 0))), id="scales"),
        pytest.param(small(**{"w" * 5_000: tw.Tensor([1])}), id="name"),
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(ModelFileInvalid):
        parse_model(content)


def test_other_versions_are_unsupported() -> None:
    graph = tw.Subgraph({"x": tw.Tensor([1])}, ["x"], ["x"], [tw.Operator("LOGISTIC", ["x"], ["x"])])
    with pytest.raises(UnsupportedModel):
        parse_model(tw.model(graph, version=4))


@pytest.mark.parametrize("shape", [[3], [1], [2, 2]])
def test_values_must_fit_the_shape(shape: list[int]) -> None:
    content = small(w=tw.Tensor(shape, values=np.ones(2, np.float32)))
    with pytest.raises(ModelFileInvalid, match="shape"):
        parse_model(content).subgraphs[0].tensors[2].values()


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a.tflite"
    with pytest.raises(ModelFileMissing):
        read_model(path)
    path.write_bytes(small())
    assert read_model(path).subgraphs


def shared(root: tw.Fields, count: int) -> bytes:
    """Return a file whose only subgraph lists one tensor again and again."""
    content = bytearray(tw.flatbuffer(root))
    # A vector of tables that all refer to the first.
    (at,) = struct.unpack_from("<I", content, 0)
    (back,) = struct.unpack_from("<i", content, at)
    (offset,) = struct.unpack_from("<H", content, at - back + 4 + 2 * 2)
    place = at + offset
    (target,) = struct.unpack_from("<I", content, place)
    vector = place + target
    (first,) = struct.unpack_from("<I", content, vector + 4)
    table = vector + 4 + first
    new = len(content)
    content += struct.pack("<I", count) + bytes(4 * count)
    # Offsets only point forward, so the table is copied behind its users.
    for index in range(count):
        struct.pack_into("<I", content, new + 4 + 4 * index, (table - new - 4 - 4 * index) & 0xFFFF_FFFF)
    struct.pack_into("<I", content, place, new - place)
    return bytes(content)


def amplified() -> dict[str, bytes]:
    """Return small files that describe a great deal."""
    wide = {f"t{index}": tw.Tensor([1]) for index in range(4_000)}
    graph = tw.Subgraph(wide, ["t0"], ["t1"], [tw.Operator("LOGISTIC", ["t0"], ["t1"])] * 4_000)
    long = {"x" * 4_000 + str(index): tw.Tensor([1]) for index in range(3_000)}
    names = tw.Subgraph(long, [], [], [tw.Operator("LOGISTIC", [], [])])
    scales = {f"t{index}": tw.Tensor([65_536], quantization=([1.0] * 65_536, [0], 0)) for index in range(40)}
    quantized = tw.Subgraph(scales, [], [], [tw.Operator("LOGISTIC", [], [])])
    return {
        "many tensors": tw.model(graph),
        "many graphs": tw.model(*[graph] * 4),
        "long names": tw.model(names),
        "many scales": tw.model(quantized),
        "backward references": shared({0: tw.Scalar("I", 3), 2: [{4: "x"}]}, 64),
        "a long vector": tw.flatbuffer({0: tw.Scalar("I", 3), 2: [{1: tw.integers([0] * 3_000_000)}]}),
    }


AMPLIFIED = amplified()


@pytest.mark.parametrize("content", AMPLIFIED.values(), ids=AMPLIFIED)
def test_a_file_that_describes_much_costs_little(content: bytes) -> None:
    started = time.thread_time()
    with contextlib.suppress(WakeModelError):
        parse_model(content)
    assert time.thread_time() - started < 1.0
    tracemalloc.start()
    try:
        with contextlib.suppress(WakeModelError):
            parse_model(content)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_shared_weights_are_not_copied_without_end() -> None:
    """Several tensors may have the same buffer."""
    graph = tw.Subgraph(
        {f"w{index}": tw.Tensor([1_000_000], values=np.zeros(1_000_000, np.float32)) for index in range(5)},
        [],
        [],
        [tw.Operator("LOGISTIC", [], [])],
    )
    tensors = parse_model(tw.model(graph)).subgraphs[0].tensors
    for each in tensors[:4]:
        each.values()
    with pytest.raises(ModelFileInvalid, match="weights"):
        tensors[4].values()


def test_every_truncation_is_refused_or_whole() -> None:
    whole = small(w=tw.constant([1.0, 2.0]))
    for length in range(len(whole)):
        with contextlib.suppress(ModelFileInvalid):
            for tensor in parse_model(whole[:length]).subgraphs[0].tensors:
                with contextlib.suppress(ModelFileInvalid):
                    tensor.values()


@settings(max_examples=300)
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_file_raises_nothing_else(changes: list[tuple[float, int]]) -> None:
    content = bytearray(small(w=tw.constant([1.0, 2.0])))
    for where, value in changes:
        content[int(where * (len(content) - 1))] = value
    with contextlib.suppress(WakeModelError):
        for tensor in parse_model(bytes(content)).subgraphs[0].tensors:
            with contextlib.suppress(WakeModelError):
                tensor.values()


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(content: bytes) -> None:
    with contextlib.suppress(WakeModelError):
        parse_model(b"\x10\0\0\0TFL3" + content)
