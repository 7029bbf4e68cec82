"""Recurrent networks: RNN, GRU and LSTM, forwards, backwards or both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ...core.errors import ModelFileInvalid, UnsupportedModel
from .attributes import Inputs, Several, given, integer, real, text
from .costs import ELEMENT_COST, NODE_COST, Cost, check_elements
from .reader import Node, Tensor

type _Function = Callable[[Tensor], Tensor]

_GATES: Final = {"RNN": 1, "GRU": 3, "LSTM": 4}
_ACTIVATIONS: Final = {
    "RNN": ("Tanh",),
    "GRU": ("Sigmoid", "Tanh"),
    "LSTM": ("Sigmoid", "Tanh", "Tanh"),
}
_DIRECTIONS: Final = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
_STEP_COST: Final = 6 * NODE_COST
"""Overhead of a step in time: its operations on a few numbers."""

_MAX_STEPS: Final = 1_000


def sigmoid(value: Tensor) -> Tensor:
    """Return 1 / (1 + e^-x)."""
    # Beyond +-80 a float32 sigmoid is constant, and exp would overflow.
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -80, 80))))


def _relu(value: Tensor) -> Tensor:
    return np.maximum(value, np.float32(0))


_FUNCTIONS: Final[dict[str, _Function]] = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": _relu}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """One direction of a network."""

    backwards: bool
    functions: tuple[_Function, ...]
    input: Tensor
    """Weights, [gates * hidden, inputs]."""

    recurrent: Tensor
    """Weights, [gates * hidden, hidden]."""

    bias: tuple[Tensor, Tensor]
    """Biases of the input and of the state, each [gates * hidden]."""

    peepholes: Tensor | None
    hidden: Tensor
    """Initial state, [rows, hidden]."""

    cell: Tensor
    """Initial cell state of an LSTM, [rows, hidden]."""


class _Network:
    """Settings of a node."""

    def __init__(self, node: Node) -> None:
        self.kind = node.op_type
        self.gates = _GATES[self.kind]
        direction = text(node, "direction", "forward").lower()
        if direction not in _DIRECTIONS:
            raise ModelFileInvalid("an attribute of the model has the wrong type")
        self.directions = _DIRECTIONS[direction]
        self.functions = _functions(node, len(self.directions))
        self.rows_first = bool(integer(node, "layout", 0))
        self.reset_after = bool(integer(node, "linear_before_reset", 0))
        self.coupled = bool(integer(node, "input_forget", 0))
        self.clip = real(node, "clip", 0.0)
        self.size = integer(node, "hidden_size", 0)
        """Declared size of a state; 0 if it follows from the weights."""

    def layers(self, inputs: Inputs, rows: int) -> list[_Layer]:
        """Return the network's directions. Raises ValueError if the weights do not fit."""
        weights, recurrent = inputs[1], inputs[2]
        size = recurrent.shape[-1]
        count, width = len(self.directions), self.gates * size
        declared = self.size in (0, size) and size > 0
        if not declared or recurrent.shape != (count, width, size) or weights.shape[:2] != (count, width):
            raise ValueError("weights of another size")
        bias = self._optional(inputs, 3, (count, 2 * width))
        hidden = self._state(inputs, 5, rows, size)
        cell = self._state(inputs, 6, rows, size)
        peepholes = given(inputs, 7)
        if peepholes is not None and peepholes.shape != (count, 3 * size):
            raise ValueError("weights of another size")
        return [
            _Layer(
                backwards=backwards,
                functions=self.functions[at],
                input=weights[at],
                recurrent=recurrent[at],
                bias=(bias[at, :width], bias[at, width:]),
                peepholes=None if peepholes is None else peepholes[at],
                hidden=hidden[at],
                cell=cell[at],
            )
            for at, backwards in enumerate(self.directions)
        ]

    def _optional(self, inputs: Inputs, at: int, shape: tuple[int, ...]) -> Tensor:
        """Return an optional input, or zeros. Raises ValueError if it has another shape."""
        value = given(inputs, at)
        if value is None:
            return np.zeros(shape, np.float32)
        if value.shape != shape:
            raise ValueError("weights of another size")
        return value

    def _state(self, inputs: Inputs, at: int, rows: int, size: int) -> Tensor:
        """Return an initial state, [directions, rows, hidden]."""
        count = len(self.directions)
        if self.rows_first:
            return self._optional(inputs, at, (rows, count, size)).transpose(1, 0, 2)
        return self._optional(inputs, at, (count, rows, size))

    def clipped(self, value: Tensor) -> Tensor:
        return np.clip(value, -self.clip, self.clip) if self.clip > 0 else value


