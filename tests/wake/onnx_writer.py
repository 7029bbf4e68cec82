"""Write tiny ONNX models, so that tests of the reader need no published one."""

from collections.abc import Mapping, Sequence
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Shape = Sequence[int | None]


class GraphBytes(bytes):
    """An encoded GraphProto, told apart from a string attribute."""


def varint(value: int) -> bytes:
    """Return a number as protobuf writes it; negative ones as 64-bit two's complement."""
    value &= 0xFFFF_FFFF_FFFF_FFFF
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def number(field: int, value: int) -> bytes:
    """Return a varint field."""
    return varint(field << 3) + varint(value)


def message(field: int, value: bytes | str) -> bytes:
    """Return a field of bytes, text or a message."""
    content = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(content)) + content


def fixed32(field: int, value: float) -> bytes:
    """Return a float field."""
    return varint(field << 3 | 5) + struct.pack("<f", value)


TYPES = {"float32": 1, "uint8": 2, "int32": 6, "int64": 7, "bool": 9, "float16": 10, "float64": 11}


def tensor(name: str, value: NDArray[Any], *, typed: bool = False) -> bytes:
    """Return a TensorProto; `typed` puts the values in the field of their type instead of raw_data."""
    encoded = b"".join(number(1, size) for size in value.shape)
    encoded += number(2, TYPES[value.dtype.name]) + message(8, name)
    if not typed:
        return encoded + message(9, value.tobytes())
    flat = value.reshape(-1).tolist()
    if value.dtype == np.float32:
        return encoded + message(4, b"".join(struct.pack("<f", item) for item in flat))
    if value.dtype == np.float64:
        return encoded + message(10, b"".join(struct.pack("<d", item) for item in flat))
    return encoded + message(7 if value.dtype == np.int64 else 5, b"".join(varint(item) for item in flat))


def attribute(name: str, value: Any) -> bytes:
    """Return an AttributeProto of an int, a float, text, a tensor, a graph, or a list of ints, floats or texts."""
    match value:
        case GraphBytes():
            kind, content = 5, message(6, value)
        case bytes() | str():
            kind, content = 3, message(4, value)
        case int():
            kind, content = 2, number(3, value)
        case float():
            kind, content = 1, fixed32(2, value)
        case np.ndarray():
            kind, content = 4, message(5, tensor("", value))
        case [int(), *_]:
            kind, content = 7, b"".join(number(8, item) for item in value)
        case [str(), *_]:
            kind, content = 8, b"".join(message(9, item) for item in value)
        case [float(), *_]:
            kind, content = 6, message(7, b"".join(struct.pack("<f", item) for item in value))
        case _:
            raise TypeError(value)
    return message(1, name) + content + number(20, kind)


def node(op_type: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> bytes:
    """Return a NodeProto."""
    encoded = b"".join(message(1, name) for name in inputs) + b"".join(message(2, name) for name in outputs)
    encoded += message(4, op_type)
    return encoded + b"".join(message(5, attribute(name, value)) for name, value in attributes.items())


def value_info(name: str, shape: Shape | None) -> bytes:
    """Return a ValueInfoProto of floats; None is a dimension without a size, or a value of any type."""
    if shape is None:
        return message(1, name)
    dimensions = b"".join(message(1, message(2, "n") if size is None else number(1, size)) for size in shape)
    return message(1, name) + message(2, message(1, number(1, 1) + message(2, dimensions)))


def graph(
    nodes: Sequence[bytes],
    *,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape | None],
    weights: Mapping[str, NDArray[Any]] | None = None,
    typed: bool = False,
) -> GraphBytes:
    """Return a GraphProto."""
    return GraphBytes(
        b"".join(message(1, encoded) for encoded in nodes)
        + message(2, "a graph")
        + b"".join(message(5, tensor(name, value, typed=typed)) for name, value in (weights or {}).items())
        + b"".join(message(11, value_info(name, shape)) for name, shape in inputs.items())
        + b"".join(message(12, value_info(name, shape)) for name, shape in outputs.items())
    )


def model(encoded_graph: bytes, *, version: int = 13) -> bytes:
    """Return a ModelProto for a version of ONNX's operations."""
    return number(1, 8) + message(2, "a test") + message(7, encoded_graph) + message(8, number(2, version))


def head(
    nodes: Sequence[bytes],
    weights: Mapping[str, NDArray[Any]] | None = None,
    *,
    frames: int | None = 16,
    features: int = 96,
    classes: int = 1,
) -> bytes:
    """Return a model from "x" to "y" as wake word heads are."""
    return model(
        graph(nodes, inputs={"x": (1, frames, features)}, outputs={"y": (1, classes)}, weights=weights)
    )


def linear_head(weight: float = 0.001, *, frames: int = 16, classes: int = 1) -> bytes:
    """Return a head whose score is a sigmoid of the sum of all features times a weight."""
    size = frames * 96
    weights = {
        "w": (
            np.arange(1, classes + 1, dtype=np.float32)[:, np.newaxis] * np.full((classes, size), weight)
        ).astype(np.float32),
        "b": np.zeros(classes, np.float32),
    }
    nodes = [
        node("Flatten", ["x"], ["flat"], axis=1),
        node("Gemm", ["flat", "w", "b"], ["z"], alpha=1.0, beta=1.0, transB=1),
        node("Sigmoid", ["z"], ["y"]) if classes == 1 else node("Softmax", ["z"], ["y"], axis=1),
    ]
    return head(nodes, weights, frames=frames, classes=classes)
