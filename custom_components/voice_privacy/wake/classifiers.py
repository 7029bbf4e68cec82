"""Wake word heads: the final, small network of each wake word, which maps embeddings to a score."""

from collections.abc import Mapping
from dataclasses import dataclass
import logging
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ModelFileInvalid, UnsupportedModel, WakeModelError
from .embedding import EMBEDDING_SIZE
from .onnx.operations import SHAPED_BY_INPUT, Cost, Operation, build
from .onnx.reader import MAX_DEPTH, Graph, Node, Tensor, read_model

_LOGGER = logging.getLogger(__name__)

type Floats = NDArray[np.float32]

MAX_FRAMES: Final = 120
"""Maximum number of input embeddings (80 ms each) of a head; openWakeWord keeps as many."""

MAX_CLASSES: Final = 64

_MAX_COST: Final = 20_000_000
"""Maximum cost per row in multiplications or equivalent time; the published heads need 0.4 million."""

_MAX_BYTES: Final = 8_000_000
"""Maximum size of all values computed for a row, which stay in memory until the row is done."""

_TRIAL_ROWS: Final = 3
_TRIAL_SEED: Final = 20_240_601


class _RowsDiffer(Exception):
    """The rows of a batch take different branches of an `If`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Instruction:
    """Compiled node: either an operation or the two branches of an `If`."""

    inputs: tuple[int, ...]
    output: int
    operation: Operation | None = None
    cost: Cost | None = None
    branches: tuple[_Program, _Program] | None = None
    """Programs of the then and the else branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    instructions: tuple[_Instruction, ...]
    result: int


class Head:
    """Network of a wake word.

    The output of a single-output head is its score. In a head with several classes (openWakeWord's timer),
    class 0 means "none of them". openWakeWord reports each other class under its own name; here the head is
    a single wake word whose score is the highest of the other classes.
    """

    def __init__(self, graph: Graph) -> None:
        """Compile a graph and test it.

        Raises:
            UnsupportedModel: The graph uses an operation that this engine does not support, which is named.
            ModelFileInvalid: The graph is invalid.
        """
        if len(graph.inputs) != 1 or len(graph.outputs) != 1:
            raise UnsupportedModel("a wake word model must have one input and one output")
        shape = graph.inputs[0].shape
        if len(shape) != 3 or shape[2] != EMBEDDING_SIZE:
            raise UnsupportedModel("a wake word model must take embeddings of 96 features")
        if shape[1] is None or not 1 <= shape[1] <= MAX_FRAMES:
            raise UnsupportedModel("a wake word model must take 1 to 120 embeddings")
        self.frames = shape[1]
        """Number of input embeddings (80 ms each)."""
        self._has_failed = False
        try:
            compiler = _Compiler()
            self._input = compiler.define_input(graph.inputs[0].name)
            self._program = compiler.program(graph, 0)
            self._constants: list[Tensor | None] = compiler.constants
            self._batches = self._run_trial()
        except WakeModelError:
            raise
        except Exception as error:
            # Files are untrusted: any exception from numpy must only affect this wake word.
            raise ModelFileInvalid("the model does not run") from error

    @classmethod
    def load(cls, path: Path) -> Head:
        """Load a head from an ONNX file. Raises WakeModelError."""
        return cls(read_model(path))

    def scores(self, features: Floats) -> Floats:
        """Return the score of every stream, [streams], from its newest embeddings, [streams, frames, 96].

        The score is zero if the model fails: it cannot be tested with every sound when it is loaded, and a
        failure must not affect other wake words.
        """
        try:
            with np.errstate(all="ignore"):
                return self._scores(features)
        except Exception as error:  # noqa: BLE001  # with a user's own model numpy may raise anything
            if not self._has_failed:
                self._has_failed = True
                _LOGGER.warning("The model of a wake word fails (%s)", type(error).__name__)
            return np.zeros(len(features), np.float32)

    def _scores(self, features: Floats) -> Floats:
        if self._batches or len(features) == 1:
            try:
                return _scores_of(self._run(features), len(features))
            except _RowsDiffer:
                pass
        rows = [_scores_of(self._run(features[at : at + 1]), 1) for at in range(len(features))]
        return np.concatenate(rows)

    def _run(self, features: Floats) -> Tensor:
        values = self._constants.copy()
        values[self._input] = features
        return _execute(self._program, values)

    def _run_trial(self) -> bool:
        """Run the model with noise, with both branches of every `If`; return whether rows can be batched."""
        noise = np.random.default_rng(_TRIAL_SEED).normal(0, 10, (_TRIAL_ROWS, self.frames, EMBEDDING_SIZE))
        features = noise.astype(np.float32)
        with np.errstate(all="ignore"):
            cost = self._cost_of(features[:1])
            single = np.concatenate([_scores_of(self._run(row[np.newaxis]), 1) for row in features])
            try:
                # Cost that grows faster than the batch would be too high for many streams.
                if self._cost_of(features) > _TRIAL_ROWS * cost:
                    return False
                batched = _scores_of(self._run(features), _TRIAL_ROWS)
            except _RowsDiffer:
                return True
            except ArithmeticError, IndexError, MemoryError, TypeError, ValueError, WakeModelError:
                return False
            return bool(np.allclose(single, batched, atol=1e-5, equal_nan=True))

    def _cost_of(self, features: Floats) -> int:
        """Run every branch and return the cost. Raises UnsupportedModel if it exceeds the maximum."""
        values = self._constants.copy()
        values[self._input] = features
        budget = _Budget(cost=_MAX_COST * len(features), size=_MAX_BYTES * len(features))
        _execute_checked(self._program, values, budget)
        return _MAX_COST * len(features) - budget.cost


