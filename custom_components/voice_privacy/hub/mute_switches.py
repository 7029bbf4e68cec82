"""Mute switches of other integrations' satellites: who turned one, and whether that counts here.

Whoever turns such a switch on mutes the satellite here too. Turned off, it opens the microphone here only
for somebody who may unmute it: a sentence and a user without that right can turn a switch of another
integration, and would unmute by it.
"""

import asyncio
from collections import deque
import contextlib
from dataclasses import dataclass
import time
from typing import Any, Final

from homeassistant.const import EVENT_CALL_SERVICE, SERVICE_TOGGLE, SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.core import (
    CALLBACK_TYPE,
    DOMAIN as HOMEASSISTANT_DOMAIN,
    Context,
    Event,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import Unauthorized

from ..const import DOMAIN
from ..core.errors import NotSaved
from ..core.models import Requester
from ..satellites.pipeline import PipelineSatellite
from .callers import Caller, Permissions
from .hub import VoicePrivacyHub
from .permissions import Right
from .settings import SatelliteToggle

_ACTIONS: Final = frozenset({SERVICE_TOGGLE, SERVICE_TURN_OFF, SERVICE_TURN_ON})
_DOMAINS: Final = frozenset({HOMEASSISTANT_DOMAIN, "switch"})
"""Every action that turns a switch ends as one of these, those of scenes and groups too."""

_REMEMBERED: Final = 1_000
"""Calls that are remembered."""

_RECENT: Final = 60.0
"""Seconds after a call within which a switch may still turn because of it."""


@dataclass(frozen=True, slots=True)
class _Call:
    """An action that may have turned a switch."""

    context_id: str
    at: float
    """Seconds of the monotonic clock."""

    caller: asyncio.Task[Caller | None]
    """None stands for a user who does not exist."""


class MuteSwitches:
    """Follows mute switches that are not ours. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, hub: VoicePrivacyHub, permissions: Permissions) -> None:
        """Remember nobody yet."""
        self._hass = hass
        self._hub = hub
        self._permissions = permissions
        self._calls: deque[_Call] = deque(maxlen=_REMEMBERED)

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow; return how to stop that."""
        self._hub.on_muted_elsewhere = self._on_turned
        return self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._on_call)

    @callback
    def _on_call(self, event: Event[Any]) -> None:
        """Find out who calls while that can be told: the caller's own task is running."""
        if event.data["domain"] in _DOMAINS and event.data["service"] in _ACTIONS:
            caller = self._hass.async_create_task(
                self._async_caller(event.context), f"{DOMAIN}_caller", eager_start=True
            )
            self._calls.append(_Call(event.context.id, time.monotonic(), caller))

    async def _async_caller(self, context: Context) -> Caller | None:
        try:
            return await self._permissions.async_caller(context)
        except Unauthorized:
            return None

    @callback
    def _on_turned(self, satellite: PipelineSatellite, context: Context, *, muted: bool) -> None:
        """Follow a switch that was turned."""
        self._hass.async_create_task(
            self._async_follow(satellite, context, muted=muted), f"{DOMAIN}_muted_elsewhere"
        )

    async def _async_follow(self, satellite: PipelineSatellite, context: Context, *, muted: bool) -> None:
        """Mute here too, or unmute where the caller may; else turn the satellite's own switch on again."""
        satellite_id = satellite.satellite_id
        callers = await self._async_callers(context)
        if satellite.muted_by_device is not muted:
            # Turned back meanwhile: that change is followed by itself.
            return
        if not muted and not all(
            caller is not None and self._permissions.allows(caller, Right.UNMUTE, {satellite_id})
            for caller in callers
        ):
            satellite.hold_mute()
            return
        by = callers[0].by if len(callers) == 1 and callers[0] is not None else Requester()
        # What the disk does not take is shown by a repair issue; the more private side holds.
        with contextlib.suppress(NotSaved):
            await self._hub.async_set_satellite(satellite_id, SatelliteToggle.MUTED, by, on=muted)

    async def _async_callers(self, context: Context) -> list[Caller | None]:
        """Return who may have turned a switch.

        Without a call of that context, and without a user, somebody has turned it at the device, unless
        somebody called so recently that a slow device may only have obeyed by now.
        """
        since = time.monotonic() - _RECENT
        calls = [call for call in self._calls if call.at >= since]
        of_context = [call for call in calls if call.context_id in (context.id, context.parent_id)]
        if not of_context and context.user_id is not None:
            return [await self._async_caller(context)]
        return [await call.caller for call in of_context[:1] or calls]
