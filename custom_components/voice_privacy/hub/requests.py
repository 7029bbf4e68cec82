"""Requests to the hub, with translated errors."""

from collections.abc import Collection, Iterator
import contextlib
from datetime import date, datetime
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..const import CONF_THRESHOLD, DOMAIN
from ..core.error_place import type_and_place
from ..core.errors import (
    CannotListen,
    HeldByLevel,
    InvalidRequest,
    MicrophoneMuted,
    StoreError,
    VoicePrivacyError,
)
from ..core.house_settings import RetentionSetting
from ..core.models import AuditAction, DeletionReceipt, DeletionRequest, DeletionScope, ListedKind, Requester
from ..satellites.base import Satellite
from .hub import VoicePrivacyHub

_LOGGER = logging.getLogger(__name__)

_CALLERS_FAULT: Final = (CannotListen, HeldByLevel, InvalidRequest, MicrophoneMuted)
"""Errors that tell the caller something, and need no stack trace in the log."""


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """Convert any exception raised inside into a translated HomeAssistantError.

    Unexpected exceptions are logged by type only and are not chained: their text may contain what a person
    said or typed, and Home Assistant logs both the message and the cause.
    """
    try:
        yield
    except HomeAssistantError:
        raise
    except VoicePrivacyError as err:
        kind = ServiceValidationError if isinstance(err, _CALLERS_FAULT) else HomeAssistantError
        raise kind(
            translation_domain=DOMAIN, translation_key=err.code, translation_placeholders=err.placeholders
        ) from None
    except Exception as err:  # noqa: BLE001
        _LOGGER.error("An action failed: %s", type_and_place(err))
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="action_failed") from None


async def async_delete(
    hub: VoicePrivacyHub,
    scope: DeletionScope,
    by: Requester,
    satellite_ids: Collection[str] | None = None,
    span: tuple[datetime | None, datetime | None] = (None, None),
) -> DeletionReceipt:
    """Delete recordings; satellite_ids None means all satellites, and span applies to the scope RANGE.

    Raises HomeAssistantError if the deletion fails or cannot be verified.
    """
    request = DeletionRequest(
        scope=scope,
        satellite_ids=None if satellite_ids is None else frozenset(satellite_ids),
        start=span[0],
        end=span[1],
    )
    return await _async_delete(hub, request, by)


async def async_delete_selected(
    hub: VoicePrivacyHub,
    by: Requester,
    satellite_ids: Collection[str] | None = None,
    *,
    recording_ids: Collection[str] | None = None,
    day: date | None = None,
    kinds: Collection[ListedKind] | None = None,
) -> DeletionReceipt:
    """Delete the recordings that match every criterion; None means that a criterion is not asked for.

    Of what is still in memory, the kind is not known yet, except of near misses: with kinds, nothing else in
    memory is covered. Raises HomeAssistantError if the deletion fails or cannot be verified.
    """
    rooms = None if satellite_ids is None else frozenset(satellite_ids)
    request = DeletionRequest(scope=DeletionScope.ALL, satellite_ids=rooms)
    if day is not None:
        request = DeletionRequest(scope=DeletionScope.DAY, satellite_ids=rooms, day=day)
    elif recording_ids is not None:
        request = DeletionRequest(
            scope=DeletionScope.IDS, satellite_ids=rooms, recording_ids=frozenset(recording_ids)
        )
    asked_for = request.scope
    if kinds is not None or (day is not None and recording_ids is not None):
        ids = hub.deletion.ids_meant(request, kinds)
        if recording_ids is not None:
            ids &= set(recording_ids)
        elif kinds is not None and ListedKind.NEAR_MISS in kinds:
            # They have no ids yet.
            hub.deletion.drop_unreported(request)
        request = DeletionRequest(scope=DeletionScope.IDS, satellite_ids=rooms, recording_ids=frozenset(ids))
    return await _async_delete(hub, request, by, asked_for)


async def _async_delete(
    hub: VoicePrivacyHub, request: DeletionRequest, by: Requester, logged_as: DeletionScope | None = None
) -> DeletionReceipt:
    """Delete recordings. Raises HomeAssistantError if the deletion fails or cannot be verified."""
    try:
        receipt = await hub.deletion.async_delete(request, by, logged_as=logged_as)
    except StoreError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="delete_failed",
            translation_placeholders={"code": err.code},
        ) from None
    if not receipt.verified:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="delete_not_verified")
    return receipt


async def async_set_retention(
    hub: VoicePrivacyHub,
    setting: RetentionSetting,
    value: str | int,
    by: Requester,
    satellite_id: str | None = None,
) -> None:
    """Set how long recordings are kept; expired recordings are deleted a minute later.

    Raises InvalidRequest for an invalid value, NotSaved if the change could not be written to disk.
    """
    hub.retention.settings_will_change()
    try:
        await hub.settings.async_set_retention(setting, value, by, satellite_id)
    except ValueError:
        raise InvalidRequest from None
    finally:
        # A change that could not be written, or whose requester is gone, may hold all the same.
        hub.retention.settings_changed()
    hub.access_log.add_change(by, setting.value, str(value), satellite_id)


async def async_set_reviewer(hub: VoicePrivacyHub, user_id: str, by: Requester, *, on: bool) -> None:
    """Make a user a reviewer, or revoke it. Raises NotSaved."""
    await hub.settings.async_set_reviewer(user_id, on=on, by=by)
    hub.access_log.add_change(by, "reviewer", on)


@callback
def set_threshold(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    hub: VoicePrivacyHub,
    satellite_id: str,
    threshold: float,
    by: Requester,
) -> None:
    """Set the threshold, a score from 0 to 1, of a satellite's wake words; it persists across restarts.

    Raises KeyError for a satellite whose wake words the built-in engine does not listen for.
    """
    satellite = hub.satellites.wyoming[satellite_id]
    subentry = entry.subentries[satellite_id]
    if not satellite.config.wake_words:
        raise KeyError(satellite_id)
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, CONF_THRESHOLD: threshold}
    )
    hub.access_log.add_change(by, CONF_THRESHOLD, f"{threshold:g}", satellite_id)
    # No reload: all satellites would stop listening for a moment, and current utterances would be lost.
    satellite.set_threshold(threshold)
    hub.satellite_changed(satellite)


@callback
def press_to_talk(hub: VoicePrivacyHub, satellite: Satellite, by: Requester) -> None:
    """Start an utterance without a wake word, and log the requester. Raises CannotListen."""
    if not satellite.press_to_talk():
        raise CannotListen(name=satellite.config.name)
    log_microphone_opened(hub, satellite, by)


@callback
def log_microphone_opened(hub: VoicePrivacyHub, satellite: Satellite, by: Requester) -> None:
    """Add to the access log that somebody made a satellite listen without a wake word."""
    hub.access_log.add(by, AuditAction.MICROPHONE_OPENED, count=1, subject=satellite.satellite_id)
