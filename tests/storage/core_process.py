"""A Home Assistant core with a real recorder and nothing else, for processes that are killed or measured."""

from collections.abc import AsyncGenerator
import contextlib
from pathlib import Path

from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import async_initialize_recorder
from homeassistant.loader import async_setup as async_setup_loader
from homeassistant.setup import async_setup_component


@contextlib.asynccontextmanager
async def core(folder: Path) -> AsyncGenerator[HomeAssistant]:
    """Run a core with its configuration in a folder, and its recorder on SQLite in that folder."""
    hass = HomeAssistant(str(folder))
    hass.config.skip_pip = True
    hass.config_entries = ConfigEntries(hass, {})
    async_setup_loader(hass)
    async_initialize_recorder(hass)
    try:
        if not await async_setup_component(hass, "recorder", {"recorder": {}}):
            raise RuntimeError("the recorder does not start")
        # Only then does the recorder take work.
        await hass.async_start()
        yield hass
    finally:
        await hass.async_stop(force=True)
