"""Automations as a user writes them, and what their actions were told."""

from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.setup import async_setup_component

_TOLD = (
    "area",
    "automation",
    "by",
    "count",
    "description",
    "entity_id",
    "kind",
    "recording_id",
    "satellite",
    "user",
    "what",
)
"""Variables of our triggers that tests ask for."""


@dataclass(kw_only=True)
class Heard:
    """What the automations of a test were told, by trigger id."""

    runs: list[dict[str, Any]] = field(default_factory=list)

    def of(self, trigger_id: str) -> list[dict[str, Any]]:
        """Return the variables of each run that a trigger started."""
        return [run for run in self.runs if run["id"] == trigger_id]

    @property
    def ids(self) -> list[str]:
        """Return the ids of the triggers that started something, in order."""
        return [run["id"] for run in self.runs]


async def automate(hass: HomeAssistant, *triggers: dict[str, Any]) -> Heard:
    """Set up one automation with these triggers; those without an id get the name of their trigger."""
    heard = Heard()

    @callback
    def on_heard(event: Event) -> None:
        heard.runs.append({name: value for name, value in event.data.items() if value is not None})

    hass.bus.async_listen("heard", on_heard)
    data = {name: f"{{{{ trigger.{name} | default(none) }}}}" for name in _TOLD}
    named = [{"id": trigger["trigger"].partition(".")[2], **trigger} for trigger in triggers]
    config = {
        "id": "house",
        "alias": "House",
        "mode": "parallel",
        "max": 100,
        "triggers": named,
        "actions": [{"event": "heard", "event_data": {"id": "{{ trigger.id }}", **data}}],
    }
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    state = hass.states.get("automation.house")
    assert state is not None
    assert state.state == "on", "the automation is not valid"
    return heard
