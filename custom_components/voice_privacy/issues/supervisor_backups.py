"""Repair issue for a Supervisor whose backups contain the keys and recordings.

Supervisor excludes `.cache` from backups since 2026.02.0. Restoring a backup of an older version brings
deleted recordings back.
"""

from datetime import timedelta
from typing import Final

from awesomeversion import AwesomeVersion, AwesomeVersionException
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.hassio import is_hassio
from homeassistant.helpers.start import async_at_started

from ..coordinator import VoicePrivacyConfigEntry
from ..hub.repair_issues import show_issue, solve_issue, withdraw_issue

_ISSUE_SUPERVISOR: Final = "supervisor_outdated"

_FIRST_WITHOUT_CACHE: Final = "2026.02.0"
_LOOK_EVERY: Final = timedelta(minutes=5)
"""Same interval as the hassio integration's; Supervisor may be updated while Home Assistant runs."""


def backups_contain_cache(version: object) -> bool | None:
    """Return whether backups of a Supervisor version contain `.cache`; None if the version is not recognized.

    Development versions count as older than the release that they precede.
    """
    if not isinstance(version, str):
        return None
    try:
        return AwesomeVersion(version) < AwesomeVersion(_FIRST_WITHOUT_CACHE)
    except AwesomeVersionException:
        return None


@callback
def async_setup_supervisor_issue(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Keep the issue up to date until the entry is unloaded."""

    @callback
    def look(_now: object) -> None:
        version = _supervisor_version(hass)
        contain_cache = backups_contain_cache(version)
        if contain_cache is None:
            # Not known yet, or a build from source: keep the last result. A guess would not help users, and
            # Supervisor updates itself unless that is disabled.
            return
        if not contain_cache:
            solve_issue(hass, _ISSUE_SUPERVISOR)
            return
        show_issue(
            hass,
            _ISSUE_SUPERVISOR,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=_ISSUE_SUPERVISOR,
            translation_placeholders={"version": str(version), "first": _FIRST_WITHOUT_CACHE},
        )

    entry.async_on_unload(async_at_started(hass, look))
    entry.async_on_unload(async_track_time_interval(hass, look, _LOOK_EVERY))
    entry.async_on_unload(lambda: withdraw_issue(hass, _ISSUE_SUPERVISOR))


@callback
def _supervisor_version(hass: HomeAssistant) -> object:
    """Return the version of Supervisor; None without a Supervisor or before it has answered."""
    if not is_hassio(hass):
        return None
    # Import here only: hassio is loaded by now, but its requirements are not part of every installation.
    from homeassistant.components.hassio import HassioNotReadyError, get_supervisor_info  # noqa: PLC0415

    try:
        return get_supervisor_info(hass).get("version")
    except HassioNotReadyError:
        return None
