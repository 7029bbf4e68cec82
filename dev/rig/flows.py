"""Drive config flows over REST, filling each form's fields by name."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from .ha_client import HomeAssistantClient, Json

_ENTRIES = "/api/config/config_entries"


class FlowFailed(Exception):
    """A flow ended without an entry, or a form was refused."""

    def __init__(
        self, message: str, *, reason: str | None = None, errors: Mapping[str, str] | None = None
    ) -> None:
        """Keep an abort's reason or a form's errors."""
        super().__init__(message)
        self.reason = reason
        self.errors = dict(errors or {})


def _fill(schema: list[Json], values: Mapping[str, Any]) -> Json:
    """Answer a form: our values where it asks for them, its own defaults elsewhere."""
    answers: Json = {}
    for field in schema:
        name = field["name"]
        if field.get("type") == "expandable":
            answers[name] = _fill(field["schema"], values)
        elif name in values:
            answers[name] = values[name]
        elif field.get("required") and "default" not in field:
            raise FlowFailed(f"the form asks for {name}")
    return answers


def _is_about(flow_id: str, event: Json) -> bool:
    return bool(event["data"]["flow_id"] == flow_id)


async def _request(client: HomeAssistantClient, method: str, path: str, body: Json | None = None) -> Json:
    status, answer = await client.rest(method, path, body)
    if status != 200:
        errors = answer.get("errors") if isinstance(answer, dict) else None
        raise FlowFailed(f"the flow answers {status}: {answer}", errors=errors)
    return dict(answer)


async def run_flow(
    client: HomeAssistantClient, handler: str, values: Mapping[str, Any], *, timeout: float = 120.0
) -> Json:
    """Go through a config flow; return its result, the entry included.

    Raises FlowFailed when it aborts or refuses a form.
    """
    return await _drive(client, f"{_ENTRIES}/flow", {"handler": handler}, values, timeout)


async def run_subentry_flow(
    client: HomeAssistantClient, entry_id: str, kind: str, values: Mapping[str, Any], *, timeout: float = 60.0
) -> Json:
    """Go through the flow that adds a subentry; return its result."""
    return await _drive(client, f"{_ENTRIES}/subentries/flow", {"handler": [entry_id, kind]}, values, timeout)


async def run_options_flow(
    client: HomeAssistantClient, entry_id: str, values: Mapping[str, Any], *, timeout: float = 60.0
) -> Json:
    """Go through the flow that changes an entry's options; return its result."""
    return await _drive(client, f"{_ENTRIES}/options/flow", {"handler": entry_id}, values, timeout)


async def _drive(
    client: HomeAssistantClient, path: str, first: Json, values: Mapping[str, Any], timeout: float
) -> Json:
    async with client.events("data_entry_flow_progressed") as progress:
        result = await _request(client, "POST", path, first)
        for _ in range(20):
            flow_id = result["flow_id"]
            match result["type"]:
                case "create_entry":
                    return result
                case "abort":
                    raise FlowFailed(f"the flow ended: {result['reason']}", reason=result["reason"])
                case "form":
                    if result.get("errors"):
                        await client.rest("DELETE", f"{path}/{flow_id}")
                        raise FlowFailed(f"the form says {result['errors']}", errors=result["errors"])
                    answers = _fill(result["data_schema"], values)
                    result = await _request(client, "POST", f"{path}/{flow_id}", answers)
                case "menu":
                    step = next(option for option in result["menu_options"] if option in values)
                    result = await _request(client, "POST", f"{path}/{flow_id}", {"next_step_id": step})
                case "progress":
                    await progress.next(partial(_is_about, flow_id), timeout=timeout)
                    result = await _request(client, "GET", f"{path}/{flow_id}")
                case kind:
                    raise FlowFailed(f"the flow shows {kind}")
    raise FlowFailed("the flow never ends")
