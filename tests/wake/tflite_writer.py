"""Write tiny TensorFlow Lite models, so that tests need no published one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.wake.tflite.codes import OPERATORS

CODES = {name: code for code, name in OPERATORS.items()}
TYPES = {
    "float32": 0, "float16": 1, "int32": 2, "uint8": 3, "int64": 4, "bool": 6, "int16": 7, "int8": 9, "float64": 10, "resource": 13,
}  # fmt: skip


@dataclass(frozen=True)
class Vector:
    """A vector of numbers, given as its bytes."""

    content: bytes
    count: int


@dataclass(frozen=True)
class Scalar:
    """A number in a table."""

    format: str
    value: float


type Fields = Mapping[int, Value]
type Value = Scalar | Vector | str | Fields | Sequence[Fields]


def integers(values: Sequence[int], kind: str = "i") -> Vector:
    """Return a vector of whole numbers."""
    return Vector(struct.pack(f"<{len(values)}{kind}", *values), len(values))


def reals(values: Sequence[float]) -> Vector:
    """Return a vector of floats."""
    return Vector(struct.pack(f"<{len(values)}f", *values), len(values))


def raw(content: bytes) -> Vector:
    """Return a vector of bytes."""
    return Vector(content, len(content))


class _Builder:
    """Write a flatbuffer from front to back: a table, then what its fields refer to."""

    def __init__(self) -> None:
        self.data = bytearray()

    def align(self, size: int) -> None:
        self.data += bytes(-len(self.data) % size)

    def refer(self, place: int) -> None:
        """Make the field at a place refer to what is written next."""
        struct.pack_into("<I", self.data, place, len(self.data) - place)

    def table(self, fields: Fields) -> int:
        """Write a table with all that it refers to; return its position."""
        count = max(fields, default=-1) + 1
        offsets, size = [0] * count, 4
        for number, value in sorted(fields.items()):
            width = struct.calcsize(f"<{value.format}") if isinstance(value, Scalar) else 4
            size += -size % width
            offsets[number] = size
            size += width
        self.align(8)
        layout = len(self.data)
        self.data += struct.pack(f"<HH{count}H", 4 + 2 * count, size, *offsets)
        self.align(8)
        position = len(self.data)
        self.data += struct.pack("<i", position - layout) + bytes(size - 4)
        for number, value in fields.items():
            place = position + offsets[number]
            if isinstance(value, Scalar):
                struct.pack_into(f"<{value.format}", self.data, place, value.value)
        for number, value in fields.items():
            if not isinstance(value, Scalar):
                self.target(position + offsets[number], value)
        return position

    def target(self, place: int, value: Value) -> None:
        """Write what a field refers to."""
        match value:
            case Vector():
                self.align(4)
                # The numbers themselves are aligned to 16 bytes, as in real files.
                self.data += bytes(-(len(self.data) + 4) % 16)
                self.refer(place)
                self.data += struct.pack("<I", value.count) + value.content
            case str():
                self.align(4)
                self.refer(place)
                self.data += struct.pack("<I", len(value.encode())) + value.encode() + b"\0"
            case Mapping():
                at = self.table(value)
                struct.pack_into("<I", self.data, place, at - place)
            case Scalar():
                raise TypeError(value)
            case _:
                self.align(4)
                self.refer(place)
                start = len(self.data) + 4
                self.data += struct.pack("<I", len(value)) + bytes(4 * len(value))
                for index, part in enumerate(value):
                    assert isinstance(part, Mapping)
                    at = self.table(part)
                    struct.pack_into("<I", self.data, start + 4 * index, at - start - 4 * index)


def flatbuffer(root: Fields, identifier: bytes = b"TFL3") -> bytes:
    """Return the file with this root table."""
    builder = _Builder()
    builder.data += bytes(4) + identifier
    at = builder.table(root)
    struct.pack_into("<I", builder.data, 0, at)
    return bytes(builder.data)


@dataclass
class Tensor:
    """A value of a subgraph."""

    shape: Sequence[int]
    dtype: str = "float32"
    values: NDArray[Any] | None = None
    quantization: tuple[Sequence[float], Sequence[int], int] | None = None
    """Scales, zero points and axis."""

    variable: bool = False
    signature: Sequence[int] | None = None


def constant(values: Any, dtype: str = "float32") -> Tensor:
    """Return a tensor with values."""
    array = np.asarray(values, dtype)
    return Tensor(array.shape, dtype, array)


@dataclass
class Operator:
    """An operation; inputs and outputs are names of tensors, "" is omitted."""

    name: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    options: Fields = field(default_factory=dict)


@dataclass
class Subgraph:
    """A graph; tensors by name."""

    tensors: Mapping[str, Tensor]
    inputs: Sequence[str]
    outputs: Sequence[str]
    operators: Sequence[Operator]


def model(
    *subgraphs: Subgraph, metadata: Mapping[str, bytes] | None = None, version: int = 3, **more: Any
) -> bytes:
    """Return a model; `more` are further fields of its root table, by "field_N"."""
    names = list(dict.fromkeys(operator.name for subgraph in subgraphs for operator in subgraph.operators))
    buffers: list[Fields] = [{}]

    def buffer(content: bytes) -> int:
        buffers.append({0: raw(content)})
        return len(buffers) - 1

    graphs = [_subgraph(subgraph, names, buffer) for subgraph in subgraphs]
    notes = [{0: name, 1: Scalar("I", buffer(content))} for name, content in (metadata or {}).items()]
    root: dict[int, Any] = {
        0: Scalar("I", version),
        1: [_code(name) for name in names],
        2: graphs,
        3: "a test",
        4: buffers,
        6: notes,
    }
    return flatbuffer(root | {int(name.removeprefix("field_")): value for name, value in more.items()})


def _code(name: str) -> Fields:
    if name not in CODES:
        return {0: Scalar("b", 32), 1: name, 3: Scalar("i", 32)}
    return {0: Scalar("b", min(CODES[name], 127)), 2: Scalar("i", 1), 3: Scalar("i", CODES[name])}


def _subgraph(subgraph: Subgraph, names: Sequence[str], buffer: Any) -> Fields:
    places = {name: index for index, name in enumerate(subgraph.tensors)} | {"": -1}
    tensors = []
    for name, tensor in subgraph.tensors.items():
        fields: dict[int, Any] = {
            0: integers(tensor.shape),
            1: Scalar("b", TYPES[tensor.dtype]),
            3: name,
            5: Scalar("?", tensor.variable),
        }
        if tensor.values is not None:
            fields[2] = Scalar("I", buffer(np.ascontiguousarray(tensor.values).tobytes()))
        if tensor.quantization is not None:
            scales, zeros, axis = tensor.quantization
            fields[4] = {2: reals(scales), 3: integers(zeros, "q"), 6: Scalar("i", axis)}
        if tensor.signature is not None:
            fields[7] = integers(tensor.signature)
        tensors.append(fields)
    operators = []
    for operator in subgraph.operators:
        fields = {
            0: Scalar("I", names.index(operator.name)),
            1: integers([places[name] for name in operator.inputs]),
            2: integers([places[name] for name in operator.outputs]),
        }
        if operator.options:
            # The reader takes the options' type from the operation, and only asks whether there is one.
            fields |= {3: Scalar("B", 1), 4: operator.options}
        operators.append(fields)
    return {
        0: tensors,
        1: integers([places[name] for name in subgraph.inputs]),
        2: integers([places[name] for name in subgraph.outputs]),
        3: operators,
        4: "main",
    }
