"""Home Assistant actions for deletion, its self-test and press to talk; each checks the right of its caller."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry, loaded_entry, runtime_of
from .core.models import DeletionScope, ListedKind, Requester
from .core.well_formed import check_text
from .hub.hub import VoicePrivacyHub
from .hub.permissions import ACTIONS, right_of
from .hub.requests import async_delete, async_delete_selected, press_to_talk, translated_errors
from .hub.targets import satellites_in_target
from .hub.taught_words import async_delete_all_words, reload_for_released
from .recordings.spoken_replies import async_clear_replies

ATTR_CONFIRM: Final = "confirm"
ATTR_DAY: Final = "day"
ATTR_END: Final = "end"
ATTR_KINDS: Final = "kinds"
ATTR_RECORDING_IDS: Final = "recording_ids"
ATTR_START: Final = "start"
ATTR_TAUGHT_WORDS: Final = "taught_words"

SERVICE_CLEAR_SPOKEN_REPLIES: Final = "clear_spoken_replies"
SERVICE_DELETE_ALL: Final = "delete_all"
SERVICE_DELETE_FALSE_WAKES: Final = "delete_false_wakes"
SERVICE_DELETE_LAST: Final = "delete_last"
SERVICE_DELETE_RANGE: Final = "delete_range"
SERVICE_DELETE_RECORDINGS: Final = "delete_recordings"
SERVICE_DELETE_TODAY: Final = "delete_today"
SERVICE_PRESS_TO_TALK: Final = "press_to_talk"
SERVICE_SELF_TEST: Final = "self_test"

_REFUSED: Final = "refused"
"""Key that replaces all action data that our schema refused."""

_TARGET_FIELDS: Final = {str(field) for field in cv.TARGET_SERVICE_FIELDS}
_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)
_SCHEMA_ALL: Final = vol.Schema(
    {
        vol.Required(ATTR_CONFIRM): vol.All(cv.boolean, vol.IsTrue()),
        vol.Optional(ATTR_TAUGHT_WORDS, default=False): cv.boolean,
    }
)
_SCHEMA_RANGE: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required(ATTR_START): cv.datetime,
        vol.Required(ATTR_END): cv.datetime,
    }
)

_SCHEMA_RECORDINGS: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        # An empty list may come from a template that rendered empty: it must not mean everything.
        vol.Optional(ATTR_RECORDING_IDS): vol.All(
            cv.ensure_list, vol.Length(min=1), [vol.Match(r"^[0-9a-f]{32}\Z")]
        ),
        vol.Optional(ATTR_DAY): cv.date,
        vol.Optional(ATTR_KINDS): vol.All(cv.ensure_list, vol.Length(min=1), [vol.Coerce(ListedKind)]),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """Action call whose caller has the required right."""

    hub: VoicePrivacyHub
    data: dict[str, Any]
    by: Requester
    satellite_ids: set[str] | None
    """Ids of the targeted satellites; None for the whole house."""


type _Handler = Callable[[_Call], Awaitable[ServiceResponse]]


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    _register(hass, SERVICE_CLEAR_SPOKEN_REPLIES, _async_clear_spoken_replies, vol.Schema({}))
    _register(hass, SERVICE_DELETE_ALL, _async_delete_all, _SCHEMA_ALL)
    _register(hass, SERVICE_DELETE_FALSE_WAKES, _async_delete_false_wakes, _SCHEMA)
    _register(hass, SERVICE_DELETE_LAST, _async_delete_last, _SCHEMA)
    _register(hass, SERVICE_DELETE_RANGE, _async_delete_range, _SCHEMA_RANGE)
    _register(hass, SERVICE_DELETE_RECORDINGS, _async_delete_recordings, _SCHEMA_RECORDINGS)
    _register(hass, SERVICE_DELETE_TODAY, _async_delete_today, _SCHEMA)
    _register(hass, SERVICE_PRESS_TO_TALK, _async_press_to_talk, _SCHEMA, SupportsResponse.NONE)
    _register(hass, SERVICE_SELF_TEST, _async_self_test, vol.Schema({}))


def _register(
    hass: HomeAssistant,
    name: str,
    handler: _Handler,
    schema: vol.Schema,
    supports_response: SupportsResponse = SupportsResponse.OPTIONAL,
) -> None:
    """Register an action that checks the caller's right.

    Raises KeyError if the table of rights does not list the action.
    """
    door = ACTIONS[name]

    async def answer(call: ServiceCall) -> ServiceResponse:
        if _REFUSED in call.data:
            fields = ", ".join(str(field) for field in schema.schema)
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="invalid_action_data",
                translation_placeholders={"fields": fields},
            )
        if (entry := loaded_entry(call.hass)) is None:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded")
        satellite_ids = _targeted(call, entry)
        admitted = entry.runtime_data
        by = await admitted.permissions.async_check_context(
            call.context, right_of(door, {"scope": _scope_of(call.data)}), satellite_ids
        )
        with translated_errors():
            hub = runtime_of(entry, admitted).hub
            return await handler(_Call(hub=hub, data=dict(call.data), by=by, satellite_ids=satellite_ids))

    hass.services.async_register(
        DOMAIN, name, answer, _never_refusing(schema), supports_response=supports_response
    )


def _never_refusing(schema: vol.Schema) -> vol.All[Any]:
    """Return a schema that replaces invalid data with a mark instead of raising.

    Home Assistant logs data that a schema refuses, and with it whatever somebody has put into a field.
    """

    def checked(data: dict[str, Any]) -> dict[str, Any]:
        try:
            check_text(data)
            return dict(schema(data))
        except Exception:  # noqa: BLE001
            # The text of the error may contain the invalid value.
            return {_REFUSED: True}

    return vol.All(checked)


async def _async_clear_spoken_replies(call: _Call) -> ServiceResponse:
    """Remove all spoken replies from Home Assistant's cache."""
    return {"removed": await async_clear_replies(call.hub.hass)}


