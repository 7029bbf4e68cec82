"""Which automation or script acts: Home Assistant's contexts tell no name, so its start events are remembered."""

from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import CALLBACK_TYPE, Context, Event, HomeAssistant, callback

_STARTED: Final = ("automation_triggered", "script_started")
"""Events with which automations and scripts begin a run."""

_REMEMBERED: Final = 1_000
"""Runs that are remembered; the oldest make room."""


class Automations:
    """The newest runs of automations and scripts, by the id of their context."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Remember nothing yet."""
        self._hass = hass
        self._runs: dict[str, str] = {}

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow what is started; return how to stop that."""
        unsubscribe = [self._hass.bus.async_listen(event_type, self._on_started) for event_type in _STARTED]

        @callback
        def stop() -> None:
            for end in unsubscribe:
                end()

        return stop

    @callback
    def _on_started(self, event: Event[dict[str, Any]]) -> None:
        """Remember a run; a script that an automation calls shares its context, and is the automation's."""
        entity_id = event.data.get(ATTR_ENTITY_ID)
        if isinstance(entity_id, str):
            self._runs.setdefault(event.context.id, entity_id)
        while len(self._runs) > _REMEMBERED:
            del self._runs[next(iter(self._runs))]

    @callback
    def name_of(self, context: Context | None) -> str | None:
        """Return the entity id of the automation or script behind a context, where it is known."""
        if context is None:
            return None
        return self._runs.get(context.id) or self._runs.get(context.parent_id or "")
