"""Diagnostics: an allow-list of technical facts, without personal data."""

from typing import Any

from homeassistant.core import HomeAssistant

from .coordinator import VoicePrivacyConfigEntry
from .core.errors import VoicePrivacyError
from .wake.model_files import published_words


def _code(err: Exception | None) -> str | None:
    """Return the code or type of an error without its message, which may contain a path."""
    if err is None:
        return None
    return err.code if isinstance(err, VoicePrivacyError) else type(err).__name__


def _public(wake_word: str) -> str:
    """Return a published wake word, or "own" for a custom one, which may be a person's name."""
    return wake_word if wake_word in published_words() else "own"


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry
) -> dict[str, Any]:
    """Return diagnostics; satellites are numbered, not named."""
    hub = entry.runtime_data.hub
    house = entry.runtime_data.coordinator.data
    satellites = []
    for number, (satellite_id, snapshot) in enumerate(house.satellites.items(), start=1):
        satellite = hub.satellites[satellite_id]
        statistics = hub.listening.statistics(satellite_id)
        satellites.append(
            {
                "number": number,
                "state": snapshot.state.value,
                "silence_reason": snapshot.silence_reason,
                "mute_confirmed": snapshot.mute_confirmed,
                "toggles": {toggle.value: on for toggle, on in snapshot.toggles.items()},
                "recordings": snapshot.summary.recordings,
                "near_misses": snapshot.summary.near_misses,
                "wakes_today": snapshot.wakes_today,
                "false_wakes_today": snapshot.false_wakes_today,
                "wake_words": [
                    {"wake_word": _public(wake_word.wake_word), "threshold": wake_word.threshold}
                    for wake_word in satellite.config.wake_words
                ],
                "chunks_processed": statistics.chunks_processed,
                "chunks_dropped": statistics.chunks_dropped,
                "is_scored": snapshot.is_scored,
                "detects_wake_word_itself": satellite.info.detects_wake_word if satellite.info else None,
            }
        )
    return {
        "toggles": {toggle.value: on for toggle, on in house.toggles.items()},
        "recordings": house.summary.recordings,
        "size": house.summary.size,
        "pending_deletions": hub.deletion.pending,
        "store_error": _code(hub.kept.error),
        "model_error": _code(hub.listening.model_error),
        "wake_words_available": [_public(wake_word) for wake_word in hub.listening.wake_words_available],
        "satellites": satellites,
    }
