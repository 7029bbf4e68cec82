"""Load and use mutated TensorFlow Lite models: only WakeModelError, within a second and 64 MB.

By hand: python -m tests.fuzz.tflite_files 100000
"""

from random import Random
import sys
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.classifiers import Head
from tests.wake import tflite_writer as tw

from .model_files import MOST_BYTES, MOST_SECONDS, Report, run_from_shell, try_all
from .mutations import mutate_bytes

__all__ = ["MOST_BYTES", "MOST_SECONDS", "branching_head", "dense_head", "main", "run", "use"]

_STREAMS: Final = (1, 3)


def dense_head() -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """Return a head of two layers, and its weights."""
    random = np.random.default_rng(7)
    weights = {
        "w": random.normal(0, 0.02, (4, 1_536)).astype(np.float32),
        "b": np.linspace(-1, 1, 4, dtype=np.float32),
        "v": random.normal(0, 1, (1, 4)).astype(np.float32),
    }
    tensors = {
        "x": tw.Tensor([1, 16, 96]),
        "shape": tw.constant([1, 1_536], "int32"),
        "flat": tw.Tensor([1, 1_536]),
        **{name: tw.constant(value) for name, value in weights.items()},
        "h": tw.Tensor([1, 4]),
        "z": tw.Tensor([1, 1]),
        "y": tw.Tensor([1, 1]),
    }
    operators = [
        tw.Operator("RESHAPE", ["x", "shape"], ["flat"]),
        tw.Operator("FULLY_CONNECTED", ["flat", "w", "b"], ["h"], {0: tw.Scalar("b", 1)}),
        tw.Operator("FULLY_CONNECTED", ["h", "v"], ["z"]),
        tw.Operator("LOGISTIC", ["z"], ["y"]),
    ]
    return tw.model(tw.Subgraph(tensors, ["x"], ["y"], operators)), weights


def branching_head() -> bytes:
    """Return a head like hey_jarvis: half the score where the first opinion says yes."""
    value, flag = tw.Tensor([1, 1]), tw.Tensor([1, 1], "bool")
    main = tw.Subgraph(
        {
            "x": tw.Tensor([1, 16, 96]),
            "axes": tw.constant([1, 2], "int32"),
            "mean": tw.Tensor([1]),
            "shape": tw.constant([1, 1], "int32"),
            "m": value,
            "first": value,
            "limit": tw.constant([[0.5]]),
            "yes": flag,
            "y": value,
        },
        ["x"],
        ["y"],
        [
            tw.Operator("MEAN", ["x", "axes"], ["mean"]),
            tw.Operator("RESHAPE", ["mean", "shape"], ["m"]),
            tw.Operator("LOGISTIC", ["m"], ["first"]),
            tw.Operator("GREATER_EQUAL", ["first", "limit"], ["yes"]),
            tw.Operator("IF", ["yes", "first"], ["y"], {0: tw.Scalar("i", 1), 1: tw.Scalar("i", 2)}),
        ],
    )
    then = tw.Subgraph(
        {"a": value, "half": tw.constant([[0.5]]), "b": value},
        ["a"],
        ["b"],
        [tw.Operator("MUL", ["a", "half"], ["b"])],
    )
    otherwise = tw.Subgraph({"a": value, "b": value}, ["a"], ["a"], [tw.Operator("NEG", ["a"], ["b"])])
    return tw.model(main, then, otherwise)


_OPERATORS: Final = (
    "ADD", "SUB", "MUL", "DIV", "MAXIMUM", "RESHAPE", "MEAN", "SUM", "TRANSPOSE", "CONCATENATION", "PACK",
    "FULLY_CONNECTED", "LOGISTIC", "SOFTMAX", "EXP", "RSQRT", "SQUARED_DIFFERENCE", "CAST", "GATHER", "PAD", "SLICE",
    "STRIDED_SLICE", "CONV_2D", "MAX_POOL_2D", "BATCH_MATMUL", "EXPAND_DIMS", "SQUEEZE", "LEAKY_RELU", "IF", "LSTM",
)  # fmt: skip
_NUMBERS: Final = (0, 1, -1, 2, 3, 7, 96, 1_000, -1_000_000_000, 2**31 - 1, -(2**31))
_SHAPES: Final[tuple[list[int], ...]] = (
    [1],
    [1, 1],
    [1, 96],
    [1, 16, 96],
    [1, 4, 4, 2],
    [0],
    [],
    [1, 700_000],
)


def random_model(random: Random) -> bytes:
    """Return a head of any operators, with inputs and options that may fit or not."""
    noise = np.random.default_rng(random.randrange(1 << 32))
    tensors: dict[str, tw.Tensor] = {
        "x": tw.Tensor([1, 16, 96]),
        "w": tw.constant(noise.normal(0, 1, random.choice(((1, 96), (4, 1_536), (2, 3, 3, 1))))),
        "sizes": tw.constant(
            [random.choice(_NUMBERS) for _ in range(random.choice((1, 2, 3, 4, 300)))], "int32"
        ),
        "long": tw.constant(np.ones((1, random.choice((1, 1_000, 60_000))))),
    }
    operators = []
    for index in range(random.choice((1, 2, 4, 8, 60))):
        name = f"v{index}"
        inputs = [random.choice(list(tensors)) for _ in range(random.choice((1, 1, 2, 2, 3, 4)))]
        options: dict[int, Any] = {}
        for field in random.sample(range(7), random.randrange(4)):
            number = random.choice(_NUMBERS)
            options[field] = random.choice(
                (
                    tw.Scalar("i", number),
                    tw.Scalar("b", number % 5),
                    tw.Scalar("f", 0.5),
                    tw.integers([1, -1]),
                )
            )
        tensors[name] = tw.Tensor(
            random.choice(_SHAPES), random.choice(("float32", "float32", "bool", "int8"))
        )
        operators.append(tw.Operator(random.choice(_OPERATORS), inputs, [name], options))
    tensors["y"] = tw.Tensor([1, 1])
    operators.append(tw.Operator("LOGISTIC", [operators[-1].outputs[0]], ["y"]))
    return tw.model(tw.Subgraph(tensors, ["x"], ["y"], operators))


def _hostile(bases: list[bytes], random: Random) -> bytes:
    """Return a mutated or a random model."""
    kind = random.randrange(4)
    if kind == 0:
        return random_model(random)
    # The last one has few weights: most faults hit its structure.
    return mutate_bytes(bases[-1] if kind == 1 else random.choice(bases), random)


def use(content: bytes) -> bool:
    """Load a model and let it hear; return whether it could be used."""
    try:
        head = Head.parse(content)
    except WakeModelError:
        return False
    for streams in _STREAMS:
        scores = head.scores(np.ones((streams, head.frames, 96), np.float32))
        if scores.shape != (streams,) or not ((scores >= 0) & (scores <= 1)).all():
            raise AssertionError("a head gives a score a stream")
    return True


def run(count: int, seed: int = 1) -> Report:
    """Try so many models."""
    bases = [dense_head()[0], branching_head()]
    for content in bases:
        if not use(content):
            raise AssertionError("a model that was not mutated loads")
    return try_all(lambda random: _hostile(bases, random), use, range(seed, seed + count))


def main() -> int:
    """Run from a shell."""
    return run_from_shell(__doc__, run)


if __name__ == "__main__":
    sys.exit(main())
