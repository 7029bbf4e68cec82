"""Adding a satellite for the page, through the flow that its form uses, with the same checks."""

from typing import Final

from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from ..core.errors import InvalidRequest
from .serializers import Json
from .ws_command import Call

_ENDED: Final = (FlowResultType.ABORT, FlowResultType.CREATE_ENTRY)


async def async_run_flow(call: Call, kind: str, answers: Json, *, saves: bool) -> dict[str, str]:
    """Add a satellite; return the errors of its form by field, none if it was added.

    The reason why a flow ended is an error of the form as a whole, "base". Raises InvalidRequest if the form
    does not accept the answers, and Refused if the caller has lost the right to add satellites meanwhile.

    Args:
        call: Command whose caller adds it.
        kind: Type of its subentry.
        answers: Answers to the form's fields.
        saves: Answer to the question whether recordings are kept.
    """
    flows, permissions = call.hass.config_entries.subentries, call.permissions
    result = await flows.async_init((call.entry.entry_id, kind), context={"source": SOURCE_USER})
    flow_id = result["flow_id"]
    try:
        for step in (answers, {"next_step_id": "keep_recordings" if saves else "keep_nothing"}):
            if result["type"] in _ENDED:
                break
            # Not those of the entry, which may be reloading because another satellite was added.
            permissions.check(call.caller, call.right, call.satellite_ids)
            result = await flows.async_configure(flow_id, step)
            if errors := result.get("errors"):
                return dict(errors)
    except InvalidData:
        raise InvalidRequest from None
    finally:
        if result["type"] not in _ENDED:
            flows.async_abort(flow_id)
    if result["type"] is FlowResultType.ABORT:
        return {"base": str(result["reason"])}
    return {}
