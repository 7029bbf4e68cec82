"""Repair issue for a key folder in a place that is not suitable for keys.

The options flow checks a folder when it is chosen. This check finds folders that were chosen before that
check existed, or whose place has changed since. The store opens all the same: refusing would lose the
recordings.
"""

from functools import partial
import logging
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..coordinator import VoicePrivacyConfigEntry
from ..core.key_places import KeyPlaceRefusal
from ..hub.repair_issues import show_issue, withdraw_issue
from ..recordings.key_folders import key_folders, refused_place, runs_supervised

_LOGGER = logging.getLogger(__name__)

_ISSUE_KEY_FOLDER: Final = "key_folder"


async def async_setup_key_folder_issue(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Create a repair issue if the folder is unsuitable; choosing another one reloads the entry."""
    folder = key_folders(entry.data, entry.options).chosen
    if folder is None:
        return
    config_folder = Path(hass.config.config_dir)
    refusal = await hass.async_add_executor_job(
        partial(_refusal_of_keys, config_folder, folder, supervised=runs_supervised(hass))
    )
    if refusal is None:
        return
    show_issue(
        hass,
        _ISSUE_KEY_FOLDER,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=refusal,
        translation_placeholders={"folder": str(folder)},
    )
    entry.async_on_unload(lambda: withdraw_issue(hass, _ISSUE_KEY_FOLDER))


def _refusal_of_keys(config_folder: Path, folder: Path, *, supervised: bool) -> KeyPlaceRefusal | None:
    """Return the reason why keys must not stay in a folder, or None. Blocks on disk access."""
    try:
        refusal = refused_place(config_folder, folder, supervised=supervised)
        if refusal is KeyPlaceRefusal.IN_BACKUP and not folder.exists():
            # Network storage that is not mounted: no keys are here, and the store reports the missing folder.
            return None
    except (OSError, ValueError) as err:
        _LOGGER.warning("Failed to check the key folder: %s", type(err).__name__)
        return KeyPlaceRefusal.UNKNOWN
    return refusal
