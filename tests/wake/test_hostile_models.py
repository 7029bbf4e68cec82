"""Files that were made to hurt: nothing but WakeModelError, within a second and 64 MB, and only their own word."""

import itertools
import os
from pathlib import Path
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest

from custom_components.voice_privacy.core.errors import ModelFileInvalid, UnsupportedModel, WakeModelError
from custom_components.voice_privacy.wake import classifiers
from custom_components.voice_privacy.wake.classifiers import Head
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.model_files import MAX_FILE_SIZE
from custom_components.voice_privacy.wake.onnx.reader import Graph, parse_model, read_model
from tests.fuzz.onnx_files import MOST_BYTES, MOST_SECONDS, models, run, use

from . import onnx_writer as ow

MB = 1_000_000


def packed(field: int, numbers: int) -> bytes:
    """Return a packed field of so many small numbers."""
    return ow.message(field, b"\x01" * numbers)


def with_initializer(raw: bytes) -> bytes:
    """Return a head that holds something in the place of a weight."""
    good = ow.graph([ow.node("Sigmoid", ["x"], ["y"])], inputs={"x": (1, 1, 96)}, outputs={"y": (1, 1)})
    return ow.model(good + ow.message(5, raw))


def mean_head(*nodes: bytes, weights: dict[str, Any] | None = None) -> bytes:
    """Return a head whose nodes make "z" of "m", the mean of all features."""
    return ow.head(
        [
            ow.node("Flatten", ["x"], ["flat"]),
            ow.node("ReduceMean", ["flat"], ["m"], axes=[1], keepdims=1),
            *nodes,
            ow.node("ReduceMean", ["z"], ["y"], keepdims=0),
        ],
        weights,
    )


def outer_products() -> bytes:
    """Return a small file that multiplies 24 numbers with themselves along five axes."""
    nodes = [ow.node("MatMul", ["m", "ones"], ["v"])]
    shapes: dict[str, Any] = {"ones": np.ones((1, 24), np.float32)}
    for axis in range(5):
        sizes = [1] * 5
        sizes[axis] = 24
        shapes[f"s{axis}"] = np.array(sizes, np.int64)
        nodes.append(ow.node("Reshape", ["v", f"s{axis}"], [f"r{axis}"]))
    nodes.append(ow.node("Mul", ["r0", "r1"], ["p1"]))
    nodes += [ow.node("Mul", [f"p{axis - 1}", f"r{axis}"], [f"p{axis}"]) for axis in (2, 3, 4)]
    nodes.append(ow.node("Identity", ["p4"], ["z"]))
    return mean_head(*nodes, weights=shapes)


def growing_with_the_batch() -> bytes:
    """Return a head that is small for a stream, and whose memory grows with the square of their number."""
    return ow.head(
        [
            ow.node("Reshape", ["x", "row"], ["r"]),
            ow.node("Reshape", ["x", "column"], ["c"]),
            ow.node("Mul", ["r", "c"], ["p"]),
            ow.node("ReduceMean", ["p"], ["q"], axes=[1], keepdims=1),
            ow.node("Reshape", ["q", "rows"], ["w"]),
            ow.node("ReduceMean", ["w"], ["v"], axes=[1], keepdims=1),
            ow.node("Sigmoid", ["v"], ["y"]),
        ],
        {
            "row": np.array([1, -1], np.int64),
            "column": np.array([-1, 1], np.int64),
            "rows": np.array([-1, 96], np.int64),
        },
        frames=1,
    )


def chain(operation: str, count: int, *further: str, **attributes: Any) -> list[bytes]:
    """Return an operation that is done again and again, from "a" to "z"."""
    names = ["a", *(f"n{number}" for number in range(count - 1)), "z"]
    return [
        ow.node(operation, [before, *further], [after], **attributes)
        for before, after in itertools.pairwise(names)
    ]


def chain_of(operation: str, first: str, count: int, *further: str, **attributes: Any) -> list[bytes]:
    """Return an operation that is done again and again, from a first value to "z"."""
    return [ow.node("Identity", [first], ["a"]), *chain(operation, count, *further, **attributes)]


