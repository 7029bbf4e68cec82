"""Parser for ONNX files: graph, weights and attributes, with strict limits.

The files may be the user's own, so their content is untrusted: lengths are checked against the data, nesting
and sizes are bounded, and any violation raises ModelFileInvalid.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
import math
from pathlib import Path
import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ModelFileInvalid, ModelWeightsElsewhere
from ..model_content import MAX_FILE_SIZE, read_model_file

type Tensor = NDArray[Any]
type Attribute = (
    int | float | bytes | Tensor | Graph | tuple[int, ...] | tuple[float, ...] | tuple[bytes, ...]
)

MAX_DEPTH: Final = 4
"""Maximum nesting of subgraphs."""

MAX_NODES: Final = 4_096
"""Maximum number of nodes per graph."""

LATEST_VERSION: Final = 26
"""Newest version of ONNX's operations whose changes are known here."""

MAX_RANK: Final = 8
"""Maximum number of dimensions of a tensor."""

_VARINT: Final = 0
_FIXED64: Final = 1
_BYTES: Final = 2
_FIXED32: Final = 5

_MAX_FIELDS: Final = 200_000
"""Maximum number of fields and packed numbers per file, which limits a hostile file to a second."""

_MAX_TEXT: Final = 4_096
"""Maximum bytes of a name or a string attribute."""

_DTYPES: Final[Mapping[int, str]] = {
    1: "<f4",
    2: "u1",
    3: "i1",
    6: "<i4",
    7: "<i8",
    9: "?",
    10: "<f2",
    11: "<f8",
}
"""numpy types of TensorProto.data_type."""

_TYPED_FIELDS: Final[Mapping[int, tuple[int, ...]]] = {
    1: (4,),
    2: (5,),
    3: (5,),
    6: (5,),
    7: (7,),
    9: (5,),
    11: (10,),
}
"""Fields of TensorProto with the values of a data type if there is no raw_data (9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Operation of a graph."""

    op_type: str
    inputs: tuple[str, ...]
    """Names of values; an empty name is an omitted optional input."""

    outputs: tuple[str, ...]
    """Names of values; an empty name is an output that nothing uses."""

    attributes: Mapping[str, Attribute]
    domain: str = ""
    """Namespace of the operation; empty for ONNX's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueInfo:
    """Input or output of a graph."""

    name: str
    shape: tuple[int | None, ...]
    """Size of each dimension; None for a dimension that is symbolic or unspecified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Graph of a model or of a branch of an `If`."""

    nodes: tuple[Node, ...]
    initializers: Mapping[str, Tensor]
    """Weights by name, each an aligned copy: BLAS copies an unaligned matrix on every call."""

    inputs: tuple[ValueInfo, ...]
    """Inputs that are not initializers."""

    outputs: tuple[ValueInfo, ...]
    version: int = LATEST_VERSION
    """Version of ONNX's operations, which changes what some of them mean."""


def read_model(path: Path) -> Graph:
    """Read the graph of an ONNX file.

    Raises ModelFileMissing if the file does not exist, and ModelFileInvalid if it is not an ONNX model.
    """
    return parse_model(read_model_file(path, MAX_FILE_SIZE))


def parse_model(content: bytes) -> Graph:
    """Parse the graph of an ONNX model. Raises ModelFileInvalid."""
    try:
        graph = _Parser().model(memoryview(content))
    except (ValueError, OverflowError, struct.error, MemoryError, RecursionError) as error:
        raise ModelFileInvalid("the model file is damaged") from error
    if graph is None or not graph.nodes:
        raise ModelFileInvalid("the file contains no ONNX graph")
    return graph


type _Value = int | memoryview


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    """Return an unsigned varint of at most 64 bits and the position after it."""
    result = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise ModelFileInvalid("the model file is truncated")
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & 0xFFFF_FFFF_FFFF_FFFF, position
    raise ModelFileInvalid("the model file contains an overlong number")


def _message(value: _Value) -> memoryview:
    if isinstance(value, int):
        raise ModelFileInvalid("the model file contains a number instead of a message")
    return value


def _string(value: _Value) -> bytes:
    if len(data := _message(value)) > _MAX_TEXT:
        raise ModelFileInvalid("the model file contains a string that is too long")
    return bytes(data)


