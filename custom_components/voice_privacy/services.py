"""Actions for dashboards and automations, and who may call them."""

from typing import Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
import voluptuous as vol

from .actions import async_delete, async_press_to_talk, requester
from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry
from .core.models import DeletionReceipt, DeletionScope
from .hub import VoicePrivacyHub

SERVICE_DELETE_LAST: Final = "delete_last"
SERVICE_DELETE_TODAY: Final = "delete_today"
SERVICE_PRESS_TO_TALK: Final = "press_to_talk"

_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN, SERVICE_DELETE_LAST, _async_delete_last, _SCHEMA, supports_response=SupportsResponse.OPTIONAL
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_DELETE_TODAY,
        _async_delete_today,
        _SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(DOMAIN, SERVICE_PRESS_TO_TALK, _async_press_to_talk, _SCHEMA)


async def _async_delete_last(call: ServiceCall) -> ServiceResponse:
    """Delete the last recording of each targeted satellite, or of the house."""
    return await _async_delete_from(call, DeletionScope.LAST)


async def _async_delete_today(call: ServiceCall) -> ServiceResponse:
    """Delete what the targeted satellites, or all of them, have recorded today."""
    return await _async_delete_from(call, DeletionScope.TODAY)


async def _async_delete_from(call: ServiceCall, scope: DeletionScope) -> ServiceResponse:
    """Delete from what was targeted; without a target, from the whole house."""
    hub, entry = _loaded(call.hass)
    satellite_ids = _targeted(call, entry)
    await _async_check_access(
        call, entry, satellite_ids if satellite_ids is not None else set(hub.satellites)
    )
    return _response(await async_delete(hub, scope, requester(call.context), satellite_ids))


async def _async_press_to_talk(call: ServiceCall) -> None:
    """Let each targeted satellite listen without a wake word."""
    hub, entry = _loaded(call.hass)
    satellite_ids = _targeted(call, entry)
    if satellite_ids is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target")
    await _async_check_access(call, entry, satellite_ids)
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
    }


def _loaded(hass: HomeAssistant) -> tuple[VoicePrivacyHub, VoicePrivacyConfigEntry]:
    """Return the hub, or say that it is not there."""
    entry: VoicePrivacyConfigEntry
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            return entry.runtime_data.hub, entry
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded")


def _targeted(call: ServiceCall, entry: VoicePrivacyConfigEntry) -> set[str] | None:
    """Return the satellites that an action's target means; None when there is no target.

    A target may name more than satellites, as an area does; the hub's own device means all of them.
    """
    target = TargetSelection(call.data)
    if not target.has_any_target:
        return None
    selected = async_extract_referenced_entity_ids(call.hass, target)
    entities = er.async_get(call.hass)
    device_ids = set(selected.referenced_devices)
    for entity_id in selected.referenced | selected.indirectly_referenced:
        if (entity := entities.async_get(entity_id)) and entity.config_entry_id == entry.entry_id:
            device_ids.add(entity.device_id or "")
    satellites = set(entry.runtime_data.hub.satellites)
    found: set[str] = set()
    for device in dr.async_entries_for_config_entry(dr.async_get(call.hass), entry.entry_id):
        if device.id in device_ids:
            ids = {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
            found |= satellites if entry.entry_id in ids else ids & satellites
    if not found:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_satellite_targeted")
    return found


async def _async_check_access(
    call: ServiceCall, entry: VoicePrivacyConfigEntry, satellite_ids: set[str]
) -> None:
    """Let through automations, administrators, and users who may control the satellites' entities."""
    if call.context.user_id is None:
        return
    if (user := await call.hass.auth.async_get_user(call.context.user_id)) is None:
        raise UnknownUser(context=call.context)
    if user.is_admin:
        return
    entities = er.async_entries_for_config_entry(er.async_get(call.hass), entry.entry_id)
    for entity in entities:
        if entity.config_subentry_id in satellite_ids and not user.permissions.check_entity(
            entity.entity_id, POLICY_CONTROL
        ):
            raise Unauthorized(context=call.context, entity_id=entity.entity_id, permission=POLICY_CONTROL)
