"""Websocket commands for deletion: preview, delete, and the progress of a deletion."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..core.errors import InvalidRequest, VoicePrivacyError
from ..core.models import DeletionReceipt, DeletionRequest, DeletionScope
from ..hub.delayed_deletion import UNDO_SECONDS
from ..hub.hub import VoicePrivacyHub
from ..hub.taught_words import async_delete_all_words, reload_for_released
from ..recordings.unreachable_copies import not_reachable
from .serializers import Json, preview_json, receipt_json
from .ws_command import Call, Commands, async_register, command

_TELL_EVERY: Final = 0.25
"""Minimum seconds between two progress events of a deletion."""


_SCOPE_FIELDS: Final = {
    vol.Required("scope"): vol.Coerce(DeletionScope),
    vol.Optional("satellite_ids"): vol.Any(None, [str]),
    vol.Optional("recording_ids"): [str],
    vol.Optional("day"): cv.date,
    vol.Optional("start"): cv.datetime,
    vol.Optional("end"): cv.datetime,
}

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_deletion_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


def _deletion_request(call: Call) -> DeletionRequest:
    """Return the validated deletion request of a command. Raises InvalidRequest."""
    message = call.message
    scope, satellite_ids = message["scope"], message.get("satellite_ids")
    if "recording_ids" in message and scope is not DeletionScope.IDS:
        raise InvalidRequest
    try:
        request = DeletionRequest(
            scope=scope,
            satellite_ids=None if satellite_ids is None else frozenset(satellite_ids),
            recording_ids=frozenset(message.get("recording_ids", ())),
            day=message.get("day"),
            start=message.get("start"),
            end=message.get("end"),
        )
    except ValueError:
        raise InvalidRequest from None
    bounds = [bound for bound in (request.start, request.end) if bound is not None]
    if (scope is DeletionScope.DAY and request.day is None) or (
        scope is DeletionScope.RANGE
        and (
            not bounds
            or any(bound.tzinfo is None for bound in bounds)
            or (len(bounds) == 2 and bounds[0] >= bounds[1])
        )
    ):
        # A range without any bound would cover everything, for which there is a separate scope.
        raise InvalidRequest
    return request


@_command("recordings/preview", _SCOPE_FIELDS)
async def _preview(call: Call) -> Json:
    """Return a summary of what a deletion would remove now, and which copies it cannot reach."""
    request = _deletion_request(call)
    async with call.turn():
        meant = list(call.hub.deletion.meant(request))
        oldest = min((info.started_at for info in meant), default=None)
        unreached = not_reachable(call.hass, oldest, call.hub.access_log.exported_at) if meant else ()
        return preview_json(meant, exact=call.knows_clips) | {
            "not_reachable": [copy.value for copy in unreached]
        }


@_command(
    "recordings/delete",
    {
        **_SCOPE_FIELDS,
        vol.Optional("follow", default=False): bool,
        vol.Optional("taught_words", default=False): bool,
    },
)
async def _delete(call: Call) -> Json | None:
    """Delete recordings and return the receipt; with `follow`, send it as an event among progress events.

    With `taught_words`, taught wake words go together with all recordings of the house.
    """
    request = _deletion_request(call)
    everything = request.scope is DeletionScope.ALL and request.satellite_ids is None
    if call.message["taught_words"] and not everything:
        raise InvalidRequest
    if not call.message["follow"]:
        with reload_for_released(call.hass, call.entry):
            return (await _async_delete(call, request))[1]
    # Unsubscribing does not stop the deletion.
    call.connection.subscriptions[call.message["id"]] = lambda: None
    call.hass.async_create_task(
        call.report(_async_delete_followed(call, request)), f"{DOMAIN}_delete", eager_start=False
    )
    return None


async def _async_delete(call: Call, request: DeletionRequest) -> tuple[DeletionReceipt, Json]:
    """Delete recordings; return the receipt and its JSON. Raises StoreError."""
    # This hub to the end: what it has deleted is deleted, even if the entry is unloaded meanwhile.
    hub, by = call.hub, call.by
    sizes = {info.recording_id: info.size for info in hub.deletion.meant(request)}
    words: Json = {}
    try:
        receipt = await hub.deletion.async_delete(request, by)
    finally:
        # Even if recordings cannot be deleted now.
        if call.message.get("taught_words"):
            gone = await async_delete_all_words(call.hass, call.entry, hub, by)
            words = {"taught_words": gone.deleted}
    left = sizes.keys() & hub.recordings.keys()
    size = sum(size for recording_id, size in sizes.items() if recording_id not in left)
    answer = receipt_json(receipt, size=size if call.knows_clips else None, left=len(left))
    return receipt, answer | words


async def _async_delete_followed(call: Call, request: DeletionRequest) -> None:
    """Delete recordings and send events: keys being destroyed, receipt, rows and files left, row count."""
    loop = call.hass.loop
    told_at = loop.time()

    @callback
    def on_left(left: int) -> None:
        nonlocal told_at
        if loop.time() - told_at >= _TELL_EVERY:
            told_at = loop.time()
            call.push({"type": "removing", "left": left})

    with call.under_way(), reload_for_released(call.hass, call.entry):
        deletion = call.hub.deletion
        call.push({"type": "destroying", "total": len(deletion.meant(request))})
        receipt, answer = await _async_delete(call, request)
        call.push({"type": "receipt", "receipt": answer})
        call.push({"type": "counted", "rows": await deletion.async_count_rows(receipt, on_left)})


# --- deletion that can be undone -----------------------------------------------------------------


@_command("recordings/delete_later", {vol.Required("recording_id"): str})
async def _delete_later(call: Call) -> None:
    """Hide a recording and delete it after some seconds, or as soon as the client ends or loses the subscription.

    Events tell until when it can be undone, then the receipt and the row count, the undo, or the error.
    """
    hub = call.hub

    @callback
    def on_end(outcome: DeletionReceipt | VoicePrivacyError | None) -> None:
        if outcome is None:
            call.push({"type": "undone"})
        elif isinstance(outcome, VoicePrivacyError):
            call.push({"type": "failed", "code": outcome.code})
        else:
            size = waiting.size if call.knows_clips else None
            call.push({"type": "receipt", "receipt": receipt_json(outcome, size=size, left=0)})
            call.hass.async_create_task(
                call.report(_async_count(call, hub, outcome)), f"{DOMAIN}_count", eager_start=False
            )

    waiting = hub.delayed_deletion.hide(call.message["recording_id"], call.by_user, on_end)
    call.connection.subscriptions[call.message["id"]] = partial(hub.delayed_deletion.end, waiting)
    await hub.delayed_deletion.async_confirm(waiting)
    if hub.delayed_deletion.is_waiting(waiting):
        call.push({"type": "hidden", "seconds": UNDO_SECONDS})


async def _async_count(call: Call, hub: VoicePrivacyHub, receipt: DeletionReceipt) -> None:
    """Send how many rows of a deleted recording are left once they have been swept."""
    rows = await hub.deletion.async_count_rows(receipt, lambda _left: None)
    call.push({"type": "counted", "rows": rows})


@_command("recordings/undo", {vol.Required("recording_id"): str})
async def _undo(call: Call) -> None:
    """Keep a recording that the same user has deleted a moment ago. Raises RecordingNotFound if it is too late."""
    await call.hub.delayed_deletion.async_undo(call.message["recording_id"], call.by)
