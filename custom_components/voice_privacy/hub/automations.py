"""Attribution of actions to automations and scripts.

Home Assistant's contexts carry no name, so start events are remembered by context id.
"""

from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import CALLBACK_TYPE, Context, Event, HomeAssistant, callback

_STARTED: Final = ("automation_triggered", "script_started")
"""Event types that automations and scripts fire when a run starts."""

_REMEMBERED: Final = 1_000
"""Maximum number of remembered runs; the oldest are dropped."""


class Automations:
    """The newest runs of automations and scripts by context id."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start without any runs."""
        self._hass = hass
        self._runs: dict[str, str] = {}

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Subscribe to start events; return a function that unsubscribes."""
        unsubscribe = [self._hass.bus.async_listen(event_type, self._on_started) for event_type in _STARTED]

        @callback
        def stop() -> None:
            for end in unsubscribe:
                end()

        return stop

    @callback
    def _on_started(self, event: Event[dict[str, Any]]) -> None:
        """Remember a run; a script shares the context of its automation and is attributed to it."""
        entity_id = event.data.get(ATTR_ENTITY_ID)
        if isinstance(entity_id, str):
            self._runs.setdefault(event.context.id, entity_id)
        while len(self._runs) > _REMEMBERED:
            del self._runs[next(iter(self._runs))]

    @callback
    def name_of(self, context: Context | None) -> str | None:
        """Return the entity id of the automation or script behind a context, or None if it is unknown."""
        if context is None:
            return None
        return self._runs.get(context.id) or self._runs.get(context.parent_id or "")
