"""Websocket commands for state and recordings."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from homeassistant.auth import EVENT_USER_UPDATED
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..core.errors import RecordingNotFound, Replaced, StoreError
from ..core.models import AuditAction, ListedKind, RecordingContent, RecordingInfo
from ..core.retention_policy import RetentionPolicy
from ..hub.events import HubEvent, HubEventType
from ..hub.hub import VoicePrivacyHub
from ..hub.permissions import Right
from .detail import detail_json, feedback_json, sound_json
from .recording_filter import RecordingFilter
from .serializers import Json, NameOf, content_json, house_json, recording_json
from .ws_command import Call, Commands, async_names, async_register, command

PAGE: Final = 50
"""Default number of recordings per page."""

_MAX_PAGE: Final = 100
_MAX_PUSHED_IDS: Final = 500
"""Maximum ids in a deletion event; above it, clients are told to reload their list."""

_DAYS: Final = 28
"""Number of days that the page shows with their counts."""

_SEARCH_STEP: Final = 25
"""Recordings opened between two progress events."""

_SEARCHING: Final = (DOMAIN, "searching")
"""Key of a connection's only search among its subscriptions."""


_FILTER_FIELDS: Final = {
    vol.Optional("first_day"): vol.Any(None, cv.date),
    vol.Optional("last_day"): vol.Any(None, cv.date),
    vol.Optional("satellite_id"): vol.Any(None, str),
    vol.Optional("kind"): vol.Any(None, vol.Coerce(ListedKind)),
}


_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


# --- state ---------------------------------------------------------------------------------------


@_command("subscribe")
async def _subscribe(call: Call) -> None:
    """Send the state that the user may read, now and after each change; one subscription per tab."""
    names: dict[str, str] = {}
    number = call.message["id"]
    told: Json = {}

    async def learn_names() -> None:
        names.update(await async_names(call.hass))

    @callback
    def push_state() -> None:
        nonlocal told
        if number not in call.connection.subscriptions or not call.allows(Right.SUBSCRIBE):
            return
        state = _state(call, names.get)
        if state != told:
            # Send no unchanged state: its time alone would reveal that somebody spoke in another room.
            told = state
            call.push(state)

    @callback
    def push_end() -> None:
        if call.entry.state is not ConfigEntryState.LOADED:
            call.push({"type": "ended"})

    @callback
    def on_user(_event: Event[Any]) -> None:
        push_state()

    await learn_names()
    runtime = call.runtime
    unsubscribe = (
        runtime.coordinator.async_add_listener(push_state),
        runtime.hub.notices.listen_to_events(partial(_push_event, call)),
        call.entry.async_on_state_change(push_end),
        call.hass.bus.async_listen(EVENT_USER_UPDATED, on_user),
    )
    call.follow(unsubscribe)
    push_state()


def _state(call: Call, name_of: NameOf) -> Json:
    """Return the state that the user may read, and the actions that the page may offer."""
    permissions, caller = call.permissions, call.caller
    shown = [satellite_id for satellite_id in call.hub.satellites if permissions.reads(caller, satellite_id)]
    coordinator, exact = call.runtime.coordinator, call.knows_clips
    may = call.connection.user.permissions.check_entity
    state = house_json(
        coordinator,
        name_of,
        shown,
        whole=permissions.reads(caller, None),
        exact=exact,
        may_know=lambda entity_id: may(entity_id, POLICY_READ),
    )
    if not exact:
        # Reviewers reload only when clips are released, so they get the release time instead of counters.
        released_at = int(coordinator.data.released_at.timestamp())
        state["house"]["review"] = [0, released_at if call.allows(Right.REVIEW) else 0, False]
    return {
        "type": "state",
        "permissions": {
            "admin": call.connection.user.is_admin,
            "listen": call.allows(Right.LISTEN),
            "review": call.allows(Right.REVIEW),
            "control": [satellite_id for satellite_id in shown if call.allows(Right.MUTE, {satellite_id})],
        },
        "may": {
            "guest_mode": call.allows(Right.GUEST_MODE),
            "open_microphone": [
                satellite_id for satellite_id in shown if call.allows(Right.OPEN_MICROPHONE, {satellite_id})
            ],
            "delete_selected": [
                satellite_id for satellite_id in shown if call.allows(Right.DELETE_SELECTED, {satellite_id})
            ],
        },
        "unprotected": _unprotected_json(call),
        "held": _held_json(call),
        **state,
    }


