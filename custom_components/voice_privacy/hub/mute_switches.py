"""Mute switches of other integrations' satellites: find the caller and decide whether a change applies.

Turning such a switch on always mutes the satellite here too. Turning it off unmutes the satellite here
only if the caller has the right to unmute: a sentence, or a user without that right, can turn another
integration's switch and must not unmute by doing so.
"""

import asyncio
from collections import deque
import contextlib
from dataclasses import dataclass
import time
from typing import Any, Final

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import CALLBACK_TYPE, Context, Event, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized

from ..const import DOMAIN
from ..core.errors import MuteNotHeld, NotSaved
from ..core.house_settings import SatelliteToggle
from ..core.levels import PrivacyLevel
from ..core.models import Requester
from ..satellites.pipeline import PipelineSatellite
from .callers import Caller, Permissions, in_conversation
from .hub import VoicePrivacyHub
from .permissions import Right

_REMEMBERED: Final = 1_000
"""Maximum number of remembered calls."""

_RECENT: Final = 60.0
"""Seconds after a call during which a switch may still turn because of it."""


@dataclass(frozen=True, slots=True)
class _Call:
    """Action of any kind: each may end in a switch that turns, by a message to the device for example."""

    context_id: str
    at: float
    """Monotonic time in seconds."""

    caller: asyncio.Task[Caller | None]
    """Task that resolves the caller; its result is None for a user who does not exist."""


class MuteSwitches:
    """Follows mute switches of other integrations. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, hub: VoicePrivacyHub, permissions: Permissions) -> None:
        """Start without any calls."""
        self._hass = hass
        self._hub = hub
        self._permissions = permissions
        self._calls: deque[_Call] = deque(maxlen=_REMEMBERED)

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Subscribe to actions; return a function that unsubscribes."""
        self._hub.on_muted_elsewhere = self._on_turned
        return self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._on_call)

    @callback
    def _on_call(self, event: Event[Any]) -> None:
        """Resolve the caller immediately: this is only possible while the caller's task is running.

        Calls without a user outside a conversation need not be remembered: whatever makes them may unmute.
        """
        if event.context.user_id is None and not in_conversation():
            return
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
        """Handle a switch that was turned."""
        self._hass.async_create_task(
            self._async_follow(satellite, context, muted=muted), f"{DOMAIN}_muted_elsewhere"
        )

    async def _async_follow(self, satellite: PipelineSatellite, context: Context, *, muted: bool) -> None:
        """Mute here too, or unmute if the caller may; otherwise turn the satellite's own switch back on."""
        satellite_id = satellite.satellite_id
        callers = await self._async_callers(context)
        if satellite.muted_by_device is not muted:
            # The switch was turned back in the meantime, which is handled as a separate change.
            return
        # A privacy level that keeps the microphone off holds, whoever turns the switch.
        if not muted and (
            self._hub.settings.level_of(satellite_id).level is PrivacyLevel.OFF
            or not all(
                caller is not None and self._permissions.allows(caller, Right.UNMUTE, {satellite_id})
                for caller in callers
            )
        ):
            satellite.hold_mute()
            return
        by = callers[0].by if len(callers) == 1 and callers[0] is not None else Requester()
        # A failed write, and audio that bypasses the mute, are shown by repair issues; nobody waits for an answer.
        with contextlib.suppress(MuteNotHeld, NotSaved):
            await self._hub.async_set_satellite(satellite_id, SatelliteToggle.MUTED, by, on=muted)

    async def _async_callers(self, context: Context) -> list[Caller | None]:
        """Return the callers who may have turned a switch.

        If no call has that context and there is no user, the switch was turned at the device, unless there
        was a recent call that a slow device may have carried out only now.
        """
        since = time.monotonic() - _RECENT
        calls = [call for call in self._calls if call.at >= since]
        of_context = [call for call in calls if call.context_id in (context.id, context.parent_id)]
        if not of_context and (
            context.user_id is not None or self._permissions.automations.name_of(context) is not None
        ):
            return [await self._async_caller(context)]
        return [await call.caller for call in of_context[:1] or calls]