def _scores_of(output: Tensor, rows: int) -> Floats:
    """Return one score per row."""
    if output.size == rows:
        return output.reshape(rows).astype(np.float32)
    if output.ndim != 2 or len(output) != rows or not 1 < output.shape[1] <= MAX_CLASSES:
        raise ModelFileInvalid("the model's output is not a score")
    scores: Floats = output[:, 1:].max(axis=1).astype(np.float32)
    return scores


def _branch(instruction: _Instruction, values: list[Tensor | None]) -> _Program:
    """Return the branch that all rows take. Raises _RowsDiffer if they take different branches."""
    condition = values[instruction.inputs[0]]
    if condition is None or condition.size == 0 or instruction.branches is None:
        raise ModelFileInvalid("the model has an If without a condition")
    flat = condition.reshape(-1)
    taken = bool(flat[0])
    if flat.size > 1 and bool(np.any(flat != flat[0])):
        raise _RowsDiffer
    return instruction.branches[0] if taken else instruction.branches[1]


def _gather(instruction: _Instruction, values: list[Tensor | None]) -> list[Tensor]:
    inputs = [values[at] for at in instruction.inputs]
    if any(value is None for value in inputs):
        raise ModelFileInvalid("the model uses a value before it is computed")
    return [value for value in inputs if value is not None]


def _execute(program: _Program, values: list[Tensor | None]) -> Tensor:
    """Run a program on its values, which are modified in place."""
    for instruction in program.instructions:
        if instruction.operation is not None:
            values[instruction.output] = instruction.operation(
                [values[at] for at in instruction.inputs]  # type: ignore[misc]  # checked when loaded
            )
        else:
            values[instruction.output] = _execute(_branch(instruction, values), values)
    result = values[program.result]
    if result is None:
        raise ModelFileInvalid("the model computes no output")
    return result


@dataclass(slots=True, kw_only=True)
class _Budget:
    """Remaining resources of a model."""

    cost: int
    """Remaining multiplications."""

    size: int
    """Remaining bytes."""

    def spend(self, *, cost: int = 0, size: int = 0) -> None:
        """Deduct resources. Raises UnsupportedModel if the budget is exceeded."""
        self.cost -= cost
        self.size -= size
        if self.cost < 0 or self.size < 0:
            raise UnsupportedModel("the model needs more computing than allowed for a wake word")