def _functions(node: Node, directions: int) -> list[tuple[_Function, ...]]:
    """Return the activation functions of each direction."""
    names: Any = node.attributes.get("activations")
    defaults = _ACTIVATIONS[node.op_type]
    if names is None:
        names = [name.encode() for name in defaults * directions]
    if not isinstance(names, Sequence) or isinstance(names, bytes):
        names = [names]
    if len(names) != len(defaults) * directions:
        raise ModelFileInvalid("an attribute of the model has the wrong type")
    functions = []
    for name in names:
        known = _FUNCTIONS.get(name.decode(errors="replace").lower()) if isinstance(name, bytes) else None
        if known is None:
            raise UnsupportedModel(f"this engine does not know an activation of {node.op_type}")
        functions.append(known)
    size = len(defaults)
    return [tuple(functions[at : at + size]) for at in range(0, len(functions), size)]


def recurrent(node: Node, _: int) -> Several:
    """Build RNN, GRU or LSTM; its outputs are all states, the last state, and the last cell state."""
    network = _Network(node)
    step = {"RNN": _step_rnn, "GRU": _step_gru, "LSTM": _step_lstm}[node.op_type]

    def run(inputs: Inputs) -> Sequence[Tensor]:
        value = inputs[0].transpose(1, 0, 2) if network.rows_first else inputs[0]
        steps, rows, _ = value.shape
        lengths = given(inputs, 4)
        if lengths is not None and (lengths.shape != (rows,) or bool((lengths != steps).any())):
            raise UnsupportedModel("this engine does not know sequences of different lengths")
        all_states, last, cells = [], [], []
        for layer in network.layers(inputs, rows):
            hidden, cell = layer.hidden, layer.cell
            states: list[Tensor] = [hidden] * steps
            heard = value @ layer.input.T + layer.bias[0]
            for at in reversed(range(steps)) if layer.backwards else range(steps):
                hidden, cell = step(network, layer, heard[at], hidden, cell)
                states[at] = hidden
            all_states.append(np.stack(states))
            last.append(hidden)
            cells.append(cell)
        outputs = np.stack(all_states, axis=1), np.stack(last), np.stack(cells)
        if network.rows_first:
            return (
                outputs[0].transpose(2, 0, 1, 3),
                outputs[1].transpose(1, 0, 2),
                outputs[2].transpose(1, 0, 2),
            )
        return outputs

    return run


def _step_rnn(
    network: _Network, layer: _Layer, heard: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    state = heard + hidden @ layer.recurrent.T + layer.bias[1]
    return layer.functions[0](network.clipped(state)), cell


def _step_gru(
    network: _Network, layer: _Layer, heard: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    size = hidden.shape[1]
    gates, new = slice(None, 2 * size), slice(2 * size, None)
    weights, bias = layer.recurrent, layer.bias[1]
    both = layer.functions[0](network.clipped(heard[:, gates] + hidden @ weights[gates].T + bias[gates]))
    update, reset = both[:, :size], both[:, size:]
    if network.reset_after:
        kept = reset * (hidden @ weights[new].T + bias[new])
    else:
        kept = (reset * hidden) @ weights[new].T + bias[new]
    candidate = layer.functions[1](network.clipped(heard[:, new] + kept))
    return candidate + update * (hidden - candidate), cell


def _step_lstm(
    network: _Network, layer: _Layer, heard: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    size = hidden.shape[1]
    total = heard + hidden @ layer.recurrent.T + layer.bias[1]
    entering, leaving, forgetting, new = (total[:, at * size : (at + 1) * size] for at in range(4))
    peephole = layer.peepholes
    if peephole is not None:
        entering = entering + peephole[:size] * cell
        forgetting = forgetting + peephole[2 * size :] * cell
    gate, squash, squash_out = layer.functions
    enter = gate(network.clipped(entering))
    forget = 1 - enter if network.coupled else gate(network.clipped(forgetting))
    cell = forget * cell + enter * squash(network.clipped(new))
    if peephole is not None:
        leaving = leaving + peephole[size : 2 * size] * cell
    return gate(network.clipped(leaving)) * squash_out(cell), cell


def recurrent_cost(node: Node) -> Cost:
    """Return the cost of a recurrent network."""
    network = _Network(node)

    def cost(inputs: Inputs) -> int:
        value, weights, back = inputs[0], inputs[1], inputs[2]
        if value.ndim != 3 or weights.ndim != 3 or back.ndim != 3 or value.shape[2] != weights.shape[2]:
            raise ValueError("weights of another size")
        steps, rows = (value.shape[1], value.shape[0]) if network.rows_first else value.shape[:2]
        if steps > _MAX_STEPS:
            check_elements(steps * 1_000)
        for part in inputs[1:]:
            check_elements(part.size)
        results = len(network.directions) * steps * rows * network.gates * back.shape[2]
        check_elements(results)
        width = weights.shape[2] + back.shape[2]
        overhead = len(network.directions) * steps * _STEP_COST
        return int(NODE_COST + overhead + results * (width + ELEMENT_COST * network.gates) + value.size)

    return cost
