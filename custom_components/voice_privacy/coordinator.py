"""Coordinator: snapshots of the hub for entities and the page, pushed by the hub, never polled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.event import async_track_time_change, async_track_time_interval
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.errors import NotLoaded, VoicePrivacyError
from .core.house_settings import HouseToggle, SatelliteToggle
from .core.levels import HouseLevels, InForce, PrivacyLevel
from .core.models import RecordingInfo, StoreSummary
from .core.retention_policy import KeepFor, RetentionPolicy
from .core.review import RELEASE_HOURS, last_release
from .core.self_test import SelfTestResult
from .core.stream_health import SatelliteState
from .hub.callers import Permissions
from .hub.house_events import tell_unprotected
from .hub.hub import VoicePrivacyHub
from .hub.levels import Area, Levels
from .hub.proxies import ProxyKeeper
from .hub.repair_issues import show_issue, solve_issue, withdraw_issue
from .satellites.base import Satellite
from .satellites.found import UnprotectedSatellite
from .voice.spoken_requests import SpokenRequests
from .wake.worker import WakeWordSettings

_LOGGER = logging.getLogger(__name__)

ISSUE_MODELS_MISSING: Final = "models_missing"
ISSUE_MUTE_NOT_HELD: Final = "mute_not_held"
ISSUE_MUTE_VIOLATED: Final = "mute_violated"
ISSUE_NOT_RESTORED: Final = "not_restored"
ISSUE_NOT_SAVED: Final = "not_saved"
ISSUE_PIPELINE_NOT_CHOSEN: Final = "pipeline_not_chosen"
ISSUE_SETTINGS_LOST: Final = "settings_lost"
ISSUE_STORE: Final = "store"
ISSUE_WAKE_ENGINE_BROKEN: Final = "wake_engine_broken"
ISSUE_WAKE_ENGINE_UNAVAILABLE: Final = "wake_engine_unavailable"

_HOUSE_ISSUES: Final = (
    ISSUE_MODELS_MISSING,
    ISSUE_NOT_RESTORED,
    ISSUE_NOT_SAVED,
    ISSUE_SETTINGS_LOST,
    ISSUE_STORE,
    ISSUE_WAKE_ENGINE_UNAVAILABLE,
)

type VoicePrivacyConfigEntry = ConfigEntry[VoicePrivacyRuntimeData]


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteSnapshot:
    """State of a satellite as entities and the page show it."""

    state: SatelliteState
    silence_reason: str | None
    mute_confirmed: bool | None
    mute_is_void: bool
    """True if the satellite is muted but its audio still reaches a pipeline."""

    toggles: dict[SatelliteToggle, bool]
    summary: StoreSummary
    wakes_today: int
    """Wakes since midnight."""

    false_wakes_today: int
    """Wakes since midnight that led to no command."""

    level: InForce
    """Privacy level in force, with the reasons."""

    longest: PrivacyLevel
    """Level that limits how long its recordings are kept."""

    is_scored: bool
    """True if our wake engine scores what it hears, so that near misses are known."""

    wake_words: tuple[WakeWordSettings, ...]
    """Wake words that are listened for here, with their thresholds; none if the satellite detects its own."""

    keep_for: KeepFor
    """How long its recordings are kept, as it was chosen."""

    start_of_today: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseSnapshot:
    """State of the whole house as entities and the page show it."""

    toggles: dict[HouseToggle, bool]
    summary: StoreSummary
    retention: RetentionPolicy
    levels: HouseLevels
    """Privacy levels as they were chosen."""

    areas: dict[str, Area]
    """Areas with a satellite, by area id."""

    held: tuple[tuple[RecordingInfo, datetime], ...]
    """Recordings that are in memory only, oldest first, and when each of them goes."""

    not_restored: int
    """Number of recordings that a restored backup lists but whose keys are missing."""

    review: tuple[int, int, bool]
    """Number of clips in the review pool, its change counter, and whether weights are being learned."""

    released_at: datetime
    """Time at which clips were last released to reviewers."""

    start_of_today: datetime
    self_test: SelfTestResult | None
    """Last self-test of deletion; None if there was none yet."""

    self_test_passed: bool | None
    """What it says now; None if it was too long ago, or could not look everywhere."""

    names: dict[str, str]
    """Names of the satellites by id."""

    satellites: dict[str, SatelliteSnapshot]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePrivacyRuntimeData:
    """Runtime data of the loaded config entry."""

    hub: VoicePrivacyHub
    coordinator: VoicePrivacyCoordinator
    spoken_requests: SpokenRequests
    permissions: Permissions
    proxies: ProxyKeeper


@callback
def loaded_entry(hass: HomeAssistant) -> VoicePrivacyConfigEntry | None:
    """Return the config entry, or None while it is not loaded."""
    entry: VoicePrivacyConfigEntry
    for entry in hass.config_entries.async_entries(DOMAIN):
        # When Home Assistant stops, entries stay loaded, with a hub that knows nothing any more.
        if entry.state is ConfigEntryState.LOADED and not entry.runtime_data.hub.stopping:
            return entry
    return None


@callback
def runtime_of(
    entry: VoicePrivacyConfigEntry, admitted: VoicePrivacyRuntimeData | None = None
) -> VoicePrivacyRuntimeData:
    """Return the runtime data of a config entry, which Home Assistant deletes when it unloads the entry.

    Args:
        entry: The entry.
        admitted: Runtime data at an earlier moment. After a reload, nothing that was read there holds.

    Raises NotLoaded if the entry is being unloaded, or has been reloaded since that moment.
    """
    runtime: VoicePrivacyRuntimeData | None = getattr(entry, "runtime_data", None)
    if runtime is None or runtime.hub.stopping or (admitted is not None and admitted is not runtime):
        raise NotLoaded
    return runtime


def names_of(hass: HomeAssistant, entry_id: str, satellites: Mapping[str, Satellite]) -> dict[str, str]:
    """Return the names of satellites by id, with the name that a user gave the device first."""
    devices = dr.async_get(hass)

    def name(satellite: Satellite) -> str:
        device = devices.async_get_device_by_identifier((DOMAIN, satellite.satellite_id), entry_id)
        return (device.name_by_user if device else None) or satellite.config.name

    return {satellite_id: name(satellite) for satellite_id, satellite in satellites.items()}


class VoicePrivacyCoordinator(DataUpdateCoordinator[HouseSnapshot]):
    """Coordinator that publishes a snapshot of the hub after each change."""

    config_entry: VoicePrivacyConfigEntry

    def __init__(self, hass: HomeAssistant, entry: VoicePrivacyConfigEntry, hub: VoicePrivacyHub) -> None:
        """Take the first snapshot and follow the hub until the entry is unloaded."""
        super().__init__(hass, _LOGGER, config_entry=entry, name=DOMAIN, always_update=False)
        self.hub = hub
        self.levels = Levels(hass, hub)
        """Privacy levels of the rooms."""

        self.unprotected: tuple[UnprotectedSatellite, ...] = ()
        """Satellites of other integrations that have not been added."""

        self._told_unprotected: set[str] | None = None
        """Sources of the unprotected satellites that have been seen; None before the first look."""

        self.pipelines_not_chosen: Mapping[str, str] = {}
        """Name of the pipeline of each satellite whose pipeline was not chosen, by satellite id."""

        entry.async_on_unload(self.levels.start())
        self.data = self._snapshot()
        self._sync_issues()
        entry.async_on_unload(hub.notices.listen(self._on_change))
        entry.async_on_unload(async_track_time_interval(hass, hub.check, timedelta(seconds=1)))
        # Daily counters are reset at midnight even if nothing happens; clips are released at fixed hours.
        hours = [0, *RELEASE_HOURS]
        entry.async_on_unload(async_track_time_change(hass, self._on_hour, hour=hours, minute=0, second=0))
        entry.async_on_unload(hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._on_device))
        entry.async_on_unload(self._forget_issues)

    @callback
    def set_unprotected(self, unprotected: tuple[UnprotectedSatellite, ...]) -> None:
        """Publish which satellites of other integrations have not been added."""
        if self._told_unprotected is not None:
            new = [one for one in unprotected if one.source not in self._told_unprotected]
            tell_unprotected(self.hass, self.config_entry, new)
        # What is there at the start is nothing new, and neither is what was away for a while.
        self._told_unprotected = {one.source for one in unprotected} | (self._told_unprotected or set())
        if unprotected != self.unprotected:
            self.unprotected = unprotected
            self.async_update_listeners()

    @callback
    def set_pipelines_not_chosen(self, pipelines: Mapping[str, str]) -> None:
        """Publish which satellites use a pipeline that was not chosen."""
        if pipelines != self.pipelines_not_chosen:
            self.pipelines_not_chosen = pipelines
            self.async_update_listeners()

    @callback
    def _on_change(self) -> None:
        """Publish a new snapshot if it differs, and update the repair issues."""
        snapshot = self._snapshot()
        if snapshot != self.data:
            self.async_set_updated_data(snapshot)
        self._sync_issues()

    @callback
    def _on_device(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        """Update the snapshot when a satellite was renamed."""
        if event.data["action"] == "update" and "name_by_user" in event.data["changes"]:
            self._on_change()

    @callback
    def _on_hour(self, _now: datetime) -> None:
        """Update the snapshot at midnight and when clips are released to reviewers."""
        self._on_change()

    def _snapshot(self) -> HouseSnapshot:
        """Return the current state of the hub."""
        hub = self.hub
        before = self.data.satellites if self.data else {}
        start_of_today = dt_util.start_of_local_day()
        satellites = {}
        for satellite_id, satellite in hub.satellites.items():
            snapshot = SatelliteSnapshot(
                state=satellite.state,
                silence_reason=satellite.silence_reason,
                mute_confirmed=satellite.mute_confirmed,
                mute_is_void=satellite.mute_is_void,
                toggles={toggle: hub.settings.satellite(satellite_id, toggle) for toggle in SatelliteToggle}
                # A microphone that the level of its room keeps off is shown as off.
                | {SatelliteToggle.MUTED: hub.settings.of(satellite_id).muted},
                level=self.levels.in_force(satellite_id),
                longest=self.levels.period_of(satellite_id),
                summary=hub.kept.summary(satellite_id),
                wakes_today=hub.wakes.wakes.today(satellite_id),
                false_wakes_today=hub.wakes.false_wakes.today(satellite_id),
                is_scored=satellite.is_scored,
                wake_words=satellite.wake_words,
                keep_for=hub.settings.retention.of_satellite(satellite_id),
                start_of_today=start_of_today,
            )
            # The same object while nothing changes: its entities compare no fields.
            known = before.get(satellite_id)
            satellites[satellite_id] = known if known is not None and known == snapshot else snapshot
        return HouseSnapshot(
            toggles={toggle: hub.settings.house(toggle) for toggle in HouseToggle},
            summary=hub.kept.summary(),
            retention=hub.settings.retention,
            levels=hub.settings.levels,
            areas=self.levels.areas,
            held=tuple(zip(hub.memory.held.infos.values(), hub.memory.held.ends.values(), strict=True)),
            not_restored=hub.kept.not_restored,
            review=(len(hub.review.clips), hub.review.pool.changes, hub.review.learner.learning),
            released_at=last_release(dt_util.now()),
            start_of_today=start_of_today,
            self_test=(self_test := hub.self_test.result),
            self_test_passed=None if self_test is None else self_test.stands(dt_util.utcnow()),
            names=names_of(self.hass, self.config_entry.entry_id, hub.satellites),
            satellites=satellites,
        )

    @callback
    def _sync_issues(self) -> None:
        """Create repair issues for present problems and delete those of solved ones."""
        hub = self.hub
        self._issue(
            ISSUE_STORE,
            active=hub.kept.error is not None,
            translation_key=hub.kept.error.code if hub.kept.error else ISSUE_STORE,
            fixable=True,
        )
        self._sync_engine_issues()
        self._issue(
            ISSUE_SETTINGS_LOST, active=hub.settings.lost, translation_key=ISSUE_SETTINGS_LOST, fixable=False
        )
        self._issue(ISSUE_NOT_SAVED, active=hub.unsaved, translation_key=ISSUE_NOT_SAVED, fixable=False)
        self._issue(
            ISSUE_NOT_RESTORED,
            active=hub.kept.not_restored > 0,
            translation_key=ISSUE_NOT_RESTORED,
            fixable=True,
            placeholders={"count": str(hub.kept.not_restored)},
            severity=ir.IssueSeverity.WARNING,
        )
        for satellite_id, satellite in hub.satellites.items():
            self._issue(
                f"{ISSUE_WAKE_ENGINE_BROKEN}_{satellite_id}",
                active=satellite.engine_broken,
                translation_key=ISSUE_WAKE_ENGINE_BROKEN,
                fixable=False,
                placeholders={"name": satellite.config.name},
            )
            self._issue(
                f"{ISSUE_MUTE_NOT_HELD}_{satellite_id}",
                active=satellite.mute_is_void,
                translation_key=ISSUE_MUTE_NOT_HELD,
                fixable=False,
                placeholders={"name": satellite.config.name},
            )
            self._issue(
                f"{ISSUE_MUTE_VIOLATED}_{satellite_id}",
                active=satellite.mute_violated,
                translation_key=ISSUE_MUTE_VIOLATED,
                fixable=False,
                placeholders={"name": satellite.config.name},
            )

    @callback
    def _sync_engine_issues(self) -> None:
        """Create or delete the issues of our wake engine: missing models, and an engine that cannot run."""
        hub, error = self.hub, self.hub.listening.model_error
        unavailable = hub.listening.unavailable
        self._issue(
            ISSUE_MODELS_MISSING,
            active=error is not None and unavailable is None,
            translation_key=ISSUE_MODELS_MISSING,
            fixable=True,
            placeholders={"code": error.code if isinstance(error, VoicePrivacyError) else "unknown"},
        )
        # Not if every satellite uses another engine: then the owner has followed the advice of the issue.
        self._issue(
            ISSUE_WAKE_ENGINE_UNAVAILABLE,
            active=unavailable is not None and bool(hub.wake_words_wanted or not hub.satellites),
            translation_key=ISSUE_WAKE_ENGINE_UNAVAILABLE,
            fixable=False,
            placeholders={"reason": str(unavailable)},
        )

    @callback
    def _forget_issues(self) -> None:
        """Withdraw all repair issues on unload, and delete those of removed satellites."""
        for issue_id in _HOUSE_ISSUES:
            withdraw_issue(self.hass, issue_id)
        for satellite_id in self.hub.satellites:
            present = satellite_id in self.config_entry.subentries
            for issue in (ISSUE_MUTE_NOT_HELD, ISSUE_MUTE_VIOLATED, ISSUE_WAKE_ENGINE_BROKEN):
                (withdraw_issue if present else solve_issue)(self.hass, f"{issue}_{satellite_id}")

    def _issue(
        self,
        issue_id: str,
        *,
        active: bool,
        translation_key: str,
        fixable: bool,
        placeholders: dict[str, str] | None = None,
        severity: ir.IssueSeverity = ir.IssueSeverity.ERROR,
    ) -> None:
        """Create a repair issue, or delete it if it is not active."""
        if not active:
            solve_issue(self.hass, issue_id)
            return
        show_issue(
            self.hass,
            issue_id,
            data={"entry_id": self.config_entry.entry_id},
            is_fixable=fixable,
            severity=severity,
            translation_key=translation_key,
            translation_placeholders=placeholders,
        )
