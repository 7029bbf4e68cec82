"""Streaming models of microWakeWord are computed exactly, for many streams and steps at once."""

import time
import tracemalloc
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.micro.network import MicroNetwork
from custom_components.voice_privacy.wake.tflite.reader import parse_model
from tests.wake import micro_writer as mw, tflite_writer as tw

RECORDED = {
    1: [202, 235, 211, 215, 181, 228, 128, 202, 249, 215, 222, 175, 211, 225, 215, 211, 207, 202, 211, 235, 202, 228, 218, 192],
    4: [54, 114, 94, 100, 41, 45, 45, 45, 49, 49, 64, 69, 45, 38, 59, 59, 81, 81, 45, 38, 64, 45, 28, 75],
}  # fmt: skip
"""Outputs of TensorFlow Lite for 24 steps, by the model's seed: recorded with ai-edge-litert 2.3 (its built-in kernels
without delegates) on the models of micro_writer, whose operators were given their true type of options."""


def features(rows: int, seed: int = 7) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, 671, (rows, mw.BANDS))


def outputs(network: MicroNetwork, rows: NDArray[np.int64], steps: int) -> list[int]:
    """Return what the network computes with so many steps per call."""
    state = network.initial_state[np.newaxis].copy()
    found: list[int] = []
    for start in range(0, len(rows), steps * network.rows):
        part = network.run(rows[np.newaxis, start : start + steps * network.rows], state)
        found += np.rint(part[0] * 256).astype(int).tolist()
    return found


@pytest.mark.parametrize("seed", RECORDED)
def test_recorded_outputs(seed: int) -> None:
    network = MicroNetwork(parse_model(mw.streaming_model(seed)))
    assert outputs(network, features(24 * mw.ROWS), 1) == RECORDED[seed]


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("steps", [1, 2, 3, 8])
def test_steps_at_once_equal_one_after_the_other(seed: int, steps: int) -> None:
    network = MicroNetwork(parse_model(mw.streaming_model(seed)))
    rows = features(48 * mw.ROWS, seed)
    one = mw.StepByStep(seed)
    expected = [one.step(rows[at : at + mw.ROWS].tolist()) for at in range(0, len(rows), mw.ROWS)]
    assert len(set(expected)) > 5, "the model of this test answers the same to everything"
    assert outputs(network, rows, steps) == expected


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=6), st.integers(1, 5))
def test_streams_do_not_mix(sizes: list[int], streams: int) -> None:
    network = MicroNetwork(parse_model(mw.streaming_model()))
    total = sum(sizes) * mw.ROWS
    rows = np.stack([features(total, seed) for seed in range(streams)])
    state = np.repeat(network.initial_state[np.newaxis], streams, axis=0)
    found, start = [], 0
    for size in sizes:
        found.append(network.run(rows[:, start : start + size * mw.ROWS], state))
        start += size * mw.ROWS
    together = np.rint(np.concatenate(found, axis=1) * 256).astype(int).tolist()
    assert together == [outputs(network, one, 1) for one in rows]


def constant(*values: int) -> tw.Tensor:
    return tw.constant(list(values), "int32")


def scaled(shape: tuple[int, ...], scale: float, zero: int = 0, dtype: str = "int8") -> tw.Tensor:
    return tw.Tensor(shape, dtype, quantization=([scale], [zero], 0))


HUGE = 1 << 20
WRONG: dict[str, dict[str, Any]] = {
    "input of another size": {"in": scaled((1, 3, 41), 0.1)},
    "too many rows": {"in": scaled((1, 1_000, 40), 0.1)},
    "no scale": {"rows": tw.Tensor((1, 3, 1, 40), "int8")},
    "real numbers": {"first": scaled((1, 1, 1, 12), 0.9, dtype="float32")},
    "scale of zero": {"sum": scaled((1, 1), 0.0)},
    "scale of infinity": {"sum": scaled((1, 1), float("inf"))},
    "negative scale": {"point": scaled((1, 1, 1, 12), -0.4, -128)},
    "zero point outside": {"sum": scaled((1, 1), 0.1, 1_000)},
    "tiny scale": {"sum": scaled((1, 1), 1e-30)},
    "change of scale": {"left": scaled((1, 5, 1, 6), 0.3, -128)},
    "shape that does not fit": {"first": scaled((1, 1, 1, 13), 0.9, -128)},
    "wrong reshape": {"flat": scaled((1, 13), 0.4, -128)},
    "split of another size": {"sizes": constant(5, 5)},
    "negative split": {"sizes": constant(-6, 18)},
    "split along streams": {"axis": tw.constant(0, "int32")},
    "slice of nothing": {"begin right": constant(0, 5, 0, 0)},
    "slice backwards": {"ones": constant(1, -1, 1, 1)},
    "slice in steps of zero": {"ones": constant(1, 0, 1, 1)},
    "slice of another part than the last rows": {"begin b": constant(0, 0, 0, 0)},
    "bias of another size": {"b first": constant(1, 2, 3)},
    "bias too large": {"b first": constant(*[2**31 - 1] * 12)},
    "weights of another type": {"w last": tw.constant(np.zeros((1, 12)), "float32")},
    "weights of another size": {
        "w last": tw.Tensor((1, 13), "int8", np.zeros((1, 13), np.int8), ([0.01], [0], 0))
    },
    "weights with a zero point": {
        "w last": tw.Tensor((1, 12), "int8", np.zeros((1, 12), np.int8), ([0.01], [3], 0))
    },
    "weights that are missing": {"w last": scaled((1, 12), 0.01)},
    "kernel wider than its input": {
        "w first": tw.Tensor((12, 9, 1, 40), "int8", np.zeros((12, 9, 1, 40), np.int8), ([0.01], [0], 0))
    },
    "huge weights": {
        "w first": tw.Tensor(
            (12 * 1_600, 5, 1, 40), "int8", np.ones((12 * 1_600, 5, 1, 40), np.int8), ([0.01], [0], 0)
        ),
        "b first": tw.constant(np.zeros(12 * 1_600), "int32"),
        "first": scaled((1, 1, 1, 12 * 1_600), 0.9, -128),
    },
    "huge tensor": {"first": scaled((1, 1, 1, HUGE), 0.9, -128)},
    "huge shape": {"rows": scaled((1, 3, HUGE, HUGE), 0.9, -128)},
}


@pytest.mark.parametrize("replaced", WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused_quickly(replaced: dict[str, Any]) -> None:
    content = mw.streaming_model(**replaced)
    start = time.thread_time()
    tracemalloc.start()
    try:
        with pytest.raises(WakeModelError):
            MicroNetwork(parse_model(content))
        assert tracemalloc.get_traced_memory()[1] < 64_000_000
    finally:
        tracemalloc.stop()
    assert time.thread_time() - start < 1


def test_damage_at_any_place_raises_nothing_else() -> None:
    content = mw.streaming_model()
    random = np.random.default_rng(3)
    for _ in range(400):
        damaged = bytearray(content)
        for place in random.integers(8, len(content), random.integers(1, 4)):
            damaged[place] = random.integers(256)
        try:
            network = MicroNetwork(parse_model(bytes(damaged)))
        except WakeModelError:
            continue
        state = network.initial_state[np.newaxis].copy()
        rows = features(2 * network.rows)[np.newaxis]
        probabilities = network.run(rows, state)
        assert probabilities.shape == (1, 2)
