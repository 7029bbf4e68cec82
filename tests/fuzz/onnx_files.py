"""Load and use mutated wake word models: only WakeModelError, within a second and 64 MB.

By hand: python -m tests.fuzz.onnx_files 100000
"""

import argparse
from collections import Counter
from dataclasses import asdict, dataclass, field
import json
from random import Random
import resource
import sys
import time
from typing import Any, Final

import numpy as np

from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.classifiers import Head
from custom_components.voice_privacy.wake.onnx.reader import parse_model
from tests.wake import onnx_writer as ow

from .mutations import mutate_bytes

MOST_SECONDS: Final = 1.0
MOST_BYTES: Final = 64 << 20

_STREAMS: Final = (1, 3)


@dataclass(slots=True)
class Report:
    """What came of it."""

    tried: int = 0
    loaded: int = 0
    refused: int = 0
    slowest_ms: float = 0.0
    """Of the thread's own time: a busy machine is nobody's fault."""

    largest_mib: float = 0.0
    """By which the process's memory grew for one file."""

    uncaught: Counter[str] = field(default_factory=Counter)
    seeds: list[int] = field(default_factory=list)
    """Of what went wrong."""

    @property
    def passed(self) -> bool:
        """Whether every file was harmless."""
        return not self.seeds


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


_OPERATIONS: Final = [
    "Add",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "Div",
    "Equal",
    "Flatten",
    "Gemm",
    "Greater",
    "GreaterOrEqual",
    "Identity",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "MatMul",
    "Mul",
    "Neg",
    "Pow",
    "ReduceMean",
    "Relu",
    "Reshape",
    "Sigmoid",
    "Softmax",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Tanh",
    "Transpose",
    "Unsqueeze",
    "Conv",
]
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


def _peak() -> int:
    """Return the most memory that this process ever occupied."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def use(content: bytes) -> bool:
    """Load a model and let it hear; return whether it could be used."""
    try:
        head = Head(parse_model(content))
    except WakeModelError:
        return False
    for streams in _STREAMS:
        scores = head.scores(np.ones((streams, head.frames, 96), np.float32))
        if scores.shape != (streams,) or scores.dtype != np.float32:
            raise AssertionError("a head gives a score a stream")
    return True


def run(count: int, seed: int = 1) -> Report:
    """Try so many models."""
    report = Report()
    bases = models()
    for content in bases:
        if not use(content):
            raise AssertionError("a model that was not mutated loads")
    for number in range(seed, seed + count):
        random = Random(number)
        content = _hostile(bases, random)
        before, started = _peak(), time.thread_time()
        try:
            if use(content):
                report.loaded += 1
            else:
                report.refused += 1
        except Exception as error:  # noqa: BLE001  # that none comes is what is tried
            report.uncaught[f"{type(error).__name__}: {error}"[:200]] += 1
            report.seeds.append(number)
        seconds, grown = time.thread_time() - started, _peak() - before
        report.slowest_ms = max(report.slowest_ms, round(seconds * 1_000, 1))
        report.largest_mib = max(report.largest_mib, round(grown / (1 << 20), 1))
        if seconds > MOST_SECONDS or grown > MOST_BYTES:
            report.seeds.append(number)
        report.tried += 1
    return report


def main() -> int:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=1_000)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    arguments = parser.parse_args()
    report = run(arguments.count, arguments.seed)
    report.seeds = report.seeds[:20]
    sys.stdout.write(
        json.dumps(asdict(report) | {"uncaught": dict(report.uncaught), "passed": report.passed}, indent=2)
        + "\n"
    )
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