def _held_json(call: Call) -> list[Json]:
    """Return the recordings in memory that the user may listen to, newest first."""
    return [
        {
            "id": info.recording_id,
            "satellite_id": info.satellite_id,
            "started_at": info.started_at.isoformat(),
            "seconds": info.duration,
            "kind": info.kind.value,
            "until": until.isoformat(),
            "may_keep": call.allows(Right.KEEP_HELD, {info.satellite_id}),
        }
        for info, until in reversed(call.runtime.coordinator.data.held)
        if call.allows(Right.LISTEN, {info.satellite_id})
    ]


def _unprotected_json(call: Call) -> list[Json]:
    """Return the satellites of other integrations that are not added and that the user may see."""
    may = call.connection.user.permissions.check_entity
    return [
        {"source": satellite.source, "name": satellite.name, "wyoming": satellite.wyoming}
        for satellite in call.runtime.coordinator.unprotected
        if may(satellite.entity_id, POLICY_READ)
    ]


@callback
def _push_event(call: Call, event: HubEvent) -> None:
    """Send the change of a list of recordings, if the caller may know of it."""
    if event.recording_ids and call.allows(Right.LISTEN, {event.satellite_id}):
        change = _event_json(call, event)
        if change is not None:
            call.push(change)


def _event_json(call: Call, event: HubEvent) -> Json | None:
    """Return the change of a list of recordings after an event, or None if there is none."""
    if event.type in (HubEventType.KEPT, HubEventType.SHOWN_AGAIN):
        kept = (call.hub.recordings.get(recording_id) for recording_id in event.recording_ids)
        policy = call.hub.retention_policy
        return {
            "type": "added",
            "recordings": [_row(call, info, policy) for info in kept if info is not None],
        }
    if len(event.recording_ids) > _MAX_PUSHED_IDS:
        return {"type": "reset"}
    ids = [
        recording_id
        for recording_id in event.recording_ids
        if event.type is HubEventType.HIDDEN or not call.hub.is_hidden(recording_id)
    ]
    # What was hidden before has left every list already.
    return {"type": "deleted", "recording_ids": ids} if ids else None


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
    """Return a page of recordings, newest first, that starts before a sequence number."""
    async with call.turn():
        answer = _page(call)
        page: list[RecordingInfo] = answer["recordings"]
        rows = await _rows(call, page, with_content=call.message["content"])
        answer["recordings"] = _still_there(call, rows)
    if page:
        call.hub.access_log.add(
            call.by, AuditAction.LISTED, recording_ids=[info.recording_id for info in page]
        )
    return answer


def _page(call: Call) -> Json:
    """Return the recordings of a page, count and size of each of its days, and whether there are more."""
    message, before = call.message, call.message.get("before")
    page: list[RecordingInfo] = []
    days: dict[date, list[int]] = {}
    more = False
    for info in _newest_first(call):
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
        "recordings": page,
        "more": more,
        "days": {
            day.isoformat(): {"count": count, "size": size if call.knows_clips else None}
            for day, (count, size) in days.items()
            if day in shown
        },
    }
    if before is None:
        answer["counts"] = _counts(call)
    return answer


