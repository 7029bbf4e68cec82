"""Rooms whose sound comes in bursts, heard by an engine with gates and by one without."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.wake.engine import Floats
from custom_components.voice_privacy.wake.engines import WakeEngines
from custom_components.voice_privacy.wake.gated import GatedEngines

CHUNK: Final = 1_280

type Burst = tuple[int, float, str]
"""Chunks of noise, its level, and what happens to the stream before: "go on", "restart" or "reopen"."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What both engines made of the next chunk of one room."""

    stream: int
    """Handle in the engine with gates."""

    other: int
    """Handle in the engine without."""

    scores: Floats
    expected: Floats


def noise(level: float, seed: int, chunks: int = 1) -> NDArray[np.int16]:
    """Return noise, [chunks, 1280]."""
    random = np.random.default_rng(seed)
    return np.rint(random.normal(0, level, (chunks, CHUNK))).clip(-32_768, 32_767).astype(np.int16)


def heard_by_both(
    gated: GatedEngines, reference: WakeEngines, rooms: Sequence[Sequence[Burst]], seed: int
) -> Iterator[Tick]:
    """Yield each chunk of each room, all rooms at once, after both engines have heard it."""
    plans = [
        [
            (chunk, action if not at else "go on")
            for number, (count, level, action) in enumerate(room)
            for at, chunk in enumerate(noise(level, seed + number, count))
        ]
        for room in rooms
    ]
    streams = [(gated.open_stream(), reference.open_stream()) for _ in rooms]
    for at in range(max(map(len, plans))):
        now = [room for room, plan in enumerate(plans) if at < len(plan)]
        for room in now:
            match plans[room][at][1]:
                case "restart":
                    gated.restart_stream(streams[room][0])
                    reference.restart_stream(streams[room][1])
                case "reopen":
                    gated.close_stream(streams[room][0])
                    reference.close_stream(streams[room][1])
                    streams[room] = gated.open_stream(), reference.open_stream()
        chunks = np.stack([plans[room][at][0] for room in now])
        found = gated.process([streams[room][0] for room in now], chunks)
        expected = reference.process([streams[room][1] for room in now], chunks)
        for row, room in enumerate(now):
            yield Tick(*streams[room], found[row], expected[row])
