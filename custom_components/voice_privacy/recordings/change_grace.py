"""Grace period of retention settings: a change deletes nothing while it can still be undone."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.models import RecordingInfo
from ..core.retention_policy import RetentionPolicy
from .house_clock import house_clock

_LONGEST: Final = 600.0
"""Seconds after which further changes no longer extend the period, for automations that set something again and again."""


class GraceHost(Protocol):
    """Interface to the hub."""

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id."""

    @property
    def retention_policy(self) -> RetentionPolicy:
        """Current retention policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One or more settings changes in their grace period."""

    before: RetentionPolicy
    """Policy before the first of them."""

    since: float
    until: float
    """Begin and end of the period on the monotonic clock, in seconds."""


_UNDER_WAY: Final[HassKey[_Change]] = HassKey(f"{DOMAIN}_retention_change")
"""A change whose period outlasts a reload, as options, which need one, are saved together with it."""


class ChangeGrace:
    """The policy to apply now. It belongs to the event loop."""

    def __init__(
        self, hass: HomeAssistant, host: GraceHost, when_over: Callable[[], Coroutine[Any, Any, object]]
    ) -> None:
        """Begin without a change.

        Args:
            hass: Home Assistant.
            host: The hub.
            when_over: Applies the current policy; called at the end of a period.
        """
        self._hass = hass
        self._host = host
        self._when_over = when_over
        self._change: _Change | None = None
        self._applied: RetentionPolicy | None = None
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def resume(self) -> None:
        """Go on with the change that was under way when the hub was stopped, or with the policy as it is."""
        if (change := self._hass.data.pop(_UNDER_WAY, None)) and change.until > house_clock().monotonic:
            self._begin(change)
        else:
            self._applied = self._host.retention_policy

    @callback
    def stop(self) -> None:
        """Leave a change to the next hub of this run of Home Assistant."""
        if self._change is not None:
            self._hass.data[_UNDER_WAY] = self._change
        self._change = None
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def policy(self) -> RetentionPolicy:
        """Return the policy to apply: the current one, which in the period keeps what the one before it keeps, too.

        Outside of it, it is what the next change is compared with.
        """
        policy = self._host.retention_policy
        if self._change is not None:
            return replace(policy, before=self._change.before)
        self._applied = policy
        return policy

    @callback
    def end(self) -> None:
        """Apply the current policy from now on."""
        self._change = None

    @callback
    def changed(self, seconds: float) -> None:
        """Begin a period after a change; further changes restart it for ten minutes."""
        now, policy = house_clock().monotonic, self._host.retention_policy
        before, since = self._applied or policy, now
        if self._change is not None:
            before, since = self._change.before, self._change.since
            if now - since > _LONGEST:
                return
        if self._fits(policy):
            # The limit deletes nothing that is stored, so that it can apply to new recordings at once.
            before = replace(before, limit_mb=policy.limit_mb)
        self._begin(_Change(before=before, since=since, until=now + seconds))

    def _fits(self, policy: RetentionPolicy) -> bool:
        """Return whether what is stored is within the size limit of a policy."""
        size = sum(recording.size for recording in self._host.recordings.values())
        return not policy.limit_bytes or size <= policy.limit_bytes

    def _begin(self, change: _Change) -> None:
        """Set the timer for the end of a period."""
        if self._cancel is not None:
            self._cancel()
        self._change = change
        self._cancel = async_call_later(self._hass, change.until - house_clock().monotonic, self._async_over)

    async def _async_over(self, _now: datetime) -> None:
        self._cancel = None
        self.end()
        await self._when_over()


@callback
def forget_change(hass: HomeAssistant) -> None:
    """Forget a change under way when the integration is removed."""
    hass.data.pop(_UNDER_WAY, None)
