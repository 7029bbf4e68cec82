"""Load and use mutated wake word models: only WakeModelError, within a second and 64 MB.

By hand: python -m tests.fuzz.onnx_files 100000
"""

from random import Random
import sys
from typing import Any, Final

import numpy as np

from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.classifiers import Head
from custom_components.voice_privacy.wake.onnx.operations import KNOWN
from custom_components.voice_privacy.wake.onnx.reader import parse_model
from tests.wake import onnx_writer as ow

from .model_files import MOST_BYTES, MOST_SECONDS, Report, run_from_shell, try_all
from .mutations import mutate_bytes

__all__ = ["MOST_BYTES", "MOST_SECONDS", "main", "models", "random_model", "run", "use"]

_STREAMS: Final = (1, 3)


def models() -> list[bytes]:
    """Return made-up heads that together use every operation."""
    random = np.random.default_rng(7)

    def weights(*shape: int) -> Any:
        return random.normal(0, 0.1, shape).astype(np.float32)

    dense = ow.head(
        [
            ow.node("Reshape", ["x", "shape"], ["flat"]),
            ow.node("MatMul", ["flat", "w"], ["a"]),
            ow.node("Add", ["a", "b"], ["c"]),
            ow.node("LayerNormalization", ["c", "g", "b"], ["d"], axis=-1, epsilon=1e-5),
            ow.node("Relu", ["d"], ["e"]),
            ow.node("Gemm", ["e", "v"], ["z"], transB=1, alpha=1.0),
            ow.node("Sigmoid", ["z"], ["y"]),
        ],
        {
            "shape": np.array([-1, 4 * 96], np.int64),
            "w": weights(4 * 96, 8),
            "b": weights(8),
            "g": weights(8),
            "v": weights(1, 8),
        },
        frames=4,
    )
    branch = {
        name: ow.graph([ow.node(op, ["m"], ["out"])], inputs={}, outputs={"out": (None, 1)}, weights={})
        for name, op in (("then_branch", "Tanh"), ("else_branch", "Neg"))
    }
    odd = ow.head(
        [
            ow.node("Flatten", ["x"], ["flat"], axis=1),
            ow.node("ReduceMean", ["flat"], ["m"], axes=[1], keepdims=1),
            ow.node("Greater", ["m", "zero"], ["cond"]),
            ow.node("If", ["cond"], ["i"], **branch),
            ow.node("Unsqueeze", ["i", "axes"], ["u"]),
            ow.node("Squeeze", ["u", "axes"], ["s"]),
            ow.node("Concat", ["s", "m"], ["k"], axis=1),
            ow.node("Transpose", ["k"], ["t"], perm=[1, 0]),
            ow.node("Transpose", ["t"], ["r"], perm=[1, 0]),
            ow.node("Pow", ["r", "two"], ["p"]),
            ow.node("Clip", ["p"], ["l"], min=0.0, max=1.0),
            ow.node("Cast", ["l"], ["f"], to=11),
            ow.node("Softmax", ["f"], ["y"], axis=1),
        ],
        {
            "zero": np.zeros(1, np.float32),
            "two": np.full(1, 2, np.float32),
            "axes": np.array([1], np.int64),
        },
        frames=2,
        classes=2,
    )
    return [ow.linear_head(frames=3), ow.linear_head(frames=2, classes=3), dense, odd]


_OPERATIONS: Final = (*sorted(KNOWN), "Constant", "If", "Einsum")
_NUMBERS: Final = (0, 1, -1, 2, 7, 8, 11, 96, 1_000, -1_000_000_000, 2**31, 2**63 - 1, -(2**63))
_ATTRIBUTES: Final = (
    "axis",
    "axes",
    "perm",
    "to",
    "keepdims",
    "transA",
    "transB",
    "alpha",
    "beta",
    "epsilon",
    "min",
    "kernel_shape",
    "pads",
    "strides",
    "dilations",
    "group",
    "hidden_size",
    "starts",
    "ends",
    "split",
    "ceil_mode",
    "value",
)


def random_model(random: Random) -> bytes:
    """Return a head of any known operations, with inputs and attributes that may fit or not."""
    noise = np.random.default_rng(random.randrange(1 << 32))
    weights: dict[str, Any] = {
        "w": noise.normal(0, 1, [random.choice((1, 2, 96, 192)) for _ in range(random.randrange(3))])[
            ..., np.newaxis
        ].astype(random.choice((np.float32, np.float32, np.float64, np.float16))),
        "long": np.ones((random.choice((1, 1_000, 60_000)), 1), np.float32),
        "sizes": np.array(
            [random.choice(_NUMBERS) for _ in range(random.choice((1, 2, 3, 9, 300)))], np.int64
        ),
        "axes": np.array([random.choice((0, 1, 2, -1))], np.int64),
    }
    if random.random() < 0.1:
        # As large as a value may be, or a little larger.
        weights["big"] = np.ones((random.choice((700, 710)), 710), random.choice((np.float32, np.float64)))
    names = ["x", "x", *weights]
    nodes = []
    for number in range(random.choice((1, 2, 4, 8, 60))):
        attributes: dict[str, Any] = {}
        for name in random.sample(_ATTRIBUTES, random.randrange(3)):
            kind = random.randrange(3)
            numbers = [random.choice(_NUMBERS) for _ in range(random.choice((1, 2, 3, 300)))]
            attributes[name] = (
                numbers[0] if kind == 0 else numbers if kind == 1 else random.choice((0.0, 1e38))
            )
        inputs = [random.choice(names) for _ in range(random.choice((1, 1, 2, 2, 3, 40)))]
        nodes.append(ow.node(random.choice(_OPERATIONS), inputs, [f"v{number}"], **attributes))
        names += [f"v{number}"] * 3
    nodes.append(ow.node(random.choice(("Sigmoid", "ReduceMean", "Identity")), [names[-1]], ["y"]))
    return ow.head(nodes, weights, frames=random.choice((1, 2, 16, 120)))


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
        head = Head(parse_model(content))
    except WakeModelError:
        return False
    for streams in _STREAMS:
        scores = head.scores(np.ones((streams, head.frames, 96), np.float32))
        if scores.shape != (streams,) or not ((scores >= 0) & (scores <= 1)).all():
            raise AssertionError("a head gives a score a stream")
    return True


def run(count: int, seed: int = 1) -> Report:
    """Try so many models."""
    bases = models()
    for content in bases:
        if not use(content):
            raise AssertionError("a model that was not mutated loads")
    return try_all(lambda random: _hostile(bases, random), use, range(seed, seed + count))


def main() -> int:
    """Run from a shell."""
    return run_from_shell(__doc__, run)


if __name__ == "__main__":
    sys.exit(main())
