"""The last, small network of each wake word: embeddings in, a score out."""

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
"""Embeddings (80 ms each) that a head may look at; openWakeWord keeps as many."""

MAX_CLASSES: Final = 64

_MAX_COST: Final = 20_000_000
"""Multiplications, or what takes as long, that one row may cost; the published heads need 0.4 million."""

_MAX_BYTES: Final = 8_000_000
"""Of all that is computed for one row: it stays in memory until the row is done."""

_TRIAL_ROWS: Final = 3
_TRIAL_SEED: Final = 20_240_601


class _RowsDiffer(Exception):
    """The rows of a batch take different branches of an `If`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Instruction:
    """One node, ready to run: either an operation or the two branches of an `If`."""

    inputs: tuple[int, ...]
    output: int
    operation: Operation | None = None
    cost: Cost | None = None
    branches: tuple[_Program, _Program] | None = None
    """Then and else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    instructions: tuple[_Instruction, ...]
    result: int


class Head:
    """One wake word's network.

    A head with one output has it as its score. One with several classes (openWakeWord's timer) has
    class 0 for "none of them" and reports each of the others by a name of its own in openWakeWord; here it
    is one wake word whose score is the highest of the others.
    """

    def __init__(self, graph: Graph) -> None:
        """Prepare a graph.

        Raises UnsupportedModel, naming the operation, if it is one this engine does not know, and
        ModelFileInvalid if the graph does not make sense.
        """
        if len(graph.inputs) != 1 or len(graph.outputs) != 1:
            raise UnsupportedModel("a wake word model has one input and one output")
        shape = graph.inputs[0].shape
        if len(shape) != 3 or shape[2] != EMBEDDING_SIZE:
            raise UnsupportedModel("a wake word model takes embeddings of 96 features")
        if shape[1] is None or not 1 <= shape[1] <= MAX_FRAMES:
            raise UnsupportedModel("a wake word model takes 1 to 120 embeddings")
        self.frames = shape[1]
        """Embeddings (80 ms each) that the head looks at."""
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
            # Anybody's file: whatever it makes numpy raise, it costs this wake word only.
            raise ModelFileInvalid("the model does not run") from error

    @classmethod
    def load(cls, path: Path) -> Head:
        """Return the head in an ONNX file; raises WakeModelError."""
        return cls(read_model(path))

    def scores(self, features: Floats) -> Floats:
        """Return the score of every stream, [streams], from its newest embeddings, [streams, frames, 96].

        A model that fails scores zero: what it does with every sound cannot be tried when it is loaded, and
        it must not cost the other wake words.
        """
        try:
            with np.errstate(all="ignore"):
                return self._scores(features)
        except Exception as error:  # noqa: BLE001  # a user's own model: numpy raises all kinds
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
        """Run once with noise, both branches of every `If` included; return whether rows may be batched."""
        noise = np.random.default_rng(_TRIAL_SEED).normal(0, 10, (_TRIAL_ROWS, self.frames, EMBEDDING_SIZE))
        features = noise.astype(np.float32)
        with np.errstate(all="ignore"):
            cost = self._cost_of(features[:1])
            single = np.concatenate([_scores_of(self._run(row[np.newaxis]), 1) for row in features])
            try:
                # Something that grows faster than the batch would be too much for many streams.
                if self._cost_of(features) > _TRIAL_ROWS * cost:
                    return False
                batched = _scores_of(self._run(features), _TRIAL_ROWS)
            except _RowsDiffer:
                return True
            except ArithmeticError, IndexError, MemoryError, TypeError, ValueError, WakeModelError:
                return False
            return bool(np.allclose(single, batched, atol=1e-5, equal_nan=True))

    def _cost_of(self, features: Floats) -> int:
        """Run every branch and return what it cost. Raises UnsupportedModel if it is more than it may be."""
        values = self._constants.copy()
        values[self._input] = features
        budget = _Budget(cost=_MAX_COST * len(features), size=_MAX_BYTES * len(features))
        _execute_checked(self._program, values, budget)
        return _MAX_COST * len(features) - budget.cost


