"""Volume, gain and noise suppression of a Wyoming satellite: for the pipeline only, and remembered."""

from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import restore_state
from homeassistant.util import dt as dt_util
import numpy as np
import pytest

from custom_components.voice_privacy.core.audio import level_dbfs

from .helpers.house import House


async def set_to(house: House, key: str, value: float | str) -> None:
    """Set a microphone setting by its action."""
    platform, service, field = (
        ("select", "select_option", "option") if isinstance(value, str) else ("number", "set_value", "value")
    )
    await house.hass.services.async_call(
        platform, service, {"entity_id": house.entity_id(platform, key), field: value}, blocking=True
    )


async def heard_and_kept(house: House) -> tuple[bytes, bytes]:
    """Ask something; return what the pipeline heard, and what was kept."""
    (recording_id,) = await house.keep()
    _, content = await house.read(recording_id)
    return house.transcriber.heard[-1], content.audio


async def test_nothing_is_changed_at_first(house: House) -> None:
    assert house.state("number", "volume_multiplier") == "1.0"
    assert house.state("number", "auto_gain") == "0"
    assert house.state("select", "noise_suppression_level") == "off"
    heard, kept = await heard_and_kept(house)
    assert heard[6_400:16_000] in kept


@pytest.mark.parametrize("factor", [2.0, 0.5])
async def test_the_volume_is_what_the_pipeline_hears(house: House, factor: float) -> None:
    await set_to(house, "volume_multiplier", factor)
    heard, kept = await heard_and_kept(house)

    assert gain_between(kept, heard[6_400:16_000]) == pytest.approx(factor, rel=0.05)
    # The recording, and with it the wake engine, has the sound as it was sent.
    assert house.kitchen.heard_by_server(kept) >= 0


def gain_between(whole: bytes, part: bytes) -> float:
    """Return how many times louder a part is than the same part of the whole recording."""
    samples, piece = (np.frombuffer(pcm, "<i2").astype(np.float64) for pcm in (whole, part))
    energy = np.convolve(samples**2, np.ones(len(piece)), "valid")
    start = int(np.argmax(np.correlate(samples, piece) / np.sqrt(energy + 1.0)))
    same = samples[start : start + len(piece)]
    return float(piece @ same / (same @ same))


@pytest.mark.parametrize(("key", "value"), [("auto_gain", 31), ("noise_suppression_level", "max")])
async def test_gain_and_noise_suppression_reach_the_pipeline(house: House, key: str, value: Any) -> None:
    await set_to(house, key, value)
    heard, kept = await heard_and_kept(house)
    assert heard[6_400:16_000] not in kept
    assert house.kitchen.heard_by_server(kept) >= 0
    # As long as before: what cannot be enhanced is passed on as it is.
    assert len(heard) % 320 == 0
    if key == "noise_suppression_level":
        assert quietest(heard) < quietest(kept)


def quietest(pcm: bytes) -> float:
    """Return the level of the quietest 80 ms after the first half second."""
    return min(level_dbfs(pcm[start : start + 2_560]) for start in range(16_000, len(pcm) - 2_560, 2_560))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("volume_multiplier", 10.1),
        ("volume_multiplier", 0.0),
        ("auto_gain", 32),
        ("noise_suppression_level", "loud"),
    ],
)
async def test_other_values_are_refused(house: House, key: str, value: Any) -> None:
    with pytest.raises(ServiceValidationError):
        await set_to(house, key, value)
    await test_nothing_is_changed_at_first(house)


async def test_settings_survive_a_reload(house: House) -> None:
    await set_to(house, "volume_multiplier", 3.3)
    await set_to(house, "auto_gain", 7)
    await set_to(house, "noise_suppression_level", "low")
    await house.reload()
    assert house.state("number", "volume_multiplier") == "3.3"
    assert house.state("number", "auto_gain") == "7"
    assert house.state("select", "noise_suppression_level") == "low"


@pytest.mark.parametrize(
    ("volume", "gain", "noise", "restored"),
    [
        (2.5, 12, "medium", ("2.5", "12", "medium")),
        (99.0, -1, "deafening", ("1.0", "0", "off")),
        (None, None, "unavailable", ("1.0", "0", "off")),
    ],
)
async def test_settings_survive_a_restart(
    hass: HomeAssistant, quiet_house: House, volume: Any, gain: Any, noise: str, restored: tuple[str, ...]
) -> None:
    def remember(entity_id: str, state: str, extra: dict[str, Any] | None = None) -> None:
        now = dt_util.utcnow().isoformat()
        stored = {"state": State(entity_id, state).as_dict(), "extra_data": extra, "last_seen": now}
        restore_state.async_get(hass).last_states[entity_id] = restore_state.StoredState.from_dict(stored)

    for key, value in (("mic_volume", volume), ("auto_gain", gain)):
        limits = {"native_max_value": 31, "native_min_value": 0, "native_step": 1}
        number = {"native_value": value, "native_unit_of_measurement": None, **limits}
        remember(f"number.kitchen_{key}", "unavailable", number)
    remember("select.kitchen_noise_suppression_level", noise)
    assert await hass.config_entries.async_setup(quiet_house.entry.entry_id)
    await quiet_house.until_state("binary_sensor", "connected", "on")
    assert (
        quiet_house.state("number", "volume_multiplier"),
        quiet_house.state("number", "auto_gain"),
        quiet_house.state("select", "noise_suppression_level"),
    ) == restored
