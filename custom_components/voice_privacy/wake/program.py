"""Execution of graphs: compiled to a list of instructions on shared values, and bounded before they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
import time
from typing import Final

import numpy as np

from ..core.errors import ModelFileInvalid, ModelTooCostly, UnsupportedModel
from .onnx.attributes import ABSENT, Operation, Several
from .onnx.costs import Cost
from .onnx.operations import SHAPED_BY_INPUT, SHAPES, build
from .onnx.reader import MAX_DEPTH, MAX_NODES, Graph, Node, Tensor

_UNUSED: Final = -1
"""Place of an output that nothing uses."""


class RowsDiffer(Exception):
    """The rows of a batch take different branches of an `If`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """Compiled node: an operation with one output or several, or the two branches of an `If`."""

    inputs: tuple[int, ...]
    output: int
    operation: Operation | None = None
    several: Several | None = None
    outputs: tuple[int, ...] = ()
    """Places of several outputs."""

    cost: Cost | None = None
    branches: tuple[Program, Program] | None = None
    """Programs of the then and the else branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Compiled graph or branch."""

    instructions: tuple[Instruction, ...]
    result: int
    """Place of its output."""


class Budget:
    """Remaining resources of a checked run."""

    def __init__(self, *, cost: int, size: int, deadline: float) -> None:
        """Allow so many multiplications and bytes, until the thread's computing time reaches a deadline."""
        self.cost = cost
        self.size = size
        self._deadline = deadline

    def spend(self, *, cost: int = 0, size: int = 0) -> None:
        """Deduct resources. Raises ModelTooCostly if the budget is exceeded."""
        self.cost -= cost
        self.size -= size
        if self.cost < 0 or self.size < 0 or time.thread_time() > self._deadline:
            raise ModelTooCostly("the model needs more computing than allowed for a wake word")


def execute(program: Program, values: list[Tensor | None]) -> Tensor:
    """Run a program on its values, which are modified in place. Raises RowsDiffer."""
    for instruction in program.instructions:
        if instruction.operation is not None:
            values[instruction.output] = instruction.operation(
                [values[at] for at in instruction.inputs]  # type: ignore[misc]  # checked when loaded
            )
        elif instruction.several is not None:
            results = instruction.several(_inputs(instruction, values))
            _store(instruction, results, values)
        else:
            values[instruction.output] = execute(_branch(instruction, values), values)
    result = values[program.result]
    if result is None:
        raise ModelFileInvalid("the model computes no output")
    return result


def execute_checked(program: Program, values: list[Tensor | None], budget: Budget) -> Tensor:
    """Run a program with all its branches, checking the cost of each step before it runs.

    Raises:
        ModelTooCostly: The budget is exceeded.
        UnsupportedModel: The branches of an `If` return different shapes, so that the cost of what follows
            depends on the sound.
        RowsDiffer: The rows take different branches.
    """
    for instruction in program.instructions:
        inputs = _inputs(instruction, values)
        if instruction.branches is not None:
            taken = _branch(instruction, values)
            then, otherwise = (execute_checked(branch, values, budget) for branch in instruction.branches)
            if then.shape != otherwise.shape or then.dtype != otherwise.dtype:
                raise UnsupportedModel("this engine does not support branches with different results")
            values[instruction.output] = then if taken is instruction.branches[0] else otherwise
            continue
        if instruction.cost is not None:
            budget.spend(cost=instruction.cost(inputs))
        if instruction.several is not None:
            results = instruction.several(inputs)
            _store(instruction, results, values)
        elif instruction.operation is not None:
            results = [instruction.operation(inputs)]
            values[instruction.output] = results[0]
        budget.spend(size=_new_bytes(inputs, results))
    output = values[program.result]
    if output is None:
        raise ModelFileInvalid("the model computes no output")
    return output


def _new_bytes(inputs: Sequence[Tensor], results: Sequence[Tensor]) -> int:
    """Return the memory of results that are not views of the inputs."""
    known = {id(_owner(value)) for value in inputs}
    owners = {id(owner): owner for result in results if id(owner := _owner(result)) not in known}
    return sum(owner.nbytes for owner in owners.values())


def _owner(value: Tensor) -> Tensor:
    """Return the array that owns the memory of a view."""
    while isinstance(value.base, np.ndarray):
        value = value.base
    return value


def _branch(instruction: Instruction, values: list[Tensor | None]) -> Program:
    """Return the branch that all rows take. Raises RowsDiffer if they take different branches."""
    condition = values[instruction.inputs[0]]
    if condition is None or condition.size == 0 or instruction.branches is None:
        raise ModelFileInvalid("the model has an If without a condition")
    flat = condition.reshape(-1)
    taken = bool(flat[0])
    if flat.size > 1 and bool(np.any(flat != flat[0])):
        raise RowsDiffer
    return instruction.branches[0] if taken else instruction.branches[1]


