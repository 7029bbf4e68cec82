"""Reader of TensorFlow Lite files: subgraphs, tensors, operators and metadata, with strict limits.

The files may be the user's own, so their content is untrusted: every offset is checked against the file,
numbers and sizes are bounded, and any violation raises ModelFileInvalid. Weights are copied only when they are
asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ModelFileInvalid, UnsupportedModel
from ..model_content import MAX_FILE_SIZE, read_model_file
from .codes import OPERATORS
from .flatbuffer import Flatbuffer, Table

IDENTIFIER: Final = b"TFL3"
"""Bytes 4 to 7 of every TensorFlow Lite file."""

MAX_SUBGRAPHS: Final = 64
MAX_TENSORS: Final = 4_096
"""Maximum number of tensors, and of operators, per subgraph."""

MAX_OPERANDS: Final = 256
"""Maximum number of inputs, and of outputs, of an operator or a subgraph."""

MAX_RANK: Final = 8
"""Maximum number of dimensions of a tensor."""

MAX_METADATA: Final = 64

_MAX_CHANNELS: Final = 65_536
"""Maximum number of quantization scales of a tensor."""

_CUSTOM: Final = 32

_DTYPES: Final[Mapping[int, str]] = {
    0: "<f4",
    1: "<f2",
    2: "<i4",
    3: "|u1",
    4: "<i8",
    6: "|b1",
    7: "<i2",
    9: "|i1",
    10: "<f8",
    12: "<u8",
    15: "<u4",
    16: "<u2",
}
"""numpy types of a tensor's type."""

_RESOURCE: Final = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """Mapping of whole numbers to real ones: scale * (number - zero point)."""

    scales: NDArray[np.float32]
    """Scale of the tensor, [1], or of each index along `axis`."""

    zero_points: NDArray[np.int64]
    """Zero points, as many as scales."""

    axis: int


class Tensor:
    """Value of a subgraph: a constant, a variable, or computed."""

    __slots__ = (
        "_data",
        "_room",
        "_values",
        "dtype",
        "is_resource",
        "is_variable",
        "name",
        "quantization",
        "shape",
        "signature",
    )

    def __init__(self, table: Table, data: memoryview, room: _Room) -> None:
        """Read a tensor, but not its values. Raises ModelFileInvalid."""
        kind = table.number(1, "b")
        self.name = table.text(3)
        self.shape = _shape(table, 0)
        """Size of each dimension; 1 for one that is unknown until the model runs."""

        self.signature = _shape(table, 7) or self.shape
        """Size of each dimension; -1 for one that is unknown until the model runs."""

        self.dtype: np.dtype[Any] | None = np.dtype(_DTYPES[kind]) if kind in _DTYPES else None
        """Type of the values; None for a resource or an unknown type."""

        self.is_resource = kind == _RESOURCE
        """Whether the value is the handle of a resource variable."""

        self.is_variable = bool(table.number(5, "?"))
        """Whether the value is kept from one run to the next."""

        self.quantization = _quantization(table.table(4))
        self._data = data
        self._room = room
        self._values: NDArray[Any] | None = None

    @property
    def is_constant(self) -> bool:
        """Whether the file holds the values."""
        return len(self._data) > 0 or (not self.is_variable and self.dtype is not None and 0 in self.shape)

    def values(self) -> NDArray[Any]:
        """Return the constant's values, an aligned copy that is made once.

        Raises ModelFileInvalid if there are none, if they do not fit the shape, or if the constants read so far
        exceed the size that a file may have: several may share one buffer.
        """
        if self._values is not None:
            return self._values
        if not self.is_constant or self.dtype is None:
            raise ModelFileInvalid("the model has no values for a constant")
        if math.prod(self.shape) * self.dtype.itemsize != len(self._data):
            raise ModelFileInvalid("the model contains a tensor whose size does not match its shape")
        self._room.take(len(self._data))
        values = np.frombuffer(self._data, self.dtype).astype(self.dtype.newbyteorder("="), copy=True)
        self._values = values.reshape(self.shape)
        return self._values


