"""Commands of the page and the card. Each asks anew whether its user may do that."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .access import forbidden_entity, may_delete, may_listen, may_review, may_switch
from .actions import async_set_retention, set_threshold
from .commands import Call, Commands, InvalidRequest, Refused, async_register, command
from .const import DOMAIN, MAX_THRESHOLD, MIN_THRESHOLD
from .core.errors import RecordingNotFound, StoreError, VoicePrivacyError
from .core.models import (
    Deed,
    DeletionReceipt,
    DeletionRequest,
    DeletionScope,
    RecordingContent,
    RecordingInfo,
    RecordingKind,
)
from .core.retention import RetentionPolicy
from .hub import VoicePrivacyHub
from .hub_events import HubEvent, HubEventType
from .presentation import (
    Json,
    NameOf,
    content_json,
    house_json,
    log_entry_json,
    pool_receipt_json,
    preview_json,
    receipt_json,
    recording_json,
)
from .settings import HouseToggle, RetentionSetting, SatelliteToggle

PAGE: Final = 50
"""Recordings a page, where nothing else is asked for."""

_MAX_PAGE: Final = 100
_MAX_PUSHED_IDS: Final = 500
"""A deletion of more is told as such, and the page reads its list anew."""

_SEARCH_STEP: Final = 25
"""Recordings opened between two reports."""

_TELL_EVERY: Final = 0.25
"""Seconds between two words about how far a deletion has come."""

_SCOPE_FIELDS: Final = {
    vol.Required("scope"): vol.Coerce(DeletionScope),
    vol.Optional("satellite_ids"): vol.Any(None, [str]),
    vol.Optional("recording_ids"): [str],
    vol.Optional("day"): cv.date,
    vol.Optional("start"): cv.datetime,
    vol.Optional("end"): cv.datetime,
}
_FILTER_FIELDS: Final = {
    vol.Optional("first_day"): vol.Any(None, cv.date),
    vol.Optional("last_day"): vol.Any(None, cv.date),
    vol.Optional("satellite_id"): vol.Any(None, str),
    vol.Optional("kind"): vol.Any(None, vol.Coerce(RecordingKind)),
}


class CannotListen(VoicePrivacyError):
    """Nobody would hear what is said now."""

    code = "cannot_listen"


_COMMANDS: Final[Commands] = []
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


# --- what is there -------------------------------------------------------------------------------


@_command("subscribe")
async def _subscribe(call: Call) -> None:
    """Tell the state of everything now, and from now on what changes; one subscription a tab."""
    names: dict[str, str | None] = {}
    coordinator = call.entry.runtime_data.coordinator
    number = call.message["id"]

    async def learn_names() -> None:
        names.update({user.id: user.name for user in await call.hass.auth.async_get_users()})

    @callback
    def push_state() -> None:
        if number in call.connection.subscriptions:
            call.push(
                {"type": "state", "permissions": _permissions(call), **house_json(coordinator, names.get)}
            )

    @callback
    def push_event(event: HubEvent) -> None:
        if event.recording_ids and may_listen(call.hub, call.connection.user):
            call.push(_event_json(call.hub, event))

    @callback
    def push_end() -> None:
        if call.entry.state is not ConfigEntryState.LOADED:
            call.push({"type": "ended"})

    await learn_names()
    unsubscribe = (
        coordinator.async_add_listener(push_state),
        call.hub.async_listen_events(push_event),
        call.entry.async_on_state_change(push_end),
    )
    call.connection.subscriptions[number] = lambda: [end() for end in unsubscribe]
    push_state()


def _event_json(hub: VoicePrivacyHub, event: HubEvent) -> Json:
    """Return what a list has to do after an event."""
    if event.type is HubEventType.KEPT:
        kept = (hub.recordings.get(recording_id) for recording_id in event.recording_ids)
        return {"type": "added", "recordings": [_row(hub, info) for info in kept if info is not None]}
    if len(event.recording_ids) > _MAX_PUSHED_IDS:
        return {"type": "reset"}
    return {"type": "deleted", "recording_ids": event.recording_ids}


def _permissions(call: Call) -> Json:
    """Return what the page may offer; each command checks for itself all the same."""
    user = call.connection.user
    return {
        "admin": user.is_admin,
        "listen": may_listen(call.hub, user),
        "review": may_review(call.hub, user),
        "control": [
            satellite_id
            for satellite_id in call.hub.satellites
            if forbidden_entity(call.hass, call.entry, user, {satellite_id}) is None
        ],
    }


# --- recordings ----------------------------------------------------------------------------------


@_command(
    "recordings/list",
    {
        vol.Optional("before"): vol.Any(None, int),
        vol.Optional("limit", default=PAGE): vol.All(int, vol.Range(1, _MAX_PAGE)),
        vol.Optional("content", default=True): bool,
        **_FILTER_FIELDS,
    },
)
async def _list(call: Call) -> Json:
    """Return a page, newest first, from the one before a sequence number on."""
    call.check_listener()
    message, before = call.message, call.message.get("before")
    page: list[RecordingInfo] = []
    days: dict[date, list[int]] = {}
    more = False
    for info in _newest_first(call.hub, message):
        if len(page) < message["limit"]:
            count_and_size = days.setdefault(info.local_date, [0, 0])
            if before is None or info.sequence < before:
                page.append(info)
        elif (count_and_size := days.get(info.local_date, [])) == []:
            more = True
            break
        else:
            more = True
        count_and_size[0] += 1
        count_and_size[1] += info.size
    shown = {info.local_date for info in page}
    answer: Json = {
        "recordings": await _rows(call, page)
        if message["content"]
        else [_row(call.hub, info) for info in page],
        "more": more,
        "days": {
            day.isoformat(): {"count": count, "size": size}
            for day, (count, size) in days.items()
            if day in shown
        },
    }
    if before is None:
        answer["counts"] = _counts(call.hub, message)
    call.hub.access_log.add(call.by, Deed.LISTED, recording_ids=[info.recording_id for info in page])
    return answer


@_command("recordings/get", {vol.Required("recording_id"): str})
async def _get(call: Call) -> Json:
    """Return one recording with what was said."""
    call.check_listener()
    info = call.hub.recordings.get(call.message["recording_id"])
    if info is None:
        raise RecordingNotFound
    call.hub.access_log.add(call.by, Deed.LISTED, recording_ids=[info.recording_id])
    return (await _rows(call, [info]))[0]


@_command("recordings/search", {vol.Required("text"): vol.All(str, vol.Length(1, 200)), **_FILTER_FIELDS})
async def _search(call: Call) -> None:
    """Open what the filter leaves, newest first, and tell what contains a text; unsubscribing ends it."""
    call.check_listener()
    task = call.hass.async_create_background_task(_async_search(call), f"{DOMAIN}_search", eager_start=False)
    call.connection.subscriptions[call.message["id"]] = task.cancel


async def _async_search(call: Call) -> None:
    """Search in memory; nothing of what was opened stays."""
    wanted = call.message["text"].casefold()
    recordings = list(_newest_first(call.hub, call.message))
    opened: list[str] = []
    try:
        for start in range(0, len(recordings), _SEARCH_STEP):
            found: list[Json] = []
            for info in recordings[start : start + _SEARCH_STEP]:
                if not may_listen(call.hub, call.connection.user):
                    raise Refused
                if (content := await _read(call.hub, info.recording_id)) is None:
                    continue
                opened.append(info.recording_id)
                if wanted in f"{content.transcript or ''}\n{content.reply or ''}".casefold():
                    found.append(
                        _row(call.hub, info) | await call.hass.async_add_executor_job(content_json, content)
                    )
            done = min(start + _SEARCH_STEP, len(recordings))
            call.push({"type": "progress", "done": done, "total": len(recordings), "recordings": found})
        call.push({"type": "finished", "total": len(recordings)})
    except VoicePrivacyError as err:
        call.push({"type": "failed", "code": err.code})
    finally:
        if opened:
            call.hub.access_log.add(call.by, Deed.LISTED, recording_ids=opened, subject="search")


def _row(hub: VoicePrivacyHub, info: RecordingInfo) -> Json:
    """Return what may be said of a recording, and when it will go."""
    return recording_json(info, hub.retention_policy)


async def _rows(call: Call, page: Iterable[RecordingInfo]) -> list[Json]:
    """Open the seals of a page; one that does not open says so."""
    rows = []
    for info in page:
        row = _row(call.hub, info)
        try:
            _, content = await call.hub.async_read(info.recording_id)
        except StoreError as err:
            row["error"] = err.code
        else:
            row |= await call.hass.async_add_executor_job(content_json, content)
        rows.append(row)
    return rows


async def _read(hub: VoicePrivacyHub, recording_id: str) -> RecordingContent | None:
    """Open one recording, None when it is gone or does not open."""
    try:
        return (await hub.async_read(recording_id))[1]
    except StoreError:
        return None


def _newest_first(hub: VoicePrivacyHub, message: Json, *, any_kind: bool = False) -> Iterator[RecordingInfo]:
    """Yield what a filter leaves."""
    first, last = message.get("first_day"), message.get("last_day")
    satellite_id = message.get("satellite_id")
    kind = None if any_kind else message.get("kind")
    for info in reversed(hub.recordings.values()):  # type: ignore[call-overload]
        if (
            (first is None or info.local_date >= first)
            and (last is None or info.local_date <= last)
            and (satellite_id is None or info.satellite_id == satellite_id)
            and (kind is None or info.kind is kind)
        ):
            yield info


def _counts(hub: VoicePrivacyHub, message: Json) -> Json:
    """Count what a filter leaves of each kind."""
    if message.get("first_day") or message.get("last_day"):
        kinds = [info.kind for info in _newest_first(hub, message, any_kind=True)]
        total, false_wakes = len(kinds), kinds.count(RecordingKind.FALSE_WAKE)
    else:
        summary = hub.summary(message.get("satellite_id"))
        total, false_wakes = summary.recordings, summary.false_wakes
    return {
        "all": total,
        RecordingKind.COMMAND.value: total - false_wakes,
        RecordingKind.FALSE_WAKE.value: false_wakes,
    }


# --- deletion ------------------------------------------------------------------------------------


def _deletion_request(call: Call) -> DeletionRequest:
    """Read and check what is to be deleted."""
    message = call.message
    scope, satellite_ids = message["scope"], message.get("satellite_ids")
    if not may_delete(call.hass, call.entry, call.connection.user, scope, satellite_ids):
        raise Refused
    request = DeletionRequest(
        scope=scope,
        satellite_ids=None if satellite_ids is None else frozenset(satellite_ids),
        recording_ids=frozenset(message.get("recording_ids", ())),
        day=message.get("day"),
        start=message.get("start"),
        end=message.get("end"),
    )
    bounds = (request.start, request.end)
    if (scope is DeletionScope.DAY and request.day is None) or (
        scope is DeletionScope.RANGE
        and (bounds == (None, None) or any(bound is not None and bound.tzinfo is None for bound in bounds))
    ):
        # A range without an end would be everything, which has a name of its own.
        raise InvalidRequest
    return request


@_command("recordings/preview", _SCOPE_FIELDS)
async def _preview(call: Call) -> Json:
    """Return what a deletion would take now."""
    return preview_json(call.hub.meant(_deletion_request(call)))


@_command("recordings/delete", {**_SCOPE_FIELDS, vol.Optional("follow", default=False): bool})
async def _delete(call: Call) -> Json | None:
    """Delete; the answer is the receipt, or with `follow` it comes as an event, with what is done before and after."""
    request = _deletion_request(call)
    if not call.message["follow"]:
        return (await _async_delete(call, request))[1]
    # Whoever looks away does not stop it.
    call.connection.subscriptions[call.message["id"]] = lambda: None
    call.hass.async_create_task(_async_delete_followed(call, request), f"{DOMAIN}_delete", eager_start=False)
    return None


async def _async_delete(call: Call, request: DeletionRequest) -> tuple[DeletionReceipt, Json]:
    """Delete, and put the receipt into words. Raises StoreError."""
    sizes = {info.recording_id: info.size for info in call.hub.meant(request)}
    receipt = await call.hub.async_delete(request, call.by)
    left = sizes.keys() & call.hub.recordings.keys()
    size = sum(size for recording_id, size in sizes.items() if recording_id not in left)
    return receipt, receipt_json(receipt, size=size, left=len(left))


async def _async_delete_followed(call: Call, request: DeletionRequest) -> None:
    """Delete, and tell: that keys are being destroyed, the receipt, what is left to remove, the rows counted."""
    loop, number = call.hass.loop, call.message["id"]
    told_at = loop.time()

    @callback
    def push(event: Json) -> None:
        if number in call.connection.subscriptions:
            call.push(event)

    @callback
    def on_left(left: int) -> None:
        nonlocal told_at
        if loop.time() - told_at >= _TELL_EVERY:
            told_at = loop.time()
            push({"type": "removing", "left": left})

    push({"type": "destroying", "total": len(call.hub.meant(request))})
    try:
        receipt, answer = await _async_delete(call, request)
    except VoicePrivacyError as err:
        push({"type": "failed", "code": err.code})
        return
    push({"type": "receipt", "receipt": answer})
    push({"type": "counted", "rows": await call.hub.async_count_rows(receipt, on_left)})


# --- microphones and consent ---------------------------------------------------------------------


@_command(
    "settings/set",
    {
        vol.Required("toggle"): vol.Any(*(toggle.value for toggle in (*SatelliteToggle, *HouseToggle))),
        vol.Required("on"): bool,
        vol.Optional("satellite_ids"): vol.Any(None, [str]),
    },
)
async def _set(call: Call) -> Json:
    """Turn a toggle of the house, or of satellites; without satellites named, of all.

    A toggle that both have is the house's where no satellites are named. The answer tells how many clips
    left the review pool.
    """
    name, on, user = call.message["toggle"], call.message["on"], call.connection.user
    of_both = name in set(SatelliteToggle) and call.message.get("satellite_ids") is not None
    if name in set(HouseToggle) and not of_both:
        house_toggle = HouseToggle(name)
        if not may_switch(call.hass, call.entry, user, house_toggle, None):
            raise Refused
        return pool_receipt_json([await call.hub.async_set_house(house_toggle, call.by, on=on)])
    toggle = SatelliteToggle(name)
    named = call.message.get("satellite_ids")
    satellite_ids = list(call.hub.satellites) if named is None else named
    if not may_switch(call.hass, call.entry, user, toggle, satellite_ids):
        raise Refused
    if not call.hub.satellites.keys() >= set(satellite_ids):
        raise InvalidRequest
    receipts = await asyncio.gather(
        *(call.hub.async_set_satellite(one, toggle, call.by, on=on) for one in satellite_ids)
    )
    return pool_receipt_json(receipts)


@_command("microphones/press_to_talk", {vol.Required("satellite_id"): str})
async def _press_to_talk(call: Call) -> None:
    """Let a satellite listen without a wake word."""
    satellite_id = call.message["satellite_id"]
    if forbidden_entity(call.hass, call.entry, call.connection.user, {satellite_id}) is not None:
        raise Refused
    if (satellite := call.hub.satellites.get(satellite_id)) is None:
        raise InvalidRequest
    if not satellite.press_to_talk():
        raise CannotListen


@_command(
    "microphones/set_threshold",
    {
        vol.Required("satellite_id"): str,
        vol.Required("threshold"): vol.All(vol.Coerce(float), vol.Range(MIN_THRESHOLD, MAX_THRESHOLD)),
    },
)
async def _set_threshold(call: Call) -> None:
    """Set how sure the wake engine must be at a satellite."""
    call.check_admin()
    message = call.message
    try:
        set_threshold(call.hass, call.entry, call.hub, message["satellite_id"], message["threshold"], call.by)
    except KeyError:
        raise InvalidRequest from None


# --- retention -----------------------------------------------------------------------------------

_RETENTION_FIELDS: Final = {
    vol.Required("setting"): vol.Coerce(RetentionSetting),
    vol.Required("value"): vol.Any(str, int),
    vol.Optional("satellite_id"): vol.Any(None, str),
}


@_command("retention/preview", _RETENTION_FIELDS)
async def _preview_retention(call: Call) -> Json:
    """Return what would go soon if this were chosen."""
    policy = _retention_asked_for(call)
    retention = call.hub.retention
    if call.message["setting"] is RetentionSetting.KEEP_TRANSCRIPTS:
        return preview_json(await retention.async_preview_texts(policy))
    return preview_json(await retention.async_preview(policy))


@_command("retention/set", _RETENTION_FIELDS)
async def _set_retention(call: Call) -> None:
    """Choose how long recordings are kept."""
    _retention_asked_for(call)
    message = call.message
    await async_set_retention(
        call.hub, message["setting"], message["value"], call.by, message.get("satellite_id")
    )


def _retention_asked_for(call: Call) -> RetentionPolicy:
    """Return the policy that an administrator asks for."""
    call.check_admin()
    satellite_id = call.message.get("satellite_id")
    if satellite_id is not None and satellite_id not in call.hub.satellites:
        raise InvalidRequest
    try:
        policy = call.hub.settings.retention_with(
            call.message["setting"], call.message["value"], satellite_id
        )
        return call.hub.with_review(policy)
    except ValueError:
        raise InvalidRequest from None


# --- access log ----------------------------------------------------------------------------------


@_command(
    "access_log",
    {
        vol.Optional("offset", default=0): vol.All(int, vol.Range(0)),
        vol.Optional("limit", default=_MAX_PAGE): vol.All(int, vol.Range(1, _MAX_PAGE)),
        vol.Optional("deed"): vol.Any(None, vol.Coerce(Deed)),
    },
)
async def _access_log(call: Call) -> Json:
    """Return deeds, newest first."""
    call.check_admin()
    deed, offset = call.message.get("deed"), call.message["offset"]
    users = {user.id: user.name for user in await call.hass.auth.async_get_users()}
    name_of: NameOf = users.get
    entries = [entry for entry in reversed(call.hub.access_log.entries) if deed is None or entry.deed is deed]
    page = entries[offset : offset + call.message["limit"]]
    return {
        "entries": [log_entry_json(entry, name_of) for entry in page],
        "more": offset + len(page) < len(entries),
    }
