"""Who may do what: one place that every door to recordings asks."""

from collections.abc import Collection

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry
from .core.models import DeletionScope
from .hub import VoicePrivacyHub
from .settings import HouseToggle, SatelliteToggle

_HOUSEHOLD_SCOPES = frozenset({DeletionScope.LAST, DeletionScope.TODAY, DeletionScope.FALSE_WAKES})
"""What somebody who controls a satellite may delete from it; everything else is for administrators."""


@callback
def loaded_entry(hass: HomeAssistant) -> VoicePrivacyConfigEntry | None:
    """Return the config entry while it is loaded."""
    entry: VoicePrivacyConfigEntry
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            return entry
    return None


@callback
def forbidden_entity(
    hass: HomeAssistant, entry: VoicePrivacyConfigEntry, user: User, satellite_ids: Collection[str] | None
) -> str | None:
    """Return an entity of these satellites, or of all, that a user may not control; None when there is none."""
    if user.is_admin:
        return None
    if satellite_ids is None:
        satellite_ids = entry.runtime_data.hub.satellites.keys()
    return next(
        (
            entity.entity_id
            for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
            if entity.config_subentry_id in satellite_ids
            and not user.permissions.check_entity(entity.entity_id, POLICY_CONTROL)
        ),
        None,
    )


def may_listen(hub: VoicePrivacyHub, user: User) -> bool:
    """Return whether a user may list and play recordings."""
    return user.is_admin or hub.settings.house(HouseToggle.HOUSEHOLD_MAY_LISTEN)


def may_review(hub: VoicePrivacyHub, user: User) -> bool:
    """Return whether a user may hear and label clips of the review pool, without knowing whose they are."""
    return user.is_admin or user.id in hub.settings.reviewers


@callback
def may_delete(
    hass: HomeAssistant,
    entry: VoicePrivacyConfigEntry,
    user: User,
    scope: DeletionScope,
    satellite_ids: Collection[str] | None,
) -> bool:
    """Return whether a user may delete what a scope means on these satellites, or on all."""
    if user.is_admin:
        return True
    return scope in _HOUSEHOLD_SCOPES and forbidden_entity(hass, entry, user, satellite_ids) is None


@callback
def may_switch(
    hass: HomeAssistant,
    entry: VoicePrivacyConfigEntry,
    user: User,
    toggle: HouseToggle | SatelliteToggle,
    satellite_ids: Collection[str] | None,
) -> bool:
    """Return whether a user may turn a toggle: whoever controls a microphone mutes it, consent is the owner's."""
    if user.is_admin:
        return True
    return (
        toggle in (SatelliteToggle.MUTED, HouseToggle.GUEST_MODE)
        and forbidden_entity(hass, entry, user, satellite_ids) is None
    )


async def async_check_switch(
    hass: HomeAssistant,
    entry: VoicePrivacyConfigEntry,
    context: Context | None,
    toggle: HouseToggle | SatelliteToggle,
    satellite_ids: Collection[str] | None,
) -> None:
    """Let through automations, and users who may turn a toggle. Raises Unauthorized or UnknownUser."""
    if context is None or context.user_id is None:
        return
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(context=context)
    if not may_switch(hass, entry, user, toggle, satellite_ids):
        raise Unauthorized(context=context, permission=POLICY_CONTROL)