class Options:
    """Options of an operator. Fields are numbered as in the operator's table of the schema, from 0."""

    __slots__ = ("_table",)

    def __init__(self, table: Table | None) -> None:
        """Wrap the options; None if the operator has none, so that all fields have their default."""
        self._table = table

    def integer(self, field: int, default: int = 0) -> int:
        """Return a 32-bit whole number."""
        return default if self._table is None else self._table.number(field, "i", default)

    def small(self, field: int, default: int = 0) -> int:
        """Return an enumeration, such as a fused activation or a padding."""
        return default if self._table is None else self._table.number(field, "b", default)

    def flag(self, field: int, *, default: bool = False) -> bool:
        """Return a flag."""
        return default if self._table is None else bool(self._table.number(field, "?", default))

    def real(self, field: int, default: float = 0.0) -> float:
        """Return a floating-point number."""
        return default if self._table is None else self._table.real(field, default)

    def integers(self, field: int, limit: int = MAX_RANK) -> tuple[int, ...]:
        """Return a list of 32-bit whole numbers; empty if it is not set."""
        return () if self._table is None else self._table.integers(field, limit)

    def text(self, field: int) -> str:
        """Return a text, such as the name of a variable; empty if it is not set."""
        return "" if self._table is None else self._table.text(field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Operation of a subgraph."""

    name: str
    """Name in the schema, e.g. "FULLY_CONNECTED"; the name in the file for a custom operator."""

    version: int
    inputs: tuple[int, ...]
    """Indices of the subgraph's tensors; -1 is an omitted optional input."""

    outputs: tuple[int, ...]
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgraph:
    """Main graph of a model, which is the first, or a branch or initialization of it."""

    name: str
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Content of a TensorFlow Lite file."""

    description: str
    subgraphs: tuple[Subgraph, ...]
    """At least one."""

    metadata: Mapping[str, memoryview]
    """Content of the metadata by name."""


class _Room:
    """Remaining bytes for copies of constants."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_FILE_SIZE

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ModelFileInvalid("the model has too many weights")


def is_tflite(content: bytes) -> bool:
    """Return whether a file is a TensorFlow Lite file, judged by its first bytes."""
    return content[4:8] == IDENTIFIER


def read_model(path: Path) -> Model:
    """Read a TensorFlow Lite file.

    Raises ModelFileMissing if the file does not exist, and ModelFileInvalid if it is not a model.
    """
    return parse_model(read_model_file(path, MAX_FILE_SIZE))


def parse_model(content: bytes) -> Model:
    """Parse a TensorFlow Lite model. Raises ModelFileInvalid, or UnsupportedModel for an unknown version."""
    if not is_tflite(content):
        raise ModelFileInvalid("the file is not a TensorFlow Lite model")
    try:
        return _Parser(memoryview(content)).model()
    except (ValueError, OverflowError, MemoryError, RecursionError) as error:
        raise ModelFileInvalid("the model file is damaged") from error


class _Parser:
    """Parser of a single file."""

    def __init__(self, data: memoryview) -> None:
        self._file = Flatbuffer(data)
        self._root = self._file.root()
        self._room = _Room()

    def model(self) -> Model:
        """Return the model. Raises ModelFileInvalid."""
        if (version := self._root.number(0, "I")) != 3:
            raise UnsupportedModel(f"this engine does not know version {version} of TensorFlow Lite files")
        subgraphs = tuple(self._subgraph(table) for table in self._root.elements(2, MAX_SUBGRAPHS))
        if not subgraphs or not subgraphs[0].operators:
            raise ModelFileInvalid("the file contains no TensorFlow Lite graph")
        return Model(
            description=self._root.text(3),
            subgraphs=subgraphs,
            metadata={
                table.text(0): self._buffer(table.number(1, "I"))
                for table in self._root.elements(6, MAX_METADATA)
            },
        )

    def _subgraph(self, table: Table) -> Subgraph:
        tensors = tuple(
            Tensor(tensor, self._buffer(tensor.number(2, "I")), self._room)
            for tensor in table.elements(0, MAX_TENSORS)
        )
        operators = tuple(self._operator(operator) for operator in table.elements(3, MAX_TENSORS))
        inputs, outputs = table.integers(1, MAX_OPERANDS), table.integers(2, MAX_OPERANDS)
        for operands in (inputs, outputs, *(operator.outputs for operator in operators)):
            if any(not 0 <= index < len(tensors) for index in operands):
                raise ModelFileInvalid("the model uses an undefined value")
        for operator in operators:
            if any(not -1 <= index < len(tensors) for index in operator.inputs):
                raise ModelFileInvalid("the model uses an undefined value")
        return Subgraph(
            name=table.text(4), tensors=tensors, inputs=inputs, outputs=outputs, operators=operators
        )

    def _operator(self, table: Table) -> Operator:
        code = self._root.element(1, table.number(0, "I"))
        # Codes above 126 do not fit the old field of one byte; older files lack the new field.
        number = max(code.number(0, "b"), code.number(3, "i"))
        name = code.text(1) if number == _CUSTOM else OPERATORS.get(number, f"operator {number}")
        return Operator(
            name=name,
            version=code.number(2, "i", 1),
            inputs=table.integers(1, MAX_OPERANDS),
            outputs=table.integers(2, MAX_OPERANDS),
            options=Options(table.table(4) if table.number(3, "B") else None),
        )

    def _buffer(self, index: int) -> memoryview:
        """Return the content of a buffer; buffer 0 is always empty."""
        if index == 0:
            return memoryview(b"")
        table = self._root.element(4, index)
        # Large files keep their weights behind the flatbuffer; an offset of 1 stands for none.
        if (offset := table.number(1, "Q")) > 1:
            return self._file.span(offset, table.number(2, "Q"))
        return table.content(0)


def _shape(table: Table, field: int) -> tuple[int, ...]:
    shape = table.integers(field, MAX_RANK)
    if any(not -1 <= size <= MAX_FILE_SIZE for size in shape):
        raise ModelFileInvalid("the model contains a tensor with an invalid shape")
    return shape


def _quantization(table: Table | None) -> Quantization | None:
    """Return the quantization of a tensor, or None if it has real values."""
    if table is None or not table.length(2):
        return None
    scales = table.numbers(2, "<f4", _MAX_CHANNELS).astype(np.float32)
    zero_points = table.numbers(3, "<i8", _MAX_CHANNELS).astype(np.int64)
    if not len(zero_points):
        zero_points = np.zeros(len(scales), np.int64)
    if len(zero_points) == 1:
        zero_points = np.repeat(zero_points, len(scales))
    if len(zero_points) != len(scales) or not np.isfinite(scales).all():
        raise ModelFileInvalid("the model contains a damaged quantization")
    return Quantization(scales=scales, zero_points=zero_points, axis=table.number(6, "i"))
