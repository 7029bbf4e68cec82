"""Voice Privacy: satellite microphones that can be seen, muted, listened back to and erased."""

from typing import Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, config_validation as cv, device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.typing import ConfigType

from .access_log import AccessLog
from .const import (
    CONF_AREA,
    CONF_SAVE_RECORDINGS,
    CONF_SETTINGS_SAVED,
    CONF_THRESHOLD,
    CONF_WAKE_WORDS,
    DEFAULT_THRESHOLD,
    DOMAIN,
    SUBENTRY_TYPE_SATELLITE,
)
from .coordinator import VoicePrivacyConfigEntry, VoicePrivacyCoordinator, VoicePrivacyRuntimeData
from .http import async_setup_views
from .hub import VoicePrivacyHub, create_store
from .panel import async_remove_panel, async_setup_panel
from .satellite import SatelliteConfig
from .services import async_setup_services
from .settings import SettingsStore
from .voice_commands import async_setup_voice_commands
from .wake.worker import WakeWordSettings
from .websocket_api import async_setup_websocket_api

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS: Final = (
    # Switches first: whoever mutes must not wait for a satellite.
    Platform.SWITCH,
    Platform.ASSIST_SATELLITE,
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SELECT,
    Platform.SENSOR,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions, commands and views; they explain themselves when the entry is not loaded."""
    async_setup_services(hass)
    async_setup_websocket_api(hass)
    async_setup_views(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> bool:
    """Start the hub with every satellite of the entry."""
    subentries = [
        subentry
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_TYPE_SATELLITE
    ]
    settings = SettingsStore(hass)
    await settings.async_load(expected=bool(entry.data.get(CONF_SETTINGS_SAVED)))
    for subentry in subentries:
        await settings.async_add_satellite(
            subentry.subentry_id, save_recordings=subentry.data[CONF_SAVE_RECORDINGS]
        )
    await settings.async_forget_satellites({subentry.subentry_id for subentry in subentries})
    if subentries and not entry.data.get(CONF_SETTINGS_SAVED):
        hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_SETTINGS_SAVED: True})

    access_log = AccessLog(hass)
    await access_log.async_load()
    hub = VoicePrivacyHub(hass, create_store(hass), settings, access_log)
    _register_devices(hass, entry, subentries)
    await hub.async_start([_satellite_config(subentry) for subentry in subentries])
    entry.runtime_data = VoicePrivacyRuntimeData(
        hub=hub, coordinator=VoicePrivacyCoordinator(hass, entry, hub)
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_setup_voice_commands(hass, entry)
    await async_setup_panel(hass)
    _reload_when_satellites_change(hass, entry)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> bool:
    """Stop the hub; nothing of it stays behind."""
    if unloaded := await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        if entry.disabled_by is not None:
            # A reload must not throw anybody out of the page.
            async_remove_panel(hass)
        await entry.runtime_data.hub.async_stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Erase everything that was kept: keys first, then files, rows and toggles."""
    async_remove_panel(hass)
    await create_store(hass).async_remove()
    await SettingsStore(hass).async_remove()
    await AccessLog(hass).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Let only devices go that no satellite stands behind."""
    known = {(DOMAIN, entry.entry_id)} | {(DOMAIN, subentry_id) for subentry_id in entry.subentries}
    return not known & device.identifiers


@callback
def _reload_when_satellites_change(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Reload once a satellite has been added or removed, of which no flow tells."""
    loaded = frozenset(entry.subentries)

    @callback
    def on_change(change: ConfigEntryChange, changed: ConfigEntry) -> None:
        if (
            change is ConfigEntryChange.UPDATED
            and changed.entry_id == entry.entry_id
            and entry.state is ConfigEntryState.LOADED
            and frozenset(entry.subentries) != loaded
        ):
            hass.config_entries.async_schedule_reload(entry.entry_id)

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, on_change))


def _satellite_config(subentry: ConfigSubentry) -> SatelliteConfig:
    """Read what the owner has set."""
    data = subentry.data
    threshold = data.get(CONF_THRESHOLD, DEFAULT_THRESHOLD)
    return SatelliteConfig(
        satellite_id=subentry.subentry_id,
        name=subentry.title,
        host=data[CONF_HOST],
        port=data[CONF_PORT],
        wake_words=tuple(
            WakeWordSettings(wake_word=wake_word, threshold=threshold) for wake_word in data[CONF_WAKE_WORDS]
        ),
    )


def _register_devices(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, subentries: list[ConfigSubentry]
) -> None:
    """Register the hub and, linked to it, every satellite, before any entity asks for them."""
    devices = dr.async_get(hass)
    areas = ar.async_get(hass)
    hub_device = devices.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        name=entry.title,
    )
    for subentry in subentries:
        area_id: str | None = subentry.data.get(CONF_AREA)
        area = areas.async_get_area(area_id) if area_id else None
        devices.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry.subentry_id,
            identifiers={(DOMAIN, subentry.subentry_id)},
            manufacturer="Wyoming",
            model="Satellite",
            name=subentry.data.get(CONF_NAME) or subentry.title,
            suggested_area=area.name if area else None,
            via_device_id=hub_device.id,
        )
