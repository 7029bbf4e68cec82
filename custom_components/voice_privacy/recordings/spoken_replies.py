"""Home Assistant's cache of spoken replies: plain sound files, which no deletion of recordings reaches."""

from pathlib import Path

from homeassistant.components.tts import DATA_TTS_MANAGER
from homeassistant.core import HomeAssistant, callback

from ..core.errors import SpokenRepliesLeft


@callback
def replies_are_cached(hass: HomeAssistant) -> bool:
    """Return whether spoken replies, of whatever conversation, lie on the disk."""
    manager = hass.data.get(DATA_TTS_MANAGER)
    return manager is not None and bool(manager.file_cache)


async def async_clear_replies(hass: HomeAssistant) -> int:
    """Remove all cached replies, in memory and on disk, and look whether they are gone.

    A cached reply does not say which recording it answered, so that all of them go; Home Assistant speaks
    them again when they are needed.

    Returns: how many files were removed.

    Raises SpokenRepliesLeft when some are still there.
    """
    manager = hass.data.get(DATA_TTS_MANAGER)
    if manager is None:
        return 0
    files = [Path(manager.cache_dir) / name for name in manager.file_cache.values()]
    await manager.async_clear_cache()
    if await hass.async_add_executor_job(lambda: any(file.exists() for file in files)):
        # Home Assistant forgets also those that it could not remove: let it see them again, for the next try.
        await manager.async_init_cache()
        raise SpokenRepliesLeft
    return len(files)
