"""What people do with the review pool, each deed written down, and what a reviewer may know of it."""

from collections.abc import Collection, Mapping
from typing import Protocol

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..core.cleaning import MAX_CORRECTION, clean_text
from ..core.errors import NotInPool
from ..core.models import AuditAction, RecordingInfo, Requester
from ..core.retention_policy import RetentionPolicy
from ..core.review import Label, PoolReceipt, ReviewItem, may_be_known, next_release
from .pool import ReviewPool


class AuditLog(Protocol):
    """Where it is written down who did what: the access log."""

    def add(
        self,
        by: Requester,
        deed: AuditAction,
        *,
        count: int = 0,
        subject: str | None = None,
        value: str | None = None,
    ) -> None:
        """Write down one action."""


class Reviewers(Protocol):
    """Where reviewers are named: the settings."""

    async def async_set_reviewer(self, user_id: str, *, on: bool, by: Requester) -> None:
        """Let a user review clips, or no more. Raises NotSaved."""


class Reviewed(Protocol):
    """What review needs of the house; the hub is never imported here."""

    @property
    def pool(self) -> ReviewPool:
        """Clips that wait for review."""

    @property
    def access_log(self) -> AuditLog:
        """Where it is written down who did what."""

    @property
    def settings(self) -> Reviewers:
        """Where reviewers are named."""

    @property
    def recordings(self) -> Mapping[str, RecordingInfo]:
        """Stored recordings by recording id."""

    @property
    def retention_policy(self) -> RetentionPolicy:
        """How long recordings are kept."""


@callback
def released(house: Reviewed) -> list[ReviewItem]:
    """Return the clips that reviewers may know of, in the order of their random ids."""
    policy = house.retention_policy
    return sorted(
        (item for item in house.pool.items.values() if _is_released(house, item, policy)),
        key=lambda item: item.review_id,
    )


@callback
def clip(house: Reviewed, review_id: str, *, owner: bool) -> ReviewItem:
    """Return one clip, for the owner or for a reviewer. Raises NotInPool."""
    item = house.pool.get(review_id)
    if not owner and not _is_released(house, item, house.retention_policy):
        raise NotInPool
    return item


@callback
def text_is_released(house: Reviewed, info: RecordingInfo) -> bool:
    """Return whether a reviewer may read what was understood: not after the last release before it goes."""
    period = house.retention_policy.text_period_of(info)
    return period is None or next_release(dt_util.now()) < info.started_at + period


def _is_released(house: Reviewed, item: ReviewItem, policy: RetentionPolicy) -> bool:
    if item.barred or (info := house.recordings.get(item.recording_id)) is None:
        return False
    period = policy.period_of(info)
    ends_at = item.expires_at if period is None else min(item.expires_at, info.started_at + period)
    return may_be_known(dt_util.now(), item.proposed_at, ends_at)


async def async_take_out(house: Reviewed, review_ids: Collection[str], by: Requester) -> PoolReceipt:
    """Take clips out of the pool; their recordings stay. Raises NotInPool or StoreError."""
    receipt = await house.pool.async_take_out(review_ids, by)
    house.access_log.add(by, AuditAction.TAKEN_OUT, count=receipt.taken_out)
    return receipt


async def async_label(
    house: Reviewed, review_id: str, label: Label, correction: str | None, by: Requester
) -> None:
    """Remember what somebody says of a clip. Raises NotInPool or StoreError."""
    await house.pool.async_label(review_id, label, clean_text(correction, MAX_CORRECTION) or None, by)
    house.access_log.add(by, AuditAction.REVIEWED, count=1, value=label.value)


async def async_set_reviewer(house: Reviewed, user_id: str, by: Requester, *, on: bool) -> None:
    """Let a user review clips, or no more."""
    await house.settings.async_set_reviewer(user_id, on=on, by=by)
    house.access_log.add(by, AuditAction.CHANGED, subject="reviewer", value="on" if on else "off")
