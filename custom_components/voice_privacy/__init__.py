"""Set-up, unloading and removal of the Voice Privacy integration."""

from collections.abc import Mapping
import contextlib
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.const import CONF_HOST, CONF_PORT, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType

from .const import (
    CONF_CHECK_LEVEL,
    CONF_CHILD_SAFE,
    CONF_IGNORE_MADE_UP_TEXT,
    CONF_LEDGER,
    CONF_MUTE_SWITCH,
    CONF_OFFER_WAKE_WORD,
    CONF_SAVE_RECORDINGS,
    CONF_SETTINGS_SAVED,
    CONF_SOURCE,
    CONF_TAKEN_FROM,
    CONF_THRESHOLD,
    CONF_WAKE_ENGINE,
    CONF_WAKE_WORDS,
    DEFAULT_CHECK_LEVEL,
    DEFAULT_IGNORE_MADE_UP_TEXT,
    DEFAULT_THRESHOLD,
    DOMAIN,
    SUBENTRY_TYPE_PIPELINE_SATELLITE,
    SUBENTRY_TYPE_SATELLITE,
)
from .coordinator import VoicePrivacyConfigEntry, VoicePrivacyCoordinator, VoicePrivacyRuntimeData
from .core.cleaning import clean_name
from .core.errors import NotSaved
from .hub.access_log import AccessLog
from .hub.callers import Permissions
from .hub.data_flow import async_remove_accepted
from .hub.events import forget_last_wakes
from .hub.house_events import HouseEvents
from .hub.hub import VoicePrivacyHub
from .hub.mute_switches import MuteSwitches
from .hub.proxies import ProxyKeeper
from .hub.repair_issues import forget_issues
from .hub.self_test import async_remove_result
from .hub.settings import SettingsStore
from .hub.taught_words import async_learn_false_wake
from .issues.data_flow import async_setup_data_flow_issues
from .issues.key_folder import async_setup_key_folder_issue
from .issues.pipeline_not_chosen import async_setup_hints
from .issues.removed_satellites import async_setup_removed_satellite_issues
from .issues.rivals import async_setup_rival_issues
from .issues.satellites_found import async_setup_suggestions
from .issues.self_test import async_setup_self_test_issues
from .issues.supervisor_backups import async_setup_supervisor_issue
from .recordings.clock_file import async_remove_clock_record
from .recordings.key_folders import key_folders
from .recordings.ledger_store import async_remove_ledger
from .recordings.store import create_store
from .recordings.taught_store import TaughtStore, async_remove_taught
from .review.weight_files import async_erase_learned
from .satellites.announcements import async_follow_announcements
from .satellites.base import SatelliteConfig
from .satellites.devices import area_of, register_devices
from .satellites.pipeline import PipelineSatelliteConfig
from .satellites.rival_watch import RivalWatch
from .satellites.stt_proxies import async_restore_engines
from .satellites.take_over import async_return_all
from .satellites.wyoming import WyomingSatelliteConfig
from .services import async_setup_services
from .voice.sentences import async_setup_voice_commands
from .voice.spoken_requests import SpokenRequests
from .wake.worker import WakeWordSettings
from .web.audio_views import async_setup_views
from .web.panel import async_remove_panel, async_setup_panel
from .web.wake_word_upload import async_setup_upload
from .web.ws_deletion import async_setup_deletion_api
from .web.ws_feedback import async_setup_feedback_api
from .web.ws_levels import async_setup_levels_api
from .web.ws_microphone_test import async_setup_microphone_test_api
from .web.ws_new_satellites import async_setup_new_satellites_api
from .web.ws_options import async_setup_options_api
from .web.ws_proof import async_setup_proof_api
from .web.ws_recordings import async_setup_websocket_api
from .web.ws_review import async_setup_review_api
from .web.ws_rooms import async_setup_rooms_api
from .web.ws_settings import async_setup_settings_api
from .web.ws_taught import async_setup_taught_api
from .web.ws_wake_words import async_setup_wake_words_api

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS: Final = (
    # Switches first: muting must not wait for a satellite to connect.
    Platform.SWITCH,
    Platform.ASSIST_SATELLITE,
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.STT,
    Platform.WAKE_WORD,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions, websocket commands and views; they answer with an error while no entry is loaded."""
    async_setup_services(hass)
    async_setup_websocket_api(hass)
    async_setup_deletion_api(hass)
    async_setup_feedback_api(hass)
    async_setup_review_api(hass)
    async_setup_new_satellites_api(hass)
    async_setup_levels_api(hass)
    async_setup_options_api(hass)
    async_setup_proof_api(hass)
    async_setup_rooms_api(hass)
    async_setup_settings_api(hass)
    async_setup_wake_words_api(hass)
    async_setup_taught_api(hass)
    async_setup_microphone_test_api(hass)
    async_setup_views(hass)
    async_setup_upload(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> bool:
    """Start the hub with every satellite of the entry."""
    settings = SettingsStore(hass)
    settings.area_of = partial(area_of, hass, entry.entry_id)
    await settings.async_load(expected=bool(entry.data.get(CONF_SETTINGS_SAVED)))
    proxies = ProxyKeeper(hass, entry, settings)
    # Also after a crash: until everything works, every pipeline has its own engine, unless a mute needs the proxy.
    await proxies.async_leave(for_long=True)
    try:
        await _async_start(hass, entry, settings, proxies)
    except BaseException:
        await proxies.async_leave(for_long=True)
        if hasattr(entry, "runtime_data"):
            # Without its entities a microphone can neither be seen nor muted: stop listening.
            with contextlib.suppress(ValueError):
                await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
            await entry.runtime_data.hub.async_stop()
        raise
    return True


async def _async_start(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, settings: SettingsStore, proxies: ProxyKeeper
) -> None:
    """Start everything, the hub first."""
    subentries = [
        subentry
        for subentry in entry.subentries.values()
        if subentry.subentry_type in (SUBENTRY_TYPE_PIPELINE_SATELLITE, SUBENTRY_TYPE_SATELLITE)
    ]
    saved = await _async_sync_satellites(settings, subentries)
    if subentries and saved and not entry.data.get(CONF_SETTINGS_SAVED):
        hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_SETTINGS_SAVED: True})

    access_log = AccessLog(hass)
    await access_log.async_load()
    keys = key_folders(entry.data, entry.options)
    hub = VoicePrivacyHub(hass, create_store(hass, keys), settings, access_log, TaughtStore(hass, keys))
    if entry.options.get(CONF_OFFER_WAKE_WORD):
        hub.taught.offered = True
        hub.wake_words_offered = entry.data.get(CONF_WAKE_WORDS, [])
    # A satellite may be removed while others are being set up; the reload that follows drops it.
    present = [subentry for subentry in subentries if subentry.subentry_id in entry.subentries]
    register_devices(hass, entry, present)
    permissions = Permissions(hass, entry, hub)
    entry.async_on_unload(permissions.automations.start())
    entry.async_on_unload(MuteSwitches(hass, hub, permissions).start())
    hub.feedback.on_false_wake = partial(async_learn_false_wake, hub)
    hub.async_sync_proxies = proxies.async_sync
    hub.keeps_ledger = entry.options.get(CONF_LEDGER, True)
    try:
        await hub.async_start([_satellite_config(subentry, entry.options) for subentry in present])
        await hub.satellites.async_drop(hub.satellites.keys() - entry.subentries.keys())
        entry.async_on_unload(RivalWatch(hass, hub.satellites.wyoming).start())
        entry.async_on_unload(await async_follow_announcements(hass, hub.satellites.wyoming))
        entry.runtime_data = VoicePrivacyRuntimeData(
            hub=hub,
            coordinator=VoicePrivacyCoordinator(hass, entry, hub),
            spoken_requests=SpokenRequests(hass, hub, entry.entry_id, permissions),
            permissions=permissions,
            proxies=proxies,
        )
    except BaseException:
        # A hub that started halfway would still hold the store's lock at the next attempt.
        await hub.async_stop()
        raise
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await proxies.async_sync()
    if (pipelines := hass.data.get("assist_pipeline")) is not None:
        entry.async_on_unload(pipelines.pipeline_store.async_add_listener(proxies.async_on_pipelines))
    entry.async_on_unload(
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, partial(_async_on_stop, hass, entry))
    )
    async_setup_voice_commands(hass, entry.runtime_data.spoken_requests, entry.async_on_unload)
    async_setup_suggestions(hass, entry)
    async_setup_rival_issues(hass, entry)
    async_setup_removed_satellite_issues(hass, entry)
    async_setup_hints(hass, entry)
    await async_setup_key_folder_issue(hass, entry)
    async_setup_supervisor_issue(hass, entry)
    async_setup_self_test_issues(hass, entry)
    async_setup_data_flow_issues(hass, entry)
    await async_setup_panel(hass)
    HouseEvents(hass, entry, hub).start()
    if hass.is_stopping:
        # The event is over that would stop the hub.
        await _async_on_stop(hass, entry)
    _reload_when_satellites_change(hass, entry, {subentry.subentry_id for subentry in subentries})


async def _async_sync_satellites(settings: SettingsStore, subentries: list[ConfigSubentry]) -> bool:
    """Add toggles for new satellites, drop those of removed ones, and return whether all were saved."""
    saved = True
    for subentry in subentries:
        try:
            await settings.async_add_satellite(
                subentry.subentry_id,
                save_recordings=subentry.data[CONF_SAVE_RECORDINGS],
                muted=bool((subentry.data.get(CONF_TAKEN_FROM) or {}).get("muted")),
            )
        except NotSaved:
            saved = False
    try:
        await settings.async_forget_satellites({subentry.subentry_id for subentry in subentries})
    except NotSaved:
        saved = False
    return saved


async def async_unload_entry(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> bool:
    """Unload the platforms and stop the hub.

    Unless the entry was disabled, proxies stay in pipelines where removing them would open a muted
    microphone.
    """
    hub = entry.runtime_data.hub
    if entry.disabled_by is None:
        await entry.runtime_data.proxies.async_leave(for_long=False)
    else:
        await entry.runtime_data.proxies.async_restore()
    if unloaded := await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        if entry.disabled_by is not None:
            # Not on a reload: users who have the page open must not be thrown out.
            async_remove_panel(hass)
        await hub.async_stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Erase all stored data: weights, then keys before files and rows, then toggles and access log."""
    await async_restore_engines(hass, entry)
    settings = SettingsStore(hass)
    settings.area_of = partial(area_of, hass, entry.entry_id)
    await settings.async_load(expected=True)
    async_remove_panel(hass)
    forget_issues(hass)
    forget_last_wakes(hass)
    await async_erase_learned(hass)
    await async_remove_ledger(hass)
    keys = key_folders(entry.data, entry.options)
    await async_remove_taught(hass, keys)
    await create_store(hass, keys).async_remove()
    muted = {satellite_id for satellite_id in entry.subentries if settings.of(satellite_id).muted}
    await settings.async_remove()
    await AccessLog(hass).async_remove()
    await async_remove_clock_record(hass)
    await async_remove_result(hass)
    await async_remove_accepted(hass)
    await async_return_all(hass, entry, muted.__contains__)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Allow a device to be removed only if it is neither the hub nor a present satellite."""
    known = {(DOMAIN, entry.entry_id)} | {(DOMAIN, subentry_id) for subentry_id in entry.subentries}
    return not known & device.identifiers


async def _async_on_stop(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, _event: Event | None = None
) -> None:
    """Give the pipelines their engines back and stop the hub when Home Assistant stops.

    The integration may be missing at the next start. The store is closed while the recorder still takes rows.
    """
    runtime = entry.runtime_data
    await runtime.proxies.async_leave(for_long=False)
    await runtime.hub.async_stop()


@callback
def _reload_when_satellites_change(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, loaded: set[str]
) -> None:
    """Reload the entry when a satellite is added or removed, which no flow reports.

    `loaded` holds the ids of the satellites that this set-up began with. Others may have been added
    meanwhile: the entry is also reported as changed when it becomes loaded.
    """

    @callback
    def on_change(change: ConfigEntryChange, changed: ConfigEntry) -> None:
        if (
            change is ConfigEntryChange.UPDATED
            and changed.entry_id == entry.entry_id
            and entry.state is ConfigEntryState.LOADED
            and set(entry.subentries) != loaded
        ):
            hass.config_entries.async_schedule_reload(entry.entry_id)

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, on_change))


def _satellite_config(subentry: ConfigSubentry, options: Mapping[str, Any]) -> SatelliteConfig:
    """Return the configuration of a satellite from its subentry and the options of the entry."""
    data = subentry.data
    ignores_made_up_text = options.get(CONF_IGNORE_MADE_UP_TEXT, DEFAULT_IGNORE_MADE_UP_TEXT)
    check_level = options.get(CONF_CHECK_LEVEL, DEFAULT_CHECK_LEVEL)
    name = clean_name(subentry.title) or subentry.subentry_id
    if subentry.subentry_type == SUBENTRY_TYPE_PIPELINE_SATELLITE:
        return PipelineSatelliteConfig(
            satellite_id=subentry.subentry_id,
            name=name,
            child_safe=data.get(CONF_CHILD_SAFE, False),
            ignores_made_up_text=ignores_made_up_text,
            source=data[CONF_SOURCE],
            mute_switch=data.get(CONF_MUTE_SWITCH),
        )
    threshold = data.get(CONF_THRESHOLD, DEFAULT_THRESHOLD)
    return WyomingSatelliteConfig(
        satellite_id=subentry.subentry_id,
        name=name,
        child_safe=data.get(CONF_CHILD_SAFE, False),
        ignores_made_up_text=ignores_made_up_text,
        host=data[CONF_HOST],
        port=data[CONF_PORT],
        wake_engine=data.get(CONF_WAKE_ENGINE),
        wake_words=tuple(
            WakeWordSettings(wake_word=wake_word, threshold=threshold, check_level=check_level)
            for wake_word in data[CONF_WAKE_WORDS]
        ),
    )
