"""The wake engine of satellites rests while their rooms are quiet."""

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.voice_privacy.core.errors import ModelFileMissing
from custom_components.voice_privacy.core.score_history import ScorePeak
from custom_components.voice_privacy.wake.engines import WakeEngines, load_engines
from custom_components.voice_privacy.wake.worker import WakeWordSettings
from custom_components.voice_privacy.wake_listening.listener import WakeListener
from tests.wake import micro_writer as mw

LISTENER = "custom_components.voice_privacy.wake_listening.listener"
CHUNK = 1_280


class NoScores:
    """A receiver of score peaks that ignores them."""

    def heard(self, satellite_id: str, peak: ScorePeak) -> None:
        """Ignore a peak."""


@pytest.fixture
def engines(tmp_path: Path) -> WakeEngines:
    """Return an engine with a synthetic model of microWakeWord."""
    path = tmp_path / "word.tflite"
    path.write_bytes(mw.streaming_model())
    path.with_suffix(".json").write_bytes(mw.manifest(probability_cutoff=0.99))
    return load_engines({"word": path}, ModelFileMissing("no base files"))


async def test_the_engine_rests_while_a_satellite_sends_quiet(
    hass: HomeAssistant, engines: WakeEngines
) -> None:
    heard: list[int] = []
    process = engines.process

    def counted(streams: Sequence[int], chunks: NDArray[np.int16]) -> NDArray[np.float32]:
        heard.append(len(streams))
        # The synthetic model has opinions on silence, too.
        return process(streams, chunks) * np.float32(0.01)

    async def loaded(*_: object) -> WakeEngines:
        return engines

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    listener = WakeListener(hass, NoScores())
    with (
        patch(f"{LISTENER}.async_load_engine", loaded),
        patch(f"{LISTENER}.async_used_files", nothing),
        patch.object(engines, "process", counted),
    ):
        await listener.async_load({"word"})
        assert listener.model_error is None
        listener.start()
        try:
            listener.open_stream("kitchen", [WakeWordSettings(wake_word="word")], lambda _: None)

            async def send(level: float, chunks: int) -> int:
                """Send noise; return how many chunks of it the engine heard."""
                heard.clear()
                random = np.random.default_rng(chunks)
                for _ in range(chunks // 40):
                    sound = np.rint(random.normal(0, level, 40 * CHUNK)).astype("<i2")
                    listener.feed_stream("kitchen", sound.tobytes())
                    assert await hass.async_add_executor_job(listener.worker.wait_until_idle, 60)
                return len(heard)

            await send(10, 400)
            assert await send(10, 200) == 0
            assert await send(3_000, 40) == 40
            statistics = listener.statistics("kitchen")
            assert (statistics.chunks_processed, statistics.chunks_dropped) == (640, 0)
        finally:
            await listener.async_stop()
