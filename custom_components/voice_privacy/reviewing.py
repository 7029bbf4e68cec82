"""What people do with the review pool, each deed written down."""

from collections.abc import Collection

from .core.models import Deed, Requester
from .core.review import Label, PoolReceipt
from .hub import VoicePrivacyHub


async def async_take_out(hub: VoicePrivacyHub, review_ids: Collection[str], by: Requester) -> PoolReceipt:
    """Take clips out of the pool; their recordings stay. Raises NotInPool or StoreError."""
    receipt = await hub.pool.async_take_out(review_ids)
    hub.access_log.add(by, Deed.TAKEN_OUT, count=receipt.taken_out)
    return receipt


async def async_label(
    hub: VoicePrivacyHub, review_id: str, label: Label, correction: str | None, by: Requester
) -> None:
    """Remember what somebody says of a clip. Raises NotInPool or StoreError."""
    await hub.pool.async_label(review_id, label, correction)
    hub.access_log.add(by, Deed.REVIEWED, count=1, value=label.value)


async def async_set_reviewer(hub: VoicePrivacyHub, user_id: str, by: Requester, *, on: bool) -> None:
    """Let a user review clips, or no more."""
    await hub.settings.async_set_reviewer(user_id, on=on)
    hub.access_log.add(by, Deed.CHANGED, subject="reviewer", value="on" if on else "off")