def _text(value: _Value) -> str:
    return _string(value).decode()


def _number(value: _Value) -> int:
    """Convert a varint to a signed 64-bit number."""
    if not isinstance(value, int):
        raise ModelFileInvalid("the model file contains a message instead of a number")
    return value - (1 << 64) if value >= 1 << 63 else value


def _float(value: _Value) -> float:
    (result,) = struct.unpack("<f", _message(value))
    return float(result)


_SCALARS: Final[Mapping[int, Callable[[_Value], Attribute]]] = {2: _float, 3: _number, 4: _string}
"""Parsers of the AttributeProto fields with a single scalar value."""


class _Parser:
    """Parser of a single file, which enforces its field limit."""

    def __init__(self) -> None:
        self._left = _MAX_FIELDS

    def model(self, data: memoryview) -> Graph | None:
        """Return the graph of a ModelProto, or None if it has no graph."""
        graph: memoryview | None = None
        version = 1
        for number, _, value in self._fields(data):
            if number == 7:
                graph = _message(value)
            elif number == 8:
                version = self._version(_message(value)) or version
        return None if graph is None else replace(self._graph(graph, 0), version=version)

    def _version(self, data: memoryview) -> int | None:
        """Return the version in an OperatorSetIdProto, or None if it is that of another namespace."""
        domain, version = "", 0
        for number, _, value in self._fields(data):
            if number == 1:
                domain = _text(value)
            elif number == 2:
                version = _number(value)
        return version if domain in ("", "ai.onnx") else None

    def _spend(self, count: int = 1) -> None:
        self._left -= count
        if self._left < 0:
            raise ModelFileInvalid("the model file contains too many fields")

    def _fields(self, data: memoryview) -> Iterator[tuple[int, int, _Value]]:
        """Yield (number, wire type, value) of every field of a message."""
        position = 0
        while position < len(data):
            self._spend()
            key, position = _varint(data, position)
            number, wire = key >> 3, key & 7
            if wire == _VARINT:
                value, position = _varint(data, position)
                yield number, wire, value
                continue
            if wire == _BYTES:
                size, position = _varint(data, position)
            elif wire in (_FIXED32, _FIXED64):
                size = 4 if wire == _FIXED32 else 8
            else:
                raise ModelFileInvalid("the model file contains a field with an unknown wire type")
            if size > len(data) - position:
                raise ModelFileInvalid("the model file is truncated")
            yield number, wire, data[position : position + size]
            position += size

    def _integers(self, value: _Value) -> Iterator[int]:
        """Yield the integers of a packed or unpacked field."""
        if isinstance(value, int):
            yield _number(value)
            return
        position = 0
        while position < len(value):
            self._spend()
            number, position = _varint(value, position)
            yield _number(number)

    def _graph(self, data: memoryview, depth: int) -> Graph:
        if depth > MAX_DEPTH:
            raise ModelFileInvalid("the model is nested too deeply")
        nodes: list[Node] = []
        initializers: dict[str, Tensor] = {}
        inputs: list[ValueInfo] = []
        outputs: list[ValueInfo] = []
        for number, _, value in self._fields(data):
            if number == 1:
                nodes.append(self._node(_message(value), depth))
                if len(nodes) > MAX_NODES:
                    raise ModelFileInvalid("the model has too many nodes")
            elif number == 5:
                name, tensor = self._tensor(_message(value))
                initializers[name] = tensor
            elif number == 11:
                inputs.append(self._value_info(_message(value)))
            elif number == 12:
                outputs.append(self._value_info(_message(value)))
        return Graph(
            nodes=tuple(nodes),
            initializers=initializers,
            inputs=tuple(info for info in inputs if info.name not in initializers),
            outputs=tuple(outputs),
        )

    def _node(self, data: memoryview, depth: int) -> Node:
        op_type = ""
        inputs: list[str] = []
        outputs: list[str] = []
        attributes: dict[str, Attribute] = {}
        domain = ""
        for number, _, value in self._fields(data):
            if number == 1:
                inputs.append(_text(value))
            elif number == 2:
                outputs.append(_text(value))
            elif number == 4:
                op_type = _text(value)
            elif number == 5:
                name, attribute = self._attribute(_message(value), depth)
                if attribute is not None:
                    attributes[name] = attribute
            elif number == 7:
                domain = _text(value)
        return Node(
            op_type=op_type,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            attributes=attributes,
            domain=domain,
        )

    def _attribute(self, data: memoryview, depth: int) -> tuple[str, Attribute | None]:
        """Return name and value of an AttributeProto; the value is None for an unsupported type."""
        name = ""
        result: Attribute | None = None
        lists: dict[int, list[Any]] = {7: [], 8: [], 9: []}
        for number, _, value in self._fields(data):
            if number == 1:
                name = _text(value)
            elif number in _SCALARS:
                result = _SCALARS[number](value)
            elif number == 5:
                result = self._tensor(_message(value))[1]
            elif number == 6:
                result = self._graph(_message(value), depth + 1)
            elif number in lists:
                lists[number].extend(self._list(number, value))
        if result is None:
            result = next((tuple(lists[number]) for number in (9, 8, 7) if lists[number]), None)
        return name, result

    def _list(self, number: int, value: _Value) -> Iterable[float | bytes]:
        """Return the elements in a field of an AttributeProto that is a list."""
        if number == 8:
            return self._integers(value)
        if number == 9:
            return [_string(value)]
        numbers = np.frombuffer(_message(value), "<f4")
        self._spend(numbers.size)
        return [float(part) for part in numbers]

    def _tensor(self, data: memoryview) -> tuple[str, Tensor]:
        """Return the name of a TensorProto and its values as an aligned copy."""
        name = ""
        shape: list[int] = []
        data_type = 0
        raw: memoryview | None = None
        typed: list[tuple[int, _Value]] = []
        for number, _, value in self._fields(data):
            if number == 1:
                shape.extend(self._integers(value))
            elif number == 2:
                data_type = _number(value)
            elif number == 8:
                name = _text(value)
            elif number == 9:
                raw = _message(value)
            elif number == 13 or (number == 14 and _number(value)):
                raise ModelWeightsElsewhere("the model stores weights outside its file")
            else:
                typed.append((number, value))
        if (dtype := _DTYPES.get(data_type)) is None:
            raise ModelFileInvalid("the model contains a tensor of an unknown type")
        if len(shape) > MAX_RANK or any(size < 0 or size > MAX_FILE_SIZE for size in shape):
            raise ModelFileInvalid("the model contains a tensor with an invalid shape")
        values = self._typed_values(data_type, typed) if raw is None else np.frombuffer(raw, dtype)
        if values.size != math.prod(shape):
            raise ModelFileInvalid("the model contains a tensor whose size does not match its shape")
        return name, np.array(values, dtype=np.dtype(dtype).newbyteorder("="), order="C").reshape(shape)

    def _typed_values(self, data_type: int, fields: list[tuple[int, _Value]]) -> Tensor:
        """Return the values of a tensor from the field of its data type."""
        wanted = _TYPED_FIELDS.get(data_type, ())
        values = [value for number, value in fields if number in wanted]
        if data_type in (1, 11):
            dtype = _DTYPES[data_type]
            parts = [np.frombuffer(_message(value), dtype) for value in values]
            return np.concatenate(parts) if parts else np.empty(0, dtype)
        return np.array([number for value in values for number in self._integers(value)], np.int64)

    def _value_info(self, data: memoryview) -> ValueInfo:
        """Return name and shape of a ValueInfoProto."""
        name = ""
        shape: list[int | None] = []
        for number, _, value in self._fields(data):
            if number == 1:
                name = _text(value)
            elif number == 2:
                shape = [self._dimension(dimension) for dimension in self._dimensions(_message(value))]
        return ValueInfo(name=name, shape=tuple(shape))

    def _dimensions(self, type_proto: memoryview) -> Iterator[memoryview]:
        """Yield the Dimension messages of TypeProto.tensor_type.shape."""
        for number, _, tensor_type in self._fields(type_proto):
            if number != 1:
                continue
            for part, _, shape in self._fields(_message(tensor_type)):
                if part != 2:
                    continue
                for field, _, dimension in self._fields(_message(shape)):
                    if field == 1:
                        yield _message(dimension)

    def _dimension(self, data: memoryview) -> int | None:
        for number, _, value in self._fields(data):
            if number == 1:
                return _number(value)
        return None