async def _async_delete_all(call: _Call) -> ServiceResponse:
    """Delete all recordings, including those that can no longer be opened, and taught wake words if asked to."""
    if not call.data[ATTR_TAUGHT_WORDS]:
        return await _async_delete(call, DeletionScope.ALL)
    entry = loaded_entry(call.hub.hass)
    assert entry is not None
    with reload_for_released(call.hub.hass, entry):
        try:
            receipt = await async_delete(call.hub, DeletionScope.ALL, call.by)
        finally:
            # Even if recordings cannot be deleted now.
            words = await async_delete_all_words(call.hub.hass, entry, call.hub, call.by)
    return receipt.as_dict() | {"taught_words": words.deleted}


async def _async_delete_range(call: _Call) -> ServiceResponse:
    """Delete recordings that began in a range of time, end excluded.

    Times without a zone are in Home Assistant's time zone.
    """
    start, end = (dt_util.as_utc(call.data[name]) for name in (ATTR_START, ATTR_END))
    if start >= end:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="range_is_empty")
    return await _async_delete(call, DeletionScope.RANGE, (start, end))


async def _async_delete_false_wakes(call: _Call) -> ServiceResponse:
    """Delete the false wakes of the targeted satellites, or of all."""
    return await _async_delete(call, DeletionScope.FALSE_WAKES)


async def _async_delete_last(call: _Call) -> ServiceResponse:
    """Delete the last recording of each targeted satellite, or of the whole house."""
    return await _async_delete(call, DeletionScope.LAST)


async def _async_delete_recordings(call: _Call) -> ServiceResponse:
    """Delete the recordings with these ids, of a day, or of some kinds; all that are given have to match."""
    if not call.data.keys() & {ATTR_RECORDING_IDS, ATTR_DAY, ATTR_KINDS}:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="nothing_selected")
    receipt = await async_delete_selected(
        call.hub,
        call.by,
        call.satellite_ids,
        recording_ids=call.data.get(ATTR_RECORDING_IDS),
        day=call.data.get(ATTR_DAY),
        kinds=call.data.get(ATTR_KINDS),
    )
    return receipt.as_dict()


def _scope_of(data: Mapping[str, Any]) -> DeletionScope:
    """Return the scope whose right a selection of recordings requires; a selection by kind is like a span."""
    return DeletionScope.IDS if ATTR_RECORDING_IDS in data else DeletionScope.RANGE


async def _async_delete_today(call: _Call) -> ServiceResponse:
    """Delete today's recordings of the targeted satellites, or of all."""
    return await _async_delete(call, DeletionScope.TODAY)


async def _async_delete(
    call: _Call, scope: DeletionScope, span: tuple[datetime | None, datetime | None] = (None, None)
) -> ServiceResponse:
    """Delete recordings of the targeted satellites, or of the whole house, and return the receipt."""
    receipt = await async_delete(call.hub, scope, call.by, call.satellite_ids, span)
    return receipt.as_dict()


async def _async_press_to_talk(call: _Call) -> None:
    """Start an utterance without a wake word at each targeted satellite."""
    if call.satellite_ids is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_target")
    for satellite_id in sorted(call.satellite_ids):
        press_to_talk(call.hub, call.hub.satellites[satellite_id], call.by)


async def _async_self_test(call: _Call) -> ServiceResponse:
    """Run the self-test of deletion and return its result."""
    return (await call.hub.self_test.async_run()).as_dict()


def _targeted(call: ServiceCall, entry: VoicePrivacyConfigEntry) -> set[str] | None:
    """Return the ids of the targeted satellites, or None without a target.

    A target without any satellite is refused, since it may come from a template that rendered empty.
    """
    if not call.data.keys() & _TARGET_FIELDS:
        return None
    if not (found := satellites_in_target(call.hass, entry, call.data)):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_satellite_targeted")
    return found