def _inputs(instruction: Instruction, values: list[Tensor | None]) -> list[Tensor]:
    inputs = [values[at] for at in instruction.inputs]
    if any(value is None for value in inputs):
        raise ModelFileInvalid("the model uses a value before it is computed")
    return [value for value in inputs if value is not None]


def _store(instruction: Instruction, results: Sequence[Tensor], values: list[Tensor | None]) -> None:
    for place, result in zip(instruction.outputs, results, strict=False):
        if place != _UNUSED:
            values[place] = result


class Compiler:
    """Compiler of a graph and its branches into programs that share one list of values."""

    def __init__(self, version: int) -> None:
        """Compile for a version of ONNX's operations."""
        self.constants: list[Tensor | None] = [ABSENT]
        """Values that do not depend on the sound; None for those that are computed."""

        self._version = version
        self._places: dict[str, int] = {}
        self._nodes = 0
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

    def program(self, graph: Graph, depth: int) -> Program:
        """Compile a graph; names that it does not define refer to the enclosing graph.

        Raises UnsupportedModel or ModelFileInvalid.
        """
        self._nodes += len(graph.nodes)
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise ModelFileInvalid("the model has too many nodes, or is nested too deeply")
        outside = self._places.copy()
        for name, value in graph.initializers.items():
            self.define(name, value)
        instructions = [
            instruction for node in graph.nodes if (instruction := self._instruction(node, depth)) is not None
        ]
        if len(graph.outputs) != 1:
            raise UnsupportedModel("a branch of a wake word model must have one output")
        program = Program(instructions=tuple(instructions), result=self._place(graph.outputs[0].name))
        self._places = outside
        return program

    def _place(self, name: str) -> int:
        """Return the place of a value; that of ABSENT for an omitted one."""
        if not name:
            return 0
        try:
            return self._places[name]
        except KeyError as error:
            raise ModelFileInvalid("the model uses an undefined value") from error

    def _instruction(self, node: Node, depth: int) -> Instruction | None:
        node = replace(node, inputs=_trimmed(node.inputs), outputs=_trimmed(node.outputs))
        if not node.outputs:
            raise ModelFileInvalid("the model has an operation without a result")
        if node.op_type == "Constant":
            self.define(node.outputs[0], _constant(node.attributes))
            return None
        if not node.inputs:
            raise ModelFileInvalid("the model has a node without inputs")
        inputs = tuple(self._place(name) for name in node.inputs)
        if node.op_type == "If":
            return self._if(node, inputs, depth)
        shaped_from = SHAPED_BY_INPUT.get(node.op_type, len(inputs))
        if not self._heard.isdisjoint(inputs[shaped_from:]):
            # Such shapes could not be checked when the model was loaded.
            raise UnsupportedModel("this engine does not support shapes that depend on the sound")
        built = build(node, self._version)
        outputs = tuple(self.define(name) if name else _UNUSED for name in node.outputs)
        if node.op_type not in SHAPES and not self._heard.isdisjoint(inputs):
            self._heard.update(outputs)
        return Instruction(
            inputs=inputs,
            output=outputs[0],
            operation=built.run,
            several=built.several,
            outputs=outputs,
            cost=built.cost,
        )

    def _if(self, node: Node, inputs: tuple[int, ...], depth: int) -> Instruction:
        then, otherwise = node.attributes.get("then_branch"), node.attributes.get("else_branch")
        if not isinstance(then, Graph) or not isinstance(otherwise, Graph):
            raise ModelFileInvalid("the model has an If without its branches")
        if len(node.outputs) != 1:
            raise UnsupportedModel("this engine does not know If with several outputs")
        branches = self.program(then, depth + 1), self.program(otherwise, depth + 1)
        output = self.define(node.outputs[0])
        if not self._heard.isdisjoint((*inputs, *(branch.result for branch in branches))):
            self._heard.add(output)
        return Instruction(inputs=inputs, output=output, branches=branches)


def _trimmed(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names without the empty names at their end."""
    while names and not names[-1]:
        names = names[:-1]
    return names


def _constant(attributes: Mapping[str, object]) -> Tensor:
    """Return the value of a Constant."""
    match attributes:
        case {"value": np.ndarray() as value}:
            return value
        case {"value_float": float() as number}:
            return np.array(number, np.float32)
        case {"value_int": int() as number}:
            return np.array(number, np.int64)
        case {"value_floats": tuple() as numbers}:
            return np.array(numbers, np.float32)
        case {"value_ints": tuple() as numbers}:
            return np.array(numbers, np.int64)
        case _:
            raise UnsupportedModel("this engine does not support Constant without a number or a tensor")
