"""Grace period of retention settings: a change deletes nothing while it can still be undone.

Nobody has to announce a change. Whoever asks for the policy makes this look at the current one; if it differs from
the one seen last, that one still protects what it keeps until its grace period is over.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.retention_policy import KEEP_EVERYTHING, RetentionPolicy
from ..core.stored_policy import policy_from_stored, policy_to_stored
from .house_clock import house_clock

_MOST_STORED: Final = 100
"""Number of stored policies above which the file is not believed."""


class GraceHost(Protocol):
    """Interface to whoever knows the settings and the recordings."""

    @property
    def retention_policy(self) -> RetentionPolicy:
        """Current retention policy."""

    @property
    def is_open(self) -> bool:
        """Whether recordings and labels are known: without them, the policy is not the one in force."""

    def stored_size(self) -> int:
        """Return the size of all recordings in bytes."""

    @callback
    def grace_changed(self) -> None:
        """Write what to_stored returns, soon."""

    async def async_grace_over(self) -> None:
        """Run with the policies that are left."""


@dataclass(slots=True)
class _Past:
    """A policy that a change has ended."""

    policy: RetentionPolicy
    until: float
    """End of its grace period on the monotonic clock, in seconds."""

    cancel: CALLBACK_TYPE = lambda: None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a reload must not forget."""

    seen: RetentionPolicy | None
    past: list[_Past]


_KEPT: Final[HassKey[_Kept]] = HassKey(f"{DOMAIN}_retention_grace")


class ChangeGrace:
    """The policies to apply now. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, host: GraceHost, seconds: float) -> None:
        """Begin without a change.

        Args:
            hass: Home Assistant.
            host: Knows the settings and the recordings.
            seconds: Length of the grace period.
        """
        self._hass = hass
        self._host = host
        self._seconds = seconds
        self._seen: RetentionPolicy | None = None
        self._past: list[_Past] = []
        self._stopped = False

    # --- life cycle ------------------------------------------------------------------------------

    @callback
    def resume(self, stored: object) -> None:
        """Go on from the last hub of this run of Home Assistant, or else from the file.

        After a restart the grace periods begin again: for how long it was off is not known. A policy that cannot be
        read may have kept anything.

        Args:
            stored: What to_stored returned, or anything else that the file holds; None without a file.
        """
        self._stopped = False
        now = house_clock().monotonic
        if (kept := self._hass.data.pop(_KEPT, None)) is not None:
            self._seen = kept.seen
            for past in kept.past:
                if past.until > now:
                    self._protect(past.policy, past.until)
            return
        if stored is None or stored == []:
            return
        policies = _from_stored(stored)
        self._seen = policies[0]
        for policy in [KEEP_EVERYTHING] if None in policies else policies[1:]:
            if policy is not None:
                self._protect(policy, now + self._seconds)

    @callback
    def stop(self) -> None:
        """End the timers and leave everything to the next hub; a run under way still keeps what is protected."""
        self._stopped = True
        for past in self._past:
            past.cancel()
        if self._seen is not None:
            self._hass.data[_KEPT] = _Kept(self._seen, list(self._past))

    def to_stored(self) -> list[dict[str, Any]]:
        """Return the policies for the file: the one seen last, then those that protect."""
        if self._seen is None:
            return []
        return [policy_to_stored(policy) for policy in (self._seen, *(past.policy for past in self._past))]

    # --- policies --------------------------------------------------------------------------------

    @callback
    def policies(self) -> list[RetentionPolicy]:
        """Return the current policy, then those that protect: only what all of them delete may go."""
        policy = self._host.retention_policy
        if self._host.is_open and not self._stopped:
            self._look(policy)
        return [policy, *(past.policy for past in self._past)]

    def _look(self, policy: RetentionPolicy) -> None:
        """Let the policy seen last protect if another one is in force."""
        before, self._seen = self._seen, policy
        if before is None:
            self._host.grace_changed()
        elif settings_of(before) != settings_of(policy):
            self._protect(before, house_clock().monotonic + self._seconds)
            if before.limit_mb != policy.limit_mb and self._fits(policy):
                # The new limit deletes nothing that is stored, so that it can apply to new recordings at once.
                for past in self._past:
                    past.policy = replace(past.policy, limit_mb=policy.limit_mb)
            self._host.grace_changed()

    @callback
    def end(self) -> None:
        """Apply the current policy from now on, whatever has changed."""
        for past in self._past:
            past.cancel()
        self._past = []
        self._seen = self._host.retention_policy

    def _fits(self, policy: RetentionPolicy) -> bool:
        """Return whether what is stored is within the size limit of a policy."""
        return not policy.limit_bytes or self._host.stored_size() <= policy.limit_bytes

    def _protect(self, policy: RetentionPolicy, until: float) -> None:
        """Let a policy protect until a time on the monotonic clock."""
        for past in [past for past in self._past if settings_of(past.policy) == settings_of(policy)]:
            past.cancel()
            self._past.remove(past)
        past = _Past(policy, until)
        self._past.append(past)
        if not self._stopped:
            past.cancel = async_call_later(
                self._hass, max(until - house_clock().monotonic, 0.0), self._over(past)
            )

    def _over(self, past: _Past) -> Callable[[object], Coroutine[Any, Any, None]]:
        async def over(_now: object) -> None:
            if past in self._past:
                self._past.remove(past)
                self._host.grace_changed()
                await self._host.async_grace_over()

        return over


def settings_of(policy: RetentionPolicy) -> RetentionPolicy:
    """Return a policy without labels, which are no setting."""
    return replace(policy, labeled=frozenset())


def _from_stored(stored: object) -> list[RetentionPolicy | None]:
    """Parse what the file holds; None stands for what cannot be read."""
    if not isinstance(stored, list) or len(stored) > _MOST_STORED:
        return [None]
    policies: list[RetentionPolicy | None] = []
    for raw in stored:
        try:
            policies.append(policy_from_stored(raw))
        except AttributeError, KeyError, OverflowError, TypeError, ValueError:
            policies.append(None)
    return policies


@callback
def forget_changes(hass: HomeAssistant) -> None:
    """Forget what a reload would go on with, as the integration is removed."""
    hass.data.pop(_KEPT, None)
