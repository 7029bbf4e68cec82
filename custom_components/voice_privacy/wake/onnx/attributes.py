"""Typed access to what an operation is given: its attributes and its optional inputs."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from ...core.errors import ModelFileInvalid
from .reader import MAX_RANK, Node, Tensor

type Inputs = Sequence[Tensor]
type Operation = Callable[[Inputs], Tensor]
type Several = Callable[[Inputs], Sequence[Tensor]]
"""Operation with several outputs."""

ABSENT: Final[Tensor] = np.zeros((), np.float32)
"""Stands for an omitted optional input; compared by identity. It can be broadcast to any shape."""

_WRONG: Final = "an attribute of the model has the wrong type"


def given(inputs: Inputs, at: int) -> Tensor | None:
    """Return an optional input, or None if it is omitted."""
    if at >= len(inputs) or inputs[at] is ABSENT:
        return None
    return inputs[at]


def real(node: Node, name: str, default: float) -> float:
    """Return a number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int | float):
        raise ModelFileInvalid(_WRONG)
    return float(value)


def integer(node: Node, name: str, default: int) -> int:
    """Return a whole number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise ModelFileInvalid(_WRONG)
    return value


def integers(node: Node, name: str) -> tuple[int, ...] | None:
    """Return a few whole numbers, such as axes or sizes; None if there is no such attribute."""
    value = node.attributes.get(name)
    if value is None:
        return None
    if not isinstance(value, tuple) or not all(isinstance(part, int) for part in value):
        raise ModelFileInvalid(_WRONG)
    if len(value) > 2 * MAX_RANK:
        raise ModelFileInvalid("an attribute of the model has too many numbers")
    return tuple(int(part) for part in value)


def text(node: Node, name: str, default: str) -> str:
    """Return a text."""
    value = node.attributes.get(name, default.encode())
    if not isinstance(value, bytes):
        raise ModelFileInvalid(_WRONG)
    return value.decode(errors="replace")


def few(value: Tensor) -> tuple[int, ...]:
    """Return the axes or sizes in a tensor."""
    if value.size > 2 * MAX_RANK:
        raise ValueError("too many dimensions")
    return tuple(int(number) for number in value.reshape(-1))


def axes_of(node: Node, inputs: Inputs) -> tuple[int, ...] | None:
    """Return the axes, which older models store in an attribute and newer models in an input."""
    axes = given(inputs, 1)
    return integers(node, "axes") if axes is None else few(axes)


def axis_of(axis: int, rank: int, *, end: bool = False) -> int:
    """Return an axis counted from the front; with `end`, the axis after the last is also valid."""
    if not -rank <= axis < rank + end:
        raise ValueError("axis out of range")
    return axis + rank if axis < 0 else axis
