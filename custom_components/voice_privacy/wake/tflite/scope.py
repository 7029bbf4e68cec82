"""Translation of one subgraph: names of its values, its constants, and the nodes added so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.cleaning import clean_text
from ...core.errors import ModelFileInvalid, ModelOperationUnknown, ModelTooCostly, UnsupportedModel
from ..onnx.reader import MAX_NODES, Attribute, Node
from .reader import MAX_RANK, Operator, Subgraph, Tensor

_MAX_QUANTIZED: Final = 2_000_000
"""Maximum quantized weights of a model, which take four times their size."""

_MAX_NAME: Final = 60
"""Maximum characters of an unknown operator's name that a message repeats."""


class Room:
    """Numbers that quantized weights may still become."""

    def __init__(self) -> None:
        """Begin with the room of a whole model."""
        self._left = _MAX_QUANTIZED

    def take(self, count: int) -> None:
        """Raise ModelTooCostly if there are too many."""
        self._left -= count
        if self._left < 0:
            raise ModelTooCostly("the model has too many quantized weights")


@dataclass(slots=True, kw_only=True)
class Scope:
    """Translation of one subgraph."""

    room: Room
    prefix: str
    subgraph: Subgraph
    depth: int
    bound: dict[int, str]
    """Names of the values that a branch takes from the graph around it."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)

    def name(self, index: int) -> str:
        """Return the name of a tensor; empty for an omitted input."""
        if index < 0:
            return ""
        if index in self.bound:
            return self.bound[index]
        name = f"{self.prefix}{index}"
        tensor = self.subgraph.tensors[index]
        if tensor.is_constant and name not in self.constants:
            self.constants[name] = _real_values(tensor, self.room)
        return name

    def tensor(self, index: int) -> Tensor:
        """Return a tensor. Raises ModelFileInvalid if it is omitted."""
        if index < 0:
            raise ModelFileInvalid("the model omits an input that is needed")
        return self.subgraph.tensors[index]

    def constant(self, values: Sequence[int]) -> str:
        """Return the name of a new constant of whole numbers."""
        name = f"{self.prefix}constant{len(self.constants)}"
        self.constants[name] = np.array(values, np.int64)
        return name

    def emit(self, op_type: str, inputs: Sequence[str], output: str = "", **attributes: Attribute) -> str:
        """Add a node; return the name of its result, which is a new one unless it is given."""
        result = output or f"{self.prefix}value{len(self.nodes)}"
        self.nodes.append(
            Node(op_type=op_type, inputs=tuple(inputs), outputs=(result,), attributes=attributes)
        )
        if len(self.nodes) > MAX_NODES:
            raise ModelFileInvalid("the model has too many nodes")
        return result


def _real_values(tensor: Tensor, room: Room) -> NDArray[Any]:
    """Return the values of a constant; quantized weights as the numbers that they stand for."""
    values = tensor.values()
    quantization = tensor.quantization
    if quantization is None or values.dtype.kind not in "iu" or values.dtype.itemsize > 2:
        return values
    room.take(values.size)
    count = len(quantization.scales)
    shape = [1] * values.ndim
    if count > 1:
        if not 0 <= quantization.axis < values.ndim or values.shape[quantization.axis] != count:
            raise ModelFileInvalid("the model contains a damaged quantization")
        shape[quantization.axis] = count
    centered = values.astype(np.float32) - quantization.zero_points.reshape(shape).astype(np.float32)
    return np.asarray(centered * quantization.scales.reshape(shape))


def numbers_of(scope: Scope, operator: Operator, at: int) -> tuple[int, ...]:
    """Return an input that must be a constant of a few whole numbers."""
    if at >= len(operator.inputs) or not scope.tensor(operator.inputs[at]).is_constant:
        raise UnsupportedModel("this engine does not support shapes that depend on the sound")
    values = scope.tensor(operator.inputs[at]).values()
    if values.size > 2 * MAX_RANK or values.dtype.kind not in "iu":
        raise ModelFileInvalid("the model has an invalid shape")
    return tuple(int(number) for number in values.reshape(-1))


def unknown(operator: Operator) -> ModelOperationUnknown:
    """Return the error for an operator that is not translated, with its name."""
    name = clean_text(operator.name, _MAX_NAME)
    return ModelOperationUnknown(f"this engine does not know the operation {name}", operation=name)
