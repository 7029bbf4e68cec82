"""What people do with the review pool, each deed written down, and what a reviewer may know of it."""

from collections.abc import Collection

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..core.cleaning import MAX_CORRECTION, clean_text
from ..core.errors import NotInPool
from ..core.models import Deed, RecordingInfo, Requester
from ..core.retention_policy import RetentionPolicy
from ..core.review import Label, PoolReceipt, ReviewItem, may_be_known, next_release
from ..hub.hub import VoicePrivacyHub


@callback
def released(hub: VoicePrivacyHub) -> list[ReviewItem]:
    """Return the clips that reviewers may know of, in the order of their random ids."""
    policy = hub.retention_policy
    return sorted(
        (item for item in hub.pool.items.values() if _is_released(hub, item, policy)),
        key=lambda item: item.review_id,
    )


@callback
def clip(hub: VoicePrivacyHub, review_id: str, *, owner: bool) -> ReviewItem:
    """Return one clip, for the owner or for a reviewer. Raises NotInPool."""
    item = hub.pool.get(review_id)
    if not owner and not _is_released(hub, item, hub.retention_policy):
        raise NotInPool
    return item


@callback
def text_is_released(hub: VoicePrivacyHub, info: RecordingInfo) -> bool:
    """Return whether a reviewer may read what was understood: not after the last release before it goes."""
    period = hub.retention_policy.text_period_of(info)
    return period is None or next_release(dt_util.now()) < info.started_at + period


def _is_released(hub: VoicePrivacyHub, item: ReviewItem, policy: RetentionPolicy) -> bool:
    if item.barred or (info := hub.recordings.get(item.recording_id)) is None:
        return False
    period = policy.period_of(info)
    ends_at = item.expires_at if period is None else min(item.expires_at, info.started_at + period)
    return may_be_known(dt_util.now(), item.proposed_at, ends_at)


async def async_take_out(hub: VoicePrivacyHub, review_ids: Collection[str], by: Requester) -> PoolReceipt:
    """Take clips out of the pool; their recordings stay. Raises NotInPool or StoreError."""
    receipt = await hub.pool.async_take_out(review_ids, by)
    hub.access_log.add(by, Deed.TAKEN_OUT, count=receipt.taken_out)
    return receipt


async def async_label(
    hub: VoicePrivacyHub, review_id: str, label: Label, correction: str | None, by: Requester
) -> None:
    """Remember what somebody says of a clip. Raises NotInPool or StoreError."""
    await hub.pool.async_label(review_id, label, clean_text(correction, MAX_CORRECTION) or None, by)
    hub.access_log.add(by, Deed.REVIEWED, count=1, value=label.value)


async def async_set_reviewer(hub: VoicePrivacyHub, user_id: str, by: Requester, *, on: bool) -> None:
    """Let a user review clips, or no more."""
    await hub.settings.async_set_reviewer(user_id, on=on, by=by)
    hub.access_log.add(by, Deed.CHANGED, subject="reviewer", value="on" if on else "off")
