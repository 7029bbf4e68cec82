"""Cost of operations, known before they run, because a head may be a user's own file.

A model that would need excessive time or memory is refused at loading, before it exhausts the machine.
"""

from collections.abc import Callable
import math
from typing import Final

import numpy as np

from ...core.errors import ModelTooCostly
from .attributes import Inputs
from .reader import Node, Tensor

type Cost = Callable[[Inputs], int]

NODE_COST: Final = 10_000
"""Overhead of an operation, in multiplications."""

ELEMENT_COST: Final = 8
"""Cost of an element in non-matrix operations, in matrix multiplications."""

MAX_ELEMENTS: Final = 500_000
"""Maximum elements of a value that is read or computed; published heads need a hundredth."""


def check_elements(elements: int) -> None:
    """Raise ModelTooCostly if a value has too many elements."""
    if elements > MAX_ELEMENTS:
        raise ModelTooCostly("the model needs more computing than a wake word may")


def cost_of(elements: int) -> int:
    """Return the cost of accessing this many elements. Raises ModelTooCostly if there are too many."""
    check_elements(elements)
    return NODE_COST + ELEMENT_COST * elements


def size_cost(_: Node) -> Cost:
    """Return the cost of an operation whose result is no larger than its inputs."""
    return lambda inputs: cost_of(sum(value.size for value in inputs))


def broadcast_cost(_: Node) -> Cost:
    """Return the cost of an operation on the elements of inputs that are broadcast to each other."""

    def cost(inputs: Inputs) -> int:
        size = math.prod(np.broadcast_shapes(*(value.shape for value in inputs)))
        return cost_of(size) * max(1, len(inputs) - 1)

    return cost


def product_cost(left: Tensor, right: Tensor) -> int:
    """Return the multiplications of left @ right. Raises ModelTooCostly if it is too large."""
    batch = math.prod(np.broadcast_shapes(left.shape[:-2], right.shape[:-2]))
    rows = left.shape[-2] if left.ndim > 1 else 1
    columns = right.shape[-1] if right.ndim > 1 else 1
    check_elements(batch * rows * columns)
    return NODE_COST + batch * rows * columns * max(1, left.shape[-1] if left.ndim else 1)