@_command(
    "recordings/days",
    {
        vol.Optional("satellite_id"): vol.Any(None, str),
        vol.Optional("kind"): vol.Any(None, vol.Coerce(ListedKind)),
    },
)
async def _days(call: Call) -> Json:
    """Return the number of filtered recordings of each of the last days; days without any are left out."""
    async with call.turn():
        first = dt_util.now().date() - timedelta(days=_DAYS - 1)
        satellite_id, kind = call.message.get("satellite_id"), call.message.get("kind")
        asked = RecordingFilter(first_day=first, satellite_id=satellite_id, kind=kind)
        heard = {
            satellite_id
            for satellite_id in call.hub.kept.satellite_ids
            if call.allows(Right.LISTEN, {satellite_id})
        }
        recordings = list(call.hub.recordings.values())

        def count() -> dict[date, int]:
            return Counter(
                info.local_date for info in recordings if info.satellite_id in heard and asked.matches(info)
            )

        # In a thread: there may be a hundred thousand.
        counts = await call.hass.async_add_executor_job(count)
    return {"days": {day.isoformat(): number for day, number in counts.items()}}


@_command("recordings/get", {vol.Required("recording_id"): str})
async def _get(call: Call) -> Json:
    """Return a recording with all that is known of it, for administrators with its clip of the review pool.

    Raises RecordingNotFound.
    """
    async with call.turn():
        info = call.hub.recordings.get(call.message["recording_id"])
        if info is None or not call.allows(Right.LISTEN, {info.satellite_id}):
            raise RecordingNotFound
        rows = _still_there(call, await _rows(call, [info], with_content=True, detailed=True))
        if not rows:
            raise RecordingNotFound
        (row,) = rows
    call.hub.access_log.add(call.by, AuditAction.LISTED, recording_ids=[info.recording_id])
    return row


@_command("recordings/search", {vol.Required("text"): vol.All(str, vol.Length(1, 200)), **_FILTER_FIELDS})
async def _search(call: Call) -> None:
    """Search the filtered recordings for a text, newest first, until the client unsubscribes.

    A connection has one search, which a new one replaces. Searches of one user take turns.
    """
    subscriptions: dict[Any, Callable[[], Any]] = call.connection.subscriptions
    if (replace := subscriptions.pop(_SEARCHING, None)) is not None:
        replace()
    task = call.hass.async_create_background_task(
        call.report(_async_search(call)), f"{DOMAIN}_search", eager_start=False
    )
    subscriptions[call.message["id"]] = task.cancel

    @callback
    def replace_search() -> None:
        if task.cancel():
            call.push({"type": "failed", "code": Replaced.code})

    subscriptions[_SEARCHING] = replace_search


async def _async_search(call: Call) -> None:
    """Search in memory without keeping any opened content, and add the search to the access log."""
    wanted = call.message["text"].casefold()
    recordings, access_log, by = list(_newest_first(call)), call.hub.access_log, call.by
    opened: dict[str, str] = {}
    """Satellites by recording id."""
    try:
        for start in range(0, len(recordings), _SEARCH_STEP):
            found: list[Json] = []
            async with call.turn():
                policy = call.hub.retention_policy
                for info in recordings[start : start + _SEARCH_STEP]:
                    call.check()
                    if not call.allows(Right.LISTEN, {info.satellite_id}):
                        continue
                    if (content := await _read(call.hub, info.recording_id)) is None:
                        continue
                    if not call.allows(Right.LISTEN, {info.satellite_id}):
                        continue
                    opened[info.recording_id] = info.satellite_id
                    if wanted in f"{content.transcript or ''}\n{content.reply or ''}".casefold():
                        found.append(
                            _row(call, info, policy)
                            | await call.hass.async_add_executor_job(
                                content_json, content, call.hub.taught.phrase_of
                            )
                            | _feedback_json(call, info, content)
                        )
            call.check()
            done = min(start + _SEARCH_STEP, len(recordings))
            call.push(
                {
                    "type": "progress",
                    "done": done,
                    "total": len(recordings),
                    "recordings": _still_there(call, found),
                }
            )
        call.push({"type": "finished", "total": len(recordings)})
    finally:
        if opened:
            access_log.add(
                by, AuditAction.LISTED, recording_ids=opened.keys(), satellites=opened, subject="search"
            )


