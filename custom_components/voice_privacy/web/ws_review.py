"""Websocket commands of the review tab; reviewers only get a random id, audio and masked text of a clip."""

from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, floor_registry as fr
import voluptuous as vol

from ..coordinator import names_of
from ..core.cleaning import MAX_CORRECTION
from ..core.errors import InvalidRequest
from ..core.models import AuditAction
from ..core.redaction.redact import redact
from ..core.review import Label, ReviewItem, mask_names
from ..hub.requests import async_set_reviewer
from ..review.score_recorder import THRESHOLDS
from .serializers import Json, learned_json, pool_item_json, pool_receipt_json
from .ws_command import Call, Commands, async_register, command

_COMMANDS: Final[Commands] = {}
_command: Final = partial(command, _COMMANDS)


@callback
def async_setup_review_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register(hass, _COMMANDS)


def _clip(call: Call) -> ReviewItem:
    """Return the requested clip. Raises NotInPool, also for clips that only the owner may hear."""
    return call.hub.review.clip(call.message["review_id"], owner=call.knows_clips)


# --- for reviewers -------------------------------------------------------------------------------


@_command("review/list")
async def _list(call: Call) -> Json:
    """Return the clips that the caller may review, sorted by their random ids to hide their order in time."""
    items = call.hub.review.released()
    if call.knows_clips:
        items = sorted(
            (item for item in call.hub.review.clips if not item.barred),
            key=lambda item: item.review_id,
        )
    return {
        "clips": [
            {"review_id": item.review_id, "label": item.label.value if item.label else None} for item in items
        ]
    }


@_command("review/transcript", {vol.Required("review_id"): str})
async def _transcript(call: Call) -> Json:
    """Return the transcript of a clip with personal data and names of the household masked."""
    item = _clip(call)
    async with call.turn():
        info, content = await call.hub.async_read(item.recording_id)
        call.check()
        # The clip may have left the pool meanwhile.
        _clip(call)
    call.hub.access_log.add(call.by, AuditAction.LISTED, recording_ids=(item.recording_id,))
    if content.transcript is None or not (call.knows_clips or call.hub.review.text_is_released(info)):
        return {"transcript": None}
    text = redact(content.transcript, content.language).text
    return {"transcript": mask_names(text, await _async_names(call))}


async def _async_names(call: Call) -> set[str]:
    """Return the names to mask: satellites, areas, floors, persons and users."""
    hass = call.hass
    names = set(names_of(hass, call.entry.entry_id, call.hub.satellites).values())
    names.update(satellite.config.name for satellite in call.hub.satellites.values())
    names.update(area.name for area in ar.async_get(hass).async_list_areas())
    names.update(floor.name for floor in fr.async_get(hass).async_list_floors())
    names.update(state.name for state in hass.states.async_all("person"))
    names.update(user.name for user in await hass.auth.async_get_users() if user.name)
    return names


@_command(
    "review/label",
    {
        vol.Required("review_id"): str,
        vol.Required("label"): vol.Coerce(Label),
        vol.Optional("correction"): vol.Any(None, vol.All(str, vol.Length(0, MAX_CORRECTION))),
    },
)
async def _label(call: Call) -> None:
    """Save the label of a clip, with a correction if given."""
    item = _clip(call)
    await call.hub.review.async_label(
        item.review_id, call.message["label"], call.message.get("correction"), call.by
    )
    if call.message["label"] is Label.FALSE_WAKE:
        await call.hub.feedback.async_learn([item.recording_id])


# --- for the owner -------------------------------------------------------------------------------


@_command("review/pool")
async def _pool(call: Call) -> Json:
    """Return all clips of the pool with their recordings, oldest first."""
    items = sorted(call.hub.review.clips, key=lambda item: item.proposed_at)
    hub, policy = call.hub, call.hub.retention_policy
    if items:
        hub.access_log.add(call.by, AuditAction.LISTED, recording_ids=[item.recording_id for item in items])
    return {"clips": [pool_item_json(item, hub.recordings.get(item.recording_id), policy) for item in items]}


@_command("review/learned")
async def _learned(call: Call) -> Json:
    """Return the weights learned from labels, with their evaluation."""
    return learned_json(call.hub)


@_command("review/scores")
async def _scores(call: Call) -> Json:
    """Return for each satellite the outcome of other thresholds since the start of Home Assistant."""
    tables = {satellite_id: call.hub.scores.table(satellite_id) for satellite_id in call.hub.satellites}
    return {
        "thresholds": list(THRESHOLDS),
        "satellites": {satellite_id: table for satellite_id, table in tables.items() if table},
    }


@_command("review/allow", {vol.Required("review_id"): str, vol.Required("allowed"): bool})
async def _allow(call: Call) -> None:
    """Allow review of a clip in spite of its findings, or revoke that; allowing requires listening first."""
    _clip(call)
    await call.hub.review.pool.async_allow(
        call.message["review_id"], call.by, allowed=call.message["allowed"]
    )


@_command("review/take_out", {vol.Required("review_ids"): [str]})
async def _take_out(call: Call) -> Json:
    """Remove clips from the pool; their recordings stay."""
    return pool_receipt_json([await call.hub.review.async_take_out(call.message["review_ids"], call.by)])


@_command("review/reviewers")
async def _reviewers(call: Call) -> Json:
    """Return the users who can be made reviewers, without administrators, who may review anyway."""
    return {
        "users": [
            {"user_id": user.id, "name": user.name, "on": user.id in call.hub.settings.reviewers}
            for user in await call.hass.auth.async_get_users()
            if user.is_active and not user.system_generated and not user.is_admin
        ]
    }


@_command("review/set_reviewer", {vol.Required("user_id"): str, vol.Required("on"): bool})
async def _set_reviewer(call: Call) -> None:
    """Make a user a reviewer, or revoke that. Raises InvalidRequest."""
    user_id, on = call.message["user_id"], call.message["on"]
    user: Any = await call.hass.auth.async_get_user(user_id)
    if on and (user is None or user.system_generated):
        raise InvalidRequest
    await async_set_reviewer(call.hub, user_id, call.by, on=on)
