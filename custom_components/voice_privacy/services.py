"""Actions for dashboards and automations, and who may call them."""

from datetime import datetime
from typing import Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .access import forbidden_entity, loaded_entry, may_delete
from .actions import async_delete, async_press_to_talk, requester
from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry
from .core.models import DeletionReceipt, DeletionScope
from .hub import VoicePrivacyHub

ATTR_CONFIRM: Final = "confirm"
ATTR_END: Final = "end"
ATTR_START: Final = "start"

SERVICE_DELETE_ALL: Final = "delete_all"
SERVICE_DELETE_FALSE_WAKES: Final = "delete_false_wakes"
SERVICE_DELETE_LAST: Final = "delete_last"
SERVICE_DELETE_RANGE: Final = "delete_range"
SERVICE_DELETE_TODAY: Final = "delete_today"
SERVICE_PRESS_TO_TALK: Final = "press_to_talk"

_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)
_SCHEMA_ALL: Final = vol.Schema({vol.Required(ATTR_CONFIRM): vol.All(cv.boolean, vol.IsTrue())})
_SCHEMA_RANGE: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required(ATTR_START): cv.datetime,
        vol.Required(ATTR_END): cv.datetime,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handler, schema in (
        (SERVICE_DELETE_ALL, _async_delete_all, _SCHEMA_ALL),
        (SERVICE_DELETE_FALSE_WAKES, _async_delete_false_wakes, _SCHEMA),
        (SERVICE_DELETE_LAST, _async_delete_last, _SCHEMA),
        (SERVICE_DELETE_RANGE, _async_delete_range, _SCHEMA_RANGE),
        (SERVICE_DELETE_TODAY, _async_delete_today, _SCHEMA),
    ):
        hass.services.async_register(
            DOMAIN, name, handler, schema, supports_response=SupportsResponse.OPTIONAL
        )
    hass.services.async_register(DOMAIN, SERVICE_PRESS_TO_TALK, _async_press_to_talk, _SCHEMA)


async def _async_delete_all(call: ServiceCall) -> ServiceResponse:
    """Delete everything, what does not open any more included."""
    hub, entry = _loaded(call.hass)
    await _async_check_access(call, entry, DeletionScope.ALL, None)
    return _response(await async_delete(hub, DeletionScope.ALL, requester(call.context)))


async def _async_delete_range(call: ServiceCall) -> ServiceResponse:
    """Delete what began in a span of time, its end left out; without a zone, the house's time is meant."""
    start, end = (dt_util.as_utc(call.data[name]) for name in (ATTR_START, ATTR_END))
    if start >= end:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="range_is_empty")
    return await _async_delete_from(call, DeletionScope.RANGE, (start, end))


async def _async_delete_false_wakes(call: ServiceCall) -> ServiceResponse:
    """Delete the wakes of the targeted satellites, or of all, that led to no command."""
    return await _async_delete_from(call, DeletionScope.FALSE_WAKES)


async def _async_delete_last(call: ServiceCall) -> ServiceResponse:
    """Delete the last recording of each targeted satellite, or of the house."""
    return await _async_delete_from(call, DeletionScope.LAST)


async def _async_delete_today(call: ServiceCall) -> ServiceResponse:
    """Delete what the targeted satellites, or all of them, have recorded today."""
    return await _async_delete_from(call, DeletionScope.TODAY)


async def _async_delete_from(
    call: ServiceCall, scope: DeletionScope, span: tuple[datetime | None, datetime | None] = (None, None)
) -> ServiceResponse:
    """Delete from what was targeted; without a target, from the whole house."""
    hub, entry = _loaded(call.hass)
    satellite_ids = _targeted(call, entry)
    await _async_check_access(call, entry, scope, satellite_ids)
    return _response(await async_delete(hub, scope, requester(call.context), satellite_ids, span))


async def _async_press_to_talk(call: ServiceCall) -> None:
    """Let each targeted satellite listen without a wake word."""
    hub, entry = _loaded(call.hass)
    satellite_ids = _targeted(call, entry)
    if satellite_ids is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target")
    # Whoever may take back what he said may also speak.
    await _async_check_access(call, entry, DeletionScope.LAST, satellite_ids)
    for satellite_id in sorted(satellite_ids):
        await async_press_to_talk(hub, hub.satellites[satellite_id])


def _response(receipt: DeletionReceipt) -> ServiceResponse:
    """Put a receipt into response data."""
    return {
        "asked": receipt.asked,
        "deleted": receipt.deleted,
        "already_gone": receipt.already_gone,
        "pending": receipt.pending_row_work,
        "verified": receipt.verified,
        "not_reachable": [copy.value for copy in receipt.not_reachable],
    }


def _loaded(hass: HomeAssistant) -> tuple[VoicePrivacyHub, VoicePrivacyConfigEntry]:
    """Return the hub, or say that it is not there."""
    if (entry := loaded_entry(hass)) is not None:
        return entry.runtime_data.hub, entry
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded")


def _targeted(call: ServiceCall, entry: VoicePrivacyConfigEntry) -> set[str] | None:
    """Return the satellites that an action's target means; None when there is no target.

    A target may name more than satellites, as an area does. The hub's own device means all of them when
    it is named itself; the room that it was put into does not.
    """
    target = TargetSelection(call.data)
    if not target.has_any_target:
        return None
    selected = async_extract_referenced_entity_ids(call.hass, target)
    named = target.device_ids | _devices_of(call.hass, entry, selected.referenced)
    device_ids = selected.referenced_devices | named
    device_ids |= _devices_of(call.hass, entry, selected.indirectly_referenced)
    satellites = set(entry.runtime_data.hub.satellites)
    found: set[str] = set()
    for device in dr.async_entries_for_config_entry(dr.async_get(call.hass), entry.entry_id):
        ids = {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
        if device.id in device_ids:
            found |= ids & satellites
        if device.id in named and entry.entry_id in ids:
            found |= satellites
    if not found:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_satellite_targeted")
    return found


def _devices_of(hass: HomeAssistant, entry: VoicePrivacyConfigEntry, entity_ids: set[str]) -> set[str]:
    """Return the devices behind those of these entities that are ours."""
    entities = er.async_get(hass)
    found = (entities.async_get(entity_id) for entity_id in entity_ids)
    return {
        entity.device_id
        for entity in found
        if entity is not None and entity.config_entry_id == entry.entry_id and entity.device_id is not None
    }


async def _async_check_access(
    call: ServiceCall, entry: VoicePrivacyConfigEntry, scope: DeletionScope, satellite_ids: set[str] | None
) -> None:
    """Let through automations, and users who may delete that from these satellites, or from all."""
    if call.context.user_id is None:
        return
    if (user := await call.hass.auth.async_get_user(call.context.user_id)) is None:
        raise UnknownUser(context=call.context)
    if not may_delete(call.hass, entry, user, scope, satellite_ids):
        entity_id = forbidden_entity(call.hass, entry, user, satellite_ids)
        raise Unauthorized(context=call.context, entity_id=entity_id, permission=POLICY_CONTROL)
