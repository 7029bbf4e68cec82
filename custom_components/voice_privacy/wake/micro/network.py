"""Streaming network of microWakeWord: the graph of a model, run for many streams and steps at once.

A model keeps the past in variables: each holds the last rows of a sequence, to which a step appends its own. Given
several steps at once, the rows are appended together, and each step sees its window of them. The result is that of
one step after the other, for a fraction of the calls.
"""

from collections.abc import Callable
from dataclasses import dataclass
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ModelFileInvalid, UnsupportedModel
from ..tflite.reader import Model, Operator
from .frontend import BANDS, FEATURE_SCALE
from .operations import MAX_MULTIPLICATIONS, OPERATIONS, Build, Shape, slices_of
from .rescaling import Floats, Scale

MAX_ROWS: Final = 16
"""Maximum number of rows of features per step."""

_MAX_OPERATORS: Final = 512
_MAX_VALUES: Final = 1 << 16
"""Maximum number of values of a tensor."""

_MAX_ALL_VALUES: Final = 1 << 18
"""Maximum number of values of all tensors."""

_FEATURES: Final = 1_024
"""Number of different features; the loudest sound has 670."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """Rows of a sequence that are kept from one step to the next."""

    start: int
    """First value in the state of a stream."""

    kept: int
    added: int
    row: Shape
    row_size: int
    """Number of values of a row."""

    size: int
    """Number of values in the state."""

    end: int
    """End of the values in the state of a stream."""

    strides: tuple[int, ...]
    """Strides of the rows and within them, in bytes."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Operation with its inputs and outputs, as indices of tensors."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    run: Callable[..., Any]
    history: _History | None = None


class MicroNetwork:
    """Scores of one model. It has no state of its own: callers keep that of each stream."""

    def __init__(self, model: Model) -> None:
        """Translate a model. Raises ModelFileInvalid or UnsupportedModel."""
        try:
            graph = _Translation(model)
        except (ValueError, LookupError, ArithmeticError, MemoryError) as error:
            raise ModelFileInvalid("the model file is damaged") from error
        self.rows = graph.rows
        """Number of rows of features per step."""

        self.initial_state: Floats = np.concatenate([*graph.initial, np.empty(0, np.float32)])
        self._steps = graph.needed_steps()
        histories = [step.history for step in self._steps if step.history is not None]
        self.remembered_steps = 1 + sum(math.ceil(one.kept / one.added) for one in histories)
        """Number of newest steps that decide the probability: rows reach a later history through all of an earlier one."""

        self._values = graph.constants
        self._input, self._output = graph.input, graph.output
        source = Scale(graph.tensors[graph.input])
        reals = np.arange(_FEATURES) * FEATURE_SCALE / float(source.scale)
        # Unlike the reference, the loudest features do not wrap around to the lowest value.
        self._features = np.clip(np.round(reals), source.low, source.high).astype(np.float32)
        self._scale = np.float32(Scale(graph.tensors[graph.output]).scale)

    @property
    def state_size(self) -> int:
        """Number of values of a stream's state."""
        return len(self.initial_state)

    def run(self, features: NDArray[np.int64], state: Floats) -> Floats:
        """Return the probability of the wake word at each step, [streams, steps], and update the state.

        Args:
            features: Integer features, [streams, steps * rows, 40].
            state: State of each stream, [streams, values].
        """
        streams = len(features)
        values: list[Any] = list(self._values)
        values[self._input] = self._features.take(features, mode="clip").reshape(
            streams, -1, self.rows, BANDS
        )
        for step in self._steps:
            if step.history is not None:
                values[step.outputs[0]] = _windows(values[step.inputs[0]], state, step.history)
                continue
            result = step.run(*(values[index] for index in step.inputs))
            if len(step.outputs) == 1:
                values[step.outputs[0]] = result
            else:
                for index, part in zip(step.outputs, result, strict=True):
                    values[index] = part
        output: Floats = values[self._output].reshape(streams, -1)
        return output * self._scale


def _history(start: int, kept: int, added: Shape) -> _History:
    """Return the history of a sequence to which a step adds rows of a shape."""
    row = added[1:]
    size = kept * math.prod(row)
    strides = tuple(4 * math.prod(added[at:]) for at in range(1, len(added) + 1))
    return _History(
        start=start,
        kept=kept,
        added=added[0],
        row=row,
        row_size=math.prod(row),
        size=size,
        end=start + size,
        strides=strides,
    )


