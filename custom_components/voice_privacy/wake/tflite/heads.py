"""Translation of TensorFlow Lite models into graphs of ONNX operations, for wake word heads.

A head keeps one copy of its meaning that way: what an operation computes, what it costs and what is refused is
decided in one place for both formats. Only models that compute with real numbers are translated.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ...core.errors import ModelFileInvalid, NotAWakeWordModel, UnsupportedModel
from ..onnx.reader import MAX_DEPTH, MAX_NODES, Graph, ValueInfo
from .reader import Model, Operator, Subgraph
from .scope import Room, Scope, unknown
from .translations import translate

_VERSION: Final = 18
"""Version of ONNX's operations that the translation uses."""


def graph_of(model: Model) -> Graph:
    """Return a model's main graph as a graph of ONNX operations.

    Raises:
        NotAWakeWordModel: The model does not take real numbers, as one of microWakeWord.
        ModelOperationUnknown: The model uses an operator that is not translated.
        UnsupportedModel: The model uses an operator in an unsupported way.
        ModelFileInvalid: The model is damaged.
    """
    main = model.subgraphs[0]
    if len(main.inputs) != 1 or len(main.outputs) != 1:
        raise NotAWakeWordModel("a wake word model must have one input and one output")
    if main.tensors[main.inputs[0]].dtype != np.float32:
        raise NotAWakeWordModel("a wake word model must take real numbers")
    return _Translator(model).graph(main, None, 0)


class _Translator:
    """Translator of a model and its branches."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._room = Room()
        self._scopes = 0
        self._operators = 0

    def graph(self, subgraph: Subgraph, bindings: Sequence[str] | None, depth: int) -> Graph:
        """Return a subgraph as a graph; a branch takes its inputs, by name, from the graph around it."""
        self._scopes += 1
        self._operators += len(subgraph.operators)
        if depth > MAX_DEPTH or self._operators > MAX_NODES:
            raise ModelFileInvalid("the model has too many nodes, or is nested too deeply")
        if bindings is not None and len(bindings) != len(subgraph.inputs):
            raise ModelFileInvalid("the model has a branch with other inputs")
        bound = dict(zip(subgraph.inputs, bindings or (), strict=False))
        scope = Scope(room=self._room, prefix=f"{self._scopes}_", subgraph=subgraph, depth=depth, bound=bound)
        for operator in subgraph.operators:
            self._translate(scope, operator)
        if len(subgraph.outputs) != 1:
            raise UnsupportedModel("a branch of a wake word model must have one output")
        (output,) = subgraph.outputs
        # A branch may return what it was given; a graph returns a value of its own.
        result = scope.emit("Identity", [scope.name(output)])
        inputs = () if bindings is not None else subgraph.inputs
        return Graph(
            nodes=tuple(scope.nodes),
            initializers=scope.constants,
            inputs=tuple(
                ValueInfo(name=scope.name(index), shape=scope.tensor(index).shape) for index in inputs
            ),
            outputs=(ValueInfo(name=result, shape=scope.tensor(output).shape),),
            version=_VERSION,
        )

    def _translate(self, scope: Scope, operator: Operator) -> None:
        """Add the nodes of an operator."""
        _check_operator(scope, operator)
        if operator.name == "IF":
            self._if(scope, operator)
            return
        translate(scope, operator)

    def _if(self, scope: Scope, operator: Operator) -> None:
        bindings = [scope.name(index) for index in operator.inputs[1:]]
        branches = []
        for at in (0, 1):
            index = operator.options.integer(at)
            # Subgraph 0 is the model itself.
            if not 0 < index < len(self._model.subgraphs):
                raise ModelFileInvalid("the model has an IF without its branches")
            branches.append(self.graph(self._model.subgraphs[index], bindings, scope.depth + 1))
        scope.emit(
            "If",
            [scope.name(operator.inputs[0])],
            scope.name(operator.outputs[0]),
            then_branch=branches[0],
            else_branch=branches[1],
        )


def _check_operator(scope: Scope, operator: Operator) -> None:
    """Refuse an operator that has several results, or results that are not real numbers."""
    if len(operator.outputs) != 1 or not operator.inputs:
        raise unknown(operator)
    dtype = scope.tensor(operator.outputs[0]).dtype
    if dtype is None or (dtype.kind in "iu" and dtype.itemsize < 4):
        raise UnsupportedModel("this engine does not support a model with quantized values")
