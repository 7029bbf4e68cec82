"""Options of the house as its form and the page show them: what can be chosen, and what holds now."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import (
    CONF_CHECK_LEVEL,
    CONF_IGNORE_MADE_UP_TEXT,
    CONF_MEMBERS_MAY_OPEN_MICROPHONE,
    CONF_OFFER_WAKE_WORD,
    CONF_PIPELINES,
    DEFAULT_CHECK_LEVEL,
    DEFAULT_IGNORE_MADE_UP_TEXT,
)
from ..recordings.key_folders import CONF_KEY_DIR

FLAGS: Final = {
    CONF_OFFER_WAKE_WORD: False,
    CONF_CHECK_LEVEL: DEFAULT_CHECK_LEVEL,
    CONF_IGNORE_MADE_UP_TEXT: DEFAULT_IGNORE_MADE_UP_TEXT,
    CONF_MEMBERS_MAY_OPEN_MICROPHONE: False,
}
"""Options that are on or off, with their defaults, in the order of the form."""


@callback
def offered_pipelines(hass: HomeAssistant) -> dict[str, str]:
    """Return the names of the pipelines that can be chosen, by id: those with a speech-to-text engine."""
    return {pipeline.id: pipeline.name for pipeline in async_get_pipelines(hass) if pipeline.stt_engine}


@callback
def options_now(
    hass: HomeAssistant, entry: ConfigEntry[Any], is_withheld: Callable[[str], bool]
) -> dict[str, Any]:
    """Return the options that hold.

    Args:
        hass: Home Assistant.
        entry: Config entry of the house.
        is_withheld: Returns whether an option is withheld although the entry grants it.
    """
    offered = offered_pipelines(hass)
    options: dict[str, Any] = {name: entry.options.get(name, default) for name, default in FLAGS.items()}
    options[CONF_MEMBERS_MAY_OPEN_MICROPHONE] &= not is_withheld(CONF_MEMBERS_MAY_OPEN_MICROPHONE)
    return options | {
        CONF_PIPELINES: [chosen for chosen in entry.options.get(CONF_PIPELINES, []) if chosen in offered],
        CONF_KEY_DIR: entry.options.get(CONF_KEY_DIR, ""),
    }
