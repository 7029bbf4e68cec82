"""Home Assistant's cache of spoken replies: plain audio files that a deletion does not cover."""

from pathlib import Path

from homeassistant.components.tts import DATA_TTS_MANAGER
from homeassistant.core import HomeAssistant, callback

from ..core.errors import SpokenRepliesLeft


@callback
def replies_are_cached(hass: HomeAssistant) -> bool:
    """Return whether spoken replies, of any conversation, are cached on disk."""
    return cached_replies(hass) > 0


@callback
def cached_replies(hass: HomeAssistant) -> int:
    """Return how many spoken replies are cached on disk."""
    manager = hass.data.get(DATA_TTS_MANAGER)
    return 0 if manager is None else len(manager.file_cache)


async def async_clear_replies(hass: HomeAssistant) -> int:
    """Remove all cached replies from memory and disk, and verify that the files are gone.

    Cached replies do not name the recording that they answer, so all are removed; Home Assistant creates
    them again when needed.

    Returns: number of removed files.

    Raises SpokenRepliesLeft if some files still exist.
    """
    manager = hass.data.get(DATA_TTS_MANAGER)
    if manager is None:
        return 0
    files = [Path(manager.cache_dir) / name for name in manager.file_cache.values()]
    await manager.async_clear_cache()
    if await hass.async_add_executor_job(lambda: any(file.exists() for file in files)):
        # The cache also dropped files that it could not remove; reload it so that the next try finds them.
        await manager.async_init_cache()
        raise SpokenRepliesLeft
    return len(files)
