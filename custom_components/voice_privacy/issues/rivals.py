"""Repair issues for satellites that another server uses, and for those that core may have back."""

from typing import Final

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..coordinator import VoicePrivacyConfigEntry
from ..core.contention import Rival
from ..hub.repair_issues import show_issue, solve_issue, withdraw_issue
from ..satellites.core_wyoming import WYOMING
from ..satellites.take_over import disabled_by_us, forget_enabled, leave_muted, subentry_of

ISSUE_RIVAL: Final = "rival"
ISSUE_GIVE_BACK: Final = "give_back"


@callback
def async_setup_rival_issues(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Keep the issues up to date until the entry is unloaded."""
    issues = _RivalIssues(hass, entry)
    issues.look_at_satellites()
    issues.look_at_core()
    entry.async_on_unload(entry.runtime_data.hub.notices.listen(issues.look_at_satellites))
    entry.async_on_unload(
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, issues.on_entry_changed)
    )
    entry.async_on_unload(issues.stop)


class _RivalIssues:
    """Repair issues by satellite, and by entry of core."""

    def __init__(self, hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
        """Initialize without issues."""
        self._hass = hass
        self._entry = entry
        self._satellites = entry.runtime_data.hub.satellites.wyoming
        self._rivals: dict[str, Rival | None] = {}
        self._offered: set[str] = set()
        self._settings = entry.runtime_data.hub.settings
        self._taken = {
            entry_id: subentry.subentry_id
            for entry_id in disabled_by_us(hass, entry)
            if (subentry := subentry_of(entry, entry_id)) is not None
        }
        """Satellites that were taken over, by the ids of core's entries."""

    @callback
    def look_at_satellites(self) -> None:
        """Show or withdraw the issue of each satellite.

        One that was ignored stays ignored when the other server comes and goes.
        """
        for satellite_id, satellite in self._satellites.items():
            rival, issue_id = satellite.rival, f"{ISSUE_RIVAL}_{satellite_id}"
            if rival is self._rivals.get(satellite_id):
                continue
            self._rivals[satellite_id] = rival
            if rival is None:
                withdraw_issue(self._hass, issue_id)
                continue
            show_issue(
                self._hass,
                issue_id,
                data={"entry_id": self._entry.entry_id, "satellite_id": satellite_id},
                is_fixable=rival is Rival.CORE,
                severity=ir.IssueSeverity.ERROR,
                translation_key=rival.value,
                translation_placeholders={"name": satellite.config.name},
            )

    @callback
    def on_entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Look again when one of core's entries has been enabled, disabled or removed."""
        if entry.domain == WYOMING:
            self.look_at_core()

    @callback
    def look_at_core(self) -> None:
        """Offer to enable entries of core that we disabled for satellites that have been removed here."""
        forget_enabled(self._hass, self._entry)
        offered = {}
        for entry_id in disabled_by_us(self._hass, self._entry):
            if subentry_of(self._entry, entry_id) is None:
                offered[f"{ISSUE_GIVE_BACK}_{entry_id}"] = entry_id
        for issue_id in self._offered - offered.keys():
            solve_issue(self._hass, issue_id)
        self._offered = set(offered)
        for issue_id, entry_id in offered.items():
            show_issue(
                self._hass,
                issue_id,
                data={"entry_id": self._entry.entry_id, "wyoming_entry_id": entry_id},
                is_fixable=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key=ISSUE_GIVE_BACK,
                translation_placeholders={
                    "name": self._hass.config_entries.async_get_known_entry(entry_id).title
                },
            )

    @callback
    def stop(self) -> None:
        """Withdraw all issues, and delete those of removed satellites, whose mutes are left to core."""
        disabled = disabled_by_us(self._hass, self._entry)
        for entry_id, satellite_id in self._taken.items():
            removed = satellite_id not in self._entry.subentries
            if removed and entry_id in disabled and self._settings.of(satellite_id).muted:
                leave_muted(self._hass, entry_id)
        for satellite_id in self._satellites:
            present = satellite_id in self._entry.subentries
            (withdraw_issue if present else solve_issue)(self._hass, f"{ISSUE_RIVAL}_{satellite_id}")
        for issue_id in self._offered:
            withdraw_issue(self._hass, issue_id)
