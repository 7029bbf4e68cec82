"""Our wake engines as satellites use them, with a gate for each: in busy rooms, and in quiet ones."""

import itertools
import time
from typing import Final

import numpy as np

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES
from custom_components.voice_privacy.wake.engines import WakeEngines
from custom_components.voice_privacy.wake.gated import GatedEngines

NOISE_LEVEL: Final = 20
"""Standard deviation of the noise of a quiet room, 16-bit units: about -64 dBFS."""

DESCRIPTION: Final = (
    "busy: noise whose level changes, so that the gate stays open; quiet: noise at -64 dBFS, gate closed"
)

_SOUND_LEVELS: Final = (300, 300, 300, 1_500)
_CHUNKS: Final = 100
_SETTLING_CHUNKS: Final = 260
"""Chunks (21 s) after which a gate knows a quiet room."""


class Rooms:
    """Streams of satellites, all in rooms of the same kind."""

    def __init__(self, engines: WakeEngines, satellites: int) -> None:
        """Open the streams."""
        self._engine = GatedEngines(engines)
        random = np.random.default_rng(satellites)
        shape = (_CHUNKS, satellites, CHUNK_SAMPLES)
        levels = np.resize(_SOUND_LEVELS, _CHUNKS)[:, np.newaxis, np.newaxis]
        self._sound = (random.normal(0, 1, shape) * levels).astype(np.int16)
        self._quiet = random.normal(0, NOISE_LEVEL, shape).astype(np.int16)
        self._streams = [self._engine.open_stream() for _ in range(satellites)]

    def busy(self, count: int) -> None:
        """Hear chunks of busy rooms."""
        self._hear(self._sound, count)
        if self._engine.resting:
            raise SystemExit("scripts/bench: a gate is closed in a busy room")

    def quiet(self, count: int) -> None:
        """Hear chunks of quiet rooms."""
        self._hear(self._quiet, count)
        if self._engine.resting != frozenset(self._streams):
            raise SystemExit("scripts/bench: a gate is open in a quiet room")

    def settle(self) -> None:
        """Hear quiet rooms until the gates are closed, and all that may wait does."""
        self._hear(self._quiet, _SETTLING_CHUNKS + _CHUNKS)

    def open_all(self) -> float:
        """Let sound begin in all rooms at once; return the CPU milliseconds of the longest call until all are heard."""
        longest = 0.0
        for chunk in self._sound:
            start = time.process_time()
            self._engine.process(self._streams, chunk)
            longest = max(longest, time.process_time() - start)
            if not self._engine.resting:
                break
        return longest * 1_000

    def _hear(self, chunks: np.ndarray, count: int) -> None:
        for chunk in itertools.islice(itertools.cycle(chunks), count):
            self._engine.process(self._streams, chunk)