WIDE = {"wide": np.ones((1, 400_000), np.float32)}
FILES = {
    "dimensions": with_initializer(packed(1, 15 * MB) + ow.number(2, 1)),
    "attribute of numbers": ow.model(
        ow.graph(
            [ow.message(1, "x") + ow.message(4, "Transpose") + ow.message(5, packed(8, 15 * MB))],
            inputs={"x": (1, 1, 96)},
            outputs={"y": (1, 1)},
        )
    ),
    "attribute of floats": ow.model(
        ow.graph(
            [ow.message(1, "x") + ow.message(4, "Transpose") + ow.message(5, ow.message(7, bytes(15 * MB)))],
            inputs={"x": (1, 1, 96)},
            outputs={"y": (1, 1)},
        )
    ),
    "typed whole numbers": with_initializer(ow.number(1, 14 * MB) + ow.number(2, 6) + packed(5, 14 * MB)),
    "typed floats": with_initializer(
        ow.number(1, 3_900_000) + ow.number(2, 1) + ow.message(4, bytes(15_600_000))
    ),
    "typed doubles": with_initializer(
        ow.number(1, 1_900_000) + ow.number(2, 11) + ow.message(10, bytes(15_200_000))
    ),
    "halves": with_initializer(ow.number(1, 7_900_000) + ow.number(2, 10) + ow.message(9, bytes(15_800_000))),
    "tiny fields": ow.model(ow.GraphBytes(b"\x10\x00" * (7 * MB))),
    "tiny nodes": ow.model(ow.GraphBytes(b"\x0a\x00" * (7 * MB))),
    "tiny inputs": ow.model(ow.GraphBytes(b"\x5a\x00" * (7 * MB))),
    "tiny names": ow.model(ow.GraphBytes(ow.message(1, b"\x0a\x00" * (7 * MB)))),
    "a long name": with_initializer(ow.message(8, b"\xc3\xbc" * (7 * MB))),
    "a long operation": ow.model(ow.graph([ow.node("ü" * 5 * MB, ["x"], ["y"])], inputs={}, outputs={})),
    "outer products": outer_products(),
    "growing with the batch": growing_with_the_batch(),
    "a far axis": mean_head(
        ow.node("LayerNormalization", ["m", "g"], ["z"], axis=-(10**9)), weights={"g": np.ones(1, np.float32)}
    ),
    "many axes": mean_head(
        ow.node("Unsqueeze", ["m", "axes"], ["z"]), weights={"axes": np.arange(60_000, dtype=np.int64)}
    ),
    "many axes of an attribute": mean_head(ow.node("Unsqueeze", ["m"], ["z"], axes=list(range(60_000)))),
    "many sizes": mean_head(
        ow.node("Reshape", ["m", "sizes"], ["z"]), weights={"sizes": np.ones(100_000, np.int64)}
    ),
    "doubles that stay": mean_head(
        ow.node("Mul", ["m", "wide"], ["b"]),
        ow.node("Cast", ["b"], ["a"], to=11),
        *chain("Neg", 20),
        weights=WIDE,
    ),
    "many small steps": mean_head(
        ow.node("Mul", ["m", "g"], ["a"]),
        *chain("LayerNormalization", 4_000, "g"),
        weights={"g": np.ones((1, 4), np.float32)},
    ),
    "slow steps": mean_head(ow.node("Mul", ["m", "wide"], ["a"]), *chain("Pow", 6, "m"), weights=WIDE),
    "a repeated value": mean_head(
        ow.node("Tile", ["m", "often"], ["z"]), weights={"often": np.array([1, 2**40], np.int64)}
    ),
    "an expanded value": mean_head(
        ow.node("Expand", ["m", "sizes"], ["z"]), weights={"sizes": np.array([60_000, 60_000], np.int64)}
    ),
    "an expanded value of many dimensions": mean_head(
        ow.node("Expand", ["m", "sizes"], ["z"]), weights={"sizes": np.full(16, 16, np.int64)}
    ),
    "a constant of a shape": mean_head(
        ow.node("ConstantOfShape", ["sizes"], ["c"]),
        ow.node("Add", ["m", "c"], ["z"]),
        weights={"sizes": np.array([2**31 - 1, 2**31 - 1], np.int64)},
    ),
    "a padded value": mean_head(
        ow.node("Pad", ["m", "pads"], ["z"]), weights={"pads": np.array([0, 2**30, 0, 2**30], np.int64)}
    ),
    "a negative padding": mean_head(
        ow.node("Pad", ["m", "pads"], ["z"]), weights={"pads": np.array([0, -(2**62), 0, 0], np.int64)}
    ),
    "a gathered value": mean_head(
        ow.node("Gather", ["wide", "twice"], ["g"], axis=0),
        ow.node("Gather", ["g", "twice"], ["z"], axis=0),
        weights=WIDE | {"twice": np.zeros((1_000, 100), np.int64)},
    ),
    "a far index": mean_head(
        ow.node("Gather", ["m", "far"], ["z"]), weights={"far": np.array([2**62], np.int64)}
    ),
    "a large kernel": mean_head(
        ow.node("Unsqueeze", ["x"], ["i"], axes=[1]),
        ow.node("Conv", ["i", "k"], ["z"], pads=[5_000, 5_000, 5_000, 5_000]),
        weights={"k": np.ones((1, 1, 700, 700), np.float32)},
    ),
    "many windows": mean_head(
        ow.node("MaxPool", ["x"], ["z"], kernel_shape=[96], pads=[9_999, 9_999]),
    ),
    "a window without a size": mean_head(ow.node("MaxPool", ["x"], ["z"], kernel_shape=[0], strides=[0])),
    "many groups": mean_head(
        ow.node("Reshape", ["x", "channels"], ["c"]),
        *chain_of("Conv", "c", 40, "k", group=1_536),
        weights={"channels": np.array([1, 1_536, 1], np.int64), "k": np.ones((1_536, 1, 1), np.float32)},
    ),
    "a far stride": mean_head(
        ow.node("MaxPool", ["x"], ["z"], kernel_shape=[1], strides=[2**62], dilations=[2**62])
    ),
    "a long sequence": mean_head(
        ow.node("Reshape", ["wide", "steps"], ["s"]),
        ow.node("LSTM", ["s", "w", "r"], ["z"], hidden_size=1),
        weights=WIDE
        | {
            "steps": np.array([-1, 1, 1], np.int64),
            "w": np.ones((1, 4, 1), np.float32),
            "r": np.ones((1, 4, 1), np.float32),
        },
    ),
    "many sequences": mean_head(
        ow.node("Transpose", ["x"], ["a"], perm=[1, 0, 2]),
        *[
            node
            for number in range(60)
            for node in (
                ow.node("GRU", [f"s{number}" if number else "a", "w", "r"], [f"g{number}"], hidden_size=96),
                ow.node("Squeeze", [f"g{number}"], [f"s{number + 1}"], axes=[1]),
            )
        ],
        ow.node("Identity", ["s60"], ["z"]),
        weights={"w": np.ones((1, 288, 96), np.float32), "r": np.ones((1, 288, 96), np.float32)},
    ),
    "a deaf network": mean_head(
        ow.node("LSTM", ["x", "w", "r"], ["z"], hidden_size=-1),
        weights={"w": np.ones((1, 0, 96), np.float32), "r": np.ones((1, 0, 0), np.float32)},
    ),
    "a range without a step": mean_head(
        ow.node("Slice", ["m", "n", "n", "n", "n"], ["z"]), weights={"n": np.zeros(1, np.int64)}
    ),
    "many parts": mean_head(
        ow.message(1, "x")
        + b"".join(ow.message(2, f"p{part}") for part in range(4_000))
        + ow.message(4, "Split"),
        ow.node("Identity", ["p0"], ["z"]),
    ),
    "slow views": mean_head(
        ow.node("Unsqueeze", ["m"], ["a"], axes=[0]), *chain("Transpose", 3_000, perm=[2, 1, 0])
    ),
    "a wide product": mean_head(
        ow.node("MatMul", ["m", "wide"], ["w"]),
        ow.node("Transpose", ["w"], ["t"], perm=[1, 0]),
        ow.node("MatMul", ["t", "few"], ["z"]),
        weights=WIDE | {"few": np.ones((1, 49), np.float32)},
    ),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_hostile_file_costs_little(content: bytes) -> None:
    assert len(content) <= MAX_FILE_SIZE
    started = time.thread_time()
    use(content)
    assert time.thread_time() - started < MOST_SECONDS
    tracemalloc.start()
    try:
        use(content)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_a_batch_never_costs_more_than_its_rows() -> None:
    """At 40 streams the square of them would be 59 MB for this one step."""
    head = Head(parse_model(growing_with_the_batch()))
    features = np.random.default_rng(1).normal(0, 1, (40, 1, 96)).astype(np.float32)
    tracemalloc.start()
    try:
        scores = head.scores(features)
        assert tracemalloc.get_traced_memory()[1] < 4 * MB
    finally:
        tracemalloc.stop()
    squares = features.reshape(40, 96).mean(axis=1) ** 2
    assert np.allclose(scores, 1 / (1 + np.exp(-squares)), atol=1e-5)


@pytest.mark.parametrize(
    ("operation", "inputs"),
    [("Add", 3), ("Mul", 3), ("Sqrt", 2), ("Neg", 2), ("MatMul", 3), ("Tanh", 2), ("Relu", 2), ("Add", 1)],
)
def test_an_input_too_many_is_nothing_to_write_to(operation: str, inputs: int) -> None:
    """numpy takes it for the place where the result goes: here, what all other wake words hear next."""
    nodes = [
        ow.node("Flatten", ["x"], ["flat"]),
        ow.node(operation, ["w", "w", "flat"][-inputs:] if inputs > 1 else ["w"], ["a"]),
        ow.node("ReduceMean", ["a"], ["y"], axes=[1], keepdims=1),
    ]
    features = np.ones((1, 1, 96), np.float32)
    with pytest.raises(WakeModelError):
        Head(parse_model(ow.head(nodes, {"w": np.full((1, 96), 5, np.float32)}, frames=1))).scores(features)
    assert (features == 1).all()


@pytest.mark.parametrize("operation", ["Reshape", "Squeeze", "Unsqueeze", "ReduceMean"])
def test_shapes_that_depend_on_the_sound_are_refused(operation: str) -> None:
    content = mean_head(
        ow.node("Cast", ["m"], ["s"], to=7),
        ow.node("Mul", ["s", "zero"], ["sizes"]),
        ow.node(operation, ["flat", "sizes"], ["z"]),
        weights={"zero": np.zeros(1, np.int64)},
    )
    with pytest.raises(UnsupportedModel, match="depend on the sound"):
        Head(parse_model(content))


def test_a_model_that_fails_later_scores_zero_and_costs_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    head = Head(parse_model(ow.linear_head(frames=1)))

    def fail(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(head, "_run", fail)
    for _ in range(3):
        assert head.scores(np.ones((2, 1, 96), np.float32)).tolist() == [0.0, 0.0]
    assert caplog.text.count("fails (MemoryError)") == 1


@pytest.mark.parametrize("error", [MemoryError, RecursionError, OverflowError, AssertionError, KeyError])
def test_any_error_costs_that_word_only(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    good, bad = tmp_path / "good.onnx", tmp_path / "bad.onnx"
    good.write_bytes(ow.linear_head())
    bad.write_bytes(ow.linear_head(frames=2))

    def fail(content: bytes) -> Graph:
        if content == bad.read_bytes():
            raise error
        return parse_model(content)

    monkeypatch.setattr(classifiers, "parse_onnx", fail)
    engine = WakeEngine.load(
        {"bad": bad, "good": good},
        models / "melspectrogram.onnx",
        models / "embedding_model.onnx",
        skip_unusable=True,
    )
    assert engine.wake_words == ("good",)
    assert [type(reason) for reason in engine.unusable.values()] == [ModelFileInvalid]


@pytest.fixture
def not_files(tmp_path: Path) -> dict[str, Path]:
    """Names of models that belong to something else."""
    folder = tmp_path / "models"
    folder.mkdir()
    names = {kind: folder / f"{kind}.onnx" for kind in ("loop", "dangling", "fifo", "folder", "huge")}
    names["loop"].symlink_to(names["loop"])
    names["dangling"].symlink_to(folder / "nowhere")
    os.mkfifo(names["fifo"])
    names["folder"].mkdir()
    with names["huge"].open("wb") as file:
        file.truncate(1 << 40)
    return names


def test_what_is_no_file_is_no_model(not_files: dict[str, Path]) -> None:
    for path in not_files.values():
        with pytest.raises(WakeModelError):
            read_model(path)


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    """Some keep their models elsewhere; nothing is ever written through the link."""
    (tmp_path / "elsewhere").write_bytes(ow.linear_head())
    (tmp_path / "link.onnx").symlink_to("elsewhere")
    assert read_model(tmp_path / "link.onnx").nodes


def test_mutated_files_raise_nothing_else() -> None:
    """A hundred thousand of them are for people to run: python -m tests.fuzz.onnx_files 100000."""
    assert len(models()) == 4
    report = run(500)
    assert report.passed, report