def _row(call: Call, info: RecordingInfo, policy: RetentionPolicy) -> Json:
    """Return what may be said of a recording, and when it will go under a policy."""
    return recording_json(info, policy, exact=call.knows_clips)


def _feedback_json(call: Call, info: RecordingInfo, content: RecordingContent) -> Json:
    """Return the feedback on a recording as a field of its row, if there is any."""
    feedback = feedback_json(call, info.recording_id, content)
    return {} if feedback is None else {"feedback": feedback}


async def _rows(
    call: Call, page: Iterable[RecordingInfo], *, with_content: bool, detailed: bool = False
) -> list[Json]:
    """Open the seals of a page; one that does not open says so. Raises Refused."""
    rows, permissions, policy = [], call.permissions, call.hub.retention_policy
    for info in page:
        row = _row(call, info, policy)
        if with_content:
            try:
                _, content = await call.hub.async_read(info.recording_id)
            except StoreError as err:
                row["error"] = err.code
            else:
                phrase_of = call.hub.taught.phrase_of
                row |= await call.hass.async_add_executor_job(content_json, content, phrase_of)
                row |= _feedback_json(call, info, content)
                if detailed:
                    row |= detail_json(call, info, content)
                    row["sound"] = await call.hass.async_add_executor_job(sound_json, content)
            permissions.check(call.caller, call.right, {info.satellite_id})
        rows.append(row)
    return rows


def _still_there(call: Call, rows: list[Json]) -> list[Json]:
    """Return the rows of recordings that nobody has deleted or hidden while others were being opened.

    The page has been told already that those are gone, and would show them again.
    """
    return [row for row in rows if row["id"] in call.hub.recordings]


async def _read(hub: VoicePrivacyHub, recording_id: str) -> RecordingContent | None:
    """Return the content of a recording, or None if it is deleted or cannot be opened."""
    try:
        return (await hub.async_read(recording_id))[1]
    except StoreError:
        return None


def _newest_first(call: Call, *, any_kind: bool = False) -> Iterator[RecordingInfo]:
    """Yield the filtered recordings that the caller may listen to, newest first."""
    message = call.message
    asked = RecordingFilter(
        first_day=message.get("first_day"),
        last_day=message.get("last_day"),
        satellite_id=message.get("satellite_id"),
        kind=None if any_kind else message.get("kind"),
    )
    heard: dict[str, bool] = {}
    for info in reversed(call.hub.recordings.values()):  # type: ignore[call-overload]
        if asked.matches(info):
            if (may := heard.get(info.satellite_id)) is None:
                may = heard[info.satellite_id] = call.allows(Right.LISTEN, {info.satellite_id})
            if may:
                yield info


def _counts(call: Call) -> Json:
    """Return the number of filtered recordings of each kind."""
    message = call.message
    if message.get("first_day") or message.get("last_day"):
        kinds = [info.listed_kind for info in _newest_first(call, any_kind=True)]
        total, false_wakes = len(kinds), kinds.count(ListedKind.FALSE_WAKE)
        near_misses = kinds.count(ListedKind.NEAR_MISS)
    else:
        asked_for = call.satellite_ids or call.hub.kept.satellite_ids
        summaries = [
            call.hub.kept.summary(satellite_id)
            for satellite_id in asked_for
            if call.allows(Right.LISTEN, {satellite_id})
        ]
        total = sum(summary.recordings for summary in summaries)
        false_wakes = sum(summary.false_wakes for summary in summaries)
        near_misses = sum(summary.near_misses for summary in summaries)
    return {
        "all": total,
        ListedKind.COMMAND.value: total - false_wakes - near_misses,
        ListedKind.FALSE_WAKE.value: false_wakes,
        **({ListedKind.NEAR_MISS.value: near_misses} if near_misses else {}),
    }