def _scores_of(output: Tensor, rows: int) -> Floats:
    """Return one score a row."""
    if output.size == rows:
        return output.reshape(rows).astype(np.float32)
    if output.ndim != 2 or len(output) != rows or not 1 < output.shape[1] <= MAX_CLASSES:
        raise ModelFileInvalid("the model's output is not a score")
    scores: Floats = output[:, 1:].max(axis=1).astype(np.float32)
    return scores


def _branch(instruction: _Instruction, values: list[Tensor | None]) -> _Program:
    """Return the branch that all rows take."""
    condition = values[instruction.inputs[0]]
    if condition is None or condition.size == 0 or instruction.branches is None:
        raise ModelFileInvalid("the model decides on nothing")
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
    """Run a program on its values, which must be a copy."""
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
    """What a model may still take."""

    cost: int
    """Multiplications."""

    size: int
    """Bytes."""

    def spend(self, *, cost: int = 0, size: int = 0) -> None:
        """Take something. Raises UnsupportedModel if too little is left."""
        self.cost -= cost
        self.size -= size
        if self.cost < 0 or self.size < 0:
            raise UnsupportedModel("the model needs more computing than a wake word may")


def _execute_checked(program: _Program, values: list[Tensor | None], budget: _Budget) -> Tensor:
    """Run a program and every branch in it, after making sure that each step is affordable."""
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
    """Turn a graph and its branches into programs that share one list of values."""

    def __init__(self) -> None:
        self.constants: list[Tensor | None] = []
        self._places: dict[str, int] = {}
        self._heard: set[int] = set()
        """Places of what depends on the sound."""

    def define(self, name: str, value: Tensor | None = None) -> int:
        """Return a new place for a value of this name."""
        self.constants.append(value)
        self._places[name] = len(self.constants) - 1
        return self._places[name]

    def define_input(self, name: str) -> int:
        """Return a new place for what is heard."""
        place = self.define(name)
        self._heard.add(place)
        return place

    def program(self, graph: Graph, depth: int) -> _Program:
        """Return a graph's program; names it does not define are those of the graph around it."""
        if depth > MAX_DEPTH:
            raise ModelFileInvalid("the model nests too deeply")
        outside = self._places.copy()
        for name, value in graph.initializers.items():
            self.define(name, value)
        instructions = [
            instruction for node in graph.nodes if (instruction := self._instruction(node, depth)) is not None
        ]
        if len(graph.outputs) != 1:
            raise UnsupportedModel("a branch of a wake word model has one output")
        program = _Program(instructions=tuple(instructions), result=self._place(graph.outputs[0].name))
        self._places = outside
        return program

    def _place(self, name: str) -> int:
        try:
            return self._places[name]
        except KeyError as error:
            raise ModelFileInvalid("the model uses a value that nothing computes") from error

    def _instruction(self, node: Node, depth: int) -> _Instruction | None:
        if len(node.outputs) != 1:
            raise UnsupportedModel(f"this engine does not know {node.op_type} with several outputs")
        if node.op_type == "Constant":
            value = node.attributes.get("value")
            if not isinstance(value, np.ndarray):
                raise UnsupportedModel("this engine does not know Constant without a tensor")
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
            # What a sound makes of it was not tried when the model was loaded.
            raise UnsupportedModel("this engine does not know shapes that depend on the sound")
        if (built := build(node)) is None:
            raise UnsupportedModel(f"this engine does not know the operation {node.op_type[:40]}")
        operation, cost = built
        output = self.define(node.outputs[0])
        self._depends(output, inputs)
        return _Instruction(inputs=inputs, output=output, operation=operation, cost=cost)

    def _depends(self, output: int, inputs: tuple[int, ...]) -> None:
        """Note whether a value depends on the sound."""
        if not self._heard.isdisjoint(inputs):
            self._heard.add(output)

    def _branches(self, attributes: Mapping[str, object], depth: int) -> tuple[_Program, _Program]:
        then, otherwise = attributes.get("then_branch"), attributes.get("else_branch")
        if not isinstance(then, Graph) or not isinstance(otherwise, Graph):
            raise ModelFileInvalid("the model has an If without its branches")
        return self.program(then, depth + 1), self.program(otherwise, depth + 1)
