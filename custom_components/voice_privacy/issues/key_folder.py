"""Warn if the chosen key folder is in a place where keys must not live.

The choice is checked when it is made; what was chosen before there was a check, or what has changed since
then, shows only here. The store opens all the same: refusing would lose the recordings for certain.
"""

from functools import partial
import logging
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..coordinator import VoicePrivacyConfigEntry
from ..core.key_places import KeyPlaceRefusal
from ..recordings.key_folders import key_folders, refused_place, runs_supervised

_LOGGER = logging.getLogger(__name__)

_ISSUE_KEY_FOLDER: Final = "key_folder"


async def async_setup_key_folder_issue(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Raise a repair issue until another folder is chosen; choosing one reloads the entry."""
    folder = key_folders(entry.data, entry.options).chosen
    if folder is None:
        return
    config_folder = Path(hass.config.config_dir)
    refusal = await hass.async_add_executor_job(
        partial(_refusal_of_keys, config_folder, folder, supervised=runs_supervised(hass))
    )
    if refusal is None:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _ISSUE_KEY_FOLDER,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=refusal,
        translation_placeholders={"folder": str(folder)},
    )
    entry.async_on_unload(lambda: ir.async_delete_issue(hass, DOMAIN, _ISSUE_KEY_FOLDER))


def _refusal_of_keys(config_folder: Path, folder: Path, *, supervised: bool) -> KeyPlaceRefusal | None:
    """Return why the keys that were put into a folder must not stay there. Blocks."""
    try:
        refusal = refused_place(config_folder, folder, supervised=supervised)
        if refusal is KeyPlaceRefusal.IN_BACKUP and not folder.exists():
            # Network storage that is away: no key is in its place, and the store says that it is missing.
            return None
    except (OSError, ValueError) as err:
        _LOGGER.warning("The key folder cannot be looked at: %s", type(err).__name__)
        return KeyPlaceRefusal.UNKNOWN
    return refusal