def _execute_checked(program: _Program, values: list[Tensor | None], budget: _Budget) -> Tensor:
    """Run a program with all its branches, checking the cost of each step before it runs."""
    for instruction in program.instructions:
        inputs = _gather(instruction, values)
        if instruction.operation is not None and instruction.cost is not None:
            budget.spend(cost=instruction.cost(inputs))
            result = instruction.operation(inputs)
            budget.spend(size=result.nbytes if result.base is None else 0)
            values[instruction.output] = result
        elif instruction.branches is not None:
            taken = _branch(instruction, values)
            results = {
                id(branch): _execute_checked(branch, values, budget) for branch in instruction.branches
            }
            values[instruction.output] = results[id(taken)]
    output = values[program.result]
    if output is None:
        raise ModelFileInvalid("the model computes no output")
    return output


class _Compiler:
    """Compiler of a graph and its branches into programs that share one list of values."""

    def __init__(self) -> None:
        self.constants: list[Tensor | None] = []
        self._places: dict[str, int] = {}
        self._heard: set[int] = set()
        """Places of values that depend on the sound."""

    def define(self, name: str, value: Tensor | None = None) -> int:
        """Allocate and return a place for a value with this name."""
        self.constants.append(value)
        self._places[name] = len(self.constants) - 1
        return self._places[name]

    def define_input(self, name: str) -> int:
        """Allocate and return the place of the model's input."""
        place = self.define(name)
        self._heard.add(place)
        return place

    def program(self, graph: Graph, depth: int) -> _Program:
        """Compile a graph; names that it does not define refer to the enclosing graph."""
        if depth > MAX_DEPTH:
            raise ModelFileInvalid("the model is nested too deeply")
        outside = self._places.copy()
        for name, value in graph.initializers.items():
            self.define(name, value)
        instructions = [
            instruction for node in graph.nodes if (instruction := self._instruction(node, depth)) is not None
        ]
        if len(graph.outputs) != 1:
            raise UnsupportedModel("a branch of a wake word model must have one output")
        program = _Program(instructions=tuple(instructions), result=self._place(graph.outputs[0].name))
        self._places = outside
        return program

    def _place(self, name: str) -> int:
        try:
            return self._places[name]
        except KeyError as error:
            raise ModelFileInvalid("the model uses an undefined value") from error

    def _instruction(self, node: Node, depth: int) -> _Instruction | None:
        if len(node.outputs) != 1:
            raise UnsupportedModel(f"this engine does not know {node.op_type} with several outputs")
        if node.op_type == "Constant":
            value = node.attributes.get("value")
            if not isinstance(value, np.ndarray):
                raise UnsupportedModel("this engine does not support Constant without a tensor")
            self.define(node.outputs[0], value)
            return None
        inputs = tuple(self._place(name) for name in node.inputs if name)
        if not inputs:
            raise ModelFileInvalid("the model has a node without inputs")
        if node.op_type == "If":
            branches = self._branches(node.attributes, depth)
            output = self.define(node.outputs[0])
            self._depends(output, (*inputs, *(branch.result for branch in branches)))
            return _Instruction(inputs=inputs, output=output, branches=branches)
        if node.op_type in SHAPED_BY_INPUT and not self._heard.isdisjoint(inputs[1:]):
            # Such shapes could not be checked when the model was loaded.
            raise UnsupportedModel("this engine does not support shapes that depend on the sound")
        if (built := build(node)) is None:
            raise UnsupportedModel(f"this engine does not know the operation {node.op_type[:40]}")
        operation, cost = built
        output = self.define(node.outputs[0])
        self._depends(output, inputs)
        return _Instruction(inputs=inputs, output=output, operation=operation, cost=cost)

    def _depends(self, output: int, inputs: tuple[int, ...]) -> None:
        """Record whether a value depends on the sound."""
        if not self._heard.isdisjoint(inputs):
            self._heard.add(output)

    def _branches(self, attributes: Mapping[str, object], depth: int) -> tuple[_Program, _Program]:
        then, otherwise = attributes.get("then_branch"), attributes.get("else_branch")
        if not isinstance(then, Graph) or not isinstance(otherwise, Graph):
            raise ModelFileInvalid("the model has an If without its branches")
        return self.program(then, depth + 1), self.program(otherwise, depth + 1)