def _windows(added: Floats, state: Floats, history: _History) -> Floats:
    """Return each step's window of a sequence, [streams, steps, rows, ...], and keep its last rows."""
    streams, steps = added.shape[:2]
    part = state[:, history.start : history.end]
    # The rows of a sequence are one after the other, each with all its values.
    rows = np.concatenate((part, added.reshape(streams, -1)), axis=1)
    part[...] = rows[:, rows.shape[1] - history.size :]
    item = rows.itemsize
    shape = (streams, steps, history.kept + history.added, *history.row)
    strides = (rows.shape[1] * item, history.added * history.row_size * item, *history.strides)
    # Like as_strided, but without its checks, which take longer than the rest.
    return np.ndarray(shape, np.float32, rows, 0, strides)


class _Translation:
    """Translation of a graph into steps."""

    def __init__(self, model: Model) -> None:
        main = model.subgraphs[0]
        if len(main.inputs) != 1 or len(main.outputs) != 1 or len(main.operators) > _MAX_OPERATORS:
            raise UnsupportedModel("this is not a microWakeWord model")
        self.tensors = main.tensors
        self.input, self.output = main.inputs[0], main.outputs[0]
        self.steps: list[_Step] = []
        self.constants: list[Any] = [None] * len(self.tensors)
        self.initial: list[Floats] = []
        self._shapes: dict[int, Shape] = {}
        self._all_values = self._multiplications = self._state_size = 0
        self._handles: dict[int, str] = {}
        self._contents = _initial_contents(model)
        self._reads: dict[int, tuple[str, int]] = {}
        """Values read from a variable: its name, and how many of its first rows are left out."""

        self._sequences: dict[int, tuple[str, _History]] = {}
        """Values that are a variable's past with new rows appended."""

        self._tails: dict[int, tuple[int, int]] = {}
        """Slices of such values: their source and first row."""

        self._assigned: set[str] = set()
        self.rows = self._rows()
        self._computed(self.input, (self.rows, BANDS))
        for operator in main.operators:
            self._translate(operator)
        if {name for name, _ in self._sequences.values()} != self._assigned:
            raise UnsupportedModel("this engine does not support variables that are not kept")
        if math.prod(self._shapes.get(self.output, (0,))) != 1:
            raise UnsupportedModel("this is not a microWakeWord model")

    def needed_steps(self) -> list[_Step]:
        """Return the steps that contribute to the output or to what is kept."""
        needed = {self.output}
        steps = []
        for step in reversed(self.steps):
            if step.history is not None or needed.intersection(step.outputs):
                needed.update(step.inputs)
                steps.append(step)
        return steps[::-1]

    def _rows(self) -> int:
        shape = self.tensors[self.input].shape
        if len(shape) != 3 or shape[0] != 1 or not 1 <= shape[1] <= MAX_ROWS or shape[2] != BANDS:
            raise UnsupportedModel("this is not a microWakeWord model")
        return shape[1]

    def _computed(self, index: int, shape: Shape) -> None:
        """Note the shape of a computed value, within limits."""
        if index in self._shapes or self.tensors[index].shape != (1, *shape):
            raise ModelFileInvalid("the model contains a tensor that does not fit its operation")
        self._shapes[index] = shape
        self._all_values += math.prod(shape)
        if math.prod(shape) > _MAX_VALUES or self._all_values > _MAX_ALL_VALUES:
            raise UnsupportedModel("the model is too large for a wake word")

    def _translate(self, operator: Operator) -> None:
        match operator.name:
            case "CALL_ONCE":
                return
            case "VAR_HANDLE":
                self._handles[operator.outputs[0]] = operator.options.text(1)
            case "READ_VARIABLE":
                name = self._handles[operator.inputs[0]]
                self._reads[operator.outputs[0]] = name, 0
            case "ASSIGN_VARIABLE":
                self._assign(operator)
            case "STRIDED_SLICE" if operator.inputs[0] in self._reads:
                self._drop(operator)
            case "CONCATENATION" if operator.inputs[0] in self._reads:
                self._append(operator)
            case _:
                self._compute(operator)

    def _drop(self, operator: Operator) -> None:
        """Note a slice of a variable: without its first rows."""
        name, dropped = self._reads[operator.inputs[0]]
        shape = self._contents[name].shape[1:]
        first = _first_row(Build(operator, self.tensors, [(shape[0] - dropped, *shape[1:])]))
        if first is None:
            raise UnsupportedModel("this engine does not support this use of a variable")
        self._reads[operator.outputs[0]] = name, dropped + first

    def _append(self, operator: Operator) -> None:
        """Translate the concatenation of a variable's past with new rows."""
        past, added = operator.inputs
        name, dropped = self._reads[past]
        content = self._contents[name][0, dropped:]
        shape = self._shapes[added]
        if operator.options.integer(0) != 1 or shape[1:] != content.shape[1:] or operator.options.small(1):
            raise UnsupportedModel("this engine does not support this use of a variable")
        if any(name == other for other, _ in self._sequences.values()):
            raise UnsupportedModel("this engine does not support variables that are used twice")
        scale = Scale(self.tensors[past])
        if not all(scale.same(Scale(self.tensors[index])) for index in (added, operator.outputs[0])):
            raise UnsupportedModel("this engine does not support a change of scale here")
        history = _history(self._state_size, len(content), shape)
        (output,) = operator.outputs
        self._computed(output, (history.kept + history.added, *history.row))
        self._state_size += history.size
        self.initial.append(content.reshape(-1).astype(np.float32) - np.float32(scale.zero_point))
        self._sequences[output] = name, history
        self.steps.append(_Step((added,), (output,), _windows, history))

    def _assign(self, operator: Operator) -> None:
        """Check that a variable is assigned the last rows of its sequence, which is what streams keep."""
        handle, value = operator.inputs
        source, first = self._tails.get(value, (value, 0))
        name, history = self._sequences.get(source, ("", None))
        if history is None or name != self._handles[handle] or name in self._assigned:
            raise UnsupportedModel("this engine does not support this use of a variable")
        size = self._contents[name].shape[1]
        if history.kept + history.added - first != size or size < history.kept:
            raise UnsupportedModel("this engine does not support this use of a variable")
        self._assigned.add(name)

    def _compute(self, operator: Operator) -> None:
        if (translate := OPERATIONS.get(operator.name)) is None:
            raise UnsupportedModel(f"this engine does not support the operation {operator.name[:40]}")
        elementwise = operator.name in {"ADD", "MUL"}
        inputs = [index for index in operator.inputs if index in self._shapes]
        if not inputs or inputs[0] != operator.inputs[0]:
            raise UnsupportedModel("this engine does not support an operation on constants only")
        shapes = [self._shapes.get(index, ()) for index in operator.inputs]
        if elementwise and len(inputs) == 1:
            constant = self.tensors[operator.inputs[1]]
            if math.prod(constant.shape) > _MAX_VALUES:
                raise UnsupportedModel("the model is too large for a wake word")
            shapes[1] = constant.shape[1:] if len(constant.shape) == len(shapes[0]) + 1 else constant.shape
            inputs.append(operator.inputs[1])
            scale = Scale(constant)
            self.constants[operator.inputs[1]] = constant.values().astype(np.float32) - scale.zero_point
        function, shape, multiplications = translate(Build(operator, self.tensors, shapes))
        self._multiplications += multiplications
        if self._multiplications > MAX_MULTIPLICATIONS:
            raise UnsupportedModel("the model takes too long for a wake word")
        results = shape if len(operator.outputs) > 1 else [shape]
        for index, one in zip(operator.outputs, results, strict=True):
            self._computed(index, one)
        if operator.name == "STRIDED_SLICE" and operator.inputs[0] in self._sequences:
            first = _first_row(Build(operator, self.tensors, shapes))
            if first is not None:
                self._tails[operator.outputs[0]] = operator.inputs[0], first
        self.steps.append(_Step(tuple(inputs), operator.outputs, function))


def _first_row(build: Build) -> int | None:
    """Return the first row that a slice takes, or None if it takes anything but all rows from there on."""
    (first, *others), shape = slices_of(build), build.shapes[0]
    whole = [range(one.start, one.stop, one.step) for one in others]
    if (first.stop, first.step) != (shape[0], 1) or any(
        one != range(size) for one, size in zip(whole, shape[1:], strict=False)
    ):
        return None
    return int(first.start)


def _initial_contents(model: Model) -> dict[str, NDArray[Any]]:
    """Return the initial contents of the variables by name, as the model's initialization assigns them."""
    contents: dict[str, NDArray[Any]] = {}
    for call in model.subgraphs[0].operators:
        if call.name != "CALL_ONCE":
            continue
        subgraph = model.subgraphs[call.options.integer(0)]
        handles: dict[int, str] = {}
        for operator in subgraph.operators:
            if operator.name == "VAR_HANDLE":
                handles[operator.outputs[0]] = operator.options.text(1)
            elif operator.name == "ASSIGN_VARIABLE":
                handle, value = operator.inputs
                contents[handles[handle]] = subgraph.tensors[value].values()
            else:
                raise UnsupportedModel("this engine does not support this initialization")
    return contents
